//! The directories above the entry at hand. They are made when something in them is wanted, for the user alone, and get
//! their metadata when they are left: nothing is written into them any more then.

use std::os::fd::OwnedFd;

use super::metadata::Metadata;
use super::names::{Names, Wanted};
use super::nodes::{self, DirState};
use super::outcome::{Extracted, Lost};
use super::target::{Target, split};
use crate::format::entry::Entry;
use crate::format::path::EntryPath;

/// One directory. A chain of them may be half a million long, so none keeps its path.
struct Level {
    /// Length of its path in the bundle.
    path_len: usize,
    n: u64,
    /// `None` if its line is lost: its name is known from what lies in it. Without its path.
    entry: Option<Box<Entry>>,
    /// Length of its path on the target, and whether its metadata is for this run to give; `None` until it is made.
    made: Option<(usize, DirState)>,
}

/// From the top down to the one that holds the entry at hand.
#[derive(Default)]
pub struct Dirs {
    levels: Vec<Level>,
    /// Path in the bundle of the last one.
    path: Vec<u8>,
    /// How many are made, from the top.
    made_count: usize,
    /// Path on the target of the last one that is made.
    place: Vec<u8>,
}

impl Dirs {
    /// Goes down into a directory that is not wanted itself.
    pub fn pass(&mut self, entry: &Entry, n: u64) {
        self.add_unknown(Wanted { path: entry.path.as_bytes(), n });
        let mut entry = Box::new(entry.clone());
        let path = std::mem::replace(&mut entry.path, EntryPath::root());
        self.path.clear();
        if !path.is_root() {
            self.path.extend_from_slice(path.as_bytes());
        }
        self.levels.push(Level { path_len: self.path.len(), n, entry: Some(entry), made: None });
    }

    /// Makes a wanted directory and goes down into it; `false` if it was there already.
    pub fn enter(&mut self, entry: &Entry, n: u64, target: &mut Target, names: &mut Names) -> Result<bool, Lost> {
        self.pass(entry, n);
        self.make_all(target, names)?;
        Ok(!matches!(self.levels.last(), Some(Level { made: Some((_, DirState::Present)), .. })))
    }

    /// Makes the directories above an entry. Gives the place of the one that holds it.
    pub fn make(&mut self, wanted: Wanted<'_>, target: &mut Target, names: &mut Names) -> Result<&[u8], Lost> {
        self.add_unknown(wanted);
        self.make_all(target, names)?;
        Ok(&self.place)
    }

    /// Finishes the directories that do not hold the next entry.
    pub fn leave(
        &mut self,
        next: Option<&EntryPath>,
        target: &mut Target,
        metadata: &mut Metadata,
        done: &mut Extracted,
    ) {
        while let Some(level) = self.levels.last() {
            let path = &self.path[..level.path_len];
            if next.is_some_and(|next| holds(path, next.as_bytes())) {
                return;
            }
            if let (Some(entry), Some((_, DirState::Made))) = (&level.entry, &level.made) {
                match target.dir(&self.place) {
                    Ok(handle) => metadata.apply(&*handle, entry, shown(path)),
                    Err(errno) => done.leave(shown(path).to_vec(), Lost::Target(errno.into())),
                }
            }
            self.pop();
        }
    }

    fn pop(&mut self) {
        self.levels.pop();
        let path_len = self.levels.last().map_or(0, |level| level.path_len);
        self.path.truncate(path_len);
        self.made_count = self.made_count.min(self.levels.len());
        let above = self.made_count.checked_sub(1).and_then(|last| self.levels[last].made);
        self.place.truncate(above.map_or(0, |(len, _)| len));
    }

    /// Adds directories whose lines are lost: an entry below them is proven, and with it its path.
    fn add_unknown(&mut self, wanted: Wanted<'_>) {
        let known = self.path.len();
        let slashes = wanted.path.iter().enumerate().filter(|(at, b)| **b == b'/' && *at > known);
        let before = self.levels.len();
        self.levels.extend(slashes.map(|(at, _)| Level { path_len: at, n: wanted.n, entry: None, made: None }));
        if self.levels.len() > before {
            let (parent, _) = split(wanted.path);
            self.path.clear();
            self.path.extend_from_slice(parent);
        }
    }

    fn make_all(&mut self, target: &mut Target, names: &mut Names) -> Result<(), Lost> {
        while let Some(level) = self.levels.get_mut(self.made_count) {
            let state = if level.path_len == 0 {
                target.state()
            } else {
                let wanted = Wanted { path: &self.path[..level.path_len], n: level.n };
                let mut state = DirState::Present;
                let mut attempt = |dir: &OwnedFd, name: &[u8], _: bool| nodes::make_dir(dir, name, &mut state);
                let placed = names.place(target, &self.place, wanted, &mut attempt)?;
                if !self.place.is_empty() {
                    self.place.push(b'/');
                }
                self.place.extend_from_slice(&placed.name);
                state
            };
            level.made = Some((self.place.len(), state));
            self.made_count += 1;
        }
        Ok(())
    }
}

/// Whether a path lies below a directory; an empty path is that of the root.
fn holds(dir: &[u8], path: &[u8]) -> bool {
    let rest = path.strip_prefix(dir);
    dir.is_empty() || rest.is_some_and(|rest| rest.starts_with(b"/"))
}

/// What a directory is called in messages.
fn shown(path: &[u8]) -> &[u8] {
    if path.is_empty() { EntryPath::ROOT } else { path }
}
