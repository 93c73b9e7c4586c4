//! The directory that is restored into. Nothing lands outside it: every name is opened relative to its handle, below
//! it, and never through a link.

use std::fs::File;
use std::io;
use std::os::fd::{AsFd, OwnedFd};
use std::path::Path;

use rustix::fs::{
    AtFlags, CWD, FileType, Mode, OFlags, ResolveFlags, Timespec, Timestamps, UTIME_OMIT, fchmod, futimens, linkat,
    mkdirat, mknodat, openat, openat2, symlinkat, unlinkat, utimensat,
};
use rustix::io::Errno;

use crate::format::entry::Entry;
use crate::format::path::EntryPath;
use crate::format::time::Timestamp;

/// Links and `..` are refused by the kernel, whatever a name says and whatever changes meanwhile.
const BELOW: ResolveFlags = ResolveFlags::BENEATH.union(ResolveFlags::NO_SYMLINKS).union(ResolveFlags::NO_MAGICLINKS);

/// An open target directory.
pub struct Target {
    root: OwnedFd,
}

impl Target {
    /// Opens a directory, made first if it does not exist.
    pub fn open(path: &Path) -> io::Result<Self> {
        match std::fs::create_dir(path) {
            Err(error) if error.kind() != io::ErrorKind::AlreadyExists => return Err(error),
            _ => {}
        }
        let flags = OFlags::RDONLY | OFlags::DIRECTORY | OFlags::CLOEXEC;
        Ok(Self { root: openat(CWD, path, flags, Mode::empty())? })
    }

    /// Makes a directory that only the user can enter for now; one that is there already is fine.
    pub fn make_dir(&self, path: &EntryPath) -> io::Result<()> {
        if path.is_root() {
            return Ok(());
        }
        let (parent, name) = self.parent_of(path)?;
        match mkdirat(&parent, name, Mode::RWXU) {
            Err(Errno::EXIST) => self.open_dir(path.as_bytes()).map(drop),
            result => Ok(result?),
        }
    }

    /// Creates a file that only the user can read for now. It must not exist.
    pub fn create_file(&self, path: &EntryPath) -> io::Result<File> {
        let (parent, name) = self.parent_of(path)?;
        let flags = OFlags::WRONLY | OFlags::CREATE | OFlags::EXCL | OFlags::NOFOLLOW | OFlags::CLOEXEC;
        Ok(File::from(openat(&parent, name, flags, Mode::RUSR | Mode::WUSR)?))
    }

    /// Removes a file that was created and could not be finished.
    pub fn remove_file(&self, path: &EntryPath) -> io::Result<()> {
        let (parent, name) = self.parent_of(path)?;
        Ok(unlinkat(&parent, name, AtFlags::empty())?)
    }

    /// Makes a symbolic link, with its time. It must not exist.
    pub fn make_symlink(&self, entry: &Entry, link: &[u8]) -> io::Result<()> {
        let (parent, name) = self.parent_of(&entry.path)?;
        symlinkat(link, &parent, name)?;
        let times = modified_at(entry.mtime)?;
        Ok(utimensat(&parent, name, &times, AtFlags::SYMLINK_NOFOLLOW)?)
    }

    /// Makes a named pipe, with its time and permissions. It must not exist.
    pub fn make_fifo(&self, entry: &Entry) -> io::Result<()> {
        let (parent, name) = self.parent_of(&entry.path)?;
        mknodat(&parent, name, FileType::Fifo, permissions(entry), 0)?;
        let times = modified_at(entry.mtime)?;
        Ok(utimensat(&parent, name, &times, AtFlags::SYMLINK_NOFOLLOW)?)
    }

    /// Makes a further name for a file that was restored. It must not exist.
    pub fn make_hard_link(&self, existing: &EntryPath, path: &EntryPath) -> io::Result<()> {
        let (from, from_name) = self.parent_of(existing)?;
        let (to, to_name) = self.parent_of(path)?;
        // Without AT_SYMLINK_FOLLOW a link is never followed here either.
        Ok(linkat(&from, from_name, &to, to_name, AtFlags::empty())?)
    }

    /// Gives a directory its permissions and time, once nothing more is written into it.
    pub fn finish_dir(&self, entry: &Entry) -> io::Result<()> {
        let dir = self.open_dir(entry.path.as_bytes())?;
        finish(&dir, entry)
    }

    /// A handle of the parent directory, and the last component.
    fn parent_of<'p>(&self, path: &'p EntryPath) -> io::Result<(OwnedFd, &'p [u8])> {
        let bytes = path.as_bytes();
        match bytes.iter().rposition(|&b| b == b'/') {
            Some(slash) => Ok((self.open_dir(&bytes[..slash])?, &bytes[slash + 1..])),
            None => Ok((self.open_dir(b".")?, bytes)),
        }
    }

    /// Opens a directory below the target, a piece of its path at a time where it is longer than a path may be.
    fn open_dir(&self, path: &[u8]) -> io::Result<OwnedFd> {
        /// Well below PATH_MAX.
        const PIECE_LEN_MAX: usize = 2048;
        let flags = OFlags::RDONLY | OFlags::DIRECTORY | OFlags::CLOEXEC;
        let mut dir = self.root.try_clone()?;
        let mut rest = path;
        while !rest.is_empty() {
            let cut = match rest.len() > PIECE_LEN_MAX {
                true => rest[..PIECE_LEN_MAX].iter().rposition(|&b| b == b'/').ok_or(io::ErrorKind::InvalidFilename)?,
                false => rest.len(),
            };
            dir = openat2(&dir, &rest[..cut], flags, Mode::empty(), BELOW)?;
            rest = rest.get(cut + 1..).unwrap_or_default();
        }
        Ok(dir)
    }
}

/// Gives an open file or directory its permissions and time.
pub fn finish(handle: impl AsFd, entry: &Entry) -> io::Result<()> {
    fchmod(&handle, permissions(entry))?;
    Ok(futimens(&handle, &modified_at(entry.mtime)?)?)
}

/// Read, write and execute bits. Set-id bits would give the powers of whoever extracts to whoever runs the file.
fn permissions(entry: &Entry) -> Mode {
    Mode::from_raw_mode(u32::from(entry.mode) & 0o777)
}

fn modified_at(mtime: Timestamp) -> io::Result<Timestamps> {
    let tv_nsec = i64::from(mtime.nanos());
    Ok(Timestamps {
        last_access: Timespec { tv_sec: 0, tv_nsec: UTIME_OMIT },
        last_modification: Timespec { tv_sec: mtime.seconds(), tv_nsec },
    })
}
