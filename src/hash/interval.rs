//! Checking one interval of a chain by itself (SPEC.md section 14).

use super::ChainedSha256;
use crate::format::digest::{ChainValue, Digest};

/// What an interval must end at.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum IntervalEnd {
    /// The next recorded chain value.
    ChainValue(ChainValue),
    /// The digest of the whole content: this is the last interval.
    Digest(Digest),
}

/// Whether the chain that stands at `start` at `offset_bytes` (a multiple of 64) gets to `end` over `bytes`.
pub fn interval_holds(start: ChainValue, offset_bytes: u64, bytes: &[u8], end: IntervalEnd) -> bool {
    let mut hasher = ChainedSha256::resume(start, offset_bytes);
    hasher.update(bytes);
    match end {
        IntervalEnd::ChainValue(value) => hasher.chain_value() == Some(value),
        IntervalEnd::Digest(digest) => hasher.finish() == digest,
    }
}
