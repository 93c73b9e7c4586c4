//! Units, frames and segments (section 3).

use super::tar::{content_in_tar, has_tar_record, padding_after, tar_record};
use super::{Entry, Params};

/// A part of the tar that is never cut.
#[derive(Clone, Debug, PartialEq)]
pub struct Unit {
    /// The entry's number; none for the end marker.
    pub entry: Option<usize>,
    pub bytes: Vec<u8>,
    /// Where the unit begins in the entry's tar record.
    pub skip: u64,
    /// The range of the entry's content in this unit.
    pub content_start: u64,
    pub content_len: u64,
    /// Is it the first content unit under [CUT-2]?
    pub first_content: bool,
    /// Does the entry's last tar byte lie in it?
    pub last: bool,
}

/// A range of an entry's content that lies in a segment.
#[derive(Clone, Debug, PartialEq)]
pub struct Piece {
    pub entry: usize,
    pub start: u64,
    pub len: u64,
}

#[derive(Clone, Debug, Default, PartialEq)]
pub struct Segment {
    pub tar_offset: u64,
    /// The first entry with tar bytes or a line here, and how many of its tar bytes lie in earlier
    /// segments; none if only the end marker is here.
    pub first: Option<(usize, u64)>,
    /// The plain bytes of each frame.
    pub frames: Vec<Vec<u8>>,
    /// The numbers of the entries whose lines belong here [CUT-6].
    pub lines: Vec<usize>,
    /// Ranges of content, in order; ranges of one entry that touch are one.
    pub pieces: Vec<Piece>,
}

impl Segment {
    pub fn tar_len(&self) -> u64 {
        self.frames.iter().map(|frame| frame.len() as u64).sum()
    }
}

/// [CUT-1], [CUT-2]: the units of one entry; none without a tar record.
fn units_of_entry(n: usize, entry: &Entry, frame: u64) -> Vec<Unit> {
    if !has_tar_record(entry) {
        return Vec::new();
    }
    let mut header = tar_record(entry);
    let content = content_in_tar(entry);
    let padding = padding_after(content.len());
    if (content.len() as u64) < frame {
        header.extend_from_slice(content);
        header.extend(padding);
        let content_len = content.len() as u64;
        let (content_start, first_content, last) = (0, false, true);
        return vec![Unit { entry: Some(n), bytes: header, skip: 0, content_start, content_len, first_content, last }];
    }
    let header_len = header.len() as u64;
    let mut out = vec![Unit {
        entry: Some(n),
        bytes: header,
        skip: 0,
        content_start: 0,
        content_len: 0,
        first_content: false,
        last: false,
    }];
    let mut start = 0;
    while start < content.len() as u64 {
        let end = (start + frame).min(content.len() as u64);
        let last = end == content.len() as u64;
        let mut bytes = content[start as usize..end as usize].to_vec();
        if last {
            bytes.extend_from_slice(&padding);
        }
        out.push(Unit {
            entry: Some(n),
            bytes,
            skip: header_len + start,
            content_start: start,
            content_len: end - start,
            first_content: start == 0,
            last,
        });
        start = end;
    }
    out
}

/// [CUT-3]
fn end_unit() -> Unit {
    Unit {
        entry: None,
        bytes: vec![0; 1024],
        skip: 0,
        content_start: 0,
        content_len: 0,
        first_content: false,
        last: true,
    }
}

/// All units of the tar, in order.
pub fn units(entries: &[Entry], params: &Params) -> Vec<Unit> {
    let mut out = Vec::new();
    for (n, entry) in entries.iter().enumerate() {
        out.extend(units_of_entry(n, entry, params.frame));
    }
    out.push(end_unit());
    out
}

/// [CUT-4] Does the segment end before this unit?
fn segment_ends(segment: &Segment, unit: &Unit, content_len: u64, params: &Params) -> bool {
    if segment.frames.is_empty() && segment.lines.is_empty() {
        return false;
    }
    let first_of_entry = unit.entry.is_some() && unit.skip == 0;
    let a = segment.tar_len() + unit.bytes.len() as u64 > params.segment;
    let b = first_of_entry && segment.lines.len() as u64 >= params.entries;
    let c = first_of_entry && content_len >= params.segment;
    a || b || c
}

/// [CUT-5] Does the frame end before this unit?
fn frame_ends(frame: &[u8], unit: &Unit, params: &Params) -> bool {
    let a = (frame.len() + unit.bytes.len()) as u64 > params.frame;
    let b = unit.first_content; // F bytes by [CUT-2], so (a) says it too
    let c = unit.entry.is_none();
    !frame.is_empty() && (a || b || c)
}

fn note_first(segment: &mut Segment, n: usize, skip: u64) {
    if segment.first.is_none() {
        segment.first = Some((n, skip));
    }
}

fn note_content(segment: &mut Segment, n: usize, unit: &Unit) {
    if unit.content_len == 0 {
        return;
    }
    if let Some(piece) = segment.pieces.last_mut()
        && piece.entry == n
    {
        piece.len += unit.content_len;
        return;
    }
    segment.pieces.push(Piece { entry: n, start: unit.content_start, len: unit.content_len });
}

fn place(segment: &mut Segment, unit: Unit, params: &Params) {
    let new_frame = match segment.frames.last() {
        None => true,
        Some(frame) => frame_ends(frame, &unit, params),
    };
    if let Some(n) = unit.entry {
        note_first(segment, n, unit.skip);
        note_content(segment, n, &unit);
        if unit.last {
            segment.lines.push(n); // [CUT-6]
        }
    }
    if new_frame {
        segment.frames.push(Vec::new());
    }
    let frame = segment.frames.last_mut().expect("there is a frame");
    frame.extend(unit.bytes);
}

/// Ends the current segment and begins the next.
fn close(done: &mut Vec<Segment>, segment: &mut Segment) {
    let next = Segment { tar_offset: segment.tar_offset + segment.tar_len(), ..Segment::default() };
    let mut ended = std::mem::replace(segment, next);
    if ended.frames.is_empty() {
        ended.frames.push(Vec::new()); // [CUT-7]
    }
    done.push(ended);
}

/// The whole of section 3: every segment with its frames and lines.
pub fn cut(entries: &[Entry], params: &Params) -> Vec<Segment> {
    let mut done = Vec::new();
    let mut segment = Segment::default();
    for (n, entry) in entries.iter().enumerate() {
        if !has_tar_record(entry) {
            // [CUT-4] by (b) alone, then [CUT-6].
            if segment.lines.len() as u64 >= params.entries {
                close(&mut done, &mut segment);
            }
            note_first(&mut segment, n, 0);
            segment.lines.push(n);
            continue;
        }
        let content_len = content_in_tar(entry).len() as u64;
        for unit in units_of_entry(n, entry, params.frame) {
            if segment_ends(&segment, &unit, content_len, params) {
                close(&mut done, &mut segment);
            }
            place(&mut segment, unit, params);
        }
    }
    let end = end_unit();
    if segment_ends(&segment, &end, 0, params) {
        close(&mut done, &mut segment);
    }
    place(&mut segment, end, params);
    close(&mut done, &mut segment);
    done
}

/// [CUT-8] A text in frames of F bytes, the last with the rest; no text is one frame of no content.
pub fn text_frames(text: &[u8], frame: u64) -> Vec<Vec<u8>> {
    if text.is_empty() {
        return vec![Vec::new()];
    }
    text.chunks(frame as usize).map(<[u8]>::to_vec).collect()
}
