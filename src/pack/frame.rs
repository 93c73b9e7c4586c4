//! A frame on its way: plain bytes, and what is known of the entries in it.

use std::ops::Range;
use std::sync::Arc;

use super::pool::Buffer;
use crate::format::entry::Entry;

/// One frame of tar bytes. Its parts stand in the order of entries.
pub struct PlainFrame {
    /// Position among all frames, from 0.
    pub sequence: u64,
    /// The segment that it belongs to.
    pub segment: Arc<SegmentStart>,
    /// The tar bytes; shared with the chain of a large file.
    pub bytes: Arc<Buffer>,
    /// The entries, or pieces of them, in these bytes.
    pub parts: Vec<Part>,
    /// Whether a compressed frame is written. Not so if there are only lines, in a segment that has frames already.
    pub is_written: bool,
    /// Whether the chain of a large file digests the chunks of the piece in it too.
    pub chain_has_chunks: bool,
}

/// Where a segment begins: what its index part says of the tar before it (SPEC.md IDX-1).
#[derive(Clone, Debug, Default, PartialEq)]
pub struct SegmentStart {
    /// Number of the segment.
    pub number: u64,
    /// Tar bytes in earlier segments.
    pub tar_offset: u64,
    /// First entry with tar bytes or a line here.
    pub first_entry: u64,
    /// Tar bytes of that entry in earlier segments.
    pub first_entry_skip: u64,
    /// That entry as it is known so far, if it is a large file of which a part is in earlier segments: for going on later.
    pub open: Option<Box<Entry>>,
}

/// An entry that was read to its end; all that is left is digests.
pub struct Finished {
    /// Its number.
    pub n: u64,
    /// All that is known of it.
    pub entry: Entry,
    /// Its extended attributes are too long for the tar.
    pub xattrs_not_in_tar: bool,
}

/// What a frame holds of one entry.
pub enum Part {
    /// A whole entry, and where in the frame's bytes its content lies (an empty range if it has none).
    Whole(Box<Finished>, Range<usize>),
    /// A piece of a large file.
    Piece(LargePiece),
}

/// A piece of a large file's content. A frame holds at most one.
pub struct LargePiece {
    /// Number of the entry.
    pub n: u64,
    /// Path of the entry: chunk blinds come from it.
    pub path: crate::format::path::EntryPath,
    /// Where in the frame's bytes it lies.
    pub content: Range<usize>,
    /// Number of its first chunk.
    pub first_chunk: u64,
    /// Whether the whole content is longer than a chunk: a file of exactly one frame need not be.
    pub is_chunked: bool,
    /// The entry, if this is its last piece.
    pub finished: Option<Box<Finished>>,
}

impl Part {
    /// The content in the frame's bytes.
    ///
    /// # Panics
    ///
    /// If it lies outside of them: to go on would be to seal other content, or none, for the entry.
    pub fn content_in<'b>(&self, bytes: &'b [u8]) -> &'b [u8] {
        match self {
            Self::Whole(finished, content) => content_in(finished.n, content, bytes),
            Self::Piece(piece) => piece.content_in(bytes),
        }
    }
}

impl LargePiece {
    /// The piece in the frame's bytes.
    ///
    /// # Panics
    ///
    /// If it lies outside of them.
    pub fn content_in<'b>(&self, bytes: &'b [u8]) -> &'b [u8] {
        content_in(self.n, &self.content, bytes)
    }
}

fn content_in<'b>(n: u64, content: &Range<usize>, bytes: &'b [u8]) -> &'b [u8] {
    let found = bytes.get(content.clone());
    found.unwrap_or_else(|| panic!("content of entry {n} at {content:?}, in a frame of {} bytes", bytes.len()))
}

impl PlainFrame {
    /// The piece of a large file in it, if there is one.
    pub fn piece(&self) -> Option<&LargePiece> {
        self.parts.iter().find_map(|part| match part {
            Part::Piece(piece) => Some(piece),
            Part::Whole(..) => None,
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    #[should_panic(expected = "content of entry 7 at 2..5, in a frame of 4 bytes")]
    fn content_that_is_not_in_its_frame_is_never_taken_for_none() {
        content_in(7, &(2..5), b"abcd");
    }
}
