//! What someone on the way can do to bytes, members and the ZIP wrapper around them, told by a script.

use super::golden::Members;
use super::script::Script;
use super::{frames, golden};
use crate::reference;

/// Longest that any member may grow, in bytes.
const MEMBER_LEN_MAX: usize = 1 << 20;
/// Names of members that are, could be, or cannot be.
const NAMES: [&str; 16] = [
    "mimetype",
    "nonce",
    "VERIFY.txt",
    "payload/00000000.tar.zst",
    "payload/00000001.tar.zst",
    "manifest/00000000.jsonl.zst",
    "index/00000000.bin",
    "index/00999999.bin",
    "SHA256SUMS.zst",
    "case.json",
    "SEALED.sha256",
    "statement.json",
    "seal/0123456789abcdef.dsse.json",
    "timestamps/a.tsr",
    "custody/0001-a.dsse.json",
    "parity/0",
];

/// One change of bytes: some turned, overwritten, put in, taken out, copied, cut off, or a number written.
pub fn change_bytes(bytes: &mut Vec<u8>, script: &mut Script<'_>) {
    let at = script.below(bytes.len());
    let some = |script: &mut Script<'_>| usize::from(script.byte());
    match script.byte() % 8 {
        0 => bytes.iter_mut().skip(at).take(1).for_each(|byte| *byte ^= script.byte().max(1)),
        1 => bytes.iter_mut().skip(at).zip(script.bytes()).for_each(|(byte, new)| *byte = *new),
        2 => drop(bytes.splice(at..at, script.bytes().iter().copied())),
        3 => drop(bytes.drain(at..(at + some(script)).min(bytes.len()))),
        4 => bytes.truncate(at),
        5 => {
            let copied = bytes[at..(at + some(script)).min(bytes.len())].to_vec();
            let to = script.below(bytes.len());
            bytes.splice(to..to, copied);
        }
        6 => {
            let number = script.number().to_le_bytes();
            let len = script.one_of(&[2, 4, 8]);
            bytes.iter_mut().skip(at).zip(&number[..len]).for_each(|(byte, new)| *byte = *new);
        }
        _ => {
            let len = some(script) * 16;
            let fill = script.byte();
            bytes.iter_mut().skip(at).take(len).for_each(|byte| *byte = fill);
        }
    }
    bytes.truncate(MEMBER_LEN_MAX);
}

/// One accident of a medium or a copy: bytes turned, overwritten, filled, lost, cut off or shifted, none of them chosen.
pub fn damage_bytes(bytes: &mut Vec<u8>, script: &mut Script<'_>) {
    let at = script.below(bytes.len());
    let (kind, len, fill) = (script.byte() % 6, usize::from(script.byte()), script.byte());
    let some = at..(at + len * 4).min(bytes.len());
    match kind {
        0 => bytes.iter_mut().skip(at).take(1).for_each(|byte| *byte ^= fill.max(1)),
        1 => bytes[some].iter_mut().for_each(|byte| *byte = byte.wrapping_mul(fill | 1).wrapping_add(len as u8)),
        2 => bytes[some].fill(fill),
        3 => drop(bytes.drain(some)),
        4 => bytes.truncate(at),
        _ => drop(bytes.splice(at..at, vec![fill; len])),
    }
}

/// One change of frames: one lost, doubled, moved, packed anew, or something between them.
pub fn change_frames(stored: &mut Vec<u8>, script: &mut Script<'_>) {
    let mut all = frames::split(stored);
    let (i, k) = (script.below(all.len()), script.below(all.len() + 1));
    match (script.byte() % 6, all.get(i).cloned()) {
        (0, Some(_)) => drop(all.remove(i)),
        (1, Some(frame)) => all.insert(k, frame),
        (2, Some(frame)) => {
            all.remove(i);
            all.insert(k.min(all.len()), frame);
        }
        (3, Some(frame)) => {
            let plain = frames::decode(&frame, MEMBER_LEN_MAX).unwrap_or_default();
            let (level, flags) = (i32::from(script.byte() % 20), script.byte());
            all[i] = frames::encode(&plain, level, flags & 1 == 0, flags & 2 == 0);
        }
        (4, _) => all.insert(k, frames::encode(script.bytes(), 3, true, true)),
        // A skippable frame.
        _ => all.insert(k, [b"\x50\x2a\x4d\x18\x04\0\0\0".as_slice(), b"scel"].concat()),
    }
    *stored = all.concat();
    stored.truncate(MEMBER_LEN_MAX);
}

/// One change of members: of one's bytes or frames, or of which there are, and how they are called.
pub fn change_members(members: &mut Members, script: &mut Script<'_>) {
    let kind = script.byte() % 10;
    let (i, k) = (script.below(members.len()), script.below(members.len() + 1));
    if members.is_empty() || kind == 9 {
        members.insert(k, (name(script), script.bytes().to_vec()));
        return;
    }
    match kind {
        0..=2 => change_bytes(&mut members[i].1, script),
        3 => change_frames(&mut members[i].1, script),
        4 => drop(members.remove(i)),
        5 => members.insert(k, members[i].clone()),
        6 => {
            let moved = members.remove(i);
            members.insert(k.min(members.len()), moved);
        }
        7 => members[i].0 = name(script),
        _ => {
            let k = k % members.len();
            let (a, b) = (members[i].1.clone(), members[k].1.clone());
            (members[i].1, members[k].1) = (b, a);
        }
    }
}

fn name(script: &mut Script<'_>) -> String {
    match script.byte() {
        free @ 192.. => {
            let text = String::from_utf8_lossy(script.bytes()).into_owned();
            text.chars().take(usize::from(free)).collect()
        }
        known => NAMES[usize::from(known) % NAMES.len()].to_owned(),
    }
}

/// What became of a golden bundle.
pub struct Mutant {
    pub base: &'static golden::Golden,
    pub zip: Vec<u8>,
}

/// A golden bundle, changed on the way: its members, with the ZIP put right again, and then the file.
pub fn mutant(script: &mut Script<'_>) -> Mutant {
    let (which, changes) = (script.byte(), script.byte());
    let base = &golden::all()[usize::from(which) % golden::all().len()];
    let mut members = base.members.clone();
    for _ in 0..changes % 4 {
        change_members(&mut members, script);
    }
    let mut zip = reference::zip_bytes(&members);
    for _ in 0..(changes >> 4) % 4 {
        change_bytes(&mut zip, script);
    }
    Mutant { base, zip }
}
