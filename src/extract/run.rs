//! The way through the manifest: each wanted entry is restored, directories are finished when they are left.

use std::collections::{HashMap, HashSet};
use std::io::{self, Write as _};
use std::path::Path;
use std::sync::atomic::{AtomicBool, Ordering};

use super::content::ContentReader;
use super::error::ExtractError;
use super::selection::Selection;
use super::target::{Target, finish};
use crate::format::entry::{Entry, Kind};
use crate::format::line::Line;
use crate::format::path::EntryPath;
use crate::format::tar;
use crate::tree::TreeHead;
use crate::verify::proven::{PartError, Proven};

/// Most entries that are named one by one if they could not be restored.
const LEFT_COUNT_MAX: usize = 10_000;

/// What came of an extraction.
#[derive(Debug, Default)]
pub struct Extracted {
    /// Entries that were restored.
    pub restored: u64,
    /// Bytes of content that were written.
    pub bytes: u64,
    /// Entries that were not, and manifest parts whose entries are not known; the first of them.
    pub left: Vec<Left>,
    /// How many there are in all.
    pub left_count: u64,
    /// Something in the bundle is damaged.
    pub is_damaged: bool,
    /// Reading the bundle or writing the files failed.
    pub has_failed: bool,
}

/// An entry that was not restored.
#[derive(Debug)]
pub struct Left {
    /// Its path, or the member that would have named it.
    pub path: Vec<u8>,
    /// Why not.
    pub why: Lost,
}

/// Why an entry was not restored.
#[derive(Debug, thiserror::Error)]
pub enum Lost {
    /// Its bytes are not the sealed ones.
    #[error("damaged: its bytes are not those that were sealed")]
    Content,
    /// The user ended the extraction while it was written.
    #[error("interrupted")]
    Interrupted,
    /// The names in a manifest part are lost.
    #[error("damaged: the entries that it names are not known")]
    Names,
    /// The bundle cannot be read.
    #[error("cannot read the bundle: {0}")]
    Source(io::Error),
    /// The target cannot be written.
    #[error("cannot write it: {0}")]
    Target(io::Error),
    /// It was not read when it was sealed.
    #[error("could not be opened when it was sealed: {0}")]
    Unreadable(String),
    /// It is a further name of a file that was not restored.
    #[error("a further name of a file that was not restored")]
    LinkTarget,
    /// Devices and sockets have powers that files do not.
    #[error("devices and sockets are not restored")]
    Special,
}

/// Restores what is selected below a directory.
pub fn extract(
    proven: &Proven<'_>,
    selection: &mut Selection,
    out: &Path,
    cancel: &AtomicBool,
) -> Result<Extracted, ExtractError> {
    let target = Target::open(out).map_err(|source| ExtractError::Target { path: out.to_owned(), source })?;
    let mut run = Run {
        target,
        content: ContentReader::new(proven, cancel),
        stand_ins: stand_ins(proven, selection, cancel)?,
        lost_targets: HashSet::new(),
        dirs: Vec::new(),
        done: Extracted::default(),
        next: Some((0, 0)),
    };
    let mut leaves = TreeHead::default();
    for segment in 0..proven.segment_count() {
        if let Ok(index) = proven.index(segment) {
            run.next = Some((index.first_entry, index.tar_offset.saturating_sub(index.first_entry_skip)));
        }
        let mut stopped = false;
        let lines = proven.lines(segment, &mut |line| {
            stopped = cancel.load(Ordering::Relaxed);
            if !stopped {
                leaves.push(&line.to_bytes());
                run.line(line, selection);
            }
            !stopped
        });
        if stopped || cancel.load(Ordering::Relaxed) {
            return Err(ExtractError::Interrupted);
        }
        if let Err(error) = lines {
            run.manifest_lost(segment, error);
        }
    }
    run.leave_dirs(None);
    // Known only at the end: a signer who lists other entries than the root is over is found out by what was restored.
    run.done.is_damaged |= !proven.root_holds(&leaves);
    Ok(run.done)
}

