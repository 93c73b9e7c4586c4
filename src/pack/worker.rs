//! What is done to a frame on any thread: digests of the content in it, lines of the entries that end in it, and its
//! compression.

use std::sync::Arc;

use super::compress::{CompressError, FrameCompressor};
use super::frame::{Finished, LargePiece, Part, PlainFrame, SegmentStart};
use super::pool::{Buffer, Pool};
use crate::format::cuts::Limits;
use crate::format::derive::{ChunkLeaves, Seed};
use crate::format::digest::Digest;
use crate::format::index::FileChunks;
use crate::format::line::Line;
use crate::hash::{ChainedSha256, sha256};
use crate::tree::{TreeHead, leaf_hash};

/// A frame with all that can be known of it alone.
pub struct DoneFrame {
    /// Position among all frames.
    pub sequence: u64,
    /// The segment that it belongs to.
    pub segment: Arc<SegmentStart>,
    /// Its compressed bytes; nothing is written if `None`.
    pub compressed: Option<Compressed>,
    /// What became of its parts.
    pub parts: Vec<DonePart>,
}

impl DoneFrame {
    /// Whether it holds a piece of a large file.
    pub fn has_piece(&self) -> bool {
        self.parts.iter().any(|part| matches!(part, DonePart::Piece(..)))
    }
}

/// A compressed frame.
pub struct Compressed {
    /// The bytes as stored.
    pub bytes: Buffer,
    /// Their SHA-256.
    pub sha256: Digest,
    /// Length of the plain bytes.
    pub plain_len: u64,
}

/// What became of a part of a frame.
pub enum DonePart {
    /// An entry with its line.
    Line(Box<DoneLine>),
    /// A hard link: its digests are those of its target.
    Link(Box<Finished>),
    /// A piece of a large file, with the digests of its chunks.
    Piece(LargePiece, Vec<Digest>),
}

/// A line, serialised and hashed.
pub struct DoneLine {
    /// The line as values.
    pub line: Line,
    /// The line as bytes, without LF.
    pub bytes: Vec<u8>,
    /// Its leaf hash.
    pub leaf: Digest,
    /// Chunks of its content, if longer than a chunk.
    pub chunks: Option<FileChunks>,
}

impl DoneLine {
    /// Serialises and hashes a line.
    pub fn new(line: Line, chunks: Option<FileChunks>) -> Self {
        let bytes = line.to_bytes();
        Self { leaf: leaf_hash(&bytes), bytes, line, chunks }
    }
}

/// Hashes and compresses frames. One for each thread.
pub struct FrameWorker {
    limits: Limits,
    whole_file_digest: bool,
    seed: Arc<Seed>,
    compressor: FrameCompressor,
    pool: Pool,
}

impl FrameWorker {
    /// A worker with a compression context of its own.
    pub fn new(
        limits: Limits,
        whole_file_digest: bool,
        seed: Arc<Seed>,
        level: i32,
        pool: Pool,
    ) -> Result<Self, CompressError> {
        Ok(Self { limits, whole_file_digest, seed, compressor: FrameCompressor::new(level)?, pool })
    }

    /// Does all that can be done to a frame alone.
    pub fn work(&mut self, frame: PlainFrame) -> Result<DoneFrame, CompressError> {
        let parts = frame.parts.into_iter().map(|part| self.digest_part(&frame.bytes, part)).collect();
        let mut compressed = None;
        if frame.is_written {
            let mut bytes = self.pool.take();
            self.compressor.append(&frame.bytes, &mut bytes)?;
            let sha256 = sha256(&bytes);
            compressed = Some(Compressed { bytes, sha256, plain_len: frame.bytes.len() as u64 });
        }
        Ok(DoneFrame { sequence: frame.sequence, segment: frame.segment, compressed, parts })
    }

    fn digest_part(&self, bytes: &[u8], part: Part) -> DonePart {
        match part {
            Part::Whole(finished, _) if finished.entry.hard_link.is_some() => DonePart::Link(finished),
            Part::Whole(finished, content) => {
                DonePart::Line(Box::new(self.whole_line(*finished, bytes.get(content).unwrap_or_default())))
            }
            Part::Piece(piece) => {
                let content = bytes.get(piece.content.clone()).unwrap_or_default();
                DonePart::Piece(piece, content.chunks(self.limits.chunk_len()).map(sha256).collect())
            }
        }
    }

    fn whole_line(&self, finished: Finished, content: &[u8]) -> DoneLine {
        let Finished { n, entry, xattrs_not_in_tar } = finished;
        let salt = self.seed.salt(&entry.path);
        let mut line = Line { n, salt, sha256: None, chunks_root: None, xattrs_not_in_tar, entry };
        let mut chunks = None;
        if self.limits.has_chunks(content.len() as u64) {
            let blind = self.seed.blind(&line.entry.path);
            let digests: Vec<Digest> = content.chunks(self.limits.chunk_len()).map(sha256).collect();
            let leaves = ChunkLeaves::new(blind);
            let mut tree = TreeHead::default();
            for (digest, i) in digests.iter().zip(0..) {
                tree.push(&leaves.leaf(i, *digest));
            }
            line.chunks_root = Some(tree.root());
            let mut chain = Vec::new();
            if self.whole_file_digest {
                let mut hasher = ChainedSha256::default();
                chain = hasher.update_chunks(content, self.limits.chunk_len());
                line.sha256 = Some(hasher.finish());
            }
            chunks = Some(FileChunks {
                entry: n,
                first_chunk: 0,
                blind: blind.0,
                digests: digests.iter().map(|d| d.0).collect(),
                chain: chain.iter().map(|v| v.0).collect(),
            });
        } else if line.entry.holds_content() {
            line.sha256 = Some(sha256(content));
        }
        DoneLine::new(line, chunks)
    }
}
