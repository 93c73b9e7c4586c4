//! What is done to a frame on any thread: digests of the content in it, lines of the entries that end in it, and its
//! compression.

use std::sync::Arc;

use super::compress::{CompressError, FrameCompressor};
use super::frame::{Finished, LargePiece, Part, PlainFrame, SegmentStart};
use super::pool::{Buffer, Pool};
use crate::format::cuts::Limits;
use crate::format::derive::{ChunkLeaves, Seed};
use crate::format::digest::Digest;
use crate::format::entry::FurtherDigests;
use crate::format::index::FileChunks;
use crate::format::line::Line;
use crate::hash::{ChainedSha256, LaneHasher, OtherAlgorithm, OtherHashers, further_digests};
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
    /// A piece of a large file.
    Piece(LargePiece, ChunkDigests),
}

/// Where the digests of the chunks of a piece are.
pub enum ChunkDigests {
    /// Here.
    Known(Vec<Digest>),
    /// With its chain.
    LeftToChain,
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

/// What is to be hashed of content, and how.
#[derive(Clone, Debug)]
pub struct Digests {
    /// Whether content longer than a chunk gets a plain SHA-256.
    pub whole_file: bool,
    /// Further digests of all content, for comparing with other tools' records.
    pub also: Vec<OtherAlgorithm>,
    /// Compute again by the reference all that is hashed side by side ([`LaneHasher::paranoid`]).
    pub paranoid: bool,
}

impl Digests {
    /// Whether content that spans frames is hashed in their order.
    pub fn follow_large_files(&self) -> bool {
        self.whole_file || !self.also.is_empty()
    }
}

/// Hashes and compresses frames. One for each thread.
pub struct FrameWorker {
    limits: Limits,
    digests: Digests,
    seed: Arc<Seed>,
    compressor: FrameCompressor,
    hasher: LaneHasher,
    pool: Pool,
}

impl FrameWorker {
    /// A worker with a compression context of its own.
    pub fn new(
        limits: Limits,
        digests: Digests,
        seed: Arc<Seed>,
        level: i32,
        pool: Pool,
    ) -> Result<Self, CompressError> {
        let (compressor, hasher) = (FrameCompressor::new(level)?, LaneHasher::new().paranoid(digests.paranoid));
        Ok(Self { limits, digests, seed, compressor, hasher, pool })
    }

    /// Does all that can be done to a frame alone.
    ///
    /// # Panics
    ///
    /// With a [`Mismatch`](crate::hash::Mismatch), if digests are wanted paranoid and two computations differ.
    pub fn work(&mut self, frame: PlainFrame) -> Result<DoneFrame, CompressError> {
        let mut stored = None;
        if frame.is_written {
            let mut bytes = self.pool.take();
            self.compressor.append(&frame.bytes, &mut bytes)?;
            stored = Some(bytes);
        }
        // Small files, chunks and the stored bytes go through the lanes together, while they are in the cache. What does
        // not: a file whose chain is computed with its chunks (`whole_line`, or the thread of large files), and leaf hashes.
        let mut messages: Vec<&[u8]> = Vec::new();
        let mut places = Vec::with_capacity(frame.parts.len());
        for part in &frame.parts {
            let start = messages.len();
            messages.extend(self.messages_of(&frame, part));
            places.push(start..messages.len());
        }
        let stored_place = messages.len();
        messages.extend(stored.as_ref().map(|bytes| bytes.as_slice()));
        let digests = self.hasher.digests(&messages);
        let of_parts = frame.parts.into_iter().zip(places);
        let parts = of_parts
            .map(|(part, place)| self.done_part(&frame.bytes, part, &digests[place], frame.chain_has_chunks))
            .collect();
        let plain_len = frame.bytes.len() as u64;
        let compressed = stored.map(|bytes| Compressed { bytes, sha256: digests[stored_place], plain_len });
        Ok(DoneFrame { sequence: frame.sequence, segment: frame.segment, compressed, parts })
    }

