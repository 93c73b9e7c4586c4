//! What is done to bundles after sealing: changing their form, repairing the wrapper, adding members. Sealed bytes are
//! copied as they are, never decoded, never judged: that is the verifier's work.

mod append;
mod bounds;
mod copy;
mod form;
mod repair;
mod survey;
mod whole;

pub use append::{AppendError, Appendable, Step, append_steps};
pub use copy::{CopyError, Watch};
pub use form::{FormError, Reformed, change_form};
pub use repair::{RepairError, Repaired, repair};
pub use survey::Lost;
