//! Trust: which keys may be believed, as of when (SPEC.md section 22).

mod judge;
pub mod seen;

pub use judge::{KeyState, Trust, TrustError};
