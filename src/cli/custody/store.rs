//! Where events go: into the bundle, or into a directory beside it.

use std::fs::File;
use std::io;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use rustix::fs::{FlockOperation, flock};
use rustix::io::Errno;

use crate::cli::small_file::write_new;
use crate::cli::verify::open_bundle;
use crate::cli::{Exit, Failure};
use crate::format::member::MemberName;
use crate::upkeep::{AppendError, Appendable};
use crate::verify::{Bundle, WithMembers};

/// A place that members can be added to, locked: what was read of it since this was made is there when one is added.
pub struct Store {
    path: PathBuf,
    place: Place,
}

enum Place {
    /// A bundle in file form, locked.
    File(Appendable),
    /// A directory, locked.
    Directory { prefix: &'static str, _lock: File },
}

/// What cannot be added to.
#[derive(Debug, thiserror::Error)]
enum StoreError {
    #[error("cannot open {path} for adding to it", path = path.display())]
    Open { path: PathBuf, source: io::Error },
    #[error("another program is adding to {path}", path = path.display())]
    Locked { path: PathBuf },
    #[error("cannot read the log {path}", path = path.display())]
    ReadLog { path: PathBuf, source: io::Error },
}

/// The bundle itself.
pub fn bundle_store(bundle: &Path) -> Result<Store, Failure> {
    let failed = |source| Failure::new(Exit::CouldNot, StoreError::Open { path: bundle.to_owned(), source });
    let metadata = std::fs::metadata(bundle).map_err(failed)?;
    let path = bundle.to_owned();
    if metadata.is_dir() {
        return Ok(Store { place: Place::Directory { prefix: "", _lock: lock(bundle)? }, path });
    }
    let file = Appendable::open(bundle).map_err(append_failure)?;
    Ok(Store { path, place: Place::File(file) })
}

/// The log of a bundle: in it, or in the directory that is given.
pub fn log_store(bundle: &Path, log: Option<&Path>) -> Result<Store, Failure> {
    let Some(dir) = log else { return bundle_store(bundle) };
    let failed = |source| Failure::new(Exit::CouldNot, StoreError::Open { path: dir.to_owned(), source });
    std::fs::create_dir_all(dir).map_err(failed)?;
    Ok(Store { path: dir.to_owned(), place: Place::Directory { prefix: "custody/", _lock: lock(dir)? } })
}

/// Opens a bundle with the log beside it.
pub fn open_with_log(bundle: &Path, log: Option<&Path>) -> Result<Arc<dyn Bundle>, Failure> {
    let opened = Arc::from(open_bundle(bundle)?);
    let Some(dir) = log else { return Ok(opened) };
    let failed = |source| Failure::new(Exit::CouldNot, StoreError::ReadLog { path: dir.to_owned(), source });
    Ok(Arc::new(WithMembers::of_log(opened, dir).map_err(failed)?))
}

fn append_failure(error: AppendError) -> Failure {
    let exit = if matches!(error, AppendError::Exists { .. }) { Exit::Usage } else { Exit::CouldNot };
    let hint = match &error {
        AppendError::Open { .. } => {
            Some("on a medium that cannot be written to, keep the log beside it with --log DIR")
        }
        other => other.hint(),
    };
    Failure { hint: hint.map(str::to_owned), ..Failure::new(exit, error) }
}

fn lock(dir: &Path) -> Result<File, Failure> {
    let failed = |source| Failure::new(Exit::CouldNot, StoreError::Open { path: dir.to_owned(), source });
    let file = File::open(dir).map_err(failed)?;
    match flock(&file, FlockOperation::NonBlockingLockExclusive) {
        Ok(()) => Ok(file),
        Err(Errno::WOULDBLOCK) => Err(Failure::new(Exit::CouldNot, StoreError::Locked { path: dir.to_owned() })
            .hint("wait until it is done, then run the same command again")),
        Err(errno) => Err(failed(errno.into())),
    }
}

impl Store {
    /// Adds a member, durably. Sealed members are never touched.
    pub fn add(&self, name: &MemberName, bytes: &[u8]) -> Result<(), Failure> {
        match &self.place {
            Place::File(file) => file.append(name, bytes).map_err(append_failure),
            Place::Directory { prefix, .. } => {
                let name = name.to_string();
                let path = self.path.join(name.strip_prefix(*prefix).unwrap_or(&name));
                let at = crate::dir::holding(&path).to_owned();
                if at != self.path {
                    let failed = |source| Failure::new(Exit::CouldNot, StoreError::Open { path: at.clone(), source });
                    make_dir(&at).map_err(failed)?;
                }
                write_new(&path, bytes)
            }
        }
    }
}

/// Makes a directory, if it is not there. A link in its place could lead out of the bundle.
fn make_dir(dir: &Path) -> io::Result<()> {
    std::fs::create_dir_all(dir)?;
    match std::fs::symlink_metadata(dir)?.is_dir() {
        true => Ok(()),
        false => Err(Errno::NOTDIR.into()),
    }
}
