//! Every rule of SPEC.md has an id, and every id a bundle of the corpus or a test that is about it.

use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::path::Path;

use serde_json::Value;

fn root() -> &'static Path {
    Path::new(env!("CARGO_MANIFEST_DIR"))
}

/// What SPEC.md says before its appendices.
fn rules_text() -> String {
    let text = fs::read_to_string(root().join("SPEC.md")).expect("SPEC.md");
    text.split("\n## Appendix A").next().expect("a beginning").to_owned()
}

/// Is it an id, such as `ZIP-3`?
fn is_id(text: &str) -> bool {
    text.split_once('-').is_some_and(|(letters, digits)| {
        !letters.is_empty()
            && letters.bytes().all(|b| b.is_ascii_uppercase())
            && !digits.is_empty()
            && digits.bytes().all(|b| b.is_ascii_digit())
    })
}

/// Ids where they are defined: in brackets, or in the first cell of a row.
fn defined() -> Vec<String> {
    let text = rules_text();
    let bracketed = text.split('[').skip(1).filter_map(|rest| rest.split_once(']')).map(|(id, _)| id);
    let rows = text.lines().filter_map(|line| line.strip_prefix("| ")?.split_once(" |")).map(|(cell, _)| cell);
    bracketed.chain(rows).filter(|id| is_id(id)).map(str::to_owned).collect()
}

/// The clauses of every side file, and the steps that must find it, by its name.
fn clauses() -> BTreeMap<String, Vec<String>> {
    let mut out = BTreeMap::new();
    for entry in fs::read_dir(root().join("fixtures/corpus")).expect("the corpus").flatten() {
        if entry.path().extension().is_some_and(|extension| extension == "json") {
            let side: Value = serde_json::from_slice(&fs::read(entry.path()).expect("a side file")).expect("json");
            let lists = ["clauses", "found_by"].map(|key| side[key].as_array().expect("ids").clone());
            assert!(!lists[0].is_empty(), "{:?} is about nothing", entry.path());
            let ids = lists.iter().flatten();
            let ids = ids.map(|id| id.as_str().expect("an id").to_owned()).collect();
            out.insert(entry.file_name().to_string_lossy().into_owned(), ids);
        }
    }
    out
}

/// Ids that tests speak of: those in `tests`, and in what stands behind `#[cfg(test)]` in `src`.
fn tested() -> BTreeSet<String> {
    let mut ids = BTreeSet::new();
    for tree in ["tests", "src"] {
        for entry in walkdir::WalkDir::new(root().join(tree)).into_iter().map(|entry| entry.expect("a directory")) {
            let path = entry.path();
            // What the reference and the scenarios cite they write, and do not test.
            let is_writer = ["tests/reference", "tests/corpus"].iter().any(|tree| path.starts_with(root().join(tree)));
            if is_writer || path.ends_with("rules.rs") || path.extension().is_none_or(|extension| extension != "rs") {
                continue;
            }
            let text = fs::read_to_string(path).expect("a source file");
            let is_test = tree == "tests" || path.ends_with("tests.rs");
            let text = if is_test { &text } else { text.split_once("#[cfg(test)]").map_or("", |(_, tests)| tests) };
            let words = text.split(|c: char| !(c.is_ascii_alphanumeric() || c == '-'));
            ids.extend(words.filter(|word| is_id(word)).map(str::to_owned));
        }
    }
    ids
}

#[test]
fn no_id_is_used_twice() {
    let mut seen = BTreeSet::new();
    let twice: Vec<_> = defined().into_iter().filter(|id| !seen.insert(id.clone())).collect();
    assert!(twice.is_empty(), "{twice:?}");
    assert!(seen.len() > 100);
}

#[test]
fn every_id_that_a_scenario_names_is_defined() {
    let defined: BTreeSet<String> = defined().into_iter().collect();
    for (scenario, ids) in clauses() {
        let unknown: Vec<_> = ids.iter().filter(|id| !defined.contains(*id)).collect();
        assert!(unknown.is_empty(), "{scenario}: {unknown:?}");
    }
}

#[test]
fn every_rule_has_a_scenario_or_a_test() {
    let named: BTreeSet<String> = clauses().into_values().flatten().collect();
    let tested = tested();
    let missing: Vec<_> = defined().into_iter().filter(|id| !named.contains(id) && !tested.contains(id)).collect();
    assert!(missing.is_empty(), "{missing:?}");
}

#[test]
fn whatever_must_be_stands_under_an_id() {
    // A paragraph is what stands between empty lines; in a table each row is one.
    let text = rules_text();
    let rows = text.lines().filter(|line| line.starts_with('|')).map(str::to_owned);
    let prose = text.split("\n\n").map(|part| {
        part.lines().filter(|line| !line.starts_with('|')).map(|line| format!("{line}\n")).collect::<String>()
    });
    for paragraph in rows.chain(prose).filter(|text| text.contains("MUST")) {
        let names_id = paragraph.split(|c: char| !(c.is_ascii_alphanumeric() || c == '-')).any(is_id);
        assert!(names_id, "{paragraph}");
    }
}

#[test]
fn an_id_is_told_from_what_looks_like_one() {
    assert!(is_id("ZIP-3") && is_id("V-12"));
    assert!(["SHA-256x", "utf-8", "ZIP-", "-3", "ZIP3", ""].iter().all(|text| !is_id(text)));
}
