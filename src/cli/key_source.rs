//! What `--key` takes: a file, a key of an ssh-agent, or a key on a card or token.

use std::path::{Path, PathBuf};

use super::passphrase::{PIN, PassphraseArgs};
use super::{Exit, Failure, core_dumps};
use crate::format::spki::PublicKey;
use crate::report::escape::escape;
use crate::sign::agent::{Agent, AgentError, AgentKeyName};
use crate::sign::key_file::{self, KeyFile, KeyFileError};
use crate::sign::passphrase::Passphrase;
use crate::sign::token::module::{Module, Token};
use crate::sign::token::uri::{TokenUri, TokenUriError};
use crate::sign::token::{self, TokenError, TokenKey};
use crate::sign::{SignError, SigningKey};

/// What begins the name of a key of an agent.
pub(super) const AGENT: &str = "agent:";
/// Environment variable that names the PKCS#11 module.
const MODULE_VARIABLE: &str = "SCELLE_PKCS11_MODULE";

/// Options of every command that signs: how its key is opened.
#[derive(Debug, Default, clap::Args)]
pub struct UnlockArgs {
    #[command(flatten)]
    passphrase: PassphraseArgs,
    #[command(flatten)]
    module: ModuleArgs,
    /// Read the PIN of a token from a file (else from SCELLE_PIN, else the terminal asks)
    #[arg(long, value_name = "FILE")]
    pin_file: Option<PathBuf>,
}

/// Which module knows the tokens.
#[derive(Debug, Default, clap::Args)]
pub struct ModuleArgs {
    /// PKCS#11 module that knows the token: a shared library [default: SCELLE_PKCS11_MODULE]
    #[arg(long, value_name = "FILE")]
    pkcs11_module: Option<PathBuf>,
}

/// Where a key is, from an argument.
enum KeySource<'a> {
    File(&'a Path),
    Agent(AgentKeyName),
    Token(Box<TokenUri>),
}

/// Why an argument names no key.
#[derive(Debug, thiserror::Error)]
enum KeySourceError {
    #[error("{argument} names no key of an ssh-agent", argument = .0.display())]
    Agent(PathBuf),
    #[error("that is no name of a key in a token")]
    Token(#[from] TokenUriError),
    #[error("a public key is given as a file, not as the name of a key in an agent or a token")]
    NotHere,
    #[error("no PKCS#11 module is named, so that no token can be found")]
    NoModule,
}

/// A file that is really called so can be given as `./agent:x`.
fn source_of(argument: &Path) -> Result<KeySource<'_>, Failure> {
    // What is not UTF-8 may begin as a name too, and must not be repeated as a file's: a PIN could stand in it.
    let text = argument.to_string_lossy();
    let text = text.trim_start();
    if let Some(name) = text.strip_prefix(AGENT) {
        let name = AgentKeyName::parse(name).ok_or_else(|| {
            Failure::new(Exit::Usage, KeySourceError::Agent(argument.to_owned())).hint(
                "write agent:SHA256:... as `ssh-add -l` shows it, or agent: and a key id; `scelle key list` shows both",
            )
        })?;
        return Ok(KeySource::Agent(name));
    }
    let scheme = text.get(..token::uri::SCHEME.len()).unwrap_or_default();
    if scheme.eq_ignore_ascii_case(token::uri::SCHEME) {
        let uri = [token::uri::SCHEME, &text[scheme.len()..]].concat();
        let uri = TokenUri::parse(&uri).map_err(|error| {
            let hint = match error {
                TokenUriError::PinValue => "use --pin-file FILE, SCELLE_PIN, pin-source=file:FILE, or type it",
                _ => "`scelle key list` shows keys as --key takes them",
            };
            Failure::new(Exit::Usage, KeySourceError::from(error)).hint(hint)
        })?;
        return Ok(KeySource::Token(Box::new(uri)));
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
        KeySource::Token(uri) => Ok(unlock.token_key(&uri)?.into()),
    }
}

/// The public half of the key that an argument names: a public key file, or anything that [`open_signing_key`] takes.
pub fn open_public_half(argument: &Path, unlock: &UnlockArgs) -> Result<PublicKey, Failure> {
    core_dumps::forbid();
    match source_of(argument)? {
        KeySource::File(path) => open_public_key(path, &unlock.passphrase),
        KeySource::Agent(name) => Ok(agent_key(name)?.public().clone()),
        KeySource::Token(uri) => {
            let token = unlock.module.load(uri.module_path.as_deref())?.token(&uri).map_err(SignError::from)?;
            let label = token.label().to_owned();
            let public =
                token.public_key(&uri).and_then(|key| key.public.map_err(|source| TokenError::Kind { label, source }));
            Ok(public.map_err(SignError::from)?)
        }
    }
}

