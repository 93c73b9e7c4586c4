//! From checks to a verdict (SPEC.md VER-1).

use super::Options;
use super::check::{Area, Check, Ledger, Outcome};
use super::collect::Collected;
use super::rules;
use crate::format::statement::{Counts, Statement};

/// The one word.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Verdict {
    /// Everything was checked and holds, and enough trusted keys have signed.
    Verified,
    /// As [`Self::Verified`], but not everything could be read when it was sealed, and the user wants that to fail.
    Incomplete,
    /// Something does not hold.
    Refuted,
    /// Something could not be checked; nothing that could be does not hold.
    CouldNotCheck,
    /// Everything holds, but not enough trusted keys have signed.
    NotTrusted,
    /// The members have their digests. Nothing else was looked at.
    FixityOk,
}

/// The verdict that the checks amount to. `counts` are those that were found, if the content was looked at.
pub(super) fn of(ledger: &Ledger, options: &Options<'_>, counts: Option<&Counts>) -> Verdict {
    let gravest = |area| ledger.outcome_in(area);
    let areas = [Area::Seal, Area::Content, Area::Custody];
    // That nothing can be told of time decides nothing: a bundle need not have any proof of it (SPEC.md TSP-9).
    let is_refuted = areas.into_iter().chain([Area::Time]).any(|area| gravest(area) == Some(Outcome::Failed));
    let is_open = areas.into_iter().any(|area| gravest(area) == Some(Outcome::CannotTell));
    // Nothing passes for want of checks: seal and content must both have been looked at. A bundle may have no custody log.
    let is_seen = [Area::Seal, Area::Content].into_iter().all(|area| gravest(area).is_some());
    if is_refuted {
        return Verdict::Refuted;
    }
    if is_open || !is_seen {
        return Verdict::CouldNotCheck;
    }
    if options.fixity {
        return Verdict::FixityOk;
    }
    let is_complete = ledger.tally(&rules::COMPLETE).is_some_and(|tally| tally.outcome() == Outcome::Passed);
    let (Some(counts), true) = (counts, is_complete) else { return Verdict::CouldNotCheck };
    let has_gaps = counts.gaps > 0 || counts.unreadable > 0 || counts.changed > 0;
    match gravest(Area::Trust) {
        Some(Outcome::Passed) if has_gaps && options.strict => Verdict::Incomplete,
        Some(Outcome::Passed) => Verdict::Verified,
        Some(Outcome::Failed) => Verdict::NotTrusted,
        Some(Outcome::CannotTell | Outcome::Noted) | None => Verdict::CouldNotCheck,
    }
}

/// The last safeguard: nothing is verified that was not counted through. Each member, line, frame, file and tar byte
/// that the statement counts must have passed its own check, so that a mistake that leaves something out shows here.
pub(super) fn check_complete(statement: &Statement, collected: &Collected, ledger: &mut Ledger) {
    let is_sound = |area| ledger.outcome_in(area).is_none_or(|outcome| outcome < Outcome::CannotTell);
    if !(is_sound(Area::Seal) && is_sound(Area::Content)) {
        // It is not, and why has been said already.
        return;
    }
    let counts = &statement.predicate.counts;
    let facts = [
        ("members with their digest", &rules::MEMBER_DIGEST, counts.segments.saturating_mul(3).saturating_add(4)),
        ("index parts", &rules::INDEX_FORM, counts.segments),
        ("manifest parts", &rules::MANIFEST_FRAMES, counts.segments),
        ("lines", &rules::LINE_FORM, counts.entries),
        ("segments with sums", &rules::SUMS, counts.segments),
        ("segments with cuts", &rules::CUTS, counts.segments),
        ("files with their digest", &rules::CONTENT_DIGEST, collected.digest_count),
        ("files with their tree head", &rules::CHUNKS_ROOT, collected.tree_count),
        ("list, root, end marker", &rules::TAR_END, 1),
        ("list, root, end marker", &rules::ROOT, 1),
        ("list, root, end marker", &rules::LIST_DIGEST, 1),
    ];
    let mut all: Vec<_> = facts.into_iter().map(|(what, rule, count)| (what, count, ledger.passed(rule))).collect();
    all.push(("tar bytes", counts.tar_bytes, collected.proven_bytes));
    for (what, expected, actual) in all {
        ledger.require(expected == actual, &rules::COMPLETE, || {
            let check = Check::cannot_tell(&rules::COMPLETE, "bundle").expected(expected).actual(actual);
            check.note(format!("{what}: not as many were proven as there are"))
        });
    }
}
