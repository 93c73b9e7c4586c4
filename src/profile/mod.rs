//! What the law asks, as data, and what a bundle shows of it. No answer says more than that a check passed: what a court makes
//! of evidence is for the court.

mod answers;
mod checks;
mod evaluate;
mod facts;
mod rules;
mod treaty;

pub use answers::{Answer, Outcome};
pub use evaluate::{Evaluated, Evaluation, evaluate};
pub use facts::{Asked, Facts};
pub use rules::{
    Applies, Article, Certainty, Chapter, Check, Instrument, Profile, ProfileError, Rule, RuleSource, Severity,
};
pub use treaty::{Force, Source, StateStatus, TREATY_PAYLOAD_TYPE, Treaty, TreatyError};
