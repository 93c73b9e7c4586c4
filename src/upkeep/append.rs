//! Adding a grown member to a bundle in file form, in place.
//!
//! The new member takes the place of the directory, and a new directory follows it. That is more than the old directory
//! took, so nothing is ever cut off. Crash points, each step being on the medium before the next begins:
//! 1. What lies past the old end is written, with zeros for the end records: members and old directory are as they were.
//!    A full medium shows here, before anything is overwritten, and these bytes are cut off again.
//! 2. The rest is written, but for its first four bytes. Where members end there still stands the signature of a
//!    directory, and there are no end records: by local headers the bundle is the old one.
//! 3. These four bytes, the signature of a local header: by local headers the bundle is the new one.
//! 4. The end records: the new bundle is sound. Written earlier, they would lead to a member that is not there yet.
//!
//! At every point all earlier members are untouched, and `repair` finds exactly the old members or exactly the new ones.
//! A copy under another name would need the room and the time of the whole evidence for one event.

use std::fs::{File, OpenOptions, TryLockError};
use std::io;
use std::os::unix::fs::FileExt as _;
use std::path::{Path, PathBuf};

use crate::format::member::MemberName;
use crate::format::zip::{self, END_LEN, Record, local_header};
use crate::limits::{ENVELOPE_LEN_MAX, GROWN_COUNT_MAX};
use crate::verify::Bytes;
use crate::verify::zip_scan::{has_local_header, read_directory};

/// Bytes of a header's signature, which decide what stands where members end.
const SIGNATURE_LEN: usize = 4;

/// Why nothing was added.
#[derive(Debug, thiserror::Error)]
#[expect(missing_docs, reason = "the messages say it")]
pub enum AppendError {
    #[error("cannot open {path} for writing", path = path.display())]
    Open { path: PathBuf, source: io::Error },
    #[error("another program is adding to {path}", path = path.display())]
    Locked { path: PathBuf },
    #[error("cannot read {path}", path = path.display())]
    Read { path: PathBuf, source: io::Error },
    #[error("the ZIP wrapper of {path} is not sound", path = path.display())]
    NotSound { path: PathBuf },
    #[error("{name} is no name of a member that may be added")]
    NotGrown { name: MemberName },
    #[error("{name} is in {path} already", path = path.display())]
    Exists { path: PathBuf, name: MemberName },
    #[error("{name} has {len} bytes; at most {ENVELOPE_LEN_MAX} are allowed")]
    TooLong { name: MemberName, len: u64 },
    #[error("{path} holds as many added members as it may", path = path.display())]
    TooMany { path: PathBuf },
    #[error("cannot write {path}: it is as it was", path = path.display())]
    NotWritten { path: PathBuf, source: io::Error },
    #[error("cannot write {path}: nothing sealed was touched, but its ZIP directory is damaged", path = path.display())]
    Torn { path: PathBuf, source: io::Error },
}

impl AppendError {
    /// What the user can do about it.
    pub fn hint(&self) -> Option<&'static str> {
        match self {
            Self::Locked { .. } => Some("wait until it is done, then run the same command again"),
            Self::NotSound { .. } => Some("`scelle repair` writes a file that is"),
            Self::Exists { .. } => Some("what is in a bundle is never replaced; choose another name"),
            Self::Torn { .. } => Some("`scelle repair` restores it"),
            _ => None,
        }
    }
}

/// Bytes to be written at an offset, and to be on the medium before the next are.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Step {
    /// Where, in the file.
    pub offset: u64,
    /// What.
    pub bytes: Vec<u8>,
}

/// A bundle in file form, open for adding to it, under an exclusive lock (`flock`) until it is dropped: what is added follows
/// from what is there, so nobody else may add meanwhile.
pub struct Appendable {
    path: PathBuf,
    file: File,
}

impl Appendable {
    /// Opens and locks a bundle.
    ///
    /// # Errors
    /// If it cannot be written to, or another program holds it.
    pub fn open(path: &Path) -> Result<Self, AppendError> {
        let open_error = |source| AppendError::Open { path: path.to_owned(), source };
        let file = OpenOptions::new().read(true).write(true).open(path).map_err(open_error)?;
        match file.try_lock() {
            Ok(()) => Ok(Self { path: path.to_owned(), file }),
            Err(TryLockError::WouldBlock) => Err(AppendError::Locked { path: path.to_owned() }),
            Err(TryLockError::Error(source)) => Err(open_error(source)),
        }
    }

