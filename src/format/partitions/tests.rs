use proptest::prelude::*;

use super::*;

const SECTOR: u64 = 512;

/// Reads from bytes; counts the reads, which must stay few whatever the bytes are.
fn table_of(disk: &[u8]) -> (PartitionTable, usize) {
    let mut reads = 0;
    let mut read = |offset: u64, len: usize| {
        reads += 1;
        let start = usize::try_from(offset).ok()?;
        disk.get(start..start.checked_add(len)?).map(<[u8]>::to_vec)
    };
    let geometry = Geometry { size_bytes: disk.len() as u64, sector_bytes: SECTOR };
    let table = PartitionTable::read(geometry, &mut read);
    (table, reads)
}

fn problem(table: &PartitionTable) -> &str {
    table.problem.as_ref().map_or("", Text::as_str)
}

/// Puts an entry into slot `n` of the boot sector at `sector`.
fn put_slot(disk: &mut [u8], sector: usize, n: usize, kind: u8, start: u32, count: u32) {
    let boot = &mut disk[sector * 512..][..512];
    boot[510..].copy_from_slice(&[0x55, 0xaa]);
    let entry = &mut boot[446 + n * 16..][..16];
    entry[4] = kind;
    entry[8..12].copy_from_slice(&start.to_le_bytes());
    entry[12..].copy_from_slice(&count.to_le_bytes());
}

/// An extended partition of sectors 10 to 99, whose first link is at its start.
fn with_chain() -> Vec<u8> {
    let mut disk = vec![0; 100 * 512];
    put_slot(&mut disk, 0, 0, 0x83, 1, 9);
    put_slot(&mut disk, 0, 1, 0x05, 10, 90);
    put_slot(&mut disk, 10, 0, 0x83, 1, 5);
    put_slot(&mut disk, 10, 1, 0x05, 20, 30);
    put_slot(&mut disk, 30, 0, 0x07, 2, 5);
    disk
}

fn summary(table: &PartitionTable) -> Vec<(u32, u64, u64, String)> {
    let one = |p: &Partition| {
        (p.number, p.start_bytes.get() / SECTOR, p.length_bytes.get() / SECTOR, p.partition_type.to_string())
    };
    table.partitions.iter().map(one).collect()
}

#[test]
fn logical_partitions_are_found_along_the_chain() {
    let (table, _) = table_of(&with_chain());
    let expected = [(1, 1, 9, "83"), (2, 10, 90, "05"), (5, 11, 5, "83"), (6, 32, 5, "07")];
    assert_eq!(summary(&table), expected.map(|(n, start, count, kind)| (n, start, count, kind.to_owned())));
    assert_eq!((table.kind, problem(&table)), (TableKind::Mbr, ""));
}

#[test]
fn a_chain_that_comes_back_to_itself_ends_and_is_told() {
    let mut disk = with_chain();
    put_slot(&mut disk, 30, 1, 0x05, 20, 30);
    let (table, reads) = table_of(&disk);
    assert!(problem(&table).contains("comes back to itself"), "{}", problem(&table));
    assert!(table.partitions.len() == 4 && reads < 20, "{reads} reads");
    put_slot(&mut disk, 30, 1, 0x05, 0, 30);
    assert!(problem(&table_of(&disk).0).contains("comes back to itself"));
}

#[test]
fn a_chain_that_leaves_or_breaks_off_keeps_what_came_before() {
    for (start, says) in [(90, "leaves"), (u32::MAX, "leaves"), (50, "breaks off")] {
        let mut disk = with_chain();
        put_slot(&mut disk, 30, 1, 0x05, start, 30);
        let (table, _) = table_of(&disk);
        assert!(problem(&table).contains(says), "{start}: {}", problem(&table));
        assert_eq!(table.partitions.len(), 4);
    }
}

#[test]
fn a_chain_longer_than_may_be_listed_ends_at_the_limit() {
    let links = 2 * PARTITION_COUNT_MAX;
    let mut disk = vec![0; (links + 20) * 512];
    put_slot(&mut disk, 0, 0, 0x0f, 10, u32::try_from(links + 10).unwrap());
    for link in 0..links {
        put_slot(&mut disk, 10 + link, 0, 0x83, 0, 1);
        put_slot(&mut disk, 10 + link, 1, 0x05, u32::try_from(link).unwrap() + 1, 1);
    }
    let (table, reads) = table_of(&disk);
    assert_eq!(table.partitions.len(), PARTITION_COUNT_MAX);
    assert!(problem(&table).contains("more than") && reads < links, "{} after {reads} reads", problem(&table));
    assert_eq!(table.check(), Ok(()));
}

