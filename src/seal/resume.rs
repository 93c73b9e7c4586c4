//! Going on with an unfinished sealing: what is on the medium is hashed again and compared with the journal, what was sealed
//! is read again from it, and the source is gone through from its start, entry by entry, to see that it is the same.

use std::fs::{self, File, OpenOptions};
use std::io::{self, BufRead as _, BufReader, Read, Seek as _, SeekFrom};
use std::os::unix::fs::{MetadataExt as _, OpenOptionsExt as _};
use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex, PoisonError};

use rustix::fs::{FlockOperation, OFlags, flock};
use rustix::io::Errno;

use super::journal::path_beside;
use super::samples::Samples;
use crate::format::digest::ChainValue;
use crate::format::entry::{Entry, Kind};
use crate::format::journal::{DoneMember, Journal, JournalKey, Plan};
use crate::format::line::Line;
use crate::format::list::List;
use crate::format::member::MemberName;
use crate::format::tar;
use crate::format::zip::Record;
use crate::hash::PlainSha256;
use crate::limits::LINE_LEN_MAX;
use crate::output::Form;
use crate::pack::SegmentStart;
use crate::read::Content;
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
        let dir = crate::dir::holding(&out);
        let read = |path: &Path, source| ResumeError::Read { path: path.to_owned(), source };
        let name = out.file_name().map(|name| name.as_encoded_bytes().to_vec()).unwrap_or_default();
        if out.symlink_metadata().is_ok() {
            return Err(ResumeError::Whole { out });
        }
        let mut found = Vec::new();
        for entry in fs::read_dir(dir).map_err(|e| read(dir, e))? {
            let partial = entry.map_err(|e| read(dir, e))?.path();
            let full = partial.file_name().unwrap_or_default().as_encoded_bytes();
            let tag = full.strip_prefix(name.as_slice()).and_then(|rest| rest.strip_prefix(b"."));
            let tag = tag.and_then(|rest| rest.strip_suffix(b".partial"));
            if !tag.is_some_and(|tag| tag.len() == 8 && tag.iter().all(u8::is_ascii_hexdigit)) {
                continue;
            }
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

/// The lines of the segments that are done, in order.
pub struct SealedLines {
    partial: PathBuf,
    form: Form,
    manifests: std::vec::IntoIter<DoneMember>,
    lines: Option<BufReader<Box<dyn Read + Send>>>,
    buf: Vec<u8>,
}

impl SealedLines {
    /// From the first.
    pub fn new(partial: &Path, form: Form, point: &Point) -> Self {
        let is_manifest =
            |member: &&DoneMember| matches!(MemberName::parse(&member.name), Some(MemberName::Manifest(_)));
        let manifests: Vec<_> = point.members.iter().filter(is_manifest).cloned().collect();
        Self { partial: partial.to_owned(), form, manifests: manifests.into_iter(), lines: None, buf: Vec::new() }
    }

    /// The next line, as bytes without LF and as values.
    ///
    /// # Errors
    /// If it cannot be read. The parts were compared with the journal before.
    pub fn next_line(&mut self) -> Result<Option<(&[u8], Line)>, ResumeError> {
        let read = |path: &Path, source| ResumeError::Read { path: path.to_owned(), source };
        loop {
            if let Some(lines) = &mut self.lines {
                self.buf.clear();
                let limit = LINE_LEN_MAX as u64 + 1;
                lines.take(limit).read_until(b'\n', &mut self.buf).map_err(|e| read(&self.partial, e))?;
                if self.buf.pop_if(|last| *last == b'\n').is_some() {
                    let damaged = |_| ResumeError::Damaged { path: self.partial.clone() };
                    let line = Line::parse(&self.buf).map_err(damaged)?;
                    return Ok(Some((&self.buf, line)));
                }
                self.lines = None;
            }
            let Some(member) = self.manifests.next() else { return Ok(None) };
            let content = open_member(&self.partial, self.form, &member).map_err(|e| read(&self.partial, e))?;
            let decoder = zstd::stream::Decoder::new(content).map_err(|e| read(&self.partial, e))?;
            self.lines = Some(BufReader::new(Box::new(decoder)));
        }
    }

    /// Compares the next line with what is there now.
    ///
    /// # Errors
    /// [`ResumeError::SourceChanged`].
    pub fn compare(&mut self, now: &Entry) -> Result<(), ResumeError> {
        let changed = || ResumeError::SourceChanged { path: now.path.as_bytes().to_vec() };
        match self.next_line()? {
            Some((_, line)) if is_same(&line.entry, now) => Ok(()),
            _ => Err(changed()),
        }
    }
}

/// Whether an entry is what it was, as far as its metadata tells: not what reading adds, nor when it was last read. The node
/// of a device is new each time it is connected.
pub fn is_same(before: &Entry, now: &Entry) -> bool {
    let is_node = now.kind == Kind::Disk;
    before.path == now.path
        && before.kind == now.kind
        && before.hard_link == now.hard_link
        && before.link == now.link
        && (now.hard_link.is_some() || before.size == now.size)
        && (is_node || (before.mtime, before.ctime, before.ino) == (now.mtime, now.ctime, now.ino))
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

/// What the pipeline needs to go on.
pub struct Rest {
    /// The segment that comes next.
    pub start: SegmentStart,
    /// Chain value of the large file that is open there.
    chain: Option<ChainValue>,
    /// What was sealed before, to be compared with the source.
    sealed: Mutex<SealedLines>,
    samples: Samples,
}

impl Rest {
    /// From a point, and what was sealed before it.
    pub(super) fn new(point: &Point, sealed: SealedLines, samples: Samples) -> Arc<Self> {
        let chain = point.open.as_ref().and_then(|(_, chain)| *chain);
        Arc::new(Self { start: point.start.clone(), chain, sealed: Mutex::new(sealed), samples })
    }

    /// That what was sealed of the file that is open where it goes on is still there, as far as samples tell.
    ///
    /// # Errors
    /// [`ResumeError::SourceChanged`].
    pub fn sample(&self, n: u64, content: Option<&mut (dyn Content + 'static)>) -> Result<(), ResumeError> {
        let open = self.start.open.as_ref().filter(|_| n == self.start.first_entry);
        let (Some(open), Some(content)) = (open, content) else { return Ok(()) };
        match self.samples.hold(content, &open.gaps) {
            true => Ok(()),
            false => Err(ResumeError::SourceChanged { path: open.path.as_bytes().to_vec() }),
        }
    }

    /// Chain value of the large file that is open where it goes on, and how many of its bytes came before.
    pub fn open_chain(&self) -> Option<(ChainValue, u64)> {
        let entry = self.start.open.as_ref()?;
        let headers_len = u64::try_from(tar::headers(entry).bytes.len()).ok()?;
        Some((self.chain?, self.start.first_entry_skip.checked_sub(headers_len)?))
    }

    /// Compares the entry of this number, as it is now, with what was sealed of it; whether all of it was.
    ///
    /// # Errors
    /// [`ResumeError::SourceChanged`].
    pub fn compare(&self, n: u64, now: &Entry) -> Result<bool, ResumeError> {
        if n < self.start.first_entry {
            self.sealed.lock().unwrap_or_else(PoisonError::into_inner).compare(now)?;
            return Ok(true);
        }
        match &self.start.open {
            Some(open) if n == self.start.first_entry && !is_same(open, now) => {
                Err(ResumeError::SourceChanged { path: now.path.as_bytes().to_vec() })
            }
            _ => Ok(false),
        }
    }

    /// That the source did not end before what was sealed of it.
    ///
    /// # Errors
    /// [`ResumeError::SourceChanged`], with the path of the first entry that is missing.
    pub fn expect_end(&self, count: u64) -> Result<(), ResumeError> {
        let is_open = self.start.open.is_some() && count == self.start.first_entry;
        if count >= self.start.first_entry && !is_open {
            return Ok(());
        }
        let open = self.start.open.as_ref().filter(|_| is_open).map(|entry| entry.path.clone());
        let mut sealed = self.sealed.lock().unwrap_or_else(PoisonError::into_inner);
        let missing = match open {
            Some(path) => Some(path),
            None => sealed.next_line()?.map(|(_, line)| line.entry.path),
        };
        Err(ResumeError::SourceChanged { path: missing.map_or_else(Vec::new, |path| path.as_bytes().to_vec()) })
    }
}
