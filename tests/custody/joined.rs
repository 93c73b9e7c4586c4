//! Bringing logs together never makes a bundle worse than it was.

use std::fs;

use crate::bench::{act, bench, done, hand_over, seal, verify_all};
use crate::desk::{Desk, assert_done};

fn copy(desk: &Desk, from: &str, to: &str) {
    fs::copy(desk.path(from), desk.path(to)).expect("a copy");
}

#[test]
fn what_would_not_hold_is_not_merged() {
    let desk = bench();
    seal(&desk, &["--form", "dir"]);
    assert_done(&desk.run(&["pack", "x.scelle", "--out", "other.scelle"]));
    assert_done(&desk.run(&["pack", "other.scelle", "--form", "dir", "--out", "junk.scelle"]));
    fs::create_dir_all(desk.path("junk.scelle/custody")).expect("a directory");
    fs::write(desk.path("junk.scelle/custody/0001-noted-00000000.dsse.json"), "junk").expect("a file");
    let merged = desk.run(&["custody", "merge", "x.scelle", "junk.scelle"]);
    desk.assert_refused(&merged, 1, &["the custody log of junk.scelle is not sound"]);
    assert_eq!(verify_all(&desk, "x.scelle", &[]), (0, vec![]));
}

#[test]
fn nothing_is_built_on_a_log_with_junk_in_it() {
    let desk = bench();
    seal(&desk, &["--form", "dir"]);
    fs::create_dir_all(desk.path("x.scelle/custody")).expect("a directory");
    let junk = desk.path("x.scelle/custody/0001-noted-00000000.dsse.json");
    fs::write(&junk, "junk").expect("a file");
    let note = ["note", "x.scelle", "--key", "officer", "--place", "Hanoi"];
    desk.assert_refused(&act(&desk, "03-01T09:00", &note), 1, &["not sound", "nothing may be built on it"]);
    fs::remove_file(junk).expect("removed");
    done(&desk, "03-01T09:00", &note);
    assert_eq!(verify_all(&desk, "x.scelle", &[]), (0, vec![]));
}

#[test]
fn a_signature_goes_into_the_bundle_and_not_into_a_log_beside_it() {
    let desk = bench();
    seal(&desk, &["--signer-required", "witness.pub"]);
    copy(&desk, "x.scelle", "signed.scelle");
    assert_done(&desk.run(&["sign", "signed.scelle", "--key", "witness"]));
    let beside = desk.run(&["custody", "merge", "x.scelle", "signed.scelle", "--log", "log"]);
    desk.assert_refused(&beside, 3, &["signed.scelle is no event", "without --log"]);
    assert_done(&desk.run(&["custody", "merge", "x.scelle", "signed.scelle"]));
    assert_eq!(verify_all(&desk, "x.scelle", &[]), (0, vec![]));
}

#[test]
fn a_receipt_that_lists_what_is_not_here_is_not_attached() {
    let desk = bench();
    seal(&desk, &["--signer-required", "witness.pub", "--threshold", "1"]);
    copy(&desk, "x.scelle", "signed.scelle");
    assert_done(&desk.run(&["sign", "signed.scelle", "--key", "witness"]));
    hand_over(&desk, "03-01T09:00", "signed.scelle", "officer", "lab");
    let attached = desk.run(&["custody", "attach", "x.scelle", "lab.receipt"]);
    desk.assert_refused(&attached, 1, &["with what lab.receipt has", "would not hold"]);
    assert_done(&desk.run(&["custody", "merge", "x.scelle", "signed.scelle"]));
    assert_eq!(verify_all(&desk, "x.scelle", &["--receipt", "lab.receipt"]), (0, vec![]));
}

#[test]
fn a_file_name_that_was_mistyped_is_no_party() {
    let desk = bench();
    seal(&desk, &[]);
    let offer = ["offer", "x.scelle", "--to", "lab.pbu", "--key", "officer", "--purpose", "p", "--place", "Hanoi"];
    desk.assert_refused(&act(&desk, "03-01T09:00", &offer), 3, &["there is no file lab.pbu", "--trust"]);
}

