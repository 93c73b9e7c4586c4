//! What sysfs tells of a block device.

use std::fs;
use std::path::{Path, PathBuf};

use crate::format::block_device::BlockDevice;
use crate::format::case::Text;
use crate::format::entry::DeviceNumber;
use crate::format::json::ByteCount;

/// Where the kernel shows a block device.
pub(super) fn place(number: DeviceNumber) -> PathBuf {
    PathBuf::from(format!("/sys/dev/block/{}:{}", number.0, number.1))
}

/// The kernel's name: `sda`, `nvme0n1p2`, `dm-0`; the number if that is not known.
pub(super) fn kernel_name(number: DeviceNumber) -> Option<Text> {
    let place = fs::canonicalize(place(number)).ok();
    let name = place.as_deref().and_then(Path::file_name).and_then(|name| Text::new(name.to_str()?).ok());
    name.or_else(|| Text::new(format!("{}:{}", number.0, number.1)).ok())
}

/// What is known without opening the device.
pub(super) fn facts(number: DeviceNumber) -> BlockDevice {
    let own = place(number);
    // A partition has no model of its own: the disk above it has.
    let disk = if own.join("partition").exists() { own.join("..") } else { own.clone() };
    let first = |names: &[&str]| names.iter().find_map(|name| text(&disk.join(name)));
    let flag = |at: &Path| fs::read_to_string(at.join("ro")).ok().map(|text| text.trim() == "1");
    let blocks: Option<u64> = fs::read_to_string(own.join("size")).ok().and_then(|text| text.trim().parse().ok());
    let read_only = match (flag(&own), flag(&disk)) {
        (Some(own), disk) => Some(own || disk == Some(true)),
        (None, _) => None,
    };
    BlockDevice {
        backing_file: backing_file(&disk),
        model: first(&["device/model", "device/name"]),
        read_only,
        serial: first(&["device/serial", "serial"]).or_else(|| serial_page(&disk)),
        // In units of 512 bytes, whatever its sectors.
        size_bytes: blocks.and_then(|blocks| blocks.checked_mul(512)).and_then(ByteCount::new),
        vendor: vendor(&disk),
        wwid: first(&["wwid", "device/wwid"]),
        ..BlockDevice::default()
    }
}

/// Whether other devices stand on it or on a part of it.
pub(super) fn has_holders(number: DeviceNumber) -> bool {
    parts(number).into_iter().chain([number]).any(|part| !holders(part).is_empty())
}

/// The devices that stand on a device: of a volume group, of an array.
pub(super) fn holders(number: DeviceNumber) -> Vec<DeviceNumber> {
    let entries = fs::read_dir(place(number).join("holders")).into_iter().flatten().flatten();
    entries.filter_map(|entry| number_in(&entry.path())).collect()
}

/// Its partitions, as the kernel knows them.
pub(super) fn parts(number: DeviceNumber) -> Vec<DeviceNumber> {
    // The trailing slash leads through the link.
    let entries = fs::read_dir(place(number).join("")).into_iter().flatten().flatten();
    let parts = entries.map(|entry| entry.path()).filter(|path| path.join("partition").exists());
    parts.filter_map(|path| number_in(&path)).collect()
}

pub(super) fn number_in(dir: &Path) -> Option<DeviceNumber> {
    let text = fs::read_to_string(dir.join("dev")).ok()?;
    let (major, minor) = text.trim().split_once(':')?;
    Some(DeviceNumber(major.parse().ok()?, minor.parse().ok()?))
}

/// What a file of sysfs says, without the padding that drives put around their names.
fn text(path: &Path) -> Option<Text> {
    clean(&fs::read(path).ok()?)
}

fn clean(bytes: &[u8]) -> Option<Text> {
    let text = String::from_utf8_lossy(bytes);
    Text::new(text.trim_matches(|c: char| c == '\0' || c.is_whitespace())).ok()
}

/// A PCI or virtio device has a number there, which names no maker.
fn vendor(disk: &Path) -> Option<Text> {
    text(&disk.join("device/vendor")).filter(|vendor| !vendor.as_str().starts_with("0x"))
}

/// SCSI's page 0x80 of vital product data: four bytes of header, then the serial number.
fn serial_page(disk: &Path) -> Option<Text> {
    clean(fs::read(disk.join("device/vpd_pg80")).ok()?.get(4..)?)
}

fn backing_file(disk: &Path) -> Option<Vec<u8>> {
    let mut path = fs::read(disk.join("loop/backing_file")).ok()?;
    path.pop_if(|last| *last == b'\n');
    (!path.is_empty()).then_some(path)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_lose_their_padding_and_nothing_else() {
        let found = |bytes: &[u8]| clean(bytes).map(String::from);
        assert_eq!(found(b"  WDC WD10EZEX-08W \n").as_deref(), Some("WDC WD10EZEX-08W"));
        assert_eq!(found(b"S3R\xff1\0\0").as_deref(), Some("S3R\u{fffd}1"));
        assert_eq!(found(b"   \n"), None);
    }
}
