//! `--known`: lists of known files that are searched on disk.

use std::fmt::Write as _;
use std::fs;

use super::failing_medium::{Item, Medium};
use super::{Desk, assert_done, assert_refused, json_lines, peak_memory, text};

/// Two million digests, in order, spread evenly; the file's own is put where it belongs.
fn write_list(desk: &Desk, own: &str) {
    let mut list = String::with_capacity(66 * 2_000_001);
    let mut own = Some(own).filter(|own| !own.is_empty());
    for i in 0..2_000_000_u64 {
        let line = format!("{:016x}{:048x}", i * (u64::MAX / 2_000_000), i);
        if let Some(text) = own.take_if(|text| **text < *line) {
            let _ = writeln!(list, "{text}");
        }
        let _ = writeln!(list, "{line}");
    }
    if let Some(text) = own {
        let _ = writeln!(list, "{text}");
    }
    fs::write(desk.path("known"), list).expect("a list");
}

#[test]
fn a_file_is_found_among_two_million_and_another_is_not() {
    let desk = Desk::new();
    desk.file("d/in", 10);
    desk.file("d/out", 11);
    write_list(&desk, &desk.sha256sum("d/in"));
    let output = desk.hash(&["d", "--known", "known"]);
    assert_done(&output);
    assert_eq!(output.stdout, desk.hash(&["d"]).stdout);
    assert_eq!(text(&output.stderr), "1 of 2 files in the list of known files\n");
    let lines = json_lines(&desk.hash(&["d", "--known", "known", "--json"]));
    assert_eq!((&lines[0]["known"], &lines[1]["known"]), (&true.into(), &false.into()));
    let unknown = text(&desk.hash(&["d", "--known", "known", "--unknown-only"]).stdout);
    assert_eq!(unknown, format!("{}  d/out\n", desk.sha256sum("d/out")));
    let peak = peak_memory(desk.dir.path(), &["d", "--known", "known"]);
    assert!(peak < 64 << 20, "{peak} bytes");
}

#[test]
fn first_last_and_only_lines_are_found() {
    let desk = Desk::new();
    desk.file("f", 10);
    let own = desk.sha256sum("f");
    let (low, high) = ("0".repeat(64), "f".repeat(64));
    for (list, is_known) in [
        (vec![&own], true),
        (vec![&own, &high], true),
        (vec![&low, &own], true),
        (vec![&low, &high], false),
        (vec![], false),
    ] {
        let text: String = list.iter().map(|line| format!("{line}\n")).collect();
        for text in [&text[..], text.trim_end()] {
            fs::write(desk.path("known"), text).expect("a list");
            assert_eq!(json_lines(&desk.hash(&["f", "--known", "known", "--json"]))[0]["known"], is_known, "{text}");
        }
    }
}

#[test]
fn a_list_with_one_value_in_all_lines_but_one_is_searched_in_time() {
    let desk = Desk::new();
    desk.file("f", 10);
    let list: String = std::iter::repeat_n("0".repeat(64) + "\n", 100_000).collect();
    fs::create_dir(desk.path("disk")).expect("a mount point");
    let medium = Medium::new().with("known", Item::file(format!("{list}{}\n", desk.sha256sum("f"))));
    let reads = medium.reads();
    let mounted = medium.mount(&desk.path("disk"));
    assert_eq!(json_lines(&desk.hash(&["f", "--known", "disk/known", "--json"]))[0]["known"], true);
    drop(mounted);
    let reads = reads.lock().expect("the reads").len();
    assert!(reads < 64, "{reads} reads for one of 100,000 lines");
}

#[test]
fn a_list_that_is_not_sorted_or_not_a_list_is_refused() {
    let desk = Desk::new();
    desk.file("f", 10);
    let own = desk.sha256sum("f");
    let upper = own.to_uppercase();
    let (low, high) = ("0".repeat(64), "f".repeat(64));
    for (list, says) in [
        (format!("{high}\n{low}\n"), "line 2 of the list of known files known is not in ascending order"),
        (format!("{low}\n{upper}\n"), "line 2 of the list of known files known is not 64 lower-case hex digits"),
        (format!("{low} {high}\n"), "line 1 of the list of known files known is not 64 lower-case hex digits"),
        ("d41d8cd98f00b204e9800998ecf8427e\n".to_owned(), "not lines of 65 each"),
    ] {
        fs::write(desk.path("known"), list).expect("a list");
        let output = desk.hash(&["f", "--known", "known"]);
        assert_refused(&output, 3, &[says, "hint: one SHA-256 a line"]);
    }
    assert_refused(&desk.hash(&["f", "--known", "none"]), 2, &["none", "No such file"]);
}

#[test]
fn a_list_that_is_no_file_is_refused_and_not_waited_for() {
    let desk = Desk::new();
    desk.file("f", 10);
    assert_done(&desk.run("mkfifo", &["pipe"]));
    let script = format!("sha256sum f | cut -c -64 | {} hash f --known /dev/stdin", super::SCELLE);
    for output in [desk.hash(&["f", "--known", "pipe"]), desk.run("sh", &["-c", &script])] {
        assert_eq!(output.status.code(), Some(3), "{}", text(&output.stderr));
        assert!(text(&output.stderr).contains("is no file"), "{}", text(&output.stderr));
        assert!(output.stdout.is_empty());
    }
}
