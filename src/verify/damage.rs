//! The damage map: which bytes are damaged or missing, what lies in them, and what is still proven (SPEC.md VER-3).

use std::collections::BTreeSet;

use std::ops::Range;

use super::room::Room;
use crate::format::path::EntryPath;

/// Most ranges, and most entries, that are kept in detail.
const DETAIL_COUNT_MAX: usize = 1_000;
/// Most entries that are kept for one range.
const OVERLAP_COUNT_MAX: usize = 256;
/// Most separate ranges of content that are kept for one entry.
const LOST_COUNT_MAX: usize = 256;

/// Why bytes are not there to be checked.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Cause {
    /// They are not the bytes that were sealed.
    Damaged,
    /// They are not there.
    Missing,
    /// They could not be read; another attempt may succeed.
    Unreadable,
    /// They are the bytes that were sealed, but do not decode: they were sealed so.
    Undecodable,
}

/// A range of a member.
#[derive(Clone, Debug)]
pub struct DamagedRange {
    /// Name of the member.
    pub member: String,
    /// Where it begins in the member, in bytes.
    pub offset: u64,
    /// Its length in bytes.
    pub len: u64,
    /// What is wrong with it.
    pub cause: Cause,
    /// Number of the frame of payload.
    pub frame: Option<u64>,
    /// Entries that have content in it, the first of them.
    pub overlaps: Vec<Overlap>,
    /// How many entries there are.
    pub overlap_count: u64,
    room: Room,
}

impl DamagedRange {
    /// A range of which nothing else is known yet.
    pub fn new(member: impl ToString, offset: u64, len: u64, cause: Cause, frame: Option<u64>) -> Self {
        let (overlaps, room) = (Vec::new(), Room::default());
        Self { member: member.to_string(), offset, len, cause, frame, overlaps, overlap_count: 0, room }
    }

    /// Notes that `content` of an entry lies in the range; ranges of one entry that touch are joined. An empty range
    /// says that only its headers do.
    pub(super) fn overlap(&mut self, n: u64, path: &EntryPath, content: Range<u64>) {
        if let Some(last) = self.overlaps.last_mut()
            && last.n == n
        {
            if last.content.is_empty() {
                last.content = content;
            } else {
                last.content.end = last.content.end.max(content.end);
            }
            return;
        }
        self.overlap_count += 1;
        if self.overlaps.len() < OVERLAP_COUNT_MAX && self.room.take(path.as_bytes().len()) {
            self.overlaps.push(Overlap { n, path: path.clone(), content });
        }
    }
}

/// What of an entry lies in a damaged range.
#[derive(Clone, Debug)]
pub struct Overlap {
    /// Number of the entry.
    pub n: u64,
    /// Its path.
    pub path: EntryPath,
    /// Range of its content, in bytes and whole chunks; empty if only its tar headers are in the range.
    pub content: Range<u64>,
}

/// An entry whose content is not proven in full.
#[derive(Clone, Debug)]
pub struct DamagedEntry {
    /// Number of the entry.
    pub n: u64,
    /// Its path.
    pub path: EntryPath,
    /// Length of its content in bytes.
    pub size: u64,
    /// Ranges of its content that are damaged or missing, ascending, in whole chunks. The first of them.
    pub lost: Vec<Range<u64>>,
    /// How many such ranges there are.
    pub lost_count: u64,
    /// Where the last of them ends.
    lost_end: u64,
    /// Bytes in all such ranges.
    pub lost_bytes: u64,
    /// Bytes of its content that are proven to be those that were sealed.
    pub proven_bytes: u64,
}

impl DamagedEntry {
    pub(super) fn new(n: u64, path: EntryPath, size: u64) -> Self {
        Self { n, path, size, lost: Vec::new(), lost_count: 0, lost_end: 0, lost_bytes: 0, proven_bytes: 0 }
    }

    /// Adds a range behind all others.
    pub(super) fn lose(&mut self, range: Range<u64>) {
        if range.is_empty() {
            return;
        }
        self.lost_bytes = self.lost_bytes.saturating_add(range.end - range.start);
        let joins = self.lost_count > 0 && self.lost_end == range.start;
        let last_is_kept = self.lost.len() as u64 == self.lost_count;
        self.lost_end = range.end;
        self.lost_count += u64::from(!joins);
        if !joins && self.lost.len() < LOST_COUNT_MAX {
            self.lost.push(range);
        } else if let Some(last) = self.lost.last_mut().filter(|_| joins && last_is_kept) {
            last.end = range.end;
        }
    }

    /// Adds what another segment says of the same entry.
    pub(super) fn join(&mut self, later: Self) {
        let lost_bytes = self.lost_bytes.saturating_add(later.lost_bytes);
        let joins = self.lost_count > 0 && later.lost.first().is_some_and(|range| range.start == self.lost_end);
        let lost_count = self.lost_count + later.lost_count - u64::from(joins);
        let lost_end = if later.lost_count > 0 { later.lost_end } else { self.lost_end };
        for range in later.lost {
            self.lose(range);
        }
        (self.lost_bytes, self.lost_count, self.lost_end) = (lost_bytes, lost_count, lost_end);
        self.proven_bytes = self.proven_bytes.saturating_add(later.proven_bytes);
    }
}

