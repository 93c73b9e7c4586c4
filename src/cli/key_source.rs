//! What `--key` takes: a file, a key of an ssh-agent, or a key on a card or token.

use std::path::Path;

use super::passphrase::PassphraseArgs;
use super::{Exit, Failure, core_dumps};
use crate::format::spki::PublicKey;
use crate::sign::agent::{Agent, AgentError, AgentKeyName};
use crate::sign::key_file::{self, KeyFile, KeyFileError};
use crate::sign::{SignError, SigningKey};

/// What begins the name of a key of an agent.
const AGENT: &str = "agent:";

/// Options of every command that signs: how its key is opened.
#[derive(Debug, Default, clap::Args)]
pub struct UnlockArgs {
    #[command(flatten)]
    passphrase: PassphraseArgs,
}

/// Where a key is, from an argument.
enum KeySource<'a> {
    File(&'a Path),
    Agent(AgentKeyName),
}

/// Why an argument names no key.
#[derive(Debug, thiserror::Error)]
enum KeySourceError {
    #[error("{argument} names no key of an ssh-agent", argument = .0.display())]
    Agent(std::path::PathBuf),
}

/// A file that is really called so can be given as `./agent:x`.
fn source_of(argument: &Path) -> Result<KeySource<'_>, Failure> {
    let text = argument.to_str().unwrap_or_default();
    if let Some(name) = text.strip_prefix(AGENT) {
        let name = AgentKeyName::parse(name).ok_or_else(|| {
            Failure::new(Exit::Usage, KeySourceError::Agent(argument.to_owned())).hint(
                "write agent:SHA256:... as `ssh-add -l` shows it, or agent: and a key id; `scelle key list` shows both",
            )
        })?;
        return Ok(KeySource::Agent(name));
    }
    Ok(KeySource::File(argument))
}

/// Opens the private key that `--key` names, asking for its passphrase if it has one.
pub fn open_signing_key(argument: &Path, unlock: &UnlockArgs) -> Result<SigningKey, Failure> {
    core_dumps::forbid();
    match source_of(argument)? {
        KeySource::File(path) => match key_file::read(path)? {
            KeyFile::Plain(key) => Ok(key),
            KeyFile::Locked(locked) => Ok(locked.unlock(&unlock.passphrase.for_opening(path)?)?),
            KeyFile::Public(_) => Err(KeyFileError::NotPrivate(path.to_owned()).into()),
        },
        KeySource::Agent(name) => Ok(agent_key(name)?.into()),
    }
}

/// The public half of the key that an argument names: a public key file, or anything that [`open_signing_key`] takes.
pub fn open_public_half(argument: &Path, unlock: &UnlockArgs) -> Result<PublicKey, Failure> {
    match source_of(argument)? {
        KeySource::File(path) => open_public_key(path, &unlock.passphrase),
        KeySource::Agent(name) => Ok(agent_key(name)?.public().clone()),
    }
}

/// The public key at `path`, or the public half of the private key there.
pub fn open_public_key(path: &Path, passphrase: &PassphraseArgs) -> Result<PublicKey, Failure> {
    core_dumps::forbid();
    match key_file::read(path)? {
        KeyFile::Public(key) => Ok(key),
        KeyFile::Plain(key) => Ok(key.public()),
        KeyFile::Locked(locked) => Ok(locked.unlock(&passphrase.for_opening(path)?)?.public()),
    }
}

fn agent_key(name: AgentKeyName) -> Result<crate::sign::agent::AgentKey, Failure> {
    Ok(Agent::from_environment().and_then(|agent| agent.key(name)).map_err(SignError::from)?)
}

impl From<SignError> for Failure {
    fn from(error: SignError) -> Self {
        let exit = match &error {
            SignError::Agent(AgentError::NoKey { .. } | AgentError::Kind { .. }) => Exit::Usage,
            _ => Exit::CouldNot,
        };
        let hint = error.hint().map(str::to_owned);
        Self { hint, ..Self::new(exit, error) }
    }
}
