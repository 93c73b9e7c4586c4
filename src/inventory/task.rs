//! What is to be hashed as one message: a file, or a chunk of one.

use std::sync::Arc;

use super::Listed;
use crate::read::{FileBytes, FileError, FileFound, FilePath, NamedFile};

/// What is to be done for one line of a listing.
pub(super) enum Task {
    /// To be opened and hashed as a whole.
    File(NamedFile),
    /// A part of an open file.
    Chunk(Chunk),
    /// Nothing: it is told as it is.
    Told(Listed),
}

/// A part of a file, to be hashed by itself.
#[derive(Clone)]
pub(super) struct Chunk {
    pub(super) path: FilePath,
    pub(super) file: Arc<FileBytes>,
    pub(super) offset_bytes: u64,
    pub(super) len_bytes: u64,
}

impl Task {
    pub(super) fn path(&self) -> &FilePath {
        match self {
            Self::File(file) => file.path(),
            Self::Chunk(chunk) => &chunk.path,
            Self::Told(listed) => listed.path(),
        }
    }

    /// The file that it holds open.
    pub(super) fn file(&self) -> Option<&Arc<FileBytes>> {
        match self {
            Self::Chunk(chunk) => Some(&chunk.file),
            Self::File(_) | Self::Told(_) => None,
        }
    }

    /// Whole files.
    pub(super) fn whole(found: FileFound) -> Self {
        match found {
            FileFound::File(file) => Self::File(file),
            FileFound::Skipped { path, what, is_given } => Self::Told(Listed::Skipped { path, what, is_given }),
            FileFound::Failed(error) => Self::Told(Listed::Failed(error)),
        }
    }

    /// The chunks of `chunk_len` bytes of a file, of the length that it has now. An empty file has none.
    pub(super) fn chunks(found: FileFound, chunk_len: u64) -> impl Iterator<Item = Self> {
        let (told, opened) = match found {
            FileFound::File(file) => match file.open() {
                Ok(opened) => (None, Some(opened)),
                Err(error) => (Some(Self::Told(Listed::Failed(error))), None),
            },
            other => (Some(Self::whole(other)), None),
        };
        let chunks = opened.into_iter().flat_map(move |(path, file)| {
            let len = file.len_bytes();
            let file = Arc::new(file);
            (0..len.div_ceil(chunk_len)).map(move |index| {
                let offset_bytes = index * chunk_len;
                let len_bytes = chunk_len.min(len - offset_bytes);
                Self::Chunk(Chunk { path: path.clone(), file: Arc::clone(&file), offset_bytes, len_bytes })
            })
        });
        told.into_iter().chain(chunks)
    }
}

/// Where the bytes of a message come from.
pub(super) enum Bytes {
    File(FilePath, FileBytes),
    Chunk(Chunk),
}

impl Bytes {
    pub(super) fn file(&self) -> &FileBytes {
        match self {
            Self::File(_, file) => file,
            Self::Chunk(chunk) => &chunk.file,
        }
    }

    /// Bytes of the message, as far as they are known beforehand.
    pub(super) fn len_bytes(&self) -> u64 {
        match self {
            Self::File(..) => u64::MAX,
            Self::Chunk(chunk) => chunk.len_bytes,
        }
    }

    /// Where the message begins in the file.
    pub(super) fn offset_bytes(&self) -> u64 {
        match self {
            Self::File(..) => 0,
            Self::Chunk(chunk) => chunk.offset_bytes,
        }
    }

    /// Reads the next bytes of a message of which `done_bytes` were read.
    pub(super) fn read(&mut self, buf: &mut [u8], done_bytes: u64) -> Result<usize, FileError> {
        match self {
            Self::File(path, file) => file.read(buf).map_err(|source| FileError::Read {
                path: path.clone(),
                offset_bytes: done_bytes,
                source,
            }),
            Self::Chunk(chunk) => {
                let left = usize::try_from(chunk.len_bytes - done_bytes).unwrap_or(usize::MAX);
                let room = left.min(buf.len());
                let (path, offset_bytes) = (|| chunk.path.clone(), chunk.offset_bytes + done_bytes);
                match chunk.file.read_at(&mut buf[..room], offset_bytes) {
                    Ok(len) if len < room => {
                        Err(FileError::Shorter { path: path(), offset_bytes: offset_bytes + len as u64 })
                    }
                    Ok(len) => Ok(len),
                    Err(source) => Err(FileError::Read { path: path(), offset_bytes, source }),
                }
            }
        }
    }
}
