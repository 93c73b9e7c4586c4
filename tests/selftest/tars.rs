use serde_json::json;

use super::{bare, file, hard_link, with};
use crate::reference::{Entry, has_tar_record, pax_record, tar_record, xattrs_left_out};

fn text(bytes: &[u8]) -> String {
    String::from_utf8_lossy(bytes).into_owned()
}

/// The pax records of an entry, in order.
fn pax(entry: &Entry) -> String {
    let record = tar_record(entry);
    if record[156] != b'x' {
        assert_eq!(record.len(), 512);
        return String::new();
    }
    let size = usize::from_str_radix(&text(&record[124..135]), 8).unwrap();
    assert_eq!(record.len(), 512 + size.next_multiple_of(512) + 512);
    assert!(record[512 + size..record.len() - 512].iter().all(|byte| *byte == 0));
    text(&record[512..512 + size])
}

fn main_header(entry: &Entry) -> Vec<u8> {
    let record = tar_record(entry);
    record[record.len() - 512..].to_vec()
}

#[test]
fn a_header_holds_each_field_at_its_offset() {
    let header = tar_record(&with(file(b"d/a", b"hello"), "mode", json!("4755")));
    assert_eq!(header.len(), 512);
    let mut expected = vec![0u8; 512];
    let fields: [(usize, &[u8]); 11] = [
        (0, b"d/a"),
        (100, b"0004755\x00"),
        (108, b"0001750\x00"),
        (116, b"0001750\x00"),
        (124, b"00000000005\x00"),
        (136, b"14524770400\x00"),
        (148, b"        "),
        (156, b"0"),
        (257, b"ustar\x0000"),
        (329, b"0000000\x00"),
        (337, b"0000000\x00"),
    ];
    for (offset, value) in fields {
        expected[offset..offset + value.len()].copy_from_slice(value);
    }
    let sum: u32 = expected.iter().map(|byte| u32::from(*byte)).sum();
    expected[148..156].copy_from_slice(format!("{sum:06o}\0 ").as_bytes());
    assert_eq!(header, expected);
}

#[test]
fn the_type_follows_from_kind_and_hard_link() {
    let device = |kind: &str| with(bare(b"n", kind), "rdev", json!([8, 17]));
    let target = file(b"a", b"");
    let cases = [
        (target.clone(), b'0'),
        (with(with(bare(b"a", "disk"), "size", json!(0)), "rdev", json!([8, 0])), b'0'),
        (hard_link(b"b", &target), b'1'),
        (hard_link(b"b", &device("chardev")), b'1'),
        (with(bare(b"l", "symlink"), "link", json!("x")), b'2'),
        (device("chardev"), b'3'),
        (device("blockdev"), b'4'),
        (bare(b"d", "dir"), b'5'),
        (bare(b"f", "fifo"), b'6'),
    ];
    for (mut entry, flag) in cases {
        if entry.meta["kind"] == "disk" {
            entry.content = Some(Vec::new());
        }
        assert_eq!(main_header(&entry)[156], flag, "{:?}", entry.meta);
    }
    assert_eq!(text(&main_header(&device("blockdev"))[329..345]), "0000010\x000000021\x00");
    assert_eq!(text(&main_header(&hard_link(b"b", &device("chardev")))[329..345]), "0000000\x000000000\x00");
}

#[test]
fn sockets_unknown_and_unreadable_entries_have_no_record_but_directories_always_do() {
    let unreadable = |kind: &str| with(bare(b"a", kind), "unreadable", json!("EACCES"));
    assert!(!has_tar_record(&bare(b"a", "socket")));
    assert!(!has_tar_record(&unreadable("unknown")));
    assert!(!has_tar_record(&unreadable("file")));
    assert!(!has_tar_record(&unreadable("symlink")));
    assert!(has_tar_record(&unreadable("dir")));
    assert!(has_tar_record(&bare(b"a", "fifo")));
}

#[test]
fn a_pax_record_counts_its_own_length() {
    assert_eq!(pax_record(b"path", b"xy"), b"11 path=xy\n");
    assert_eq!(pax_record(b"uid", b"2097152"), b"15 uid=2097152\n");
    // 9 and 10 would both be true: the smaller stands.
    assert_eq!(pax_record(b"a", b"bcde"), b"9 a=bcde\n");
    assert_eq!(pax_record(b"a", b"bcdef"), b"11 a=bcdef\n");
    for length in 0..2000 {
        let record = pax_record(b"k", &vec![b'v'; length]);
        assert_eq!(text(&record).split(' ').next().unwrap(), record.len().to_string());
    }
}

