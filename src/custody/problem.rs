//! What can be wrong with a custody event (SPEC.md CUS-1 to CUS-8).

use std::sync::Arc;

use super::parties::Holder;
use crate::format::event::Recipient;
use crate::format::state::State as Country;

/// What is wrong with an event.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[expect(missing_docs, reason = "the messages say it")]
pub enum Problem {
    #[error("what it comes after is not there: an event before it was taken away")]
    Orphan,
    #[error("an event before it is not sound, so that the state it was in cannot be told")]
    AfterUnsound,
    #[error("it names another copy than the event before it")]
    Branch,
    #[error("two events come after the same one on the same copy: the log was forked")]
    Fork,
    #[error("two copies have the same id")]
    CopyTwice,
    #[error("only the holder may do this: {0}")]
    NotHolder(Holder),
    #[error("only the one to whom it was offered may do this: {0}")]
    NotRecipient(Holder),
    #[error("there is no open offer")]
    NoOffer,
    #[error("there is an open offer already")]
    OfferOpen,
    #[error("this copy was destroyed or given back before")]
    Ended,
    #[error("its clock is {0} seconds behind the event before it, more than the recorded offsets allow")]
    ClockBack(i64),
    #[error("without a trust list it cannot be told whether this key belongs to {0}")]
    PartyUnknown(Holder),
    #[error("whoever takes it has not accepted all conditions of the case: {}", list_of(.0))]
    ConditionsOpen(Arc<[String]>),
    #[error("what it accepts is not what the case asks for: {}", list_of(.0))]
    ConditionsDiffer(Arc<[String]>),
    #[error("it does not say who gets it, so that it cannot be told whether they accepted the conditions of the case")]
    ReceiverUnknown,
    #[error("it does not say who gets it, so that it cannot be told whether it goes to a third State")]
    DestinationUnknown,
    #[error("{to} is of {country}, a third State, and {original} has not authorised that it goes there", country = country.code(), original = original.code())]
    NotAuthorised { to: Recipient, country: Country, original: Country },
    #[error("nobody had asked whether it may go to {0}")]
    NotAsked(Recipient),
    #[error("only a central authority of {}, the original State, may do this", .0.code())]
    NotOriginal(Country),
    #[error("it cannot be told whether this key is one of a central authority of {}", .0.code())]
    OfficeUnknown(Country),
    #[error("it cannot be told of which State {0} is, and personal data may not go to a third one unasked")]
    CountryUnknown(Recipient),
    #[error("what the case asks of whoever passes it on cannot be told, as it cannot be read")]
    CaseUnknown,
    #[error("more than 1,000 agreements led to it")]
    AgreedTooMuch,
}

impl Problem {
    /// Whether it is about a transfer to a third State (SPEC.md CUS-8).
    pub fn is_of_onward_transfer(&self) -> bool {
        matches!(
            self,
            Self::NotAuthorised { .. }
                | Self::NotAsked(_)
                | Self::NotOriginal(_)
                | Self::OfficeUnknown(_)
                | Self::CountryUnknown(_)
                | Self::DestinationUnknown
                | Self::CaseUnknown
        )
    }

    /// Whether it is about the conditions of the case (SPEC.md CUS-7).
    pub fn is_of_conditions(&self) -> bool {
        matches!(self, Self::ConditionsOpen(_) | Self::ConditionsDiffer(_) | Self::ReceiverUnknown | Self::CaseUnknown)
    }

    /// Whether it only says that it cannot be told.
    pub fn is_unknown(&self) -> bool {
        matches!(
            self,
            Self::PartyUnknown(_)
                | Self::AfterUnsound
                | Self::ReceiverUnknown
                | Self::DestinationUnknown
                | Self::OfficeUnknown(_)
                | Self::CountryUnknown(_)
                | Self::CaseUnknown
        )
    }
}

/// The first of them, quoted: a case can have a thousand, each of a thousand letters.
fn list_of(conditions: &[String]) -> String {
    const SHOWN_COUNT: usize = 10;
    const SHOWN_LEN: usize = 60;
    let quoted = |id: &String| match id.char_indices().nth(SHOWN_LEN) {
        Some((end, _)) => format!("\"{}...\"", &id[..end]),
        None => format!("\"{id}\""),
    };
    let shown: Vec<_> = conditions.iter().take(SHOWN_COUNT).map(quoted).collect();
    match conditions.len() {
        0 => "no conditions".to_owned(),
        count if count > SHOWN_COUNT => format!("{} and {} more", shown.join(", "), count - SHOWN_COUNT),
        _ => shown.join(", "),
    }
}
