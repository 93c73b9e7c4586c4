//! Keys in a real ssh-agent.

use std::fs;
use std::io::{Read as _, Write as _};
use std::os::unix::net::UnixListener;

use crate::desk::{Desk, assert_done, text};
use crate::ssh_agent::SshAgent;

/// A desk with something to seal, and an agent with a key of this kind.
fn with_agent(kind: &[&str]) -> (Desk, SshAgent, String) {
    let desk = Desk::new();
    fs::write(desk.path("a"), "evidence").expect("a file");
    let agent = SshAgent::start(desk.dir.path());
    let fingerprint = agent.add_new(desk.dir.path(), "ssh", kind);
    (desk, agent, format!("agent:{fingerprint}"))
}

fn seal<'a>(key: &'a str, out: &'a str) -> Vec<&'a str> {
    vec!["seal", "a", "--key", key, "--case", "case.toml", "--out", out]
}

const ED25519: [&str; 1] = ["ed25519"];
const P256: [&str; 3] = ["ecdsa", "-b", "256"];

#[test]
fn bundles_are_sealed_handed_over_and_verified_with_keys_of_an_agent_by_either_name() {
    for kind in [&ED25519[..], &P256] {
        let (desk, agent, key) = with_agent(kind);
        let shown = agent.run(&desk, &["key", "show", &key]);
        assert_done(&shown);
        let key_id = text(&shown.stdout).lines().next().expect("a line")["key id: ".len()..].to_owned();
        let exported = agent.run(&desk, &["key", "export", &key, "--format", "spki"]);
        assert_done(&exported);
        fs::write(desk.path("agent.pub"), exported.stdout).expect("a file");

        assert_done(&agent.run(&desk, &seal(&key, "x.scelle")));
        assert_done(&agent.run(&desk, &seal(&format!("agent:{key_id}"), "y.scelle")));
        let note =
            ["custody", "record", "x.scelle", "--kind", "stored", "--purpose", "kept", "--place", "Hanoi", "--key"];
        assert_done(&agent.run(&desk, &[&note[..], &[&key]].concat()));
        for bundle in ["x.scelle", "y.scelle"] {
            assert_done(&desk.run(&["verify", bundle, "--signer", "agent.pub"]));
        }
        assert_eq!(desk.run(&["verify", "x.scelle", "--signer", "key.pub"]).status.code(), Some(4));
    }
}

#[test]
fn whoever_else_must_sign_can_do_so_with_an_agent() {
    let (desk, agent, key) = with_agent(&P256);
    let exported = agent.run(&desk, &["key", "export", &key, "--format", "spki"]);
    fs::write(desk.path("agent.pub"), exported.stdout).expect("a file");
    assert_done(&desk.run(&[&seal("key", "x.scelle")[..], &["--signer-required", "agent.pub"]].concat()));
    assert_eq!(
        desk.run(&["verify", "x.scelle", "--signer", "key.pub", "--signer", "agent.pub"]).status.code(),
        Some(4)
    );
    assert_done(&agent.run(&desk, &["sign", "x.scelle", "--key", &key]));
    assert_done(&desk.run(&["verify", "x.scelle", "--signer", "key.pub", "--signer", "agent.pub"]));
}

#[test]
fn a_key_that_signs_differently_each_time_is_told_of_and_cannot_resume() {
    let (desk, agent, key) = with_agent(&P256);
    let sealed = agent.run(&desk, &seal(&key, "x.scelle"));
    assert_done(&sealed);
    assert!(text(&sealed.stderr).contains("warning: this key signs the same text differently each time"));
    let resumed = agent.run(&desk, &[&seal(&key, "z.scelle")[..], &["--resume"]].concat());
    desk.assert_refused(&resumed, 3, &["a sealing by this key cannot be resumed", "hint: begin anew without --resume"]);
    let (desk, agent, key) = with_agent(&ED25519);
    assert!(!text(&agent.run(&desk, &seal(&key, "x.scelle")).stderr).contains("warning"));
    let resumed = agent.run(&desk, &[&seal(&key, "z.scelle")[..], &["--resume"]].concat());
    assert!(!text(&resumed.stderr).contains("a sealing by this key"), "{}", text(&resumed.stderr));
}

#[test]
fn an_agent_that_is_not_there_is_said() {
    let (desk, mut agent, key) = with_agent(&ED25519);
    let nowhere = desk.command(&seal(&key, "x.scelle")).env_remove("SSH_AUTH_SOCK").output().expect("scelle");
    desk.assert_refused(&nowhere, 2, &["no ssh-agent is reachable: SSH_AUTH_SOCK is not set", "hint: start one"]);
    agent.stop();
    let stopped = agent.run(&desk, &seal(&key, "x.scelle"));
    desk.assert_refused(&stopped, 2, &["cannot reach the ssh-agent at ", "hint: is it still running?"]);
}

