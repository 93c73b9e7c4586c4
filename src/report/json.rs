//! A verification as one JSON object, for programs (SPEC.md CONF-3). Names that are not safe to show are escaped as in
//! the text; `path_b64` then has the exact bytes.

use serde_json::{Map, Value, json};

use super::escape::escape;
use crate::verify::{Area, Cause, Check, DamagedEntry, DamagedRange, Ledger, Outcome, Signer, Verdict, Verification};

/// The object for one bundle; `exit` is the exit code that goes with it.
pub fn verification(bundle: &[u8], verification: &Verification, exit: u8) -> Value {
    let ledger = &verification.ledger;
    let areas: Map<String, Value> =
        Area::ALL.iter().map(|area| (area.name().to_owned(), area_result(ledger.outcome_in(*area)))).collect();
    let checks: Vec<Value> = ledger
        .tallies()
        .iter()
        .map(|tally| {
            json!({
                "id": tally.rule.id,
                "area": tally.rule.area.name(),
                "what": tally.rule.what,
                "result": tally.outcome().name(),
                "passed": tally.passed,
                "noted": tally.noted,
                "cannot_tell": tally.cannot_tell,
                "failed": tally.failed,
            })
        })
        .collect();
    let mut value = json!({
        "level": LEVEL,
        "verdict": verdict_name(verification.verdict),
        "exit": exit,
        "failed": failed_steps(ledger),
        "seal_digest": verification.seal_digest.map(|digest| digest.to_string()),
        "areas": areas,
        "time": super::times::object(&verification.times, &verification.custody),
        "judged_at": verification.judged_at.map(|at| at.to_string()),
        "signers": verification.signers.iter().map(signer).collect::<Vec<_>>(),
        "counts": verification.counts,
        "proven_tar_bytes": verification.proven_tar_bytes,
        "checks": checks,
        "findings": ledger.details().iter().map(finding).collect::<Vec<_>>(),
        "damage": {
            "ranges": verification.damage.ranges.iter().map(range).collect::<Vec<_>>(),
            "range_count": verification.damage.range_count,
            "bytes": verification.damage.byte_count,
            "entries": verification.damage.entries.iter().map(entry).collect::<Vec<_>>(),
            "entry_count": verification.damage.entry_count,
        },
        "recorded": recorded(verification),
    });
    put_name(&mut value, "bundle", bundle);
    value
}

/// The level of this verifier (SPEC.md CONF-1).
const LEVEL: u8 = 3;

/// The steps that failed, each once, in order.
fn failed_steps(ledger: &Ledger) -> Vec<&'static str> {
    let failed = ledger.tallies().into_iter().filter(|tally| tally.outcome() == Outcome::Failed);
    let mut steps: Vec<_> = failed.map(|tally| tally.rule.step()).collect();
    steps.dedup();
    steps
}

/// The object for something that could not be opened as a bundle; `error` with its causes.
pub fn not_opened(bundle: &[u8], error: &str, exit: u8) -> Value {
    let mut value = json!({
        "level": LEVEL,
        "error": escape(error.as_bytes()),
        "exit": exit,
        "verdict": Value::Null,
        "seal_digest": Value::Null,
        "failed": [],
    });
    put_name(&mut value, "bundle", bundle);
    value
}

/// The verdict as one word.
pub fn verdict_name(verdict: Verdict) -> &'static str {
    match verdict {
        Verdict::Verified => "verified",
        Verdict::Incomplete => "incomplete",
        Verdict::Refuted => "refuted",
        Verdict::CouldNotCheck => "could not check",
        Verdict::NotTrusted => "intact, not trusted",
        Verdict::FixityOk => "fixity ok",
    }
}

fn area_result(outcome: Option<Outcome>) -> Value {
    match outcome {
        // What was only noted decides nothing.
        Some(Outcome::Noted) => Outcome::Passed.name().into(),
        Some(outcome) => outcome.name().into(),
        None => "not checked".into(),
    }
}

/// A name as text, and its exact bytes if the text is not them.
pub fn put_name(object: &mut Value, key: &str, name: &[u8]) {
    let text = escape(name);
    let is_exact = text.as_bytes() == name;
    object[key] = text.into();
    if !is_exact {
        object[format!("{key}_b64")] = data_encoding::BASE64.encode(name).into();
    }
}

fn signer(signer: &Signer) -> Value {
    json!({
        "keyid": signer.key_id.to_string(),
        "role": signer.role,
        "required": signer.role.is_some(),
        "trusted": signer.is_trusted,
        "certified": signer.certified.as_ref().map(|it| json!({"party": it.party.to_string(), "subject": it.subject})),
        "signature": signer.signature.name(),
    })
}

/// The object of a check that did not simply pass.
pub fn finding(check: &Check) -> Value {
    let mut value = json!({
        "id": check.rule.id,
        "area": check.rule.area.name(),
        "result": check.outcome.name(),
        "expected": check.expected,
        "actual": check.actual,
        "note": check.note,
    });
    put_name(&mut value, "object", &check.object);
    value
}

/// What is the matter with a range, as one word.
pub fn cause_name(cause: Cause) -> &'static str {
    match cause {
        Cause::Damaged => "damaged",
        Cause::Missing => "missing",
        Cause::Unreadable => "unreadable",
        Cause::Undecodable => "undecodable",
    }
}

fn range(range: &DamagedRange) -> Value {
    let cause = cause_name(range.cause);
    let overlaps = range.overlaps.iter().map(|overlap| {
        let mut value = json!({"n": overlap.n, "start": overlap.content.start, "end": overlap.content.end});
        put_name(&mut value, "path", overlap.path.as_bytes());
        value
    });
    json!({
        "member": range.member,
        "offset": range.offset,
        "len": range.len,
        "cause": cause,
        "frame": range.frame,
        "entries": overlaps.collect::<Vec<_>>(),
        "entry_count": range.overlap_count,
    })
}

fn entry(entry: &DamagedEntry) -> Value {
    let lost: Vec<Value> = entry.lost.iter().map(|range| json!([range.start, range.end])).collect();
    let mut value = json!({
        "n": entry.n,
        "size": entry.size,
        "lost": lost,
        "lost_count": entry.lost_count,
        "lost_bytes": entry.lost_bytes,
        "proven_bytes": entry.proven_bytes,
    });
    put_name(&mut value, "path", entry.path.as_bytes());
    value
}

/// What could not be read at sealing.
fn recorded(verification: &Verification) -> Value {
    let entries = verification.recorded.entries.iter().map(|entry| {
        let mut value = json!({
            "unreadable": entry.unreadable,
            "gaps": entry.gaps,
            "gap_count": entry.gap_count,
            "gap_bytes": entry.gap_bytes,
            "gone_at": entry.gone_at_bytes,
            "changed_while_reading": entry.changed,
        });
        put_name(&mut value, "path", entry.path.as_bytes());
        value
    });
    json!({"entries": entries.collect::<Vec<_>>(), "entry_count": verification.recorded.entry_count})
}
