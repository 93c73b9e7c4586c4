//! Files that span segments: what each segment proved of them, put together in order.

use std::ops::Range;

use super::check::{Check, Ledger};
use super::damage::{DamageMap, DamagedEntry};
use super::rules;
use crate::format::digest::{Blind, ChainValue, Digest};
use crate::format::line::Line;
use crate::format::path::EntryPath;
use crate::tree::TreeHead;

/// What one segment proved of a file that has chunks and spans segments.
pub(super) struct SpanPart {
    /// Number of the entry.
    pub n: u64,
    /// Its path.
    pub path: EntryPath,
    /// Leaf hash of the line that was used for it.
    pub leaf: Digest,
    /// What that line has.
    pub sha256: Option<Digest>,
    pub chunks_root: Option<Digest>,
    /// The content that lies in this segment.
    pub range: Range<u64>,
    /// Whether the content ends here.
    pub ends: bool,
    /// What the index part has of it; `None` if that is lost.
    pub table: Option<SpanTable>,
    /// Every chunk and every interval that ends in this segment holds.
    pub holds: bool,
    /// Chain value that was reached at the end of the last chunk, unless the content ends here.
    pub reached: Option<ChainValue>,
    /// What is proven and what is lost.
    pub damage: DamagedEntry,
}

/// The chunks of a file in one segment.
pub(super) struct SpanTable {
    pub blind: Blind,
    /// Leaf hashes of `chunks_root`.
    pub leaves: Vec<Digest>,
    /// Chain value at the start of the first chunk.
    pub start: Option<ChainValue>,
}

/// The file that goes on into the next segment.
struct Open {
    n: u64,
    path: EntryPath,
    leaf: Digest,
    end: u64,
    /// `None` once the leaves of a segment are missing.
    tree: Option<(Blind, TreeHead)>,
    holds: bool,
    reached: Option<ChainValue>,
    damage: DamagedEntry,
}

/// Puts parts together.
#[derive(Default)]
pub(super) struct Spans(Option<Open>);

impl Spans {
    /// Takes the next part, in order of segments.
    pub fn take(&mut self, part: SpanPart, ledger: &mut Ledger, damage: &mut DamageMap) {
        match &mut self.0 {
            Some(open) if !open.is_of(&part) => self.give_up(ledger, damage),
            Some(open) if open.end <= part.range.start => open.bridge(part.range.start),
            _ => self.begin_anew(part.n),
        }
        let mut open = self.0.take().unwrap_or_else(|| Open::start(&part));
        open.join(&part, ledger);
        if part.ends {
            open.finish(part.sha256, part.chunks_root, ledger, damage);
        } else {
            self.0 = Some(open);
        }
    }

    /// Forgets what earlier segments held of a file of which a later one holds the same content (SPEC.md VER-12).
    pub fn begin_anew(&mut self, n: u64) {
        self.0.take_if(|open| open.n == n);
    }

    /// Takes a file of which nothing is proven in the segment of its line: what earlier segments proved of it remains.
    pub fn lose(&mut self, entry: DamagedEntry, ledger: &mut Ledger, damage: &mut DamageMap) {
        let is_open = self.0.as_ref().is_some_and(|open| open.n == entry.n);
        self.give_up(ledger, damage);
        if !is_open {
            damage.add_entry(entry);
        }
    }

    /// Ends a file of which no further part comes.
    pub fn give_up(&mut self, ledger: &mut Ledger, damage: &mut DamageMap) {
        if let Some(mut open) = self.0.take() {
            open.damage.lose(open.end..open.damage.size);
            ledger.add(Check::cannot_tell(&rules::CHUNKS_ROOT, open.path.as_bytes()).note(PART_LOST));
            damage.add_entry(open.damage);
        }
    }
}

const PART_LOST: &str = "part of the file lies in a segment whose index or manifest part is lost";

impl Open {
    fn start(part: &SpanPart) -> Self {
        let is_start = part.range.start == 0;
        let tree = part.table.as_ref().filter(|_| is_start).map(|table| (table.blind, TreeHead::default()));
        let damage = DamagedEntry::new(part.n, part.path.clone(), part.damage.size);
        let mut open = Self {
            n: part.n,
            path: part.path.clone(),
            leaf: part.leaf,
            end: part.range.start,
            tree,
            holds: is_start,
            reached: None,
            damage,
        };
        open.damage.lose(0..part.range.start);
        open
    }

