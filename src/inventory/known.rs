//! Lists of known files: sorted SHA-256 digests, searched where they lie.

use std::fs::File;
use std::io;
use std::os::unix::fs::FileExt as _;
use std::path::{Path, PathBuf};

use super::plain_file::open_plain;
use crate::format::digest::Digest;

/// Hex digits of a digest.
const HEX_LEN: usize = 64;
/// Bytes of a line: hex digits and LF.
const LINE_LEN: usize = HEX_LEN + 1;
/// Lines that are read at a time.
const BLOCK_LINES: u64 = 32;

/// Why a list cannot be used.
#[derive(Debug, thiserror::Error)]
#[expect(missing_docs, reason = "the messages say it")]
pub enum KnownError {
    #[error("cannot read the list of known files {}", path.display())]
    Read { path: PathBuf, source: io::Error },
    #[error("the list of known files {} is no file: it must be searched where it lies", path.display())]
    NotAFile { path: PathBuf },
    #[error("the list of known files {} has {len_bytes} bytes: not lines of {LINE_LEN} each", path.display())]
    Length { path: PathBuf, len_bytes: u64 },
    #[error("line {line} of the list of known files {} is not 64 lower-case hex digits", path.display())]
    Malformed { path: PathBuf, line: u64 },
    #[error("line {line} of the list of known files {} is not in ascending order", path.display())]
    Unsorted { path: PathBuf, line: u64 },
}

/// A list of known files: one SHA-256 a line in lower-case hex, ascending. It stays on disk, whatever its length.
pub struct KnownFiles {
    path: PathBuf,
    file: File,
    lines: u64,
}

/// A digest as a line has it; these compare as the digests do.
type Hex = [u8; HEX_LEN];

/// Lines among which a digest can still be, and what bounds their values.
struct Span {
    start: u64,
    end: u64,
    low: Hex,
    high: Hex,
}

impl KnownFiles {
    /// Opens a list. Only its length is looked at.
    ///
    /// # Errors
    /// If it cannot be opened, or cannot be lines of 65 bytes.
    pub fn open(path: &Path) -> Result<Self, KnownError> {
        let failed = |source| KnownError::Read { path: path.to_owned(), source };
        let file = open_plain(path).map_err(failed)?;
        let file = file.ok_or_else(|| KnownError::NotAFile { path: path.to_owned() })?;
        let len_bytes = file.metadata().map_err(failed)?.len();
        let line_len = LINE_LEN as u64;
        // The LF of the last line may be missing.
        if !matches!(len_bytes % line_len, 0 | 64) {
            return Err(KnownError::Length { path: path.to_owned(), len_bytes });
        }
        Ok(Self { path: path.to_owned(), file, lines: len_bytes.div_ceil(line_len) })
    }

    /// Whether a digest is in the list. Every line that is looked at must be well-formed and in order; those that are
    /// not looked at are not checked.
    ///
    /// # Errors
    /// [`KnownError`], with the line.
    pub fn contains(&self, sha256: Digest) -> Result<bool, KnownError> {
        let mut hex: Hex = [0; HEX_LEN];
        data_encoding::HEXLOWER.encode_mut(&sha256.0, &mut hex);
        let mut span = Span { start: 0, end: self.lines, low: [b'0'; HEX_LEN], high: [b'f'; HEX_LEN] };
        let mut steps = 0_u32;
        while span.start < span.end {
            // Digests are spread evenly, so their value says where they are; a list that is made so that it does not is
            // halved every other step.
            let guess = if steps.is_multiple_of(2) { span.by_value(&hex) } else { (span.end - span.start) / 2 };
            steps += 1;
            let middle = span.start + guess.min(span.end - span.start - 1);
            let first = middle.saturating_sub(BLOCK_LINES / 2).max(span.start);
            let count = BLOCK_LINES.min(span.end - first);
            let lines = self.read_lines(first, count, &span)?;
            match (lines.first(), lines.last()) {
                (Some(line), _) if hex < *line => (span.end, span.high) = (first, *line),
                (_, Some(line)) if hex > *line => (span.start, span.low) = (first + count, *line),
                _ => return Ok(lines.binary_search(&hex).is_ok()),
            }
        }
        Ok(false)
    }

    /// Lines of a span, checked.
    fn read_lines(&self, first: u64, count: u64, span: &Span) -> Result<Vec<Hex>, KnownError> {
        let len = usize::try_from(count).unwrap_or(0) * LINE_LEN;
        let mut bytes = vec![b'\n'; len];
        // The last byte of the last line of the list may not be there, and stands as it should.
        let is_last = first + count == self.lines;
        let wanted = if is_last { len.saturating_sub(1) } else { len };
        let read = self.file.read_exact_at(&mut bytes[..wanted], first.saturating_mul(LINE_LEN as u64));
        read.map_err(|source| KnownError::Read { path: self.path.clone(), source })?;
        let mut lines = Vec::with_capacity(bytes.len() / LINE_LEN);
        let mut before = span.low;
        for (chunk, number) in bytes.as_chunks::<LINE_LEN>().0.iter().zip(first + 1..) {
            let [hex @ .., end] = chunk;
            let is_hex = hex.iter().all(|byte| matches!(byte, b'0'..=b'9' | b'a'..=b'f'));
            if !is_hex || *end != b'\n' {
                return Err(KnownError::Malformed { path: self.path.clone(), line: number });
            }
            if *hex < before || *hex > span.high {
                return Err(KnownError::Unsorted { path: self.path.clone(), line: number });
            }
            before = *hex;
            lines.push(*hex);
        }
        Ok(lines)
    }
}

impl Span {
    /// How far into the span a value should be, if values are spread evenly.
    fn by_value(&self, hex: &Hex) -> u64 {
        let [low, high, at] = [&self.low, &self.high, hex].map(leading);
        let (width, part) = (u128::from(high.saturating_sub(low)).max(1), u128::from(at.saturating_sub(low)));
        u64::try_from(u128::from(self.end - self.start) * part / width).unwrap_or(u64::MAX)
    }
}

/// The first eight bytes of a digest as a number.
fn leading(hex: &Hex) -> u64 {
    let text = std::str::from_utf8(&hex[..16]).unwrap_or_default();
    u64::from_str_radix(text, 16).unwrap_or(0)
}
