//! Public keys: SubjectPublicKeyInfo in its one DER form (RFC 8410, RFC 5480), and signatures by them (SPEC.md ENV-3, ENV-4).
//!
//! Only two algorithms exist and each has one DER form, a fixed prefix and the key bytes; so parsing compares bytes, and
//! no ASN.1 parser meets an unproven key.

use std::fmt;

use data_encoding::BASE64;
use p256::ecdsa::signature::Verifier as _;
use pkcs8::Document;
use pkcs8::LineEnding;
use sha2::{Digest as _, Sha256};

use super::digest::KeyId;
use super::json::bytes_of_base64;

/// Before the 32 key bytes of an Ed25519 key: SEQUENCE { SEQUENCE { OID 1.3.101.112 } BIT STRING } (RFC 8410 section 4).
const ED25519_PREFIX: [u8; 12] = [0x30, 0x2a, 0x30, 0x05, 0x06, 0x03, 0x2b, 0x65, 0x70, 0x03, 0x21, 0x00];
/// Before the 65 bytes of a P-256 point: SEQUENCE { SEQUENCE { id-ecPublicKey, prime256v1 } BIT STRING } (RFC 5480 section 2).
const P256_PREFIX: [u8; 26] = [
    0x30, 0x59, 0x30, 0x13, 0x06, 0x07, 0x2a, 0x86, 0x48, 0xce, 0x3d, 0x02, 0x01, 0x06, 0x08, 0x2a, 0x86, 0x48, 0xce,
    0x3d, 0x03, 0x01, 0x07, 0x03, 0x42, 0x00,
];
/// Length of an uncompressed P-256 point: 0x04 and two coordinates (SEC 1 section 2.3.3).
const P256_POINT_LEN: usize = 65;
/// What stands between the dashes of a PEM public key (RFC 7468 section 13).
pub const PEM_LABEL: &str = "PUBLIC KEY";

/// Signature algorithms; which one follows from the key alone.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Algorithm {
    /// Ed25519 (RFC 8032).
    Ed25519,
    /// ECDSA on P-256 with SHA-256 (FIPS 186-5).
    P256,
}

impl fmt::Display for Algorithm {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Ed25519 => "ed25519",
            Self::P256 => "p256",
        })
    }
}

/// A public key that a signature may be checked with: on its curve, canonically encoded, not of small order.
#[derive(Clone, PartialEq)]
pub struct PublicKey(Point);

#[derive(Clone, PartialEq)]
enum Point {
    Ed25519(ed25519_dalek::VerifyingKey),
    P256(p256::ecdsa::VerifyingKey),
}

/// Why bytes are not a public key.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum SpkiError {
    /// Another algorithm, a compressed point, explicit parameters, or another DER form.
    #[error("not an Ed25519 or uncompressed P-256 SubjectPublicKeyInfo in DER")]
    Form,
    /// Not the canonical encoding of a point on the curve.
    #[error("the key is not a point on its curve, or not canonically encoded")]
    Point,
    /// Under such a key one signature fits many messages.
    #[error("the key is of small order")]
    SmallOrder,
    /// Not PEM, or PEM of something else.
    #[error("not a PEM public key (BEGIN PUBLIC KEY)")]
    Pem,
}

/// Why a signature does not hold.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum SignatureError {
    /// Wrong length, or not minimal DER.
    #[error("the signature is not in the one form that its algorithm has")]
    Form,
    /// A P-256 signature with s in the upper half of the order, which anyone can make from the other.
    #[error("the signature has a high s value")]
    HighS,
    /// Not by this key over this message.
    #[error("the signature does not match")]
    Mismatch,
}

