//! What is made by one call: directories, links, pipes, sockets and device nodes. What is there already is compared.

use std::os::fd::OwnedFd;

use rustix::fs::{
    AtFlags, FileType, Mode, OFlags, Stat, linkat, makedev, mkdirat, mknodat, openat, readlinkat, statat, symlinkat,
    unlinkat,
};
use rustix::io::Errno;
use rustix::process::geteuid;

use super::names::Attempt;
use super::outcome::Lost;
use crate::format::entry::{Entry, Kind};

/// Only the user may use it until it has its permissions.
const MODE: Mode = Mode::RUSR.union(Mode::WUSR);

/// Mode of a directory that is not finished. Hardly any directory has it otherwise, so one that an interrupted run left
/// is told from one that was there before, whose metadata is its own.
const UNFINISHED: Mode = Mode::RWXU.union(Mode::SVTX);

/// Whose a directory is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum DirState {
    /// This run made it, or an earlier one that did not finish it.
    Made,
    /// It was there before.
    Present,
}

/// Makes a directory that only the user can enter for now.
pub fn make_dir(dir: &OwnedFd, name: &[u8], state: &mut DirState) -> Result<Attempt, Lost> {
    match mkdirat(dir, name, UNFINISHED) {
        Ok(()) => {
            *state = DirState::Made;
            Ok(Attempt::Made)
        }
        Err(Errno::EXIST) => {
            let found = stands(dir, name).filter(|stat| is(stat, FileType::Directory));
            let is_unfinished = found.is_some_and(|stat| {
                Mode::from_raw_mode(stat.st_mode) == UNFINISHED && stat.st_uid == geteuid().as_raw()
            });
            *state = if is_unfinished { DirState::Made } else { DirState::Present };
            Ok(same_if(found.is_some()))
        }
        Err(errno) => Attempt::refused(errno),
    }
}

/// Makes a further name for a file that was restored.
pub fn link(from: &OwnedFd, from_name: &[u8], dir: &OwnedFd, name: &[u8]) -> Result<Attempt, Lost> {
    // Without AT_SYMLINK_FOLLOW a link is never followed here either.
    match linkat(from, from_name, dir, name, AtFlags::empty()) {
        Ok(()) => Ok(Attempt::Made),
        Err(Errno::EXIST) => {
            let file = |stat: Stat| (stat.st_dev, stat.st_ino);
            let (old, new) = (stands(from, from_name).map(file), stands(dir, name).map(file));
            Ok(same_if(old.is_some() && old == new))
        }
        Err(errno) => Attempt::refused(errno),
    }
}

/// Makes a symbolic link, pipe, socket or device node.
pub fn make(dir: &OwnedFd, name: &[u8], entry: &Entry) -> Result<Attempt, Lost> {
    let Some(file_type) = file_type(entry) else { return Err(Lost::Unknown) };
    let device = entry.rdev.map_or(0, |rdev| makedev(rdev.0, rdev.1));
    let link = entry.link.as_deref().unwrap_or_default();
    let made = match file_type {
        FileType::Symlink => symlinkat(link, dir, name),
        other => mknodat(dir, name, other, MODE, device),
    };
    match made {
        Ok(()) => Ok(Attempt::Made),
        Err(Errno::EXIST) => {
            let is_same = stands(dir, name).filter(|stat| is(stat, file_type)).is_some_and(|stat| match file_type {
                FileType::Symlink => readlinkat(dir, name, Vec::new()).is_ok_and(|there| there.as_bytes() == link),
                FileType::BlockDevice | FileType::CharacterDevice => stat.st_rdev == device,
                _ => true,
            });
            Ok(same_if(is_same))
        }
        Err(errno) => Attempt::refused(errno),
    }
}

/// Removes what a file system made in the place of what it was asked for: an empty file.
pub fn remove_substitute(dir: &OwnedFd, name: &[u8]) {
    let is_substitute = |stat: &Stat| is(stat, FileType::RegularFile) && stat.st_size == 0;
    if stands(dir, name).filter(is_substitute).is_some_and(|stat| stat.st_uid == geteuid().as_raw()) {
        let _ = unlinkat(dir, name, AtFlags::empty());
    }
}

/// Holds fast what was just made. Fails if something of another type stands there by now.
pub fn hold(dir: &OwnedFd, name: &[u8], entry: &Entry) -> Result<OwnedFd, Errno> {
    let handle = openat(dir, name, OFlags::PATH | OFlags::NOFOLLOW | OFlags::CLOEXEC, Mode::empty())?;
    let stat = rustix::fs::fstat(&handle)?;
    if file_type(entry).is_some_and(|expected| is(&stat, expected)) { Ok(handle) } else { Err(Errno::STALE) }
}

fn file_type(entry: &Entry) -> Option<FileType> {
    match entry.kind {
        Kind::Symlink => Some(FileType::Symlink),
        Kind::Fifo => Some(FileType::Fifo),
        Kind::Socket => Some(FileType::Socket),
        Kind::Chardev => Some(FileType::CharacterDevice),
        Kind::Blockdev => Some(FileType::BlockDevice),
        Kind::File | Kind::Disk | Kind::Dir | Kind::Unknown => None,
    }
}

/// What has a name.
fn stands(dir: &OwnedFd, name: &[u8]) -> Option<Stat> {
    statat(dir, name, AtFlags::SYMLINK_NOFOLLOW).ok()
}

fn is(stat: &Stat, file_type: FileType) -> bool {
    FileType::from_raw_mode(stat.st_mode) == file_type
}

fn same_if(is_same: bool) -> Attempt {
    if is_same { Attempt::Same } else { Attempt::Other }
}
