//! The legal status of the treaty: data of a day, never an assertion of force.

use serde::{Deserialize, Serialize};

use crate::format::dsse::{self, EnvelopeError};
use crate::format::spki::PublicKey;
use crate::format::state::State;
use crate::limits::TREATY_LEN_MAX;

/// What a newer file is signed as.
pub const TREATY_PAYLOAD_TYPE: &str = "application/vnd.scelle.treaty-status+toml";
/// The status that this version of the program knows.
const BUILT_IN: &str = include_str!("../../profiles/treaty-status.toml");

/// The status of the treaty on a day.
#[derive(Clone, Debug, Deserialize, Serialize)]
#[serde(deny_unknown_fields)]
#[expect(missing_docs, reason = "the names say it")]
pub struct Treaty {
    /// The day until which the sources were read.
    pub as_of: String,
    pub in_force: bool,
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub entry_into_force: Option<String>,
    /// Instruments that must be deposited, and days after the last of them.
    pub needed_instruments: u64,
    pub days_after_last: u64,
    pub signature_opened: String,
    pub signature_closes: String,
    pub title: String,
    pub adopted: String,
    pub resolution: String,
    pub languages: Vec<String>,
    pub sources: Vec<Source>,
    pub states: Vec<StateStatus>,
}

/// Where something was read.
#[derive(Clone, Debug, Deserialize, Serialize)]
#[serde(deny_unknown_fields)]
#[expect(missing_docs, reason = "the names say it")]
pub struct Source {
    pub id: String,
    pub text: String,
    pub certainty: String,
}

/// What is known of a State.
#[derive(Clone, Debug, Deserialize, Serialize)]
#[serde(deny_unknown_fields)]
#[expect(missing_docs, reason = "the names say it")]
pub struct StateStatus {
    pub code: State,
    /// A day, a month, `yes`, `no` or `unknown`.
    pub signed: String,
    /// A day, a month, `no` or `unknown`.
    pub deposited: String,
    pub certainty: String,
    pub source: String,
    pub reservations: Vec<String>,
    pub notes: String,
    pub central_authority: String,
    pub contact_point_24_7: String,
    pub languages: Vec<String>,
    /// Whether it asks for written form before onward transfer: `yes`, `no` or `unknown`.
    pub onward_transfer_written_form: String,
    pub requires_dual_criminality: String,
}

/// Whether it binds.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Force {
    /// Whether it is in force between the States on the day; `None` if that is not known.
    pub in_force: Option<bool>,
    /// Why, or why not.
    pub why: String,
}

