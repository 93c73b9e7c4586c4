//! The side file of a scenario (SPEC.md CONF-4): bytes to values.

use std::path::{Component, PathBuf};

use serde::Deserialize;

use super::damage::{Damage, ExpectedEntry};
use super::terms::{AreaWord, Areas, Level, Object, Step, VerdictWord};
use crate::format::digest::Digest;

/// What a verifier must say of a bundle.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Scenario {
    /// One sentence: what is wrong with the bundle, or special about it.
    pub what: String,
    /// The rules that it is about.
    pub clauses: Vec<String>,
    /// The lowest level that can be compared.
    pub level: Level,
    /// How the verifier is called.
    pub options: Object<CallOptions>,
    /// Steps that must have failed.
    pub found_by: Vec<Step>,
    /// What it must say.
    pub expected: Object<Expected>,
}

/// How a verifier is called (SPEC.md CONF-2).
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct CallOptions {
    /// As of when keys are judged.
    #[serde(default)]
    pub at: Option<String>,
    /// End after V-5.
    pub fixity: bool,
    /// Events that must be in the log.
    #[serde(default)]
    pub receipts: Vec<CorpusFile>,
    /// Keys that are trusted.
    pub signers: Vec<CorpusFile>,
    /// What was recorded at sealing fails.
    pub strict: bool,
    /// Roots of time-stamping authorities.
    #[serde(default)]
    pub timestamp_roots: Vec<CorpusFile>,
    /// A trust list.
    #[serde(default)]
    pub trust: Option<CorpusFile>,
    /// Roots that are trusted to sign it.
    #[serde(default)]
    pub trust_roots: Vec<CorpusFile>,
}

impl CallOptions {
    /// Everything that they name.
    pub fn files(&self) -> impl Iterator<Item = &CorpusFile> {
        self.signers
            .iter()
            .chain(&self.receipts)
            .chain(&self.trust)
            .chain(&self.trust_roots)
            .chain(&self.timestamp_roots)
    }
}

/// A file of the corpus, relative to it.
#[derive(Clone, Debug, Deserialize)]
#[serde(try_from = "PathBuf")]
pub struct CorpusFile(pub PathBuf);

impl TryFrom<PathBuf> for CorpusFile {
    type Error = &'static str;

    fn try_from(path: PathBuf) -> Result<Self, Self::Error> {
        let is_inside = path.components().all(|part| matches!(part, Component::Normal(_)));
        match is_inside && path.file_name().is_some() {
            true => Ok(Self(path)),
            false => Err("expected the path of a file in the corpus, relative to it"),
        }
    }
}

/// What is compared. For something that is not a bundle there may be no areas and no damage.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Expected {
    /// Exit code of the process, and in the object.
    pub exit: u8,
    /// Nothing for what is not a bundle.
    #[serde(deserialize_with = "Option::deserialize")]
    pub verdict: Option<VerdictWord>,
    /// Nothing without a statement.
    #[serde(deserialize_with = "Option::deserialize")]
    pub seal_digest: Option<Digest>,
    /// The gravest result in each area.
    pub areas: Option<Object<Areas<AreaWord>>>,
    /// The damage map.
    pub damage: Option<Object<Damage<ExpectedEntry>>>,
}

/// Why a side file cannot be used.
#[derive(Debug, thiserror::Error)]
pub enum ScenarioError {
    /// Not JSON, a key that is not known or missing, or a value that cannot be.
    #[error(transparent)]
    Form(#[from] serde_json::Error),
    /// A bundle that has no areas or no damage map.
    #[error("`expected` has no `{0}`, which only what is not a bundle may lack")]
    Incomplete(&'static str),
}

impl Scenario {
    /// Parses the side file's bytes.
    pub fn parse(bytes: &[u8]) -> Result<Self, ScenarioError> {
        let Object(scenario) = serde_json::from_slice::<Object<Self>>(bytes)?;
        let expected = &scenario.expected.0;
        let is_bundle = expected.verdict.is_some();
        match (&expected.areas, &expected.damage) {
            (None, _) if is_bundle => Err(ScenarioError::Incomplete("areas")),
            (_, None) if is_bundle => Err(ScenarioError::Incomplete("damage")),
            _ => Ok(scenario),
        }
    }
}

#[cfg(test)]
mod tests {
    use serde_json::{Value, json};

    use super::*;

    fn side_file() -> Value {
        json!({
            "what": "sound", "clauses": ["VER-1"], "level": 1, "found_by": [],
            "options": {"fixity": false, "signers": ["keys/a.pem"], "strict": false},
            "expected": {
                "exit": 0, "verdict": "verified", "seal_digest": "00".repeat(32),
                "areas": {"content": "passed", "custody": "not checked", "seal": "passed", "time": "not checked", "trust": "passed"},
                "damage": {"entries": [], "ranges": []},
            },
        })
    }

    fn refusal(change: impl FnOnce(&mut Value)) -> Option<String> {
        let mut value = side_file();
        change(&mut value);
        Scenario::parse(value.to_string().as_bytes()).err().map(|error| error.to_string())
    }

    #[test]
    fn what_is_malformed_in_a_side_file_is_said() {
        assert_eq!(refusal(|_| ()), None);
        type Change = fn(&mut Value);
        let changes: [(Change, &str); 10] = [
            (|v| v["extra"] = 1.into(), "unknown field `extra`"),
            (|v| drop(v["expected"].as_object_mut().unwrap().remove("verdict")), "missing field `verdict`"),
            (|v| v["expected"]["verdict"] = "fine".into(), "unknown variant `fine`"),
            (|v| v["level"] = 0.into(), "expected a level"),
            (|v| v["found_by"] = json!(["5"]), "expected a step"),
            (|v| v["options"]["signers"] = json!(["/etc/key"]), "relative to it"),
            (|v| v["options"]["signers"] = json!(["../key"]), "relative to it"),
            (|v| v["expected"]["seal_digest"] = "AB".into(), "64 lower-case hex digits"),
            (|v| drop(v["expected"].as_object_mut().unwrap().remove("damage")), "has no `damage`"),
            (|v| drop(v["expected"]["areas"].as_object_mut().unwrap().remove("seal")), "missing field `seal`"),
        ];
        for (change, says) in changes {
            let error = refusal(change).expect(says);
            assert!(error.contains(says), "{error}");
        }
    }

    #[test]
    fn what_is_not_a_bundle_may_have_neither_areas_nor_damage() {
        let change = |value: &mut Value| value["expected"] = json!({"exit": 3, "verdict": null, "seal_digest": null});
        assert_eq!(refusal(change), None);
    }
}
