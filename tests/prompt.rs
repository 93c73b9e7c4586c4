//! Passphrases on a terminal, and the age tool. Needs script(1), age(1) and openssl.

mod terminal;

use std::fs;
use std::path::Path;
use std::process::Command;

use tempfile::TempDir;
use terminal::Terminal;

const PASSPHRASE: &str = "correct horse battery staple";
const BINARY: &str = env!("CARGO_BIN_EXE_scelle");

/// `scelle key show`, with this passphrase in the environment.
fn show(dir: &Path, file: &str, passphrase: &str) -> String {
    let mut command = Command::new(BINARY);
    let output =
        command.args(["key", "show", file]).current_dir(dir).env("SCELLE_PASSPHRASE", passphrase).output().unwrap();
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    String::from_utf8(output.stdout).unwrap()
}

#[test]
fn the_terminal_asks_twice_for_a_new_passphrase_and_shows_neither() {
    let dir = TempDir::new().unwrap();
    let mut terminal = Terminal::start(dir.path(), &format!("'{BINARY}' key new --out k </dev/null; echo code=$?"));
    terminal.on("New passphrase for k: ", &format!("{PASSPHRASE}\n"));
    terminal.on("The same again: ", &format!("{PASSPHRASE}\n"));
    let shown = terminal.end();
    assert!(shown.contains("code=0") && !shown.contains("horse"), "{shown}");
    assert_eq!(show(dir.path(), "k", PASSPHRASE), show(dir.path(), "k.pub", ""));
}

#[test]
fn two_passphrases_that_differ_write_nothing() {
    let dir = TempDir::new().unwrap();
    let mut terminal = Terminal::start(dir.path(), &format!("'{BINARY}' key new --out k; echo code=$?"));
    terminal.on("New passphrase for k: ", "one\n");
    terminal.on("The same again: ", "two\n");
    let shown = terminal.end();
    assert!(shown.contains("the two passphrases differ") && shown.contains("code=3"), "{shown}");
    assert_eq!(fs::read_dir(dir.path()).unwrap().count(), 0);
}

#[test]
fn ctrl_c_at_the_prompt_leaves_the_terminal_as_it_was() {
    let dir = TempDir::new().unwrap();
    let line = format!("stty -a | md5sum; '{BINARY}' key new --out k; echo code=$?; stty -a | md5sum");
    let mut terminal = Terminal::start(dir.path(), &line);
    terminal.on("New passphrase for k: ", "half\x03");
    let shown = terminal.end();
    assert!(shown.contains("code=130"), "{shown}");
    let states: Vec<&str> = shown.lines().filter(|line| line.trim_end().ends_with("  -")).collect();
    assert!(states.len() == 2 && states[0] == states[1], "{shown}");
    assert_eq!(fs::read_dir(dir.path()).unwrap().count(), 0);
}

#[test]
fn age_itself_recovers_what_openssl_reads_and_its_files_are_read() {
    let dir = TempDir::new().unwrap();
    let mut new = Command::new(BINARY);
    new.args(["key", "new", "--out", "k"]).current_dir(dir.path()).env("SCELLE_PASSPHRASE", PASSPHRASE);
    assert!(new.output().unwrap().status.success());

    let mut terminal = Terminal::start(dir.path(), "age -d -o plain k; echo code=$?");
    terminal.on("Enter passphrase: ", &format!("{PASSPHRASE}\n"));
    let shown = terminal.end();
    assert!(shown.contains("code=0"), "{shown}");
    let openssl = Command::new("openssl").args(["pkey", "-in", "plain", "-pubout"]).current_dir(dir.path()).output();
    assert_eq!(openssl.unwrap().stdout, fs::read(dir.path().join("k.pub")).unwrap());

    for options in ["-p", "-p -a"] {
        let mut terminal = Terminal::start(dir.path(), &format!("age {options} -o theirs plain; echo code=$?"));
        terminal.on("Enter passphrase (leave empty to autogenerate a secure one): ", "another one\n");
        terminal.on("Confirm passphrase: ", "another one\n");
        let shown = terminal.end();
        assert!(shown.contains("code=0"), "{shown}");
        assert_eq!(show(dir.path(), "theirs", "another one"), show(dir.path(), "k.pub", ""));
        fs::remove_file(dir.path().join("theirs")).unwrap();
    }
}
