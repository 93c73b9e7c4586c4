//! Signed documents: whose signature they need, and what is refused.

use std::fs;

use crate::bench::{EXAMPLE, bench, changed, sign, write};
use crate::desk::{assert_done, text};

/// REQ-1.
#[test]
fn a_signed_request_is_checked_like_the_file_it_was_made_of() {
    let desk = bench();
    let digest = sign(&desk, EXAMPLE, "r1");
    let checked =
        |args: &[&str]| desk.run(&[&["request", "check", "inbox/r1.json", "--at", "2026-11-20"], args].concat());
    assert_done(&checked(&["--signer", "vn.pub"]));
    let json: serde_json::Value = serde_json::from_slice(&checked(&["--json"]).stdout).expect("json");
    assert_eq!((json["digest"].as_str(), json["complete"].as_bool()), (Some(digest.as_str()), Some(true)));
    assert!(text(&checked(&[]).stderr).contains("nobody is trusted"));
    desk.assert_refused(&checked(&["--signer", "other.pub"]), 4, &["inbox/r1.json is not signed by anybody"]);
}

/// REQ-1.
/// REQ-6.
#[test]
fn a_request_is_believed_only_from_a_key_of_the_state_that_it_speaks_for() {
    let desk = bench();
    let run = |args: &str| assert_done(&desk.run(&args.split(' ').collect::<Vec<_>>()));
    run("trust new --out list --root other.pub --expires 2090-01-01");
    for (party, country) in [("vn", "VN"), ("fr", "FR")] {
        let what = format!("--name {party} --country {country} --role contact_point --valid-from 2026-01-01");
        run(&format!("trust add list --party {party} --key {party}.pub {what}"));
    }
    run("trust sign list --key other");
    let trust = ["--trust", "list", "--trust-root", "other.pub", "--trust-state", "state", "--at", "2026-11-11"];
    write(&desk, "draft.toml", EXAMPLE);
    for (key, file) in [("vn", "inbox/of-vn.json"), ("fr", "of-fr.json"), ("other", "of-other.json")] {
        assert_done(&desk.run(&["request", "sign", "draft.toml", "--key", key, "--out", file]));
    }
    let checked = |file| desk.run(&[&["request", "check", file], &trust[..]].concat());
    assert_done(&checked("inbox/of-vn.json"));
    desk.assert_refused(
        &checked("of-fr.json"),
        4,
        &["of-fr.json speaks for VN, and by the trust list none", "trust show"],
    );
    desk.assert_refused(&checked("of-other.json"), 4, &["not signed by anybody whom you trust"]);
    let reply = |key: &str, trust: &[&str]| {
        let what = ["respond", "inbox/of-vn.json", "--outcome", "received", "--key", key, "--out", "inbox/reply.json"];
        desk.run(&[&["request"], &what[..], trust].concat())
    };
    desk.assert_refused(&reply("vn", &trust), 3, &["this key does not speak for FR", "trust show"]);
    assert_done(&reply("fr", &trust));
    let status = || desk.run(&[&["request", "status", "inbox"], &trust[..]].concat());
    assert_done(&status());
    // A reply for France, by a key of Viet Nam.
    std::fs::remove_file(desk.path("inbox/reply.json")).expect("the reply");
    assert_done(&reply("vn", &["--signer", "vn.pub", "--at", "2026-11-11"]));
    assert_eq!(status().status.code(), Some(4));
}

#[test]
fn a_tampered_request_is_refused() {
    let desk = bench();
    sign(&desk, EXAMPLE, "r1");
    let original = fs::read_to_string(desk.path("inbox/r1.json")).expect("the request");
    let value: serde_json::Value = serde_json::from_str(&original).expect("json");
    let payload = value["payload"].as_str().expect("a payload");
    let bytes = data_encoding::BASE64.decode(payload.as_bytes()).expect("base64");
    let other = String::from_utf8(bytes).expect("text").replace("\"maxPenaltyMonths\":60", "\"maxPenaltyMonths\":61");
    let tampered = original.replace(payload, &data_encoding::BASE64.encode(other.as_bytes()));
    assert_ne!(tampered, original);
    write(&desk, "inbox/r1.json", &tampered);
    let check = desk.run(&["request", "check", "inbox/r1.json", "--signer", "vn.pub"]);
    desk.assert_refused(&check, 1, &["inbox/r1.json", "does not hold"]);
    let args = ["request", "respond", "inbox/r1.json", "--outcome", "received", "--key", "fr", "--out", "x.json"];
    desk.assert_refused(&desk.run(&[&args[..], &["--signer", "vn.pub"]].concat()), 1, &["does not hold"]);
    assert!(!desk.path("x.json").exists());
    let status = desk.run(&["request", "status", "inbox", "--signer", "vn.pub", "--at", "2026-11-11"]);
    assert_eq!(status.status.code(), Some(1));
    assert!(text(&status.stderr).contains("error: inbox/r1.json"), "{}", text(&status.stderr));
}

#[test]
fn what_is_incomplete_is_signed_only_if_that_is_said() {
    let desk = bench();
    write(&desk, "draft.toml", &changed(&[("necessity = ", "# necessity = ")]));
    let args = ["request", "sign", "draft.toml", "--key", "vn", "--out", "r.json"];
    desk.assert_refused(&desk.run(&args), 1, &["UNCC-42.3-e", "necessity", "--incomplete"]);
    assert!(!desk.path("r.json").exists());
    assert_done(&desk.run(&[&args[..], &["--incomplete"]].concat()));
    assert_eq!(desk.run(&["request", "check", "r.json"]).status.code(), Some(1));
    desk.assert_refused(
        &desk.run(&["request", "sign", "r.json", "--key", "vn", "--out", "s.json"]),
        3,
        &["signed already"],
    );
    desk.assert_refused(&desk.run(&["request", "check", "draft.toml", "--signer", "vn.pub"]), 4, &["draft"]);
}
