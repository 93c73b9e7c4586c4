//! Verified bytes back to files. Every byte that is written was compared with a proven digest before, and nothing lands
//! outside the directory that was named.

mod run;
mod starts;
mod content;
mod copy;
mod file;
mod nodes;
mod links;
mod dirs;
mod names;
mod metadata;
mod target;
mod selection;
mod outcome;
mod error;

pub use error::ExtractError;
pub use outcome::{Example, Extracted, Left, Lost, Withheld};
pub use run::{Options, extract};
pub use selection::Selection;
pub use target::Target;
