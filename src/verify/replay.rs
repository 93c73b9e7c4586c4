//! Step V-9: the tar of one segment against the lines, byte by byte.

use super::batch::{Batch, OneDigest};
use super::check::{Check, Ledger};
use super::content::ContentCheck;
use super::context::Context;
use super::damage::DamageMap;
use super::index_files::IndexFiles;
use super::members::Cancelled;
use super::payload::{Piece, Tar};
use super::record::{CutCheck, Next, Record, Zone};
use super::rules;
use super::spans::SpanPart;
use crate::format::cuts::Unit;
use crate::format::digest::Digest;
use crate::format::line::Line;
use crate::format::tar::END_MARKER_LEN;
use crate::hash::LaneHasher;

/// Where an entry's record has to end.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Ends {
    /// In this segment: its line stands here.
    Here,
    /// In a later one.
    Later,
}

/// What the tar of a segment came to.
#[derive(Default)]
pub(super) struct Replayed {
    /// Parts of files that span segments: one that came from before, one that goes on.
    pub parts: Vec<SpanPart>,
    /// The first file of several chunks that lies here as a whole, before any part of one that does not.
    pub first_whole: Option<u64>,
    /// What is damaged or missing.
    pub damage: DamageMap,
    /// Tar bytes that are proven to be what they must be.
    pub proven_bytes: u64,
    /// The entry that goes on in the next segment, and its tar bytes up to here.
    pub open: Option<(u64, u64)>,
}

/// Goes through the tar of a segment, entry by entry.
pub(super) struct Replay<'a> {
    context: &'a Context<'a>,
    member: String,
    tar: Tar<'a>,
    cuts: Option<CutCheck<'a>>,
    files: IndexFiles<'a>,
    batch: Batch,
    lanes: LaneHasher,
    done: Replayed,
    /// The tar ended before the lines did: said once.
    is_short: bool,
}

impl<'a> Replay<'a> {
    /// `cuts` and `files` come from the index part; without it there are none.
    pub fn new(
        context: &'a Context<'a>,
        member: String,
        tar: Tar<'a>,
        cuts: Option<CutCheck<'a>>,
        files: IndexFiles<'a>,
    ) -> Self {
        let (batch, lanes) = (Batch::default(), context.lanes());
        Self { context, member, tar, cuts, files, batch, lanes, done: Replayed::default(), is_short: false }
    }

    /// Whether the segment's tar ends here.
    pub fn at_end(&mut self, ledger: &mut Ledger) -> Result<bool, Cancelled> {
        self.before_next_frame(ledger);
        self.tar.at_end()
    }

    /// Hashes what waits for it, if the frame that it lies in is about to be exchanged for the next.
    fn before_next_frame(&mut self, ledger: &mut Ledger) {
        let (plain, used) = self.tar.frame();
        if used == plain.len() {
            self.settle(ledger);
        }
    }

    /// Hashes what waits for it.
    fn settle(&mut self, ledger: &mut Ledger) {
        let (plain, damage) = (self.tar.frame().0, &mut self.done.damage);
        let proven = self.batch.settle(plain, &mut self.lanes, ledger, |entry| damage.add_entry(entry));
        self.done.proven_bytes += proven;
    }

    /// Tar bytes up to here of the entry that goes on in the next segment; 0 if none does.
    pub fn open_offset(&self) -> u64 {
        self.done.open.map_or(0, |(_, offset)| offset)
    }

    /// Compares an entry, of which `from` tar bytes lie in earlier segments; `false` if no unit of it begins there, so
    /// that nothing is known of what follows.
    pub fn entry(
        &mut self,
        line: &Line,
        leaf: Digest,
        from: u64,
        ends: Ends,
        ledger: &mut Ledger,
    ) -> Result<bool, Cancelled> {
        let path = line.entry.path.as_bytes();
        let misplaced = |offset: u64| {
            let check = Check::failed(&rules::INDEX_PLACE, path).actual(offset);
            check.note("no unit of the entry begins after so many of its tar bytes")
        };
        if !line.entry.has_tar_record() {
            if let Some(cuts) = &mut self.cuts {
                cuts.entry_without_record(ledger);
            }
            if from > 0 {
                ledger.add(misplaced(from));
            }
            return Ok(from == 0);
        }
        let record = Record::of(&line.entry, self.context.limits);
        if record.unit_at(from).is_none() {
            ledger.add(misplaced(from));
            return Ok(false);
        }
        if record.xattrs_left_out != line.xattrs_not_in_tar {
            ledger.add(Check::failed(&rules::LINE_FORM, path).note("`xattrs_not_in_tar` says otherwise than TAR-6"));
        }
        let mut state =
            EntryState { record: &record, line, leaf, content: None, ends, headers_hold: true, padding_holds: true };
        let mut offset = from;
        while offset < record.len() && !(ends == Ends::Later && self.at_end(ledger)?) {
            let Some(unit) = record.unit_at(offset) else { break };
            if let Some(cuts) = &mut self.cuts {
                cuts.unit(unit, ledger);
            }
            // Once there is no more tar, the rest is passed over at once: a line may claim any length.
            let end = if self.is_short { record.len() } else { offset.saturating_add(unit.len()) };
            self.stretch(&mut state, offset, end, ledger)?;
            offset = end;
        }
        self.end_entry(state, offset, from, ends, ledger);
        Ok(true)
    }

