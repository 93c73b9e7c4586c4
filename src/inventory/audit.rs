//! What became of the files of an earlier listing.

use std::collections::{BTreeSet, HashMap};
use std::hash::{BuildHasher as _, RandomState};
use std::path::Path;

use super::record::{RecordError, Records};
use crate::format::digest::Digest;

/// An earlier listing, and which of its entries were met. Takes 53 bytes for each entry; paths stay in the file.
pub struct Audit {
    records: Records,
    path: std::path::PathBuf,
    digests: Vec<Digest>,
    /// Where each line begins, in bytes.
    offsets: Vec<u64>,
    states: Vec<State>,
    /// A hash of each path with the entry, ascending. Keyed at random, so that no listing can be made to be slow.
    by_path: Vec<(u32, u32)>,
    /// Entries by ascending digest.
    by_digest: Vec<u32>,
    keys: RandomState,
    /// Paths below which not all could be looked at.
    hidden: BTreeSet<Vec<u8>>,
    /// Entries of paths that have many.
    repeated: HashMap<Vec<u8>, Vec<u32>>,
    /// How many of the entries of a digest were given away.
    settled: HashMap<Digest, usize>,
}

/// More lines than this of one path are remembered.
const REPEATED: usize = 8;

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum State {
    Unmet,
    /// A file at another path has its digest.
    Elsewhere,
    /// There is something at its path.
    Met,
}

/// How a file compares with the listing.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Judgement {
    /// Its path and digest are there.
    Matched,
    /// Its path is there with another digest.
    Changed {
        /// The one that is there.
        recorded: Digest,
    },
    /// Its path is not there, but its digest is.
    Moved {
        /// The path there.
        from: Vec<u8>,
    },
    /// Neither is there.
    New,
}

impl Audit {
    /// Reads a listing. Paths are compared byte for byte, but for `./` before them.
    ///
    /// # Errors
    /// [`RecordError`], with the line.
    pub fn read(path: &Path) -> Result<Self, RecordError> {
        let (records, keys) = (Records::open(path)?, RandomState::new());
        let (by_path, by_digest) = (Vec::new(), Vec::new());
        let (digests, offsets, states) = (Vec::new(), Vec::new(), Vec::new());
        let (path, hidden) = (path.to_owned(), BTreeSet::new());
        let mut audit = Self {
            records,
            path,
            digests,
            offsets,
            states,
            by_path,
            by_digest,
            keys,
            hidden,
            repeated: HashMap::new(),
            settled: HashMap::new(),
        };
        while let Some((offset, record)) = audit.records.next_record()? {
            let Ok(entry) = u32::try_from(audit.digests.len()) else {
                return Err(RecordError::TooMany { path: audit.path });
            };
            audit.by_path.push((audit.key(&record.path), entry));
            audit.by_digest.push(entry);
            audit.digests.push(record.sha256);
            audit.offsets.push(offset);
            audit.states.push(State::Unmet);
        }
        if audit.digests.is_empty() {
            return Err(RecordError::Empty { path: audit.path });
        }
        audit.by_path.sort_unstable();
        let Self { by_digest, digests, .. } = &mut audit;
        by_digest.sort_unstable_by_key(|&entry| (digests.get(index(entry)), entry));
        Ok(audit)
    }

    /// Entries in the listing.
    pub fn len(&self) -> usize {
        self.digests.len()
    }

    /// Whether it has no entry.
    pub fn is_empty(&self) -> bool {
        self.digests.is_empty()
    }

    /// Compares a file with the listing. `None` if its digest is there more than once: [`Self::settle`] says it when all files
    /// were judged.
    ///
    /// # Errors
    /// If the listing cannot be read any more.
    pub fn judge(&mut self, path: &[u8], sha256: Digest) -> Result<Option<Judgement>, RecordError> {
        let entries = self.entries_at(path)?;
        for &entry in &entries {
            self.states[index(entry)] = State::Met;
        }
        if !entries.is_empty() {
            // Of a listing that contradicts itself no line may be believed alone.
            let differing = entries.iter().find(|&&entry| self.digests[index(entry)] != sha256);
            let recorded = differing.map(|&entry| self.digests[index(entry)]);
            return Ok(Some(recorded.map_or(Judgement::Matched, |recorded| Judgement::Changed { recorded })));
        }
        match self.entries_of(sha256) {
            [] => Ok(Some(Judgement::New)),
            &[entry] => self.moved_from(entry).map(Some),
            // Which of them it was is known when it is known which are still where they were.
            [_, _, ..] => Ok(None),
        }
    }

    /// Says of a file that was to be judged later where it was: at a path at which nothing is any more, if there is one.
    ///
    /// # Errors
    /// As [`Self::judge`].
    pub fn settle(&mut self, sha256: Digest) -> Result<Judgement, RecordError> {
        let entries = self.entries_of(sha256);
        // Each is given away once, in their order: what was looked at before need not be looked at again.
        let from = self.settled.get(&sha256).copied().unwrap_or(0);
        let unmet = (from..entries.len()).find(|&at| self.states[index(entries[at])] == State::Unmet);
        let (next, entry) = (unmet.map_or(entries.len(), |at| at + 1), unmet.map_or(entries[0], |at| entries[at]));
        self.settled.insert(sha256, next);
        self.moved_from(entry)
    }

