//! Sources: what is seized, in the order of a bundle, with metadata and bytes. Reading never alters a source.

pub mod scope;
mod output;
pub mod mountinfo;
mod device;
mod names;
mod errno;
mod open;
mod listing;
mod ancestors;
mod xattrs;
mod metadata;
mod hard_links;
pub mod walk;
pub mod holes;
pub mod content;
pub mod salvage;
pub mod gaps;
mod host_clock;
mod direct;
pub mod count;
pub mod stdin;
pub mod files;
mod file_bytes;
mod turns;

pub use count::{Totals, count};
pub use file_bytes::{FileBytes, FileError};
pub use files::{FileFound, FilePath, Files, NamedFile};
pub use gaps::fill;
pub use holes::keep_true;
pub use host_clock::host_clock;
pub use salvage::{Patience, Watch};
pub use scope::{Scope, ScopeError, SourceRoot, refuse_writable};
pub use stdin::Stdin;
pub use turns::{Media, Turns};
pub use walk::Walk;

use std::io;

use crate::format::entry::{Changed, Entry};

/// One thing found in a source.
pub struct Found {
    /// What is known of it. `gaps` and `changed_while_reading` are still to come.
    pub entry: Entry,
    /// Its bytes, if [`Entry::holds_content`]; already open, so that its size and identity are settled.
    pub content: Option<Box<dyn Content>>,
}

impl Found {
    /// The error's name, if something is not known of it because this process, or its system, had no file handles left.
    /// That must not be sealed as the state of the source: with more handles it would be known.
    pub fn lacks_handles(&self) -> Option<&str> {
        let causes = [self.entry.unreadable.as_deref(), self.entry.xattrs_error.as_deref()];
        causes.into_iter().flatten().find(|cause| errno::is_own_shortage(cause))
    }
}

/// Entries in the order of SPEC.md ORD-1 and ORD-2. What fails is recorded in the entry, and stops nothing.
pub trait Source: Send {
    /// The next entry, or `None` after the last.
    fn next(&mut self) -> Option<Found>;

    /// Asked once, after the last entry. An error means that what was given is not what should be sealed: a stream that
    /// can be read only once cannot be recorded as far as it came and looked at again.
    ///
    /// # Errors
    /// Why nothing may be sealed.
    fn end(&mut self) -> Result<(), SourceError> {
        Ok(())
    }
}

/// Why nothing of a source may be sealed.
#[derive(Debug, thiserror::Error)]
#[expect(missing_docs, reason = "the messages say it")]
pub enum SourceError {
    #[error("standard input gave more than the {told} bytes of --size-hint")]
    Longer { told: u64 },
    #[error("standard input failed after {received} bytes")]
    Stream { received: u64, source: io::Error },
    #[error("cannot keep standard input in a temporary file beside the bundle")]
    Spool(#[source] io::Error),
    #[error("standard input was asked for out of order")]
    OutOfOrder,
    #[error("interrupted")]
    Interrupted,
}

/// The bytes of one open entry.
pub trait Content: Send {
    /// Reads at an offset, like `pread`: fewer bytes than asked for are not an error, 0 is the end.
    fn read_at(&mut self, buf: &mut [u8], offset_bytes: u64) -> io::Result<usize>;

    /// Reads at an offset as near to the medium as the system allows, past what it reads ahead and keeps: of a page that fails
    /// the sectors that do not fail. Otherwise like [`Self::read_at`].
    fn read_sectors(&mut self, buf: &mut [u8], offset_bytes: u64) -> io::Result<usize> {
        self.read_at(buf, offset_bytes)
    }

    /// Bytes that the medium gives or fails to give together.
    fn sector_len(&self) -> u64 {
        512
    }

    /// Whether the medium has gone: not failing, but not there any more. Asked when nothing but errors came for long.
    fn is_gone(&mut self) -> bool {
        false
    }

    /// What is different now from when it was opened; asked once, after the last read.
    fn changed(&mut self) -> Option<Changed>;
}
