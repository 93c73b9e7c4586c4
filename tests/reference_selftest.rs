//! The reference against known answers and against the system's own tools.

mod reference;
mod selftest;
