//! Certificates and the paths that lead from them to roots (RFC 5280). No input or output, no clock.

mod certificate;
mod root;
mod path;

pub use certificate::{Certificate, signing};
pub use path::{Path, first_path, paths, words};
pub use root::{Root, RootError};
