//! What is agreed before a bundle goes to somebody: the commands refuse what was not, and an event that was made all the same is
//! found (the corpus has those: `tests/corpus/releases.rs`).

use std::fs;

use serde_json::Value;

use crate::bench::{act, bench, done, verify};
use crate::desk::{Desk, assert_done, text};

const LISTED: &str = "--trust list --trust-root root-a.pub --trust-state state";

const CASE: &str = r#"
case = { id = "C" }
exhibit = { id = "E" }
operator = { name = "O" }
authority = { name = "A", state = "FR" }
cooperation = { requesting_state = "VN", requested_state = "FR" }
personal_data = { present = true }
conditions = [{ id = "c1", text = "one" }, { id = "c2", text = "two" }]
"#;

/// Personal data that France (the officer) gave Viet Nam (the laboratory), under two conditions.
fn sealed() -> Desk {
    let desk = bench();
    fs::write(desk.path("case.toml"), CASE).expect("the case");
    crate::bench::seal(&desk, &[]);
    let run = |args: &str| assert_done(&desk.run(&args.split(' ').collect::<Vec<_>>()));
    run("trust new --out list --root root-a.pub --expires 2090-01-01");
    for (party, country, role) in [
        ("officer", "FR", "officer"),
        ("lab", "VN", "laboratory"),
        ("witness", "FR", "central_authority"),
        ("court", "JP", "court"),
    ] {
        let who = format!("--party {party} --key {party}.pub --name {party} --country {country} --role {role}");
        run(&format!("trust add list {who} --valid-from 2026-01-01"));
    }
    run("trust sign list --key root-a");
    desk
}

fn arguments(args: &str) -> Vec<String> {
    format!("{args} --place Lyon {LISTED}").split(' ').map(str::to_owned).collect()
}

fn does(desk: &Desk, at: &str, args: &str) {
    let args = arguments(args);
    done(desk, at, &args.iter().map(String::as_str).collect::<Vec<_>>());
}

fn refused(desk: &Desk, at: &str, args: &str, why: &[&str]) {
    let before = fs::read(desk.path("x.scelle")).expect("the bundle");
    let args = arguments(args);
    let output = act(desk, at, &args.iter().map(String::as_str).collect::<Vec<_>>());
    desk.assert_refused(&output, 3, why);
    assert_eq!(fs::read(desk.path("x.scelle")).expect("the bundle"), before, "nothing was added");
}

fn handed(desk: &Desk) {
    does(desk, "03-01T09:00", "offer x.scelle --key officer --to lab --purpose p");
    let conditions = "--accept-condition c2 --accept-condition c1";
    does(desk, "03-01T10:00", &format!("accept x.scelle --key lab --receipt r {conditions}"));
}

#[test]
fn a_bundle_is_taken_only_with_all_its_conditions() {
    let desk = sealed();
    does(&desk, "03-01T09:00", "offer x.scelle --key officer --to lab --purpose p");
    let accept = "accept x.scelle --key lab --receipt r";
    refused(
        &desk,
        "03-01T10:00",
        accept,
        &["has not accepted all conditions of the case: \"c1\", \"c2\"", "--accept-condition"],
    );
    refused(
        &desk,
        "03-01T10:00",
        &format!("{accept} --accept-condition c1"),
        &["what the case asks for: \"c1\", \"c2\""],
    );
    assert!(!desk.path("r").exists());
    does(&desk, "03-01T10:00", &format!("{accept} --accept-condition c1 --accept-condition c2"));
    let listed: Vec<&str> = LISTED.split(' ').collect();
    assert_eq!(verify(&desk, "x.scelle", &listed), (0, vec![]));
}

#[test]
fn nothing_is_sent_to_who_did_not_accept_the_conditions() {
    let desk = sealed();
    let sent = "record x.scelle --kind sent --key officer --purpose p";
    refused(&desk, "03-01T09:00", sent, &["does not say who gets it", "--to"]);
    refused(&desk, "03-01T09:00", &format!("{sent} --to lab"), &["not accepted all conditions"]);
    refused(&desk, "03-01T09:00", "agree x.scelle --key lab", &["--accept-condition is missing"]);
    does(&desk, "03-01T09:00", "agree x.scelle --key lab --accept-condition c1 --accept-condition c2");
    does(&desk, "03-01T10:00", &format!("{sent} --to lab"));
}

