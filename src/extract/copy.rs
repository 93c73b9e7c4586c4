//! The content of one file, from the bundle to the target: written to a new file, or compared with one that is there.

use std::os::fd::OwnedFd;
use std::os::unix::fs::FileExt as _;

use rustix::io::Errno;

use super::content::ContentReader;
use super::file::{FreshFile, open_existing};
use super::names::Attempt;
use super::outcome::Lost;
use crate::format::line::Line;

/// Proven content, to be used once: it is read in ascending order.
pub struct Copy<'a, 'b> {
    content: &'a mut ContentReader<'b>,
    /// The entry whose content it is.
    line: &'a Line,
    /// Where in the tar it begins.
    tar_offset: u64,
    /// Counts bytes that are written.
    written: &'a mut u64,
}

impl<'a, 'b> Copy<'a, 'b> {
    /// The content of an entry.
    pub fn of(content: &'a mut ContentReader<'b>, line: &'a Line, tar_offset: u64, written: &'a mut u64) -> Self {
        Self { content, line, tar_offset, written }
    }

    /// Writes it to a new file without a name, on the file system of a directory.
    pub fn write(&mut self, dir: &OwnedFd) -> Result<FreshFile, Lost> {
        let file = FreshFile::create(dir).map_err(|errno| Lost::Target(errno.into()))?;
        let mut writer = file.writer(&self.line.entry.holes);
        self.content.read(self.line, self.tar_offset, &mut |bytes| writer.write(bytes).map_err(Lost::Target))?;
        *self.written += writer.finish().map_err(Lost::Target)?;
        Ok(file)
    }

    /// Compares it with what has this name; `None` if nothing has, or such a name cannot be.
    pub fn compare(&mut self, dir: &OwnedFd, name: &[u8]) -> Result<Option<Attempt>, Lost> {
        let existing = match open_existing(dir, name, self.line.entry.tar_content_len()) {
            Ok(Some(existing)) => existing,
            Ok(None) => return Ok(Some(Attempt::Other)),
            Err(Errno::NOENT) => return Ok(None),
            // What the name is worth shows when it is given.
            Err(errno) => return Attempt::refused(errno).map(|_| None),
        };
        let (mut offset, mut is_same, mut theirs) = (0, true, Vec::new());
        self.content.read(self.line, self.tar_offset, &mut |ours| {
            theirs.resize(ours.len(), 0);
            if is_same {
                existing.read_exact_at(&mut theirs, offset).map_err(Lost::Target)?;
                is_same = theirs == ours;
            }
            offset += ours.len() as u64;
            Ok(())
        })?;
        Ok(Some(if is_same { Attempt::Same } else { Attempt::Other }))
    }
}
