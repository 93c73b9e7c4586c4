//! Sealing: from a case and sources to a signed bundle.

pub mod nearest;
pub mod case_problem;
pub mod case_toml;
pub mod case_template;
