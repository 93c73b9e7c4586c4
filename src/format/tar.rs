//! Tar records, regenerated from manifest lines alone (SPEC.md section 4).

use super::entry::{Entry, Kind};
use crate::limits::PAX_LEN_MAX;

/// Tar works in blocks of this many bytes.
pub const BLOCK_LEN: usize = 512;
/// The end marker: two blocks of zeros.
pub const END_MARKER_LEN: u64 = 1024;

/// First number that seven octal digits do not hold.
const OCTAL_7_END: u64 = 1 << 21;
/// First number that eleven octal digits do not hold.
const OCTAL_11_END: u64 = 1 << 33;

/// Everything of an entry's record that stands before its content: pax records if needed, and the header.
#[derive(Debug, PartialEq, Eq)]
pub struct Headers {
    /// The bytes, a multiple of [`BLOCK_LEN`].
    pub bytes: Vec<u8>,
    /// The extended attributes were too long and stand in the manifest line only (SPEC.md TAR-6).
    pub xattrs_left_out: bool,
}

/// Headers of an entry's tar record. The entry must have one ([`Entry::has_tar_record`]).
pub fn headers(entry: &Entry) -> Headers {
    let mut pax = pax_records(entry, true);
    let xattrs_left_out = pax.len() > PAX_LEN_MAX && carries_xattrs(entry);
    if xattrs_left_out {
        pax = pax_records(entry, false);
    }
    let mut bytes = Vec::with_capacity(2 * BLOCK_LEN + pax.len() + padding_len(pax.len() as u64));
    if !pax.is_empty() {
        bytes.extend_from_slice(&pax_header(pax.len() as u64));
        bytes.extend_from_slice(&pax);
        bytes.resize(bytes.len() + padding_len(pax.len() as u64), 0);
    }
    bytes.extend_from_slice(&main_header(entry));
    Headers { bytes, xattrs_left_out }
}

/// Zeros after `len` bytes up to the next block.
pub fn padding_len(len: u64) -> usize {
    let over = len % BLOCK_LEN as u64;
    // Below 512, so it fits any usize.
    if over == 0 { 0 } else { BLOCK_LEN - over as usize }
}

fn carries_xattrs(entry: &Entry) -> bool {
    entry.hard_link.is_none() && entry.xattrs.iter().any(|x| x.value.is_ok())
}

/// The path as tar has it: a directory's ends in `/`.
fn tar_path(entry: &Entry) -> Vec<u8> {
    let mut path = entry.path.as_bytes().to_vec();
    if entry.kind == Kind::Dir {
        path.push(b'/');
    }
    path
}

fn link_name(entry: &Entry) -> &[u8] {
    match (&entry.hard_link, &entry.link) {
        (Some(target), _) => target.as_bytes(),
        (None, Some(target)) => target,
        (None, None) => b"",
    }
}

fn mtime_needs_pax(entry: &Entry) -> bool {
    entry.mtime.nanos() != 0 || u64::try_from(entry.mtime.seconds()).map_or(true, |s| s >= OCTAL_11_END)
}

/// SPEC.md TAR-5.
fn pax_records(entry: &Entry, with_xattrs: bool) -> Vec<u8> {
    let path = tar_path(entry);
    let link = link_name(entry);
    let long = |value: &[u8]| value.len() > 100;
    let binary = |value: &[u8]| long(value) && std::str::from_utf8(value).is_err();
    let mut records = Vec::new();
    if binary(&path) || binary(link) {
        push_record(&mut records, b"hdrcharset", b"BINARY");
    }
    if long(&path) {
        push_record(&mut records, b"path", &path);
    }
    if long(link) {
        push_record(&mut records, b"linkpath", link);
    }
    let size = entry.tar_content_len();
    if size >= OCTAL_11_END {
        push_record(&mut records, b"size", size.to_string().as_bytes());
    }
    for (key, id) in [(b"uid", entry.uid), (b"gid", entry.gid)] {
        if u64::from(id) >= OCTAL_7_END {
            push_record(&mut records, key, id.to_string().as_bytes());
        }
    }
    if mtime_needs_pax(entry) {
        push_record(&mut records, b"mtime", entry.mtime.to_pax().as_bytes());
    }
    if with_xattrs && entry.hard_link.is_none() {
        for xattr in &entry.xattrs {
            if let Ok(value) = &xattr.value {
                push_record(&mut records, &xattr_key(&xattr.name), value);
            }
        }
    }
    records
}

/// `SCHILY.xattr.` and the name, with the two bytes escaped that GNU tar would take for its own.
fn xattr_key(name: &[u8]) -> Vec<u8> {
    let mut key = b"SCHILY.xattr.".to_vec();
    for &byte in name {
        match byte {
            b'%' => key.extend_from_slice(b"%25"),
            b'=' => key.extend_from_slice(b"%3D"),
            _ => key.push(byte),
        }
    }
    key
}

/// `LEN key=value LF`, where LEN counts its own digits too.
fn push_record(records: &mut Vec<u8>, key: &[u8], value: &[u8]) {
    let rest = key.len() + value.len() + 3;
    let mut len = rest + 1;
    while rest + len.to_string().len() != len {
        len = rest + len.to_string().len();
    }
    records.extend_from_slice(len.to_string().as_bytes());
    records.push(b' ');
    records.extend_from_slice(key);
    records.push(b'=');
    records.extend_from_slice(value);
    records.push(b'\n');
}