#[test]
fn a_partition_past_the_device_is_recorded_as_the_table_says_and_told() {
    let mut disk = vec![0; 20 * 512];
    put_slot(&mut disk, 0, 3, 0x83, 10, u32::MAX);
    let (table, _) = table_of(&disk);
    assert_eq!(summary(&table), [(4, 10, u64::from(u32::MAX), "83".to_owned())]);
    assert_eq!(problem(&table), "partition 4 ends past the device");
}

#[test]
fn what_has_no_table_says_so() {
    assert_eq!(table_of(&[]).0.kind, TableKind::None);
    assert_eq!(table_of(&[0; 100]).0.kind, TableKind::None);
    assert_eq!(table_of(&[0; 8192]).0.kind, TableKind::None);
    let mut fat = vec![0; 8192];
    fat[54..62].copy_from_slice(b"FAT16   ");
    fat[510..512].copy_from_slice(&[0x55, 0xaa]);
    assert_eq!(table_of(&fat).0.kind, TableKind::None);
    let mut code = vec![0x41; 8192];
    code[510..512].copy_from_slice(&[0x55, 0xaa]);
    assert_eq!(table_of(&code).0.kind, TableKind::None, "text where the entries would be");
}

/// A GPT of 128 entries on 100 sectors, with these entries: type byte, first, last, name.
fn gpt(entries: &[(u8, u64, u64, &str)]) -> Vec<u8> {
    let mut disk = vec![0; 100 * 512];
    put_slot(&mut disk, 0, 0, 0xee, 1, 99);
    let mut array = vec![0; 128 * 128];
    for (entry, (kind, first, last, name)) in array.chunks_exact_mut(128).zip(entries) {
        entry[..16].fill(*kind);
        entry[32..40].copy_from_slice(&first.to_le_bytes());
        entry[40..48].copy_from_slice(&last.to_le_bytes());
        for (unit, value) in entry[56..].chunks_exact_mut(2).zip(name.encode_utf16()) {
            unit.copy_from_slice(&value.to_le_bytes());
        }
    }
    for (lba, array_lba) in [(1u64, 2u64), (99, 67)] {
        let at = usize::try_from(array_lba).unwrap() * 512;
        disk[at..at + array.len()].copy_from_slice(&array);
        put_header(&mut disk, lba, array_lba, 128, 128);
    }
    disk
}

fn put_header(disk: &mut [u8], lba: u64, array_lba: u64, count: u32, entry_len: u32) {
    let array_at = usize::try_from(array_lba).unwrap() * 512;
    let len = usize::try_from(u64::from(count) * u64::from(entry_len)).unwrap();
    let array_crc = disk.get(array_at..).and_then(|rest| rest.get(..len)).map_or(0, crc32fast::hash);
    let mut header = vec![0; 92];
    header[..8].copy_from_slice(b"EFI PART");
    header[12..16].copy_from_slice(&92u32.to_le_bytes());
    header[24..32].copy_from_slice(&lba.to_le_bytes());
    header[56..72].copy_from_slice(&(0..16).collect::<Vec<u8>>());
    header[72..80].copy_from_slice(&array_lba.to_le_bytes());
    header[80..84].copy_from_slice(&count.to_le_bytes());
    header[84..88].copy_from_slice(&entry_len.to_le_bytes());
    header[88..92].copy_from_slice(&array_crc.to_le_bytes());
    let crc = crc32fast::hash(&header);
    header[16..20].copy_from_slice(&crc.to_le_bytes());
    let at = usize::try_from(lba).unwrap() * 512;
    disk[at..at + 92].copy_from_slice(&header);
}

#[test]
fn a_gpt_is_read_from_its_copy_if_the_first_is_damaged() {
    let sound = gpt(&[(1, 34, 40, "Dữ liệu"), (0, 0, 0, ""), (2, 41, 60, "")]);
    let (table, _) = table_of(&sound);
    assert_eq!((table.kind, problem(&table)), (TableKind::Gpt, ""));
    let id = table.id.as_ref().map(Text::as_str);
    assert_eq!(id, Some("03020100-0504-0706-0809-0a0b0c0d0e0f"));
    let names: Vec<_> = table.partitions.iter().map(|p| p.name.as_ref().map(Text::as_str)).collect();
    assert_eq!(names, [Some("Dữ liệu"), None]);
    for damaged in [512, 1024] {
        let mut disk = sound.clone();
        disk[damaged + 40] ^= 1;
        let (copy, _) = table_of(&disk);
        assert_eq!(copy.partitions, table.partitions);
        assert!(problem(&copy).contains("read from the copy"), "{}", problem(&copy));
    }
    let mut disk = sound;
    disk[99 * 512] ^= 1;
    assert!(problem(&table_of(&disk).0).contains("no sound copy"));
    disk[512] ^= 1;
    let (lost, _) = table_of(&disk);
    assert_eq!((lost.kind, lost.partitions.len()), (TableKind::Gpt, 0));
    assert!(problem(&lost).contains("no sound header"));
}

