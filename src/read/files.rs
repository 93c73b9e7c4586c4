//! The files below given paths, for hashing: in the order of their paths, found by going down through handles of
//! directories. Links below a given path are not followed and have no bytes of their own; pipes, sockets and devices are
//! told and not read.

use std::ffi::{CStr, CString, OsString};
use std::os::fd::{AsFd as _, OwnedFd};
use std::os::unix::ffi::OsStringExt as _;
use std::path::PathBuf;
use std::sync::Arc;

use rustix::fs::{AtFlags, CWD, FileType, Mode, OFlags, Statx, StatxFlags, open, statx};
use rustix::io::Errno;

use super::ancestors::{Ancestors, Directory};
use super::file_bytes::{FileBytes, FileError};
use super::listing::{Block, Listing, Order};
use super::open::{FileId, file_type, open_dir, stat_of, untraced};
use crate::format::path::EntryPath;
use crate::limits::PATH_LEN_MAX;

/// A path as it is shown: what was given, and what was found below. Cheap to copy and to keep for many files of one
/// directory.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct FilePath {
    /// What stands before the name, with the `/`.
    before: Arc<[u8]>,
    name: CString,
}

impl FilePath {
    /// A path as it was given. One with a 0 byte, which no system takes, ends there.
    pub fn given(path: Vec<u8>) -> Self {
        let end = path.iter().position(|&byte| byte == 0).unwrap_or(path.len());
        Self { before: Arc::from([]), name: CString::new(&path[..end]).unwrap_or_default() }
    }

    /// All of its bytes.
    pub fn to_bytes(&self) -> Vec<u8> {
        [&self.before, self.name.to_bytes()].concat()
    }

    /// What stands before the name; the same for the files of one directory that stand together.
    pub fn before(&self) -> &Arc<[u8]> {
        &self.before
    }

    /// Bytes in the name.
    pub fn name_len(&self) -> usize {
        self.name.to_bytes().len()
    }
}

/// What was found.
#[derive(Debug)]
pub enum FileFound {
    /// A file, or a block device that was given by name.
    File(NamedFile),
    /// Something that is not read: a pipe, a socket, or a device.
    Skipped {
        /// Where.
        path: FilePath,
        /// What it is, in a word.
        what: &'static str,
        /// Whether it was asked for by name.
        is_given: bool,
    },
    /// A path, or names below it, could not be looked at.
    Failed(FileError),
}

/// A file that was found, to be opened.
#[derive(Debug)]
pub struct NamedFile {
    /// The directory that it is in; none for a path that was given.
    dir: Option<Arc<OwnedFd>>,
    path: FilePath,
}

impl NamedFile {
    /// A file that was asked for by name.
    pub fn given(path: FilePath) -> Self {
        Self { dir: None, path }
    }

    /// Its path.
    pub fn path(&self) -> &FilePath {
        &self.path
    }

    /// Opens it, and lets its directory go.
    ///
    /// # Errors
    /// If it cannot be opened, or something that is not a file has taken its name.
    pub fn open(self) -> Result<(FilePath, FileBytes), FileError> {
        let Self { dir, path } = self;
        let opened = match &dir {
            Some(dir) => FileBytes::open_in(dir.as_fd(), &path.name),
            None => FileBytes::open_given(&path.name),
        };
        match opened {
            Ok(Some(bytes)) => Ok((path, bytes)),
            Ok(None) => Err(FileError::NotAFile { path }),
            Err(source) => Err(FileError::Open { path, source }),
        }
    }
}

/// The files below given paths: those of one path after those of another, in the order given; below one path in the
/// order of the bytes of their paths.
pub struct Files {
    given: std::vec::IntoIter<PathBuf>,
    ancestors: Ancestors,
    block: Block,
    name: Vec<u8>,
    /// The given path, as it stands before the paths below it.
    root: Vec<u8>,
    /// What stands before the names in the directory that is being gone through.
    before: Option<Arc<[u8]>>,
}

impl Files {
    /// Starts before the first path. Nothing is looked at until the first file is asked for.
    pub fn new(paths: Vec<PathBuf>) -> Self {
        Self {
            given: paths.into_iter(),
            ancestors: Ancestors::default(),
            block: Block::new(),
            name: Vec::new(),
            root: Vec::new(),
            before: None,
        }
    }