/// Wanted hard links whose target is not wanted: the content stands with the target, and goes to the first of them.
fn stand_ins(
    proven: &Proven<'_>,
    selection: &mut Selection,
    cancel: &AtomicBool,
) -> Result<HashMap<EntryPath, EntryPath>, ExtractError> {
    let mut stand_ins = HashMap::new();
    if selection.is_everything() {
        return Ok(stand_ins);
    }
    for segment in 0..proven.segment_count() {
        // A part that cannot be read is reported when its entries are to be restored.
        let _ = proven.lines(segment, &mut |line| {
            if selection.wants(&line.entry.path)
                && let Some(target) = line.entry.hard_link
                && !selection.wants(&target)
            {
                stand_ins.entry(target).or_insert(line.entry.path);
            }
            !cancel.load(Ordering::Relaxed)
        });
        if cancel.load(Ordering::Relaxed) {
            return Err(ExtractError::Interrupted);
        }
    }
    Ok(stand_ins)
}

struct Run<'a> {
    target: Target,
    content: ContentReader<'a>,
    /// Target of hard links to the path that stands in for it.
    stand_ins: HashMap<EntryPath, EntryPath>,
    /// Paths of files with further names that were not restored.
    lost_targets: HashSet<EntryPath>,
    /// Directories above the entry at hand, and whether each was made.
    dirs: Vec<(Entry, bool)>,
    done: Extracted,
    /// Number and tar offset of the next entry, if known.
    next: Option<(u64, u64)>,
}

