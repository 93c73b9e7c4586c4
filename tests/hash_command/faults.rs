//! What cannot be read is named, and the rest goes on.

use std::fs;
use std::os::unix::fs::symlink;

use super::failing_medium::{EACCES, EIO, Item, Medium};
use super::{Desk, assert_done, json_lines, text};

#[test]
fn each_file_that_cannot_be_read_is_one_line_with_path_and_cause_and_the_rest_goes_on() {
    let desk = Desk::new();
    fs::create_dir(desk.path("disk")).expect("a mount point");
    let bad = Item::file(vec![7; 1_000_000]).bad(500_000..500_512);
    let closed = Item::file(vec![7; 10]).open_error(EACCES);
    let half = Item::dir(vec![("seen", Item::file("seen"))]).list_error(EIO);
    let medium = Medium::new().with("bad", bad).with("closed", closed).with("half", half).vanished("gone");
    let mounted = medium.with("sound", Item::file("sound")).mount(&desk.path("disk"));
    let output = desk.hash(&["disk"]);
    let json = desk.hash(&["disk", "--json"]);
    drop(mounted);

    assert_eq!(output.status.code(), Some(2));
    let listed: Vec<String> = text(&output.stdout).lines().map(|line| line[66..].to_owned()).collect();
    assert_eq!(listed, ["disk/half/seen", "disk/sound"]);
    let errors = text(&output.stderr);
    let errors: Vec<&str> = errors.lines().collect();
    assert_eq!(errors.len(), 4, "{errors:?}");
    for (line, says) in errors.iter().zip([
        ["cannot read disk/bad from byte ", "Input/output error"],
        ["cannot open disk/closed: ", "Permission denied"],
        ["disk/gone", ""],
        ["cannot list all that disk/half holds: ", "Input/output error"],
    ]) {
        assert!(says.iter().all(|part| line.contains(part)), "{says:?} in {line}");
    }
    assert_eq!(json.status.code(), Some(2));
    let failed: Vec<_> = json_lines(&json).into_iter().filter(|line| !line["error"].is_null()).collect();
    assert_eq!(failed.len(), 4);
    assert_eq!(failed[1]["path"], "disk/closed");
    assert!(failed[1]["sha256"].is_null());
}

#[test]
fn a_file_that_ends_early_is_hashed_to_its_end() {
    let desk = Desk::new();
    fs::create_dir(desk.path("disk")).expect("a mount point");
    let short = Item::file(vec![7; 40_000]).claiming(1_000_000);
    let mounted = Medium::new().with("short", short).mount(&desk.path("disk"));
    let lines = json_lines(&desk.hash(&["disk", "--json"]));
    let chunks = desk.hash(&["disk", "--chunks-only"]);
    drop(mounted);
    fs::write(desk.path("same"), vec![7; 40_000]).expect("a file");
    assert_eq!(lines[0]["size"], 40_000);
    assert_eq!(lines[0]["sha256"], desk.sha256sum("same"));
    // A chunk that is not what it was said to be is none.
    assert_eq!(chunks.status.code(), Some(2));
    assert!(text(&chunks.stderr).contains("became shorter"), "{}", text(&chunks.stderr));
}

#[test]
fn a_file_that_grows_while_it_is_read_is_no_error() {
    let desk = Desk::new();
    fs::write(desk.path("f"), vec![7; 10_000_000]).expect("a file");
    let script = format!(
        "(for i in $(seq 200); do echo more >> f; done) & for i in 1 2 3; do {} hash f >/dev/null || exit 9; done; wait",
        super::SCELLE
    );
    assert_done(&desk.run("bash", &["-c", &script]));
}

