//! Where passphrases come from: a file, the environment, or the terminal, in this order.

use std::fs::File;
use std::io::{self, Read as _};
use std::os::unix::ffi::OsStrExt as _;
use std::path::{Path, PathBuf};

use super::terminal::{self, PromptError};
use super::{Exit, Failure};
use crate::sign::key_file::KeyFileError;
use crate::sign::passphrase::{Passphrase, PassphraseError, buffer};

/// Environment variable that holds the passphrase.
pub const VARIABLE: &str = "SCELLE_PASSPHRASE";

/// Options of every command that opens a key.
#[derive(Debug, Default, clap::Args)]
pub struct PassphraseArgs {
    /// Read the passphrase from a file (else from SCELLE_PASSPHRASE, else the terminal asks)
    #[arg(long, value_name = "FILE")]
    pub passphrase_file: Option<PathBuf>,
}

/// Why a passphrase could not be had without asking. Never says what it is.
#[derive(Debug, thiserror::Error)]
enum SourceError {
    #[error("cannot read the passphrase file {path}", path = path.display())]
    File { path: PathBuf, source: io::Error },
    #[error("{path} holds no passphrase that can be used", path = path.display())]
    FileContent { path: PathBuf, source: PassphraseError },
    #[error("{VARIABLE} holds no passphrase that can be used")]
    Variable(#[source] PassphraseError),
    #[error("the two passphrases differ")]
    Differ,
}

impl PassphraseArgs {
    /// The passphrase for opening the key at `path`.
    pub fn for_opening(&self, path: &Path) -> Result<Passphrase, Failure> {
        match self.without_asking()? {
            Some(passphrase) => Ok(passphrase),
            None => ask(&format!("Passphrase for {}: ", path.display())),
        }
    }

    /// The passphrase for a new key at `path`; typed twice if it is typed.
    pub fn for_creating(&self, path: &Path) -> Result<Passphrase, Failure> {
        if let Some(passphrase) = self.without_asking()? {
            return Ok(passphrase);
        }
        let first = ask(&format!("New passphrase for {}: ", path.display()))?;
        if ask("The same again: ")?.same_as(&first) {
            Ok(first)
        } else {
            Err(Failure::new(Exit::Usage, SourceError::Differ).hint("nothing was written; try again"))
        }
    }

    fn without_asking(&self) -> Result<Option<Passphrase>, Failure> {
        if let Some(path) = &self.passphrase_file {
            return from_file(path).map(Some);
        }
        match std::env::var_os(VARIABLE) {
            None => Ok(None),
            Some(value) => Passphrase::new(value.as_bytes())
                .map(Some)
                .map_err(|source| Failure::new(Exit::Usage, SourceError::Variable(source))),
        }
    }
}

fn from_file(path: &Path) -> Result<Passphrase, Failure> {
    let mut bytes = buffer();
    let limit = u64::try_from(bytes.capacity()).unwrap_or_default();
    File::open(path)
        .and_then(|file| file.take(limit).read_to_end(&mut bytes))
        .map_err(|source| Failure::new(Exit::CouldNot, SourceError::File { path: path.to_owned(), source }))?;
    Passphrase::new(&bytes)
        .map_err(|source| Failure::new(Exit::Usage, SourceError::FileContent { path: path.to_owned(), source }))
}

fn ask(prompt: &str) -> Result<Passphrase, Failure> {
    terminal::ask(prompt).map_err(|error| match error {
        PromptError::NoTerminal(_) => Failure::new(Exit::Usage, error)
            .hint(format!("give --passphrase-file FILE, or set {VARIABLE}; a public key file needs no passphrase")),
        PromptError::Terminal(_) => Failure::new(Exit::CouldNot, error),
        PromptError::Interrupted => Failure::new(Exit::Interrupted, error),
        PromptError::Refused(_) => Failure::new(Exit::Usage, error),
    })
}

impl From<KeyFileError> for Failure {
    fn from(error: KeyFileError) -> Self {
        match &error {
            KeyFileError::Read { .. } | KeyFileError::Write { .. } => Self::new(Exit::CouldNot, error),
            KeyFileError::Kind { hint, .. } => {
                let hint = *hint;
                Self::new(Exit::Usage, error).hint(hint)
            }
            KeyFileError::Exists(_) => {
                Self::new(Exit::Usage, error).hint("keys are never overwritten; choose another name")
            }
            KeyFileError::NotAKey(_) => {
                Self::new(Exit::Usage, error).hint("give a file that `scelle key new` wrote, or a key in PEM form")
            }
            _ => Self::new(Exit::Usage, error),
        }
    }
}