impl PublicKey {
    /// Parses DER in its one form.
    pub fn from_der(der: &[u8]) -> Result<Self, SpkiError> {
        if let Some(key) = der.strip_prefix(&ED25519_PREFIX) {
            return Self::from_ed25519(key.try_into().map_err(|_| SpkiError::Form)?);
        }
        match der.strip_prefix(&P256_PREFIX) {
            Some(point @ [0x04, ..]) if point.len() == P256_POINT_LEN => {
                let key = p256::ecdsa::VerifyingKey::from_sec1_bytes(point).map_err(|_| SpkiError::Point)?;
                Ok(Self(Point::P256(key)))
            }
            _ => Err(SpkiError::Form),
        }
    }

    /// The key in an `spki` (base64 of DER), if it is one and has this id (SPEC.md ENV-3).
    pub fn from_spki(spki: &str, key_id: KeyId) -> Option<Self> {
        let key = Self::from_der(&bytes_of_base64(spki)?).ok()?;
        (key.key_id() == key_id).then_some(key)
    }

    /// What statements, events and trust lists have for it.
    pub fn to_spki(&self) -> String {
        BASE64.encode(&self.to_der())
    }

    /// Parses the PEM that [`Self::to_pem`] and `openssl pkey -pubout` write.
    pub fn from_pem(pem: &str) -> Result<Self, SpkiError> {
        match Document::from_pem(pem) {
            Ok((PEM_LABEL, der)) => Self::from_der(der.as_bytes()),
            _ => Err(SpkiError::Pem),
        }
    }

    /// The key with these bytes: 32 of Ed25519, or the 65 of an uncompressed P-256 point.
    pub(crate) fn from_raw(algorithm: Algorithm, raw: &[u8]) -> Result<Self, SpkiError> {
        match algorithm {
            Algorithm::Ed25519 => Self::from_der(&[&ED25519_PREFIX[..], raw].concat()),
            Algorithm::P256 => Self::from_der(&[&P256_PREFIX[..], raw].concat()),
        }
    }

    fn from_ed25519(bytes: &[u8; 32]) -> Result<Self, SpkiError> {
        let key = ed25519_dalek::VerifyingKey::from_bytes(bytes).map_err(|_| SpkiError::Point)?;
        // Decompression reduces y modulo p; the key id must not depend on which of two spellings was used.
        if key.to_edwards().compress().as_bytes() != bytes {
            return Err(SpkiError::Point);
        }
        if key.is_weak() {
            return Err(SpkiError::SmallOrder);
        }
        Ok(Self(Point::Ed25519(key)))
    }

    /// The public half of an Ed25519 key pair, which is never of small order.
    pub(crate) fn of_ed25519(pair: &ed25519_dalek::SigningKey) -> Self {
        Self(Point::Ed25519(pair.verifying_key()))
    }

    /// The public half of a P-256 key pair.
    pub(crate) fn of_p256(pair: &p256::ecdsa::SigningKey) -> Self {
        Self(Point::P256(*pair.verifying_key()))
    }

    /// Which algorithm it is for.
    pub fn algorithm(&self) -> Algorithm {
        match self.0 {
            Point::Ed25519(_) => Algorithm::Ed25519,
            Point::P256(_) => Algorithm::P256,
        }
    }

    /// The DER SubjectPublicKeyInfo.
    pub fn to_der(&self) -> Vec<u8> {
        match self.0 {
            Point::Ed25519(_) => [&ED25519_PREFIX[..], &self.raw()].concat(),
            Point::P256(_) => [&P256_PREFIX[..], &self.raw()].concat(),
        }
    }

    /// PEM, as `openssl pkey -pubin` reads it.
    pub fn to_pem(&self) -> String {
        let pem = Document::try_from(self.to_der()).and_then(|der| der.to_pem(PEM_LABEL, LineEnding::LF));
        // Both steps check lengths that a key of fixed size cannot have.
        pem.unwrap_or_default()
    }

    /// SHA-256 of the DER (SPEC.md ENV-3).
    pub fn key_id(&self) -> KeyId {
        KeyId(Sha256::digest(self.to_der()).into())
    }

