//! TOML that people write: values by the names of their fields, and everything that is wrong said at once, with its line.

mod nearest;
mod problem;
mod values;

pub(crate) use nearest::nearest;
pub use problem::{Problem, ProblemKind, list};
pub use values::check_text;
pub(crate) use values::{Table, Values, read, type_name};
