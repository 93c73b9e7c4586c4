//! What holds of every verification, whatever was verified.

use std::sync::atomic::AtomicBool;
use std::sync::{Arc, OnceLock};

use scelle::format::spki::PublicKey;
use scelle::report::verification::Style;
use scelle::report::{json, verification};
use scelle::verify::{Area, Bundle, Cause, Options, Outcome, Verdict, Verification, ZipFile, verify};

use crate::sealed::{test_key, test_key_p256};

/// The keys of the golden bundles.
pub fn trusted() -> &'static [PublicKey] {
    static KEYS: OnceLock<[PublicKey; 2]> = OnceLock::new();
    KEYS.get_or_init(|| [test_key().public(), test_key_p256().public()])
}

/// Verifies the bytes of a file and checks what holds of every verification.
pub fn verify_zip(zip: &[u8]) -> Verification {
    verify_bundle(&ZipFile::open(Arc::new(zip.to_vec())).expect("memory can be read"))
}

/// The same for any bundle; on this thread alone, for the bundles are small.
pub fn verify_bundle(bundle: &dyn Bundle) -> Verification {
    let cancel = AtomicBool::new(false);
    let run = |fixity| {
        let options = Options {
            signers: trusted(),
            fixity,
            progress: &|done, all| assert!(done <= all, "more done than there is"),
            ..Options::new(&cancel)
        };
        verify(bundle, &options).expect("nobody interrupts")
    };
    let found = run(false);
    assert_verdict(&found);
    assert_damage(&found, bundle);
    assert_shown(&found);
    found
}

/// The verdict follows from the areas, and nothing is verified that was not counted through.
fn assert_verdict(found: &Verification) {
    let outcome = |area| found.ledger.outcome_in(area);
    let failed = [Area::Seal, Area::Content].into_iter().any(|area| outcome(area) == Some(Outcome::Failed));
    assert!(!failed || found.verdict == Verdict::Refuted, "a failed step does not refute");
    assert!(found.verdict != Verdict::FixityOk && found.verdict != Verdict::Incomplete, "nobody asked for that");
    if let (Some(counts), Some(statement)) = (&found.counts, &found.statement) {
        let stated = statement.predicate.counts.tar_bytes;
        assert!(found.verdict == Verdict::Refuted || *counts == statement.predicate.counts, "other counts");
        assert!(found.verdict == Verdict::Refuted || found.proven_tar_bytes <= stated, "more proven than there is");
    }
    if matches!(found.verdict, Verdict::Verified | Verdict::NotTrusted) {
        assert!(found.damage.is_empty(), "damaged, and yet it holds");
        let statement = found.statement.as_ref().expect("a statement");
        assert_eq!(found.proven_tar_bytes, statement.predicate.counts.tar_bytes, "not all of it is proven");
        assert!(found.seal_digest.is_some() && found.case.is_some());
    }
}

/// The damage map speaks of bytes that are there, in order, and adds up.
fn assert_damage(found: &Verification, bundle: &dyn Bundle) {
    let damage = &found.damage;
    assert!(damage.ranges.len() as u64 <= damage.range_count && damage.entries.len() as u64 <= damage.entry_count);
    for range in &damage.ranges {
        let is_empty = |member: &scelle::verify::Member| member.name == range.member && member.len == 0;
        let stands_for_all = range.cause == Cause::Missing || bundle.members().iter().any(is_empty);
        // A hostile frame table may name frames of no bytes.
        assert!(range.len > 0 || stands_for_all || range.frame.is_some(), "an empty range: {range:?}");
        let end = range.offset.checked_add(range.len).expect("a range that ends");
        let mut lens = bundle.members().iter().filter(|member| member.name == range.member).map(|member| member.len);
        let is_there = lens.any(|len| end <= len);
        assert!(is_there || range.cause != Cause::Damaged, "a range past its member: {range:?}");
        assert!(range.overlaps.len() as u64 <= range.overlap_count);
    }
    for entry in &damage.entries {
        let mut free_from = 0;
        for lost in &entry.lost {
            assert!(lost.start >= free_from && lost.start < lost.end && lost.end <= entry.size, "{entry:?}");
            free_from = lost.end;
        }
        let all = entry.lost_bytes.checked_add(entry.proven_bytes);
        assert!(all.is_some_and(|all| all <= entry.size), "lost and proven at once: {entry:?}");
    }
}

/// Neither report can be forged by what a bundle holds.
fn assert_shown(found: &Verification) {
    let style = Style { width: 100, colour: false, verbose: true };
    let text = verification::text("x.scelle", found, style);
    assert!(!text.chars().any(|c| c.is_control() && c != '\n'), "a control character in the report");
    let value = json::verification(b"x.scelle", found, 0);
    assert!(value["verdict"].is_string() && value["areas"].is_object());
}
