//! Signers whose keys a national PKI certifies (SPEC.md TRU-6), with certificates by `openssl`.

mod desk;

use std::fs;
use std::process::Command;

use desk::{Desk, assert_done, text};

const LEAF: &str = "basicConstraints=CA:FALSE\nkeyUsage=critical,nonRepudiation\n";
const BETWEEN: &str = "basicConstraints=critical,CA:TRUE\nkeyUsage=critical,keyCertSign,cRLSign\n";
const OFFICER: &str = "/C=VN/O=Cyber Unit/CN=Officer 7";

fn openssl(desk: &Desk, args: &[&str]) {
    let output = Command::new("openssl").args(args).current_dir(desk.path("")).output().expect("openssl");
    assert!(output.status.success(), "{args:?}: {}", text(&output.stderr));
}

/// What was said, however wide the window.
fn words(bytes: &[u8]) -> String {
    text(bytes).split_whitespace().collect::<Vec<_>>().join(" ")
}

/// A certificate of a key under another one.
fn certify(desk: &Desk, by: &str, key: &str, subject: &str, extensions: &str, out: &str) {
    fs::write(desk.path("ext"), extensions).expect("a file");
    openssl(desk, &["req", "-new", "-key", key, "-subj", subject, "-out", "csr"]);
    let (ca, ca_key) = (format!("{by}.pem"), format!("{by}.key"));
    let args = ["x509", "-req", "-in", "csr", "-CA", &ca, "-CAkey", &ca_key, "-CAcreateserial", "-days", "9000"];
    openssl(desk, &[&args[..], &["-extfile", "ext", "-out", out]].concat());
}

/// A State's PKI: an RSA root, one of P-256 under it, and the certificate of `key`, with the chain in `chain.pem`.
fn pki() -> Desk {
    let desk = Desk::new();
    fs::write(desk.path("a"), "evidence").expect("a file");
    let root = ["req", "-x509", "-newkey", "rsa:2048", "-nodes", "-keyout", "root.key", "-out", "root.pem"];
    openssl(&desk, &[&root[..], &["-subj", "/C=VN/CN=State Root", "-days", "9000"]].concat());
    openssl(&desk, &["genpkey", "-algorithm", "EC", "-pkeyopt", "ec_paramgen_curve:P-256", "-out", "police.key"]);
    certify(&desk, "root", "police.key", "/C=VN/CN=Police PKI", BETWEEN, "police.pem");
    certify(&desk, "police", "key", OFFICER, LEAF, "officer.pem");
    let read = |name: &str| fs::read(desk.path(name)).expect("a certificate");
    fs::write(desk.path("chain.pem"), [read("officer.pem"), read("police.pem")].concat()).expect("a file");
    assert_done(&desk.run(&["key", "new", "--out", "ministry", "--no-passphrase"]));
    assert_done(&desk.run(&["trust", "new", "--out", "t", "--root", "ministry.pub", "--expires", "2090-01-01"]));
    desk
}

const RULE: [&str; 11] =
    ["trust", "certificates", "t", "--party", "police-vn", "--name", "Police", "--country", "VN", "--role", "officer"];

fn signed_list(desk: &Desk, subject: &[&str]) {
    assert_done(&desk.run(&[&RULE[..], &["--root", "root.pem"], subject].concat()));
    assert_done(&desk.run(&["trust", "sign", "t", "--key", "ministry"]));
}

const TRUST: [&str; 6] = ["--trust", "t", "--trust-root", "ministry.pub", "--trust-state", "seen"];

#[test]
fn a_national_pki_vouches_for_a_signer_without_an_exchange_of_keys() {
    let desk = pki();
    assert_done(&desk.seal(&["a", "--certificate", "chain.pem"]));
    signed_list(&desk, &["--subject", "organization=Cyber Unit", "--subject", "country=VN"]);
    let output = desk.run(&[&["verify", "x.scelle"], &TRUST[..]].concat());
    assert_done(&output);
    let said = words(&output.stdout);
    assert!(said.contains("trusted by you as a key of police-vn by the certificate of"), "{said}");
    let output = desk.run(&[&["verify", "x.scelle", "--json"], &TRUST[..]].concat());
    let found: serde_json::Value = serde_json::from_slice(&output.stdout).expect("JSON");
    assert_eq!(found["signers"][0]["certified"]["party"], "police-vn");
    let output = desk.run(&[&["report", "x.scelle", "--out", "r.html"], &TRUST[..]].concat());
    assert_done(&output);
    let page = fs::read_to_string(desk.path("r.html")).expect("a page");
    assert!(page.contains("a key of police-vn, for which a certificate of"));
    let shown = text(&desk.run(&["trust", "show", "t"]).stdout);
    assert!(shown.contains("whose certificate is under") && shown.contains("organization Cyber Unit"), "{shown}");
    // Whoever named the key by hand is not asked for a list.
    assert_done(&desk.run(&["verify", "x.scelle", "--signer", "key.pub"]));
}

