//! Going on with an unfinished sealing: what is on the medium is hashed again and compared with the journal, what was sealed
//! is read again from it, and the source is gone through from its start, entry by entry, to see that it is the same.

use std::fs::{self, File, OpenOptions};
use std::io::{self, Read, Seek as _, SeekFrom};
use std::os::unix::fs::{MetadataExt as _, OpenOptionsExt as _};
use std::path::{Path, PathBuf};

use rustix::fs::{FlockOperation, OFlags, flock};
use rustix::io::Errno;

use super::journal::{UNFINISHED, beside, path_beside};
use crate::format::digest::ChainValue;
use crate::format::journal::{DoneMember, Journal, JournalKey, Plan};
use crate::format::list::List;
use crate::format::member::MemberName;
use crate::format::zip::Record;
use crate::hash::PlainSha256;
use crate::output::Form;
use crate::pack::SegmentStart;
use crate::report::escape::escape;
use crate::tree::TreeHead;

/// Bytes that are hashed at a time.
const PIECE_LEN: usize = 1 << 20;

/// Longest journal that is read, in bytes.
const JOURNAL_LEN_MAX: u64 = 1 << 30;

/// Why an unfinished sealing cannot be gone on with.
#[derive(Debug, thiserror::Error)]
#[expect(missing_docs, reason = "the messages say it")]
pub enum ResumeError {
    #[error("there is no unfinished sealing of {out}", out = out.display())]
    Nothing { out: PathBuf },
    #[error("there are {count} unfinished sealings of {out}", out = out.display())]
    Several { out: PathBuf, count: usize },
    #[error("{out} is whole already", out = out.display())]
    Whole { out: PathBuf },
    #[error("another process is writing {path}", path = path.display())]
    InUse { path: PathBuf },
    #[error("{path} is not a file or directory of this user alone", path = path.display())]
    NotOwn { path: PathBuf },
    #[error("cannot read {path}", path = path.display())]
    Read { path: PathBuf, source: io::Error },
    #[error("{path} is not as its journal says", path = path.display())]
    Damaged { path: PathBuf },
    #[error("what was begun differs from what is asked for in {what}")]
    Differs { what: &'static str },
    #[error("the source is not the same any more: {path}", path = escape(path))]
    SourceChanged { path: Vec<u8> },
}

impl ResumeError {
    /// What the user can do about it.
    pub fn hint(&self) -> &'static str {
        match self {
            Self::Nothing { .. } => "leave out --resume to begin; what is unfinished is called NAME.<8 hex>.partial",
            Self::Whole { .. } => "there is nothing to go on with; `scelle verify` checks it",
            Self::InUse { .. } => "wait until it is done",
            Self::NotOwn { .. } => "somebody else may have put it there: look at it, and begin anew",
            Self::Several { .. } => "remove those that are not wanted: NAME.<8 hex>.partial, each with its .journal",
            Self::Read { .. } => "nothing was changed; try again when it can be read",
            Self::Damaged { .. } => "remove it and its journal, and begin anew",
            Self::Differs { .. } => {
                "go on with the arguments of the first run, or remove what is unfinished and begin anew"
            }
            Self::SourceChanged { .. } => "remove what is unfinished, and begin anew",
        }
    }
}

/// An unfinished sealing.
pub struct Unfinished {
    /// Where it is.
    pub partial: PathBuf,
    /// What its journal says.
    pub journal: Journal,
    /// The journal, locked.
    file: File,
}

/// Where to go on.
pub struct Point {
    /// The segment that comes next.
    pub start: SegmentStart,
    /// Members that are done.
    pub members: Vec<DoneMember>,
    /// Chunks so far of the large file that is open there, and the chain value of its SHA-256.
    pub open: Option<(TreeHead, Option<ChainValue>)>,
}

impl Unfinished {
    /// Finds what was left of a sealing to this path.
    ///
    /// # Errors
    /// If there is none that was begun with this key, or more than one, or another process is at work on it.
    pub fn find(out: &Path, key: &JournalKey) -> Result<Self, ResumeError> {
        let out: PathBuf = out.components().collect();
        let read = |path: &Path, source| ResumeError::Read { path: path.to_owned(), source };
        if out.symlink_metadata().is_ok() {
            return Err(ResumeError::Whole { out });
        }
        let mut found = Vec::new();
        for partial in beside(&out, UNFINISHED).map_err(|e| read(crate::dir::holding(&out), e))? {
            let path = path_beside(&partial);
            let Some(mut file) = open_locked(&path)? else { continue };
            let mut bytes = Vec::new();
            (&mut file).take(JOURNAL_LEN_MAX).read_to_end(&mut bytes).map_err(|e| read(&path, e))?;
            let Some(journal) = Journal::parse(&bytes, key) else { continue };
            require_own(&partial, &fs::symlink_metadata(&partial).map_err(|e| read(&partial, e))?)?;
            found.push(Self { partial, journal, file });
        }
        match (found.pop(), found.len()) {
            (None, _) => Err(ResumeError::Nothing { out }),
            (Some(one), 0) => Ok(one),
            (Some(_), more) => Err(ResumeError::Several { out, count: more + 1 }),
        }
    }

