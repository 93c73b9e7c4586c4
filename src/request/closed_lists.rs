//! The lists of what a request shall specify: articles 40(15), 41(3), 42(3) and 45(3).

use super::check::{Check, says};
use crate::format::request_words::{Article, Channel, Measure24x7, Purpose, Urgency};

/// Article 40(15)(a) to (g).
pub(super) fn of_article_40(check: &mut Check<'_>) {
    let request = check.request;
    let authority = &request.from.authority;
    check.must("UNCC-40.3", "purposes", !request.purposes.is_empty(), "is missing: what the assistance is for");
    check.must_say("UNCC-40.15-a", "from.authority.name", authority.name.as_ref(), "who asks");
    check.should_say("UNCC-40.15-a", "from.authority.contact", authority.contact.as_ref(), "how to reach who asks");
    check.must_say("UNCC-40.15-b", "subject", request.subject.as_ref(), "the subject matter of the case");
    let kind = request.proceeding_kind.is_some();
    check.must("UNCC-40.15-b", "proceedingKind", kind, "is missing: the nature of the proceeding");
    let functions = authority.functions.as_ref();
    check.must_say("UNCC-40.15-b", "from.authority.functions", functions, "the functions of the authority");
    if request.purposes != [Purpose::Service] {
        check.must_say("UNCC-40.15-c", "facts", request.facts.as_ref(), "a summary of the facts");
    }
    check.must_say("UNCC-40.15-d", "assistance", request.assistance.as_ref(), "the assistance that is asked for");
    check.should_say("UNCC-40.15-d", "procedure", request.procedure.as_ref(), "a procedure that is to be followed");
    let names_things = !request.items.is_empty() || request.custodian.is_some();
    check.should("UNCC-40.15-e", "items", names_things, "names no item, account or person");
    let has_period = request.items.is_empty() || request.items.iter().any(|item| item.time_range.is_some());
    check.should("UNCC-40.15-f", "items", has_period, "no item has a period of time");
    check.must_say("UNCC-40.15-g", "purpose", request.purpose.as_ref(), "what the evidence is for");
}

/// Article 41(3).
pub(super) fn of_article_41(check: &mut Check<'_>) {
    let request = check.request;
    let authority = &request.from.authority;
    check.must_say("UNCC-41.1", "from.authority.name", authority.name.as_ref(), "which contact point asks");
    check.must_say("UNCC-41.1", "from.authority.contact", authority.contact.as_ref(), "how to reach it at any hour");
    check.should("UNCC-41.1", "channel", request.channel == Some(Channel::Network), "is not 24_7");
    let measure = request.measure_24x7;
    check.must("UNCC-41.3", "measure24x7", measure.is_some(), "is missing: which of the measures (a) to (e)");
    check.must_say("UNCC-41.3", "facts", request.facts.as_ref(), "what the case is");
    if measure == Some(Measure24x7::Emergency) {
        let is_emergency = request.urgency == Some(Urgency::Emergency);
        check.must("UNCC-41.3", "urgency", is_emergency, "measure (e) is for emergencies");
        check.must("UNCC-41.3", "items", !request.items.is_empty(), "is missing: which data averts the emergency");
    }
    if measure == Some(Measure24x7::Preservation) {
        check.must("UNCC-41.3", "items", !request.items.is_empty(), "is missing: which data is to be preserved");
    }
}

/// Article 42(3)(a) to (g); a request under article 43 says the same.
pub(super) fn of_article_42(check: &mut Check<'_>) {
    let request = check.request;
    let is_preservation = request.article == Article::Preservation42;
    check.must_say("UNCC-42.3-a", "from.authority.name", request.from.authority.name.as_ref(), "who asks");
    let offence = request.offence.clone().unwrap_or_default();
    check.must_say("UNCC-42.3-b", "offence.label", offence.label.as_ref(), "the offence");
    check.should_say("UNCC-42.3-b", "offence.legalRef", offence.legal_ref.as_ref(), "the law that makes it one");
    check.must_say("UNCC-42.3-b", "facts", request.facts.as_ref(), "a brief summary of the facts");
    check.must("UNCC-42.3-c", "items", !request.items.is_empty(), "is missing: which stored data");
    where_it_is(check, "UNCC-42.3-d");
    if is_preservation {
        check.must_say("UNCC-42.3-e", "necessity", request.necessity.as_ref(), "why it must be preserved");
        let intends = request.intends_mla == Some(true);
        let why = "is not true: the requesting State intends to ask for assistance";
        check.must("UNCC-42.3-f", "intendsMla", intends, why);
        let named = !request.intended_measures.is_empty();
        check.must("UNCC-42.3-f", "intendedMeasures", named, "is missing: what will be asked for");
        quiet(check);
    } else {
        let why = "is missing: the request to preserve that this follows";
        check.must("UNCC-43.1", "previous", request.previous.is_some(), why);
    }
    let custodian_state = request.custodian.as_ref().and_then(|custodian| custodian.state);
    let is_there = custodian_state.is_none_or(|state| state == request.to.state);
    let why = "is not the requested State: say in systemLocation where the data is";
    let is_explained = says(request.system_location.as_ref());
    check.must("UNCC-42.1", "custodian.state", is_there || is_explained, why);
}

