//! Step V-10 for content of more than a chunk: chunk digests and the intervals between them.

use super::check::{Check, Ledger};
use super::damage::DamagedEntry;
use super::rules;
use super::spans::{SpanPart, SpanTable, check_by_intervals, check_root};
use crate::format::derive::ChunkLeaves;
use crate::format::digest::{ChainValue, Digest};
use crate::format::index::FileChunks;
use crate::format::line::Line;
use crate::hash::{ChainedSha256, Job, LaneHasher, Outcome, PlainSha256, digest_of_zeros, is_zeros};
use crate::tree::{TreeHead, leaf_hash};

/// The chunks of a file that lie in one segment.
pub(super) struct Chunks<'a> {
    line: &'a Line,
    table: &'a FileChunks,
    chunk_len: u64,
    size: u64,
    start: u64,
    offset: u64,
    current: Current,
    /// Something of the chunks so far is missing: said once, at the end.
    any_missing: bool,
    holds: bool,
    reached: Option<ChainValue>,
}

/// A chunk of which not all bytes have come yet.
struct Current {
    plain: PlainSha256,
    /// The interval over it, if there is one.
    chain: Option<ChainedSha256>,
    /// Some of it is not there.
    is_missing: bool,
}

/// What the bytes of a chunk came to.
struct Hashed {
    digest: Digest,
    /// Of the interval over it, if there is one: the chain value at its end, or at the end of the content the digest.
    interval: Option<Outcome>,
}

impl<'a> Chunks<'a> {
    /// Content from `start` on, a multiple of the chunk length; `table` is what the index part has of the entry.
    pub fn new(line: &'a Line, start: u64, chunk_len: u64, table: &'a FileChunks, ledger: &mut Ledger) -> Self {
        let path = line.entry.path.as_bytes();
        let mut holds = true;
        let first = table.chain_value(0);
        if start == 0 && line.sha256.is_some() && first != Some(ChainValue::START) {
            let check = Check::failed(&rules::CHUNK_INTERVAL, path).expected(ChainValue::START);
            ledger.add(check.note("the first chain value is not that of SHA-256 (CHN-2)"));
            holds = false;
        }
        let size = line.entry.tar_content_len();
        let current = Current { plain: PlainSha256::default(), chain: None, is_missing: false };
        let (any_missing, reached) = (false, None);
        let mut chunks =
            Self { line, table, chunk_len, size, start, offset: start, current, any_missing, holds, reached };
        chunks.begin();
        chunks
    }

    /// Takes the next bytes.
    pub fn bytes(&mut self, mut bytes: &[u8], lanes: &mut LaneHasher, damage: &mut DamagedEntry, ledger: &mut Ledger) {
        while !bytes.is_empty() && self.offset < self.size {
            let (whole, rest) = bytes.split_at(self.whole_chunks_in(bytes));
            if !whole.is_empty() {
                self.whole_chunks(whole, lanes, damage, ledger);
                bytes = rest;
                continue;
            }
            // A frame that is not cut as it should be, or bytes after some that are missing.
            let len = usize::try_from(self.room()).unwrap_or(usize::MAX).min(bytes.len());
            let (piece, rest) = bytes.split_at(len);
            self.current.plain.update(piece);
            if let Some(chain) = &mut self.current.chain {
                chain.update(piece);
            }
            self.advance(len as u64, damage, ledger);
            bytes = rest;
        }
    }

    /// Passes over bytes that are not there. However many: a line may claim any length.
    pub fn missing(&mut self, len: u64, damage: &mut DamagedEntry, ledger: &mut Ledger) {
        let end = self.size.min(self.offset.saturating_add(len));
        if end == self.offset {
            return;
        }
        let last_start = end - end % self.chunk_len;
        if self.offset < last_start {
            let chunk_start = self.offset - self.offset % self.chunk_len;
            (self.any_missing, self.holds, self.reached) = (true, false, None);
            damage.lose(chunk_start..last_start);
            self.offset = last_start;
            self.begin();
        }
        if self.offset < end {
            self.current.is_missing = true;
            self.advance(end - self.offset, damage, ledger);
        }
    }

    /// How many of these bytes are chunks from start to end. In a sound bundle all: no frame ends within a chunk.
    fn whole_chunks_in(&self, bytes: &[u8]) -> usize {
        if !self.offset.is_multiple_of(self.chunk_len) {
            return 0;
        }
        let len = (bytes.len() as u64).min(self.size - self.offset);
        let ends = self.offset + len == self.size;
        usize::try_from(if ends { len } else { len - len % self.chunk_len }).unwrap_or(0)
    }

