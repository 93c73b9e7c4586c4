//! What the system uses a device for: mounts and swap space, of the device itself, of its partitions, and of whatever
//! stands on them.

use std::collections::HashSet;
use std::fs;
use std::os::unix::ffi::OsStrExt as _;
use std::os::unix::fs::{FileTypeExt as _, MetadataExt as _};
use std::path::Path;

use rustix::fs::{major, minor};

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

/// One line of `/proc/self/mountinfo` (proc_pid_mountinfo(5)).
#[derive(Debug, PartialEq, Eq)]
struct Mount {
    device: DeviceNumber,
    at: Vec<u8>,
    source: Vec<u8>,
    /// Of the file system, not of this mount: a mount that is read-only does not keep another from being written to.
    read_only: bool,
}

impl Mount {
    fn parse(line: &[u8]) -> Option<Self> {
        let mut fields = line.split(|&b| b == b' ');
        let number = std::str::from_utf8(fields.nth(2)?).ok()?;
        let (major, minor) = number.split_once(':')?;
        let at = unescape(fields.nth(1)?);
        let mut after = fields.skip_while(|field| *field != b"-").skip(2);
        let source = unescape(after.next()?);
        let read_only = after.next()?.split(|&b| b == b',').any(|option| option == b"ro");
        let device = DeviceNumber(major.parse().ok()?, minor.parse().ok()?);
        (!at.is_empty()).then_some(Self { device, at, source, read_only })
    }
}

/// The kernel writes white space and backslashes as a backslash and three octal digits.
fn unescape(text: &[u8]) -> Vec<u8> {
    let mut out = Vec::with_capacity(text.len());
    let mut rest = text;
    while let Some((&first, after)) = rest.split_first() {
        let digits = after.get(..3).and_then(|digits| std::str::from_utf8(digits).ok());
        match digits.filter(|_| first == b'\\').and_then(|digits| u8::from_str_radix(digits, 8).ok()) {
            Some(byte) => {
                out.push(byte);
                rest = &after[3..];
            }
            None => {
                out.push(first);
                rest = after;
            }
        }
    }
    out
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_mount_is_read_only_if_its_file_system_is() {
        let parse = |line: &str| Mount::parse(line.as_bytes()).unwrap();
        let line = r"36 35 7:1 / /mnt/a\040b ro,noatime master:1 - ext4 /dev/loop1 rw,errors=continue";
        let expected = Mount {
            device: DeviceNumber(7, 1),
            at: b"/mnt/a b".to_vec(),
            source: b"/dev/loop1".to_vec(),
            read_only: false,
        };
        assert_eq!(parse(line), expected);
        assert!(parse("36 35 7:1 / /m rw,noatime - ext4 /dev/loop1 ro").read_only);
        assert!(!parse("36 35 7:1 / /m rw - ext4 /dev/loop1 rw,rootcontext=ro").read_only);
        for broken in
            ["", "36 35 7:1", "36 35 7 / /m rw - ext4 x ro", "36 35 7:1 / /m rw ext4 x ro", "1 2 3:x / / rw - a b c"]
        {
            assert_eq!(Mount::parse(broken.as_bytes()), None, "{broken}");
        }
    }

    #[test]
    fn escapes_are_undone_and_other_backslashes_kept() {
        assert_eq!(unescape(br"a\040b\134\012"), b"a b\\\n");
        assert_eq!(unescape(br"\777\9\04"), br"\777\9\04");
    }
}
