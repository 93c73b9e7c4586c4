//! Making the system forget what it keeps of files, so that whoever reads them next reads the medium.

use std::fs::{self, File};
use std::io;
use std::path::Path;

use rustix::fs::{Advice, fadvise};

/// Makes the system forget the pages of a file, or of all files below a directory, that are on the medium already. It is
/// free to keep them, as file systems in memory do.
///
/// # Errors
/// If a file or directory cannot be opened.
pub fn forget_cached(path: &Path) -> io::Result<()> {
    if path.is_dir() {
        return fs::read_dir(path)?.try_for_each(|entry| forget_cached(&entry?.path()));
    }
    let file = File::open(path)?;
    // What is not written yet is kept: pages of a finished bundle are written.
    file.sync_data()?;
    Ok(fadvise(&file, 0, None, Advice::DontNeed)?)
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::io::IoSliceMut;

    use rustix::io::{Errno, ReadWriteFlags, preadv2};

    #[test]
    fn what_is_forgotten_has_to_come_from_the_medium() {
        // A file system on a medium: the system's own directory for what outlives a restart.
        let dir = tempfile::tempdir_in("/var/tmp").unwrap();
        let path = dir.path().join("d/f");
        fs::create_dir(dir.path().join("d")).unwrap();
        fs::write(&path, vec![7; 1 << 20]).unwrap();
        let is_cached = || {
            let file = File::open(&path).unwrap();
            let mut byte = [0];
            preadv2(&file, &mut [IoSliceMut::new(&mut byte)], 1 << 19, ReadWriteFlags::NOWAIT) != Err(Errno::AGAIN)
        };
        assert!(is_cached());
        forget_cached(dir.path()).unwrap();
        assert!(!is_cached());
    }
}