/// The public key at `path`, or the public half of the private key there.
pub fn open_public_key(path: &Path, passphrase: &PassphraseArgs) -> Result<PublicKey, Failure> {
    core_dumps::forbid();
    if !matches!(source_of(path)?, KeySource::File(_)) {
        return Err(Failure::new(Exit::Usage, KeySourceError::NotHere)
            .hint("write its public half to a file: `scelle key export --format spki`"));
    }
    match key_file::read(path)? {
        KeyFile::Public(key) => Ok(key),
        KeyFile::Plain(key) => Ok(key.public()),
        KeyFile::Locked(locked) => Ok(locked.unlock(&passphrase.for_opening(path)?)?.public()),
    }
}

impl ModuleArgs {
    /// The module of the option, of the name, or of the environment, in this order.
    fn path(&self, in_uri: Option<&Path>) -> Option<PathBuf> {
        let variable = || std::env::var_os(MODULE_VARIABLE).filter(|value| !value.is_empty()).map(PathBuf::from);
        self.pkcs11_module.clone().or(in_uri.map(Path::to_owned)).or_else(variable)
    }

    /// Loads the module that the option or the environment names.
    pub fn load_if_named(&self) -> Result<Option<Module>, Failure> {
        // A module is code of somebody else, and a PIN may be in the environment.
        core_dumps::forbid();
        Ok(self.path(None).map(|path| Module::load(&path).map_err(SignError::from)).transpose()?)
    }

    fn load(&self, in_uri: Option<&Path>) -> Result<Module, Failure> {
        let path = self.path(in_uri).ok_or_else(|| {
            Failure::new(Exit::Usage, KeySourceError::NoModule).hint(format!(
                "give --pkcs11-module FILE, or set {MODULE_VARIABLE}: the shared library of the token's maker"
            ))
        })?;
        Ok(Module::load(&path).map_err(SignError::from)?)
    }
}

impl UnlockArgs {
    /// Opens a key in a token, with one try of its PIN.
    fn token_key(&self, uri: &TokenUri) -> Result<TokenKey, Failure> {
        let token = self.module.load(uri.module_path.as_deref())?.token(uri).map_err(SignError::from)?;
        let pin = self.pin(&token, uri)?;
        Ok(token.open_key(uri, pin.as_ref()).map_err(SignError::from)?)
    }

    /// The PIN: of the option, the environment, the name, or the terminal, in this order. `None` where none is needed, or it
    /// is typed on the token.
    fn pin(&self, token: &Token, uri: &TokenUri) -> Result<Option<Passphrase>, Failure> {
        let (label, state) = (token.label(), token.pin_state());
        let may_try = |is_person| state.check_may_try(label, is_person).map_err(SignError::from);
        if !state.is_needed || state.is_typed_there {
            may_try(true)?;
            return Ok(None);
        }
        let told = match (PIN.without_asking(self.pin_file.as_deref())?, &uri.pin_source) {
            (None, Some(path)) => Some(PIN.from_file(path)?),
            (told, _) => told,
        };
        may_try(told.is_none())?;
        let label = escape(label.as_bytes());
        let last = if state.is_final_try { " (LAST TRY before it is locked)" } else { "" };
        told.map_or_else(|| PIN.ask(&format!("PIN of the token {label}{last}: ")), Ok).map(Some)
    }
}

fn agent_key(name: AgentKeyName) -> Result<crate::sign::agent::AgentKey, Failure> {
    Ok(Agent::from_environment().and_then(|agent| agent.key(name)).map_err(SignError::from)?)
}

impl From<SignError> for Failure {
    fn from(error: SignError) -> Self {
        let exit = match &error {
            SignError::Agent(AgentError::NoKey { .. } | AgentError::Kind { .. }) => Exit::Usage,
            SignError::Token(TokenError::Module { .. } | TokenError::Token { .. } | TokenError::Signature { .. }) => {
                Exit::CouldNot
            }
            SignError::Token(_) => Exit::Usage,
            _ => Exit::CouldNot,
        };
        let hint = error.hint().map(str::to_owned);
        Self { hint, ..Self::new(exit, error) }
    }
}
