//! Files with several names: where the first of them was restored, and where the content is of those whose first name is
//! not wanted.

use std::collections::{HashMap, HashSet};
use std::sync::atomic::{AtomicBool, Ordering};

use super::outcome::Lost;
use super::selection::Selection;
use crate::format::entry::Entry;
use crate::format::path::EntryPath;
use crate::verify::proven::Proven;

/// Where the content of an entry is.
#[derive(Clone, Copy)]
pub struct ContentPlace {
    /// Number of the entry.
    pub n: u64,
    /// Where in the tar it begins.
    pub tar_offset: u64,
    /// The segment in which it ends: its line stands there.
    pub segment: u64,
}

/// What is known of the files that hard links name.
#[derive(Default)]
pub struct Links {
    /// Targets that are not wanted themselves but have a further name that is.
    needed: HashSet<EntryPath>,
    /// Where a target is, and how many further names it may still have.
    restored: HashMap<EntryPath, (Vec<u8>, u64)>,
    /// Content of a needed target.
    content: HashMap<EntryPath, ContentPlace>,
}

impl Links {
    /// Finds the targets that are needed for a selection. A part that cannot be read is reported when its entries are
    /// to be restored.
    pub fn of(proven: &Proven<'_>, selection: &mut Selection, cancel: &AtomicBool) -> Result<Self, Lost> {
        let mut links = Self::default();
        if selection.is_everything() {
            return Ok(links);
        }
        for segment in 0..proven.segment_count() {
            let _ = proven.lines(segment, &mut |line, _| {
                if selection.wants(&line.entry.path)
                    && let Some(target) = line.entry.hard_link.filter(|target| !selection.wants(target))
                {
                    links.needed.insert(target);
                }
                !cancel.load(Ordering::Relaxed)
            });
            if cancel.load(Ordering::Relaxed) {
                return Err(Lost::Interrupted);
            }
        }
        Ok(links)
    }

    /// Whether the content of an entry that is not wanted is needed for a further name.
    pub fn needs(&self, entry: &Entry) -> bool {
        entry.holds_content() && self.needed.contains(&entry.path)
    }

    /// Remembers where the content of a needed target is.
    pub fn found(&mut self, target: &EntryPath, content: ContentPlace) {
        self.content.insert(target.clone(), content);
    }

    /// Where the content of a target is that is not wanted itself.
    pub fn content_of(&self, target: &EntryPath) -> Option<ContentPlace> {
        self.content.get(target).copied()
    }

    /// Remembers where the file is that `target` names and that has `nlink` names in all.
    pub fn restored(&mut self, target: &EntryPath, nlink: Option<u64>, path: &[u8]) {
        if let Some(further) = nlink.and_then(|nlink| nlink.checked_sub(1)) {
            self.restored.insert(target.clone(), (path.to_vec(), further));
        }
    }

    /// Where the file is that `target` names. Forgotten once it was asked for by all further names.
    pub fn place_of(&mut self, target: &EntryPath) -> Option<Vec<u8>> {
        let (path, further) = self.restored.get_mut(target)?;
        *further = further.saturating_sub(1);
        let path = path.clone();
        if self.restored.get(target).is_some_and(|(_, further)| *further == 0) {
            self.restored.remove(target);
        }
        Some(path)
    }
}
