//! Extended attributes of a thing that is held by a handle.

use std::os::fd::{AsFd, OwnedFd};

use rustix::fs::{fgetxattr, flistxattr, getxattr, listxattr};
use rustix::io::Errno;

use super::errno;
use super::open::{Opened, path_of_handle};
use crate::format::entry::{Entry, Xattr};
use crate::limits::XATTR_VALUES_LEN_MAX;

/// The most that the kernel gives for all names, and for one value, in bytes (`XATTR_LIST_MAX`, `XATTR_SIZE_MAX`).
const KERNEL_LEN_MAX: usize = 64 * 1024;

/// Reads extended attributes; holds the memory for that.
pub(super) struct XattrReader {
    buffer: Vec<u8>,
}

/// A handle, or for one by `O_PATH`, on which the calls for handles fail, where it is shown as a path. That path leads
/// to the thing itself, be it a symbolic link.
enum Target<'a> {
    Handle(&'a OwnedFd),
    Path(String),
}

impl XattrReader {
    pub(super) fn new() -> Self {
        Self { buffer: vec![0; KERNEL_LEN_MAX] }
    }

    /// Puts the extended attributes of a thing into its entry. A file system without any gives none.
    pub(super) fn read(&mut self, opened: &Opened, entry: &mut Entry) {
        let target = match opened {
            Opened::Readable(handle) => Target::Handle(handle),
            Opened::Pinned(handle) | Opened::Failed { pinned: Some(handle), .. } => {
                Target::Path(path_of_handle(handle.as_fd()))
            }
            Opened::Failed { why, pinned: None } => {
                entry.xattrs_error = Some(errno::name(*why));
                return;
            }
        };
        match self.names(&target) {
            Ok(names) => entry.xattrs = self.values(&target, names),
            Err(Errno::NOTSUP) => {}
            Err(why) => entry.xattrs_error = Some(errno::name(why)),
        }
    }

    fn names(&mut self, target: &Target<'_>) -> Result<Vec<Vec<u8>>, Errno> {
        let buffer = &mut self.buffer[..];
        let len = match target {
            Target::Handle(handle) => flistxattr(handle, buffer)?,
            Target::Path(path) => listxattr(path, buffer)?,
        };
        let listed = self.buffer.get(..len).ok_or(Errno::RANGE)?;
        let names = listed.split(|&b| b == 0).filter(|name| !name.is_empty());
        let mut names: Vec<Vec<u8>> = names.map(<[u8]>::to_vec).collect();
        names.sort_unstable();
        names.dedup();
        Ok(names)
    }

    fn values(&mut self, target: &Target<'_>, names: Vec<Vec<u8>>) -> Vec<Xattr> {
        let mut total = 0;
        let mut xattrs = Vec::with_capacity(names.len());
        for name in names {
            let buffer = &mut self.buffer[..];
            let len = match target {
                Target::Handle(handle) => fgetxattr(handle, name.as_slice(), buffer),
                Target::Path(path) => getxattr(path, name.as_slice(), buffer),
            };
            let value = match len {
                Ok(len) if total + len > XATTR_VALUES_LEN_MAX => Err("limit".to_owned()),
                Ok(len) => {
                    total += len;
                    Ok(self.buffer[..len.min(KERNEL_LEN_MAX)].to_vec())
                }
                Err(why) => Err(errno::name(why)),
            };
            xattrs.push(Xattr { name, value });
        }
        xattrs
    }
}
