//! Paths of entries: raw bytes, relative, with components that no reader can take for anything else (SPEC.md ORD-3).

use std::fmt;

use crate::limits::PATH_LEN_MAX;

/// Path of an entry: one or more components joined by `/`, or `.` alone for the root of a file system.
#[derive(Clone, PartialEq, Eq, Hash)]
pub struct EntryPath(Vec<u8>);

impl EntryPath {
    /// The path of a source that is the root of a file system.
    pub const ROOT: &'static [u8] = b".";

    /// That of the root of a file system.
    pub fn root() -> Self {
        Self(Self::ROOT.to_vec())
    }

    /// Checks every component; `None` if this cannot be the path of an entry.
    pub fn new(bytes: Vec<u8>) -> Option<Self> {
        let sound = bytes.len() <= PATH_LEN_MAX
            && (bytes == Self::ROOT || bytes.split(|&b| b == b'/').all(|name| !matches!(name, b"" | b"." | b"..")))
            && !bytes.contains(&0);
        sound.then_some(Self(bytes))
    }

    /// The raw bytes.
    pub fn as_bytes(&self) -> &[u8] {
        &self.0
    }

    /// Whether this is `.`, the root of a file system.
    pub fn is_root(&self) -> bool {
        self.0 == Self::ROOT
    }

    /// The components; none for the root.
    pub fn components(&self) -> impl Iterator<Item = &[u8]> {
        self.0.split(|&b| b == b'/').filter(|_| !self.is_root())
    }

    /// Whether `next` may directly follow `self` in the order of entries (SPEC.md ORD-1, ORD-2), `is_dir` saying
    /// whether `self` is a directory. Top-level names ascend only if `top_ascends`, that is below the root of a file
    /// system; otherwise sources stand in the order given.
    pub fn may_be_followed_by(&self, is_dir: bool, next: &Self, top_ascends: bool) -> bool {
        let mut ours = self.components();
        let mut theirs = next.components();
        let mut at_top = true;
        loop {
            match (ours.next(), theirs.next()) {
                (None, Some(_)) => return is_dir && theirs.next().is_none(),
                (_, None) => return false,
                (Some(a), Some(b)) if a == b => at_top = false,
                (Some(a), Some(b)) => return theirs.next().is_none() && (a < b || (at_top && !top_ascends)),
            }
        }
    }
}

impl fmt::Debug for EntryPath {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{:?}", String::from_utf8_lossy(&self.0))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn path(text: &str) -> EntryPath {
        EntryPath::new(text.as_bytes().to_vec()).unwrap()
    }

    #[test]
    fn components_that_could_leave_the_tree_are_refused() {
        for text in ["", "/a", "a/", "a//b", "a/./b", "..", "a/..", "a\0b", "./a"] {
            assert!(EntryPath::new(text.as_bytes().to_vec()).is_none(), "{text:?}");
        }
    }

    #[test]
    fn siblings_compare_by_one_component_never_by_the_whole_path() {
        assert!(path("p").may_be_followed_by(true, &path("p/x"), false));
        assert!(path("s/p/x").may_be_followed_by(false, &path("s/p.q"), false));
        assert!(!path("s/p.q").may_be_followed_by(true, &path("s/p/x"), false));
        assert!(!path("s/b").may_be_followed_by(true, &path("s/a"), false));
        assert!(!path("s/b").may_be_followed_by(true, &path("s/b"), false));
    }

    #[test]
    fn a_parent_stands_directly_before_its_first_child() {
        assert!(!path("s").may_be_followed_by(false, &path("s/a"), false));
        assert!(!path("s").may_be_followed_by(true, &path("s/a/b"), false));
        assert!(!path("s/a").may_be_followed_by(true, &path("t/b"), false));
        assert!(!path("s/a/b").may_be_followed_by(true, &path("s"), false));
    }

    #[test]
    fn sources_stand_in_the_order_given() {
        assert!(path("z/deep/er").may_be_followed_by(false, &path("a"), false));
        assert!(path("a").may_be_followed_by(false, &path("z"), false));
    }

    #[test]
    fn children_of_a_file_system_root_are_ascending_top_level_names() {
        assert!(!path("sys/x").may_be_followed_by(false, &path("bin"), true));
        assert!(path(".").may_be_followed_by(true, &path("bin"), false));
        assert!(!path(".").may_be_followed_by(true, &path("bin/sh"), false));
    }
}
