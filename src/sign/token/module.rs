//! A PKCS#11 module, the tokens that it knows, and the public keys in them.

use std::path::{Path, PathBuf};

use cryptoki::context::{CInitializeArgs, CInitializeFlags, Pkcs11};
use cryptoki::error::Error;
use cryptoki::object::{Attribute, AttributeType, KeyType, ObjectClass, ObjectHandle};
use cryptoki::session::Session;
use cryptoki::slot::{Slot, TokenInfo};

use super::login::PinState;
use super::uri::TokenUri;
use super::{TokenError, Told};
use crate::format::spki::{Algorithm, PublicKey};

/// Most keys of a token that are looked at.
const KEY_COUNT_MAX: usize = 1024;
/// CKA_EC_PARAMS of P-256: the object identifier in DER (PKCS#11 3.0 section 2.3.3, RFC 5480).
const P256_PARAMS: &[u8] = &[0x06, 0x08, 0x2a, 0x86, 0x48, 0xce, 0x3d, 0x03, 0x01, 0x07];
/// CKA_EC_PARAMS of Ed25519: the object identifier (RFC 8410), or the curve's name as PKCS#11 3.0 has it.
const ED25519_PARAMS: [&[u8]; 2] = [&[0x06, 0x03, 0x2b, 0x65, 0x70], b"\x13\x0cedwards25519"];
/// Before the point in CKA_EC_POINT: OCTET STRING of 65 bytes, and of 32.
const POINT_PREFIXES: [&[u8]; 2] = [&[0x04, 65], &[0x04, 32]];

/// A module that is loaded. Its code runs in this process and is trusted as this program is.
pub struct Module {
    path: PathBuf,
    context: Pkcs11,
}

/// A token in a slot.
#[derive(Clone)]
pub struct Token {
    context: Pkcs11,
    slot: Slot,
    info: TokenInfo,
}

/// A key in a token, as far as can be seen.
#[derive(Clone, Debug)]
pub struct KeyObject {
    /// CKA_LABEL.
    pub label: String,
    /// CKA_ID.
    pub id: Vec<u8>,
    /// The public key, if bundles are signed with such.
    pub public: Result<PublicKey, NotOurs>,
    pub(super) handle: ObjectHandle,
}

/// Why bundles are not signed with a key.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum NotOurs {
    /// RSA, another curve, or a key that does not say.
    #[error("neither Ed25519 nor ECDSA P-256")]
    Algorithm,
    /// Its point is none.
    #[error("its public key is not a point of its curve")]
    Point,
}

impl Module {
    /// Loads a module: a shared library. Its code begins to run.
    ///
    /// # Errors
    /// If it cannot be loaded, is no PKCS#11 module, or does not start.
    pub fn load(path: &Path) -> Result<Self, TokenError> {
        let failed = |source: Error| TokenError::Module { path: path.to_owned(), source: Told::from(source) };
        let context = Pkcs11::new(path).map_err(failed)?;
        context.initialize(CInitializeArgs::new(CInitializeFlags::OS_LOCKING_OK)).map_err(failed)?;
        Ok(Self { path: path.to_owned(), context })
    }

    /// The tokens that are there and set up.
    ///
    /// # Errors
    /// If the module does not say.
    pub fn tokens(&self) -> Result<Vec<Token>, TokenError> {
        let failed = |source: Error| TokenError::Module { path: self.path.clone(), source: Told::from(source) };
        let mut found = Vec::new();
        for slot in self.context.get_slots_with_token().map_err(failed)? {
            // One that was taken out meanwhile is not there.
            let Ok(info) = self.context.get_token_info(slot) else { continue };
            if info.token_initialized() {
                found.push(Token { context: self.context.clone(), slot, info });
            }
        }
        Ok(found)
    }

    /// The one token that a name fits.
    ///
    /// # Errors
    /// If it fits none, or several.
    pub fn token(&self, uri: &TokenUri) -> Result<Token, TokenError> {
        let mut found: Vec<_> = self.tokens()?.into_iter().filter(|token| token.is_named(uri)).collect();
        match (found.pop(), found.len()) {
            (Some(token), 0) => Ok(token),
            (None, _) => Err(TokenError::NoToken { path: self.path.clone() }),
            (Some(_), others) => Err(TokenError::TokensAlike { count: others + 1 }),
        }
    }
}

impl Token {
    fn is_named(&self, uri: &TokenUri) -> bool {
        let fits = |wanted: &Option<String>, is: &str| wanted.as_ref().is_none_or(|wanted| wanted == is);
        fits(&uri.token, self.info.label())
            && fits(&uri.manufacturer, self.info.manufacturer_id())
            && fits(&uri.model, self.info.model())
            && fits(&uri.serial, self.info.serial_number())
            && uri.slot_id.is_none_or(|wanted| wanted == self.slot.id())
    }

