//! The ZIP64 wrapper of the file form, byte for byte (SPEC.md section 13).

use crate::limits::{GROWN_COUNT_MAX, MEMBER_NAME_LEN_MAX, SEGMENT_COUNT_MAX};

/// Bytes of a local header without its extra field.
pub const LOCAL_LEN: usize = 30;
/// Bytes of a central header without name and extra field.
pub const CENTRAL_LEN: usize = 46;
/// Bytes of the three records at the end.
pub const END_LEN: usize = 56 + 20 + 22;

/// Where the CRC-32 stands in a local header.
const LOCAL_CRC_AT: usize = 14;
/// Where it stands in a central one.
const CENTRAL_CRC_AT: usize = 16;
const LOCAL_SIGNATURE: u32 = 0x0403_4b50;
const CENTRAL_SIGNATURE: u32 = 0x0201_4b50;
const END64_SIGNATURE: u32 = 0x0606_4b50;
const LOCATOR_SIGNATURE: u32 = 0x0706_4b50;
const END_SIGNATURE: u32 = 0x0605_4b50;
/// Version 4.5 (ZIP64), made by Unix.
const MADE_BY: u16 = 0x032d;
const VERSION: u16 = 45;
/// 1980-01-01.
const DATE: u16 = 33;
/// A regular file of mode 0644.
const EXTERNAL_ATTRIBUTES: u32 = 0o100_644 << 16;
/// First number that a 32-bit field does not hold; all ones say "see the ZIP64 field".
const ZIP64_FROM: u64 = u32::MAX as u64;

/// One member as the wrapper describes it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Record {
    /// Name as it stands in the ZIP.
    pub name: String,
    /// CRC-32 of the bytes.
    pub crc: u32,
    /// Length in bytes, stored and plain.
    pub len: u64,
    /// Offset of its local header in the file, in bytes.
    pub offset: u64,
}

impl Record {
    /// Offset of its first byte of content.
    pub fn content_offset(&self) -> u64 {
        // A hostile directory may name lengths that end past any file; those are refused where they are compared.
        self.offset.saturating_add(local_header(&self.name, self.crc, self.len).len() as u64)
    }

    /// Offset of the byte after it.
    pub fn end_offset(&self) -> Option<u64> {
        self.content_offset().checked_add(self.len)
    }
}

/// Local header, name and extra field of a member.
pub fn local_header(name: &str, crc: u32, len: u64) -> Vec<u8> {
    let zip64 = len >= ZIP64_FROM;
    let mut out = Vec::with_capacity(LOCAL_LEN + name.len() + 20);
    put32(&mut out, LOCAL_SIGNATURE);
    put_version_to_sizes(&mut out, crc, len);
    put16(&mut out, short(name.len()));
    put16(&mut out, if zip64 { 20 } else { 0 });
    out.extend_from_slice(name.as_bytes());
    if zip64 {
        put16(&mut out, 1);
        put16(&mut out, 16);
        put64(&mut out, len);
        put64(&mut out, len);
    }
    out
}

/// Central header, name and extra field of a member.
pub fn central_header(record: &Record) -> Vec<u8> {
    let mut extra = Vec::new();
    if record.len >= ZIP64_FROM {
        put64(&mut extra, record.len);
        put64(&mut extra, record.len);
    }
    if record.offset >= ZIP64_FROM {
        put64(&mut extra, record.offset);
    }
    if !extra.is_empty() {
        let mut head = Vec::new();
        put16(&mut head, 1);
        put16(&mut head, short(extra.len()));
        extra.splice(..0, head);
    }
    let mut out = Vec::with_capacity(CENTRAL_LEN + record.name.len() + extra.len());
    put32(&mut out, CENTRAL_SIGNATURE);
    put16(&mut out, MADE_BY);
    put_version_to_sizes(&mut out, record.crc, record.len);
    put16(&mut out, short(record.name.len()));
    put16(&mut out, short(extra.len()));
    for _ in 0..3 {
        put16(&mut out, 0);
    }
    put32(&mut out, EXTERNAL_ATTRIBUTES);
    put32(&mut out, clipped32(record.offset));
    out.extend_from_slice(record.name.as_bytes());
    out.extend_from_slice(&extra);
    out
}

/// All that follows the members: a central header for each, which stand up to this offset, and the records at the end.
pub fn directory(records: &[Record], offset: u64) -> Vec<u8> {
    let mut out: Vec<u8> = records.iter().flat_map(central_header).collect();
    let len = out.len() as u64;
    out.extend(end_records(records.len() as u64, len, offset));
    out
}

