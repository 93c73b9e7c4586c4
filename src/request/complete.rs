//! Whether a request says what its article asks for: rules for all of them, and which further lists apply to which article.

use super::check::{Check, says};
use super::finding::Finding;
use super::{closed_lists, items, orders};
use crate::format::request::Request;
use crate::format::request_parts::LegalBasis;
use crate::format::request_words::{Article, Channel, Instrument, RequestKind, Scope, Urgency};

/// Fewest months of the highest penalty of a serious crime (article 2(h)).
const SERIOUS_CRIME_MONTHS: u64 = 48;

/// Everything that it lacks, in the order of the rules.
pub fn findings(request: &Request) -> Vec<Finding> {
    let mut check = Check::new(request);
    match request.article {
        Article::Preservation25 => orders::preservation(&mut check),
        Article::Production27 => orders::production(&mut check),
        Article::Network41 => closed_lists::of_article_41(&mut check),
        Article::Preservation42 | Article::Disclosure43 => closed_lists::of_article_42(&mut check),
        Article::Traffic45 => closed_lists::of_article_45(&mut check),
        Article::Assistance40 | Article::StoredData44 | Article::Content46 => closed_lists::of_article_40(&mut check),
    }
    if request.article == Article::Content46 {
        closed_lists::of_article_46(&mut check);
    }
    if request.article == Article::StoredData44 {
        closed_lists::of_article_44(&mut check);
    }
    items::check(&mut check);
    scope(&mut check);
    urgency(&mut check);
    if request.article.kind() != RequestKind::Order {
        way(&mut check);
    }
    check.findings
}

fn scope(check: &mut Check<'_>) {
    let request = check.request;
    let offence = request.offence.clone().unwrap_or_default();
    match request.scope {
        Some(Scope::SeriousCrime) => {
            let is_serious = offence.max_penalty_months.is_some_and(|months| months >= SERIOUS_CRIME_MONTHS);
            let why = "a serious crime has a highest penalty of at least 48 months";
            check.must("UNCC-35.1-c", "offence.maxPenaltyMonths", is_serious, why);
            let why = "the law that sets the penalty";
            check.must_say("UNCC-35.1-c", "offence.legalRef", offence.legal_ref.as_ref(), why);
        }
        Some(Scope::Convention) => {
            let why = "is missing: one of articles 7 to 17, or 19";
            check.must("UNCC-35.1-a", "offence.unccArticle", offence.uncc_article.is_some(), why);
        }
        Some(Scope::ByIct | Scope::AnyOffence) => {
            let why =
                "is a scope within one State: between States it is convention_offence or serious_crime_cooperation";
            check.must("UNCC-35.1-c", "scope", request.article.kind() == RequestKind::Order, why);
        }
        // An offence of the Convention says by itself why the Convention applies.
        None => {
            let rule = if request.article.kind() == RequestKind::Order { "UNCC-23.2" } else { "UNCC-35.1-a" };
            let why = "is missing: why the Convention applies";
            check.must(rule, "scope", offence.uncc_article.is_some(), why);
        }
    }
}

fn urgency(check: &mut Check<'_>) {
    let request = check.request;
    if request.urgency == Some(Urgency::Emergency) {
        let why = "whose life or safety is at significant and imminent risk";
        check.must_say("UNCC-2-o", "emergencyFacts", request.emergency_facts.as_ref(), why);
    } else if says(request.emergency_facts.as_ref()) {
        check.should("UNCC-2-o", "urgency", false, "is not emergency, but there are emergencyFacts");
    }
    if request.channel == Some(Channel::Interpol) {
        let is_urgent = matches!(request.urgency, Some(Urgency::Urgent | Urgency::Emergency));
        check.must("UNCC-40.12", "urgency", is_urgent, "a request through INTERPOL is an urgent one");
        let is_agreed = request.legal_basis.iter().any(|basis| says(basis.reference.as_ref()));
        check.should("UNCC-40.12", "legalBasis", is_agreed, "names no reference of the agreement on that way");
    }
    if let Some(deadline) = &request.deadline {
        check.should_say("UNCC-40.26", "deadline.reason", deadline.reason.as_ref(), "why it is needed by then");
    }
}

/// Between which authorities, in which language, on what basis.
fn way(check: &mut Check<'_>) {
    let request = check.request;
    let is_assistance = request.article.kind() == RequestKind::Assistance && request.article != Article::Disclosure43;
    let (language, basis) = (says(request.language.as_ref()), !request.legal_basis.is_empty());
    let no_language = "is missing: a language that the requested State accepts";
    let no_basis = "is missing: the treaty that governs, first";
    if is_assistance {
        check.must("UNCC-40.13-a", "language", language, no_language);
        check.must("UNCC-40.7", "legalBasis", basis, no_basis);
    } else {
        check.should("UNCC-40.13-a", "language", language, no_language);
        check.should("UNCC-40.7", "legalBasis", basis, no_basis);
    }
    let domestic = |basis: &LegalBasis| basis.instrument == Instrument::Domestic;
    let is_only_domestic = basis && request.legal_basis.iter().all(domestic);
    check.should("UNCC-40.7", "legalBasis", !is_only_domestic, "has nothing that binds the other State");
    check.should("UNCC-40.12", "channel", request.channel.is_some(), "is missing: which way the request takes");
    check.must("UNCC-35.1-b", "to.state", request.from.state != request.to.state, "is the State that asks");
}
