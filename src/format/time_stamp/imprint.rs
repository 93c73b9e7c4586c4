//! Digest algorithms that a time-stamp may use, and what it is over.

use data_encoding::HEXLOWER;
use der::Encode as _;
use der::asn1::ObjectIdentifier;
use sha2::{Digest as _, Sha256, Sha384, Sha512};

use super::ber::tlv;

/// A digest algorithm of the SHA-2 family (FIPS 180-4), at least SHA-256. Nothing weaker is an algorithm here.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Hash {
    /// SHA-256.
    Sha256,
    /// SHA-384.
    Sha384,
    /// SHA-512.
    Sha512,
}

/// RFC 5754 section 2.
const OIDS: [(Hash, ObjectIdentifier); 3] = [
    (Hash::Sha256, ObjectIdentifier::new_unwrap("2.16.840.1.101.3.4.2.1")),
    (Hash::Sha384, ObjectIdentifier::new_unwrap("2.16.840.1.101.3.4.2.2")),
    (Hash::Sha512, ObjectIdentifier::new_unwrap("2.16.840.1.101.3.4.2.3")),
];

impl Hash {
    /// The algorithm of this identifier; `None` if it is another one.
    pub fn of_oid(oid: ObjectIdentifier) -> Option<Self> {
        OIDS.iter().find(|(_, known)| *known == oid).map(|(hash, _)| *hash)
    }

    /// Its identifier.
    pub fn oid(self) -> ObjectIdentifier {
        let [(_, sha256), (_, sha384), (_, sha512)] = OIDS;
        match self {
            Self::Sha256 => sha256,
            Self::Sha384 => sha384,
            Self::Sha512 => sha512,
        }
    }

    /// Length of a digest, in bytes.
    pub fn len_bytes(self) -> usize {
        match self {
            Self::Sha256 => 32,
            Self::Sha384 => 48,
            Self::Sha512 => 64,
        }
    }

    /// The digest of a message.
    pub fn digest(self, message: &[u8]) -> Vec<u8> {
        match self {
            Self::Sha256 => Sha256::digest(message).to_vec(),
            Self::Sha384 => Sha384::digest(message).to_vec(),
            Self::Sha512 => Sha512::digest(message).to_vec(),
        }
    }

    /// What people call it.
    pub fn name(self) -> &'static str {
        match self {
            Self::Sha256 => "SHA-256",
            Self::Sha384 => "SHA-384",
            Self::Sha512 => "SHA-512",
        }
    }
}

/// What a time-stamp is over: the digest of a file (RFC 3161 `MessageImprint`).
#[derive(Clone, PartialEq, Eq)]
pub struct Imprint {
    hash: Hash,
    digest: Vec<u8>,
}

impl Imprint {
    /// `None` if the digest has not the length that the algorithm gives.
    pub fn new(hash: Hash, digest: Vec<u8>) -> Option<Self> {
        (digest.len() == hash.len_bytes()).then_some(Self { hash, digest })
    }

    /// Of a file.
    pub fn of(hash: Hash, file: &[u8]) -> Self {
        Self { hash, digest: hash.digest(file) }
    }

    /// The algorithm.
    pub fn hash(&self) -> Hash {
        self.hash
    }

    /// The digest.
    pub fn digest(&self) -> &[u8] {
        &self.digest
    }

    /// `MessageImprint` in DER.
    pub fn to_der(&self) -> Vec<u8> {
        let oid = self.hash.oid().to_der().unwrap_or_default();
        let algorithm = tlv(0x30, &[oid, tlv(0x05, &[])].concat());
        tlv(0x30, &[algorithm, tlv(0x04, &self.digest)].concat())
    }
}

impl std::fmt::Display for Imprint {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "{} {}", self.hash.name(), HEXLOWER.encode(&self.digest))
    }
}

impl std::fmt::Debug for Imprint {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "Imprint({self})")
    }
}
