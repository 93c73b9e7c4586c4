//! The directory form, and what is no bundle at all.

use std::fs;
use std::os::unix::fs::symlink;
use std::path::Path;

use scelle::verify::{Form, OpenError, Outcome, Verdict, Verification, open, rules};

use super::{assert_verified, assert_verified_with_notes, checks, failed_rules, few_items, verify_bundle};
use crate::sealed::{Shape, reference_of};

fn unpacked() -> tempfile::TempDir {
    let dir = tempfile::tempdir().expect("a directory");
    for (name, bytes) in reference_of(&few_items(), &Shape::small()).members {
        let path = dir.path().join(name);
        fs::create_dir_all(path.parent().expect("a parent")).expect("a directory");
        fs::write(path, bytes).expect("a member");
    }
    dir
}

fn verify_path(path: &Path) -> Verification {
    verify_bundle(&*open(path).expect("a bundle"))
}

#[test]
fn both_forms_have_the_same_seal_digest() {
    let dir = unpacked();
    let verification = verify_path(dir.path());
    assert_verified(&verification);
    assert_eq!(verification.form, Form::Directory);
    let sealed = reference_of(&few_items(), &Shape::small());
    assert_eq!(verification.seal_digest.expect("a digest").to_string(), sealed.seal_digest);
    let file = dir.path().with_extension("scelle");
    fs::write(&file, &sealed.zip).expect("a file");
    assert_eq!(verify_path(&file).seal_digest, verification.seal_digest);
    fs::remove_file(file).expect("it is there");
}

#[test]
fn what_a_desktop_leaves_is_foreign_and_does_not_refute() {
    let dir = unpacked();
    for name in [".DS_Store", "payload/Thumbs.db", "desktop.ini", "index/._00000000.bin"] {
        fs::write(dir.path().join(name), b"x").expect("a file");
    }
    let verification = verify_path(dir.path());
    assert_verified_with_notes(&verification);
    assert_eq!(checks(&verification, &rules::DIR_FOREIGN).len(), 4);
}

#[test]
fn anything_else_refutes() {
    type Change = fn(&Path);
    let changes: [(Change, &str); 9] = [
        (|dir| fs::write(dir.join("x"), b"").expect("a file"), "V-1 member.name"),
        (|dir| fs::write(dir.join("payload/x"), b"").expect("a file"), "V-1 member.name"),
        (|dir| fs::write(dir.join("payload/00000099.tar.zst"), b"").expect("a file"), "V-1 member.present"),
        (|dir| fs::create_dir(dir.join("y")).expect("a directory"), "V-1 directory.files"),
        (|dir| fs::create_dir(dir.join("payload/y")).expect("a directory"), "V-1 directory.files"),
        (|dir| symlink("nonce", dir.join("z")).expect("a link"), "V-1 directory.files"),
        (
            |dir| {
                fs::rename(dir.join("nonce"), dir.with_extension("nonce")).expect("moved");
                symlink(dir.with_extension("nonce"), dir.join("nonce")).expect("a link");
            },
            "V-1 directory.files",
        ),
        (
            |dir| {
                fs::rename(dir.join("index"), dir.with_extension("index")).expect("moved");
                symlink(dir.with_extension("index"), dir.join("index")).expect("a link");
            },
            "V-1 directory.files",
        ),
        (
            |dir| {
                rustix::fs::mknodat(
                    rustix::fs::CWD,
                    dir.join("custody"),
                    rustix::fs::FileType::Fifo,
                    rustix::fs::Mode::RUSR,
                    0,
                )
                .expect("a pipe");
            },
            "V-1 directory.files",
        ),
    ];
    for (i, (change, rule)) in changes.into_iter().enumerate() {
        let dir = unpacked();
        change(dir.path());
        let verification = verify_path(dir.path());
        assert_eq!(verification.verdict, Verdict::Refuted, "change {i}");
        assert!(failed_rules(&verification).contains(&rule), "change {i}: {:?}", failed_rules(&verification));
        let _ = fs::remove_file(dir.path().with_extension("nonce"));
        let _ = fs::remove_dir_all(dir.path().with_extension("index"));
    }
}

#[test]
fn every_member_removed_or_changed_refutes() {
    for (name, _) in reference_of(&few_items(), &Shape::small()).members {
        let dir = unpacked();
        let path = dir.path().join(&name);
        let mut bytes = fs::read(&path).expect("a member");
        bytes[0] ^= 1;
        fs::write(&path, bytes).expect("a member");
        assert_eq!(verify_path(dir.path()).verdict, Verdict::Refuted, "{name} changed");
        fs::remove_file(path).expect("it is there");
        assert_eq!(verify_path(dir.path()).verdict, Verdict::Refuted, "{name} removed");
    }
}

#[test]
fn what_is_no_bundle_is_told_apart_from_a_damaged_one() {
    let dir = tempfile::tempdir().expect("a directory");
    let path = dir.path().join("x");
    let is_bundle = |bytes: &[u8]| {
        fs::write(&path, bytes).expect("a file");
        match open(&path) {
            Ok(_) => true,
            Err(OpenError::NotABundle { .. }) => false,
            Err(error) => panic!("{error}"),
        }
    };
    for bytes in [&b""[..], b"x", b"PK", &[0; 1000]] {
        assert!(!is_bundle(bytes));
    }
    let zip = reference_of(&few_items(), &Shape::small()).zip;
    assert!(is_bundle(&zip) && is_bundle(&zip[..60]) && is_bundle(&zip[100..]));
    let mut marked = vec![0; 60];
    marked[38..54].copy_from_slice(&b"application/vnd.scelle.bundle+zip"[..16]);
    assert!(is_bundle(&marked));
    assert!(matches!(open(dir.path()), Err(OpenError::NotABundle { .. })));
    assert!(matches!(open(&dir.path().join("nothing")), Err(OpenError::Io { .. })));
    assert!(matches!(open(Path::new("/dev/null")), Err(OpenError::NotABundle { .. })));
    let unpacked = unpacked();
    let verification = verify_path(unpacked.path());
    assert_eq!(verification.ledger.tally(&rules::DIR_FILES).expect("files").outcome(), Outcome::Passed);
}
