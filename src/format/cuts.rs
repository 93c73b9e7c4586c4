//! Where frames and segments end: a state machine over units, fed by sealer and verifier alike (SPEC.md section 3).

use super::entry::Entry;
use crate::limits::FRAME_EXCESS_MAX;

/// Most chunks in a segment.
const CHUNKS_PER_SEGMENT_MAX: u64 = 65_536;

/// The four numbers that decide the cuts. Made only by [`Limits::new`], so that they are always sound.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Limits {
    chunk: u64,
    frame: u64,
    segment: u64,
    entries: u64,
}

impl Limits {
    /// The default: 256 KiB chunks, 4 MiB frames, 256 MiB segments of at most 65,536 entries.
    pub const DEFAULT: Self = Self { chunk: 1 << 18, frame: 1 << 22, segment: 1 << 28, entries: 1 << 16 };

    /// Checks SPEC.md STM-2. Lengths in bytes.
    pub fn new(chunk: u64, frame: u64, segment: u64, entries: u64) -> Option<Self> {
        let sound = [chunk, frame, segment].iter().all(|n| n.is_power_of_two())
            && (512..=Self::DEFAULT.chunk).contains(&chunk)
            && (chunk..=Self::DEFAULT.frame).contains(&frame)
            && (frame..=Self::DEFAULT.segment).contains(&segment)
            // More chunks than this in a segment would not fit an index part.
            && segment / chunk <= CHUNKS_PER_SEGMENT_MAX
            && (1..=Self::DEFAULT.entries).contains(&entries);
        sound.then_some(Self { chunk, frame, segment, entries })
    }

    /// Bytes of content in a chunk.
    pub fn chunk(self) -> u64 {
        self.chunk
    }

    /// Plain bytes in a frame.
    pub fn frame(self) -> u64 {
        self.frame
    }

    /// [`Self::chunk`] as a length in memory.
    pub fn chunk_len(self) -> usize {
        // At most 256 KiB, so it fits any usize.
        self.chunk as usize
    }

    /// [`Self::frame`] as a length in memory.
    pub fn frame_len(self) -> usize {
        // At most 4 MiB, so it fits any usize.
        self.frame as usize
    }

    /// Tar bytes in a segment.
    pub fn segment(self) -> u64 {
        self.segment
    }

    /// Lines in a segment.
    pub fn entries(self) -> u64 {
        self.entries
    }

    /// Most plain bytes of one frame: what a lone unit may pass the frame limit by are its headers.
    pub fn plain_len_max(self) -> u64 {
        self.frame + FRAME_EXCESS_MAX
    }

    /// Whether frames of these plain lengths can come from these cuts, as far as their number and sizes tell: of two
    /// frames in a row, the end marker's aside, the second began because it would not have fitted the first (SPEC.md
    /// IDX-5).
    pub fn allow_frames(self, plain_lens: impl ExactSizeIterator<Item = u64>) -> bool {
        let count = plain_lens.len() as u64;
        let (mut total, mut each_sound) = (0u64, true);
        for len in plain_lens {
            each_sound &= (len > 0 || count == 1) && len <= self.plain_len_max();
            total = total.saturating_add(len);
        }
        each_sound
            && (1..=2 * (self.segment / self.frame) + 2).contains(&count)
            && total <= self.segment.max(self.plain_len_max())
    }

    /// Longest index part of a segment, in bytes: each chunk of it costs at most so much in the tables, and what does
    /// not depend on the number of chunks has a mebibyte (SPEC.md section 16).
    pub fn index_len_max(self) -> u64 {
        (1 << 20) + 512 * (self.segment / self.chunk)
    }

    /// Whether content of this length has a chunk tree.
    pub fn has_chunks(self, content_len: u64) -> bool {
        content_len > self.chunk
    }

    /// Whether content of this length is cut into units of its own (SPEC.md CUT-2).
    pub fn is_large(self, content_len: u64) -> bool {
        content_len >= self.frame
    }
}

/// One indivisible run of tar bytes. Lengths in bytes.
#[expect(missing_docs, reason = "`len` is that of the unit, `content_len` that of the whole content")]
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Unit {
    /// A whole record (CUT-1).
    Whole { len: u64 },
    /// The headers of a large file (CUT-2).
    LargeHeaders { len: u64, content_len: u64 },
    /// A piece of a large file's content, with padding if it is the last.
    LargePiece { len: u64 },
    /// The end marker (CUT-3).
    EndMarker { len: u64 },
}

impl Unit {
    /// Its length in bytes.
    #[expect(clippy::len_without_is_empty, reason = "no unit is empty")]
    pub fn len(self) -> u64 {
        match self {
            Self::Whole { len }
            | Self::LargeHeaders { len, .. }
            | Self::LargePiece { len }
            | Self::EndMarker { len } => len,
        }
    }

    fn starts_entry(self) -> bool {
        matches!(self, Self::Whole { .. } | Self::LargeHeaders { .. })
    }

    /// The first unit of an entry that has a tar record.
    pub fn first_of(entry: &Entry, headers_len: u64, limits: Limits) -> Self {
        let content_len = entry.tar_content_len();
        if limits.is_large(content_len) {
            Self::LargeHeaders { len: headers_len, content_len }
        } else {
            Self::Whole { len: headers_len + content_len + super::tar::padding_len(content_len) as u64 }
        }
    }
}

/// What ends before a unit or line.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Cut {
    /// Nothing: it joins the current frame.
    None,
    /// The current frame.
    Frame,
    /// The current segment, and its frame with it.
    Segment,
}

