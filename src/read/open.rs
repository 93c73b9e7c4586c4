//! Looking at a name in an open directory: what stands there, opened so that it cannot be exchanged any more. A
//! symbolic link is never followed and a pipe never waited for.

use std::ffi::CStr;
use std::os::fd::{AsFd, AsRawFd, BorrowedFd, OwnedFd};

use rustix::fs::{
    AtFlags, FileType, Mode, OFlags, StatVfsMountFlags, Statx, StatxFlags, fcntl_setfl, fstatvfs, open, openat, statx,
};
use rustix::io::Errno;

/// What tells one file from every other at one time.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub(super) struct FileId {
    /// Major and minor number of the device that holds it.
    pub(super) device: (u32, u32),
    /// Inode number.
    pub(super) ino: u64,
}

impl FileId {
    /// The identity that a `statx` gave.
    pub(super) fn of(stat: &Statx) -> Self {
        Self { device: (stat.stx_dev_major, stat.stx_dev_minor), ino: stat.stx_ino }
    }
}

/// How a thing is to be opened.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Want {
    /// For its bytes or its names: a file, a directory, a device given as source.
    Read,
    /// Only held fast: a link, a node, or something whose bytes are not needed.
    Pin,
}

/// What stood under a name.
pub(super) struct Look {
    /// As it was once it could not be exchanged any more; `stx_atime` and `stx_nlink` as before opening.
    pub(super) stat: Statx,
    /// The thing itself.
    pub(super) opened: Opened,
}

/// The thing itself.
pub(super) enum Opened {
    /// Open for reading, as wanted.
    Readable(OwnedFd),
    /// Held by an `O_PATH` handle, as wanted.
    Pinned(OwnedFd),
    /// It could not be opened as wanted; held fast if that at least was possible.
    Failed {
        /// What opening it gave.
        why: Errno,
        /// Its `O_PATH` handle.
        pinned: Option<OwnedFd>,
    },
}

impl Opened {
    /// Whatever handle there is.
    fn handle(&self) -> Option<BorrowedFd<'_>> {
        match self {
            Self::Readable(handle) | Self::Pinned(handle) => Some(handle.as_fd()),
            Self::Failed { pinned, .. } => pinned.as_ref().map(AsFd::as_fd),
        }
    }
}

/// How often a name is looked at again when another thing stands there each time.
const LOOKS_MAX: usize = 16;

/// Looks at `name` in `dir` and opens what is there as `want` says. When the thing was exchanged between looking and
/// opening, the new one is looked at. Fails if nothing can be known of it, with `ESTALE` if it never stood still.
pub(super) fn look(dir: BorrowedFd<'_>, name: &CStr, want: impl Fn(&Statx) -> Want) -> Result<Look, Errno> {
    for looks in 1..=LOOKS_MAX {
        let before = stat_at(dir, name)?;
        let opened = match want(&before) {
            Want::Pin => pin(dir, name).map(Opened::Pinned),
            Want::Read => open_to_read(dir, name, &before).map(Opened::Readable),
        };
        let opened = opened.unwrap_or_else(|why| Opened::Failed { why, pinned: pin(dir, name).ok() });
        let mut after = match opened.handle() {
            Some(handle) => stat_of(handle)?,
            None => stat_at(dir, name)?,
        };
        // A name that goes to and fro shows the same thing on both sides of a failure that was another's.
        let is_doubtful = looks < LOOKS_MAX && matches!(opened, Opened::Failed { why, .. } if tells_of_another(why));
        if is_same(&before, &after) && !is_doubtful {
            after.stx_atime = before.stx_atime;
            // So that what `want` decided about links still fits what is recorded.
            after.stx_nlink = before.stx_nlink;
            return Ok(Look { stat: after, opened });
        }
    }
    Err(Errno::STALE)
}

/// The type in a mode.
pub(super) fn file_type(stat: &Statx) -> FileType {
    FileType::from_raw_mode(stat.stx_mode.into())
}

/// Whether an opening fails so when something else stands there than was expected.
fn tells_of_another(why: Errno) -> bool {
    matches!(why, Errno::LOOP | Errno::NOTDIR | Errno::NXIO | Errno::NOENT | Errno::STALE)
}

/// Whether two looks found the same thing.
fn is_same(a: &Statx, b: &Statx) -> bool {
    FileId::of(a) == FileId::of(b) && file_type(a) == file_type(b)
}

/// What stands under a name; a link itself, not its target.
pub(super) fn stat_at(dir: BorrowedFd<'_>, name: &CStr) -> Result<Statx, Errno> {
    statx(dir, name, AtFlags::SYMLINK_NOFOLLOW | AtFlags::NO_AUTOMOUNT, STAT_MASK)
}

