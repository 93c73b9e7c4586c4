//! What is known of a bundle when rules are applied to it.

use super::treaty::Force;
use crate::custody::Summary;
use crate::format::case::CaseJson;
use crate::format::case_law::Power;
use crate::format::event::Recipient;
use crate::format::event_kind::Kind;
use crate::format::request::Request;
use crate::format::statement::Statement;
use crate::request::Finding;
use crate::request::answers::AnswerProblem;
use crate::verify::{Area, Outcome, Verification};

/// A bundle that was verified, and the law of the day.
pub struct Facts<'a> {
    /// What verifying it found.
    pub verification: &'a Verification,
    /// Whether the treaty binds the States that cooperate, or would.
    pub force: Force,
    /// Whether the source's digest by another tool, if the case has one, is that of an entry.
    pub is_source_digest_found: Option<bool>,
    /// The request that the user has, by its digest, and what it lacks.
    pub request: Option<Asked<'a>>,
    /// Whether the State that gave the data asks for written form before they go on; `None` if that is not known.
    pub asks_for_writing: Option<bool>,
    /// Whether the user said whom to trust.
    pub asks_for_trust: bool,
}

/// A request, and what was found of it.
pub struct Asked<'a> {
    /// What it says.
    pub request: &'a Request,
    /// What it lacks.
    pub findings: Vec<Finding>,
    /// Why the bundle does not answer it.
    pub problems: Vec<AnswerProblem>,
}

impl<'a> Facts<'a> {
    /// The signed case.
    pub fn case(&self) -> Option<&'a CaseJson> {
        self.verification.case.as_ref()
    }

    /// Custody events in the order of the log, each with its place among those that were read.
    pub fn events(&self) -> impl Iterator<Item = (usize, &'a Summary)> {
        let custody = &self.verification.custody;
        custody.log.order.iter().filter_map(|&i| custody.records.events.get(i).map(|event| (i, event)))
    }

    /// Whether an event tells that it went, or was offered, to a third State (SPEC.md CUS-8).
    pub fn goes_onward(&self) -> bool {
        let custody = &self.verification.custody;
        let Some(between) = custody.origin.as_ref().and_then(|it| it.terms()).and_then(|terms| terms.between) else {
            return false;
        };
        let is_third = |to: &Recipient| custody.parties.country(to).is_some_and(|country| between.is_third(country));
        let goes = |event: &Summary| {
            let is_about = event.kind.is_of_onward_transfer() || event.kind == Kind::ExculpatoryNotified;
            !is_about && event.to.as_ref().is_some_and(is_third)
        };
        self.events().any(|(_, event)| goes(event))
    }

    /// The statement.
    pub fn statement(&self) -> Option<&'a Statement> {
        self.verification.statement.as_ref()
    }

    /// By which power it was taken.
    pub fn power(&self) -> Option<Power> {
        self.case()?.power
    }

    /// Whether it was taken for a request of another State.
    pub fn is_requested(&self) -> bool {
        let answers = self.statement().is_some_and(|statement| statement.predicate.answers.is_some());
        answers || self.request.is_some() || self.case().is_some_and(|case| case.cooperation.is_some())
    }

    /// What became of an area.
    pub fn area(&self, area: Area) -> Option<Outcome> {
        self.verification.ledger.outcome_in(area)
    }
}
