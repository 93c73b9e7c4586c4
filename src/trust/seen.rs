//! What was seen of trust lists before: a file for each, so that an older version, or a second one of the same number, is not
//! taken for the newest, and the keys of one version decide who may sign the next (SPEC.md TRU-5).

use std::fs;
use std::io::{self, Read as _};
use std::path::{Path, PathBuf};

use rustix::fs::{FlockOperation, flock};
use serde::{Deserialize, Serialize};

use super::judge::Trust;
use crate::format::digest::Digest;
use crate::format::json::{self, JsonError};
use crate::format::trust_list::Roots;
use crate::limits::TRUST_LIST_LEN_MAX;
use crate::new_file;

/// The highest version of a list that was seen.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct Seen {
    digest: Digest,
    roots: Roots,
    sequence: u64,
}

/// Why a list is not believed, although its roots signed it.
#[derive(Debug, thiserror::Error)]
#[expect(missing_docs, reason = "the messages say it")]
pub enum SeenError {
    #[error("version {given} of the trust list is older than version {seen}, which was seen before")]
    RolledBack { given: u64, seen: u64 },
    #[error("another version {sequence} of the trust list was seen before: {seen}")]
    Another { sequence: u64, seen: Digest },
    #[error(
        "version {given} of the trust list does not name version {seen}, which was seen before, as the one before it"
    )]
    NotFollowing { given: u64, seen: u64 },
    #[error("{signed} of the root keys of version {seen}, which was seen before, have signed this one; {needed} must")]
    NotSucceeding { seen: u64, signed: u64, needed: u64 },
    #[error("cannot read or write {path}", path = path.display())]
    Io { path: PathBuf, source: io::Error },
    #[error("{path} is not what it should be", path = path.display())]
    Form { path: PathBuf, source: JsonError },
}

/// Compares a list with the one that was seen before, in this directory, and remembers it if it is newer.
///
/// # Errors
/// [`SeenError`].
pub fn check_and_remember(dir: &Path, trust: &Trust) -> Result<(), SeenError> {
    let path = dir.join(format!("{}.json", trust.id()));
    let failed = |source| SeenError::Io { path: dir.to_owned(), source };
    fs::create_dir_all(dir).map_err(failed)?;
    // Two who verify at once must not put an older version back.
    let lock = fs::File::open(dir).map_err(failed)?;
    flock(&lock, FlockOperation::LockExclusive).map_err(|errno| failed(errno.into()))?;
    let list = &trust.list().list;
    let now = Seen { digest: trust.digest(), roots: list.roots.clone(), sequence: list.sequence };
    match read(&path)? {
        Some(seen) if seen == now => Ok(()),
        Some(seen) => {
            check(&seen, &now, trust)?;
            write(&path, &now)
        }
        None => write(&path, &now),
    }
}

fn check(seen: &Seen, now: &Seen, trust: &Trust) -> Result<(), SeenError> {
    if now.sequence < seen.sequence {
        return Err(SeenError::RolledBack { given: now.sequence, seen: seen.sequence });
    }
    if now.sequence == seen.sequence {
        return Err(SeenError::Another { sequence: now.sequence, seen: seen.digest });
    }
    // A thief of one key could else write a list that asks for no other.
    let signed = trust.list().signed_by(&seen.roots.public_keys()).len() as u64;
    if signed < seen.roots.threshold {
        return Err(SeenError::NotSucceeding { seen: seen.sequence, signed, needed: seen.roots.threshold });
    }
    let previous = trust.list().list.previous;
    if now.sequence == seen.sequence.saturating_add(1) && previous != Some(seen.digest) {
        return Err(SeenError::NotFollowing { given: now.sequence, seen: seen.sequence });
    }
    Ok(())
}

fn read(path: &Path) -> Result<Option<Seen>, SeenError> {
    let failed = |source| SeenError::Io { path: path.to_owned(), source };
    let file = match fs::File::open(path) {
        Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(None),
        result => result.map_err(failed)?,
    };
    let mut bytes = Vec::new();
    file.take(TRUST_LIST_LEN_MAX).read_to_end(&mut bytes).map_err(failed)?;
    json::from_canonical(&bytes).map(Some).map_err(|source| SeenError::Form { path: path.to_owned(), source })
}

fn write(path: &Path, seen: &Seen) -> Result<(), SeenError> {
    let failed = |source| SeenError::Io { path: path.to_owned(), source };
    new_file::replace(path, &json::to_canonical(seen), 0o600).map_err(failed)
}