    fn end_entry(&mut self, state: EntryState<'_>, offset: u64, from: u64, ends: Ends, ledger: &mut Ledger) {
        let (record, path) = (state.record, state.line.entry.path.as_bytes());
        if from == 0 && state.headers_hold {
            ledger.pass(&rules::TAR_HEADERS);
        }
        if let Some(content) = state.content {
            let end = content.finish(ledger);
            self.done.proven_bytes += end.proven_bytes;
            if end.part.is_none() && state.line.chunks_root.is_some() && self.done.parts.is_empty() {
                self.done.first_whole.get_or_insert(state.line.n);
            }
            self.done.parts.extend(end.part);
            // What is not part of a span is judged where its line stands.
            if let Some(damage) = end.damage.filter(|_| ends == Ends::Here) {
                // In their order.
                self.settle(ledger);
                self.done.damage.add_entry(damage);
            }
        } else if state.line.entry.holds_content() && record.content_len == 0 {
            // No bytes came along, but there is a digest of none.
            let chunk = self.context.limits.chunk();
            ContentCheck::new(state.line, state.leaf, 0, chunk, Ok(None), ledger).finish(ledger);
        }
        match ends {
            Ends::Here => {
                if let Some(cuts) = &mut self.cuts {
                    cuts.line();
                }
            }
            Ends::Later if offset == record.len() => {
                let check = Check::failed(&rules::TAR_EXTENT, path);
                ledger.add(check.note("the entry ends here, and its line stands in a later segment (CUT-6)"));
            }
            Ends::Later => self.done.open = Some((state.line.n, offset)),
        }
    }

