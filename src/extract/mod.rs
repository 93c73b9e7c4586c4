//! Verified bytes back to files. Every byte that is written was compared with a proven digest before.

mod content;
mod error;
mod run;
mod selection;
mod target;

pub use error::ExtractError;
pub use run::{Extracted, Left, Lost, extract};
pub use selection::Selection;
