//! Tar records (section 4).

use super::Entry;
use super::lines::{bytes_of, kind_of, number_of, xattr_values};

/// The most bytes of pax records with which extended attributes stand in the tar [TAR-6].
const PAX_LIMIT: usize = 1_048_576;

pub fn is_hard_link(entry: &Entry) -> bool {
    bytes_of(&entry.meta, "hard_link").is_some()
}

pub fn is_unreadable(entry: &Entry) -> bool {
    entry.meta.contains_key("unreadable")
}

/// [TAR-1]
pub fn has_tar_record(entry: &Entry) -> bool {
    match kind_of(entry) {
        "dir" => true,
        "file" | "disk" | "symlink" | "fifo" | "chardev" | "blockdev" => !is_unreadable(entry),
        "socket" | "unknown" => false,
        other => panic!("no such kind: {other}"),
    }
}

/// The content of a readable file or disk that is not a hard link; nothing for any other entry.
pub fn sealed_content(entry: &Entry) -> Option<&[u8]> {
    let expected = matches!(kind_of(entry), "file" | "disk") && !is_unreadable(entry) && !is_hard_link(entry);
    if !expected {
        assert!(entry.content.is_none(), "content that no rule seals");
        return None;
    }
    let content = entry.content.as_ref().expect("a readable file or disk has content");
    assert_eq!(content.len() as u64, number_of(&entry.meta, "size").expect("size"), "[MAN-3]");
    Some(content)
}

/// The content bytes of the entry's tar record; empty where there are none [TAR-2].
pub fn content_in_tar(entry: &Entry) -> &[u8] {
    sealed_content(entry).unwrap_or(&[])
}

/// Zeros up to a multiple of 512.
pub fn padding_after(length: usize) -> Vec<u8> {
    vec![0; length.next_multiple_of(512) - length]
}

/// The path as the tar has it: a directory's with `/` appended.
fn tar_path(entry: &Entry) -> Vec<u8> {
    let mut path = entry.path.clone();
    if kind_of(entry) == "dir" {
        path.push(b'/');
    }
    path
}

fn link_name(entry: &Entry) -> Vec<u8> {
    if let Some(target) = bytes_of(&entry.meta, "hard_link") {
        return target;
    }
    bytes_of(&entry.meta, "link").unwrap_or_default()
}

/// [TAR-5] `LEN SP key = value LF`. Where two lengths would both be true (9 and 10, 99 and 100, ...)
/// it is the smaller.
pub fn pax_record(key: &[u8], value: &[u8]) -> Vec<u8> {
    let mut rest = b" ".to_vec();
    rest.extend_from_slice(key);
    rest.push(b'=');
    rest.extend_from_slice(value);
    rest.push(b'\n');
    let mut length = rest.len() + 1;
    while length != length.to_string().len() + rest.len() {
        length += 1;
    }
    let mut out = length.to_string().into_bytes();
    out.extend_from_slice(&rest);
    out
}

/// The two parts of a time [TIME-1]: is it negative, seconds, nanoseconds.
fn time_parts(text: &str) -> (bool, u64, &str) {
    let (seconds, nanos) = text.split_once('.').expect("[TIME-1] a point");
    assert_eq!(nanos.len(), 9, "[TIME-1] nine digits");
    let (negative, digits) = match seconds.strip_prefix('-') {
        Some(digits) => (true, digits),
        None => (false, seconds),
    };
    (negative, digits.parse().expect("[TIME-1] digits"), nanos)
}

fn mtime_of(entry: &Entry) -> &str {
    entry.meta["mtime"].as_str().expect("mtime is a string")
}

fn mtime_needs_pax(entry: &Entry) -> bool {
    let (negative, seconds, nanos) = time_parts(mtime_of(entry));
    negative || seconds >= 8u64.pow(11) || nanos != "000000000"
}

fn needs_pax(value: u64, digits: u32) -> bool {
    value >= 8u64.pow(digits)
}

fn id_of(entry: &Entry, key: &str) -> u64 {
    number_of(&entry.meta, key).expect("uid and gid are numbers")
}

/// [TAR-5] without the extended attributes, in the order of the rule.
fn plain_pax_records(entry: &Entry) -> Vec<u8> {
    let path = tar_path(entry);
    let link = link_name(entry);
    let size = content_in_tar(entry).len() as u64;
    let (path_follows, link_follows) = (path.len() > 100, link.len() > 100);
    let mut out = Vec::new();
    if (path_follows && std::str::from_utf8(&path).is_err()) || (link_follows && std::str::from_utf8(&link).is_err()) {
        out.extend(pax_record(b"hdrcharset", b"BINARY"));
    }
    if path_follows {
        out.extend(pax_record(b"path", &path));
    }
    if link_follows {
        out.extend(pax_record(b"linkpath", &link));
    }
    if needs_pax(size, 11) {
        out.extend(pax_record(b"size", size.to_string().as_bytes()));
    }
    for key in ["uid", "gid"] {
        if needs_pax(id_of(entry, key), 7) {
            out.extend(pax_record(key.as_bytes(), id_of(entry, key).to_string().as_bytes()));
        }
    }
    if mtime_needs_pax(entry) {
        // Trimming zeros stops at the point at the latest, so whole seconds keep theirs.
        let text = mtime_of(entry).trim_end_matches('0').trim_end_matches('.');
        out.extend(pax_record(b"mtime", text.as_bytes()));
    }
    out
}

/// The name in a pax key: `%` as `%25`, then `=` as `%3D` [TAR-5].
fn escaped_name(name: &[u8]) -> Vec<u8> {
    let mut out = Vec::new();
    for byte in name {
        match byte {
            b'%' => out.extend_from_slice(b"%25"),
            b'=' => out.extend_from_slice(b"%3D"),
            byte => out.push(*byte),
        }
    }
    out
}