/// ZIP64 end record, locator and end record.
pub fn end_records(member_count: u64, directory_len: u64, directory_offset: u64) -> Vec<u8> {
    let mut out = Vec::with_capacity(END_LEN);
    put32(&mut out, END64_SIGNATURE);
    put64(&mut out, 44);
    put16(&mut out, MADE_BY);
    put16(&mut out, VERSION);
    put64(&mut out, 0);
    for value in [member_count, member_count, directory_len, directory_offset] {
        put64(&mut out, value);
    }
    put32(&mut out, LOCATOR_SIGNATURE);
    put32(&mut out, 0);
    put64(&mut out, directory_offset + directory_len);
    put32(&mut out, 1);
    put32(&mut out, END_SIGNATURE);
    put32(&mut out, 0);
    let count = u16::try_from(member_count).unwrap_or(u16::MAX);
    put16(&mut out, count);
    put16(&mut out, count);
    put32(&mut out, clipped32(directory_len));
    put32(&mut out, clipped32(directory_offset));
    put16(&mut out, 0);
    out
}

/// Where the central directory is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Directory {
    /// Number of members.
    pub member_count: u64,
    /// Offset in the file, in bytes.
    pub offset: u64,
    /// Length in bytes.
    pub len: u64,
}

impl Directory {
    /// Reads the last [`END_LEN`] bytes of a file of this length; `None` unless they are exactly what
    /// [`end_records`] writes for a directory that ends where they begin.
    pub fn parse(tail: &[u8; END_LEN], file_len: u64) -> Option<Self> {
        let field = |offset| tail.get(offset..)?.first_chunk().copied().map(u64::from_le_bytes);
        let directory = Self { member_count: field(32)?, len: field(40)?, offset: field(48)? };
        let end = directory.offset.checked_add(directory.len)?.checked_add(END_LEN as u64)?;
        let count_max = 3 * SEGMENT_COUNT_MAX + GROWN_COUNT_MAX + 16;
        let exact = end == file_len
            && directory.member_count <= count_max
            && end_records(directory.member_count, directory.len, directory.offset) == tail;
        exact.then_some(directory)
    }

    /// Parses the bytes of the directory; `None` unless they are exactly the headers of members that follow one
    /// another from offset 0 up to the directory.
    pub fn records(self, bytes: &[u8]) -> Option<Vec<Record>> {
        let mut records = Vec::new();
        let mut rest = bytes;
        let mut next_offset = 0u64;
        for _ in 0..self.member_count {
            let record = parse_fields(rest, CENTRAL_CRC_AT, CENTRAL_LEN, next_offset)?;
            rest = rest.strip_prefix(central_header(&record).as_slice())?;
            next_offset = record.end_offset()?;
            records.push(record);
        }
        (rest.is_empty() && next_offset == self.offset).then_some(records)
    }
}

/// Longest local header with its name and extra field, in bytes.
pub const LOCAL_LEN_MAX: usize = LOCAL_LEN + MEMBER_NAME_LEN_MAX + 20;

/// Parses the local header at `offset` of the file from the bytes there (up to [`LOCAL_LEN_MAX`] of them); `None`
/// unless they begin with exactly what [`local_header`] writes.
pub fn parse_local_header(bytes: &[u8], offset: u64) -> Option<Record> {
    let record = parse_fields(bytes, LOCAL_CRC_AT, LOCAL_LEN, offset)?;
    bytes.starts_with(&local_header(&record.name, record.crc, record.len)).then_some(record)
}

/// What a header says of a member. From the CRC-32 on, headers of both kinds have the fields that are read here at the
/// same distances; name and ZIP64 length follow the fixed part.
fn parse_fields(header: &[u8], crc_at: usize, fixed_len: usize, offset: u64) -> Option<Record> {
    let crc = u32::from_le_bytes(*header.get(crc_at..)?.first_chunk()?);
    let len32 = u32::from_le_bytes(*header.get(crc_at + 4..)?.first_chunk()?);
    let name_len = usize::from(u16::from_le_bytes(*header.get(crc_at + 12..)?.first_chunk()?));
    let name = parse_name(header.get(fixed_len..fixed_len.checked_add(name_len)?)?)?;
    let len = match u64::from(len32) {
        ZIP64_FROM => u64::from_le_bytes(*header.get(fixed_len + name_len + 4..)?.first_chunk()?),
        len => len,
    };
    Some(Record { name, crc, len, offset })
}

fn parse_name(bytes: &[u8]) -> Option<String> {
    let sound = (1..=MEMBER_NAME_LEN_MAX).contains(&bytes.len()) && bytes.iter().all(|b| (0x21..0x7f).contains(b));
    if sound { String::from_utf8(bytes.to_vec()).ok() } else { None }
}

/// The fields that local and central header share.
fn put_version_to_sizes(out: &mut Vec<u8>, crc: u32, len: u64) {
    put16(out, VERSION);
    put32(out, 0);
    put16(out, 0);
    put16(out, DATE);
    put32(out, crc);
    put32(out, clipped32(len));
    put32(out, clipped32(len));
}

