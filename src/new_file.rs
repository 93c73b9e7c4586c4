//! A new file: written whole and durably, or not there at all.

use std::fs::File;
use std::io::{self, Write as _};
use std::os::fd::AsRawFd as _;
use std::os::unix::fs::OpenOptionsExt as _;
use std::path::Path;

use rustix::fs::{AtFlags, CWD, Mode, OFlags, linkat, open};

use crate::dir;

/// A file that was just created, and is removed again unless it is kept.
pub struct NewFile<'a> {
    path: &'a Path,
    file: File,
    kept: bool,
}

impl<'a> NewFile<'a> {
    /// Creates a file that must not exist yet, with these permissions.
    pub fn create(path: &'a Path, mode: u32) -> io::Result<Self> {
        let file = File::options().write(true).create_new(true).mode(mode).open(path)?;
        Ok(Self { path, file, kept: false })
    }

    /// Writes all of its content and syncs it.
    pub fn fill(self, bytes: &[u8]) -> io::Result<Self> {
        self.fill_by(|mut file| file.write_all(bytes))
    }

    fn fill_by(self, fill: impl FnOnce(&File) -> io::Result<()>) -> io::Result<Self> {
        fill(&self.file)?;
        self.file.sync_all()?;
        Ok(self)
    }

    /// Lets it stay.
    pub fn keep(mut self) {
        self.kept = true;
    }
}

/// Writes a file that is not there yet, durably: whole, or not at all.
///
/// # Errors
/// `AlreadyExists` if something has the name.
pub fn write_new(path: &Path, bytes: &[u8], mode: u32) -> io::Result<()> {
    write_new_by(path, mode, |mut file| file.write_all(bytes))
}

/// The same with content that is written piece by piece.
///
/// # Errors
/// `AlreadyExists` if something has the name.
pub fn write_new_by(path: &Path, mode: u32, fill: impl FnOnce(&File) -> io::Result<()>) -> io::Result<()> {
    let at = dir::holding(path);
    // Crash point: without a name until it is whole. A file system that knows no such files gets it under its name at once.
    match open(at, OFlags::TMPFILE | OFlags::WRONLY | OFlags::CLOEXEC, Mode::from_raw_mode(mode)) {
        Ok(handle) => {
            let file = File::from(handle);
            fill(&file)?;
            file.sync_all()?;
            let unnamed = format!("/proc/self/fd/{}", file.as_raw_fd());
            linkat(CWD, unnamed, CWD, path, AtFlags::SYMLINK_FOLLOW)?;
        }
        Err(_) => NewFile::create(path, mode)?.fill_by(fill)?.keep(),
    }
    dir::sync(at)?;
    dir::sync(dir::holding(at))
}

/// Writes a file in the place of one that may be there, durably: the old one stays until the new one is whole.
///
/// # Errors
/// If it cannot be written; then the old one is as it was.
pub fn replace(path: &Path, bytes: &[u8], mode: u32) -> io::Result<()> {
    let at = dir::holding(path);
    let permissions = std::os::unix::fs::PermissionsExt::from_mode(mode);
    let mut file = tempfile::Builder::new().permissions(permissions).tempfile_in(at)?;
    file.write_all(bytes)?;
    file.as_file().sync_all()?;
    file.persist(path).map_err(|error| error.error)?;
    dir::sync(at)
}

impl Drop for NewFile<'_> {
    fn drop(&mut self) {
        if !self.kept {
            // It holds nothing that anybody has used yet; if even removing fails, the next attempt says that it exists.
            let _ = std::fs::remove_file(self.path);
        }
    }
}
