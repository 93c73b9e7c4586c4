//! SHA-256 over content: plain digests, chunk digests and chain values (SPEC.md section 14).

mod chained;

pub use chained::ChainedSha256;

use sha2::{Digest as _, Sha256};

use crate::format::digest::Digest;

/// Bytes in a block of SHA-256.
pub const BLOCK_LEN: usize = 64;

/// Plain SHA-256 of bytes in memory.
pub fn sha256(bytes: &[u8]) -> Digest {
    Digest(Sha256::digest(bytes).into())
}

/// Plain SHA-256 of bytes that come in pieces.
#[derive(Clone, Default)]
pub struct PlainSha256(Sha256);

impl PlainSha256 {
    /// Takes the next bytes.
    pub fn update(&mut self, bytes: &[u8]) {
        self.0.update(bytes);
    }

    /// The digest of all bytes taken.
    pub fn finish(self) -> Digest {
        Digest(self.0.finalize().into())
    }
}
