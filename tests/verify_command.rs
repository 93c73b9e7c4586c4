//! `scelle verify` as people and programs run it: exit codes, what is shown, in a narrow and a wide window.

use std::fs;
use std::path::PathBuf;
use std::process::{Command, Output};

use serde_json::Value;

const SCELLE: &str = env!("CARGO_BIN_EXE_scelle");

/// A copy of a golden bundle, and the key that signed it.
struct Desk {
    dir: tempfile::TempDir,
}

impl Desk {
    fn with(golden: &str) -> Self {
        let desk = Self { dir: tempfile::tempdir().expect("a directory") };
        let fixtures = PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("fixtures/golden");
        fs::copy(fixtures.join(format!("{golden}.scelle")), desk.path("x.scelle")).expect("the golden bundle");
        // The test keys of the golden bundles: their private halves are in tests/sealed.
        for (name, private) in [("key", ED25519), ("p256", P256)] {
            let der = data_encoding::HEXLOWER.decode(private.as_bytes()).expect("hex");
            let base64 = data_encoding::BASE64.encode(&der);
            let (first, rest) = base64.split_at(64);
            let base64 = if rest.is_empty() { base64.clone() } else { format!("{first}\n{rest}") };
            let pem = format!("-----BEGIN PRIVATE KEY-----\n{base64}\n-----END PRIVATE KEY-----\n");
            fs::write(desk.path(name), pem).expect("a key");
            let public = desk.run(&["key", "export", name, "--format", "spki"]);
            fs::write(desk.path(&format!("{name}.pub")), public.stdout).expect("a key");
        }
        desk
    }

    fn path(&self, name: &str) -> PathBuf {
        self.dir.path().join(name)
    }

    fn run(&self, args: &[&str]) -> Output {
        Command::new(SCELLE).args(args).current_dir(self.dir.path()).output().expect("scelle")
    }

    fn verify(&self, args: &[&str]) -> (i32, String) {
        let output = self.run(&[&["verify"], args].concat());
        (output.status.code().expect("a code"), text(&output.stdout) + &text(&output.stderr))
    }

    fn json(&self, args: &[&str]) -> Value {
        let output = self.run(&[&["verify", "--json"], args].concat());
        serde_json::from_slice(&output.stdout).expect("one JSON object")
    }

    fn damage(&self, at: impl FnOnce(&[u8]) -> usize) {
        let mut bytes = fs::read(self.path("x.scelle")).expect("the bundle");
        let at = at(&bytes);
        bytes[at] ^= 1;
        fs::write(self.path("x.scelle"), bytes).expect("the bundle");
    }
}

const ED25519: &str =
    "302e020100300506032b6570042204207e7e7e7e7e7e7e7e7e7e7e7e7e7e7e7e7e7e7e7e7e7e7e7e7e7e7e7e7e7e7e7e";
const P256: &str = "3041020100301306072a8648ce3d020106082a8648ce3d0301070427302502010104207d7d7d7d7d7d7d7d7d7d7d7d7d7d7d7d7d7d7d7d7d7d7d7d7d7d7d7d7d7d7d7d";

fn text(bytes: &[u8]) -> String {
    String::from_utf8_lossy(bytes).into_owned()
}

fn position(bytes: &[u8], needle: &[u8]) -> usize {
    bytes.windows(needle.len()).position(|window| window == needle).expect("it is there")
}

#[test]
fn every_golden_bundle_is_verified_with_its_key_and_not_trusted_without() {
    for golden in
        ["tiny", "one_empty_file", "no_file_at_all", "one_of_everything", "many_segments", "without_whole_file_digests"]
    {
        let desk = Desk::with(golden);
        let (code, text) = desk.verify(&["x.scelle", "--signer", "key.pub"]);
        assert_eq!((code, text.starts_with("VERIFIED  x.scelle\n")), (0, true), "{golden}: {text}");
        let (code, text) = desk.verify(&["x.scelle"]);
        assert_eq!((code, text.starts_with("INTACT, NOT TRUSTED")), (4, true), "{golden}: {text}");
        let (code, _) = desk.verify(&["x.scelle", "--signer", "p256.pub"]);
        assert_eq!(code, 4, "{golden}: a key that did not sign");
    }
    let desk = Desk::with("signed_with_p256");
    assert_eq!(desk.verify(&["x.scelle", "--signer", "p256.pub"]).0, 0);
    assert_eq!(desk.verify(&["x.scelle", "--signer", "key.pub", "--signer", "p256.pub"]).0, 0);
}

