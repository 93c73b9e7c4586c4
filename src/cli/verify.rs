//! placeholder while merging
use super::{Exit, Failure};
use crate::verify::{Bundle, OpenError, open};
use std::path::Path;

/// Opens a bundle of either form.
pub(super) fn open_bundle(path: &Path) -> Result<Box<dyn Bundle>, Failure> {
    open(path).map_err(|error| match error {
        OpenError::Io { .. } => Failure::new(Exit::CouldNot, error),
        OpenError::NotABundle { .. } => Failure::new(Exit::Usage, error),
    })
}
