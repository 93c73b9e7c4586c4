//! The one thing in sealing that cannot be done in parallel: digests of the whole of a large file.

use std::ops::Range;
use std::sync::Arc;

use crate::format::digest::{ChainValue, Digest};
use crate::format::entry::FurtherDigests;
use crate::hash::{ChainedSha256, LaneHasher, OtherAlgorithm, OtherHashers, further_digests};
use crate::pack::{Buffer, Digests, PlainFrame};

/// A piece of a large file on its way to the chain.
pub struct ChainJob {
    sequence: u64,
    bytes: Arc<Buffer>,
    content: Range<usize>,
    is_first: bool,
    is_last: bool,
    with_chunks: bool,
}

/// What the chain gave for the piece in one frame.
pub struct ChainDone {
    /// The frame's position among all frames.
    pub sequence: u64,
    /// Chain values at the start of each chunk of the piece; none if whole files get no SHA-256.
    pub values: Vec<ChainValue>,
    /// Plain digests of the chunks of the piece, if they were left to the chain.
    pub chunks: Vec<Digest>,
    /// SHA-256 of the whole content, if this was its last piece and whole files get one.
    pub digest: Option<Digest>,
    /// Further digests of the whole content, if this was its last piece and any are wanted.
    pub also: Option<FurtherDigests>,
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
            with_chunks: frame.chain_has_chunks,
        })
    }
}

/// Takes pieces in the order of frames; large files follow one another.
pub struct Chain {
    chunk_len: usize,
    has_chain: bool,
    algorithms: Vec<OtherAlgorithm>,
    hasher: ChainedSha256,
    lanes: LaneHasher,
    others: OtherHashers,
}

impl Chain {
    /// For chunks of this length in bytes, and digests as far as they are of whole files.
    pub fn new(chunk_len: usize, digests: &Digests) -> Self {
        Self {
            chunk_len,
            has_chain: digests.whole_file,
            algorithms: digests.also.clone(),
            hasher: ChainedSha256::default(),
            lanes: LaneHasher::new().paranoid(digests.paranoid),
            others: OtherHashers::new(&digests.also),
        }
    }

    /// Hashes the next piece.
    pub fn take(&mut self, job: ChainJob) -> ChainDone {
        if job.is_first {
            self.hasher = ChainedSha256::default();
            self.others = OtherHashers::new(&self.algorithms);
        }
        let content = job.bytes.get(job.content).unwrap_or_default();
        let (mut values, mut chunks, mut digest) = (Vec::new(), Vec::new(), None);
        if job.with_chunks {
            (values, chunks) = self.lanes.update_chunks(&mut self.hasher, content, self.chunk_len);
        } else if self.has_chain {
            values = self.hasher.update_chunks(content, self.chunk_len);
        }
        if self.has_chain {
            digest = job.is_last.then(|| self.hasher.clone().finish());
        }
        self.others.update(content);
        let also = if job.is_last { further_digests(&self.others.clone().finish()) } else { None };
        ChainDone { sequence: job.sequence, values, chunks, digest, also }
    }
}
