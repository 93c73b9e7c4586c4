//! What people read.

pub mod quantity;
