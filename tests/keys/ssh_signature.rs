//! SSH signatures over the statement: made by scelle or by ssh-keygen, checked by both.

use std::fs;
use std::process::{Command, Output};

use serde_json::Value;

use crate::desk::{Desk, assert_done, text};
use crate::soft_token::{SoftTokens, seal};
use crate::ssh_agent::SshAgent;

/// A command of the shell, with scelle in the path, as the documents show it.
fn shell(desk: &Desk, line: &str) -> Output {
    let bin = std::path::Path::new(env!("CARGO_BIN_EXE_scelle")).parent().expect("a directory").display();
    let path = format!("{bin}:{}", std::env::var("PATH").expect("PATH"));
    Command::new("sh").args(["-ec", line]).env("PATH", path).current_dir(desk.dir.path()).output().expect("sh")
}

/// A desk with a bundle `A-1.scelle` by `key`, and a key `w` of a witness that the statement does not name.
fn with_bundle() -> Desk {
    let desk = Desk::new();
    fs::write(desk.path("a"), "evidence").expect("a file");
    assert_done(&desk.run(&["key", "new", "--out", "w", "--no-passphrase", "--algorithm", "p256"]));
    assert_done(&desk.run(&seal("key", "A-1.scelle")));
    desk
}

const KEYGEN: &str = "unzip -p A-1.scelle statement.json | ssh-keygen -Y verify -f allowed_signers -I NAME -n seal@scelle -s A-1.scelle.sig";

/// SSH-1, SSH-4: the line that README.md shows, as it is written.
#[test]
fn ssh_keygen_verifies_what_sign_writes_by_the_line_of_the_readme() {
    let readme = fs::read_to_string(concat!(env!("CARGO_MANIFEST_DIR"), "/README.md")).expect("README.md");
    assert!(readme.contains(KEYGEN));
    let desk = with_bundle();
    for key in ["key", "w"] {
        let before = fs::read(desk.path("A-1.scelle")).expect("the bundle");
        assert_done(&desk.run(&["sign", "A-1.scelle", "--key", key, "--ssh"]));
        assert!(fs::read(desk.path("A-1.scelle")).expect("the bundle") == before, "nothing is added");
        let allowed = format!("echo NAME $(scelle key export {key}.pub --format openssh) > allowed_signers");
        assert_done(&shell(&desk, &allowed));
        let good = shell(&desk, KEYGEN);
        assert_done(&good);
        assert!(text(&good.stdout).contains("Good \"seal@scelle\" signature for NAME"), "{}", text(&good.stdout));
        let other = KEYGEN.replace("statement.json |", "case.json |");
        assert!(!shell(&desk, &other).status.success(), "over another member");
        assert!(!shell(&desk, &KEYGEN.replace("seal@scelle", "file")).status.success(), "for another purpose");
        fs::remove_file(desk.path("A-1.scelle.sig")).expect("removed");
    }
}

/// SSH-1: and the other way round, of agents and tokens too.
#[test]
fn scelle_verifies_what_ssh_keygen_signs() {
    let desk = with_bundle();
    for (kind, extra) in [("ed25519", ""), ("ecdsa", "-b 256")] {
        let sign = format!(
            "rm -f s s.pub statement.json.sig; ssh-keygen -q -N '' -t {kind} {extra} -f s; \
             unzip -p A-1.scelle statement.json > statement.json; ssh-keygen -q -Y sign -n seal@scelle -f s statement.json"
        );
        // Half of its P-256 signatures have the higher s.
        for _ in 0..6 {
            assert_done(&shell(&desk, &sign));
            let verified =
                desk.run(&["verify", "A-1.scelle", "--signer", "key.pub", "--ssh-signature", "statement.json.sig"]);
            assert_done(&verified);
            let stdout = text(&verified.stdout);
            assert!(stdout.contains("statement.json.sig: holds over this statement"), "{stdout}");
            assert!(stdout.contains("NOT a key that you trust"), "{stdout}");
        }
    }
}

/// SSH-1
#[test]
fn keys_of_agents_and_tokens_make_ssh_signatures_too() {
    let tokens = SoftTokens::new();
    let desk = &tokens.desk;
    assert_done(&desk.run(&seal("key", "A-1.scelle")));
    let agent = SshAgent::start(desk.dir.path());
    let fingerprint = agent.add_new(desk.dir.path(), "ssh", &["ecdsa", "-b", "256"]);
    let sign = |key: &'static str, out: &'static str| vec!["sign", "A-1.scelle", "--ssh", "--key", key, "--out", out];
    assert_done(&tokens.run(&sign("pkcs11:token=unit;object=p256", "1.sig")));
    assert_done(&tokens.run(&sign("pkcs11:token=unit;object=ed", "2.sig")));
    let key = format!("agent:{fingerprint}");
    assert_done(&agent.run(desk, &["sign", "A-1.scelle", "--ssh", "--key", &key, "--out", "3.sig"]));
    let three = ["--ssh-signature", "1.sig", "--ssh-signature", "2.sig", "--ssh-signature", "3.sig"];
    let verified = desk.run(&[&["verify", "A-1.scelle", "--signer", "key.pub"], &three[..]].concat());
    assert_done(&verified);
    assert_eq!(text(&verified.stdout).matches("holds over this statement").count(), 3);
}

