//! What the system knows of a block device that is a source: its facts, what it is used for, its partition table. What
//! cannot be known is absent; nothing here stops the work.

mod rotation;
mod sysfs;
mod uses;

pub(super) use rotation::rotating_disk;

use std::os::fd::{AsFd, BorrowedFd};

use rustix::fs::{FileType, OFlags, SeekFrom, ioctl_blkpbszget, ioctl_blksszget, seek};
use rustix::io::{Errno, pread};

use super::open::{Opened, Want, file_type, look, path_of_handle, stat_at};
use super::scope::SourceRoot;
use crate::format::block_device::{BlockDevice, DeviceUse, How};
use crate::format::entry::DeviceNumber;
use crate::format::json::ByteCount;
use crate::format::partitions::{Geometry, PartitionTable};

/// Asks for all that is known of a source now; none if it is not a block device.
pub(super) fn examine(source: &SourceRoot) -> Option<BlockDevice> {
    let stat = stat_at(source.parent.as_fd(), &source.leaf).ok()?;
    if file_type(&stat) != FileType::BlockDevice {
        return None;
    }
    let number = DeviceNumber(stat.stx_rdev_major, stat.stx_rdev_minor);
    let mut device = sysfs::facts(number);
    device.uses = uses::find(number);
    let found = look(source.parent.as_fd(), &source.leaf, |_| Want::Read);
    if let Ok(found) = found
        && let Opened::Readable(handle) = &found.opened
        && file_type(&found.stat) == FileType::BlockDevice
        && DeviceNumber(found.stat.stx_rdev_major, found.stat.stx_rdev_minor) == number
    {
        ask(handle.as_fd(), &mut device);
        let is_unexplained = device.uses.as_ref().is_none_or(Vec::is_empty) && !sysfs::has_holders(number);
        if is_unexplained
            && is_claimed(handle.as_fd())
            && let Some(name) = sysfs::kernel_name(number)
        {
            let read_only = device.read_only == Some(true);
            device.uses.get_or_insert_default().push(DeviceUse { device: name, how: How::Unknown, read_only });
        }
    }
    Some(device)
}

/// Sizes, and the partition table, from the open device.
fn ask(handle: BorrowedFd<'_>, device: &mut BlockDevice) {
    let size = seek(handle, SeekFrom::End(0)).ok();
    let sector = ioctl_blksszget(handle).ok().map(u64::from).filter(|len| len.is_power_of_two() && *len >= 512);
    device.size_bytes = size.and_then(ByteCount::new).or(device.size_bytes);
    device.logical_sector_bytes = sector.and_then(ByteCount::new);
    device.physical_sector_bytes = ioctl_blkpbszget(handle).ok().and_then(|len| ByteCount::new(len.into()));
    if let (Some(size_bytes), Some(sector_bytes)) = (size, sector) {
        let mut read = |offset, len| read_exactly(handle, offset, len);
        device.partition_table = Some(PartitionTable::read(Geometry { size_bytes, sector_bytes }, &mut read));
    }
}

fn read_exactly(handle: BorrowedFd<'_>, offset: u64, len: usize) -> Option<Vec<u8>> {
    let mut bytes = vec![0; len];
    let mut done = 0;
    while done < len {
        match pread(handle, &mut bytes[done..], offset.checked_add(done as u64)?) {
            Ok(0) => return None,
            Ok(count) => done += count,
            Err(Errno::INTR) => {}
            Err(_) => return None,
        }
    }
    Some(bytes)
}

/// Whether the system holds the device, or a part of it, for itself: mounted where this process cannot see it, a member
/// of an array or of a file system on many devices. Only such an opening tells; it has no effect.
fn is_claimed(handle: BorrowedFd<'_>) -> bool {
    let flags = OFlags::RDONLY | OFlags::EXCL | OFlags::NONBLOCK | OFlags::CLOEXEC;
    let claim = rustix::fs::open(path_of_handle(handle), flags, rustix::fs::Mode::empty());
    matches!(claim, Err(Errno::BUSY))
}
