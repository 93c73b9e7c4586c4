//! Verifiers that crash, hang, flood, leave something behind or cannot be started.

use std::fs;
use std::process::{Command, Stdio};
use std::time::{Duration, Instant};

use serde_json::json;

use crate::bench::{Bench, SCELLE, text, text_of};

#[test]
fn a_crash_is_a_difference_that_says_so() {
    let (names, rows) = Bench::new().differences(&[], "\"$SCELLE\" verify \"$@\"; kill -SEGV $$");
    assert_eq!(names, ["a-sound process", "b-damaged process", "c-nothing process"]);
    assert!(text_of(&rows[0]["actual"]).starts_with("ended by signal: 11 (SIGSEGV)"), "{}", rows[0]);
}

#[test]
fn a_verifier_that_hangs_is_killed_with_all_that_it_started() {
    let bench = Bench::new();
    let started = Instant::now();
    let (names, rows) = bench.differences(&["--timeout", "1", "--jobs", "3"], "sleep 600 & echo $! >> children; wait");
    assert_eq!(names, ["a-sound process", "b-damaged process", "c-nothing process"]);
    assert_eq!(rows[0]["actual"], "killed: still running after 1 s");
    assert!(started.elapsed() < Duration::from_secs(60), "{:?}", started.elapsed());
    let children = fs::read_to_string(bench.path("children")).expect("their numbers");
    assert_eq!(children.lines().count(), 3);
    assert!(children.lines().all(has_ended), "{children}");
}

#[test]
fn what_a_verifier_leaves_behind_is_killed_and_never_waited_for() {
    let bench = Bench::new();
    let started = Instant::now();
    // One in its group, one that left it and keeps the pipes open.
    let script = "sleep 600 & echo $! >> children; setsid sleep 60 & exec \"$SCELLE\" verify \"$@\"";
    assert_eq!(bench.differences(&[], script).0, [""; 0]);
    assert!(started.elapsed() < Duration::from_secs(50), "{:?}", started.elapsed());
    let children = fs::read_to_string(bench.path("children")).expect("their numbers");
    assert!(children.lines().all(has_ended), "{children}");
}

#[test]
fn a_verifier_that_leaves_its_group_is_killed_all_the_same() {
    let bench = Bench::new();
    let started = Instant::now();
    // It joins the group of whoever started it; what it started has a session of its own and keeps the pipes open.
    let script = "echo $$ >> children
python3 -c 'import os, time; os.setsid(); time.sleep(60)' &
exec python3 -c 'import os, time
os.setpgid(0, os.getpgid(os.getppid()))
time.sleep(600)'";
    let (names, rows) = bench.differences(&["--timeout", "5", "--jobs", "3"], script);
    assert_eq!(names, ["a-sound process", "b-damaged process", "c-nothing process"]);
    assert_eq!(rows[0]["actual"], "killed: still running after 5 s");
    assert!(started.elapsed() < Duration::from_secs(30), "{:?}", started.elapsed());
    let children = fs::read_to_string(bench.path("children")).expect("their numbers");
    assert_eq!(children.lines().count(), 3);
    assert!(children.lines().all(has_ended), "{children}");
}

/// Whether a process is gone, or only waits to be counted as dead.
fn has_ended(pid: &str) -> bool {
    let deadline = Instant::now() + Duration::from_secs(10);
    loop {
        match fs::read_to_string(format!("/proc/{pid}/stat")) {
            Ok(stat) if !stat.contains(") Z ") && Instant::now() < deadline => {
                std::thread::sleep(Duration::from_millis(20));
            }
            Ok(stat) => return stat.contains(") Z "),
            Err(_) => return true,
        }
    }
}

#[test]
fn a_flood_is_cut_off_and_a_flood_of_errors_is_no_matter() {
    let bench = Bench::new();
    let (names, rows) = bench.differences(&["--jobs", "1"], "exec cat /dev/zero");
    assert_eq!(names, ["a-sound process", "b-damaged process", "c-nothing process"]);
    assert_eq!(rows[2]["actual"], "killed: more than 64 MiB of output");
    let script = "head -c 5000000 /dev/zero >&2; exec \"$SCELLE\" verify \"$@\"";
    assert_eq!(bench.differences(&[], script).0, [""; 0]);
}

#[test]
fn a_long_report_in_many_pieces_is_read_whole() {
    let script = "\"$SCELLE\" verify \"$@\"; code=$?; head -c 3000000 /dev/zero | tr '\\0' ' '; exit $code";
    assert_eq!(Bench::new().differences(&[], script).0, [""; 0]);
}

#[test]
fn a_long_wrong_value_is_cut() {
    let long = "head -c 3000000 /dev/zero | tr '\\0' x";
    let script =
        format!("printf '{{\"level\":1,\"verdict\":\"'; {long}; printf '\",\"failed\":[\"'; {long}; echo '\"]}}'");
    let bench = Bench::new();
    bench.change("b-damaged", |side| side["found_by"] = json!(["V-5"]));
    let (names, rows) = bench.differences(&[], &script);
    assert!(names.contains(&"b-damaged failed".into()) && names.contains(&"b-damaged verdict".into()), "{names:?}");
    assert!(rows.iter().all(|row| row.to_string().len() < 10_000));
}

#[test]
fn what_cannot_be_started_is_no_difference() {
    let bench = Bench::new();
    for command in ["./nowhere", "corpus/a-sound.json"] {
        let output = bench.run(&[], &[command]);
        assert_eq!((output.status.code(), output.stdout.is_empty()), (Some(2), true), "{output:?}");
        let stderr = text(&output.stderr);
        assert!(stderr.starts_with(&format!("error: cannot start {command}: ")), "{stderr}");
    }
}

#[test]
fn an_interruption_ends_the_verifiers_too() {
    let bench = Bench::new();
    let verifier = bench.verifier("echo $$ >> children; exec sleep 600");
    let mut command = Command::new(SCELLE);
    command.args(["conformance", "--corpus", "corpus", "--jobs", "2", "--", "sh"]).arg(verifier);
    let child = command.current_dir(bench.dir.path()).stdout(Stdio::piped()).stderr(Stdio::piped()).spawn();
    let child = child.expect("scelle");
    let deadline = Instant::now() + Duration::from_secs(30);
    let children = || fs::read_to_string(bench.path("children")).unwrap_or_default();
    while children().lines().count() < 2 && Instant::now() < deadline {
        std::thread::sleep(Duration::from_millis(20));
    }
    rustix::process::kill_process(rustix::process::Pid::from_child(&child), rustix::process::Signal::INT)
        .expect("kill");
    let output = child.wait_with_output().expect("scelle");
    assert_eq!((output.status.code(), output.stdout.is_empty()), (Some(130), true), "{output:?}");
    assert!(children().lines().count() == 2 && children().lines().all(has_ended), "{}", children());
}
