//! Names that appear only when what they name is whole and on the medium.

use std::fs::{self, File};
use std::io;
use std::path::{Path, PathBuf};

use rustix::fs::{CWD, RenameFlags};

use super::SealError;

/// A temporary name beside a final one. Removed with all it holds when dropped, unless renamed.
pub struct Temporary {
    path: PathBuf,
    target: PathBuf,
    renamed: bool,
}

impl Temporary {
    /// Chooses a free name in the same directory, so that a rename can do the rest. Creates nothing yet.
    pub fn beside(target: &Path) -> Result<Self, SealError> {
        if target.symlink_metadata().is_ok() {
            return Err(SealError::Exists { path: target.to_owned() });
        }
        let mut tag = [0; 4];
        getrandom::fill(&mut tag).map_err(SealError::Random)?;
        let mut name = target.file_name().ok_or_else(|| SealError::NoFileName { path: target.to_owned() })?.to_owned();
        name.push(format!(".{}.partial", data_encoding::HEXLOWER.encode(&tag)));
        Ok(Self { path: target.with_file_name(name), target: target.to_owned(), renamed: false })
    }

    /// The temporary name.
    pub fn path(&self) -> &Path {
        &self.path
    }

    /// Wraps a failed write.
    pub fn write_error(&self, source: io::Error) -> SealError {
        SealError::Write { path: self.path.clone(), source }
    }

    /// Gives it the final name, if that is still free, and makes the name last.
    pub fn rename(mut self) -> Result<PathBuf, SealError> {
        rename_to_free_name(&self.path, &self.target).map_err(|e| match e.kind() {
            io::ErrorKind::AlreadyExists => SealError::Exists { path: self.target.clone() },
            _ => SealError::Rename { path: self.target.clone(), source: e },
        })?;
        self.renamed = true;
        // Crash point: without this the new name may be lost with the power, but never points at half a bundle.
        let parent = parent_of(&self.target);
        sync_dir(&parent).map_err(|e| SealError::Rename { path: self.target.clone(), source: e })?;
        Ok(self.target.clone())
    }
}

impl Drop for Temporary {
    fn drop(&mut self) {
        if !self.renamed {
            // It may never have been created; either way nothing more can be done here.
            let _ = if self.path.is_dir() { fs::remove_dir_all(&self.path) } else { fs::remove_file(&self.path) };
        }
    }
}

/// The directory that a path's last component stands in.
pub fn parent_of(path: &Path) -> PathBuf {
    match path.parent() {
        Some(parent) if !parent.as_os_str().is_empty() => parent.to_owned(),
        _ => PathBuf::from("."),
    }
}

/// Makes the names in a directory last.
pub fn sync_dir(path: &Path) -> io::Result<()> {
    File::open(path)?.sync_all()
}

/// Renames without ever replacing what has that name already.
fn rename_to_free_name(from: &Path, to: &Path) -> io::Result<()> {
    match rustix::fs::renameat_with(CWD, from, CWD, to, RenameFlags::NOREPLACE) {
        // A file system that does not know the flag: look, then rename. The gap between the two is small, and what
        // would be lost in it is a name that came into being meanwhile.
        Err(rustix::io::Errno::INVAL | rustix::io::Errno::NOSYS) => {
            if to.symlink_metadata().is_ok() {
                return Err(io::ErrorKind::AlreadyExists.into());
            }
            fs::rename(from, to)
        }
        result => Ok(result?),
    }
}
