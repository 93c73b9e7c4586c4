//! Manifest lines that are not what they must be, by a signer who lies about nothing else.

use serde_json::Value;

use super::layout::manifest;
use super::{Members, Plan, Scenario, file, scenario};
use crate::forge::Forge;
use crate::reference::{self, Entry};

/// One segment: `s`, an entry below it that stands before `s/z`, and `s/z` (5 bytes).
pub fn before_z(entry: Entry) -> Plan {
    Plan::below_s(vec![entry, file("s/z", "zzzzz")])
}

/// The same, with the line of the entry changed.
pub fn changed(entry: Entry, change: impl FnOnce(&mut Value)) -> Members {
    // Written by serde_json, whose keys ascend, and which knows no limits.
    edited(&before_z(entry), 1, |line| {
        let mut value: Value = serde_json::from_str(&line).expect("a line");
        change(&mut value);
        value.to_string()
    })
}

/// The same, with a part of the line in another spelling.
pub fn spelled(entry: Entry, from: &str, to: &str) -> Members {
    edited(&before_z(entry), 1, |line| {
        assert!(line.contains(from), "no {from} in {line}");
        line.replacen(from, to, 1)
    })
}

/// With another text of a line of the first segment.
pub fn edited(plan: &Plan, n: usize, change: impl FnOnce(String) -> String) -> Members {
    let mut forge = plan.forge();
    let mut lines = forge.lines(0);
    lines[n] = change(std::mem::take(&mut lines[n]));
    forge.set_lines(0, &lines);
    forge.members_sealed()
}

/// With any bytes as the text of the first segment's manifest part. The root stays as it is.
pub fn with_manifest_bytes(forge: &mut Forge, text: &[u8]) {
    let frames = reference::zstd_frames(&reference::text_frames(text, forge.frame), 3);
    *forge.member(&manifest(0)) = frames.concat();
}

/// [VER-9] A line behind `s` is passed over; [VER-10] following ends at it, so nothing of `s/z` is proven.
pub fn passed_over(name: &'static str, clauses: &'static str, what: &'static str, members: Members) -> Scenario {
    scenario(name, clauses, what).members(members).fails("V-7").lost("s/z", 5, &[(0, 5)])
}
