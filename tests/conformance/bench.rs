//! A small corpus and a place for verifiers.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::{Command, Output, Stdio};

use serde_json::{Value, json};

pub const SCELLE: &str = env!("CARGO_BIN_EXE_scelle");
const MANY: &str = "many_segments";

/// A corpus of three scenarios, a sound bundle, a damaged one and what is no bundle, and a place for verifiers.
pub struct Bench {
    pub dir: tempfile::TempDir,
}

impl Bench {
    pub fn new() -> Self {
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

    pub fn path(&self, name: &str) -> PathBuf {
        self.dir.path().join(name)
    }

    /// Adds a scenario; what is expected is what `scelle verify` says.
    pub fn add(&self, name: &str, bundle: &[u8], found_by: &[&str], change: impl FnOnce(&mut Value)) {
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

    pub fn side(&self, name: &str) -> Value {
        let bytes = fs::read(self.path(&format!("corpus/{name}.json"))).expect("the side file");
        serde_json::from_slice(&bytes).expect("JSON")
    }

    pub fn write_side(&self, name: &str, side: &Value) {
        fs::write(self.path(&format!("corpus/{name}.json")), side.to_string()).expect("the side file");
    }

    pub fn change(&self, name: &str, change: impl FnOnce(&mut Value)) {
        let mut side = self.side(name);
        change(&mut side);
        self.write_side(name, &side);
    }

    /// A verifier that is this shell script, for `sh` to read; `$SCELLE` is the verifier that is right.
    pub fn verifier(&self, script: &str) -> PathBuf {
        let path = self.path("verifier");
        let script = format!("SCELLE='{SCELLE}'\n{script}\n");
        fs::write(&path, script).expect("the verifier");
        path
    }

    pub fn run(&self, options: &[&str], command: &[&str]) -> Output {
        let mut run = Command::new(SCELLE);
        run.args(["conformance", "--corpus", "corpus"]).args(options).arg("--").args(command);
        run.current_dir(self.dir.path()).stdin(Stdio::null()).output().expect("scelle")
    }

    /// The object, and the exit code.
    pub fn json(&self, options: &[&str], command: &[&str]) -> (Value, i32) {
        let output = self.run(&[&["--json"], options].concat(), command);
        let object = serde_json::from_slice(&output.stdout).unwrap_or_else(|_| panic!("{output:?}"));
        (object, output.status.code().expect("a code"))
    }

    /// What differs with a verifier of this script: `scenario key` of each row, and the rows.
    pub fn differences(&self, options: &[&str], script: &str) -> (Vec<String>, Vec<Value>) {
        let verifier = self.verifier(script);
        let (object, code) = self.json(options, &["sh", verifier.to_str().expect("a path")]);
        let rows = object["differences"].as_array().expect("rows").clone();
        assert_eq!(code, i32::from(!rows.is_empty()), "{object}");
        let name = |row: &Value| format!("{} {}", text_of(&row["scenario"]), text_of(&row["key"]));
        (rows.iter().map(name).collect(), rows)
    }
}

pub fn text_of(value: &Value) -> String {
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

pub fn text(bytes: &[u8]) -> String {
    String::from_utf8_lossy(bytes).into_owned()
}
