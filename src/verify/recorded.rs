//! What could not be read when the bundle was sealed: evidence of the source's state, never damage (SPEC.md VER-3).

use super::room::Room;
use crate::format::entry::{Changed, Gap};
use crate::format::line::Line;
use crate::format::path::EntryPath;

/// Most entries that are kept in detail.
pub const RECORDED_COUNT_MAX: usize = 1_000;
/// Most gaps of one entry that are kept in detail.
const GAP_COUNT_MAX: usize = 100;

/// One entry that was not read as a whole.
#[derive(Clone, Debug)]
pub struct RecordedEntry {
    /// Its path.
    pub path: EntryPath,
    /// Length of its content in bytes.
    pub size_bytes: Option<u64>,
    /// Why it could not be opened.
    pub unreadable: Option<String>,
    /// The first of its regions that could not be read.
    pub gaps: Vec<Gap>,
    /// How many such regions there are, and their bytes.
    pub gap_count: u64,
    /// Bytes in them.
    pub gap_bytes: u64,
    /// From which byte on its medium was not there any more.
    pub gone_at_bytes: Option<u64>,
    /// What was different after reading.
    pub changed: Option<Changed>,
}

/// All entries that were not read as a whole.
#[derive(Clone, Debug, Default)]
pub struct Recorded {
    /// The first of them, at most 1,000.
    pub entries: Vec<RecordedEntry>,
    /// How many there are.
    pub entry_count: u64,
    room: Room,
}

impl Recorded {
    pub(super) fn add(&mut self, line: &Line) {
        let entry = &line.entry;
        if entry.gaps.is_empty() && entry.unreadable.is_none() && entry.changed_while_reading.is_none() {
            return;
        }
        self.entry_count += 1;
        let texts = entry.gaps.iter().take(GAP_COUNT_MAX).map(|gap| gap.cause.len());
        let texts_len = texts.chain(entry.unreadable.as_ref().map(String::len)).sum::<usize>();
        if self.entries.len() < RECORDED_COUNT_MAX && self.room.take(texts_len + entry.path.as_bytes().len()) {
            self.entries.push(RecordedEntry {
                path: entry.path.clone(),
                size_bytes: entry.size,
                unreadable: entry.unreadable.clone(),
                gaps: entry.gaps.iter().take(GAP_COUNT_MAX).cloned().collect(),
                gap_count: entry.gaps.len() as u64,
                gap_bytes: entry.gaps.iter().map(|gap| gap.len).fold(0, u64::saturating_add),
                gone_at_bytes: entry.gone_at_bytes(),
                changed: entry.changed_while_reading.clone(),
            });
        }
    }

    pub(super) fn merge(&mut self, other: Self) {
        let room = RECORDED_COUNT_MAX.saturating_sub(self.entries.len());
        let fits = other.entries.into_iter().take(room).filter(|entry| self.room.take(entry.path.as_bytes().len()));
        self.entries.extend(fits);
        self.entry_count += other.entry_count;
    }
}
