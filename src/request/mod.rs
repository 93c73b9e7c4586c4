//! What the Convention asks of requests and replies: whether they say enough, keep their times and refuse on permitted
//! grounds, and what is due. No input or output, no clock.
//!
//! Rules carry ids such as `UNCC-42.3-c`: the article, its paragraph and letter. Their words are aligned with the text of the
//! Convention; who is bound by it, and from when on, is not judged here.

mod finding;
pub mod periods;
mod check;
pub mod complete;
mod orders;
mod closed_lists;
mod items;
mod clocks;
pub mod grounds;
mod preserved;
pub mod inbox;
pub mod answers;
#[cfg(test)]
pub(crate) mod tests;

pub use finding::{Finding, Severity};

use crate::format::request::Request;
use crate::format::time::Instant;

/// Everything that a request lacks or that contradicts a rule, the gravest first.
pub fn findings(request: &Request, now: Instant) -> Vec<Finding> {
    let mut all = complete::findings(request);
    all.extend(clocks::findings(request, now));
    all.sort_by_key(|finding| finding.severity);
    all
}

/// Whether nothing is unmet that a rule says must be.
pub fn is_complete(findings: &[Finding]) -> bool {
    findings.iter().all(|finding| finding.severity != Severity::Must)
}
