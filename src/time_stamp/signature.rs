//! Whether a token's signature holds: RSA (PKCS #1 v1.5 and PSS, 2048 to 8192 bits) and ECDSA on P-256, P-384 and P-521.

use der::asn1::ObjectIdentifier;
use der::{Decode as _, Encode as _, Sequence};
use rustls_pki_types::{CertificateDer, SignatureVerificationAlgorithm};
use webpki::aws_lc_rs as algorithms;
use webpki::{EndEntityCert, Error};
use x509_cert::spki::AlgorithmIdentifierOwned;

use crate::format::time_stamp::{Hash, SignerInfo};

type Algorithm = &'static dyn SignatureVerificationAlgorithm;

const RSA: ObjectIdentifier = ObjectIdentifier::new_unwrap("1.2.840.113549.1.1.1");
const RSA_PSS: ObjectIdentifier = ObjectIdentifier::new_unwrap("1.2.840.113549.1.1.10");
const MGF_1: ObjectIdentifier = ObjectIdentifier::new_unwrap("1.2.840.113549.1.1.8");
const EC: ObjectIdentifier = ObjectIdentifier::new_unwrap("1.2.840.10045.2.1");

/// Algorithms that name their digest (RFC 5754).
const WITH_HASH: [(ObjectIdentifier, Hash, bool); 6] = [
    (ObjectIdentifier::new_unwrap("1.2.840.113549.1.1.11"), Hash::Sha256, true),
    (ObjectIdentifier::new_unwrap("1.2.840.113549.1.1.12"), Hash::Sha384, true),
    (ObjectIdentifier::new_unwrap("1.2.840.113549.1.1.13"), Hash::Sha512, true),
    (ObjectIdentifier::new_unwrap("1.2.840.10045.4.3.2"), Hash::Sha256, false),
    (ObjectIdentifier::new_unwrap("1.2.840.10045.4.3.3"), Hash::Sha384, false),
    (ObjectIdentifier::new_unwrap("1.2.840.10045.4.3.4"), Hash::Sha512, false),
];

/// Why a signature does not count.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum SignatureError {
    #[error("signature algorithm {0} with this key, digest or parameters is none that is accepted")]
    Algorithm(ObjectIdentifier),
    #[error("it is not that of the certificate's key over these attributes")]
    Wrong,
}

/// Checks the signature of a token over its attributes.
pub(super) fn verify(
    signer: &SignerInfo,
    hash: Hash,
    message: &[u8],
    certificate: &[u8],
) -> Result<(), SignatureError> {
    let unknown = SignatureError::Algorithm(signer.algorithm.0);
    let certificate = CertificateDer::from(certificate);
    let Ok(certificate) = EndEntityCert::try_from(&certificate) else { return Err(unknown) };
    let mut result = Err(unknown);
    for algorithm in candidates(signer, hash) {
        match certificate.verify_signature(algorithm, message, &signer.signature) {
            Ok(()) => return Ok(()),
            Err(Error::InvalidSignatureForPublicKey) => result = Err(SignatureError::Wrong),
            // For a key of another kind or on another curve.
            Err(_) => {}
        }
    }
    result
}

/// What the signature may be by; which it is the key decides.
fn candidates(signer: &SignerInfo, hash: Hash) -> Vec<Algorithm> {
    let (oid, parameters) = (signer.algorithm.0, signer.algorithm.1.as_deref());
    if oid == RSA_PSS {
        return if parameters.is_some_and(|it| is_plain_pss(it, hash)) { vec![pss(hash)] } else { Vec::new() };
    }
    let is_rsa = match WITH_HASH.iter().find(|(known, ..)| *known == oid) {
        Some(&(_, named, is_rsa)) if named == hash => is_rsa,
        Some(_) => return Vec::new(),
        None if oid == RSA => true,
        None if oid == EC => false,
        None => return Vec::new(),
    };
    if is_rsa { vec![pkcs1(hash)] } else { ecdsa(hash).to_vec() }
}

fn pkcs1(hash: Hash) -> Algorithm {
    match hash {
        Hash::Sha256 => algorithms::RSA_PKCS1_2048_8192_SHA256,
        Hash::Sha384 => algorithms::RSA_PKCS1_2048_8192_SHA384,
        Hash::Sha512 => algorithms::RSA_PKCS1_2048_8192_SHA512,
    }
}

fn pss(hash: Hash) -> Algorithm {
    match hash {
        Hash::Sha256 => algorithms::RSA_PSS_2048_8192_SHA256_LEGACY_KEY,
        Hash::Sha384 => algorithms::RSA_PSS_2048_8192_SHA384_LEGACY_KEY,
        Hash::Sha512 => algorithms::RSA_PSS_2048_8192_SHA512_LEGACY_KEY,
    }
}

fn ecdsa(hash: Hash) -> [Algorithm; 3] {
    match hash {
        Hash::Sha256 => [algorithms::ECDSA_P256_SHA256, algorithms::ECDSA_P384_SHA256, algorithms::ECDSA_P521_SHA256],
        Hash::Sha384 => [algorithms::ECDSA_P256_SHA384, algorithms::ECDSA_P384_SHA384, algorithms::ECDSA_P521_SHA384],
        Hash::Sha512 => [algorithms::ECDSA_P256_SHA512, algorithms::ECDSA_P384_SHA512, algorithms::ECDSA_P521_SHA512],
    }
}

/// `RSASSA-PSS-params` (RFC 4055 section 3.1).
#[derive(Sequence)]
struct PssParameters {
    #[asn1(context_specific = "0", tag_mode = "EXPLICIT")]
    hash: AlgorithmIdentifierOwned,
    #[asn1(context_specific = "1", tag_mode = "EXPLICIT")]
    mask: AlgorithmIdentifierOwned,
    #[asn1(context_specific = "2", tag_mode = "EXPLICIT")]
    salt_len: u16,
}

/// One digest throughout, and a salt of its length: as everybody uses PSS, and as the library checks it.
fn is_plain_pss(parameters: &[u8], hash: Hash) -> bool {
    let Ok(it) = PssParameters::from_der(parameters) else { return false };
    let inner = it.mask.parameters.as_ref().and_then(|any| any.to_der().ok());
    let inner = inner.and_then(|der| AlgorithmIdentifierOwned::from_der(&der).ok());
    it.hash.oid == hash.oid()
        && it.mask.oid == MGF_1
        && inner.is_some_and(|inner| inner.oid == hash.oid())
        && usize::from(it.salt_len) == hash.len_bytes()
}
