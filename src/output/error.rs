//! What can stop the writing of a bundle.

use std::io;
use std::path::{Path, PathBuf};

/// Why a bundle was not written, or not under its name.
#[derive(Debug, thiserror::Error)]
#[expect(missing_docs, reason = "the messages say it")]
pub enum OutputError {
    #[error("{path} exists already", path = path.display())]
    Exists { path: PathBuf },
    #[error("{path} does not name a file", path = path.display())]
    NoFileName { path: PathBuf },
    #[error("cannot create {path}", path = path.display())]
    Create { path: PathBuf, source: io::Error },
    #[error("cannot write {path}", path = path.display())]
    Write { path: PathBuf, source: io::Error },
    #[error("the bundle is whole, but cannot be given its name {path}", path = path.display())]
    Rename { path: PathBuf, kept: PathBuf, source: io::Error },
    #[error("the bundle is whole at {path}, but a power cut now could lose the name", path = path.display())]
    NameNotSynced { path: PathBuf, source: io::Error },
    #[error("a bundle cannot be put together: {0}")]
    Internal(&'static str),
    #[error("cannot draw random bytes from the system")]
    Random(#[source] getrandom::Error),
}

impl OutputError {
    pub(super) fn create(path: &Path, source: io::Error) -> Self {
        Self::Create { path: path.to_owned(), source }
    }

    /// Whether it is what the user asked for that cannot be done, not this machine that cannot do it.
    pub fn is_usage(&self) -> bool {
        matches!(self, Self::Exists { .. } | Self::NoFileName { .. })
    }

    /// What the user can do about it.
    pub fn hint(&self) -> Option<String> {
        if let Self::Rename { kept, .. } = self {
            return Some(format!("it was kept as {}; give it a name that is free", kept.display()));
        }
        self.fixed_hint().map(str::to_owned)
    }

    fn fixed_hint(&self) -> Option<&'static str> {
        match self {
            Self::Exists { .. } => Some("choose another name: a bundle is never overwritten"),
            Self::NameNotSynced { .. } => Some("run `sync`; `scelle show` prints the seal digest"),
            Self::Create { source, .. } if source.kind() == io::ErrorKind::NotFound => {
                Some("the directory of the output must exist")
            }
            Self::Create { source, .. } | Self::Write { source, .. } if source.kind() == io::ErrorKind::StorageFull => {
                Some(STORAGE_FULL)
            }
            Self::Create { .. } | Self::Write { .. } => {
                Some("nothing unfinished was left behind; the source was only read")
            }
            _ => None,
        }
    }
}

/// What to say when the output's file system is full.
pub const STORAGE_FULL: &str = "the output's file system is full; nothing unfinished was left behind";
