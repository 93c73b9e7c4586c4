//! Digests beside SHA-256, for comparing with what other tools recorded. None of them is relied on: SHA-256 decides.

use std::fmt;

use data_encoding::HEXLOWER;
use sha2::Digest as _;

use crate::format::entry::FurtherDigests;

/// An algorithm beside SHA-256.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum OtherAlgorithm {
    /// MD5 (RFC 1321). Broken: anyone can make two files with one digest.
    Md5,
    /// SHA-1 (FIPS 180-4). Broken likewise.
    Sha1,
    /// SHA-512 (FIPS 180-4).
    Sha512,
    /// BLAKE3, 256 bits.
    Blake3,
}

impl OtherAlgorithm {
    /// All of them, in the order in which they are listed.
    pub const ALL: [Self; 4] = [Self::Md5, Self::Sha1, Self::Sha512, Self::Blake3];

    /// As options and JSON name it: `md5`.
    pub fn name(self) -> &'static str {
        match self {
            Self::Md5 => "md5",
            Self::Sha1 => "sha1",
            Self::Sha512 => "sha512",
            Self::Blake3 => "blake3",
        }
    }
}

/// A digest beside SHA-256.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct OtherDigest {
    /// By which algorithm.
    pub algorithm: OtherAlgorithm,
    /// 16, 20, 64 or 32 bytes.
    pub bytes: Vec<u8>,
}

impl fmt::Display for OtherDigest {
    /// Lower-case hex.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&HEXLOWER.encode(&self.bytes))
    }
}

/// Digests as a manifest line records them; `None` if there are none.
pub fn further_digests(digests: &[OtherDigest]) -> Option<FurtherDigests> {
    let mut further = FurtherDigests::default();
    for digest in digests {
        let place = match digest.algorithm {
            OtherAlgorithm::Md5 => &mut further.md5,
            OtherAlgorithm::Sha1 => &mut further.sha1,
            OtherAlgorithm::Sha512 => &mut further.sha512,
            OtherAlgorithm::Blake3 => &mut further.blake3,
        };
        *place = Some(digest.to_string());
    }
    (!digests.is_empty()).then_some(further)
}

/// Hashes one message by several algorithms in one pass.
#[derive(Clone)]
pub struct OtherHashers(Vec<OtherHasher>);

#[derive(Clone)]
enum OtherHasher {
    Md5(md5::Md5),
    Sha1(sha1::Sha1),
    Sha512(Box<sha2::Sha512>),
    Blake3(Box<blake3::Hasher>),
}

impl OtherHashers {
    /// One hasher for each algorithm.
    pub fn new(algorithms: &[OtherAlgorithm]) -> Self {
        let hasher = |algorithm: &OtherAlgorithm| match algorithm {
            OtherAlgorithm::Md5 => OtherHasher::Md5(md5::Md5::new()),
            OtherAlgorithm::Sha1 => OtherHasher::Sha1(sha1::Sha1::new()),
            OtherAlgorithm::Sha512 => OtherHasher::Sha512(Box::default()),
            OtherAlgorithm::Blake3 => OtherHasher::Blake3(Box::default()),
        };
        Self(algorithms.iter().map(hasher).collect())
    }

    /// Takes the next bytes.
    pub fn update(&mut self, bytes: &[u8]) {
        for hasher in &mut self.0 {
            match hasher {
                OtherHasher::Md5(hasher) => hasher.update(bytes),
                OtherHasher::Sha1(hasher) => hasher.update(bytes),
                OtherHasher::Sha512(hasher) => hasher.update(bytes),
                OtherHasher::Blake3(hasher) => drop(hasher.update(bytes)),
            }
        }
    }

    /// The digests of all bytes taken, in the order of the algorithms given.
    pub fn finish(self) -> Vec<OtherDigest> {
        let digest = |hasher| {
            let (algorithm, bytes) = match hasher {
                OtherHasher::Md5(hasher) => (OtherAlgorithm::Md5, hasher.finalize().to_vec()),
                OtherHasher::Sha1(hasher) => (OtherAlgorithm::Sha1, hasher.finalize().to_vec()),
                OtherHasher::Sha512(hasher) => (OtherAlgorithm::Sha512, hasher.finalize().to_vec()),
                OtherHasher::Blake3(hasher) => (OtherAlgorithm::Blake3, hasher.finalize().as_bytes().to_vec()),
            };
            OtherDigest { algorithm, bytes }
        };
        self.0.into_iter().map(digest).collect()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// RFC 1321 A.5; FIPS 180 examples; the BLAKE3 reference implementation.
    #[test]
    fn abc_has_the_published_digests() {
        let mut hashers = OtherHashers::new(&OtherAlgorithm::ALL);
        hashers.update(b"a");
        hashers.update(b"bc");
        let digests: Vec<String> = hashers.finish().iter().map(OtherDigest::to_string).collect();
        assert_eq!(digests[0], "900150983cd24fb0d6963f7d28e17f72");
        assert_eq!(digests[1], "a9993e364706816aba3e25717850c26c9cd0d89d");
        assert!(digests[2].starts_with("ddaf35a193617abacc417349ae204131"));
        assert_eq!(digests[3], "6437b3ac38465133ffb63b75273a8db548c558465d79db03fd359c6cd5bd9d85");
    }
}
