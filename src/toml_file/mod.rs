//! TOML that people write: values by the names of their fields, and everything that is wrong said at once, with its line.

mod nearest;
mod problem;
mod scalars;
mod values;

pub(crate) use nearest::nearest;
pub use problem::{Problem, ProblemKind, list};
pub(crate) use scalars::{count, digest, filled, flag, instant, items_of, moment, required_moment, texts, word, words};
pub use values::check_text;
pub(crate) use values::{Table, Values, read, type_name};
