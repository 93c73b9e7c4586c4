//! Keys on cards and in tokens (PKCS#11 3.0): found by their names, and signatures by them. They never leave.

pub mod login;
pub mod module;
pub mod uri;

use std::fmt;
use std::path::PathBuf;
use std::sync::{Mutex, PoisonError};

use cryptoki::error::Error;
use cryptoki::mechanism::Mechanism;
use cryptoki::mechanism::eddsa::{EddsaParams, EddsaSignatureScheme};
use cryptoki::object::{Attribute, AttributeType, ObjectClass, ObjectHandle};
use cryptoki::session::Session;

use self::login::{PinState, log_in};
use self::module::{NotOurs, Token};
use self::uri::TokenUri;
use super::passphrase::Passphrase;
use crate::format::spki::{Algorithm, PublicKey, p256_der_of_raw};
use crate::hash::sha256;
use crate::report::escape::escape;

/// A key in a token, with a session that is logged in. The PIN is not kept.
pub struct TokenKey {
    token: Token,
    session: Mutex<Session>,
    handle: ObjectHandle,
    public: PublicKey,
}

/// What a module said, in few words.
#[derive(Debug, thiserror::Error)]
#[error("{0}")]
pub struct Told(String);

/// What a module or token could not do.
#[derive(Debug, thiserror::Error)]
#[expect(missing_docs, reason = "the messages say it; labels are those of tokens, any text")]
pub enum TokenError {
    #[error("{path} cannot be used as a PKCS#11 module", path = path.display())]
    Module { path: PathBuf, source: Told },
    #[error("the module {path} knows no such token", path = path.display())]
    NoToken { path: PathBuf },
    #[error("{count} tokens fit the name")]
    TokensAlike { count: usize },
    #[error("the token {label} holds no such key", label = shown(label))]
    NoKey { label: String },
    #[error("{count} keys in the token {label} fit the name", label = shown(label))]
    KeysAlike { label: String, count: usize },
    #[error("that key in the token {label} cannot sign bundles", label = shown(label))]
    Kind { label: String, source: NotOurs },
    #[error("that key in the token {label} asks for the PIN before every signature", label = shown(label))]
    PinEachTime { label: String },
    #[error("the PIN of the token {label} is locked", label = shown(label))]
    PinLocked { label: String },
    #[error("the PIN of the token {label} was not tried: it is the last try before it is locked", label = shown(label))]
    LastTry { label: String },
    #[error("wrong PIN for the token {label}: it was tried once, {left}", label = shown(label))]
    WrongPin { label: String, left: PinState },
    #[error("the token {label} failed", label = shown(label))]
    Token { label: String, source: Told },
    #[error("the token {label} gave a signature that is none", label = shown(label))]
    Signature { label: String },
}

fn shown(label: &str) -> String {
    escape(label.as_bytes())
}

impl Token {
    /// Logs in and finds the one key that a name fits. What can be seen without the PIN is looked at first, so that no try
    /// is spent on a name that fits several keys.
    ///
    /// # Errors
    /// If the PIN is wrong (it is tried once), or the name fits no key, several, or one that cannot sign bundles.
    pub fn open_key(self, uri: &TokenUri, pin: Option<&Passphrase>) -> Result<TokenKey, TokenError> {
        let label = || self.label().to_owned();
        let session = self.session()?;
        let seen = self.only(self.keys(&session, ObjectClass::PUBLIC_KEY, uri)?)?;
        if self.pin_state().is_needed {
            log_in(&self, &session, pin)?;
        }
        let seen_id = seen.as_ref().map(|key| key.id.clone()).filter(|id| !id.is_empty());
        let wanted = TokenUri { id: uri.id.clone().or(seen_id), ..uri.clone() };
        let private = self.only(self.keys(&session, ObjectClass::PRIVATE_KEY, &wanted)?)?;
        let private = private.ok_or_else(|| TokenError::NoKey { label: label() })?;
        let public = match seen {
            Some(seen) => seen.public,
            None => {
                let same = TokenUri { id: Some(private.id.clone()), ..TokenUri::default() };
                let hidden = self.only(self.keys(&session, ObjectClass::PUBLIC_KEY, &same)?)?;
                hidden.map_or(private.public, |hidden| hidden.public)
            }
        };
        let public = public.map_err(|source| TokenError::Kind { label: label(), source })?;
        let attributes = session.get_attributes(private.handle, &[AttributeType::AlwaysAuthenticate]);
        if attributes.unwrap_or_default().contains(&Attribute::AlwaysAuthenticate(true)) {
            return Err(TokenError::PinEachTime { label: label() });
        }
        Ok(TokenKey { session: Mutex::new(session), handle: private.handle, public, token: self })
    }
}

impl TokenKey {
    /// The public half.
    pub fn public(&self) -> &PublicKey {
        &self.public
    }

    /// A signature in the form that bundles have (SPEC.md ENV-4), not verified.
    pub(super) fn sign(&self, message: &[u8]) -> Result<Vec<u8>, TokenError> {
        // Nobody leaves a session in the middle.
        let session = self.session.lock().unwrap_or_else(PoisonError::into_inner);
        let signed = match self.public.algorithm() {
            Algorithm::Ed25519 => {
                let mechanism = Mechanism::Eddsa(EddsaParams::new(EddsaSignatureScheme::Ed25519));
                session.sign(&mechanism, self.handle, message)
            }
            Algorithm::P256 => session.sign(&Mechanism::Ecdsa, self.handle, &sha256(message).0),
        };
        let signed = signed.map_err(|error| self.token.failed(error))?;
        match self.public.algorithm() {
            Algorithm::Ed25519 => Ok(signed),
            Algorithm::P256 => {
                p256_der_of_raw(&signed).ok_or_else(|| TokenError::Signature { label: self.token.label().to_owned() })
            }
        }
    }
}

impl TokenError {
    /// What can be done.
    pub fn hint(&self) -> Option<&'static str> {
        match self {
            Self::Module { .. } => Some("give the shared library that came with the token, such as opensc-pkcs11.so"),
            Self::NoToken { .. } | Self::NoKey { .. } => {
                Some("`scelle key list` shows tokens and keys as --key takes them")
            }
            Self::TokensAlike { .. } => Some("add serial=, as `scelle key list` shows it"),
            Self::KeysAlike { .. } => Some("add id=, as `scelle key list` shows it"),
            Self::Kind { .. } => {
                Some("bundles are signed with Ed25519 or ECDSA P-256; `scelle key list` shows which can")
            }
            Self::PinEachTime { .. } => Some("use a key without CKA_ALWAYS_AUTHENTICATE"),
            Self::PinLocked { .. } => Some("whoever has the token's SO PIN or PUK can set a new one"),
            Self::LastTry { .. } => Some("run it where a person can type the PIN, without --pin-file and SCELLE_PIN"),
            Self::WrongPin { .. } => Some("nothing is tried again by itself: find the right PIN before the next try"),
            Self::Token { .. } | Self::Signature { .. } => None,
        }
    }
}

impl From<Error> for Told {
    fn from(error: Error) -> Self {
        Self(match error {
            // The crate's own words for these are paragraphs of the standard.
            Error::Pkcs11(value, function) => format!("{function} returned {value:?}"),
            other => other.to_string(),
        })
    }
}

impl fmt::Debug for TokenKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "TokenKey({:?})", self.public)
    }
}

impl fmt::Display for TokenKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "the token {}", shown(self.token.label()))
    }
}
