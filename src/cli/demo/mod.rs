//! `scelle demo`: the main job on a sample case, from sealing to damage and restoring, with what to do next.

mod sample;
mod custody;

use std::fs;
use std::io::{self, IsTerminal};
use std::os::unix::fs::MetadataExt as _;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

use clap::Args;

use super::{Exit, Failure, write_stdout};
use crate::report::quantity::bytes;

/// Seal, verify, damage and restore a sample case in a temporary directory, and show how
#[derive(Debug, Args)]
pub struct DemoArgs {
    /// Keep the sample in this directory, which must not exist
    #[arg(long, value_name = "DIR")]
    keep: Option<PathBuf>,
}

/// Why the demonstration did not run to its end.
#[derive(Debug, thiserror::Error)]
enum DemoError {
    #[error("cannot write the sample in {dir}", dir = dir.display())]
    Sample { dir: PathBuf, source: io::Error },
    #[error("cannot run scelle itself")]
    Start(#[source] io::Error),
    #[error("`{line}` ended with {found}, not with exit code {expected}")]
    Unexpected { line: String, expected: u8, found: std::process::ExitStatus },
}

/// Runs the command.
pub fn run(args: &DemoArgs) -> Result<Exit, Failure> {
    let (dir, _temporary) = match &args.keep {
        Some(dir) => {
            fs::create_dir(dir).map_err(|e| sample_failure(dir, e))?;
            (dir.clone(), None)
        }
        None => {
            let temporary = tempfile::tempdir().map_err(|e| sample_failure(&std::env::temp_dir(), e))?;
            (temporary.path().to_owned(), Some(temporary))
        }
    };
    let demo = Demo { bold: io::stdout().is_terminal(), dir };
    demo.play()?;
    demo.say(&next_steps(args.keep.as_deref()))
}

fn sample_failure(dir: &Path, source: io::Error) -> Failure {
    Failure::new(Exit::CouldNot, DemoError::Sample { dir: dir.to_owned(), source })
}

struct Demo {
    dir: PathBuf,
    bold: bool,
}

impl Demo {
    fn play(&self) -> Result<(), Failure> {
        self.head("1. A seized folder, and who takes it")?;
        sample::phone(&self.dir).map_err(|e| sample_failure(&self.dir, e))?;
        self.say("   phone/ holds messages, a call log, a link to nowhere and a 6 MiB video.\n")?;
        self.scelle(0, &["key", "new", "--out", "officer.key", "--no-passphrase"])?;
        let case = ["--case", "2026-0417", "--exhibit", "A-1", "--operator", "A. Officer"];
        let authority = ["--authority", "Cyber Unit", "--state", "VN", "--out", "case.toml"];
        self.scelle(0, &[&["case", "new"], &case[..], &authority].concat())?;

        self.head("2. Seal it: one command, one number for the notebook")?;
        self.scelle(0, &["seal", "phone", "--out", "A-1.scelle", "--key", "officer.key", "--case", "case.toml"])?;

        self.head("3. Verify it, as a foreign authority would, with the officer's public key")?;
        self.scelle(0, &["verify", "A-1.scelle", "--signer", "officer.key.pub"])?;

        self.head("4. Someone changes one byte on the way")?;
        let at = self.damage_copy().map_err(|e| sample_failure(&self.dir, e))?;
        self.say(&format!("   byte {at} of a copy was changed.\n"))?;
        self.scelle(1, &["verify", "damaged.scelle", "--signer", "officer.key.pub"])?;

        self.head("5. Without the key, an intact bundle is intact, not trusted")?;
        self.scelle(4, &["verify", "A-1.scelle"])?;

        self.head("6. A folder that means harm, restored safely")?;
        let sparse_len = sample::trap(&self.dir).map_err(|e| sample_failure(&self.dir, e))?;
        self.say("   trap/ holds names that would paint and forge lines, a link to /, a program that would run as its owner,\n")?;
        self.say("   two names that differ by letter case, and a disk image that is nearly all hole.\n")?;
        self.scelle(0, &["seal", "trap", "--out", "A-2.scelle", "--key", "officer.key", "--case", "case.toml"])?;
        self.scelle(0, &["list", "A-2.scelle", "--signer", "officer.key.pub"])?;
        self.scelle(0, &["extract", "A-2.scelle", "--signer", "officer.key.pub", "--out", "restored"])?;
        let taken = fs::metadata(self.dir.join("restored/trap/disk.img")).map_err(|e| sample_failure(&self.dir, e))?;
        let (len, taken) = (bytes(sparse_len), bytes(taken.blocks() * 512));
        self.say(&format!("   disk.img of {len} takes {taken}; nothing was written outside restored/.\n"))?;
        self.hand_overs()
    }

