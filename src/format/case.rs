//! `case.json`: case, exhibit, people and scope (SPEC.md section 8). Fields stand in RFC 8785 order.

use serde::{Deserialize, Serialize};

use super::case_law::{
    self, Authorisation, CaseItem, Confidentiality, Cooperation, Exculpatory, Offence, PersonalData, Power, Taking,
    UseLimits,
};
pub use super::case_scope::{Scope, ScopeSource};
use super::digest::Nonce;
use super::json::{self, JsonError};
use super::request_words::ProceedingKind;
use super::state::State;
use crate::limits::{CASE_LEN_MAX, SOURCE_COUNT_MAX, TEXT_LEN_MAX};

/// A string of `case.json`: 1 to 16,384 bytes.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize, Serialize)]
#[serde(try_from = "String", into = "String")]
pub struct Text(String);

/// The string is empty or too long.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("expected a text of 1 to {TEXT_LEN_MAX} bytes")]
pub struct TextError;

impl Text {
    /// Checks the length.
    pub fn new(text: impl Into<String>) -> Result<Self, TextError> {
        let text = text.into();
        if (1..=TEXT_LEN_MAX).contains(&text.len()) { Ok(Self(text)) } else { Err(TextError) }
    }

    /// The text.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl TryFrom<String> for Text {
    type Error = TextError;

    fn try_from(text: String) -> Result<Self, TextError> {
        Self::new(text)
    }
}

impl From<Text> for String {
    fn from(text: Text) -> Self {
        text.0
    }
}

