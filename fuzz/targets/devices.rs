//! What is read of devices: partition tables, other people's bytes at offsets that they name, and the kernel's list of
//! mounts, which holds other people's names.

use scelle::format::block_device::BlockDevice;
use scelle::format::json::{from_canonical, to_canonical};
use scelle::format::partitions::{Geometry, PartitionTable, TableKind};
use scelle::read::mountinfo::{Mount, unescape};

use super::script::Script;

/// Sectors of the disk that is made.
const SECTORS: usize = 128;

/// A disk made by a script: a kind of table to begin with, changes, and checksums put right or not.
pub fn partition_table(data: &[u8]) {
    let mut script = Script(data);
    let flags = script.byte();
    let sector = if flags & 1 == 0 { 512 } else { 4096 };
    let mut disk = match (flags >> 1) % 3 {
        0 => vec![0; SECTORS * sector],
        1 => gpt(sector),
        _ => chain(sector),
    };
    while !script.is_over() {
        let at = script.below(disk.len());
        let bytes = script.bytes();
        let len = bytes.len().min(disk.len() - at);
        disk[at..at + len].copy_from_slice(&bytes[..len]);
    }
    if flags & 8 == 0 {
        put_checksums_right(&mut disk, sector);
    }
    if flags & 16 == 0 {
        disk[510..512].copy_from_slice(&[0x55, 0xaa]);
    }
    let mut reads = 0;
    let mut read = |offset: u64, len: usize| {
        reads += 1;
        assert!(len <= 8 << 20, "{len} bytes at once");
        let start = usize::try_from(offset).ok()?;
        disk.get(start..start.checked_add(len)?).map(<[u8]>::to_vec)
    };
    let geometry = Geometry { size_bytes: disk.len() as u64, sector_bytes: sector as u64 };
    let table = PartitionTable::read(geometry, &mut read);
    assert!(reads < 1024, "{reads} reads");
    assert_recorded(table);
}

/// What was read can be recorded, and a reader of the record accepts it and finds the same.
fn assert_recorded(table: PartitionTable) {
    assert!(table.kind != TableKind::None || table.partitions.is_empty());
    let device = BlockDevice { partition_table: Some(table), ..BlockDevice::default() };
    let back: BlockDevice = from_canonical(&to_canonical(&device)).expect("a reader accepts it");
    assert!(back == device, "another table came back");
}

fn put(disk: &mut [u8], at: usize, bytes: &[u8]) {
    disk[at..at + bytes.len()].copy_from_slice(bytes);
}

/// An entry of a boot sector.
fn put_slot(disk: &mut [u8], at: usize, slot: usize, kind: u8, start: u32, count: u32) {
    let entry = at + 446 + slot * 16;
    disk[entry + 4] = kind;
    put(disk, entry + 8, &start.to_le_bytes());
    put(disk, entry + 12, &count.to_le_bytes());
    put(disk, at + 510, &[0x55, 0xaa]);
}

/// An extended partition whose chain has two links.
fn chain(sector: usize) -> Vec<u8> {
    let mut disk = vec![0; SECTORS * sector];
    put_slot(&mut disk, 0, 0, 0x83, 1, 9);
    put_slot(&mut disk, 0, 1, 0x05, 10, 90);
    put_slot(&mut disk, 10 * sector, 0, 0x83, 1, 5);
    put_slot(&mut disk, 10 * sector, 1, 0x05, 20, 30);
    put_slot(&mut disk, 30 * sector, 0, 0x07, 2, 5);
    disk
}

/// A GPT with its copy, of four entries.
fn gpt(sector: usize) -> Vec<u8> {
    let mut disk = vec![0; SECTORS * sector];
    put_slot(&mut disk, 0, 0, 0xee, 1, SECTORS as u32 - 1);
    let last = SECTORS - 1;
    for (lba, other, array) in [(1, last, 2), (last, 1, last - 1)] {
        let at = lba * sector;
        put(&mut disk, at, b"EFI PART\0\0\x01\0\x5c\0\0\0");
        for (offset, value) in [(24, lba), (32, other), (40, 3), (48, last - 2), (72, array)] {
            put(&mut disk, at + offset, &(value as u64).to_le_bytes());
        }
        put(&mut disk, at + 80, &[4, 0, 0, 0, 128, 0, 0, 0]);
        for entry in 0..3usize {
            let at = array * sector + entry * 128;
            put(&mut disk, at, &[entry as u8 + 1; 32]);
            put(&mut disk, at + 32, &(10 + 10 * entry as u64).to_le_bytes());
            put(&mut disk, at + 40, &(19 + 10 * entry as u64).to_le_bytes());
            put(&mut disk, at + 56, b"d\0a\0t\0a\0");
        }
    }
    disk
}

