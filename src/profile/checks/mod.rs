//! The checks V-01 to V-24 of a profile, by family: one function each.

mod conditions;
mod fields;
mod integrity;
mod lawfulness;
mod request;

use super::answers::Answer;
use super::facts::Facts;

/// What a check says of a bundle. `None` for a check that there is not.
pub fn check(id: &str, facts: &Facts<'_>) -> Option<Answer> {
    Some(match id {
        "V-01" => integrity::bytes(facts),
        "V-02" => integrity::algorithm(facts),
        "V-03" => integrity::signature(facts),
        "V-04" => integrity::time(facts),
        "V-05" => integrity::custody(facts),
        "V-06" => lawfulness::authorisation(facts),
        "V-07" => request::completeness(facts),
        "V-08" => request::clocks(facts),
        "V-09" => lawfulness::threshold(facts),
        "V-10" => lawfulness::categories(facts),
        "V-11" => lawfulness::territory(facts),
        "V-12" => conditions::use_limits(facts),
        "V-13" => conditions::onward_transfer(facts),
        "V-14" => conditions::confidentiality(facts),
        "V-15" => request::refusal(facts),
        "V-16" => integrity::copy(facts),
        "V-17" => integrity::tools(facts),
        "V-18" => conditions::exculpatory(facts),
        "V-19" => conditions::sensitive(facts),
        "V-20" => lawfulness::force(facts),
        "V-21" => request::continuity(facts),
        "V-22" => integrity::completeness(facts),
        "V-23" => request::language(facts),
        "V-24" => request::transmission(facts),
        _ => return None,
    })
}

/// What the fields of a rule that has no check, or asks for more than its check, say.
pub use fields::of_rule;
pub use request::rule as of_request;
