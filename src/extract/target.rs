//! The directory that is restored into. Nothing lands outside it: every name is looked up by its open parent, below the
//! directory, and never through a link.

use std::io;
use std::os::fd::OwnedFd;
use std::path::{Path, PathBuf};
use std::rc::Rc;

use rustix::fs::{CWD, Mode, OFlags, ResolveFlags, fstat, openat, openat2};
use rustix::io::Errno;

use super::nodes::DirState;

/// Links and `..` are refused by the kernel, whatever a name says and whatever changes meanwhile.
const BELOW: ResolveFlags = ResolveFlags::BENEATH.union(ResolveFlags::NO_SYMLINKS).union(ResolveFlags::NO_MAGICLINKS);
/// Only to look up names: this needs no permission to list.
const THROUGH: OFlags = OFlags::PATH.union(OFlags::DIRECTORY).union(OFlags::CLOEXEC);

/// What tells one directory from every other.
type Id = (u64, u64);

/// An open target directory. Paths are relative to it; its own path is empty.
pub struct Target {
    path: PathBuf,
    root: Rc<OwnedFd>,
    was_made: bool,
    /// The directory that was asked for last, and its path: entries come directory by directory.
    last: Rc<OwnedFd>,
    last_path: Vec<u8>,
    /// Length of path and identity of directories above the last one that were asked for on the way down.
    above: Vec<(usize, Id)>,
}

impl Target {
    /// Opens a directory, made first if it does not exist.
    pub fn open(path: &Path) -> io::Result<Self> {
        let was_made = match std::fs::create_dir(path) {
            Err(error) if error.kind() != io::ErrorKind::AlreadyExists => return Err(error),
            made => made.is_ok(),
        };
        let root = Rc::new(openat(CWD, path, THROUGH, Mode::empty())?);
        let path = path.to_owned();
        Ok(Self { path, was_made, last: Rc::clone(&root), root, last_path: Vec::new(), above: Vec::new() })
    }

    /// Its path, as it was given.
    pub fn path(&self) -> &Path {
        &self.path
    }

    /// The directory itself.
    pub fn root(&self) -> &Rc<OwnedFd> {
        &self.root
    }

    /// Whether the directory itself is this run's.
    pub fn state(&self) -> DirState {
        if self.was_made { DirState::Made } else { DirState::Present }
    }

    /// A handle of a directory below, to look up names in.
    pub fn dir(&mut self, path: &[u8]) -> Result<Rc<OwnedFd>, Errno> {
        if path == self.last_path {
            return Ok(Rc::clone(&self.last));
        }
        let below = path.strip_prefix(self.last_path.as_slice()).and_then(|rest| rest.strip_prefix(b"/"));
        match below.filter(|_| !self.last_path.is_empty()) {
            Some(rest) => {
                let handle = descend(&self.last, rest)?;
                self.above.push((self.last_path.len(), id(&self.last)?));
                self.last = Rc::new(handle);
                self.last_path.extend_from_slice(&path[self.last_path.len()..]);
            }
            None => {
                self.last = Rc::new(self.ascend(path).map_or_else(|| descend(&self.root, path), Ok)?);
                let common = self.last_path.iter().zip(path).take_while(|(a, b)| a == b).count();
                let is_above = |len: usize| len <= common && path.get(len) == Some(&b'/');
                while self.above.last().is_some_and(|(len, _)| !is_above(*len)) {
                    self.above.pop();
                }
                self.last_path.clear();
                self.last_path.extend_from_slice(path);
            }
        }
        Ok(Rc::clone(&self.last))
    }

    /// The directory right above the last one: the way back out of a deep tree would be long from the top. Only if `..`
    /// leads to the one that the way down came through, so that nothing that was moved meanwhile leads elsewhere.
    fn ascend(&self, path: &[u8]) -> Option<OwnedFd> {
        let (len, known) = self.above.last()?;
        if *len != path.len() || split(&self.last_path).0 != path {
            return None;
        }
        let handle = openat(&self.last, c"..", THROUGH, Mode::empty()).ok()?;
        (id(&handle).ok()? == *known).then_some(handle)
    }
}

fn id(handle: &OwnedFd) -> Result<Id, Errno> {
    let stat = fstat(handle)?;
    Ok((stat.st_dev, stat.st_ino))
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

/// The directory and the name of a path.
pub fn split(path: &[u8]) -> (&[u8], &[u8]) {
    match path.iter().rposition(|&b| b == b'/') {
        Some(slash) => (&path[..slash], &path[slash + 1..]),
        None => (b"", path),
    }
}
