//! Step V-10 for the content of one entry in one segment: chunk by chunk, or as a whole.

use std::ops::Range;

use super::check::{Check, Ledger};
use super::damage::DamagedEntry;
use super::rules;
use super::spans::{SpanPart, SpanTable, check_by_intervals, check_root, part_of};
use super::zeros::Zeros;
use crate::format::derive::ChunkLeaves;
use crate::format::digest::{ChainValue, Digest};
use crate::format::index::FileChunks;
use crate::format::line::Line;
use crate::hash::{ChainedSha256, PlainSha256};
use crate::tree::{TreeHead, leaf_hash};

/// How content is proven.
enum Proof<'a> {
    /// By one digest over all of it, which lies in this segment.
    Whole { hasher: PlainSha256, complete: bool },
    /// Chunk by chunk.
    Chunks(Box<Chunks<'a>>),
    /// Not at all: the index part that would prove a part of it is lost.
    Nothing,
}

/// The content of one entry, as far as it lies in one segment, fed from start to end.
pub(super) struct ContentCheck<'a> {
    line: &'a Line,
    leaf: Digest,
    size: u64,
    start: u64,
    offset: u64,
    chunk_len: u64,
    zeros: Zeros,
    zeros_hold: bool,
    proof: Proof<'a>,
    damage: DamagedEntry,
}

/// What the content came to.
pub(super) struct ContentEnd {
    /// For a file that spans segments.
    pub part: Option<SpanPart>,
    /// If something of it is lost, and no other segment has a part of it.
    pub damage: Option<DamagedEntry>,
    /// Bytes of it that are proven.
    pub proven_bytes: u64,
}

impl<'a> ContentCheck<'a> {
    /// Content from `start` on. `table` is what the index part has of the entry, `Err` if the index part is lost.
    pub fn new(
        line: &'a Line,
        leaf: Digest,
        start: u64,
        chunk_len: u64,
        table: Result<Option<&'a FileChunks>, ()>,
        ledger: &mut Ledger,
    ) -> Self {
        let size = line.entry.tar_content_len();
        let proof = match table {
            Ok(Some(table)) => Proof::Chunks(Box::new(Chunks::new(line, start, chunk_len, table, ledger))),
            _ if start == 0 && line.sha256.is_some() => Proof::Whole { hasher: PlainSha256::default(), complete: true },
            _ => Proof::Nothing,
        };
        let damage = DamagedEntry::new(line.n, line.entry.path.clone(), size);
        let zeros = Zeros::of(&line.entry);
        Self { line, leaf, size, start, offset: start, chunk_len, zeros, zeros_hold: true, proof, damage }
    }

    /// Takes the next bytes.
    pub fn bytes(&mut self, bytes: &[u8], ledger: &mut Ledger) {
        if self.zeros_hold
            && let Some(at) = self.zeros.first_violation(self.offset, bytes)
        {
            self.zeros_hold = false;
            let check = Check::failed(&rules::TAR_ZEROS, self.line.entry.path.as_bytes());
            ledger.add(check.note(format!("byte {at} lies in a hole or gap and is not zero")));
        }
        match &mut self.proof {
            Proof::Whole { hasher, .. } => hasher.update(bytes),
            Proof::Chunks(chunks) => chunks.bytes(bytes, &mut self.damage, ledger),
            Proof::Nothing => {}
        }
        self.offset = self.offset.saturating_add(bytes.len() as u64);
    }

    /// Passes over bytes that are not there. Gives the range of whole chunks that is lost with them.
    pub fn missing(&mut self, len: u64, ledger: &mut Ledger) -> Range<u64> {
        let range = self.offset..self.offset.saturating_add(len);
        match &mut self.proof {
            Proof::Whole { complete, .. } => *complete = false,
            Proof::Chunks(chunks) => chunks.missing(len, &mut self.damage, ledger),
            Proof::Nothing => {}
        }
        self.offset = range.end;
        let start = range.start - range.start % self.chunk_len;
        start..range.end.next_multiple_of(self.chunk_len).min(self.size)
    }

