//! By which right it was taken: V-06, V-09, V-10, V-11 and V-20.

use crate::format::case::CaseJson;
use crate::format::case_law::Power;
use crate::format::request_words::{DataCategory, Scope};
use crate::format::words::Word as _;
use crate::profile::answers::Answer;
use crate::profile::facts::Facts;
use crate::text::Message;

/// Months of the longest penalty from which on an offence is a serious crime (article 2(h)).
const SERIOUS_MONTHS: u64 = 48;

fn with_case<'a>(facts: &Facts<'a>, answer: impl FnOnce(&'a CaseJson) -> Answer) -> Answer {
    match facts.case() {
        Some(case) => answer(case),
        None => Answer::cannot_tell(Message::new("no-case")),
    }
}

/// V-06: it was taken while the order could be acted on.
pub fn authorisation(facts: &Facts<'_>) -> Answer {
    with_case(facts, |case| {
        let Some(order) = &case.authorisation else {
            return Answer::not_met(Message::new("field-missing").with("field", "authorisation"));
        };
        let (Some(from), Some(until)) = (order.valid_from, order.valid_until) else {
            return Answer::not_met(Message::new("field-missing").with("field", "authorisation.valid_until"));
        };
        let Some(statement) = facts.statement() else { return Answer::cannot_tell(Message::new("no-statement")) };
        let taken = &statement.predicate.acquisition;
        let window = if from <= taken.start && taken.end <= until {
            Message::new("authorisation-within")
        } else {
            return Answer::not_met(
                Message::new("authorisation-outside")
                    .with("start", taken.start)
                    .with("end", taken.end)
                    .with("from", from)
                    .with("until", until),
            );
        };
        Answer::met(window)
    })
}

/// V-09: evidence for another State, of an offence that is no Convention offence, is of a serious crime.
pub fn threshold(facts: &Facts<'_>) -> Answer {
    with_case(facts, |case| {
        let Some(offence) = case.offence.as_ref() else {
            return Answer::not_met(Message::new("field-missing").with("field", "offence"));
        };
        match (offence.basis, offence.max_penalty_months, &offence.reference) {
            (None, ..) => Answer::not_met(Message::new("field-missing").with("field", "offence.basis")),
            (Some(Scope::SeriousCrime), Some(months), Some(_)) if months >= SERIOUS_MONTHS => {
                Answer::met(Message::new("threshold-reached").with("months", months))
            }
            (Some(Scope::SeriousCrime), Some(months), _) if months < SERIOUS_MONTHS => {
                Answer::not_met(Message::new("threshold-missed").with("months", months))
            }
            (Some(Scope::SeriousCrime), Some(_), None) => {
                Answer::not_met(Message::new("field-missing").with("field", "offence.reference"))
            }
            (Some(Scope::SeriousCrime), ..) => {
                Answer::not_met(Message::new("field-missing").with("field", "offence.max_penalty_months"))
            }
            (Some(basis), ..) => Answer::not_applicable(Message::new("threshold-other").with("basis", basis.word())),
        }
    })
}

/// V-10: no other categories than the power permits.
pub fn categories(facts: &Facts<'_>) -> Answer {
    with_case(facts, |case| {
        let article = case.legal_basis.as_ref().and_then(|basis| basis.article.as_ref());
        let is_27b = article.is_some_and(|article| article.as_str().replace(['(', ')', ' '], "") == "27b");
        let only = match case.power {
            Some(Power::Production) if is_27b => DataCategory::Subscriber,
            Some(Power::PartialDisclosure | Power::RealtimeTraffic) => DataCategory::Traffic,
            Some(power) => return Answer::not_applicable(Message::new("categories-free").with("power", power.word())),
            None => return Answer::cannot_tell(Message::new("no-power")),
        };
        if case.items.is_empty() {
            return Answer::not_met(Message::new("field-missing").with("field", "items"));
        }
        match case.items.iter().find(|item| item.category != only) {
            None => Answer::met(Message::new("categories-fit").with("only", only.word())),
            Some(item) => Answer::not_met(
                Message::new("categories-other")
                    .with("paths", item.paths.as_str())
                    .with("category", item.category.word())
                    .with("only", only.word()),
            ),
        }
    })
}

/// V-11: taken at home, or by a request, consent or other basis.
pub fn territory(facts: &Facts<'_>) -> Answer {
    with_case(facts, |case| {
        let Some(place) = case.taking.as_ref().and_then(|taking| taking.location_state) else {
            return Answer::not_met(Message::new("field-missing").with("field", "acquisition.location_state"));
        };
        let (home, basis) = (case.authority.state, case.legal_basis.as_ref());
        match basis {
            _ if place == home => Answer::met(Message::new("territory-home").with("state", home)),
            Some(basis) => Answer::met(
                Message::new("territory-basis").with("state", place).with("basis", basis.instrument.as_str()),
            ),
            None => Answer::not_met(Message::new("territory-foreign").with("state", place).with("home", home)),
        }
    })
}

/// V-20: the treaty binds both States, or something else does.
pub fn force(facts: &Facts<'_>) -> Answer {
    with_case(facts, |case| {
        if !facts.is_requested() {
            return Answer::not_applicable(Message::new("no-request"));
        }
        if facts.force.is_in_force() {
            return Answer::met(Message::new("force-binds").with("why", &facts.force.why));
        }
        let other = case.legal_basis.as_ref().map(|basis| basis.instrument.as_str());
        match other.filter(|instrument| !instrument.eq_ignore_ascii_case("uncc")) {
            Some(other) => Answer::met(Message::new("force-other").with("why", &facts.force.why).with("basis", other)),
            None => Answer::not_met(Message::new("force-none").with("why", &facts.force.why)),
        }
    })
}
