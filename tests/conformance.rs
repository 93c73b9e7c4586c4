//! `scelle conformance` over small corpora, with verifiers that are right, wrong, silent, endless or dead.

use std::fs;
use std::os::unix::fs::PermissionsExt as _;
use std::path::{Path, PathBuf};
use std::process::{Command, Output, Stdio};
use std::time::{Duration, Instant};

use serde_json::{Value, json};

const SCELLE: &str = env!("CARGO_BIN_EXE_scelle");
const MANY: &str = "many_segments";

/// A corpus of three scenarios, a sound bundle, a damaged one and what is no bundle, and a place for verifiers.
struct Bench {
    dir: tempfile::TempDir,
}

impl Bench {
    fn new() -> Self {
        let bench = Self { dir: tempfile::tempdir().expect("a directory") };
        let golden = Path::new(env!("CARGO_MANIFEST_DIR")).join("fixtures/golden");
        fs::create_dir_all(bench.path("corpus/keys")).expect("a directory");
        fs::write(bench.path("corpus/keys/signer.pem"), public_key(&bench.path("private"))).expect("the key");
        let sound = fs::read(golden.join(format!("{MANY}.scelle"))).expect("the golden bundle");
        let mut damaged = sound.clone();
        let name = b"payload/00000007.tar.zst";
        let at = sound.windows(name.len()).position(|window| window == name).expect("it is there");
        damaged[at + name.len() + 16] ^= 1;
        bench.add("a-sound", &sound, &[], |_| ());
        bench.add("b-damaged", &damaged, &["V-5", "V-8"], |_| ());
        bench.add("c-nothing", b"no bundle", &[], |side| side["expected"]["exit"] = 3.into());
        bench
    }

    fn path(&self, name: &str) -> PathBuf {
        self.dir.path().join(name)
    }

    /// Adds a scenario; what is expected is what `scelle verify` says.
    fn add(&self, name: &str, bundle: &[u8], found_by: &[&str], change: impl FnOnce(&mut Value)) {
        let path = self.path(&format!("corpus/{name}.scelle"));
        fs::write(&path, bundle).expect("the bundle");
        let signer = self.path("corpus/keys/signer.pem");
        let verify = Command::new(SCELLE).args(["verify", "--json", "--signer"]).arg(signer).arg(path).output();
        let said: Value = serde_json::from_slice(&verify.expect("scelle").stdout).expect("a report");
        let keys = |row: &Value, keys: &[&str]| -> Value {
            keys.iter().filter_map(|key| Some(((*key).to_owned(), row.get(key)?.clone()))).collect()
        };
        let rows = |rows: &Value, names: &[&str]| -> Value {
            rows.as_array().into_iter().flatten().map(|row| keys(row, names)).collect()
        };
        let entry = ["lost", "path", "proven_bytes", "size"];
        let range = ["cause", "frame", "len", "member", "offset"];
        let mut expected = keys(&said, &["exit", "verdict", "seal_digest", "areas"]);
        if !said["verdict"].is_null() {
            expected["damage"] = json!({
                "entries": rows(&said["damage"]["entries"], &entry),
                "ranges": rows(&said["damage"]["ranges"], &range),
            });
        }
        let mut side = json!({
            "what": "a bundle of this test", "clauses": ["VER-1"], "level": 1, "found_by": found_by,
            "options": {"fixity": false, "signers": ["keys/signer.pem"], "strict": false},
            "expected": expected,
        });
        change(&mut side);
        self.write_side(name, &side);
    }

    fn side(&self, name: &str) -> Value {
        let bytes = fs::read(self.path(&format!("corpus/{name}.json"))).expect("the side file");
        serde_json::from_slice(&bytes).expect("JSON")
    }

    fn write_side(&self, name: &str, side: &Value) {
        fs::write(self.path(&format!("corpus/{name}.json")), side.to_string()).expect("the side file");
    }

    fn change(&self, name: &str, change: impl FnOnce(&mut Value)) {
        let mut side = self.side(name);
        change(&mut side);
        self.write_side(name, &side);
    }

