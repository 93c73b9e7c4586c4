//! Standard input as a source: live acquisition over a pipe.

mod desk;

use std::fs;
use std::io::Write as _;
use std::process::{Child, Command, Output, Stdio};
use std::time::{Duration, Instant};

use desk::{Desk, SCELLE, assert_done, text, wait_for};
use serde_json::{Value, json};

const ARGS: [&str; 8] = ["seal", "-", "--key", "key", "--case", "case.toml", "--out", "x.scelle"];

fn start(desk: &Desk, args: &[&str]) -> Child {
    desk.command(&[&ARGS[..], args].concat()).stdin(Stdio::piped()).spawn().expect("scelle")
}

/// Seals these bytes; the pipe is closed after them.
fn seal(desk: &Desk, args: &[&str], bytes: &[u8]) -> Output {
    let mut child = start(desk, args);
    // A refusal closes the pipe before all was written.
    let _ = child.stdin.take().expect("a pipe").write_all(bytes);
    child.wait_with_output().expect("scelle")
}

fn pattern(len: usize) -> Vec<u8> {
    (0..=250).cycle().take(len).collect()
}

/// That the bundle verifies and its one entry has these bytes.
fn assert_holds(desk: &Desk, name: &str, bytes: &[u8]) {
    assert_done(&desk.run(&["verify", "x.scelle", "--signer", "key.pub"]));
    assert_done(&desk.run(&["extract", "x.scelle", "--signer", "key.pub", "--out", "out"]));
    assert!(fs::read(desk.path("out").join(name)).expect("the entry") == bytes);
    let names: Vec<_> = desk.lines().iter().map(|line| line["path"].clone()).collect();
    assert_eq!(names, [name]);
}

#[test]
fn what_comes_through_the_pipe_is_one_entry_of_which_nothing_is_invented() {
    let desk = Desk::new();
    let bytes = pattern(5_000_000);
    let output = seal(&desk, &["--name", "mem dump.raw"], &bytes);
    assert_done(&output);
    assert_holds(&desk, "mem dump.raw", &bytes);
    let mut line = desk.line("mem dump.raw");
    let known = line.as_object_mut().expect("a line");
    for key in ["salt", "sha256", "chunks_root"] {
        assert!(known.remove(key).is_some(), "{key}");
    }
    let expected = json!({"gid": 0, "kind": "file", "mode": "0600", "mtime": "0.000000000", "n": 0,
        "path": "mem dump.raw", "size": 5_000_000, "uid": 0});
    assert_eq!(line, expected);
    let shown = desk.run(&["show", "x.scelle", "--json", "--signer", "key.pub"]);
    let shown: Value = serde_json::from_slice(&shown.stdout).expect("json");
    assert_eq!(shown["case"]["scope"]["sources"], json!([{"name": "mem dump.raw", "path": "-"}]));
    assert_eq!(desk.names(), ["case.toml", "key", "key.pub", "out", "x.scelle"]);
}

#[test]
fn a_true_hint_gives_the_same_bundle_with_no_temporary_copy() {
    let desk = Desk::new();
    let seed = "5e".repeat(32);
    let fixed = ["--name", "m", "--seed", &seed, "--time", "2026-01-02T03:04:05Z"];
    for len in [0, 1, 4 << 20, (4 << 20) + 1, 9_000_000] {
        let bytes = pattern(len);
        let mut bundles = Vec::new();
        for hint in [Vec::new(), vec!["--size-hint".to_owned(), len.to_string()]] {
            let hint: Vec<&str> = hint.iter().map(String::as_str).collect();
            let output = seal(&desk, &[&fixed[..], &hint].concat(), &bytes);
            assert_done(&output);
            let says_empty = text(&output.stderr).contains("standard input was empty");
            assert_eq!(says_empty, len == 0, "{}", text(&output.stderr));
            bundles.push(fs::read(desk.path("x.scelle")).expect("the bundle"));
            assert_done(&desk.run(&["verify", "x.scelle", "--signer", "key.pub"]));
            fs::remove_file(desk.path("x.scelle")).expect("the bundle");
        }
        assert!(bundles[0] == bundles[1], "{len}");
    }
}

#[test]
fn fewer_bytes_than_hinted_are_kept_and_the_rest_is_a_gap() {
    let desk = Desk::new();
    let hint = ["--name", "m", "--size-hint", "9000000"];
    let output = seal(&desk, &hint, &pattern(6_000_001));
    assert_done(&output);
    assert!(text(&output.stderr).contains("ended after 6000001 of 9000000 bytes"), "{}", text(&output.stderr));
    let mut gaps = desk.line("m")["gaps"].clone();
    assert!(gaps[0].as_object_mut().and_then(|gap| gap.remove("at")).is_some(), "{gaps}");
    assert_eq!(gaps, json!([{"attempts": 1, "cause": "short", "len": 2_999_999, "offset": 6_000_001}]));
    let mut expected = pattern(6_000_001);
    expected.resize(9_000_000, 0);
    assert_holds(&desk, "m", &expected);
    fs::remove_file(desk.path("x.scelle")).expect("the bundle");
    assert_eq!(seal(&desk, &[&hint[..], &["--strict"]].concat(), b"1").status.code(), Some(1));
}

