//! SHA-256 over content: plain digests, chunk digests and chain values (SPEC.md section 14).
//!
//! One message is a chain: no processor goes faster than its SHA instructions ([`sha256`], [`PlainSha256`],
//! [`ChainedSha256`], all by the `sha2` crate). Many messages are worked on side by side by a [`LaneHasher`]:
//!
//! ```
//! use scelle::hash::{Job, LaneHasher, Outcome, sha256};
//!
//! let files: [&[u8]; 3] = [b"one", b"two", b"three"];
//! let jobs = files.map(Job::message);
//! LaneHasher::new().run(&jobs, |index, outcome| assert_eq!(outcome, Outcome::Digest(sha256(files[index]))));
//! ```
//!
//! # How
//!
//! A *kernel* (`x86/`, `reference.rs`) runs the compression function over as many blocks as the shortest of its lanes
//! has. `drive.rs` gives a lane its next message when the last one ends. `plan.rs` goes from wide kernels to narrow ones as
//! messages run out. `streams.rs` does the same with messages that are read while they are hashed, `pairs.rs` works on a chain
//! beside its chunks. `hasher.rs` gathers the padded ends of messages, which would stop long runs for a block or two each.
//! `choice.rs` tests every kernel of the processor with known answers (`self_test.rs`) and times those that pass. One that
//! gives a wrong answer is not used, and [`Choice::refused`] says so. With `LaneHasher::paranoid` nothing is believed that
//! the reference does not say too (`paranoid.rs`).
//!
//! Only the files in `x86/` have `unsafe` code: loads and stores through references to arrays, a prefetch, and calls of
//! functions for instructions that a value of the kernel's type proves to be there.
//!
//! # What was tried
//!
//! Throughput as multiples of `sha2` in the same run, one core of a Zen 4 server processor, 64 KiB messages:
//!
//! | kernel | times `sha2` |
//! |---|---|
//! | SHA-NI, 2 streams, with AVX forms of the other instructions | 1.98 |
//! | the same without AVX | 1.80 |
//! | SHA-NI, 3 streams | 1.72: words no longer fit the registers |
//! | SHA-NI, 4 streams | 2.01, but twice as many messages are needed |
//! | AVX-512, 16 lanes, transposed loads | 1.8 |
//! | AVX-512, 2 x 16 lanes | 1.45 |
//! | AVX2, 8 lanes | 1.0 |
//! | AVX-512 beside 1 or 2 SHA-NI streams, rounds interleaved | less than SHA-NI alone: 0.7 to 0.87 of it |
//! | AVX-512, message schedule of the whole block first, in memory | no better than in registers |
//! | prefetch of each lane's next block | within noise; kept for lanes that lie 256 KiB apart |
//!
//! Scheduling, files of real sizes (half of them under 2 KiB, mean 14 KB), as parts of the rate at equal sizes: 0.98 in one
//! run over all; 0.93 frame by frame (4 MiB), of 0.95 that the longest file of a frame allows at all. A job costs about 50 ns
//! beside its blocks. Sorting all jobs by length cost more than it gave (order in memory is lost), so only the long ones
//! are sorted; asking for the start of the next message early gave nothing.
//!
//! On Zen 5 a prototype of 16 lanes ran at 2.5 times `sha2`, and two groups of 16 are published at 3.5. As the order of
//! kernels differs between processors with the same instructions, they are timed at first use, not looked up.

mod chained;
mod choice;
mod drive;
mod hasher;
mod job;
mod kernel;
mod others;
mod padding;
mod pairs;
mod paranoid;
mod plan;
mod reference;
mod self_test;
mod states;
mod streams;
#[cfg(test)]
mod wrong;
mod zeros;
#[cfg(target_arch = "x86_64")]
mod x86;

pub use chained::ChainedSha256;
pub use choice::{Choice, KernelError, choice};
pub use hasher::LaneHasher;
pub use job::{Job, Outcome};
pub use kernel::Kernel;
pub use others::{OtherAlgorithm, OtherDigest, OtherHashers, further_digests};
pub use paranoid::{Mismatch, caught};
pub use streams::{Messages, PIECE_LEN};
#[cfg(test)]
pub(crate) use wrong::with_wrong_kernel;
pub use zeros::{digest_of_zeros, is_zeros};

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
