//! What the tests of the reference share.

mod cuts;
mod digests;
mod indexes;
mod lines;
mod seals;
mod tars;
mod tools;
mod zips;

use serde_json::{Map, Value, json};

use crate::reference::{Entry, Inputs, Params, Sign};

pub const SEED: [u8; 32] = [7; 32];

pub fn small_params() -> Params {
    Params { chunk: 512, frame: 1024, segment: 4096, entries: 3, level: 3, whole_file_digest: true }
}

fn meta(value: Value) -> Map<String, Value> {
    value.as_object().expect("an object").clone()
}

/// An entry of no content.
pub fn bare(path: &[u8], kind: &str) -> Entry {
    let mode = if kind == "dir" { "0755" } else { "0644" };
    Entry {
        path: path.to_vec(),
        meta: meta(json!({"kind": kind, "mode": mode, "mtime": "1700000000.000000000", "uid": 1000, "gid": 1000})),
        content: None,
    }
}

pub fn file(path: &[u8], content: &[u8]) -> Entry {
    let mut entry = bare(path, "file");
    entry.meta.insert("size".into(), json!(content.len()));
    entry.content = Some(content.to_vec());
    entry
}

/// A hard link to `target`, which is given as an entry.
pub fn hard_link(path: &[u8], target: &Entry) -> Entry {
    let mut entry = Entry { path: path.to_vec(), content: None, ..target.clone() };
    let name = std::str::from_utf8(&target.path).expect("a test's target is UTF-8");
    entry.meta.insert("hard_link".into(), json!(name));
    entry.meta.insert("nlink".into(), json!(2));
    entry
}

pub fn with(mut entry: Entry, key: &str, value: Value) -> Entry {
    entry.meta.insert(key.into(), value);
    entry
}

/// Bytes that do not compress and do not repeat.
pub fn noise(len: usize, mut state: u64) -> Vec<u8> {
    let mut out = Vec::new();
    while out.len() < len {
        state = state.wrapping_mul(6364136223846793005).wrapping_add(1442695040888963407);
        out.push((state >> 56) as u8);
    }
    out
}

/// A signature that is none: the tests of the reference look at the form alone.
pub fn fake_sign(message: &[u8]) -> (String, Vec<u8>) {
    let keyid = crate::reference::hex(&crate::reference::sha256(b"key"));
    (keyid, crate::reference::sha256(message).to_vec())
}

pub fn inputs(sign: Sign) -> Inputs {
    Inputs {
        seed: SEED,
        start: "2026-03-01T10:00:00Z".into(),
        end: "2026-03-01T10:05:00Z".into(),
        seed_given: true,
        time_given: true,
        clock: json!({"source": "given"}),
        case: json!({"type": "urn:scelle:case:1", "case": {"id": "K-1"}}),
        required_signers: json!({"keys": [], "threshold": 1}),
        tool_name: "scelle".into(),
        tool_version: "0.1.0".into(),
        compressor: "zstd 1.5.7".into(),
        answers: None,
        verify_txt: b"how to verify\n",
        signers: vec![sign],
    }
}
