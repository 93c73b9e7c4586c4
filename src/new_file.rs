//! A new file: written whole and durably, or not there at all.

use std::fs::File;
use std::io::{self, Write as _};
use std::os::unix::fs::OpenOptionsExt as _;
use std::path::Path;

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
    pub fn fill(mut self, bytes: &[u8]) -> io::Result<Self> {
        self.file.write_all(bytes)?;
        self.file.sync_all()?;
        Ok(self)
    }

    /// Lets it stay.
    pub fn keep(mut self) {
        self.kept = true;
    }
}

impl Drop for NewFile<'_> {
    fn drop(&mut self) {
        if !self.kept {
            // It holds nothing that anybody has used yet; if even removing fails, the next attempt says that it exists.
            let _ = std::fs::remove_file(self.path);
        }
    }
}
