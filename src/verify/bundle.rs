//! A bundle as a set of members, whatever its form.

use std::fs::{File, OpenOptions};
use std::io;
use std::os::unix::fs::OpenOptionsExt as _;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use rustix::fs::OFlags;

use super::bytes::{Bytes, FileBytes};
use super::check::Ledger;
use super::directory::DirectoryForm;
use super::zip_file::{self, ZipFile};
use crate::format::member::MemberName;

/// How a bundle is stored.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Form {
    /// One ZIP file.
    File,
    /// A directory with a file for each member.
    Directory,
}

/// One member as the wrapper has it.
#[derive(Clone, Debug)]
pub struct Member {
    /// Its name, as it stands there.
    pub name: String,
    /// What it is by its name; `None` if no member of this version has that name.
    pub kind: Option<MemberName>,
    /// Bytes that are there.
    pub len: u64,
    /// CRC-32 that the wrapper states.
    pub crc: Option<u32>,
}

/// Members, in the order in which they stand if the form has one.
pub trait Bundle: Send + Sync {
    /// How it is stored.
    fn form(&self) -> Form;

    /// Everything that is there.
    fn members(&self) -> &[Member];

    /// What is known of the wrapper itself: the part of step V-1 that needs no names.
    fn wrapper(&self) -> &Ledger;

    /// Opens a member by its place in [`Self::members`].
    fn open(&self, member: usize) -> io::Result<Box<dyn Bytes + '_>>;
}

/// Why there is no bundle to verify.
#[derive(Debug, thiserror::Error)]
pub enum OpenError {
    /// It cannot be read.
    #[error("cannot read {path}")]
    Io {
        /// What was opened.
        path: PathBuf,
        /// Why not.
        source: io::Error,
    },
    /// It is something else (SPEC.md VER-1).
    #[error("{path} is not a bundle")]
    NotABundle {
        /// What was opened.
        path: PathBuf,
    },
}

/// Opens a bundle of either form, for reading only.
pub fn open(path: &Path) -> Result<Box<dyn Bundle>, OpenError> {
    let failed = |source| OpenError::Io { path: path.to_owned(), source };
    let not_a_bundle = || OpenError::NotABundle { path: path.to_owned() };
    let metadata = std::fs::metadata(path).map_err(failed)?;
    if metadata.is_dir() {
        let marked = ["mimetype", "statement.json"].iter().any(|name| path.join(name).is_file());
        return if marked { Ok(Box::new(DirectoryForm::open(path).map_err(failed)?)) } else { Err(not_a_bundle()) };
    }
    let bytes = open_file(path)?;
    Ok(Box::new(ZipFile::open(bytes).map_err(failed)?))
}

/// Opens what is meant to be a bundle in file form (SPEC.md VER-1), sound or not, for reading only.
pub fn open_file(path: &Path) -> Result<Arc<dyn Bytes>, OpenError> {
    let failed = |source| OpenError::Io { path: path.to_owned(), source };
    let not_a_bundle = || OpenError::NotABundle { path: path.to_owned() };
    if !std::fs::metadata(path).map_err(failed)?.is_file() {
        return Err(not_a_bundle());
    }
    let file = File::open(path).and_then(FileBytes::new).map_err(failed)?;
    match zip_file::looks_like_one(&file).map_err(failed)? {
        true => Ok(Arc::new(file)),
        false => Err(not_a_bundle()),
    }
}

/// Opens a regular file that is not reached over a link, without ever waiting for it.
pub(super) fn open_regular(path: &Path) -> io::Result<FileBytes> {
    let flags = OFlags::NOFOLLOW | OFlags::NONBLOCK;
    let flags = i32::try_from(flags.bits()).map_err(|_| io::ErrorKind::Unsupported)?;
    let file = OpenOptions::new().read(true).custom_flags(flags).open(path)?;
    if !file.metadata()?.is_file() {
        return Err(io::ErrorKind::InvalidInput.into());
    }
    FileBytes::new(file)
}