/// SSH-4, SSH-5
#[test]
fn an_ssh_signature_that_does_not_hold_ends_with_1_and_one_that_nobody_trusts_decides_nothing() {
    let desk = with_bundle();
    assert_done(&desk.run(&seal("key", "other.scelle")));
    assert_done(&desk.run(&["sign", "other.scelle", "--key", "w", "--ssh"]));
    assert_done(&desk.run(&["sign", "A-1.scelle", "--key", "w", "--ssh"]));
    let verify = |signature: &str, extra: &[&str]| {
        desk.run(&[&["verify", "A-1.scelle", "--signer", "key.pub", "--ssh-signature", signature], extra].concat())
    };
    let wrong = verify("other.scelle.sig", &[]);
    assert_eq!(wrong.status.code(), Some(1));
    assert!(text(&wrong.stdout).contains("other.scelle.sig: DOES NOT HOLD over this statement"));
    assert!(text(&wrong.stdout).starts_with("SSH SIGNATURE DOES NOT HOLD"), "{}", text(&wrong.stdout));
    for (extra, trusted) in [(&["--json"][..], false), (&["--json", "--signer", "w.pub"], true)] {
        let right = verify("A-1.scelle.sig", extra);
        assert_done(&right);
        let json: Value = serde_json::from_slice(&right.stdout).expect("json");
        let told = &json["ssh_signatures"][0];
        assert_eq!((&told["holds"], &told["trusted"]), (&Value::from(true), &Value::from(trusted)), "{json}");
        assert_eq!(told["file"], "A-1.scelle.sig");
    }
    let json: Value = serde_json::from_slice(&verify("other.scelle.sig", &["--json"]).stdout).expect("json");
    assert_eq!((&json["ssh_signatures"][0]["holds"], &json["exit"]), (&Value::from(false), &Value::from(1)), "{json}");
    assert_eq!(json["failed"], serde_json::json!(["SSH-5"]));
}

/// A file in a directory form that does not belong there refutes it.
#[test]
fn no_signature_is_written_into_a_bundle() {
    let desk = with_bundle();
    assert_done(&desk.run(&["pack", "A-1.scelle", "--form", "dir", "--out", "d"]));
    for out in ["d/x.sig", "d/seal/x.sig"] {
        let refused = desk.run(&["sign", "d", "--key", "w", "--ssh", "--out", out]);
        desk.assert_refused(&refused, 3, &[out]);
        assert!(!desk.path(out).exists());
    }
    let mut inside = desk.command(&["sign", ".", "--key", "../w", "--ssh"]);
    assert_done(&inside.current_dir(desk.path("d")).output().expect("scelle"));
    assert!(desk.path("d.sig").exists());
    assert_done(&desk.run(&["verify", "d", "--signer", "key.pub"]));
}

/// SSH-2, SSH-3
#[test]
fn files_that_are_no_such_signature_are_refused_before_anything_is_verified() {
    let desk = with_bundle();
    let sign = "ssh-keygen -q -N '' -t ed25519 -f s; ssh-keygen -q -N '' -t rsa -f r; unzip -p A-1.scelle statement.json > n; \
                cp n rsa; ssh-keygen -q -Y sign -n file -f s n; ssh-keygen -q -Y sign -n seal@scelle -f r rsa; \
                cp n h; ssh-keygen -q -Y sign -n seal@scelle -O hashalg=sha256 -f s h; head -c 20000 /dev/zero > long";
    assert_done(&shell(&desk, sign));
    for (file, says) in [
        ("n.sig", "its namespace is not seal@scelle"),
        ("rsa.sig", "of the algorithm ssh-rsa"),
        ("h.sig", "another digest than sha512"),
        ("case.toml", "not an SSH signature"),
        ("long", "longer than 16384 bytes"),
    ] {
        let refused = desk.run(&["verify", "A-1.scelle", "--signer", "key.pub", "--ssh-signature", file]);
        desk.assert_refused(&refused, 3, &[says]);
    }
    let two = desk.run(&["verify", "A-1.scelle", "A-1.scelle", "--ssh-signature", "n.sig"]);
    desk.assert_refused(&two, 3, &["--ssh-signature is over one bundle"]);
}

#[test]
fn a_bundle_that_is_damaged_is_not_signed_and_no_file_is_written_over() {
    let desk = with_bundle();
    assert_done(&desk.run(&["sign", "A-1.scelle", "--key", "w", "--ssh"]));
    let again = desk.run(&["sign", "A-1.scelle", "--key", "w", "--ssh"]);
    desk.assert_refused(&again, 3, &["cannot write A-1.scelle.sig"]);
    let mut bytes = fs::read(desk.path("A-1.scelle")).expect("the bundle");
    let middle = bytes.len() / 2;
    bytes[middle] ^= 1;
    fs::write(desk.path("A-2.scelle"), bytes).expect("a bundle");
    let damaged = desk.run(&["sign", "A-2.scelle", "--key", "w", "--ssh"]);
    desk.assert_refused(&damaged, 1, &["is not what was sealed"]);
    assert!(!desk.path("A-2.scelle.sig").exists());
}
