use serde_json::{Value, json};

use super::{SEED, bare, file, hard_link, noise, small_params, with};
use crate::reference::{Entry, blind_of, chunks_root, hex, json_bytes, manifest_line, sha256, sums_text};

fn line(n: usize, entries: &[Entry]) -> Value {
    serde_json::from_slice(&manifest_line(n, entries, &small_params(), &SEED)).expect("a line is JSON")
}

#[test]
fn json_is_compact_sorted_and_escaped_as_in_rfc_8785() {
    let value = json!({"b": [1, -2, true], "a": {"z": "\u{0}\u{8}\t\n\u{b}\u{c}\r\u{1f}\"\\/\u{7f}é€😀"}, "B": ""});
    let expected =
        concat!(r#"{"B":"","a":{"z":"\u0000\b\t\n\u000b\f\r\u001f\"\\/"#, "\u{7f}é€😀", r#""},"b":[1,-2,true]}"#);
    assert_eq!(String::from_utf8(json_bytes(&value)).unwrap(), expected);
    assert_eq!(json_bytes(&value), serde_json::to_vec(&value).unwrap());
}

#[test]
fn a_line_holds_the_given_keys_and_the_derived_ones() {
    let entries = [file(b"a\"b", b"hello")];
    let expected = concat!(
        r#"{"gid":1000,"kind":"file","mode":"0644","mtime":"1700000000.000000000","n":0,"path":"a\"b","#,
        r#""salt":"SALT","sha256":"2cf24dba5fb0a30e26e83b2ac5b9e29e1b161e5c1fa7425e73043362938b9824","#,
        r#""size":5,"uid":1000}"#
    );
    let salt = hex(&crate::reference::hmac_sha256(&SEED, b"a\"b")[..16]);
    let text = String::from_utf8(manifest_line(0, &entries, &small_params(), &SEED)).unwrap();
    assert_eq!(text, expected.replace("SALT", &salt));
}

#[test]
fn a_path_that_is_not_utf_8_is_written_in_base64() {
    let line = line(0, &[bare(b"\xff", "dir")]);
    assert_eq!((&line["path_b64"], line.get("path")), (&json!("/w=="), None));
}

#[test]
fn chunks_root_belongs_to_content_longer_than_a_chunk() {
    let content = noise(513, 1);
    let entries = [file(b"a", &content[..512]), file(b"b", &content)];
    assert_eq!(line(0, &entries).get("chunks_root"), None);
    assert_eq!(line(1, &entries)["chunks_root"], json!(hex(&chunks_root(&content, 512, &blind_of(&SEED, b"b")))));
}

#[test]
fn without_whole_file_digests_only_short_content_has_sha256() {
    let mut params = small_params();
    params.whole_file_digest = false;
    let entries = [file(b"a", &noise(512, 1)), file(b"b", &noise(513, 1))];
    let text = |n| String::from_utf8(manifest_line(n, &entries, &params, &SEED)).unwrap();
    assert!(text(0).contains("\"sha256\""));
    assert!(!text(1).contains("\"sha256\"") && text(1).contains("\"chunks_root\""));
    assert_eq!(sums_text(&entries, &params).split(|byte| *byte == b'\n').count(), 2);
}

#[test]
fn a_hard_link_repeats_the_digests_of_its_target() {
    let target = file(b"a", &noise(600, 1));
    let link = hard_link(b"b", &target);
    let entries = [target, link];
    let (first, second) = (line(0, &entries), line(1, &entries));
    assert_eq!(first["sha256"], second["sha256"]);
    assert_eq!(first["chunks_root"], second["chunks_root"]);
    assert_ne!(first["salt"], second["salt"]);
}

#[test]
fn an_unreadable_file_and_a_directory_have_no_digest() {
    let locked = with(with(bare(b"a", "file"), "unreadable", json!("EACCES")), "size", json!(9000));
    let link = hard_link(b"b", &locked);
    let entries = [locked, link, bare(b"c", "dir")];
    for n in 0..3 {
        let line = line(n, &entries);
        assert_eq!((line.get("sha256"), line.get("chunks_root")), (None, None), "entry {n}");
    }
    assert!(sums_text(&entries, &small_params()).is_empty());
}

#[test]
fn a_name_with_a_backslash_or_line_end_is_escaped_in_the_sums() {
    let entries = [file(b"-", b""), file(b"a\\b\nc\rd", b""), file(b"p q", b"")];
    let empty = hex(&sha256(b""));
    let expected = format!("{empty}  ./-\n\\{empty}  a\\\\b\\nc\\rd\n{empty}  p q\n");
    assert_eq!(String::from_utf8(sums_text(&entries, &small_params())).unwrap(), expected);
}
