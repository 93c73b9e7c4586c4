//! What is done to bundles after sealing: another form, a repaired wrapper, one more member; as people run it, and at
//! every byte.

#[path = "../memory_source/mod.rs"]
mod memory_source;
#[path = "../reference/mod.rs"]
mod reference;
#[path = "../sealed/mod.rs"]
mod sealed;

mod pack;
mod repair;
mod append;

use std::fs;
use std::path::{Path, PathBuf};
use std::process::{Command, Output};
use std::sync::atomic::AtomicBool;

use scelle::upkeep::Watch;

use memory_source::Item;
use sealed::{Shape, pattern, reference_of};

const SCELLE: &str = env!("CARGO_BIN_EXE_scelle");

static NEVER: AtomicBool = AtomicBool::new(false);

/// Nobody watches.
fn watch() -> Watch<'static> {
    Watch { cancel: &NEVER, progress: &|_, _| {} }
}

/// A directory to work in.
struct Desk {
    dir: tempfile::TempDir,
}

impl Desk {
    fn new() -> Self {
        Self { dir: tempfile::tempdir().expect("a directory") }
    }

    fn path(&self, name: &str) -> PathBuf {
        self.dir.path().join(name)
    }

    fn with(self, name: &str, bytes: &[u8]) -> Self {
        fs::write(self.path(name), bytes).expect("a file");
        self
    }

    fn read(&self, name: &str) -> Vec<u8> {
        fs::read(self.path(name)).expect(name)
    }

    fn run(&self, args: &[&str]) -> Output {
        Command::new(SCELLE).args(args).current_dir(self.dir.path()).output().expect("scelle")
    }

    /// Exit code, and what was said on stdout and stderr.
    fn said(&self, args: &[&str]) -> (i32, String, String) {
        let output = self.run(args);
        (output.status.code().expect("a code"), text(&output.stdout), text(&output.stderr))
    }

    fn unzip(&self, file: &str, dir: &str) {
        let status = Command::new("unzip").args(["-q", file, "-d", dir]).current_dir(self.dir.path()).status();
        assert!(status.expect("unzip").success());
    }

    fn names(&self) -> Vec<String> {
        names_in(self.dir.path())
    }
}

fn names_in(dir: &Path) -> Vec<String> {
    let entries = fs::read_dir(dir).expect("the directory").flatten();
    let mut names: Vec<_> = entries.map(|entry| entry.file_name().to_string_lossy().into_owned()).collect();
    names.sort();
    names
}

fn text(bytes: &[u8]) -> String {
    String::from_utf8_lossy(bytes).into_owned()
}

/// Every golden bundle.
fn golden() -> Vec<(String, Vec<u8>)> {
    let dir = Path::new(env!("CARGO_MANIFEST_DIR")).join("fixtures/golden");
    names_in(&dir).into_iter().map(|name| (name.clone(), fs::read(dir.join(&name)).expect("a bundle"))).collect()
}

/// A small bundle of two segments.
fn small() -> reference::Sealed {
    let items = [Item::dir(b"s"), Item::file(b"s/a", pattern(700)), Item::file(b"s/b", pattern(4000))];
    reference_of(&items, &Shape::small())
}

/// Where each member's local header stands, and at last the directory.
fn offsets(members: &[(String, Vec<u8>)]) -> Vec<usize> {
    let mut offsets = vec![0];
    for (name, bytes) in members {
        offsets.push(offsets[offsets.len() - 1] + 30 + name.len() + bytes.len());
    }
    offsets
}

/// A small bundle's members, with a further envelope, a custody event and a timestamp; two of them not sorted by name.
fn grown() -> Vec<(String, Vec<u8>)> {
    let mut members = small().members;
    members.push(("custody/0001-offered.dsse.json".into(), b"{}".to_vec()));
    members.push(("seal/0000000000000000.dsse.json".into(), b"[]".to_vec()));
    members.push(("timestamps/a.tsr".into(), vec![0; 300]));
    members
}
