//! The one thing in sealing that cannot be done in parallel: the plain SHA-256 of a large file.

use std::ops::Range;
use std::sync::Arc;

use crate::format::digest::{ChainValue, Digest};
use crate::hash::ChainedSha256;
use crate::pack::{Buffer, PlainFrame};

/// A piece of a large file on its way to the chain.
pub struct ChainJob {
    sequence: u64,
    bytes: Arc<Buffer>,
    content: Range<usize>,
    is_first: bool,
    is_last: bool,
}

/// What the chain gave for the piece in one frame.
pub struct ChainDone {
    /// The frame's position among all frames.
    pub sequence: u64,
    /// Chain values at the start of each chunk of the piece.
    pub values: Vec<ChainValue>,
    /// Digest of the whole content, if this was its last piece.
    pub digest: Option<Digest>,
}

impl ChainJob {
    /// The work for a frame, if it holds a piece of a large file.
    pub fn of(frame: &PlainFrame) -> Option<Self> {
        let piece = frame.piece()?;
        Some(Self {
            sequence: frame.sequence,
            bytes: Arc::clone(&frame.bytes),
            content: piece.content.clone(),
            is_first: piece.first_chunk == 0,
            is_last: piece.finished.is_some(),
        })
    }
}

/// Takes pieces in the order of frames; large files follow one another.
pub struct Chain {
    chunk_len: usize,
    hasher: ChainedSha256,
}

impl Chain {
    /// For chunks of this length in bytes.
    pub fn new(chunk_len: usize) -> Self {
        Self { chunk_len, hasher: ChainedSha256::default() }
    }

    /// Hashes the next piece.
    pub fn take(&mut self, job: ChainJob) -> ChainDone {
        if job.is_first {
            self.hasher = ChainedSha256::default();
        }
        let content = job.bytes.get(job.content).unwrap_or_default();
        let values = self.hasher.update_chunks(content, self.chunk_len);
        let digest = job.is_last.then(|| self.hasher.clone().finish());
        ChainDone { sequence: job.sequence, values, digest }
    }
}
