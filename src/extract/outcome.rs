//! What came of an extraction.

use std::collections::BTreeMap;
use std::io;

use crate::verify::Room;
use crate::verify::proven::PartError;

/// Most entries that are named one by one if they could not be restored.
const LEFT_COUNT_MAX: usize = 10_000;

/// What came of an extraction.
#[derive(Debug, Default)]
pub struct Extracted {
    /// Entries that were restored.
    pub restored: u64,
    /// Entries that were there already, with the same content: an earlier extraction was interrupted, or is repeated.
    pub present: u64,
    /// Bytes of content that were written.
    pub bytes: u64,
    /// Entries that were not restored, and manifest parts whose entries are not known; the first of them.
    pub left: Vec<Left>,
    /// How many there are in all.
    pub left_count: u64,
    room: Room,
    /// Entries that have another name than in the bundle.
    pub renamed: u64,
    /// Name of the file in the target that says which.
    pub names_map: Option<String>,
    /// Metadata that restored entries do not have.
    pub withheld: Withheld,
    /// Something in the bundle is damaged.
    pub is_damaged: bool,
    /// Reading the bundle or writing the files failed.
    pub has_failed: bool,
}

/// An entry that was not restored.
#[derive(Debug)]
pub struct Left {
    /// Its path, or the member that would have named it.
    pub path: Vec<u8>,
    /// Why not.
    pub why: Lost,
}

/// Why an entry was not restored.
#[derive(Debug, thiserror::Error)]
pub enum Lost {
    /// Its bytes are not the sealed ones.
    #[error("damaged: its bytes are not those that were sealed")]
    Content,
    /// The user ended the extraction while it was written.
    #[error("interrupted")]
    Interrupted,
    /// The names in a manifest part are lost.
    #[error("damaged: the entries that it names are not known")]
    Names,
    /// The bundle cannot be read.
    #[error("cannot read the bundle: {0}")]
    Source(io::Error),
    /// The target cannot be written.
    #[error("cannot write it: {0}")]
    Target(io::Error),
    /// Something else has its name.
    #[error("something else is there already, and was left as it is")]
    Exists,
    /// It was not read when it was sealed.
    #[error("could not be opened when it was sealed: {0}")]
    Unreadable(String),
    /// It is a further name of a file that was not restored.
    #[error("a further name of a file that was not restored")]
    LinkTarget,
    /// Device nodes have powers that files do not.
    #[error("a device node: only --special restores it")]
    Special,
    /// Nothing is known of it but its name.
    #[error("nothing but its name was known when it was sealed")]
    Unknown,
}

/// Why a part of the bundle is of no use, to be told of every entry that needs it.
#[derive(Clone, Copy, Debug)]
pub(super) enum Reason {
    /// It is not what was sealed.
    Damaged,
    /// It cannot be read, which says nothing against it.
    Unreadable(io::ErrorKind),
}

impl Reason {
    pub fn of(error: &PartError) -> Self {
        match error {
            PartError::Damaged => Self::Damaged,
            PartError::Io(error) => Self::Unreadable(error.kind()),
        }
    }

    pub fn lost(self) -> Lost {
        match self {
            Self::Damaged => Lost::Content,
            Self::Unreadable(kind) => Lost::Source(kind.into()),
        }
    }
}

impl Extracted {
    /// Notes an entry that was not restored.
    pub(super) fn leave(&mut self, path: Vec<u8>, why: Lost) {
        match &why {
            Lost::Content | Lost::Names => self.is_damaged = true,
            Lost::Source(_) | Lost::Target(_) | Lost::Exists => self.has_failed = true,
            Lost::Unreadable(_) | Lost::Special | Lost::Unknown | Lost::Interrupted | Lost::LinkTarget => {}
        }
        self.left_count += 1;
        if self.left.len() < LEFT_COUNT_MAX && self.room.take(path.len()) {
            self.left.push(Left { path, why });
        }
    }
}

/// Metadata that restored entries do not have, by what it is and why.
#[derive(Debug, Default)]
pub struct Withheld(BTreeMap<String, Example>);

/// How often something happened, and to which entry first.
#[derive(Debug)]
pub struct Example {
    /// Number of entries.
    pub count: u64,
    /// Path of the first.
    pub path: Vec<u8>,
}

impl Withheld {
    /// Notes one case.
    pub(super) fn note(&mut self, what: String, entry_path: &[u8]) {
        let first = || Example { count: 0, path: entry_path.to_vec() };
        self.0.entry(what).or_insert_with(first).count += 1;
    }

    /// What was withheld and why, in words, and from which entries.
    pub fn iter(&self) -> impl Iterator<Item = (&str, &Example)> {
        self.0.iter().map(|(what, example)| (what.as_str(), example))
    }
}
