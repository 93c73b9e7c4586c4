//! Bundles laid down on a file system: the directory form, and restored files. Slower, for every run makes files.

use std::fs;
use std::os::unix::ffi::OsStrExt as _;
use std::path::Path;
use std::sync::atomic::AtomicBool;

use scelle::extract::{Options, Selection, Target, extract};
use scelle::verify::proven::open_proven;
use scelle::verify::{Verdict, ZipFile, open};

use super::golden::{self, Members};
use super::hostile::hostile_members;
use super::mutation::change_members;
use super::script::Script;
use super::soundness::{trusted, verify_bundle, verify_zip};
use crate::reference;

/// Both forms of the same members have the same seal digest; what else lies there refutes, unless a desktop left it.
pub fn directory_form(data: &[u8]) {
    let mut script = Script(data);
    let (which, changes) = (script.byte() % 3, script.byte());
    let mut members = golden::all()[usize::from(which)].members.clone();
    for _ in 0..changes % 3 {
        change_members(&mut members, &mut script);
    }
    let dir = tempfile::tempdir_in("/dev/shm").expect("a directory");
    let root = dir.path().join("x");
    fs::create_dir(&root).expect("a directory");
    if !lay_down(&root, &members) {
        return;
    }
    let (added, name) = (changes >> 6, script.bytes());
    let is_added = added > 0 && add(&root, added, name);
    let Ok(bundle) = open(&root) else { return };
    let found = verify_bundle(&*bundle);
    let in_file = verify_zip(&reference::zip_bytes(&members));
    if found.verdict == Verdict::Verified {
        assert_eq!(found.seal_digest, in_file.seal_digest, "another seal digest in the other form");
        let foreign =
            [b".DS_Store".as_slice(), b"Thumbs.db", b"desktop.ini"].contains(&name) || name.starts_with(b"._");
        let grown = [b"seal".as_slice(), b"timestamps", b"custody"].contains(&name);
        assert!(!is_added || foreign || grown, "verified with something else in it: {added} {name:?}");
    } else if in_file.verdict == Verdict::Verified && !is_added {
        panic!("verified as a file and not as a directory");
    }
}

/// False if these are no members that can lie side by side.
fn lay_down(root: &Path, members: &Members) -> bool {
    members.iter().all(|(name, bytes)| {
        let path = root.join(name);
        let harmless = name.split('/').all(|part| !matches!(part, "" | "." | ".."));
        harmless
            && !path.exists()
            && path.parent().is_some_and(|parent| fs::create_dir_all(parent).is_ok())
            && fs::write(path, bytes).is_ok()
    })
}

/// Adds a file, a directory or a link of this name, if it can be one.
fn add(root: &Path, kind: u8, name: &[u8]) -> bool {
    if name.is_empty() || matches!(name, b"." | b"..") || name.iter().any(|b| matches!(b, 0 | b'/')) {
        return false;
    }
    let path = root.join(std::ffi::OsStr::from_bytes(name));
    match kind {
        1 => !path.exists() && fs::write(path, b"x").is_ok(),
        2 => fs::create_dir(path).is_ok(),
        _ => std::os::unix::fs::symlink("mimetype", path).is_ok(),
    }
}

pub fn directory_form_seeds(_: &[Vec<u8>]) -> Vec<Vec<u8>> {
    let names: [&[u8]; 6] = [b".DS_Store", b"._x", b"x", b"custody", b"parity", b"\xff"];
    let mut seeds: Vec<Vec<u8>> = (0..3).map(|which| vec![which]).collect();
    for kind in 1..4u8 {
        seeds.extend(names.map(|name| [&[0, kind << 6, name.len() as u8], name].concat()));
    }
    seeds.extend((0..10u8).map(|kind| vec![1, 1, kind, 4, 4, 9, kind, 2, 1, 1]));
    seeds
}

/// Files restored from a bundle that a hostile signer made: nothing lands outside the target.
pub fn restored(data: &[u8]) {
    let members = hostile_members(&mut Script(data));
    let dir = tempfile::tempdir_in("/dev/shm").expect("a directory");
    let out = dir.path().join("out");
    fs::create_dir(&out).expect("a directory");
    fs::write(dir.path().join("beside"), b"untouched").expect("a file");
    let bundle = ZipFile::open(std::sync::Arc::new(reference::zip_bytes(&members))).expect("memory");
    let cancel = AtomicBool::new(false);
    let opened = open_proven(&bundle, trusted(), &cancel).expect("nobody interrupts");
    let Ok(proven) = opened.content else { return };
    let mut selection = Selection::new([], &[]).expect("everything");
    let _ = extract(&proven, &mut selection, Target::open(&out).expect("a directory"), Options::default(), &cancel);
    let mut left: Vec<_> = fs::read_dir(dir.path()).expect("the directory").flatten().map(|e| e.file_name()).collect();
    left.sort();
    assert_eq!(left, ["beside", "out"], "something lies outside the target");
    assert_eq!(fs::read(dir.path().join("beside")).expect("the file"), b"untouched");
    make_removable(&out);
}

/// Directories of any mode can be emptied again.
fn make_removable(dir: &Path) {
    use std::os::unix::fs::PermissionsExt as _;
    let _ = fs::set_permissions(dir, fs::Permissions::from_mode(0o700));
    for entry in fs::read_dir(dir).into_iter().flatten().flatten() {
        if entry.file_type().is_ok_and(|kind| kind.is_dir()) {
            make_removable(&entry.path());
        }
    }
}
