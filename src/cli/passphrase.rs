//! Where passphrases and PINs come from: a file, the environment, or the terminal, in this order.

use std::fs::File;
use std::io::{self, Read as _};
use std::os::unix::ffi::OsStringExt as _;
use std::path::{Path, PathBuf};

use zeroize::Zeroizing;

use super::terminal::{self, PromptError};
use super::{Exit, Failure};
use crate::report::escape::escape;
use crate::sign::key_file::KeyFileError;
use crate::sign::passphrase::{Passphrase, PassphraseError, buffer};

/// What is secret: where it comes from, and what it is called.
#[derive(Debug)]
pub struct Secret {
    name: &'static str,
    /// Environment variable that holds it.
    variable: &'static str,
    /// Option that names a file with it.
    option: &'static str,
    /// What else helps who has no terminal.
    otherwise: &'static str,
}

/// The passphrase of a key file.
pub const PASSPHRASE: Secret = Secret {
    name: "passphrase",
    variable: "SCELLE_PASSPHRASE",
    option: "--passphrase-file",
    otherwise: "; a public key file needs no passphrase",
};

/// The PIN of a token.
pub const PIN: Secret = Secret { name: "PIN", variable: "SCELLE_PIN", option: "--pin-file", otherwise: "" };

/// Options of every command that opens a key.
#[derive(Debug, Default, clap::Args)]
pub struct PassphraseArgs {
    /// Read the passphrase from a file (else from SCELLE_PASSPHRASE, else the terminal asks)
    #[arg(long, value_name = "FILE")]
    pub passphrase_file: Option<PathBuf>,
}

/// Why a secret could not be had without asking. Never says what it is.
#[derive(Debug, thiserror::Error)]
enum SourceError {
    #[error("cannot read the {name} file {path}", path = path.display())]
    File { name: &'static str, path: PathBuf, source: io::Error },
    #[error("{path} holds no {name} that can be used", path = path.display())]
    FileContent { name: &'static str, path: PathBuf, source: PassphraseError },
    #[error("{variable} holds no {name} that can be used")]
    Variable { name: &'static str, variable: &'static str, source: PassphraseError },
    #[error("the two passphrases differ")]
    Differ,
    #[error("cannot ask for the {name}")]
    Prompt { name: &'static str, source: PromptError },
}

impl PassphraseArgs {
    /// The passphrase for opening the key at `path`.
    pub fn for_opening(&self, path: &Path) -> Result<Passphrase, Failure> {
        match PASSPHRASE.without_asking(self.passphrase_file.as_deref())? {
            Some(passphrase) => Ok(passphrase),
            None => PASSPHRASE.ask(&format!("Passphrase for {}: ", escape(path.as_os_str().as_encoded_bytes()))),
        }
    }

    /// The passphrase for a new key at `path`; typed twice if it is typed.
    pub fn for_creating(&self, path: &Path) -> Result<Passphrase, Failure> {
        if let Some(passphrase) = PASSPHRASE.without_asking(self.passphrase_file.as_deref())? {
            return Ok(passphrase);
        }
        let first = PASSPHRASE.ask(&format!("New passphrase for {}: ", escape(path.as_os_str().as_encoded_bytes())))?;
        if PASSPHRASE.ask("The same again: ")?.same_as(&first) {
            Ok(first)
        } else {
            Err(Failure::new(Exit::Usage, SourceError::Differ).hint("nothing was written; try again"))
        }
    }
}

impl Secret {
    /// From this file, else from the environment.
    pub fn without_asking(&self, file: Option<&Path>) -> Result<Option<Passphrase>, Failure> {
        if let Some(path) = file {
            return self.from_file(path).map(Some);
        }
        let Self { name, variable, .. } = *self;
        match std::env::var_os(variable) {
            None => Ok(None),
            Some(value) => Passphrase::new(&Zeroizing::new(value.into_vec()))
                .map(Some)
                .map_err(|source| Failure::new(Exit::Usage, SourceError::Variable { name, variable, source })),
        }
    }

    /// From a file, whose line ending is no part of it.
    pub fn from_file(&self, path: &Path) -> Result<Passphrase, Failure> {
        let (name, path_of_error) = (self.name, || path.to_owned());
        let mut bytes = buffer();
        let limit = u64::try_from(bytes.capacity()).unwrap_or_default();
        File::open(path).and_then(|file| file.take(limit).read_to_end(&mut bytes)).map_err(|source| {
            Failure::new(Exit::CouldNot, SourceError::File { name, path: path_of_error(), source })
        })?;
        Passphrase::new(&bytes).map_err(|source| {
            Failure::new(Exit::Usage, SourceError::FileContent { name, path: path_of_error(), source })
        })
    }

    /// From the terminal.
    pub fn ask(&self, prompt: &str) -> Result<Passphrase, Failure> {
        let Self { name, variable, option, otherwise } = *self;
        terminal::ask(prompt).map_err(|source| {
            let (exit, hint) = match source {
                PromptError::NoTerminal(_) => {
                    (Exit::Usage, Some(format!("give {option} FILE, or set {variable}{otherwise}")))
                }
                PromptError::Terminal(_) => (Exit::CouldNot, None),
                PromptError::Interrupted => return Failure::new(Exit::Interrupted, source),
                PromptError::Refused(_) => (Exit::Usage, None),
            };
            Failure { hint, ..Failure::new(exit, SourceError::Prompt { name, source }) }
        })
    }
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