#[test]
fn damage_is_named_by_file_and_the_rest_is_proven() {
    let desk = Desk::with("many_segments");
    let whole = desk.json(&["x.scelle", "--signer", "key.pub"]);
    assert_eq!((&whole["verdict"], &whole["exit"]), (&"verified".into(), &0.into()));
    // The first byte of the payload part that holds a file of 9,000 bytes.
    desk.damage(|bytes| position(bytes, b"payload/00000007.tar.zst") + 40);
    let (code, text) = desk.verify(&["x.scelle", "--signer", "key.pub"]);
    assert_eq!(code, 1, "{text}");
    assert!(text.starts_with("REFUTED") && text.contains("Damage map:\n  - payload/00000007.tar.zst"), "{text}");
    let json = desk.json(&["x.scelle", "--signer", "key.pub"]);
    assert_eq!(json["verdict"], "refuted");
    assert_eq!(json["damage"]["ranges"][0]["member"], "payload/00000007.tar.zst");
    let (all, proven) = (json["counts"]["tarBytes"].as_u64(), json["proven_tar_bytes"].as_u64());
    assert!(proven > Some(0) && proven < all && all == whole["proven_tar_bytes"].as_u64(), "{proven:?} of {all:?}");
}

#[test]
fn fixity_says_fixity_ok_and_never_verified() {
    let desk = Desk::with("many_segments");
    let (code, text) = desk.verify(&["x.scelle", "--signer", "key.pub", "--fixity"]);
    assert_eq!(code, 0, "{text}");
    assert!(text.starts_with("FIXITY OK") && !text.to_lowercase().contains("verified"), "{text}");
    desk.damage(|bytes| position(bytes, b"payload/00000007.tar.zst") + 40);
    assert_eq!(desk.verify(&["x.scelle", "--signer", "key.pub", "--fixity"]).0, 1);
}

#[test]
fn what_was_recorded_at_sealing_is_reported_and_strict_makes_it_fail() {
    let desk = Desk::with("one_of_everything");
    let (code, text) = desk.verify(&["x.scelle", "--signer", "key.pub"]);
    assert_eq!(code, 0);
    assert!(text.contains("Recorded when it was sealed (this is no damage):"), "{text}");
    assert!(text.contains("s/g: 1 region not read, 900 bytes") && text.contains("s/l: could not be opened (EACCES)"));
    let (code, text) = desk.verify(&["x.scelle", "--signer", "key.pub", "--strict"]);
    assert_eq!((code, text.starts_with("INCOMPLETE")), (1, true), "{text}");
}

#[test]
fn what_is_no_bundle_is_a_usage_error_and_what_is_cut_is_refuted() {
    let desk = Desk::with("tiny");
    fs::write(desk.path("text"), "no bundle").expect("a file");
    fs::write(desk.path("empty"), "").expect("a file");
    fs::create_dir(desk.path("dir")).expect("a directory");
    for name in ["text", "empty", "dir", "key"] {
        let (code, text) = desk.verify(&[name, "--signer", "key.pub"]);
        assert_eq!((code, text.contains(&format!("{name} is not a bundle"))), (3, true), "{text}");
    }
    let (code, text) = desk.verify(&["nowhere", "--signer", "key.pub"]);
    assert_eq!((code, text.contains("nowhere")), (2, true), "{text}");
    let bytes = fs::read(desk.path("x.scelle")).expect("the bundle");
    fs::write(desk.path("x.scelle"), &bytes[..bytes.len() - 1]).expect("the bundle");
    assert_eq!(desk.verify(&["x.scelle", "--signer", "key.pub"]).0, 1);
    let (code, _) = desk.verify(&["x.scelle", "text", "--signer", "key.pub"]);
    assert_eq!(code, 1, "the gravest result decides");
}

