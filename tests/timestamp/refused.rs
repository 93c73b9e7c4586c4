//! What is not added: each with one clear error, and the bundle stays as it was.

use std::fs;

use scelle::format::time_stamp::{Hash, Imprint, Query};

use crate::authority::{Authority, Keys, USAGE};
use crate::bench::{bench, seal};
use crate::desk::{Desk, assert_done};
use crate::{member, members};

fn assert_not_added(desk: &Desk, response: &[u8], more: &[&str], code: i32, words: &str) {
    let before = fs::read(desk.path("x.scelle")).expect("a bundle");
    fs::write(desk.path("r.tsr"), response).expect("a file");
    let output = desk.run(&[&["timestamp", "attach", "x.scelle", "r.tsr"], more].concat());
    desk.assert_refused(&output, code, &[words]);
    assert!(fs::read(desk.path("x.scelle")).expect("a bundle") == before, "{words}: the bundle was changed");
}

#[test]
fn an_answer_that_does_not_hold_or_fit_is_not_added() {
    let (desk, authority, other) = (bench(), Authority::new(Keys::P256), Authority::new(Keys::P256));
    seal(&desk, &[]);
    fs::write(desk.path("root.pem"), authority.read("ca.pem")).expect("a file");
    let envelope = member(&desk, &members(&desk, "seal/")[0]);
    assert_not_added(&desk, b"<html>", &[], 3, "r.tsr is no time-stamp response");
    assert_not_added(&desk, &vec![0x30; (2 << 20) + 1], &[], 3, "longer than 2097152 bytes");
    let foreign = authority.stamp("tsa", b"another file", "20400101000000Z");
    assert_not_added(&desk, &foreign, &[], 1, "is over no envelope or event of x.scelle");
    let good = authority.stamp("tsa", &envelope, "20400101000000Z");
    assert_not_added(&desk, &good[..good.len() - 1], &[], 3, "no time-stamp response");
    let mut changed = good.clone();
    let last = changed.len() - 1;
    changed[last] ^= 1;
    assert_not_added(&desk, &changed, &[], 1, "r.tsr does not hold: the signature");
    let theirs = other.stamp("tsa", &envelope, "20400101000000Z");
    assert_not_added(&desk, &theirs, &["--timestamp-root", "root.pem"], 4, "is not trusted: it leads to no root");
    assert_not_added(&desk, &good, &["--timestamp-root", "officer.pub"], 3, "is no root");
}

#[test]
fn an_answer_to_another_query_is_not_added() {
    let (desk, authority) = (bench(), Authority::new(Keys::P256));
    seal(&desk, &[]);
    assert_done(&desk.run(&["timestamp", "request", "x.scelle", "--out", "q.tsq"]));
    let envelope = member(&desk, &members(&desk, "seal/")[0]);
    let old = authority.reply("tsa", &Query::new(Imprint::of(Hash::Sha256, &envelope), None, [5; 16]).to_der());
    assert_not_added(&desk, &old, &["--query", "q.tsq"], 1, "its nonce is another one");
    let query = Query::parse(&fs::read(desk.path("q.tsq")).expect("a query")).expect("a query");
    let other = Query { imprint: Imprint::of(Hash::Sha512, &envelope), ..query };
    let response = authority.reply("tsa", &other.to_der());
    assert_not_added(&desk, &response, &["--query", "q.tsq"], 1, "it is over another digest");
    fs::write(desk.path("junk"), "junk").expect("a file");
    assert_not_added(&desk, &response, &["--query", "junk"], 3, "junk is no query");
    let refused =
        authority.reply("tsa", &Query { policy: Some("1.2.3.4.9".parse().expect("an OID")), ..other }.to_der());
    assert_not_added(&desk, &refused, &[], 1, "the authority refused, with status 2");
}

#[test]
fn a_revocation_list_is_kept_with_it_and_one_that_lists_it_refutes() {
    let (desk, authority) = (bench(), Authority::new(Keys::P256));
    seal(&desk, &[]);
    fs::write(desk.path("root.pem"), authority.read("ca.pem")).expect("a file");
    authority.issue("leaf", USAGE, "20200101000000Z", "20900101000000Z");
    let envelope = member(&desk, &members(&desk, "seal/")[0]);
    let response = authority.stamp("leaf", &envelope, "20400101000000Z");
    fs::write(desk.path("before.crl"), authority.revocation_list()).expect("a file");
    authority.revoke("leaf", "keyCompromise");
    fs::write(desk.path("after.crl"), authority.revocation_list()).expect("a file");
    let root = ["--timestamp-root", "root.pem"];
    assert_not_added(
        &desk,
        &response,
        &[&root[..], &["--crl", "after.crl"]].concat(),
        1,
        "does not stand: its authority's certificate was revoked",
    );
    assert_not_added(&desk, &response, &["--crl", "q.crl"], 2, "cannot read q.crl");
    fs::write(desk.path("r.tsr"), &response).expect("a file");
    // Who gives no root adds it unchecked; who verifies with the root sees it.
    assert_done(&desk.run(&["timestamp", "attach", "x.scelle", "r.tsr", "--crl", "after.crl", "--crl", "before.crl"]));
    let (code, json) = crate::verified(&desk, &[&root[..], &["--signer", "officer.pub"]].concat());
    assert_eq!((code, &json["time"]["stamps"][0]["state"]), (1, &"revoked".into()), "{json}");
    assert_eq!(json["failed"], serde_json::json!(["V-15"]));
    let (code, _) = crate::verified(&desk, &["--signer", "officer.pub"]);
    assert_eq!(code, 0, "whom nobody trusts nobody can revoke");
}
