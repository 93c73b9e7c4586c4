//! Names that appear only when what they name is whole and on the medium.

use std::fs;
use std::io;
use std::path::{Path, PathBuf};

use rustix::fs::CWD;

use super::OutputError;
use crate::dir;

/// A temporary name beside a final one. Once created it is removed with all it holds when dropped, unless it was to be renamed.
pub struct Temporary {
    path: PathBuf,
    target: PathBuf,
    keep: bool,
}

impl Temporary {
    /// Chooses a free name in the same directory, so that a rename can do the rest. Creates nothing yet.
    pub fn beside(target: &Path) -> Result<Self, OutputError> {
        let file_name = target.file_name().ok_or_else(|| OutputError::NoFileName { path: target.to_owned() })?;
        check_free(target)?;
        let target = without_trailing_slash(target);
        let mut tag = [0; 4];
        getrandom::fill(&mut tag).map_err(OutputError::Random)?;
        let mut name = file_name.to_owned();
        name.push(format!(".{}.partial", data_encoding::HEXLOWER.encode(&tag)));
        Ok(Self { path: target.with_file_name(name), target, keep: true })
    }

    /// An unfinished one of that final name, which is kept whatever comes of it.
    pub fn unfinished(path: PathBuf, target: &Path) -> Result<Self, OutputError> {
        check_free(target)?;
        Ok(Self { path, target: without_trailing_slash(target), keep: true })
    }

    /// From now on there is something to go on with: it is not removed.
    pub fn keep(&mut self) {
        self.keep = true;
    }

    /// The temporary name.
    pub fn path(&self) -> &Path {
        &self.path
    }

    /// Wraps a failed write.
    pub fn write_error(&self, source: io::Error) -> OutputError {
        OutputError::Write { path: self.path.clone(), source }
    }

    /// To be called when the name was created, so that it is removed if nothing comes of it.
    pub fn created(&mut self) {
        self.keep = false;
    }

    /// Gives it the final name, if that is still free, and makes the name last. From here on nothing is removed: the
    /// bundle is whole, whatever it is called.
    pub fn rename(mut self) -> Result<PathBuf, OutputError> {
        self.keep = true;
        let renamed = dir::rename_to_free_name(CWD, self.path.as_path(), CWD, self.target.as_path());
        renamed.map_err(|errno| OutputError::Rename {
            path: self.target.clone(),
            kept: self.path.clone(),
            source: errno.into(),
        })?;
        // Crash point: without this the new name may be lost with the power, but never points at half a bundle.
        let synced = dir::sync(dir::holding(&self.target));
        synced.map_err(|source| OutputError::NameNotSynced { path: self.target.clone(), source })?;
        Ok(self.target.clone())
    }
}

impl Drop for Temporary {
    fn drop(&mut self) {
        if !self.keep {
            // Nothing more can be done here if this fails.
            let _ = if self.path.is_dir() { fs::remove_dir_all(&self.path) } else { fs::remove_file(&self.path) };
        }
    }
}

/// A trailing slash would make a file's name look like a directory's.
fn without_trailing_slash(path: &Path) -> PathBuf {
    path.components().collect()
}

/// An error unless nothing has this name. What cannot be looked at counts as taken.
pub fn check_free(path: &Path) -> Result<(), OutputError> {
    match without_trailing_slash(path).symlink_metadata() {
        Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(()),
        Err(source) => Err(OutputError::Create { path: path.to_owned(), source }),
        Ok(_) => Err(OutputError::Exists { path: path.to_owned() }),
    }
}
