//! Zstandard frames: decoded one by one, never more than the limits allow (SPEC.md ZST-1, CUT-8).

use std::io;

use super::bytes::{Bytes, read_exact_at};
use super::check::{Check, Rule};
use super::rules;
use crate::format::digest::Digest;
use crate::format::zstd_frame::{FrameHeaderError, allocated, content_len};
use crate::hash::PlainSha256;

/// Why a frame is not decoded.
#[derive(Debug, thiserror::Error)]
pub(super) enum FrameError {
    /// Refused before the decoder saw it.
    #[error("{0}")]
    Header(#[from] FrameHeaderError),
    /// It would decode to more than a reader need hold.
    #[error("{len} plain bytes; at most {len_max} are allowed")]
    TooLong {
        /// What its header declares.
        len: u64,
        /// The most allowed.
        len_max: u64,
    },
    /// Cut, damaged, or longer than frames of that content can be.
    #[error("not one whole frame")]
    Extent,
    /// The decoder or the checksum refused it.
    #[error("does not decode: {0}")]
    Decode(&'static str),
    /// It decodes to another length than its header declares.
    #[error("decodes to another length than it declares")]
    Length,
}

/// Longest stored frame that a reader accepts for so much plain content, in bytes: a compressor stores what does not
/// get shorter as it is, with a few bytes for each block.
pub(super) fn stored_len_max(plain_len_max: u64) -> u64 {
    plain_len_max + plain_len_max / 8 + (1 << 16)
}

/// A decoder and the buffer it decodes into.
pub(super) struct FrameDecoder {
    context: zstd_safe::DCtx<'static>,
    plain: Vec<u8>,
}

impl FrameDecoder {
    pub fn new() -> Self {
        Self { context: allocated(zstd_safe::DCtx::try_create()), plain: Vec::new() }
    }

    /// Decodes exactly one frame of at most `plain_len_max` bytes. The checksum is compared by the decoder.
    pub fn decode(&mut self, frame: &[u8], plain_len_max: u64) -> Result<&[u8], FrameError> {
        self.plain.clear();
        let len = content_len(frame)?;
        let too_long = || FrameError::TooLong { len, len_max: plain_len_max };
        let capacity = usize::try_from(len).ok().filter(|_| len <= plain_len_max).ok_or_else(too_long)?;
        if zstd_safe::find_frame_compressed_size(frame) != Ok(frame.len()) {
            return Err(FrameError::Extent);
        }
        self.plain.reserve_exact(capacity);
        let decoded = self.context.decompress(&mut self.plain, frame);
        match decoded.map_err(|code| FrameError::Decode(zstd_safe::get_error_name(code))) {
            Ok(n) if n == capacity && self.plain.len() == n => Ok(&self.plain),
            Ok(_) => Err(FrameError::Length),
            Err(error) => Err(error),
        }
    }

    /// What was decoded last; empty after an error.
    pub fn plain(&self) -> &[u8] {
        &self.plain
    }
}

/// Why a member of frames cannot be read on.
#[derive(Debug, thiserror::Error)]
pub(super) enum WalkError {
    /// An error of input and output.
    #[error("cannot be read: {0}")]
    Io(io::Error),
    /// A frame is not sound.
    #[error("frame {number}: {error}")]
    Frame {
        /// Which frame of the member, from 0.
        number: u64,
        /// What is wrong with it.
        error: FrameError,
    },
    /// A frame of text that is neither full nor the last (SPEC.md CUT-8).
    #[error("frame {number}: does not hold what the cut rules say")]
    Cut {
        /// Which frame of the member, from 0.
        number: u64,
    },
}

/// Why a second reading ended early.
pub(super) struct Broken {
    /// The error.
    pub note: String,
    /// It was one of input and output.
    pub is_io: bool,
}

impl From<&WalkError> for Broken {
    fn from(error: &WalkError) -> Self {
        Self { note: error.to_string(), is_io: matches!(error, WalkError::Io(_)) }
    }
}

/// What an error, or the end, of a second reading means for a rule: the member was proven when it was first read, so if
/// it is another now it has changed in between. `None` if nothing is wrong.
pub(super) fn judge(
    rule: &'static Rule,
    name: &str,
    listed: Digest,
    digest: Result<Digest, WalkError>,
    error: Option<Broken>,
) -> Option<Check> {
    match (digest, error) {
        (_, Some(Broken { note, is_io: true })) => Some(Check::cannot_tell(rule, name).note(note)),
        (Ok(digest), None) if digest == listed => None,
        (Ok(digest), Some(error)) if digest == listed => Some(Check::failed(rule, name).note(error.note)),
        (Ok(_), _) => Some(Check::cannot_tell(&rules::MEMBER_DIGEST, name).note("changed while it was being verified")),
        (Err(error), _) => Some(Check::cannot_tell(rule, name).note(error)),
    }
}

/// Frames of a member, one after another, without a frame table. Hashes what it reads, so that what was decoded can be
/// compared with what was proven before.
pub(super) struct FrameWalk<'a> {
    bytes: Box<dyn Bytes + 'a>,
    offset: u64,
    stored: Vec<u8>,
    used: usize,
    plain_len_max: u64,
    decoder: FrameDecoder,
    hasher: PlainSha256,
    number: u64,
}

impl<'a> FrameWalk<'a> {
    pub fn new(bytes: Box<dyn Bytes + 'a>, plain_len_max: u64) -> Self {
        let (stored, decoder, hasher) = (Vec::new(), FrameDecoder::new(), PlainSha256::default());
        Self { bytes, offset: 0, stored, used: 0, plain_len_max, decoder, hasher, number: 0 }
    }

