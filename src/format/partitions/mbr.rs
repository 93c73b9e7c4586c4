//! The table of four in a boot sector, and the chain of logical partitions that one of the four may hold.

use std::collections::HashSet;

use super::{Found, Geometry, PartitionType, ReadAt, Sectors, TableKind, array, u32_at};
use crate::limits::PARTITION_COUNT_MAX;

/// Bytes that are read of a boot sector, whatever the sector's length.
const BOOT_LEN: usize = 512;
/// Where the four entries stand.
const ENTRIES_AT: usize = 446;
const ENTRY_LEN: usize = 16;
const SIGNATURE_AT: usize = 510;
const DISK_ID_AT: usize = 440;
/// Type of an entry that only keeps older systems away from a GPT.
const PROTECTIVE: u8 = 0xee;

/// One of the four entries.
#[derive(Clone, Copy)]
struct Slot {
    status: u8,
    kind: u8,
    start: u32,
    count: u32,
}

impl Slot {
    fn is_empty(self) -> bool {
        self.kind == 0 || self.count == 0
    }

    fn is_extended(self) -> bool {
        matches!(self.kind, 0x05 | 0x0f | 0x85)
    }
}

/// A sector with the boot signature that holds four entries.
pub(super) struct BootSector {
    disk_id: u32,
    slots: [Slot; 4],
}

impl BootSector {
    /// That at offset 0, if it holds a table: a file system's boot sector looks much like one.
    pub(super) fn read(read: &mut ReadAt<'_>) -> Option<Self> {
        let bytes = read(0, BOOT_LEN)?;
        if is_file_system(&bytes) { None } else { Self::parse(&bytes) }
    }

    fn parse(bytes: &[u8]) -> Option<Self> {
        let slot = |n: usize| {
            let entry: [u8; ENTRY_LEN] = array(bytes, ENTRIES_AT + n * ENTRY_LEN)?;
            Some(Slot { status: entry[0], kind: entry[4], start: u32_at(&entry, 8)?, count: u32_at(&entry, 12)? })
        };
        let slots = [slot(0)?, slot(1)?, slot(2)?, slot(3)?];
        let is_table = array(bytes, SIGNATURE_AT)? == [0x55, 0xaa] && slots.iter().all(|slot| slot.status & 0x7f == 0);
        let disk_id = u32_at(bytes, DISK_ID_AT)?;
        is_table.then_some(Self { disk_id, slots })
    }

    pub(super) fn is_protective(&self) -> bool {
        self.slots.iter().any(|slot| slot.kind == PROTECTIVE)
    }

    pub(super) fn is_hybrid(&self) -> bool {
        self.slots.iter().any(|slot| slot.kind != PROTECTIVE && !slot.is_empty())
    }
}

/// Whether a sector begins a FAT, exFAT or NTFS file system on a device without a table.
fn is_file_system(bytes: &[u8]) -> bool {
    let says = |at: usize, text: &[u8]| bytes.get(at..).is_some_and(|rest| rest.starts_with(text));
    says(3, b"NTFS    ") || says(3, b"EXFAT   ") || says(54, b"FAT1") || says(82, b"FAT32")
}

/// The partitions of a table, with those of its chains.
pub(super) fn read(boot: &BootSector, geometry: Geometry, read: &mut ReadAt<'_>) -> Found {
    let mut found = Found::new(TableKind::Mbr);
    found.id = Some(format!("{:08x}", boot.disk_id));
    let sector_bytes = geometry.sector_bytes;
    let numbered = || (1u32..).zip(boot.slots).filter(|(_, slot)| !slot.is_empty());
    for (number, slot) in numbered() {
        let sectors = Sectors { start: slot.start.into(), count: slot.count.into(), sector_bytes };
        found.add(number, PartitionType::Mbr(slot.kind), sectors, None);
    }
    let mut number = 5;
    for (_, slot) in numbered().filter(|(_, slot)| slot.is_extended()) {
        let extended = Sectors { start: slot.start.into(), count: slot.count.into(), sector_bytes };
        if let Err(problem) = chain(extended, &mut number, &mut found, read) {
            found.problem(problem);
        }
    }
    found
}

/// Follows the chain of one extended partition: each link lies in it, and none is met twice.
fn chain(extended: Sectors, number: &mut u32, found: &mut Found, read: &mut ReadAt<'_>) -> Result<(), String> {
    let sector_bytes = extended.sector_bytes;
    let (mut link, mut met) = (0u64, HashSet::new());
    loop {
        let wrong = |what: &str| format!("the chain of logical partitions {what} after {} links", met.len());
        if link >= extended.count {
            return Err(wrong("leaves its extended partition"));
        }
        if met.len() >= PARTITION_COUNT_MAX {
            return Err(wrong("does not end"));
        }
        if met.contains(&link) {
            return Err(wrong("comes back to itself"));
        }
        let start = extended.start.checked_add(link).ok_or_else(|| wrong("lies past any device"))?;
        let offset = start.checked_mul(sector_bytes).ok_or_else(|| wrong("lies past any device"))?;
        let boot = read(offset, BOOT_LEN).and_then(|bytes| BootSector::parse(&bytes));
        let slots = boot.ok_or_else(|| wrong("breaks off"))?.slots;
        met.insert(link);
        for slot in slots.into_iter().filter(|slot| !slot.is_empty() && !slot.is_extended()) {
            let Some(first) = start.checked_add(slot.start.into()) else { continue };
            let sectors = Sectors { start: first, count: slot.count.into(), sector_bytes };
            if !found.add(*number, PartitionType::Mbr(slot.kind), sectors, None) {
                return Ok(());
            }
            *number = number.saturating_add(1);
        }
        match slots.into_iter().find(|slot| !slot.is_empty() && slot.is_extended()) {
            Some(next) => link = next.start.into(),
            None => return Ok(()),
        }
    }
}
