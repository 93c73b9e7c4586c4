//! What others' tools restore from the payload, and where they fall short: SPEC.md section 4 says the same.

use std::process::Command;

use super::facts::{Which, facts};
use super::odd_tree::{ordinary, plant, privileged};
use super::{Desk, text};

/// Restores the payload with a tar. Gives the paths below `tree` that are missing or differ, but for those longer than
/// the system allows a path to be.
fn differences(tar: &str) -> Vec<String> {
    let desk = Desk::anywhere();
    plant(&desk.path("tree"), &[ordinary(), privileged()].concat());
    desk.seal_tree();
    std::fs::create_dir(desk.path("out")).expect("a directory");
    let script = format!("unzip -p x.scelle 'payload/*' | zstd -q -d -c | {tar} -C out");
    let output = Command::new("bash").args(["-c", &script]).current_dir(desk.path("")).output().expect("bash");
    let which = Which { owner: true, atime: false, holes: false };
    let (was, is) = (facts(&desk.path("tree"), which), facts(&desk.path("out/tree"), which));
    let differ = was.keys().filter(|path| is.get(*path) != was.get(*path));
    let short = differ.filter(|path| !path.starts_with(b"long/")).map(|path| text(path)).collect();
    assert!(is.len() > 1_000 && is.len() <= was.len(), "{}", text(&output.stderr));
    short
}

#[test]
fn gnu_tar_restores_all_but_sockets_and_paths_that_are_too_long() {
    let tar = "tar --numeric-owner --xattrs --xattrs-include='*' --warning=no-unknown-keyword -xpf -";
    assert_eq!(differences(tar), ["socket"]);
}

#[test]
fn bsdtar_loses_lists_fractions_before_1970_and_odd_names_of_attributes() {
    let lost = ["attributed", "before 1970", "inherits", "just before 1970", "listed", "old link", "socket"];
    assert_eq!(differences("bsdtar --numeric-owner -xpf -"), lost);
}
