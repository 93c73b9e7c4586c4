//! Every event dropped, doubled, exchanged, edited or put elsewhere is found, by the check that is about it.

use std::fs;
use std::path::PathBuf;

use crate::bench::{bench, done, hand_over, key_of, seal, verify_all};
use crate::desk::{Desk, assert_done};

/// A bundle in directory form with a log of some length; the files of its events, in order.
fn told() -> (Desk, Vec<PathBuf>) {
    let desk = bench();
    seal(&desk, &["--form", "dir"]);
    hand_over(&desk, "03-01T09:00", "x.scelle", "officer", "courier");
    hand_over(&desk, "03-02T09:00", "x.scelle", "courier", "lab");
    let record = ["record", "x.scelle", "--kind", "examined", "--key", "lab", "--purpose", "report", "--place", "Lyon"];
    done(&desk, "03-03T09:00", &record);
    assert_eq!(verify_all(&desk, "x.scelle", &[]), (0, vec![]));
    let mut files: Vec<_> =
        fs::read_dir(desk.path("x.scelle/custody")).expect("the log").map(|it| it.expect("an event").path()).collect();
    files.sort();
    assert_eq!(files.len(), 5);
    (desk, files)
}

fn failed(desk: &Desk) -> Vec<String> {
    let (code, failed) = verify_all(desk, "x.scelle", &[]);
    assert_eq!(code, 1, "{failed:?}");
    assert!(failed.iter().all(|id| id.starts_with("V-13 ")), "the evidence is as it was: {failed:?}");
    failed
}

#[test]
fn an_event_that_is_taken_away_is_missed_by_the_next() {
    let (desk, files) = told();
    for (i, file) in files.iter().enumerate() {
        let bytes = fs::read(file).expect("an event");
        fs::remove_file(file).expect("removed");
        if i + 1 < files.len() {
            assert!(failed(&desk).contains(&"V-13 custody.link".to_owned()), "event {i}");
        } else {
            // Nothing in the bundle tells of the last one: for that there are receipts.
            assert_eq!(verify_all(&desk, "x.scelle", &[]), (0, vec![]));
        }
        fs::write(file, bytes).expect("put back");
    }
    assert_eq!(verify_all(&desk, "x.scelle", &[]), (0, vec![]));
}

#[test]
fn an_event_that_is_edited_does_not_hold() {
    let (desk, files) = told();
    for file in &files {
        let bytes = fs::read(file).expect("an event");
        for at in (0..bytes.len()).step_by(bytes.len() / 12) {
            let mut edited = bytes.clone();
            edited[at] = if edited[at] == b'A' { b'B' } else { b'A' };
            fs::write(file, &edited).expect("edited");
            let found = failed(&desk);
            let is_named = found.iter().any(|id| ["V-13 event.form", "V-13 event.signature"].contains(&&**id));
            assert!(is_named, "byte {at}: {found:?}");
        }
        fs::write(file, bytes).expect("put back");
    }
}

#[test]
fn an_event_under_another_name_or_twice_is_found() {
    let (desk, files) = told();
    for (i, file) in files.iter().enumerate() {
        let other = file.with_file_name(format!("000{}-noted-00000000.dsse.json", i + 1));
        fs::rename(file, &other).expect("renamed");
        assert_eq!(failed(&desk), ["V-13 event.name"]);
        fs::copy(&other, file).expect("doubled");
        assert!(failed(&desk).contains(&"V-13 custody.fork".to_owned()), "the same event twice, {i}");
        fs::remove_file(&other).expect("removed");
    }
}

#[test]
fn events_that_changed_places_are_found() {
    let (desk, files) = told();
    for two in files.windows(2) {
        let [a, b] = [&two[0], &two[1]].map(|file| fs::read(file).expect("an event"));
        fs::write(&two[0], &b).expect("exchanged");
        fs::write(&two[1], &a).expect("exchanged");
        assert_eq!(failed(&desk), ["V-13 event.name"]);
        fs::write(&two[0], &a).expect("put back");
        fs::write(&two[1], &b).expect("put back");
    }
}

#[test]
fn what_was_there_when_an_event_was_signed_may_not_be_stripped() {
    let desk = bench();
    seal(&desk, &["--signer-required", "witness.pub", "--threshold", "1", "--form", "dir"]);
    assert_done(&desk.run(&["sign", "x.scelle", "--key", "witness"]));
    let note = ["note", "x.scelle", "--key", "officer", "--place", "Hanoi"];
    done(&desk, "03-01T09:00", &note);
    assert_eq!(verify_all(&desk, "x.scelle", &[]), (0, vec![]));
    // One signature is enough for the statement, so that nothing but the event tells of the other.
    let key_id = key_of(5).public().key_id().to_string();
    fs::remove_file(desk.path(&format!("x.scelle/seal/{}.dsse.json", &key_id[..16]))).expect("stripped");
    assert_eq!(verify_all(&desk, "x.scelle", &[]), (1, vec!["V-13 custody.members".into()]));
}

#[test]
fn a_stranger_who_signs_into_the_log_is_not_the_holder_and_not_trusted() {
    let (desk, _) = told();
    let note = ["note", "x.scelle", "--key", "stranger", "--place", "nowhere", "--notes", "I was here"];
    done(&desk, "03-04T09:00", &note);
    assert_eq!(verify_all(&desk, "x.scelle", &[]), (4, vec!["V-14 custody.signers".into()]));
}
