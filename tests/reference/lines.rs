//! Manifest lines (section 5), sums (section 7) and the list (section 9).

use data_encoding::BASE64;
use serde_json::{Map, Value};

use super::digest::{hex, sha256};
use super::hmac::{blind_of, salt_of};
use super::json::json_bytes;
use super::tar::{sealed_content, xattrs_left_out};
use super::tree::chunks_root;
use super::{Entry, Params};

/// The byte string under a key or under the key with `_b64` [JSON-5].
pub fn bytes_of(meta: &Map<String, Value>, key: &str) -> Option<Vec<u8>> {
    if let Some(text) = meta.get(key) {
        return Some(text.as_str().expect("a string").as_bytes().to_vec());
    }
    let text = meta.get(&format!("{key}_b64"))?;
    Some(BASE64.decode(text.as_str().expect("a string").as_bytes()).expect("base64"))
}

/// [JSON-5] the other way.
fn put_bytes(map: &mut Map<String, Value>, key: &str, bytes: &[u8]) {
    match std::str::from_utf8(bytes) {
        Ok(text) => map.insert(key.to_string(), Value::from(text)),
        Err(_) => map.insert(format!("{key}_b64"), Value::from(BASE64.encode(bytes))),
    };
}

pub fn number_of(meta: &Map<String, Value>, key: &str) -> Option<u64> {
    meta.get(key).map(|value| value.as_u64().expect("a number"))
}

pub fn kind_of(entry: &Entry) -> &str {
    entry.meta["kind"].as_str().expect("kind is a string")
}

/// Name and value of each extended attribute that has a value.
pub fn xattr_values(entry: &Entry) -> Vec<(Vec<u8>, Vec<u8>)> {
    let mut out = Vec::new();
    if let Some(list) = entry.meta.get("xattrs") {
        for item in list.as_array().expect("an array") {
            let item = item.as_object().expect("an object");
            if let Some(value) = item.get("value_b64") {
                let value = BASE64.decode(value.as_str().expect("a string").as_bytes()).expect("base64");
                out.push((bytes_of(item, "name").expect("a name"), value));
            }
        }
    }
    out
}

/// The entry whose digests a line shows: itself, or the target of its hard link [MAN-5].
fn digest_source<'a>(entry: &'a Entry, entries: &'a [Entry]) -> &'a Entry {
    let Some(target) = bytes_of(&entry.meta, "hard_link") else { return entry };
    let found = entries.iter().find(|candidate| candidate.path == target).expect("[MAN-5] the target");
    assert!(!found.meta.contains_key("hard_link") && !found.meta.contains_key("hard_link_b64"), "[MAN-5]");
    found
}

/// `sha256` of the entry's line, where it has one [MAN-2], [MAN-5].
fn sha256_of(entry: &Entry, entries: &[Entry], params: &Params) -> Option<[u8; 32]> {
    let content = sealed_content(digest_source(entry, entries))?;
    let shown = content.len() as u64 <= params.chunk || params.whole_file_digest;
    shown.then(|| sha256(content))
}

/// `chunks_root` of the entry's line, where it has one [MAN-1], [CHK-1], [MAN-5].
fn chunks_root_of(entry: &Entry, entries: &[Entry], params: &Params, seed: &[u8; 32]) -> Option<[u8; 32]> {
    let source = digest_source(entry, entries);
    let content = sealed_content(source)?;
    let longer = content.len() as u64 > params.chunk;
    longer.then(|| chunks_root(content, params.chunk, &blind_of(seed, &source.path)))
}

/// The line of entry `n` as a value.
pub fn manifest_value(n: usize, entries: &[Entry], params: &Params, seed: &[u8; 32]) -> Value {
    let entry = &entries[n];
    let mut line = entry.meta.clone();
    line.insert("n".into(), Value::from(n));
    put_bytes(&mut line, "path", &entry.path);
    line.insert("salt".into(), Value::from(hex(&salt_of(seed, &entry.path))));
    if let Some(digest) = sha256_of(entry, entries, params) {
        line.insert("sha256".into(), Value::from(hex(&digest)));
    }
    if let Some(root) = chunks_root_of(entry, entries, params, seed) {
        line.insert("chunks_root".into(), Value::from(hex(&root)));
    }
    line.remove("xattrs_not_in_tar");
    if xattrs_left_out(entry) {
        line.insert("xattrs_not_in_tar".into(), Value::from(true));
    }
    Value::Object(line)
}

/// The line of entry `n`, without LF.
pub fn manifest_line(n: usize, entries: &[Entry], params: &Params, seed: &[u8; 32]) -> Vec<u8> {
    json_bytes(&manifest_value(n, entries, params, seed))
}

/// The plain text of `SHA256SUMS.zst` [SUM-1].
pub fn sums_text(entries: &[Entry], params: &Params) -> Vec<u8> {
    let mut out = Vec::new();
    for entry in entries {
        let Some(digest) = sha256_of(entry, entries, params) else { continue };
        let mut name = Vec::new();
        for byte in &entry.path {
            match byte {
                b'\\' => name.extend_from_slice(b"\\\\"),
                b'\n' => name.extend_from_slice(b"\\n"),
                b'\r' => name.extend_from_slice(b"\\r"),
                byte => name.push(*byte),
            }
        }
        if name != entry.path {
            out.push(b'\\');
        }
        if name == b"-" {
            name = b"./-".to_vec();
        }
        out.extend_from_slice(hex(&digest).as_bytes());
        out.extend_from_slice(b"  ");
        out.extend_from_slice(&name);
        out.push(b'\n');
    }
    out
}

/// `SEALED.sha256` over the members before `case.json` [LIST-1].
pub fn list_text(members: &[(String, Vec<u8>)]) -> Vec<u8> {
    let mut out = String::new();
    for (name, bytes) in members {
        out.push_str(&hex(&sha256(bytes)));
        out.push_str("  ");
        out.push_str(name);
        out.push('\n');
    }
    out.into_bytes()
}
