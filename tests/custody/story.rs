//! Officer, courier, foreign laboratory, court registry: each with a file of their own.

use std::fs;

use crate::bench::{act, all_signers, bench, done, seal, verify, verify_all};
use crate::desk::{Desk, assert_done, text};

fn copy(desk: &Desk, from: &str, to: &str) {
    fs::copy(desk.path(from), desk.path(to)).expect("a copy");
}

fn accept(desk: &Desk, at: &str, bundle: &str, key: &str, receipt: &str) {
    let signers = all_signers();
    let mut args = vec!["accept", bundle, "--key", key, "--place", "at the desk", "--receipt", receipt];
    args.extend(signers.iter().map(String::as_str));
    done(desk, at, &args);
}

/// A list of all parties, signed by both roots.
fn trust_list(desk: &Desk) {
    let two = ["--root", "root-a.pub", "--root", "root-b.pub"];
    assert_done(&desk.run(&[&["trust", "new", "--out", "list", "--expires", "2090-01-01"], &two[..]].concat()));
    for (party, country, role) in [
        ("officer", "VN", "officer"),
        ("courier", "VN", "officer"),
        ("lab", "FR", "laboratory"),
        ("court", "FR", "court"),
        ("witness", "VN", "court"),
    ] {
        let key = format!("{party}.pub");
        let who = ["--party", party, "--key", &key, "--name", party, "--country", country, "--role", role];
        assert_done(&desk.run(&[&["trust", "add", "list", "--valid-from", "2026-01-01"], &who[..]].concat()));
    }
    for root in ["root-a", "root-b"] {
        assert_done(&desk.run(&["trust", "sign", "list", "--key", root]));
    }
}

const TRUST: [&str; 6] = ["--trust-root", "root-a.pub", "--trust-root", "root-b.pub", "--trust-state", "state"];

