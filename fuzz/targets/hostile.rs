//! Signers who lie: a golden bundle with facts changed by a script, and everything outside of them hashed and signed
//! anew, so that decoders and checks behind the digests are reached.

use scelle::format::index::IndexPart;
use scelle::format::member::MemberName;
use scelle::verify::Verdict;
use serde_json::{Value, json};

use super::frames::{decode_all, encode};
use super::golden::{self, Members, member, members_of};
use super::mutation::{change_bytes, change_frames, change_members};
use super::rebuild::assert_true;
use super::script::Script;
use super::soundness::verify_zip;
use crate::forge::Forge;
use crate::reference;

/// Values that a key may be given.
const VALUES: [&str; 22] = [
    "0",
    "1",
    "-1",
    "5",
    "600",
    "4096",
    "9007199254740991",
    "9007199254740992",
    "18446744073709551615",
    "true",
    "null",
    r#""""#,
    r#""a""#,
    r#""EIO""#,
    r#""dir""#,
    r#""file""#,
    r#""0644""#,
    r#""1.000000001""#,
    "[[0,1]]",
    "[1,3]",
    "{}",
    r#"[{"attempts":1,"cause":"EIO","len":1,"offset":0}]"#,
];
/// Every key of a line (SPEC.md section 5).
const LINE_KEYS: [&str; 36] = [
    "also",
    "atime",
    "attributes",
    "btime",
    "changed_while_reading",
    "chunks_root",
    "ctime",
    "dev",
    "gaps",
    "gid",
    "group",
    "group_b64",
    "hard_link",
    "hard_link_b64",
    "holes",
    "ino",
    "kind",
    "link",
    "link_b64",
    "mode",
    "mtime",
    "n",
    "nlink",
    "path",
    "path_b64",
    "rdev",
    "salt",
    "sha256",
    "size",
    "uid",
    "unreadable",
    "user",
    "user_b64",
    "xattrs",
    "xattrs_error",
    "xattrs_not_in_tar",
];

/// A bundle whose own signer changed what the script says.
pub fn hostile_bundle(data: &[u8]) {
    let zip = hostile(&mut Script(data));
    let found = verify_zip(&zip);
    if found.verdict == Verdict::Verified {
        assert!(reference::zip_bytes(&members_of(&zip)) == zip, "ZIP-6: verified in another wrapper");
        assert_true(&members_of(&zip));
    }
}

/// The file.
pub fn hostile(script: &mut Script<'_>) -> Vec<u8> {
    let (which, changes) = (script.byte(), script.byte());
    let base = &golden::all()[usize::from(which) % golden::all().len()];
    let mut forge = forge_of(base);
    for _ in 0..1 + changes % 4 {
        change(&mut forge, script);
    }
    let mut members = sealed(&forge);
    if changes & 0x80 != 0 {
        change_members(&mut members, script);
    }
    reference::zip_bytes(&members)
}

fn forge_of(base: &golden::Golden) -> Forge {
    let end = base.members.iter().position(|(name, _)| name == "statement.json").expect("a statement");
    let statement = serde_json::from_slice(&base.members[end].1).expect("JSON");
    // Whoever signed it before, the forger signs with a key that is trusted.
    let key = crate::sealed::test_key();
    let members = base.members[..end].to_vec();
    let mut forge =
        Forge { members, statement, keys: vec![crate::sealed::test_key()], chunk: base.limits.0, frame: base.limits.1 };
    forge.predicate()["requiredSigners"]["keys"] = json!([crate::sealed::required_signer(&key)]);
    forge
}

