//! Which entries there are, and in which order.

use std::fs;
use std::path::PathBuf;
use std::sync::Arc;

use scelle::format::entry::Kind;
use scelle::read::scope::Scope;

use super::{at, paths, raw, read, read_scope, source};

/// Every entry may follow the one before it by the rules of the format.
fn assert_ordered(all: &[super::Read]) {
    let is_root = all[0].entry.path.is_root();
    for pair in all.windows(2) {
        let is_dir = pair[0].entry.kind == Kind::Dir;
        let (path, next) = (&pair[0].entry.path, &pair[1].entry.path);
        assert!(path.may_be_followed_by(is_dir, next, is_root), "{path:?} then {next:?}");
    }
}

#[test]
fn siblings_are_ordered_by_one_name_and_never_by_whole_paths() {
    let (_dir, s) = source();
    fs::create_dir(s.join("p")).unwrap();
    for name in ["p/x", "p.q", "p-", "P", "\u{e9}", "pp"] {
        fs::write(s.join(name), name).unwrap();
    }
    let all = read(&[&s]);
    assert_eq!(paths(&all), ["s", "s/P", "s/p", "s/p/x", "s/p-", "s/p.q", "s/pp", "s/\u{e9}"]);
    assert_eq!(at(&all, "s/p/x").bytes.as_deref(), Some(&b"p/x"[..]));
    assert_ordered(&all);
}

#[test]
fn names_need_not_be_text() {
    let (_dir, s) = source();
    for name in [&b"\xff\xfe"[..], b"new\nline", b"\x01", b" "] {
        fs::write(s.join(raw(name)), "").unwrap();
    }
    let names: Vec<Vec<u8>> = read(&[&s]).iter().map(|read| read.entry.path.as_bytes().to_vec()).collect();
    assert_eq!(names, [&b"s"[..], b"s/\x01", b"s/ ", b"s/new\nline", b"s/\xff\xfe"]);
}

#[test]
fn a_directory_of_fifty_thousand_names_is_listed_whole_and_in_order() {
    let (_dir, s) = source();
    for n in 0..50_000u32 {
        fs::write(s.join(format!("{:x}-{n}", n.wrapping_mul(2_654_435_761))), "").unwrap();
    }
    let all = read(&[&s]);
    assert_eq!(all.len(), 50_001);
    assert_ordered(&all);
}

#[test]
fn sources_stand_in_the_order_given_each_with_all_below_it() {
    let (dir, s) = source();
    fs::write(s.join("x"), "").unwrap();
    fs::write(dir.path().join("a"), "").unwrap();
    let all = read(&[&s, &dir.path().join("a")]);
    assert_eq!(paths(&all), ["s", "s/x", "a"]);
}

#[test]
fn later_names_of_a_file_refer_to_the_first_across_sources() {
    let (dir, s) = source();
    let other = dir.path().join("a");
    fs::create_dir(&other).unwrap();
    fs::write(s.join("one"), "content").unwrap();
    fs::hard_link(s.join("one"), s.join("two")).unwrap();
    fs::hard_link(s.join("one"), other.join("three")).unwrap();
    std::os::unix::fs::symlink("one", s.join("link")).unwrap();
    fs::hard_link(s.join("link"), s.join("link2")).unwrap();
    let all = read(&[&s, &other]);
    let first = at(&all, "s/one");
    assert_eq!((first.entry.nlink, &first.entry.hard_link), (Some(3), &None));
    assert_eq!(first.bytes.as_deref(), Some(&b"content"[..]));
    for path in ["s/two", "a/three"] {
        let later = at(&all, path);
        assert_eq!(later.entry.hard_link.as_ref(), Some(&first.entry.path), "{path}");
        assert_eq!((later.entry.size, later.entry.nlink, &later.bytes), (Some(7), Some(3), &None));
    }
    assert_eq!(at(&all, "s/link2").entry.hard_link.as_ref(), Some(&at(&all, "s/link").entry.path));
    assert_eq!(at(&all, "s/link2").entry.link.as_deref(), Some(&b"one"[..]));
    assert_eq!(at(&all, "s").entry.nlink, None, "links to directories are not names of them");
}

#[test]
fn what_is_excluded_is_left_out_with_all_below_it() {
    let (_dir, s) = source();
    fs::create_dir_all(s.join("cache/deep")).unwrap();
    fs::create_dir_all(s.join("d/e")).unwrap();
    for name in ["cache/deep/x", "a.tmp", "d/b.tmp", "d/e/keep", "tmp"] {
        fs::write(s.join(name), "").unwrap();
    }
    let read = |patterns: &[&str]| {
        let patterns: Vec<String> = patterns.iter().map(|&text| text.to_owned()).collect();
        paths(&read_scope(&Arc::new(Scope::new(&[PathBuf::from(&s)], &patterns, false).unwrap())))
    };
    assert_eq!(read(&["s/cache", "**/*.tmp"]), ["s", "s/d", "s/d/e", "s/d/e/keep", "s/tmp"]);
    assert_eq!(read(&["s/cache/", "s/d/"]), ["s", "s/a.tmp", "s/tmp"]);
    assert_eq!(read(&["s/c*", "s/*tmp"]), ["s", "s/d", "s/d/b.tmp", "s/d/e", "s/d/e/keep"], "`*` does not match `/`");
    assert_eq!(read(&["s"]).len(), 10, "a source itself is never left out");
}
