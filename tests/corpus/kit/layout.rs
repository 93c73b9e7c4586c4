//! Where content lies: which bytes of which entries are in a frame, by the reference's own cuts.

use super::Plan;
use crate::reference;

/// A frame of payload as it is stored, and the content in it.
pub struct StoredFrame {
    pub offset: u64,
    pub len: u64,
    pub content: Vec<InFrame>,
}

/// What of an entry cannot be proven without a frame.
pub struct InFrame {
    pub path: Vec<u8>,
    pub size: u64,
    pub lost: (u64, u64),
}

/// The frames of a segment.
pub fn frames(plan: &Plan, segment: usize) -> Vec<StoredFrame> {
    let cuts = reference::cut(&plan.entries, &plan.params);
    let stored = reference::payload_member(&cuts[segment], &plan.params);
    let mut tar_start = cuts[segment].tar_offset;
    let mut offset = 0;
    let mut out = Vec::new();
    for (plain, stored) in cuts[segment].frames.iter().zip(stored) {
        let tar_end = tar_start + plain.len() as u64;
        let len = stored.len() as u64;
        out.push(StoredFrame { offset, len, content: content_between(plan, tar_start, tar_end) });
        (offset, tar_start) = (offset + len, tar_end);
    }
    out
}

/// Content in a range of the tar: whole chunks of an entry that is longer than one, all of any other.
fn content_between(plan: &Plan, start: u64, end: u64) -> Vec<InFrame> {
    let mut out = Vec::new();
    let mut at = 0;
    for entry in plan.entries.iter().filter(|entry| reference::has_tar_record(entry)) {
        let size = reference::content_in_tar(entry).len() as u64;
        let content_start = at + reference::tar_record(entry).len() as u64;
        at = content_start + size.next_multiple_of(512);
        let (from, to) = (start.max(content_start), end.min(content_start + size));
        if from >= to {
            continue;
        }
        let chunk = plan.params.chunk;
        let (from, to) = (from - content_start, to - content_start);
        let lost = if size > chunk { (from / chunk * chunk, to.next_multiple_of(chunk).min(size)) } else { (0, size) };
        out.push(InFrame { path: entry.path.clone(), size, lost });
    }
    out
}

/// A place in the middle of a stored frame.
pub fn middle_of(plan: &Plan, segment: usize, frame: usize) -> usize {
    let frame = &frames(plan, segment)[frame];
    (frame.offset + frame.len / 2) as usize
}

pub fn payload(segment: usize) -> String {
    format!("payload/{segment:08}.tar.zst")
}

pub fn manifest(segment: usize) -> String {
    format!("manifest/{segment:08}.jsonl.zst")
}

pub fn index(segment: usize) -> String {
    format!("index/{segment:08}.bin")
}