    fn moved_from(&mut self, entry: u32) -> Result<Judgement, RecordError> {
        let state = &mut self.states[index(entry)];
        if *state == State::Unmet {
            *state = State::Elsewhere;
        }
        Ok(Judgement::Moved { from: self.records.at(self.offsets[index(entry)])?.path })
    }

    /// The entries with this digest, in the order of the listing.
    fn entries_of(&self, sha256: Digest) -> &[u32] {
        let start = self.by_digest.partition_point(|&entry| self.digests[index(entry)] < sha256);
        let rest = &self.by_digest[start..];
        &rest[..rest.partition_point(|&entry| self.digests[index(entry)] == sha256)]
    }

    /// Takes note of something that is at a path of the listing but cannot be read: it is not missing.
    ///
    /// # Errors
    /// As [`Self::judge`].
    pub fn meet(&mut self, path: &[u8]) -> Result<(), RecordError> {
        for entry in self.entries_at(path)? {
            self.states[index(entry)] = State::Met;
        }
        Ok(())
    }

    /// Takes note of a path below which not all could be looked at: what the listing has there is not known to be missing.
    pub fn hide_below(&mut self, path: &[u8]) {
        self.hidden.insert(directory(path).to_vec());
    }

    /// Whether a path lies below one of [`Self::hide_below`].
    pub fn is_hidden(&self, path: &[u8]) -> bool {
        let path = plain(path);
        let is_relative = !path.starts_with(b"/");
        let mut ends = (0..path.len()).filter(|&end| path[end] == b'/');
        !self.hidden.is_empty()
            && (is_relative && self.hidden.contains(&b"."[..])
                || ends.any(|end| self.hidden.contains(if end == 0 { &b"/"[..] } else { &path[..end] })))
    }

    /// Paths and digests of the entries of which nothing was found, in the order of the listing.
    pub fn missing(&self) -> impl Iterator<Item = Result<(Vec<u8>, Digest), RecordError>> {
        let unmet = self.states.iter().zip(&self.offsets).filter(|(state, _)| **state == State::Unmet);
        unmet.map(|(_, offset)| self.records.at(*offset).map(|record| (record.path, record.sha256)))
    }

    /// The paths of a listing, in its order.
    ///
    /// # Errors
    /// As [`Self::read`], also one by one.
    pub fn paths_of(path: &Path) -> Result<ListedPaths, RecordError> {
        Ok(ListedPaths { records: Records::open(path)? })
    }

    /// The entries with this path.
    fn entries_at(&mut self, path: &[u8]) -> Result<Vec<u32>, RecordError> {
        let path = plain(path);
        if let Some(known) = self.repeated.get(path) {
            return Ok(known.clone());
        }
        let key = self.key(path);
        let start = self.by_path.partition_point(|&(other, _)| other < key);
        let mut entries = Vec::new();
        for &(_, entry) in self.by_path[start..].iter().take_while(|&&(other, _)| other == key) {
            if plain(&self.records.at(self.offsets[index(entry)])?.path) == path {
                entries.push(entry);
            }
        }
        // Each has to be read from the listing: what has many lines there, and may be asked for as often, is remembered.
        if entries.len() > REPEATED {
            self.repeated.insert(path.to_vec(), entries.clone());
        }
        Ok(entries)
    }

    fn key(&self, path: &[u8]) -> u32 {
        let hash = self.keys.hash_one(plain(path));
        u32::try_from(hash >> 32).unwrap_or(0)
    }
}

/// The paths of a listing, one after the other.
pub struct ListedPaths {
    records: Records,
}

impl Iterator for ListedPaths {
    type Item = Result<Vec<u8>, RecordError>;

    fn next(&mut self) -> Option<Self::Item> {
        self.records.next_record().map(|next| next.map(|(_, record)| record.path)).transpose()
    }
}

/// A path without `./` before it.
fn plain(mut path: &[u8]) -> &[u8] {
    while let Some(rest) = path.strip_prefix(b"./") {
        let end = rest.iter().position(|byte| *byte != b'/').unwrap_or(rest.len());
        path = &rest[end..];
    }
    path
}

/// The path of a directory as it stands before the `/` of what is below.
fn directory(path: &[u8]) -> &[u8] {
    let end = path.iter().rposition(|byte| *byte != b'/').map_or(0, |last| last + 1);
    if end == 0 { b"/" } else { plain(&path[..end]) }
}

/// An entry as an index. A `u32` fits on every system that this program is built for.
fn index(entry: u32) -> usize {
    usize::try_from(entry).unwrap_or(usize::MAX)
}
