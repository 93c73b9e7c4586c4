//! Runs scelle's verifier on each scenario and compares by CONF-5.

use std::path::Path;
use std::process::Command;
use std::sync::Arc;
use std::sync::atomic::AtomicBool;

use data_encoding::BASE64;
use scelle::report::json;
use scelle::verify::{Bundle, Options, Verdict, ZipFile, verify};
use serde_json::{Value, json};

use super::files;
use super::scenario::Stored;
use super::{Node, Scenario};

/// What a verifier said (CONF-3): the exit code of its process, if it is one, and its object. None if it does not take this.
type Said = Option<(Option<i32>, Value)>;

pub fn assert_agreement(layers: &[(&str, Vec<Scenario>)], verifier: fn(&Scenario, &Path) -> Said) {
    let dir = tempfile::tempdir().expect("a directory");
    let mut wrong = String::new();
    for scenario in layers.iter().flat_map(|(_, scenarios)| scenarios) {
        let Some((exit, said)) = verifier(scenario, dir.path()) else { continue };
        for difference in differences(&scenario.side(), exit, &said) {
            wrong.push_str(&format!("{}: {difference}\n", scenario.name));
        }
        if std::env::var("CORPUS_SHOW").is_ok_and(|name| name == scenario.name) {
            println!("{}", serde_json::to_string_pretty(&said["findings"]).expect("json"));
        }
    }
    assert!(wrong.is_empty(), "\n{wrong}");
}

/// CONF-5.
fn differences(side: &Value, exit: Option<i32>, said: &Value) -> Vec<String> {
    let expected = &side["expected"];
    let mut out = Vec::new();
    let mut compare = |what: &str, expected: &Value, actual: &Value| {
        if expected != actual {
            out.push(format!("{what}\n    expected {expected}\n    found    {actual}"));
        }
    };
    compare("exit", &expected["exit"], &said["exit"]);
    if let Some(exit) = exit {
        compare("exit of the process", &expected["exit"], &json!(exit));
    }
    for key in ["verdict", "seal_digest"] {
        compare(key, &expected[key], &said[key]);
    }
    if expected["verdict"].is_null() {
        return out;
    }
    compare("areas", &expected["areas"], &said["areas"]);
    for key in ["ranges", "entries"] {
        compare(key, &damage(&expected["damage"][key]), &damage(&said["damage"][key]));
    }
    let failed = said["failed"].as_array().expect("steps");
    for step in side["found_by"].as_array().expect("steps").iter().filter(|step| !failed.contains(step)) {
        out.push(format!("not found by {step}, but by {}", said["failed"]));
    }
    out
}

/// What is compared of the damage map, in one order.
fn damage(list: &Value) -> Value {
    let one = |value: &Value| {
        let mut out = json!({});
        for key in ["cause", "frame", "len", "lost", "member", "offset", "proven_bytes", "size"] {
            if let Some(value) = value.get(key) {
                out[key] = value.clone();
            }
        }
        match (value.get("path_b64"), value.get("path")) {
            (Some(path), _) => out["path_b64"] = path.clone(),
            (None, Some(path)) => out["path_b64"] = BASE64.encode(path.as_str().expect("text").as_bytes()).into(),
            (None, None) => {}
        }
        out
    };
    let mut list: Vec<Value> = list.as_array().expect("a list").iter().map(one).collect();
    list.sort_by_key(Value::to_string);
    list.into()
}

/// The library. What is no bundle is for the program to tell.
pub fn library(scenario: &Scenario, dir: &Path) -> Said {
    let bundle: Box<dyn Bundle> = match &scenario.stored {
        _ if scenario.side()["expected"]["verdict"].is_null() => return None,
        Stored::File(bytes) => Box::new(ZipFile::open(Arc::new(bytes.clone())).expect("memory can be read")),
        Stored::Directory(_) => scelle::verify::open(&put(scenario, dir)).expect("a bundle"),
    };
    let options = &scenario.side()["options"];
    let signers: Vec<_> = scenario.signers.iter().map(|key| key.signing().public()).collect();
    let (fixity, strict) = (options["fixity"] == true, options["strict"] == true);
    let cancel = AtomicBool::new(false);
    let options = Options { signers: &signers, fixity, strict, thread_count: 2, cancel: &cancel, progress: &|_, _| {} };
    let verification = verify(&*bundle, &options).expect("nobody interrupts");
    let exit = match verification.verdict {
        Verdict::Verified | Verdict::FixityOk => 0,
        Verdict::Refuted | Verdict::Incomplete => 1,
        Verdict::CouldNotCheck => 2,
        Verdict::NotTrusted => 4,
    };
    Some((None, json::verification(b"", &verification, exit)))
}

/// The program, with the options of CONF-2.
pub fn program(scenario: &Scenario, dir: &Path) -> Said {
    let side = scenario.side();
    let mut command = Command::new(env!("CARGO_BIN_EXE_scelle"));
    command.args(["verify", "--json"]);
    for key in &scenario.signers {
        let path = dir.join(key.file());
        files::write(&path, &Node::File(key.signing().public().to_pem().into_bytes()));
        command.arg("--signer").arg(path);
    }
    for option in ["fixity", "strict"] {
        if side["options"][option] == true {
            command.arg(format!("--{option}"));
        }
    }
    let output = command.arg(put(scenario, dir)).output().expect("the program runs");
    let said = serde_json::from_slice(&output.stdout).unwrap_or_else(|error| panic!("{}: {error}", scenario.name));
    Some((output.status.code(), said))
}

/// Puts a bundle into a directory.
fn put(scenario: &Scenario, dir: &Path) -> std::path::PathBuf {
    match &scenario.stored {
        Stored::File(bytes) => {
            let path = dir.join("bundle.scelle");
            std::fs::write(&path, bytes).expect("a file");
            path
        }
        Stored::Directory(nodes) => {
            let path = dir.join(scenario.name);
            let _ = std::fs::remove_dir_all(&path);
            nodes.iter().for_each(|(name, node)| files::write(&path.join(name), node));
            path
        }
    }
}