/// Without this no change of a GPT would get past its CRC-32.
fn put_checksums_right(disk: &mut [u8], sector: usize) {
    for at in [sector, disk.len() - sector] {
        let number = |disk: &[u8], from: usize, len: usize| {
            let bytes = &disk[at + from..at + from + len];
            bytes.iter().rev().fold(0usize, |n, &b| (n << 8) | usize::from(b))
        };
        let (lba, count, len) = (number(disk, 72, 8), number(disk, 80, 4), number(disk, 84, 4));
        let start = lba.saturating_mul(sector);
        let end = count.checked_mul(len).and_then(|len| start.checked_add(len)).unwrap_or(usize::MAX);
        if let Some(array) = disk.get(start..end) {
            let crc = crc32fast::hash(array);
            put(disk, at + 88, &crc.to_le_bytes());
        }
        put(disk, at + 16, &[0; 4]);
        let len = number(disk, 12, 4).min(sector);
        let crc = crc32fast::hash(&disk[at..at + len]);
        put(disk, at + 16, &crc.to_le_bytes());
    }
}

pub fn partition_table_seeds(_: &[Vec<u8>]) -> Vec<Vec<u8>> {
    let patch = |flags: u8, at: [u8; 3], bytes: &[u8]| [&[flags][..], &at, &[bytes.len() as u8], bytes].concat();
    let mut seeds: Vec<Vec<u8>> = (0u8..32).filter(|flags| (flags >> 1) % 4 < 3).map(|flags| vec![flags]).collect();
    // The second entry of the boot sector, the array's place and number of entries, a name, a link of the chain.
    seeds.push(patch(2, [0xce, 1, 0], &[0, 0, 0, 0, 0x83, 0, 0, 0, 1, 0, 0, 0, 9, 0, 0, 0]));
    seeds.push(patch(2, [0x48, 2, 0], &[3, 0, 0, 0, 0, 0, 0, 0, 255, 0, 0, 0, 0, 1, 0, 0]));
    seeds.push(patch(2, [0x38, 4, 0], &[0x00, 0xd8, 0x41, 0x00, 0x00, 0xdc]));
    seeds.push(patch(4, [0xce, 0x3d, 0], &[0, 0, 0, 0, 5, 0, 0, 0, 20, 0, 0, 0, 30, 0, 0, 0]));
    seeds
}

/// A line of the kernel's list of mounts.
pub fn mountinfo(data: &[u8]) {
    let plain = unescape(data);
    assert!(plain.len() <= data.len() && data.len() <= 4 * plain.len().max(1), "more, or less, than there was");
    assert!(data.contains(&b'\\') || plain == data, "changed without an escape");
    let escaped: String = data.iter().map(|byte| format!("\\{byte:03o}")).collect();
    assert!(unescape(escaped.as_bytes()) == data, "the kernel's escapes do not come back");
    let Some(mount) = Mount::parse(data) else { return };
    assert!(!mount.at.is_empty());
    // What stands for itself in a line leads back to the same mount.
    let quote = |bytes: &[u8]| bytes.iter().map(|byte| format!("\\{byte:03o}")).collect::<String>();
    let (at, source) = (quote(&mount.at), quote(&mount.source));
    let flag = if mount.read_only { "ro" } else { "rw" };
    let line = format!("1 2 {}:{} / {at} rw shared:1 - x {source} {flag}", mount.device.0, mount.device.1);
    assert_eq!(Mount::parse(line.as_bytes()), Some(mount), "another mount came back");
}

pub fn mountinfo_seeds(_: &[Vec<u8>]) -> Vec<Vec<u8>> {
    let lines = [
        r"36 35 7:1 / /mnt/a\040b ro,noatime master:1 - ext4 /dev/loop1 rw,errors=continue",
        "36 35 0:45 /@ / rw - btrfs /dev/sda2 ro,space_cache",
        r"1 2 8:1 / /media/\134\012x rw shared:1 master:2 propagate_from:3 - vfat /dev/sdb1 rw",
        "1 2 3:x / / rw - a b c",
    ];
    lines.map(|line| line.replace("\\\\", "\\").into_bytes()).into()
}
