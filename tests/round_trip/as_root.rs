//! By root, on the file systems of Linux.

use std::fs;

use proptest::prelude::*;
use proptest::test_runner::{Config, TestRunner};

use super::facts::{Facts, Which, assert_equal, facts};
use super::file_systems::FileSystem;
use super::odd_tree::{Node, What, any_tree, ordinary, plant, privileged};
use std::process::Command;

use super::{Desk, SCELLE, done, text};

const ALL: Which = Which { owner: true, atime: true, holes: true };

fn everything_on(kind: &str) {
    let file_system = FileSystem::new(kind);
    let desk = Desk::on(&file_system.root());
    // Larger than the disk that it lies on, and that it is restored to.
    let vast = Node::new(&[b"vast"], What::File(vec![(1 << 28, b"one block".to_vec())], 450 << 20));
    plant(&desk.path("tree"), &[ordinary(), privileged(), vec![vast]].concat());
    let before = facts(&desk.path("tree"), ALL);
    desk.seal_tree();
    assert_equal(&before, &facts(&desk.path("tree"), ALL));
    assert_names_are_exact_and_harmless(&desk, &before);
    let output = desk.extract("out", &["--special"]);
    done(&output);
    assert!(!text(&output.stderr).contains("warning"), "{}", text(&output.stderr));
    assert_equal(&before, &facts(&desk.path("out/tree"), ALL));
}

/// What programs read has every byte of every name; what people see has none that does anything.
fn assert_names_are_exact_and_harmless(desk: &Desk, facts: &Facts) {
    let list = |args: &[&str]| desk.run(&[&["list", "x.scelle", "--signer", "key.pub"], args].concat());
    let (shown, json) = (text(&list(&[]).stdout), text(&list(&["--json"]).stdout));
    let is_harmless =
        |c: char| c == '\n' || !(c.is_control() || ('\u{200b}'..'\u{2070}').contains(&c) || c == '\u{ad}');
    assert!(shown.chars().chain(json.chars()).all(is_harmless));
    assert_eq!((shown.lines().count(), json.lines().count()), (facts.len(), facts.len()));
    let path = |line: &str| {
        let line: serde_json::Value = serde_json::from_str(line).expect("a line");
        let path = match line["path"].as_str() {
            Some(path) => path.as_bytes().to_vec(),
            None => {
                data_encoding::BASE64.decode(line["path_b64"].as_str().expect("a path").as_bytes()).expect("base64")
            }
        };
        path.strip_prefix(b"tree").expect("below tree").strip_prefix(b"/").unwrap_or_default().to_vec()
    };
    let mut paths: Vec<_> = json.lines().map(path).collect();
    paths.sort();
    assert!(paths.iter().eq(facts.keys()));
}

#[test]
fn everything_comes_back_on_ext4() {
    everything_on("ext4");
}

#[test]
fn everything_comes_back_on_xfs() {
    everything_on("xfs");
}

#[test]
fn everything_comes_back_on_btrfs() {
    everything_on("btrfs");
}

#[test]
fn any_tree_comes_back() {
    let cases = std::env::var("PROPTEST_CASES").ok().and_then(|n| n.parse().ok()).unwrap_or(24);
    let mut runner = TestRunner::new(Config { cases, failure_persistence: None, ..Config::default() });
    let desk = Desk::anywhere();
    let result = runner.run(&any_tree(), |nodes| {
        for name in ["tree", "out", "x.scelle"] {
            let _ = fs::remove_dir_all(desk.path(name)).or_else(|_| fs::remove_file(desk.path(name)));
        }
        plant(&desk.path("tree"), &nodes);
        let before = facts(&desk.path("tree"), ALL);
        desk.seal_tree();
        done(&desk.extract("out", &["--special"]));
        assert_equal(&before, &facts(&desk.path("out/tree"), ALL));
        Ok::<(), TestCaseError>(())
    });
    result.unwrap_or_else(|error| panic!("{error}"));
}

#[test]
fn what_gives_powers_is_not_restored_unasked() {
    use std::os::unix::fs::PermissionsExt as _;
    let desk = Desk::anywhere();
    plant(&desk.path("tree"), &[&ordinary()[..1], &privileged()].concat());
    desk.seal_tree();
    let output = desk.extract("out", &[]);
    done(&output);
    let said = text(&output.stderr);
    for part in
        ["tree/null: not restored: a device node", "tree/disk: not restored", "set-id bits", "security.*", "trusted.*"]
    {
        assert!(said.contains(part), "{part}: {said}");
    }
    assert!(!desk.path("out/tree/null").exists());
    let mode = |name: &str| fs::metadata(desk.path(name)).expect("a file").permissions().mode() & 0o7777;
    assert_eq!((mode("out/tree/set id"), mode("out/tree/set group")), (0o755, 0o775));
    let attributes = facts(&desk.path("out/tree"), ALL);
    assert!(!attributes.values().any(|line| line.contains("security.capability") || line.contains("trusted.")));
}

