//! SHA-256 over content: plain digests, chunk digests and chain values (SPEC.md section 14).

mod chained;
mod choice;
mod drive;
mod hasher;
mod job;
mod kernel;
mod padding;
mod plan;
mod reference;
mod self_test;
mod states;
#[cfg(target_arch = "x86_64")]
mod x86;

pub use chained::ChainedSha256;
pub use choice::{Choice, KernelError, choice};
pub use hasher::LaneHasher;
pub use job::{Job, Outcome};
pub use kernel::Kernel;

use sha2::{Digest as _, Sha256};

use crate::format::digest::Digest;

/// Bytes in a block of SHA-256.
pub const BLOCK_LEN: usize = 64;

/// What SHA-256 takes at a time.
type Block = [u8; BLOCK_LEN];

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
