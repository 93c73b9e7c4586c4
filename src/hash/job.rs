//! What is to be hashed, and what comes of it.

use super::states::Strand;
use super::{BLOCK_LEN, ChainedSha256, sha256};
use crate::format::digest::{ChainValue, Digest};

/// Bytes of one message, where they stand in it, and what is wanted at their end.
#[derive(Clone, Copy)]
pub struct Job<'a> {
    before: Before<'a>,
    bytes: &'a [u8],
    end: End,
}

/// What went before the bytes of a job.
#[derive(Clone, Copy)]
enum Before<'a> {
    /// The first `offset_bytes` of the message, a multiple of 64, have this chain value.
    Blocks { chain_value: ChainValue, offset_bytes: u64 },
    /// What this took.
    Message(&'a ChainedSha256),
}

#[derive(Clone, Copy)]
enum End {
    Digest,
    /// Only of jobs that are whole blocks.
    ChainValue,
    Open,
}

/// What a job ended with.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Outcome {
    /// The digest of the whole message: [`Job::message`], [`Job::last_interval`], [`Job::last`].
    Digest(Digest),
    /// The chain value after the interval: [`Job::interval`].
    ChainValue(ChainValue),
    /// The message so far: [`Job::more`]. Boxed, as it is thrice as long as the others.
    Open(Box<ChainedSha256>),
}

impl Outcome {
    /// The digest, if that is what the job ended with.
    pub fn digest(self) -> Option<Digest> {
        match self {
            Self::Digest(digest) => Some(digest),
            Self::ChainValue(_) | Self::Open(_) => None,
        }
    }
}

impl<'a> Job<'a> {
    /// A whole message, to its digest.
    pub fn message(bytes: &'a [u8]) -> Self {
        Self { before: Before::Blocks { chain_value: ChainValue::START, offset_bytes: 0 }, bytes, end: End::Digest }
    }

    /// An interval of a chain, from the chain value at its start to the one at its end (SPEC.md section 14).
    /// `None` if it does not end at a multiple of 64 bytes.
    pub fn interval(from: ChainValue, bytes: &'a [u8]) -> Option<Self> {
        let before = Before::Blocks { chain_value: from, offset_bytes: 0 };
        bytes.len().is_multiple_of(BLOCK_LEN).then_some(Self { before, bytes, end: End::ChainValue })
    }

    /// The last interval of a chain, which stands at `offset_bytes` of the message, to the message's digest.
    /// `None` if it does not start at a multiple of 64 bytes, or the message is longer than SHA-256 can take (2^61 - 1 bytes).
    pub fn last_interval(from: ChainValue, offset_bytes: u64, bytes: &'a [u8]) -> Option<Self> {
        let len_bytes = offset_bytes.checked_add(u64::try_from(bytes.len()).ok()?)?;
        let sound = offset_bytes.is_multiple_of(BLOCK_LEN as u64) && len_bytes.checked_mul(8).is_some();
        sound.then_some(Self { before: Before::Blocks { chain_value: from, offset_bytes }, bytes, end: End::Digest })
    }

    /// The next bytes of a message of which more is to come.
    pub fn more(message: &'a ChainedSha256, bytes: &'a [u8]) -> Self {
        Self { before: Before::Message(message), bytes, end: End::Open }
    }

    /// The last bytes of a message, to its digest.
    pub fn last(message: &'a ChainedSha256, bytes: &'a [u8]) -> Self {
        Self { before: Before::Message(message), bytes, end: End::Digest }
    }

    /// Bytes to hash.
    pub(super) fn len_bytes(&self) -> usize {
        self.bytes.len()
    }

    /// What the job ends with by the reference alone, from its first byte to its last.
    pub(super) fn reference(&self) -> Outcome {
        let mut message = match (self.before, self.end) {
            (Before::Blocks { chain_value: ChainValue::START, offset_bytes: 0 }, End::Digest) => {
                return Outcome::Digest(sha256(self.bytes));
            }
            (Before::Blocks { chain_value, offset_bytes }, _) => ChainedSha256::resume(chain_value, offset_bytes),
            (Before::Message(message), _) => message.clone(),
        };
        message.update(self.bytes);
        match (self.end, message.chain_value()) {
            (End::Digest, _) => Outcome::Digest(message.finish()),
            (End::ChainValue, Some(value)) => Outcome::ChainValue(value),
            (End::Open, _) | (End::ChainValue, None) => Outcome::Open(Box::new(message)),
        }
    }

    /// The whole blocks of the job, and what is left to do after them.
    pub(super) fn strand(self, index: usize) -> Strand<'a, Ending<'a>> {
        let (chain_value, before_bytes, bytes) = match self.before {
            Before::Blocks { chain_value, offset_bytes } => (chain_value, offset_bytes, self.bytes),
            Before::Message(message) => match message.chain_value() {
                Some(chain_value) => (chain_value, message.len_bytes(), self.bytes),
                None => {
                    // The block in which the message stopped is finished here: one block of a whole buffer.
                    let mut message = message.clone();
                    let (first, bytes) = self.bytes.split_at(message.missing_bytes().min(self.bytes.len()));
                    message.update(first);
                    let Some(chain_value) = message.chain_value() else {
                        let outcome = match self.end {
                            End::Open => Outcome::Open(Box::new(message)),
                            End::Digest | End::ChainValue => Outcome::Digest(message.finish()),
                        };
                        return Strand {
                            words: [0; 8],
                            blocks: &[],
                            tag: Ending { index, then: Then::Report(outcome) },
                        };
                    };
                    (chain_value, message.len_bytes(), bytes)
                }
            },
        };
        let (blocks, rest) = bytes.as_chunks();
        let len_bytes = before_bytes.wrapping_add(bytes.len() as u64);
        let then = match self.end {
            End::Digest => Then::Pad { rest, len_bytes },
            End::ChainValue => Then::ReportChainValue,
            End::Open => Then::ReportOpen { rest, len_bytes },
        };
        Strand { words: chain_value.words(), blocks, tag: Ending { index, then } }
    }
}

/// What is left of a job after its whole blocks.
pub(super) struct Ending<'a> {
    pub(super) index: usize,
    pub(super) then: Then<'a>,
}

pub(super) enum Then<'a> {
    Pad { rest: &'a [u8], len_bytes: u64 },
    ReportChainValue,
    ReportOpen { rest: &'a [u8], len_bytes: u64 },
    Report(Outcome),
}
