//! Entries, as plainly as they are written.

use serde_json::{Map, Value, json};

use crate::reference::Entry;

/// An entry of any kind, without content.
pub fn special(path: &[u8], kind: &str) -> Entry {
    let mut meta = Map::new();
    let mode = if kind == "dir" { "0755" } else { "0644" };
    for (key, value) in [("gid", json!(0)), ("kind", json!(kind)), ("mode", json!(mode)), ("uid", json!(0))] {
        meta.insert(key.into(), value);
    }
    meta.insert("mtime".into(), json!("1700000000.000000000"));
    Entry { path: path.to_vec(), meta, content: None }
}

pub fn dir(path: &str) -> Entry {
    special(path.as_bytes(), "dir")
}

pub fn file(path: &str, content: impl Into<Vec<u8>>) -> Entry {
    let content = content.into();
    let mut entry = special(path.as_bytes(), "file").with("size", content.len().into());
    entry.content = Some(content);
    entry
}

impl Entry {
    /// With one more key, or another value of it.
    pub fn with(mut self, key: &str, value: Value) -> Self {
        self.meta.insert(key.into(), value);
        self
    }
}
