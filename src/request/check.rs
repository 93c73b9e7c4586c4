//! Collects what is wrong with a request.

use super::finding::{Finding, Severity};
use crate::format::case::Text;
use crate::format::request::Request;

/// A request that is being checked, and what was found so far.
pub(super) struct Check<'r> {
    pub(super) request: &'r Request,
    pub(super) findings: Vec<Finding>,
}

impl<'r> Check<'r> {
    pub(super) fn new(request: &'r Request) -> Self {
        Self { request, findings: Vec::new() }
    }

    /// What shall be so.
    pub(super) fn must(&mut self, rule: &'static str, field: impl Into<String>, holds: bool, message: &str) {
        self.require(Severity::Must, rule, field, holds, message);
    }

    /// What would be better so.
    pub(super) fn should(&mut self, rule: &'static str, field: impl Into<String>, holds: bool, message: &str) {
        self.require(Severity::Should, rule, field, holds, message);
    }

    /// A text that shall be there.
    pub(super) fn must_say(&mut self, rule: &'static str, field: impl Into<String>, text: Option<&Text>, what: &str) {
        self.must(rule, field, says(text), &format!("is missing: {what}"));
    }

    /// A text that should be there.
    pub(super) fn should_say(&mut self, rule: &'static str, field: impl Into<String>, text: Option<&Text>, what: &str) {
        self.should(rule, field, says(text), &format!("is missing: {what}"));
    }

    fn require(
        &mut self,
        severity: Severity,
        rule: &'static str,
        field: impl Into<String>,
        holds: bool,
        message: &str,
    ) {
        if !holds {
            self.findings.push(Finding { rule, severity, field: field.into(), message: message.to_owned() });
        }
    }
}

/// Whether a text is there and says something.
pub(super) fn says(text: Option<&Text>) -> bool {
    text.is_some_and(|text| !text.as_str().trim().is_empty())
}
