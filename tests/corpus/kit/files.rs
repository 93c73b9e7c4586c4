//! The files of the corpus: written, or compared bit for bit.

use std::collections::BTreeMap;
use std::fmt::Write as _;
use std::fs;
use std::os::unix::fs::symlink;
use std::path::{Path, PathBuf};

use super::scenario::Stored;
use super::{Key, Node, Scenario};

/// The most that the corpus may take in a repository.
const LEN_MAX: usize = 16 << 20;

/// The least scenarios that a verifier is compared by.
const COUNT_MIN: usize = 550;

pub fn corpus() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("fixtures/corpus")
}

/// Everything that stands in the corpus, by its path.
pub fn nodes(layers: &[(&str, Vec<Scenario>)]) -> BTreeMap<String, Node> {
    let mut nodes = BTreeMap::new();
    let mut put = |path: String, node| assert!(nodes.insert(path.clone(), node).is_none(), "{path} stands twice");
    for scenario in layers.iter().flat_map(|(_, scenarios)| scenarios) {
        let name = scenario.name;
        let side = serde_json::to_string_pretty(&scenario.side()).expect("json");
        put(format!("{name}.json"), Node::File(format!("{side}\n").into_bytes()));
        for (path, bytes) in scenario.further_files() {
            put(path, Node::File(bytes));
        }
        match &scenario.stored {
            Stored::File(bytes) => put(format!("{name}.scelle"), Node::File(bytes.clone())),
            Stored::Directory(files) => {
                for (path, node) in files {
                    let node = match node {
                        Node::File(bytes) => Node::File(bytes.clone()),
                        Node::Link(target) => Node::Link(target),
                    };
                    put(format!("{name}/{path}"), node);
                }
            }
        }
    }
    for key in Key::ALL {
        put(key.file().into(), Node::File(key.signing().public().to_pem().into_bytes()));
    }
    put("LICENSE".into(), Node::File(fs::read(corpus().join("LICENSE")).expect("the licence, which nobody writes")));
    put("README.md".into(), Node::File(readme(layers).into_bytes()));
    nodes
}

/// Writes a file or link with its directories.
pub fn write(path: &Path, node: &Node) {
    fs::create_dir_all(path.parent().expect("a parent")).expect("a directory");
    match node {
        Node::File(bytes) => fs::write(path, bytes).expect("a file"),
        Node::Link(target) => {
            let _ = fs::remove_file(path);
            symlink(target, path).expect("a link");
        }
    }
}

pub fn compare_or_write(layers: &[(&str, Vec<Scenario>)]) {
    let nodes = nodes(layers);
    if std::env::var_os("SCELLE_WRITE_FIXTURES").is_some() {
        clear();
        nodes.iter().for_each(|(path, node)| write(&corpus().join(path), node));
    }
    assert!(layers.iter().map(|(_, scenarios)| scenarios.len()).sum::<usize>() >= COUNT_MIN);
    let mut total = 0;
    for (path, node) in &nodes {
        let place = corpus().join(path);
        let is_same = match node {
            Node::File(bytes) => {
                total += bytes.len();
                fs::symlink_metadata(&place).is_ok_and(|m| m.is_file()) && fs::read(&place).is_ok_and(|b| b == *bytes)
            }
            Node::Link(target) => fs::read_link(&place).is_ok_and(|found| found == Path::new(target)),
        };
        assert!(is_same, "{path} is not what its scenario writes");
    }
    assert!(total < LEN_MAX, "the corpus has {total} bytes");
    for entry in walkdir::WalkDir::new(corpus()).into_iter().map(|entry| entry.expect("a directory that can be read")) {
        let path = entry.path().strip_prefix(corpus()).expect("below the corpus").to_str().expect("text").to_owned();
        assert!(entry.file_type().is_dir() || nodes.contains_key(&path), "{path} has no scenario");
    }
}

/// Takes away what scenarios wrote that may be no more.
fn clear() {
    for entry in fs::read_dir(corpus()).expect("the corpus").map(|entry| entry.expect("an entry")) {
        let removed = match entry.file_type().expect("a type").is_dir() {
            true => fs::remove_dir_all(entry.path()),
            false => fs::remove_file(entry.path()),
        };
        removed.expect("it can be removed");
    }
}

const PREFACE: &str = "# The corpus of scelle bundles

Bundles, sound and not, each with what a verifier must say of it: `SPEC.md`, section 20 (CONF-4, CONF-5). `NAME.scelle` is
a bundle in file form, `NAME` a directory one in directory form, and `NAME.json` says how it is to be verified and what is
expected.

    scelle conformance --corpus fixtures/corpus -- COMMAND...

runs any verifier that takes the options of CONF-2 against all of it and compares as CONF-5 says.

`keys/*.pub.pem` are the public halves of test keys. Their private halves are in the source of the tests and so public too:
nothing that they sign is evidence of anything.

All of this directory is dedicated to the public domain, CC0 1.0 (`LICENSE`; SPDX-License-Identifier: CC0-1.0).

It is written by `SCELLE_WRITE_FIXTURES=1 cargo test --test corpus`, this page too.
";

/// The index.
fn readme(layers: &[(&str, Vec<Scenario>)]) -> String {
    let mut out = PREFACE.to_owned();
    let count: usize = layers.iter().map(|(_, scenarios)| scenarios.len()).sum();
    writeln!(out, "\n| layer | scenarios |\n|---|---|").expect("a string");
    for (layer, scenarios) in layers {
        writeln!(out, "| {layer} | {} |", scenarios.len()).expect("a string");
    }
    writeln!(out, "| **all** | {count} |").expect("a string");
    for (layer, scenarios) in layers {
        writeln!(out, "\n## {layer}\n\n| name | what | clauses | exit |\n|---|---|---|---|").expect("a string");
        for scenario in scenarios {
            let Scenario { name, what, clauses, .. } = scenario;
            let exit = &scenario.side()["expected"]["exit"];
            let what = what.replace('|', "\\|");
            writeln!(out, "| `{name}` | {what} | {} | {exit} |", clauses.join(", ")).expect("a string");
        }
    }
    out
}
