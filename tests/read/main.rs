//! Reading sources: real trees, real devices, and a medium that fails. Some claims need root's powers (device nodes,
//! `trusted` attributes, loop devices, leaving root's powers behind); run as root, these tests check them all.

#[path = "../failing_medium/mod.rs"]
mod failing_medium;

mod deep;
mod faults;
mod kinds;
mod order;
mod ordinary_user;
mod scope;

use std::ffi::OsStr;
use std::os::unix::ffi::OsStrExt;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use scelle::format::entry::{Changed, Entry};
use scelle::read::gaps::fill;
use scelle::read::scope::Scope;
use scelle::read::walk::Walk;
use scelle::read::{Patience, Source, Watch};

/// An entry with all that was read of it.
pub struct Read {
    pub entry: Entry,
    pub bytes: Option<Vec<u8>>,
    pub changed: Option<Changed>,
}

pub fn scope(sources: &[&Path]) -> Arc<Scope> {
    let sources: Vec<PathBuf> = sources.iter().map(|&path| path.to_owned()).collect();
    Arc::new(Scope::new(&sources, &[], false).unwrap())
}

/// Reads everything, in buffers of an odd size.
pub fn read_scope(scope: &Arc<Scope>) -> Vec<Read> {
    let mut walk = Walk::new(Arc::clone(scope));
    let mut all = Vec::new();
    while let Some(mut found) = walk.next() {
        assert_eq!(found.content.is_some(), found.entry.holds_content(), "{:?}", found.entry);
        let mut read = Read { entry: found.entry, bytes: None, changed: None };
        if let Some(content) = &mut found.content {
            let size = read.entry.size.unwrap();
            let watch = Watch { is_stopped: &|| false, failing: &|_| (), now: &|| None };
            let mut bytes = vec![0xee; usize::try_from(size).unwrap()];
            for (at, part) in bytes.chunks_mut(30_011).enumerate() {
                fill(
                    content.as_mut(),
                    size,
                    at as u64 * 30_011,
                    part,
                    &mut read.entry.gaps,
                    Patience::default(),
                    &watch,
                );
            }
            read.bytes = Some(bytes);
            read.changed = content.changed();
        }
        all.push(read);
    }
    all
}

pub fn read(sources: &[&Path]) -> Vec<Read> {
    read_scope(&scope(sources))
}

/// The paths of all entries, with bytes that are not UTF-8 replaced.
pub fn paths(all: &[Read]) -> Vec<String> {
    all.iter().map(|read| String::from_utf8_lossy(read.entry.path.as_bytes()).into_owned()).collect()
}

/// The entry of this path.
pub fn at<'a>(all: &'a [Read], path: &str) -> &'a Read {
    let found = all.iter().find(|read| read.entry.path.as_bytes() == path.as_bytes());
    found.unwrap_or_else(|| panic!("no entry {path:?} among {:?}", paths(all)))
}

/// A directory that others may enter too, and a directory `s` in it.
pub fn source() -> (tempfile::TempDir, PathBuf) {
    use std::os::unix::fs::PermissionsExt;
    let dir = tempfile::tempdir().unwrap();
    std::fs::set_permissions(dir.path(), std::fs::Permissions::from_mode(0o755)).unwrap();
    let source = dir.path().join("s");
    std::fs::create_dir(&source).unwrap();
    (dir, source)
}

pub fn raw(name: &[u8]) -> &OsStr {
    OsStr::from_bytes(name)
}

/// A mount of one directory on another, undone when dropped.
pub struct Bind(PathBuf);

impl Bind {
    pub fn new(from: &Path, to: &Path) -> Self {
        run("mount", &["--bind".as_ref(), from.as_os_str(), to.as_os_str()]);
        Self(to.to_owned())
    }
}

impl Drop for Bind {
    fn drop(&mut self) {
        run("umount", &[self.0.as_os_str()]);
    }
}

/// Runs a program that must succeed.
pub fn run(program: &str, arguments: &[&OsStr]) -> String {
    let output = std::process::Command::new(program).args(arguments).output();
    let output = output.unwrap_or_else(|error| panic!("{program} is needed: {error}"));
    assert!(output.status.success(), "{program}: {}", String::from_utf8_lossy(&output.stderr));
    String::from_utf8(output.stdout).unwrap()
}