    fn given(&mut self, path: PathBuf) -> Option<FileFound> {
        let path = FilePath::given(OsString::from(path).into_vec());
        let stat = match statx(CWD, &*path.name, AtFlags::empty(), StatxFlags::TYPE) {
            Ok(stat) => stat,
            Err(source) => return Some(FileFound::Failed(FileError::Look { path, source })),
        };
        match file_type(&stat) {
            FileType::RegularFile | FileType::BlockDevice => Some(FileFound::File(NamedFile::given(path))),
            FileType::Directory => {
                self.root = path.to_bytes();
                if !self.root.ends_with(b"/") {
                    self.root.push(b'/');
                }
                let flags = OFlags::RDONLY | OFlags::DIRECTORY | OFlags::CLOEXEC;
                let opened = untraced(|noatime| open(&*path.name, flags | noatime, Mode::empty()));
                self.enter(opened, path, EntryPath::ROOT)
            }
            other => Some(FileFound::Skipped { path, what: word(other), is_given: true }),
        }
    }

    /// What stands under a name that ends with a 0 byte; none if there is nothing to tell of it.
    fn child(&mut self, name: &[u8], file_type: FileType) -> Option<FileFound> {
        let name = CStr::from_bytes_with_nul(name).ok()?;
        if file_type == FileType::Symlink {
            return None;
        }
        let path = FilePath { before: Arc::clone(self.before()), name: name.to_owned() };
        let dir = match self.ancestors.shared_handle() {
            Ok(dir) => Arc::clone(dir),
            Err(source) => return Some(FileFound::Failed(FileError::Look { path, source })),
        };
        match file_type {
            FileType::RegularFile => Some(FileFound::File(NamedFile { dir: Some(dir), path })),
            FileType::Directory => {
                let opened = open_dir(dir.as_fd(), name);
                self.enter(opened, path, name.to_bytes())
            }
            // It was gone, or could not be looked at, when the directory was listed.
            FileType::Unknown => Some(FileFound::Failed(FileError::Look { path, source: Errno::STALE })),
            other => Some(FileFound::Skipped { path, what: word(other), is_given: false }),
        }
    }

    /// Goes down into a directory. What is missing of its names is told; those that are known are gone through.
    fn enter(&mut self, opened: Result<OwnedFd, Errno>, path: FilePath, name: &[u8]) -> Option<FileFound> {
        let looked = opened.and_then(|handle| stat_of(handle.as_fd()).map(|stat: Statx| (handle, FileId::of(&stat))));
        let (handle, id) = match looked {
            Ok(looked) => looked,
            Err(source) => return Some(FileFound::Failed(FileError::Open { path, source })),
        };
        if self.ancestors.contains(id) {
            return Some(FileFound::Failed(FileError::Loop { path }));
        }
        let name_len_max = PATH_LEN_MAX.saturating_sub(path.before.len() + path.name_len() + 1);
        let (listing, missing) = Listing::read(handle.as_fd(), &mut self.block, name_len_max, Order::Paths);
        self.ancestors.push(Directory { handle, id, listing }, name);
        self.before = None;
        missing.map(|source| FileFound::Failed(FileError::List { path, source }))
    }

    fn before(&mut self) -> &Arc<[u8]> {
        self.before.get_or_insert_with(|| {
            let below = self.ancestors.path();
            let end: &[u8] = if below.is_empty() { b"" } else { b"/" };
            Arc::from([&self.root, below, end].concat())
        })
    }
}

impl Iterator for Files {
    type Item = FileFound;

    fn next(&mut self) -> Option<FileFound> {
        loop {
            let found = if self.ancestors.is_empty() {
                let path = self.given.next()?;
                self.given(path)
            } else {
                let mut name = std::mem::take(&mut self.name);
                let found = match self.ancestors.next_name(&mut name) {
                    Some(file_type) => self.child(&name, file_type),
                    None => {
                        self.ancestors.pop();
                        self.before = None;
                        None
                    }
                };
                self.name = name;
                found
            };
            if found.is_some() {
                return found;
            }
        }
    }
}

fn word(file_type: FileType) -> &'static str {
    match file_type {
        FileType::Fifo => "a pipe",
        FileType::Socket => "a socket",
        FileType::CharacterDevice | FileType::BlockDevice => "a device",
        _ => "of no known kind",
    }
}