/// What a handle holds.
pub(super) fn stat_of(handle: BorrowedFd<'_>) -> Result<Statx, Errno> {
    statx(handle, c"", AtFlags::EMPTY_PATH, STAT_MASK)
}

const STAT_MASK: StatxFlags = StatxFlags::BASIC_STATS.union(StatxFlags::BTIME);

/// Flags of every opening: never a link's target, never inherited by another program.
const SAFE: OFlags = OFlags::NOFOLLOW.union(OFlags::CLOEXEC);

/// Flags to hold a directory only to look up names in it.
pub(super) const THROUGH: OFlags = OFlags::PATH.union(OFlags::DIRECTORY).union(OFlags::CLOEXEC);

/// Holds a thing fast without opening it: this needs no permission on it and has no effect on it.
pub(super) fn pin(dir: BorrowedFd<'_>, name: &CStr) -> Result<OwnedFd, Errno> {
    openat(dir, name, OFlags::PATH | SAFE, Mode::empty())
}

/// Where the kernel shows a handle of this process as a path. Used for what takes no handle, or no `O_PATH` handle.
pub(super) fn path_of_handle(handle: BorrowedFd<'_>) -> String {
    format!("/proc/self/fd/{}", handle.as_raw_fd())
}

fn open_to_read(dir: BorrowedFd<'_>, name: &CStr, stat: &Statx) -> Result<OwnedFd, Errno> {
    match file_type(stat) {
        FileType::Directory => open_dir(dir, name),
        FileType::RegularFile => match open_file(dir, name) {
            // Somebody holds a lease on it. Only a file that is held fast may be waited for: a name could be a pipe by now.
            Err(Errno::AGAIN) => reopen(dir, name, FileType::RegularFile),
            result => result,
        },
        // Without `O_NONBLOCK`, so that a drive without a medium says so here and not at every byte.
        other => reopen(dir, name, other),
    }
}

/// Opens a directory for listing, without a trace in its access time where that is permitted.
pub(super) fn open_dir(dir: BorrowedFd<'_>, name: &CStr) -> Result<OwnedFd, Errno> {
    untraced(|noatime| openat(dir, name, OFlags::RDONLY | OFlags::DIRECTORY | SAFE | noatime, Mode::empty()))
}

/// Opens a directory for listing if that leaves no trace in its access time, for whoever comes before the reading.
pub(super) fn open_dir_traceless(dir: BorrowedFd<'_>, name: &CStr) -> Result<OwnedFd, Errno> {
    match openat(dir, name, OFlags::RDONLY | OFlags::DIRECTORY | SAFE | OFlags::NOATIME, Mode::empty()) {
        Err(Errno::PERM) => {
            let handle = openat(dir, name, THROUGH | SAFE, Mode::empty())?;
            let traceless = StatVfsMountFlags::RDONLY | StatVfsMountFlags::NOATIME | StatVfsMountFlags::NODIRATIME;
            if !fstatvfs(&handle)?.f_flag.intersects(traceless) {
                return Err(Errno::PERM);
            }
            openat(&handle, c".", OFlags::RDONLY | OFlags::DIRECTORY | SAFE, Mode::empty())
        }
        result => result,
    }
}

fn open_file(dir: BorrowedFd<'_>, name: &CStr) -> Result<OwnedFd, Errno> {
    let flags = OFlags::RDONLY | OFlags::NONBLOCK | OFlags::NOCTTY | SAFE;
    untraced(|noatime| {
        let handle = openat(dir, name, flags | noatime, Mode::empty())?;
        // `O_NONBLOCK` served the opening; a file system could take it for leave to refuse bytes that are far away.
        fcntl_setfl(&handle, noatime)?;
        Ok(handle)
    })
}

/// Opens by way of a handle that was first seen to be of the type expected.
fn reopen(dir: BorrowedFd<'_>, name: &CStr, expected: FileType) -> Result<OwnedFd, Errno> {
    let pinned = pin(dir, name)?;
    if file_type(&stat_of(pinned.as_fd())?) != expected {
        return Err(Errno::STALE);
    }
    let path = path_of_handle(pinned.as_fd());
    let flags = OFlags::RDONLY | OFlags::NOCTTY | OFlags::CLOEXEC;
    untraced(|noatime| open(&path, flags | noatime, Mode::empty()))
}

/// Opens with `O_NOATIME`, which only the owner and root may, or else without.
pub(super) fn untraced(open: impl Fn(OFlags) -> Result<OwnedFd, Errno>) -> Result<OwnedFd, Errno> {
    match open(OFlags::NOATIME) {
        Err(Errno::PERM) => open(OFlags::empty()),
        result => result,
    }
}
