//! `scelle key`: make, list, show and export signing keys.

use std::path::PathBuf;

use clap::{Args, Subcommand, ValueEnum};

use super::key_list::{self, ListArgs};
use super::key_source::{UnlockArgs, open_public_half};
use super::passphrase::PassphraseArgs;
use super::{Exit, Failure, core_dumps, message, write_stdout};
use crate::format::public_text::{openssh_line, verifier_key};
use crate::format::spki::Algorithm;
use crate::sign::{SigningKey, new_key};

/// Make, list, show and export signing keys.
#[derive(Debug, Subcommand)]
pub enum KeyCommand {
    /// Make a new key: FILE, protected by a passphrase, and FILE.pub; prints the key id
    New(NewArgs),
    /// List the keys of the ssh-agent and of tokens, as --key takes them; asks for no PIN
    List(ListArgs),
    /// Print the key id and algorithm of a key, public or private
    Show(ShowArgs),
    /// Print the public half in a form that other tools read
    Export(ExportArgs),
}

/// Arguments of `scelle key new`.
#[derive(Debug, Args)]
pub struct NewArgs {
    /// Where to write the private key; the public key is written to FILE.pub
    #[arg(long, value_name = "FILE")]
    out: PathBuf,
    /// Write the private key unprotected, as plain PKCS#8 PEM
    #[arg(long, conflicts_with = "passphrase_file")]
    no_passphrase: bool,
    #[command(flatten)]
    passphrase: PassphraseArgs,
    /// Signature algorithm
    #[arg(long, value_enum, default_value_t = AlgorithmArg::Ed25519)]
    algorithm: AlgorithmArg,
}

/// Signature algorithms by the names they have on the command line.
#[derive(Clone, Copy, Debug, ValueEnum)]
enum AlgorithmArg {
    /// Ed25519 (RFC 8032)
    Ed25519,
    /// ECDSA on P-256 with SHA-256, for systems without Ed25519
    P256,
}

/// Arguments of `scelle key show`.
#[derive(Debug, Args)]
pub struct ShowArgs {
    /// A key file, private or public, or what `scelle key list` shows for `--key`
    #[arg(value_name = "KEY")]
    key: PathBuf,
    #[command(flatten)]
    unlock: UnlockArgs,
}

/// Arguments of `scelle key export`.
#[derive(Debug, Args)]
pub struct ExportArgs {
    /// A key file, private or public, or what `scelle key list` shows for `--key`; only the public half is printed
    #[arg(value_name = "KEY")]
    key: PathBuf,
    /// Which form
    #[arg(long, value_enum)]
    format: ExportFormat,
    /// Name that goes into the form: required for vkey, a comment for openssh
    #[arg(long)]
    name: Option<String>,
    #[command(flatten)]
    unlock: UnlockArgs,
}

/// Forms of a public key.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
enum ExportFormat {
    /// SubjectPublicKeyInfo in PEM, for openssl and scelle verify
    Spki,
    /// A line for authorized_keys or allowed_signers
    Openssh,
    /// A C2SP verifier key (signed-note), Ed25519 only
    Vkey,
}

/// The arguments do not fit together.
#[derive(Debug, thiserror::Error)]
enum ExportError {
    #[error("a vkey needs a name")]
    NoName,
    #[error("an SPKI public key holds no name")]
    NameInSpki,
}

/// Runs `scelle key ...`.
pub fn run(command: KeyCommand) -> Result<Exit, Failure> {
    match command {
        KeyCommand::New(args) => new(&args),
        KeyCommand::List(args) => key_list::run(&args),
        KeyCommand::Show(args) => show(&args),
        KeyCommand::Export(args) => export(&args),
    }
}

fn new(args: &NewArgs) -> Result<Exit, Failure> {
    core_dumps::forbid();
    new_key::check_absent(&args.out)?;
    let passphrase = match args.no_passphrase {
        true => None,
        false => Some(args.passphrase.for_creating(&args.out)?),
    };
    let algorithm = match args.algorithm {
        AlgorithmArg::Ed25519 => Algorithm::Ed25519,
        AlgorithmArg::P256 => Algorithm::P256,
    };
    let key = SigningKey::generate(algorithm).map_err(|error| Failure::new(Exit::CouldNot, error))?;
    new_key::write_new(&args.out, &key, passphrase.as_ref())?;

    let (private, public) = (args.out.display(), new_key::public_path(&args.out));
    let protection = if passphrase.is_some() { "protected by the passphrase" } else { "NOT protected: guard the file" };
    message(&format!("wrote {private} ({protection}) and {} (to give to those who verify)", public.display()));
    write_stdout(format!("{}\n", key.public().key_id()).as_bytes())
}

fn show(args: &ShowArgs) -> Result<Exit, Failure> {
    let key = open_public_half(&args.key, &args.unlock)?;
    write_stdout(format!("key id: {}\nalgorithm: {}\n", key.key_id(), key.algorithm()).as_bytes())
}

fn export(args: &ExportArgs) -> Result<Exit, Failure> {
    let name = args.name.as_deref();
    match (args.format, name) {
        (ExportFormat::Vkey, None) => {
            return Err(Failure::new(Exit::Usage, ExportError::NoName)
                .hint("give --name NAME, by custom a domain and path such as authority.example/unit"));
        }
        (ExportFormat::Spki, Some(_)) => return Err(Failure::new(Exit::Usage, ExportError::NameInSpki)),
        _ => {}
    }
    let key = open_public_half(&args.key, &args.unlock)?;
    let name = name.unwrap_or_default();
    let text = match args.format {
        ExportFormat::Spki => Ok(key.to_pem()),
        ExportFormat::Openssh => openssh_line(&key, name).map(|line| line + "\n"),
        ExportFormat::Vkey => verifier_key(&key, name).map(|line| line + "\n"),
    };
    write_stdout(text.map_err(|error| Failure::new(Exit::Usage, error))?.as_bytes())
}
