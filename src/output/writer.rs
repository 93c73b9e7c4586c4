//! Members into one ZIP64 file or a directory (SPEC.md section 13).

use std::fs::{self, File, OpenOptions};
use std::os::unix::fs::{FileExt, OpenOptionsExt as _};
use std::path::{Path, PathBuf};

use rustix::fs::OFlags;

use super::OutputError;
use super::durable::Temporary;
use crate::dir;
use crate::format::zip::{self, Record};

/// Which form a bundle is written in. Both have the same seal digest.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Form {
    /// One ZIP64 file.
    Zip,
    /// A directory with a file for each member.
    Dir,
}

const NOT_OPEN: OutputError = OutputError::Internal("a member was written that had not begun");

/// A bundle in the making. Members are written one after another. Dropped before [`Writer::commit`] it leaves nothing.
pub struct Writer {
    store: Store,
    temporary: Temporary,
    open: Option<OpenMember>,
    written_len: u64,
}

enum Store {
    Zip {
        file: File,
        records: Vec<Record>,
        end: u64,
    },
    /// Directories that members lie in, in order of their making.
    Dir {
        made: Vec<String>,
    },
}

struct OpenMember {
    name: String,
    /// Where content begins in `file`.
    start: u64,
    /// The member's own file, in directory form.
    file: Option<File>,
    len: u64,
    crc: crc32fast::Hasher,
}

impl Writer {
    /// Creates the temporary file or directory beside `path`.
    pub fn create(path: &Path, form: Form) -> Result<Self, OutputError> {
        let mut temporary = Temporary::beside(path)?;
        let at = temporary.path();
        let store = match form {
            Form::Zip => {
                let file = OpenOptions::new().write(true).create_new(true).open(at);
                Store::Zip { file: file.map_err(|e| OutputError::create(at, e))?, records: Vec::new(), end: 0 }
            }
            Form::Dir => {
                fs::create_dir(at).map_err(|e| OutputError::create(at, e))?;
                Store::Dir { made: Vec::new() }
            }
        };
        temporary.created();
        Ok(Self { store, temporary, open: None, written_len: 0 })
    }

    /// Goes on with an unfinished bundle: what comes after these members is cut off.
    pub fn reopen(partial: PathBuf, target: &Path, form: Form, records: Vec<Record>) -> Result<Self, OutputError> {
        let no_link = i32::try_from(OFlags::NOFOLLOW.bits()).unwrap_or(0);
        let temporary = Temporary::unfinished(partial, target)?;
        let at = temporary.path();
        let written_len = records.iter().map(|record| record.len).sum();
        let store = match form {
            Form::Zip => {
                let end = records.last().map_or(0, |last| last.content_offset().saturating_add(last.len));
                let file = OpenOptions::new()
                    .read(true)
                    .write(true)
                    .custom_flags(no_link)
                    .open(at)
                    .map_err(|e| OutputError::create(at, e))?;
                file.set_len(end).map_err(|e| temporary.write_error(e))?;
                Store::Zip { file, records, end }
            }
            Form::Dir => {
                let made = keep_only(at, &records).map_err(|e| temporary.write_error(e))?;
                Store::Dir { made }
            }
        };
        Ok(Self { store, temporary, open: None, written_len })
    }

    /// What was written so far is on the medium when this returns.
    pub fn sync(&self) -> Result<(), OutputError> {
        let synced = match &self.store {
            Store::Zip { file, .. } => file.sync_data(),
            Store::Dir { made } => {
                let root = self.temporary.path();
                made.iter().map(String::as_str).chain(["."]).try_for_each(|name| dir::sync(&root.join(name)))
            }
        };
        synced.map_err(|e| self.temporary.write_error(e))
    }

    /// From now on there is something to go on with: it is not removed, whatever comes after it.
    pub fn keep(&mut self) {
        self.temporary.keep();
    }

    /// Offset of the local header of the member that was written last, in bytes; 0 in directory form.
    pub fn last_offset(&self) -> u64 {
        match &self.store {
            Store::Zip { records, .. } => records.last().map_or(0, |record| record.offset),
            Store::Dir { .. } => 0,
        }
    }

