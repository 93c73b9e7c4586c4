//! The command line: arguments to calls, results to messages and exit codes. One file a command.

use std::error::Error;
use std::process::ExitCode;

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
    ExitCode::from(Exit::Usage.code())
}
