//! What is made by one call: directories, links, pipes, sockets and device nodes. What is there already is compared.

use std::os::fd::OwnedFd;

use rustix::fs::{
    AtFlags, FileType, Mode, OFlags, Stat, fstat, linkat, makedev, mkdirat, mknodat, openat, readlinkat, statat,
    symlinkat, unlinkat,
};
use rustix::io::Errno;
use rustix::process::geteuid;

use super::file::temporary_name;
use super::names::Attempt;
use super::outcome::Lost;
use crate::dir::rename_to_free_name;
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
                // A set-group-id bit comes from the directory above.
                Mode::from_raw_mode(stat.st_mode).difference(Mode::SGID) == UNFINISHED
                    && stat.st_uid == geteuid().as_raw()
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

/// Makes a symbolic link, pipe, socket or device node. Like a file it has another name until `dress` gave it its metadata.
pub fn make(dir: &OwnedFd, name: &[u8], entry: &Entry, dress: &mut dyn FnMut(OwnedFd)) -> Result<Attempt, Lost> {
    let Some(file_type) = file_type(entry) else { return Err(Lost::Unknown) };
    let device = entry.rdev.map_or(0, |rdev| makedev(rdev.0, rdev.1));
    let link = entry.link.as_deref().unwrap_or_default();
    let is_same = |stat: &Stat| match file_type {
        _ if !is(stat, file_type) => false,
        FileType::Symlink => readlinkat(dir, name, Vec::new()).is_ok_and(|there| there.as_bytes() == link),
        FileType::BlockDevice | FileType::CharacterDevice => stat.st_rdev == device,
        _ => true,
    };
    if let Some(stat) = stands(dir, name) {
        return Ok(same_if(is_same(&stat)));
    }
    let temporary = temporary_name().map_err(Lost::Target)?;
    let made = match file_type {
        FileType::Symlink => symlinkat(link, dir, &temporary),
        other => mknodat(dir, &temporary, other, MODE, device),
    };
    made.map_err(|errno| Lost::Target(errno.into()))?;
    let named = hold(dir, &temporary, file_type).and_then(|handle| {
        dress(handle);
        rename_to_free_name(dir, temporary.as_str(), dir, name)
    });
    if named.is_err() {
        // If even this fails, what went wrong first is still what is worth saying.
        let _ = unlinkat(dir, &temporary, AtFlags::empty());
    }
    match named {
        Ok(()) => Ok(Attempt::Made),
        Err(Errno::EXIST) => Ok(same_if(stands(dir, name).is_some_and(|stat| is_same(&stat)))),
        Err(errno) => Attempt::refused(errno),
    }
}

/// Holds fast what was just made. Fails if something of another type stands there: some file systems make empty files.
fn hold(dir: &OwnedFd, name: &str, file_type: FileType) -> Result<OwnedFd, Errno> {
    let handle = openat(dir, name, OFlags::PATH | OFlags::NOFOLLOW | OFlags::CLOEXEC, Mode::empty())?;
    if is(&fstat(&handle)?, file_type) { Ok(handle) } else { Err(Errno::OPNOTSUPP) }
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
