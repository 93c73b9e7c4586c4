//! What was sealed before, and what is left to do, when an unfinished sealing goes on.

use std::io::{BufRead as _, BufReader, Read};
use std::path::{Path, PathBuf};
use std::sync::{Mutex, PoisonError};

use super::resume::{Point, ResumeError, open_member};
use super::samples::Samples;
use crate::format::digest::ChainValue;
use crate::format::entry::{Entry, Kind};
use crate::format::journal::DoneMember;
use crate::format::line::Line;
use crate::format::member::MemberName;
use crate::format::tar;
use crate::limits::LINE_LEN_MAX;
use crate::output::Form;
use crate::pack::SegmentStart;
use crate::read::Content;

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
fn is_same(before: &Entry, now: &Entry) -> bool {
    let is_node = now.kind == Kind::Disk;
    before.path == now.path
        && before.kind == now.kind
        && before.hard_link == now.hard_link
        && before.link == now.link
        && (now.hard_link.is_some() || before.size == now.size)
        && (is_node || (before.mtime, before.ctime, before.ino) == (now.mtime, now.ctime, now.ino))
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
    pub(super) fn new(point: &Point, sealed: SealedLines, samples: Samples) -> Self {
        let chain = point.open.as_ref().and_then(|(_, chain)| *chain);
        Self { start: point.start.clone(), chain, sealed: Mutex::new(sealed), samples }
    }

    /// That what was sealed of the file that is open where it goes on is still there, as far as samples tell.
    ///
    /// # Errors
    /// [`ResumeError::SourceChanged`].
    pub fn sample(&self, n: u64, content: Option<&mut (dyn Content + 'static)>) -> Result<(), ResumeError> {
        let open = self.start.open.as_ref().filter(|_| n == self.start.first_entry);
        let (Some(open), Some(content)) = (open, content) else { return Ok(()) };
        match self.samples.hold(content, open) {
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