/// One change. Members that do not decode any more stay as they are.
fn change(forge: &mut Forge, script: &mut Script<'_>) {
    let segment = script.below(forge.segment_count());
    match script.byte() % 9 {
        0 => change_index(forge, segment, script),
        1 => change_statement(forge.predicate(), script),
        2 => change_lines(forge, segment, script),
        3 => {
            let mut text = plain(forge, &manifest(segment));
            change_bytes(&mut text, script);
            set_lines(forge, segment, &text);
        }
        4 => change_tar(forge, segment, script),
        5 => {
            let mut text = plain(forge, "SHA256SUMS.zst");
            change_bytes(&mut text, script);
            forge.set_sums(&text);
        }
        6 => {
            let i = script.below(forge.members.len());
            change_bytes(&mut forge.members[i].1, script);
        }
        7 => {
            let i = script.below(forge.members.len());
            change_frames(&mut forge.members[i].1, script);
        }
        _ => change_case(forge, script),
    }
}

/// JSON with numbers of any size, which the reference would not write.
fn bytes_of(value: &Value) -> Vec<u8> {
    serde_json::to_vec(value).expect("JSON")
}

/// The members with list, subjects, statement and envelope made anew.
fn sealed(forge: &Forge) -> Members {
    let mut members = forge.members.clone();
    let digest = |bytes: &[u8]| scelle::hash::sha256(bytes).to_string();
    let end = members.iter().position(|(name, _)| name == "case.json").expect("a case");
    let list: String = members[..end].iter().map(|(name, bytes)| format!("{}  {name}\n", digest(bytes))).collect();
    let subject = |name: &str, bytes: &[u8]| json!({"digest": {"sha256": digest(bytes)}, "name": name});
    let mut statement = forge.statement.clone();
    statement["subject"] = json!([subject("SEALED.sha256", list.as_bytes()), subject("case.json", &members[end].1)]);
    members[end + 1].1 = list.into_bytes();
    let statement = bytes_of(&statement);
    let key = crate::sealed::test_key();
    let envelope = key.seal_envelope(&statement).expect("a signature");
    let name = MemberName::envelope_of(envelope.key_id).to_string();
    members.extend([("statement.json".to_owned(), statement), (name, envelope.to_bytes())]);
    members
}

fn manifest(segment: usize) -> String {
    format!("manifest/{segment:08}.jsonl.zst")
}

fn plain(forge: &Forge, name: &str) -> Vec<u8> {
    member(&forge.members, name).and_then(|stored| decode_all(stored, 1 << 20)).unwrap_or_default()
}

fn change_index(forge: &mut Forge, segment: usize, script: &mut Script<'_>) {
    let name = format!("index/{segment:08}.bin");
    let Some(Ok(mut part)) = member(&forge.members, &name).map(IndexPart::parse) else { return };
    let (which, i, number) = (script.byte() % 14, script.u16(), script.number());
    let frame = usize::from(i) % part.frames.len().max(1);
    let file = usize::from(i) % part.files.len().max(1);
    match which {
        0 => part.segment = number,
        1 => part.tar_offset = number,
        2 => part.first_entry = number,
        3 => part.first_entry_skip = number,
        4 => part.lines = number,
        5 => part.frames.iter_mut().skip(frame).take(1).for_each(|frame| frame.stored_len = number as u32),
        6 => part.frames.iter_mut().skip(frame).take(1).for_each(|frame| frame.plain_len = number as u32),
        7 => drop(part.frames.drain(frame..(frame + 1).min(part.frames.len()))),
        8 => part.payload_chain.resize((number % 64) as usize, [7; 32]),
        9 => part.files.iter_mut().skip(file).take(1).for_each(|file| file.entry = number),
        10 => part.files.iter_mut().skip(file).take(1).for_each(|file| file.first_chunk = number),
        11 => part.files.iter_mut().skip(file).take(1).for_each(|file| file.digests.truncate(number as usize % 8)),
        12 => {
            part.files.iter_mut().skip(file).take(1).for_each(|file| file.chain.resize(number as usize % 32, [1; 32]))
        }
        _ => part.files.iter_mut().skip(file).take(1).for_each(|file| file.blind[0] ^= number as u8),
    }
    *forge.member(&name) = part.to_bytes().expect("bincode");
}

