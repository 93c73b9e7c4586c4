//! Each area by itself: what was found, what that means, and what it does not mean.

use std::collections::BTreeMap;

use super::Page;
use crate::text::Message;
use crate::verify::{Area, Outcome};

/// Findings of each kind that are shown.
const FINDING_COUNT_MAX: usize = 50;

impl Page<'_> {
    /// The table of areas, and what does not hold.
    pub(super) fn areas(&mut self) {
        self.heading(Message::new("report-areas"));
        let headings = [
            self.say(Message::new("column-area")),
            self.say(Message::new("column-result")),
            self.say(Message::new("column-means")),
            self.say(Message::new("column-means-not")),
        ];
        let caption = self.say(Message::new("report-areas-caption"));
        let rows: Vec<[String; 4]> = Area::ALL.into_iter().map(|area| self.area(area)).collect();
        self.html.table(&caption, &headings, |html| {
            for [area, result, means, not] in &rows {
                html.element("tr", |html| {
                    html.line("th scope=\"row\"", area);
                    [result, means, not].into_iter().for_each(|it| html.line("td", it));
                });
            }
        });
        self.findings();
    }

    fn area(&self, area: Area) -> [String; 4] {
        let outcome = self.source.verification.ledger.outcome_in(area);
        let result = match outcome {
            Some(Outcome::Passed | Outcome::Noted) => Message::new("result-passed"),
            Some(Outcome::CannotTell) => Message::new("result-untold"),
            Some(Outcome::Failed) if area == Area::Trust => Message::new("result-not-trusted"),
            Some(Outcome::Failed) => Message::new("result-failed"),
            None => Message::new("result-none"),
        };
        let (name, means, not) = match area {
            Area::Seal => (Message::new("area-seal"), Message::new("seal-means"), Message::new("seal-means-not")),
            Area::Content => {
                (Message::new("area-content"), Message::new("content-means"), Message::new("content-means-not"))
            }
            Area::Custody => {
                (Message::new("area-custody"), Message::new("custody-means"), Message::new("custody-means-not"))
            }
            Area::Time => (Message::new("area-time"), Message::new("time-means"), Message::new("time-means-not")),
            Area::Trust => (Message::new("area-trust"), Message::new("trust-means"), Message::new("trust-means-not")),
        };
        [name, result, means, not].map(|message| self.say(message))
    }

    fn findings(&mut self) {
        let details = self.source.verification.ledger.details();
        let wrong: Vec<_> = details.iter().filter(|check| check.outcome >= Outcome::CannotTell).collect();
        if wrong.is_empty() {
            return;
        }
        let caption = self.say(Message::new("report-findings").with("count", wrong.len()));
        // No kind of finding pushes another one out of the table: anybody can add members that do not hold.
        let mut counts: BTreeMap<&str, usize> = BTreeMap::new();
        let mut shown: Vec<_> = wrong.clone();
        shown.retain(|check| {
            let count = counts.entry(check.rule.id).or_default();
            *count += 1;
            *count <= FINDING_COUNT_MAX
        });
        if shown.len() < wrong.len() {
            self.note(Message::new("report-first-of").with("shown", shown.len()).with("count", wrong.len()));
        }
        let headings = [
            self.say(Message::new("column-check")),
            self.say(Message::new("column-result")),
            self.say(Message::new("column-object")),
            self.say(Message::new("column-finding")),
        ];
        let (failed, untold) = (self.say(Message::new("result-failed")), self.say(Message::new("result-untold")));
        self.html.table(&caption, &headings, |html| {
            for check in &shown {
                html.element("tr", |html| {
                    html.line("td", check.rule.id);
                    html.line("td", if check.outcome == Outcome::Failed { &failed } else { &untold });
                    html.cell(&check.object);
                    let said = check.note.as_deref().unwrap_or(check.rule.what);
                    html.cell(said);
                });
            }
        });
    }
}