/// Why bytes are not a `case.json`, or a value cannot be written as one.
#[derive(Debug, thiserror::Error)]
pub enum CaseError {
    /// Longer than a reader need follow.
    #[error("case.json is longer than {CASE_LEN_MAX} bytes")]
    TooLong,
    /// Not the one JSON form of a case.
    #[error("case.json is not the JSON it should be")]
    Json(#[from] JsonError),
    /// No source, or too many.
    #[error("case.json names {0} sources; there are 1 to {SOURCE_COUNT_MAX}")]
    SourceCount(usize),
    /// Parts that contradict each other.
    #[error("case.json has {0}")]
    Value(&'static str),
}

/// The whole of `case.json`.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize, Serialize)]
#[serde(deny_unknown_fields, rename_all = "camelCase")]
pub struct CaseJson {
    /// How it was taken.
    #[serde(skip_serializing_if = "Option::is_none", rename = "acquisition", default)]
    pub taking: Option<Taking>,
    /// The order or warrant.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub authorisation: Option<Authorisation>,
    /// The authority that acts.
    pub authority: Authority,
    /// Which case.
    pub case: CaseReference,
    /// Whether those concerned may know.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub confidentiality: Option<Confidentiality>,
    /// For which request of another State it was taken.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub cooperation: Option<Cooperation>,
    /// Whether something in it speaks for the person concerned.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub exculpatory: Option<Exculpatory>,
    /// Which exhibit of the case.
    pub exhibit: Exhibit,
    /// What the entries are.
    #[serde(skip_serializing_if = "Vec::is_empty", default)]
    pub items: Vec<CaseItem>,
    /// What the taking is based on.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub legal_basis: Option<LegalBasis>,
    /// Keeps the digest of this member from being searched for.
    pub nonce: Nonce,
    /// Anything else.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub notes: Option<Text>,
    /// The offence.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub offence: Option<Offence>,
    /// The person who seals.
    pub operator: Operator,
    /// Personal data in it.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub personal_data: Option<PersonalData>,
    /// By which power it was taken.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub power: Option<Power>,
    /// Conditions and limits under which the data was taken and may be used.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub safeguards: Option<Text>,
    /// What the sealer was asked to take.
    pub scope: Scope,
    /// The device or medium.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub source: Option<Device>,
    /// How others are affected, and what was done about it.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub third_parties: Option<Text>,
    /// Which kind of document this is.
    #[serde(rename = "type")]
    pub document_type: CaseType,
    /// The proceedings in which it may be used.
    #[serde(skip_serializing_if = "Option::is_none", rename = "use", default)]
    pub use_limits: Option<UseLimits>,
}

/// The one value of `type`.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize, Serialize)]
pub enum CaseType {
    /// A case as SPEC.md version 1 has it.
    #[serde(rename = "urn:scelle:case:1")]
    V1,
}

/// The authority that acts.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize, Serialize)]
#[serde(deny_unknown_fields)]
pub struct Authority {
    /// Its name.
    pub name: Text,
    /// Whose authority it is.
    pub state: State,
}

/// Which case.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize, Serialize)]
#[serde(deny_unknown_fields)]
pub struct CaseReference {
    /// The authority's number or name for it.
    pub id: Text,
    /// How far the proceedings are.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub stage: Option<ProceedingKind>,
    /// What it is about.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub title: Option<Text>,
}

/// Which exhibit of the case.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize, Serialize)]
#[serde(deny_unknown_fields, rename_all = "camelCase")]
pub struct Exhibit {
    /// What it is.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub description: Option<Text>,
    /// Its number or name in the case.
    pub id: Text,
    /// When it was seized, as the record of the seizure says.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub seized_at: Option<Text>,
    /// Where it was seized.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub seized_place: Option<Text>,
}

/// What the taking is based on.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize, Serialize)]
#[serde(deny_unknown_fields)]
pub struct LegalBasis {
    /// Article or section of the instrument.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub article: Option<Text>,
    /// Law, treaty or order.
    pub instrument: Text,
    /// Number of the warrant, order or request.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub reference: Option<Text>,
}

/// The person who seals.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize, Serialize)]
#[serde(deny_unknown_fields)]
pub struct Operator {
    /// How to reach the person.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub contact: Option<Text>,
    /// Name, or a service number that stands for it.
    pub name: Text,
    /// Rank or function.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub role: Option<Text>,
}

/// The device or medium.
#[derive(Clone, Debug, Default, PartialEq, Eq, Deserialize, Serialize)]
#[serde(deny_unknown_fields, rename_all = "camelCase")]
pub struct Device {
    /// Who made it.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub make: Option<Text>,
    /// Which model.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub model: Option<Text>,
    /// Its serial number.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub serial: Option<Text>,
    /// How it was kept from being written to.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub write_protection: Option<Text>,
}

impl CaseJson {
    /// Parses `case.json` in its one form (SPEC.md CASE-1).
    pub fn from_bytes(bytes: &[u8]) -> Result<Self, CaseError> {
        if u64::try_from(bytes.len()).map_or(true, |len| len > CASE_LEN_MAX) {
            return Err(CaseError::TooLong);
        }
        let case: Self = json::from_canonical(bytes)?;
        match case.scope.sources.len() {
            1..=SOURCE_COUNT_MAX => case_law::check(&case).map(|()| case).map_err(CaseError::Value),
            count => Err(CaseError::SourceCount(count)),
        }
    }

    /// The bytes of the member. Reads them back, so that nothing is written that a reader refuses.
    pub fn to_bytes(&self) -> Result<Vec<u8>, CaseError> {
        let bytes = json::to_canonical(self);
        Self::from_bytes(&bytes)?;
        Ok(bytes)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Every key there is, in RFC 8785 order.
    fn full() -> String {
        [
            r#"{"authority":{"name":"Parquet de Paris","state":"FR"},"case":{"id":"2026/117","title":"t"},"#,
            r#""exhibit":{"description":"d","id":"S-1","seizedAt":"2026-11-22","seizedPlace":"p"},"#,
            r#""legalBasis":{"article":"56","instrument":"CPP","reference":"r"},"nonce":""#,
            &"0a".repeat(32),
            r#"","notes":"n","operator":{"contact":"c","name":"A","role":"r"},"safeguards":"s","#,
            r#""scope":{"exclude":["*.tmp"],"host":"h","mountedOk":true,"oneFileSystem":true,"sources":[{"device":{"readOnly":true},"name":"phone","path":"/mnt/phone"},{"name_b64":"/w==","path_b64":"L/8="}]},"#,
            r#""source":{"make":"m","model":"m","serial":"s","writeProtection":"w"},"type":"urn:scelle:case:1"}"#,
        ]
        .concat()
    }

    fn parse(text: &str) -> Result<CaseJson, CaseError> {
        CaseJson::from_bytes(text.as_bytes())
    }

    #[test]
    fn a_full_case_is_read_and_written_to_the_same_bytes() {
        let case = parse(&full()).unwrap();
        assert_eq!(
            case.scope.sources[1],
            ScopeSource { device: None, name: b"\xff".to_vec(), path: b"/\xff".to_vec() }
        );
        assert_eq!(String::from_utf8(case.to_bytes().unwrap()).unwrap(), full());
    }

    #[test]
    fn keys_that_are_not_required_may_be_absent_and_others_may_not() {
        let full = full();
        for optional in [
            r#","title":"t""#,
            r#""description":"d","#,
            r#","seizedAt":"2026-11-22""#,
            r#","seizedPlace":"p""#,
            r#""legalBasis":{"article":"56","instrument":"CPP","reference":"r"},"#,
            r#""article":"56","#,
            r#","reference":"r""#,
            r#""notes":"n","#,
            r#""contact":"c","#,
            r#","role":"r""#,
            r#""safeguards":"s","#,
            r#""host":"h","#,
            r#""mountedOk":true,"#,
            r#""device":{"readOnly":true},"#,
            r#""readOnly":true"#,
            r#""source":{"make":"m","model":"m","serial":"s","writeProtection":"w"},"#,
            r#","writeProtection":"w""#,
        ] {
            assert!(full.contains(optional) && parse(&full.replacen(optional, "", 1)).is_ok(), "{optional}");
        }
        for required in [
            r#""name":"Parquet de Paris","#,
            r#","state":"FR""#,
            r#""authority":{"name":"Parquet de Paris","state":"FR"},"#,
            r#""case":{"id":"2026/117","title":"t"},"#,
            r#""id":"2026/117","#,
            r#""id":"S-1","#,
            r#","instrument":"CPP""#,
            r#""exclude":["*.tmp"],"#,
            r#""oneFileSystem":true,"#,
            r#","type":"urn:scelle:case:1""#,
            r#""name":"phone","#,
            r#","path":"/mnt/phone""#,
        ] {
            assert!(full.contains(required) && parse(&full.replacen(required, "", 1)).is_err(), "{required}");
        }
    }

    #[test]
    fn other_values_and_spellings_are_refused() {
        let long = format!(r#""n{}""#, "x".repeat(TEXT_LEN_MAX));
        for (from, to) in [
            (r#""n""#, r#""""#),
            (r#""n""#, "null"),
            (r#""n""#, &long),
            (r#""FR""#, r#""fr""#),
            (r#""FR""#, r#""FRA""#),
            ("case:1", "case:2"),
            ("0a0a", "0A0A"),
            ("0a0a", "0a"),
            (r#""name_b64":"/w==""#, r#""name_b64":"YQ==""#),
            (r#""name_b64":"/w==""#, r#""name":"a","name_b64":"/w==""#),
            (r#""notes""#, r#""extra":"x","notes""#),
            (r#""make""#, r#""extra":"x","make""#),
            (r#""case":"#, r#""case": "#),
            (r#""*.tmp""#, r#""""#),
            (r#""mountedOk":true"#, r#""mountedOk":false"#),
            (r#""readOnly":true"#, r#""readOnly":1"#),
            (
                r#"[{"device":{"readOnly":true},"name":"phone","path":"/mnt/phone"},{"name_b64":"/w==","path_b64":"L/8="}]"#,
                "[]",
            ),
        ] {
            let changed = full().replacen(from, to, 1);
            assert!(changed != full() && parse(&changed).is_err(), "{from} -> {to}");
        }
        let exact = format!(r#""{}""#, "x".repeat(TEXT_LEN_MAX));
        assert!(parse(&full().replacen(r#""n""#, &exact, 1)).is_ok());
    }

    #[test]
    fn what_a_reader_refuses_is_not_written() {
        let mut case = parse(&full()).unwrap();
        case.scope.exclude = vec![Text::new("x".repeat(TEXT_LEN_MAX)).unwrap(); 64];
        assert!(matches!(case.to_bytes(), Err(CaseError::TooLong)));
        case.scope.exclude.clear();
        case.scope.sources.clear();
        assert!(matches!(case.to_bytes(), Err(CaseError::SourceCount(0))));
    }
}
