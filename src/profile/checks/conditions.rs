//! Under which conditions it may be used and passed on: V-12, V-13, V-14, V-18 and V-19.

use std::collections::BTreeSet;

use crate::custody::{Origin, Summary};
use crate::format::case_law::Exculpatory;
use crate::format::event::Form;
use crate::format::event_kind::Kind;
use crate::format::words::Word as _;
use crate::profile::answers::Answer;
use crate::profile::facts::Facts;
use crate::text::Message;

/// V-12: no event tells of a use in another case than those that are stated or consented to, but for what was told before, as
/// it speaks for the person concerned.
pub fn use_limits(facts: &Facts<'_>) -> Answer {
    let Some(limits) = facts.case().and_then(|case| case.use_limits.as_ref()) else {
        return Answer::not_applicable(Message::new("use-free"));
    };
    let is_stated = |case: &str| limits.cases.iter().chain(&limits.consents).any(|it| it.as_str() == case);
    // A notice names the case in which what speaks for somebody will be used.
    let mut notified = BTreeSet::new();
    for (i, event) in facts.events() {
        let case = event.shown.case.as_str();
        if event.kind == Kind::ExculpatoryNotified {
            if is_notice(facts, event) {
                notified.insert(case);
            }
        } else if !case.is_empty() && !is_stated(case) && !notified.contains(case) {
            let name = facts.verification.custody.records.name_of(i);
            return Answer::not_met(Message::new("use-outside").with("event", name).with("case", case));
        }
    }
    Answer::met(Message::new("use-within"))
}

/// Whether a notice reached whom it is for: the State that gave it, if one State gave it another.
fn is_notice(facts: &Facts<'_>, event: &Summary) -> bool {
    let original = facts.case().and_then(|case| case.cooperation.as_ref()).map(|it| it.requested_state);
    let parties = &facts.verification.custody.parties;
    original.is_none_or(|original| event.to.as_ref().and_then(|to| parties.country(to)) == Some(original))
}

/// V-13: the original State authorised it before it went to a third one, in writing if it asks for that.
pub fn onward_transfer(facts: &Facts<'_>) -> Answer {
    let custody = &facts.verification.custody;
    let Some(terms) = custody.origin.as_ref().and_then(Origin::terms) else {
        return Answer::cannot_tell(Message::new("no-case"));
    };
    let Some(between) = terms.between else { return Answer::not_applicable(Message::new("onward-free")) };
    let mut found: Vec<_> = custody.log.findings.iter().filter(|it| it.problem.is_of_onward_transfer()).collect();
    found.sort_by_key(|it| it.problem.is_unknown());
    if let Some(first) = found.first() {
        let event = custody.records.name_of(first.event);
        let why = Message::new("onward-wrong").with("event", event).with("why", first.problem.to_string());
        return if first.problem.is_unknown() { Answer::cannot_tell(why) } else { Answer::not_met(why) };
    }
    if !facts.goes_onward() {
        return Answer::not_applicable(Message::new("onward-none"));
    }
    let original = between.original.code();
    match (otherwise_authorised(facts), facts.asks_for_writing) {
        (Some(i), Some(true)) => {
            let event = custody.records.name_of(i);
            Answer::not_met(Message::new("onward-unwritten").with("event", event).with("state", original))
        }
        (Some(_), None) => Answer::cannot_tell(Message::new("onward-writing-unknown").with("state", original)),
        _ => Answer::met(Message::new("onward-authorised").with("state", original)),
    }
}

/// An event after which something went to a third State on an authorisation that was not written.
fn otherwise_authorised(facts: &Facts<'_>) -> Option<usize> {
    let parties = &facts.verification.custody.parties;
    let mut authorised: Vec<(usize, &Summary)> = Vec::new();
    for (i, event) in facts.events() {
        match (event.kind, &event.to) {
            (Kind::OnwardAuthorised, _) => authorised.push((i, event)),
            (kind, Some(to)) if !kind.is_of_onward_transfer() => {
                let is_for = |it: &&(usize, &Summary)| it.1.to.as_ref().is_some_and(|whom| parties.are_one(whom, to));
                let last = authorised.iter().rev().find(is_for);
                if let Some((i, _)) = last.filter(|(_, it)| it.form == Some(Form::Other)) {
                    return Some(*i);
                }
            }
            _ => {}
        }
    }
    None
}

/// V-14: kept confidential as long as is demanded.
pub fn confidentiality(facts: &Facts<'_>) -> Answer {
    let Some(case) = facts.case() else { return Answer::cannot_tell(Message::new("no-case")) };
    match &case.confidentiality {
        None => Answer::not_met(Message::new("field-missing").with("field", "confidentiality")),
        Some(it) if !it.required => Answer::not_applicable(Message::new("confidentiality-free")),
        Some(_) => Answer::cannot_tell(Message::new("confidentiality-unknown")),
    }
}

/// V-18: whether something speaks for the person concerned was asked.
pub fn exculpatory(facts: &Facts<'_>) -> Answer {
    let Some(case) = facts.case() else { return Answer::cannot_tell(Message::new("no-case")) };
    match case.exculpatory {
        None => Answer::not_met(Message::new("field-missing").with("field", "exculpatory")),
        Some(Exculpatory::Yes) => noticed(facts),
        Some(said) => Answer::met(Message::new("exculpatory-said").with("said", said.word())),
    }
}

/// Whether notice was given before anything was disclosed.
fn noticed(facts: &Facts<'_>) -> Answer {
    let is_either = |kind: Kind| matches!(kind, Kind::ExculpatoryNotified | Kind::Disclosed);
    match facts.events().find(|(_, event)| is_either(event.kind)) {
        None => Answer::cannot_tell(Message::new("exculpatory-open")),
        Some((i, event)) => {
            let name = facts.verification.custody.records.name_of(i);
            match event.kind {
                Kind::Disclosed => Answer::not_met(Message::new("exculpatory-unnoticed").with("event", name)),
                _ => Answer::met(Message::new("exculpatory-noticed").with("event", name)),
            }
        }
    }
}

/// V-19: what few may see is encrypted.
pub fn sensitive(facts: &Facts<'_>) -> Answer {
    let (Some(case), Some(statement)) = (facts.case(), facts.statement()) else {
        return Answer::cannot_tell(Message::new("no-case"));
    };
    let Some(item) = case.items.iter().find(|item| item.sensitive.is_some()) else {
        return Answer::not_applicable(Message::new("sensitive-none"));
    };
    let payload = &statement.predicate.members.payload;
    match payload.ends_with("+age") {
        true => Answer::met(Message::new("sensitive-encrypted").with("payload", payload)),
        false => Answer::not_met(Message::new("sensitive-plain").with("paths", item.paths.as_str())),
    }
}
