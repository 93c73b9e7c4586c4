//! Verification: an independent reader, from bytes to checks, a verdict and a damage map (SPEC.md section 17). It shares
//! the formats with the sealer and nothing else.

mod bytes;
mod bundle;
mod zip_file;
pub(crate) mod zip_scan;
mod directory;
mod room;
mod check;
pub mod rules;
mod members;
mod structure;
mod envelopes;
mod list;
mod in_order;
mod frames;
mod lines;
mod context;
mod ahead;
mod locate;
mod index_part;
mod index_files;
mod line_check;
mod recorded;
mod member_chain;
mod payload;
mod record;
mod zeros;
mod batch;
mod chunks;
mod content;
mod replay;
mod segment;
mod spans;
mod sums;
mod grown;
mod custody;
mod receipt;
mod stamps;
mod dated;
mod times;
mod with_members;
mod whole;
mod collect;
mod damage;
mod fixed;
pub mod proven;
mod run;
mod verdict;

use std::sync::atomic::AtomicBool;

pub use bundle::{Bundle, Form, Member, OpenError, open, open_file};
pub use bytes::{Bytes, FileBytes, Part, read_exact_at};
pub use check::{Area, Check, DETAIL_COUNT_MAX, Ledger, Outcome, Rule, Tally};
pub use custody::{Custody, OpenedLog, open_log};
pub use damage::{Cause, DamageMap, DamagedEntry, DamagedRange, Overlap, ProvenEntries};
pub use directory::DirectoryForm;
pub use envelopes::{SignatureState, Signer};
pub use members::Cancelled;
pub use receipt::{Receipt, ReceiptError};
pub use recorded::{Recorded, RecordedEntry};
pub(crate) use room::Room;
pub use stamps::{Stamp, StampState};
pub use times::{Bound, Interval, Times};
pub use verdict::Verdict;
pub use whole::{WholeError, read_grown, read_statement};
pub use with_members::WithMembers;
pub use zip_file::ZipFile;

use crate::format::case::CaseJson;
use crate::format::digest::Digest;
use crate::format::spki::PublicKey;
use crate::format::statement::{Counts, Statement};
use crate::format::time::Instant;
use crate::hash::{Mismatch, caught};
use crate::trust::Trust;
use crate::x509::Root;
use members::Pace;
use run::Run;

/// How far to go, and for whom.
pub struct Options<'a> {
    /// Keys that the user trusts; with a trust list, those of it that are to be believed.
    pub signers: &'a [PublicKey],
    /// The trust list, if there is one.
    pub trust: Option<&'a Trust>,
    /// Roots of time-stamping authorities that the user trusts, beside those of the trust list.
    pub time_roots: &'a [Root],
    /// Events that must be in the custody log.
    pub receipts: &'a [Receipt],
    /// End after the digests of the members (step V-5).
    pub fixity: bool,
    /// What could not be read when it was sealed is a failure.
    pub strict: bool,
    /// Compute again by the reference all that is hashed side by side, and come to no verdict if two digests differ.
    pub paranoid: bool,
    /// Threads that hash, decode and compare.
    pub thread_count: usize,
    /// Set when the user wants to stop.
    pub cancel: &'a AtomicBool,
    /// Told of bytes of the bundle that are done, and of all of them. Called from many threads.
    pub progress: &'a (dyn Fn(u64, u64) + Sync),
}

impl<'a> Options<'a> {
    /// Roots of time-stamping authorities: those that the user names, and those of the trust list.
    pub fn all_time_roots(&self) -> Vec<Root> {
        [self.time_roots, self.trust.map(Trust::time_roots).unwrap_or_default()].concat()
    }

    /// Everything is checked on one thread, nobody is trusted, and nobody is told of it.
    pub fn new(cancel: &'a AtomicBool) -> Self {
        Self {
            signers: &[],
            trust: None,
            time_roots: &[],
            receipts: &[],
            fixity: false,
            strict: false,
            paranoid: false,
            thread_count: 1,
            cancel,
            progress: &|_, _| (),
        }
    }
}

