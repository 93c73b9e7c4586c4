//! Any tree in, the same tree out: trees planted on real file systems are sealed, verified, restored and compared.

mod facts;
mod file_systems;
mod odd_tree;

mod as_root;
mod as_user;
mod foreign;
mod tars;

use std::os::unix::process::CommandExt as _;
use std::path::{Path, PathBuf};
use std::process::{Command, Output};

use rustix::process::{Resource, Rlimit, getrlimit, setrlimit};

const SCELLE: &str = env!("CARGO_BIN_EXE_scelle");
/// Some user who is not root.
pub const USER: u32 = 54_320;

/// A directory with a key and a case, beside which trees are planted.
pub struct Desk {
    dir: tempfile::TempDir,
}

impl Desk {
    /// On the file system that a directory lies on.
    pub fn on(dir: &Path) -> Self {
        // Walking back through deep trees takes a handle a level.
        let limit = getrlimit(Resource::Nofile);
        setrlimit(Resource::Nofile, Rlimit { current: limit.maximum, ..limit }).expect("more open files");
        let desk = Self { dir: tempfile::tempdir_in(dir).expect("a directory") };
        done(&desk.run(&["key", "new", "--out", "key", "--no-passphrase"]));
        let five = ["--case", "C", "--exhibit", "E", "--operator", "O", "--authority", "A", "--state", "VN"];
        done(&desk.run(&[&["case", "new", "--out", "case.toml"], &five[..]].concat()));
        desk
    }

    /// Where temporary files go.
    pub fn anywhere() -> Self {
        Self::on(&std::env::temp_dir())
    }

    pub fn path(&self, name: &str) -> PathBuf {
        self.dir.path().join(name)
    }

    fn command(&self, args: &[&str]) -> Command {
        let mut command = Command::new(SCELLE);
        command.args(args).current_dir(self.dir.path());
        command
    }

    pub fn run(&self, args: &[&str]) -> Output {
        self.command(args).output().expect("scelle")
    }

    pub fn run_as_user(&self, args: &[&str]) -> Output {
        self.command(args).uid(USER).gid(USER).output().expect("scelle")
    }

    /// Seals `tree` and verifies it.
    pub fn seal_tree(&self) {
        done(&self.run(&["seal", "tree", "--key", "key", "--case", "case.toml", "--out", "x.scelle"]));
        done(&self.run(&["verify", "x.scelle", "--signer", "key.pub"]));
    }

    /// Restores into a directory, with further arguments.
    pub fn extract(&self, out: &str, args: &[&str]) -> Output {
        self.run(&[&["extract", "x.scelle", "--signer", "key.pub", "--out", out], args].concat())
    }
}

pub fn text(bytes: &[u8]) -> String {
    String::from_utf8_lossy(bytes).into_owned()
}

#[track_caller]
pub fn done(output: &Output) {
    assert_eq!(output.status.code(), Some(0), "{}{}", text(&output.stdout), text(&output.stderr));
}
