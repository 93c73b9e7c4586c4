//! A private key in memory: a new one or one in PKCS#8 (RFC 5208, RFC 5958), and signatures by it.

use p256::ecdsa::signature::Signer as _;
use pkcs8::der::asn1::OctetStringRef;
use pkcs8::{AlgorithmIdentifierRef, EncodePrivateKey as _, ObjectIdentifier, PrivateKeyInfoRef};
use pkcs8::{LineEnding, SecretDocument};
use zeroize::Zeroizing;

use super::{Pkcs8Error, RandomError};
use crate::format::spki::{Algorithm, PublicKey};

/// id-Ed25519 (RFC 8410 section 3).
const ED25519_OID: ObjectIdentifier = ObjectIdentifier::new_unwrap("1.3.101.112");
/// prime256v1 (RFC 5480 section 2.1.1.1).
const P256_OID: ObjectIdentifier = ObjectIdentifier::new_unwrap("1.2.840.10045.3.1.7");
/// What stands between the dashes of an unencrypted PKCS#8 key (RFC 7468 section 10).
pub(super) const PKCS8_LABEL: &str = "PRIVATE KEY";

/// A private key. Its bytes are erased when it is dropped. It has no `Debug`, so that nothing shows them.
pub(super) enum Pair {
    Ed25519(ed25519_dalek::SigningKey),
    P256(p256::ecdsa::SigningKey),
}

impl Pair {
    pub fn generate(algorithm: Algorithm) -> Result<Self, RandomError> {
        let mut bytes = Zeroizing::new([0; 32]);
        loop {
            getrandom::fill(&mut *bytes).map_err(RandomError)?;
            match algorithm {
                Algorithm::Ed25519 => return Ok(Self::Ed25519(ed25519_dalek::SigningKey::from_bytes(&bytes))),
                // Numbers that are 0 or not below the order are drawn again (FIPS 186-5 section A.2.2).
                Algorithm::P256 => {
                    if let Ok(key) = p256::ecdsa::SigningKey::from_slice(&*bytes) {
                        return Ok(Self::P256(key));
                    }
                }
            }
        }
    }

    pub fn from_pkcs8_der(der: &[u8]) -> Result<Self, Pkcs8Error> {
        let info = PrivateKeyInfoRef::try_from(der).map_err(|_| Pkcs8Error::Form)?;
        let oid = info.algorithm.oid;
        if oid == ED25519_OID {
            let key = ed25519_dalek::SigningKey::try_from(info).map_err(|_| Pkcs8Error::Key)?;
            return Ok(Self::Ed25519(key));
        }
        match info.algorithm.parameters_oid() {
            Ok(curve) if oid == p256::elliptic_curve::ALGORITHM_OID && curve == P256_OID => {
                let key = p256::ecdsa::SigningKey::try_from(info).map_err(|_| Pkcs8Error::Key)?;
                Ok(Self::P256(key))
            }
            _ => Err(Pkcs8Error::Algorithm),
        }
    }

    pub fn to_pkcs8_pem(&self) -> Result<Zeroizing<String>, Pkcs8Error> {
        let der = match self {
            Self::Ed25519(key) => ed25519_pkcs8_v1(key),
            Self::P256(key) => key.to_pkcs8_der(),
        };
        der.map_err(|_| Pkcs8Error::Form)?.to_pem(PKCS8_LABEL, LineEnding::LF).map_err(|_| Pkcs8Error::Form)
    }

    pub fn public(&self) -> PublicKey {
        match self {
            Self::Ed25519(key) => PublicKey::of_ed25519(key),
            Self::P256(key) => PublicKey::of_p256(key),
        }
    }

    /// 64 bytes of Ed25519, or DER of ECDSA with the nonce of RFC 6979 and the lower s.
    pub fn sign(&self, message: &[u8]) -> Vec<u8> {
        match self {
            Self::Ed25519(key) => key.sign(message).to_bytes().to_vec(),
            Self::P256(key) => {
                let signature: p256::ecdsa::Signature = key.sign(message);
                signature.normalize_s().to_der().as_bytes().to_vec()
            }
        }
    }
}

fn ed25519_pkcs8_v1(key: &ed25519_dalek::SigningKey) -> pkcs8::Result<SecretDocument> {
    // An OCTET STRING of 32 bytes (RFC 8410 section 7), which PKCS#8 wraps in another.
    let mut inner = Zeroizing::new([0; 34]);
    inner[..2].copy_from_slice(&[0x04, 0x20]);
    inner[2..].copy_from_slice(key.as_bytes());
    PrivateKeyInfoRef {
        algorithm: AlgorithmIdentifierRef { oid: ED25519_OID, parameters: None },
        private_key: OctetStringRef::new(&*inner)?,
        public_key: None,
    }
    .to_pkcs8_der()
}
