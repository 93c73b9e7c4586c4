//! What `scelle verify` says of the request that a bundle answers.

use serde_json::{Value, json};

use crate::format::case::CaseJson;
use crate::format::digest::Digest;
use crate::format::request::Request;
use crate::format::statement::Statement;
use crate::report::escape::escape;
use crate::request::answers::{AnswerProblem, problems};
use crate::verify::{Bundle, Verdict, Verification};

use super::entries::Entries;

/// Whether a bundle answers the request that the user has.
pub(super) struct Answered {
    digest: Digest,
    problems: Vec<AnswerProblem>,
}

impl Answered {
    /// Nothing without a statement, or of a bundle that is refuted or could not be checked: what it says is worth nothing.
    pub fn of((digest, request): &(Digest, Request), bundle: &dyn Bundle, verification: &Verification) -> Option<Self> {
        if matches!(verification.verdict, Verdict::Refuted | Verdict::CouldNotCheck) {
            return None;
        }
        let statement = verification.statement.as_ref()?;
        let entries = verification.case.as_ref().and_then(|case| Entries::of(bundle, verification.seal_digest, case));
        let problems = problems_of(request, *digest, statement, verification.case.as_ref(), entries.as_ref());
        Some(Self { digest: *digest, problems })
    }

    /// Whether nothing keeps it from answering.
    pub fn is_answered(&self) -> bool {
        self.problems.is_empty()
    }

    /// For people.
    pub fn text(&self) -> String {
        let problem = |it: &AnswerProblem| format!("\n    {}", escape(it.to_string().as_bytes()));
        match self.is_answered() {
            true => format!("  request      answered: {}\n", self.digest),
            false => {
                format!(
                    "  request      NOT ANSWERED: {}{}\n",
                    self.digest,
                    self.problems.iter().map(problem).collect::<String>()
                )
            }
        }
    }

    /// For programs.
    pub fn json(&self) -> Value {
        let problems: Vec<_> = self.problems.iter().map(ToString::to_string).collect();
        json!({"digest": self.digest, "answered": problems.is_empty(), "problems": problems})
    }
}

/// What keeps a bundle from answering a request, its entries looked at.
pub(super) fn problems_of(
    request: &Request,
    digest: Digest,
    statement: &Statement,
    case: Option<&CaseJson>,
    entries: Option<&Entries>,
) -> Vec<AnswerProblem> {
    let is_there = |item: &_| case.zip(entries).is_some_and(|(case, entries)| entries.has(case, item));
    problems(request, digest, statement, case, &is_there)
}
