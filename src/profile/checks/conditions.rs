//! Under which conditions it may be used and passed on: V-12, V-13, V-14, V-18 and V-19.

use crate::format::case_law::Exculpatory;
use crate::format::event_kind::Kind;
use crate::format::words::Word as _;
use crate::profile::answers::Answer;
use crate::profile::facts::Facts;
use crate::text::Message;

/// V-12: no event tells of a use in another case than those that are stated or consented to.
pub fn use_limits(facts: &Facts<'_>) -> Answer {
    let Some(limits) = facts.case().and_then(|case| case.use_limits.as_ref()) else {
        return Answer::not_applicable(Message::new("use-free"));
    };
    let records = &facts.verification.custody.records;
    let other = records.events.iter().enumerate().find(|(_, event)| {
        let stated = limits.cases.iter().chain(&limits.consents).any(|it| it.as_str() == event.shown.case);
        !event.shown.case.is_empty() && !stated
    });
    match other {
        None => Answer::met(Message::new("use-within")),
        Some((i, event)) => Answer::not_met(
            Message::new("use-outside").with("event", records.name_of(i)).with("case", &event.shown.case),
        ),
    }
}

/// V-13: authorised before it was passed on.
pub fn onward_transfer(facts: &Facts<'_>) -> Answer {
    let passed_on = [Kind::Sent, Kind::Disclosed];
    let records = &facts.verification.custody.records;
    match records.events.iter().position(|event| passed_on.contains(&event.kind)) {
        None => Answer::not_applicable(Message::new("onward-none")),
        Some(i) => Answer::cannot_tell(Message::new("onward-unknown").with("event", records.name_of(i))),
    }
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
        Some(Exculpatory::Yes) => Answer::cannot_tell(Message::new("exculpatory-notice")),
        Some(said) => Answer::met(Message::new("exculpatory-said").with("said", said.word())),
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
