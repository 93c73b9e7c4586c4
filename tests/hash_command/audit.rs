//! `--check`: what became of the files of an earlier listing.

use std::fs;

use super::{Desk, assert_done, assert_refused, json_lines, text};

/// A listing, and the same files with one of each difference.
fn changed() -> Desk {
    let desk = Desk::new();
    for (name, len) in [("same", 10), ("changed", 20), ("moved", 30), ("missing", 40)] {
        desk.file(format!("d/{name}"), len);
    }
    desk.keep("list", &desk.hash(&["d"]));
    desk.keep("deep", &desk.run("hashdeep", &["-c", "md5,sha256", "-l", "-r", "d"]));
    let script = "cd d && echo more >> changed && mkdir sub && mv moved sub/elsewhere && rm missing && echo new > new";
    assert_done(&desk.run("sh", &["-c", script]));
    desk
}

const FOUND: &str = "changed  d/changed\nnew      d/new\nmatched  d/same\nmoved    d/sub/elsewhere (listed as d/moved)\n\
                     missing  d/missing\n";

#[test]
fn what_matches_exits_with_0() {
    let desk = Desk::new();
    desk.ragged();
    desk.file(b"d/new\nline\xff\\", 100);
    desk.keep("list", &desk.hash(&["d"]));
    for args in [&["d", "--check", "list"][..], &["--check", "list"], &["./d", "--check", "list"]] {
        let output = desk.hash(args);
        assert_done(&output);
        assert_eq!(text(&output.stdout).matches("matched  ").count(), 62);
        assert_eq!(text(&output.stderr), "62 matched, 0 changed, 0 moved, 0 missing, 0 new, 0 not read\n");
    }
}

#[test]
fn each_difference_is_listed_and_exits_with_1() {
    let desk = changed();
    for listing in ["list", "deep"] {
        let output = desk.hash(&["d", "--check", listing]);
        assert_eq!(output.status.code(), Some(1));
        assert_eq!(text(&output.stdout), FOUND, "{listing}");
        assert_eq!(text(&output.stderr), "1 matched, 1 changed, 1 moved, 1 missing, 1 new, 0 not read\n");
    }
}

#[test]
fn hashdeep_finds_the_same_number_of_each() {
    let desk = changed();
    let theirs = desk.run("hashdeep", &["-a", "-v", "-v", "-l", "-r", "-k", "deep", "d"]);
    let theirs = text(&theirs.stdout);
    for line in ["Files matched: 1", "Files moved: 1", "New files found: 2"] {
        assert!(theirs.contains(line), "{line} in {theirs}");
    }
}

#[test]
fn without_paths_those_of_the_listing_are_read() {
    let desk = changed();
    let output = desk.hash(&["--check", "list"]);
    assert_eq!(output.status.code(), Some(1));
    assert_eq!(text(&output.stdout), "changed  d/changed\nmatched  d/same\nmissing  d/missing\nmissing  d/moved\n");
}

#[test]
fn json_has_what_was_recorded_and_what_is() {
    let desk = changed();
    let lines = json_lines(&desk.hash(&["d", "--check", "list", "--json"]));
    assert_eq!((&lines[0]["status"], &lines[0]["sha256"]), (&"changed".into(), &desk.sha256sum("d/changed").into()));
    assert!(lines[0]["recorded"].is_string() && lines[0]["recorded"] != lines[0]["sha256"]);
    assert_eq!((&lines[3]["status"], &lines[3]["from"]), (&"moved".into(), &"d/moved".into()));
    assert_eq!((&lines[4]["status"], &lines[4]["path"]), (&"missing".into(), &"d/missing".into()));
}

#[test]
fn tagged_and_binary_lines_are_read() {
    let desk = Desk::new();
    desk.file("a (b) = c", 10);
    desk.file("b", 11);
    for option in ["--tag", "--binary"] {
        desk.keep("list", &desk.run("sha256sum", &[option, "a (b) = c", "b"]));
        assert_done(&desk.hash(&["--check", "list"]));
    }
}

#[test]
fn of_files_with_equal_content_only_the_one_that_is_gone_is_missing() {
    let desk = Desk::new();
    for name in ["a", "b", "c"] {
        fs::write(desk.path(name), "equal").expect("a file");
    }
    desk.keep("list", &desk.hash(&["a", "b", "c"]));
    fs::remove_file(desk.path("b")).expect("a file");
    let output = desk.hash(&["--check", "list"]);
    assert_eq!(text(&output.stdout), "matched  a\nmatched  c\nmissing  b\n");
}

#[test]
fn a_malformed_line_is_named_and_nothing_is_decided() {
    let desk = Desk::new();
    desk.file("a", 1);
    let good = text(&desk.hash(&["a"]).stdout);
    for (bad, says) in [
        ("not a line at all", "neither"),
        ("d41d8cd98f00b204e9800998ecf8427e  a", "not of SHA-256"),
        ("%%%% HASHDEEP-9", "another version"),
    ] {
        fs::write(desk.path("list"), format!("{good}# comment\n{bad}\n")).expect("a list");
        let output = desk.hash(&["a", "--check", "list"]);
        assert_refused(&output, 3, &["list, line 3: ", says, "hint: "]);
        assert!(output.stdout.is_empty());
    }
    let md5 = "%%%% HASHDEEP-1.0\n%%%% size,md5,filename\n";
    fs::write(desk.path("list"), md5).expect("a list");
    assert_refused(&desk.hash(&["a", "--check", "list"]), 3, &["line 2", "without `sha256`"]);
    fs::write(desk.path("list"), vec![b'a'; 5 << 20]).expect("a list");
    assert_refused(&desk.hash(&["a", "--check", "list"]), 3, &["line 1", "longer than"]);
    assert_refused(&desk.hash(&["a", "--check", "none"]), 2, &["none", "No such file"]);
}