    fn is_of(&self, part: &SpanPart) -> bool {
        // Another leaf would mean that the file's line was another when it was looked up ahead.
        self.n == part.n && self.leaf == part.leaf
    }

    /// Passes over content of which nothing is known, up to `start`.
    fn bridge(&mut self, start: u64) {
        if self.end < start {
            self.damage.lose(self.end..start);
            self.end = start;
            self.tree = None;
            self.holds = false;
            self.reached = None;
        }
    }

    fn join(&mut self, part: &SpanPart, ledger: &mut Ledger) {
        let first = part.range.start == 0;
        match (&mut self.tree, &part.table) {
            (Some((blind, tree)), Some(table)) => {
                let check = || Check::failed(&rules::INDEX_FILES, part.path.as_bytes()).note("another blind (IDX-4)");
                if ledger.require(*blind == table.blind, &rules::INDEX_FILES, check) {
                    table.leaves.iter().for_each(|leaf| tree.push_hash(*leaf));
                } else {
                    self.tree = None;
                }
            }
            (tree, _) => *tree = None,
        }
        if part.sha256.is_some() && !first {
            self.join_chain(part, ledger);
        }
        self.holds &= part.holds;
        self.end = part.range.end;
        self.reached = part.reached;
        self.damage.join(part.damage.clone());
    }

    /// The interval of the last chunk of one segment leads to the first chain value of the next.
    fn join_chain(&mut self, part: &SpanPart, ledger: &mut Ledger) {
        let start = part.table.as_ref().and_then(|table| table.start);
        let note = format!("interval that ends at byte {}", part.range.start);
        match (self.reached, start) {
            (Some(reached), Some(start)) => {
                self.holds &= ledger.require(reached == start, &rules::CHUNK_INTERVAL, || {
                    let check = Check::failed(&rules::CHUNK_INTERVAL, part.path.as_bytes());
                    check.expected(start).actual(reached).note(note)
                });
            }
            _ => {
                self.holds = false;
                ledger.add(Check::cannot_tell(&rules::CHUNK_INTERVAL, part.path.as_bytes()).note(note));
            }
        }
    }

    fn finish(self, sha256: Option<Digest>, root: Option<Digest>, ledger: &mut Ledger, damage: &mut DamageMap) {
        let path = self.path.as_bytes();
        match (self.tree, root) {
            (Some((_, tree)), Some(root)) => {
                check_root(path, root, &tree, ledger);
            }
            _ => ledger.add(Check::cannot_tell(&rules::CHUNKS_ROOT, path).note(PART_LOST)),
        }
        if let Some(sha256) = sha256 {
            check_by_intervals(path, sha256, self.holds, ledger);
        }
        if self.damage.lost_bytes > 0 {
            damage.add_entry(self.damage);
        }
    }
}

/// Compares the tree head over a file's chunks with that of its line.
pub(super) fn check_root(path: &[u8], root: Digest, tree: &TreeHead, ledger: &mut Ledger) -> bool {
    ledger.require(tree.root() == root, &rules::CHUNKS_ROOT, || {
        Check::failed(&rules::CHUNKS_ROOT, path).expected(root).actual(tree.root())
    })
}

/// A file's SHA-256 is proven if all its intervals hold.
pub(super) fn check_by_intervals(path: &[u8], sha256: Digest, hold: bool, ledger: &mut Ledger) {
    ledger.require(hold, &rules::CONTENT_DIGEST, || {
        let check = Check::cannot_tell(&rules::CONTENT_DIGEST, path).expected(sha256);
        check.note("not every interval holds or could be checked")
    });
}

/// What a line says of an entry that spans segments, without the parts.
pub(super) fn part_of(line: &Line, leaf: Digest, start: u64) -> SpanPart {
    let (n, path, size) = (line.n, line.entry.path.clone(), line.entry.tar_content_len());
    SpanPart {
        n,
        path: path.clone(),
        leaf,
        sha256: line.sha256,
        chunks_root: line.chunks_root,
        range: start..start,
        ends: false,
        table: None,
        holds: true,
        reached: None,
        damage: DamagedEntry::new(n, path, size),
    }
}
