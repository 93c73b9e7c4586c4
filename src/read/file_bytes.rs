//! Files opened and read with as few system calls as can be, for hashing many of them: one to open, one to see that it
//! is a file, one for each piece, one that finds its end, one to close.

use std::ffi::CStr;
use std::io::IoSliceMut;
use std::os::fd::{AsFd, BorrowedFd, OwnedFd};

use rustix::fs::{
    Advice, CWD, FileType, Mode, OFlags, SeekFrom, fadvise, fcntl_setfl, fstat, major, minor, openat, seek,
};
use rustix::io::{Errno, ReadWriteFlags, pread, preadv2, read};

use super::files::FilePath;
use super::open::untraced;
use crate::format::entry::DeviceNumber;
use crate::report::escape::escape;

/// Why the bytes of a file, or the names of a directory, cannot be had.
#[derive(Debug, thiserror::Error)]
#[expect(missing_docs, reason = "the messages say it")]
pub enum FileError {
    #[error("cannot look at {}", shown(path))]
    Look { path: FilePath, source: Errno },
    #[error("cannot open {}", shown(path))]
    Open { path: FilePath, source: Errno },
    #[error("cannot read {} from byte {offset_bytes} on", shown(path))]
    Read { path: FilePath, offset_bytes: u64, source: Errno },
    #[error("cannot list all that {} holds", shown(path))]
    List { path: FilePath, source: Errno },
    #[error("{} is a directory that contains itself", shown(path))]
    Loop { path: FilePath },
    #[error("{} is no file any more: something else took its place", shown(path))]
    NotAFile { path: FilePath },
    #[error("{} became shorter while it was read: nothing at byte {offset_bytes}", shown(path))]
    Shorter { path: FilePath, offset_bytes: u64 },
}

impl FileError {
    /// What it is about.
    pub fn path(&self) -> &FilePath {
        match self {
            Self::Look { path, .. }
            | Self::Open { path, .. }
            | Self::Read { path, .. }
            | Self::List { path, .. }
            | Self::Loop { path }
            | Self::NotAFile { path }
            | Self::Shorter { path, .. } => path,
        }
    }

    /// Whether this process, or its system, had no file handles left: that says nothing of the file.
    pub fn lacks_handles(&self) -> bool {
        let (Self::Look { source, .. } | Self::Open { source, .. } | Self::List { source, .. }) = self else {
            return false;
        };
        matches!(*source, Errno::MFILE | Errno::NFILE)
    }

    /// Whether nothing has that name.
    pub fn is_absent(&self) -> bool {
        matches!(self, Self::Look { source, .. } | Self::Open { source, .. } if matches!(*source, Errno::NOENT | Errno::NOTDIR))
    }
}

fn shown(path: &FilePath) -> String {
    escape(&path.to_bytes())
}

/// The bytes of a file, or of a block device that was asked for by name, from the first to the last.
pub struct FileBytes {
    handle: OwnedFd,
    len_bytes: u64,
    device: DeviceNumber,
}

/// Files up to this length, in bytes, are read in a few pieces: advice on how would only cost a call.
const ADVICE_LEN_MIN: u64 = 256 * 1024;

/// How a file is opened: never waiting for a pipe that took its place, never inherited by another program.
const FLAGS: OFlags = OFlags::RDONLY.union(OFlags::NONBLOCK).union(OFlags::NOCTTY).union(OFlags::CLOEXEC);

impl FileBytes {
    /// Opens a name that its directory says is a file. What took its place since is not read, nor a link followed.
    pub(super) fn open_in(dir: BorrowedFd<'_>, name: &CStr) -> Result<Option<Self>, Errno> {
        let flags = FLAGS | OFlags::NOFOLLOW;
        let handle = untraced(|noatime| openat(dir, name, flags | noatime, Mode::empty()))?;
        Self::new(handle, |file_type| file_type == FileType::RegularFile)
    }

    /// Opens what the user named: a file or a block device, also through links.
    pub(super) fn open_given(path: &CStr) -> Result<Option<Self>, Errno> {
        let handle = untraced(|noatime| openat(CWD, path, FLAGS | noatime, Mode::empty()))?;
        Self::new(handle, |file_type| matches!(file_type, FileType::RegularFile | FileType::BlockDevice))
    }

    fn new(handle: OwnedFd, is_wanted: impl Fn(FileType) -> bool) -> Result<Option<Self>, Errno> {
        let stat = fstat(&handle)?;
        let file_type = FileType::from_raw_mode(stat.st_mode);
        if !is_wanted(file_type) {
            return Ok(None);
        }
        let (mut device, mut len_bytes) = (stat.st_dev, u64::try_from(stat.st_size).unwrap_or(0));
        if file_type == FileType::BlockDevice {
            device = stat.st_rdev;
            len_bytes = seek(&handle, SeekFrom::End(0))?;
            seek(&handle, SeekFrom::Start(0))?;
        }
        if len_bytes > ADVICE_LEN_MIN {
            // Only advice: a file system that has no use for it loses nothing.
            let _ = fadvise(&handle, 0, None, Advice::Sequential);
        }
        let device = DeviceNumber(major(device), minor(device));
        Ok(Some(Self { handle, len_bytes, device }))
    }

    /// Bytes that it had when it was opened.
    pub fn len_bytes(&self) -> u64 {
        self.len_bytes
    }

    /// What it is, or the file system that holds it is on.
    pub fn device(&self) -> DeviceNumber {
        self.device
    }

    /// Whether a byte is in the page cache; false also where the system does not tell.
    pub(super) fn is_cached(&self, offset_bytes: u64) -> bool {
        let mut byte = [0];
        let buf = &mut [IoSliceMut::new(&mut byte)];
        preadv2(&self.handle, buf, offset_bytes, ReadWriteFlags::NOWAIT).is_ok()
    }

    /// Reads the next bytes; fewer than there is room for only at the end.
    ///
    /// # Errors
    /// What the system gave. Nothing can be said of bytes that came before it in the same call.
    pub fn read(&mut self, buf: &mut [u8]) -> Result<usize, Errno> {
        self.fill(buf, |handle, rest, _| read(handle, rest))
    }

    /// Reads at an offset; fewer bytes than there is room for only at the end.
    ///
    /// # Errors
    /// As [`Self::read`].
    pub fn read_at(&self, buf: &mut [u8], offset_bytes: u64) -> Result<usize, Errno> {
        self.fill(buf, |handle, rest, done| pread(handle, rest, offset_bytes.saturating_add(done)))
    }

    fn fill(
        &self,
        buf: &mut [u8],
        mut read: impl FnMut(BorrowedFd<'_>, &mut [u8], u64) -> Result<usize, Errno>,
    ) -> Result<usize, Errno> {
        let (mut done, mut may_wait) = (0, false);
        while done < buf.len() {
            match read(self.handle.as_fd(), &mut buf[done..], done as u64) {
                Ok(0) => break,
                Ok(count) => done += count,
                Err(Errno::INTR) => {}
                Err(Errno::AGAIN) if !may_wait => {
                    // `O_NONBLOCK` served the opening; a file system may take it for leave to refuse bytes that are far
                    // away. Without it the next call waits, and cannot give this again.
                    fcntl_setfl(&self.handle, OFlags::empty())?;
                    may_wait = true;
                }
                Err(errno) => return Err(errno),
            }
        }
        Ok(done)
    }
}
