//! Receipts that are no receipts, or of something else.

use std::fs;

use crate::bench::{all_signers, bench, hand_over, seal, verify, verify_all};
use crate::desk::text;

#[test]
fn a_receipt_of_another_bundle_or_by_a_stranger_tells_nothing() {
    let desk = bench();
    seal(&desk, &[]);
    fs::copy(desk.path("x.scelle"), desk.path("early.scelle")).expect("a copy");
    hand_over(&desk, "03-01T09:00", "x.scelle", "officer", "lab");
    // Only the officer is trusted: who else signs could say anything.
    let by_stranger = verify(&desk, "early.scelle", &["--signer", "officer.pub", "--receipt", "lab.receipt"]);
    assert_eq!(by_stranger, (2, vec![]));
    let lost = verify_all(&desk, "early.scelle", &["--receipt", "lab.receipt"]);
    assert_eq!(lost, (1, vec!["V-13 custody.receipt".into()]));
    fs::remove_file(desk.path("x.scelle")).expect("removed");
    fs::write(desk.path("d/photo"), "another photo").expect("a file");
    seal(&desk, &[]);
    assert_eq!(verify_all(&desk, "x.scelle", &["--receipt", "lab.receipt"]), (2, vec![]));
}

#[test]
fn an_offer_of_another_bundle_that_is_given_as_a_receipt_tells_nothing() {
    let desk = bench();
    seal(&desk, &["--form", "dir"]);
    let offer = ["offer", "x.scelle", "--to", "lab.pub", "--key", "officer", "--purpose", "p", "--place", "Hanoi"];
    crate::bench::done(&desk, "03-01T09:00", &offer);
    let event = fs::read_dir(desk.path("x.scelle/custody")).expect("the log").next().expect("one").expect("it").path();
    fs::copy(event, desk.path("offer")).expect("a copy");
    fs::remove_dir_all(desk.path("x.scelle")).expect("removed");
    fs::write(desk.path("d/photo"), "another photo").expect("a file");
    seal(&desk, &[]);
    assert_eq!(verify_all(&desk, "x.scelle", &["--receipt", "offer"]), (2, vec![]));
}

#[test]
fn what_is_no_receipt_is_named() {
    let desk = bench();
    seal(&desk, &[]);
    fs::write(desk.path("junk"), "junk").expect("a file");
    let mut args = vec!["verify", "x.scelle", "--receipt", "junk"];
    let signers = all_signers();
    args.extend(signers.iter().map(String::as_str));
    desk.assert_refused(&desk.run(&args), 3, &["junk is not a receipt"]);
    let attached = desk.run(&["custody", "attach", "x.scelle", "junk"]);
    desk.assert_refused(&attached, 3, &["junk is not a receipt"]);
    assert!(text(&attached.stderr).contains("envelope"));
}