    /// The key bytes alone: 32 of Ed25519 (RFC 8032), or the 65 of an uncompressed P-256 point (SEC 1).
    pub(crate) fn raw(&self) -> Vec<u8> {
        match &self.0 {
            Point::Ed25519(key) => key.as_bytes().to_vec(),
            Point::P256(key) => key.to_sec1_point(false).as_bytes().to_vec(),
        }
    }

    /// Checks a signature over a message (SPEC.md ENV-4).
    pub fn verify(&self, message: &[u8], signature: &[u8]) -> Result<(), SignatureError> {
        match &self.0 {
            Point::Ed25519(key) => verify_ed25519(key, message, signature),
            Point::P256(key) => verify_p256(key, message, signature),
        }
    }
}

fn verify_ed25519(key: &ed25519_dalek::VerifyingKey, message: &[u8], signature: &[u8]) -> Result<(), SignatureError> {
    let signature = ed25519_dalek::Signature::from_slice(signature).map_err(|_| SignatureError::Form)?;
    // Strict: compares R as bytes, so that only its canonical form passes, and refuses small orders of A and R.
    key.verify_strict(message, &signature).map_err(|_| SignatureError::Mismatch)
}

fn verify_p256(key: &p256::ecdsa::VerifyingKey, message: &[u8], signature: &[u8]) -> Result<(), SignatureError> {
    let parsed = p256::ecdsa::Signature::from_der(signature).map_err(|_| SignatureError::Form)?;
    if parsed.to_der().as_bytes() != signature {
        return Err(SignatureError::Form);
    }
    if parsed.normalize_s() != parsed {
        return Err(SignatureError::HighS);
    }
    key.verify(message, &parsed).map_err(|_| SignatureError::Mismatch)
}

/// Bytes of an ECDSA P-256 signature as two numbers of equal length (IEEE P1363), as tokens give it.
pub(crate) const P256_SIGNATURE_LEN: usize = 64;

/// An ECDSA P-256 signature in DER with the lower s (SPEC.md ENV-4), from r and s; either s makes the same signature.
/// `None` if the length is another, or a number is 0 or not below the order.
pub(crate) fn p256_der_of_raw(raw: &[u8]) -> Option<Vec<u8>> {
    let signature = p256::ecdsa::Signature::from_slice(raw).ok()?;
    Some(signature.normalize_s().to_der().as_bytes().to_vec())
}

/// The numbers r and s of an ECDSA P-256 signature in DER.
pub(crate) fn p256_raw_of_der(der: &[u8]) -> Option<[u8; P256_SIGNATURE_LEN]> {
    Some(p256::ecdsa::Signature::from_der(der).ok()?.to_bytes().into())
}

impl fmt::Debug for PublicKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "PublicKey({} {})", self.algorithm(), self.key_id())
    }
}

#[cfg(test)]
pub(crate) mod tests {
    use data_encoding::HEXLOWER;

    /// The public half of the Ed25519 key whose seed is one byte again and again.
    pub(crate) fn public_key(byte: u8) -> PublicKey {
        PublicKey::of_ed25519(&ed25519_dalek::SigningKey::from_bytes(&[byte; 32]))
    }

    use super::*;

    fn ed25519(hex: &str) -> Result<PublicKey, SpkiError> {
        PublicKey::from_der(&[&ED25519_PREFIX[..], &HEXLOWER.decode(hex.as_bytes()).unwrap()].concat())
    }

    fn bytes(hex: &str) -> Vec<u8> {
        HEXLOWER.decode(hex.as_bytes()).unwrap()
    }

