//! What is to be sealed: the SOURCE arguments, checked and held fast before anything is read.

use std::collections::HashMap;
use std::ffi::{CString, OsStr};
use std::fs;
use std::io;
use std::os::fd::{AsFd, OwnedFd};
use std::os::unix::ffi::OsStrExt;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use globset::GlobSet;
use rustix::fs::{AtFlags, CWD, FileType, Mode, StatxFlags, openat, statx};
use rustix::io::Errno;

use super::device;
use super::open::{FileId, THROUGH, file_type, stat_at, stat_of};
use crate::format::block_device::{BlockDevice, DeviceUse, How};
use crate::format::path::EntryPath;
use crate::format::pattern::{PatternError, patterns};
use crate::limits::SOURCE_COUNT_MAX;

/// What is to be sealed: sources in the order given, and what is left out of them.
pub struct Scope {
    sources: Vec<SourceRoot>,
    exclude: GlobSet,
    one_file_system: bool,
}

/// One SOURCE argument: where it is and what it will be called.
pub struct SourceRoot {
    name: Vec<u8>,
    path: PathBuf,
    pub(super) parent: Arc<OwnedFd>,
    /// Its real name in `parent`, which for `link/` is the target's.
    pub(super) leaf: CString,
    pub(super) id: FileId,
    pub(super) is_dir: bool,
}

impl SourceRoot {
    /// The path of its entry: one name, or `.` for the root of the file system.
    pub fn name(&self) -> &[u8] {
        &self.name
    }

    /// The argument, made absolute by putting the current directory before it; links in it are not resolved.
    pub fn path(&self) -> &Path {
        &self.path
    }

    /// What the system knows of it now, if it is a block device.
    pub fn device(&self) -> Option<BlockDevice> {
        device::examine(self)
    }
}

