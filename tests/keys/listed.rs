//! `scelle key list`.

use serde_json::Value;

use crate::desk::{Desk, assert_done, text};
use crate::soft_token::{SoftTokens, module, seal};
use crate::ssh_agent::SshAgent;

fn lines(stdout: &[u8]) -> Vec<Value> {
    text(stdout).lines().map(|line| serde_json::from_str(line).expect("json")).collect()
}

#[test]
fn what_is_listed_is_what_key_takes_and_what_cannot_sign_says_why() {
    let tokens = SoftTokens::new();
    tokens.add_key("rsa:2048", "rsa key", "04");
    let agent = SshAgent::start(tokens.desk.dir.path());
    agent.add_new(tokens.desk.dir.path(), "e", &["ed25519"]);
    agent.add_new(tokens.desk.dir.path(), "c", &["ecdsa", "-b", "256"]);
    agent.add_new(tokens.desk.dir.path(), "r", &["rsa"]);
    // In its environment scelle has the tokens; the agent comes on top.
    let run = |pin: Option<&str>, args: &[&str]| {
        let mut all = vec!["-c", "export SSH_AUTH_SOCK=agent.sock; exec \"$0\" \"$@\"", env!("CARGO_BIN_EXE_scelle")];
        all.extend(args);
        tokens.run_program(pin, "sh", &all)
    };
    let listed = run(None, &["key", "list", "--json"]);
    assert_done(&listed);
    let lines = lines(&listed.stdout);
    assert_eq!(lines.len(), 6, "{lines:?}");
    let usable: Vec<_> = lines.iter().filter(|line| line["usable"] == true).collect();
    assert_eq!(usable.len(), 4, "{lines:?}");
    for (n, line) in usable.iter().enumerate() {
        let key = line["key"].as_str().expect("a key");
        assert_done(&run(Some(crate::soft_token::PIN), &seal(key, &format!("{n}.scelle"))));
        let shown = text(&run(None, &["key", "show", key]).stdout);
        assert!(shown.contains(line["keyid"].as_str().expect("an id")), "{shown}");
        assert!(shown.contains(line["algorithm"].as_str().expect("a name")), "{shown}");
    }
    let whys: Vec<_> = lines.iter().filter_map(|line| line["why"].as_str()).collect();
    assert_eq!(whys.len(), 2);
    assert!(whys[0].contains("ssh-rsa") && whys[1].contains("neither Ed25519 nor ECDSA P-256"), "{whys:?}");
    let shown = text(&run(None, &["key", "list"]).stdout);
    assert!(shown.contains("CANNOT SIGN BUNDLES: of the algorithm ssh-rsa") && shown.contains("in token unit: ed"));
    assert!(!tokens.counts_wrong_pins());
}

#[test]
fn what_cannot_be_reached_is_said_and_the_rest_is_listed() {
    let tokens = SoftTokens::new();
    let desk = &tokens.desk;
    let mut command = desk.command(&["key", "list"]);
    let nothing = command.env_remove("SSH_AUTH_SOCK").env_remove("SCELLE_PKCS11_MODULE").output().expect("scelle");
    assert_done(&nothing);
    let stderr = text(&nothing.stderr);
    assert!(stderr.contains("SSH_AUTH_SOCK is not set") && stderr.contains("no PKCS#11 module is named"), "{stderr}");
    let mut all = vec!["-c", "export SSH_AUTH_SOCK=nowhere; exec \"$0\" \"$@\"", env!("CARGO_BIN_EXE_scelle")];
    all.extend(["key", "list", "--pkcs11-module", module()]);
    let half = tokens.run_program(None, "sh", &all);
    assert_eq!(half.status.code(), Some(2));
    assert!(text(&half.stderr).contains("warning: cannot reach the ssh-agent at nowhere"), "{}", text(&half.stderr));
    assert_eq!(text(&half.stdout).matches("key id ").count(), 2);
}

#[test]
fn names_from_outside_cannot_act_on_the_terminal() {
    let desk = Desk::new();
    let agent = SshAgent::start(desk.dir.path());
    agent.add_new(desk.dir.path(), "e\u{1b}[2J\nerror: x", &["ed25519"]);
    let shown = agent.run(&desk, &["key", "list"]);
    assert_done(&shown);
    assert!(!shown.stdout.contains(&0x1b), "{}", text(&shown.stdout));
    assert_eq!(text(&shown.stdout).lines().count(), 3, "{}", text(&shown.stdout));
}
