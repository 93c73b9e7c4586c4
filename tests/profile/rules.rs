//! `scelle check`.

use std::fs;

use serde_json::Value;

use super::desk::{Desk, assert_done, text};

/// All that the law asks of a search at home.
const CASE: &str = r#"
safeguards = "no more than the warrant permits"
power = "search_seizure"
exculpatory = "no"
case = { id = "C", stage = "investigation" }
exhibit = { id = "E" }
operator = { name = "O" }
authority = { name = "A", state = "VN" }
source = { make = "M", model = "N", serial = "S" }
legal_basis = { instrument = "DOMESTIC", article = "192" }
authorisation = { issuer = "Court", issuer_kind = "court", reference = "7", valid_from = 2020-01-01, valid_until = 2099-12-31, grounds = "g" }
offence = { label = "l", reference = "r", article = 7, basis = "serious_crime_cooperation", max_penalty_months = 48 }
acquisition = { method = "logical", qualification = "q", location_state = "VN", unequal_reason = "live system" }
confidentiality = { required = false }
personal_data = { present = true, basis = "b", safeguards = "s" }
use = { cases = ["C"] }
third_parties = { effect = "none" }

[[items]]
paths = "d/**"
category = "content"
"#;

/// A bundle of a case with changes, and its check.
fn checked(changes: &[(&str, &str)]) -> Value {
    let desk = sealed(changes);
    object(&desk, 0)
}

fn sealed(changes: &[(&str, &str)]) -> Desk {
    let desk = Desk::new();
    fs::create_dir(desk.path("d")).expect("a directory");
    fs::write(desk.path("d/a"), "abc").expect("a file");
    let case = changes.iter().fold(CASE.to_owned(), |case, (from, to)| {
        assert!(case.contains(from), "{from}");
        case.replace(from, to)
    });
    fs::write(desk.path("case.toml"), case).expect("a case");
    assert_done(&desk.seal(&["d"]));
    desk
}

fn object(desk: &Desk, code: i32) -> Value {
    let output = desk.run(&["check", "x.scelle", "--signer", "key.pub", "--json"]);
    assert_eq!(output.status.code(), Some(code), "{}", text(&output.stderr));
    serde_json::from_slice(&output.stdout).expect("JSON")
}

/// What is said of a check or rule.
fn outcome(object: &Value, id: &str) -> String {
    let list = if id.starts_with("V-") { "checks" } else { "rules" };
    let found = object[list].as_array().expect("a list").iter().find(|it| it["id"] == id);
    found.expect(id)["answer"]["outcome"].as_str().expect("a word").to_owned()
}

#[test]
fn a_full_case_meets_what_a_search_at_home_is_asked_for() {
    let object = checked(&[]);
    for id in ["V-01", "V-02", "V-03", "V-06", "V-09", "V-11", "V-12", "V-16", "V-17", "V-18", "V-22"] {
        assert_eq!(outcome(&object, id), "met", "{id}");
    }
    for id in
        ["UNCC-3", "UNCC-23.1", "UNCC-24.2", "UNCC-28.1", "UNCC-28.3-b", "UNCC-28.3-c", "UNCC-36.1-a", "UNCC-36.2"]
    {
        assert_eq!(outcome(&object, id), "met", "{id}");
    }
    for id in ["V-05", "V-07", "V-13", "V-14", "V-20", "V-24", "UNCC-27-b", "UNCC-29.1", "UNCC-40.15-a"] {
        assert_eq!(outcome(&object, id), "not applicable", "{id}");
    }
    assert_eq!((&object["passed"], &object["treaty"]["in_force"]), (&true.into(), &false.into()));
}

