//! How a command ends: its exit code, and what is said on stderr.

use std::error::Error;
use std::io::{self, Write as _};

use crate::causes::with_causes;

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

    /// The error with its causes, on one line.
    pub(super) fn text(&self) -> String {
        with_causes(&*self.error)
    }

    /// Prints it to stderr, once, and gives the exit code's value.
    pub(super) fn report(&self) -> Exit {
        message(&format!("error: {}", self.text()));
        if let Some(hint) = &self.hint {
            message(&format!("hint: {hint}"));
        }
        self.exit
    }
}

/// Prints a line for people. If stderr is closed there is nobody to tell.
pub(super) fn message(line: &str) {
    let _ = writeln!(io::stderr(), "{}", crate::report::escape::message(line));
}

/// Prints a warning for people.
pub(super) fn warning(text: &str) {
    message(&format!("warning: {text}"));
}
