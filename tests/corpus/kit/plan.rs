//! What is sealed, how it is cut, and who signs.

use data_encoding::BASE64;
use scelle::sign::SigningKey;
use serde_json::{Value, json};

use super::{Key, Members, dir, file};
use crate::forge::Forge;
use crate::reference::{self, Entry, Params, Sealed, Sign};
use crate::sealed::{SEED, TIME, case_value, pattern};

pub struct Plan {
    pub entries: Vec<Entry>,
    pub params: Params,
    /// Who signs, in this order.
    pub keys: Vec<Key>,
    /// Who must, and how many of them.
    pub required: (Vec<Key>, u64),
    /// `case.json` without its nonce.
    pub case: Value,
    pub answers: Option<String>,
}

impl Plan {
    /// With the least limits that have room for what is to be shown.
    pub fn of(entries: Vec<Entry>) -> Self {
        let params = Params { chunk: 512, frame: 1024, segment: 4096, entries: 5, level: 3, whole_file_digest: true };
        let mut case = case_value();
        case["scope"]["sources"] = sources_of(&entries);
        Self { entries, params, keys: vec![Key::Ed25519], required: (vec![Key::Ed25519], 1), case, answers: None }
    }

    /// Three segments: `s`, `s/a` (600 bytes) and `s/b` (5 bytes), a frame each; the first 3,072 bytes of `s/c`, after a
    /// frame of its headers in three; and the other 1,928 in two, with `s/d` (5 bytes) and the end marker.
    pub fn base() -> Self {
        Self::of(vec![
            dir("s"),
            file("s/a", pattern(600)),
            file("s/b", "bbbbb"),
            file("s/c", pattern(5000)),
            file("s/d", "ddddd"),
        ])
    }

    /// One segment: the directory `s` and what is given, which lies below it.
    pub fn below_s(entries: Vec<Entry>) -> Self {
        let mut plan = Self::of([vec![dir("s")], entries].concat());
        plan.params.segment = 1 << 20;
        plan
    }

    /// With the limits that a sealer has if it is told nothing.
    pub fn with_default_limits(mut self) -> Self {
        (self.params.chunk, self.params.frame) = (1 << 18, 1 << 22);
        (self.params.segment, self.params.entries) = (1 << 28, 65_536);
        self
    }

    pub fn with_limits(mut self, chunk: u64, frame: u64, segment: u64, entries: u64) -> Self {
        self.params = Params { chunk, frame, segment, entries, ..self.params };
        self
    }

    pub fn sealed(&self) -> Sealed {
        let keys: Vec<_> = self.keys.iter().map(|key| key.signing()).collect();
        let sign =
            |key: &'_ SigningKey, pae: &[u8]| (key.public().key_id().to_string(), key.sign(pae).expect("a signature"));
        let signs: Vec<_> = keys.iter().map(|key| move |pae: &[u8]| sign(key, pae)).collect();
        let inputs = reference::Inputs {
            seed: SEED,
            start: TIME.into(),
            end: TIME.into(),
            seed_given: true,
            time_given: true,
            clock: json!({"source": "given"}),
            case: self.case.clone(),
            required_signers: required_signers(&self.required.0, self.required.1),
            tool_name: "scelle corpus".into(),
            tool_version: "1".into(),
            compressor: "zstd".into(),
            answers: self.answers.clone(),
            verify_txt: scelle::format::VERIFY_TEXT.as_bytes(),
            signers: signs.iter().map(|sign| sign as Sign<'_>).collect(),
        };
        reference::seal(&self.entries, &self.params, &inputs)
    }

    pub fn members(&self) -> Members {
        self.sealed().members
    }

    /// A signer who lies about it.
    pub fn forge(&self) -> Forge {
        let keys = self.keys.iter().map(|key| key.signing()).collect();
        Forge::of_sealed(&self.sealed(), keys, self.params.chunk, self.params.frame)
    }
}

/// `predicate.requiredSigners`.
pub fn required_signers(keys: &[Key], threshold: u64) -> Value {
    let one = |key: &Key| {
        let public = key.signing().public();
        json!({"keyid": public.key_id().to_string(), "role": "sealer", "spki": BASE64.encode(&public.to_der())})
    };
    let mut keys: Vec<Value> = keys.iter().map(one).collect();
    keys.sort_by_key(|key| key["keyid"].to_string());
    json!({"keys": keys, "threshold": threshold})
}

/// The top-level entries, as the scope names them.
fn sources_of(entries: &[Entry]) -> Value {
    let is_root = entries.first().is_some_and(|entry| entry.path == b".");
    let top = entries.iter().filter(|entry| !entry.path.contains(&b'/') && (!is_root || entry.path == b"."));
    let one = |entry: &Entry| match std::str::from_utf8(&entry.path) {
        Ok(name) => json!({"name": name, "path": format!("/evidence/{name}")}),
        Err(_) => json!({"name_b64": BASE64.encode(&entry.path), "path": "/evidence"}),
    };
    top.map(one).collect()
}