/// A key of an object, anywhere in it, is taken away or given another value.
fn change_object(value: &mut Value, keys: &[&str], script: &mut Script<'_>) {
    let deeper = script.byte();
    if let (0..=127, Value::Object(map)) = (deeper, &mut *value) {
        let names: Vec<String> =
            map.iter().filter(|(_, v)| v.is_object() || v.is_array()).map(|(k, _)| k.clone()).collect();
        if let Some(inner) = names.get(script.below(names.len())).and_then(|name| map.get_mut(name)) {
            return change_object(inner, keys, script);
        }
    }
    match value {
        Value::Object(map) => {
            let own: Vec<String> = map.keys().cloned().collect();
            let key = match script.byte() {
                known @ 0..=127 if !own.is_empty() => own[usize::from(known) % own.len()].clone(),
                other => keys[usize::from(other) % keys.len()].to_owned(),
            };
            match script.byte() % 4 {
                0 => drop(map.remove(&key)),
                1 => drop(map.insert(key, json!(script.number()))),
                2 => drop(map.insert(key, json!(String::from_utf8_lossy(script.bytes())))),
                _ => drop(map.insert(key, serde_json::from_str(script.one_of(&VALUES)).expect("JSON"))),
            }
        }
        Value::Array(items) => {
            let i = script.below(items.len());
            match items.get(i).cloned() {
                Some(_) if script.byte() & 1 == 0 => drop(items.remove(i)),
                Some(item) => items.insert(i, item),
                None => items.push(serde_json::from_str(script.one_of(&VALUES)).expect("JSON")),
            }
        }
        other => *other = json!(script.number()),
    }
}

fn change_statement(predicate: &mut Value, script: &mut Script<'_>) {
    change_object(predicate, &["answers", "critical", "extensions", "offsetMs", "reference", "level", "x"], script);
}

fn change_case(forge: &mut Forge, script: &mut Script<'_>) {
    let Ok(mut case) = serde_json::from_slice(forge.member("case.json")) else { return };
    change_object(&mut case, &["notes", "host", "mountedOk", "device", "name_b64", "path_b64", "source", "x"], script);
    *forge.member("case.json") = bytes_of(&case);
}

/// A line changed, doubled, moved or lost; or one whose tar headers are made anew with it.
fn change_lines(forge: &mut Forge, segment: usize, script: &mut Script<'_>) {
    let text = plain(forge, &manifest(segment));
    let mut lines: Vec<Vec<u8>> = text.split_inclusive(|&byte| byte == b'\n').map(<[u8]>::to_vec).collect();
    let i = script.below(lines.len());
    let Some(line) = lines.get(i).cloned() else { return };
    match script.byte() % 8 {
        0 => drop(lines.remove(i)),
        1 => lines.insert(i, line),
        2 => lines.swap(i, 0),
        _ => {
            let Ok(mut value) = serde_json::from_slice::<Value>(&line) else { return };
            change_object(&mut value, &LINE_KEYS, script);
            lines[i] = bytes_of(&value);
            lines[i].push(b'\n');
        }
    }
    set_lines(forge, segment, &lines.concat());
}

/// Text of a manifest part, with root, count and frames put right.
fn set_lines(forge: &mut Forge, segment: usize, text: &[u8]) {
    let frames = reference::zstd_frames(&reference::text_frames(text, forge.frame), 3);
    *forge.member(&manifest(segment)) = frames.concat();
    let mut leaves = Vec::new();
    for s in 0..forge.segment_count() {
        let text = plain(forge, &manifest(s));
        let text = text.strip_suffix(b"\n").unwrap_or(&text);
        leaves.extend(text.split(|&byte| byte == b'\n').filter(|_| !text.is_empty()).map(<[u8]>::to_vec));
    }
    if let Some(predicate) = forge.predicate().as_object_mut() {
        predicate.insert("root".into(), json!(reference::hex(&reference::tree_head(&leaves))));
        let counts = predicate.get_mut("counts").and_then(Value::as_object_mut);
        counts.map(|counts| counts.insert("entries".into(), json!(leaves.len())));
    }
    let name = format!("index/{segment:08}.bin");
    if let Some(Ok(mut part)) = member(&forge.members, &name).map(IndexPart::parse) {
        part.lines = text.iter().filter(|&&byte| byte == b'\n').count() as u64;
        *forge.member(&name) = part.to_bytes().expect("bincode");
    }
}

