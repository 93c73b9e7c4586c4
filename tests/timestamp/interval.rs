//! Between which moments something was made, and what contradicts that (SPEC.md TSP-11).

use serde_json::Value;

use crate::authority::{Authority, Keys};
use crate::bench::{bench, seal};
use crate::desk::{Desk, assert_done};
use crate::{members, stamp, stamp_seal, verified};

fn note(desk: &Desk, key: &str, time: &str, more: &[&str]) {
    let args = ["custody", "note", "x.scelle", "--key", key, "--place", "P", "--purpose", "test", "--time", time];
    assert_done(&desk.run(&[&args[..], more].concat()));
}

const TRUSTED: [&str; 4] = ["--signer", "officer.pub", "--timestamp-root", "root.pem"];

/// The exit code, and the checks of time that failed.
fn judged(desk: &Desk) -> (i32, Vec<String>, Value) {
    let (code, json) = verified(desk, &TRUSTED);
    let checks = json["checks"].as_array().expect("checks").iter();
    let failed = checks.filter(|it| it["area"] == "time" && it["result"] == "failed");
    (code, failed.map(|it| it["id"].as_str().expect("an id").to_owned()).collect(), json)
}

#[test]
fn the_earliest_of_several_authorities_says_when_it_was_sealed_at_the_latest() {
    let (desk, one, two) = (bench(), Authority::new(Keys::P256), Authority::new(Keys::Rsa));
    seal(&desk, &[]);
    stamp_seal(&desk, &two, "20400103000000Z");
    stamp_seal(&desk, &one, "20400102000000.5Z");
    let (code, _, json) = judged(&desk);
    assert_eq!((code, &json["time"]["sealed"]["not_after"]["at"]), (0, &"2040-01-02T00:00:01Z".into()));
    std::fs::write(desk.path("both.pem"), [one.read("ca.pem"), two.read("ca.pem")].concat()).expect("a file");
    stamp_seal(&desk, &two, "20400101000000Z");
    let (_, json) = verified(&desk, &["--signer", "officer.pub", "--timestamp-root", "both.pem"]);
    assert_eq!(json["time"]["sealed"]["not_after"]["at"], "2040-01-01T00:00:00Z");
    assert_eq!(json["time"]["stamp_count"], 3);
}

#[test]
fn an_event_lies_between_what_it_lists_and_what_is_over_it_or_over_later_ones() {
    let (desk, authority) = (bench(), Authority::new(Keys::P256));
    seal(&desk, &[]);
    stamp_seal(&desk, &authority, "20400101000000Z");
    note(&desk, "officer", "2040-02-01T00:00:00Z", &[]);
    note(&desk, "officer", "2040-03-01T00:00:00Z", &[]);
    let second = members(&desk, "custody/").pop().expect("an event");
    stamp(&desk, &authority, &second, "20400401000000Z");
    let (code, _, json) = judged(&desk);
    assert_eq!(code, 0, "{json}");
    for i in 0..2 {
        let event = &json["time"]["events"][i];
        assert_eq!(event["not_before"]["at"], "2040-01-01T00:00:00Z", "event {i}");
        assert_eq!(event["not_after"]["at"], "2040-04-01T00:00:00Z", "event {i}");
    }
    assert_eq!(json["time"]["sealed"]["not_after"]["at"], "2040-01-01T00:00:00Z");
    let log = desk.run(&[&["custody", "log", "x.scelle"], &TRUSTED[..]].concat());
    let expected = "signed not before 2040-01-01T00:00:00Z (time-stamp of CN=Test tsa), not after 2040-04-01T00:00:00Z";
    assert_eq!(crate::desk::text(&log.stdout).matches(expected).count(), 2);
}

#[test]
fn a_time_stamp_over_an_event_dates_the_seal_too() {
    let (desk, authority) = (bench(), Authority::new(Keys::P256));
    seal(&desk, &[]);
    note(&desk, "officer", "2026-03-02T08:00:00Z", &[]);
    stamp(&desk, &authority, &members(&desk, "custody/")[0], "20400101000000Z");
    assert_eq!(judged(&desk).2["time"]["sealed"]["not_after"]["at"], "2040-01-01T00:00:00Z");
}

#[test]
fn two_time_stamps_that_contradict_each_other_are_a_finding() {
    let (desk, authority) = (bench(), Authority::new(Keys::P256));
    seal(&desk, &[]);
    stamp_seal(&desk, &authority, "20410101000000Z");
    note(&desk, "officer", "2041-01-02T00:00:00Z", &[]);
    let event = members(&desk, "custody/").remove(0);
    // Over the event, a year before what it lists. What would refute is not added by our own command.
    let response = authority.stamp("tsa", &crate::member(&desk, &event), "20400101000000Z");
    std::fs::write(desk.path("r.tsr"), &response).expect("a file");
    let attach = ["timestamp", "attach", "x.scelle", "r.tsr", "--timestamp-root", "root.pem"];
    desk.assert_refused(&desk.run(&attach), 1, &["would not hold", "V-15"]);
    assert_done(&desk.run(&attach[..4]));
    let (code, failed, _) = judged(&desk);
    assert_eq!((code, failed), (1, vec!["V-15 time.interval".into(), "V-15 time.recorded".into()]));
    // To whom trusts nobody these prove nothing, and so contradict nothing.
    assert_eq!(verified(&desk, &["--signer", "officer.pub"]).0, 0);
}

#[test]
fn a_recorded_time_after_the_time_stamp_is_a_finding_unless_the_clock_was_known_to_be_wrong() {
    for (offset, code) in [(&[][..], 1), (&["--clock-offset=-86399001"], 0), (&["--clock-offset", "86399000"], 1)] {
        let (desk, authority) = (bench(), Authority::new(Keys::P256));
        seal(&desk, &[]);
        note(&desk, "officer", "2040-01-02T00:00:00Z", offset);
        std::fs::write(desk.path("root.pem"), authority.read("ca.pem")).expect("a file");
        let event = crate::member(&desk, &members(&desk, "custody/")[0]);
        std::fs::write(desk.path("r.tsr"), authority.stamp("tsa", &event, "20400101000000Z")).expect("a file");
        assert_done(&desk.run(&["timestamp", "attach", "x.scelle", "r.tsr"]));
        let (found, failed, _) = judged(&desk);
        assert_eq!(found, code, "{offset:?}");
        assert_eq!(failed.is_empty(), code == 0, "{failed:?}");
    }
}

#[test]
fn an_event_that_says_it_ended_before_what_it_lists_is_a_finding() {
    let (desk, authority) = (bench(), Authority::new(Keys::P256));
    seal(&desk, &[]);
    stamp_seal(&desk, &authority, "20400101000000Z");
    note(&desk, "officer", "2039-12-31T23:59:59Z", &[]);
    assert_eq!(judged(&desk).1, ["V-15 time.recorded"]);
}