    /// Decodes the next frame; `false` after the last.
    pub fn advance(&mut self) -> Result<bool, WalkError> {
        if self.at_end() {
            self.decoder.plain.clear();
            return Ok(false);
        }
        let number = self.number;
        let len = match self.next_len() {
            Some(len) => len,
            None => {
                self.fill()?;
                self.next_len().ok_or(WalkError::Frame { number, error: FrameError::Extent })?
            }
        };
        let frame = &self.stored[self.used..self.used + len];
        self.decoder.decode(frame, self.plain_len_max).map_err(|error| WalkError::Frame { number, error })?;
        self.used += len;
        self.number += 1;
        Ok(true)
    }

    /// Whether the last frame has been decoded.
    pub fn at_end(&self) -> bool {
        self.used == self.stored.len() && self.offset == self.bytes.len_bytes()
    }

    /// What the last frame decoded to.
    pub fn plain(&self) -> &[u8] {
        self.decoder.plain()
    }

    /// Digest of the whole member as it was read this time; what has not been decoded is read for it.
    pub fn digest(&mut self) -> Result<Digest, WalkError> {
        while self.offset < self.bytes.len_bytes() {
            self.used = self.stored.len();
            self.fill()?;
        }
        Ok(std::mem::take(&mut self.hasher).finish())
    }

    fn next_len(&self) -> Option<usize> {
        let rest = self.stored.get(self.used..)?;
        zstd_safe::find_frame_compressed_size(rest).ok().filter(|&len| len > 0 && len <= rest.len())
    }

    /// Moves what is left to the front and reads on, up to the longest frame there may be.
    fn fill(&mut self) -> Result<(), WalkError> {
        self.stored.drain(..self.used);
        self.used = 0;
        let room = stored_len_max(self.plain_len_max).saturating_sub(self.stored.len() as u64);
        let more = room.min(self.bytes.len_bytes() - self.offset);
        let start = self.stored.len();
        // `more` is bounded by the limits, so it fits.
        self.stored.resize(start + usize::try_from(more).unwrap_or(0), 0);
        let fresh = &mut self.stored[start..];
        if let Err(error) = read_exact_at(&*self.bytes, fresh, self.offset) {
            self.stored.truncate(start);
            return Err(WalkError::Io(error));
        }
        self.hasher.update(fresh);
        self.offset += more;
        Ok(())
    }
}

/// Frames of a text member: all full but the last, which is empty only if it is the only one (SPEC.md CUT-8).
pub(super) struct TextFrames<'a> {
    walk: FrameWalk<'a>,
    frame_limit: u64,
}

