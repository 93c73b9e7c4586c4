//! Step V-10 for the content of one entry in one segment: chunk by chunk, or as a whole.

use std::ops::Range;

use super::batch::OneDigest;
use super::check::{Check, Ledger};
use super::chunks::Chunks;
use super::damage::DamagedEntry;
use super::rules;
use super::spans::{SpanPart, part_of};
use super::zeros::Zeros;
use crate::format::digest::Digest;
use crate::format::index::FileChunks;
use crate::format::line::Line;
use crate::hash::{LaneHasher, PlainSha256};

/// How content is proven.
enum Proof<'a> {
    /// By one digest over all of it, which lies in this segment.
    Whole { hasher: PlainSha256, complete: bool },
    /// The same, but its bytes came at once, and somebody else hashes them.
    AtOnce,
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

    /// Takes the next bytes. If these are all, and one digest proves them, they are not hashed here: it gives what they are
    /// to be compared with.
    pub fn bytes(&mut self, bytes: &[u8], lanes: &mut LaneHasher, ledger: &mut Ledger) -> Option<OneDigest> {
        if self.zeros_hold
            && let Some(at) = self.zeros.first_violation(self.offset, bytes)
        {
            self.zeros_hold = false;
            let check = Check::failed(&rules::TAR_ZEROS, self.line.entry.path.as_bytes());
            ledger.add(check.note(format!("byte {at} lies in a hole or gap and is not zero")));
        }
        let are_all = self.offset == 0 && bytes.len() as u64 == self.size;
        match &mut self.proof {
            Proof::Whole { .. } if are_all => self.proof = Proof::AtOnce,
            Proof::Whole { hasher, .. } => hasher.update(bytes),
            Proof::Chunks(chunks) => chunks.bytes(bytes, lanes, &mut self.damage, ledger),
            Proof::AtOnce | Proof::Nothing => {}
        }
        self.offset = self.offset.saturating_add(bytes.len() as u64);
        let entry = || DamagedEntry::new(self.line.n, self.line.entry.path.clone(), self.size);
        matches!(self.proof, Proof::AtOnce).then(|| one_digest(self.line, entry()))
    }

    /// Passes over bytes that are not there. Gives the range of whole chunks that is lost with them.
    pub fn missing(&mut self, len: u64, ledger: &mut Ledger) -> Range<u64> {
        let range = self.offset..self.offset.saturating_add(len);
        match &mut self.proof {
            Proof::Whole { complete, .. } => *complete = false,
            Proof::Chunks(chunks) => chunks.missing(len, &mut self.damage, ledger),
            Proof::AtOnce | Proof::Nothing => {}
        }
        self.offset = range.end;
        let start = range.start - range.start % self.chunk_len;
        start..range.end.next_multiple_of(self.chunk_len).min(self.size)
    }

    /// Ends it, at the end of the content or of the segment.
    pub fn finish(mut self, ledger: &mut Ledger) -> ContentEnd {
        let ends = self.offset == self.size;
        if self.zeros_hold && ends && !(self.line.entry.holes.is_empty() && self.line.entry.gaps.is_empty()) {
            ledger.pass(&rules::TAR_ZEROS);
        }
        match self.proof {
            Proof::AtOnce => {
                return ContentEnd { part: None, damage: None, proven_bytes: 0 };
            }
            Proof::Whole { hasher, complete } if ends => {
                let found = complete.then(|| hasher.finish());
                let (proven_bytes, damage) = one_digest(self.line, self.damage).compare(found, ledger);
                return ContentEnd { part: None, damage, proven_bytes };
            }
            _ => {}
        }
        let spans = self.line.chunks_root.is_some() && (self.start > 0 || !ends);
        let mut part = part_of(self.line, self.leaf, self.start);
        part.range.end = self.offset;
        part.ends = ends;
        if let Proof::Chunks(chunks) = self.proof {
            chunks.finish(&mut part, spans, ledger);
        } else {
            part.holds = false;
            let check = Check::cannot_tell(&rules::CONTENT_DIGEST, self.line.entry.path.as_bytes());
            ledger.add(check.note("an index part that would prove it is lost"));
            self.damage.lose(self.start..self.offset);
        }
        let proven_bytes = self.damage.proven_bytes;
        if spans {
            part.damage = self.damage;
            return ContentEnd { part: Some(part), damage: None, proven_bytes };
        }
        let damage = Some(self.damage).filter(|damage| damage.lost_bytes > 0);
        ContentEnd { part: None, damage, proven_bytes }
    }
}

/// What the content of a line is to be compared with, if one digest proves it.
fn one_digest(line: &Line, entry: DamagedEntry) -> OneDigest {
    // Without a digest in the line nothing is proven by one.
    OneDigest { expected: line.sha256.unwrap_or(Digest([0; 32])), has_chunks: line.chunks_root.is_some(), entry }
}
