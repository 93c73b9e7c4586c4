//! `scelle hash` as people run it, beside the tools whose records it writes and reads.

#[path = "../failing_medium/mod.rs"]
mod failing_medium;

mod audit;
mod faults;
mod known;
mod listing;
mod other_digests;

use std::fs;
use std::os::unix::ffi::OsStrExt as _;
use std::path::{Path, PathBuf};
use std::process::{Command, Output, Stdio};

const SCELLE: &str = env!("CARGO_BIN_EXE_scelle");

/// A directory with files to be hashed.
struct Desk {
    dir: tempfile::TempDir,
}

impl Desk {
    fn new() -> Self {
        Self { dir: tempfile::tempdir().expect("a directory") }
    }

    fn path(&self, name: &str) -> PathBuf {
        self.dir.path().join(name)
    }

    /// Writes a file of this length, with its directories.
    fn file(&self, name: impl AsRef<[u8]>, len: usize) {
        let path = self.dir.path().join(std::ffi::OsStr::from_bytes(name.as_ref()));
        fs::create_dir_all(path.parent().expect("a parent")).expect("a directory");
        let first = name.as_ref().first().copied().unwrap_or(0);
        fs::write(path, (first..=250).chain(0..first).cycle().take(len).collect::<Vec<u8>>()).expect("a file");
    }

    /// Files of many lengths in a few directories: around blocks and pieces, empty, and a long one.
    fn ragged(&self) {
        for (i, len) in
            [0, 1, 55, 56, 63, 64, 65, 119, 120, 4096, 32_767, 32_768, 32_769, 65_536, 100_000].into_iter().enumerate()
        {
            for dir in ["d", "d/a", "d/a.b", "d/z/y"] {
                self.file(format!("{dir}/{i}-{len}"), len);
            }
        }
        self.file("d/long", 5_000_001);
    }

    fn run(&self, program: &str, args: &[&str]) -> Output {
        let mut command = Command::new(program);
        command.args(args).current_dir(self.dir.path()).stdin(Stdio::null());
        command.env("LC_ALL", "C").output().expect(program)
    }

    fn hash(&self, args: &[&str]) -> Output {
        self.run(SCELLE, &[&["hash"], args].concat())
    }

    /// Writes what a run printed into a file.
    fn keep(&self, name: &str, output: &Output) {
        assert_done(output);
        fs::write(self.path(name), &output.stdout).expect("a file");
    }

    /// The digest that `sha256sum` gives.
    fn sha256sum(&self, name: &str) -> String {
        text(&self.run("sha256sum", &[name]).stdout)[..64].to_owned()
    }
}

fn text(bytes: &[u8]) -> String {
    String::from_utf8_lossy(bytes).into_owned()
}

#[track_caller]
fn assert_done(output: &Output) {
    assert!(output.status.success(), "{}{}", text(&output.stdout), text(&output.stderr));
}

/// That a command ended with this code and one error that says all this.
#[track_caller]
fn assert_refused(output: &Output, code: i32, says: &[&str]) {
    let stderr = text(&output.stderr);
    assert_eq!(output.status.code(), Some(code), "{stderr}");
    assert_eq!(stderr.lines().filter(|line| line.starts_with("error: ")).count(), 1, "{stderr}");
    for part in says {
        assert!(stderr.contains(part), "{part:?} in {stderr}");
    }
}

fn json_lines(output: &Output) -> Vec<serde_json::Value> {
    text(&output.stdout).lines().map(|line| serde_json::from_str(line).expect("a JSON line")).collect()
}

/// Peak resident memory of a run, in bytes, as `/usr/bin/time` tells it.
fn peak_memory(dir: &Path, args: &[&str]) -> u64 {
    let mut command = Command::new("/usr/bin/time");
    command.args(["-f", "%M", SCELLE, "hash"]).args(args).current_dir(dir).stdout(Stdio::null());
    let stderr = text(&command.output().expect("time").stderr);
    stderr.lines().last().and_then(|line| line.parse::<u64>().ok()).expect("a number of KiB") * 1024
}
