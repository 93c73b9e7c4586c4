//! Custody: events after the seal, and the state that they lead to (SPEC.md section 21). No input or output: the
//! verifier and the commands read and write the members.

mod summary;
mod records;
mod terms;
mod parties;
mod problem;
mod agreed;
mod state;
mod walk;
mod next;

pub use next::{Chain, NextError, next};
pub use parties::{Holder, Parties, Standing};
pub use problem::Problem;
pub use records::{Grown, Records};
pub use state::State;
pub use summary::{Shown, Summary};
pub use terms::{Between, Terms};
pub use walk::{Finding, HandOver, Log, Origin, Tip, walk};