    /// RFC 6979 section A.2.5: public key, and the signature over "sample" with SHA-256.
    fn p256_sample() -> (PublicKey, p256::ecdsa::Signature) {
        let point = bytes(
            "0460fed4ba255a9d31c961eb74c6356d68c049b8923b61fa6ce669622e60f29fb6\
             7903fe1008b8bc99a41ae9e95628bc64f2f1b20c2d7e9f5177a3c294d4462299",
        );
        let signature = bytes(
            "efd48b2aacb6a8fd1140dd9cd45e81d69d2c877b56aaf991c34d0ea84eaf3716\
             f7cb1c942d657c41d436c7a1b6e29f65f3e900dbb9aff4064dc4ab2f843acda8",
        );
        let key = PublicKey::from_der(&[&P256_PREFIX[..], &point].concat()).unwrap();
        (key, p256::ecdsa::Signature::from_slice(&signature).unwrap())
    }

    #[test]
    fn ed25519_vectors_of_rfc_8032_verify_and_a_changed_message_does_not() {
        for (key, message, signature) in [
            (
                "d75a980182b10ab7d54bfed3c964073a0ee172f3daa62325af021a68f707511a",
                "",
                "e5564300c360ac729086e2cc806e828a84877f1eb8e5d974d873e065224901555fb8821590a33bacc61e39701cf9b46bd25bf5f0595bbe24655141438e7a100b",
            ),
            (
                "3d4017c3e843895a92b70aa74d1b7ebc9c982ccf2ec4968cc0cd55f12af4660c",
                "72",
                "92a009a9f0d4cab8720e820b5f642540a2b27b5416503f8fb3762223ebdb69da085ac1e43e15996e458f3613d0f11d8c387b2eaeb4302aeeb00d291612bb0c00",
            ),
            (
                "fc51cd8e6218a1a38da47ed00230f0580816ed13ba3303ac5deb911548908025",
                "af82",
                "6291d657deec24024827e69c3abe01a30ce548a284743a445e3680d7db5ac3ac18ff9b538d16f290ae67f760984dc6594a7c15e9716ed28dc027beceea1ec40a",
            ),
        ] {
            let (key, message, signature) = (ed25519(key).unwrap(), bytes(message), bytes(signature));
            assert_eq!(key.verify(&message, &signature), Ok(()));
            assert_eq!(key.verify(b"another", &signature), Err(SignatureError::Mismatch));
            assert_eq!(key.verify(&message, &signature[..63]), Err(SignatureError::Form));
        }
    }

    #[test]
    fn an_ed25519_signature_with_s_plus_the_order_is_refused() {
        let key = ed25519("d75a980182b10ab7d54bfed3c964073a0ee172f3daa62325af021a68f707511a").unwrap();
        let mut signature = bytes(
            "e5564300c360ac729086e2cc806e828a84877f1eb8e5d974d873e065224901555fb8821590a33bacc61e39701cf9b46bd25bf5f0595bbe24655141438e7a100b",
        );
        let order = bytes("edd3f55c1a631258d69cf7a2def9de1400000000000000000000000000000010");
        let mut carry = 0;
        for (byte, add) in signature[32..].iter_mut().zip(order) {
            let sum = u16::from(*byte) + u16::from(add) + carry;
            (*byte, carry) = (sum.to_le_bytes()[0], sum >> 8);
        }
        assert!(key.verify(b"", &signature).is_err());
    }

    #[test]
    fn ed25519_keys_of_small_order_are_refused() {
        for key in [
            "0100000000000000000000000000000000000000000000000000000000000000",
            "ecffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff7f",
            "0000000000000000000000000000000000000000000000000000000000000000",
            "0000000000000000000000000000000000000000000000000000000000000080",
            "26e8958fc2b227b045c3f489f2ef98f0d5dfac05d3c63339b13802886d53fc05",
            "c7176a703d4dd84fba3c0b760d10670f2a2053fa2c39ccc64ec7fd7792ac037a",
        ] {
            assert_eq!(ed25519(key), Err(SpkiError::SmallOrder), "{key}");
        }
    }

    #[test]
    fn ed25519_keys_that_are_not_canonical_or_not_on_the_curve_are_refused() {
        for key in [
            // y = p + 3 and y = p + 4, which decompress as 3 and 4 do
            "f0ffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff7f",
            "f1ffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff7f",
            // y = 1 with the sign of x = 0 set
            "0100000000000000000000000000000000000000000000000000000000000080",
            // y = 2 is on no point
            "0200000000000000000000000000000000000000000000000000000000000000",
        ] {
            assert_eq!(ed25519(key), Err(SpkiError::Point), "{key}");
        }
    }

