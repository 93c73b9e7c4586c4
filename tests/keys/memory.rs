//! What a process that has opened a key leaves behind.

use std::fs;
use std::io::Write as _;
use std::os::unix::process::ExitStatusExt as _;
use std::process::{Command, Stdio};

use rustix::process::{Pid, Signal, kill_process};

use crate::desk::Desk;

/// The soft and hard limit of core dumps of a process.
fn core_limit(pid: u32) -> Vec<String> {
    let limits = fs::read_to_string(format!("/proc/{pid}/limits")).unwrap_or_default();
    let line = limits.lines().find_map(|line| line.strip_prefix("Max core file size")).unwrap_or_default();
    line.split_whitespace().take(2).map(str::to_owned).collect()
}

#[test]
fn a_process_that_has_opened_a_key_leaves_no_core_dump_when_it_crashes() {
    let desk = Desk::new();
    // As far as the system lets this test have core dumps at all.
    let seal = "ulimit -c unlimited 2>&-; exec \"$0\" seal - --name n --key key --case case.toml --out x.scelle";
    let mut command = Command::new("sh");
    command.args(["-c", seal, env!("CARGO_BIN_EXE_scelle")]).current_dir(desk.dir.path());
    let mut child = command.stdin(Stdio::piped()).stderr(Stdio::null()).spawn().expect("sh");
    let pid = child.id();
    // More than a pipe holds: when it is written, scelle has begun to read, and has opened the key before.
    child.stdin.as_mut().expect("a pipe").write_all(&[7; 1 << 20]).expect("written");
    assert_eq!(core_limit(pid), ["0", "0"]);
    kill_process(Pid::from_child(&child), Signal::QUIT).expect("a signal");
    let status = child.wait().expect("it");
    assert!(!status.success() && !status.core_dumped(), "{status}");
    assert!(!desk.names().iter().any(|name| name.starts_with("core")), "{:?}", desk.names());
}
