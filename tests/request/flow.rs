//! From a request through its replies: what may be replied, and what an inbox shows of it.

use serde_json::{Value, json};

use crate::bench::{EXAMPLE, bench, changed, respond, sign, status, write};
use crate::desk::{assert_done, text};

/// The example before anything was preserved, with a deadline.
fn asked() -> String {
    let begins = "effected_at = \"2026-11-10T12:00:00Z\"\nexpires_at = \"2027-01-09T12:00:00Z\"\n";
    let deadline = "[deadline]\nat = 2026-11-12\nreason = \"records are deleted\"\n[preservation]\n";
    changed(&[(begins, ""), ("[preservation]\n", deadline)])
}

fn row(state: &str, due: impl Into<Value>, days: impl Into<Value>) -> (String, Value, Value) {
    (state.to_owned(), due.into(), days.into())
}

/// REP-1, REP-4.
#[test]
fn an_inbox_shows_what_is_due_and_exits_with_1_when_it_is_overdue() {
    let desk = bench();
    assert_eq!(status(&desk, "2026-11-11"), (0, vec![]));
    sign(&desk, &asked(), "r1");
    assert_eq!(status(&desk, "2026-11-11"), (0, vec![row("new", "2026-11-13T00:00:00Z", 2)]));
    assert_eq!(status(&desk, "2026-11-14"), (1, vec![row("new", "2026-11-13T00:00:00Z", -1)]));
    assert_done(&respond(&desk, "r1", "r1-1", "2026-11-11", &["--outcome", "received"]));
    assert_eq!(status(&desk, "2026-11-14"), (1, vec![row("received", "2026-11-13T00:00:00Z", -1)]));

    let executed = ["--outcome", "executed", "--previous", "inbox/r1-1.json", "--expires", "2027-01-20T00:00:00Z"];
    assert_done(&respond(&desk, "r1", "r1-2", "2026-11-12", &executed));
    assert_eq!(status(&desk, "2027-01-10"), (0, vec![row("preserved", "2027-01-20T00:00:00Z", 10)]));
    assert_eq!(status(&desk, "2027-01-21").0, 1, "nobody asked for it in time");
    let extended = ["--outcome", "extended", "--previous", "inbox/r1-2.json", "--expires", "2027-03-01"];
    assert_done(&respond(&desk, "r1", "r1-3", "2027-01-15", &extended));
    assert_eq!(status(&desk, "2027-01-21"), (0, vec![row("preserved", "2027-03-02T00:00:00Z", 40)]));
    let withdrawn = ["--outcome", "withdrawn", "--previous", "inbox/r1-3.json"];
    assert_done(&respond(&desk, "r1", "r1-4", "2027-02-01", &withdrawn));
    assert_eq!(status(&desk, "2027-06-01"), (0, vec![row("withdrawn", Value::Null, Value::Null)]));
    let late = ["--outcome", "received", "--previous", "inbox/r1-4.json"];
    desk.assert_refused(&respond(&desk, "r1", "r1-5", "2027-02-02", &late), 3, &["was withdrawn"]);
}

#[test]
fn preserved_data_is_held_until_the_request_that_followed_is_decided() {
    let desk = bench();
    let digest = sign(&desk, EXAMPLE, "r1");
    let executed = ["--outcome", "executed", "--expires", "2027-01-20"];
    assert_done(&respond(&desk, "r1", "r1-1", "2026-11-12", &executed));
    let mla = changed(&[
        (
            "article = 42",
            &format!("article = 44\nprevious = \"{digest}\"\npurposes = [\"stored_data\"]\nsubject = \"s\""),
        ),
        ("2026-1", "2026-2"),
        (
            "sent_at = 2026-11-10",
            "proceeding_kind = \"investigation\"\nassistance = \"a\"\npurpose = \"p\"\nsent_at = 2027-01-15",
        ),
        ("effected_at = \"2026-11-10T12:00:00Z\"\nexpires_at = \"2027-01-09T12:00:00Z\"\n", ""),
    ]);
    sign(&desk, &mla, "r2");
    let states = |at: &str| status(&desk, at).1.into_iter().map(|(state, ..)| state).collect::<Vec<_>>();
    assert_eq!(states("2027-02-01"), ["held", "new"]);
    assert_eq!(status(&desk, "2027-02-01").0, 0, "it is not overdue, though its time has passed");
    let bundle = "0a".repeat(32);
    assert_done(&respond(&desk, "r2", "r2-1", "2027-02-02", &["--outcome", "executed", "--bundle", &bundle]));
    assert_eq!(states("2027-02-03"), ["decided", "executed"]);
}

