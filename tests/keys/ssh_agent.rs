//! An ssh-agent of its own, with keys that ssh-keygen made.

use std::path::{Path, PathBuf};
use std::process::{Child, Command, Output, Stdio};

use crate::desk::{Desk, assert_done, text, wait_for};

/// A running ssh-agent. Ends with the test.
pub struct SshAgent {
    child: Child,
    socket: PathBuf,
}

impl SshAgent {
    pub fn start(dir: &Path) -> Self {
        let socket = dir.join("agent.sock");
        let mut command = Command::new("ssh-agent");
        command.arg("-D").arg("-a").arg(&socket).stdin(Stdio::null()).stdout(Stdio::null()).stderr(Stdio::null());
        // That of one that was killed.
        let _ = std::fs::remove_file(&socket);
        let mut child = command.spawn().expect("ssh-agent");
        wait_for(|| socket.exists(), &mut child);
        Self { child, socket }
    }

    /// ssh-add, which must succeed.
    pub fn add(&self, args: &[&str]) -> String {
        let output = self.command("ssh-add").args(args).output().expect("ssh-add");
        assert_done(&output);
        text(&output.stdout)
    }

    /// Makes a key and adds it. Its fingerprint, as ssh-keygen prints it.
    pub fn add_new(&self, dir: &Path, name: &str, kind: &[&str]) -> String {
        let path = dir.join(name);
        let mut command = Command::new("ssh-keygen");
        command.args(["-q", "-N", "", "-C", name, "-f"]).arg(&path).arg("-t").args(kind);
        assert_done(&command.output().expect("ssh-keygen"));
        self.add(&["-q", path.to_str().expect("a name")]);
        let output = Command::new("ssh-keygen").arg("-lf").arg(&path).output().expect("ssh-keygen");
        text(&output.stdout).split(' ').nth(1).expect("a fingerprint").to_owned()
    }

    pub fn command(&self, program: &str) -> Command {
        let mut command = Command::new(program);
        command.env("SSH_AUTH_SOCK", &self.socket).stdin(Stdio::null());
        command
    }

    /// scelle, told where the agent is.
    pub fn run(&self, desk: &Desk, args: &[&str]) -> Output {
        desk.command(args).env("SSH_AUTH_SOCK", &self.socket).output().expect("scelle")
    }

    pub fn stop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

impl Drop for SshAgent {
    fn drop(&mut self) {
        self.stop();
    }
}
