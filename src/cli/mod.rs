//! The command line: arguments to calls, results to messages and exit codes. One file a command.

pub mod terminal;
pub mod passphrase;
pub mod interrupt;
mod progress;
pub mod key;
pub mod case;
pub mod seal;
pub mod verify;
mod content;
pub mod list;
pub mod show;
pub mod extract;
pub mod demo;

use std::error::Error;
use std::io::{self, Write as _};
use std::process::ExitCode;

use clap::{Parser, Subcommand};

/// Seal digital evidence into bundles that anyone can verify.
#[derive(Debug, Parser)]
#[command(name = "scelle", version, arg_required_else_help = true)]
struct Cli {
    #[command(subcommand)]
    command: Command,
}

#[derive(Debug, Subcommand)]
enum Command {
    #[command(subcommand)]
    Key(key::KeyCommand),
    #[command(subcommand)]
    Case(case::CaseCommand),
    Seal(seal::SealArgs),
    Verify(verify::VerifyArgs),
    List(list::ListArgs),
    Show(show::ShowArgs),
    Extract(extract::ExtractArgs),
    Demo(demo::DemoArgs),
}

/// What a command ended with (SPEC.md VER-1); the numbers are the same for every command.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Exit {
    /// 0: done, or verified.
    Done,
    /// 1: bytes, digests or signatures do not match.
    Refuted,
    /// 2: could not check or do it: input and output, environment; may be tried again.
    CouldNot,
    /// 3: command line, or an input that is not what it should be.
    Usage,
    /// 4: intact, but not signed by those who are trusted.
    NotTrusted,
    /// 130: interrupted, ended cleanly.
    Interrupted,
}

impl Exit {
    /// The process exit code.
    pub fn code(self) -> u8 {
        match self {
            Self::Done => 0,
            Self::Refuted => 1,
            Self::CouldNot => 2,
            Self::Usage => 3,
            Self::NotTrusted => 4,
            Self::Interrupted => 130,
        }
    }
}

/// An error on its way to the user: printed once, with its chain of causes and a hint.
#[derive(Debug)]
pub struct Failure {
    /// How the process ends.
    pub exit: Exit,
    /// What went wrong; its sources are printed after it.
    pub error: Box<dyn Error + Send + Sync>,
    /// What the user can do.
    pub hint: Option<String>,
}

impl Failure {
    /// A failure without a hint.
    pub fn new(exit: Exit, error: impl Into<Box<dyn Error + Send + Sync>>) -> Self {
        Self { exit, error: error.into(), hint: None }
    }

    /// The same with a hint.
    pub fn hint(self, hint: impl Into<String>) -> Self {
        Self { hint: Some(hint.into()), ..self }
    }
}

/// Runs the command line of this process.
pub fn main() -> ExitCode {
    let exit = match Cli::try_parse() {
        Ok(cli) => run(cli.command).unwrap_or_else(|failure| failure.report()),
        Err(error) => {
            // Help and version are answers, not errors; nobody may be reading either.
            let _ = error.print();
            if error.use_stderr() { Exit::Usage } else { Exit::Done }
        }
    };
    ExitCode::from(exit.code())
}

fn run(command: Command) -> Result<Exit, Failure> {
    match command {
        Command::Key(command) => key::run(command),
        Command::Case(command) => case::run(command),
        Command::Seal(args) => seal::run(args),
        Command::Verify(args) => verify::run(&args),
        Command::List(args) => list::run(&args),
        Command::Show(args) => show::run(&args),
        Command::Extract(args) => extract::run(args),
        Command::Demo(args) => demo::run(&args),
    }
}

impl Failure {
    /// The error with its causes, on one line.
    fn text(&self) -> String {
        let mut line = self.error.to_string();
        let mut cause = self.error.source();
        while let Some(error) = cause {
            line.push_str(": ");
            line.push_str(&error.to_string());
            cause = error.source();
        }
        line
    }

    /// Prints it to stderr, once, and gives the exit code's value.
    fn report(&self) -> Exit {
        message(&format!("error: {}", self.text()));
        if let Some(hint) = &self.hint {
            message(&format!("hint: {hint}"));
        }
        self.exit
    }
}

/// Prints a line for people. If stderr is closed there is nobody to tell.
fn message(line: &str) {
    let _ = writeln!(io::stderr(), "{}", crate::report::escape::message(line));
}

/// Prints a warning for people.
fn warning(text: &str) {
    message(&format!("warning: {text}"));
}

/// Threads that work if the user does not say how many.
fn cores() -> usize {
    std::thread::available_parallelism().map_or(1, usize::from)
}

/// Standard output could not be written.
#[derive(Debug, thiserror::Error)]
#[error("cannot write to standard output")]
struct OutputError(#[source] io::Error);

/// Writes data to stdout. A reader that has seen enough and gone (`| head`) is no failure.
fn write_stdout(data: &[u8]) -> Result<Exit, Failure> {
    let mut stdout = io::stdout().lock();
    match stdout.write_all(data).and_then(|()| stdout.flush()) {
        Ok(()) => Ok(Exit::Done),
        Err(error) => write_error(error),
    }
}

/// What a failed write to stdout means: nothing, if the reader has gone.
fn write_error(error: io::Error) -> Result<Exit, Failure> {
    match error.kind() {
        io::ErrorKind::BrokenPipe => Ok(Exit::Done),
        _ => Err(Failure::new(Exit::CouldNot, OutputError(error))),
    }
}
