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
    /// Chain value after the piece, unless it was the last.
    pub after: Option<ChainValue>,
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

    /// Goes on with a large file of which a part was hashed before.
    pub fn resume(&mut self, from: ChainValue, offset_bytes: u64) {
        self.hasher = ChainedSha256::resume(from, offset_bytes);
    }

    /// Hashes the next piece.
    pub fn take(&mut self, job: ChainJob) -> ChainDone {
        if job.is_first {
            self.hasher = ChainedSha256::default();
            self.others = OtherHashers::new(&self.algorithms);
        }
        // To go on with other content, or none, would be to seal a wrong digest.
        let content = job.bytes.get(job.content).expect("a piece lies in its frame");
        let (mut values, mut chunks, mut digest) = (Vec::new(), Vec::new(), None);
        if job.with_chunks {
            (values, chunks) = self.lanes.update_with_chunk_digests(&mut self.hasher, content, self.chunk_len);
        } else if self.has_chain {
            values = self.hasher.update_chunks(content, self.chunk_len);
        }
        if self.has_chain {
            // A value too few would be one of another chunk: then nothing is sealed.
            assert_eq!(values.len(), content.len().div_ceil(self.chunk_len), "chain values of a piece");
            digest = job.is_last.then(|| self.hasher.clone().finish());
        }
        self.others.update(content);
        let also = if job.is_last { further_digests(&self.others.clone().finish()) } else { None };
        let after = if job.is_last { None } else { self.hasher.chain_value() };
        ChainDone { sequence: job.sequence, values, chunks, after, digest, also }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::hash::{caught, sha256, with_wrong_kernel};
    use crate::pack::Pool;

    const CHUNK_LEN: usize = 256;

    /// The whole of a file as a frame has it, behind bytes that are not its own.
    fn job(content: &[u8], with_chunks: bool) -> ChainJob {
        let mut bytes = Pool::new(1).take();
        bytes.extend_from_slice(b"headers");
        bytes.extend_from_slice(content);
        let content = 7..bytes.len();
        ChainJob { sequence: 3, bytes: Arc::new(bytes), content, is_first: true, is_last: true, with_chunks }
    }

    fn chain(paranoid: bool) -> Chain {
        Chain::new(CHUNK_LEN, &Digests { whole_file: true, also: Vec::new(), paranoid })
    }

    #[test]
    fn with_or_without_the_chunks_the_chain_is_the_same() {
        let content: Vec<u8> = (0..=250).cycle().take(5 * CHUNK_LEN + 9).collect();
        let expected: Vec<_> = content.chunks(CHUNK_LEN).map(sha256).collect();
        let (with, without) = (chain(true).take(job(&content, true)), chain(true).take(job(&content, false)));
        assert_eq!((with.chunks, without.chunks), (expected, Vec::new()));
        assert_eq!(with.values, without.values);
        assert_eq!([with.digest, without.digest], [Some(sha256(&content)); 2]);
    }

    #[test]
    fn paranoid_also_checks_the_chunks_that_are_left_to_the_chain() {
        let wrong = |paranoid| caught(|| with_wrong_kernel(|| chain(paranoid)).take(job(&[7; 600], true)));
        assert!(wrong(true).is_err());
        assert!(wrong(false).is_ok());
    }
}
