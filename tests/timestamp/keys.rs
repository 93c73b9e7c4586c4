//! Keys judged by when they signed, where that is proven (SPEC.md TRU-4, TSP-12).

use crate::authority::{Authority, Keys};
use crate::bench::{bench, seal};
use crate::desk::{Desk, assert_done};
use crate::{members, stamp, stamp_seal, verified};

/// A list with the officer and the laboratory, and the authority's root.
fn list(desk: &Desk, authority: &Authority, officer: &[&str]) {
    std::fs::write(desk.path("root.pem"), authority.read("ca.pem")).expect("a file");
    assert_done(&desk.run(&["trust", "new", "--out", "list", "--expires", "2090-01-01", "--root", "root-a.pub"]));
    for (party, more) in [("officer", officer), ("lab", &[])] {
        let key = format!("{party}.pub");
        let who = ["--party", party, "--key", &key, "--name", party, "--country", "VN", "--role", "officer"];
        assert_done(&desk.run(&[&["trust", "add", "list", "--valid-from", "2026-01-01"], &who[..], more].concat()));
    }
    assert_done(&desk.run(&["trust", "timestamp-root", "list", "--add", "root.pem"]));
}

fn revoked(desk: &Desk, key: &str, more: &[&str]) {
    let args = ["trust", "revoke", "list", "--key", key, "--since", "2041-01-01", "--reason", "lost"];
    assert_done(&desk.run(&[&args[..], more].concat()));
}

/// The exit code by the list, in 2050.
fn judged(desk: &Desk) -> i32 {
    assert_done(&desk.run(&["trust", "sign", "list", "--key", "root-a"]));
    let trust = ["--trust", "list", "--trust-root", "root-a.pub", "--trust-state", "state", "--at", "2050-01-01"];
    verified(desk, &trust).0
}

#[test]
fn a_revoked_key_counts_for_what_it_provably_signed_before_if_that_stands() {
    for (stamped, stands, code) in [
        (Some("20400101000000Z"), true, 0),
        (Some("20401231235959Z"), true, 0),
        (Some("20410101000000Z"), true, 4),
        (Some("20400101000000Z"), false, 4),
        (None, true, 4),
    ] {
        let (desk, authority) = (bench(), Authority::new(Keys::P256));
        seal(&desk, &[]);
        list(&desk, &authority, &[]);
        revoked(&desk, "officer.pub", if stands { &["--earlier-stand"] } else { &[] });
        if let Some(time) = stamped {
            stamp_seal(&desk, &authority, time);
        }
        assert_eq!(judged(&desk), code, "{stamped:?}, {stands}");
    }
}

#[test]
fn an_expired_key_counts_for_what_it_provably_signed_before() {
    for (stamped, code) in [(Some("20400101000000Z"), 0), (Some("20420101000000Z"), 4), (None, 4)] {
        let (desk, authority) = (bench(), Authority::new(Keys::P256));
        seal(&desk, &[]);
        list(&desk, &authority, &["--valid-until", "2041-01-01"]);
        if let Some(time) = stamped {
            stamp_seal(&desk, &authority, time);
        }
        assert_eq!(judged(&desk), code, "{stamped:?}");
    }
}

#[test]
fn an_authority_that_is_not_in_the_list_proves_nothing_for_a_key() {
    let (desk, authority, other) = (bench(), Authority::new(Keys::P256), Authority::new(Keys::P256));
    seal(&desk, &[]);
    stamp_seal(&desk, &other, "20400101000000Z");
    list(&desk, &authority, &["--valid-until", "2041-01-01"]);
    assert_eq!(judged(&desk), 4);
}

#[test]
fn a_later_event_proves_the_seal_but_not_the_signature_of_the_event_before_it() {
    let (desk, authority) = (bench(), Authority::new(Keys::P256));
    seal(&desk, &[]);
    for (key, time) in [("lab", "2026-03-02T08:00:00Z"), ("officer", "2026-03-03T08:00:00Z")] {
        let note = ["custody", "note", "x.scelle", "--key", key, "--place", "P", "--purpose", "test", "--time", time];
        assert_done(&desk.run(&note));
    }
    list(&desk, &authority, &["--valid-until", "2041-01-01"]);
    revoked(&desk, "lab.pub", &["--earlier-stand"]);
    let events = members(&desk, "custody/");
    // The first event lists the envelope, so the second one speaks for the officer's seal, and is stamped itself.
    stamp(&desk, &authority, &events[1], "20400101000000Z");
    assert_eq!(judged(&desk), 4, "the laboratory's own event could have been signed at any time");
    stamp(&desk, &authority, &events[0], "20400102000000Z");
    assert_eq!(judged(&desk), 0);
}