impl<'a> TextFrames<'a> {
    pub fn new(bytes: Box<dyn Bytes + 'a>, frame_limit: u64) -> Self {
        Self { walk: FrameWalk::new(bytes, frame_limit), frame_limit }
    }

    /// Decodes the next frame; `false` after the last.
    pub fn advance(&mut self) -> Result<bool, WalkError> {
        let number = self.walk.number;
        if !self.walk.advance()? {
            // A member without any frame is as little allowed as an empty frame after another.
            return if number == 0 { Err(WalkError::Cut { number }) } else { Ok(false) };
        }
        let len = self.walk.plain().len() as u64;
        let is_last = self.walk.at_end();
        let sound = if is_last { len > 0 || number == 0 } else { len == self.frame_limit };
        if sound { Ok(true) } else { Err(WalkError::Cut { number }) }
    }

    /// What the last frame decoded to.
    pub fn plain(&self) -> &[u8] {
        self.walk.plain()
    }

    /// Digest of the whole member as it was read this time; see [`FrameWalk::digest`].
    pub fn digest(&mut self) -> Result<Digest, WalkError> {
        self.walk.digest()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn frame(plain: &[u8]) -> Vec<u8> {
        let mut context = zstd_safe::CCtx::create();
        context.set_parameter(zstd_safe::CParameter::ChecksumFlag(true)).unwrap();
        let mut out = Vec::with_capacity(zstd_safe::compress_bound(plain.len()));
        context.compress2(&mut out, plain).unwrap();
        out
    }

    fn texts(frames: &[&[u8]]) -> Result<Vec<u8>, WalkError> {
        let member: Vec<u8> = frames.iter().flat_map(|plain| frame(plain)).collect();
        let digest = crate::hash::sha256(&member);
        let mut frames = TextFrames::new(Box::new(member), 4);
        let mut text = Vec::new();
        while frames.advance()? {
            text.extend_from_slice(frames.plain());
        }
        assert_eq!(frames.digest().unwrap(), digest);
        Ok(text)
    }

    #[test]
    fn text_is_cut_as_it_must_be_or_refused() {
        assert_eq!(texts(&[b"abcd", b"ef"]).unwrap(), b"abcdef");
        assert_eq!(texts(&[b"abcd"]).unwrap(), b"abcd");
        assert_eq!(texts(&[b""]).unwrap(), b"");
        for wrong in [&[b"abcd" as &[u8], b""][..], &[b"abc", b"d"], &[b"", b"a"], &[], &[b"abcde"]] {
            assert!(texts(wrong).is_err(), "{wrong:?}");
        }
    }

    #[test]
    fn every_flipped_bit_of_a_frame_is_an_error_or_decodes_to_the_same() {
        let plain = b"some text, some text, some text, and more";
        let good = frame(plain);
        let mut decoder = FrameDecoder::new();
        assert_eq!(decoder.decode(&good, 100).unwrap(), plain);
        assert!(decoder.decode(&good, 40).is_err());
        assert!(decoder.decode(&[good.clone(), good.clone()].concat(), 100).is_err());
        for bit in 0..good.len() * 8 {
            let mut flipped = good.clone();
            flipped[bit / 8] ^= 1 << (bit % 8);
            if let Ok(decoded) = decoder.decode(&flipped, 100) {
                assert_eq!(decoded, plain);
            }
        }
    }

    /// LIM-16, without a table.
    #[test]
    fn a_frame_is_stored_as_long_as_it_may_be_and_no_longer() {
        let longest = usize::try_from(stored_len_max(4)).unwrap();
        for (len, is_read) in [(longest, true), (longest + 1, false)] {
            let mut stored = frame(b"abcd");
            let room = len - stored.len();
            // Blocks of no bytes: repeated ones have four, raw ones three.
            let blocks = [[2, 0, 0, 0].repeat(room % 3), vec![0; room - 4 * (room % 3)]].concat();
            stored.splice(6..6, blocks);
            assert_eq!(TextFrames::new(Box::new(stored), 4).advance().is_ok(), is_read);
        }
    }
}
