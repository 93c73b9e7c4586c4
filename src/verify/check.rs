//! What was checked, with what result: counted by rule, and in detail for everything that did not pass.

use std::collections::BTreeMap;
use std::error::Error;

use super::room::Room;
use crate::causes::with_causes;

/// What a check is about; an area is reported by itself, so that junk in one does not look like damage in another.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Area {
    /// Wrapper, statement, envelopes, list.
    Seal,
    /// Everything that was seized.
    Content,
    /// What happened to the bundle afterwards.
    Custody,
    /// When it was signed.
    Time,
    /// By whom.
    Trust,
}

impl Area {
    /// All areas, in the order in which they are reported.
    pub const ALL: [Self; 5] = [Self::Seal, Self::Content, Self::Custody, Self::Time, Self::Trust];

    /// Its name in a report.
    pub fn name(self) -> &'static str {
        match self {
            Self::Seal => "seal",
            Self::Content => "content",
            Self::Custody => "custody",
            Self::Time => "time",
            Self::Trust => "trust",
        }
    }
}

/// How a check ended. The order is that of gravity.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Outcome {
    /// What was found is what must be there.
    Passed,
    /// Worth knowing; decides nothing.
    Noted,
    /// Not checked, for want of something that this check builds on, or because of an input error.
    CannotTell,
    /// What was found is not what must be there.
    Failed,
}

impl Outcome {
    /// Its name in a report.
    pub fn name(self) -> &'static str {
        match self {
            Self::Passed => "passed",
            Self::Noted => "noted",
            Self::CannotTell => "cannot be told",
            Self::Failed => "failed",
        }
    }
}

/// One thing that a verifier checks, wherever it occurs.
#[derive(Debug)]
pub struct Rule {
    /// The step of SPEC.md section 17 and a name, such as `V-5 member.digest`.
    pub id: &'static str,
    /// What it is about.
    pub area: Area,
    /// What holds if it passes.
    pub what: &'static str,
}

impl Rule {
    /// The step of SPEC.md section 17, such as `V-5`.
    pub fn step(&self) -> &'static str {
        self.id.split_once(' ').map_or(self.id, |(step, _)| step)
    }
}

/// One check that did not simply pass.
#[derive(Clone, Debug)]
pub struct Check {
    /// What was checked.
    pub rule: &'static Rule,
    /// How it ended.
    pub outcome: Outcome,
    /// What was looked at: the name of a member, or the raw path of an entry. May hold any bytes.
    pub object: Vec<u8>,
    /// What must be there.
    pub expected: Option<String>,
    /// What is there.
    pub actual: Option<String>,
    /// Where, or why.
    pub note: Option<String>,
}

impl Check {
    /// Bytes of the names and texts in it.
    fn text_len(&self) -> usize {
        let texts = [&self.expected, &self.actual, &self.note];
        self.object.len() + texts.into_iter().flatten().map(String::len).sum::<usize>()
    }

    fn new(rule: &'static Rule, outcome: Outcome, object: impl AsRef<[u8]>) -> Self {
        Self { rule, outcome, object: object.as_ref().to_vec(), expected: None, actual: None, note: None }
    }

    /// A check that failed.
    pub fn failed(rule: &'static Rule, object: impl AsRef<[u8]>) -> Self {
        Self::new(rule, Outcome::Failed, object)
    }

    /// A check that could not be made.
    pub fn cannot_tell(rule: &'static Rule, object: impl AsRef<[u8]>) -> Self {
        Self::new(rule, Outcome::CannotTell, object)
    }

    /// Something to be reported.
    pub fn noted(rule: &'static Rule, object: impl AsRef<[u8]>) -> Self {
        Self::new(rule, Outcome::Noted, object)
    }

    /// With what must be there.
    pub fn expected(self, expected: impl ToString) -> Self {
        Self { expected: Some(expected.to_string()), ..self }
    }

    /// With what is there.
    pub fn actual(self, actual: impl ToString) -> Self {
        Self { actual: Some(actual.to_string()), ..self }
    }

    /// With where or why.
    pub fn note(self, note: impl ToString) -> Self {
        Self { note: Some(note.to_string()), ..self }
    }
}

/// How often a rule was checked, by outcome.
#[derive(Clone, Copy, Debug)]
pub struct Tally {
    /// The rule.
    pub rule: &'static Rule,
    /// How often it passed.
    pub passed: u64,
    /// How often something was noted.
    pub noted: u64,
    /// How often it could not be told.
    pub cannot_tell: u64,
    /// How often it failed.
    pub failed: u64,
}

impl Tally {
    fn new(rule: &'static Rule) -> Self {
        Self { rule, passed: 0, noted: 0, cannot_tell: 0, failed: 0 }
    }

    fn slot(&mut self, outcome: Outcome) -> &mut u64 {
        match outcome {
            Outcome::Passed => &mut self.passed,
            Outcome::Noted => &mut self.noted,
            Outcome::CannotTell => &mut self.cannot_tell,
            Outcome::Failed => &mut self.failed,
        }
    }

    /// The gravest outcome there was.
    pub fn outcome(&self) -> Outcome {
        match self {
            Self { failed: 1.., .. } => Outcome::Failed,
            Self { cannot_tell: 1.., .. } => Outcome::CannotTell,
            Self { passed: 0, noted: 1.., .. } => Outcome::Noted,
            Self { .. } => Outcome::Passed,
        }
    }
}

