//! The rules of the Convention, article by article.

use super::Page;
use crate::profile::Outcome;
use crate::text::Message;

impl Page<'_> {
    /// The table of rules.
    pub(super) fn rules(&mut self) {
        let rules = &self.source.rules;
        self.heading(Message::new("report-rules"));
        let (profile, force) = (rules.profile, &rules.facts.force);
        let about = Message::new("rules-about")
            .with("profile", &profile.id)
            .with("version", &profile.version)
            .with("title", &profile.title);
        self.paragraph(about);
        self.note(Message::new("rules-not"));
        if !force.is_in_force() {
            self.paragraph(Message::new("check-lowered").with("why", &force.why));
        }
        let caption = self.say(Message::new("rules-caption"));
        let headings = [
            self.say(Message::new("column-article")),
            self.say(Message::new("column-rule")),
            self.say(Message::new("column-severity")),
            self.say(Message::new("column-result")),
            self.say(Message::new("column-evidence")),
        ];
        let words = [Outcome::Met, Outcome::NotMet, Outcome::NotApplicable, Outcome::CannotTell].map(|it| {
            let message = match it {
                Outcome::Met => Message::new("rule-met"),
                Outcome::NotMet => Message::new("rule-not-met"),
                Outcome::NotApplicable => Message::new("rule-not-applicable"),
                Outcome::CannotTell => Message::new("rule-untold"),
            };
            (it, self.say(message))
        });
        let rows: Vec<_> = rules
            .evaluation
            .rules
            .iter()
            .map(|it| {
                let word = words.iter().find(|(outcome, _)| *outcome == it.answer.outcome);
                let why = self.say(it.answer.why.clone().escaped());
                (it, word.map_or_else(String::new, |(_, word)| word.clone()), why)
            })
            .collect();
        self.html.table(&caption, &headings, |html| {
            for (it, word, why) in &rows {
                html.element("tr", |html| {
                    html.line("td", &it.rule.article.to_string());
                    html.element("td", |html| {
                        html.line("code", &it.rule.id);
                        html.raw("<br>");
                        // Our paraphrase, which is English.
                        html.line("span lang=\"en\" dir=\"ltr\"", &it.rule.text);
                    });
                    html.line("td", it.severity.word());
                    html.line("td", word);
                    html.line("td", why);
                });
            }
        });
    }
}