    /// Takes whole chunks. They and the intervals over them are hashed side by side, so that no chain is waited for.
    fn whole_chunks(&mut self, bytes: &[u8], lanes: &mut LaneHasher, damage: &mut DamagedEntry, ledger: &mut Ledger) {
        let chunk_len = usize::try_from(self.chunk_len).unwrap_or(usize::MAX);
        let (first, mut at) = (self.place(), self.offset);
        let (mut jobs, mut job_of) = (Vec::new(), Vec::new());
        for (chunk, place) in bytes.chunks(chunk_len).zip(first..) {
            let content = if !lanes.is_paranoid() && is_zeros(chunk) { None } else { Some(Job::message(chunk)) };
            let interval = self.chain_value(place).and_then(|value| self.interval(value, at, chunk));
            at += chunk.len() as u64;
            job_of.push((content.is_some(), interval.is_some()));
            jobs.extend(content);
            jobs.extend(interval);
        }
        let mut outcomes = vec![None; jobs.len()];
        lanes.run(&jobs, |job, outcome| outcomes[job] = Some(outcome));
        let mut outcomes = outcomes.into_iter();
        for ((chunk, place), (has_content, has_interval)) in bytes.chunks(chunk_len).zip(first..).zip(job_of) {
            let mut next = |has: bool| if has { outcomes.next().flatten() } else { None };
            let content =
                if has_content { next(true).and_then(Outcome::digest) } else { Some(digest_of_zeros(chunk.len())) };
            let interval = next(has_interval);
            let hashed = content.map(|digest| Hashed { digest, interval });
            self.offset += chunk.len() as u64;
            self.end_chunk(place, hashed, damage, ledger);
        }
        if self.offset < self.size {
            self.begin();
        }
    }

    /// The interval over a chunk that begins at `offset` with this value.
    fn interval<'b>(&self, value: ChainValue, offset: u64, chunk: &'b [u8]) -> Option<Job<'b>> {
        let ends = offset + chunk.len() as u64 == self.size;
        if ends { Job::last_interval(value, offset, chunk) } else { Job::interval(value, chunk) }
    }

    /// The recorded chain value at the start of a chunk, if there is a chain.
    fn chain_value(&self, place: usize) -> Option<ChainValue> {
        self.line.sha256.and_then(|_| self.table.chain_value(place))
    }

    /// Place in the table of the chunk at the current offset.
    fn place(&self) -> usize {
        usize::try_from((self.offset - self.start) / self.chunk_len).unwrap_or(usize::MAX)
    }

    /// Begins the chunk at the current offset.
    fn begin(&mut self) {
        let chain = self.chain_value(self.place()).map(|value| ChainedSha256::resume(value, self.offset));
        self.current = Current { plain: PlainSha256::default(), chain, is_missing: false };
    }

    /// Bytes up to the end of the current chunk.
    fn room(&self) -> u64 {
        (self.chunk_len - self.offset % self.chunk_len).min(self.size - self.offset)
    }

    fn advance(&mut self, len: u64, damage: &mut DamagedEntry, ledger: &mut Ledger) {
        let ends = len == self.room();
        // The place of a chunk is found by its start, so it ends before the offset moves on.
        let place = self.place();
        self.offset += len;
        if ends {
            let Current { plain, chain, is_missing } = &mut self.current;
            let is_last = self.offset == self.size;
            let reached = |chain: ChainedSha256| match chain.chain_value() {
                _ if is_last => Some(Outcome::Digest(chain.finish())),
                value => value.map(Outcome::ChainValue),
            };
            let hashed = Hashed { digest: std::mem::take(plain).finish(), interval: chain.take().and_then(reached) };
            let hashed = if *is_missing { None } else { Some(hashed) };
            self.end_chunk(place, hashed, damage, ledger);
            if self.offset < self.size {
                self.begin();
            }
        }
    }

    /// Compares the chunk that ends at the current offset; `None` if not all of it is there.
    fn end_chunk(&mut self, place: usize, hashed: Option<Hashed>, damage: &mut DamagedEntry, ledger: &mut Ledger) {
        let number = (self.offset - 1) / self.chunk_len;
        let range = number * self.chunk_len..self.offset;
        self.reached = None;
        let Some(Hashed { digest, interval }) = hashed else {
            self.any_missing = true;
            self.holds = false;
            damage.lose(range);
            return;
        };
        let path = self.line.entry.path.as_bytes();
        // A chunk that the table does not have is reported when the table's length is compared.
        let proven = match self.table.digest(place) {
            Some(expected) => ledger.require(expected == digest, &rules::CHUNK_DIGEST, || {
                let check = Check::failed(&rules::CHUNK_DIGEST, path).expected(expected).actual(digest);
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
        if let Some(interval) = interval {
            self.end_interval(place, number, interval, ledger);
        }
    }

    /// Compares the interval over the chunk that has just ended (SPEC.md CHN-1).
    fn end_interval(&mut self, place: usize, number: u64, interval: Outcome, ledger: &mut Ledger) {
        let (expected, found) = match interval {
            Outcome::Digest(digest) => (self.line.sha256, digest),
            Outcome::ChainValue(value) => {
                self.reached = Some(value);
                (self.table.chain_value(place + 1).map(|value| Digest(value.0)), Digest(value.0))
            }
            Outcome::Open(_) => return,
        };
        // Where the segment ends, the next one has the value to compare with.
        let Some(expected) = expected else { return };
        self.holds &= ledger.require(expected == found, &rules::CHUNK_INTERVAL, || {
            let check = Check::failed(&rules::CHUNK_INTERVAL, self.line.entry.path.as_bytes());
            check.expected(expected).actual(found).note(format!("interval of chunk {number}"))
        });
    }

    /// Checks the table as a whole and gives what other segments need of it.
    pub fn finish(self, part: &mut SpanPart, spans: bool, ledger: &mut Ledger) {
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