    /// The journal, to be gone on with. It stays locked as long as this or what is given is open.
    ///
    /// # Errors
    /// If there are no handles left.
    pub fn file(&self) -> io::Result<File> {
        self.file.try_clone()
    }

    /// That what is asked for now is what was begun.
    ///
    /// # Errors
    /// [`ResumeError::Differs`].
    pub fn check_plan(&self, plan: &Plan) -> Result<(), ResumeError> {
        self.journal.begun.plan.difference(plan).map_or(Ok(()), |what| Err(ResumeError::Differs { what }))
    }

    /// The last point at which it can go on; `None` if no segment was done.
    pub fn point(&self) -> Result<Option<Point>, ResumeError> {
        let damaged = || ResumeError::Damaged { path: path_beside(&self.partial) };
        let Some(last) = self.journal.segments.last() else { return Ok(None) };
        let open = match &last.open {
            None => None,
            Some(open) => {
                let tree = TreeHead::from_parts(open.chunk_count, open.chunk_heads.clone()).ok_or_else(damaged)?;
                Some((tree, open.chain, open.entry().ok_or_else(damaged)?))
            }
        };
        let start = SegmentStart {
            number: last.next_segment,
            tar_offset: last.tar_bytes,
            first_entry: last.next_entry,
            first_entry_skip: last.next_entry_skip,
            open: open.as_ref().map(|(.., entry)| Box::new(entry.clone())),
        };
        let members = self.journal.segments.iter().flat_map(|segment| segment.members.clone()).collect();
        Ok(Some(Point { start, members, open: open.map(|(tree, chain, _)| (tree, chain)) }))
    }
}

/// Opens a journal for reading and going on, and locks it. `None` if there is none, or its bundle got its name meanwhile.
fn open_locked(path: &Path) -> Result<Option<File>, ResumeError> {
    let failed = |source| ResumeError::Read { path: path.to_owned(), source };
    let flags = i32::try_from((OFlags::NOFOLLOW | OFlags::NONBLOCK).bits()).unwrap_or(0);
    let file = match OpenOptions::new().read(true).append(true).custom_flags(flags).open(path) {
        Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(None),
        result => result.map_err(failed)?,
    };
    let metadata = file.metadata().map_err(failed)?;
    require_own(path, &metadata)?;
    match flock(&file, FlockOperation::NonBlockingLockExclusive) {
        Err(Errno::WOULDBLOCK) => return Err(ResumeError::InUse { path: path.to_owned() }),
        result => result.map_err(|errno| failed(errno.into()))?,
    }
    let is_there =
        fs::symlink_metadata(path).is_ok_and(|now| (now.dev(), now.ino()) == (metadata.dev(), metadata.ino()));
    Ok(is_there.then_some(file))
}

/// That nobody else put a file or directory there, or a link to another.
fn require_own(path: &Path, metadata: &fs::Metadata) -> Result<(), ResumeError> {
    let is_plain = metadata.is_dir() || metadata.is_file() && metadata.nlink() == 1;
    if is_plain && metadata.uid() == rustix::process::geteuid().as_raw() {
        return Ok(());
    }
    Err(ResumeError::NotOwn { path: path.to_owned() })
}

impl Point {
    /// Hashes every member that is done and compares it with the journal.
    ///
    /// # Errors
    /// If one differs or cannot be read, or `is_stopped` says so.
    pub fn check(&self, partial: &Path, form: Form, is_stopped: &dyn Fn() -> bool) -> Result<(), ResumeError> {
        let read = |source| ResumeError::Read { path: partial.to_owned(), source };
        let mut buf = vec![0; PIECE_LEN];
        for member in &self.members {
            let mut content = open_member(partial, form, member).map_err(read)?;
            let (mut hasher, mut len) = (PlainSha256::default(), 0);
            loop {
                if is_stopped() {
                    return Err(read(io::ErrorKind::Interrupted.into()));
                }
                match content.read(&mut buf).map_err(read)? {
                    0 => break,
                    count => {
                        hasher.update(&buf[..count]);
                        len += count as u64;
                    }
                }
            }
            if len != member.len || hasher.finish() != member.sha256 {
                return Err(ResumeError::Damaged { path: partial.to_owned() });
            }
        }
        Ok(())
    }

    /// The digests of the members that are done.
    pub fn list(&self) -> Option<List> {
        let members = self.members.iter().map(|member| Some((MemberName::parse(&member.name)?, member.sha256)));
        members.collect::<Option<Vec<_>>>().map(List)
    }
}

pub(super) fn open_member(partial: &Path, form: Form, member: &DoneMember) -> io::Result<Box<dyn Read + Send>> {
    match form {
        Form::Dir => Ok(Box::new(File::open(partial.join(&member.name))?)),
        Form::Zip => {
            let DoneMember { name, len, crc, offset, .. } = member.clone();
            let mut file = File::open(partial)?;
            file.seek(SeekFrom::Start(Record { name, crc, len, offset }.content_offset()))?;
            Ok(Box::new(file.take(len)))
        }
    }
}
