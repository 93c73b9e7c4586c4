//! A file that gets its name only when it is whole: until then nothing stands under that name, whatever happens.

use std::fs::File;
use std::io::{self, Read as _, Seek as _};
use std::os::fd::{AsFd, AsRawFd, BorrowedFd, OwnedFd};
use std::os::unix::fs::FileExt as _;

use rustix::fs::{AtFlags, CWD, FileType, Mode, OFlags, fstat, linkat, openat, statat, unlinkat};
use rustix::io::Errno;

use super::names::Attempt;
use super::outcome::Lost;
use crate::dir::rename_to_free_name;
use crate::format::entry::Hole;

/// Only the user can read it until it has its permissions.
const MODE: Mode = Mode::RUSR.union(Mode::WUSR);
/// How much of two files is compared at a time, in bytes.
const COMPARE_LEN: usize = 1 << 16;

/// A new file without a name, or, where the file system knows none such, under a temporary one.
pub struct FreshFile {
    file: File,
    /// The directory and the name in it that is to go, if there is one.
    temporary: Option<(OwnedFd, String)>,
}

impl FreshFile {
    /// Creates it on the file system of a directory.
    pub fn create(dir: &OwnedFd) -> Result<Self, Errno> {
        let flags = OFlags::RDWR | OFlags::CLOEXEC;
        match openat(dir, c".", flags | OFlags::TMPFILE, MODE) {
            // What a file system without them, or a kernel that takes the flags for others, says.
            Err(Errno::OPNOTSUPP | Errno::ISDIR | Errno::INVAL | Errno::NOENT) => {
                let name = temporary_name().map_err(|_| Errno::IO)?;
                let file = openat(dir, &name, flags | OFlags::CREATE | OFlags::EXCL | OFlags::NOFOLLOW, MODE)?;
                let dir = openat(dir, c".", OFlags::PATH | OFlags::DIRECTORY | OFlags::CLOEXEC, Mode::empty())?;
                Ok(Self { file: file.into(), temporary: Some((dir, name)) })
            }
            file => Ok(Self { file: file?.into(), temporary: None }),
        }
    }

    /// Gives it a name, if that is free.
    fn give_name(&mut self, dir: &OwnedFd, name: &[u8]) -> Result<(), Errno> {
        let Some((from, temporary)) = &self.temporary else {
            let path = format!("/proc/self/fd/{}", self.file.as_raw_fd());
            return linkat(CWD, path, dir, name, AtFlags::SYMLINK_FOLLOW);
        };
        rename_to_free_name(from, temporary.as_str(), dir, name)?;
        self.temporary = None;
        Ok(())
    }

    /// Tries to give it a name.
    pub fn attempt(&mut self, dir: &OwnedFd, name: &[u8]) -> Result<Attempt, Lost> {
        match self.give_name(dir, name) {
            Ok(()) => Ok(Attempt::Made),
            Err(Errno::EXIST) if self.is_same_as(dir, name).map_err(Lost::Target)? => Ok(Attempt::Same),
            Err(Errno::EXIST) => Ok(Attempt::Other),
            Err(errno) => Attempt::refused(errno),
        }
    }

    /// Whether a file of this name has the same bytes.
    fn is_same_as(&mut self, dir: &OwnedFd, name: &[u8]) -> io::Result<bool> {
        let Some(mut other) = open_existing(dir, name, self.file.metadata()?.len())? else { return Ok(false) };
        self.file.rewind()?;
        let (mut ours, mut theirs) = (Vec::new(), Vec::new());
        loop {
            ours.clear();
            theirs.clear();
            (&mut self.file).take(COMPARE_LEN as u64).read_to_end(&mut ours)?;
            (&mut other).take(COMPARE_LEN as u64).read_to_end(&mut theirs)?;
            if ours != theirs || ours.is_empty() {
                return Ok(ours == theirs);
            }
        }
    }

    /// Its content, to be written from start to end.
    pub fn writer<'a>(&'a self, holes: &'a [Hole]) -> SparseWriter<'a> {
        SparseWriter { file: &self.file, holes, len: 0 }
    }
}

impl AsFd for FreshFile {
    fn as_fd(&self) -> BorrowedFd<'_> {
        self.file.as_fd()
    }
}

impl Drop for FreshFile {
    fn drop(&mut self) {
        if let Some((dir, name)) = &self.temporary {
            // If even this fails, what made the file unfit is still what is worth saying.
            let _ = unlinkat(dir, name, AtFlags::empty());
        }
    }
}

/// A name that nothing has, for what has none yet.
pub fn temporary_name() -> io::Result<String> {
    let mut tag = [0; 8];
    getrandom::fill(&mut tag).map_err(io::Error::other)?;
    Ok(format!(".scelle-{}.partial", data_encoding::HEXLOWER.encode(&tag)))
}