/// Bytes of the tar changed, or frames cut elsewhere, with frame table and payload chain put right.
fn change_tar(forge: &mut Forge, segment: usize, script: &mut Script<'_>) {
    let stored = member(&forge.members, &format!("payload/{segment:08}.tar.zst")).unwrap_or_default();
    let decoded = super::frames::split(stored).into_iter().map(|frame| super::frames::decode(&frame, 1 << 20));
    let Some(mut frames) = decoded.collect::<Option<Vec<_>>>().filter(|frames| !frames.is_empty()) else { return };
    let name = format!("index/{segment:08}.bin");
    if member(&forge.members, &name).is_none_or(|bytes| IndexPart::parse(bytes).is_err()) {
        return;
    }
    let i = script.below(frames.len());
    match script.byte() % 4 {
        0 | 1 => change_bytes(&mut frames[i], script),
        2 => {
            let at = script.below(frames[i].len() + 1);
            let rest = frames[i].split_off(at);
            frames.insert(i + 1, rest);
        }
        _ => {
            let next = if i + 1 < frames.len() { frames.remove(i + 1) } else { Vec::new() };
            frames[i].extend(next);
        }
    }
    let level = i32::from(script.byte() % 4);
    let packed: Vec<_> = frames.iter().map(|plain| encode(plain, level, true, true)).collect();
    forge.set_payload(segment, &packed, &frames);
}

/// A manifest part of any bytes in the smallest bundle: as it is stored, or as text in sound frames. Both are signed.
pub fn manifest_part(data: &[u8]) {
    let Some((&mode, data)) = data.split_first() else { return };
    let mut forge = forge_of(&golden::all()[0]);
    match mode & 1 {
        0 => set_lines(&mut forge, 0, data),
        _ => *forge.member(&manifest(0)) = data.to_vec(),
    }
    let zip = reference::zip_bytes(&sealed(&forge));
    if verify_zip(&zip).verdict == Verdict::Verified {
        assert_true(&members_of(&zip));
    }
}

pub fn manifest_part_seeds(bundles: &[Vec<u8>]) -> Vec<Vec<u8>> {
    let parts = golden::each_member(bundles, "manifest/", "");
    let text = |stored: &Vec<u8>| [vec![0], decode_all(stored, 1 << 20).unwrap_or_default()].concat();
    let mut seeds: Vec<_> = parts.iter().map(text).collect();
    seeds.extend(parts.iter().map(|stored| [&[1], stored.as_slice()].concat()));
    seeds
}

/// Each golden bundle with each kind of change.
pub fn hostile_seeds(_: &[Vec<u8>]) -> Vec<Vec<u8>> {
    let mut seeds = Vec::new();
    // Each kind with each change of bytes, in a bundle of one segment.
    seeds.extend((0..72u8).map(|both| vec![0, 0, both % 9, 20, both / 9, 9, 1, 5]));
    for which in [0u8, 1, 3, 4, 5] {
        for kind in 0..14u8 {
            // One segment has no byte that chooses it.
            let segment: &[u8] = if matches!(which, 3 | 5) { &[kind % 3] } else { &[] };
            let scripts = [
                vec![0, kind, 1, 0, kind],
                vec![kind % 9, kind, 3, 200, 5, 2, 4, 9, 9],
                vec![2, kind, 5, 200, kind * 9, 1, 7],
            ];
            seeds.extend(scripts.map(|rest| [&[which, 0][..], segment, &rest].concat()));
        }
    }
    seeds
}

/// Members of a bundle that a hostile signer made, for targets that lay them down otherwise.
pub fn hostile_members(script: &mut Script<'_>) -> Members {
    members_of(&hostile(script))
}
