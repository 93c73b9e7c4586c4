//! Inputs of the fuzz targets, replayed: what was once reached, and what was once found, holds on every machine.

mod memory_source;
mod reference;
mod sealed;
mod forge;
#[path = "../fuzz/targets/mod.rs"]
mod targets;

use std::collections::BTreeSet;
use std::fs;
use std::path::{Path, PathBuf};
use std::sync::Mutex;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::thread;

use targets::TARGETS;

fn root() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).to_owned()
}

/// Names in a directory; none if it is not there.
fn names(dir: &Path) -> BTreeSet<String> {
    let entries = fs::read_dir(dir).into_iter().flatten().flatten();
    entries.map(|entry| entry.file_name().to_string_lossy().into_owned()).collect()
}

/// Replays a directory of inputs; gives how many there are, and those that break a promise.
fn replay(kind: &str, target: &targets::Target) -> (usize, Vec<String>) {
    let dir = root().join("fuzz").join(kind).join(target.name);
    let files = names(&dir);
    let breaks = |name: &&String| {
        let input = fs::read(dir.join(name)).expect("an input");
        std::panic::catch_unwind(|| (target.run)(&input)).is_err()
    };
    let broken = files.iter().filter(breaks).map(|name| format!("fuzz/{kind}/{}/{name}", target.name)).collect();
    (files.len(), broken)
}

#[test]
fn every_promise_holds_for_every_input_of_every_target() {
    let next = AtomicUsize::new(0);
    let broken = Mutex::new(Vec::new());
    let work = || {
        while let Some(target) = TARGETS.get(next.fetch_add(1, Ordering::Relaxed)) {
            let (count, mut found) = replay("corpus", target);
            found.extend(replay("regressions", target).1);
            if count == 0 {
                found.push(format!("{}: no seeds; fuzz/seed writes them", target.name));
            }
            broken.lock().expect("no panic").append(&mut found);
        }
    };
    thread::scope(|scope| {
        for _ in 0..thread::available_parallelism().map_or(1, usize::from) {
            scope.spawn(work);
        }
    });
    let broken = broken.into_inner().expect("no panic");
    assert!(broken.is_empty(), "see above what does not hold of\n{}", broken.join("\n"));
}

#[test]
fn every_directory_of_inputs_has_a_target_and_every_target_a_binary() {
    let known: BTreeSet<String> = TARGETS.iter().map(|target| target.name.to_owned()).collect();
    assert_eq!(known.len(), TARGETS.len(), "two targets of one name");
    assert_eq!(names(&root().join("fuzz/corpus")), known);
    assert!(names(&root().join("fuzz/regressions")).is_subset(&known));
    let binaries: BTreeSet<String> = known.iter().map(|name| format!("{name}.rs")).collect();
    assert_eq!(names(&root().join("fuzz/fuzz_targets")), binaries);
    let manifest = fs::read_to_string(root().join("fuzz/Cargo.toml")).expect("the manifest");
    for name in &known {
        assert!(manifest.contains(&format!("name = \"{name}\"\npath = \"fuzz_targets/{name}.rs\"")), "{name}");
        let source = fs::read_to_string(root().join(format!("fuzz/fuzz_targets/{name}.rs"))).expect("the binary");
        assert!(source.contains(&format!("run(\"{name}\", data)")), "{name}");
    }
}

#[test]
fn the_committed_inputs_are_small() {
    let dirs = ["corpus", "regressions"].map(|kind| root().join("fuzz").join(kind));
    let files = dirs.iter().flat_map(walkdir::WalkDir::new).filter_map(Result::ok);
    let len: u64 = files.filter(|f| f.file_type().is_file()).filter_map(|f| Some(f.metadata().ok()?.len())).sum();
    assert!(len < 3 << 20, "{len} bytes");
}

/// Bundles below a directory of fixtures, in order of their paths.
fn bundles(dir: &Path) -> Vec<Vec<u8>> {
    let files = walkdir::WalkDir::new(dir).sort_by_file_name().into_iter().filter_map(Result::ok);
    let bundles = files.filter(|file| file.path().extension().is_some_and(|end| end == "scelle"));
    bundles.filter(|file| file.file_type().is_file()).filter_map(|file| fs::read(file.path()).ok()).collect()
}

#[test]
fn every_target_has_seeds_that_the_fixtures_give() {
    // fuzz/seed sets it.
    let write = std::env::var_os("SCELLE_WRITE_FUZZ_SEEDS").is_some();
    let bundles = [bundles(&root().join("fixtures/golden")), bundles(&root().join("fixtures/corpus"))].concat();
    for target in TARGETS {
        let seeds = (target.seeds)(&bundles).into_iter().filter(|seed| seed.len() <= target.len_max);
        let seeds: BTreeSet<Vec<u8>> = seeds.collect();
        assert!(!seeds.is_empty(), "{}: no seeds", target.name);
        let dir = root().join("fuzz/corpus").join(target.name);
        for seed in seeds.iter().filter(|_| write) {
            let name = scelle::hash::sha256(seed).to_string();
            fs::create_dir_all(&dir).and_then(|()| fs::write(dir.join(&name[..16]), seed)).expect("a seed");
        }
    }
}
