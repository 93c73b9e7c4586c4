//! What can stop a sealing. What a source cannot give is never among it: that is recorded in the bundle.

use std::io;
use std::path::PathBuf;

use super::resume::ResumeError;
use crate::format::case::CaseError;
use crate::format::statement::StatementError;
use crate::hash::Mismatch;
use crate::limits::SEGMENT_COUNT_MAX;
use crate::output::{OutputError, STORAGE_FULL};
use crate::pack::{CompressError, Stopped};
use crate::read::SourceError;
use crate::report::escape::escape;
use crate::sign::SignError;

/// Why nothing was sealed.
#[derive(Debug, thiserror::Error)]
#[expect(missing_docs, reason = "the messages say it")]
pub enum SealError {
    #[error(transparent)]
    Output(#[from] OutputError),
    #[error("cannot write a temporary file beside the bundle")]
    Spool(#[source] io::Error),
    #[error("a bundle cannot be put together: {0}")]
    Internal(&'static str),
    #[error("cannot draw random bytes from the system")]
    Random(#[source] getrandom::Error),
    #[error("cannot compress a frame")]
    Compress(#[from] CompressError),
    #[error("cannot encode an index part")]
    Index(#[source] bincode::error::EncodeError),
    #[error("the case would not be accepted by a reader")]
    Case(#[source] CaseError),
    #[error("the statement would not be accepted by a reader")]
    Statement(#[from] StatementError),
    #[error("a frame of {len} bytes does not fit the index")]
    FrameTooLong { len: u64 },
    #[error("more than {SEGMENT_COUNT_MAX} segments")]
    TooManySegments,
    #[error("the sources hold nothing to seal")]
    NothingToSeal,
    #[error("no file handle is left to open {path} with ({cause})", path = String::from_utf8_lossy(path))]
    NoHandles { path: Vec<u8>, cause: String },
    #[error("the medium of {path} went away: nothing is there from byte {offset_bytes} on", path = escape(path))]
    Gone { path: Vec<u8>, offset_bytes: u64 },
    #[error("cannot write the journal {path}", path = path.display())]
    Journal { path: PathBuf, source: io::Error },
    #[error(transparent)]
    Sign(#[from] SignError),
    #[error(transparent)]
    Resume(#[from] ResumeError),
    #[error(transparent)]
    Source(SourceError),
    #[error("nothing was sealed")]
    Mismatch(#[from] Mismatch),
    #[error("cannot start a thread")]
    Thread(#[source] io::Error),
    #[error("interrupted")]
    Interrupted,
}

impl From<Stopped> for SealError {
    fn from(Stopped: Stopped) -> Self {
        Self::Interrupted
    }
}

impl From<SourceError> for SealError {
    fn from(error: SourceError) -> Self {
        match error {
            SourceError::Interrupted => Self::Interrupted,
            other => Self::Source(other),
        }
    }
}

impl SealError {
    /// What the user can do about it.
    pub fn hint(&self) -> Option<String> {
        if let Self::Output(error) = self {
            return error.hint();
        }
        if let Self::Resume(error) = self {
            return Some(error.hint().to_owned());
        }
        if let Self::Sign(error) = self {
            return error.hint().map(str::to_owned);
        }
        self.fixed_hint().map(str::to_owned)
    }

    fn fixed_hint(&self) -> Option<&'static str> {
        match self {
            Self::Spool(source) | Self::Source(SourceError::Spool(source))
                if source.kind() == io::ErrorKind::StorageFull =>
            {
                Some(STORAGE_FULL)
            }
            Self::NoHandles { .. } => {
                Some("raise `ulimit -n`, or give fewer sources; nothing unfinished was left behind")
            }
            Self::Source(SourceError::Longer { .. }) => Some(
                "nothing was sealed, and what came is lost; without --size-hint all that comes is kept, whatever its length",
            ),
            Self::Source(SourceError::Stream { .. }) => Some("nothing was sealed; look at what feeds the pipe"),
            Self::Gone { .. } => Some(
                "nothing was sealed; connect it again and repeat the command, or seal what was read with --incomplete-ok",
            ),
            Self::Mismatch(_) => Some(Mismatch::HINT),
            Self::Thread(_) => Some("the system limits the number of threads; fewer --threads need fewer of them"),
            Self::Interrupted => Some("nothing unfinished was left behind; run the same command to start again"),
            _ => None,
        }
    }
}
