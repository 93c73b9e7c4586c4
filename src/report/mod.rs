//! What people and programs read.

pub mod verification;
pub mod html;
pub mod case_uco;
pub mod json;
pub mod times;
pub mod listing;
pub mod escape;
pub mod quantity;