    /// Begins a member. One of 2^32-1 bytes or more must say its length beforehand, for its local header to have room.
    pub fn start(&mut self, name: &str, len_known: Option<u64>) -> Result<(), OutputError> {
        debug_assert!(self.open.is_none());
        let (start, file) = match &mut self.store {
            Store::Zip { end, .. } => (*end + zip::local_header(name, 0, len_known.unwrap_or(0)).len() as u64, None),
            Store::Dir { made } => {
                let root = self.temporary.path();
                if let Some((dir, _)) = name.split_once('/')
                    && !made.iter().any(|known| known == dir)
                {
                    let path = root.join(dir);
                    fs::create_dir(&path).map_err(|e| OutputError::create(&path, e))?;
                    made.push(dir.to_owned());
                }
                let path = root.join(name);
                let file = OpenOptions::new().write(true).create_new(true).open(&path);
                (0, Some(file.map_err(|e| OutputError::create(&path, e))?))
            }
        };
        self.open = Some(OpenMember { name: name.to_owned(), start, file, len: 0, crc: crc32fast::Hasher::new() });
        Ok(())
    }

    /// Appends to the member that was begun.
    pub fn write(&mut self, bytes: &[u8]) -> Result<(), OutputError> {
        let Some(open) = &mut self.open else { return Err(NOT_OPEN) };
        let file = match (&open.file, &self.store) {
            (Some(file), _) | (None, Store::Zip { file, .. }) => file,
            (None, Store::Dir { .. }) => return Err(NOT_OPEN),
        };
        file.write_all_at(bytes, open.start + open.len).map_err(|e| self.temporary.write_error(e))?;
        open.crc.update(bytes);
        open.len += bytes.len() as u64;
        self.written_len += bytes.len() as u64;
        Ok(())
    }

    /// Ends the member. Gives the CRC-32 of its bytes.
    pub fn finish(&mut self) -> Result<u32, OutputError> {
        self.finish_stating(|crc| crc)
    }

    /// Ends the member. Its headers state the CRC-32 that is given for that of its bytes. Gives that of its bytes.
    pub fn finish_stating(&mut self, stated: impl FnOnce(u32) -> u32) -> Result<u32, OutputError> {
        let Some(open) = self.open.take() else { return Err(NOT_OPEN) };
        let crc = open.crc.finalize();
        match &mut self.store {
            Store::Zip { file, records, end } => {
                // The header comes last: a file cut before this point has a hole where its header should be.
                let record = Record { name: open.name, crc: stated(crc), len: open.len, offset: *end };
                let header = zip::local_header(&record.name, record.crc, record.len);
                if *end + header.len() as u64 != open.start {
                    return Err(OutputError::Internal("a member outgrew the room left for its header"));
                }
                file.write_all_at(&header, *end).map_err(|e| self.temporary.write_error(e))?;
                *end = open.start + open.len;
                records.push(record);
            }
            Store::Dir { .. } => {
                if let Some(file) = &open.file {
                    file.sync_all().map_err(|e| self.temporary.write_error(e))?;
                }
            }
        }
        Ok(crc)
    }

    /// Where the bundle is being written.
    pub fn temporary_path(&self) -> &Path {
        self.temporary.path()
    }

    /// Bytes of members written so far.
    pub fn written_len(&self) -> u64 {
        self.written_len
    }

    /// Makes the bundle whole and gives it its name, which must still be free. Returns the final path.
    pub fn commit(self) -> Result<PathBuf, OutputError> {
        match self.store {
            Store::Zip { file, records, end } => {
                // Crash point: until the last of these bytes is written the file has no ZIP directory.
                let directory = zip::directory(&records, end);
                file.write_all_at(&directory, end).map_err(|e| self.temporary.write_error(e))?;
                // Crash point: the name must not appear before the bytes are on the medium.
                file.sync_all().map_err(|e| self.temporary.write_error(e))?;
            }
            Store::Dir { made } => {
                for name in made.iter().map(String::as_str).chain(["."]) {
                    let path = self.temporary.path().join(name);
                    dir::sync(&path).map_err(|e| OutputError::Write { path, source: e })?;
                }
            }
        }
        self.temporary.rename()
    }
}

/// Removes all files of a directory form but these members; gives the directories that they lie in.
fn keep_only(root: &Path, members: &[Record]) -> std::io::Result<Vec<String>> {
    let mut made = Vec::new();
    for entry in fs::read_dir(root)? {
        let entry = entry?;
        let name = entry.file_name().to_string_lossy().into_owned();
        if !entry.file_type()?.is_dir() {
            if !members.iter().any(|member| member.name == name) {
                fs::remove_file(entry.path())?;
            }
            continue;
        }
        for inner in fs::read_dir(entry.path())? {
            let inner = inner?;
            let path = format!("{name}/{}", inner.file_name().to_string_lossy());
            if !members.iter().any(|member| member.name == path) {
                fs::remove_file(inner.path())?;
            }
        }
        made.push(name);
    }
    Ok(made)
}
