//! The words of a conformance report (SPEC.md CONF-3).

use std::fmt;
use std::marker::PhantomData;

use serde::de::value::MapAccessDeserializer;
use serde::de::{MapAccess, Visitor};
use serde::{Deserialize, Deserializer, Serialize};

/// How much of the specification a verifier covers, or a scenario asks for (SPEC.md CONF-1).
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Deserialize, Serialize)]
#[serde(try_from = "u8", into = "u8")]
pub enum Level {
    /// Seal, content, and trust in keys that the user names.
    One,
    /// Custody and trust lists too.
    Two,
    /// Time and rules too.
    Three,
}

impl TryFrom<u8> for Level {
    type Error = &'static str;

    fn try_from(number: u8) -> Result<Self, Self::Error> {
        match number {
            1 => Ok(Self::One),
            2 => Ok(Self::Two),
            3 => Ok(Self::Three),
            _ => Err("expected a level: 1, 2 or 3"),
        }
    }
}

impl From<Level> for u8 {
    fn from(level: Level) -> Self {
        match level {
            Level::One => 1,
            Level::Two => 2,
            Level::Three => 3,
        }
    }
}

/// A verdict on what is a bundle.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize, Serialize)]
pub enum VerdictWord {
    /// Everything holds, signed by those who are trusted.
    #[serde(rename = "verified")]
    Verified,
    /// Something does not hold.
    #[serde(rename = "refuted")]
    Refuted,
    /// Something could not be checked.
    #[serde(rename = "could not check")]
    CouldNotCheck,
    /// Everything holds, signed by nobody who is trusted.
    #[serde(rename = "intact, not trusted")]
    NotTrusted,
    /// The members have their digests; nothing else was looked at.
    #[serde(rename = "fixity ok")]
    FixityOk,
    /// Verified, but not everything could be read when it was sealed.
    #[serde(rename = "incomplete")]
    Incomplete,
}

/// The gravest result in an area.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize, Serialize)]
pub enum AreaWord {
    /// Every step passed.
    #[serde(rename = "passed")]
    Passed,
    /// A step cannot be told.
    #[serde(rename = "cannot be told")]
    CannotBeTold,
    /// A step failed.
    #[serde(rename = "failed")]
    Failed,
    /// No step had anything to look at.
    #[serde(rename = "not checked")]
    NotChecked,
}

/// The result in each area.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize)]
pub struct Areas<T> {
    /// The sealed bytes.
    pub content: T,
    /// What happened after sealing.
    pub custody: T,
    /// Structure, statement, envelopes and list.
    pub seal: T,
    /// When it was signed.
    pub time: T,
    /// Whose signatures there are.
    pub trust: T,
}

impl<T> Areas<T> {
    /// Name, first level that looks at it, and result of each.
    pub fn each(&self) -> [(&'static str, Level, &T); 5] {
        [
            ("seal", Level::One, &self.seal),
            ("content", Level::One, &self.content),
            ("trust", Level::One, &self.trust),
            ("custody", Level::Two, &self.custody),
            ("time", Level::Three, &self.time),
        ]
    }
}

/// A step of verification, such as `V-5`.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize, Serialize)]
#[serde(try_from = "String", into = "String")]
pub struct Step(String);

impl TryFrom<String> for Step {
    type Error = &'static str;

    fn try_from(text: String) -> Result<Self, Self::Error> {
        let number = text.strip_prefix("V-").filter(|digits| !digits.starts_with(['0', '+']));
        match number.and_then(|digits| digits.parse::<u16>().ok()) {
            Some(_) => Ok(Self(text)),
            None => Err("expected a step such as V-5"),
        }
    }
}

impl From<Step> for String {
    fn from(step: Step) -> Self {
        step.0
    }
}

impl Step {
    /// As it is written.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

/// A value that is spelled as an object. (By themselves the types of serde also take an array of the values.)
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Object<T>(pub T);

impl<'de, T: Deserialize<'de>> Deserialize<'de> for Object<T> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        deserializer.deserialize_map(ObjectVisitor(PhantomData)).map(Self)
    }
}

struct ObjectVisitor<T>(PhantomData<T>);

impl<'de, T: Deserialize<'de>> Visitor<'de> for ObjectVisitor<T> {
    type Value = T;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("an object")
    }

    fn visit_map<A: MapAccess<'de>>(self, map: A) -> Result<T, A::Error> {
        T::deserialize(MapAccessDeserializer::new(map))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::report::json::verdict_name;
    use crate::verify::Verdict;

    #[test]
    fn the_verdicts_are_spelled_as_scelle_verify_spells_them() {
        for (word, verdict) in [
            (VerdictWord::Verified, Verdict::Verified),
            (VerdictWord::Refuted, Verdict::Refuted),
            (VerdictWord::CouldNotCheck, Verdict::CouldNotCheck),
            (VerdictWord::NotTrusted, Verdict::NotTrusted),
            (VerdictWord::FixityOk, Verdict::FixityOk),
            (VerdictWord::Incomplete, Verdict::Incomplete),
        ] {
            assert_eq!(serde_json::to_value(word).unwrap(), verdict_name(verdict));
        }
    }

    #[test]
    fn steps_and_levels_are_those_that_there_can_be() {
        for text in ["V-1", "V-12"] {
            assert!(Step::try_from(text.to_owned()).is_ok(), "{text}");
        }
        for text in ["V-", "V-0", "V-01", "V-+1", "v-1", "1", "V-1 "] {
            assert!(Step::try_from(text.to_owned()).is_err(), "{text}");
        }
        assert!(Level::try_from(0).is_err() && Level::try_from(4).is_err());
    }
}
