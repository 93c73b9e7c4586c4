//! The GUID Partition Table: a header at the second sector, its copy at the last, an array of entries for each, all
//! with checksums (UEFI 2.10, section 5.3).

use super::{Found, Geometry, Guid, PartitionType, ReadAt, Sectors, TableKind, array, u32_at, u64_at};
use crate::format::case::Text;

const SIGNATURE: &[u8; 8] = b"EFI PART";
/// Length of the header's fields.
const HEADER_LEN_MIN: usize = 92;
/// Least length of an entry.
const ENTRY_LEN_MIN: usize = 128;
/// Longest array of entries that is read: 8,192 entries of the usual length.
const ENTRIES_LEN_MAX: usize = 1 << 20;
/// Where the checksum stands in the header; zeros while it is computed.
const HEADER_CRC_AT: usize = 16;

/// A table as one of the two headers gives it; none if there is no sound header with a sound array.
pub(super) fn read(geometry: Geometry, read: &mut ReadAt<'_>) -> Option<Found> {
    let mut sector_lens = vec![geometry.sector_bytes];
    // A disk imaged through an adapter may show other sectors than those its table was written for.
    sector_lens.extend([512, 4096].into_iter().filter(|&len| len != geometry.sector_bytes));
    for sector_bytes in sector_lens {
        let last = (geometry.size_bytes / sector_bytes).checked_sub(1)?;
        let at_sector = Geometry { sector_bytes, ..geometry };
        let mut found = match (table(1, at_sector, read), last) {
            (Some(found), _) => {
                if table(last, at_sector, read).is_some() {
                    found
                } else {
                    with_problem(found, "no sound copy in the last sector")
                }
            }
            (None, last) => match table(last, at_sector, read) {
                Some(found) => with_problem(found, "the first header or its entries are damaged; read from the copy"),
                None => continue,
            },
        };
        if sector_bytes != geometry.sector_bytes {
            found.problem(format!("written for sectors of {sector_bytes} bytes"));
        }
        return Some(found);
    }
    None
}

fn with_problem(mut found: Found, problem: &str) -> Found {
    found.problem(problem);
    found
}

/// The table of the header at a sector, if all checksums hold.
fn table(lba: u64, geometry: Geometry, read: &mut ReadAt<'_>) -> Option<Found> {
    let sector_bytes = geometry.sector_bytes;
    let header = read(lba.checked_mul(sector_bytes)?, usize::try_from(sector_bytes).ok()?)?;
    let header_len = usize::try_from(u32_at(&header, 12)?).ok().filter(|&len| len >= HEADER_LEN_MIN)?;
    let mut fields = header.get(..header_len)?.to_vec();
    fields.get_mut(HEADER_CRC_AT..HEADER_CRC_AT + 4)?.fill(0);
    let is_sound = header.starts_with(SIGNATURE)
        && crc32fast::hash(&fields) == u32_at(&header, HEADER_CRC_AT)?
        && u64_at(&header, 24)? == lba;
    if !is_sound {
        return None;
    }
    let entry_count = usize::try_from(u32_at(&header, 80)?).ok()?;
    let entry_len = usize::try_from(u32_at(&header, 84)?).ok()?;
    let entries_len = entry_count.checked_mul(entry_len).filter(|&len| len <= ENTRIES_LEN_MAX)?;
    if entry_len < ENTRY_LEN_MIN || !entry_len.is_multiple_of(8) {
        return None;
    }
    let entries = match entries_len {
        0 => Vec::new(),
        len => read(u64_at(&header, 72)?.checked_mul(sector_bytes)?, len)?,
    };
    if crc32fast::hash(&entries) != u32_at(&header, 88)? {
        return None;
    }
    let mut found = Found::new(TableKind::Gpt);
    found.id = Some(Guid(array(&header, 56)?).to_string());
    for (number, entry) in (1u32..).zip(entries.chunks_exact(entry_len)) {
        let kind: [u8; 16] = array(entry, 0)?;
        if kind == [0; 16] {
            continue;
        }
        let (first, last) = (u64_at(entry, 32)?, u64_at(entry, 40)?);
        // The largest count of all lies past any device anyway.
        let Some(count) = last.checked_sub(first).map(|count| count.saturating_add(1)) else {
            found.problem(format!("partition {number} ends before it begins"));
            continue;
        };
        let sectors = Sectors { start: first, count, sector_bytes };
        if !found.add(number, PartitionType::Gpt(kind), sectors, name(entry)) {
            break;
        }
    }
    Some(found)
}

/// The name: UTF-16 up to a zero.
fn name(entry: &[u8]) -> Option<Text> {
    let units = entry.get(56..ENTRY_LEN_MIN)?.chunks_exact(2).map(|unit| u16::from_le_bytes([unit[0], unit[1]]));
    let units: Vec<u16> = units.take_while(|&unit| unit != 0).collect();
    Text::new(String::from_utf16(&units).ok()?).ok()
}