#[test]
fn a_key_that_was_removed_meanwhile_is_said_to_be_gone() {
    let (desk, agent, key) = with_agent(&ED25519);
    agent.add(&["-q", "-D"]);
    let removed = agent.run(&desk, &seal(&key, "x.scelle"));
    desk.assert_refused(&removed, 3, &["does not hold the key SHA256:", "hint: `scelle key list` shows its keys"]);
}

#[test]
fn an_agent_that_refuses_is_said_and_nothing_is_left() {
    let desk = Desk::new();
    fs::write(desk.path("a"), "evidence").expect("a file");
    let agent = SshAgent::start(desk.dir.path());
    // Asks a program that says no.
    let fingerprint = agent.add_new(desk.dir.path(), "ssh", &ED25519);
    agent.add(&["-q", "-D"]);
    agent.add(&["-q", "-c", desk.path("ssh").to_str().expect("a name")]);
    let refused = agent.run(&desk, &seal(&format!("agent:{fingerprint}"), "x.scelle"));
    desk.assert_refused(&refused, 2, &["refused to sign with SHA256:", "hint: it may be locked"]);
}

#[test]
fn keys_of_other_kinds_and_names_of_no_key_are_refused() {
    let (desk, agent, key) = with_agent(&["rsa"]);
    let rsa = agent.run(&desk, &seal(&key, "x.scelle"));
    desk.assert_refused(
        &rsa,
        3,
        &["cannot sign bundles: of the algorithm ssh-rsa, where Ed25519 or ECDSA P-256 is needed"],
    );
    for name in ["agent:", "agent:SHA256:abc", "agent:x", "agent:SHA256"] {
        let wrong = agent.run(&desk, &seal(name, "x.scelle"));
        desk.assert_refused(&wrong, 3, &["names no key of an ssh-agent", "hint: write agent:SHA256:..."]);
    }
    fs::copy(desk.path("key"), desk.path("agent:x")).expect("a file");
    assert_done(&agent.run(&desk, &seal("./agent:x", "x.scelle")));
}

/// An agent that answers each message with these bytes.
fn answering(socket: &std::path::Path, answer: &'static [u8]) {
    let listener = UnixListener::bind(socket).expect("a socket");
    std::thread::spawn(move || {
        for stream in listener.incoming().flatten() {
            let mut stream = stream;
            let mut len = [0; 4];
            if stream.read_exact(&mut len).is_ok() {
                let _ = stream.read(&mut [0; 4096]);
                let _ = stream.write_all(answer);
            }
        }
    });
}

#[test]
fn an_agent_that_lies_about_lengths_is_not_believed() {
    for (answer, says) in [
        (&[0xff, 0xff, 0xff, 0xff, 12][..], "its answer is too long"),
        (&[0, 0, 0, 0], "gave an answer that is none"),
        (&[0, 0, 0, 5, 12, 0xff, 0xff, 0xff, 0xff], "gave an answer that is none"),
        (&[0, 0, 0, 9, 12, 0, 0, 0, 1, 0xff, 0xff, 0xff, 0xff], "gave an answer that is none"),
        (&[0, 0, 0, 6, 12, 0, 0, 0, 0, 0], "gave an answer that is none"),
        (&[0, 0, 0, 1, 5], "does not say which keys it holds"),
        (&[0, 0], "gave no answer"),
    ] {
        let desk = Desk::new();
        fs::write(desk.path("a"), "evidence").expect("a file");
        answering(&desk.path("sock"), answer);
        let key = format!("agent:{}", "ab".repeat(32));
        let output = desk.command(&seal(&key, "x.scelle")).env("SSH_AUTH_SOCK", desk.path("sock")).output();
        desk.assert_refused(&output.expect("scelle"), 2, &[says]);
    }
}

#[test]
fn an_agent_that_sends_a_byte_now_and_then_is_not_waited_for_without_end() {
    let desk = Desk::new();
    let socket = desk.path("slow");
    let listener = UnixListener::bind(&socket).expect("a socket");
    std::thread::spawn(move || {
        let (mut stream, _) = listener.accept().expect("a client");
        // The length of an answer, and of that a byte each second.
        for byte in [0, 1, 0, 0].into_iter().chain(std::iter::repeat(12)) {
            if stream.write_all(&[byte]).is_err() {
                return;
            }
            std::thread::sleep(std::time::Duration::from_secs(1));
        }
    });
    let start = std::time::Instant::now();
    let output = desk
        .command(&["key", "show", &format!("agent:SHA256:{}", "A".repeat(43))])
        .env("SSH_AUTH_SOCK", &socket)
        .output();
    desk.assert_refused(&output.expect("scelle"), 2, &["gave no answer"]);
    assert!(start.elapsed().as_secs() < 20, "{:?}", start.elapsed());
}
