//! Small inputs and outputs of commands: read with a bound, written whole or not at all.

use std::fs::File;
use std::io::{self, Read as _};
use std::path::{Path, PathBuf};

use super::{Exit, Failure};
use crate::new_file;

/// Anybody may read them.
const MODE: u32 = 0o644;

/// A small file could not be read or written.
#[derive(Debug, thiserror::Error)]
enum SmallFileError {
    #[error("cannot read {path}", path = path.display())]
    Read { path: PathBuf, source: io::Error },
    #[error("{path} is longer than {len_max} bytes", path = path.display())]
    TooLong { path: PathBuf, len_max: u64 },
    #[error("cannot write {path}", path = path.display())]
    Write { path: PathBuf, source: io::Error },
}

/// All of a file that is not longer than this.
pub(super) fn read_small(path: &Path, len_max: u64) -> Result<Vec<u8>, Failure> {
    let failed = |source| Failure::new(Exit::CouldNot, SmallFileError::Read { path: path.to_owned(), source });
    let mut bytes = Vec::new();
    File::open(path).and_then(|file| file.take(len_max + 1).read_to_end(&mut bytes)).map_err(failed)?;
    match bytes.len() as u64 > len_max {
        true => Err(Failure::new(Exit::Usage, SmallFileError::TooLong { path: path.to_owned(), len_max })),
        false => Ok(bytes),
    }
}

/// Writes a file that is not there yet, durably: whole, or not at all.
pub(super) fn write_new(path: &Path, bytes: &[u8]) -> Result<(), Failure> {
    new_file::write_new(path, bytes, MODE).map_err(|source| {
        let exit = if source.kind() == io::ErrorKind::AlreadyExists { Exit::Usage } else { Exit::CouldNot };
        Failure::new(exit, SmallFileError::Write { path: path.to_owned(), source })
    })
}

/// Writes a file in the place of another one.
pub(super) fn replace(path: &Path, bytes: &[u8]) -> Result<(), Failure> {
    let failed = |source| Failure::new(Exit::CouldNot, SmallFileError::Write { path: path.to_owned(), source });
    new_file::replace(path, bytes, MODE).map_err(failed)
}