/// The cut rules' memory: how full the current frame and segment are.
#[derive(Clone, Debug)]
pub struct Cutter {
    limits: Limits,
    frame_len: u64,
    segment_len: u64,
    line_count: u64,
}

impl Cutter {
    /// At the start of a segment.
    pub fn new(limits: Limits) -> Self {
        Self { limits, frame_len: 0, segment_len: 0, line_count: 0 }
    }

    /// Places the next unit and says what ended before it (SPEC.md CUT-4, CUT-5).
    pub fn unit(&mut self, unit: Unit) -> Cut {
        let cut = if self.unit_ends_segment(unit) {
            Cut::Segment
        } else if self.unit_ends_frame(unit) {
            Cut::Frame
        } else {
            Cut::None
        };
        match cut {
            Cut::Segment => *self = Self::new(self.limits),
            Cut::Frame => self.frame_len = 0,
            Cut::None => {}
        }
        self.frame_len += unit.len();
        self.segment_len += unit.len();
        cut
    }

    /// Places an entry without a tar record: its segment, and whether the current one ended before it.
    pub fn entry_without_record(&mut self) -> Cut {
        let cut = if self.line_count >= self.limits.entries { Cut::Segment } else { Cut::None };
        if cut == Cut::Segment {
            *self = Self::new(self.limits);
        }
        self.line();
        cut
    }

    /// Counts the line of an entry whose last unit was placed.
    pub fn line(&mut self) {
        self.line_count += 1;
    }

    fn unit_ends_segment(&self, unit: Unit) -> bool {
        let opened = self.segment_len > 0 || self.line_count > 0;
        let too_long = self.segment_len + unit.len() > self.limits.segment;
        let too_many = unit.starts_entry() && self.line_count >= self.limits.entries;
        let huge = matches!(unit, Unit::LargeHeaders { content_len, .. } if content_len >= self.limits.segment);
        opened && (too_long || too_many || huge)
    }

    fn unit_ends_frame(&self, unit: Unit) -> bool {
        let opened = self.frame_len > 0;
        let too_long = self.frame_len + unit.len() > self.limits.frame;
        opened && (too_long || matches!(unit, Unit::EndMarker { .. }))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn small() -> Cutter {
        Cutter::new(Limits::new(512, 1024, 4096, 2).unwrap())
    }

    #[test]
    fn a_frame_ends_before_the_unit_that_would_pass_it() {
        let mut cuts = small();
        assert_eq!(cuts.unit(Unit::Whole { len: 512 }), Cut::None);
        assert_eq!(cuts.unit(Unit::Whole { len: 512 }), Cut::None);
        assert_eq!(cuts.unit(Unit::Whole { len: 512 }), Cut::Frame);
        assert_eq!(cuts.unit(Unit::EndMarker { len: 1024 }), Cut::Frame);
    }

    #[test]
    fn a_segment_ends_before_the_line_or_byte_that_would_pass_it() {
        let mut cuts = small();
        for _ in 0..2 {
            assert_eq!(cuts.unit(Unit::Whole { len: 512 }), Cut::None);
            cuts.line();
        }
        assert_eq!(cuts.unit(Unit::Whole { len: 512 }), Cut::Segment);
        cuts.line();
        assert_eq!(cuts.entry_without_record(), Cut::None);
        assert_eq!(cuts.entry_without_record(), Cut::Segment);
        assert_eq!(cuts.unit(Unit::LargeHeaders { len: 512, content_len: 4096 }), Cut::Segment);
        for _ in 0..3 {
            assert_eq!(cuts.unit(Unit::LargePiece { len: 1024 }), Cut::Frame);
        }
        assert_eq!(cuts.unit(Unit::LargePiece { len: 1024 }), Cut::Segment);
        assert_eq!(cuts.unit(Unit::EndMarker { len: 1024 }), Cut::Frame);
    }

    #[test]
    fn an_empty_segment_never_ends() {
        let mut cuts = small();
        assert_eq!(cuts.unit(Unit::LargeHeaders { len: 5120, content_len: 4096 }), Cut::None);
    }

    #[test]
    fn a_frame_table_that_no_cuts_give_is_refused() {
        let limits = Limits::new(512, 1024, 4096, 2).unwrap();
        let allow = |lens: &[u64]| limits.allow_frames(lens.iter().copied());
        assert!(allow(&[0]));
        assert!(allow(&[512, 1024, 512, 1024, 512, 1024 - 512]));
        assert!(allow(&[limits.plain_len_max()]));
        assert!(!allow(&[]));
        assert!(!allow(&[512, 0]));
        assert!(!allow(&[limits.plain_len_max() + 1]));
        assert!(!allow(&[limits.plain_len_max(), 512]));
        assert!(!allow(&[1; 11]));
    }

    #[test]
    fn no_limits_allow_a_longer_index_part_than_a_decoder() {
        let most_chunks = Limits::new(512, 512, 512 * CHUNKS_PER_SEGMENT_MAX, 1).unwrap();
        assert_eq!(most_chunks.index_len_max(), crate::limits::INDEX_LEN_MAX as u64);
        assert!(Limits::DEFAULT.index_len_max() < most_chunks.index_len_max());
    }

    #[test]
    fn limits_outside_the_table_are_refused() {
        assert!(Limits::new(256, 1024, 4096, 2).is_none());
        assert!(Limits::new(512, 768, 4096, 2).is_none());
        assert!(Limits::new(1024, 512, 4096, 2).is_none());
        assert!(Limits::new(512, 1024, 1 << 29, 2).is_none());
        assert!(Limits::new(512, 1024, 1 << 26, 2).is_none());
        assert!(Limits::new(512, 1024, 4096, 0).is_none());
    }
}