    /// Its label: any text.
    pub fn label(&self) -> &str {
        self.info.label()
    }

    /// The name of a key in it, for `--key`.
    pub fn uri_of(&self, key: &KeyObject) -> TokenUri {
        let some = |text: &str| Some(text.to_owned()).filter(|text| !text.is_empty());
        TokenUri {
            token: some(self.info.label()),
            serial: some(self.info.serial_number()),
            object: some(&key.label),
            id: Some(key.id.clone()).filter(|id| !id.is_empty()),
            ..TokenUri::default()
        }
    }

    /// What it says now of its PIN.
    pub fn pin_state(&self) -> PinState {
        PinState::of(&self.context.get_token_info(self.slot).unwrap_or_else(|_| self.info.clone()))
    }

    pub(super) fn session(&self) -> Result<Session, TokenError> {
        self.context.open_ro_session(self.slot).map_err(|error| self.failed(error))
    }

    pub(super) fn failed(&self, error: Error) -> TokenError {
        TokenError::Token { label: self.label().to_owned(), source: error.into() }
    }

    /// The public keys in it that can be seen without a PIN.
    ///
    /// # Errors
    /// If it does not say.
    pub fn public_keys(&self) -> Result<Vec<KeyObject>, TokenError> {
        self.keys(&self.session()?, ObjectClass::PUBLIC_KEY, &TokenUri::default())
    }

    /// The one public key that a name fits, as far as can be seen without a PIN.
    ///
    /// # Errors
    /// If it fits none, or several.
    pub fn public_key(&self, uri: &TokenUri) -> Result<KeyObject, TokenError> {
        let found = self.keys(&self.session()?, ObjectClass::PUBLIC_KEY, uri)?;
        self.only(found)?.ok_or_else(|| TokenError::NoKey { label: self.label().to_owned() })
    }

    pub(super) fn only(&self, mut found: Vec<KeyObject>) -> Result<Option<KeyObject>, TokenError> {
        match found.len() {
            0 | 1 => Ok(found.pop()),
            count => Err(TokenError::KeysAlike { label: self.label().to_owned(), count }),
        }
    }

    pub(super) fn keys(
        &self,
        session: &Session,
        class: ObjectClass,
        uri: &TokenUri,
    ) -> Result<Vec<KeyObject>, TokenError> {
        let mut template = vec![Attribute::Class(class)];
        template.extend(uri.object.as_ref().map(|label| Attribute::Label(label.clone().into_bytes())));
        template.extend(uri.id.as_ref().map(|id| Attribute::Id(id.clone())));
        let handles = session.find_objects(&template).map_err(|error| self.failed(error))?;
        handles.into_iter().take(KEY_COUNT_MAX).map(|handle| self.key_object(session, handle)).collect()
    }

    fn key_object(&self, session: &Session, handle: ObjectHandle) -> Result<KeyObject, TokenError> {
        use AttributeType as A;
        let wanted = [A::Label, A::Id, A::KeyType, A::EcParams, A::EcPoint];
        let (mut label, mut id, mut kind, mut params, mut point) = (Vec::new(), Vec::new(), None, None, None);
        for attribute in session.get_attributes(handle, &wanted).map_err(|error| self.failed(error))? {
            match attribute {
                Attribute::Label(bytes) => label = bytes,
                Attribute::Id(bytes) => id = bytes,
                Attribute::KeyType(told) => kind = Some(told),
                Attribute::EcParams(bytes) => params = Some(bytes),
                Attribute::EcPoint(bytes) => point = Some(bytes),
                _ => {}
            }
        }
        let public = public_key(kind, params.as_deref(), point.as_deref());
        Ok(KeyObject { label: String::from_utf8_lossy(&label).into_owned(), id, public, handle })
    }
}

fn public_key(kind: Option<KeyType>, params: Option<&[u8]>, point: Option<&[u8]>) -> Result<PublicKey, NotOurs> {
    let (params, point) = (params.ok_or(NotOurs::Algorithm)?, point.ok_or(NotOurs::Algorithm)?);
    let algorithm = match kind {
        Some(KeyType::EC) if params == P256_PARAMS => Algorithm::P256,
        Some(KeyType::EC_EDWARDS) if ED25519_PARAMS.contains(&params) => Algorithm::Ed25519,
        _ => return Err(NotOurs::Algorithm),
    };
    // Some tokens leave the OCTET STRING away.
    let prefix = POINT_PREFIXES.iter().find_map(|prefix| {
        point.strip_prefix(*prefix).filter(|raw| Some(raw.len()) == prefix.last().copied().map(usize::from))
    });
    PublicKey::from_raw(algorithm, prefix.unwrap_or(point)).map_err(|_| NotOurs::Point)
}
