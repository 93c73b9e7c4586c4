//! Files with more than one name: the first name in the order of the bundle carries the content, later ones refer to it
//! (SPEC.md MAN-5).

use std::collections::HashMap;

use super::open::FileId;
use crate::format::entry::{DeviceNumber, Entry, Hole, Kind};
use crate::format::path::EntryPath;
use crate::format::time::Timestamp;

/// What was recorded of each file of two or more names, until all its names were seen.
#[derive(Default)]
pub(super) struct HardLinks {
    files: HashMap<FileId, First>,
}

struct First {
    path: EntryPath,
    kind: Kind,
    btime: Option<Timestamp>,
    size: Option<u64>,
    link: Option<Vec<u8>>,
    rdev: Option<DeviceNumber>,
    holes: Vec<Hole>,
    unreadable: Option<String>,
    /// Names still to come, by the number of names that it had when the first was met.
    names_left: u64,
}

impl HardLinks {
    /// Whether a file of `nlink` names was met before, so that its content need not be opened.
    pub(super) fn knows(&self, id: FileId, kind: Kind, btime: Option<Timestamp>, nlink: u64) -> bool {
        nlink >= 2 && self.files.get(&id).is_some_and(|first| first.is_same_file(kind, btime))
    }

    /// Records one more name of a file: the first one as it is, a later one with what the first one recorded.
    pub(super) fn meet(&mut self, id: FileId, entry: &mut Entry) {
        let Some(nlink) = entry.nlink else { return };
        if matches!(entry.kind, Kind::Dir | Kind::Unknown) {
            return;
        }
        match self.files.get_mut(&id) {
            Some(first) if first.is_same_file(entry.kind, entry.btime) => {
                first.repeat_in(entry);
                first.names_left = first.names_left.saturating_sub(1);
                if first.names_left == 0 {
                    self.files.remove(&id);
                }
            }
            _ => {
                self.files.insert(id, First::of(entry, nlink - 1));
            }
        }
    }
}

impl First {
    /// An inode number may be given to another file once all names of the first are gone.
    fn is_same_file(&self, kind: Kind, btime: Option<Timestamp>) -> bool {
        self.kind == kind && self.btime == btime
    }

    fn repeat_in(&self, entry: &mut Entry) {
        entry.hard_link = Some(self.path.clone());
        entry.size = self.size;
        entry.link.clone_from(&self.link);
        entry.rdev = self.rdev;
        entry.holes.clone_from(&self.holes);
        entry.unreadable.clone_from(&self.unreadable);
    }

    fn of(entry: &Entry, names_left: u64) -> Self {
        Self {
            path: entry.path.clone(),
            kind: entry.kind,
            btime: entry.btime,
            size: entry.size,
            link: entry.link.clone(),
            rdev: entry.rdev,
            holes: entry.holes.clone(),
            unreadable: entry.unreadable.clone(),
            names_left,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const ID: FileId = FileId { device: (8, 1), ino: 7 };

    fn named(path: &str, nlink: u64) -> Entry {
        let mut entry = Entry::bare(EntryPath::new(path.as_bytes().to_vec()).unwrap(), Kind::File);
        entry.nlink = Some(nlink);
        entry
    }

    #[test]
    fn a_later_name_repeats_what_the_first_one_recorded() {
        let mut links = HardLinks::default();
        let mut first = named("a", 3);
        first.size = Some(4);
        first.unreadable = Some("EACCES".to_owned());
        links.meet(ID, &mut first);
        let mut later = named("b", 3);
        later.size = Some(9);
        links.meet(ID, &mut later);
        assert_eq!(first.hard_link, None);
        assert_eq!(later.hard_link, Some(first.path));
        assert_eq!((later.size, later.unreadable.as_deref()), (Some(4), Some("EACCES")));
    }

    #[test]
    fn a_file_is_forgotten_when_all_its_names_were_seen() {
        let mut links = HardLinks::default();
        for path in ["a", "b"] {
            links.meet(ID, &mut named(path, 2));
        }
        assert!(links.files.is_empty());
    }

    #[test]
    fn names_that_are_added_on_the_way_begin_anew() {
        let mut links = HardLinks::default();
        let mut entries = [named("a", 2), named("b", 3), named("c", 3), named("d", 3)];
        for entry in &mut entries {
            links.meet(ID, entry);
        }
        let targets = entries.map(|entry| entry.hard_link.map(|path| path.as_bytes().to_vec()));
        assert_eq!(targets, [None, Some(b"a".to_vec()), None, Some(b"c".to_vec())]);
    }

    #[test]
    fn an_inode_number_that_was_given_to_another_file_links_nothing() {
        let mut links = HardLinks::default();
        links.meet(ID, &mut named("a", 2));
        let mut other = named("b", 2);
        other.btime = Timestamp::new(5, 0);
        assert!(!links.knows(ID, Kind::File, other.btime, 2));
        links.meet(ID, &mut other);
        assert_eq!(other.hard_link, None);
    }
}
