use crate::reference::{crc32, zip_bytes, zip_central_header, zip_end, zip_local_header};

const LARGE: u64 = 0xffff_ffff;

#[test]
fn the_crc_of_nine_digits_is_the_known_one() {
    assert_eq!(crc32(b"123456789"), 0xcbf4_3926);
    assert_eq!(crc32(b""), 0);
}

#[test]
fn the_first_member_s_bytes_begin_at_offset_38() {
    let zip = zip_bytes(&[("mimetype".to_string(), b"application/vnd.scelle.bundle+zip".to_vec())]);
    assert_eq!(&zip[..4], b"PK\x03\x04");
    assert_eq!(&zip[30..38], b"mimetype");
    assert_eq!(&zip[38..54], b"application/vnd.");
}

#[test]
fn headers_have_an_extra_field_from_the_size_at_which_32_bits_are_all_ones() {
    assert_eq!(zip_local_header("a", 0, LARGE - 1).len(), 30 + 1);
    let local = zip_local_header("a", 0, LARGE);
    assert_eq!(local.len(), 30 + 1 + 20);
    assert_eq!(local[18..26], [0xff; 8]);
    assert_eq!(local[31..35], [1, 0, 16, 0]);
    assert_eq!(local[35..43], LARGE.to_le_bytes());
    assert_eq!(zip_central_header("a", 0, LARGE - 1, LARGE - 1).len(), 46 + 1);
    assert_eq!(zip_central_header("a", 0, LARGE, 0)[47..51], [1, 0, 16, 0]);
    let far = zip_central_header("a", 0, 5, LARGE + 5);
    assert_eq!(far[42..46], [0xff; 4]);
    assert_eq!(far[47..51], [1, 0, 8, 0]);
    assert_eq!(far[51..], (LARGE + 5).to_le_bytes());
    let both = zip_central_header("a", 0, LARGE, LARGE + 5);
    assert_eq!((both.len(), &both[47..51]), (46 + 1 + 28, &[1u8, 0, 24, 0][..]));
}

#[test]
fn a_central_header_holds_each_field_at_its_offset() {
    let expected = [
        &b"PK\x01\x02"[..],
        &[0x2d, 3, 45, 0, 0, 0, 0, 0, 0, 0, 33, 0],
        &[0x44, 0x33, 0x22, 0x11, 5, 0, 0, 0, 5, 0, 0, 0, 1, 0, 0, 0, 0, 0, 0, 0, 0, 0],
        &[0, 0, 0xa4, 0x81, 9, 0, 0, 0, b'a'],
    ];
    assert_eq!(zip_central_header("a", 0x1122_3344, 5, 9), expected.concat());
}

#[test]
fn the_end_record_says_all_ones_for_what_does_not_fit() {
    let end = zip_end(3, 100, 1000);
    assert_eq!(end.len(), 56 + 20 + 22);
    assert_eq!(end[56 + 8..56 + 16], 1100u64.to_le_bytes());
    assert_eq!(end[76 + 8..76 + 20], [3, 0, 3, 0, 100, 0, 0, 0, 0xe8, 3, 0, 0]);
    assert_eq!(zip_end(65535, LARGE, LARGE + 1)[76 + 8..76 + 20], [0xff; 12]);
    assert_eq!(zip_end(65534, LARGE - 1, 0)[76 + 8..76 + 16], [0xfe, 0xff, 0xfe, 0xff, 0xfe, 0xff, 0xff, 0xff]);
}
