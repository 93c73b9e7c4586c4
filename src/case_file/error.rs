//! Why a case file cannot be used.

use std::path::PathBuf;

use crate::toml_file::{Problem, list};

/// A case file that cannot be used.
#[derive(Debug, thiserror::Error)]
pub enum CaseTomlError {
    /// Could not be read.
    #[error("cannot read the case file {path}", path = path.display())]
    Read {
        /// The file.
        path: PathBuf,
        /// Why.
        source: std::io::Error,
    },
    /// Longer than any case file.
    #[error("the case file {path} is too long", path = .0.display())]
    TooLong(PathBuf),
    /// Not UTF-8.
    #[error("the case file {path} is not UTF-8 text", path = .0.display())]
    NotText(PathBuf),
    /// Everything that is wrong in it.
    #[error("the case file {path} cannot be used:{list}", path = path.display(), list = list(problems))]
    Problems {
        /// The file.
        path: PathBuf,
        /// Ascending by line.
        problems: Vec<Problem>,
    },
}
