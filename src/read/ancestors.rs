//! The directories between a source and the entry that is being read. Only the nearest ones are kept open; one further
//! up is opened again, by its handle's `..` or by its names, when the descent comes back to it.

use std::collections::HashSet;
use std::os::fd::{AsFd, BorrowedFd, OwnedFd};
use std::sync::Arc;

use rustix::fs::{FileType, Mode, OFlags, openat};
use rustix::io::Errno;

use super::listing::Listing;
use super::open::{FileId, THROUGH, stat_of};
use crate::format::path::EntryPath;
use crate::limits::PATH_LEN_MAX;

/// Most directories of one source that are open at the same time, beside the source itself.
pub(super) const OPEN_MAX: usize = 128;

/// A directory that is to be descended into.
pub(super) struct Directory {
    pub(super) handle: OwnedFd,
    pub(super) id: FileId,
    pub(super) listing: Listing,
}

/// The directories from a source down to the one whose children are being read.
#[derive(Default)]
pub(super) struct Ancestors {
    chain: Vec<Ancestor>,
    /// The same, to find a directory that contains itself.
    ids: HashSet<FileId>,
    /// Path in the bundle of the last one; empty for the root of a file system.
    path: Vec<u8>,
    /// Index of the first one after the source that is still open.
    first_open: usize,
}

struct Ancestor {
    handle: Handle,
    id: FileId,
    listing: Listing,
    path_len: usize,
}

enum Handle {
    /// Shared with whoever opens files in it.
    Open(Arc<OwnedFd>),
    /// Closed to make room.
    Evicted,
    /// It could not be opened again.
    Lost(Errno),
}

impl Ancestors {
    /// Whether there is none, so that the next source may begin.
    pub(super) fn is_empty(&self) -> bool {
        self.chain.is_empty()
    }

    /// Whether a directory is one of them, so that its children would never end.
    pub(super) fn contains(&self, id: FileId) -> bool {
        self.ids.contains(&id)
    }

    /// Goes down into a directory: the source of this name, or a child.
    pub(super) fn push(&mut self, directory: Directory, name: &[u8]) {
        if self.chain.is_empty() {
            self.path.clear();
            self.first_open = 1;
            if name != EntryPath::ROOT {
                self.path.extend_from_slice(name);
            }
        } else {
            if !self.path.is_empty() {
                self.path.push(b'/');
            }
            self.path.extend_from_slice(name);
        }
        let Directory { handle, id, listing } = directory;
        self.ids.insert(id);
        self.chain.push(Ancestor { handle: Handle::Open(Arc::new(handle)), id, listing, path_len: self.path.len() });
        if self.chain.len() > self.first_open + OPEN_MAX {
            self.chain[self.first_open].handle = Handle::Evicted;
            self.first_open += 1;
        }
    }

    /// Goes back up to the parent.
    pub(super) fn pop(&mut self) {
        let Some(left) = self.chain.pop() else { return };
        self.ids.remove(&left.id);
        let Some(last) = self.chain.last() else { return };
        self.path.truncate(last.path_len);
        if matches!(last.handle, Handle::Evicted) {
            let again = match &left.handle {
                Handle::Open(child) => {
                    reopen(child.as_fd(), "..".as_bytes(), last.id).or_else(|_| self.descend_again())
                }
                Handle::Evicted | Handle::Lost(_) => self.descend_again(),
            };
            if let Some(last) = self.chain.last_mut() {
                last.handle = again.map_or_else(Handle::Lost, |handle| Handle::Open(Arc::new(handle)));
            }
        }
        self.first_open = self.first_open.min(self.chain.len().saturating_sub(1)).max(1);
    }

    /// The handle of the last one by its names, from the source down.
    fn descend_again(&self) -> Result<OwnedFd, Errno> {
        let (Some(source), Some(last)) = (self.chain.first(), self.chain.last()) else { return Err(Errno::STALE) };
        let Handle::Open(handle) = &source.handle else { return Err(Errno::STALE) };
        let mut handle = handle.try_clone().map_err(|e| Errno::from_io_error(&e).unwrap_or(Errno::IO))?;
        let names = self.path[..last.path_len].get(source.path_len..).unwrap_or_default();
        let names = names.split(|&b| b == b'/').filter(|name| !name.is_empty());
        for (name, ancestor) in names.zip(&self.chain[1..]) {
            handle = reopen(handle.as_fd(), name, ancestor.id)?;
        }
        Ok(handle)
    }

    /// The last one, to look at its children.
    pub(super) fn handle(&self) -> Result<BorrowedFd<'_>, Errno> {
        self.shared_handle().map(|handle| handle.as_fd())
    }

    /// The same, to be kept while the descent goes on.
    pub(super) fn shared_handle(&self) -> Result<&Arc<OwnedFd>, Errno> {
        match self.chain.last().map(|last| &last.handle) {
            Some(Handle::Open(handle)) => Ok(handle),
            Some(Handle::Lost(why)) => Err(*why),
            Some(Handle::Evicted) | None => Err(Errno::STALE),
        }
    }

    /// Puts the next name of the last one, ended by a 0 byte, into `name`, and gives what the directory says it is; none
    /// after the last name.
    pub(super) fn next_name(&mut self, name: &mut Vec<u8>) -> Option<FileType> {
        let (next, file_type) = self.chain.last_mut().and_then(|last| last.listing.next())?;
        name.clear();
        name.extend_from_slice(next.to_bytes_with_nul());
        Some(file_type)
    }

    /// The path of the last one; empty for the root of a file system.
    pub(super) fn path(&self) -> &[u8] {
        &self.path
    }

    /// The path in the bundle of a child of the last one.
    pub(super) fn child_path(&self, name: &[u8]) -> Option<EntryPath> {
        if self.path.is_empty() {
            EntryPath::new(name.to_vec())
        } else {
            EntryPath::new([&self.path, name].join(&b'/'))
        }
    }
}

/// Longest name that a child of the directory of this path may have, in bytes, so that its path is within the limit.
pub(super) fn child_name_len_max(path: &EntryPath) -> usize {
    let taken = if path.is_root() { 0 } else { path.as_bytes().len() + 1 };
    PATH_LEN_MAX.saturating_sub(taken)
}

/// Opens a directory only to go through it, and only if it is still the same.
fn reopen(dir: BorrowedFd<'_>, name: &[u8], expected: FileId) -> Result<OwnedFd, Errno> {
    let handle = openat(dir, name, THROUGH | OFlags::NOFOLLOW, Mode::empty())?;
    if FileId::of(&stat_of(handle.as_fd())?) == expected { Ok(handle) } else { Err(Errno::STALE) }
}
