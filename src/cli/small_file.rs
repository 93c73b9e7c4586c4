//! Small inputs and outputs of commands: read with a bound, written whole or not at all.

use std::fs::File;
use std::io::{self, Read as _, Write as _};
use std::os::fd::AsRawFd as _;
use std::path::{Path, PathBuf};

use rustix::fs::{AtFlags, CWD, Mode, OFlags, linkat, open};

use super::{Exit, Failure};
use crate::dir;
use crate::new_file::NewFile;

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
    let failed = |source: io::Error| {
        let exit = if source.kind() == io::ErrorKind::AlreadyExists { Exit::Usage } else { Exit::CouldNot };
        Failure::new(exit, SmallFileError::Write { path: path.to_owned(), source })
    };
    let at = dir::holding(path);
    // Crash point: without a name until it is whole. A file system that knows no such files gets it under its name at once.
    match open(at, OFlags::TMPFILE | OFlags::WRONLY | OFlags::CLOEXEC, Mode::from_raw_mode(0o644)) {
        Ok(handle) => {
            let mut file = File::from(handle);
            file.write_all(bytes).and_then(|()| file.sync_all()).map_err(failed)?;
            let unnamed = format!("/proc/self/fd/{}", file.as_raw_fd());
            linkat(CWD, unnamed, CWD, path, AtFlags::SYMLINK_FOLLOW).map_err(|errno| failed(errno.into()))?;
        }
        Err(_) => NewFile::create(path, 0o644).and_then(|file| file.fill(bytes)).map_err(failed)?.keep(),
    }
    dir::sync(at).and_then(|()| dir::sync(dir::holding(at))).map_err(failed)
}

/// Writes a file in the place of another one, which stays until the new one is whole.
pub(super) fn replace(path: &Path, bytes: &[u8]) -> Result<(), Failure> {
    let failed = |source| Failure::new(Exit::CouldNot, SmallFileError::Write { path: path.to_owned(), source });
    let at = dir::holding(path);
    let mut file = tempfile::Builder::new()
        .permissions(std::os::unix::fs::PermissionsExt::from_mode(0o644))
        .tempfile_in(at)
        .map_err(failed)?;
    file.write_all(bytes).and_then(|()| file.as_file().sync_all()).map_err(failed)?;
    file.persist(path).map_err(|error| failed(error.error))?;
    dir::sync(at).map_err(failed)
}