    /// A verifier that is this shell script; `$bundle` is its last argument, `$SCELLE` the one that is right.
    fn verifier(&self, script: &str) -> PathBuf {
        let path = self.path("verifier");
        let script = format!("#!/bin/sh\nSCELLE='{SCELLE}'\nfor bundle; do :; done\n{script}\n");
        fs::write(&path, script).expect("the verifier");
        fs::set_permissions(&path, fs::Permissions::from_mode(0o755)).expect("the verifier");
        path
    }

    fn run(&self, options: &[&str], command: &[&str]) -> Output {
        let mut run = Command::new(SCELLE);
        run.args(["conformance", "--corpus", "corpus"]).args(options).arg("--").args(command);
        run.current_dir(self.dir.path()).stdin(Stdio::null()).output().expect("scelle")
    }

    /// The object, and the exit code.
    fn json(&self, options: &[&str], command: &[&str]) -> (Value, i32) {
        let output = self.run(&[&["--json"], options].concat(), command);
        let object = serde_json::from_slice(&output.stdout).unwrap_or_else(|_| panic!("{output:?}"));
        (object, output.status.code().expect("a code"))
    }

    /// What differs with a verifier of this script: `scenario key` of each row, and the rows.
    fn differences(&self, options: &[&str], script: &str) -> (Vec<String>, Vec<Value>) {
        let verifier = self.verifier(script);
        let (object, code) = self.json(options, &[verifier.to_str().expect("a path")]);
        let rows = object["differences"].as_array().expect("rows").clone();
        assert_eq!(code, i32::from(!rows.is_empty()), "{object}");
        let name = |row: &Value| format!("{} {}", text_of(&row["scenario"]), text_of(&row["key"]));
        (rows.iter().map(name).collect(), rows)
    }
}

fn text_of(value: &Value) -> String {
    value.as_str().map_or_else(|| value.to_string(), str::to_owned)
}

/// The public half, in PEM, of the test key that signed the golden bundles.
fn public_key(private: &Path) -> Vec<u8> {
    let hex = format!("302e020100300506032b657004220420{}", "7e".repeat(32));
    let base64 = data_encoding::BASE64.encode(&data_encoding::HEXLOWER.decode(hex.as_bytes()).expect("hex"));
    fs::write(private, format!("-----BEGIN PRIVATE KEY-----\n{base64}\n-----END PRIVATE KEY-----\n")).expect("a key");
    let export = Command::new(SCELLE).args(["key", "export", "--format", "spki"]).arg(private).output();
    export.expect("scelle").stdout
}

fn text(bytes: &[u8]) -> String {
    String::from_utf8_lossy(bytes).into_owned()
}

#[test]
fn a_verifier_that_is_right_agrees_however_many_run_at_a_time() {
    let bench = Bench::new();
    assert_ne!(bench.side("b-damaged")["expected"]["damage"]["entries"], json!([]), "something is compared");
    for jobs in ["1", "8"] {
        let output = bench.run(&["--jobs", jobs], &[SCELLE, "verify"]);
        assert_eq!(output.status.code(), Some(0), "{output:?}");
        assert_eq!(text(&output.stdout), "3 scenarios: 3 agreed, 0 differed, 0 beyond the verifier's level\n");
    }
    let (object, code) = bench.json(&[], &[SCELLE, "verify", "--threads", "1"]);
    let expected = json!({"total": 3, "agreed": 3, "differed": 0, "beyond_level": 0, "differences": []});
    assert_eq!((object, code), (expected, 0));
}

#[test]
fn the_command_gets_the_options_of_the_scenario_and_the_bundle_last() {
    let bench = Bench::new();
    fs::write(bench.path("corpus/keys/other.pem"), "other").expect("a key");
    for name in ["b-damaged", "c-nothing"] {
        fs::remove_file(bench.path(&format!("corpus/{name}.json"))).expect("the side file");
        fs::remove_file(bench.path(&format!("corpus/{name}.scelle"))).expect("the bundle");
    }
    let options = json!({"fixity": true, "strict": true, "signers": ["keys/other.pem", "keys/signer.pem"]});
    bench.change("a-sound", |side| side["options"] = options);
    let verifier = bench.verifier("printf '%s\\n' \"$@\" > words; pwd > place");
    bench.run(&[], &[verifier.to_str().expect("a path"), "first", "--second"]);
    let corpus = bench.path("corpus");
    let words = fs::read_to_string(bench.path("words")).expect("words");
    let expected = format!(
        "first\n--second\n--json\n--signer\n{0}/keys/other.pem\n--signer\n{0}/keys/signer.pem\n--fixity\n--strict\n{0}/a-sound.scelle\n",
        corpus.display()
    );
    assert_eq!(words, expected);
}

