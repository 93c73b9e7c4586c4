//! Directories as holders of names: which one a name stands in, and making its names last.

use std::fs::File;
use std::io;
use std::path::Path;

/// The directory that a path's last component stands in.
pub fn holding(path: &Path) -> &Path {
    match path.parent() {
        Some(parent) if !parent.as_os_str().is_empty() => parent,
        _ => Path::new("."),
    }
}

/// Makes the names in a directory last.
pub fn sync(dir: &Path) -> io::Result<()> {
    File::open(dir)?.sync_all()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_bare_name_stands_in_the_current_directory() {
        for (path, dir) in [("a", "."), ("a/b", "a"), ("/a", "/"), ("/a/b/", "/a"), ("./a", ".")] {
            assert_eq!(holding(Path::new(path)), Path::new(dir), "{path}");
        }
    }
}
