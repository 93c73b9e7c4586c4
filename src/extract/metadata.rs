//! Giving restored things the metadata of their entries. What cannot be given, or gives powers that were not asked for,
//! is withheld and said; it never costs the content.

use std::io;
use std::os::fd::{AsFd, AsRawFd};

use rustix::fs::{
    AtFlags, CWD, Gid, Mode, Timespec, Timestamps, UTIME_OMIT, Uid, XattrFlags, chmod, chownat, fstat, setxattr,
    utimensat,
};
use rustix::io::Errno;
use rustix::process::geteuid;

use super::outcome::Withheld;
use crate::format::entry::{Entry, Kind};
use crate::format::time::Timestamp;

/// Set-user-id and set-group-id bits.
const SET_ID_BITS: u16 = 0o6000;
/// A user or group number that no file can have.
const NOBODY_AT_ALL: u32 = u32::MAX;

/// Restores metadata as far as the user may and wants.
pub struct Metadata {
    /// Set-id bits, capabilities and other attributes that the system acts on were asked for.
    special: bool,
    user: Uid,
    /// What was not restored.
    pub withheld: Withheld,
}

impl Metadata {
    /// For the user of this process.
    pub fn new(special: bool) -> Self {
        Self { special, user: geteuid(), withheld: Withheld::default() }
    }

    /// Gives a thing owner, extended attributes, permissions and times, in an order in which none undoes another: a new
    /// owner clears set-id bits and capabilities, and permissions may forbid to set attributes. `handle` may be one by
    /// `O_PATH`, so that it can be of anything.
    /// `entry_path` is what messages call it.
    pub fn apply(&mut self, handle: impl AsFd, entry: &Entry, entry_path: &[u8]) {
        // Most calls take no handle by `O_PATH`; this path leads to the thing itself, be it a symbolic link.
        let path = format!("/proc/self/fd/{}", handle.as_fd().as_raw_fd());
        let has_owner = self.own(&handle, entry, entry_path);
        self.set_xattrs(&path, entry, entry_path);
        if entry.kind != Kind::Symlink {
            self.set_mode(&path, entry, entry_path, has_owner);
        }
        let times = Timestamps {
            last_access: entry.atime.map_or(Timespec { tv_sec: 0, tv_nsec: UTIME_OMIT }, timespec),
            last_modification: timespec(entry.mtime),
        };
        let result = utimensat(CWD, &path, &times, AtFlags::empty());
        self.check(result, "times", entry_path);
    }

    /// Whether it has the owner of its entry now.
    fn own(&mut self, handle: impl AsFd, entry: &Entry, entry_path: &[u8]) -> bool {
        // To the system these numbers say that the owner stays as it is.
        if entry.uid == NOBODY_AT_ALL || entry.gid == NOBODY_AT_ALL {
            self.withheld.note("owners: no file can have the number 4294967295".to_owned(), entry_path);
            return false;
        }
        if self.user.is_root() {
            let (uid, gid) = (Uid::from_raw(entry.uid), Gid::from_raw(entry.gid));
            let result = chownat(handle, c"", Some(uid), Some(gid), AtFlags::EMPTY_PATH);
            return self.check(result, "owners", entry_path);
        }
        if entry.uid == self.user.as_raw() {
            // One of the user's own groups may be given; else it shows below that it was not.
            let _ = chownat(&handle, c"", None, Some(Gid::from_raw(entry.gid)), AtFlags::EMPTY_PATH);
        }
        let has_owner = fstat(&handle).is_ok_and(|stat| (stat.st_uid, stat.st_gid) == (entry.uid, entry.gid));
        if !has_owner {
            self.withheld.note("owners: only root can restore them".to_owned(), entry_path);
        }
        has_owner
    }

    fn set_xattrs(&mut self, path: &str, entry: &Entry, entry_path: &[u8]) {
        for xattr in &entry.xattrs {
            let Ok(value) = &xattr.value else { continue };
            let namespace = Namespace::of(&xattr.name);
            if namespace.is_special() && !self.special {
                let what = format!("extended attributes {}: only --special restores them", namespace.name());
                self.withheld.note(what, entry_path);
                continue;
            }
            let result = setxattr(path, xattr.name.as_slice(), value, XattrFlags::empty());
            self.check(result, &format!("extended attributes {}", namespace.name()), entry_path);
        }
    }

    fn set_mode(&mut self, path: &str, entry: &Entry, entry_path: &[u8], has_owner: bool) {
        let mut mode = entry.mode;
        if mode & SET_ID_BITS != 0 && !(self.special && has_owner) {
            mode &= !SET_ID_BITS;
            // With another owner they would give that one's powers away.
            let why = if self.special { "it has another owner" } else { "only --special restores them" };
            self.withheld.note(format!("set-id bits: {why}"), entry_path);
        }
        let result = chmod(path, Mode::from_raw_mode(u32::from(mode)));
        self.check(result, "permissions", entry_path);
    }

    /// Notes what failed; `true` if nothing did.
    fn check(&mut self, result: Result<(), Errno>, what: &str, entry_path: &[u8]) -> bool {
        if let Err(errno) = result {
            self.withheld.note(format!("{what}: {}", io::Error::from(errno)), entry_path);
        }
        result.is_ok()
    }
}

/// What an extended attribute is for, by the first part of its name.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Namespace {
    /// Whatever users wish.
    User,
    /// Access control lists.
    System,
    /// Only for processes of root.
    Trusted,
    /// Capabilities, labels of security modules.
    Security,
    /// None that Linux has.
    Other,
}

impl Namespace {
    fn of(name: &[u8]) -> Self {
        match name.split(|&b| b == b'.').next() {
            Some(b"user") => Self::User,
            Some(b"system") => Self::System,
            Some(b"trusted") => Self::Trusted,
            Some(b"security") => Self::Security,
            _ => Self::Other,
        }
    }

    /// The system, or programs with powers, act on what it says.
    fn is_special(self) -> bool {
        matches!(self, Self::Trusted | Self::Security)
    }

    fn name(self) -> &'static str {
        match self {
            Self::User => "user.*",
            Self::System => "system.* (access control lists)",
            Self::Trusted => "trusted.*",
            Self::Security => "security.* (capabilities, labels)",
            Self::Other => "of unknown kind",
        }
    }
}

fn timespec(time: Timestamp) -> Timespec {
    Timespec { tv_sec: time.seconds(), tv_nsec: i64::from(time.nanos()) }
}
