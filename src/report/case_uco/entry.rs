//! An entry as an observable object with its facets.

use serde_json::{Map, Value, json};

use super::{Ids, hash, moment};
use crate::format::entry::{Entry, Kind};
use crate::format::line::Line;
use crate::format::time::Timestamp;
use crate::report::escape::escape;

/// What the identifier of an entry is made of.
pub(super) fn key(n: u64) -> String {
    format!("entry/{n}")
}

pub(super) fn node(ids: Ids, line: &Line, is_proven: bool) -> Value {
    let what = key(line.n);
    let mut facets = vec![file_facet(ids, &what, &line.entry)];
    facets.extend(content_facet(ids, &what, line));
    let mut node = json!({"@id": ids.of(&what), "@type": class(line.entry.kind), "uco-core:hasFacet": facets});
    let remarks = remarks(line, is_proven);
    if !remarks.is_empty() {
        node["uco-core:description"] = remarks.into();
    }
    node
}

fn class(kind: Kind) -> &'static str {
    match kind {
        Kind::File => "uco-observable:File",
        Kind::Disk => "uco-observable:Image",
        Kind::Dir => "uco-observable:Directory",
        Kind::Symlink => "uco-observable:SymbolicLink",
        Kind::Fifo => "uco-observable:NamedPipe",
        Kind::Chardev => "uco-observable:CharacterDeviceNode",
        Kind::Blockdev => "uco-observable:BlockDeviceNode",
        Kind::Socket => "uco-observable:Socket",
        Kind::Unknown => "uco-observable:FileSystemObject",
    }
}

fn file_facet(ids: Ids, what: &str, entry: &Entry) -> Value {
    let path = entry.path.as_bytes();
    let name = path.rsplit(|byte| *byte == b'/').next().unwrap_or(path);
    let mut facet = Map::new();
    facet.insert("@id".into(), ids.of(&format!("{what}/file")).into());
    facet.insert("@type".into(), "uco-observable:FileFacet".into());
    facet.insert("uco-observable:fileName".into(), text(name).into());
    facet.insert("uco-observable:filePath".into(), text(path).into());
    facet.insert("uco-observable:isDirectory".into(), (entry.kind == Kind::Dir).into());
    if let Some(size) = entry.size {
        facet.insert("uco-observable:sizeInBytes".into(), size.into());
    }
    for (name, time) in [
        ("uco-observable:modifiedTime", Some(entry.mtime)),
        ("uco-observable:accessedTime", entry.atime),
        ("uco-observable:metadataChangeTime", entry.ctime),
        ("uco-observable:observableCreatedTime", entry.btime),
    ] {
        if let Some(time) = time.and_then(date) {
            facet.insert(name.into(), moment(time));
        }
    }
    Value::Object(facet)
}

/// Digests of the content. BLAKE3 stands as a plain name: the vocabulary of UCO has no word for it.
fn content_facet(ids: Ids, what: &str, line: &Line) -> Option<Value> {
    let sha256 = line.sha256.map(|digest| digest.to_string());
    let also = line.entry.also.as_ref();
    let of = |get: fn(&crate::format::entry::FurtherDigests) -> &Option<String>| also.and_then(|it| get(it).clone());
    let digests = [
        ("SHA256", sha256),
        ("MD5", of(|it| &it.md5)),
        ("SHA1", of(|it| &it.sha1)),
        ("SHA512", of(|it| &it.sha512)),
        ("BLAKE3", of(|it| &it.blake3)),
    ];
    let hashes: Vec<_> =
        digests.iter().filter_map(|(method, hex)| Some(hash(ids, what, method, hex.as_deref()?))).collect();
    if hashes.is_empty() {
        return None;
    }
    let mut facet = json!({
        "@id": ids.of(&format!("{what}/content")),
        "@type": "uco-observable:ContentDataFacet",
        "uco-observable:hash": hashes,
    });
    if let Some(size) = line.entry.size {
        facet["uco-observable:sizeInBytes"] = size.into();
    }
    Some(facet)
}

/// What the ontology has no property for, and a reader must know.
fn remarks(line: &Line, is_proven: bool) -> Vec<String> {
    let entry = &line.entry;
    let mut all = Vec::new();
    if !is_proven {
        all.push("not all of its content is proven to be what was sealed".to_owned());
    }
    if let Some(cause) = &entry.unreadable {
        all.push(format!("could not be opened when it was sealed: {}", escape(cause.as_bytes())));
    }
    if !entry.gaps.is_empty() {
        let lost: u64 = entry.gaps.iter().map(|gap| gap.len).sum();
        all.push(format!("{} regions, {lost} bytes, could not be read when it was sealed", entry.gaps.len()));
    }
    if entry.changed_while_reading.is_some() {
        all.push("changed while it was read".to_owned());
    }
    if std::str::from_utf8(entry.path.as_bytes()).is_err() {
        all.push(format!("path in base64: {}", data_encoding::BASE64.encode(entry.path.as_bytes())));
    }
    if let Some(target) = &entry.link {
        all.push(format!("links to {}", text(target)));
    }
    if let Some(target) = &entry.hard_link {
        all.push(format!("is the same file as {}", text(target.as_bytes())));
    }
    all
}

/// A name exactly as it is; if it is not UTF-8, with what is not made visible.
fn text(bytes: &[u8]) -> String {
    std::str::from_utf8(bytes).map_or_else(|_| escape(bytes), str::to_owned)
}

/// With nanoseconds, where they are not 0; `None` for years that xsd:dateTime and RFC 3339 do not share.
fn date(time: Timestamp) -> Option<String> {
    let nanos = i32::try_from(time.nanos()).ok()?;
    jiff::Timestamp::new(time.seconds(), nanos).ok().map(|time| time.to_string())
}