/// The value, or all ones if it does not fit.
fn clipped32(value: u64) -> u32 {
    u32::try_from(value).unwrap_or(u32::MAX)
}

/// Lengths of names and extra fields, which are below [`MEMBER_NAME_LEN_MAX`] and 32.
fn short(len: usize) -> u16 {
    u16::try_from(len).unwrap_or(u16::MAX)
}

fn put16(out: &mut Vec<u8>, value: u16) {
    out.extend_from_slice(&value.to_le_bytes());
}

fn put32(out: &mut Vec<u8>, value: u32) {
    out.extend_from_slice(&value.to_le_bytes());
}

fn put64(out: &mut Vec<u8>, value: u64) {
    out.extend_from_slice(&value.to_le_bytes());
}

#[cfg(test)]
mod tests {
    use super::*;

    /// A directory of members with these lengths, and the offset at which it stands.
    fn directory_of(lens: &[u64]) -> (Vec<Record>, Vec<u8>, Directory) {
        let (mut offset, mut records, mut bytes) = (0, Vec::new(), Vec::new());
        for (i, &len) in lens.iter().enumerate() {
            let record = Record { name: format!("m/{i}"), crc: 7, len, offset };
            offset = record.end_offset().unwrap();
            bytes.extend(central_header(&record));
            records.push(record);
        }
        let directory = Directory { member_count: lens.len() as u64, offset, len: bytes.len() as u64 };
        (records, bytes, directory)
    }

    fn tail(directory: Directory) -> ([u8; END_LEN], u64) {
        let end = end_records(directory.member_count, directory.len, directory.offset);
        (end.try_into().unwrap(), directory.offset + directory.len + END_LEN as u64)
    }

    #[test]
    fn members_and_offsets_past_four_gigabytes_survive_the_round_trip() {
        for lens in [&[1, 2][..], &[ZIP64_FROM - 1, 5], &[ZIP64_FROM, 5, 6], &[5 << 32, 5 << 32]] {
            let (records, bytes, directory) = directory_of(lens);
            assert_eq!(directory.records(&bytes).unwrap(), records);
            let (tail, file_len) = tail(directory);
            assert_eq!(Directory::parse(&tail, file_len), Some(directory));
            for record in &records {
                let header = local_header(&record.name, record.crc, record.len);
                assert_eq!(parse_local_header(&header, record.offset), Some(record.clone()));
            }
        }
    }

    #[test]
    fn every_flipped_bit_of_directory_and_end_is_noticed() {
        let (records, bytes, directory) = directory_of(&[ZIP64_FROM, 3]);
        for i in 0..bytes.len() * 8 {
            let mut flipped = bytes.clone();
            flipped[i / 8] ^= 1 << (i % 8);
            // Names and CRCs are free here; they are checked against the members.
            assert_ne!(directory.records(&flipped), Some(records.clone()));
        }
        let (good, file_len) = tail(directory);
        for i in 0..good.len() * 8 {
            let mut flipped = good;
            flipped[i / 8] ^= 1 << (i % 8);
            assert_ne!(Directory::parse(&flipped, file_len), Some(directory), "bit {i}");
        }
        assert_eq!(Directory::parse(&good, file_len + 1), None);
    }

    #[test]
    fn a_gap_an_overlap_or_a_trailing_byte_is_refused() {
        let (_, mut bytes, directory) = directory_of(&[10, 20]);
        assert!(Directory { offset: directory.offset + 1, ..directory }.records(&bytes).is_none());
        assert!(Directory { member_count: 1, ..directory }.records(&bytes).is_none());
        bytes.push(0);
        assert!(directory.records(&bytes).is_none());
    }

    /// LIM-5, LIM-6.
    #[test]
    fn a_directory_has_no_more_members_than_there_can_be() {
        let most = 3 * SEGMENT_COUNT_MAX + GROWN_COUNT_MAX + 16;
        for (member_count, is_read) in [(most, true), (most + 1, false)] {
            let (tail, file_len) = tail(Directory { member_count, offset: 0, len: 0 });
            assert_eq!(Directory::parse(&tail, file_len).is_some(), is_read);
        }
    }

    /// LIM-7.
    #[test]
    fn a_name_has_at_most_128_bytes() {
        for (len, is_read) in [(128, true), (129, false)] {
            let record = Record { name: "n".repeat(len), crc: 7, len: 3, offset: 0 };
            let (local, central) = (local_header(&record.name, 7, 3), central_header(&record));
            let (offset, len) = (record.end_offset().unwrap(), central.len() as u64);
            assert_eq!(parse_local_header(&local, 0).is_some(), is_read);
            assert_eq!(Directory { member_count: 1, offset, len }.records(&central).is_some(), is_read);
        }
    }
}