/// What a verification came to.
#[derive(Debug)]
pub struct Verification {
    /// The one word.
    pub verdict: Verdict,
    /// How the bundle is stored.
    pub form: Form,
    /// SHA-256 of the statement: the number to compare with the notebook.
    pub seal_digest: Option<Digest>,
    /// The statement.
    pub statement: Option<Statement>,
    /// The case, if it is the signed one.
    pub case: Option<CaseJson>,
    /// Who signed, or must.
    pub signers: Vec<Signer>,
    /// What happened to it since.
    pub custody: Custody,
    /// What time-stamps prove of when it was sealed, and events signed.
    pub times: Times,
    /// As of when keys were judged, by a trust list.
    pub judged_at: Option<Instant>,
    /// Every check.
    pub ledger: Ledger,
    /// What is damaged or missing.
    pub damage: DamageMap,
    /// What could not be read when it was sealed.
    pub recorded: Recorded,
    /// Counts of what was found; `None` if the content was not looked at.
    pub counts: Option<Counts>,
    /// Tar bytes that are proven to be those that were sealed.
    pub proven_tar_bytes: u64,
}

/// Why there is no verdict.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum VerifyError {
    /// The user ended it.
    #[error(transparent)]
    Cancelled(#[from] Cancelled),
    /// This machine computes wrongly, which says nothing of the bundle.
    #[error("nothing was decided")]
    Mismatch(#[from] Mismatch),
}

/// Verifies a bundle. Everything that can be checked is checked, whatever fails.
pub fn verify(bundle: &dyn Bundle, options: &Options<'_>) -> Result<Verification, VerifyError> {
    Ok(caught(|| verify_all(bundle, options))??)
}

fn verify_all(bundle: &dyn Bundle, options: &Options<'_>) -> Result<Verification, Cancelled> {
    let pace = Pace::new(bundle, options.cancel, options.progress);
    let mut ledger = Ledger::default();
    let places = structure::check(bundle, &mut ledger);
    let mut seal = envelopes::check(bundle, &places, options.signers, &mut ledger);
    let damage = DamageMap::default();
    let mut run = Run { bundle, options, places: &places, pace: &pace, ledger, damage };
    let mut case = None;
    let mut collected = None;
    if let Some(statement) = &seal.statement {
        case = list::check_case(bundle, &places, statement, &mut run.ledger);
        let list = list::check_list(bundle, &places, statement, options.thread_count, &pace, &mut run.ledger)?;
        match list {
            Some(list) => collected = run.members(statement, &list, case.as_ref())?,
            None => run.nothing_proven("there is no proven list of members"),
        }
    } else {
        run.nothing_proven("there is no statement to compare with");
    }
    let custody = custody::check(bundle, &places, (&seal, case.as_ref()), options, &pace, &mut run.ledger)?;
    let times = times::check(bundle, &places, (&seal, &custody), options, &pace, &mut run.ledger)?;
    if !options.fixity {
        custody.check_signers(seal.statement.as_ref(), options, &times, &mut run.ledger);
        envelopes::check_signers(&mut seal, options.trust, &times, &mut run.ledger);
    }
    run.finish(seal, case, (custody, times), collected)
}

/// Step V-1 alone: the wrapper, names and order, without reading a member.
pub fn check_structure(bundle: &dyn Bundle) -> Ledger {
    let mut ledger = Ledger::default();
    structure::check(bundle, &mut ledger);
    ledger
}

#[cfg(test)]
mod tests {
    use std::path::Path;

    use super::*;
    use crate::hash::with_wrong_kernel;

    /// The verdict on a golden bundle, on this thread alone.
    fn verdict(bundle: &dyn Bundle, paranoid: bool) -> Result<Verdict, VerifyError> {
        let cancel = AtomicBool::new(false);
        let options = Options { paranoid, ..Options::new(&cancel) };
        verify(bundle, &options).map(|verification| verification.verdict)
    }

    #[test]
    fn with_paranoid_a_kernel_that_computes_wrongly_comes_to_no_verdict() {
        let golden = Path::new(env!("CARGO_MANIFEST_DIR")).join("fixtures/golden");
        for entry in std::fs::read_dir(golden).unwrap().flatten() {
            let path = entry.path();
            if path.extension().is_none_or(|extension| extension != "scelle") {
                continue;
            }
            let bundle = open(&path).unwrap();
            assert_eq!(verdict(&*bundle, true), Ok(Verdict::NotTrusted), "{}", path.display());
            assert_eq!(with_wrong_kernel(|| verdict(&*bundle, false)), Ok(Verdict::Refuted), "{}", path.display());
            let wrong = with_wrong_kernel(|| verdict(&*bundle, true));
            assert!(matches!(wrong, Err(VerifyError::Mismatch(_))), "{wrong:?}, {}", path.display());
        }
    }
}
