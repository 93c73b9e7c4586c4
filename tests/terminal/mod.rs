//! A terminal on which somebody types. Needs script(1).

use std::io::{Read as _, Write as _};
use std::path::Path;
use std::process::{Child, Command, Stdio};

/// A shell on a terminal of its own (script(1)).
pub struct Terminal {
    script: Child,
    shown: String,
}

impl Terminal {
    pub fn start(dir: &Path, line: &str) -> Self {
        let mut command = Command::new("script");
        command
            .args(["-qefc", line, "/dev/null"])
            .current_dir(dir)
            .env_remove("SCELLE_PASSPHRASE")
            .env_remove("SCELLE_PIN");
        let script = command.stdin(Stdio::piped()).stdout(Stdio::piped()).spawn().expect("script(1)");
        Self { script, shown: String::new() }
    }

    /// Waits until the terminal shows this, then types.
    pub fn on(&mut self, shown: &str, typed: &str) {
        let stdout = self.script.stdout.as_mut().unwrap();
        let mut byte = [0];
        while !self.shown.contains(shown) {
            assert_eq!(stdout.read(&mut byte).unwrap(), 1, "ended before {shown:?}: {}", self.shown);
            self.shown.push(char::from(byte[0]));
        }
        self.script.stdin.as_mut().unwrap().write_all(typed.as_bytes()).unwrap();
    }

    pub fn end(mut self) -> String {
        let mut rest = String::new();
        self.script.stdout.take().unwrap().read_to_string(&mut rest).unwrap();
        self.script.wait().unwrap();
        self.shown + &rest
    }
}
