//! Kinds of custody events (SPEC.md EVT-3).

use std::fmt;

use serde::{Deserialize, Serialize};

macro_rules! kinds {
    ($($name:ident $word:literal $what:literal)*) => {
        /// What happened to a bundle, or to what is sealed in it.
        #[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
        pub enum Kind {
            $(#[doc = $what] #[serde(rename = $word)] $name,)*
        }

        impl Kind {
            /// All kinds, in the order of the specification.
            pub const ALL: &[Self] = &[$(Self::$name),*];

            /// The word that an event has for it.
            pub fn word(self) -> &'static str {
                match self { $(Self::$name => $word),* }
            }
        }
    };
}

kinds! {
    Offered "offered" "The holder offers the bundle to somebody."
    Accepted "accepted" "Whom it was offered to has checked it and takes it."
    Refused "refused" "Whom it was offered to does not take it."
    OfferWithdrawn "offer_withdrawn" "The holder takes the offer back."
    Copied "copied" "The holder made a copy, which begins a branch."
    Noted "noted" "Somebody adds a remark."
    Identified "identified" "It was found to matter."
    Seized "seized" "It was taken."
    Collected "collected" "It was gathered."
    Acquired "acquired" "It was read out of a device."
    Hashed "hashed" "Its digests were computed."
    Verified "verified" "It was verified."
    Sealed "sealed" "It was packaged and signed."
    Unsealed "unsealed" "It was opened."
    Transferred "transferred" "It was brought to another place."
    Received "received" "It came to another place."
    Stored "stored" "It was put into storage."
    CheckedOut "checked_out" "It was taken out of storage."
    CheckedIn "checked_in" "It came back to storage."
    Examined "examined" "It was examined."
    Converted "converted" "It was written in another form."
    Redacted "redacted" "Parts of it were left out of a copy."
    Encrypted "encrypted" "It was encrypted."
    Decrypted "decrypted" "It was decrypted."
    Packaged "packaged" "It was made ready to be sent."
    Sent "sent" "It was given to a carrier."
    Disclosed "disclosed" "It was shown to somebody."
    Returned "returned" "It was given back to its owner."
    Destroyed "destroyed" "This copy was destroyed."
    ConditionsAccepted "conditions_accepted" "Somebody accepts the conditions of the case."
    OnwardRequested "onward_requested" "The original State is asked whether it may go on to a third one."
    OnwardAuthorised "onward_authorised" "The original State allows it."
    OnwardRefused "onward_refused" "The original State does not allow it."
    ExculpatoryNotified "exculpatory_notified" "Notice was given that something in it speaks for the person concerned."
}

impl Kind {
    /// Whether it is one half of a hand-over, or begins a branch: what the commands of that name write.
    pub fn is_of_hand_over(self) -> bool {
        matches!(self, Self::Offered | Self::Accepted | Self::Refused | Self::OfferWithdrawn | Self::Copied)
    }

    /// Whether it is what has a command of its own beside hand-overs: what is agreed before the bundle goes to somebody.
    pub fn is_agreement(self) -> bool {
        self == Self::ConditionsAccepted || self.is_of_onward_transfer()
    }

    /// Whether it is a step towards a third State (SPEC.md CUS-8).
    pub fn is_of_onward_transfer(self) -> bool {
        matches!(self, Self::OnwardRequested | Self::OnwardAuthorised | Self::OnwardRefused)
    }

    /// Whether its event must name somebody.
    pub fn needs_recipient(self) -> bool {
        self == Self::Offered || self.is_of_onward_transfer()
    }

    /// Whether its event can name somebody.
    pub fn may_have_recipient(self) -> bool {
        self.needs_recipient()
            || matches!(self, Self::Copied | Self::Sent | Self::Disclosed | Self::ExculpatoryNotified)
    }

    /// Whether its event must give reasons.
    pub fn needs_reasons(self) -> bool {
        matches!(self, Self::Refused | Self::OnwardRefused)
    }

    /// Whether its event must say what a verification found.
    pub fn has_findings(self) -> bool {
        matches!(self, Self::Accepted | Self::Refused | Self::Verified)
    }

    /// The kind of this word.
    pub fn of_word(word: &str) -> Option<Self> {
        Self::ALL.iter().copied().find(|kind| kind.word() == word)
    }
}

impl fmt::Display for Kind {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.word())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_kind_has_a_word_of_its_own_that_json_has_too() {
        for &kind in Kind::ALL {
            assert_eq!(Kind::of_word(kind.word()), Some(kind));
            assert_eq!(serde_json::to_string(&kind).unwrap(), format!("\"{kind}\""));
        }
    }
}
