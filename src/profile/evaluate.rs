//! A profile applied to a bundle, rule by rule.

use super::answers::{Answer, Outcome};
use super::checks;
use super::facts::Facts;
use super::rules::{Applies, Check, Profile, Rule, Severity};
use crate::format::case_law::Power;
use crate::format::words::Word as _;
use crate::text::Message;
use crate::verify::Verdict;

/// What is said of one rule.
pub struct Evaluated<'p> {
    /// The rule.
    pub rule: &'p Rule,
    /// What depends on it here.
    pub severity: Severity,
    /// What was found.
    pub answer: Answer,
}

/// What is said of a bundle.
pub struct Evaluation<'p> {
    /// Every check, in order.
    pub checks: Vec<(&'p Check, Answer)>,
    /// Every rule, in the order of articles.
    pub rules: Vec<Evaluated<'p>>,
}

impl Evaluation<'_> {
    /// How many rules of a severity have this outcome.
    pub fn count(&self, severity: Severity, outcome: Outcome) -> usize {
        self.rules.iter().filter(|it| it.severity == severity && it.answer.outcome == outcome).count()
    }

    /// Whether nothing that the profile demands, and no check that it demands, is known not to be met.
    pub fn is_passed(&self) -> bool {
        self.count(Severity::Must, Outcome::NotMet) == 0
    }
}

/// Applies all rules.
pub fn evaluate<'p>(profile: &'p Profile, facts: &Facts<'_>) -> Evaluation<'p> {
    let worth = |answer: Answer| match facts.verification.verdict {
        Verdict::Refuted if answer.outcome == Outcome::Met => Answer::cannot_tell(Message::new("refuted")),
        _ => answer,
    };
    let checked = |check: &'p Check| {
        let unknown = || Answer::cannot_tell(Message::new("no-check"));
        (check, worth(checks::check(&check.id, facts).unwrap_or_else(unknown)))
    };
    let evaluated = |rule: &'p Rule| {
        let severity = rule.severity(facts.force.is_in_force());
        Evaluated { rule, severity, answer: worth(answer(rule, facts)) }
    };
    Evaluation {
        checks: profile.checks.iter().map(checked).collect(),
        rules: profile.rules.iter().map(evaluated).collect(),
    }
}

fn answer(rule: &Rule, facts: &Facts<'_>) -> Answer {
    if let Some(answer) = not_applicable(rule.applies, facts) {
        return answer;
    }
    let is_of_request = matches!(rule.check.as_str(), "V-07" | "V-08");
    let of_request = is_of_request.then(|| checks::of_request(&rule.id, rule.article, facts)).flatten();
    of_request
        .or_else(|| checks::of_rule(rule, facts))
        .or_else(|| checks::check(&rule.check, facts))
        .unwrap_or_else(|| Answer::cannot_tell(Message::new("no-check")))
}

/// That a rule asks nothing of this bundle, or that it cannot be told whether it does.
fn not_applicable(applies: Applies, facts: &Facts<'_>) -> Option<Answer> {
    let by_power = |wanted: Power| match facts.power() {
        None => Some(Answer::cannot_tell(Message::new("no-power"))),
        Some(power) if power == wanted => None,
        Some(power) => Some(Answer::not_applicable(Message::new("other-power").with("power", power.word()))),
    };
    let if_requested = || (!facts.is_requested()).then(|| Answer::not_applicable(Message::new("no-request")));
    let case = facts.case();
    match applies {
        Applies::Always => None,
        Applies::Request
        | Applies::MlaRequest
        | Applies::Network
        | Applies::Refusal
        | Applies::PoliceCooperation
        | Applies::Assets => if_requested(),
        Applies::PreservationOrder => by_power(Power::Preservation),
        Applies::PreservationRequest => if_requested().or_else(|| by_power(Power::Preservation)),
        Applies::PartialDisclosure => by_power(Power::PartialDisclosure),
        Applies::Production => by_power(Power::Production),
        Applies::SearchSeizure => by_power(Power::SearchSeizure),
        Applies::RealtimeTraffic => by_power(Power::RealtimeTraffic),
        Applies::Interception => by_power(Power::Interception),
        Applies::Spontaneous => by_power(Power::Spontaneous),
        Applies::JointInvestigation => by_power(Power::JointTeam),
        Applies::PersonalData => match case.and_then(|case| case.personal_data.as_ref()) {
            Some(data) if data.present => None,
            Some(_) => Some(Answer::not_applicable(Message::new("personal-data-none"))),
            None => Some(Answer::cannot_tell(Message::new("field-missing").with("field", "personal_data.present"))),
        },
        Applies::OnwardTransfer => (!facts.goes_onward()).then(|| Answer::not_applicable(Message::new("onward-none"))),
        Applies::Use => match case.and_then(|case| case.use_limits.as_ref()) {
            Some(_) => None,
            None => if_requested(),
        },
        Applies::Confidentiality => match case.and_then(|case| case.confidentiality.as_ref()) {
            Some(it) if !it.required => Some(Answer::not_applicable(Message::new("confidentiality-free"))),
            _ => None,
        },
        Applies::Sensitive => {
            let none = case.is_some_and(|case| case.items.iter().all(|item| item.sensitive.is_none()));
            none.then(|| Answer::not_applicable(Message::new("sensitive-none")))
        }
        Applies::ForeignTerritory => {
            let place = case.and_then(|case| case.taking.as_ref()?.location_state);
            let is_home = place.is_some() && place == case.map(|case| case.authority.state);
            is_home.then(|| Answer::not_applicable(Message::new("territory-own")))
        }
    }
}