#[test]
fn more_bytes_than_hinted_are_never_lost_without_a_word() {
    for (hint, len) in [("0", 1), ("10", 11), ("4194304", 4_194_305), ("6000000", 9_000_000)] {
        let desk = Desk::new();
        let output = seal(&desk, &["--name", "m", "--size-hint", hint], &pattern(len));
        desk.assert_refused(&output, 2, &[&format!("more than the {hint} bytes"), "without --size-hint"]);
        assert_eq!(desk.names(), ["case.toml", "key", "key.pub"]);
    }
}

#[test]
fn a_pipe_that_pauses_is_waited_for() {
    let desk = Desk::new();
    for hint in [&[][..], &["--size-hint", "6"]] {
        let mut child = start(&desk, &[&["--name", "m"], hint].concat());
        let mut pipe = child.stdin.take().expect("a pipe");
        for part in [b"abc", b"def"] {
            pipe.write_all(part).expect("the pipe");
            std::thread::sleep(Duration::from_millis(300));
        }
        assert!(child.try_wait().expect("a child").is_none(), "sealed before the end had come");
        drop(pipe);
        assert_done(&child.wait_with_output().expect("scelle"));
        assert_eq!(desk.line("m")["size"], 6);
        fs::remove_file(desk.path("x.scelle")).expect("the bundle");
    }
}

#[test]
fn ctrl_c_while_waiting_for_a_pipe_ends_at_once_and_leaves_nothing() {
    // Before anything came, in the middle, and at the end that a hint told but the pipe did not.
    for (hint, bytes) in
        [(&[][..], &b""[..]), (&[], b"some"), (&["--size-hint", "9"], b"some"), (&["--size-hint", "4"], b"some")]
    {
        let desk = Desk::new();
        let mut child = start(&desk, &[&["--name", "m"], hint].concat());
        let mut pipe = child.stdin.take().expect("a pipe");
        pipe.write_all(bytes).expect("the pipe");
        wait_for(|| desk.names().iter().any(|name| name.ends_with(".partial")), &mut child);
        std::thread::sleep(Duration::from_millis(200));
        let pid = rustix::process::Pid::from_child(&child);
        rustix::process::kill_process(pid, rustix::process::Signal::INT).expect("the signal");
        let asked = Instant::now();
        let output = child.wait_with_output().expect("scelle");
        assert!(asked.elapsed() < Duration::from_secs(5), "{:?}", asked.elapsed());
        desk.assert_refused(&output, 130, &["interrupted"]);
        assert_eq!(desk.names(), ["case.toml", "key", "key.pub"]);
        drop(pipe);
    }
}

#[test]
fn a_disk_too_small_for_the_waiting_copy_is_one_error_and_nothing_is_left() {
    let desk = Desk::new();
    fs::create_dir(desk.path("small")).expect("a mount point");
    let script = format!(
        "mount -t tmpfs -o size=1m none small && head -c 4000000 /dev/urandom | \
         {SCELLE} seal - --name m --key key --case case.toml --out small/x.scelle; code=$?; ls -A small >&2; exit $code"
    );
    let mut command = Command::new("unshare");
    let output = command.args(["-m", "sh", "-c", &script]).current_dir(desk.dir.path()).output().expect("unshare");
    desk.assert_refused(&output, 2, &["temporary file beside the bundle", "No space left", "file system is full"]);
    assert!(!text(&output.stderr).lines().any(|line| line.starts_with("x.scelle")), "{}", text(&output.stderr));
}

#[test]
fn wrong_use_of_standard_input_is_one_error_with_a_hint() {
    let desk = Desk::new();
    fs::write(desk.path("f"), "1").expect("a file");
    let refused = |args: &[&str], says: &[&str]| {
        let args = [&["seal", "--key", "key", "--case", "case.toml", "--out", "x.scelle"], args].concat();
        desk.assert_refused(&desk.run(&args), 3, &[says, &["hint: "]].concat());
    };
    refused(&["-"], &["without a name", "--name"]);
    refused(&["-", "f", "--name", "m"], &["together with other sources"]);
    refused(&["-", "-", "--name", "m"], &["together with other sources"]);
    refused(&["f", "--name", "m"], &["--name was given without `-`"]);
    refused(&["f", "--size-hint", "1"], &["--size-hint was given without `-`"]);
    for name in ["", ".", "..", "a/b", "/a", "a/"] {
        refused(&["-", "--name", name], &["cannot be the name of an entry"]);
    }
    refused(&["-", "--name", "m", "--size-hint", "9007199254740992"], &["9007199254740992"]);
    assert_eq!(desk.names(), ["case.toml", "f", "key", "key.pub"]);
}

#[test]
fn a_terminal_is_not_waited_for() {
    let desk = Desk::new();
    let line = format!("'{SCELLE}' seal - --name m --key key --case case.toml --out x.scelle; echo code=$?");
    let mut script = Command::new("script");
    script.args(["-qefc", &line, "/dev/null"]).current_dir(desk.dir.path()).stdin(Stdio::null());
    let shown = text(&script.output().expect("script(1)").stdout);
    assert!(shown.contains("is a terminal") && shown.contains("hint: ") && shown.contains("code=3"), "{shown}");
}