    /// Ends it, at the end of the content or of the segment.
    pub fn finish(mut self, ledger: &mut Ledger) -> ContentEnd {
        let ends = self.offset == self.size;
        let path = self.line.entry.path.as_bytes();
        if self.zeros_hold && ends && !(self.line.entry.holes.is_empty() && self.line.entry.gaps.is_empty()) {
            ledger.pass(&rules::TAR_ZEROS);
        }
        let spans = self.line.chunks_root.is_some() && (self.start > 0 || !ends);
        let mut part = part_of(self.line, self.leaf, self.start);
        part.range.end = self.offset;
        part.ends = ends;
        match self.proof {
            Proof::Whole { hasher, complete } if ends => {
                let found = hasher.finish();
                let expected = self.line.sha256.unwrap_or(found);
                if complete && found == expected {
                    ledger.pass(&rules::CONTENT_DIGEST);
                    self.damage.proven_bytes = self.size;
                } else {
                    let check = match complete {
                        true => Check::failed(&rules::CONTENT_DIGEST, path).expected(expected).actual(found),
                        false => Check::cannot_tell(&rules::CONTENT_DIGEST, path).note("some of it is not there"),
                    };
                    ledger.add(check);
                    self.damage.lose(0..self.size);
                }
                if self.line.chunks_root.is_some() {
                    ledger.add(Check::cannot_tell(&rules::CHUNKS_ROOT, path).note("the index part is lost"));
                }
            }
            Proof::Whole { .. } | Proof::Nothing => {
                part.holds = false;
                let check = Check::cannot_tell(&rules::CONTENT_DIGEST, path);
                ledger.add(check.note("an index part that would prove it is lost"));
                self.damage.lose(self.start..self.offset);
            }
            Proof::Chunks(chunks) => chunks.finish(&mut part, spans, ledger),
        }
        let proven_bytes = self.damage.proven_bytes;
        let is_lost = self.damage.lost_bytes > 0;
        if spans {
            part.damage = self.damage;
            return ContentEnd { part: Some(part), damage: None, proven_bytes };
        }
        ContentEnd { part: None, damage: is_lost.then_some(self.damage), proven_bytes }
    }
}

/// The chunks of a file that lie in one segment.
struct Chunks<'a> {
    line: &'a Line,
    table: &'a FileChunks,
    chunk_len: u64,
    size: u64,
    start: u64,
    offset: u64,
    plain: PlainSha256,
    chain: Option<ChainedSha256>,
    /// Some of the current chunk is not there.
    is_missing: bool,
    /// Something of the chunks so far is missing: said once, at the end.
    any_missing: bool,
    holds: bool,
    reached: Option<ChainValue>,
}

impl<'a> Chunks<'a> {
    fn new(line: &'a Line, start: u64, chunk_len: u64, table: &'a FileChunks, ledger: &mut Ledger) -> Self {
        let path = line.entry.path.as_bytes();
        let mut holds = true;
        let first = table.chain_value(0);
        if start == 0 && line.sha256.is_some() && first != Some(ChainValue::START) {
            let check = Check::failed(&rules::CHUNK_INTERVAL, path).expected(ChainValue::START);
            ledger.add(check.note("the first chain value is not that of SHA-256 (CHN-2)"));
            holds = false;
        }
        let size = line.entry.tar_content_len();
        let mut chunks = Self {
            line,
            table,
            chunk_len,
            size,
            start,
            offset: start,
            plain: PlainSha256::default(),
            chain: None,
            is_missing: false,
            any_missing: false,
            holds,
            reached: None,
        };
        chunks.begin();
        chunks
    }

    /// Place in the table of the chunk at the current offset.
    fn place(&self) -> usize {
        usize::try_from((self.offset - self.start) / self.chunk_len).unwrap_or(usize::MAX)
    }

    /// Begins the chunk at the current offset.
    fn begin(&mut self) {
        let value = if self.line.sha256.is_some() { self.table.chain_value(self.place()) } else { None };
        self.chain = value.map(|value| ChainedSha256::resume(value, self.offset));
        self.plain = PlainSha256::default();
        self.is_missing = false;
    }

    /// Bytes up to the end of the current chunk.
    fn room(&self) -> u64 {
        (self.chunk_len - self.offset % self.chunk_len).min(self.size - self.offset)
    }

    fn bytes(&mut self, mut bytes: &[u8], damage: &mut DamagedEntry, ledger: &mut Ledger) {
        while !bytes.is_empty() && self.offset < self.size {
            let len = usize::try_from(self.room()).unwrap_or(usize::MAX).min(bytes.len());
            let (piece, rest) = bytes.split_at(len);
            self.plain.update(piece);
            if let Some(chain) = &mut self.chain {
                chain.update(piece);
            }
            self.advance(len as u64, damage, ledger);
            bytes = rest;
        }
    }

    fn missing(&mut self, mut len: u64, damage: &mut DamagedEntry, ledger: &mut Ledger) {
        while len > 0 && self.offset < self.size {
            let piece = self.room().min(len);
            self.is_missing = true;
            self.advance(piece, damage, ledger);
            len -= piece;
        }
    }

