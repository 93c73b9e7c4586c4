//! The directory that is restored into. Nothing lands outside it: every name is looked up by its open parent, below the
//! directory, and never through a link.

use std::io;
use std::os::fd::OwnedFd;
use std::path::Path;
use std::rc::Rc;

use rustix::fs::{CWD, Mode, OFlags, ResolveFlags, openat, openat2};
use rustix::io::Errno;

/// Links and `..` are refused by the kernel, whatever a name says and whatever changes meanwhile.
const BELOW: ResolveFlags = ResolveFlags::BENEATH.union(ResolveFlags::NO_SYMLINKS).union(ResolveFlags::NO_MAGICLINKS);
/// Only to look up names: this needs no permission to list.
const THROUGH: OFlags = OFlags::PATH.union(OFlags::DIRECTORY).union(OFlags::CLOEXEC);

/// An open target directory. Paths are relative to it; its own path is empty.
pub struct Target {
    root: Rc<OwnedFd>,
    /// The directory that was asked for last: entries come directory by directory.
    last: (Vec<u8>, Rc<OwnedFd>),
}

impl Target {
    /// Opens a directory, made first if it does not exist.
    pub fn open(path: &Path) -> io::Result<Self> {
        match std::fs::create_dir(path) {
            Err(error) if error.kind() != io::ErrorKind::AlreadyExists => return Err(error),
            _ => {}
        }
        let root = Rc::new(openat(CWD, path, THROUGH, Mode::empty())?);
        Ok(Self { last: (Vec::new(), Rc::clone(&root)), root })
    }

    /// The directory itself.
    pub fn root(&self) -> &Rc<OwnedFd> {
        &self.root
    }

    /// A handle of a directory below, to look up names in.
    pub fn dir(&mut self, path: &[u8]) -> Result<Rc<OwnedFd>, Errno> {
        let (last_path, last) = &self.last;
        if path != last_path {
            let below = path.strip_prefix(last_path.as_slice()).and_then(|rest| rest.strip_prefix(b"/"));
            let handle = match below.filter(|_| !last_path.is_empty()) {
                Some(rest) => descend(last, rest)?,
                None => descend(&self.root, path)?,
            };
            self.last = (path.to_vec(), Rc::new(handle));
        }
        Ok(Rc::clone(&self.last.1))
    }
}

/// Opens a directory below another, a piece of its path at a time where it is longer than a path may be.
fn descend(from: &OwnedFd, path: &[u8]) -> Result<OwnedFd, Errno> {
    /// Well below PATH_MAX.
    const PIECE_LEN_MAX: usize = 2048;
    let mut dir = openat(from, c".", THROUGH, Mode::empty())?;
    let mut rest = path;
    while !rest.is_empty() {
        let cut = match rest.len() > PIECE_LEN_MAX {
            true => rest[..PIECE_LEN_MAX].iter().rposition(|&b| b == b'/').ok_or(Errno::NAMETOOLONG)?,
            false => rest.len(),
        };
        dir = openat2(&dir, &rest[..cut], THROUGH, Mode::empty(), BELOW)?;
        rest = rest.get(cut + 1..).unwrap_or_default();
    }
    Ok(dir)
}

/// A path below the target, put together.
pub fn join(parent: &[u8], name: &[u8]) -> Vec<u8> {
    let separator: &[u8] = if parent.is_empty() { b"" } else { b"/" };
    [parent, separator, name].concat()
}
