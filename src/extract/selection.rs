//! Which entries are wanted.

use crate::format::path::EntryPath;

/// Paths as they stand in the bundle; a directory stands for all below it. No path at all stands for everything.
#[derive(Debug, Default)]
pub struct Selection {
    paths: Vec<Vec<u8>>,
    found: Vec<bool>,
}

impl Selection {
    /// Paths as the user typed them; a trailing slash does not matter.
    pub fn new(paths: impl IntoIterator<Item = Vec<u8>>) -> Self {
        let trim = |mut path: Vec<u8>| {
            while path.len() > 1 && path.ends_with(b"/") {
                path.pop();
            }
            path
        };
        let paths: Vec<_> = paths.into_iter().map(trim).collect();
        Self { found: vec![false; paths.len()], paths }
    }

    /// Whether no path was given, so that everything is wanted.
    pub fn is_everything(&self) -> bool {
        self.paths.is_empty()
    }

    /// Whether an entry is wanted.
    pub fn wants(&mut self, path: &EntryPath) -> bool {
        let mut wanted = self.paths.is_empty();
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
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_directory_stands_for_all_below_it_and_for_nothing_beside_it() {
        let path = |text: &str| EntryPath::new(text.into()).unwrap();
        let mut selection = Selection::new([b"a/b/".to_vec(), b"z".to_vec()]);
        assert!(selection.wants(&path("a/b")));
        assert!(selection.wants(&path("a/b/c")));
        assert!(!selection.wants(&path("a/bc")));
        assert!(!selection.wants(&path("a")));
        assert_eq!(selection.not_found().collect::<Vec<_>>(), [b"z"]);
        assert!(Selection::default().wants(&path("anything")));
    }
}
