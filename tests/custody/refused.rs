//! What does not fit the log is refused before anything is signed.

use std::fs;

use crate::bench::{act, all_signers, bench, done, hand_over, seal, verify_all};

#[test]
fn a_step_that_is_not_allowed_is_refused_and_nothing_is_added() {
    let desk = bench();
    seal(&desk, &[]);
    let before = fs::read(desk.path("x.scelle")).expect("the bundle");
    let refused = |at: &str, args: &[&str], code: i32, says: &[&str]| {
        desk.assert_refused(&act(&desk, at, args), code, says);
    };
    let signers = all_signers();
    let signers: Vec<&str> = signers.iter().map(String::as_str).collect();
    let accept = [&["accept", "x.scelle", "--key", "lab", "--place", "Lyon", "--receipt", "r"], &signers[..]].concat();
    refused("03-01T09:00", &accept, 3, &["there is no open offer"]);
    let note = ["note", "x.scelle", "--key", "officer", "--place", "Hanoi"];
    refused("03-01T07:59", &note, 3, &["60 seconds behind", "--clock-offset"]);
    let offer = ["offer", "x.scelle", "--to", "lab.pub", "--key", "lab", "--purpose", "p", "--place", "Lyon"];
    refused("03-01T09:00", &offer, 3, &["without a trust list"]);
    let nobody = ["offer", "x.scelle", "--to", "No Body", "--key", "officer", "--purpose", "p", "--place", "Lyon"];
    refused("03-01T09:00", &nobody, 3, &["name of a party"]);
    let destroyed = ["record", "x.scelle", "--kind", "destroyed", "--key", "officer", "--purpose", "p", "--place", "x"];
    refused("03-01T09:00", &destroyed, 3, &["--disposal-authority"]);
    let offered = ["record", "x.scelle", "--kind", "offered", "--key", "officer", "--purpose", "p", "--place", "x"];
    assert_eq!(act(&desk, "03-01T09:00", &offered).status.code(), Some(3));
    let elsewhere = [&note[..], &["--copy", "00000000000000000000000000000000"]].concat();
    refused("03-01T09:00", &elsewhere, 3, &["no copy 0000"]);
    assert!(fs::read(desk.path("x.scelle")).expect("the bundle") == before);
    assert!(!desk.path("r").exists());
}

#[test]
fn a_damaged_bundle_is_not_accepted_but_can_be_refused_with_what_was_found() {
    let desk = bench();
    seal(&desk, &["--form", "dir"]);
    let offer = ["offer", "x.scelle", "--to", "lab.pub", "--key", "officer", "--purpose", "p", "--place", "Hanoi"];
    done(&desk, "03-01T09:00", &offer);
    let payload = desk.path("x.scelle/payload/00000000.tar.zst");
    let mut bytes = fs::read(&payload).expect("the payload");
    bytes[20] ^= 1;
    fs::write(&payload, bytes).expect("damaged");
    let who = ["--key", "lab", "--signer", "officer.pub", "--place", "Lyon"];
    let accept = [&["accept", "x.scelle", "--receipt", "r"], &who[..]].concat();
    desk.assert_refused(&act(&desk, "03-02T09:00", &accept), 1, &["x.scelle is not accepted: refuted"]);
    assert!(!desk.path("r").exists());
    let refuse = [&["refuse", "x.scelle", "--reasons", "it is damaged", "--receipt", "r"], &who[..]].concat();
    done(&desk, "03-02T09:00", &refuse);
    let receipt: serde_json::Value = serde_json::from_slice(&fs::read(desk.path("r")).expect("it")).expect("JSON");
    let payload = data_encoding::BASE64.decode(receipt["payload"].as_str().expect("text").as_bytes()).expect("base64");
    let event: serde_json::Value = serde_json::from_slice(&payload).expect("JSON");
    let found = &event["predicate"]["found"];
    assert_eq!((&found["verdict"], &found["exit"]), (&"refuted".into(), &1.into()));
    assert_eq!(found["damage"][0]["member"], "payload/00000000.tar.zst");
}

#[test]
fn a_clock_that_is_behind_by_no_more_than_was_recorded_is_taken() {
    let desk = bench();
    seal(&desk, &[]);
    let note = ["note", "x.scelle", "--key", "officer", "--place", "Hanoi", "--clock-offset", "-60000"];
    done(&desk, "03-01T07:59", &note);
    assert_eq!(verify_all(&desk, "x.scelle", &[]), (0, vec![]));
}

#[test]
fn a_link_in_the_place_of_the_log_leads_nothing_out_of_the_bundle() {
    let desk = bench();
    seal(&desk, &["--form", "dir"]);
    fs::create_dir(desk.path("elsewhere")).expect("a directory");
    std::os::unix::fs::symlink("../elsewhere", desk.path("x.scelle/custody")).expect("a link");
    let note = ["note", "x.scelle", "--key", "officer", "--place", "Hanoi"];
    desk.assert_refused(&act(&desk, "03-01T09:00", &note), 2, &["x.scelle/custody", "for adding to it"]);
    assert_eq!(fs::read_dir(desk.path("elsewhere")).expect("it").count(), 0);
}

#[test]
fn a_receipt_that_is_there_already_is_not_overwritten() {
    let desk = bench();
    seal(&desk, &[]);
    hand_over(&desk, "03-01T09:00", "x.scelle", "officer", "lab");
    let offer = ["offer", "x.scelle", "--to", "officer.pub", "--key", "lab", "--purpose", "p", "--place", "Lyon"];
    done(&desk, "03-02T09:00", &offer);
    let accept = ["accept", "x.scelle", "--key", "officer", "--signer", "lab.pub", "--place", "x"];
    let again = act(&desk, "03-02T09:00", &[&accept[..], &["--receipt", "lab.receipt"]].concat());
    desk.assert_refused(&again, 3, &["lab.receipt exists already", "nothing was verified"]);
}