/// A status file cannot be used.
#[derive(Debug, thiserror::Error)]
pub enum TreatyError {
    /// No TOML of a status.
    #[error("not a status of the treaty")]
    Table(#[from] toml::de::Error),
    /// Not text.
    #[error("not UTF-8 text")]
    NotText,
    /// No signed document.
    #[error("not a signed status of the treaty")]
    Envelope(#[from] EnvelopeError),
    /// By nobody whom the user trusts.
    #[error("not signed by a key that you trust")]
    NotTrusted,
    /// Older than what the program knows.
    #[error("of {found}, and this program knows the status of {known}")]
    Older {
        /// Its day.
        found: String,
        /// That of the program.
        known: String,
    },
    /// It contradicts itself.
    #[error("{0}")]
    Value(&'static str),
    /// A day that is none.
    #[error("`{0}` is no day such as 2026-07-31")]
    Day(&'static str),
}

impl Treaty {
    /// What this version knows.
    pub fn built_in() -> Result<Self, TreatyError> {
        Self::parse(BUILT_IN)
    }

    /// From the text of a file.
    pub fn parse(text: &str) -> Result<Self, TreatyError> {
        let it: Self = toml::from_str(text)?;
        for (key, day) in [("as_of", Some(&it.as_of)), ("entry_into_force", it.entry_into_force.as_ref())] {
            // Days are compared as text, so they have one form.
            let is_day = |day: &String| day.len() == "2026-07-31".len() && day.parse::<jiff::civil::Date>().is_ok();
            if day.is_some_and(|day| !is_day(day)) {
                return Err(TreatyError::Day(key));
            }
        }
        if it.in_force != it.entry_into_force.is_some() {
            return Err(TreatyError::Value("`in_force` without `entry_into_force`, or the other way round"));
        }
        if it.entry_into_force.as_ref().is_some_and(|day| *day > it.as_of) {
            return Err(TreatyError::Value("`entry_into_force` after `as_of`: nobody knows of that day yet"));
        }
        let is_word = |word: &String| ["yes", "no", "unknown"].contains(&word.as_str());
        let words = |state: &StateStatus| {
            is_word(&state.onward_transfer_written_form) && is_word(&state.requires_dual_criminality)
        };
        if !it.states.iter().all(words) {
            return Err(TreatyError::Value(
                "`onward_transfer_written_form` and `requires_dual_criminality` are yes, no or unknown",
            ));
        }
        let mut codes: Vec<_> = it.states.iter().map(|state| state.code.code()).collect();
        codes.sort_unstable();
        if codes.windows(2).any(|two| two[0] == two[1]) {
            return Err(TreatyError::Value("a State twice"));
        }
        Ok(it)
    }

    /// From a signed document, by one of these keys, and not older than what this version knows.
    pub fn signed(bytes: &[u8], trusted: &[PublicKey]) -> Result<Self, TreatyError> {
        let (payload, signatures) = dsse::decode(bytes, TREATY_PAYLOAD_TYPE, TREATY_LEN_MAX)?;
        if dsse::signers(TREATY_PAYLOAD_TYPE, &payload, &signatures, trusted).good.is_empty() {
            return Err(TreatyError::NotTrusted);
        }
        let found = Self::parse(&String::from_utf8(payload).map_err(|_| TreatyError::NotText)?)?;
        let known = Self::built_in()?;
        if found.as_of < known.as_of {
            return Err(TreatyError::Older { found: found.as_of, known: known.as_of });
        }
        Ok(found)
    }

    /// What is known of a State.
    pub fn state(&self, code: State) -> Option<&StateStatus> {
        self.states.iter().find(|state| state.code == code)
    }

    /// Whether a State asks for written form before personal data that it gave go on; `None` if that is not known.
    pub fn asks_for_writing(&self, code: State) -> Option<bool> {
        match self.state(code)?.onward_transfer_written_form.as_str() {
            "yes" => Some(true),
            "no" => Some(false),
            _ => None,
        }
    }

    /// That nothing is known of whom it would bind.
    pub fn unknown(&self) -> Force {
        Force { in_force: None, why: format!("it is not known which States it would bind, as of {}", self.as_of) }
    }

    /// Whether it binds these States to each other on a day (`YYYY-MM-DD`). What is not known is not assumed.
    pub fn between(&self, states: [State; 2], on: &str) -> Force {
        let not = |why: String| Force { in_force: Some(false), why };
        let unknown = |why: String| Force { in_force: None, why };
        let Some(since) = self.entry_into_force.as_deref().filter(|_| self.in_force) else {
            return not(format!("not in force as of {}", self.as_of));
        };
        if on < since {
            return not(format!("in force from {since} on"));
        }
        for code in states {
            match self.state(code).map(|state| state.deposited.as_str()) {
                None => return unknown(format!("nothing is known of {code} as of {}", self.as_of)),
                Some("no") => return not(format!("{code} is no Party as of {}", self.as_of)),
                Some("unknown") => return unknown(format!("{code} is not known to be a Party as of {}", self.as_of)),
                // Of a month it counts from the next one on; 30 days pass before it binds a State that joins later.
                Some(deposited) => {
                    let bound = bound_from(deposited, since);
                    match bound {
                        Some(bound) if bound.as_str() <= on => {}
                        Some(bound) => return not(format!("it binds {code} from {bound} on")),
                        None => return unknown(format!("it is not known since when it binds {code}")),
                    }
                }
            }
        }
        Force { in_force: Some(true), why: format!("in force since {since}, between Parties as of {}", self.as_of) }
    }
}

impl Force {
    /// Whether it is known to be in force.
    pub fn is_in_force(&self) -> bool {
        self.in_force == Some(true)
    }
}

/// From when on it binds a State that deposited on a day or in a month: 30 days later, and not before it is in force.
fn bound_from(deposited: &str, since: &str) -> Option<String> {
    let day: jiff::civil::Date = match deposited.parse() {
        Ok(day) => day,
        // Only the month is known: at the latest on its last day.
        Err(_) => format!("{deposited}-01").parse::<jiff::civil::Date>().ok()?.last_of_month(),
    };
    let later = day.checked_add(jiff::Span::new().days(30)).ok()?.to_string();
    let since = since.to_owned();
    Some(later.max(since))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::format::dsse::Signature;

    fn key_of(seed: u8) -> crate::sign::SigningKey {
        let der =
            ed25519_dalek::pkcs8::EncodePrivateKey::to_pkcs8_der(&ed25519_dalek::SigningKey::from_bytes(&[seed; 32]));
        crate::sign::SigningKey::from_pkcs8_der(der.unwrap().as_bytes()).unwrap()
    }

    fn state(code: &str) -> State {
        State::new(code).unwrap()
    }

    /// In force from a day on, with two Parties of which one joined later.
    fn in_force() -> Treaty {
        let mut treaty = Treaty::built_in().unwrap();
        (treaty.in_force, treaty.entry_into_force) = (true, Some("2028-01-10".into()));
        let party = |code: &str, deposited: &str| StateStatus {
            code: state(code),
            deposited: deposited.into(),
            ..treaty.states[0].clone()
        };
        treaty.states = vec![party("FR", "2027-03-01"), party("VN", "2028-02"), party("KE", "unknown")];
        treaty
    }

    #[test]
    fn it_is_not_in_force_and_says_as_of_when() {
        let treaty = Treaty::built_in().unwrap();
        let force = treaty.between([state("VN"), state("FR")], "2026-11-28");
        assert_eq!(force, Force { in_force: Some(false), why: "not in force as of 2026-07-31".into() });
        assert!(!treaty.sources.is_empty());
    }

    #[test]
    fn it_binds_two_states_when_it_is_in_force_and_both_are_parties() {
        let treaty = in_force();
        let between = |a, b, on| treaty.between([state(a), state(b)], on).in_force == Some(true);
        assert!(!between("FR", "VN", "2028-01-09"));
        // Deposited in February: at the latest on the 29th, and 30 days later is the 30th of March.
        assert!(!between("FR", "VN", "2028-03-29"));
        assert!(between("FR", "VN", "2028-03-30"));
        assert!(!between("FR", "KE", "2028-03-30"), "not known to have deposited");
        assert!(!between("FR", "JP", "2028-03-30"), "not in the list");
    }

    #[test]
    fn a_newer_file_is_taken_from_a_trusted_key_and_no_other() {
        let text = BUILT_IN.replacen("as_of = \"2026-07-31\"", "as_of = \"2027-01-01\"", 1);
        let key = key_of(7);
        let other = key_of(8);
        let sign = |text: &str| {
            let bytes = key.sign(&dsse::pae_of(TREATY_PAYLOAD_TYPE, text.as_bytes())).unwrap();
            let signature = Signature { key_id: key.public().key_id(), bytes };
            dsse::encode(TREATY_PAYLOAD_TYPE, text.as_bytes(), &[signature])
        };
        assert_eq!(Treaty::signed(&sign(&text), &[key.public()]).unwrap().as_of, "2027-01-01");
        assert!(matches!(Treaty::signed(&sign(&text), &[other.public()]), Err(TreatyError::NotTrusted)));
        let older = BUILT_IN.replacen("as_of = \"2026-07-31\"", "as_of = \"2026-07-30\"", 1);
        assert!(matches!(Treaty::signed(&sign(&older), &[key.public()]), Err(TreatyError::Older { .. })));
    }
}
