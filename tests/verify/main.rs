//! The verifier against bundles that are sound, damaged, and forged by their own signer. Bundles come from the plain
//! reference, in memory; keys are for tests and nothing else.

#[path = "../forge/mod.rs"]
mod forge;
#[path = "../memory_source/mod.rs"]
mod memory_source;
#[path = "../reference/mod.rs"]
mod reference;
#[path = "../sealed/mod.rs"]
mod sealed;

mod sound;
mod tampered;
mod damaged;
mod hostile;
mod bounds;
mod limits;
mod signers;
mod medium;
mod directory;
mod custody;

use std::sync::Arc;
use std::sync::atomic::AtomicBool;

use scelle::format::spki::PublicKey;
use scelle::verify::{Bundle, Check, Options, Outcome, Rule, Verdict, Verification, ZipFile, verify};

use memory_source::Item;
use sealed::{pattern, test_key};

/// Options of the tests: the sealer's key is trusted.
pub fn options<'a>(signers: &'a [PublicKey], cancel: &'a AtomicBool) -> Options<'a> {
    Options { signers, thread_count: 2, ..Options::new(cancel) }
}

/// Verifies any bundle, trusting the test key.
pub fn verify_bundle(bundle: &dyn Bundle) -> Verification {
    let cancel = AtomicBool::new(false);
    verify(bundle, &options(&[test_key().public()], &cancel)).expect("nobody interrupts")
}

/// Verifies a file form in memory.
pub fn verify_zip(zip: &[u8]) -> Verification {
    verify_bundle(&ZipFile::open(Arc::new(zip.to_vec())).expect("memory can be read"))
}

/// The same on this thread alone, and with less ado.
pub fn verify_alone(zip: &[u8]) -> Verification {
    verify_bundle_alone(&ZipFile::open(Arc::new(zip.to_vec())).expect("memory can be read"))
}

/// The same for any bundle.
pub fn verify_bundle_alone(bundle: &dyn Bundle) -> Verification {
    static KEY: std::sync::OnceLock<PublicKey> = std::sync::OnceLock::new();
    let key = KEY.get_or_init(|| test_key().public());
    let cancel = AtomicBool::new(false);
    let options = Options { thread_count: 1, ..options(std::slice::from_ref(key), &cancel) };
    verify(bundle, &options).expect("nobody interrupts")
}

/// Everything that did not simply pass, a line each, for messages.
pub fn said(verification: &Verification) -> String {
    let line = |check: &Check| {
        let object = String::from_utf8_lossy(&check.object);
        let (expected, actual, note) = (&check.expected, &check.actual, &check.note);
        format!("{} {:?} {object}: {expected:?} {actual:?} {note:?}\n", check.rule.id, check.outcome)
    };
    verification.ledger.details().iter().map(line).collect()
}

/// Checks of a rule that did not simply pass.
pub fn checks<'a>(verification: &'a Verification, rule: &'static Rule) -> Vec<&'a Check> {
    verification.ledger.details().iter().filter(|check| check.rule.id == rule.id).collect()
}

/// Ids of the rules that failed, each once, in order of the steps.
pub fn failed_rules(verification: &Verification) -> Vec<&'static str> {
    let tallies = verification.ledger.tallies();
    tallies.iter().filter(|tally| tally.outcome() == Outcome::Failed).map(|tally| tally.rule.id).collect()
}

#[track_caller]
pub fn assert_verified(verification: &Verification) {
    assert_eq!(verification.verdict, Verdict::Verified, "{}", said(verification));
    assert!(verification.damage.is_empty());
}

/// Few entries in many segments, with a file that spans them.
pub fn few_items() -> Vec<Item> {
    let mut items = vec![Item::dir(b"s")];
    for (name, len) in [("s/a", 5), ("s/b", 700), ("s/c", 9000), ("s/d", 3000), ("s/e", 40)] {
        items.push(Item::file(name.as_bytes(), pattern(len)));
    }
    items
}

/// Verified, though something was noted.
#[track_caller]
pub fn assert_verified_with_notes(verification: &Verification) {
    assert_verified(verification);
    assert!(verification.ledger.details().iter().all(|check| check.outcome == Outcome::Noted));
}
