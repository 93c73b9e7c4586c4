//! The reading side: entries become units, units fill frames (SPEC.md CUT-1 to CUT-7).

use std::sync::Arc;

use super::frame::{Finished, LargePiece, Part, PlainFrame, SegmentStart};
use super::pool::{Buffer, Pool};
use crate::format::cuts::{Cut, Cutter, Limits, Unit};
use crate::format::entry::{Entry, Gap};
use crate::format::path::EntryPath;
use crate::format::tar;
use crate::format::time::Instant;
use crate::read::{Content, Found, Patience, Watch, fill, keep_true};

/// Sealing was stopped, by the user or by an error that another stage reports.
#[derive(Debug, PartialEq, Eq)]
pub struct Stopped;

/// Where finished frames go. May wait until there is room.
pub trait FrameSink {
    /// Passes a frame on.
    fn send(&mut self, frame: PlainFrame) -> Result<(), Stopped>;

    /// Told after every piece of content that was read, with its length in bytes; may stop the work.
    fn read(&mut self, len_bytes: u64) -> Result<(), Stopped>;

    /// Told that the medium of an entry has gone while it was read, and from which byte on nothing was had; may stop the work.
    fn gone(&mut self, _path: &EntryPath, _offset_bytes: u64) -> Result<(), Stopped> {
        Ok(())
    }

    /// Told how many bytes of a region that is being read around were not had so far; 0 when that is over.
    fn failing(&self, _len_bytes: u64) {}

    /// What time it is, for what cannot be read; none if times are not to be recorded.
    fn now(&self) -> Option<Instant> {
        None
    }

    /// Whether [`read`](Self::read) would stop the work now.
    fn is_stopped(&self) -> bool;
}

/// Fills frames from the sources. Reading goes straight into the frame that will be hashed and compressed.
pub struct Packer<S> {
    sink: S,
    pool: Pool,
    limits: Limits,
    patience: Patience,
    cutter: Cutter,
    frame_bytes: Buffer,
    frame_parts: Vec<Part>,
    frame_count: u64,
    segment: Arc<SegmentStart>,
    segment_has_frames: bool,
    entry_count: u64,
    tar_len: u64,
    /// The part of the next entry that was packed before, as it was known then.
    open: Option<Box<Entry>>,
}

impl<S: FrameSink> Packer<S> {
    /// At the start of a bundle.
    pub fn new(sink: S, pool: Pool, limits: Limits, patience: Patience) -> Self {
        Self {
            frame_bytes: pool.take(),
            frame_parts: Vec::new(),
            frame_count: 0,
            cutter: Cutter::new(limits),
            segment: Arc::default(),
            segment_has_frames: false,
            entry_count: 0,
            tar_len: 0,
            open: None,
            sink,
            pool,
            limits,
            patience,
        }
    }

    /// Goes on at the start of a segment: the next entry to be added is that which the segment begins with.
    pub fn resume(&mut self, start: SegmentStart) {
        self.entry_count = start.first_entry;
        self.tar_len = start.tar_offset;
        self.open.clone_from(&start.open);
        self.segment = Arc::new(start);
    }

    /// Where the frames go.
    pub fn sink(&self) -> &S {
        &self.sink
    }

    /// Where the frames go.
    pub fn sink_mut(&mut self) -> &mut S {
        &mut self.sink
    }

    /// Packs the next entry.
    pub fn add(&mut self, found: Found) -> Result<(), Stopped> {
        let Found { entry, content } = found;
        let n = self.entry_count;
        if let Some(open) = self.open.take() {
            self.go_on(*open, content)?;
        } else if !entry.has_tar_record() {
            let cut = self.cutter.entry_without_record();
            self.make_room(cut, n, 0, None)?;
            let finished = Finished { n, entry, xattrs_not_in_tar: false };
            self.frame_parts.push(Part::Whole(Box::new(finished), 0..0));
        } else {
            let headers = tar::headers(&entry);
            let unit = Unit::first_of(&entry, headers.bytes.len() as u64, self.limits);
            self.place(unit, n, 0)?;
            self.append(&headers.bytes);
            let finished = Finished { n, entry, xattrs_not_in_tar: headers.xattrs_left_out };
            match (unit, content) {
                (Unit::LargeHeaders { .. }, Some(content)) => {
                    self.add_large(finished, content, headers.bytes.len() as u64, 0)?;
                }
                (_, content) => self.add_whole(finished, content)?,
            }
        }
        self.entry_count += 1;
        Ok(())
    }

    /// The rest of a large file of which a part was packed before.
    fn go_on(&mut self, entry: Entry, content: Option<Box<dyn Content>>) -> Result<(), Stopped> {
        let headers = tar::headers(&entry);
        let headers_len = headers.bytes.len() as u64;
        let offset = self.segment.first_entry_skip.checked_sub(headers_len);
        // Whoever resumes has compared the entry with what is there now, so that it has content and such headers.
        let (Some(content), Some(offset)) = (content, offset) else { return Err(Stopped) };
        let finished = Finished { n: self.entry_count, entry, xattrs_not_in_tar: headers.xattrs_left_out };
        self.add_large(finished, content, headers_len, offset)
    }