fn with_list<'a>(list: &'a str, more: &[&'a str]) -> Vec<&'a str> {
    [&["--trust", list], &TRUST[..], more].concat()
}

#[test]
fn from_a_scene_to_a_court_abroad() {
    let desk = bench();
    trust_list(&desk);
    let list = with_list("list", &[]);

    // Sealed by the officer, to be signed by a witness too.
    seal(&desk, &["--signer-required", "witness.pub"]);
    assert_eq!(verify(&desk, "x.scelle", &list), (4, vec!["V-12 signers".into()]));
    assert_done(&desk.run(&["sign", "x.scelle", "--key", "witness"]));
    assert_eq!(verify(&desk, "x.scelle", &list), (0, vec![]));
    desk.assert_refused(&desk.run(&["sign", "x.scelle", "--key", "lab"]), 3, &["does not require"]);
    desk.assert_refused(&desk.run(&["sign", "x.scelle", "--key", "witness"]), 3, &["is in x.scelle already"]);

    // Offered to the laboratory, which refuses: it expected another exhibit.
    let offer = |bundle, to, key, at| {
        let args = ["offer", bundle, "--to", to, "--key", key, "--purpose", "analysis", "--place", "Hanoi"];
        done(&desk, at, &args);
    };
    offer("x.scelle", "lab.pub", "officer", "03-01T09:00");
    copy(&desk, "x.scelle", "lab.scelle");
    let refusal =
        ["refuse", "lab.scelle", "--key", "lab", "--place", "Lyon", "--reasons", "another exhibit was asked for"];
    done(&desk, "03-02T10:00", &[&refusal[..], &["--receipt", "refusal"], &list[..]].concat());
    assert_done(&desk.run(&["custody", "attach", "x.scelle", "refusal"]));

    // To the courier, and by him to the laboratory.
    offer("x.scelle", "courier.pub", "officer", "03-03T09:00");
    copy(&desk, "x.scelle", "courier.scelle");
    accept(&desk, "03-03T09:05", "courier.scelle", "courier", "courier.receipt");
    assert_done(&desk.run(&["custody", "attach", "x.scelle", "courier.receipt"]));
    offer("courier.scelle", "lab.pub", "courier", "03-04T16:00");
    copy(&desk, "courier.scelle", "lab.scelle");
    accept(&desk, "03-04T16:30", "lab.scelle", "lab", "lab.receipt");

    // A working copy, on which the laboratory works; the original goes to the court.
    let id = "00112233445566778899aabbccddeeff";
    let copied = ["copy", "lab.scelle", "--id", id, "--key", "lab", "--purpose", "working copy", "--place", "Lyon"];
    done(&desk, "03-05T08:00", &copied);
    copy(&desk, "lab.scelle", "working.scelle");
    let work = ["record", "working.scelle", "--copy", id, "--kind", "examined", "--key", "lab", "--place", "Lyon"];
    done(&desk, "03-06T08:00", &[&work[..], &["--purpose", "report 7", "--method", "keyword search"]].concat());
    let original = "--copy";
    let bundle_id = original_id(&desk, "lab.scelle");
    let to_court = ["offer", "lab.scelle", original, &bundle_id, "--to", "court.pub", "--key", "lab"];
    done(&desk, "03-07T09:00", &[&to_court[..], &["--purpose", "trial", "--place", "Lyon"]].concat());
    copy(&desk, "lab.scelle", "court.scelle");
    let signers = all_signers();
    let signers: Vec<&str> = signers.iter().map(String::as_str).collect();
    let taken = [
        "accept",
        "court.scelle",
        "--copy",
        &bundle_id,
        "--key",
        "court",
        "--place",
        "Paris",
        "--receipt",
        "court.receipt",
    ];
    done(&desk, "03-07T15:00", &[&taken[..], &signers[..]].concat());

    // The court sees all of it when the logs are brought together.
    assert_done(&desk.run(&["custody", "merge", "court.scelle", "working.scelle"]));
    assert_eq!(verify(&desk, "court.scelle", &list), (0, vec![]));
    let log = desk.run(&[&["custody", "log", "court.scelle"], &list[..]].concat());
    assert_done(&log);
    let expected = fs::read_to_string(concat!(env!("CARGO_MANIFEST_DIR"), "/tests/custody/story.txt")).expect("it");
    assert_eq!(text(&log.stdout), expected, "\n{}", text(&log.stdout));

    // The laboratory's own file ends before the court took it: the court's receipt shows that.
    assert_eq!(verify_all(&desk, "lab.scelle", &[]), (0, vec![]));
    let lost = verify_all(&desk, "lab.scelle", &["--receipt", "court.receipt"]);
    assert_eq!(lost, (1, vec!["V-13 custody.receipt".into()]));
    assert_done(&desk.run(&["custody", "attach", "lab.scelle", "court.receipt"]));
    assert_eq!(verify_all(&desk, "lab.scelle", &["--receipt", "court.receipt"]), (0, vec![]));

    // Whoever gives the original away a second time, on a file from before, has forked the log.
    copy(&desk, "courier.scelle", "second.scelle");
    accept(&desk, "03-04T16:40", "second.scelle", "lab", "second.receipt");
    let merged = desk.run(&["custody", "merge", "court.scelle", "second.scelle"]);
    desk.assert_refused(&merged, 1, &["would not hold", "forked"]);
    let attached = desk.run(&["custody", "attach", "court.scelle", "second.receipt"]);
    desk.assert_refused(&attached, 1, &["second.receipt", "forked"]);

    // The courier's key is revoked: what he signed is not believed any more, as of now.
    let revoke = ["trust", "revoke", "list", "--out", "list-2", "--key", "courier.pub", "--reason", "laptop stolen"];
    assert_done(&desk.run(&[&revoke[..], &["--since", "2026-04-01"]].concat()));
    for root in ["root-a", "root-b"] {
        assert_done(&desk.run(&["trust", "sign", "list-2", "--key", root]));
    }
    let revoked = verify(&desk, "court.scelle", &with_list("list-2", &[]));
    assert_eq!(revoked, (4, vec!["V-14 custody.signers".into()]));
    assert_eq!(verify(&desk, "court.scelle", &with_list("list-2", &["--at", "2026-03-31"])), (0, vec![]));
    // The list from before the revocation is not believed any more by who has seen the newer one.
    let old = desk.run(&[&["verify", "court.scelle"], &list[..]].concat());
    desk.assert_refused(&old, 4, &["version 1", "older than version 2"]);
}

/// The id of the original: that of the bundle.
fn original_id(desk: &Desk, bundle: &str) -> String {
    let output = desk.run(&["show", bundle, "--json"]);
    let json: serde_json::Value = serde_json::from_slice(&output.stdout).expect("JSON");
    json["statement"]["predicate"]["bundleId"].as_str().expect("an id").to_owned()
}

/// EVT-6.
#[test]
fn a_log_beside_a_bundle_that_cannot_be_written_to() {
    let desk = bench();
    seal(&desk, &[]);
    let before = fs::read(desk.path("x.scelle")).expect("the bundle");
    let offer = ["offer", "x.scelle", "--log", "log", "--to", "lab.pub", "--key", "officer"];
    done(&desk, "03-01T09:00", &[&offer[..], &["--purpose", "analysis", "--place", "Hanoi"]].concat());
    let signers = all_signers();
    let signers: Vec<&str> = signers.iter().map(String::as_str).collect();
    let accept = ["accept", "x.scelle", "--log", "log", "--key", "lab", "--place", "Lyon", "--receipt", "r"];
    done(&desk, "03-01T09:00", &[&accept[..], &signers[..]].concat());
    assert!(fs::read(desk.path("x.scelle")).expect("the bundle") == before);
    assert_eq!(fs::read_dir(desk.path("log")).expect("the log").count(), 2);
    assert_eq!(verify_all(&desk, "x.scelle", &["--log", "log", "--receipt", "r"]), (0, vec![]));
    let without = verify_all(&desk, "x.scelle", &["--receipt", "r"]);
    assert_eq!(without, (1, vec!["V-13 custody.receipt".into()]));
    let mistyped = desk.run(&["verify", "x.scelle", "--log", "lgo"]);
    desk.assert_refused(&mistyped, 2, &["cannot read the log lgo"]);
    // The other side has it in the bundle again.
    assert_done(&desk.run(&["custody", "merge", "x.scelle", "x.scelle", "--other-log", "log"]));
    assert_eq!(verify_all(&desk, "x.scelle", &["--receipt", "r"]), (0, vec![]));
    assert_eq!(verify_all(&desk, "x.scelle", &["--log", "log"]), (0, vec![]), "the same events are no others");
}

#[test]
fn two_who_add_at_once_do_not_fork_the_log() {
    let desk = bench();
    for form in ["zip", "dir"] {
        let bundle = format!("{form}.scelle");
        seal_as(&desk, &bundle, form);
        let note = ["custody", "note", &bundle, "--key", "officer", "--place", "Hanoi"];
        let children: Vec<_> = (0..8).map(|_| desk.command(&note).spawn().expect("scelle")).collect();
        let outputs: Vec<_> = children.into_iter().map(|child| child.wait_with_output().expect("scelle")).collect();
        let added = outputs.iter().filter(|output| output.status.success()).count();
        assert!(outputs.iter().all(|output| matches!(output.status.code(), Some(0 | 2))), "{outputs:?}");
        let files = desk.run(&["custody", "log", &bundle, "--json"]);
        let log: serde_json::Value = serde_json::from_slice(&files.stdout).expect("JSON");
        assert_eq!(log["events"].as_array().map(Vec::len), Some(added), "each that says so is there, and no other");
        assert!(added > 0);
        assert_eq!(verify_all(&desk, &bundle, &[]), (0, vec![]), "{form}: {added} added");
        let log = act(&desk, "03-01T09:00", &["note", &bundle, "--key", "stranger", "--place", "Hanoi"]);
        assert_eq!(log.status.code(), Some(3), "its clock is behind: {}", text(&log.stderr));
    }
}

fn seal_as(desk: &Desk, out: &str, form: &str) {
    let args = ["seal", "d", "--key", "officer", "--case", "case.toml", "--out", out, "--form", form];
    assert_done(&desk.run(&args));
}
