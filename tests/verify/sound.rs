//! Sound bundles are verified, whatever their shape.

use scelle::verify::{Outcome, Verdict, rules};

use super::{assert_verified, few_items, said, verify_zip};
use crate::forge::Forge;
use crate::memory_source::Item;
use crate::sealed::{Shape, one_of_everything, pattern, reference_of};

#[test]
fn bundles_of_every_shape_are_verified() {
    for shape in Shape::every() {
        for items in [one_of_everything(), few_items()] {
            let sealed = reference_of(&items, &shape);
            let verification = verify_zip(&sealed.zip);
            assert_verified(&verification);
            assert_eq!(verification.seal_digest.expect("a digest").to_string(), sealed.seal_digest);
            let counts = verification.statement.expect("a statement").predicate.counts;
            assert_eq!(verification.counts, Some(counts));
            assert_eq!(verification.proven_tar_bytes, counts.tar_bytes);
        }
    }
}

#[test]
fn golden_bundles_are_verified() {
    let dir = std::path::Path::new(env!("CARGO_MANIFEST_DIR")).join("fixtures/golden");
    let mut count = 0;
    for file in std::fs::read_dir(dir).expect("fixtures") {
        let path = file.expect("a fixture").path();
        let verification = verify_zip(&std::fs::read(&path).expect("a bundle"));
        // One of them is signed by the other test key.
        let is_p256 = path.ends_with("signed_with_p256.scelle");
        let expected = if is_p256 { Verdict::NotTrusted } else { Verdict::Verified };
        assert_eq!(verification.verdict, expected, "{path:?}: {}", said(&verification));
        count += 1;
    }
    assert!(count >= 7);
}

#[test]
fn what_could_not_be_read_when_it_was_sealed_is_told_and_is_no_damage() {
    let verification = verify_zip(&reference_of(&one_of_everything(), &Shape::small()).zip);
    assert_verified(&verification);
    let recorded = &verification.recorded;
    let paths: Vec<_> = recorded.entries.iter().map(|entry| entry.path.as_bytes()).collect();
    assert_eq!(paths, [b"s/g", b"s/l"]);
    assert_eq!((recorded.entries[0].gap_count, recorded.entries[0].gap_bytes), (1, 900));
    assert_eq!(recorded.entries[1].unreadable.as_deref(), Some("EACCES"));
}

#[test]
fn strict_refuses_what_could_not_be_read() {
    let cancel = std::sync::atomic::AtomicBool::new(false);
    let signers = [crate::sealed::test_key().public()];
    for (items, expected) in [(one_of_everything(), Verdict::Incomplete), (few_items(), Verdict::Verified)] {
        let zip = reference_of(&items, &Shape::small()).zip;
        let bundle = scelle::verify::ZipFile::open(std::sync::Arc::new(zip)).expect("memory");
        let options = scelle::verify::Options { strict: true, ..super::options(&signers, &cancel) };
        assert_eq!(scelle::verify::verify(&bundle, &options).expect("not interrupted").verdict, expected);
    }
}

#[test]
fn the_root_of_a_file_system_as_the_only_source() {
    let items = [Item::dir(b"."), Item::dir(b"bin"), Item::file(b"bin/sh", pattern(600)), Item::file(b"x", pattern(4))];
    let mut forge = Forge::of(&items, &Shape::small());
    let mut case: serde_json::Value = serde_json::from_slice(forge.member("case.json")).expect("json");
    case["scope"]["sources"] = serde_json::json!([{"name": ".", "path": "/"}]);
    *forge.member("case.json") = crate::reference::json_bytes(&case);
    assert_verified(&verify_zip(&forge.zip()));
}

#[test]
fn a_file_over_many_segments_without_lines() {
    let items = [Item::dir(b"s"), Item::file(b"s/a", pattern(40_000)), Item::file(b"s/b", pattern(10))];
    for whole_file_digest in [true, false] {
        let sealed = reference_of(&items, &Shape { whole_file_digest, ..Shape::small() });
        assert_verified(&verify_zip(&sealed.zip));
    }
}

#[test]
fn a_forger_who_changes_nothing_is_verified() {
    let mut forge = Forge::of(&one_of_everything(), &Shape::small());
    forge.change_lines(|_| {});
    let tar = forge.tar(0);
    forge.set_tar(0, &tar);
    let sums = forge.sums();
    forge.set_sums(&sums);
    assert_verified(&verify_zip(&forge.zip()));
    assert_eq!(forge.zip(), reference_of(&one_of_everything(), &Shape::small()).zip);
}

#[test]
fn every_step_is_reported() {
    let verification = verify_zip(&reference_of(&one_of_everything(), &Shape::small()).zip);
    for rule in [
        &rules::ZIP_DIRECTORY,
        &rules::ZIP_LOCAL,
        &rules::ZIP_CRC,
        &rules::MEMBER_ORDER,
        &rules::STATEMENT_FORM,
        &rules::ENVELOPE_FORM,
        &rules::ENVELOPE_SIGNATURE,
        &rules::LIST_DIGEST,
        &rules::CASE_FORM,
        &rules::MEMBER_DIGEST,
        &rules::INDEX_FORM,
        &rules::INDEX_PLACE,
        &rules::LINE_FORM,
        &rules::LINE_NUMBER,
        &rules::LINE_ORDER,
        &rules::ROOT,
        &rules::COUNTS,
        &rules::SOURCES,
        &rules::FRAME_DIGEST,
        &rules::CUTS,
        &rules::FRAME_CONTENT,
        &rules::TAR_HEADERS,
        &rules::TAR_END,
        &rules::TAR_ZEROS,
        &rules::CONTENT_DIGEST,
        &rules::CHUNK_DIGEST,
        &rules::CHUNK_INTERVAL,
        &rules::CHUNKS_ROOT,
        &rules::LINK_TARGET,
        &rules::PAYLOAD_INTERVAL,
        &rules::SUMS,
        &rules::MIMETYPE,
        &rules::VERIFY_TEXT,
        &rules::NONCE,
        &rules::COMPLETE,
        &rules::SIGNERS,
    ] {
        let tally = verification.ledger.tally(rule).expect(rule.id);
        assert!(tally.passed > 0 && tally.outcome() == Outcome::Passed, "{}", rule.id);
    }
}
