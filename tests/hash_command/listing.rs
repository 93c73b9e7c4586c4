//! The listing of digests.

use std::fs;
use std::os::unix::fs::symlink;
use std::path::Path;

use super::{Desk, assert_done, assert_refused, json_lines, peak_memory, text};

#[test]
fn sha256sum_accepts_every_line() {
    let desk = Desk::new();
    desk.ragged();
    for name in [&b"d/new\nline"[..], b"d/back\\slash", b"d/carriage\rreturn", b"d/\xff\xfe", b"d/ space ", b"d/*star"]
    {
        desk.file(name, 100);
    }
    desk.keep("list", &desk.hash(&["d"]));
    let checked = desk.run("sha256sum", &["--strict", "--quiet", "-c", "list"]);
    assert_done(&checked);
    assert_eq!(text(&checked.stdout) + &text(&checked.stderr), "");
    assert_eq!(text(&fs::read(desk.path("list")).expect("the list")).lines().count(), 15 * 4 + 1 + 6);
}

#[test]
fn names_are_written_as_sha256sum_writes_them() {
    let desk = Desk::new();
    for name in [&b"d/new\nline"[..], b"d/back\\slash", b"d/carriage\rreturn", b"d/\xff"] {
        desk.file(name, 100);
    }
    let by_hand = desk.run("sh", &["-c", "find d -type f -exec sha256sum {} + | sort -k 2"]);
    let ours = desk.hash(&["d"]);
    let lines = |bytes: &[u8]| {
        let mut lines: Vec<Vec<u8>> = bytes.split(|&byte| byte == b'\n').map(<[u8]>::to_vec).collect();
        lines.sort();
        lines
    };
    assert_eq!(lines(&ours.stdout), lines(&by_hand.stdout));
}

#[test]
fn the_order_is_that_of_the_paths_whatever_the_threads() {
    let desk = Desk::new();
    desk.ragged();
    for i in 0..2000 {
        desk.file(format!("d/many/{}", i * 7919 % 2000), i);
    }
    let one = desk.hash(&["d", "--threads", "1"]);
    assert_done(&one);
    let paths: Vec<String> = text(&one.stdout).lines().map(|line| line[66..].to_owned()).collect();
    assert!(paths.is_sorted(), "{paths:?}");
    assert_eq!(paths.len(), 2061);
    for threads in ["2", "3", "16"] {
        assert!(desk.hash(&["d", "--threads", threads]).stdout == one.stdout, "{threads} threads");
    }
}

#[test]
fn paths_stand_in_the_order_given_and_as_given() {
    let desk = Desk::new();
    desk.file("b/x", 1);
    desk.file("a", 1);
    let paths = |args: &[&str]| -> Vec<String> {
        text(&desk.hash(args).stdout).lines().map(|line| line[66..].to_owned()).collect()
    };
    assert_eq!(paths(&["b", "a", "b/"]), ["b/x", "a", "b/x"]);
    assert_eq!(paths(&["."]), ["./a", "./b/x"]);
    let root = desk.dir.path().to_str().expect("text").to_owned();
    assert_eq!(paths(&[&root]), [format!("{root}/a"), format!("{root}/b/x")]);
}

#[test]
fn links_below_a_path_are_not_followed_but_one_that_is_given_is() {
    let desk = Desk::new();
    desk.file("outside/secret", 1);
    desk.file("d/own", 1);
    symlink("../outside", desk.path("d/dir-link")).expect("a link");
    symlink("../outside/secret", desk.path("d/file-link")).expect("a link");
    symlink("d", desk.path("given")).expect("a link");
    for (path, listed) in [("d", "d/own"), ("given", "given/own"), ("d/file-link", "d/file-link")] {
        let output = desk.hash(&[path]);
        assert_done(&output);
        assert_eq!(text(&output.stdout).lines().map(|line| &line[66..]).collect::<Vec<_>>(), [listed]);
    }
}

#[test]
fn json_has_path_size_and_digest_of_each_file() {
    let desk = Desk::new();
    desk.file("d/a", 70_000);
    desk.file(b"d/\xff", 3);
    let lines = json_lines(&desk.hash(&["d", "--json"]));
    assert_eq!(lines[0]["path"], "d/a");
    assert_eq!(lines[0]["size"], 70_000);
    assert_eq!(lines[0]["sha256"], desk.sha256sum("d/a"));
    assert_eq!(lines[1]["path"], "d/\\xff");
    assert_eq!(lines[1]["path_b64"], "ZC//");
}

