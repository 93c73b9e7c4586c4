//! Keys and passphrases are kept out of core dumps, and of the reach of other programs of the same user.

use rustix::process::{DumpableBehavior, Resource, Rlimit, set_dumpable_behavior, setrlimit};

/// From now on this process leaves no core dump, and nobody but root can attach to it or read its memory. To be called
/// before a secret is opened; opening goes on if the system does not allow it.
pub(super) fn forbid() {
    let _ = setrlimit(Resource::Core, Rlimit { current: Some(0), maximum: Some(0) });
    // A limit of 0 does not stop a program that core dumps are piped to.
    let _ = set_dumpable_behavior(DumpableBehavior::NotDumpable);
}
