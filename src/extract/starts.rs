//! Where in the tar the content of each entry begins. Index parts are read only when an entry is wanted.

use super::outcome::{Lost, Reason};
use crate::format::line::Line;
use crate::format::tar;
use crate::verify::proven::Proven;

/// Follows the records of the lines in one manifest part after the other.
pub struct Starts<'a> {
    proven: &'a Proven<'a>,
    segment: u64,
    /// Number of the first line in this part.
    first: Option<u64>,
    /// Number and tar offset of the line that comes next, from the record of the first line on; `None` once a line does
    /// not follow.
    next: Option<(u64, u64)>,
    /// Tar offset of the first line's record, once it was asked for; or why it is not known.
    base: Option<Result<u64, Reason>>,
}

impl<'a> Starts<'a> {
    /// Before the first part.
    pub fn new(proven: &'a Proven<'a>) -> Self {
        Self { proven, segment: 0, first: None, next: None, base: None }
    }

    /// Goes on to a part.
    pub fn begin(&mut self, segment: u64) {
        *self = Self { segment, ..Self::new(self.proven) };
    }

    /// The part at hand.
    pub fn segment(&self) -> u64 {
        self.segment
    }

    /// Passes a line. Gives the offset of its record from that of the first line in the part, if it can be told.
    pub fn pass(&mut self, line: &Line) -> Option<u64> {
        if self.first.is_none() {
            self.first = Some(line.n);
            self.next = Some((line.n, 0));
        }
        let (_, offset) = self.next.take().filter(|(n, _)| *n == line.n)?;
        self.next = line.n.checked_add(1).zip(offset.checked_add(record_len(line)?));
        Some(offset)
    }

    /// Tar offset of a line's content, from what [`Self::pass`] gave.
    pub fn content_offset(&mut self, line: &Line, from_first: Option<u64>) -> Result<u64, Lost> {
        let base = match self.base {
            Some(base) => base,
            None => *self.base.insert(self.first_record()),
        };
        let headers_len = tar::headers(&line.entry).bytes.len() as u64;
        let offset = from_first.and_then(|offset| base.ok()?.checked_add(offset)?.checked_add(headers_len));
        offset.ok_or_else(|| base.err().unwrap_or(Reason::Damaged).lost())
    }

    /// Where the record of the first line begins in the tar.
    fn first_record(&self) -> Result<u64, Reason> {
        let index = self.proven.index(self.segment).map_err(|error| Reason::of(&error))?;
        let offset = index.tar_offset.checked_sub(index.first_entry_skip);
        offset.filter(|_| self.first == Some(index.first_entry)).ok_or(Reason::Damaged)
    }
}

/// Length of an entry's record in the tar, in bytes.
fn record_len(line: &Line) -> Option<u64> {
    if !line.entry.has_tar_record() {
        return Some(0);
    }
    let (headers, content) = (tar::headers(&line.entry).bytes.len() as u64, line.entry.tar_content_len());
    headers.checked_add(content)?.checked_add(tar::padding_len(content) as u64)
}