#[test]
fn names_of_a_hundred_bytes_stand_in_the_header_and_longer_ones_in_pax_records() {
    let name = "n".repeat(100);
    assert_eq!(pax(&file(name.as_bytes(), b"")), "");
    let longer = format!("{name}m");
    assert_eq!(pax(&file(longer.as_bytes(), b"")), format!("111 path={longer}\n"));
    assert_eq!(main_header(&file(longer.as_bytes(), b""))[..108], *format!("{name}0000644\0").as_bytes());
    assert_eq!(pax(&bare(name.as_bytes(), "dir")), format!("111 path={name}/\n"));
    assert_eq!(pax(&with(bare(b"l", "symlink"), "link", json!(name))), "");
    let link = with(bare(b"l", "symlink"), "link", json!(longer));
    assert_eq!(pax(&link), format!("115 linkpath={longer}\n"));
    assert_eq!(main_header(&link)[157..265], *format!("{name}ustar\x0000").as_bytes());
}

#[test]
fn hdrcharset_stands_before_a_long_name_that_is_not_utf_8_and_only_there() {
    let raw = [b'\xff'; 101];
    assert!(pax(&file(&raw, b"")).starts_with("21 hdrcharset=BINARY\n111 path="));
    assert_eq!(pax(&file(&raw[..100], b"")), "");
    let long = "n".repeat(101);
    assert!(pax(&with(bare(&raw[..3], "symlink"), "link", json!(long))).starts_with("115 linkpath="));
}

#[test]
fn numbers_that_do_not_fit_stand_in_pax_records_and_as_zeros_in_the_header() {
    let fits = with(file(b"a", b""), "uid", json!(0o7777777));
    assert_eq!(pax(&fits), "");
    let entry = with(with(file(b"a", b""), "uid", json!(0o10000000)), "gid", json!(4_000_000_000u32));
    assert_eq!(pax(&entry), "15 uid=2097152\n18 gid=4000000000\n");
    assert_eq!(text(&main_header(&entry)[108..124]), "0000000\x000000000\x00");
}

#[test]
fn a_time_that_a_header_cannot_hold_stands_in_a_pax_record_in_its_shortest_form() {
    let cases = [
        ("0.000000000", ""),
        ("8589934591.000000000", ""),
        ("8589934592.000000000", "20 mtime=8589934592\n"),
        ("1.500000000", "13 mtime=1.5\n"),
        ("10.000000001", "22 mtime=10.000000001\n"),
        ("0.100000000", "13 mtime=0.1\n"),
        ("-10.000000000", "13 mtime=-10\n"),
        ("-0.500000000", "14 mtime=-0.5\n"),
    ];
    for (time, record) in cases {
        let entry = with(file(b"a", b""), "mtime", json!(time));
        assert_eq!(pax(&entry), record);
        if !record.is_empty() {
            assert_eq!(text(&main_header(&entry)[136..148]), "00000000000\0");
        }
    }
}

#[test]
fn extended_attributes_with_a_value_stand_last_in_order_of_their_raw_names() {
    let xattrs = json!([
        {"name": "user.b%=c", "value_b64": "AAE="},
        {"name": "user.a", "value_b64": ""},
        {"name": "user.lost", "error": "EIO"},
    ]);
    let entry = with(with(file(b"a", b""), "uid", json!(2097152)), "xattrs", xattrs);
    assert_eq!(pax(&entry), "15 uid=2097152\n24 SCHILY.xattr.user.a=\n33 SCHILY.xattr.user.b%25%3Dc=\x00\x01\n");
    assert_eq!(pax(&hard_link(b"b", &entry)), "15 uid=2097152\n");
}

#[test]
fn extended_attributes_that_would_pass_the_limit_are_left_out_whole() {
    // 25 bytes of the record are not value: seven digits, a space, the key, `=` and LF.
    let exact = 1_048_576 - "1048576 SCHILY.xattr.user.a=\n".len();
    let of_len = |len: usize| {
        let value = data_encoding::BASE64.encode(&vec![b'v'; len]);
        with(file(b"a", b""), "xattrs", json!([{"name": "user.a", "value_b64": value}]))
    };
    assert!(!xattrs_left_out(&of_len(exact)));
    assert_eq!(pax(&of_len(exact)).len(), 1_048_576);
    assert!(xattrs_left_out(&of_len(exact + 1)));
    assert_eq!(pax(&of_len(exact + 1)), "");
}

#[test]
fn a_pax_header_block_has_its_own_fixed_fields() {
    let record = tar_record(&with(file(b"a", b""), "uid", json!(2097152)));
    assert_eq!(&record[..10], b"PaxHeader\0");
    assert_eq!(text(&record[100..148]), "0000644\x000000000\x000000000\x0000000000017\x0000000000000\x00");
    assert_eq!(record[156], b'x');
    assert!(record[157..257].iter().all(|byte| *byte == 0));
}
