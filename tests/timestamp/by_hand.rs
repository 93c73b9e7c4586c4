//! The way over the air gap: a query, an authority, its answer.

use std::fs;

use crate::authority::{Authority, Keys};
use crate::bench::{bench, seal};
use crate::desk::{assert_done, text};
use crate::{member, members, verified};

#[test]
fn a_query_goes_out_an_answer_comes_back_and_the_bundle_is_dated() {
    for (keys, hash) in [(Keys::P256, None), (Keys::Rsa, Some("--sha512"))] {
        let (desk, authority) = (bench(), Authority::new(keys));
        seal(&desk, &[]);
        let mut request = vec!["timestamp", "request", "x.scelle", "--out", "q.tsq", "--policy", "1.2.3.4.2"];
        request.extend(hash);
        let asked = desk.run(&request);
        assert_done(&asked);
        let response = authority.reply("tsa", &fs::read(desk.path("q.tsq")).expect("a query"));
        fs::write(desk.path("r.tsr"), &response).expect("a file");
        fs::write(desk.path("root.pem"), authority.read("ca.pem")).expect("a file");
        let attach = ["timestamp", "attach", "x.scelle", "r.tsr", "--query", "q.tsq", "--timestamp-root", "root.pem"];
        assert_done(&desk.run(&attach));
        let stamps = members(&desk, "timestamps/");
        assert_eq!((stamps.len(), member(&desk, &stamps[0])), (1, response.clone()), "kept as it was received");
        let (code, json) = verified(&desk, &["--signer", "officer.pub", "--timestamp-root", "root.pem"]);
        assert_eq!((code, &json["areas"]["time"]), (0, &"passed".into()), "{json}");
        assert_eq!(json["time"]["sealed"]["not_after"]["by"], "CN=Test tsa");
        assert_eq!(json["time"]["stamps"][0]["policy"], "1.2.3.4.2");
        assert_eq!(json["time"]["stamps"][0]["accuracy_us"], 1_500_000);
        let said = desk.run(&["verify", "x.scelle", "--signer", "officer.pub", "--timestamp-root", "root.pem"]);
        assert!(text(&said.stdout).contains("sealed not after 20"), "{}", text(&said.stdout));
        // Once more is no news.
        let again = desk.run(&attach);
        assert_done(&again);
        assert!(text(&again.stderr).contains("has this time-stamp already"));
        // By hand, as SPEC.md section 24 says.
        let envelope = member(&desk, &members(&desk, "seal/")[0]);
        assert!(authority.openssl_agrees(&response, &envelope, 2_208_988_800));
    }
}

#[test]
fn without_a_root_nothing_is_trusted_and_nothing_fails() {
    let (desk, authority) = (bench(), Authority::new(Keys::P256));
    seal(&desk, &[]);
    crate::stamp_seal(&desk, &authority, "20400101000000Z");
    let (code, json) = verified(&desk, &["--signer", "officer.pub"]);
    assert_eq!((code, &json["areas"]["time"]), (0, &"cannot be told".into()));
    assert!(json["time"]["sealed"]["not_after"].is_null());
    assert_eq!(json["time"]["stamps"][0]["state"], "not trusted");
    let said = desk.run(&["verify", "x.scelle", "--signer", "officer.pub"]);
    assert!(text(&said.stdout).contains("not trusted: you gave no root"), "{}", text(&said.stdout));
}

#[test]
fn events_and_other_envelopes_can_be_stamped_too_and_in_directories() {
    let (desk, authority) = (bench(), Authority::new(Keys::P256));
    seal(&desk, &["--form", "dir"]);
    let note = ["custody", "note", "x.scelle", "--key", "officer", "--place", "P", "--purpose", "test", "--time"];
    assert_done(&desk.run(&[&note[..], &["2026-03-02T08:00:00Z"]].concat()));
    for (out, which) in [("a", &["--event", "1"][..]), ("b", &[])] {
        assert_done(&desk.run(&[&["timestamp", "request", "x.scelle", "--out", out], which].concat()));
        fs::write(desk.path("r"), authority.reply("tsa", &fs::read(desk.path(out)).expect("a query"))).expect("a file");
        assert_done(&desk.run(&["timestamp", "attach", "x.scelle", "r", "--query", out]));
    }
    fs::write(desk.path("root.pem"), authority.read("ca.pem")).expect("a file");
    let (code, json) = verified(&desk, &["--signer", "officer.pub", "--timestamp-root", "root.pem"]);
    assert_eq!(code, 0, "{json}");
    assert_eq!(json["time"]["stamp_count"], 2);
    assert!(json["time"]["events"][0]["not_after"]["at"].is_string());
    for (which, words) in [
        (["--event", "2"], "has no event 2"),
        (["--of", "case.json"], "that can be stamped"),
        (["--of", "seal/0000000000000000.dsse.json"], "that can be stamped"),
    ] {
        let output = desk.run(&[&["timestamp", "request", "x.scelle", "--out", "q"], &which[..]].concat());
        desk.assert_refused(&output, 3, &[words]);
    }
}

#[test]
fn a_query_goes_to_any_directory_but_into_no_bundle() {
    let desk = bench();
    assert_done(&desk.seal(&["d"]));
    fs::create_dir(desk.path("queries")).expect("a directory");
    assert_done(&desk.run(&["timestamp", "request", "x.scelle", "--out", "queries/q.tsq"]));
    assert_done(&desk.run(&["pack", "x.scelle", "--form", "dir", "--out", "dir"]));
    let inside = desk.run(&["timestamp", "request", "dir", "--out", "dir/q.tsq"]);
    desk.assert_refused(&inside, 3, &["dir/q.tsq"]);
    assert!(!desk.path("dir/q.tsq").exists());
}

#[test]
fn of_several_envelopes_in_a_directory_none_is_guessed() {
    let desk = bench();
    assert_done(&desk.seal(&["d"]));
    assert_done(&desk.run(&["pack", "x.scelle", "--form", "dir", "--out", "dir"]));
    let first = fs::read_dir(desk.path("dir/seal")).expect("envelopes").flatten().next().expect("one").path();
    // Whose it is does not matter here, only that there are two.
    fs::copy(&first, desk.path("dir/seal/0123456789abcdef.dsse.json")).expect("a second one");
    let which = desk.run(&["timestamp", "request", "dir", "--out", "q.tsq"]);
    desk.assert_refused(&which, 3, &["has several envelopes", "--of"]);
    let name = format!("seal/{}", first.file_name().expect("a name").to_string_lossy());
    assert_done(&desk.run(&["timestamp", "request", "dir", "--of", &name, "--out", "q.tsq"]));
}