#[test]
fn a_certificate_of_somebody_else_under_the_same_root_vouches_for_nothing() {
    let desk = pki();
    assert_done(&desk.seal(&["a", "--certificate", "chain.pem"]));
    signed_list(&desk, &["--subject", "organization=Customs"]);
    let output = desk.run(&[&["verify", "x.scelle"], &TRUST[..]].concat());
    assert_eq!(output.status.code(), Some(4));
    assert!(
        text(&output.stdout).contains("has not the names that the trust list asks for"),
        "{}",
        text(&output.stdout)
    );
}

#[test]
fn an_expired_certificate_vouches_as_of_a_day_on_which_it_was_valid() {
    let desk = pki();
    assert_done(&desk.seal(&["a", "--certificate", "chain.pem"]));
    signed_list(&desk, &["--subject", "commonName=Officer 7"]);
    let later = desk.run(&[&["verify", "x.scelle", "--at", "2060-01-01"], &TRUST[..]].concat());
    assert_eq!(later.status.code(), Some(4));
    let said = words(&later.stdout);
    assert!(said.contains("is not valid at 2060-01-01T00:00:00Z"), "{said}");
}

#[test]
fn somebody_who_must_sign_too_can_be_named_by_their_certificates() {
    let desk = pki();
    assert_done(&desk.run(&["key", "new", "--out", "judge", "--no-passphrase", "--algorithm", "p256"]));
    certify(&desk, "root", "judge", "/C=VN/O=Court/CN=Judge 1", LEAF, "judge.pem");
    assert_done(&desk.seal(&["a", "--certificate", "chain.pem", "--signer-required", "judge.pem"]));
    assert_done(&desk.run(&["sign", "x.scelle", "--key", "judge", "--signer", "key.pub"]));
    signed_list(&desk, &["--subject", "organization=Cyber Unit"]);
    let verify = [&["verify", "x.scelle"], &TRUST[..]].concat();
    assert_eq!(desk.run(&verify).status.code(), Some(4), "the court is not in the list");
    let court = ["trust", "certificates", "t", "--out", "t2", "--party", "court", "--name", "Court", "--country", "VN"];
    let court = [&court[..], &["--role", "court", "--root", "root.pem", "--subject", "organization=Court"]].concat();
    assert_done(&desk.run(&court));
    assert_done(&desk.run(&["trust", "sign", "t2", "--key", "ministry"]));
    let verify = ["verify", "x.scelle", "--trust", "t2", "--trust-root", "ministry.pub", "--trust-state", "seen"];
    assert_done(&desk.run(&verify));
}

#[test]
fn certificates_that_could_vouch_for_nothing_are_refused_before_anything_is_sealed() {
    let desk = pki();
    openssl(&desk, &["genpkey", "-algorithm", "RSA", "-out", "rsa.key"]);
    certify(&desk, "root", "rsa.key", "/CN=Rsa", LEAF, "rsa.pem");
    let read = |name: &str| fs::read(desk.path(name)).expect("a certificate");
    fs::write(desk.path("nine.pem"), read("officer.pem").repeat(9)).expect("a file");
    fs::write(desk.path("cut.pem"), &read("officer.pem")[..200]).expect("a file");
    let broken = "-----BEGIN CERTIFICATE-----\nMAAA\n-----END CERTIFICATE-----\n";
    fs::write(desk.path("broken.pem"), broken).expect("a file");
    for (file, says) in [
        ("police.pem", "is not of the key that signs"),
        ("rsa.pem", "is not of a key that can sign bundles"),
        ("nine.pem", "has 9 certificates"),
        ("cut.pem", "cut.pem"),
        ("broken.pem", "cannot be read"),
        ("key.pub", "has 0 certificates"),
    ] {
        let output = desk.seal(&["a", "--certificate", file]);
        desk.assert_refused(&output, 3, &[file, says]);
        assert!(!desk.path("x.scelle").exists(), "{file}");
    }
    desk.assert_refused(&desk.seal(&["a", "--certificate", "nowhere.pem"]), 2, &["nowhere.pem"]);
}

#[test]
fn a_rule_for_certificates_that_is_none_is_refused() {
    let desk = pki();
    let add = |root: &'static str, subject: &[&'static str]| {
        desk.run(
            &[&RULE[..], &["--root", root], &subject.iter().flat_map(|it| ["--subject", it]).collect::<Vec<_>>()]
                .concat(),
        )
    };
    for (subject, says) in [
        (&["organization"][..], "is not attribute=value"),
        (&["organisation=Police"], "attributes are commonName"),
        (&["country=VN", "country=FR"], "names country twice"),
        (&["country="], "--subject"),
    ] {
        desk.assert_refused(&add("root.pem", subject), 3, &[says]);
    }
    let both =
        [fs::read(desk.path("root.pem")), fs::read(desk.path("police.pem"))].map(|it| it.expect("a certificate"));
    fs::write(desk.path("two.pem"), both.concat()).expect("a file");
    desk.assert_refused(&add("two.pem", &["country=VN"]), 3, &["has 2 certificates"]);
    desk.assert_refused(&add("officer.pem", &["country=VN"]), 3, &["certifies no others"]);
    desk.assert_refused(&add("key.pub", &["country=VN"]), 3, &["key.pub"]);
    assert_done(&add("root.pem", &["country=VN"]));
    desk.assert_refused(&add("root.pem", &["country=VN"]), 3, &["is in the list already"]);
}
