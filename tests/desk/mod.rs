//! A desk with a key and a case, where scelle is run as people run it.
#![allow(dead_code)]

use std::fs;
use std::path::PathBuf;
use std::process::{Child, Command, Output, Stdio};
use std::time::{Duration, Instant};

use serde_json::Value;

pub const SCELLE: &str = env!("CARGO_BIN_EXE_scelle");

/// A desk with a key and a case.
pub struct Desk {
    pub dir: tempfile::TempDir,
}

impl Desk {
    pub fn new() -> Self {
        let desk = Self { dir: tempfile::tempdir().expect("a directory") };
        assert_done(&desk.run(&["key", "new", "--out", "key", "--no-passphrase"]));
        let five = ["--case", "C", "--exhibit", "E", "--operator", "O", "--authority", "A", "--state", "VN"];
        assert_done(&desk.run(&[&["case", "new", "--out", "case.toml"], &five[..]].concat()));
        desk
    }

    pub fn path(&self, name: &str) -> PathBuf {
        self.dir.path().join(name)
    }

    pub fn command(&self, args: &[&str]) -> Command {
        let mut command = Command::new(SCELLE);
        command.args(args).current_dir(self.dir.path()).stdin(Stdio::null());
        command.stdout(Stdio::piped()).stderr(Stdio::piped());
        command
    }

    pub fn run(&self, args: &[&str]) -> Output {
        self.command(args).output().expect("scelle")
    }

    pub fn seal(&self, args: &[&str]) -> Output {
        self.run(&[&["seal", "--key", "key", "--case", "case.toml", "--out", "x.scelle"], args].concat())
    }

    /// Every manifest line of the bundle.
    pub fn lines(&self) -> Vec<Value> {
        let output = self.run(&["list", "x.scelle", "--json", "--signer", "key.pub"]);
        assert_done(&output);
        text(&output.stdout).lines().map(|line| serde_json::from_str(line).expect("a line")).collect()
    }

    pub fn line(&self, path: &str) -> Value {
        self.lines().into_iter().find(|line| line["path"] == path).expect(path)
    }

    /// Names in the desk's directory.
    pub fn names(&self) -> Vec<String> {
        let entries = fs::read_dir(self.dir.path()).expect("the directory").flatten();
        let mut names: Vec<_> = entries.map(|entry| entry.file_name().to_string_lossy().into_owned()).collect();
        names.sort();
        names
    }

    /// That a command failed with this code and one error that says this, and left nothing behind.
    pub fn assert_refused(&self, output: &Output, code: i32, says: &[&str]) {
        let stderr = text(&output.stderr);
        assert_eq!(output.status.code(), Some(code), "{stderr}");
        let errors: Vec<_> = stderr.lines().filter(|line| line.starts_with("error: ")).collect();
        assert_eq!(errors.len(), 1, "{stderr}");
        for part in says {
            assert!(stderr.contains(part), "{part:?} in {stderr}");
        }
        assert!(output.stdout.is_empty());
        assert!(!self.names().iter().any(|name| name.contains("partial")), "{:?}", self.names());
    }
}

pub fn text(bytes: &[u8]) -> String {
    String::from_utf8_lossy(bytes).into_owned()
}

pub fn assert_done(output: &Output) {
    assert!(output.status.success(), "{}", text(&output.stderr));
}

/// Waits until something is so, as long as the child runs.
pub fn wait_for(mut holds: impl FnMut() -> bool, child: &mut Child) {
    let start = Instant::now();
    while !holds() {
        assert!(child.try_wait().expect("a child").is_none(), "ended before it could be met");
        assert!(start.elapsed() < Duration::from_secs(60), "never happened");
        std::thread::sleep(Duration::from_millis(1));
    }
}