#[test]
fn pipes_and_sockets_are_named_and_never_waited_for() {
    let desk = Desk::new();
    desk.file("d/a", 1);
    let make = "mkfifo d/pipe && python3 -c 'import socket; socket.socket(socket.AF_UNIX).bind(\"d/socket\")'";
    assert_done(&desk.run("sh", &["-c", make]));
    let output = desk.hash(&["d"]);
    assert_done(&output);
    assert_eq!(text(&output.stdout).lines().count(), 1);
    assert_eq!(text(&output.stderr), "warning: d/pipe is a pipe: not read\nwarning: d/socket is a socket: not read\n");
    // One that was asked for is an error.
    assert_eq!(desk.hash(&["d/pipe"]).status.code(), Some(2));
}

#[test]
fn a_name_that_would_forge_a_line_is_shown_on_one() {
    let desk = Desk::new();
    let output = desk.hash(&["no\nerror: forged"]);
    assert_eq!(output.status.code(), Some(2));
    let stderr = text(&output.stderr);
    assert_eq!(stderr.lines().count(), 1, "{stderr}");
    assert!(stderr.starts_with("error: cannot look at no\\nerror: forged: No such file"), "{stderr}");
}

#[test]
fn a_dangling_link_that_is_given_is_an_error_and_one_below_is_not() {
    let desk = Desk::new();
    desk.file("d/a", 1);
    symlink("nowhere", desk.path("d/link")).expect("a link");
    assert_done(&desk.hash(&["d"]));
    assert_eq!(desk.hash(&["d", "d/link"]).status.code(), Some(2));
}

/// How often another file is read from than before while these are hashed, and what is printed.
fn changes_between_files(desk: &Desk, options: &[&str]) -> (usize, String) {
    fs::create_dir_all(desk.path("disk")).expect("a mount point");
    let mut medium = Medium::new();
    for n in 0..40_usize {
        medium = medium.with(&format!("{n:02}"), Item::file(vec![7; 700_000 + n]).cached());
    }
    let reads = medium.reads();
    let mounted = medium.mount(&desk.path("disk"));
    let output = desk.hash(&[&["disk", "--threads", "2"], options].concat());
    drop(mounted);
    assert_done(&output);
    let reads = reads.lock().expect("the reads");
    (reads.windows(2).filter(|pair| pair[0] != pair[1]).count(), text(&output.stdout))
}

#[test]
fn with_one_reader_a_file_is_read_to_its_end_before_the_next() {
    let desk = Desk::new();
    let (all, listing) = changes_between_files(&desk, &[]);
    let (one, same_listing) = changes_between_files(&desk, &["--readers", "1"]);
    assert_eq!(listing, same_listing);
    assert_eq!(one, 39);
    assert!(all > 100, "{all}: lanes read side by side where nothing keeps them from it");
}

#[test]
fn whoever_reads_ahead_of_the_lanes_loses_no_byte_and_hides_no_error() {
    let desk = Desk::new();
    fs::create_dir(desk.path("disk")).expect("a mount point");
    let content: Vec<u8> = (0..=250).cycle().take(20_000_000).collect();
    fs::write(desk.path("same"), &content).expect("a file");
    let long = Item::file(content);
    let bad = Item::file(vec![7; 1_000_000]).bad(500_000..500_512);
    let mounted = Medium::new().with("bad", bad.cached()).with("long", long.cached()).mount(&desk.path("disk"));
    let output = desk.hash(&["disk", "--readers", "1"]);
    let chunks = desk.hash(&["disk/long", "--readers", "1", "--chunks-only"]);
    drop(mounted);
    assert_eq!(output.status.code(), Some(2));
    assert!(text(&output.stderr).contains("cannot read disk/bad from byte "), "{}", text(&output.stderr));
    assert_eq!(text(&output.stdout), format!("{}  disk/long\n", desk.sha256sum("same")));
    let same = desk.hash(&["same", "--chunks-only"]);
    assert_eq!(text(&chunks.stdout).replace("disk/long", "same"), text(&same.stdout));
}

