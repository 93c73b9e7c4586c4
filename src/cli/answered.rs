//! What `scelle verify` says of the request that a bundle answers.

use serde_json::{Value, json};

use crate::format::digest::Digest;
use crate::format::request::Request;
use crate::report::escape::escape;
use crate::request::answers::{AnswerProblem, problems};
use crate::verify::Verification;

/// Whether a bundle answers the request that the user has.
pub(super) struct Answered {
    digest: Digest,
    problems: Vec<AnswerProblem>,
}

impl Answered {
    /// Nothing without a statement: then the bundle is refuted, or could not be checked, anyway.
    pub fn of((digest, request): &(Digest, Request), verification: &Verification) -> Option<Self> {
        let statement = verification.statement.as_ref()?;
        let problems = problems(request, *digest, statement, verification.case.as_ref());
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
