//! Lines of a manifest part, one by one, however long the part is.

use super::bytes::Bytes;
use super::frames::{TextFrames, WalkError};
use crate::format::digest::Digest;
use crate::limits::LINE_LEN_MAX;

/// Why there are no further lines.
#[derive(Debug, thiserror::Error)]
pub(super) enum LinesError {
    /// The frames cannot be read on.
    #[error("{0}")]
    Walk(#[from] WalkError),
    /// A line longer than a reader need hold.
    #[error("a line of more than {LINE_LEN_MAX} bytes")]
    TooLong,
    /// More lines than a segment can have.
    #[error("more lines than a segment can have")]
    TooMany,
    /// Text after the last LF.
    #[error("the last line does not end in LF")]
    NoFinalLf,
}

/// The lines of a manifest part whose digest has been compared already.
pub(super) struct Lines<'a> {
    frames: TextFrames<'a>,
    used: usize,
    line: Vec<u8>,
}

impl<'a> Lines<'a> {
    pub fn new(bytes: Box<dyn Bytes + 'a>, frame_limit: u64) -> Self {
        Self { frames: TextFrames::new(bytes, frame_limit), used: 0, line: Vec::new() }
    }

    /// The next line without its LF; `None` after the last.
    pub fn advance(&mut self) -> Result<Option<&[u8]>, LinesError> {
        self.line.clear();
        loop {
            let rest = self.frames.plain().get(self.used..).unwrap_or_default();
            let end = rest.iter().position(|&b| b == b'\n');
            let piece = &rest[..end.unwrap_or(rest.len())];
            if self.line.len() + piece.len() > LINE_LEN_MAX {
                return Err(LinesError::TooLong);
            }
            self.line.extend_from_slice(piece);
            if let Some(end) = end {
                self.used += end + 1;
                return Ok(Some(&self.line));
            }
            self.used = 0;
            if !self.frames.advance()? {
                return if self.line.is_empty() { Ok(None) } else { Err(LinesError::NoFinalLf) };
            }
        }
    }

    /// Digest of the whole member as it was read this time.
    pub fn digest(&mut self) -> Result<Digest, WalkError> {
        self.frames.digest()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// LIM-9.
    #[test]
    fn a_line_longer_than_its_limit_is_not_held() {
        const FRAME: usize = 1 << 22;
        for (last, is_read) in [(b"\n", true), (b"x", false)] {
            let mut member = zstd::bulk::Compressor::default();
            member.include_checksum(true).unwrap();
            member.include_contentsize(true).unwrap();
            let full = member.compress(&vec![b'x'; FRAME]).unwrap();
            let mut bytes = full.repeat(LINE_LEN_MAX / FRAME);
            bytes.extend(member.compress(last).unwrap());
            let mut lines = Lines::new(Box::new(bytes), FRAME as u64);
            let found = lines.advance().map(|line| line.map(<[u8]>::len));
            assert_eq!(found.ok(), is_read.then_some(Some(LINE_LEN_MAX)));
        }
    }
}
