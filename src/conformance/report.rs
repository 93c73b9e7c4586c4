//! What a verifier printed (SPEC.md CONF-3): bytes to values, key by key, so that one that is wrong does not hide the
//! others. Keys that are not compared are passed over.

use serde::de::DeserializeOwned;
use serde::{Deserialize, Deserializer};
use serde_json::value::RawValue;

use super::damage::{Damage, ReportedEntry};
use super::terms::{AreaWord, Areas, Level, Object, VerdictWord};
use crate::format::digest::Digest;

/// What the verifier says under one key.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Said<T> {
    /// A value that can stand there.
    Value(T),
    /// One that cannot: its JSON.
    Other(String),
    /// The key is not there.
    Nothing,
}

impl<T> Said<T> {
    fn map<U>(self, change: impl FnOnce(T) -> U) -> Said<U> {
        match self {
            Self::Value(value) => Said::Value(change(value)),
            Self::Other(json) => Said::Other(json),
            Self::Nothing => Said::Nothing,
        }
    }
}

/// A report, as far as it is compared.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Report {
    /// Of the verifier.
    pub level: Said<Level>,
    /// Nothing for what is not a bundle.
    pub verdict: Said<Option<VerdictWord>>,
    /// The exit code that it says.
    pub exit: Said<i64>,
    /// Of the statement that it used.
    pub seal_digest: Said<Option<Digest>>,
    /// The gravest result in each.
    pub areas: Said<Areas<Said<AreaWord>>>,
    /// Steps that failed, whatever it calls them.
    pub failed: Said<Vec<String>>,
    /// The damage map.
    pub damage: Said<Damage<ReportedEntry>>,
}

/// Why there is no report.
#[derive(Debug, thiserror::Error)]
pub enum ReportError {
    /// Nothing was printed.
    #[error("nothing")]
    Empty,
    /// JSON is UTF-8.
    #[error("not UTF-8: {0}")]
    Encoding(#[from] std::str::Utf8Error),
    /// Not one JSON object, or one with a key twice.
    #[error("not one JSON object: {0}")]
    Form(#[from] serde_json::Error),
}

/// The keys as they are spelled, before anything is made of their values.
#[derive(Deserialize)]
struct Keys<'a> {
    #[serde(borrow, default, deserialize_with = "present")]
    level: Option<&'a RawValue>,
    #[serde(borrow, default, deserialize_with = "present")]
    verdict: Option<&'a RawValue>,
    #[serde(borrow, default, deserialize_with = "present")]
    exit: Option<&'a RawValue>,
    #[serde(borrow, default, deserialize_with = "present")]
    seal_digest: Option<&'a RawValue>,
    #[serde(borrow, default, deserialize_with = "present")]
    areas: Option<&'a RawValue>,
    #[serde(borrow, default, deserialize_with = "present")]
    failed: Option<&'a RawValue>,
    #[serde(borrow, default, deserialize_with = "present")]
    damage: Option<&'a RawValue>,
}

/// The areas as they are spelled.
#[derive(Deserialize)]
struct AreaKeys<'a> {
    #[serde(borrow, default, deserialize_with = "present")]
    content: Option<&'a RawValue>,
    #[serde(borrow, default, deserialize_with = "present")]
    custody: Option<&'a RawValue>,
    #[serde(borrow, default, deserialize_with = "present")]
    seal: Option<&'a RawValue>,
    #[serde(borrow, default, deserialize_with = "present")]
    time: Option<&'a RawValue>,
    #[serde(borrow, default, deserialize_with = "present")]
    trust: Option<&'a RawValue>,
}

/// A key that is there, be its value null.
fn present<'de: 'a, 'a, D: Deserializer<'de>>(deserializer: D) -> Result<Option<&'a RawValue>, D::Error> {
    <&'a RawValue>::deserialize(deserializer).map(Some)
}

fn said<T: DeserializeOwned>(raw: Option<&RawValue>) -> Said<T> {
    let Some(raw) = raw else { return Said::Nothing };
    serde_json::from_str(raw.get()).map_or_else(|_| Said::Other(raw.get().to_owned()), Said::Value)
}

fn said_areas(raw: Option<&RawValue>) -> Said<Areas<Said<AreaWord>>> {
    let Some(raw) = raw else { return Said::Nothing };
    match serde_json::from_str(raw.get()) {
        Ok(Object(AreaKeys { content, custody, seal, time, trust })) => Said::Value(Areas {
            content: said(content),
            custody: said(custody),
            seal: said(seal),
            time: said(time),
            trust: said(trust),
        }),
        Err(_) => Said::Other(raw.get().to_owned()),
    }
}

impl Report {
    /// Parses standard output. White space around the object is no matter.
    pub fn parse(bytes: &[u8]) -> Result<Self, ReportError> {
        if bytes.trim_ascii().is_empty() {
            return Err(ReportError::Empty);
        }
        // The whole of it: values that are passed over would else not be looked at.
        let text = std::str::from_utf8(bytes)?;
        let Object(keys) = serde_json::from_str::<Object<Keys<'_>>>(text)?;
        Ok(Self {
            level: said(keys.level),
            verdict: said(keys.verdict),
            exit: said(keys.exit),
            seal_digest: said(keys.seal_digest),
            areas: said_areas(keys.areas),
            failed: said(keys.failed),
            damage: said::<Object<_>>(keys.damage).map(|Object(damage)| damage),
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn other_keys_are_passed_over_and_a_wrong_value_does_not_hide_the_others() {
        let text =
            br#" {"level":1,"new":{"a":[1]},"verdict":null,"exit":"0","areas":{"seal":"passed","trust":7,"x":1}} "#;
        let report = Report::parse(text).unwrap();
        assert_eq!((&report.level, &report.verdict), (&Said::Value(Level::One), &Said::Value(None)));
        assert_eq!((&report.exit, &report.failed), (&Said::Other("\"0\"".into()), &Said::Nothing));
        let Said::Value(areas) = report.areas else { panic!("no areas") };
        assert_eq!((areas.seal, areas.trust), (Said::Value(AreaWord::Passed), Said::Other("7".into())));
        assert_eq!(areas.time, Said::Nothing);
    }

    #[test]
    fn what_is_not_one_object_is_no_report() {
        for text in [
            "",
            " \n",
            "VERIFIED",
            "{}{}",
            "{}\n{}",
            "null",
            "[]",
            "\"a\"",
            r#"{"exit":0,"exit":1}"#,
            "{\"a\":\"\u{1}\"}",
        ] {
            assert!(Report::parse(text.as_bytes()).is_err(), "{text}");
        }
        assert!(Report::parse(b"{\"a\":\"\xff\"}").is_err(), "not UTF-8");
    }
}
