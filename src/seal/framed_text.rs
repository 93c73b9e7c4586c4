//! Text that is compressed while it grows: the manifest part of a segment, and the sums of all (SPEC.md CUT-8).

use std::io::{Read, Seek, SeekFrom, Write};
use std::path::Path;

use tempfile::SpooledTempFile;

use super::SealError;
use super::output::{Output, Written};
use crate::format::member::MemberName;
use crate::pack::FrameCompressor;

/// Compressed text up to this length stays in memory; more goes to an unnamed file beside the bundle.
const IN_MEMORY_LEN_MAX: usize = 16 << 20;

/// Plain text goes in; frames of a fixed plain length wait to become a member.
pub struct FramedText {
    frame_len: usize,
    plain: Vec<u8>,
    frame: Vec<u8>,
    frame_count: u64,
    spool: SpooledTempFile,
    spool_len: u64,
}

impl FramedText {
    /// Frames of `frame_len` plain bytes; a long text waits in a file in `spool_dir` that has no name.
    pub fn new(frame_len: usize, spool_dir: &Path) -> Self {
        Self {
            frame_len,
            plain: Vec::new(),
            frame: Vec::new(),
            frame_count: 0,
            spool: tempfile::spooled_tempfile_in(IN_MEMORY_LEN_MAX, spool_dir),
            spool_len: 0,
        }
    }

    /// Appends text.
    pub fn push(&mut self, text: &[u8], compressor: &mut FrameCompressor) -> Result<(), SealError> {
        self.plain.extend_from_slice(text);
        while self.plain.len() >= self.frame_len {
            self.compress(self.frame_len, compressor)?;
        }
        Ok(())
    }

    /// Writes all of it as a member, and is empty again.
    pub fn write_member(
        &mut self,
        name: MemberName,
        output: &mut Output,
        compressor: &mut FrameCompressor,
    ) -> Result<Written, SealError> {
        if !self.plain.is_empty() || self.frame_count == 0 {
            self.compress(self.plain.len(), compressor)?;
        }
        output.start(name, Some(self.spool_len))?;
        self.spool.seek(SeekFrom::Start(0)).map_err(SealError::Spool)?;
        let mut left = self.spool_len;
        self.frame.resize(1 << 16, 0);
        while left > 0 {
            let want = usize::try_from(left).unwrap_or(usize::MAX).min(self.frame.len());
            self.spool.read_exact(&mut self.frame[..want]).map_err(SealError::Spool)?;
            output.write(&self.frame[..want])?;
            left -= want as u64;
        }
        self.spool.seek(SeekFrom::Start(0)).map_err(SealError::Spool)?;
        (self.spool_len, self.frame_count) = (0, 0);
        output.finish()
    }

    fn compress(&mut self, len: usize, compressor: &mut FrameCompressor) -> Result<(), SealError> {
        self.frame.clear();
        compressor.append(&self.plain[..len], &mut self.frame)?;
        self.plain.drain(..len);
        self.spool.write_all(&self.frame).map_err(SealError::Spool)?;
        self.spool_len += self.frame.len() as u64;
        self.frame_count += 1;
        Ok(())
    }
}
