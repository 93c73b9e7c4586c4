//! Proven bytes of the tar: frames are compared with the frame table before they are decoded, content with its digest
//! before it is given away.

use std::ops::Range;
use std::sync::atomic::{AtomicBool, Ordering};

use super::outcome::{Lost, Reason};
use crate::format::derive::ChunkLeaves;
use crate::format::digest::Digest;
use crate::format::index::{FileChunks, IndexPart};
use crate::format::line::Line;
use crate::hash::sha256;
use crate::tree::TreeHead;
use crate::verify::proven::{Frames, PartError, Proven};

/// Reads tar content in ascending order, unless told to go back, from only those frames that hold it.
pub struct ContentReader<'a> {
    proven: &'a Proven<'a>,
    cancel: &'a AtomicBool,
    segment: Option<Segment<'a>>,
    /// Number of the segment that is opened next.
    next_segment: u64,
    /// Why the one before that could not be opened, if it could not.
    passed_over: Option<Reason>,
}

/// A segment that content was read from last.
struct Segment<'a> {
    index: IndexPart,
    frames: Frames<'a>,
    /// Where its tar ends.
    end: u64,
    /// Offsets in the tar of the frame that was come to last; empty at first.
    decoded: Range<u64>,
    /// Whether that frame was decoded: it may have been passed over, or be of no use.
    state: Result<(), Reason>,
    /// The frame after that one, and where its stored bytes begin in the member.
    next_frame: usize,
    next_stored: u64,
}

impl<'a> ContentReader<'a> {
    /// At the start of the tar.
    pub fn new(proven: &'a Proven<'a>, cancel: &'a AtomicBool) -> Self {
        Self { proven, cancel, segment: None, next_segment: 0, passed_over: None }
    }

    /// Most tar bytes of a segment, but for one that a lone entry fills.
    pub fn segment_len(&self) -> u64 {
        self.proven.limits().segment()
    }

    /// Gives the content of an entry, which begins at this offset of the tar, to `each`, in proven pieces in order.
    pub fn read(
        &mut self,
        line: &Line,
        tar_offset: u64,
        each: &mut dyn FnMut(&[u8]) -> Result<(), Lost>,
    ) -> Result<(), Lost> {
        let size = line.entry.tar_content_len();
        let chunk_len = self.proven.limits().chunk();
        let mut piece = Vec::new();
        if !self.proven.limits().has_chunks(size) {
            self.append(range(tar_offset, size)?, &mut piece)?;
            let expected = line.sha256.ok_or(Lost::Content)?;
            return if sha256(&piece) == expected { each(&piece) } else { Err(Lost::Content) };
        }
        let (mut offset, mut tree) = (0, TreeHead::default());
        while offset < size {
            if self.cancel.load(Ordering::Relaxed) {
                return Err(Lost::Interrupted);
            }
            let len = chunk_len.min(size - offset);
            piece.clear();
            self.append(range(tar_offset.checked_add(offset).ok_or(Lost::Content)?, len)?, &mut piece)?;
            let (expected, leaf) = self.chunk(line.n, offset / chunk_len).ok_or(Lost::Content)?;
            if sha256(&piece) != expected {
                return Err(Lost::Content);
            }
            tree.push(&leaf);
            each(&piece)?;
            offset += len;
        }
        // The chunks are those of the index part; whether they are those of the line shows only now.
        if Some(tree.root()) == line.chunks_root { Ok(()) } else { Err(Lost::Content) }
    }

    /// Digest of a chunk by the index part of the segment that was read from last, and its leaf in the line's tree.
    fn chunk(&self, n: u64, chunk: u64) -> Option<(Digest, [u8; 48])> {
        let files = &self.segment.as_ref()?.index.files;
        let holds = |file: &&FileChunks| file.entry == n && file.first_chunk <= chunk;
        let file = files.iter().find(holds)?;
        let digest = file.digest(usize::try_from(chunk - file.first_chunk).ok()?)?;
        Some((digest, ChunkLeaves::new(file.blind()).leaf(chunk, digest)))
    }

