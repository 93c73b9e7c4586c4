//! Writing the journal of a sealing, beside the unfinished bundle. Where the journal says that a segment is done, the bytes
//! of the segment were on the medium before.

use std::fs::{self, File, OpenOptions};
use std::io::{self, Write as _};
use std::os::unix::fs::OpenOptionsExt as _;
use std::path::{Path, PathBuf};

use rustix::fs::{FlockOperation, flock};
use serde::Serialize;

use crate::dir;
use crate::format::digest::Digest;
use crate::format::journal::{Begun, JournalKey, NO_CODE, SegmentDone};

/// What an unfinished bundle is called at its end.
pub const UNFINISHED: &str = "partial";
/// What a journal is called: as the unfinished bundle, with this in the place of [`UNFINISHED`].
const EXTENSION: &str = "journal";

/// An open journal. Dropped, it stays only if there is something to go on with.
pub struct JournalFile {
    path: PathBuf,
    file: File,
    key: JournalKey,
    /// Code of the last record.
    last: Digest,
    is_of_use: bool,
}

/// What a journal is begun or gone on with.
#[derive(Clone)]
pub struct JournalSecrets {
    /// The seed's bytes, which go into the journal.
    pub seed: Digest,
    /// The key of its codes: [`crate::sign::SigningKey::journal_key`].
    pub key: JournalKey,
}

/// The journal that stands beside an unfinished bundle.
pub fn path_beside(partial: &Path) -> PathBuf {
    partial.with_extension(EXTENSION)
}

/// Files and directories beside a bundle of this name that are called `NAME.<8 hex>.` and this extension.
///
/// # Errors
/// If the directory cannot be listed.
pub fn beside(out: &Path, extension: &str) -> io::Result<Vec<PathBuf>> {
    let stem = out.file_name().unwrap_or_default().as_encoded_bytes();
    let mut found = Vec::new();
    for entry in fs::read_dir(dir::holding(out))? {
        let path = entry?.path();
        let name = path.file_stem().unwrap_or_default().as_encoded_bytes();
        let tag = name.strip_prefix(stem).and_then(|rest| rest.strip_prefix(b"."));
        let is_ours = tag.is_some_and(|tag| tag.len() == 8 && tag.iter().all(u8::is_ascii_hexdigit));
        if is_ours && path.extension().is_some_and(|found| found == extension) {
            found.push(path);
        }
    }
    Ok(found)
}

/// Removes the journals of a bundle that is whole: those beside which nothing unfinished stands.
pub fn remove_stray_journals(out: &Path) {
    for path in beside(out, EXTENSION).unwrap_or_default() {
        if !path.with_extension(UNFINISHED).exists() {
            // Nothing more can be done here if this fails.
            let _ = fs::remove_file(path);
        }
    }
}

impl JournalFile {
    /// Begins a journal. Only this user may read it: it holds the seed.
    /// It is locked as long as it is open, so that no other process goes on with the same.
    pub fn begin(partial: &Path, begun: &Begun, key: JournalKey) -> io::Result<Self> {
        let path = path_beside(partial);
        let file = OpenOptions::new().write(true).create_new(true).mode(0o600).open(&path)?;
        // Whoever only looks whether there is one holds it for a moment.
        flock(&file, FlockOperation::LockExclusive)?;
        let mut journal = Self { path, file, key, last: NO_CODE, is_of_use: false };
        journal.append(begun)?;
        dir::sync(dir::holding(&journal.path))?;
        Ok(journal)
    }

    /// Goes on with a journal that was opened and locked, after the records that are whole.
    pub fn go_on(partial: &Path, file: File, len_bytes: u64, last: Digest, key: JournalKey) -> io::Result<Self> {
        file.set_len(len_bytes)?;
        Ok(Self { path: path_beside(partial), file, key, last, is_of_use: true })
    }

    /// One more segment is on the medium.
    pub fn segment_done(&mut self, segment: &SegmentDone) -> io::Result<()> {
        self.append(segment)?;
        self.is_of_use = true;
        Ok(())
    }

    /// Where it is.
    pub fn path(&self) -> &Path {
        &self.path
    }

    /// The bundle is whole: there is nothing to go on with.
    pub fn finish(mut self) {
        self.is_of_use = false;
    }

    fn append(&mut self, record: &impl Serialize) -> io::Result<()> {
        let (line, code) = self.key.line_of(self.last, record);
        self.file.write_all(&line)?;
        self.last = code;
        self.file.sync_data()
    }
}

impl Drop for JournalFile {
    fn drop(&mut self) {
        if !self.is_of_use {
            // Nothing more can be done here if this fails.
            let _ = fs::remove_file(&self.path);
        }
    }
}
