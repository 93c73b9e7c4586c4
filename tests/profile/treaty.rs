//! `scelle treaty`.

use std::fs;

use serde_json::Value;

use super::desk::{Desk, assert_done, text};

const STATUS: &str = include_str!("../../profiles/treaty-status.toml");

fn json(desk: &Desk, args: &[&str]) -> Value {
    let output = desk.run(&[&["treaty", "status", "--json"], args].concat());
    assert_done(&output);
    serde_json::from_slice(&output.stdout).expect("JSON")
}

#[test]
fn it_is_not_in_force_as_of_the_day_of_the_data() {
    let desk = Desk::new();
    let status = json(&desk, &["--between", "VN", "FR", "--on", "2026-11-22"]);
    assert_eq!((&status["in_force"], &status["as_of"]), (&false.into(), &"2026-07-31".into()));
    assert!(status["sources"].as_array().is_some_and(|sources| !sources.is_empty()));
    let said = text(&desk.run(&["treaty", "status"]).stdout);
    assert!(said.contains("not in force as of 2026-07-31") && said.contains("reservation: "), "{said}");
}

#[test]
fn a_newer_status_is_taken_from_whom_the_user_trusts() {
    let desk = Desk::new();
    let parties = STATUS
        .replace("as_of = \"2026-07-31\"", "as_of = \"2028-06-01\"\nentry_into_force = \"2028-01-10\"")
        .replace("in_force = false", "in_force = true")
        .replace("deposited = \"unknown\"", "deposited = \"2027-05-05\"");
    fs::write(desk.path("status.toml"), parties).expect("a file");
    assert_done(&desk.run(&["treaty", "sign", "status.toml", "--key", "key", "--out", "status.json"]));
    let newer = ["--data", "status.json", "--signer", "key.pub"];
    let on = |day| json(&desk, &[&newer[..], &["--between", "VN", "QA", "--on", day]].concat())["in_force"].clone();
    assert_eq!((on("2028-01-09"), on("2028-01-10")), (false.into(), true.into()));
    let of = |other| json(&desk, &[&newer[..], &["--between", "VN", other, "--on", "2028-02-01"]].concat());
    let unknown = of("AQ");
    assert_eq!(unknown["in_force"], Value::Null, "of a State that nothing is known of, nothing is said");
    assert!(unknown["why"].as_str().expect("why").contains("nothing is known of AQ"));

    assert_done(&desk.run(&["key", "new", "--out", "other", "--no-passphrase"]));
    let by_other = ["treaty", "status", "--data", "status.json", "--signer", "other.pub"];
    assert_eq!(desk.run(&by_other).status.code(), Some(4));
    let unsigned = ["treaty", "status", "--data", "status.toml", "--signer", "key.pub"];
    assert_eq!(desk.run(&unsigned).status.code(), Some(3));
    assert_eq!(desk.run(&["treaty", "status", "--data", "status.json"]).status.code(), Some(3), "by nobody");
}

#[test]
fn wrong_states_and_days_are_refused() {
    let desk = Desk::new();
    for wrong in [
        &["--between", "VN", "XX"][..],
        &["--between", "VN", "VN"],
        &["--on", "2026-11-22T00:00:00Z"],
        &["--between", "VN"],
        &["--on", "2026-02-30"],
    ] {
        let output = desk.run(&[&["treaty", "status"], wrong].concat());
        assert_eq!(output.status.code(), Some(3), "{wrong:?}: {}", text(&output.stderr));
    }
}

#[test]
fn a_status_that_contradicts_itself_is_not_signed() {
    let desk = Desk::new();
    for (from, to) in
        [("in_force = false", "in_force = true"), ("code = \"VN\"", "code = \"QA\""), ("2026-07-31", "2026-02-30")]
    {
        assert!(STATUS.contains(from), "{from}");
        fs::write(desk.path("status.toml"), STATUS.replacen(from, to, 1)).expect("a file");
        let sign = ["treaty", "sign", "status.toml", "--key", "key", "--out", "status.json"];
        assert_eq!(desk.run(&sign).status.code(), Some(3), "{to}");
    }
}
