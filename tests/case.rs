//! Case files: from what people write to `case.json`, and what is said of mistakes.

use std::fs;
use std::path::Path;
use std::process::{Command, Stdio};

use scelle::case_file::{CaseFile, CaseTemplate};
use scelle::format::case::{CaseJson, Scope, ScopeSource};
use scelle::format::digest::Nonce;
use tempfile::TempDir;

/// Only what is required.
const LEAST: &str = r#"
case = { id = "2026/117" }
exhibit = { id = "S-1" }
operator = { name = "A. Martin" }
[authority]
name = "Parquet"
state = "FR"
"#;

fn scelle(dir: &Path, args: &[&str]) -> (Option<i32>, String, String) {
    let mut command = Command::new(env!("CARGO_BIN_EXE_scelle"));
    let output = command.args(args).current_dir(dir).stdin(Stdio::null()).output().unwrap();
    let text = |bytes: Vec<u8>| String::from_utf8(bytes).unwrap();
    (output.status.code(), text(output.stdout), text(output.stderr))
}

/// Everything that is said of a case file, a line each.
fn said_of(text: &str) -> Vec<String> {
    CaseFile::parse(text).map(|case| panic!("{case:?}")).unwrap_err().iter().map(ToString::to_string).collect()
}

fn scope() -> Scope {
    let source = ScopeSource { device: None, name: b"phone".to_vec(), path: b"/mnt/phone".to_vec() };
    Scope { exclude: Vec::new(), host: None, mounted_ok: None, one_file_system: false, sources: vec![source] }
}

/// The bytes of `case.json` that a case file leads to.
fn case_json(text: &str) -> String {
    let case = CaseFile::parse(text).unwrap().into_case_json(Nonce([0x0a; 32]), scope());
    String::from_utf8(case.to_bytes().unwrap()).unwrap()
}

#[test]
fn with_all_five_values_the_template_is_complete_whatever_characters_they_have() {
    let dir = TempDir::new().unwrap();
    let awkward = ["a\"b\\c#'''", "é\u{1f512}\u{2028}", "[x] = \"\"\"", "  spaces  ", "FR"];
    let [case, exhibit, operator, authority, state] = awkward;
    let values =
        ["--case", case, "--exhibit", exhibit, "--operator", operator, "--authority", authority, "--state", state];
    let (code, stdout, stderr) = scelle(dir.path(), &[&["case", "new"], &values[..]].concat());
    assert_eq!((code, stderr.as_str()), (Some(0), ""));
    let file = CaseFile::parse(&stdout).unwrap();
    let read = [&file.case.id, &file.exhibit.id, &file.operator.name, &file.authority.name].map(|text| text.as_str());
    assert_eq!(read, [case, exhibit, operator, authority]);
    assert_eq!(
        (file.authority.state.code(), &file.source, &file.legal_basis, &file.clock),
        (state, &None, &None, &None)
    );

    let (code, stdout, stderr) = scelle(dir.path(), &[&["case", "new", "--out", "case.toml"], &values[..]].concat());
    assert_eq!((code, stdout.as_str(), stderr.as_str()), (Some(0), "", "wrote case.toml\n"));
    assert_eq!(scelle(dir.path(), &["case", "check", "case.toml"]).0, Some(0));
}

#[test]
fn an_empty_template_says_all_that_is_to_be_filled_in() {
    let dir = TempDir::new().unwrap();
    let (code, _, stderr) = scelle(dir.path(), &["case", "new", "--case", "7", "--out", "case.toml"]);
    assert_eq!(code, Some(0));
    assert!(
        stderr.ends_with("still to fill in: exhibit.id, operator.name, authority.name, authority.state\n"),
        "{stderr}"
    );
    let (code, stdout, stderr) = scelle(dir.path(), &["case", "check", "case.toml"]);
    assert_eq!((code, stdout.as_str()), (Some(3), ""));
    let text = fs::read_to_string(dir.path().join("case.toml")).unwrap();
    for field in ["exhibit.id", "operator.name", "authority.name", "authority.state"] {
        assert!(stderr.contains(&format!("required field `{field}` at line ")), "{stderr}");
    }
    let line = text.lines().position(|line| line == "[exhibit]").unwrap() + 3;
    assert!(stderr.contains(&format!("`exhibit.id` at line {line} is empty")), "{stderr}");
}

