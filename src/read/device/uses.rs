//! What the system uses a device for: mounts and swap space, of the device itself, of its partitions, and of whatever
//! stands on them.

use std::collections::HashSet;
use std::fs;
use std::os::unix::ffi::OsStrExt as _;
use std::os::unix::fs::{FileTypeExt as _, MetadataExt as _};
use std::path::Path;

use rustix::fs::{major, minor};

use super::super::mountinfo::{Mount, unescape};
use super::sysfs;
use crate::format::block_device::{DeviceUse, How};
use crate::format::entry::DeviceNumber;
use crate::limits::DEVICE_USE_COUNT_MAX;

/// Most devices that are followed upwards.
const STACK_COUNT_MAX: usize = 1024;

/// What a device is used for, first what may write to it; none if this system does not tell.
pub(super) fn find(number: DeviceNumber) -> Option<Vec<DeviceUse>> {
    let table = fs::read("/proc/self/mountinfo").ok()?;
    let stack = stack(number);
    let name_of = |found: DeviceNumber| stack.contains(&found).then(|| sysfs::kernel_name(found)).flatten();
    let mut uses = Vec::new();
    for mount in table.split(|&b| b == b'\n').filter_map(Mount::parse) {
        // Some file systems, of many devices, have a number of their own and tell only a source.
        let device = name_of(mount.device).or_else(|| name_of(node_number(&mount.source)?));
        if let Some(device) = device {
            uses.push(DeviceUse { device, how: How::Mount(mount.at), read_only: mount.read_only });
        }
    }
    for path in swaps() {
        if let Some(device) = node_number(&path).and_then(name_of) {
            uses.push(DeviceUse { device, how: How::Swap, read_only: false });
        }
    }
    // The list is bounded; what matters most must be in it.
    uses.sort_by_key(|found| found.read_only);
    uses.truncate(DEVICE_USE_COUNT_MAX);
    Some(uses)
}

/// The device, its partitions, and all that stands on any of them.
fn stack(number: DeviceNumber) -> HashSet<DeviceNumber> {
    let mut found = HashSet::from([number]);
    let mut left = vec![number];
    while let Some(next) = left.pop() {
        for above in sysfs::parts(next).into_iter().chain(sysfs::holders(next)) {
            if found.len() < STACK_COUNT_MAX && found.insert(above) {
                left.push(above);
            }
        }
    }
    found
}

/// The number of the block device that has this path.
fn node_number(path: &[u8]) -> Option<DeviceNumber> {
    if !path.starts_with(b"/") {
        return None;
    }
    let metadata = fs::metadata(Path::new(std::ffi::OsStr::from_bytes(path))).ok()?;
    let is_block = metadata.file_type().is_block_device();
    is_block.then(|| DeviceNumber(major(metadata.rdev()), minor(metadata.rdev())))
}

/// Paths of swap devices.
fn swaps() -> Vec<Vec<u8>> {
    let table = fs::read("/proc/swaps").unwrap_or_default();
    let lines = table.split(|&b| b == b'\n').skip(1);
    lines.filter_map(|line| line.split(|b| b.is_ascii_whitespace()).next()).map(unescape).collect()
}