/// Why sources cannot be sealed as they were given.
#[derive(Debug, thiserror::Error)]
#[expect(missing_docs, reason = "the messages say it")]
pub enum ScopeError {
    #[error("no source was given")]
    Empty,
    #[error("{count} sources were given; a bundle holds at most {SOURCE_COUNT_MAX}")]
    TooMany { count: usize },
    #[error("source {path:?} does not exist")]
    Missing { path: PathBuf },
    #[error("source {path:?} cannot be looked at")]
    Unavailable { path: PathBuf, source: io::Error },
    #[error("source {path:?} is a symbolic link to the device {device:?}")]
    LinkToDevice { path: PathBuf, device: PathBuf },
    #[error("the root of the file system {path:?} was given together with other sources")]
    RootAmongOthers { path: PathBuf },
    #[error("sources {first:?} and {second:?} would both be called {name:?} in the bundle")]
    SameName { name: String, first: PathBuf, second: PathBuf },
    #[error("device {path:?} can be written to while it is sealed: {}", use_text(found))]
    Writable { path: PathBuf, found: DeviceUse },
    #[error("--exclude")]
    Pattern(#[from] PatternError),
    #[error("output {output:?} lies inside the source {path:?}")]
    OutputInside { output: PathBuf, path: PathBuf },
    #[error("where output {output:?} lies cannot be looked at")]
    OutputUnavailable { output: PathBuf, source: io::Error },
}

impl ScopeError {
    /// What the user can do.
    pub fn hint(&self) -> Option<String> {
        Some(match self {
            Self::Empty => "name what is to be sealed: a file, a directory or a device".to_owned(),
            Self::TooMany { .. } => "put them into one directory and give that, or seal several bundles".to_owned(),
            Self::Missing { .. } => "check the name; paths are taken from the current directory".to_owned(),
            Self::LinkToDevice { device, .. } => {
                format!("a link is sealed as a link: to seal the device, give {device:?}")
            }
            Self::RootAmongOthers { .. } => "everything lies below the root: give it alone".to_owned(),
            Self::SameName { .. } => "seal them in two bundles, or give a directory that holds both".to_owned(),
            Self::Writable { found, .. } => {
                let first = match &found.how {
                    How::Mount(_) => "unmount it or mount it read-only",
                    How::Swap => "turn it off with `swapoff`",
                    How::Unknown => "find out what uses it, and end that",
                };
                format!(
                    "{first}, and better use a write blocker; with --mounted-ok it is sealed as it is, which is signed"
                )
            }
            Self::Pattern(error) => error.hint().to_owned(),
            Self::OutputInside { .. } => {
                "sealing must not change what is sealed: write elsewhere, or leave that place out with --exclude, \
                 or other disks with --one-file-system"
                    .to_owned()
            }
            Self::OutputUnavailable { .. } => "the directory of the output must exist".to_owned(),
            Self::Unavailable { source, .. } => match Errno::from_io_error(source) {
                Some(Errno::MFILE) => {
                    "sources in so many directories need more open files: raise `ulimit -n`".to_owned()
                }
                Some(Errno::ACCESS) => "another user, such as root, may have the permission".to_owned(),
                Some(Errno::NOTDIR) => "only a directory may be given with `/` at its end".to_owned(),
                _ => return None,
            },
        })
    }
}

impl Scope {
    /// Checks the sources and holds them fast. `exclude` holds globs that are compared with whole paths in the bundle
    /// (`home/*/cache`, `**/*.tmp`): `*` and `?` do not match `/`, and what lies below an excluded directory is
    /// excluded with it; a `/` at the end means nothing. With `one_file_system` a directory on another device than its source is recorded but not
    /// descended into.
    ///
    /// # Errors
    /// What makes it impossible to seal all of the sources under distinct names.
    pub fn new(sources: &[PathBuf], exclude: &[String], one_file_system: bool) -> Result<Self, ScopeError> {
        if sources.is_empty() {
            return Err(ScopeError::Empty);
        }
        if sources.len() > SOURCE_COUNT_MAX {
            return Err(ScopeError::TooMany { count: sources.len() });
        }
        let mut parents = Parents::default();
        let mut roots: Vec<SourceRoot> = Vec::with_capacity(sources.len());
        let mut names: HashMap<Vec<u8>, usize> = HashMap::new();
        for path in sources {
            let root = resolve(path, &mut parents)?;
            if root.name == EntryPath::ROOT && sources.len() > 1 {
                return Err(ScopeError::RootAmongOthers { path: path.clone() });
            }
            if let Some(earlier) = names.insert(root.name.clone(), roots.len()) {
                let name = String::from_utf8_lossy(&root.name).into_owned();
                let first = roots.get(earlier).map(|root| root.path.clone()).unwrap_or_default();
                return Err(ScopeError::SameName { name, first, second: root.path });
            }
            roots.push(root);
        }
        Ok(Self { sources: roots, exclude: patterns(exclude)?, one_file_system })
    }

    /// The sources, in the order given.
    pub fn sources(&self) -> &[SourceRoot] {
        &self.sources
    }

    /// Whether directories on other devices are left alone.
    pub fn one_file_system(&self) -> bool {
        self.one_file_system
    }