#[test]
fn each_thing_that_is_missing_or_wrong_is_found_by_its_check_and_its_rule() {
    for (from, to, ids) in [
        (
            "valid_from = 2020-01-01, valid_until = 2099-12-31",
            "valid_from = 2020-01-01, valid_until = 2020-01-02",
            vec!["V-06", "UNCC-24.2"],
        ),
        ("max_penalty_months = 48", "max_penalty_months = 36", vec!["V-09"]),
        ("basis = \"serious_crime_cooperation\"", "conduct = \"c\"", vec!["V-09", "UNCC-3", "UNCC-23.2"]),
        ("location_state = \"VN\", ", "", vec!["V-11"]),
        (", unequal_reason = \"live system\"", "", vec!["V-16", "UNCC-28.3-b"]),
        ("unequal_reason = \"live system\"", &format!("source_sha256 = \"{}\"", "0".repeat(64)), vec!["V-16"]),
        ("qualification = \"q\", ", "", vec!["V-17"]),
        ("exculpatory = \"no\"\n", "", vec!["V-18", "UNCC-21"]),
        ("category = \"content\"", "category = \"content\"\nsensitive = \"child_abuse\"", vec!["V-19", "UNCC-34"]),
        (", stage = \"investigation\"", "", vec!["UNCC-23.1"]),
        ("issuer = \"Court\", ", "", vec!["UNCC-24.2"]),
        (", safeguards = \"s\"", "", vec!["UNCC-36.2"]),
        ("present = true, basis = \"b\"", "present = true", vec!["UNCC-36.1-a"]),
        ("third_parties = { effect = \"none\" }\n", "", vec!["UNCC-24.3"]),
    ] {
        let object = checked(&[(from, to)]);
        for id in ids {
            assert_eq!(outcome(&object, id), "not met", "{id} without {from}");
        }
    }
}

#[test]
fn a_source_that_another_tool_hashed_is_compared_with_the_entries() {
    // SHA-256 of `abc` (FIPS 180-4).
    let digest = "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad";
    let object = checked(&[("unequal_reason = \"live system\"", &format!("source_sha256 = \"{digest}\""))]);
    assert_eq!(outcome(&object, "V-16"), "met");
}

#[test]
fn a_power_permits_no_other_categories_than_its_own() {
    let with = |power: &str, article: &str, category: &str| {
        let object = checked(&[
            ("search_seizure", power),
            ("article = \"192\"", &format!("article = \"{article}\"")),
            ("category = \"content\"", &format!("category = \"{category}\"")),
        ]);
        outcome(&object, "V-10")
    };
    assert_eq!(with("production", "27(1)(b)", "content"), "not applicable", "another article");
    assert_eq!(with("production", "27(b)", "content"), "not met");
    assert_eq!(with("production", "27(b)", "subscriber"), "met");
    assert_eq!(with("realtime_traffic", "29", "content"), "not met");
    assert_eq!(with("realtime_traffic", "29", "traffic"), "met");
}

#[test]
fn abroad_a_legal_basis_is_asked_for() {
    let abroad = ("location_state = \"VN\"", "location_state = \"FR\"");
    let no_basis = ("legal_basis = { instrument = \"DOMESTIC\", article = \"192\" }\n", "");
    assert_eq!(outcome(&checked(&[abroad]), "V-11"), "met");
    let object = checked(&[abroad, no_basis]);
    assert_eq!((outcome(&object, "V-11"), outcome(&object, "UNCC-5.2")), ("not met".into(), "not met".into()));
}

#[test]
fn a_treaty_that_is_not_in_force_demands_another_basis() {
    let asked = ("[[items]]", "[cooperation]\nrequesting_state = \"FR\"\nrequested_state = \"VN\"\n\n[[items]]");
    assert_eq!(outcome(&checked(&[asked]), "V-20"), "met", "the law of the State");
    let object = checked(&[asked, ("DOMESTIC", "UNCC")]);
    assert_eq!(outcome(&object, "V-20"), "not met");
    assert!(object["rules"].as_array().expect("rules").iter().all(|rule| rule["severity"] != "must"));
}

