//! A desk with keys of two States, and the worked example of article 42 as a file that was filled in.

use std::fs;

use serde_json::Value;

use crate::desk::{Desk, assert_done, text};

/// The worked example of the note on the Convention.
pub const EXAMPLE: &str = r#"article = 42
id = "2026-1"
sent_at = 2026-11-10T10:00:00Z
language = "en"
channel = "24_7"
urgency = "urgent"
facts = "Account taken over on 2026-11-02 and used to divert payments."
necessity = "provider deletes login records after 30 days"
intends_mla = true
intended_measures = ["disclosure"]
[from]
state = "VN"
[from.authority]
name = "National Cybercrime Unit"
functions = "investigating authority"
[to]
state = "FR"
authority = "Contact point"
[offence]
label = "illegal access"
uncc_article = 7
legal_ref = "Penal Code s. 1"
max_penalty_months = 60
[custodian]
name = "Example Mail Ltd"
state = "FR"
[confidentiality]
required = true
notify_user = false
[preservation]
effected_at = "2026-11-10T12:00:00Z"
expires_at = "2027-01-09T12:00:00Z"
[[items]]
id = "i1"
description = "login records"
selector = "account:user@example.org"
data_category = "traffic"
time_range = { from = "2026-10-25T00:00:00Z", to = "2026-11-05T00:00:00Z" }
relationship = "shows the addresses that took over the account"
[[legal_basis]]
instrument = "UNCC"
article = "42"
"#;

/// A desk with keys of those who ask, those who are asked, and somebody else; and an inbox.
pub fn bench() -> Desk {
    let desk = Desk::new();
    for name in ["vn", "fr", "other"] {
        assert_done(&desk.run(&["key", "new", "--out", name, "--no-passphrase"]));
    }
    fs::create_dir(desk.path("inbox")).expect("a directory");
    desk
}

/// The example with some of its text changed.
pub fn changed(changes: &[(&str, &str)]) -> String {
    let mut toml = EXAMPLE.to_owned();
    for (from, to) in changes {
        assert!(toml.contains(from), "{from}");
        toml = toml.replacen(from, to, 1);
    }
    toml
}

pub fn write(desk: &Desk, name: &str, content: &str) {
    fs::write(desk.path(name), content).expect("a file");
}

/// What a check says as of a moment: its exit code, and the rules and fields that must be put right.
pub fn check(desk: &Desk, toml: &str) -> (i32, Vec<(String, String)>) {
    write(desk, "draft.toml", toml);
    let output = desk.run(&["request", "check", "draft.toml", "--json", "--at", "2026-11-20"]);
    let json: Value = serde_json::from_slice(&output.stdout).unwrap_or_else(|_| panic!("{}", text(&output.stderr)));
    let musts = json["findings"].as_array().expect("findings").iter().filter(|it| it["severity"] == "must");
    let word = |value: &Value| value.as_str().expect("a text").to_owned();
    (output.status.code().expect("a code"), musts.map(|it| (word(&it["rule"]), word(&it["field"]))).collect())
}

/// Signs a request into the inbox, and gives its digest.
pub fn sign(desk: &Desk, toml: &str, name: &str) -> String {
    write(desk, "draft.toml", toml);
    let out = format!("inbox/{name}.json");
    let output = desk.run(&["request", "sign", "draft.toml", "--key", "vn", "--out", &out]);
    assert_done(&output);
    text(&output.stdout).trim().to_owned()
}

/// Replies into the inbox as of a moment.
pub fn respond(desk: &Desk, request: &str, name: &str, at: &str, args: &[&str]) -> std::process::Output {
    let (request, out) = (format!("inbox/{request}.json"), format!("inbox/{name}.json"));
    let fixed = ["request", "respond", &request, "--key", "fr", "--out", &out, "--at", at, "--signer", "vn.pub"];
    desk.run(&[&fixed[..], args].concat())
}

/// Exit code, and state, due and days left of each request in the inbox.
pub fn status(desk: &Desk, at: &str) -> (i32, Vec<(String, Value, Value)>) {
    let signers = ["--signer", "vn.pub", "--signer", "fr.pub"];
    let output = desk.run(&[&["request", "status", "inbox", "--json", "--at", at], &signers[..]].concat());
    let json: Value = serde_json::from_slice(&output.stdout).unwrap_or_else(|_| panic!("{}", text(&output.stderr)));
    let row = |it: &Value| {
        let state = it["state"].as_str().expect("a state").to_owned();
        (state, it["due"].clone(), it["days_left"].clone())
    };
    let rows = json["requests"].as_array().expect("requests").iter().map(row).collect();
    (output.status.code().expect("a code"), rows)
}
