//! What a corpus may hold (SPEC.md CONF-4), and what is said of one that is malformed.

use std::fs;
use std::path::Path;
use std::process::Command;

use serde_json::json;

use crate::bench::{Bench, SCELLE, text};

#[test]
fn a_corpus_that_is_malformed_is_wrong_use_and_says_which_and_where() {
    type Change = fn(&Bench);
    let changes: [(Change, &str); 11] = [
        (
            |b| b.change("b-damaged", |side| side["more"] = 1.into()),
            "b-damaged.json cannot be used: unknown field `more`",
        ),
        (
            |b| fs::write(b.path("corpus/c-nothing.json"), "{\n \"what\": x").unwrap(),
            "c-nothing.json cannot be used: expected value at line 2 column 10",
        ),
        (|b| fs::remove_file(b.path("corpus/a-sound.scelle")).unwrap(), "a-sound.json stands beside no bundle"),
        (|b| fs::remove_file(b.path("corpus/a-sound.json")).unwrap(), "a-sound.scelle has no side file"),
        (|b| fs::create_dir(b.path("corpus/a-sound")).unwrap(), "a-sound.json stands beside both"),
        (|b| fs::create_dir(b.path("corpus/d-alone")).unwrap(), "d-alone has no side file"),
        // Not the directory form of `a-sound`.
        (|b| fs::create_dir(b.path("corpus/a-sound.d")).unwrap(), "a-sound.d has no side file"),
        (
            |b| fs::remove_file(b.path("corpus/keys/signer.pem")).unwrap(),
            "a-sound.json names a file that is not there: keys/signer.pem",
        ),
        (|b| fs::remove_dir_all(b.path("corpus")).unwrap(), "there is no corpus corpus"),
        (
            |b| {
                fs::remove_dir_all(b.path("corpus")).unwrap();
                fs::create_dir(b.path("corpus")).unwrap();
            },
            "the corpus corpus has no scenario",
        ),
        (|b| b.change("a-sound", |side| side["options"]["signers"] = json!(["../private"])), "relative to it"),
    ];
    for (change, says) in changes {
        let bench = Bench::new();
        change(&bench);
        let output = bench.run(&[], &[SCELLE, "verify"]);
        let stderr = text(&output.stderr);
        assert_eq!((output.status.code(), stderr.contains(says)), (Some(3), true), "{says}: {stderr}");
        assert!(output.stdout.is_empty() && stderr.contains("hint: "), "{stderr}");
        let reason = says.rsplit(": ").next().expect("a reason");
        assert_eq!(stderr.matches(reason).count(), 1, "said once: {stderr}");
    }
}

#[test]
fn a_directory_form_is_a_bundle_of_the_corpus() {
    let bench = Bench::new();
    let corpus = bench.path("corpus");
    let unzip = Command::new("unzip").args(["-q", "a-sound.scelle", "-d", "a-sound"]).current_dir(&corpus).status();
    assert!(unzip.expect("unzip").success());
    fs::remove_file(corpus.join("a-sound.scelle")).expect("the file form");
    assert_eq!(bench.json(&[], &[SCELLE, "verify"]).1, 0);
}

/// Runs a verifier over the whole corpus, by the command that the corpus shows.
fn assert_agrees_with_the_whole_corpus(verifier: &str, level: u64) {
    let root = Path::new(env!("CARGO_MANIFEST_DIR"));
    let page = fs::read_to_string(root.join("fixtures/corpus/README.md")).expect("the page");
    let shown = page.lines().find_map(|line| line.strip_prefix("    scelle conformance ")).expect("the command");
    let words = shown.strip_suffix("COMMAND...").expect("a place for the verifier");
    let command = format!("'{SCELLE}' conformance {words}{verifier}");
    let output = Command::new("sh").args(["-c", &command]).current_dir(root).output().expect("sh");
    let shown = text(&output.stdout);
    assert_eq!(output.status.code(), Some(0), "{shown}{}", text(&output.stderr));
    let beyond = levels(root).into_iter().filter(|&of_scenario| of_scenario > level).count();
    assert!(shown.ends_with(&format!(" 0 differed, {beyond} beyond the verifier's level\n")), "{shown}");
}

/// The level of each scenario.
fn levels(root: &Path) -> Vec<u64> {
    let files =
        fs::read_dir(root.join("fixtures/corpus")).expect("the corpus").map(|entry| entry.expect("an entry").path());
    let sides = files.filter(|path| path.extension().is_some_and(|extension| extension == "json"));
    let level = |path| {
        serde_json::from_slice::<serde_json::Value>(&fs::read(path).expect("it")).expect("JSON")["level"].as_u64()
    };
    sides.map(|path| level(path).expect("a level")).collect()
}

#[test]
fn scelle_verify_agrees_with_the_whole_corpus() {
    assert_agrees_with_the_whole_corpus(&format!("'{SCELLE}' verify"), 3);
}

#[test]
fn the_python_verifier_agrees_with_the_whole_corpus() {
    assert_agrees_with_the_whole_corpus("python3 verifiers/python/scelle_verify.py", 3);
}
