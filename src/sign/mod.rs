//! Signing: keys, where they are (files, an ssh-agent, cards and tokens), and envelopes made with them (SPEC.md section 11).

pub mod passphrase;
pub mod key_file;
pub mod new_key;
mod pair;
pub mod agent;
pub mod token;

use std::fmt;

use zeroize::Zeroizing;

use crate::format::dsse::{self, Envelope};
use crate::format::journal::JournalKey;
use crate::format::spki::{Algorithm, PublicKey, SignatureError};
use crate::hash::sha256;
use agent::{AgentError, AgentKey};
use pair::Pair;
use token::{TokenError, TokenKey};

/// A private key that can sign, wherever it is. Of one in memory the bytes are erased when it is dropped, and never shown.
pub struct SigningKey(Place);

#[expect(
    clippy::large_enum_variant,
    reason = "a key in memory is moved as little as may be: each move can leave a copy"
)]
enum Place {
    Memory(Pair),
    Agent(Box<AgentKey>),
    Token(Box<TokenKey>),
}

/// The system gave no random bytes.
#[derive(Debug, thiserror::Error)]
#[error("the system gave no random bytes for a new key")]
pub struct RandomError(#[source] getrandom::Error);

/// Why DER is not a private key that can sign here. Says nothing of the bytes, which are secret.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum Pkcs8Error {
    /// Not PKCS#8 version 1 or 2 in DER (RFC 5208, RFC 5958).
    #[error("not a PKCS#8 private key in DER")]
    Form,
    /// PKCS#8 of an algorithm that bundles do not have.
    #[error("the private key is neither Ed25519 nor ECDSA P-256")]
    Algorithm,
    /// The key itself is out of range, or its public half is not its own.
    #[error("the private key is damaged")]
    Key,
    /// It is in an agent or a token, which do not give it away.
    #[error("the private key is not in memory")]
    Elsewhere,
}