#[test]
fn every_field_of_the_template_is_known_and_goes_into_the_case() {
    let given = Some("1".to_owned());
    let template = CaseTemplate {
        case: given.clone(),
        exhibit: given.clone(),
        operator: given.clone(),
        authority: given,
        state: Some("VN".into()),
    };
    let mut filled = template.to_toml().replace("# offset_ms = 0", "offset_ms = -16");
    let digest = "0A".repeat(32);
    for (key, value) in [
        ("power", "search_seizure"),
        ("exculpatory", "no"),
        ("stage", "prosecution"),
        ("issuer_kind", "judge"),
        ("issued_at", "2026-11-22T10:30:00+07:00"),
        ("valid_from", "2026-11-22"),
        ("valid_until", "2026-11-22"),
        ("basis", "serious_crime_cooperation"),
        ("location_state", "VN"),
        ("source_sha256", &digest),
        ("requesting_state", "FR"),
        ("requested_state", "VN"),
        ("until", "2027-01-01"),
    ] {
        // The first only: another table may have a text under the same key.
        assert!(filled.contains(&format!("{key} = \"\"")), "{key}");
        filled = filled.replacen(&format!("{key} = \"\""), &format!("{key} = \"{value}\""), 1);
    }
    filled = filled.replace("= \"\"", "= \"x\"").replace("= []", "= [\"x\"]");
    // What would be wrong if it were there with no value.
    for (comment, line) in [
        ("# article = 7", "article = 7"),
        ("# max_penalty_months = 60", "max_penalty_months = 60"),
        ("# required = true", "required = true"),
        ("# present = true", "present = true"),
        ("# [[conditions]]\n# id = \"1\"\n# text =", "[[conditions]]\nid = \"1\"\ntext ="),
        ("# [[items]]\n# paths", "[[items]]\npaths"),
        ("# category = \"content\"\n# request_item", "category = \"content\"\nrequest_item"),
        ("# sensitive = \"x\"", "sensitive = \"intimate_images\""),
    ] {
        assert!(filled.contains(comment), "{comment}");
        filled = filled.replacen(comment, line, 1);
    }
    let file = CaseFile::parse(&filled).unwrap();
    assert_eq!(file.clock.as_ref().map(|clock| (clock.offset_ms, clock.reference.as_str())), Some((-16, "x")));
    let json = case_json(&filled);
    // All that CASE-1 has, but `host`.
    for key in [
        "acquisition",
        "authorisation",
        "conduct",
        "confidentiality",
        "configuration",
        "consents",
        "conditions",
        "cooperation",
        "exculpatory",
        "grounds",
        "issuedAt",
        "issuerKind",
        "items",
        "locationState",
        "maxPenaltyMonths",
        "method",
        "personalData",
        "power",
        "qualification",
        "remedy",
        "requestItem",
        "sensitive",
        "sourceSha256",
        "stage",
        "thirdParties",
        "unequalReason",
        "use",
        "validFrom",
        "validUntil",
        "title",
        "description",
        "seizedAt",
        "seizedPlace",
        "article",
        "instrument",
        "reference",
        "notes",
        "contact",
        "role",
        "safeguards",
        "make",
        "model",
        "serial",
        "writeProtection",
    ] {
        assert!(json.contains(&format!(r#""{key}":"#)), "{key}: {json}");
    }
    assert!(CaseJson::from_bytes(json.as_bytes()).is_ok());
}

#[test]
fn the_least_case_has_only_what_is_required() {
    assert_eq!(
        case_json(LEAST),
        format!(
            r#"{{"authority":{{"name":"Parquet","state":"FR"}},"case":{{"id":"2026/117"}},"exhibit":{{"id":"S-1"}},"nonce":"{}","operator":{{"name":"A. Martin"}},"scope":{{"exclude":[],"oneFileSystem":false,"sources":[{{"name":"phone","path":"/mnt/phone"}}]}},"type":"urn:scelle:case:1"}}"#,
            "0a".repeat(32)
        )
    );
}

#[test]
fn all_problems_are_said_at_once_with_line_and_remedy() {
    let text = r#"title = "at the wrong place"
[exhibit]
desciption = "d"
seizedAt = "x"
colour = "red"
id = 7
[operator]
name = "  "
notes = "below a table"
[authority]
name = "Parquet"
state = "uk"
[exhibits]
[source]
make = "a\u0007b"
[clock]
offset_ms = 1.5
[legal_basis]
article = "56"
"#;
    assert_eq!(
        said_of(text),
        [
            "unknown field `title` at line 1: did you mean `case.title`?",
            "unknown field `exhibit.desciption` at line 3: did you mean `description`?",
            "unknown field `exhibit.seizedAt` at line 4: did you mean `seized_at`?",
            "unknown field `exhibit.colour` at line 5",
            "field `exhibit.id` at line 6 must be a text in quotes, not a whole number",
            "required field `operator.name` at line 8 is empty",
            "unknown field `operator.notes` at line 9: did you mean `notes` above the first table, not `operator.notes`?",
            "field `authority.state` at line 12 must be an ISO 3166-1 alpha-2 code in capital letters, or EU, not \"uk\": did you mean GB?",
            "unknown field `exhibits` at line 13: did you mean `exhibit`?",
            "field `source.make` at line 15 has the control character \\u{7}",
            "field `clock.offset_ms` at line 17 must be a whole number of milliseconds, not a number with a fraction",
            "required field `case.id` is missing",
            "field `legal_basis.instrument` is missing, and required beside `legal_basis.article`",
        ]
    );
}

#[test]
fn what_is_not_toml_is_said_with_every_line() {
    let said = said_of("[case]\nid = \"a\nb = 1\nb = 2\n[exhibit\n");
    let starts: Vec<&str> = said.iter().map(|said| said.split(": ").next().unwrap()).collect();
    assert_eq!(starts, ["not TOML at line 2", "not TOML at line 4", "not TOML at line 5"], "{said:?}");
    assert!(said_of(&format!("{LEAST}\nname = \"twice\"\n"))[0].starts_with("not TOML at line 9: "));
}

proptest::proptest! {
    #[test]
    fn no_text_makes_the_reader_fall_over(lines in proptest::collection::vec("(\\[|\\[\\[|case|exhibit|clock|id|offset_ms|notes|=|\\.|\"|'|\\{|\\}|\\]|[0-9a-f_+-]|#|é|\n| |,){0,12}", 0..8)) {
        let _ = CaseFile::parse(&lines.join("\n"));
    }
}

#[test]
fn values_have_bounds() {
    let with = |line: &str| said_of(&format!("{line}\n{LEAST}")).join("\n");
    assert_eq!(
        with(&format!("notes = '{}'", "x".repeat(16_385))),
        "field `notes` at line 1 is longer than 16384 bytes"
    );
    assert!(CaseFile::parse(&format!("notes = '{}'\n{LEAST}", "x".repeat(16_384))).is_ok());
    assert!(CaseFile::parse(&format!("notes = \"\"\"a\n\tb\"\"\"\n{LEAST}")).is_ok());
    assert!(with("notes = \"a\\rb\"").contains("control character"));
    assert!(with("notes = true").contains("not true or false"));
    assert!(with("clock = 1").contains("`clock` at line 1 must be a table, not a whole number"));
    assert!(with("clock = { reference = 'r', offset_ms = 9007199254740992 }").contains("out of range"));
    assert!(with("clock = { reference = 'r', offset_ms = 99999999999999999999 }").contains("out of range"));
    assert!(with("clock = { offset_ms = 1 }").contains("`clock.reference` is missing"));
    assert!(with("clock = { reference = 'r' }").contains("`clock.offset_ms` is missing"));
}

#[test]
fn a_time_of_seizure_may_be_written_without_quotes() {
    let text = LEAST.replace(r#"{ id = "S-1" }"#, r#"{ id = "S-1", seized_at = 2026-11-22T10:30:00+07:00 }"#);
    assert!(case_json(&text).contains(r#""seizedAt":"2026-11-22T10:30:00+07:00""#));
    assert!(said_of(&text.replace(r#""S-1""#, "2026-11-22"))[0].contains("not a date or time"));
}

#[test]
fn values_that_cannot_stand_in_a_case_are_refused_before_a_file_is_made() {
    let dir = TempDir::new().unwrap();
    let args = ["case", "new", "--case", "", "--operator", "a\u{7}", "--state", "fr", "--out", "case.toml"];
    let (code, stdout, stderr) = scelle(dir.path(), &args);
    assert_eq!((code, stdout.as_str()), (Some(3), ""));
    for said in ["`case.id` is empty", "`operator.name` has the control character", "did you mean FR?"] {
        assert!(stderr.contains(said), "{stderr}");
    }
    assert_eq!(fs::read_dir(dir.path()).unwrap().count(), 0);
}

#[test]
fn a_case_file_is_never_overwritten() {
    let dir = TempDir::new().unwrap();
    fs::write(dir.path().join("case.toml"), "precious").unwrap();
    let (code, _, stderr) = scelle(dir.path(), &["case", "new", "--out", "case.toml"]);
    assert_eq!(code, Some(3));
    assert!(stderr.starts_with("error: case.toml exists already\nhint: "), "{stderr}");
    assert_eq!(fs::read_to_string(dir.path().join("case.toml")).unwrap(), "precious");
}

#[test]
fn a_case_file_that_does_not_fit_the_disk_is_not_left_half_written() {
    let dir = TempDir::new().unwrap();
    let script = format!(
        "mount -t tmpfs -o size=4k none . && cd . && dd if=/dev/zero of=full bs=4k count=1 2>/dev/null; \
         {} case new --out case.toml; code=$?; ls; exit $code",
        env!("CARGO_BIN_EXE_scelle")
    );
    let output = Command::new("unshare").args(["-m", "sh", "-c", &script]).current_dir(dir.path()).output().unwrap();
    let (stdout, stderr) = (String::from_utf8_lossy(&output.stdout), String::from_utf8_lossy(&output.stderr));
    assert_eq!(output.status.code(), Some(2), "{stderr}");
    assert!(stderr.starts_with("error: cannot write the case file case.toml: No space left"), "{stderr}");
    assert!(!stdout.contains("case.toml"), "{stdout}");
}

#[test]
fn what_is_no_case_file_at_all_is_told_apart() {
    let dir = TempDir::new().unwrap();
    fs::write(dir.path().join("long"), vec![b'#'; 1024 * 1024 + 1]).unwrap();
    fs::write(dir.path().join("binary"), b"\xff\xfe").unwrap();
    for (file, code, says) in [("long", 3, "too long"), ("binary", 3, "not UTF-8"), ("absent", 2, "cannot read")] {
        let (exit, _, stderr) = scelle(dir.path(), &["case", "check", file]);
        assert!(exit == Some(code) && stderr.contains(says), "{exit:?} {stderr}");
    }
}

/// CASE-3.
#[test]
fn what_the_law_asks_for_is_checked_as_it_is_read() {
    let with = |text: &str| match CaseFile::parse(text) {
        Ok(_) => panic!("{text} was taken"),
        Err(problems) => scelle::case_file::list(&problems),
    };
    for (text, says) in [
        ("power = 'torture'", "field `power` at line 1 must be one of preservation,"),
        ("[offence]\narticle = 18", "`offence.article` at line 2 must be an article that makes an act an offence"),
        ("[offence]\nmax_penalty_months = -1", "`offence.max_penalty_months` at line 2 is out of range"),
        ("[authorisation]\nvalid_from = 2026-11-22", "required field `case.id` is missing"),
        ("[authorisation]\nvalid_from = '2026-02-30'", "`authorisation.valid_from` at line 2 must be 2026-11-22 or"),
        (
            "[authorisation]\nvalid_from = 2026-11-23\nvalid_until = 2026-11-22",
            "`authorisation.valid_until` at line 3 is before `authorisation.valid_from`",
        ),
        ("[cooperation]\nrequesting_state = 'FR'", "field `cooperation.requested_state` is missing"),
        ("[confidentiality]\nuntil = 2026-11-22", "field `confidentiality.required` is missing"),
        ("[confidentiality]\nrequired = 'yes'", "`confidentiality.required` at line 2 must be true or false"),
        ("[items]\npaths = 'a'", "`items` at line 1 must be a list of tables"),
        ("[[items]]\npaths = 'a'", "required field `items[0].category` is missing"),
        ("[[items]]\npath = 'a'", "unknown field `items.path` at line 2: did you mean `paths`?"),
        (
            "[[conditions]]\nid = '1'\ntext = 'a'\n[[conditions]]\nid = '1'\ntext = 'b'",
            "field `conditions[1].id` at line 5 has the value of another one",
        ),
        (&"[[items]]\npaths = 'a'\ncategory = 'traffic'\n".repeat(1001), "`items` at line 1 has more than 1000"),
        ("[use]\ncases = 'C-1'", "`use.cases` at line 2 must be a list, not a text"),
        ("[[items]]\npaths = '/a'\ncategory = 'traffic'", "`items[0].paths` at line 2 must be a pattern"),
        ("[[items]]\npaths = '{a'\ncategory = 'traffic'", "`items[0].paths` at line 2 must be a pattern"),
        ("[use]\ncases = [1]", "`use.cases` at line 2 must be a text in quotes"),
    ] {
        assert!(with(text).contains(says), "{text}: {}", with(text));
    }
}
