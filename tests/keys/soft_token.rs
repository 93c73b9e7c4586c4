//! Tokens of SoftHSM2 in a directory of their own, with keys that they made.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::{Command, Output, Stdio};

use crate::desk::{Desk, assert_done, text};

pub const PIN: &str = "271828";
const SO_PIN: &str = "31415926";

/// The module, wherever Debian puts it.
pub fn module() -> &'static str {
    let places = ["/usr/lib/softhsm/libsofthsm2.so", "/usr/lib/x86_64-linux-gnu/softhsm/libsofthsm2.so"];
    places.into_iter().find(|path| Path::new(path).exists()).expect("softhsm2")
}

/// A desk with something to seal, and tokens.
pub struct SoftTokens {
    pub desk: Desk,
    config: PathBuf,
}

impl SoftTokens {
    /// With one token that is called `unit`, with an Ed25519 key `ed` (01) and a P-256 key `p256` (02).
    pub fn new() -> Self {
        let desk = Desk::new();
        fs::write(desk.path("a"), "evidence").expect("a file");
        fs::create_dir(desk.path("tokens")).expect("a directory");
        let config = desk.path("softhsm2.conf");
        let text = format!("directories.tokendir = {}\nobjectstore.backend = file\n", desk.path("tokens").display());
        fs::write(&config, text).expect("a file");
        let tokens = Self { desk, config };
        tokens.add_token("unit");
        tokens.add_key("EC:edwards25519", "ed", "01");
        tokens.add_key("EC:prime256v1", "p256", "02");
        tokens
    }

    pub fn add_token(&self, label: &str) {
        let mut command = self.command("softhsm2-util");
        command.args(["--init-token", "--free", "--label", label, "--pin", PIN, "--so-pin", SO_PIN]);
        assert_done(&command.output().expect("softhsm2-util"));
    }

    pub fn add_key(&self, kind: &str, label: &str, id: &str) {
        self.tool(&["--login", "--pin", PIN, "--keypairgen", "--key-type", kind, "--label", label, "--id", id]);
    }

    /// pkcs11-tool on the token `unit`; must succeed.
    pub fn tool(&self, args: &[&str]) {
        let mut command = self.command("pkcs11-tool");
        command.args(["--module", module(), "--token-label", "unit"]).args(args);
        assert_done(&command.output().expect("pkcs11-tool"));
    }

    fn command(&self, program: &str) -> Command {
        let mut command = Command::new(program);
        command.env("SOFTHSM2_CONF", &self.config).stdin(Stdio::null());
        command
    }

    /// scelle without a terminal, told of the module and of this PIN.
    pub fn run_with(&self, pin: Option<&str>, args: &[&str]) -> Output {
        self.run_program(pin, env!("CARGO_BIN_EXE_scelle"), args)
    }

    /// A program in the same environment.
    pub fn run_program(&self, pin: Option<&str>, program: &str, args: &[&str]) -> Output {
        let mut command = Command::new("setsid");
        command.arg("-w").arg(program).args(args).current_dir(self.desk.dir.path());
        command.env("SOFTHSM2_CONF", &self.config).env("SCELLE_PKCS11_MODULE", module()).env_remove("SCELLE_PIN");
        if let Some(pin) = pin {
            command.env("SCELLE_PIN", pin);
        }
        command.stdin(Stdio::null()).output().expect("scelle")
    }

    /// The environment in which scelle finds the tokens, for a line of the shell.
    pub fn environment(&self) -> String {
        format!("SOFTHSM2_CONF='{}' SCELLE_PKCS11_MODULE='{}'", self.config.display(), module())
    }

    pub fn run(&self, args: &[&str]) -> Output {
        self.run_with(Some(PIN), args)
    }

    /// Whether the token says that a PIN was wrong since it was right.
    pub fn counts_wrong_pins(&self) -> bool {
        let output = self.command("pkcs11-tool").args(["--module", module(), "-L"]).output().expect("pkcs11-tool");
        text(&output.stdout).contains("user PIN count low")
    }
}

pub fn seal<'a>(key: &'a str, out: &'a str) -> Vec<&'a str> {
    vec!["seal", "a", "--key", key, "--case", "case.toml", "--out", out]
}