    /// Goes to a segment, if this offset of the tar lies before what was read last, or far behind it. `number` is that
    /// of a segment that does not begin after it.
    pub fn go_near(&mut self, tar_offset: u64, number: u64) {
        let lies_before = self.segment.as_ref().is_some_and(|segment| tar_offset < segment.decoded.start);
        if lies_before || self.next_segment < number || (self.segment.is_none() && self.next_segment > number) {
            (self.segment, self.next_segment, self.passed_over) = (None, number, None);
        }
    }

    /// Appends a range of the tar.
    fn append(&mut self, range: Range<u64>, out: &mut Vec<u8>) -> Result<(), Lost> {
        let mut at = range.start;
        while at < range.end {
            let segment = self.segment_at(at)?;
            segment.frame_at(at)?;
            let Range { start, end } = segment.decoded;
            let index = |offset: u64| usize::try_from(offset - start).map_err(|_| Lost::Content);
            let wanted = index(at)?..index(range.end.min(end))?;
            let bytes = segment.frames.plain().get(wanted).ok_or(Lost::Content)?;
            out.extend_from_slice(bytes);
            at += bytes.len() as u64;
        }
        Ok(())
    }

    /// The segment that holds this offset of the tar. One that cannot be read is passed over, and is not tried again.
    fn segment_at(&mut self, at: u64) -> Result<&mut Segment<'a>, Lost> {
        while self.segment.as_ref().is_none_or(|segment| !segment.holds(at)) {
            let begins_later = |segment: &Segment<'_>| segment.index.tar_offset > at;
            if self.segment.as_ref().is_some_and(begins_later) || self.next_segment == self.proven.segment_count() {
                return Err(self.passed_over.unwrap_or(Reason::Damaged).lost());
            }
            let number = self.next_segment;
            self.next_segment += 1;
            match self.open_segment(number) {
                Ok(segment) => {
                    // Only what lies before this one can have held it.
                    self.passed_over = self.passed_over.filter(|_| segment.index.tar_offset > at);
                    self.segment = Some(segment);
                }
                Err(error) => self.passed_over = Some(Reason::of(&error)),
            }
        }
        self.segment.as_mut().ok_or(Lost::Content)
    }

    fn open_segment(&self, number: u64) -> Result<Segment<'a>, PartError> {
        let index = self.proven.index(number)?;
        let frames = self.proven.frames(number)?;
        let decoded = index.tar_offset..index.tar_offset;
        let end = decoded.end.saturating_add(index.plain_lens().sum());
        Ok(Segment { index, frames, end, decoded, state: Err(Reason::Damaged), next_frame: 0, next_stored: 0 })
    }
}

impl Segment<'_> {
    fn holds(&self, at: u64) -> bool {
        (self.index.tar_offset..self.end).contains(&at)
    }

    /// Decodes the frame that holds this offset of the tar. Frames before it are passed over unread.
    fn frame_at(&mut self, at: u64) -> Result<(), Lost> {
        while at >= self.decoded.end {
            let frame = self.index.frames.get(self.next_frame).ok_or(Lost::Content)?;
            let end = self.decoded.end.checked_add(u64::from(frame.plain_len)).ok_or(Lost::Content)?;
            let stored = self.next_stored;
            self.decoded = self.decoded.end..end;
            self.state = Err(Reason::Damaged);
            self.next_frame += 1;
            self.next_stored = stored.checked_add(u64::from(frame.stored_len)).ok_or(Lost::Content)?;
            if at < end {
                self.state = self.frames.decode(frame, stored).map_err(|error| Reason::of(&error));
            }
        }
        self.state.map_err(Reason::lost)?;
        if at >= self.decoded.start { Ok(()) } else { Err(Lost::Content) }
    }
}

/// A range of the tar, as a signer says it.
fn range(start: u64, len: u64) -> Result<Range<u64>, Lost> {
    start.checked_add(len).map(|end| start..end).ok_or(Lost::Content)
}