    /// Ends the tar and passes on what is left. Returns the sink.
    pub fn finish(mut self) -> Result<S, Stopped> {
        self.place(Unit::EndMarker { len: tar::END_MARKER_LEN }, self.entry_count, 0)?;
        self.append(&[0; tar::END_MARKER_LEN as usize]);
        self.flush_frame()?;
        Ok(self.sink)
    }

    fn add_whole(&mut self, mut finished: Finished, content: Option<Box<dyn Content>>) -> Result<(), Stopped> {
        let mut range = 0..0;
        if let Some(mut content) = content {
            let len = finished.entry.tar_content_len();
            range = self.read_content(&mut finished.entry, content.as_mut(), 0, len)?;
            finished.entry.changed_while_reading = content.changed();
        }
        self.cutter.line();
        self.frame_parts.push(Part::Whole(Box::new(finished), range));
        Ok(())
    }

    fn add_large(
        &mut self,
        mut finished: Finished,
        mut content: Box<dyn Content>,
        headers_len: u64,
        mut offset: u64,
    ) -> Result<(), Stopped> {
        let content_len = finished.entry.tar_content_len();
        let n = finished.n;
        let path = finished.entry.path.clone();
        while offset < content_len {
            let len = (content_len - offset).min(self.limits.frame());
            let is_last = offset + len == content_len;
            let padding = if is_last { tar::padding_len(content_len) as u64 } else { 0 };
            let cut = self.cutter.unit(Unit::LargePiece { len: len + padding });
            let open = (cut == Cut::Segment).then(|| Box::new(finished.entry.clone()));
            self.make_room(cut, n, headers_len + offset, open)?;
            let range = self.read_content(&mut finished.entry, content.as_mut(), offset, len)?;
            let first_chunk = offset / self.limits.chunk();
            self.frame_parts.push(Part::Piece(LargePiece {
                n,
                path: path.clone(),
                content: range,
                first_chunk,
                is_chunked: self.limits.has_chunks(content_len),
                finished: None,
            }));
            offset += len;
        }
        finished.entry.changed_while_reading = content.changed();
        self.cutter.line();
        if let Some(Part::Piece(piece)) = self.frame_parts.last_mut() {
            piece.finished = Some(Box::new(finished));
        }
        Ok(())
    }

    /// Reads a range of content to the end of the frame, with padding if the content ends there.
    fn read_content(
        &mut self,
        entry: &mut Entry,
        content: &mut dyn Content,
        offset: u64,
        len: u64,
    ) -> Result<std::ops::Range<usize>, Stopped> {
        let size = entry.tar_content_len();
        let start = self.frame_bytes.len();
        // At most a frame, so it fits any usize.
        let end = start + len as usize;
        self.frame_bytes.resize(end, 0);
        let watch = Watch {
            is_stopped: &|| self.sink.is_stopped(),
            failing: &|len| self.sink.failing(len),
            now: &|| self.sink.now(),
        };
        let buf = &mut self.frame_bytes[start..end];
        fill(content, size, offset, buf, &mut entry.gaps, self.patience, &watch);
        if let Some(gap) = entry.gaps.last().filter(|gap| gap.cause == Gap::GONE && gap.offset >= offset) {
            self.sink.gone(&entry.path, gap.offset)?;
        }
        keep_true(&mut entry.holes, offset, &self.frame_bytes[start..end]);
        self.tar_len += len;
        if offset + len == size {
            self.append(&[0; tar::BLOCK_LEN][..tar::padding_len(size)]);
        }
        self.sink.read(len)?;
        Ok(start..end)
    }

    fn append(&mut self, bytes: &[u8]) {
        self.frame_bytes.extend_from_slice(bytes);
        self.tar_len += bytes.len() as u64;
    }

    /// Makes room for a unit of entry `n`, `skip` tar bytes of which stand before it.
    fn place(&mut self, unit: Unit, n: u64, skip: u64) -> Result<(), Stopped> {
        let cut = self.cutter.unit(unit);
        self.make_room(cut, n, skip, None)
    }

    fn make_room(&mut self, cut: Cut, n: u64, skip: u64, open: Option<Box<Entry>>) -> Result<(), Stopped> {
        match cut {
            Cut::None => Ok(()),
            Cut::Frame => self.flush_frame(),
            Cut::Segment => {
                self.flush_frame()?;
                self.segment_has_frames = false;
                self.segment = Arc::new(SegmentStart {
                    number: self.segment.number + 1,
                    tar_offset: self.tar_len,
                    first_entry: n,
                    first_entry_skip: skip,
                    open,
                });
                Ok(())
            }
        }
    }

    /// Passes the current frame on, unless there is nothing in it.
    fn flush_frame(&mut self) -> Result<(), Stopped> {
        // A segment of nothing but lines still has one frame, of no content (SPEC.md CUT-7).
        let is_written = !self.frame_bytes.is_empty() || !self.segment_has_frames;
        if !is_written && self.frame_parts.is_empty() {
            return Ok(());
        }
        let frame = PlainFrame {
            sequence: self.frame_count,
            segment: Arc::clone(&self.segment),
            bytes: Arc::new(std::mem::replace(&mut self.frame_bytes, self.pool.take())),
            parts: std::mem::take(&mut self.frame_parts),
            is_written,
            chain_has_chunks: false,
        };
        self.frame_count += 1;
        self.segment_has_frames = true;
        self.sink.send(frame)
    }
}