/// Why nothing was signed. A key in memory never fails.
#[derive(Debug, thiserror::Error)]
pub enum SignError {
    /// The agent did not.
    #[error(transparent)]
    Agent(#[from] AgentError),
    /// The token did not.
    #[error(transparent)]
    Token(#[from] TokenError),
    /// A signature came that is not by the key that was asked for.
    #[error("{place} gave a signature that does not hold")]
    DoesNotHold {
        /// Who gave it.
        place: String,
        /// What is wrong with it.
        source: SignatureError,
    },
}

impl SigningKey {
    /// A new key out of the system's random bytes.
    pub fn generate(algorithm: Algorithm) -> Result<Self, RandomError> {
        Pair::generate(algorithm).map(|pair| Self(Place::Memory(pair)))
    }

    /// Parses PKCS#8 DER, version 1 or 2.
    pub fn from_pkcs8_der(der: &[u8]) -> Result<Self, Pkcs8Error> {
        Pair::from_pkcs8_der(der).map(|pair| Self(Place::Memory(pair)))
    }

    /// PKCS#8 **version 1** in PEM: OpenSSL 3.0 cannot read the version 2 that ed25519-dalek writes by itself.
    ///
    /// # Errors
    /// If the key is in an agent or a token.
    pub fn to_pkcs8_pem(&self) -> Result<Zeroizing<String>, Pkcs8Error> {
        match &self.0 {
            Place::Memory(pair) => pair.to_pkcs8_pem(),
            Place::Agent(_) | Place::Token(_) => Err(Pkcs8Error::Elsewhere),
        }
    }

    /// The public half.
    pub fn public(&self) -> PublicKey {
        match &self.0 {
            Place::Memory(pair) => pair.public(),
            Place::Agent(key) => key.public().clone(),
            Place::Token(key) => key.public().clone(),
        }
    }

    /// The key of journals of sealings by this key: the same in the next run, because it comes from a signature that is the
    /// same each time. Ours are. Those of agents and tokens need not be, so two are asked for; `None` if they differ: such a
    /// sealing cannot be gone on with. What is signed for it can be no statement or event, whose signatures are over texts
    /// that begin otherwise (DSSE).
    ///
    /// # Errors
    /// If the agent or token does not sign.
    pub fn journal_key(&self) -> Result<Option<JournalKey>, SignError> {
        const MESSAGE: &[u8] = b"scelle: key of the journal of an unfinished sealing, 1";
        let secret = Zeroizing::new(self.sign(MESSAGE)?);
        let is_same = match &self.0 {
            Place::Memory(_) => true,
            Place::Agent(_) | Place::Token(_) => *Zeroizing::new(self.sign(MESSAGE)?) == *secret,
        };
        Ok(is_same.then(|| JournalKey::new(&sha256(&secret).0)))
    }

    /// Signs the message: 64 bytes of Ed25519, or DER of ECDSA with the lower s (SPEC.md ENV-4). What an agent or a token
    /// gives is verified before anybody uses it.
    ///
    /// # Errors
    /// If the agent or token does not sign, or not with this key.
    pub fn sign(&self, message: &[u8]) -> Result<Vec<u8>, SignError> {
        let (signature, place) = match &self.0 {
            Place::Memory(pair) => return Ok(pair.sign(message)),
            Place::Agent(key) => (key.sign(message)?, key.to_string()),
            Place::Token(key) => (key.sign(message)?, key.to_string()),
        };
        match self.public().verify(message, &signature) {
            Ok(()) => Ok(signature),
            Err(source) => Err(SignError::DoesNotHold { place, source }),
        }
    }

    /// Signs a statement: the envelope that is a member of the bundle.
    ///
    /// # Errors
    /// As [`Self::sign`].
    pub fn seal_envelope(&self, statement: &[u8]) -> Result<Envelope, SignError> {
        Ok(Envelope {
            statement: statement.to_vec(),
            key_id: self.public().key_id(),
            signature: self.sign(&dsse::pae(statement))?,
        })
    }
}

impl From<AgentKey> for SigningKey {
    fn from(key: AgentKey) -> Self {
        Self(Place::Agent(Box::new(key)))
    }
}

impl From<TokenKey> for SigningKey {
    fn from(key: TokenKey) -> Self {
        Self(Place::Token(Box::new(key)))
    }
}

impl SignError {
    /// What can be done.
    pub fn hint(&self) -> Option<&'static str> {
        match self {
            Self::Agent(error) => error.hint(),
            Self::Token(error) => error.hint(),
            Self::DoesNotHold { .. } => Some("do not use this key until it is known why"),
        }
    }
}

impl fmt::Debug for SigningKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "SigningKey({:?})", self.public())
    }
}

#[cfg(test)]
mod tests {
    use data_encoding::HEXLOWER;
    use pkcs8::SecretDocument;

    use super::*;

    /// Before the seed in PKCS#8 version 1, as RFC 8410 section 10.3 shows it.
    const ED25519_V1: &str = "302e020100300506032b657004220420";
    /// Seed and public key of RFC 8032 section 7.1, test 1.
    const SEED: &str = "9d61b19deffd5a60ba844af492ec2cc44449c5697b326919703bac031cae7f60";
    const PUBLIC: &str = "d75a980182b10ab7d54bfed3c964073a0ee172f3daa62325af021a68f707511a";

    fn key(hex: &str) -> Result<SigningKey, Pkcs8Error> {
        SigningKey::from_pkcs8_der(&HEXLOWER.decode(hex.as_bytes()).unwrap())
    }

    fn ed25519() -> SigningKey {
        key(&format!("{ED25519_V1}{SEED}")).unwrap()
    }

    /// The key of the DSSE specification's example.
    fn p256() -> SigningKey {
        let d = "d73ec437fd6346e3619c5ebfdfff0f6916804955ad32ac9ac492b0ede1f6ffb7";
        key(&format!("3041020100301306072a8648ce3d020106082a8648ce3d030107042730250201010420{d}")).unwrap()
    }

