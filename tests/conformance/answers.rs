//! What a verifier is asked (SPEC.md CONF-2), what it answers (CONF-3), and how that is compared (CONF-5).

use std::fs;

use serde_json::{Value, json};

use crate::bench::{Bench, SCELLE, text, text_of};

/// A verifier that says that it does not look at time.
const AT_LEVEL_2: &str =
    "\"$SCELLE\" verify \"$@\" > out.$$; code=$?; sed 's/\"level\":3/\"level\":2/' out.$$; exit $code";

/// The same as a command.
fn at_level_2(bench: &Bench) -> [&'static str; 2] {
    let path = bench.verifier(AT_LEVEL_2);
    assert_eq!(path.file_name().and_then(std::ffi::OsStr::to_str), Some("verifier"));
    ["sh", "./verifier"]
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
    bench.run(&[], &["sh", verifier.to_str().expect("a path"), "first", "--second"]);
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
        // An area that a verifier of the level that is told here does not look at.
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
        let (names, rows) = bench.differences(&["--jobs", jobs], AT_LEVEL_2);
        assert_eq!(names, expected);
        assert_eq!((&rows[0]["expected"], &rows[0]["actual"]), (&json!("refuted"), &json!("verified")));
        assert_eq!((&rows[4]["expected"][0]["proven_bytes"], &rows[5]["expected"]), (&json!(1), &json!([])));
        assert_eq!(rows[5]["actual"][0]["member"], "payload/00000007.tar.zst");
    }
    let output = bench.run(&[], &at_level_2(&bench));
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

/// CONF-1, CONF-5.
#[test]
fn a_scenario_beyond_the_stated_level_is_counted_apart() {
    let bench = Bench::new();
    bench.change("b-damaged", |side| {
        side["level"] = 3.into();
        side["expected"]["verdict"] = "verified".into();
    });
    let (object, code) = bench.json(&[], &at_level_2(&bench));
    assert_eq!((&object["agreed"], &object["beyond_level"], code), (&json!(2), &json!(1), 0), "{object}");
    let (names, _) = bench.differences(&[], "exec \"$SCELLE\" verify \"$@\"");
    assert_eq!(names, ["b-damaged verdict"], "who states the level is compared");
    let (names, _) = bench.differences(
        &[],
        "\"$SCELLE\" verify \"$@\" > out.$$; code=$?; sed 's/\"level\":3/\"level\":0/' out.$$; exit $code",
    );
    assert!(names.contains(&"a-sound level".into()), "no level is no way out: {names:?}");
    for name in ["a-sound", "c-nothing"] {
        bench.change(name, |side| side["level"] = 3.into());
    }
    let output = bench.run(&[], &at_level_2(&bench));
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
        let output = bench.run(options, &["sh", verifier.to_str().expect("a path")]);
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
