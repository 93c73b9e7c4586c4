//! Trust lists: who may sign them, and what they say of keys at a moment.

use std::fs;

use crate::bench::{bench, seal, verify};
use crate::desk::{Desk, assert_done, text};

fn run(desk: &Desk, args: &str) {
    assert_done(&desk.run(&args.split(' ').collect::<Vec<_>>()));
}

/// A list with the officer in it, that needs both roots.
fn listed() -> Desk {
    let desk = bench();
    seal(&desk, &[]);
    run(&desk, "trust new --out list --root root-a.pub --root root-b.pub --expires 2090-01-01");
    run(
        &desk,
        "trust add list --party police-vn --key officer.pub --name Police --country VN --role officer --valid-from 2026-01-01 --valid-until 2080-01-01",
    );
    desk
}

fn judged(desk: &Desk, args: &str) -> (i32, Vec<String>) {
    let args: Vec<_> = args.split(' ').collect();
    verify(desk, "x.scelle", &[&args[..], &["--trust-state", "state"]].concat())
}

const BOTH: &str = "--trust list --trust-root root-a.pub --trust-root root-b.pub";

/// TRU-1, TRU-3.
#[test]
fn a_list_needs_as_many_root_keys_as_it_says_and_the_user_trusts() {
    let desk = listed();
    let refused = |args: &str| {
        let args: Vec<_> = args.split(' ').collect();
        desk.run(&[&["verify", "x.scelle", "--trust-state", "state"], &args[..]].concat())
    };
    desk.assert_refused(&refused(BOTH), 4, &["list is not believed", "0 of the keys"]);
    run(&desk, "trust sign list --key root-a");
    desk.assert_refused(&refused(BOTH), 4, &["1 of the keys", "2 must"]);
    run(&desk, "trust sign list --key stranger");
    desk.assert_refused(&refused(BOTH), 4, &["1 of the keys"]);
    run(&desk, "trust sign list --key root-b");
    assert_eq!(judged(&desk, BOTH), (0, vec![]));
    desk.assert_refused(&refused("--trust list --trust-root root-a.pub"), 4, &["1 of the keys", "--trust-root"]);
    let text_of = fs::read_to_string(desk.path("list")).expect("the list");
    fs::write(desk.path("list"), text_of.replacen("\"payload\":\"ey", "\"payload\":\"eyA", 1)).expect("edited");
    desk.assert_refused(&refused(BOTH), 3, &["list is not a trust list"]);
}

#[test]
fn keys_and_lists_are_judged_at_the_moment_asked_for() {
    let desk = listed();
    run(&desk, "trust sign list --key root-a");
    run(&desk, "trust sign list --key root-b");
    let at = |date: &str| judged(&desk, &format!("{BOTH} --at {date}"));
    let signers = || vec!["V-12 signers".to_owned()];
    assert_eq!(at("2025-12-31"), (4, signers()), "not valid yet");
    assert_eq!(at("2079-12-31"), (0, vec![]));
    assert_eq!(at("2080-01-01"), (4, signers()), "not valid any more");
    let (code, failed) = at("2090-01-01T00:00:00Z");
    assert_eq!((code, failed.contains(&"V-14 trust.list".to_owned())), (4, true), "the list expired");
    let shown = desk.run(
        &[
            &["verify", "x.scelle", "--at", "2080-01-01", "--trust-state", "state"],
            &BOTH.split(' ').collect::<Vec<_>>()[..],
        ]
        .concat(),
    );
    let shown = text(&shown.stdout).split_whitespace().collect::<Vec<_>>().join(" ");
    assert!(shown.contains("police-vn: valid until"), "{shown}");
}