/// REP-3.
#[test]
fn a_reply_that_the_article_does_not_permit_is_not_signed() {
    let desk = bench();
    sign(&desk, &asked(), "r1");
    let refused = |args: &[&str], says: &str| {
        let output = respond(&desk, "r1", "x", "2026-11-12", args);
        desk.assert_refused(&output, 3, &["this reply is not permitted", says]);
        assert!(!desk.path("inbox/x.json").exists());
    };
    let why = ["--outcome", "refused", "--reasons", "why"];
    refused(&[&why[..], &["--ground", "dual_criminality"]].concat(), "UNCC-42.4");
    refused(&[&why[..], &["--ground", "21a"]].concat(), "UNCC-42.6");
    refused(&[&why[..], &["--ground", "fiscal"]].concat(), "UNCC-40.23-24");
    refused(&why, "UNCC-40.21");
    refused(&["--outcome", "refused", "--ground", "21b"], "UNCC-40.25");
    refused(&["--outcome", "executed", "--expires", "2027-01-10"], "UNCC-42.8-a");
    refused(&["--outcome", "executed"], "UNCC-42.8-a");
    refused(&["--outcome", "extended"], "UNCC-42.9");
    refused(&["--outcome", "partly", "--expires", "2027-02-01"], "withheld");
    let partly = ["--outcome", "partly", "--expires", "2027-02-01", "--withheld"];
    refused(&[&partly[..], &["i9=gone"]].concat(), "no item");
    desk.assert_refused(
        &respond(&desk, "r1", "x", "2026-11-12", &[&partly[..], &["i1"]].concat()),
        3,
        &["ITEM=REASON"],
    );
    assert_done(&respond(&desk, "r1", "x", "2026-11-12", &[&why[..], &["--ground", "21b"]].concat()));
    assert_eq!(status(&desk, "2026-12-12"), (0, vec![row("refused", Value::Null, Value::Null)]));
}

/// REP-2.
#[test]
fn a_reply_follows_a_reply_to_the_same_request() {
    let desk = bench();
    sign(&desk, &asked(), "r1");
    sign(&desk, &asked().replace("2026-1\"", "2026-2\""), "r2");
    assert_done(&respond(&desk, "r1", "r1-1", "2026-11-12", &["--outcome", "received"]));
    let after = ["--outcome", "received", "--previous", "inbox/r1-1.json"];
    desk.assert_refused(
        &respond(&desk, "r2", "x", "2026-11-13", &after),
        3,
        &["inbox/r1-1.json is a reply to another"],
    );
    desk.assert_refused(&respond(&desk, "r1", "x", "2026-11-11", &after), 3, &["inbox/r1-1.json is newer"]);
    assert_done(&respond(&desk, "r1", "r1-2", "2026-11-13", &["--outcome", "received"]));
    let output = desk.run(&["request", "status", "inbox", "--at", "2026-11-13"]);
    assert_eq!(output.status.code(), Some(1), "nobody can tell which of them counts");
    assert!(
        text(&output.stderr).contains("warning: 2026-1: two replies follow the same one"),
        "{}",
        text(&output.stderr)
    );
}

#[test]
fn files_that_are_no_documents_are_named_and_the_rest_is_shown() {
    let desk = bench();
    sign(&desk, &asked(), "r1");
    write(&desk, "inbox/broken.json", "{}");
    write(&desk, "inbox/notes.txt", "not looked at");
    assert_done(&desk.run(&[
        "trust",
        "new",
        "--out",
        "inbox/trust.json",
        "--root",
        "vn.pub",
        "--expires",
        "2090-01-01",
    ]));
    let output = desk.run(&["request", "status", "inbox", "--signer", "vn.pub", "--at", "2026-11-11"]);
    let (stdout, stderr) = (text(&output.stdout), text(&output.stderr));
    assert_eq!(output.status.code(), Some(3), "{stderr}");
    assert_eq!(stderr.lines().filter(|line| line.starts_with("error: ")).count(), 1, "{stderr}");
    assert!(stderr.contains("error: inbox/broken.json is not a request or reply"), "{stderr}");
    let shown = "ID      FROM  ARTICLE  STATE  DUE                   LEFT\n\
                 2026-1  VN    42       new    2026-11-13T00:00:00Z  2 days\n";
    assert_eq!(stdout, shown);
    let output = desk.run(&["request", "status", "inbox", "--signer", "vn.pub", "--at", "2026-11-20"]);
    assert_eq!(output.status.code(), Some(1));
    assert!(text(&output.stdout).ends_with("OVERDUE\n"), "{}", text(&output.stdout));
    desk.assert_refused(&desk.run(&["request", "status", "absent"]), 2, &["cannot read the directory absent"]);
}

#[test]
fn a_document_by_a_stranger_does_not_count() {
    let desk = bench();
    write(&desk, "draft.toml", &asked());
    assert_done(&desk.run(&["request", "sign", "draft.toml", "--key", "other", "--out", "inbox/r1.json"]));
    assert_eq!(status(&desk, "2026-12-01"), (4, vec![]));
    let json = desk.run(&["request", "status", "inbox", "--json", "--at", "2026-12-01", "--signer", "other.pub"]);
    let json: Value = serde_json::from_slice(&json.stdout).expect("json");
    assert_eq!((json["overdue"].clone(), json["requests"][0]["from"].clone()), (json!(true), json!("VN")));
}
