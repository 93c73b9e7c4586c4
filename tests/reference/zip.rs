//! The file form (section 13).

const LARGE: u64 = 0xffff_ffff;

/// CRC-32 of ISO 3309, bit by bit.
pub fn crc32(bytes: &[u8]) -> u32 {
    let mut crc = 0xffff_ffffu32;
    for byte in bytes {
        crc ^= u32::from(*byte);
        for _ in 0..8 {
            crc = if crc & 1 == 1 { (crc >> 1) ^ 0xedb8_8320 } else { crc >> 1 };
        }
    }
    !crc
}

fn put_u16(out: &mut Vec<u8>, value: u64) {
    out.extend_from_slice(&u16::try_from(value).expect("u16").to_le_bytes());
}

fn put_u32(out: &mut Vec<u8>, value: u64) {
    out.extend_from_slice(&u32::try_from(value).expect("u32").to_le_bytes());
}

fn put_u64(out: &mut Vec<u8>, value: u64) {
    out.extend_from_slice(&value.to_le_bytes());
}

/// The value, or all ones where it does not fit below them.
fn or_ones(value: u64, ones: u64) -> u64 {
    if value >= ones { ones } else { value }
}

/// The fields from version to plain size that both headers share.
fn put_common(out: &mut Vec<u8>, crc: u32, size: u64) {
    put_u16(out, 45); // version
    put_u16(out, 0); // flags
    put_u16(out, 0); // method
    put_u16(out, 0); // time
    put_u16(out, 33); // date
    put_u32(out, u64::from(crc));
    put_u32(out, or_ones(size, LARGE)); // stored
    put_u32(out, or_ones(size, LARGE)); // plain
}

/// [ZIP-1], [ZIP-2] with the name after it.
pub fn zip_local_header(name: &str, crc: u32, size: u64) -> Vec<u8> {
    let mut extra = Vec::new();
    if size >= LARGE {
        put_u16(&mut extra, 1);
        put_u16(&mut extra, 16);
        put_u64(&mut extra, size);
        put_u64(&mut extra, size);
    }
    let mut out = Vec::new();
    put_u32(&mut out, 0x0403_4b50);
    put_common(&mut out, crc, size);
    put_u16(&mut out, name.len() as u64);
    put_u16(&mut out, extra.len() as u64);
    out.extend_from_slice(name.as_bytes());
    out.extend(extra);
    out
}

/// [ZIP-3] with the name after it.
pub fn zip_central_header(name: &str, crc: u32, size: u64, offset: u64) -> Vec<u8> {
    let mut values = Vec::new();
    if size >= LARGE {
        put_u64(&mut values, size);
        put_u64(&mut values, size);
    }
    if offset >= LARGE {
        put_u64(&mut values, offset);
    }
    let mut extra = Vec::new();
    if !values.is_empty() {
        put_u16(&mut extra, 1);
        put_u16(&mut extra, values.len() as u64);
        extra.extend(values);
    }
    let mut out = Vec::new();
    put_u32(&mut out, 0x0201_4b50);
    put_u16(&mut out, 0x032d); // made by
    put_common(&mut out, crc, size);
    put_u16(&mut out, name.len() as u64);
    put_u16(&mut out, extra.len() as u64);
    put_u16(&mut out, 0); // comment
    put_u16(&mut out, 0); // disk
    put_u16(&mut out, 0); // internal attributes
    put_u32(&mut out, 0x81a4_0000); // external attributes
    put_u32(&mut out, or_ones(offset, LARGE));
    out.extend_from_slice(name.as_bytes());
    out.extend(extra);
    out
}

/// The ZIP64 end record, its locator and the end record [ZIP-4].
pub fn zip_end(members: u64, directory_len: u64, directory_offset: u64) -> Vec<u8> {
    let mut out = Vec::new();
    put_u32(&mut out, 0x0606_4b50);
    put_u64(&mut out, 44);
    put_u16(&mut out, 0x032d);
    put_u16(&mut out, 45);
    put_u32(&mut out, 0);
    put_u32(&mut out, 0);
    put_u64(&mut out, members);
    put_u64(&mut out, members);
    put_u64(&mut out, directory_len);
    put_u64(&mut out, directory_offset);
    put_u32(&mut out, 0x0706_4b50);
    put_u32(&mut out, 0);
    put_u64(&mut out, directory_offset + directory_len);
    put_u32(&mut out, 1);
    put_u32(&mut out, 0x0605_4b50);
    put_u16(&mut out, 0);
    put_u16(&mut out, 0);
    put_u16(&mut out, or_ones(members, 0xffff));
    put_u16(&mut out, or_ones(members, 0xffff));
    put_u32(&mut out, or_ones(directory_len, LARGE));
    put_u32(&mut out, or_ones(directory_offset, LARGE));
    put_u16(&mut out, 0);
    out
}

/// The whole file [ZIP-1], [ZIP-5].
pub fn zip_bytes(members: &[(String, Vec<u8>)]) -> Vec<u8> {
    let mut out = Vec::new();
    let mut directory = Vec::new();
    for (name, bytes) in members {
        let (crc, size, offset) = (crc32(bytes), bytes.len() as u64, out.len() as u64);
        directory.extend(zip_central_header(name, crc, size, offset));
        out.extend(zip_local_header(name, crc, size));
        out.extend_from_slice(bytes);
    }
    let directory_offset = out.len() as u64;
    out.extend_from_slice(&directory);
    out.extend(zip_end(members.len() as u64, directory.len() as u64, directory_offset));
    out
}
