//! The entries of all sources in the order of a bundle, found by going down through handles of directories: a name is
//! only ever looked at in its open parent, so that nothing that is moved or exchanged meanwhile can lead elsewhere.

use std::ffi::CStr;
use std::os::fd::{AsFd, BorrowedFd, OwnedFd};
use std::sync::Arc;

use rustix::fs::Statx;
use rustix::io::Errno;

use super::ancestors::{Ancestors, Directory, child_name_len_max};
use super::content::FileContent;
use super::hard_links::HardLinks;
use super::listing::{Block, Listing, Order};
use super::metadata::{Describer, birth, kind_of};
use super::open::{FileId, Opened, Want, look};
use super::scope::{Scope, SourceRoot};
use super::{Content, Found, Source, errno};
use crate::format::entry::{Entry, Kind};
use crate::format::path::EntryPath;
use crate::limits::JSON_INTEGER_MAX;

/// The entries of all sources of a scope.
pub struct Walk {
    scope: Arc<Scope>,
    /// Index of the next source.
    next: usize,
    ancestors: Ancestors,
    /// The device of the source, if no other is to be descended into.
    only_device: Option<(u32, u32)>,
    name: Vec<u8>,
    visitor: Visitor,
}

impl Walk {
    /// Starts before the first source. Nothing is read until the first entry is asked for.
    pub fn new(scope: Arc<Scope>) -> Self {
        Self {
            scope,
            next: 0,
            ancestors: Ancestors::default(),
            only_device: None,
            name: Vec::new(),
            visitor: Visitor { describer: Describer::new(), links: HardLinks::default(), block: Block::new() },
        }
    }

    fn next_source(&mut self) -> Option<Found> {
        let scope = Arc::clone(&self.scope);
        let source: &SourceRoot = scope.sources().get(self.next)?;
        self.next += 1;
        self.only_device = scope.one_file_system().then_some(source.id.device);
        let path = EntryPath::new(source.name().to_vec())?;
        let place = Place { dir: source.parent.as_fd(), name: &source.leaf, is_source: true };
        let visited = self.visitor.visit(&place, path, &self.ancestors, self.only_device);
        Some(self.enter(visited, source.name()))
    }

    fn next_child(&mut self) -> Option<Found> {
        while !self.ancestors.is_empty() {
            let mut name = std::mem::take(&mut self.name);
            let found = if self.ancestors.next_name(&mut name).is_some() {
                self.child(&name)
            } else {
                self.ancestors.pop();
                None
            };
            self.name = name;
            if found.is_some() {
                return found;
            }
        }
        None
    }

    /// The entry of a name that ends with a 0 byte; none if it is excluded.
    fn child(&mut self, name: &[u8]) -> Option<Found> {
        let name = CStr::from_bytes_with_nul(name).ok()?;
        // Names that are too long were left out when the directory was listed.
        let path = self.ancestors.child_path(name.to_bytes())?;
        if self.scope.excludes(path.as_bytes()) {
            return None;
        }
        let visited = match self.ancestors.handle() {
            Ok(dir) => {
                let place = Place { dir, name, is_source: false };
                self.visitor.visit(&place, path, &self.ancestors, self.only_device)
            }
            Err(why) => Visited::unknown(path, why),
        };
        Some(self.enter(visited, name.to_bytes()))
    }

    fn enter(&mut self, visited: Visited, name: &[u8]) -> Found {
        if let Some(directory) = visited.directory {
            self.ancestors.push(directory, name);
        }
        visited.found
    }
}

impl Source for Walk {
    fn next(&mut self) -> Option<Found> {
        self.next_child().or_else(|| self.next_source())
    }
}

/// Where something is.
struct Place<'a> {
    dir: BorrowedFd<'a>,
    name: &'a CStr,
    is_source: bool,
}

/// An entry, and the directory to be descended into if it is one.
struct Visited {
    found: Found,
    directory: Option<Directory>,
}

impl Visited {
    fn unknown(path: EntryPath, why: Errno) -> Self {
        let mut entry = Entry::bare(path, Kind::Unknown);
        entry.unreadable = Some(errno::name(why));
        Self { found: Found { entry, content: None }, directory: None }
    }
}

/// Turns names into entries.
struct Visitor {
    describer: Describer,
    links: HardLinks,
    block: Block,
}

impl Visitor {
    fn visit(
        &mut self,
        place: &Place<'_>,
        path: EntryPath,
        ancestors: &Ancestors,
        only_device: Option<(u32, u32)>,
    ) -> Visited {
        let links = &self.links;
        let want = |stat: &Statx| want(stat, place.is_source, only_device, links);
        let look = match look(place.dir, place.name, want) {
            Ok(look) => look,
            Err(why) => return Visited::unknown(path, why),
        };
        let kind = kind_of(&look.stat, place.is_source);
        let mut entry = self.describer.describe(path, &look, kind);
        let id = FileId::of(&look.stat);
        let (mut content, mut directory) = (None, None);
        match (kind, look.opened) {
            (Kind::Dir, Opened::Readable(handle)) => {
                if ancestors.contains(id) {
                    entry.unreadable = Some(errno::name(Errno::LOOP));
                } else {
                    directory = Some(self.list(handle, id, &mut entry));
                }
            }
            (Kind::File | Kind::Disk, Opened::Readable(handle)) => {
                content = open_content(handle, &look.stat, &mut entry)
            }
            _ => {}
        }
        refuse_oversize(&mut entry);
        self.links.meet(id, &mut entry);
        if !entry.holds_content() {
            content = None;
        } else if content.is_none() {
            entry.unreadable = Some(errno::name(Errno::STALE));
        }
        Visited { found: Found { entry, content }, directory }
    }

    fn list(&mut self, handle: OwnedFd, id: FileId, entry: &mut Entry) -> Directory {
        let (listing, missing) =
            Listing::read(handle.as_fd(), &mut self.block, child_name_len_max(&entry.path), Order::Names);
        entry.unreadable = missing.map(errno::name);
        Directory { handle, id, listing }
    }
}

/// Bytes are wanted of files, of a disk that was asked for, and of directories that are to be descended into; not of a
/// file that was met under another name.
fn want(stat: &Statx, is_source: bool, only_device: Option<(u32, u32)>, links: &HardLinks) -> Want {
    let id = FileId::of(stat);
    let wanted = match kind_of(stat, is_source) {
        Kind::Dir => only_device.is_none_or(|device| device == id.device),
        kind @ (Kind::File | Kind::Disk) => !links.knows(id, kind, birth(stat), stat.stx_nlink.into()),
        _ => false,
    };
    if wanted { Want::Read } else { Want::Pin }
}

/// The open bytes of a file or disk, with size and holes put into its entry.
fn open_content(handle: OwnedFd, stat: &Statx, entry: &mut Entry) -> Option<Box<dyn Content>> {
    match FileContent::new(handle, stat) {
        Ok(content) => {
            entry.size = Some(content.size());
            entry.holes = content.holes();
            Some(Box::new(content))
        }
        Err(why) => {
            entry.unreadable = Some(errno::name(why));
            None
        }
    }
}

/// A size that no line can tell, and whose end no reader would reach, leaves nothing known but the metadata.
fn refuse_oversize(entry: &mut Entry) {
    if entry.size.is_some_and(|size| size > JSON_INTEGER_MAX) {
        entry.kind = Kind::Unknown;
        entry.size = None;
        entry.rdev = None;
        entry.holes.clear();
        entry.unreadable = Some(errno::name(Errno::FBIG));
    }
}
