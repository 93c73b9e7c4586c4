//! Names of parties of a trust list: so few characters that no two look alike (SPEC.md TRU-2).

use std::fmt;

use serde::{Deserialize, Serialize};

/// A party: 1 to 64 characters out of `a-z 0-9 - .`, beginning with a letter or digit.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub struct PartyId(String);

/// The text is no name of a party.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("expected the name of a party: 1 to 64 of a-z, 0-9, `-` and `.`, beginning with a letter or digit")]
pub struct PartyIdError;

impl TryFrom<String> for PartyId {
    type Error = PartyIdError;

    fn try_from(text: String) -> Result<Self, PartyIdError> {
        let is_plain = |byte: u8| byte.is_ascii_lowercase() || byte.is_ascii_digit();
        let begins = text.bytes().next().is_some_and(is_plain);
        let allowed = text.bytes().all(|byte| is_plain(byte) || matches!(byte, b'-' | b'.'));
        if begins && allowed && text.len() <= 64 { Ok(Self(text)) } else { Err(PartyIdError) }
    }
}

impl From<PartyId> for String {
    fn from(party: PartyId) -> Self {
        party.0
    }
}

impl fmt::Display for PartyId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_that_could_be_taken_for_others_are_refused() {
        for good in ["lab-fr", "court.vn", "7"] {
            assert_eq!(PartyId::try_from(good.to_owned()).unwrap().to_string(), good);
        }
        for bad in ["", "-a", ".a", "Lab", "lab fr", "l\u{e4}b", &"a".repeat(65)] {
            assert_eq!(PartyId::try_from(bad.to_owned()), Err(PartyIdError), "{bad}");
        }
    }
}
