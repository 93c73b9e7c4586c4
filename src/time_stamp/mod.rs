//! Judging a time-stamp (SPEC.md section 24): first everything that needs no trust, then whether its authority leads to a root
//! that the user trusts, at the moment at which it stamped. No input or output, no clock.

mod certificate;
mod signature;
mod examine;
mod chain;
mod revocation;

pub use chain::{Standing, standing};
pub use examine::{Problem, Sound, examine, examine_over};
pub use revocation::is_revocation_list;