#[test]
fn chunks_can_be_hashed_again_with_dd() {
    let desk = Desk::new();
    desk.file("d/long", 3 * 262_144 + 5);
    desk.file("d/short", 7);
    desk.file("d/empty", 0);
    let output = desk.hash(&["d", "--chunks-only"]);
    assert_done(&output);
    let lines: Vec<String> = text(&output.stdout).lines().map(str::to_owned).collect();
    assert_eq!(lines.len(), 5);
    for (i, line) in lines[..4].iter().enumerate() {
        let by_hand = format!("dd if=d/long bs=256K skip={i} count=1 2>&- | sha256sum | cut -c 1-64");
        let digest = text(&desk.run("sh", &["-c", &by_hand]).stdout);
        let len = if i == 3 { 5 } else { 262_144 };
        assert_eq!(*line, format!("{}  {} {len}  d/long", digest.trim(), i * 262_144));
    }
    assert_eq!(lines[4], format!("{}  0 7  d/short", desk.sha256sum("d/short")));
    let json = json_lines(&desk.hash(&["d/long", "--chunks-only", "--json"]));
    assert_eq!((&json[3]["offset"], &json[3]["len"]), (&786_432.into(), &5.into()));
}

#[test]
fn a_deep_tree_is_listed_whole() {
    let desk = Desk::new();
    let script =
        "mkdir d && cd d && for i in $(seq 700); do echo $i > before; mkdir long-name && cd long-name; echo > z; done";
    assert_done(&desk.run("bash", &["-c", script]));
    let output = desk.hash(&["d"]);
    assert_done(&output);
    assert_eq!(text(&output.stdout).lines().count(), 1400);
}

#[test]
fn a_reader_that_has_seen_enough_is_no_error() {
    let desk = Desk::new();
    desk.ragged();
    // More than a pipe and the program's own buffer hold.
    let many = "d ".repeat(100);
    let output = desk.run("bash", &["-c", &format!("set -o pipefail; {} hash {many} | head -n 1", super::SCELLE)]);
    assert_done(&output);
    assert_eq!(text(&output.stdout).lines().count(), 1);
    fs::write(desk.path("list"), desk.hash(&["d"]).stdout).expect("a listing");
    let audit = format!("set -o pipefail; {} hash {many} --check list | head -n 1", super::SCELLE);
    // An audit that was not read to its end has no good result.
    assert_eq!(desk.run("bash", &["-c", &audit]).status.code(), Some(2));
}

#[test]
fn memory_does_not_grow_with_the_number_of_files() {
    let desk = Desk::new();
    for dir in 0..10 {
        fs::create_dir_all(desk.path(&format!("d/{dir}"))).expect("a directory");
        for file in 0..1000 {
            fs::write(desk.path(&format!("d/{dir}/{file:0200}")), b"x").expect("a file");
        }
    }
    // One file that takes longer than all others together comes first, so that they wait for it.
    fs::File::create(desk.path("long")).and_then(|file| file.set_len(4 << 30)).expect("a file");
    let paths = [vec!["long"], vec!["d"; 50]].concat();
    let peak = peak_memory(desk.dir.path(), &paths);
    assert!(peak < 128 << 20, "{peak} bytes for 500,000 files");
}

#[test]
fn without_a_path_it_says_what_is_missing() {
    assert_refused(&Desk::new().hash(&[]), 3, &["<PATH>"]);
}

#[test]
fn hashing_leaves_no_trace_in_access_times() {
    let desk = Desk::new();
    desk.file("d/a", 10);
    let old = fs::FileTimes::new().set_accessed(std::time::UNIX_EPOCH).set_modified(std::time::SystemTime::now());
    fs::File::options().write(true).open(desk.path("d/a")).and_then(|file| file.set_times(old)).expect("times");
    assert_done(&desk.hash(&["d"]));
    let accessed = |path: &Path| fs::metadata(path).and_then(|meta| meta.accessed()).expect("a time");
    assert_eq!(accessed(&desk.path("d/a")), std::time::UNIX_EPOCH);
}
