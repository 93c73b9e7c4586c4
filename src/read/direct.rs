//! Reading past the page cache. What the system keeps comes in pages: where one sector fails, all of its page does.

use std::io;
use std::os::fd::{AsFd, BorrowedFd, OwnedFd};

use rustix::fs::{Mode, OFlags, open};
use rustix::io::{Errno, pread};

use super::open::{path_of_handle, untraced};

/// Bytes that are read at a time.
const MEMORY_LEN: usize = 64 << 10;
/// Where memory must lie for every device and file system.
const MEMORY_ALIGN: usize = 4096;

/// Another opening of a file or device, past the page cache.
pub(super) struct Direct {
    handle: OwnedFd,
    /// Offsets and lengths are multiples of this, in bytes.
    unit_len: u64,
    memory: Vec<u8>,
}

impl Direct {
    /// Opens anew what a handle holds; `None` where that cannot be, or the system does not take units of this length.
    pub(super) fn open(handle: BorrowedFd<'_>, unit_len: u64) -> Option<Self> {
        let path = path_of_handle(handle);
        let flags = OFlags::RDONLY | OFlags::DIRECT | OFlags::NOCTTY | OFlags::CLOEXEC;
        let handle = untraced(|noatime| open(&path, flags | noatime, Mode::empty())).ok()?;
        Some(Self { handle, unit_len, memory: vec![0; MEMORY_LEN + MEMORY_ALIGN] })
    }

    /// Reads at an offset, like `pread`.
    ///
    /// # Errors
    /// `EINVAL` where the system wants other units.
    pub(super) fn read_at(&mut self, buf: &mut [u8], offset_bytes: u64) -> io::Result<usize> {
        let start = offset_bytes - offset_bytes % self.unit_len;
        let before = usize::try_from(offset_bytes - start).unwrap_or(usize::MAX);
        let unit_len = usize::try_from(self.unit_len).unwrap_or(usize::MAX);
        let len =
            before.saturating_add(buf.len()).checked_next_multiple_of(unit_len).unwrap_or(usize::MAX).min(MEMORY_LEN);
        let first = self.memory.as_ptr().align_offset(MEMORY_ALIGN);
        let memory = self.memory.get_mut(first..first.saturating_add(len)).ok_or(Errno::INVAL)?;
        let count = pread(self.handle.as_fd(), &mut *memory, start)?;
        let had = memory.get(before..count).unwrap_or_default();
        let had = &had[..had.len().min(buf.len())];
        buf[..had.len()].copy_from_slice(had);
        Ok(had.len())
    }
}