    /// Adds a member. It is on the medium when this returns.
    ///
    /// # Errors
    /// [`AppendError`]; but for [`AppendError::Torn`] the bundle is as it was.
    pub fn append(&self, name: &MemberName, content: &[u8]) -> Result<(), AppendError> {
        let path = || self.path.clone();
        let open_error = |source| AppendError::Open { path: path(), source };
        let bytes = self.file.try_clone().and_then(crate::verify::FileBytes::new).map_err(open_error)?;
        let steps = append_steps(&bytes, &self.path, name, content)?;
        let old_len = steps.first().map_or(0, |step| step.offset);
        for (i, step) in steps.iter().enumerate() {
            let Err(source) = take(&self.file, step) else { continue };
            // Only in the first step is everything still there; then it must also be the end again.
            let undone = i == 0 && self.file.set_len(old_len).and_then(|()| self.file.sync_all()).is_ok();
            return Err(match undone {
                true => AppendError::NotWritten { path: path(), source },
                false => AppendError::Torn { path: path(), source },
            });
        }
        Ok(())
    }
}

fn take(file: &File, step: &Step) -> io::Result<()> {
    file.write_all_at(&step.bytes, step.offset)?;
    file.sync_all()
}

/// The steps in which [`Appendable::append`] changes this file. The first begins at the file's end.
pub fn append_steps(
    bytes: &dyn Bytes,
    path: &Path,
    name: &MemberName,
    content: &[u8],
) -> Result<[Step; 4], AppendError> {
    let read_error = |source| AppendError::Read { path: path.to_owned(), source };
    let not_sound = || AppendError::NotSound { path: path.to_owned() };
    let len = content.len() as u64;
    if !name.is_grown() || MemberName::parse(&name.to_string()).as_ref() != Some(name) {
        return Err(AppendError::NotGrown { name: name.clone() });
    }
    if len > ENVELOPE_LEN_MAX {
        return Err(AppendError::TooLong { name: name.clone(), len });
    }
    let mut records = read_directory(bytes).map_err(read_error)?.ok_or_else(not_sound)?;
    let mut grown_count = 0;
    for record in &records {
        if !has_local_header(bytes, record).map_err(read_error)? {
            return Err(not_sound());
        }
        grown_count += u64::from(MemberName::parse(&record.name).is_some_and(|name| name.is_grown()));
    }
    if records.iter().any(|record| record.name == name.to_string()) {
        return Err(AppendError::Exists { path: path.to_owned(), name: name.clone() });
    }
    // Grown members stand after the first envelope (SPEC.md MEM-3).
    if grown_count == 0 {
        return Err(not_sound());
    }
    if grown_count >= GROWN_COUNT_MAX {
        return Err(AppendError::TooMany { path: path.to_owned() });
    }
    let offset = records.last().and_then(Record::end_offset).ok_or_else(not_sound)?;
    let record = Record { name: name.to_string(), crc: crc32fast::hash(content), len, offset };
    let mut tail = local_header(&record.name, record.crc, record.len);
    tail.extend_from_slice(content);
    let directory_offset = record.end_offset().ok_or_else(not_sound)?;
    records.push(record);
    tail.extend(zip::directory(&records, directory_offset));
    steps(offset, bytes.len_bytes(), tail).ok_or_else(not_sound)
}

/// What takes the place of the directory at `offset`, in the order that the crash points need.
fn steps(offset: u64, old_len: u64, mut tail: Vec<u8>) -> Option<[Step; 4]> {
    let old_directory_len = usize::try_from(old_len.checked_sub(offset)?).ok()?;
    let end_at = tail.len().checked_sub(END_LEN)?;
    if !(SIGNATURE_LEN..=end_at).contains(&old_directory_len) {
        return None;
    }
    let end = Step { offset: offset + end_at as u64, bytes: tail.split_off(end_at) };
    let mut beyond = tail.split_off(old_directory_len);
    beyond.extend([0; END_LEN]);
    let rest = tail.split_off(SIGNATURE_LEN);
    Some([
        Step { offset: old_len, bytes: beyond },
        Step { offset: offset + SIGNATURE_LEN as u64, bytes: rest },
        Step { offset, bytes: tail },
        end,
    ])
}
