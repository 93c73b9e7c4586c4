//! The way through the manifest: each wanted entry is restored, directories are finished when they are left.

use std::os::fd::OwnedFd;
use std::sync::atomic::{AtomicBool, Ordering};

use super::content::ContentReader;
use super::copy::Copy;
use super::dirs::Dirs;
use super::error::ExtractError;
use super::links::{ContentPlace, Links};
use super::metadata::Metadata;
use super::names::{Names, Placed, Wanted};
use super::nodes;
use super::outcome::{Extracted, Lost};
use super::selection::Selection;
use super::starts::Starts;
use super::target::{Target, join, split};
use crate::format::entry::{Entry, Kind};
use crate::format::line::Line;
use crate::format::member::MemberName;
use crate::format::path::EntryPath;
use crate::tree::TreeHead;
use crate::verify::proven::{PartError, Proven};

/// How to restore.
#[derive(Clone, Copy, Debug, Default)]
pub struct Options {
    /// Also what gives powers: device nodes, set-id bits, capabilities and other attributes that the system acts on.
    pub special: bool,
}

/// Restores what is selected below a directory.
pub fn extract(
    proven: &Proven<'_>,
    selection: &mut Selection,
    target: Target,
    options: Options,
    cancel: &AtomicBool,
) -> Result<Extracted, ExtractError> {
    let mut run = Run {
        names: Names::on(&target).map_err(|source| ExtractError::Names { path: target.path().to_owned(), source })?,
        target,
        content: ContentReader::new(proven, cancel),
        starts: Starts::new(proven),
        links: Links::of(proven, selection, cancel).map_err(|_| ExtractError::Interrupted)?,
        dirs: Dirs::default(),
        order: Order::default(),
        all_seen: true,
        metadata: Metadata::new(options.special),
        special: options.special,
        done: Extracted::default(),
    };
    let mut leaves = TreeHead::default();
    for segment in 0..proven.segment_count() {
        run.starts.begin(segment);
        let mut stopped = false;
        let lines = proven.lines(segment, &mut |line, bytes| {
            stopped = cancel.load(Ordering::Relaxed);
            if !stopped {
                leaves.push(bytes);
                run.line(&line, selection);
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
    let all_seen = run.all_seen;
    let mut done = run.finish();
    // Known only at the end: a signer who lists other entries than the root is over is found out by what was restored.
    done.is_damaged |= all_seen && !proven.root_holds(&leaves);
    Ok(done)
}

struct Run<'a> {
    target: Target,
    names: Names,
    content: ContentReader<'a>,
    starts: Starts<'a>,
    links: Links,
    dirs: Dirs,
    order: Order,
    /// No manifest part was lost so far.
    all_seen: bool,
    metadata: Metadata,
    special: bool,
    done: Extracted,
}

impl Run<'_> {
    fn line(&mut self, line: &Line, selection: &mut Selection) {
        let entry = &line.entry;
        self.done.is_damaged |= !self.order.holds(line);
        self.dirs.leave(Some(&entry.path), &mut self.target, &mut self.metadata, &mut self.done);
        let from_first = self.starts.pass(line);
        if selection.wants(&entry.path) {
            match self.restore(line, from_first) {
                Ok(true) => self.done.restored += 1,
                Ok(false) => self.done.present += 1,
                Err(why) => self.done.leave(entry.path.as_bytes().to_vec(), why),
            }
        } else if entry.kind == Kind::Dir {
            self.dirs.pass(entry, line.n);
        } else if self.links.needs(entry) {
            // If its place cannot be told, the further names say so.
            if let Ok(content) = self.content_place(line, from_first) {
                self.links.found(&entry.path, content);
            }
        }
    }

    /// Restores a wanted entry; `false` if it was there already. `from_first` is what [`Starts::pass`] gave.
    fn restore(&mut self, line: &Line, from_first: Option<u64>) -> Result<bool, Lost> {
        let entry = &line.entry;
        if entry.kind == Kind::Dir {
            return self.dirs.enter(entry, line.n, &mut self.target, &mut self.names);
        }
        if let Some(cause) = &entry.unreadable {
            return Err(if entry.kind == Kind::Unknown { Lost::Unknown } else { Lost::Unreadable(cause.clone()) });
        }
        if matches!(entry.kind, Kind::Chardev | Kind::Blockdev) && !self.special {
            return Err(Lost::Special);
        }
        let wanted = Wanted { path: entry.path.as_bytes(), n: line.n };
        let parent = self.dirs.make(wanted, &mut self.target, &mut self.names)?.to_vec();
        let placed = match (&entry.hard_link, entry.kind) {
            (Some(link_target), _) => self.restore_link(line, link_target, &parent, wanted)?,
            (None, Kind::File | Kind::Disk) => {
                let content = self.content_place(line, from_first)?;
                self.restore_file(line, content, &parent, wanted)?
            }
            (None, _) => self.restore_node(entry, &parent, wanted)?,
        };
        if entry.hard_link.is_none() {
            self.links.restored(&entry.path, entry.nlink, &join(&parent, &placed.name));
        }
        Ok(!placed.was_there)
    }

    /// Where the content of a line is. `from_first` is what [`Starts::pass`] gave.
    fn content_place(&mut self, line: &Line, from_first: Option<u64>) -> Result<ContentPlace, Lost> {
        let tar_offset = self.starts.content_offset(line, from_first)?;
        Ok(ContentPlace { n: line.n, tar_offset, segment: self.starts.segment() })
    }

    /// A further name. If its target was not restored, neither is it; but if that was not wanted, the first further name
    /// that is takes its place.
    fn restore_link(
        &mut self,
        line: &Line,
        link_target: &EntryPath,
        parent: &[u8],
        wanted: Wanted<'_>,
    ) -> Result<Placed, Lost> {
        let entry = &line.entry;
        if let Some(existing) = self.links.place_of(link_target) {
            let (dir, name) = split(&existing);
            let from = self.target.dir(dir).map_err(|errno| Lost::Target(errno.into()))?;
            let mut attempt = |dir: &OwnedFd, to: &[u8], _: bool| nodes::link(&from, name, dir, to);
            return self.names.place(&mut self.target, parent, wanted, &mut attempt);
        }
        let placed = if entry.kind.has_content() {
            let content = self.links.content_of(link_target).ok_or(Lost::LinkTarget)?;
            // A further name says all that its target says of the content (SPEC.md MAN-5).
            let mut target = line.clone();
            (target.n, target.entry.hard_link) = (content.n, None);
            self.restore_file(&target, content, parent, wanted)?
        } else {
            self.restore_node(entry, parent, wanted)?
        };
        self.links.restored(link_target, entry.nlink, &join(parent, &placed.name));
        Ok(placed)
    }

    /// A link, pipe, socket or device node.
    fn restore_node(&mut self, entry: &Entry, parent: &[u8], wanted: Wanted<'_>) -> Result<Placed, Lost> {
        let metadata = &mut self.metadata;
        let mut dress = |handle: OwnedFd| metadata.apply(handle, entry, wanted.path);
        let mut attempt = |dir: &OwnedFd, name: &[u8], _: bool| nodes::make(dir, name, entry, &mut dress);
        self.names.place(&mut self.target, parent, wanted, &mut attempt)
    }

    /// A file. Until it is whole and proven nothing has its name; one that is there already is only compared.
    fn restore_file(
        &mut self,
        line: &Line,
        place: ContentPlace,
        parent: &[u8],
        wanted: Wanted<'_>,
    ) -> Result<Placed, Lost> {
        // It spans no more segments than fit its length, the one in which it ends and the one in which it begins.
        let spanned = line.entry.tar_content_len() / self.content.segment_len() + 2;
        self.content.go_near(place.tar_offset, place.segment.saturating_sub(spanned));
        let mut copy = Copy::of(&mut self.content, line, place.tar_offset, &mut self.done.bytes);
        let (metadata, mut fresh) = (&mut self.metadata, None);
        let mut attempt = |dir: &OwnedFd, name: &[u8], is_own: bool| {
            if is_own && let Some(compared) = copy.compare(dir, name)? {
                return Ok(compared);
            }
            let file = match &mut fresh {
                Some(file) => file,
                None => {
                    let file = copy.write(dir)?;
                    metadata.apply(&file, &line.entry, wanted.path);
                    fresh.insert(file)
                }
            };
            file.attempt(dir, name)
        };
        self.names.place(&mut self.target, parent, wanted, &mut attempt)
    }

    fn manifest_lost(&mut self, segment: u64, error: PartError) {
        let why = match error {
            PartError::Damaged => Lost::Names,
            PartError::Io(error) => Lost::Source(error),
        };
        self.order.skip();
        self.all_seen = false;
        self.done.leave(MemberName::Manifest(segment).to_string().into_bytes(), why);
    }

    fn finish(mut self) -> Extracted {
        self.dirs.leave(None, &mut self.target, &mut self.metadata, &mut self.done);
        self.done.renamed = self.names.renamed;
        self.done.names_map = self.names.map_name().map(str::to_owned);
        self.done.withheld = self.metadata.withheld;
        self.done
    }
}

/// Whether lines stand in the order of a bundle (SPEC.md ORD-1 to ORD-3).
#[derive(Default)]
struct Order {
    /// Number and path of the last line, and whether it is a directory.
    last: Option<(u64, EntryPath, bool)>,
    top_ascends: bool,
}

impl Order {
    fn holds(&mut self, line: &Line) -> bool {
        let path = &line.entry.path;
        self.top_ascends |= path.is_root();
        let follows = self.last.take().is_none_or(|(n, last, is_dir)| {
            n.checked_add(1) == Some(line.n) && last.may_be_followed_by(is_dir, path, self.top_ascends)
        });
        self.last = Some((line.n, path.clone(), line.entry.kind == Kind::Dir));
        follows
    }

    /// Some lines are lost.
    fn skip(&mut self) {
        self.last = None;
    }
}
