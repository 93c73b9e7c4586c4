//! Rules whose own fields are what can be looked at.

use crate::profile::answers::Answer;
use crate::profile::facts::Facts;
use crate::profile::rules::Rule;
use crate::text::Message;

/// What the case says of a rule; `None` for a rule of which no field is in a case.
pub fn of_rule(rule: &Rule, facts: &Facts<'_>) -> Option<Answer> {
    let Some(case) = facts.case() else { return Some(Answer::cannot_tell(Message::new("no-case"))) };
    let order = case.authorisation.as_ref();
    let data = case.personal_data.as_ref();
    Some(match rule.id.as_str() {
        "UNCC-3" | "UNCC-23.2" => {
            Answer::present(case.offence.as_ref().is_some_and(|offence| offence.basis.is_some()), "offence.basis")
        }
        "UNCC-6.1" => Answer::present(case.safeguards.is_some(), "safeguards"),
        "UNCC-23.1" => Answer::present(case.case.stage.is_some(), "case.stage"),
        "UNCC-24.1" => Answer::present(order.is_some_and(|order| order.grounds.is_some()), "authorisation.grounds"),
        "UNCC-24.2" => {
            let missing = order.map_or(Some("authorisation"), |order| {
                let fields = [
                    (order.issuer.is_some(), "authorisation.issuer"),
                    (order.reference.is_some(), "authorisation.reference"),
                ];
                fields.into_iter().find(|(is_there, _)| !is_there).map(|(_, field)| field)
            });
            match missing {
                Some(field) => Answer::present(false, field),
                None => return None,
            }
        }
        "UNCC-24.3" => Answer::present(case.third_parties.is_some(), "third_parties.effect"),
        "UNCC-25.1-a" => Answer::present(!case.items.is_empty(), "items"),
        "UNCC-27-a" => Answer::present(order.is_some_and(|order| order.reference.is_some()), "authorisation.reference"),
        "UNCC-28.1" => {
            let is_there = case.source.as_ref().is_some_and(|source| source.make.is_some() && source.serial.is_some());
            Answer::present(is_there, "source.serial")
        }
        "UNCC-36.1-a" => Answer::present(data.is_some_and(|data| data.basis.is_some()), "personal_data.basis"),
        "UNCC-36.2" => Answer::present(data.is_some_and(|data| data.safeguards.is_some()), "personal_data.safeguards"),
        _ => return None,
    })
}
