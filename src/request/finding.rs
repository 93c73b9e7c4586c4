//! One thing that is wrong with a request.

/// How much it matters.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Severity {
    /// The rule says that it shall be so.
    Must,
    /// The rule says so where possible, or good practice does.
    Should,
}

impl Severity {
    /// Its word.
    pub fn word(self) -> &'static str {
        match self {
            Self::Must => "must",
            Self::Should => "should",
        }
    }
}

/// One thing that is wrong.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Finding {
    /// Id of the rule, such as `UNCC-42.3-c`.
    pub rule: &'static str,
    /// How much it matters.
    pub severity: Severity,
    /// The field, such as `items[0].relationship`, by its name in the signed document.
    pub field: String,
    /// What is wrong with it.
    pub message: String,
}