#[test]
fn an_extraction_can_be_repeated_and_never_overwrites() {
    let desk = Desk::anywhere();
    plant(&desk.path("tree"), &[ordinary(), privileged()].concat());
    desk.seal_tree();
    done(&desk.extract("out", &["--special"]));
    let first = facts(&desk.path("out/tree"), ALL);
    fs::remove_file(desk.path("out/tree/zeros")).expect("a file");
    fs::remove_dir_all(desk.path("out/tree/names")).expect("a directory");
    let output = desk.extract("out", &["--special"]);
    done(&output);
    assert!(text(&output.stderr).contains("there already, with the same content"), "{}", text(&output.stderr));
    // The directory that something was missing from was there, and is not finished again.
    let without_top = |mut facts: Facts| {
        facts.remove(&b""[..]);
        facts
    };
    assert_equal(&without_top(first), &without_top(facts(&desk.path("out/tree"), ALL)));
    // What is not the same is the user's own, whatever it is.
    fs::write(desk.path("out/tree/zeros"), vec![1; 100_000]).expect("a file");
    fs::remove_file(desk.path("out/tree/pipe")).expect("a pipe");
    fs::write(desk.path("out/tree/pipe"), "mine").expect("a file");
    let output = desk.extract("out", &["--special"]);
    assert_eq!(output.status.code(), Some(2), "{}", text(&output.stderr));
    for name in ["tree/zeros", "tree/pipe"] {
        assert!(
            text(&output.stderr).contains(&format!("{name}: not restored: something else")),
            "{}",
            text(&output.stderr)
        );
    }
    assert_eq!(fs::read(desk.path("out/tree/pipe")).expect("a file"), b"mine");
    assert_eq!(fs::read(desk.path("out/tree/zeros")).expect("a file"), vec![1; 100_000]);
}

#[test]
fn many_hard_links_to_what_is_not_wanted_need_no_more_open_files() {
    let desk = Desk::anywhere();
    for name in ["tree/a", "tree/b"] {
        fs::create_dir_all(desk.path(name)).expect("a directory");
    }
    for i in (0..500).rev() {
        fs::write(desk.path(&format!("tree/a/{i}")), vec![b'x'; i * 50]).expect("a file");
        // In another order than the content, so that it is gone back for.
        fs::hard_link(desk.path(&format!("tree/a/{i}")), desk.path(&format!("tree/b/{}", 499 - i))).expect("a link");
    }
    desk.seal_tree();
    let script = format!("ulimit -n 32; exec {SCELLE} extract x.scelle --signer key.pub --out out tree/b");
    let output = Command::new("bash").args(["-c", &script]).current_dir(desk.path("")).output().expect("bash");
    done(&output);
    for i in 0..500 {
        assert_eq!(fs::metadata(desk.path(&format!("out/tree/b/{}", 499 - i))).expect("a file").len(), i * 50);
    }
}

#[test]
fn a_killed_extraction_leaves_only_whole_files_and_is_completed_by_the_next() {
    let desk = Desk::anywhere();
    let source = desk.path("tree");
    fs::create_dir(&source).expect("a directory");
    for i in 0..40u8 {
        fs::write(source.join(format!("f{i}")), vec![i; 3_000_000]).expect("a file");
    }
    desk.seal_tree();
    let mut child =
        desk.command(&["extract", "x.scelle", "--signer", "key.pub", "--out", "out"]).spawn().expect("scelle");
    while fs::read_dir(desk.path("out/tree")).map_or(0, Iterator::count) < 3 {
        assert!(child.try_wait().expect("a child").is_none(), "it was too fast to be killed");
    }
    child.kill().expect("a kill");
    child.wait().expect("an end");
    let names: Vec<_> = fs::read_dir(desk.path("out/tree")).expect("a list").flatten().map(|e| e.file_name()).collect();
    assert!(names.len() < 40);
    for name in names {
        let (ours, theirs) = (fs::read(desk.path("out/tree").join(&name)), fs::read(source.join(&name)));
        assert!(ours.expect("a file") == theirs.expect("a file of the source"), "{name:?} is not whole");
    }
    done(&desk.extract("out", &[]));
    let which = Which { atime: false, ..ALL };
    assert_equal(&facts(&source, which), &facts(&desk.path("out/tree"), which));
}
