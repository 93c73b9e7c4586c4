//! Where a bundle is written: one ZIP64 file or a directory, under a temporary name until it is whole.

use std::fs::{self, File, OpenOptions};
use std::io;
use std::os::unix::fs::FileExt;
use std::path::{Path, PathBuf};

use super::SealError;
use super::durable;
use crate::dir;
use crate::format::digest::{ChainValue, Digest};
use crate::format::member::MemberName;
use crate::format::zip::{self, Record};
use crate::hash::ChainedSha256;

/// Which form a bundle is written in. Both have the same seal digest.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Form {
    /// One ZIP64 file.
    Zip,
    /// A directory with a file for each member.
    Dir,
}

const NOT_OPEN: SealError = SealError::Internal("a member was written that had not begun");

/// A member that was written to its end.
#[derive(Debug)]
pub struct Written {
    /// SHA-256 of its bytes.
    pub digest: Digest,
    /// Chain values of that SHA-256 at each multiple of the chunk length.
    pub chain: Vec<ChainValue>,
}

/// A bundle in the making. Members are written one after another. Dropped before [`Output::commit`] it leaves nothing.
pub struct Output {
    store: Store,
    temporary: durable::Temporary,
    open: Option<OpenMember>,
    chunk_len: u64,
    written_len: u64,
}

enum Store {
    Zip { file: File, records: Vec<Record>, end: u64 },
    Dir,
}

struct OpenMember {
    name: MemberName,
    /// Where content begins in `file`.
    start: u64,
    /// The member's own file, in directory form.
    file: Option<File>,
    len: u64,
    crc: crc32fast::Hasher,
    hasher: ChainedSha256,
    chain: Vec<ChainValue>,
}

impl Output {
    /// Creates the temporary file or directory beside `path`. `chunk_len` is that of the parameters, in bytes.
    pub fn create(path: &Path, form: Form, chunk_len: u64) -> Result<Self, SealError> {
        let mut temporary = durable::Temporary::beside(path)?;
        let at = temporary.path();
        let store = match form {
            Form::Zip => {
                let file = OpenOptions::new().write(true).create_new(true).open(at);
                Store::Zip { file: file.map_err(|e| SealError::create(at, e))?, records: Vec::new(), end: 0 }
            }
            Form::Dir => {
                fs::create_dir(at).map_err(|e| SealError::create(at, e))?;
                for name in ["payload", "manifest", "index", "seal"] {
                    fs::create_dir(at.join(name)).map_err(|e| SealError::create(&at.join(name), e))?;
                }
                Store::Dir
            }
        };
        temporary.created();
        Ok(Self { store, temporary, open: None, chunk_len, written_len: 0 })
    }

    /// Begins a member. One of 2^32-1 bytes or more must say its length beforehand, for its local header to have room.
    pub fn start(&mut self, name: MemberName, len_known: Option<u64>) -> Result<(), SealError> {
        debug_assert!(self.open.is_none());
        let (start, file) = match &self.store {
            Store::Zip { end, .. } => {
                (end + zip::local_header(&name.to_string(), 0, len_known.unwrap_or(0)).len() as u64, None)
            }
            Store::Dir => {
                let path = self.temporary.path().join(name.to_string());
                let file = OpenOptions::new().write(true).create_new(true).open(&path);
                (0, Some(file.map_err(|e| SealError::create(&path, e))?))
            }
        };
        let hasher = ChainedSha256::default();
        let chain = hasher.chain_value().into_iter().collect();
        self.open = Some(OpenMember { name, start, file, len: 0, crc: crc32fast::Hasher::new(), hasher, chain });
        Ok(())
    }

    /// Appends to the member that was begun.
    pub fn write(&mut self, bytes: &[u8]) -> Result<(), SealError> {
        let Some(open) = &mut self.open else { return Err(NOT_OPEN) };
        let file = match (&open.file, &self.store) {
            (Some(file), _) | (None, Store::Zip { file, .. }) => file,
            (None, Store::Dir) => return Err(NOT_OPEN),
        };
        file.write_all_at(bytes, open.start + open.len).map_err(|e| self.temporary.write_error(e))?;
        open.take(bytes, self.chunk_len);
        self.written_len += bytes.len() as u64;
        Ok(())
    }

    /// Ends the member.
    pub fn finish(&mut self) -> Result<Written, SealError> {
        let Some(mut open) = self.open.take() else { return Err(NOT_OPEN) };
        let crc = open.crc.finalize();
        match &mut self.store {
            Store::Zip { file, records, end } => {
                // The header comes last: a file cut before this point has a hole where its header should be.
                let record = Record { name: open.name.to_string(), crc, len: open.len, offset: *end };
                let header = zip::local_header(&record.name, crc, record.len);
                if *end + header.len() as u64 != open.start {
                    return Err(SealError::Internal("a member outgrew the room left for its header"));
                }
                file.write_all_at(&header, *end).map_err(|e| self.temporary.write_error(e))?;
                *end = open.start + open.len;
                records.push(record);
            }
            Store::Dir => {
                if let Some(file) = &open.file {
                    file.sync_all().map_err(|e| self.temporary.write_error(e))?;
                }
            }
        }
        // A chain value at the very end starts no interval, except in an empty member.
        if open.len > 0 && open.len.is_multiple_of(self.chunk_len) {
            open.chain.pop();
        }
        Ok(Written { digest: open.hasher.finish(), chain: open.chain })
    }

    /// Writes a member that is in memory.
    pub fn member(&mut self, name: MemberName, bytes: &[u8]) -> Result<Written, SealError> {
        self.start(name, Some(bytes.len() as u64))?;
        self.write(bytes)?;
        self.finish()
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
    pub fn commit(self) -> Result<PathBuf, SealError> {
        match self.store {
            Store::Zip { file, records, end } => {
                let mut directory: Vec<u8> = records.iter().flat_map(zip::central_header).collect();
                let len = directory.len() as u64;
                directory.extend(zip::end_records(records.len() as u64, len, end));
                // Crash point: until the last of these bytes is written the file has no ZIP directory.
                file.write_all_at(&directory, end).map_err(|e| self.temporary.write_error(e))?;
                // Crash point: the name must not appear before the bytes are on the medium.
                file.sync_all().map_err(|e| self.temporary.write_error(e))?;
            }
            Store::Dir => {
                for name in ["payload", "manifest", "index", "seal", "."] {
                    let path = self.temporary.path().join(name);
                    dir::sync(&path).map_err(|e| SealError::Write { path, source: e })?;
                }
            }
        }
        self.temporary.rename()
    }
}

impl OpenMember {
    /// Hashes what was written, stopping at each chunk's start for its chain value.
    fn take(&mut self, mut bytes: &[u8], chunk_len: u64) {
        self.crc.update(bytes);
        while !bytes.is_empty() {
            let left = chunk_len - self.len % chunk_len;
            let take = usize::try_from(left).unwrap_or(usize::MAX).min(bytes.len());
            self.hasher.update(&bytes[..take]);
            self.len += take as u64;
            if self.len.is_multiple_of(chunk_len) {
                self.chain.extend(self.hasher.chain_value());
            }
            bytes = &bytes[take..];
        }
    }
}

impl SealError {
    fn create(path: &Path, source: io::Error) -> Self {
        Self::Create { path: path.to_owned(), source }
    }
}
