//! Sealings by keys of agents and tokens that end early, and are gone on with.

use std::fs;
use std::io::Write as _;
use std::process::{Child, Command, Output, Stdio};

use rustix::process::{Pid, Signal, kill_process};

use crate::desk::{Desk, assert_done, text, wait_for};
use crate::soft_token::{PIN, SoftTokens, module};
use crate::ssh_agent::SshAgent;

/// An image of four segments, most of it empty.
fn image(desk: &Desk) {
    let mut image = fs::File::create(desk.path("image")).expect("a file");
    image.write_all(&[7; 100_000]).expect("written");
    image.set_len(1_000_000_000).expect("a length");
}

fn seal(key: &str) -> Vec<&str> {
    vec!["seal", "image", "--key", key, "--case", "case.toml", "--out", "x.scelle", "--threads", "1"]
}

/// Waits until the journal says that a segment is done.
fn wait_for_a_segment(desk: &Desk, child: &mut Child) {
    let is_done = || {
        let journal = desk.names().into_iter().find(|name| name.ends_with(".journal"));
        journal.is_some_and(|name| {
            fs::read(desk.path(&name)).unwrap_or_default().iter().filter(|&&byte| byte == b'\n').count() > 1
        })
    };
    wait_for(is_done, child);
}

fn output(child: Child) -> Output {
    child.wait_with_output().expect("scelle")
}

#[test]
fn an_agent_that_is_gone_when_the_seal_is_signed_loses_nothing() {
    let desk = Desk::new();
    image(&desk);
    let mut agent = SshAgent::start(desk.dir.path());
    let fingerprint = agent.add_new(desk.dir.path(), "ssh", &["ed25519"]);
    let key = format!("agent:{fingerprint}");
    let mut child = desk.command(&seal(&key)).env("SSH_AUTH_SOCK", "agent.sock").spawn().expect("scelle");
    wait_for_a_segment(&desk, &mut child);
    agent.stop();
    let ended = output(child);
    assert_eq!(ended.status.code(), Some(2));
    let stderr = text(&ended.stderr);
    assert!(stderr.contains("cannot reach the ssh-agent") && stderr.contains("--resume goes on"), "{stderr}");
    assert!(!desk.path("x.scelle").exists());

    let agent = SshAgent::start(desk.dir.path());
    agent.add(&["-q", desk.path("ssh").to_str().expect("a name")]);
    let exported = agent.run(&desk, &["key", "export", &key, "--format", "spki"]);
    fs::write(desk.path("ssh.pem"), exported.stdout).expect("a file");
    assert_done(&agent.run(&desk, &[&seal(&key)[..], &["--resume"]].concat()));
    assert_done(&desk.run(&["verify", "x.scelle", "--signer", "ssh.pem"]));
    assert!(!desk.names().iter().any(|name| name.ends_with(".journal") || name.ends_with(".partial")));
}

#[test]
fn a_sealing_by_a_token_is_resumed_and_by_another_key_it_is_not() {
    let tokens = SoftTokens::new();
    let desk = &tokens.desk;
    image(desk);
    let ed = "pkcs11:token=unit;object=ed";
    let mut command = Command::new("sh");
    command.args(["-c", &format!("{} exec \"$0\" \"$@\"", tokens.environment()), env!("CARGO_BIN_EXE_scelle")]);
    command.args(seal(ed)).args(["--pkcs11-module", module()]).env("SCELLE_PIN", PIN).current_dir(desk.dir.path());
    let mut child = command.stdout(Stdio::piped()).stderr(Stdio::piped()).spawn().expect("sh");
    wait_for_a_segment(desk, &mut child);
    kill_process(Pid::from_child(&child), Signal::INT).expect("a signal");
    let ended = output(child);
    assert_eq!(ended.status.code(), Some(130), "{}", text(&ended.stderr));

    let other = tokens.run(&[&seal("key")[..], &["--resume"]].concat());
    assert_eq!(other.status.code(), Some(3), "{}", text(&other.stderr));
    assert_done(&tokens.run(&[&seal(ed)[..], &["--resume"]].concat()));
    let exported = tokens.run(&["key", "export", ed, "--format", "spki"]);
    fs::write(desk.path("ed.pem"), exported.stdout).expect("a file");
    assert_done(&desk.run(&["verify", "x.scelle", "--signer", "ed.pem"]));
}

#[test]
fn a_key_that_is_removed_before_the_seal_is_signed_is_said_and_nothing_is_left() {
    let desk = Desk::new();
    let agent = SshAgent::start(desk.dir.path());
    let fingerprint = agent.add_new(desk.dir.path(), "ssh", &["ecdsa", "-b", "256"]);
    let key = format!("agent:{fingerprint}");
    let args = ["seal", "-", "--name", "n", "--key", &key, "--case", "case.toml", "--out", "x.scelle"];
    let mut command = desk.command(&args);
    let mut child = command.env("SSH_AUTH_SOCK", "agent.sock").stdin(Stdio::piped()).spawn().expect("scelle");
    // More than a pipe holds: then the key was opened.
    child.stdin.as_mut().expect("a pipe").write_all(&[7; 1 << 20]).expect("written");
    agent.add(&["-q", "-D"]);
    desk.assert_refused(&output(child), 2, &["does not hold the key SHA256:"]);
    assert!(!desk.path("x.scelle").exists());
}