/// TRU-5.
#[test]
fn the_next_version_needs_the_roots_of_the_one_before_and_an_older_one_is_refused() {
    let desk = listed();
    for root in ["root-a", "root-b"] {
        run(&desk, &format!("trust sign list --key {root}"));
    }
    assert_eq!(judged(&desk, BOTH), (0, vec![]));
    desk.assert_refused(
        &desk.run(&["trust", "revoke", "list", "--key", "officer.pub", "--reason", "lost"]),
        3,
        &["list is signed", "--out"],
    );
    // A thief of one root key makes a list that asks for that key alone, with the same id and a higher number.
    let stolen = fs::read_to_string(desk.path("list")).expect("the list");
    let payload: serde_json::Value = serde_json::from_str(&stolen).expect("JSON");
    let payload = data_encoding::BASE64.decode(payload["payload"].as_str().expect("text").as_bytes()).expect("base64");
    let mut list: serde_json::Value = serde_json::from_slice(&payload).expect("JSON");
    list["roots"]["threshold"] = 1.into();
    list["sequence"] = 2.into();
    list["previous"] = "00".repeat(32).into();
    let forged = data_encoding::BASE64.encode(&serde_json::to_vec(&list).expect("JSON"));
    let forged =
        format!(r#"{{"payload":"{forged}","payloadType":"application/vnd.scelle.trust+json","signatures":[]}}"#);
    fs::write(desk.path("forged"), forged).expect("a file");
    run(&desk, "trust sign forged --key root-a");
    let args = ["verify", "x.scelle", "--trust", "forged", "--trust-root", "root-a.pub", "--trust-root", "root-b.pub"];
    let output = desk.run(&[&args[..], &["--trust-state", "state"]].concat());
    desk.assert_refused(&output, 4, &["forged is not believed", "1 of the root keys of version 1", "2 must"]);

    // Nor does a version follow that names another one before it, whoever signed it.
    list["roots"]["threshold"] = 2.into();
    let forged = data_encoding::BASE64.encode(&serde_json::to_vec(&list).expect("JSON"));
    let forged =
        format!(r#"{{"payload":"{forged}","payloadType":"application/vnd.scelle.trust+json","signatures":[]}}"#);
    fs::write(desk.path("forged"), forged).expect("a file");
    for root in ["root-a", "root-b"] {
        run(&desk, &format!("trust sign forged --key {root}"));
    }
    let output = desk.run(&[&args[..], &["--trust-state", "state"]].concat());
    desk.assert_refused(&output, 4, &["does not name version 1"]);

    run(&desk, "trust revoke list --out next --key officer.pub --reason lost --since 2026-02-01");
    for root in ["root-a", "root-b"] {
        run(&desk, &format!("trust sign next --key {root}"));
    }
    let next = "--trust next --trust-root root-a.pub --trust-root root-b.pub";
    assert_eq!(judged(&desk, next), (4, vec!["V-12 signers".into()]));
    let old = ["verify", "x.scelle", "--trust", "list", "--trust-root", "root-a.pub", "--trust-root", "root-b.pub"];
    let output = desk.run(&[&old[..], &["--trust-state", "state"]].concat());
    desk.assert_refused(&output, 4, &["version 1", "older than version 2"]);
}

#[test]
fn a_party_keeps_its_name_and_a_key_has_one_party() {
    let desk = listed();
    let refused = |args: &str, says: &[&str]| {
        desk.assert_refused(&desk.run(&args.split(' ').collect::<Vec<_>>()), 3, says);
    };
    let as_court = "--country FR --role court --name Court";
    refused(&format!("trust add list --party court --key officer.pub {as_court}"), &["is in the list already"]);
    refused(
        &format!("trust add list --party police-vn --key court.pub {as_court}"),
        &["another name, country or role"],
    );
    refused("trust add list --party court --key court.pub", &["needs a name, a country and a role"]);
    refused("trust add list --party Court --key court.pub", &["name of a party"]);
    refused("trust revoke list --key court.pub --reason lost", &["is not in the list"]);
    run(&desk, "trust add list --party police-vn --key court.pub");
    let shown = desk.run(&["trust", "show", "list"]);
    assert_eq!(text(&shown.stdout).matches("valid from").count(), 2, "{}", text(&shown.stdout));
}

#[test]
fn a_successor_of_the_same_party_may_act() {
    let desk = listed();
    run(&desk, "trust add list --party police-vn --key witness.pub");
    run(&desk, "trust add list --party lab --key lab.pub --name Lab --country FR --role laboratory");
    for root in ["root-a", "root-b"] {
        run(&desk, &format!("trust sign list --key {root}"));
    }
    let trust: Vec<_> = BOTH.split(' ').chain(["--trust-state", "state"]).collect();
    let offer = |key, to| {
        let args = ["custody", "offer", "x.scelle", "--to", to, "--key", key, "--purpose", "p", "--place", "Hanoi"];
        desk.run(&[&args[..], &trust[..]].concat())
    };
    desk.assert_refused(&offer("lab", "lab"), 3, &["only the holder may do this"]);
    assert_done(&offer("witness", "lab"));
    let accept = ["custody", "accept", "x.scelle", "--key", "witness", "--place", "x", "--receipt", "r"];
    let refused = desk.run(&[&accept[..], &trust[..]].concat());
    desk.assert_refused(&refused, 3, &["only the one to whom it was offered", "lab"]);
    let accept = ["custody", "accept", "x.scelle", "--key", "lab", "--place", "x", "--receipt", "r"];
    assert_done(&desk.run(&[&accept[..], &trust[..]].concat()));
    assert_eq!(judged(&desk, BOTH), (0, vec![]));
}
