//! Refuses an output that would be written into what is being sealed.

use std::fs;
use std::os::fd::{AsFd, OwnedFd};
use std::os::unix::ffi::OsStrExt;
use std::path::{Path, PathBuf};

use rustix::fs::{AtFlags, CWD, Mode, StatxFlags, openat, statx};
use rustix::io::Errno;

use super::open::{FileId, THROUGH, stat_of};
use super::scope::{Scope, ScopeError, SourceRoot};
use crate::dir;

impl Scope {
    /// Refuses an output file or directory, existing or not, that is a source or lies inside one: it would change what
    /// is sealed, and be sealed itself. Real directories are compared, whatever the paths look like. What is excluded,
    /// and with [`Scope::one_file_system`] what lies on another device than the source, may hold the output.
    ///
    /// # Errors
    /// [`ScopeError::OutputInside`], or [`ScopeError::OutputUnavailable`] if its directory cannot be looked at.
    pub fn refuse_output_inside(&self, output: &Path) -> Result<(), ScopeError> {
        let unavailable =
            |errno: Errno| ScopeError::OutputUnavailable { output: output.to_owned(), source: errno.into() };
        let inside = |source: &SourceRoot| ScopeError::OutputInside {
            output: output.to_owned(),
            path: source.path().to_owned(),
        };
        if let Ok(existing) = statx(CWD, output, AtFlags::empty(), StatxFlags::BASIC_STATS)
            && let Some(source) = self.sources().iter().find(|source| source.id == FileId::of(&existing))
        {
            return Err(inside(source));
        }
        // Both where the name stands and, should it be a link to a directory, where that leads.
        for start in [dir::holding(output), output] {
            let chain = match Chain::above(start) {
                Ok(chain) => chain,
                Err(Errno::NOENT | Errno::NOTDIR) if start == output => continue,
                Err(errno) => return Err(unavailable(errno)),
            };
            if let Some(source) = self.sources().iter().find(|source| self.descends_to(source, &chain)) {
                return Err(inside(source));
            }
        }
        Ok(())
    }

    /// Whether sealing `source` reaches the directory that `chain` goes up from.
    fn descends_to(&self, source: &SourceRoot, chain: &Chain) -> bool {
        let Some(levels) = chain.ids.iter().position(|id| source.is_dir && *id == source.id) else { return false };
        let below = &chain.ids[..levels];
        if self.one_file_system() && below.iter().any(|id| id.device != source.id.device) {
            return false;
        }
        let mut path = source.name().to_vec();
        if path == b"." {
            path.clear();
        }
        for name in chain.names_below(levels) {
            if !path.is_empty() {
                path.push(b'/');
            }
            path.extend_from_slice(&name);
            if self.excludes(&path) {
                return false;
            }
        }
        true
    }
}

/// A directory and all those above it.
struct Chain {
    /// From the directory itself up to the root.
    ids: Vec<FileId>,
    real: Option<PathBuf>,
}

impl Chain {
    fn above(dir: &Path) -> Result<Self, Errno> {
        let mut handle: OwnedFd = openat(CWD, dir, THROUGH, Mode::empty())?;
        let mut ids = vec![FileId::of(&stat_of(handle.as_fd())?)];
        loop {
            handle = openat(&handle, c"..", THROUGH, Mode::empty())?;
            let id = FileId::of(&stat_of(handle.as_fd())?);
            if ids.last() == Some(&id) {
                return Ok(Self { ids, real: fs::canonicalize(dir).ok() });
            }
            ids.push(id);
        }
    }

    /// The names of the directories of the first `levels` ids, downwards; none if they are not known.
    fn names_below(&self, levels: usize) -> Vec<Vec<u8>> {
        let Some(real) = &self.real else { return Vec::new() };
        let names: Vec<Vec<u8>> = real.iter().map(|name| name.as_bytes().to_vec()).collect();
        names[names.len().saturating_sub(levels)..].to_vec()
    }
}