/// An existing regular file of this length, open for reading; `None` if something else has the name.
pub fn open_existing(dir: &OwnedFd, name: &[u8], len: u64) -> Result<Option<File>, Errno> {
    let stat = statat(dir, name, AtFlags::SYMLINK_NOFOLLOW)?;
    if FileType::from_raw_mode(stat.st_mode) != FileType::RegularFile || u64::try_from(stat.st_size) != Ok(len) {
        return Ok(None);
    }
    // What stands there may have been exchanged since: it is looked at again, and a pipe is not waited for.
    let flags = OFlags::RDONLY | OFlags::NOFOLLOW | OFlags::NONBLOCK | OFlags::CLOEXEC;
    let file = match openat(dir, name, flags | OFlags::NOATIME, Mode::empty()) {
        // Only the owner and root may leave the access time alone.
        Err(Errno::PERM) => openat(dir, name, flags, Mode::empty())?,
        file => file?,
    };
    let stat = fstat(&file)?;
    let is_file = FileType::from_raw_mode(stat.st_mode) == FileType::RegularFile;
    Ok((is_file && u64::try_from(stat.st_size) == Ok(len)).then(|| file.into()))
}

/// Writes content from start to end, leaving out holes.
pub struct SparseWriter<'a> {
    file: &'a File,
    /// Those not yet passed.
    holes: &'a [Hole],
    len: u64,
}

impl SparseWriter<'_> {
    /// Writes the next bytes. What the entry calls a hole stays one only if its bytes really are zeros.
    pub fn write(&mut self, mut bytes: &[u8]) -> io::Result<()> {
        while !bytes.is_empty() {
            let (is_hole, end) = self.next_boundary();
            let left = usize::try_from(end - self.len).unwrap_or(usize::MAX).min(bytes.len());
            let (piece, rest) = bytes.split_at(left);
            if !is_hole || piece.iter().any(|&b| b != 0) {
                self.file.write_all_at(piece, self.len)?;
            }
            self.len += piece.len() as u64;
            bytes = rest;
        }
        Ok(())
    }

    /// Ends the file, which is its length even if its end is a hole. Gives that length in bytes.
    pub fn finish(self) -> io::Result<u64> {
        self.file.set_len(self.len)?;
        Ok(self.len)
    }

    /// Whether a hole is here, and where it, or what is before the next one, ends.
    fn next_boundary(&mut self) -> (bool, u64) {
        while let Some((&Hole(start, len), later)) = self.holes.split_first() {
            let end = start.saturating_add(len);
            if self.len < start {
                return (false, start);
            }
            if self.len < end {
                return (true, end);
            }
            self.holes = later;
        }
        (false, u64::MAX)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::os::unix::fs::MetadataExt as _;

    fn handle(dir: &std::path::Path) -> OwnedFd {
        openat(CWD, dir, OFlags::PATH | OFlags::DIRECTORY, Mode::empty()).unwrap()
    }

    #[test]
    fn holes_take_no_space_and_what_is_not_zero_is_never_left_out() {
        let dir = tempfile::tempdir().unwrap();
        let at = handle(dir.path());
        let mut file = FreshFile::create(&at).unwrap();
        let mut content = vec![0; 3 << 20];
        content[(1 << 20) + 5] = 7;
        content[(2 << 20)..].fill(9);
        // The second hole is a lie from its sixth byte on.
        let holes = [Hole(0, 1 << 20), Hole(1 << 20 | 1, (1 << 20) - 1)];
        let mut writer = file.writer(&holes);
        content.chunks(70_000).for_each(|piece| writer.write(piece).unwrap());
        assert_eq!(writer.finish().unwrap(), 3 << 20);
        file.give_name(&at, b"f").unwrap();
        assert_eq!(std::fs::read(dir.path().join("f")).unwrap(), content);
        assert!(std::fs::metadata(dir.path().join("f")).unwrap().blocks() * 512 < 2 << 20);
        assert_eq!(file.give_name(&at, b"f"), Err(Errno::EXIST));
        assert!(file.is_same_as(&at, b"f").unwrap());
    }

    #[test]
    fn a_hole_at_the_end_counts_and_nothing_is_left_without_a_name() {
        let dir = tempfile::tempdir().unwrap();
        let file = FreshFile::create(&handle(dir.path())).unwrap();
        let mut writer = file.writer(&[Hole(0, 10_000)]);
        writer.write(&[0; 10_000]).unwrap();
        assert_eq!(writer.finish().unwrap(), 10_000);
        drop(file);
        assert_eq!(std::fs::read_dir(dir.path()).unwrap().count(), 0);
    }
}
