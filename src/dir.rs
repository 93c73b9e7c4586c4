//! Directories as holders of names: which one a name stands in, and making its names last.

use std::fs::File;
use std::io;
use std::os::fd::AsFd;
use std::path::Path;

use rustix::fs::{AtFlags, RenameFlags, renameat, renameat_with, statat};
use rustix::io::Errno;
use rustix::path::Arg;

/// The directory that a path's last component stands in.
pub fn holding(path: &Path) -> &Path {
    match path.parent() {
        Some(parent) if !parent.as_os_str().is_empty() => parent,
        _ => Path::new("."),
    }
}

/// Renames without ever replacing what has that name already.
pub fn rename_to_free_name(
    from_dir: impl AsFd,
    from: impl Arg + Copy,
    to_dir: impl AsFd,
    to: impl Arg + Copy,
) -> Result<(), Errno> {
    match renameat_with(&from_dir, from, &to_dir, to, RenameFlags::NOREPLACE) {
        // A file system that does not know the flag: look, then rename. The gap between the two is small, and what
        // would be lost in it is a name that came into being meanwhile.
        Err(errno @ (Errno::INVAL | Errno::NOSYS)) => match statat(&to_dir, to, AtFlags::SYMLINK_NOFOLLOW) {
            Ok(_) => Err(Errno::EXIST),
            Err(Errno::NOENT) => renameat(&from_dir, from, &to_dir, to),
            Err(_) => Err(errno),
        },
        result => result,
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