#[test]
fn what_cannot_be_opened_still_has_its_json_object_and_names_are_exact() {
    use std::os::unix::ffi::OsStrExt as _;
    let desk = Desk::with("tiny");
    let odd = std::ffi::OsStr::from_bytes(b"odd\xff.scelle");
    fs::rename(desk.path("x.scelle"), desk.dir.path().join(odd)).expect("a rename");
    let mut command = Command::new(SCELLE);
    command.args(["verify", "--json", "--signer", "key.pub", "nowhere"]).arg(odd).current_dir(desk.dir.path());
    let output = command.output().expect("scelle");
    let objects: Vec<serde_json::Value> =
        text(&output.stdout).lines().map(|line| serde_json::from_str(line).expect("an object")).collect();
    assert_eq!(output.status.code(), Some(2));
    assert_eq!((&objects[0]["bundle"], &objects[0]["exit"]), (&"nowhere".into(), &2.into()));
    assert!(objects[0]["error"].as_str().is_some_and(|error| error.contains("cannot read nowhere")), "{}", objects[0]);
    assert_eq!(objects[1]["bundle_b64"], data_encoding::BASE64.encode(odd.as_bytes()));
    assert_eq!(objects[1]["verdict"], "verified");
}

#[test]
fn nothing_is_restored_into_the_bundle_itself() {
    let desk = Desk::with("tiny");
    let unzip = Command::new("unzip").args(["-q", "x.scelle", "-d", "dir"]).current_dir(desk.dir.path()).status();
    assert!(unzip.expect("unzip").success());
    for out in ["dir", "dir/out", "dir/seal/../deep/out"] {
        let args = ["extract", "dir", "--signer", "key.pub", "--out", out];
        let output = Command::new(SCELLE).args(args).current_dir(desk.dir.path()).output().expect("scelle");
        assert_eq!(output.status.code(), Some(3), "{out}");
        assert!(text(&output.stderr).contains("lies inside the bundle dir"), "{}", text(&output.stderr));
    }
    assert_eq!(desk.verify(&["dir", "--signer", "key.pub"]).0, 0);
}

#[test]
fn a_cut_bundle_still_proves_what_is_left_of_it() {
    let desk = Desk::with("many_segments");
    let bytes = fs::read(desk.path("x.scelle")).expect("the bundle");
    let directory = position(&bytes, b"PK\x01\x02");
    fs::write(desk.path("x.scelle"), &bytes[..directory]).expect("the bundle");
    let json = desk.json(&["x.scelle", "--signer", "key.pub"]);
    assert_eq!((&json["verdict"], &json["areas"]["content"]), (&"refuted".into(), &"passed".into()));
}

#[test]
fn text_fits_a_narrow_and_a_wide_window() {
    let desk = Desk::with("many_segments");
    desk.damage(|bytes| position(bytes, b"payload/00000007.tar.zst") + 40);
    for (columns, limit) in [(60, 60), (80, 80), (200, 100)] {
        let line = format!("stty cols {columns}; NO_COLOR=1 '{SCELLE}' verify x.scelle --signer key.pub");
        let script = Command::new("script").args(["-qec", &line, "/dev/null"]).current_dir(desk.dir.path()).output();
        let shown = text(&script.expect("script").stdout).replace('\r', "");
        assert!(shown.contains("REFUTED"), "{shown}");
        // A word that is longer than the window, such as a digest, is never broken.
        let fits = |line: &str| line.chars().count() <= limit || line.trim().split(' ').any(|word| word.len() > 30);
        let too_wide: Vec<_> = shown.lines().filter(|line| !line.contains('\x1b') && !fits(line)).collect();
        assert!(too_wide.is_empty(), "{columns}: {too_wide:#?}");
    }
}

#[test]
fn a_pipe_that_closes_is_no_error() {
    let desk = Desk::with("one_of_everything");
    let line = format!("set -o pipefail; '{SCELLE}' list x.scelle --signer key.pub | head -n 1");
    let output = Command::new("bash").args(["-c", &line]).current_dir(desk.dir.path()).output().expect("bash");
    assert!(output.status.success() && output.stderr.is_empty(), "{}", text(&output.stderr));
}

#[test]
fn names_in_a_listing_cannot_forge_a_line() {
    let desk = Desk::with("one_of_everything");
    let listed = text(&desk.run(&["list", "x.scelle", "--signer", "key.pub"]).stdout);
    assert!(listed.contains("s/b\\xff\\n\\\\"), "{listed}");
    let json = text(&desk.run(&["list", "x.scelle", "--json", "--signer", "key.pub"]).stdout);
    assert_eq!(json.lines().count(), listed.lines().count());
}