/// [TAR-5] the extended attributes that have a value; [TAR-6] none for a hard link.
fn xattr_pax_records(entry: &Entry) -> Vec<u8> {
    if is_hard_link(entry) {
        return Vec::new();
    }
    let mut values = xattr_values(entry);
    values.sort();
    let mut out = Vec::new();
    for (name, value) in values {
        let mut key = b"SCHILY.xattr.".to_vec();
        key.extend(escaped_name(&name));
        out.extend(pax_record(&key, &value));
    }
    out
}

/// [TAR-6] Whether the line says `xattrs_not_in_tar`.
pub fn xattrs_left_out(entry: &Entry) -> bool {
    let xattrs = xattr_pax_records(entry).len();
    has_tar_record(entry) && xattrs > 0 && plain_pax_records(entry).len() + xattrs > PAX_LIMIT
}

fn pax_records(entry: &Entry) -> Vec<u8> {
    let mut out = plain_pax_records(entry);
    if !xattrs_left_out(entry) {
        out.extend(xattr_pax_records(entry));
    }
    out
}

/// The fields of a header that differ [TAR-3].
struct Header<'a> {
    name: &'a [u8],
    mode: u64,
    uid: u64,
    gid: u64,
    size: u64,
    mtime: u64,
    typeflag: u8,
    link: &'a [u8],
    device: (u64, u64),
}

/// Zero-filled octal digits, then 0x00.
fn put_octal(block: &mut [u8], offset: usize, digits: usize, value: u64) {
    let text = format!("{value:0digits$o}");
    assert_eq!(text.len(), digits, "the value does not fit its field");
    block[offset..offset + digits].copy_from_slice(text.as_bytes());
    block[offset + digits] = 0;
}

/// The first 100 bytes, then zeros where there are fewer.
fn put_100(block: &mut [u8], offset: usize, value: &[u8]) {
    for (i, byte) in value.iter().take(100).enumerate() {
        block[offset + i] = *byte;
    }
}

/// [TAR-3]
fn header_block(header: &Header) -> Vec<u8> {
    let mut block = vec![0u8; 512];
    put_100(&mut block, 0, header.name);
    put_octal(&mut block, 100, 7, header.mode);
    put_octal(&mut block, 108, 7, header.uid);
    put_octal(&mut block, 116, 7, header.gid);
    put_octal(&mut block, 124, 11, header.size);
    put_octal(&mut block, 136, 11, header.mtime);
    block[148..156].copy_from_slice(b"        ");
    block[156] = header.typeflag;
    put_100(&mut block, 157, header.link);
    block[257..265].copy_from_slice(b"ustar\x0000");
    put_octal(&mut block, 329, 7, header.device.0);
    put_octal(&mut block, 337, 7, header.device.1);
    let sum: u64 = block.iter().map(|byte| u64::from(*byte)).sum();
    put_octal(&mut block, 148, 6, sum); // the field's last byte stays a space
    block
}

fn typeflag(entry: &Entry) -> u8 {
    if is_hard_link(entry) {
        return b'1';
    }
    match kind_of(entry) {
        "file" | "disk" => b'0',
        "symlink" => b'2',
        "chardev" => b'3',
        "blockdev" => b'4',
        "dir" => b'5',
        "fifo" => b'6',
        other => panic!("no tar record for {other}"),
    }
}

fn device(entry: &Entry) -> (u64, u64) {
    if is_hard_link(entry) || !matches!(kind_of(entry), "chardev" | "blockdev") {
        return (0, 0);
    }
    let rdev = entry.meta["rdev"].as_array().expect("rdev is [major, minor]");
    (rdev[0].as_u64().expect("major"), rdev[1].as_u64().expect("minor"))
}

fn zero_if_pax(value: u64, digits: u32) -> u64 {
    if needs_pax(value, digits) { 0 } else { value }
}

fn main_header(entry: &Entry) -> Vec<u8> {
    let mode = u64::from_str_radix(entry.meta["mode"].as_str().expect("mode"), 8).expect("4 octal digits");
    header_block(&Header {
        name: &tar_path(entry),
        mode,
        uid: zero_if_pax(id_of(entry, "uid"), 7),
        gid: zero_if_pax(id_of(entry, "gid"), 7),
        size: zero_if_pax(content_in_tar(entry).len() as u64, 11),
        mtime: if mtime_needs_pax(entry) { 0 } else { time_parts(mtime_of(entry)).1 },
        typeflag: typeflag(entry),
        link: &link_name(entry),
        device: device(entry),
    })
}

/// The headers of an entry that has a tar record: all that stands before its content [TAR-2].
pub fn tar_record(entry: &Entry) -> Vec<u8> {
    assert!(has_tar_record(entry), "[TAR-1]");
    let records = pax_records(entry);
    let mut out = Vec::new();
    if !records.is_empty() {
        // [TAR-4]
        out.extend(header_block(&Header {
            name: b"PaxHeader",
            mode: 0o644,
            uid: 0,
            gid: 0,
            size: records.len() as u64,
            mtime: 0,
            typeflag: b'x',
            link: b"",
            device: (0, 0),
        }));
        out.extend_from_slice(&records);
        out.extend(padding_after(records.len()));
    }
    out.extend(main_header(entry));
    out
}

/// The whole tar: the records of all entries, then the end marker (section 3).
pub fn tar_stream(entries: &[Entry]) -> Vec<u8> {
    let mut out = Vec::new();
    for entry in entries {
        if has_tar_record(entry) {
            let content = content_in_tar(entry);
            out.extend(tar_record(entry));
            out.extend_from_slice(content);
            out.extend(padding_after(content.len()));
        }
    }
    out.extend([0u8; 1024]);
    out
}
