//! The chunk tables of an index part, taken in the order of entries (SPEC.md IDX-2).

use super::check::{Check, Ledger};
use super::rules;
use crate::format::index::FileChunks;
use crate::format::line::Line;

/// The chunk tables that are still to come.
#[derive(Default)]
pub(super) struct IndexFiles<'a> {
    /// `None` if the index part is lost.
    files: Option<std::slice::Iter<'a, FileChunks>>,
    index: String,
}

impl<'a> IndexFiles<'a> {
    pub fn new(files: Option<&'a [FileChunks]>, index: String) -> Self {
        Self { files: files.map(<[_]>::iter), index }
    }

    /// The table of an entry that has content here: `Ok(None)` if it has none and should have none, or has none and
    /// should have one, which is reported; `Err` if the index part is lost.
    pub fn take(&mut self, line: &Line, ledger: &mut Ledger) -> Result<Option<&'a FileChunks>, ()> {
        let files = self.files.as_mut().ok_or(())?;
        if line.chunks_root.is_none() {
            return Ok(None);
        }
        match files.as_slice().first() {
            Some(file) if file.entry == line.n => {
                files.next();
                Ok(Some(file))
            }
            other => {
                let check = Check::failed(&rules::INDEX_FILES, &self.index).expected(format!("entry {}", line.n));
                ledger.add(check.actual(other.map_or("none".to_owned(), |file| format!("entry {}", file.entry))));
                Ok(None)
            }
        }
    }

    /// Reports tables that belong to no entry here.
    pub fn finish(self, ledger: &mut Ledger) {
        if let Some(file) = self.files.as_ref().and_then(|files| files.as_slice().first()) {
            let check = Check::failed(&rules::INDEX_FILES, &self.index).actual(format!("entry {}", file.entry));
            ledger.add(check.note("a chunk table of an entry that has no chunks here"));
        }
    }
}