    /// What of a part is hashed by itself: content that is not longer than a chunk; of longer one its chunks, unless they
    /// are hashed with their chain.
    fn messages_of<'b>(&self, frame: &'b PlainFrame, part: &Part) -> impl Iterator<Item = &'b [u8]> + use<'b> {
        let content = part.content_in(&frame.bytes);
        let (whole, chunks): (_, &[u8]) = match part {
            Part::Piece(_) if frame.chain_has_chunks => (None, &[]),
            Part::Piece(_) => (None, content),
            Part::Whole(..) if self.limits.has_chunks(content.len() as u64) => match self.digests.whole_file {
                true => (None, &[]),
                false => (None, content),
            },
            Part::Whole(finished, _) => (finished.entry.holds_content().then_some(content), &[]),
        };
        whole.into_iter().chain(chunks.chunks(self.limits.chunk_len()))
    }

    /// Puts a part together with the digests of its messages.
    fn done_part(&mut self, bytes: &[u8], part: Part, digests: &[Digest], chain_has_chunks: bool) -> DonePart {
        let content = part.content_in(bytes);
        match part {
            Part::Whole(finished, _) if finished.entry.hard_link.is_some() => {
                expect_digests(finished.n, digests, 0);
                DonePart::Link(finished)
            }
            Part::Whole(finished, _) => DonePart::Line(Box::new(self.whole_line(*finished, content, digests))),
            Part::Piece(piece) => {
                if chain_has_chunks {
                    return DonePart::Piece(piece, ChunkDigests::LeftToChain);
                }
                expect_digests(piece.n, digests, content.len().div_ceil(self.limits.chunk_len()));
                DonePart::Piece(piece, ChunkDigests::Known(digests.to_vec()))
            }
        }
    }

    fn whole_line(&mut self, finished: Finished, content: &[u8], digests: &[Digest]) -> DoneLine {
        let Finished { n, mut entry, xattrs_not_in_tar } = finished;
        if entry.holds_content() {
            entry.also = self.also(content);
        }
        let salt = self.seed.salt(&entry.path);
        let mut line = Line { n, salt, sha256: None, chunks_root: None, xattrs_not_in_tar, entry };
        let mut chunks = None;
        if self.limits.has_chunks(content.len() as u64) {
            let of_file = self.chunks_of_file(&mut line, content, digests);
            expect_digests(n, &of_file.digests, content.len().div_ceil(self.limits.chunk_len()));
            chunks = Some(of_file);
        } else if line.entry.holds_content() {
            expect_digests(n, digests, 1);
            line.sha256 = digests.first().copied();
        } else {
            expect_digests(n, digests, 0);
        }
        DoneLine::new(line, chunks)
    }

    /// Gives a line what it says of content that has chunks. `digests` are theirs if the whole file gets none.
    fn chunks_of_file(&mut self, line: &mut Line, content: &[u8], digests: &[Digest]) -> FileChunks {
        let (mut chain, mut digests) = (Vec::new(), digests.to_vec());
        if self.digests.whole_file {
            let mut whole = ChainedSha256::default();
            (chain, digests) = self.hasher.update_with_chunk_digests(&mut whole, content, self.limits.chunk_len());
            line.sha256 = Some(whole.finish());
        }
        let blind = self.seed.blind(&line.entry.path);
        let leaves = ChunkLeaves::new(blind);
        let mut tree = TreeHead::default();
        for (digest, i) in digests.iter().zip(0..) {
            tree.push(&leaves.leaf(i, *digest));
        }
        line.chunks_root = Some(tree.root());
        FileChunks {
            entry: line.n,
            first_chunk: 0,
            blind: blind.0,
            digests: digests.iter().map(|digest| digest.0).collect(),
            chain: chain.iter().map(|value| value.0).collect(),
        }
    }

    fn also(&self, content: &[u8]) -> Option<FurtherDigests> {
        let mut hashers = OtherHashers::new(&self.digests.also);
        hashers.update(content);
        further_digests(&hashers.finish())
    }
}

/// A digest too few or too many would give an entry that of another, or none: then nothing is sealed.
fn expect_digests<D>(n: u64, digests: &[D], count: usize) {
    assert_eq!(digests.len(), count, "entry {n} has not as many digests as it has pieces of content");
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    #[should_panic(expected = "entry 7 has not as many digests as it has pieces of content")]
    fn an_entry_with_a_digest_too_few_is_not_sealed() {
        expect_digests(7, &[Digest([0; 32])], 2);
    }
}