/// Most checks that are kept in detail for one rule; the rest are only counted.
pub const DETAIL_COUNT_MAX: u64 = 1_000;

/// All checks of a verification, or of a part of it.
#[derive(Clone, Debug, Default)]
pub struct Ledger {
    tallies: BTreeMap<&'static str, Tally>,
    details: Vec<Check>,
    room: Room,
}

impl Ledger {
    /// Counts a check that passed.
    pub fn pass(&mut self, rule: &'static Rule) {
        self.count(rule, Outcome::Passed, 1);
    }

    /// Records a check that did not simply pass.
    pub fn add(&mut self, check: Check) {
        let tally = self.tallies.entry(check.rule.id).or_insert_with(|| Tally::new(check.rule));
        *tally.slot(check.outcome) += 1;
        if *tally.slot(check.outcome) <= DETAIL_COUNT_MAX && self.room.take(check.text_len()) {
            self.details.push(check);
        }
    }

    /// Counts a pass if it holds, else records what `check` says.
    pub fn require(&mut self, holds: bool, rule: &'static Rule, check: impl FnOnce() -> Check) -> bool {
        if holds {
            self.pass(rule)
        } else {
            self.add(check())
        }
        holds
    }

    /// Counts a pass and gives the value if it was parsed, else records why it was not.
    pub fn parsed<T>(&mut self, result: Result<T, impl Error>, rule: &'static Rule, object: &str) -> Option<T> {
        match result {
            Ok(value) => {
                self.pass(rule);
                Some(value)
            }
            Err(error) => {
                self.add(Check::failed(rule, object).note(with_causes(&error)));
                None
            }
        }
    }

    /// Takes over what another ledger holds.
    pub fn merge(&mut self, other: Self) {
        for check in other.details {
            let kept = self.tally(check.rule).map_or(0, |mut tally| *tally.slot(check.outcome));
            if kept < DETAIL_COUNT_MAX && self.room.take(check.text_len()) {
                self.details.push(check);
            }
        }
        for tally in other.tallies.into_values() {
            for outcome in [Outcome::Passed, Outcome::Noted, Outcome::CannotTell, Outcome::Failed] {
                let mut tally = tally;
                self.count(tally.rule, outcome, *tally.slot(outcome));
            }
        }
    }

    fn count(&mut self, rule: &'static Rule, outcome: Outcome, n: u64) {
        let tally = self.tallies.entry(rule.id).or_insert_with(|| Tally::new(rule));
        *tally.slot(outcome) += n;
    }

    /// How often a rule was checked, if it was.
    pub fn tally(&self, rule: &'static Rule) -> Option<Tally> {
        self.tallies.get(rule.id).copied()
    }

    /// How often a rule passed.
    pub fn passed(&self, rule: &'static Rule) -> u64 {
        self.tally(rule).map_or(0, |tally| tally.passed)
    }

    /// Every rule that was checked, in the order of their ids.
    pub fn tallies(&self) -> Vec<Tally> {
        let step = |tally: &Tally| {
            let digits = tally.rule.step().trim_start_matches("V-");
            digits.parse::<u32>().unwrap_or(u32::MAX)
        };
        let mut tallies: Vec<_> = self.tallies.values().copied().collect();
        tallies.sort_by_key(step);
        tallies
    }

    /// Checks that did not simply pass, at most [`DETAIL_COUNT_MAX`] of a rule and outcome and not more than a
    /// mebibyte of names and texts, in the order found.
    pub fn details(&self) -> &[Check] {
        &self.details
    }

    /// The gravest outcome in an area; `None` if nothing was checked there.
    pub fn outcome_in(&self, area: Area) -> Option<Outcome> {
        self.tallies.values().filter(|tally| tally.rule.area == area).map(Tally::outcome).max()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    static RULE: Rule = Rule { id: "V-10 test", area: Area::Seal, what: "it holds" };
    static EARLIER: Rule = Rule { id: "V-9 test", area: Area::Content, what: "it holds" };

    #[test]
    fn details_are_bounded_and_counts_are_not() {
        let mut total = Ledger::default();
        for _ in 0..3 {
            let mut part = Ledger::default();
            for _ in 0..700 {
                part.add(Check::failed(&RULE, "x"));
            }
            part.pass(&RULE);
            total.merge(part);
        }
        let tally = total.tally(&RULE).unwrap();
        assert_eq!((tally.failed, tally.passed), (2100, 3));
        assert_eq!(total.details().len(), 1400, "whole parts are kept until the bound is reached");
        assert_eq!(total.outcome_in(Area::Seal), Some(Outcome::Failed));
        assert_eq!(total.outcome_in(Area::Time), None);
    }

    #[test]
    fn long_names_take_no_more_room_than_many() {
        let mut total = Ledger::default();
        for _ in 0..3 {
            let mut part = Ledger::default();
            (0..20).for_each(|_| part.add(Check::failed(&RULE, vec![b'x'; 300_000])));
            total.merge(part);
        }
        assert_eq!((total.details().len(), total.tally(&RULE).unwrap().failed), (3, 60));
    }

    #[test]
    fn rules_stand_in_the_order_of_the_steps() {
        let mut ledger = Ledger::default();
        ledger.pass(&RULE);
        ledger.pass(&EARLIER);
        let ids: Vec<_> = ledger.tallies().iter().map(|t| t.rule.id).collect();
        assert_eq!(ids, ["V-9 test", "V-10 test"]);
    }
}
