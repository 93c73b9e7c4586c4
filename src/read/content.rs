//! The bytes of an open file or device.

use std::io;
use std::num::NonZeroU64;
use std::os::fd::{AsFd, OwnedFd};

use rustix::fs::{Advice, FileType, SeekFrom, Statx, fadvise, ioctl_blksszget, seek};
use rustix::io::{Errno, pread};

use super::direct::Direct;
use super::metadata::nearest;
use super::open::{file_type, stat_of};
use super::{Content, holes};
use crate::format::entry::{Changed, Hole};
use crate::format::time::Timestamp;

/// The bytes of an open file or block device, of the size that it had when it was opened.
pub struct FileContent {
    handle: OwnedFd,
    size: u64,
    /// Bytes that the file system has allocated for it.
    allocated: u64,
    is_device: bool,
    mtime: Timestamp,
    ctime: Timestamp,
    direct: PastCache,
    /// What was read first without an error: where it begins, and its bytes.
    sound_start: u64,
    sound_len: u64,
}

/// Reading past the page cache: begun when something fails.
enum PastCache {
    Untried,
    Impossible,
    Open(Direct),
}

/// Files up to this length, in bytes, are read in one go: advice on how they will be read would only cost a call.
const ADVICE_LEN_MIN: u64 = 256 * 1024;

impl FileContent {
    /// The bytes of a handle that is open for reading, and what was asked of it already.
    ///
    /// # Errors
    /// What looking at the end of a device gave.
    pub(super) fn new(handle: OwnedFd, stat: &Statx) -> Result<Self, Errno> {
        let is_device = file_type(stat) == FileType::BlockDevice;
        let size = if is_device { seek(&handle, SeekFrom::End(0))? } else { stat.stx_size };
        if size > ADVICE_LEN_MIN {
            // Only advice: a file system that has no use for it loses nothing.
            let _ = fadvise(&handle, 0, None, Advice::Sequential);
        }
        let (mtime, ctime) = (nearest(stat.stx_mtime), nearest(stat.stx_ctime));
        Ok(Self {
            handle,
            size,
            allocated: stat.stx_blocks.saturating_mul(512),
            is_device,
            mtime,
            ctime,
            direct: PastCache::Untried,
            sound_start: 0,
            sound_len: 0,
        })
    }

    /// Bytes of content.
    pub fn size(&self) -> u64 {
        self.size
    }

    fn direct(&mut self, unit_len: u64) -> Option<&mut Direct> {
        if matches!(self.direct, PastCache::Untried) {
            let opened = Direct::open(self.handle.as_fd(), unit_len);
            self.direct = opened.map_or(PastCache::Impossible, PastCache::Open);
        }
        match &mut self.direct {
            PastCache::Open(direct) => Some(direct),
            PastCache::Untried | PastCache::Impossible => None,
        }
    }

    /// The unallocated ranges, ascending, not touching; none if there are more than may be listed.
    pub fn holes(&self) -> Vec<Hole> {
        let may_be_sparse = !self.is_device && self.allocated < self.size;
        if may_be_sparse { holes::find(self.handle.as_fd(), self.size) } else { Vec::new() }
    }
}

impl Content for FileContent {
    fn read_at(&mut self, buf: &mut [u8], offset_bytes: u64) -> io::Result<usize> {
        let count = pread(&self.handle, buf, offset_bytes)?;
        if self.sound_len == 0 {
            self.sound_start = offset_bytes;
        }
        if offset_bytes == self.sound_start + self.sound_len {
            self.sound_len += count as u64;
        }
        Ok(count)
    }

    fn read_sectors(&mut self, buf: &mut [u8], offset_bytes: u64) -> io::Result<usize> {
        let unit_len = self.sector_len();
        if let Some(direct) = self.direct(unit_len) {
            match direct.read_at(buf, offset_bytes) {
                Err(error) if Errno::from_io_error(&error) == Some(Errno::INVAL) => self.direct = PastCache::Impossible,
                result => return result,
            }
        }
        Ok(pread(&self.handle, buf, offset_bytes)?)
    }

    fn sector_len(&self) -> u64 {
        let told = if self.is_device { ioctl_blksszget(&self.handle).ok().map(u64::from) } else { None };
        told.filter(|len| len.is_power_of_two() && (512..=65_536).contains(len)).unwrap_or(512)
    }

    fn is_gone(&mut self) -> bool {
        if self.is_device && !matches!(seek(&self.handle, SeekFrom::End(0)), Ok(size) if size == self.size) {
            return true;
        }
        // What was had once, and cannot be had again from the medium, tells more than any number of errors elsewhere.
        let (unit_len, sound_start, sound_len) = (self.sector_len(), self.sound_start, self.sound_len);
        if sound_len < unit_len {
            return false;
        }
        let mut first = [0; 512];
        if let Some(direct) = self.direct(unit_len) {
            return direct.read_at(&mut first, sound_start).is_err();
        }
        // Where nothing goes past the page cache, it is made to forget.
        let _ = fadvise(&self.handle, sound_start, NonZeroU64::new(unit_len), Advice::DontNeed);
        pread(&self.handle, &mut first, sound_start).is_err()
    }

    fn changed(&mut self) -> Option<Changed> {
        let stat = stat_of(self.handle.as_fd()).ok()?;
        let size = if self.is_device { seek(&self.handle, SeekFrom::End(0)).ok()? } else { stat.stx_size };
        let (mtime, ctime) = (nearest(stat.stx_mtime), nearest(stat.stx_ctime));
        let changed = Changed {
            ctime: (ctime != self.ctime).then_some(ctime),
            mtime: (mtime != self.mtime).then_some(mtime),
            size: (size != self.size).then_some(size),
        };
        (changed != Changed::default()).then_some(changed)
    }
}
