//! Which entries are wanted.

use globset::GlobSet;

use crate::format::path::EntryPath;
use crate::format::pattern::{PatternError, patterns};

/// Paths as they stand in the bundle and patterns for such paths; what names a directory stands for all below it.
/// Neither path nor pattern stands for everything.
#[derive(Debug, Default)]
pub struct Selection {
    paths: Vec<Vec<u8>>,
    patterns: GlobSet,
    /// Whether an entry was found for each path.
    found: Vec<bool>,
}

impl Selection {
    /// Paths as the user typed them, a trailing slash does not matter; and globs as for `seal --exclude`.
    ///
    /// # Errors
    /// What is no glob.
    pub fn new(paths: impl IntoIterator<Item = Vec<u8>>, globs: &[String]) -> Result<Self, PatternError> {
        let trim = |mut path: Vec<u8>| {
            while path.len() > 1 && path.ends_with(b"/") {
                path.pop();
            }
            path
        };
        let paths: Vec<_> = paths.into_iter().map(trim).collect();
        Ok(Self { found: vec![false; paths.len()], paths, patterns: patterns(globs)? })
    }

    /// Whether nothing was given, so that everything is wanted.
    pub fn is_everything(&self) -> bool {
        self.paths.is_empty() && self.patterns.is_empty()
    }

    /// Whether an entry is wanted.
    pub fn wants(&mut self, path: &EntryPath) -> bool {
        let mut wanted = self.is_everything() || self.matches(path);
        for (selected, found) in self.paths.iter().zip(&mut self.found) {
            let rest = path.as_bytes().strip_prefix(selected.as_slice());
            if selected == EntryPath::ROOT || rest.is_some_and(|rest| rest.is_empty() || rest.starts_with(b"/")) {
                wanted = true;
                *found = true;
            }
        }
        wanted
    }

    /// Paths that no entry has.
    pub fn not_found(&self) -> impl Iterator<Item = &[u8]> {
        self.paths.iter().zip(&self.found).filter(|(_, found)| !**found).map(|(path, _)| path.as_slice())
    }

    /// Whether a pattern matches the path or a directory above it.
    fn matches(&self, path: &EntryPath) -> bool {
        use std::os::unix::ffi::OsStrExt as _;
        let bytes = path.as_bytes();
        let ends = bytes.iter().enumerate().filter(|(_, b)| **b == b'/').map(|(at, _)| at).chain([bytes.len()]);
        !self.patterns.is_empty()
            && ends.into_iter().any(|end| self.patterns.is_match(std::ffi::OsStr::from_bytes(&bytes[..end])))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn path(text: &str) -> EntryPath {
        EntryPath::new(text.into()).unwrap()
    }

    #[test]
    fn a_directory_stands_for_all_below_it_and_for_nothing_beside_it() {
        let mut selection = Selection::new([b"a/b/".to_vec(), b"z".to_vec()], &[]).unwrap();
        assert!(selection.wants(&path("a/b")));
        assert!(selection.wants(&path("a/b/c")));
        assert!(!selection.wants(&path("a/bc")));
        assert!(!selection.wants(&path("a")));
        assert_eq!(selection.not_found().collect::<Vec<_>>(), [b"z"]);
        assert!(Selection::default().wants(&path("anything")));
    }

    #[test]
    fn a_glob_matches_within_one_name_and_takes_what_lies_below() {
        let mut selection = Selection::new([], &["a/*.txt".into(), "**/mail".into()]).unwrap();
        for wanted in ["a/x.txt", "a/x.txt/below", "mail", "home/u/mail/1"] {
            assert!(selection.wants(&path(wanted)), "{wanted}");
        }
        for other in ["a", "a/b/x.txt", "x.txt", "home/u/mails"] {
            assert!(!selection.wants(&path(other)), "{other}");
        }
        assert!(Selection::new([], &["[".into()]).is_err());
    }
}