    fn advance(&mut self, len: u64, damage: &mut DamagedEntry, ledger: &mut Ledger) {
        let room = self.room();
        // The place of a chunk is found by its start, so it ends before the offset moves on.
        if len == room {
            let place = self.place();
            self.offset += len;
            self.end_chunk(place, damage, ledger);
            if self.offset < self.size {
                self.begin();
            }
        } else {
            self.offset += len;
        }
    }

    /// Compares the chunk that ends at the current offset.
    fn end_chunk(&mut self, place: usize, damage: &mut DamagedEntry, ledger: &mut Ledger) {
        let number = (self.offset - 1) / self.chunk_len;
        let range = number * self.chunk_len..self.offset;
        self.reached = None;
        if self.is_missing {
            self.any_missing = true;
            self.holds = false;
            damage.lose(range);
            return;
        }
        let path = self.line.entry.path.as_bytes();
        let found = std::mem::take(&mut self.plain).finish();
        // A chunk that the table does not have is reported when the table's length is compared.
        let proven = match self.table.digest(place) {
            Some(expected) => ledger.require(expected == found, &rules::CHUNK_DIGEST, || {
                let check = Check::failed(&rules::CHUNK_DIGEST, path).expected(expected).actual(found);
                check.note(format!("chunk {number}, bytes {} to {}", range.start, range.end))
            }),
            None => false,
        };
        if proven {
            damage.proven_bytes += range.end - range.start;
        } else {
            self.holds = false;
            damage.lose(range);
        }
        self.end_interval(place, number, ledger);
    }

    /// Compares the interval over the chunk that has just ended (SPEC.md CHN-1).
    fn end_interval(&mut self, place: usize, number: u64, ledger: &mut Ledger) {
        let (Some(sha256), Some(chain)) = (self.line.sha256, self.chain.take()) else { return };
        let (expected, found) = if self.offset == self.size {
            (Some(sha256), chain.finish())
        } else {
            let Some(reached) = chain.chain_value() else { return };
            self.reached = Some(reached);
            (self.table.chain_value(place + 1).map(|value| Digest(value.0)), Digest(reached.0))
        };
        // Where the segment ends, the next one has the value to compare with.
        let Some(expected) = expected else { return };
        self.holds &= ledger.require(expected == found, &rules::CHUNK_INTERVAL, || {
            let check = Check::failed(&rules::CHUNK_INTERVAL, self.line.entry.path.as_bytes());
            check.expected(expected).actual(found).note(format!("interval of chunk {number}"))
        });
    }

    /// Checks the table as a whole and gives what other segments need of it.
    fn finish(self, part: &mut SpanPart, spans: bool, ledger: &mut Ledger) {
        let path = self.line.entry.path.as_bytes();
        let count = (self.offset - self.start).div_ceil(self.chunk_len);
        let chain_count = if self.line.sha256.is_some() { count } else { 0 };
        let fits = self.table.digests.len() as u64 == count
            && self.table.chain.len() as u64 == chain_count
            && self.table.first_chunk == self.start / self.chunk_len;
        let holds = ledger.require(fits, &rules::INDEX_FILES, || {
            let check =
                Check::failed(&rules::INDEX_FILES, path).note("its chunk table is not that of its content here");
            check.expected(format!("{count} chunks from {} on", self.start / self.chunk_len)).actual(format!(
                "{} digests and {} chain values from {} on",
                self.table.digests.len(),
                self.table.chain.len(),
                self.table.first_chunk
            ))
        }) && self.holds;
        if self.any_missing {
            let check = Check::cannot_tell(&rules::CHUNK_DIGEST, path);
            ledger.add(check.note("some of its chunks are not there; see the damage map"));
        }
        let table = self.leaves();
        part.holds = holds;
        part.reached = self.reached;
        if !spans {
            let mut tree = TreeHead::default();
            table.leaves.iter().for_each(|leaf| tree.push_hash(*leaf));
            if let Some(root) = self.line.chunks_root {
                check_root(path, root, &tree, ledger);
            }
            if let Some(sha256) = self.line.sha256 {
                check_by_intervals(path, sha256, holds, ledger);
            }
        }
        part.table = Some(table);
    }

    /// Leaf hashes of the digests in the table, which is proven whatever became of the content.
    fn leaves(&self) -> SpanTable {
        let blind = self.table.blind();
        let leaves = ChunkLeaves::new(blind);
        // Not those that the table states: if they differ, that has been reported.
        let numbers = self.start / self.chunk_len..;
        let hashes =
            self.table.digests.iter().zip(numbers).map(|(digest, i)| leaf_hash(&leaves.leaf(i, Digest(*digest))));
        SpanTable { blind, leaves: hashes.collect(), start: self.table.chain_value(0) }
    }
}