#[test]
fn what_cannot_be_read_is_not_missing_and_exits_with_2() {
    let desk = Desk::new();
    desk.file("d/a", 1);
    desk.keep("list", &desk.hash(&["d"]));
    fs::remove_file(desk.path("d/a")).expect("a file");
    assert_done(&desk.run("mkfifo", &["d/a"]));
    let output = desk.hash(&["d/a", "--check", "list"]);
    assert_eq!(output.status.code(), Some(2));
    assert_eq!(text(&output.stdout), "");
}

#[test]
fn of_files_of_one_digest_the_one_that_went_away_is_the_one_that_moved() {
    let desk = Desk::new();
    for path in ["d/b/1", "d/c/2"] {
        fs::create_dir_all(desk.path(path).parent().expect("a parent")).expect("a directory");
        fs::write(desk.path(path), "same").expect("a file");
    }
    fs::write(desk.path("list"), desk.hash(&["d"]).stdout).expect("a listing");
    fs::create_dir(desk.path("d/a")).expect("a directory");
    fs::rename(desk.path("d/c/2"), desk.path("d/a/0")).expect("moved");
    let output = desk.hash(&["d", "--check", "list"]);
    assert_eq!(output.status.code(), Some(1));
    let mut lines: Vec<String> = text(&output.stdout).lines().map(str::to_owned).collect();
    lines.sort();
    assert_eq!(lines, ["matched  d/b/1", "moved    d/a/0 (listed as d/c/2)"]);
}

#[test]
fn a_listing_that_contradicts_itself_is_not_matched() {
    let desk = Desk::new();
    fs::write(desk.path("f"), "f").expect("a file");
    let own = desk.sha256sum("f");
    for lines in [[&own[..], &"0".repeat(64)], [&"0".repeat(64), &own[..]]] {
        fs::write(desk.path("list"), format!("{}  f\n{}  f\n", lines[0], lines[1])).expect("a listing");
        let output = desk.hash(&["f", "--check", "list"]);
        assert_eq!((output.status.code(), text(&output.stdout).as_str()), (Some(1), "changed  f\n"));
    }
}

#[test]
fn lines_may_end_as_on_other_systems() {
    let desk = Desk::new();
    fs::write(desk.path("f"), "f").expect("a file");
    let own = desk.sha256sum("f");
    let deep = format!("%%%% HASHDEEP-1.0\r\n%%%% size,sha256,filename\r\n## x\r\n1,{own},f\r\n");
    for listing in [format!("{own}  f\r\n"), format!("SHA256 (f) = {own}\r\n"), deep] {
        fs::write(desk.path("list"), &listing).expect("a listing");
        let output = desk.hash(&["f", "--check", "list"]);
        assert_eq!(text(&output.stdout), "matched  f\n", "{listing}");
        assert_done(&output);
    }
    // One in a name is escaped where it is written.
    fs::write(desk.path("odd\r"), "f").expect("a file");
    fs::write(desk.path("list"), desk.hash(&["odd\r"]).stdout).expect("a listing");
    assert_done(&desk.hash(&["odd\r", "--check", "list"]));
}

#[test]
fn an_audit_against_nothing_is_refused() {
    let desk = Desk::new();
    fs::write(desk.path("f"), "f").expect("a file");
    for listing in ["", "# nothing\n", "MD5 (f) = 8fa14cdd754f91cc6554c9e71929cce7\n"] {
        fs::write(desk.path("list"), listing).expect("a listing");
        for args in [&["--check", "list"][..], &["f", "--check", "list"]] {
            let output = desk.hash(args);
            assert_eq!(output.status.code(), Some(3), "{listing:?}");
            assert!(text(&output.stderr).contains("lists no SHA-256 digest"), "{}", text(&output.stderr));
        }
    }
    // Nor is a pipe waited for: it could not be read a second time.
    assert_done(&desk.run("mkfifo", &["pipe"]));
    let output = desk.hash(&["f", "--check", "pipe"]);
    assert_eq!(output.status.code(), Some(3), "{}", text(&output.stderr));
}

#[test]
fn a_path_that_is_listed_again_and_again_takes_no_longer_each_time() {
    let desk = Desk::new();
    fs::write(desk.path("f"), "f").expect("a file");
    fs::write(desk.path("list"), format!("{}  f\n", desk.sha256sum("f")).repeat(20_000)).expect("a listing");
    let start = std::time::Instant::now();
    let output = desk.hash(&["--check", "list"]);
    assert_done(&output);
    assert!(text(&output.stderr).contains("20,000 matched"));
    // Without the memory of it: over four minutes.
    assert!(start.elapsed() < std::time::Duration::from_secs(30), "{:?}", start.elapsed());
}