/// Whether the user may learn of it, as appropriate.
fn quiet(check: &mut Check<'_>) {
    let secrecy = check.request.confidentiality.clone().unwrap_or_default();
    let why = "is missing: whether the request is to be kept confidential";
    check.should("UNCC-42.3-g", "confidentiality.required", secrecy.required.is_some(), why);
    let is_told = secrecy.required == Some(true) && secrecy.notify_user != Some(false);
    check.should(
        "UNCC-42.3-g",
        "confidentiality.notifyUser",
        !is_told,
        "is not false, but confidentiality is required",
    );
}

/// Article 45(3)(a) to (f).
pub(super) fn of_article_45(check: &mut Check<'_>) {
    let request = check.request;
    check.must_say("UNCC-45.3-a", "from.authority.name", request.from.authority.name.as_ref(), "who asks");
    check.must_say("UNCC-45.3-b", "facts", request.facts.as_ref(), "a summary of the main facts");
    let kind = request.proceeding_kind.is_some();
    check.must("UNCC-45.3-b", "proceedingKind", kind, "is missing: the nature of the proceeding");
    check.must("UNCC-45.3-c", "items", !request.items.is_empty(), "is missing: which data is to be collected");
    let realtime = request.realtime.clone().unwrap_or_default();
    if !says(realtime.identifiers.as_ref()) {
        where_it_is(check, "UNCC-45.3-d");
    }
    let justification = realtime.justification.as_ref();
    check.must_say("UNCC-45.3-e", "realtime.justification", justification, "why the collection is needed");
    let has_period = realtime.period.is_some();
    check.must("UNCC-45.3-f", "realtime.period", has_period, "is missing: from when to when");
    let why = realtime.period_justification.as_ref();
    check.must_say("UNCC-45.3-f", "realtime.periodJustification", why, "why for so long");
}

/// What article 44 adds to article 40(15).
pub(super) fn of_article_44(check: &mut Check<'_>) {
    let request = check.request;
    check.must("UNCC-44.1", "items", !request.items.is_empty(), "is missing: which stored data");
    if matches!(request.urgency, Some(Urgency::Urgent | Urgency::Emergency)) {
        let why = "why the data is particularly vulnerable to loss or modification";
        check.should_say("UNCC-44.3", "necessity", request.necessity.as_ref(), why);
    }
}

/// What article 46 adds to article 40(15).
pub(super) fn of_article_46(check: &mut Check<'_>) {
    let request = check.request;
    check.must("UNCC-46", "items", !request.items.is_empty(), "is missing: which communications");
    let realtime = request.realtime.clone().unwrap_or_default();
    check.should("UNCC-46", "realtime.period", realtime.period.is_some(), "is missing: from when to when");
    check.should_say("UNCC-46", "realtime.identifiers", realtime.identifiers.as_ref(), "whose communications");
    check.should_say("UNCC-46", "realtime.justification", realtime.justification.as_ref(), "why it is needed");
}

/// Who has the data or where it is, or that nothing is known of either.
fn where_it_is(check: &mut Check<'_>, rule: &'static str) {
    let request = check.request;
    let custodian = request.custodian.as_ref().and_then(|custodian| custodian.name.as_ref());
    let is_known = says(custodian) || says(request.system_location.as_ref()) || request.none_available == Some(true);
    let why = "is missing, and so is systemLocation, and noneAvailable is not true: who has the data, or where it is";
    check.must(rule, "custodian", is_known, why);
}
