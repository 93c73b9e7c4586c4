//! The tar record of one entry, regenerated from its line, and the units it is made of (SPEC.md sections 3, 4).

use super::check::{Check, Ledger};
use super::rules;
use crate::format::cuts::{Cut, Cutter, Limits, Unit};
use crate::format::entry::Entry;
use crate::format::index::Frame;
use crate::format::tar;

/// What an entry's record is made of, in this order.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Zone {
    Headers,
    Content,
    Padding,
}

/// A record without its content.
pub(super) struct Record {
    pub headers: Vec<u8>,
    pub xattrs_left_out: bool,
    pub content_len: u64,
    padding_len: u64,
    limits: Limits,
}

impl Record {
    /// The record of an entry that has one.
    pub fn of(entry: &Entry, limits: Limits) -> Self {
        let headers = tar::headers(entry);
        let content_len = entry.tar_content_len();
        let padding_len = tar::padding_len(content_len) as u64;
        Self { headers: headers.bytes, xattrs_left_out: headers.xattrs_left_out, content_len, padding_len, limits }
    }

    /// Bytes before the content.
    pub fn headers_len(&self) -> u64 {
        self.headers.len() as u64
    }

    /// Bytes in all. Content is below 2^53 bytes, so nothing here overflows.
    pub fn len(&self) -> u64 {
        self.headers_len() + self.content_len + self.padding_len
    }

    /// The unit that begins at an offset; `None` if none does.
    pub fn unit_at(&self, offset: u64) -> Option<Unit> {
        if !self.limits.is_large(self.content_len) {
            return (offset == 0).then(|| Unit::Whole { len: self.len() });
        }
        let headers_len = self.headers_len();
        if offset == 0 {
            return Some(Unit::LargeHeaders { len: headers_len, content_len: self.content_len });
        }
        let content_offset = offset.checked_sub(headers_len)?;
        let rest = self.content_len.checked_sub(content_offset).filter(|&rest| rest > 0)?;
        let frame = self.limits.frame();
        let len = if rest <= frame { rest + self.padding_len } else { frame };
        content_offset.is_multiple_of(frame).then_some(Unit::LargePiece { len })
    }

    /// The zone that an offset lies in, and where that zone ends.
    pub fn zone_at(&self, offset: u64) -> (Zone, u64) {
        let content_end = self.headers_len() + self.content_len;
        match offset {
            _ if offset < self.headers_len() => (Zone::Headers, self.headers_len()),
            _ if offset < content_end => (Zone::Content, content_end),
            _ => (Zone::Padding, self.len()),
        }
    }
}

/// What comes after a segment, as far as the cut rules need it.
pub(super) enum Next {
    /// Nothing: it is the last.
    End,
    /// The next unit of the tar.
    Unit(Unit),
    /// An entry without a tar record.
    Line,
    /// It cannot be told.
    Unknown,
}

/// Compares the frame table of a segment with the cuts that its lines imply (step V-8).
pub(super) struct CutCheck<'a> {
    cutter: Cutter,
    frames: &'a [Frame],
    /// Frame that is being filled, and bytes in it.
    frame: usize,
    filled: u64,
    index: String,
    /// Said once; what follows a wrong cut is wrong as well.
    is_wrong: bool,
}

impl<'a> CutCheck<'a> {
    pub fn new(limits: Limits, frames: &'a [Frame], index: String) -> Self {
        Self { cutter: Cutter::new(limits), frames, frame: 0, filled: 0, index, is_wrong: false }
    }

    /// Places the next unit.
    pub fn unit(&mut self, unit: Unit, ledger: &mut Ledger) {
        match self.cutter.unit(unit) {
            Cut::None => {}
            Cut::Frame => self.end_frame(ledger),
            Cut::Segment => self.wrong("the segment must have ended earlier", ledger),
        }
        self.filled = self.filled.saturating_add(unit.len());
    }

    /// Places an entry without a tar record.
    pub fn entry_without_record(&mut self, ledger: &mut Ledger) {
        if self.cutter.entry_without_record() != Cut::None {
            self.wrong("the segment must have ended earlier", ledger);
        }
    }

    /// Counts the line of an entry whose last unit was placed.
    pub fn line(&mut self) {
        self.cutter.line();
    }

    /// Compares what is left of the table, and whether the segment had to end before what comes next.
    pub fn finish(mut self, next: &Next, ledger: &mut Ledger) {
        self.end_frame(ledger);
        if self.frame != self.frames.len() {
            self.wrong("more frames than the lines imply", ledger);
        }
        let ends = match next {
            Next::End => true,
            Next::Unit(unit) => self.cutter.unit(*unit) == Cut::Segment,
            Next::Line => self.cutter.entry_without_record() == Cut::Segment,
            Next::Unknown => {
                let check = Check::cannot_tell(&rules::CUTS, &self.index);
                ledger.add(check.note("what follows the segment is lost, and with it whether it had to end"));
                return;
            }
        };
        if !ends {
            self.wrong("the segment ends too early", ledger);
        }
        if !self.is_wrong {
            ledger.pass(&rules::CUTS);
        }
    }

    fn end_frame(&mut self, ledger: &mut Ledger) {
        let stated = self.frames.get(self.frame).map(|frame| u64::from(frame.plain_len));
        if stated != Some(self.filled) && !self.is_wrong {
            self.is_wrong = true;
            let stated = stated.map_or("no frame".to_owned(), |len| format!("{len} bytes"));
            let check = Check::failed(&rules::CUTS, &self.index).expected(format!("{} bytes", self.filled));
            ledger.add(check.actual(stated).note(format!("frame {}", self.frame)));
        }
        self.frame += 1;
        self.filled = 0;
    }

    fn wrong(&mut self, why: &str, ledger: &mut Ledger) {
        if !self.is_wrong {
            self.is_wrong = true;
            ledger.add(Check::failed(&rules::CUTS, &self.index).note(why));
        }
    }
}
