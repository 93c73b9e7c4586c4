//! Documents that are signed as a whole, other than statements, events and trust lists (SPEC.md REQ-1, REP-1).

use std::marker::PhantomData;

use serde::Serialize;
use serde::de::DeserializeOwned;

use super::dsse::{self, EnvelopeError, Signature, Signers};
use super::json::{self, JsonError};
use super::spki::PublicKey;
use super::state::State;
use crate::limits::{ENVELOPE_LEN_MAX, REQUEST_LEN_MAX};

/// A kind of document.
pub trait Document: Serialize + DeserializeOwned {
    /// What it is signed as.
    const PAYLOAD_TYPE: &'static str;

    /// The State for which it speaks.
    fn state(&self) -> State;

    /// What its fields alone cannot say of its form.
    fn check(&self) -> Result<(), &'static str>;
}

/// A document as a file: its exact payload, and the signatures over it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Signed<T> {
    /// What it says.
    pub document: T,
    /// The exact bytes that are signed, inside the pre-authentication encoding.
    pub payload: Vec<u8>,
    /// At least one, strictly ascending by key id. Nothing is proven until they are verified.
    pub signatures: Vec<Signature>,
}

/// A document that nobody has signed yet.
#[derive(Clone, Debug)]
pub struct Unsigned<T> {
    payload: Vec<u8>,
    kind: PhantomData<T>,
}

/// Why bytes are not such a document, or a value cannot be written as one.
#[derive(Debug, thiserror::Error)]
pub enum DocumentError {
    /// Not an envelope.
    #[error(transparent)]
    Envelope(#[from] EnvelopeError),
    /// Not the JSON that it should be.
    #[error("its payload is not what it should be")]
    Json(#[from] JsonError),
    /// JSON of the right shape, but no such document.
    #[error("{0}")]
    Value(&'static str),
    /// Longer than a reader need follow.
    #[error("its payload is longer than {REQUEST_LEN_MAX} bytes")]
    TooLong,
    /// Nobody has signed it.
    #[error("it has no signature")]
    NotSigned,
}

impl<T: Document> Unsigned<T> {
    /// Fixes the bytes of a document.
    pub fn new(document: &T) -> Result<Self, DocumentError> {
        document.check().map_err(DocumentError::Value)?;
        let payload = json::to_canonical(document);
        check_len(&payload)?;
        Ok(Self { payload, kind: PhantomData })
    }

    /// What a key signs.
    pub fn to_be_signed(&self) -> Vec<u8> {
        dsse::pae_of(T::PAYLOAD_TYPE, &self.payload)
    }

    /// The bytes of the file.
    pub fn to_bytes(&self, signature: Signature) -> Vec<u8> {
        dsse::encode(T::PAYLOAD_TYPE, &self.payload, &[signature])
    }
}

impl<T: Document> Signed<T> {
    /// Parses a file, and checks what can be checked of it alone. No signature is checked.
    pub fn parse(bytes: &[u8]) -> Result<Self, DocumentError> {
        let (payload, signatures) = dsse::decode(bytes, T::PAYLOAD_TYPE, ENVELOPE_LEN_MAX)?;
        check_len(&payload)?;
        if signatures.is_empty() {
            return Err(DocumentError::NotSigned);
        }
        let document: T = json::from_canonical(&payload)?;
        document.check().map_err(DocumentError::Value)?;
        Ok(Self { document, payload, signatures })
    }

    /// Which of these keys have signed it.
    pub fn signed_by(&self, keys: &[PublicKey]) -> Signers {
        dsse::signers(T::PAYLOAD_TYPE, &self.payload, &self.signatures, keys)
    }
}

fn check_len(payload: &[u8]) -> Result<(), DocumentError> {
    match u64::try_from(payload.len()) {
        Ok(len) if len <= REQUEST_LEN_MAX => Ok(()),
        _ => Err(DocumentError::TooLong),
    }
}