#[test]
fn a_refusal_is_not_signed_if_its_copy_cannot_be_written() {
    let desk = bench();
    seal(&desk, &[]);
    let offer = ["offer", "x.scelle", "--to", "lab.pub", "--key", "officer", "--purpose", "p", "--place", "Hanoi"];
    done(&desk, "03-01T09:00", &offer);
    let refuse = ["refuse", "x.scelle", "--key", "lab", "--signer", "officer.pub", "--place", "Lyon"];
    let taken = act(&desk, "03-02T09:00", &[&refuse[..], &["--reasons", "r", "--receipt", "lab.pub"]].concat());
    desk.assert_refused(&taken, 3, &["lab.pub exists already"]);
    done(&desk, "03-02T09:00", &[&refuse[..], &["--reasons", "r", "--receipt", "refusal"]].concat());
}

#[test]
fn a_copy_gets_no_id_that_is_taken() {
    let desk = bench();
    seal(&desk, &[]);
    let id = "00112233445566778899aabbccddeeff";
    let copy = ["copy", "x.scelle", "--id", id, "--key", "officer", "--purpose", "p", "--place", "Hanoi"];
    done(&desk, "03-01T09:00", &copy);
    let log = desk.run(&["custody", "log", "x.scelle", "--json"]);
    let log: serde_json::Value = serde_json::from_slice(&log.stdout).expect("JSON");
    let copies = log["copies"].as_array().expect("copies");
    let original = copies.iter().filter_map(|it| it["copy"].as_str()).find(|copy| *copy != id).expect("the original");
    let again = act(&desk, "03-01T09:00", &[&copy[..], &["--copy", original]].concat());
    desk.assert_refused(&again, 1, &["would not hold", "two copies have the same id"]);
    assert_eq!(verify_all(&desk, "x.scelle", &[]), (0, vec![]));
}

#[test]
fn what_only_a_trust_list_could_judge_is_not_added_without_one() {
    let desk = bench();
    seal(&desk, &[]);
    copy(&desk, "x.scelle", "early.scelle");
    let offer = ["offer", "x.scelle", "--to", "lab.pub", "--key", "officer", "--purpose", "p", "--place", "Hanoi"];
    done(&desk, "03-01T09:00", &offer);
    copy(&desk, "x.scelle", "theirs.scelle");
    // Somebody else of a list that the officer does not have accepts it.
    let list = "trust new --out list --root root-a.pub --expires 2090-01-01";
    assert_done(&desk.run(&list.split(' ').collect::<Vec<_>>()));
    for key in ["lab.pub", "court.pub", "officer.pub"] {
        let party = if key == "officer.pub" { "police" } else { "lab-fr" };
        let who = ["--party", party, "--key", key, "--name", party, "--country", "FR", "--role", "laboratory"];
        assert_done(&desk.run(&[&["trust", "add", "list", "--valid-from", "2026-01-01"], &who[..]].concat()));
    }
    assert_done(&desk.run(&["trust", "sign", "list", "--key", "root-a"]));
    let trust = ["--trust", "list", "--trust-root", "root-a.pub", "--trust-state", "state"];
    let accept = ["accept", "theirs.scelle", "--key", "court", "--place", "Lyon", "--receipt", "r"];
    let dated = desk.run(&[&["custody"], &accept[..], &trust, &["--at", "2026-05-01"]].concat());
    desk.assert_refused(&dated, 3, &["--at"]);
    done(&desk, "03-01T10:00", &[&accept[..], &trust].concat());
    desk.assert_refused(&desk.run(&["custody", "attach", "x.scelle", "r"]), 1, &["would not hold", "--trust"]);
    assert_done(&desk.run(&[&["custody", "attach", "x.scelle", "r"], &trust[..]].concat()));
    let log = desk.run(&[&["custody", "log", "x.scelle"], &trust[..]].concat());
    assert_eq!(log.status.code(), Some(0));
    let untrusted = desk.run(&["custody", "log", "x.scelle", "--signer", "officer.pub"]);
    assert_eq!(untrusted.status.code(), Some(2), "whether the court acts for the laboratory cannot be told");
}
