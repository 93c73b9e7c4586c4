//! A verified bundle, made again by the plain reference from its own lines. Whoever signed it, what is verified must be
//! what the reference makes of it.

use serde_json::Value;

use super::frames::{decode, decode_all, split};
use super::golden::{Members, member};
use crate::reference::{self, Entry, Params};

/// Longest part that is decoded here, in bytes.
const PART_LEN_MAX: usize = 16 << 20;

/// What the reference is told of a line: only what it cannot work out itself.
pub fn entry_of(line: &Value, content: Option<Vec<u8>>) -> Entry {
    let mut meta = line.as_object().expect("a line is an object").clone();
    let path = reference::bytes_of(&meta, "path").expect("a line has a path");
    for key in ["n", "path", "path_b64", "salt", "sha256", "chunks_root", "xattrs_not_in_tar"] {
        meta.remove(key);
    }
    Entry { path, meta, content }
}

/// Fails unless these members are what the reference makes of their own lines and content.
pub fn assert_true(members: &Members) {
    let statement: Value = serde_json::from_slice(part(members, "statement.json")).expect("JSON");
    let predicate = &statement["predicate"];
    let params = params_of(predicate);
    let indexes = members.iter().filter(|(name, _)| name.starts_with("index/")).count();
    let texts: Vec<_> = (0..indexes).map(|s| text_of(members, &format!("manifest/{s:08}.jsonl.zst"))).collect();
    let lines: Vec<Vec<u8>> = texts.iter().flat_map(|text| lines_of(text)).collect();
    let root = reference::hex(&reference::tree_head(&lines));
    assert_eq!(predicate["root"], Value::from(root), "V-7: another root");
    let tar: Vec<Vec<u8>> = (0..indexes).flat_map(|s| tar_frames(members, s)).collect();
    let entries = entries_of(&lines, &tar.concat());
    assert!(reference::tar_stream(&entries) == tar.concat(), "V-9: another tar");
    assert_cuts(members, &entries, &params, &tar, &texts);
    assert!(reference::sums_text(&entries, &params) == text_of(members, "SHA256SUMS.zst"), "V-11: other sums");
    assert_digests(&lines, &entries, &params);
    assert_seal(members, &statement);
}

fn part<'a>(members: &'a Members, name: &str) -> &'a [u8] {
    member(members, name).unwrap_or_else(|| panic!("verified without {name}"))
}

fn text_of(members: &Members, name: &str) -> Vec<u8> {
    decode_all(part(members, name), PART_LEN_MAX).expect("verified frames decode")
}

fn lines_of(text: &[u8]) -> Vec<Vec<u8>> {
    let text = text.strip_suffix(b"\n").unwrap_or(text);
    if text.is_empty() { Vec::new() } else { text.split(|&byte| byte == b'\n').map(<[u8]>::to_vec).collect() }
}

fn tar_frames(members: &Members, segment: usize) -> Vec<Vec<u8>> {
    let frames = split(part(members, &format!("payload/{segment:08}.tar.zst")));
    frames.iter().map(|frame| decode(frame, PART_LEN_MAX).expect("verified frames decode")).collect()
}

fn params_of(predicate: &Value) -> Params {
    let parameters = &predicate["parameters"];
    let number = |key: &str| parameters[key].as_u64().expect("a number");
    Params {
        chunk: number("chunkBytes"),
        frame: number("frameBytes"),
        segment: number("segmentBytes"),
        entries: number("entriesPerSegment"),
        level: 3,
        whole_file_digest: parameters["wholeFileDigest"].as_bool().expect("true or false"),
    }
}