    /// Whether an entry of this path in the bundle is left out. Asked of what lies below a source, never of a source.
    pub(super) fn excludes(&self, path: &[u8]) -> bool {
        !self.exclude.is_empty() && self.exclude.is_match(OsStr::from_bytes(path))
    }
}

/// Refuses a device that something writes to: its content would be of no one moment.
///
/// # Errors
/// [`ScopeError::Writable`], with the first use found through which it may be written to.
pub fn refuse_writable(path: &Path, device: &BlockDevice) -> Result<(), ScopeError> {
    match device.writable_use() {
        None => Ok(()),
        Some(found) => Err(ScopeError::Writable { path: path.to_owned(), found: found.clone() }),
    }
}

fn use_text(found: &DeviceUse) -> String {
    let device = found.device.as_str();
    match &found.how {
        How::Mount(at) => format!("{device} is mounted read-write at {:?}", OsStr::from_bytes(at)),
        How::Swap => format!("{device} is in use as swap space"),
        How::Unknown => format!("{device} is held by the system, which does not say for what"),
    }
}

/// Handles of the directories that hold sources: one for all sources in the same directory.
#[derive(Default)]
struct Parents(HashMap<FileId, Arc<OwnedFd>>);

impl Parents {
    fn keep(&mut self, handle: OwnedFd) -> Result<Arc<OwnedFd>, Errno> {
        let id = FileId::of(&stat_of(handle.as_fd())?);
        Ok(self.0.entry(id).or_insert_with(|| Arc::new(handle)).clone())
    }
}

/// Finds out where a SOURCE argument is and what its entry is called.
fn resolve(given: &Path, parents: &mut Parents) -> Result<SourceRoot, ScopeError> {
    let unavailable = |errno: Errno| match errno {
        Errno::NOENT => ScopeError::Missing { path: given.to_owned() },
        _ => ScopeError::Unavailable { path: given.to_owned(), source: errno.into() },
    };
    let path =
        std::path::absolute(given).map_err(|source| ScopeError::Unavailable { path: given.to_owned(), source })?;
    let Place { parent, leaf, name } = place(given).map_err(unavailable)?;
    let stat = stat_at(parent.as_fd(), &leaf).map_err(unavailable)?;
    let id = FileId::of(&stat);
    if file_type(&stat) == FileType::Symlink
        && let Some(device) = device_behind(given)
    {
        return Err(ScopeError::LinkToDevice { path, device });
    }
    let parent = parents.keep(parent).map_err(unavailable)?;
    Ok(SourceRoot { name, path, parent, leaf, id, is_dir: file_type(&stat) == FileType::Directory })
}

struct Place {
    parent: OwnedFd,
    leaf: CString,
    name: Vec<u8>,
}

/// `name`, `link` and `dir/` are where they say and called what they say; `link/` is called that too, but is where the
/// link leads; `.`, `..` and `/` are called by their real names.
fn place(given: &Path) -> Result<Place, Errno> {
    let bytes = given.as_os_str().as_bytes();
    let trimmed = &bytes[..bytes.iter().rposition(|&b| b != b'/').map_or(0, |at| at + 1)];
    let (before, last) = trimmed.split_at(trimmed.iter().rposition(|&b| b == b'/').map_or(0, |at| at + 1));
    if matches!(last, b"" | b"." | b"..") {
        let (parent, leaf) = real_place(given)?;
        let name = leaf.to_bytes().to_vec();
        return Ok(Place { parent, leaf, name });
    }
    let parent = openat(CWD, if before.is_empty() { b"." } else { before }, THROUGH, Mode::empty())?;
    let leaf = CString::new(last).map_err(|_| Errno::INVAL)?;
    let name = last.to_vec();
    if trimmed.len() < bytes.len() {
        match file_type(&stat_at(parent.as_fd(), &leaf)?) {
            FileType::Directory => {}
            FileType::Symlink => {
                let (parent, leaf) = real_place(given)?;
                return Ok(Place { parent, leaf, name });
            }
            _ => return Err(Errno::NOTDIR),
        }
    }
    Ok(Place { parent, leaf, name })
}

/// The parent of a directory and its name there; for the root of the file system itself and `.`.
fn real_place(given: &Path) -> Result<(OwnedFd, CString), Errno> {
    let handle = openat(CWD, given, THROUGH, Mode::empty())?;
    let id = FileId::of(&stat_of(handle.as_fd())?);
    let parent = openat(&handle, c"..", THROUGH, Mode::empty())?;
    if FileId::of(&stat_of(parent.as_fd())?) == id {
        return Ok((handle, c".".to_owned()));
    }
    let real = fs::canonicalize(given).map_err(|e| Errno::from_io_error(&e).unwrap_or(Errno::IO))?;
    let leaf = real.file_name().and_then(|name| CString::new(name.as_bytes()).ok()).ok_or(Errno::STALE)?;
    // The name was found by text; it must be the name of what the handle holds.
    if FileId::of(&stat_at(parent.as_fd(), &leaf)?) == id { Ok((parent, leaf)) } else { Err(Errno::STALE) }
}

/// The block device that a symbolic link leads to.
fn device_behind(link: &Path) -> Option<PathBuf> {
    let stat = statx(CWD, link, AtFlags::empty(), StatxFlags::TYPE).ok()?;
    if file_type(&stat) == FileType::BlockDevice { fs::canonicalize(link).ok() } else { None }
}