    /// Changes a byte in the middle of a copy: inside the video.
    fn damage_copy(&self) -> io::Result<usize> {
        let mut bytes = fs::read(self.dir.join("A-1.scelle"))?;
        let at = bytes.len() / 2;
        bytes[at] ^= 0x01;
        fs::write(self.dir.join("damaged.scelle"), bytes)?;
        Ok(at)
    }

    /// Runs this program in the sample's directory and shows command line and output as they are.
    fn scelle(&self, expected: u8, args: &[&str]) -> Result<(), Failure> {
        let shown: Vec<String> = args.iter().map(|arg| quoted(arg)).collect();
        let line = format!("scelle {}", shown.join(" "));
        self.say(&format!("   $ {line}\n"))?;
        let failed = |e| Failure::new(Exit::CouldNot, DemoError::Start(e));
        let program = std::env::current_exe().map_err(failed)?;
        let run = Command::new(program).args(args).current_dir(&self.dir).stdin(Stdio::null()).output();
        let run = run.map_err(failed)?;
        for stream in [&run.stderr, &run.stdout] {
            for text in String::from_utf8_lossy(stream).lines() {
                self.say(&format!("   {text}\n"))?;
            }
        }
        match run.status.code() {
            Some(code) if code == i32::from(expected) => self.say(&format!("   (exit code {code})\n")),
            _ => Err(Failure::new(Exit::CouldNot, DemoError::Unexpected { line, expected, found: run.status })),
        }
        .map(drop)
    }

    fn head(&self, text: &str) -> Result<(), Failure> {
        let (on, off) = if self.bold { ("\x1b[1m", "\x1b[0m") } else { ("", "") };
        self.say(&format!("\n{on}{text}{off}\n")).map(drop)
    }

    fn say(&self, text: &str) -> Result<Exit, Failure> {
        write_stdout(text.as_bytes())
    }
}

/// An argument as a shell would want it.
fn quoted(arg: &str) -> String {
    if arg.contains(' ') { format!("\"{arg}\"") } else { arg.to_owned() }
}

fn next_steps(kept: Option<&Path>) -> String {
    let place = match kept {
        Some(dir) => format!("The sample was kept in {}.", dir.display()),
        None => "The sample was removed; `scelle demo --keep DIR` keeps it.".to_owned(),
    };
    format!(
        "
Without scelle, on any desk: the bundle is a ZIP file with VERIFY.txt in it.

   $ unzip -q A-1.scelle -d bundle && cd bundle
   $ export SIGNER=../officer.key.pub WORK=$(mktemp -d)
   $ sed -n '/BEGIN COMMANDS/,/END COMMANDS/p' VERIFY.txt | grep -v COMMANDS | sh

Next:

   scelle key new --out officer.key          a key of your own, with a passphrase
   scelle case new --out case.toml           a case file to fill in
   scelle seal SOURCE... --out X.scelle --key officer.key --case case.toml
   scelle verify X.scelle --signer officer.key.pub
   scelle list | show | extract X.scelle     look inside, take files out
   scelle custody offer | accept | log X.scelle

{place}
"
    )
}
