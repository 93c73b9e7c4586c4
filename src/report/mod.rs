//! What people read.

pub mod escape;
pub mod quantity;
