//! A bundle that answers a request, and bundles that do not.

use std::fs;

use serde_json::Value;

use crate::bench::{bench, changed, sign, write};
use crate::desk::{Desk, assert_done, text};

const CASE: &str = r#"
power = "preservation"
case = { id = "C", stage = "investigation" }
exhibit = { id = "E" }
operator = { name = "O" }
authority = { name = "Contact point", state = "FR" }
cooperation = { requesting_state = "VN", requested_state = "FR" }

[[items]]
paths = "d/**"
category = "traffic"
request_item = "i1"
"#;

/// The example without its times of preservation, which are not what is asked here.
fn request() -> String {
    changed(&[
        ("effected_at = \"2026-11-10T12:00:00Z\"\nexpires_at = \"2027-01-09T12:00:00Z\"\n", ""),
        ("[preservation]\n", "[deadline]\nat = 2026-11-12\nreason = \"records are deleted\"\n"),
    ])
}

/// A desk with a request in its inbox and a bundle that names it, of a case with changes.
fn sealed(changes: &[(&str, &str)], at: &str, answers: bool) -> Desk {
    let desk = bench();
    sign(&desk, &request(), "r1");
    fs::create_dir(desk.path("d")).expect("a directory");
    fs::write(desk.path("d/log"), "1").expect("a file");
    let case = changes.iter().fold(CASE.to_owned(), |case, (from, to)| {
        assert!(case.contains(from), "{from}");
        case.replace(from, to)
    });
    write(&desk, "fr.toml", &case);
    let mut args = vec!["seal", "d", "--key", "fr", "--case", "fr.toml", "--out", "x.scelle", "--time", at];
    if answers {
        args.extend(["--answers", "inbox/r1.json"]);
    }
    assert_done(&desk.run(&args));
    desk
}

/// Exit code of `verify --request`, and what it says of the request.
fn verified(desk: &Desk) -> (Option<i32>, Value) {
    let args = ["verify", "x.scelle", "--signer", "fr.pub", "--request", "inbox/r1.json", "--json"];
    let output = desk.run(&args);
    let json: Value = serde_json::from_slice(&output.stdout).unwrap_or_else(|_| panic!("{}", text(&output.stderr)));
    assert_eq!(json["verdict"], "verified");
    (output.status.code(), json["request"].clone())
}

const IN_TIME: &str = "2026-11-12T20:00:00Z";

/// REQ-5.
#[test]
fn a_bundle_with_something_for_each_item_in_time_answers() {
    let desk = sealed(&[], IN_TIME, true);
    let (code, request) = verified(&desk);
    assert_eq!((code, &request["answered"]), (Some(0), &true.into()));
    let output = desk.run(&["verify", "x.scelle", "--signer", "fr.pub", "--request", "inbox/r1.json"]);
    assert!(text(&output.stdout).contains("request      answered: "), "{}", text(&output.stdout));
}

#[test]
fn a_bundle_that_answers_something_else_does_not() {
    for (changes, at, answers, says) in [
        (vec![], IN_TIME, false, "names no request"),
        (vec![], "2026-11-13T00:00:00Z", true, "after the deadline 2026-11-12"),
        (vec![("request_item = \"i1\"", "")], IN_TIME, true, "nothing in the bundle answers item i1"),
        (vec![("\"i1\"", "\"i2\"")], IN_TIME, true, "answers item i2, which the request does not have"),
        (
            vec![("category = \"traffic\"", "category = \"content\"")],
            IN_TIME,
            true,
            "is content, and item i1 asks for traffic",
        ),
        (vec![("\"d/**\"", "\"nothing/**\"")], IN_TIME, true, "there is nothing of that name that could be read"),
        (vec![("\"d/**\"", "\"d\"")], IN_TIME, true, "there is nothing of that name that could be read"),
        (vec![], "2026-11-10T09:59:59Z", true, "before the request was sent"),
        (
            vec![("requesting_state = \"VN\"", "requesting_state = \"KE\"")],
            IN_TIME,
            true,
            "the case is of a request by KE",
        ),
        (vec![("state = \"FR\" }", "state = \"DE\" }")], IN_TIME, true, "FR was asked, and an authority of DE sealed"),
    ] {
        let (code, request) = verified(&sealed(&changes, at, answers));
        assert_eq!((code, &request["answered"]), (Some(1), &false.into()), "{says}");
        assert!(request["problems"].to_string().contains(says), "{says}: {request}");
    }
}

#[test]
fn a_bundle_that_answers_another_request_is_told_apart() {
    let desk = sealed(&[], IN_TIME, true);
    sign(&desk, &request().replace("2026-1\"", "2026-9\""), "r1-other");
    let args = ["verify", "x.scelle", "--signer", "fr.pub", "--request", "inbox/r1-other.json"];
    let output = desk.run(&args);
    assert_eq!(output.status.code(), Some(1));
    assert!(text(&output.stdout).contains("answers another request"), "{}", text(&output.stdout));
}