    #[test]
    fn p256_signatures_verify_only_with_low_s_in_minimal_der() {
        let (key, high) = p256_sample();
        let low = high.normalize_s();
        assert_eq!(key.verify(b"sample", low.to_der().as_bytes()), Ok(()));
        assert_eq!(key.verify(b"sample", high.to_der().as_bytes()), Err(SignatureError::HighS));
        assert_eq!(key.verify(b"simple", low.to_der().as_bytes()), Err(SignatureError::Mismatch));
        assert_eq!(key.verify(b"sample", &low.to_bytes()), Err(SignatureError::Form));

        let der = low.to_der().as_bytes().to_vec();
        let long_length = [&[0x30, 0x81], &der[1..]].concat();
        let trailing = [&der[..], &[0]].concat();
        let mut padded = der.clone();
        padded[1] += 1;
        let s_at = 2 + 2 + usize::from(der[3]);
        padded[s_at + 1] += 1;
        padded.insert(s_at + 2, 0);
        for form in [long_length, trailing, padded] {
            assert_eq!(key.verify(b"sample", &form), Err(SignatureError::Form), "{}", HEXLOWER.encode(&form));
        }
    }

    #[test]
    fn p256_keys_have_one_form() {
        let (key, _) = p256_sample();
        let der = key.to_der();
        assert_eq!(PublicKey::from_der(&der), Ok(key.clone()));
        assert_eq!(PublicKey::from_pem(&key.to_pem()), Ok(key));
        let mut off_curve = der.clone();
        off_curve[90] ^= 1;
        assert_eq!(PublicKey::from_der(&off_curve), Err(SpkiError::Point));
        let x = &der[27..59];
        let compressed = [&bytes("3039301306072a8648ce3d020106082a8648ce3d03010703220003")[..], x].concat();
        let hybrid = [&der[..26], &[0x07], &der[27..]].concat();
        for form in [compressed, hybrid, [&der[..], &[0]].concat(), der[..90].to_vec(), Vec::new()] {
            assert_eq!(PublicKey::from_der(&form), Err(SpkiError::Form), "{}", HEXLOWER.encode(&form));
        }
    }

    #[test]
    fn coordinates_past_the_field_are_refused() {
        let p = "ffffffff00000001000000000000000000000000ffffffffffffffffffffffff";
        let point = bytes(&format!("04{p}{p}"));
        assert_eq!(PublicKey::from_der(&[&P256_PREFIX[..], &point].concat()), Err(SpkiError::Point));
    }

    #[test]
    fn the_key_id_is_the_digest_of_the_der() {
        // RFC 8410 section 10.1; the digest by `openssl pkey -pubin -outform DER | sha256sum`.
        let pem = "-----BEGIN PUBLIC KEY-----\nMCowBQYDK2VwAyEAGb9ECWmEzf6FQbrBZ9w7lshQhqowtrbLDFw4rXAxZuE=\n-----END PUBLIC KEY-----\n";
        let key = PublicKey::from_pem(pem).unwrap();
        assert_eq!(key.to_pem(), pem);
        assert_eq!(key.key_id().to_string(), "a1e9156054e04fac899ae9f275132cdc07a5dbc4ea2c2ad3a1ffc6e0d253681f");
        let twice = pem.repeat(2);
        for other in [pem.replace("PUBLIC", "PRIVATE"), twice, format!("{pem}x"), pem.replace("=\n", "\n")] {
            assert_eq!(PublicKey::from_pem(&other), Err(SpkiError::Pem), "{other}");
        }
        assert!(PublicKey::from_pem(&pem.replace('\n', "\r\n")).is_ok());
    }
}