/// Entries with their content, as it stands in the tar behind the headers that the reference makes.
fn entries_of(lines: &[Vec<u8>], tar: &[u8]) -> Vec<Entry> {
    let mut rest = tar;
    let mut entries = Vec::new();
    for (n, line) in lines.iter().enumerate() {
        let line: Value = serde_json::from_slice(line).expect("a verified line is JSON");
        assert_eq!(line["n"], Value::from(n), "MAN-1: numbers out of order");
        let bare = entry_of(&line, None);
        let holds = matches!(bare.meta["kind"].as_str(), Some("file" | "disk"))
            && reference::bytes_of(&bare.meta, "hard_link").is_none()
            && !bare.meta.contains_key("unreadable");
        let len = if holds { bare.meta["size"].as_u64().expect("MAN-1: a size") as usize } else { 0 };
        assert!(len <= rest.len(), "verified with content that is not there");
        let mut entry = Entry { content: holds.then(|| vec![0; len]), ..bare };
        if reference::has_tar_record(&entry) {
            rest = &rest[reference::tar_record(&entry).len()..];
            if let Some(content) = &mut entry.content {
                content.copy_from_slice(&rest[..len]);
            }
            rest = &rest[len + reference::padding_after(len).len()..];
        }
        entries.push(entry);
    }
    entries
}

/// Frames and lines are cut where the reference cuts them, and the index part says so.
fn assert_cuts(members: &Members, entries: &[Entry], params: &Params, tar: &[Vec<u8>], texts: &[Vec<u8>]) {
    let segments = reference::cut(entries, params);
    assert_eq!(segments.len(), texts.len(), "another number of segments");
    let frames: Vec<Vec<u8>> = segments.iter().flat_map(|segment| segment.frames.clone()).collect();
    assert!(frames == tar, "V-8: frames cut elsewhere");
    for (s, (segment, text)) in segments.iter().zip(texts).enumerate() {
        assert_eq!(segment.lines.len(), lines_of(text).len(), "CUT-6: lines of another segment");
        let payload = part(members, &format!("payload/{s:08}.tar.zst"));
        let index = scelle::format::index::IndexPart::parse(part(members, &format!("index/{s:08}.bin")));
        let index = index.expect("a verified index part is one");
        assert!(index.payload_chain == reference::chain_values(payload, params.chunk), "another payload chain");
        let table: Vec<_> = index.frames.iter().map(|frame| frame.sha256).collect();
        assert!(table == split(payload).iter().map(|frame| reference::sha256(frame)).collect::<Vec<_>>());
        assert_eq!((index.segment, index.lines), (s as u64, segment.lines.len() as u64));
    }
}

/// Digests of content, and tree heads over the blinds that the index parts give.
fn assert_digests(lines: &[Vec<u8>], entries: &[Entry], params: &Params) {
    for (line, entry) in lines.iter().zip(entries) {
        let line: Value = serde_json::from_slice(line).expect("JSON");
        let Some(content) = &entry.content else { continue };
        let is_long = content.len() as u64 > params.chunk;
        let expected = (!is_long || params.whole_file_digest).then(|| reference::hex(&reference::sha256(content)));
        assert_eq!(line.get("sha256").and_then(Value::as_str), expected.as_deref(), "MAN-2: another digest");
        assert_eq!(line.get("chunks_root").is_some(), is_long, "MAN-1: a tree head too many or too few");
    }
}

/// The list, the subjects, and members of fixed content.
fn assert_seal(members: &Members, statement: &Value) {
    let end = members.iter().position(|(name, _)| name == "case.json").expect("a case");
    let list = part(members, "SEALED.sha256");
    assert!(reference::list_text(&members[..end]) == list, "LIST-1: another list");
    for (i, name) in ["SEALED.sha256", "case.json"].iter().enumerate() {
        let digest = reference::hex(&reference::sha256(part(members, name)));
        assert_eq!(statement["subject"][i]["digest"]["sha256"], Value::from(digest), "{name}: another digest");
    }
    assert!(part(members, "mimetype") == scelle::format::MIMETYPE.as_bytes());
    assert!(part(members, "VERIFY.txt") == scelle::format::VERIFY_TEXT.as_bytes());
    assert!(reference::json_bytes(statement) == part(members, "statement.json"), "JSON-3: another form");
}
