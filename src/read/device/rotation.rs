//! Whether a disk rotates. Virtual disks claim to, too, as long as nobody tells them otherwise.

use std::fs;
use std::path::{Path, PathBuf};

use super::sysfs;
use crate::format::entry::DeviceNumber;

/// Devices stand on devices: a volume on an array on partitions. Deeper than this nothing real is.
const DEPTH_MAX: usize = 8;

/// What virtual disks call themselves, in lower case.
const VIRTUAL_MAKERS: [&str; 9] = ["qemu", "vmware", "vbox", "virtual", "msft", "xen", "google", "amazon", "openstack"];

/// Buses of virtual machines, as directories of sysfs.
const VIRTUAL_BUSES: [&str; 4] = ["virtio", "vbd-", "vmbus", "virtual"];

/// The physical disk that rotates on which a device stands, if there is one. What cannot be known counts as none.
pub fn rotating_disk(number: DeviceNumber) -> Option<DeviceNumber> {
    disk_below(&sysfs::place(number), 0)
}

fn disk_below(place: &Path, depth: usize) -> Option<DeviceNumber> {
    let mut disk = fs::canonicalize(place).ok()?;
    if disk.join("partition").exists() {
        disk.pop();
    }
    if depth == DEPTH_MAX || fs::read_to_string(disk.join("queue/rotational")).ok()?.trim() != "1" {
        return None;
    }
    let parts: Vec<PathBuf> =
        fs::read_dir(disk.join("slaves")).into_iter().flatten().flatten().map(|entry| entry.path()).collect();
    if !parts.is_empty() {
        return parts.iter().find_map(|part| disk_below(part, depth + 1));
    }
    if is_physical(&disk) { sysfs::number_in(&disk) } else { None }
}

fn is_physical(disk: &Path) -> bool {
    let parts = disk.components().filter_map(|part| part.as_os_str().to_str());
    if parts.into_iter().any(|part| VIRTUAL_BUSES.iter().any(|bus| part.to_lowercase().starts_with(bus))) {
        return false;
    }
    if let Some(rate) = rotations_a_minute(disk) {
        return rate >= 0x401;
    }
    let said = ["device/vendor", "device/model"].map(|name| fs::read(disk.join(name)).unwrap_or_default());
    let said = String::from_utf8_lossy(&said.concat()).to_lowercase();
    !said.trim().is_empty() && !VIRTUAL_MAKERS.iter().any(|maker| said.contains(maker))
}

/// SCSI's page 0xb1 of vital product data: the rate at byte 4, in rotations a minute; 1 is a medium that does not rotate.
/// `None` if the disk does not say.
fn rotations_a_minute(disk: &Path) -> Option<u16> {
    let page = fs::read(disk.join("device/vpd_pgb1")).ok()?;
    let rate = u16::from_be_bytes([*page.get(4)?, *page.get(5)?]);
    (rate != 0 && rate != u16::MAX).then_some(rate)
}

#[cfg(test)]
mod tests {
    use super::*;

    /// A disk as sysfs shows it.
    fn disk(root: &Path, place: &str, files: &[(&str, &[u8])]) -> PathBuf {
        let disk = root.join(place);
        for (name, content) in files {
            let path = disk.join(name);
            fs::create_dir_all(path.parent().unwrap()).unwrap();
            fs::write(path, content).unwrap();
        }
        disk
    }

    const ROTATES: (&str, &[u8]) = ("queue/rotational", b"1\n");

    #[test]
    fn only_physical_disks_that_rotate_are_found() {
        let root = tempfile::tempdir().unwrap();
        let found = |place: &str, files: &[(&str, &[u8])]| {
            disk_below(&disk(root.path(), place, &[&[("dev", b"8:0\n".as_slice())], files].concat()), 0).is_some()
        };
        let model = |model: &'static [u8]| ("device/model", model);
        let page = |rate: &'static [u8; 6]| ("device/vpd_pgb1", rate.as_slice());
        let scsi = "pci0000:00/0000:00:17.0/ata1/host0/target0:0:0/0:0:0:0/block";
        assert!(found(&format!("{scsi}/sda"), &[ROTATES, model(b"WDC WD40EFRX-68N\n")]));
        assert!(found(&format!("{scsi}/sdb"), &[ROTATES, model(b"QEMU HARDDISK\n"), page(b"\0\xb1\0\x3c\x1c\x20")]));
        assert!(!found(&format!("{scsi}/sdc"), &[("queue/rotational", b"0\n"), model(b"WDC WDS100T2B0A\n")]));
        assert!(!found(&format!("{scsi}/sdd"), &[ROTATES, model(b"WDC WDS100T2B0A\n"), page(b"\0\xb1\0\x3c\0\x01")]));
        assert!(!found(&format!("{scsi}/sde"), &[ROTATES, model(b"QEMU HARDDISK\n"), page(b"\0\xb1\0\x3c\0\0")]));
        assert!(!found(&format!("{scsi}/sdf"), &[ROTATES, ("device/vendor", b"VMware\n")]));
        assert!(!found(&format!("{scsi}/sdg"), &[ROTATES]));
        assert!(!found("pci0000:00/0000:00:04.0/virtio1/block/vda", &[ROTATES, model(b"x\n")]));
        assert!(!found("virtual/block/loop0", &[ROTATES]));
    }

    #[test]
    fn a_partition_and_what_stands_on_it_are_on_the_disk_below() {
        let root = tempfile::tempdir().unwrap();
        let files = [ROTATES, ("dev", b"8:0\n"), ("device/model", b"ST4000\n"), ("sda1/partition", b"1\n")];
        let sda = disk(root.path(), "ata1/block/sda", &files);
        let volume = disk(root.path(), "virtual/block/dm-0", &[ROTATES, ("dev", b"253:0\n"), ("slaves/none", b"")]);
        fs::remove_file(volume.join("slaves/none")).unwrap();
        std::os::unix::fs::symlink(sda.join("sda1"), volume.join("slaves/sda1")).unwrap();
        assert_eq!(disk_below(&sda.join("sda1"), 0), Some(DeviceNumber(8, 0)));
        assert_eq!(disk_below(&volume, 0), Some(DeviceNumber(8, 0)));
        let own = disk(root.path(), "virtual/block/dm-1", &[ROTATES, ("dev", b"253:1\n"), ("slaves/none", b"")]);
        fs::remove_file(own.join("slaves/none")).unwrap();
        std::os::unix::fs::symlink(&own, own.join("slaves/dm-1")).unwrap();
        assert_eq!(disk_below(&own, 0), None);
    }
}