#[test]
fn each_key_that_differs_is_one_row_in_the_order_of_names() {
    let bench = Bench::new();
    bench.change("a-sound", |side| {
        side["expected"]["verdict"] = "refuted".into();
        side["expected"]["areas"]["seal"] = "failed".into();
        // Areas that a verifier of level 1 does not look at.
        side["expected"]["areas"]["custody"] = "passed".into();
        side["expected"]["areas"]["time"] = "failed".into();
        side["found_by"] = json!(["V-4"]);
    });
    bench.change("b-damaged", |side| {
        side["expected"]["seal_digest"] = Value::Null;
        side["expected"]["damage"]["entries"][0]["proven_bytes"] = 1.into();
        side["expected"]["damage"]["ranges"] = json!([]);
    });
    bench.change("c-nothing", |side| side["expected"]["exit"] = 2.into());
    let expected = [
        "a-sound verdict",
        "a-sound areas.seal",
        "a-sound failed",
        "b-damaged seal_digest",
        "b-damaged damage.entries",
        "b-damaged damage.ranges",
        "c-nothing process",
        "c-nothing exit",
    ];
    for jobs in ["1", "3"] {
        let (names, rows) = bench.differences(&["--jobs", jobs], "exec \"$SCELLE\" verify \"$@\"");
        assert_eq!(names, expected);
        assert_eq!((&rows[0]["expected"], &rows[0]["actual"]), (&json!("refuted"), &json!("verified")));
        assert_eq!((&rows[4]["expected"][0]["proven_bytes"], &rows[5]["expected"]), (&json!(1), &json!([])));
        assert_eq!(rows[5]["actual"][0]["member"], "payload/00000007.tar.zst");
    }
    let output = bench.run(&[], &[SCELLE, "verify"]);
    let shown = text(&output.stdout);
    assert!(shown.starts_with("a-sound: verdict: expected \"refuted\", came \"verified\"\n"), "{shown}");
    assert!(shown.ends_with("3 scenarios: 0 agreed, 3 differed, 0 beyond the verifier's level\n"), "{shown}");
    assert_eq!((output.status.code(), shown.lines().count()), (Some(1), expected.len() + 1));
}

