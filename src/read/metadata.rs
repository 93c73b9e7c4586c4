//! What the file system says of a thing, as the fields of an entry.

use std::os::fd::AsFd;

use rustix::fs::{FileType, Statx, StatxAttributes, StatxFlags, StatxTimestamp, readlinkat};
use rustix::io::Errno;

use super::errno;
use super::names::Names;
use super::open::{Look, Opened, file_type};
use super::xattrs::XattrReader;
use crate::format::entry::{Attribute, DeviceNumber, Entry, Kind};
use crate::format::path::EntryPath;
use crate::format::time::Timestamp;

/// Describes things.
pub(super) struct Describer {
    names: Names,
    xattrs: XattrReader,
}

impl Describer {
    pub(super) fn new() -> Self {
        Self { names: Names::of_this_system(), xattrs: XattrReader::new() }
    }

    /// All that is known of a thing without reading it, `unreadable` if it could not be opened as wanted.
    pub(super) fn describe(&mut self, path: EntryPath, look: &Look, kind: Kind) -> Entry {
        let Look { stat, opened } = look;
        let mut entry = Entry::bare(path, kind);
        entry.mode = stat.stx_mode & 0o7777;
        entry.uid = stat.stx_uid;
        entry.gid = stat.stx_gid;
        entry.user = self.names.user(stat.stx_uid);
        entry.group = self.names.group(stat.stx_gid);
        entry.mtime = nearest(stat.stx_mtime);
        entry.atime = Some(nearest(stat.stx_atime));
        entry.ctime = Some(nearest(stat.stx_ctime));
        entry.btime = birth(stat);
        entry.dev = Some(DeviceNumber(stat.stx_dev_major, stat.stx_dev_minor));
        entry.ino = Some(stat.stx_ino);
        entry.nlink = (kind != Kind::Dir && stat.stx_nlink >= 2).then_some(stat.stx_nlink.into());
        entry.rdev = kind.has_rdev().then_some(DeviceNumber(stat.stx_rdev_major, stat.stx_rdev_minor));
        entry.attributes = attributes(stat.stx_attributes);
        self.xattrs.read(opened, &mut entry);
        match kind {
            Kind::File | Kind::Disk | Kind::Dir => {
                if let Opened::Failed { why, .. } = opened {
                    entry.unreadable = Some(errno::name(*why));
                }
            }
            Kind::Symlink => match target(opened) {
                Ok(target) => entry.link = Some(target),
                Err(why) => entry.unreadable = Some(errno::name(why)),
            },
            Kind::Fifo | Kind::Socket | Kind::Chardev | Kind::Blockdev => {}
            Kind::Unknown => entry.unreadable = Some(errno::name(Errno::INVAL)),
        }
        // Of a device that is 0 until it is open.
        entry.size = kind.has_content().then_some(stat.stx_size);
        entry
    }
}

/// What a thing is. A block device is a disk to be read only where it was asked for by name.
pub(super) fn kind_of(stat: &Statx, is_source: bool) -> Kind {
    match file_type(stat) {
        FileType::RegularFile => Kind::File,
        FileType::Directory => Kind::Dir,
        FileType::Symlink => Kind::Symlink,
        FileType::Fifo => Kind::Fifo,
        FileType::Socket => Kind::Socket,
        FileType::CharacterDevice => Kind::Chardev,
        FileType::BlockDevice if is_source => Kind::Disk,
        FileType::BlockDevice => Kind::Blockdev,
        FileType::Unknown => Kind::Unknown,
    }
}

/// The time of birth, where the file system keeps it.
pub(super) fn birth(stat: &Statx) -> Option<Timestamp> {
    StatxFlags::from_bits_retain(stat.stx_mask).contains(StatxFlags::BTIME).then(|| nearest(stat.stx_btime))
}

/// A time of the kernel's. Only a file system without any checks gives one out of range; it becomes the nearest.
pub(super) fn nearest(time: StatxTimestamp) -> Timestamp {
    Timestamp::new(time.tv_sec, time.tv_nsec)
        .or_else(|| Timestamp::new(time.tv_sec.clamp(-(1 << 62), 1 << 62), 0))
        .unwrap_or(Timestamp::EPOCH)
}

fn target(opened: &Opened) -> Result<Vec<u8>, Errno> {
    match opened {
        Opened::Readable(handle) | Opened::Pinned(handle) | Opened::Failed { pinned: Some(handle), .. } => {
            readlinkat(handle.as_fd(), c"", Vec::new()).map(std::ffi::CString::into_bytes)
        }
        Opened::Failed { why, pinned: None } => Err(*why),
    }
}

/// In the order of a manifest line.
fn attributes(set: StatxAttributes) -> Vec<Attribute> {
    let known = [
        (StatxAttributes::APPEND, Attribute::Append),
        (StatxAttributes::COMPRESSED, Attribute::Compressed),
        (StatxAttributes::DAX, Attribute::Dax),
        (StatxAttributes::ENCRYPTED, Attribute::Encrypted),
        (StatxAttributes::IMMUTABLE, Attribute::Immutable),
        (StatxAttributes::NODUMP, Attribute::Nodump),
        (StatxAttributes::VERITY, Attribute::Verity),
    ];
    known.into_iter().filter(|&(flag, _)| set.contains(flag)).map(|(_, attribute)| attribute).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn attributes_stand_in_the_order_of_a_line() {
        let set =
            StatxAttributes::VERITY | StatxAttributes::APPEND | StatxAttributes::IMMUTABLE | StatxAttributes::NODUMP;
        assert_eq!(attributes(set), [Attribute::Append, Attribute::Immutable, Attribute::Nodump, Attribute::Verity]);
        assert!(attributes(StatxAttributes::MOUNT_ROOT).is_empty());
    }
}
