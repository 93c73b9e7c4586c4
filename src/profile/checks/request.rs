//! What only a request and its replies can tell: V-07, V-08, V-15, V-21, V-23 and V-24.

use crate::profile::answers::{Answer, Outcome};
use crate::profile::facts::{Asked, Facts};
use crate::request::{Finding, Severity};
use crate::text::Message;

/// Nothing, without a request; and it cannot be told, without its document.
fn of_request(facts: &Facts<'_>, answer: impl FnOnce(&Asked<'_>) -> Answer) -> Answer {
    match &facts.request {
        Some(asked) => answer(asked),
        None if facts.is_requested() => Answer::cannot_tell(Message::new("request-not-given")),
        None => Answer::not_applicable(Message::new("no-request")),
    }
}

/// What is said of the findings that are meant: the first that demands, or any other.
fn by_findings(asked: &Asked<'_>, is_meant: impl Fn(&Finding) -> bool) -> Answer {
    match asked.findings.iter().filter(|finding| is_meant(finding)).min_by_key(|finding| finding.severity) {
        None => Answer::met(Message::new("request-complete").with("article", asked.request.article.number())),
        Some(it) => Answer::not_met(
            Message::new("request-finding").with("rule", it.rule).with("field", &it.field).with("what", &it.message),
        ),
    }
}

/// Whether a finding is about times, and not about what a request must say.
fn is_of_clocks(finding: &Finding) -> bool {
    ["UNCC-25.2", "UNCC-42.8", "UNCC-42.9"].iter().any(|clock| finding.rule.starts_with(clock))
}

/// A rule about what a request says: what was found under its own id, or under that of a part of it.
pub fn rule(id: &str, article: u64, facts: &Facts<'_>) -> Option<Answer> {
    let asked = facts.request.as_ref()?;
    if u64::from(asked.request.article.number()) != article {
        let of = Message::new("request-other-article").with("article", asked.request.article.number());
        return Some(Answer::not_applicable(of));
    }
    let is_meant = |finding: &Finding| {
        finding.rule.strip_prefix(id).is_some_and(|rest| rest.is_empty() || rest.starts_with(['-', '.']))
    };
    Some(by_findings(asked, is_meant))
}

/// V-07: the closed list of the article, and whether the bundle answers it.
pub fn completeness(facts: &Facts<'_>) -> Answer {
    of_request(facts, |asked| match asked.problems.first() {
        Some(problem) => Answer::not_met(Message::new("request-unanswered").with("problem", problem)),
        None => by_findings(asked, |finding| !is_of_clocks(finding) && finding.severity == Severity::Must),
    })
}

/// V-08: floors and ceilings.
pub fn clocks(facts: &Facts<'_>) -> Answer {
    of_request(facts, kept)
}

fn kept(asked: &Asked<'_>) -> Answer {
    let answer = by_findings(asked, is_of_clocks);
    match &asked.request.preservation {
        None => Answer::cannot_tell(Message::new("no-preservation")),
        Some(_) if answer.outcome == Outcome::Met => Answer::met(Message::new("clocks-kept")),
        Some(_) => answer,
    }
}

/// V-15: refused on permitted grounds, with reasons. A bundle is no refusal.
pub fn refusal(facts: &Facts<'_>) -> Answer {
    of_request(facts, |_| Answer::not_applicable(Message::new("not-refused")))
}

/// V-21: preserved without a gap.
pub fn continuity(facts: &Facts<'_>) -> Answer {
    of_request(facts, kept)
}

/// V-23: in a language that was accepted.
pub fn language(facts: &Facts<'_>) -> Answer {
    of_request(facts, |asked| match &asked.request.language {
        Some(language) => Answer::cannot_tell(Message::new("language-said").with("language", language.as_str())),
        None => Answer::not_met(Message::new("request-without-language")),
    })
}

/// V-24: how it went outside of the official channel, which the Regulation of the European Union asks for.
pub fn transmission(facts: &Facts<'_>) -> Answer {
    let basis = facts.case().and_then(|case| case.legal_basis.as_ref());
    match basis.is_some_and(|basis| basis.instrument.as_str().to_ascii_uppercase().starts_with("EU")) {
        false => Answer::not_applicable(Message::new("transmission-other")),
        true => Answer::cannot_tell(Message::new("transmission-unknown")),
    }
}