#[test]
fn order_spelling_and_keys_that_are_not_compared_make_no_difference() {
    let bench = Bench::new();
    let reverse = r#"jq -c '.damage.entries |= (. // [] | reverse | map(.path_b64 = (.path | @base64) | .path = "other"))
        | .damage.ranges |= (. // [] | reverse) | .failed += ["V-99"] | .new = {"a": [1]}' "#;
    let script = format!("\"$SCELLE\" verify \"$@\" > out.$$; code=$?; {reverse} out.$$; exit $code");
    assert_eq!(bench.differences(&[], &script).0, [""; 0]);
}

#[test]
fn a_scenario_beyond_the_stated_level_is_counted_apart() {
    let bench = Bench::new();
    bench.change("b-damaged", |side| {
        side["level"] = 2.into();
        side["expected"]["verdict"] = "verified".into();
    });
    let (object, code) = bench.json(&[], &[SCELLE, "verify"]);
    assert_eq!((&object["agreed"], &object["beyond_level"], code), (&json!(2), &json!(1), 0), "{object}");
    let (names, _) = bench.differences(
        &[],
        "\"$SCELLE\" verify \"$@\" > out.$$; code=$?; sed 's/\"level\":1/\"level\":2/' out.$$; exit $code",
    );
    assert_eq!(names, ["b-damaged verdict"], "who states the level is compared");
    let (names, _) = bench.differences(
        &[],
        "\"$SCELLE\" verify \"$@\" > out.$$; code=$?; sed 's/\"level\":1/\"level\":0/' out.$$; exit $code",
    );
    assert!(names.contains(&"a-sound level".into()), "no level is no way out: {names:?}");
    for name in ["a-sound", "c-nothing"] {
        bench.change(name, |side| side["level"] = 3.into());
    }
    let output = bench.run(&[], &[SCELLE, "verify"]);
    assert_eq!(output.status.code(), Some(2), "nothing passes for want of scenarios");
    assert!(text(&output.stderr).contains("nothing was compared"), "{output:?}");
}

#[test]
fn a_wrong_exit_code_is_a_difference_though_the_report_is_right() {
    let (names, rows) = Bench::new().differences(&[], "\"$SCELLE\" verify \"$@\"; exit 9");
    assert_eq!(names, ["a-sound process", "b-damaged process", "c-nothing process"]);
    assert_eq!((&rows[1]["expected"], &rows[1]["actual"]), (&json!(1), &json!(9)));
}

#[test]
fn what_prints_no_object_is_a_difference_that_shows_it_and_cannot_harm_a_terminal() {
    let bench = Bench::new();
    let (names, rows) = bench.differences(&[], "printf '\\033[2JVERIFIED\\n'; echo 'it broke' >&2; exit 1");
    assert!(names.contains(&"b-damaged output".into()), "{names:?}");
    let row = rows.iter().find(|row| row["key"] == "output").expect("a row");
    let actual = text_of(&row["actual"]);
    assert!(
        actual.contains("not one JSON object") && actual.contains("VERIFIED") && actual.ends_with("stderr: it broke")
    );
    let verifier = bench.path("verifier");
    for options in [&[][..], &["--json"]] {
        let output = bench.run(options, &[verifier.to_str().expect("a path")]);
        assert!(!output.stdout.contains(&0x1b), "{output:?}");
    }
    let (names, rows) = bench.differences(&[], "exit 0");
    assert!(names.contains(&"a-sound output".into()) && rows[0]["actual"] == "nothing", "{rows:?}");
    for output in ["[]", "{}{}", "{\"exit\":0,\"exit\":0}"] {
        let (names, _) = bench.differences(&[], &format!("echo '{output}'; exit 0"));
        assert!(names.contains(&"a-sound output".into()), "{output}: {names:?}");
    }
    let (names, _) = bench.differences(&[], "echo '{}'; exit 0");
    let of_a: Vec<_> = names.iter().filter_map(|name| name.strip_prefix("a-sound ")).collect();
    assert_eq!(of_a, ["level", "exit", "verdict", "seal_digest", "areas", "failed", "damage"]);
}

#[test]
fn a_crash_is_a_difference_that_says_so() {
    let (names, rows) = Bench::new().differences(&[], "\"$SCELLE\" verify \"$@\"; kill -SEGV $$");
    assert_eq!(names, ["a-sound process", "b-damaged process", "c-nothing process"]);
    assert!(text_of(&rows[0]["actual"]).starts_with("ended by signal: 11 (SIGSEGV)"), "{}", rows[0]);
}

#[test]
fn a_verifier_that_hangs_is_killed_with_all_that_it_started() {
    let bench = Bench::new();
    let started = Instant::now();
    let (names, rows) = bench.differences(&["--timeout", "1", "--jobs", "3"], "sleep 600 & echo $! >> children; wait");
    assert_eq!(names, ["a-sound process", "b-damaged process", "c-nothing process"]);
    assert_eq!(rows[0]["actual"], "killed: still running after 1 s");
    assert!(started.elapsed() < Duration::from_secs(60), "{:?}", started.elapsed());
    let children = fs::read_to_string(bench.path("children")).expect("their numbers");
    assert_eq!(children.lines().count(), 3);
    assert!(children.lines().all(has_ended), "{children}");
}

#[test]
fn what_a_verifier_leaves_behind_is_killed_and_never_waited_for() {
    let bench = Bench::new();
    let started = Instant::now();
    // One in its group, one that left it and keeps the pipes open.
    let script = "sleep 600 & echo $! >> children; setsid sleep 20 & exec \"$SCELLE\" verify \"$@\"";
    assert_eq!(bench.differences(&[], script).0, [""; 0]);
    assert!(started.elapsed() < Duration::from_secs(18), "{:?}", started.elapsed());
    let children = fs::read_to_string(bench.path("children")).expect("their numbers");
    assert!(children.lines().all(has_ended), "{children}");
}

/// Whether a process is gone, or only waits to be counted as dead.
fn has_ended(pid: &str) -> bool {
    let deadline = Instant::now() + Duration::from_secs(10);
    loop {
        match fs::read_to_string(format!("/proc/{pid}/stat")) {
            Ok(stat) if !stat.contains(") Z ") && Instant::now() < deadline => {
                std::thread::sleep(Duration::from_millis(20));
            }
            Ok(stat) => return stat.contains(") Z "),
            Err(_) => return true,
        }
    }
}

#[test]
fn a_flood_is_cut_off_and_a_flood_of_errors_is_no_matter() {
    let bench = Bench::new();
    let (names, rows) = bench.differences(&["--jobs", "1"], "exec cat /dev/zero");
    assert_eq!(names, ["a-sound process", "b-damaged process", "c-nothing process"]);
    assert_eq!(rows[2]["actual"], "killed: more than 64 MiB of output");
    let script = "head -c 5000000 /dev/zero >&2; exec \"$SCELLE\" verify \"$@\"";
    assert_eq!(bench.differences(&[], script).0, [""; 0]);
}

#[test]
fn a_long_report_in_many_pieces_is_read_whole() {
    let script = "\"$SCELLE\" verify \"$@\"; code=$?; head -c 3000000 /dev/zero | tr '\\0' ' '; exit $code";
    assert_eq!(Bench::new().differences(&[], script).0, [""; 0]);
}

#[test]
fn a_long_wrong_value_is_cut() {
    let script = "printf '{\"level\":1,\"verdict\":\"'; head -c 3000000 /dev/zero | tr '\\0' x; echo '\"}'";
    let (_, rows) = Bench::new().differences(&[], script);
    assert!(rows.iter().all(|row| row.to_string().len() < 10_000));
}

#[test]
fn what_cannot_be_started_is_no_difference() {
    let bench = Bench::new();
    for command in ["./nowhere", "corpus/a-sound.json"] {
        let output = bench.run(&[], &[command]);
        assert_eq!((output.status.code(), output.stdout.is_empty()), (Some(2), true), "{output:?}");
        let stderr = text(&output.stderr);
        assert!(stderr.starts_with(&format!("error: cannot start {command}: ")), "{stderr}");
    }
}

#[test]
fn a_corpus_that_is_malformed_is_wrong_use_and_says_which_and_where() {
    type Change = fn(&Bench);
    let changes: [(Change, &str); 9] = [
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
        (
            |b| fs::remove_file(b.path("corpus/keys/signer.pem")).unwrap(),
            "a-sound.json names a signer that is not there: keys/signer.pem",
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

#[test]
fn an_interruption_ends_the_verifiers_too() {
    let bench = Bench::new();
    let verifier = bench.verifier("echo $$ >> children; exec sleep 600");
    let mut command = Command::new(SCELLE);
    command.args(["conformance", "--corpus", "corpus", "--jobs", "2", "--"]).arg(verifier);
    let child = command.current_dir(bench.dir.path()).stdout(Stdio::piped()).stderr(Stdio::piped()).spawn();
    let child = child.expect("scelle");
    let deadline = Instant::now() + Duration::from_secs(30);
    let children = || fs::read_to_string(bench.path("children")).unwrap_or_default();
    while children().lines().count() < 2 && Instant::now() < deadline {
        std::thread::sleep(Duration::from_millis(20));
    }
    rustix::process::kill_process(rustix::process::Pid::from_child(&child), rustix::process::Signal::INT)
        .expect("kill");
    let output = child.wait_with_output().expect("scelle");
    assert_eq!((output.status.code(), output.stdout.is_empty()), (Some(130), true), "{output:?}");
    assert!(children().lines().count() == 2 && children().lines().all(has_ended), "{}", children());
}