    #[test]
    fn ed25519_signatures_over_a_statement_are_those_of_the_dsse_test_vectors() {
        let envelope = ed25519().seal_envelope(br#"{"_type":"https://in-toto.io/Statement/v1"}"#).unwrap();
        assert_eq!(
            data_encoding::BASE64.encode(&envelope.signature),
            "2WAfaHm5jluo0w+0rk8uVkluELJYWjSmU9x7EUzx+AyteDGJ4/nqyJXfmAUVFIAoQafWm7AxBZNw5M9ixNHiCA=="
        );
        envelope.verify(&ed25519().public()).unwrap();
    }

    #[test]
    fn p256_signatures_have_the_nonce_of_rfc_6979_as_the_dsse_example_and_a_low_s() {
        let signature = p256().sign(b"DSSEv1 29 http://example.com/HelloWorld 11 hello world").unwrap();
        let example = HEXLOWER
            .decode(
                b"03726ab101ad56c2763b6c6aac8e487275e2a79193a09dc5f859d9f8ef3c4a3b\
                  51eab0c06a369b64a7222537d4887a893dc200ae21060074d57825235b624864",
            )
            .unwrap();
        let example = p256::ecdsa::Signature::from_slice(&example).unwrap();
        assert_eq!(signature, example.normalize_s().to_der().as_bytes());
        // Half of all messages give a high s before it is normalised.
        for message in 0..32_u8 {
            assert_eq!(p256().public().verify(&[message], &p256().sign(&[message]).unwrap()), Ok(()));
        }
    }

    #[test]
    fn an_envelope_by_another_key_or_over_another_statement_does_not_hold() {
        let envelope = ed25519().seal_envelope(b"{}").unwrap();
        assert!(envelope.verify(&p256().public()).is_err());
        let other_statement = Envelope { statement: b"[]".to_vec(), ..envelope.clone() };
        assert!(other_statement.verify(&ed25519().public()).is_err());
        let other_key = Envelope { key_id: p256().public().key_id(), ..envelope };
        assert!(other_key.verify(&p256().public()).is_err());
        assert_eq!(other_key.verify(&ed25519().public()), Err(dsse::EnvelopeVerifyError::KeyId));
    }

    #[test]
    fn both_versions_of_pkcs8_are_read_and_only_the_first_is_written() {
        let v2 = key(&format!("3051020101300506032b657004220420{SEED}812100{PUBLIC}")).unwrap();
        assert_eq!(v2.public(), ed25519().public());
        let written = v2.to_pkcs8_pem().unwrap();
        let (_, der) = SecretDocument::from_pem(&written).unwrap();
        assert_eq!(HEXLOWER.encode(der.as_bytes()), format!("{ED25519_V1}{SEED}"));
    }

    #[test]
    fn private_keys_that_are_damaged_or_of_other_algorithms_are_refused() {
        let other_public = PUBLIC.replace("d75a", "3d40");
        assert_eq!(
            key(&format!("3051020101300506032b657004220420{SEED}812100{other_public}")).unwrap_err(),
            Pkcs8Error::Key
        );
        assert_eq!(key(&format!("302e020100300506032b656e04220420{SEED}")).unwrap_err(), Pkcs8Error::Algorithm);
        assert_eq!(key(&format!("{ED25519_V1}{SEED}00")).unwrap_err(), Pkcs8Error::Form);
        assert_eq!(key("3000").unwrap_err(), Pkcs8Error::Form);
        let zero = "00".repeat(32);
        let p256_zero = format!("3041020100301306072a8648ce3d020106082a8648ce3d030107042730250201010420{zero}");
        assert_eq!(key(&p256_zero).unwrap_err(), Pkcs8Error::Key);
    }

    #[test]
    fn debugging_shows_only_the_public_half() {
        let shown = format!("{:?}", ed25519());
        assert!(shown.contains(&ed25519().public().key_id().to_string()) && !shown.contains("9d61"), "{shown}");
    }
}
