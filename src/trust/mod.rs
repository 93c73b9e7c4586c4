//! Trust: which keys may be believed, as of when (SPEC.md section 22).

mod certified;
mod judge;
pub mod seen;

pub use certified::Certified;
pub use judge::{Judgement, KeyState, Trust, TrustError};