impl Run<'_> {
    fn line(&mut self, line: Line, selection: &mut Selection) {
        self.leave_dirs(Some(&line.entry.path));
        let tar_offset = self.place(&line);
        let wanted = selection.wants(&line.entry.path);
        let stand_in = self.stand_ins.get(&line.entry.path).cloned();
        let path = match (wanted, stand_in) {
            (true, _) => line.entry.path.clone(),
            (false, Some(path)) => path,
            (false, None) => return self.pass_over(line.entry),
        };
        let entry = Entry { path, ..line.entry.clone() };
        match self.restore(&line, &entry, tar_offset) {
            Ok(()) => self.done.restored += u64::from(wanted),
            Err(why) => {
                if entry.nlink.is_some() && entry.hard_link.is_none() {
                    self.lost_targets.insert(entry.path.clone());
                }
                self.leave(entry.path.as_bytes().to_vec(), why);
            }
        }
    }

    /// Offset in the tar of an entry's content; `None` if its place is not known or it has none.
    fn place(&mut self, line: &Line) -> Option<u64> {
        let (n, offset) = self.next.filter(|(n, _)| *n == line.n).or_else(|| {
            self.next = None;
            None
        })?;
        if !line.entry.has_tar_record() {
            self.next = Some((n + 1, offset));
            return None;
        }
        let content = offset.checked_add(tar::headers(&line.entry).bytes.len() as u64)?;
        let len = line.entry.tar_content_len();
        let end = content.checked_add(len)?.checked_add(tar::padding_len(len) as u64)?;
        self.next = Some((n + 1, end));
        Some(content)
    }

    fn pass_over(&mut self, entry: Entry) {
        if entry.kind == Kind::Dir {
            self.dirs.push((entry, false));
        }
    }

    fn restore(&mut self, line: &Line, entry: &Entry, tar_offset: Option<u64>) -> Result<(), Lost> {
        if entry.kind != Kind::Dir
            && let Some(cause) = &entry.unreadable
        {
            return Err(Lost::Unreadable(cause.clone()));
        }
        if entry.path == line.entry.path {
            self.make_dirs().map_err(Lost::Target)?;
        } else {
            self.make_dirs_of(&entry.path).map_err(Lost::Target)?;
        }
        match entry.kind {
            Kind::Socket | Kind::Chardev | Kind::Blockdev | Kind::Unknown => Err(Lost::Special),
            _ if entry.hard_link.is_some() => self.restore_link(entry),
            Kind::Dir => {
                self.target.make_dir(&entry.path).map_err(Lost::Target)?;
                self.dirs.push((entry.clone(), true));
                Ok(())
            }
            Kind::Symlink => {
                self.target.make_symlink(entry, entry.link.as_deref().unwrap_or_default()).map_err(Lost::Target)
            }
            Kind::Fifo => self.target.make_fifo(entry).map_err(Lost::Target),
            Kind::File | Kind::Disk => self.restore_file(line, entry, tar_offset.ok_or(Lost::Content)?),
        }
    }

    /// A further name. If its target was not restored, neither is it.
    fn restore_link(&mut self, entry: &Entry) -> Result<(), Lost> {
        let Some(target) = &entry.hard_link else { return Ok(()) };
        let existing = self.stand_ins.get(target).unwrap_or(target);
        if self.lost_targets.contains(existing) {
            return Err(Lost::LinkTarget);
        }
        if existing == &entry.path {
            return Ok(());
        }
        self.target.make_hard_link(existing, &entry.path).map_err(Lost::Target)
    }

    /// A file that cannot be finished is removed: what has a name is whole and proven.
    fn restore_file(&mut self, line: &Line, entry: &Entry, tar_offset: u64) -> Result<(), Lost> {
        let mut file = self.target.create_file(&entry.path).map_err(Lost::Target)?;
        let mut written = 0;
        let result = self.content.read(line, tar_offset, &mut |bytes| {
            written += bytes.len() as u64;
            file.write_all(bytes).map_err(Lost::Target)
        });
        let result = result.and_then(|()| finish(&file, entry).map_err(Lost::Target));
        match &result {
            Ok(()) => self.done.bytes += written,
            Err(_) => {
                // If even this fails, what made the file unfit is still what is worth saying.
                let _ = self.target.remove_file(&entry.path);
            }
        }
        result
    }

    /// Makes the directories above the entry at hand that were not wanted for themselves.
    fn make_dirs(&mut self) -> io::Result<()> {
        for (dir, is_made) in &mut self.dirs {
            if !*is_made {
                self.target.make_dir(&dir.path)?;
                *is_made = true;
            }
        }
        Ok(())
    }

    /// Makes the directories above a path that stands elsewhere; they are finished when the way leads through them.
    fn make_dirs_of(&self, path: &EntryPath) -> io::Result<()> {
        let slashes = path.as_bytes().iter().enumerate().filter(|(_, b)| **b == b'/').map(|(at, _)| at);
        for slash in slashes {
            if let Some(dir) = EntryPath::new(path.as_bytes()[..slash].to_vec()) {
                self.target.make_dir(&dir)?;
            }
        }
        Ok(())
    }

    /// Finishes the directories that do not hold the next entry.
    fn leave_dirs(&mut self, next: Option<&EntryPath>) {
        while let Some((dir, _)) = self.dirs.last() {
            let holds = |path: &EntryPath| {
                let rest = path.as_bytes().strip_prefix(dir.path.as_bytes());
                dir.path.is_root() || rest.is_some_and(|rest| rest.starts_with(b"/"))
            };
            if next.is_some_and(holds) {
                return;
            }
            let Some((dir, is_made)) = self.dirs.pop() else { return };
            if is_made && let Err(error) = self.target.finish_dir(&dir) {
                self.leave(dir.path.as_bytes().to_vec(), Lost::Target(error));
            }
        }
    }

    fn manifest_lost(&mut self, segment: u64, error: PartError) {
        self.next = None;
        let name = crate::format::member::MemberName::Manifest(segment).to_string();
        let why = match error {
            PartError::Damaged => Lost::Names,
            PartError::Io(error) => Lost::Source(error),
        };
        self.leave(name.into_bytes(), why);
    }

    fn leave(&mut self, path: Vec<u8>, why: Lost) {
        match &why {
            Lost::Content | Lost::Names => self.done.is_damaged = true,
            Lost::Source(_) | Lost::Target(_) => self.done.has_failed = true,
            Lost::Unreadable(_) | Lost::Special | Lost::Interrupted | Lost::LinkTarget => {}
        }
        self.done.left_count += 1;
        if self.done.left.len() < LEFT_COUNT_MAX {
            self.done.left.push(Left { path, why });
        }
    }
}
