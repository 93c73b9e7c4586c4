//! Damage is told: no byte that was changed is called proven.

use std::ops::Range;

use scelle::format::index::IndexPart;
use scelle::verify::Verification;
use serde_json::Value;

use super::frames::decode_all;
use super::golden::{Golden, Members, member};
use super::rebuild::entry_of;
use crate::reference;

/// Every changed byte of a listed member lies in a damaged range, and every entry with content in a damaged frame is
/// among the damaged. For members of the same length that are there once.
pub fn assert_damage_told(base: &Golden, members: &Members, found: &Verification) {
    let once = |name: &str| members.iter().filter(|member| member.0 == name).count() == 1;
    for (name, bytes) in &base.members {
        let is_listed = scelle::format::member::MemberName::parse(name).is_some_and(|name| name.is_listed());
        let Some(changed) = member(members, name).filter(|changed| changed.len() == bytes.len()) else { continue };
        if !is_listed || !once(name) {
            continue;
        }
        for at in (0..bytes.len()).filter(|&at| bytes[at] != changed[at]) {
            assert!(is_told(found, name, at as u64), "{name}: byte {at} was changed and is not in the damage map");
        }
    }
    assert_entries_told(base, members, found);
}

fn is_told(found: &Verification, name: &str, at: u64) -> bool {
    let mut ranges = found.damage.ranges.iter().filter(|range| range.member == name);
    ranges.any(|range| (range.offset..range.offset + range.len).contains(&at))
}

/// Entries that have content in a payload frame whose stored bytes were changed.
fn assert_entries_told(base: &Golden, members: &Members, found: &Verification) {
    let is_same = |(name, bytes): &(String, Vec<u8>)| member(members, name) == Some(bytes);
    let others = base.members.iter().filter(|(name, _)| !name.starts_with("payload/"));
    if !others.clone().all(is_same) || members.len() != base.members.len() {
        return;
    }
    let entries = contents(base);
    let mut tar_at = 0u64;
    for segment in 0.. {
        let Some(index) = member(&base.members, &format!("index/{segment:08}.bin")) else { return };
        let name = format!("payload/{segment:08}.tar.zst");
        let sealed = member(&base.members, &name).expect("a payload");
        let stored = member(members, &name).unwrap_or_default();
        let mut at = 0;
        for frame in &IndexPart::parse(index).expect("sound").frames {
            let (end, tar_end) = (at + frame.stored_len as usize, tar_at + u64::from(frame.plain_len));
            if stored.get(at..end) != sealed.get(at..end) {
                for (n, content) in &entries {
                    let overlaps = content.start < tar_end && tar_at < content.end;
                    let told = found.damage.entries.iter().any(|entry| entry.n == *n);
                    assert!(!overlaps || told, "entry {n} lies in {name} at {at} and is not among the damaged");
                }
            }
            (at, tar_at) = (end, tar_end);
        }
    }
}

/// Where the content of each entry stands in the tar.
fn contents(base: &Golden) -> Vec<(u64, Range<u64>)> {
    let parts = base.members.iter().filter(|(name, _)| name.starts_with("manifest/"));
    let texts = parts.map(|(_, stored)| decode_all(stored, 1 << 20).expect("sound"));
    let text = texts.collect::<Vec<_>>().concat();
    let (mut at, mut found) = (0, Vec::new());
    for line in text.split(|&byte| byte == b'\n').filter(|line| !line.is_empty()) {
        let line: Value = serde_json::from_slice(line).expect("JSON");
        let bare = entry_of(&line, None);
        let holds = matches!(bare.meta["kind"].as_str(), Some("file" | "disk"))
            && reference::bytes_of(&bare.meta, "hard_link").is_none()
            && !bare.meta.contains_key("unreadable");
        let len = if holds { line["size"].as_u64().expect("a size") } else { 0 };
        let entry = reference::Entry { content: holds.then(|| vec![0; len as usize]), ..bare };
        if reference::has_tar_record(&entry) {
            at += reference::tar_record(&entry).len() as u64;
            found.push((line["n"].as_u64().expect("a number"), at..at + len));
            at += len + reference::padding_after(len as usize).len() as u64;
        }
    }
    found.retain(|(_, content)| !content.is_empty());
    found
}
