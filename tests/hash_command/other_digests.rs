//! Digests beside SHA-256, and hashing everything twice.

use super::{Desk, assert_done, assert_refused, json_lines, text};

#[test]
fn each_tool_takes_the_lines_that_are_its_own() {
    let desk = Desk::new();
    desk.ragged();
    desk.file(b"d/new\nline\\", 100);
    desk.keep("list", &desk.hash(&["d", "--also", "md5,sha1,sha512"]));
    for tool in ["sha256sum", "md5sum", "sha1sum", "sha512sum"] {
        let checked = desk.run(tool, &["-c", "list"]);
        assert_done(&checked);
        assert_eq!(text(&checked.stdout).matches(": OK").count(), 62, "{tool}");
    }
}

#[test]
fn json_has_them_by_name() {
    let desk = Desk::new();
    desk.file("abc", 0);
    let line = &json_lines(&desk.hash(&["abc", "--json", "--also", "blake3,md5"]))[0];
    assert_eq!(line["md5"], "d41d8cd98f00b204e9800998ecf8427e");
    assert_eq!(line["blake3"], "af1349b9f5f9a1a6a0404dea36dcc9499bcb25c9adc112b7cc9a93cae41f3262");
}

#[test]
fn paranoid_finds_the_same_digests() {
    let desk = Desk::new();
    desk.ragged();
    let twice = desk.hash(&["d", "--paranoid"]);
    assert_done(&twice);
    assert!(twice.stdout == desk.hash(&["d"]).stdout);
}

#[test]
fn a_digest_that_nobody_knows_is_wrong_use() {
    assert_refused(&Desk::new().hash(&["d", "--also", "md4"]), 3, &["md4"]);
}
