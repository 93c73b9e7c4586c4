//! Golden bundles: sealed anew with fixed key, seed and time, and compared bit for bit with fixtures/golden.
//!
//! `SCELLE_WRITE_FIXTURES=1 cargo test --test golden` writes them, after a change of the format that was meant.

mod memory_source;
mod reference;
mod sealed;

use std::collections::BTreeSet;
use std::fs;
use std::path::{Path, PathBuf};

use memory_source::Item;
use sealed::{Shape, Signer, as_read, one_of_everything, reference_of, seal_items};

/// Name, what is in it, and how it is made.
fn golden() -> Vec<(&'static str, Vec<Item>, Shape)> {
    let default = || Shape { limits: (1 << 18, 1 << 22, 1 << 28, 65_536), ..Shape::small() };
    vec![
        ("tiny", vec![Item::file(b"hello.txt", b"hello\n".to_vec())], default()),
        ("one_empty_file", vec![Item::file(b"empty", Vec::new())], default()),
        ("no_file_at_all", vec![Item::dir(b"d"), Item::symlink(b"d/l", b"nowhere")], default()),
        ("one_of_everything", one_of_everything(), default()),
        ("many_segments", one_of_everything(), Shape::small()),
        ("without_whole_file_digests", one_of_everything(), Shape { whole_file_digest: false, ..Shape::small() }),
        ("signed_with_p256", one_of_everything(), Shape { signer: Signer::P256, ..Shape::small() }),
    ]
}

fn fixtures() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("fixtures/golden")
}

#[test]
fn golden_bundles_are_sealed_anew_bit_for_bit() {
    let write = std::env::var_os("SCELLE_WRITE_FIXTURES").is_some();
    let dir = tempfile::tempdir().expect("a directory");
    for (name, items, shape) in golden() {
        let out = dir.path().join(name);
        seal_items(&as_read(&items), &shape, &out);
        let bundle = fs::read(&out).expect("the bundle");
        let fixture = fixtures().join(format!("{name}.scelle"));
        if write {
            fs::write(&fixture, &bundle).expect("the fixture");
        }
        assert!(fs::read(&fixture).expect(name) == bundle, "{name} is not what it was");
        assert!(reference_of(&items, &shape).zip == bundle, "{name} is not what the reference makes");
    }
}

#[test]
fn every_golden_bundle_has_its_recipe() {
    let recipes: BTreeSet<String> = golden().iter().map(|(name, ..)| format!("{name}.scelle")).collect();
    let files = fs::read_dir(fixtures()).expect("the fixtures").flatten();
    let found: BTreeSet<String> = files.map(|f| f.file_name().to_string_lossy().into_owned()).collect();
    assert_eq!(found, recipes);
}
