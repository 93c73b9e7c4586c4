//! Manifest lines and index parts: what parses is written again to the same bytes, and a line gives the tar headers and
//! the sums that the plain reference gives.

use scelle::format::cuts::Limits;
use scelle::format::digest::Digest;
use scelle::format::index::IndexPart;
use scelle::format::line::Line;
use scelle::format::{sums, tar};
use serde_json::Value;

use super::golden::each_member;
use super::json::assert_canonical;
use super::{frames, rebuild};
use crate::reference;

/// Longest content that the reference is given for a line.
const CONTENT_LEN_MAX: u64 = 1 << 16;

pub fn manifest_line(data: &[u8]) {
    let Ok(line) = Line::parse(data) else { return };
    assert!(line.to_bytes() == data, "another form was accepted");
    assert!(!data.contains(&b'\n'), "a line of two lines");
    let value: Value = serde_json::from_slice(data).expect("JSON");
    if line.entry.ino.is_none_or(|ino| ino < 1 << 53) {
        assert_canonical(data);
    }
    let size = line.entry.size.unwrap_or(0);
    let ranges = line.entry.holes.iter().map(|hole| (hole.0, hole.1));
    let ranges = ranges.chain(line.entry.gaps.iter().map(|gap| (gap.offset, gap.len)));
    for (offset, len) in ranges {
        assert!(len > 0 && offset.checked_add(len).is_some_and(|end| end <= size), "MAN-6: a range past the content");
    }
    let _ = line.repeated_by_links();
    if line.entry.has_tar_record() && line.entry.tar_content_len() <= CONTENT_LEN_MAX {
        let content = vec![0; line.entry.tar_content_len() as usize];
        let entry = rebuild::entry_of(&value, line.entry.holds_content().then_some(content));
        let headers = tar::headers(&line.entry);
        assert!(headers.bytes == reference::tar_record(&entry), "other tar headers than the reference makes");
        assert_eq!(headers.xattrs_left_out, reference::xattrs_left_out(&entry), "TAR-6");
    }
    let mut text = Vec::new();
    sums::push_line(&mut text, Digest([7; 32]), &line.entry.path);
    assert!(text.ends_with(b"\n") && text.iter().filter(|&&b| b == b'\n').count() == 1, "SUM-1: not one line");
    assert!(!text.contains(&b'\r'), "SUM-1: a carriage return");
}

pub fn manifest_line_seeds(bundles: &[Vec<u8>]) -> Vec<Vec<u8>> {
    let texts = each_member(bundles, "manifest/", "");
    let texts = texts.iter().filter_map(|stored| frames::decode_all(stored, 1 << 20));
    let mut lines: Vec<Vec<u8>> =
        texts.flat_map(|text| text.split(|&b| b == b'\n').map(<[u8]>::to_vec).collect::<Vec<_>>()).collect();
    lines.retain(|line| !line.is_empty());
    lines.push(FULL_LINE.into());
    lines
}

/// Keys that golden bundles do not have.
const FULL_LINE: &str = concat!(
    r#"{"also":{"blake3":"0000000000000000000000000000000000000000000000000000000000000000","md5":"00000000000000000000000000000000"},"#,
    r#""atime":"1.000000000","attributes":["append","immutable"],"btime":"-0.000000001","changed_while_reading":{"mtime":"2.000000000","size":9},"#,
    r#""ctime":"0.500000000","dev":[8,1],"gaps":[{"attempts":3,"cause":"EIO","len":1,"offset":4}],"gid":0,"group":"root","holes":[[0,2],[3,2]],"ino":"5","#,
    r#""kind":"file","mode":"0644","mtime":"1.250000000","n":7,"nlink":2,"path_b64":"YS9i/wo=","salt":"01010101010101010101010101010101","#,
    r#""sha256":"0202020202020202020202020202020202020202020202020202020202020202","size":5,"uid":4294967295,"user_b64":"/w==","#,
    r#""xattrs":[{"error":"EPERM","name":"trusted.x"},{"name_b64":"dXNlci7/PSU=","value_b64":"AP8="}],"xattrs_error":"EIO"}"#,
);

pub fn index_part(data: &[u8]) {
    let Ok(part) = IndexPart::parse(data) else { return };
    assert!(part.to_bytes().expect("bincode") == data, "IDX-3: another encoding was accepted");
    let items = part.frames.len() * 40 + part.payload_chain.len() * 32 + part.files.len() * 64;
    let chunks: usize = part.files.iter().map(|file| 32 * (file.digests.len() + file.chain.len())).sum();
    assert_eq!(8 + 40 + 24 + items + chunks, data.len(), "it holds more than there are bytes");
    let few = Limits::new(512, 1024, 4096, 5).expect("limits");
    for limits in [Limits::DEFAULT, few] {
        if limits.allow_frames(part.plain_lens()) {
            let total: u64 = part.plain_lens().sum();
            assert!(total <= limits.segment().max(limits.plain_len_max()), "IDX-5: more than a segment");
            assert!(!part.frames.is_empty(), "IDX-5: no frames");
        }
    }
}

pub fn index_part_seeds(bundles: &[Vec<u8>]) -> Vec<Vec<u8>> {
    each_member(bundles, "index/", ".bin")
}

/// The header of a frame against the library's own reading of it, and whether it then decodes to what it says.
pub fn zstd_frame(data: &[u8]) {
    let Ok(len) = scelle::format::zstd_frame::content_len(data) else { return };
    if len >= u64::MAX - 1 {
        // The decoder's own marks for an error and for a size that is not known; no limit allows so much.
        return;
    }
    let told = zstd_safe::get_frame_content_size(data).expect("the decoder knows this header");
    assert_eq!(told, Some(len), "the decoder reads another size");
    assert!(zstd_safe::get_dict_id_from_frame(data).is_none(), "ZST-1: a dictionary");
    if len > 1 << 20 || zstd_safe::find_frame_compressed_size(data) != Ok(data.len()) {
        return;
    }
    let mut plain = Vec::with_capacity(len as usize);
    if zstd_safe::decompress(&mut plain, data).is_ok() {
        assert_eq!(plain.len() as u64, len, "it decodes to another length than it declares");
    }
}

pub fn zstd_frame_seeds(bundles: &[Vec<u8>]) -> Vec<Vec<u8>> {
    let parts =
        [each_member(bundles, "manifest/", ""), each_member(bundles, "payload/", ""), each_member(bundles, "SHA", "")];
    let mut seeds: Vec<_> = parts.concat().iter().flat_map(|stored| frames::split(stored)).collect();
    for (len, level) in [(0, 3), (1, 1), (255, 3), (256, 19), (70_000, 3)] {
        let plain: Vec<u8> = (0..len).map(|i: u32| (i.wrapping_mul(0x9e37_79b9) >> 29) as u8).collect();
        seeds.extend(
            [(true, true), (true, false), (false, true)].map(|(size, sum)| frames::encode(&plain, level, size, sum)),
        );
    }
    seeds.retain(|frame| frame.len() < 4096);
    seeds
}