    /// Compares the bytes of a record from one offset to another.
    fn stretch<'l>(
        &mut self,
        state: &mut EntryState<'l>,
        start: u64,
        end: u64,
        ledger: &mut Ledger,
    ) -> Result<(), Cancelled>
    where
        'a: 'l,
    {
        let mut at = start;
        while at < end {
            let (zone, zone_end) = state.record.zone_at(at);
            if zone == Zone::Content && state.content.is_none() {
                let content_start = at - state.record.headers_len();
                let table = self.files.take(state.line, ledger);
                let chunk = self.context.limits.chunk();
                let content = ContentCheck::new(state.line, state.leaf, content_start, chunk, table, ledger);
                state.content = Some(content);
            }
            self.before_next_frame(ledger);
            let (len, damage) = match self.tar.advance(zone_end.min(end) - at)? {
                Piece::Bytes(bytes) => {
                    let len = bytes.len();
                    let (proven, one_digest) = state.compare(zone, at, bytes, &mut self.lanes, ledger);
                    self.done.proven_bytes += proven;
                    if let Some(one_digest) = one_digest.filter(|_| state.ends == Ends::Here) {
                        let used = self.tar.frame().1;
                        self.batch.add(used.saturating_sub(len)..used, one_digest);
                    }
                    (len as u64, None)
                }
                Piece::Missing { len, damage } => (len, Some(damage)),
                Piece::End => {
                    if !self.is_short {
                        let check = Check::failed(&rules::TAR_EXTENT, &self.member);
                        ledger.add(check.note("the tar ends before the lines do"));
                    }
                    self.is_short = true;
                    (zone_end.min(end) - at, None)
                }
            };
            if damage.is_some() || self.is_short {
                let content = state.miss(zone, len, ledger);
                if let Some(range) = damage.and_then(|damage| self.tar.damage().get_mut(damage)) {
                    range.overlap(state.line.n, &state.line.entry.path, content);
                }
            }
            at += len;
        }
        Ok(())
    }

    /// Compares the end marker.
    pub fn end_marker(&mut self, ledger: &mut Ledger) -> Result<(), Cancelled> {
        if let Some(cuts) = &mut self.cuts {
            cuts.unit(Unit::EndMarker { len: END_MARKER_LEN }, ledger);
        }
        let (mut left, mut is_zero, mut is_there) = (END_MARKER_LEN, true, true);
        while left > 0 {
            self.before_next_frame(ledger);
            match self.tar.advance(left)? {
                Piece::Bytes(bytes) => {
                    is_zero &= bytes.iter().all(|&b| b == 0);
                    left -= bytes.len() as u64;
                    self.done.proven_bytes += bytes.len() as u64;
                }
                Piece::Missing { len, .. } => {
                    is_there = false;
                    left -= len;
                }
                Piece::End => {
                    is_zero = false;
                    left = 0;
                }
            }
        }
        if is_zero && !is_there {
            ledger.add(Check::cannot_tell(&rules::TAR_END, &self.member).note("it is not there"));
            return Ok(());
        }
        ledger.require(is_zero, &rules::TAR_END, || Check::failed(&rules::TAR_END, &self.member));
        Ok(())
    }

    /// Ends the segment. `known` says that every entry in it was gone through.
    pub fn finish(mut self, known: bool, next: &Next, ledger: &mut Ledger) -> Result<Replayed, Cancelled> {
        if known {
            let at_end = self.at_end(ledger)?;
            ledger.require(at_end && !self.is_short, &rules::TAR_EXTENT, || {
                Check::failed(&rules::TAR_EXTENT, &self.member).note("the tar does not end where the lines do")
            });
            if let Some(cuts) = self.cuts.take() {
                cuts.finish(next, ledger);
            }
            std::mem::take(&mut self.files).finish(ledger);
        } else {
            let check = Check::cannot_tell(&rules::TAR_EXTENT, &self.member);
            ledger.add(check.note("not every line of the segment is known"));
        }
        self.settle(ledger);
        for range in self.tar.finish(ledger)? {
            self.done.damage.add_range(range);
        }
        Ok(self.done)
    }
}

/// What is known of the entry that is being compared.
struct EntryState<'l> {
    record: &'l Record,
    line: &'l Line,
    leaf: Digest,
    content: Option<ContentCheck<'l>>,
    ends: Ends,
    headers_hold: bool,
    padding_holds: bool,
}

impl EntryState<'_> {
    /// Compares bytes at an offset of the record. Gives how many of them are thereby proven, and for content that is to be
    /// hashed with others what to compare it with.
    fn compare(
        &mut self,
        zone: Zone,
        at: u64,
        bytes: &[u8],
        lanes: &mut LaneHasher,
        ledger: &mut Ledger,
    ) -> (u64, Option<OneDigest>) {
        let path = self.line.entry.path.as_bytes();
        let holds = match zone {
            Zone::Content => {
                let content = self.content.as_mut();
                return (0, content.and_then(|content| content.bytes(bytes, lanes, ledger)));
            }
            Zone::Headers => {
                let expected = usize::try_from(at).ok().and_then(|at| self.record.headers.get(at..));
                let holds = expected.is_some_and(|expected| expected.starts_with(bytes));
                if !holds && self.headers_hold {
                    ledger.add(Check::failed(&rules::TAR_HEADERS, path));
                }
                self.headers_hold &= holds;
                holds
            }
            Zone::Padding => {
                let holds = bytes.iter().all(|&b| b == 0);
                if !holds && self.padding_holds {
                    ledger.add(Check::failed(&rules::TAR_PADDING, path));
                }
                self.padding_holds &= holds;
                holds
            }
        };
        (if holds { bytes.len() as u64 } else { 0 }, None)
    }

    /// Passes over bytes that are not there. Gives the content that is lost with them.
    fn miss(&mut self, zone: Zone, len: u64, ledger: &mut Ledger) -> std::ops::Range<u64> {
        match (zone, &mut self.content) {
            (Zone::Content, Some(content)) => content.missing(len, ledger),
            (Zone::Headers, _) => {
                if self.headers_hold {
                    let path = self.line.entry.path.as_bytes();
                    ledger.add(Check::cannot_tell(&rules::TAR_HEADERS, path).note("not there"));
                }
                self.headers_hold = false;
                0..0
            }
            _ => 0..0,
        }
    }
}
