//! Custody: events after the seal, and the state that they lead to (SPEC.md section 21). No input or output: the
//! verifier and the commands read and write the members.

mod summary;
mod records;
mod terms;
mod agreed;
mod state;
mod walk;
mod next;

pub use next::{Chain, NextError, next};
pub use records::{Grown, Records};
pub use state::{Holder, Parties, Problem, Standing, State};
pub use summary::{Shown, Summary};
pub use terms::{Between, Terms};
pub use walk::{Finding, HandOver, Log, Origin, Tip, walk};
