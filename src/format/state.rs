//! States by their ISO 3166-1 alpha-2 codes, and the European Union as `EU` (SPEC.md section 8).

use std::fmt;

use serde::{Deserialize, Deserializer, Serialize, Serializer};

/// The 249 officially assigned codes of ISO 3166-1 (as of 2026), ascending.
const ASSIGNED: &str = "\
    AD AE AF AG AI AL AM AO AQ AR AS AT AU AW AX AZ BA BB BD BE BF BG BH BI BJ BL \
    BM BN BO BQ BR BS BT BV BW BY BZ CA CC CD CF CG CH CI CK CL CM CN CO CR CU CV \
    CW CX CY CZ DE DJ DK DM DO DZ EC EE EG EH ER ES ET FI FJ FK FM FO FR GA GB GD \
    GE GF GG GH GI GL GM GN GP GQ GR GS GT GU GW GY HK HM HN HR HT HU ID IE IL IM \
    IN IO IQ IR IS IT JE JM JO JP KE KG KH KI KM KN KP KR KW KY KZ LA LB LC LI LK \
    LR LS LT LU LV LY MA MC MD ME MF MG MH MK ML MM MN MO MP MQ MR MS MT MU MV MW \
    MX MY MZ NA NC NE NF NG NI NL NO NP NR NU NZ OM PA PE PF PG PH PK PL PM PN PR \
    PS PT PW PY QA RE RO RS RU RW SA SB SC SD SE SG SH SI SJ SK SL SM SN SO SR SS \
    ST SV SX SY SZ TC TD TF TG TH TJ TK TL TM TN TO TR TT TV TW TZ UA UG UM US UY \
    UZ VA VC VE VG VI VN VU WF WS YE YT ZA ZM ZW";
/// Reserved in ISO 3166-1 for the European Union, which acts as an authority of its own.
const EUROPEAN_UNION: &str = "EU";

/// A State, or the European Union: two capital letters.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct State([u8; 2]);

/// The text is no such code.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("not an ISO 3166-1 alpha-2 code in capital letters, nor EU")]
pub struct StateError;

impl State {
    /// The State of this code, written in capital letters.
    pub fn new(code: &str) -> Result<Self, StateError> {
        let is_known = code == EUROPEAN_UNION || ASSIGNED.split(' ').any(|known| known == code);
        Self::read(code).filter(|_| is_known).ok_or(StateError)
    }

    /// A code in a bundle, which may be older or newer than this table (SPEC.md CASE-1).
    fn read(code: &str) -> Option<Self> {
        let letters: [u8; 2] = code.as_bytes().try_into().ok()?;
        letters.iter().all(u8::is_ascii_uppercase).then_some(Self(letters))
    }

    /// The code that was probably meant by one that is refused: other letter case, or `UK` for `GB`, `EL` for `GR`.
    pub fn meant_by(code: &str) -> Option<Self> {
        let code = code.trim().to_ascii_uppercase();
        match code.as_str() {
            "UK" => Self::new("GB").ok(),
            "EL" => Self::new("GR").ok(),
            code => Self::new(code).ok(),
        }
    }

    /// The two letters.
    pub fn code(&self) -> &str {
        // Two ASCII letters, by every way to make one.
        std::str::from_utf8(&self.0).unwrap_or_default()
    }
}

impl Serialize for State {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_str(self.code())
    }
}

impl<'de> Deserialize<'de> for State {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let code = <std::borrow::Cow<'de, str>>::deserialize(deserializer)?;
        Self::read(&code).ok_or_else(|| serde::de::Error::custom("expected two capital letters"))
    }
}

impl fmt::Display for State {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.code())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_table_is_whole_and_ascending() {
        let codes: Vec<_> = ASSIGNED.split(' ').collect();
        assert_eq!(codes.len(), 249);
        assert!(codes.is_sorted_by(|a, b| a < b));
        assert!(codes.iter().all(|code| code.len() == 2 && code.bytes().all(|b| b.is_ascii_uppercase())));
    }

    #[test]
    fn only_codes_in_capitals_and_the_union_are_states() {
        for code in ["FR", "VN", "AD", "ZW", "EU"] {
            assert_eq!(State::new(code).unwrap().code(), code);
        }
        for code in ["fr", "UK", "XX", "", " ", "F", "FRA", "FR ", "R A", "AD AE"] {
            assert_eq!(State::new(code), Err(StateError), "{code:?}");
        }
        assert_eq!(State::meant_by("uk").unwrap().code(), "GB");
        assert_eq!(State::meant_by("Fr").unwrap().code(), "FR");
    }
}