#[test]
fn what_is_no_signed_request_cannot_be_answered() {
    let desk = sealed(&[], IN_TIME, true);
    for args in [
        &["verify", "x.scelle", "--request", "draft.toml"][..],
        &["check", "x.scelle", "--request", "fr.pub"],
        &["seal", "d", "--key", "fr", "--case", "fr.toml", "--out", "y.scelle", "--answers", "draft.toml"],
    ] {
        let output = desk.run(args);
        assert_eq!(output.status.code(), Some(3), "{args:?}: {}", text(&output.stderr));
    }
    assert!(!desk.path("y.scelle").exists());
}

/// What `scelle check` says of a rule or check, with the request.
fn outcome(desk: &Desk, id: &str) -> String {
    let args = ["check", "x.scelle", "--signer", "fr.pub", "--request", "inbox/r1.json", "--json"];
    let object: Value = serde_json::from_slice(&desk.run(&args).stdout).expect("JSON");
    let list = if id.starts_with("V-") { "checks" } else { "rules" };
    let found = object[list].as_array().expect("a list").iter().find(|it| it["id"] == id).expect(id).clone();
    found["answer"]["outcome"].as_str().expect("a word").to_owned()
}

#[test]
fn rules_of_requests_are_told_by_the_request() {
    let desk = sealed(&[], IN_TIME, true);
    for id in ["V-07", "UNCC-42.3-a", "UNCC-42.3-c", "UNCC-42.3-f"] {
        assert_eq!(outcome(&desk, id), "met", "{id}");
    }
    assert_eq!(outcome(&desk, "UNCC-40.15-a"), "not applicable");
    // Signed though it lacks something, and answered.
    fs::remove_file(desk.path("inbox/r1.json")).expect("removed");
    write(
        &desk,
        "draft.toml",
        &request().replace("necessity = \"provider deletes login records after 30 days\"\n", ""),
    );
    let sign = ["request", "sign", "draft.toml", "--key", "vn", "--out", "inbox/r1.json", "--incomplete"];
    assert_done(&desk.run(&sign));
    fs::remove_file(desk.path("x.scelle")).expect("removed");
    let seal = ["seal", "d", "--key", "fr", "--case", "fr.toml", "--out", "x.scelle", "--answers", "inbox/r1.json"];
    assert_done(&desk.run(&[&seal[..], &["--time", IN_TIME]].concat()));
    assert_eq!((outcome(&desk, "UNCC-42.3-e"), outcome(&desk, "V-07")), ("not met".into(), "not met".into()));
    assert_eq!(outcome(&desk, "UNCC-42.3-c"), "met");
}

#[test]
fn a_request_that_a_trusted_key_did_not_sign_as_it_stands_is_no_request() {
    let desk = sealed(&[], IN_TIME, true);
    let bytes = fs::read_to_string(desk.path("inbox/r1.json")).expect("the request");
    let at = bytes.find("\"sig\":\"").expect("a signature") + 7;
    let forged = format!("{}{}{}", &bytes[..at], if &bytes[at..=at] == "A" { "B" } else { "A" }, &bytes[at + 1..]);
    write(&desk, "forged.json", &forged);
    for command in ["verify", "check"] {
        let args = [command, "x.scelle", "--signer", "fr.pub", "--signer", "vn.pub", "--request", "forged.json"];
        desk.assert_refused(&desk.run(&args), 1, &["forged.json", "does not hold"]);
        let by_others = [command, "x.scelle", "--signer", "fr.pub", "--request", "inbox/r1.json"];
        let output = desk.run(&by_others);
        assert!(text(&output.stderr).contains("not signed by anybody whom you trust"), "{}", text(&output.stderr));
    }
}

#[test]
fn what_a_refuted_bundle_says_of_a_request_is_worth_nothing() {
    let desk = sealed(&[], IN_TIME, true);
    let mut bytes = fs::read(desk.path("x.scelle")).expect("the bundle");
    let at = bytes.windows(7).position(|part| part == b"payload").expect("a name") + 60;
    bytes[at] ^= 1;
    fs::write(desk.path("x.scelle"), bytes).expect("written");
    let args = ["verify", "x.scelle", "--signer", "fr.pub", "--request", "inbox/r1.json"];
    let output = desk.run(&args);
    assert_eq!(output.status.code(), Some(1));
    assert!(!text(&output.stdout).contains("answered"), "{}", text(&output.stdout));
    assert_eq!((outcome(&desk, "V-07"), outcome(&desk, "V-22")), ("cannot be told".into(), "cannot be told".into()));
}