fn pax_header(records_len: u64) -> [u8; BLOCK_LEN] {
    let mut header = Header::new(b"PaxHeader", 0o644, b'x');
    header.octal(124, 12, records_len);
    header.finish()
}

fn main_header(entry: &Entry) -> [u8; BLOCK_LEN] {
    let mut header = Header::new(&tar_path(entry), u64::from(entry.mode), type_flag(entry));
    for (offset, id) in [(108, entry.uid), (116, entry.gid)] {
        header.octal(offset, 8, Some(u64::from(id)).filter(|&id| id < OCTAL_7_END).unwrap_or(0));
    }
    header.octal(124, 12, Some(entry.tar_content_len()).filter(|&size| size < OCTAL_11_END).unwrap_or(0));
    if !mtime_needs_pax(entry) {
        header.octal(136, 12, u64::try_from(entry.mtime.seconds()).unwrap_or(0));
    }
    header.text(157, 100, link_name(entry));
    if let (Kind::Chardev | Kind::Blockdev, Some(rdev), None) = (entry.kind, entry.rdev, &entry.hard_link) {
        header.octal(329, 8, u64::from(rdev.0));
        header.octal(337, 8, u64::from(rdev.1));
    }
    header.finish()
}

fn type_flag(entry: &Entry) -> u8 {
    if entry.hard_link.is_some() {
        return b'1';
    }
    match entry.kind {
        Kind::Symlink => b'2',
        Kind::Chardev => b'3',
        Kind::Blockdev => b'4',
        Kind::Dir => b'5',
        Kind::Fifo => b'6',
        // The last two have no record.
        Kind::File | Kind::Disk | Kind::Socket | Kind::Unknown => b'0',
    }
}

/// A ustar header block in the making (SPEC.md TAR-3).
struct Header([u8; BLOCK_LEN]);

impl Header {
    fn new(name: &[u8], mode: u64, type_flag: u8) -> Self {
        let mut header = Self([0; BLOCK_LEN]);
        header.text(0, 100, name);
        for (offset, len) in [(108, 8), (116, 8), (124, 12), (136, 12), (329, 8), (337, 8)] {
            header.octal(offset, len, 0);
        }
        header.octal(100, 8, mode);
        header.0[156] = type_flag;
        header.text(257, 8, b"ustar\x0000");
        header
    }

    /// As much of `value` as fits.
    fn text(&mut self, offset: usize, len: usize, value: &[u8]) {
        let len = len.min(value.len());
        self.0[offset..offset + len].copy_from_slice(&value[..len]);
    }

    /// Zero-filled octal digits and a zero byte. Callers pass only what fits.
    fn octal(&mut self, offset: usize, len: usize, value: u64) {
        let digits = format!("{value:0width$o}\0", width = len - 1);
        self.0[offset..offset + len].copy_from_slice(&digits.as_bytes()[..len]);
    }

    fn finish(mut self) -> [u8; BLOCK_LEN] {
        self.0[148..156].fill(b' ');
        let sum: u64 = self.0.iter().map(|&b| u64::from(b)).sum();
        self.octal(148, 7, sum);
        self.0
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::format::entry::Xattr;
    use crate::format::path::EntryPath;
    use crate::format::time::Timestamp;

    fn file(path: &[u8]) -> Entry {
        Entry { size: Some(10), ..Entry::bare(EntryPath::new(path.to_vec()).unwrap(), Kind::File) }
    }

    #[test]
    fn a_plain_file_needs_one_block() {
        let block = headers(&file(&[b'a'; 100])).bytes;
        assert_eq!(block.len(), 512);
        assert_eq!(&block[124..136], b"00000000012\0");
        assert_eq!(&block[257..265], b"ustar\x0000");
        assert_eq!(&block[154..156], b"\0 ");
    }

    #[test]
    fn what_ustar_cannot_hold_goes_into_pax_records_in_order() {
        let mut entry = file(&[b'a'; 101]);
        entry.uid = 1 << 21;
        entry.mtime = Timestamp::new(-1, 500_000_000).unwrap();
        entry.size = Some(OCTAL_11_END);
        entry.xattrs = vec![Xattr { name: b"user.a=%".to_vec(), value: Ok(b"v\n".to_vec()) }];
        let bytes = headers(&entry).bytes;
        let text = String::from_utf8_lossy(&bytes[512..]).into_owned();
        let expected = format!(
            "111 path={}\n19 size=8589934592\n15 uid=2097152\n14 mtime=-0.5\n32 SCHILY.xattr.user.a%3D%25=v\n\n",
            "a".repeat(101)
        );
        assert!(text.starts_with(&expected), "{text}");
        assert_eq!(&bytes[bytes.len() - 512 + 124..][..12], b"00000000000\0");
    }

    #[test]
    fn record_lengths_count_their_own_digits() {
        for value_len in 0..2000 {
            let mut records = Vec::new();
            push_record(&mut records, b"path", &vec![b'x'; value_len]);
            let text = std::str::from_utf8(&records).unwrap();
            assert_eq!(text.split(' ').next().unwrap().parse::<usize>().unwrap(), records.len());
        }
    }

    #[test]
    fn xattrs_over_a_mebibyte_stay_in_the_line() {
        let mut entry = file(b"a");
        entry.xattrs = vec![Xattr { name: b"user.a".to_vec(), value: Ok(vec![0; PAX_LEN_MAX]) }];
        let left_out = headers(&entry);
        assert!(left_out.xattrs_left_out);
        assert_eq!(left_out.bytes.len(), 512);
    }
}