#[test]
fn what_a_directory_that_cannot_be_listed_may_hold_is_not_called_missing() {
    let desk = Desk::new();
    fs::create_dir(desk.path("disk")).expect("a mount point");
    let child = || vec![("seen", Item::file("seen")), ("more", Item::dir(vec![("deep", Item::file("deep"))]))];
    let mounted = Medium::new().with("half", Item::dir(child())).mount(&desk.path("disk"));
    let whole = desk.hash(&["disk"]);
    drop(mounted);
    assert_done(&whole);
    fs::write(desk.path("list"), [&whole.stdout[..], &[b'0'; 64], b"  disk/gone\n"].concat()).expect("a listing");
    let half = Item::dir(vec![("seen", Item::file("seen"))]).list_error(EIO);
    let mounted = Medium::new().with("half", half).mount(&desk.path("disk"));
    let output = desk.hash(&["--check", "list", "disk"]);
    let json = desk.hash(&["--check", "list", "--json", "disk/"]);
    drop(mounted);
    assert_eq!(output.status.code(), Some(2));
    let mut lines: Vec<String> = text(&output.stdout).lines().map(str::to_owned).collect();
    lines.sort();
    assert_eq!(lines, ["matched  disk/half/seen", "missing  disk/gone", "not read disk/half/more/deep"]);
    assert!(text(&output.stderr).contains("1 matched, 0 changed, 0 moved, 1 missing, 0 new, 2 not read"), "{output:?}");
    let told = json_lines(&json).into_iter().find(|line| line["path"] == "disk/half/more/deep").expect("a line");
    assert_eq!(told["status"], "not read");
}

#[test]
fn what_is_listed_below_a_dot_that_cannot_be_listed_is_not_called_missing() {
    let desk = Desk::new();
    fs::create_dir(desk.path("disk")).expect("a mount point");
    let half = Item::dir(vec![("seen", Item::file("seen"))]).list_error(EIO);
    let mounted = Medium::new().with("half", half).mount(&desk.path("disk"));
    fs::write(desk.path("list"), format!("{}  ./gone\n", "0".repeat(64))).expect("a listing");
    let script = format!("cd disk/half && {} hash . --check ../../list", super::SCELLE);
    let output = desk.run("sh", &["-c", &script]);
    drop(mounted);
    assert_eq!(output.status.code(), Some(2));
    assert!(text(&output.stdout).contains("not read ./gone"), "{}", text(&output.stdout));
}

#[test]
fn a_thread_or_a_handle_that_cannot_be_had_is_one_error_and_no_finding() {
    let desk = Desk::new();
    fs::create_dir(desk.path("many")).expect("a directory");
    for n in 0..3000 {
        fs::write(desk.path(&format!("many/{n}")), [b'x'; 100]).expect("a file");
    }
    let mode = std::os::unix::fs::PermissionsExt::from_mode(0o755);
    fs::set_permissions(desk.dir.path(), mode).expect("a mode");
    let limited = |limit: &str, options: &str| {
        let user = "setpriv --reuid 61234 --regid 61234 --clear-groups";
        let script =
            format!("{user} bash -c 'ulimit {limit}; exec timeout -k 5 60 {} hash many {options}'", super::SCELLE);
        desk.run("bash", &["-c", &script])
    };
    for options in ["--threads 2", "--threads 64"] {
        let output = limited("-u 3", options);
        assert_eq!(output.status.code(), Some(2), "{options}: {}", text(&output.stderr));
        assert!(text(&output.stderr).contains("cannot start a thread"), "{}", text(&output.stderr));
    }
    // The usual limit is enough for many threads, also where files wait open for their chunks.
    let output = limited("-n 1024", "--chunks-only --threads 16");
    assert_done(&output);
    assert_eq!(text(&output.stdout).lines().count(), 3000);
    let output = limited("-n 9", "--threads 16");
    assert_eq!(output.status.code(), Some(2));
    assert_eq!(text(&output.stderr).matches("error:").count(), 1, "{}", text(&output.stderr));
    assert!(text(&output.stderr).contains("no file handle is left"), "{}", text(&output.stderr));
}
