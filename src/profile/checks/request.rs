//! What only a request and its replies can tell: V-07, V-08, V-15, V-21, V-23 and V-24.

use crate::profile::answers::Answer;
use crate::profile::facts::Facts;
use crate::text::Message;

/// Nothing, without a request; and it cannot be told, without its document.
fn of_request(facts: &Facts<'_>) -> Answer {
    match facts.is_requested() {
        false => Answer::not_applicable(Message::new("no-request")),
        true => Answer::cannot_tell(Message::new("request-not-given")),
    }
}

/// V-07: the closed list of the article.
pub fn completeness(facts: &Facts<'_>) -> Answer {
    of_request(facts)
}

/// V-08: floors and ceilings.
pub fn clocks(facts: &Facts<'_>) -> Answer {
    of_request(facts)
}

/// V-15: refused on permitted grounds, with reasons.
pub fn refusal(facts: &Facts<'_>) -> Answer {
    of_request(facts)
}

/// V-21: preserved without a gap.
pub fn continuity(facts: &Facts<'_>) -> Answer {
    of_request(facts)
}

/// V-23: in a language that was accepted.
pub fn language(facts: &Facts<'_>) -> Answer {
    of_request(facts)
}

/// V-24: how it went outside of the official channel, which the Regulation of the European Union asks for.
pub fn transmission(facts: &Facts<'_>) -> Answer {
    let basis = facts.case().and_then(|case| case.legal_basis.as_ref());
    match basis.is_some_and(|basis| basis.instrument.as_str().to_ascii_uppercase().starts_with("EU")) {
        false => Answer::not_applicable(Message::new("transmission-other")),
        true => Answer::cannot_tell(Message::new("transmission-unknown")),
    }
}