#[test]
fn a_gpt_and_an_mbr_that_do_not_fit_each_other_are_told() {
    let mut hybrid = gpt(&[(1, 34, 40, "")]);
    put_slot(&mut hybrid, 0, 1, 0x83, 34, 7);
    assert!(problem(&table_of(&hybrid).0).contains("further partitions"));
    let mut replaced = gpt(&[(1, 34, 40, "")]);
    put_slot(&mut replaced, 0, 0, 0x83, 34, 7);
    let (table, _) = table_of(&replaced);
    assert_eq!((table.kind, table.partitions.len()), (TableKind::Mbr, 1));
    assert!(problem(&table).contains("without a protective MBR"));
    let mut alone = gpt(&[(1, 34, 40, "")]);
    alone[..512].fill(0);
    let (table, _) = table_of(&alone);
    assert_eq!((table.kind, problem(&table)), (TableKind::Gpt, "no protective MBR"));
}

#[test]
fn headers_that_claim_too_much_are_not_believed() {
    for (count, entry_len) in [(u32::MAX, u32::MAX), (8193, 128), (1 << 24, 128), (128, 0), (128, 64), (128, 130)] {
        let mut disk = gpt(&[(1, 34, 40, "")]);
        for lba in [1, 99] {
            if u64::from(count) * u64::from(entry_len) < 1 << 30 {
                put_header(&mut disk, lba, 2, count, entry_len);
            } else {
                disk[usize::try_from(lba).unwrap() * 512 + 80] ^= 0xff;
            }
        }
        let (table, _) = table_of(&disk);
        assert!(table.partitions.is_empty() && problem(&table).contains("no sound header"), "{count} {entry_len}");
    }
    let (table, _) =
        table_of(&gpt(&[(1, u64::MAX, u64::MAX, ""), (2, 40, 40, ""), (3, 0, u64::MAX, ""), (4, 50, 40, "")]));
    assert_eq!(table.partitions.iter().map(|p| p.number).collect::<Vec<_>>(), [2]);
    for says in ["partition 1 lies past any device", "partition 4 ends before it begins"] {
        assert!(problem(&table).contains(says), "{}", problem(&table));
    }
}

#[test]
fn types_have_one_spelling() {
    let parse = |text: &str| serde_json::from_str::<PartitionType>(&format!("{text:?}")).ok();
    assert_eq!(parse("83"), Some(PartitionType::Mbr(0x83)));
    let linux = "0fc63daf-8483-4772-8e79-3d69d8477de4";
    assert_eq!(parse(linux).map(|kind| kind.to_string()).as_deref(), Some(linux));
    for wrong in ["", "8", "0x83", "AB", "0FC63DAF-8483-4772-8E79-3D69D8477DE4", &linux.replace('-', ""), "0f-c63daf"] {
        assert_eq!(parse(wrong), None, "{wrong}");
    }
}

#[test]
fn an_id_fits_its_table() {
    let guid = "0fc63daf-8483-4772-8e79-3d69d8477de4";
    let fits = |kind: &str, id: &str| {
        let table = format!(r#"{{"id":"{id}","kind":"{kind}","partitions":[]}}"#);
        serde_json::from_str::<PartitionTable>(&table).unwrap().check().is_ok()
    };
    assert!(fits("gpt", guid) && fits("mbr", "0000002a"));
    for (kind, id) in [
        ("gpt", "0000002a"),
        ("gpt", &guid.to_uppercase()),
        ("mbr", guid),
        ("mbr", "000002a"),
        ("mbr", "0000002A"),
        ("none", guid),
    ] {
        assert!(!fits(kind, id), "{kind} {id}");
    }
}

proptest! {
    #[test]
    fn any_bytes_give_a_table_that_a_reader_accepts(
        base in 0usize..3,
        changes in prop::collection::vec((prop_oneof![0usize..1100, 5000usize..16_000, 50_600usize..51_200], any::<u8>()), 0..40),
    ) {
        let mut disk = match base {
            0 => with_chain(),
            1 => gpt(&[(1, 34, 40, "a"), (2, 41, 60, "b")]),
            _ => vec![0; 100 * 512],
        };
        for (at, byte) in changes {
            disk[at] = byte;
        }
        disk[510..512].copy_from_slice(&[0x55, 0xaa]);
        let (table, reads) = table_of(&disk);
        prop_assert_eq!(table.check(), Ok(()));
        prop_assert!(reads < 5 * PARTITION_COUNT_MAX);
        let bytes = json::to_canonical(&table);
        prop_assert_eq!(json::from_canonical::<PartitionTable>(&bytes).unwrap(), table);
    }
}
