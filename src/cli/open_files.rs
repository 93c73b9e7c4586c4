//! How many files this process may have open.

use rustix::process::{Resource, Rlimit, getrlimit, setrlimit};

/// Lets this process open as many files as it may: deep trees, many sources and many lanes need handles.
pub(super) fn raise() {
    let limit = getrlimit(Resource::Nofile);
    // If it stays as it is, a shortage is still an error and not a finding.
    let _ = setrlimit(Resource::Nofile, Rlimit { current: limit.maximum, ..limit });
}
