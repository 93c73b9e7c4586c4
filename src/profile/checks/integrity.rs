//! Whether it is the same, who says so, and how it was made: V-01 to V-05, V-16, V-17 and V-22.

use crate::profile::answers::Answer;
use crate::profile::facts::Facts;
use crate::text::Message;
use crate::verify::{Area, Outcome, Verdict};

/// V-01: every byte is that which was sealed.
pub fn bytes(facts: &Facts<'_>) -> Answer {
    match (facts.area(Area::Seal), facts.area(Area::Content)) {
        (Some(Outcome::Failed), _) | (_, Some(Outcome::Failed)) => Answer::not_met(Message::new("bytes-refuted")),
        (Some(Outcome::Passed), Some(Outcome::Passed)) => Answer::met(Message::new("bytes-hold")),
        _ => Answer::cannot_tell(Message::new("bytes-unknown")),
    }
}

/// V-02: SHA-256 for each entry, which the format demands.
pub fn algorithm(facts: &Facts<'_>) -> Answer {
    match facts.statement() {
        Some(_) => Answer::met(Message::new("algorithm-sha256")),
        None => Answer::cannot_tell(Message::new("no-statement")),
    }
}

/// V-03: signed by whom the user trusts.
pub fn signature(facts: &Facts<'_>) -> Answer {
    match facts.verification.verdict {
        Verdict::Refuted => Answer::not_met(Message::new("signature-refuted")),
        _ if !facts.asks_for_trust => Answer::cannot_tell(Message::new("signature-nobody-trusted")),
        Verdict::Verified | Verdict::Incomplete => match facts.verification.judged_at {
            Some(at) => Answer::met(Message::new("signature-by-list").with("at", at)),
            None => Answer::met(Message::new("signature-by-key")),
        },
        Verdict::NotTrusted => Answer::not_met(Message::new("signature-not-trusted")),
        _ => Answer::cannot_tell(Message::new("bytes-unknown")),
    }
}

/// V-04: proven time. This version records clocks and judges no time-stamps.
pub fn time(facts: &Facts<'_>) -> Answer {
    let Some(statement) = facts.statement() else { return Answer::cannot_tell(Message::new("no-statement")) };
    match statement.predicate.clock.offset_ms {
        Some(offset) => Answer::cannot_tell(Message::new("time-by-clock").with("offset", offset)),
        None => Answer::cannot_tell(Message::new("time-unproven")),
    }
}

/// V-05: the log since it was sealed.
pub fn custody(facts: &Facts<'_>) -> Answer {
    let count = facts.verification.custody.records.events.len();
    match facts.area(Area::Custody) {
        Some(Outcome::Failed) => Answer::not_met(Message::new("custody-refuted")),
        Some(Outcome::CannotTell) => Answer::cannot_tell(Message::new("custody-unknown")),
        _ if count == 0 => Answer::not_applicable(Message::new("custody-none")),
        _ => Answer::met(Message::new("custody-holds").with("count", count)),
    }
}

/// V-16: the copy is the source, or it is said why it cannot be.
pub fn copy(facts: &Facts<'_>) -> Answer {
    let Some(case) = facts.case() else { return Answer::cannot_tell(Message::new("no-case")) };
    let taking = case.taking.as_ref();
    let digest = taking.and_then(|taking| taking.source_sha256);
    match (digest, facts.is_source_digest_found, taking.and_then(|taking| taking.unequal_reason.as_ref())) {
        (Some(digest), Some(true), _) => Answer::met(Message::new("copy-equal").with("digest", digest)),
        (_, _, Some(reason)) => Answer::met(Message::new("copy-reason").with("reason", reason.as_str())),
        (Some(digest), Some(false), None) => Answer::not_met(Message::new("copy-other").with("digest", digest)),
        (Some(_), None, None) => Answer::cannot_tell(Message::new("bytes-unknown")),
        (None, _, None) => Answer::not_met(Message::new("field-missing").with("field", "acquisition.source_sha256")),
    }
}

/// V-17: tool, version, configuration, and competence of whoever used it.
pub fn tools(facts: &Facts<'_>) -> Answer {
    let (Some(statement), Some(case)) = (facts.statement(), facts.case()) else {
        return Answer::cannot_tell(Message::new("no-case"));
    };
    let tool = &statement.predicate.tool;
    match case.taking.as_ref().and_then(|taking| taking.qualification.as_ref()) {
        Some(qualification) => Answer::met(
            Message::new("tools-recorded")
                .with("tool", format!("{} {}", tool.name, tool.version))
                .with("qualification", qualification.as_str()),
        ),
        None => Answer::not_met(Message::new("field-missing").with("field", "acquisition.qualification")),
    }
}

/// V-22: what could not be read is listed and signed.
pub fn completeness(facts: &Facts<'_>) -> Answer {
    let Some(statement) = facts.statement() else { return Answer::cannot_tell(Message::new("no-statement")) };
    let counts = &statement.predicate.counts;
    Answer::met(
        Message::new("completeness-listed")
            .with("unreadable", counts.unreadable)
            .with("gaps", counts.gaps)
            .with("changed", counts.changed),
    )
}
