//! Finding members in a ZIP file: by a sound directory, or header by header. The verifier and `repair` share it.

use std::io;

use super::bytes::{Bytes, read_exact_at};
use crate::format::member::MemberName;
use crate::format::zip::{CENTRAL_LEN, Directory, END_LEN, LOCAL_LEN_MAX, Record, local_header, parse_local_header};
use crate::limits::MEMBER_NAME_LEN_MAX;

/// First bytes of a local header, a central header and an end record.
pub(crate) const LOCAL_SIGNATURE: &[u8] = b"PK\x03\x04";
const CENTRAL_SIGNATURE: &[u8] = b"PK\x01\x02";
pub(crate) const END_SIGNATURE: &[u8] = b"PK\x05\x06";
/// How much of the file is searched at a time for the next header, in bytes.
const SEARCH_LEN: usize = 1 << 20;

/// What stands at an offset.
pub(crate) enum Header {
    /// The local header of a member, exact but for its meaning: its length may pass the file's end.
    Member(Record),
    /// The first bytes of a central header.
    Directory,
    /// Neither.
    None,
}

/// At most `len` bytes from an offset, fewer at the end.
pub(crate) fn read_up_to(bytes: &dyn Bytes, offset: u64, len: usize) -> io::Result<Vec<u8>> {
    let rest = usize::try_from(bytes.len_bytes().saturating_sub(offset)).unwrap_or(usize::MAX);
    let mut buf = vec![0; len.min(rest)];
    read_exact_at(bytes, &mut buf, offset)?;
    Ok(buf)
}

/// The records of the central directory, if it is sound.
pub(crate) fn read_directory(bytes: &dyn Bytes) -> io::Result<Option<Vec<Record>>> {
    let len = bytes.len_bytes();
    let tail = match len.checked_sub(END_LEN as u64) {
        Some(offset) => read_up_to(bytes, offset, END_LEN)?,
        None => return Ok(None),
    };
    let Some(directory) = tail.first_chunk().and_then(|tail| Directory::parse(tail, len)) else {
        return Ok(None);
    };
    // Before anything of that length is allocated: no header is longer than this.
    let header_len_max = (CENTRAL_LEN + MEMBER_NAME_LEN_MAX + 28) as u64;
    if directory.len > directory.member_count.saturating_mul(header_len_max) {
        return Ok(None);
    }
    let central = read_up_to(bytes, directory.offset, usize::try_from(directory.len).unwrap_or(0))?;
    Ok(directory.records(&central))
}

/// Whether the member's local header is the one that its record implies.
pub(crate) fn has_local_header(bytes: &dyn Bytes, record: &Record) -> io::Result<bool> {
    let expected = local_header(&record.name, record.crc, record.len);
    Ok(read_up_to(bytes, record.offset, expected.len())? == expected)
}

/// Looks at what stands at an offset.
pub(crate) fn header_at(bytes: &dyn Bytes, offset: u64) -> io::Result<Header> {
    Ok(header_in(&read_up_to(bytes, offset, LOCAL_LEN_MAX)?, offset))
}

fn header_in(head: &[u8], offset: u64) -> Header {
    match parse_local_header(head, offset) {
        _ if head.starts_with(CENTRAL_SIGNATURE) => Header::Directory,
        Some(record) => Header::Member(record),
        None => Header::None,
    }
}

/// The offset from `from` on of the next header that is wanted; else the file's end.
pub(crate) fn next_header(bytes: &dyn Bytes, from: u64, is_wanted: &dyn Fn(&Header) -> bool) -> io::Result<u64> {
    let file_len = bytes.len_bytes();
    let mut start = from;
    while start < file_len {
        let window = read_up_to(bytes, start, SEARCH_LEN + LOCAL_LEN_MAX)?;
        let candidates = window.windows(4).take(SEARCH_LEN).enumerate();
        for (i, _) in candidates.filter(|(_, w)| *w == LOCAL_SIGNATURE || *w == CENTRAL_SIGNATURE) {
            let offset = start + i as u64;
            if is_wanted(&header_in(window.get(i..).unwrap_or_default(), offset)) {
                return Ok(offset);
            }
        }
        start = start.saturating_add(SEARCH_LEN as u64);
    }
    Ok(file_len)
}

/// Whether it is the header of a member that this version knows, or of the directory.
pub(crate) fn is_known(header: &Header) -> bool {
    match header {
        Header::Member(record) => MemberName::parse(&record.name).is_some(),
        Header::Directory => true,
        Header::None => false,
    }
}
