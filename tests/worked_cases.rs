//! The worked cases of `docs/cases`: every command in them is run, and prints what stands there.
//!
//! A block begins with ```` ```console ````. In it, `$ ` begins a command, and what follows is what it prints on both streams:
//! `[..]` stands for any part of a line, `...` for any lines, and `? N` for its exit code, if that is not 0.

use std::fs;
use std::path::Path;
use std::process::Command;

const SCELLE: &str = env!("CARGO_BIN_EXE_scelle");

/// Commands of a document, each with what it prints and its exit code.
fn commands(text: &str) -> Vec<(String, Vec<String>, i32)> {
    let mut commands: Vec<(String, Vec<String>, i32)> = Vec::new();
    let mut is_inside = false;
    for line in text.lines() {
        match (is_inside, line.strip_prefix("$ "), line.strip_prefix("? ")) {
            _ if line.starts_with("```") => is_inside = line == "```console",
            (false, ..) => {}
            (true, Some(command), _) => commands.push((command.to_owned(), Vec::new(), 0)),
            (true, None, Some(code)) => commands.last_mut().expect("a command").2 = code.parse().expect("a number"),
            (true, None, None) => commands.last_mut().expect("a command").1.push(line.to_owned()),
        }
    }
    commands
}

/// Whether a line is as it stands there.
fn is_line(expected: &str, found: &str) -> bool {
    let Some((before, after)) = expected.split_once("[..]") else { return expected == found };
    found
        .strip_prefix(before)
        .is_some_and(|rest| (0..=rest.len()).any(|at| rest.is_char_boundary(at) && is_line(after, &rest[at..])))
}

/// Whether lines are as they stand there.
fn are_lines(expected: &[String], found: &[&str]) -> bool {
    match expected.split_first() {
        None => found.is_empty(),
        Some((any, rest)) if any == "..." => (0..=found.len()).any(|at| are_lines(rest, &found[at..])),
        Some((line, rest)) => {
            found.split_first().is_some_and(|(first, more)| is_line(line, first) && are_lines(rest, more))
        }
    }
}

/// Runs every command of a case, in a copy of its directory.
fn run_all(name: &str) {
    let docs = Path::new(env!("CARGO_MANIFEST_DIR")).join("docs/cases");
    let dir = tempfile::tempdir().expect("a directory");
    let at = |path: &str| dir.path().join(path);
    for entry in walkdir::WalkDir::new(docs.join(name)).into_iter().map(|entry| entry.expect("an entry")) {
        let target = dir.path().join(entry.path().strip_prefix(docs.join(name)).expect("below"));
        match entry.file_type().is_dir() {
            true => fs::create_dir_all(target).expect("a directory"),
            false => drop(fs::copy(entry.path(), target).expect("a file")),
        }
    }
    fs::create_dir(at("inbox")).expect("a directory");
    for key in ["vn-desk-TEST", "fr-desk-TEST", "fr-justice-TEST", "jp-police-TEST", "root-TEST"] {
        let made =
            Command::new(SCELLE).args(["key", "new", "--no-passphrase", "--out", key]).current_dir(dir.path()).output();
        assert!(made.expect("scelle").status.success());
    }
    let text = fs::read_to_string(docs.join(format!("{name}.md"))).expect("the document");
    let commands = commands(&text);
    assert!(commands.len() > 5, "{name}: {} commands", commands.len());
    let path = format!("{}:/usr/bin:/bin", Path::new(SCELLE).parent().expect("a directory").display());
    for (command, expected, code) in commands {
        // Both streams in one: first what is for people beside, then what was asked for.
        let script = format!("{{ {command} ; }} 2>err >out; code=$?; cat err out; exit $code");
        let output = Command::new("sh")
            .args(["-c", &script])
            .env("PATH", &path)
            .env("XDG_STATE_HOME", dir.path())
            .current_dir(dir.path())
            .output();
        let output = output.expect("a shell");
        let found = String::from_utf8(output.stdout).expect("UTF-8");
        let lines: Vec<&str> = found.lines().collect();
        // A table is on standard output, and what counts its lines on the other stream.
        let turned: Vec<&str> = match lines.split_first() {
            Some((first, rest)) if rest.first().is_some_and(|line| line.starts_with("ID ")) => {
                rest.iter().chain([first]).copied().collect()
            }
            _ => lines,
        };
        assert!(are_lines(&expected, &turned), "{command}\nexpected:\n{}\nfound:\n{found}", expected.join("\n"));
        assert_eq!(output.status.code(), Some(code), "{command}");
    }
}

#[test]
fn preservation_over_the_network_with_an_extension() {
    run_all("preservation");
}

#[test]
fn assistance_with_a_transfer_that_was_not_authorised() {
    run_all("assistance");
}

#[test]
fn emergency_disclosure_and_a_use_that_was_not_permitted() {
    run_all("emergency");
}
