//! The directories above the entry at hand. They are made when something in them is wanted, for the user alone, and get
//! their metadata when they are left: nothing is written into them any more then.

use std::os::fd::OwnedFd;

use super::metadata::Metadata;
use super::names::{Names, Wanted};
use super::nodes;
use super::outcome::{Extracted, Lost};
use super::target::Target;
use crate::format::entry::Entry;
use crate::format::path::EntryPath;

/// One directory.
struct OpenDir {
    path: EntryPath,
    /// `None` if its line is lost: its name is known from what lies in it.
    entry: Option<Entry>,
    n: u64,
    /// Where it is on the target, once it was made.
    place: Option<Vec<u8>>,
}

/// From the top down to the one that holds the entry at hand.
#[derive(Default)]
pub struct Dirs(Vec<OpenDir>);

impl Dirs {
    /// Goes down into a directory that is not wanted itself.
    pub fn pass(&mut self, entry: &Entry, n: u64) {
        self.0.push(OpenDir { path: entry.path.clone(), entry: Some(entry.clone()), n, place: None });
    }

    /// Makes a wanted directory and goes down into it; `false` if it was there already.
    pub fn enter(&mut self, entry: &Entry, n: u64, target: &mut Target, names: &mut Names) -> Result<bool, Lost> {
        let parent = self.make(Wanted { path: entry.path.as_bytes(), n }, target, names);
        self.pass(entry, n);
        let (parent, last) = (parent?, self.0.len() - 1);
        make_dir(&mut self.0[last], &parent, target, names)
    }

    /// Makes the directories above an entry. Gives the place of the one that holds it.
    pub fn make(&mut self, wanted: Wanted<'_>, target: &mut Target, names: &mut Names) -> Result<Vec<u8>, Lost> {
        self.add_unknown(wanted);
        let mut parent = Vec::new();
        for dir in &mut self.0 {
            if dir.place.is_none() {
                make_dir(dir, &parent, target, names)?;
            }
            parent = dir.place.clone().unwrap_or_default();
        }
        Ok(parent)
    }

    /// Finishes the directories that do not hold the next entry.
    pub fn leave(
        &mut self,
        next: Option<&EntryPath>,
        target: &mut Target,
        metadata: &mut Metadata,
        done: &mut Extracted,
    ) {
        while let Some(dir) = self.0.pop() {
            if next.is_some_and(|next| holds(&dir.path, next)) {
                return self.0.push(dir);
            }
            let (Some(entry), Some(place)) = (&dir.entry, &dir.place) else { continue };
            match target.dir(place) {
                Ok(handle) => metadata.apply(&*handle, entry),
                Err(errno) => done.leave(dir.path.as_bytes().to_vec(), Lost::Target(errno.into())),
            }
        }
    }

    /// Adds directories whose lines are lost: an entry below them is proven, and with it its path.
    fn add_unknown(&mut self, wanted: Wanted<'_>) {
        let known = self.0.last().filter(|dir| !dir.path.is_root()).map_or(0, |dir| dir.path.as_bytes().len());
        let slashes = wanted.path.iter().enumerate().filter(|(at, b)| **b == b'/' && *at > known);
        for (at, _) in slashes {
            if let Some(path) = EntryPath::new(wanted.path[..at].to_vec()) {
                self.0.push(OpenDir { path, entry: None, n: wanted.n, place: None });
            }
        }
    }
}

fn make_dir(dir: &mut OpenDir, parent: &[u8], target: &mut Target, names: &mut Names) -> Result<bool, Lost> {
    if dir.path.is_root() {
        dir.place = Some(Vec::new());
        return Ok(true);
    }
    let wanted = Wanted { path: dir.path.as_bytes(), n: dir.n };
    let mut attempt = |dir: &OwnedFd, name: &[u8], _: bool| nodes::make_dir(dir, name);
    let placed = names.place(target, parent, wanted, &mut attempt)?;
    dir.place = Some(placed.path);
    Ok(!placed.was_there)
}

/// Whether a path lies below a directory.
fn holds(dir: &EntryPath, path: &EntryPath) -> bool {
    let rest = path.as_bytes().strip_prefix(dir.as_bytes());
    dir.is_root() || rest.is_some_and(|rest| rest.starts_with(b"/"))
}
