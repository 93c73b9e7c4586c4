//! What can be said of a rule.

use crate::text::Message;

/// Whether a rule is met.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Outcome {
    /// The bundle has what it asks for.
    Met,
    /// It has not.
    NotMet,
    /// It asks nothing of this bundle.
    NotApplicable,
    /// Nothing that is there tells.
    CannotTell,
}

impl Outcome {
    /// Its word in a report for programs.
    pub fn name(self) -> &'static str {
        match self {
            Self::Met => "met",
            Self::NotMet => "not met",
            Self::NotApplicable => "not applicable",
            Self::CannotTell => "cannot be told",
        }
    }
}

/// What is said of a rule, and why.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Answer {
    /// Whether it is met.
    pub outcome: Outcome,
    /// The evidence for it.
    pub why: Message,
}

impl Answer {
    /// That it is met.
    pub fn met(why: Message) -> Self {
        Self { outcome: Outcome::Met, why }
    }

    /// That it is not.
    pub fn not_met(why: Message) -> Self {
        Self { outcome: Outcome::NotMet, why }
    }

    /// That it asks nothing of this bundle.
    pub fn not_applicable(why: Message) -> Self {
        Self { outcome: Outcome::NotApplicable, why }
    }

    /// That nothing tells.
    pub fn cannot_tell(why: Message) -> Self {
        Self { outcome: Outcome::CannotTell, why }
    }

    /// Met if something is there.
    pub fn present(is_there: bool, field: &str) -> Self {
        match is_there {
            true => Self::met(Message::new("field-present").with("field", field)),
            false => Self::not_met(Message::new("field-missing").with("field", field)),
        }
    }
}