#[test]
fn nothing_goes_to_a_third_state_before_the_original_one_has_authorised_it() {
    let desk = sealed();
    handed(&desk);
    let offer = "offer x.scelle --key lab --to court --purpose p";
    let third = "court is of JP, a third State, and FR has not authorised that it goes there";
    refused(&desk, "03-02T09:00", offer, &[third, "custody onward request"]);
    refused(&desk, "03-02T09:00", "copy x.scelle --key lab --to court --purpose p", &[third]);
    let asked = "x.scelle --to court --purpose p";
    refused(
        &desk,
        "03-02T09:00",
        &format!("onward authorise {asked} --key witness --form written"),
        &["nobody had asked"],
    );
    refused(
        &desk,
        "03-02T09:00",
        &format!("onward request {asked} --key officer"),
        &["only the holder may do this: lab"],
    );
    does(&desk, "03-02T09:00", &format!("onward request {asked} --key lab"));
    refused(&desk, "03-02T10:00", offer, &[third]);
    for key in ["lab", "officer", "court"] {
        let authorise = format!("onward authorise {asked} --key {key} --form written");
        refused(&desk, "03-02T10:00", &authorise, &["only a central authority of FR"]);
    }
    does(&desk, "03-02T10:00", &format!("onward refuse {asked} --key witness --reasons no"));
    refused(&desk, "03-02T11:00", offer, &[third]);
    does(&desk, "03-02T11:00", &format!("onward request {asked} --key lab"));
    does(&desk, "03-02T12:00", &format!("onward authorise {asked} --key witness --form other"));
    refused(&desk, "03-02T13:00", "record x.scelle --kind sent --key lab --purpose p", &["does not say who gets it"]);
    does(&desk, "03-02T13:00", offer);
    let outcome = |args: &[&str]| {
        let listed: Vec<&str> = LISTED.split(' ').collect();
        let output = desk.run(&[&["check", "x.scelle", "--json"], &listed[..], args].concat());
        let json: Value = serde_json::from_slice(&output.stdout).unwrap_or_else(|_| panic!("{}", text(&output.stderr)));
        let check =
            json["checks"].as_array().expect("checks").iter().find(|it| it["id"] == "V-13").expect("V-13").clone();
        check["answer"].clone()
    };
    assert_eq!(outcome(&[])["outcome"], "cannot be told", "whether France asks for written form is not known");
    // A newer status of the treaty says that France asks for written form.
    let status = fs::read_to_string("profiles/treaty-status.toml").expect("the status");
    let (before, after) = status.split_once("code = \"QA\"").expect("a State");
    let after = after.replacen("written_form = \"unknown\"", "written_form = \"yes\"", 1);
    fs::write(desk.path("status.toml"), format!("{before}code = \"FR\"{after}")).expect("a file");
    assert_done(&desk.run(&["treaty", "sign", "status.toml", "--key", "root-a", "--out", "status"]));
    let newer = ["--treaty", "status", "--treaty-signer", "root-a.pub"];
    assert_eq!(outcome(&newer)["outcome"], "not met");
    // What the original State takes back holds no more.
    does(&desk, "03-03T09:00", "withdraw x.scelle --key lab");
    does(&desk, "03-03T10:00", &format!("onward refuse {asked} --key witness --reasons no"));
    refused(&desk, "03-03T11:00", offer, &[third]);
    let output = desk.run(&["check", "x.scelle", "--treaty", "status", "--treaty-signer", "root-b.pub"]);
    desk.assert_refused(&output, 4, &["not signed by a key that you trust"]);
}

#[test]
fn an_event_of_which_it_cannot_be_told_whether_it_may_stand_there_is_not_attached() {
    let desk = sealed();
    does(&desk, "03-01T09:00", "offer x.scelle --key officer --to lab.pub --purpose p");
    does(&desk, "03-01T10:00", "accept x.scelle --key lab --receipt r --accept-condition c1 --accept-condition c2");
    fs::copy(desk.path("x.scelle"), desk.path("y.scelle")).expect("a copy");
    does(&desk, "03-02T09:00", "onward request x.scelle --to court --purpose p --key lab");
    does(&desk, "03-02T10:00", "onward authorise x.scelle --to court --purpose p --key witness --form written");
    let merge = ["custody", "merge", "y.scelle", "x.scelle", "--signer", "officer.pub", "--signer", "lab.pub"];
    desk.assert_refused(&desk.run(&merge), 1, &["custody.onward", "give the trust list"]);
    let listed: Vec<&str> = LISTED.split(' ').collect();
    assert_done(&desk.run(&[&["custody", "merge", "y.scelle", "x.scelle"], &listed[..]].concat()));
}

#[test]
fn without_a_list_it_cannot_be_told_of_which_state_somebody_is() {
    let desk = sealed();
    let offer = ["offer", "x.scelle", "--key", "officer", "--to", "lab.pub", "--purpose", "p", "--place", "Lyon"];
    let output = act(&desk, "03-01T09:00", &offer);
    desk.assert_refused(&output, 3, &["it cannot be told of which State", "--trust"]);
}