#[test]
fn a_use_in_another_case_than_the_stated_ones_is_found() {
    let desk = sealed(&[]);
    let note = |case: &str| {
        let details = ["--purpose", "p", "--place", "x", "--case", case];
        assert_done(&desk.run(&[&["custody", "note", "x.scelle", "--key", "key"], &details[..]].concat()));
    };
    note("C");
    assert_eq!(outcome(&object(&desk, 0), "V-12"), "met");
    note("D");
    assert_eq!(outcome(&object(&desk, 0), "V-12"), "not met");
}

/// Adds an event by the sealer.
fn record(desk: &Desk, kind: &str, details: &[&str]) {
    let common = ["custody", "record", "x.scelle", "--kind", kind, "--key", "key", "--purpose", "p", "--place", "x"];
    assert_done(&desk.run(&[&common[..], details].concat()));
}

#[test]
fn what_speaks_for_somebody_may_be_used_in_a_case_that_a_notice_named_before() {
    let desk = sealed(&[]);
    record(&desk, "exculpatory_notified", &["--case", "D"]);
    record(&desk, "examined", &["--case", "D"]);
    assert_eq!(outcome(&object(&desk, 0), "V-12"), "met");
    record(&desk, "examined", &["--case", "E"]);
    record(&desk, "exculpatory_notified", &["--case", "E"]);
    assert_eq!(outcome(&object(&desk, 0), "V-12"), "not met", "the notice came too late");
}

#[test]
fn notice_of_what_speaks_for_somebody_comes_before_the_disclosure() {
    let exculpatory = [("exculpatory = \"no\"", "exculpatory = \"yes\"")];
    let desk = sealed(&exculpatory);
    assert_eq!(outcome(&object(&desk, 0), "V-18"), "cannot be told");
    record(&desk, "exculpatory_notified", &[]);
    record(&desk, "disclosed", &[]);
    assert_eq!(outcome(&object(&desk, 0), "V-18"), "met");
    let desk = sealed(&exculpatory);
    record(&desk, "disclosed", &[]);
    record(&desk, "exculpatory_notified", &[]);
    assert_eq!(outcome(&object(&desk, 0), "V-18"), "not met");
}

#[test]
fn a_damaged_bundle_is_refuted_and_nothing_of_it_is_met_that_rests_on_its_bytes() {
    let desk = sealed(&[]);
    let mut bytes = fs::read(desk.path("x.scelle")).expect("the bundle");
    let at = bytes.windows(7).position(|part| part == b"payload").expect("a name") + 60;
    bytes[at] ^= 1;
    fs::write(desk.path("x.scelle"), bytes).expect("written");
    let object = object(&desk, 1);
    assert_eq!((outcome(&object, "V-01"), outcome(&object, "V-03")), ("not met".into(), "not met".into()));
}

#[test]
fn people_are_told_what_it_is_and_what_it_is_not() {
    let desk = sealed(&[]);
    let output = desk.run(&["check", "x.scelle", "--signer", "key.pub"]);
    let said = text(&output.stdout);
    for words in ["checks passed under profile uncc version 1 on ", "one level lower", "no legal advice", "Article 28."]
    {
        assert!(said.contains(words), "{words}: {said}");
    }
    for word in ["compliant", "admissible", "lawful"] {
        assert!(!said.contains(word), "{word}");
    }
    let rules = text(&desk.run(&["check", "--rules"]).stdout);
    assert!(rules.contains("UNCC-42.8-a") && rules.contains("recalled, with a verified parent"), "{rules}");
    assert_eq!(desk.run(&["check", "x.scelle", "--profile", "none"]).status.code(), Some(3));
    assert_eq!(desk.run(&["check"]).status.code(), Some(3));
}

#[test]
fn a_bundle_by_whom_the_user_does_not_trust_exits_with_4() {
    let desk = sealed(&[]);
    assert_done(&desk.run(&["key", "new", "--out", "other", "--no-passphrase"]));
    let output = desk.run(&["check", "x.scelle", "--signer", "other.pub"]);
    assert_eq!(output.status.code(), Some(4));
    assert!(text(&output.stdout).contains("The bundle itself: intact, not trusted"), "{}", text(&output.stdout));
}