/// Everything that is damaged or missing.
#[derive(Clone, Debug, Default)]
pub struct DamageMap {
    /// Ranges of members, the first of them, in the order of the bundle.
    pub ranges: Vec<DamagedRange>,
    /// How many there are.
    pub range_count: u64,
    /// Bytes in all of them.
    pub byte_count: u64,
    /// Entries whose content is not proven in full, the first of them.
    pub entries: Vec<DamagedEntry>,
    /// How many there are.
    pub entry_count: u64,
    /// For the names of entries in ranges, and of entries: neither takes from the other.
    range_room: Room,
    entry_room: Room,
}

/// Which entries are proven in full.
#[derive(Clone, Debug)]
pub struct ProvenEntries {
    damaged: BTreeSet<u64>,
    is_told_of_all: bool,
}

impl ProvenEntries {
    /// Of entries that this map is about; `is_looked_at` says whether their content was looked at.
    pub fn of(map: &DamageMap, is_looked_at: bool) -> Self {
        let damaged: BTreeSet<u64> = map.entries.iter().map(|entry| entry.n).collect();
        // A map keeps the first of many: nothing is said of the others.
        let is_told_of_all = is_looked_at && map.entry_count == map.entries.len() as u64;
        Self { damaged, is_told_of_all }
    }

    /// Whether this entry is; `None` if that was not looked at, or not kept.
    pub fn has(&self, n: u64) -> Option<bool> {
        match self.damaged.contains(&n) {
            true => Some(false),
            false => self.is_told_of_all.then_some(true),
        }
    }
}

impl DamageMap {
    /// Whether nothing is damaged or missing.
    pub fn is_empty(&self) -> bool {
        self.range_count == 0 && self.entry_count == 0
    }

    pub(super) fn add_range(&mut self, mut range: DamagedRange) {
        self.range_count += 1;
        self.byte_count = self.byte_count.saturating_add(range.len);
        if self.ranges.len() == DETAIL_COUNT_MAX {
            return;
        }
        // Where a range lies is never left out for the names in it.
        let names_len = range.overlaps.iter().map(|overlap| overlap.path.as_bytes().len()).sum();
        if !self.range_room.take(names_len) {
            range.overlaps = Vec::new();
        }
        self.ranges.push(range);
    }

    pub(super) fn add_entry(&mut self, entry: DamagedEntry) {
        self.entry_count += 1;
        if self.entries.len() < DETAIL_COUNT_MAX && self.entry_room.take(entry.path.as_bytes().len()) {
            self.entries.push(entry);
        }
    }

    pub(super) fn merge(&mut self, other: Self) {
        let (ranges, entries) = (other.range_count, other.entry_count);
        let (range_count, entry_count) = (self.range_count + ranges, self.entry_count + entries);
        let byte_count = self.byte_count.saturating_add(other.byte_count);
        for range in other.ranges {
            self.add_range(range);
        }
        for entry in other.entries {
            self.add_entry(entry);
        }
        (self.range_count, self.entry_count, self.byte_count) = (range_count, entry_count, byte_count);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn entry(lost: impl IntoIterator<Item = Range<u64>>) -> DamagedEntry {
        let mut entry = DamagedEntry::new(0, EntryPath::new(b"a".to_vec()).unwrap(), u64::MAX);
        lost.into_iter().for_each(|range| entry.lose(range));
        entry
    }

    #[test]
    fn ranges_that_are_not_kept_are_still_counted() {
        let many = |start: u64| (0..300).map(move |i| start + i * 10..start + i * 10 + 5);
        let mut first = entry(many(0));
        assert_eq!((first.lost.len(), first.lost_count, first.lost_bytes), (LOST_COUNT_MAX, 300, 1500));
        // Joins the last range, which was not kept.
        first.lose(2995..3000);
        assert_eq!((first.lost.len(), first.lost_count, first.lost_bytes), (LOST_COUNT_MAX, 300, 1505));
        first.join(entry(many(3000)));
        assert_eq!((first.lost.len(), first.lost_count, first.lost_bytes), (LOST_COUNT_MAX, 599, 3005));
    }

    #[test]
    fn long_names_hide_no_range() {
        let (mut map, long) = (DamageMap::default(), EntryPath::new(vec![b'x'; 600_000]).unwrap());
        for i in 0..3 {
            let mut range = DamagedRange::new("payload/00000000.tar.zst", i, 1, Cause::Damaged, Some(i));
            range.overlap(i, &long, 0..1);
            map.add_range(range);
        }
        map.add_entry(DamagedEntry::new(0, long, 1));
        let named: Vec<_> = map.ranges.iter().map(|range| (range.overlaps.len(), range.overlap_count)).collect();
        assert_eq!((named, map.entries.len()), (vec![(1, 1), (0, 1), (0, 1)], 1));
    }

    #[test]
    fn ranges_that_touch_are_one() {
        let mut first = entry([0..5, 5..7]);
        assert_eq!((first.lost.first(), first.lost_count), (Some(&(0..7)), 1));
        first.join(entry([7..9, 20..30]));
        assert_eq!((first.lost.clone(), first.lost_count, first.lost_bytes), (vec![0..9, 20..30], 2, 19));
    }
}
