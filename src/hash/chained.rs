//! SHA-256 whose state can be read between blocks.

use sha2::block_api::compress256;

use super::padding::Padding;
use super::{BLOCK_LEN, Block};
use crate::format::digest::{ChainValue, Digest};

/// A SHA-256 that gives its chain value at every multiple of 64 bytes, and can start from one.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ChainedSha256 {
    state: [u32; 8],
    /// After `partial_len` bytes zeros, so that equal messages are equal values.
    partial: Block,
    partial_len: usize,
    len_bytes: u64,
}

impl Default for ChainedSha256 {
    fn default() -> Self {
        Self::resume(ChainValue::START, 0)
    }
}

impl ChainedSha256 {
    /// Goes on from a chain value that stands at `offset_bytes`, a multiple of 64.
    ///
    /// # Panics
    ///
    /// If it is none: inside a block no chain value says what went before, and no digest that came of it would be one.
    pub fn resume(chain_value: ChainValue, offset_bytes: u64) -> Self {
        assert!(offset_bytes.is_multiple_of(BLOCK_LEN as u64), "no chain value stands at byte {offset_bytes}");
        Self { state: chain_value.words(), partial: [0; BLOCK_LEN], partial_len: 0, len_bytes: offset_bytes }
    }

    /// Takes the next bytes.
    pub fn update(&mut self, mut bytes: &[u8]) {
        self.len_bytes += bytes.len() as u64;
        if self.partial_len > 0 {
            let take = bytes.len().min(BLOCK_LEN - self.partial_len);
            self.partial[self.partial_len..self.partial_len + take].copy_from_slice(&bytes[..take]);
            self.partial_len += take;
            bytes = &bytes[take..];
            if self.partial_len < BLOCK_LEN {
                return;
            }
            compress256(&mut self.state, &[self.partial]);
        }
        let (blocks, rest) = bytes.as_chunks::<BLOCK_LEN>();
        compress256(&mut self.state, blocks);
        self.partial = [0; BLOCK_LEN];
        self.partial[..rest.len()].copy_from_slice(rest);
        self.partial_len = rest.len();
    }

    /// Takes content that begins here, at a multiple of 64, and gives the chain value at the start of each of its chunks.
    pub fn update_chunks(&mut self, content: &[u8], chunk_len: usize) -> Vec<ChainValue> {
        let mut values = Vec::with_capacity(content.len().div_ceil(chunk_len));
        for chunk in content.chunks(chunk_len) {
            values.extend(self.chain_value());
            self.update(chunk);
        }
        values
    }

    /// The chain value here; `None` inside a block.
    pub fn chain_value(&self) -> Option<ChainValue> {
        (self.partial_len == 0).then(|| ChainValue::from_words(self.state))
    }

    /// Bytes of the message so far, counted from its start.
    pub fn len_bytes(&self) -> u64 {
        self.len_bytes
    }

    /// Bytes to the end of the block that has begun.
    pub(super) fn missing_bytes(&self) -> usize {
        (BLOCK_LEN - self.partial_len) % BLOCK_LEN
    }

    /// The digest of all bytes taken.
    pub fn finish(mut self) -> Digest {
        let padding = Padding::new(&self.partial[..self.partial_len], self.len_bytes);
        compress256(&mut self.state, padding.blocks());
        Digest(ChainValue::from_words(self.state).0)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::hash::sha256;

    /// The repeating pattern 0..=250: 251 is prime, so swapped blocks change the digest.
    fn pattern(len: usize) -> Vec<u8> {
        (0..=250).cycle().take(len).collect()
    }

    #[test]
    fn it_agrees_with_the_reference_at_every_length_and_cut() {
        for len in (0..200).chain([4095, 4096, 4097]) {
            let bytes = pattern(len);
            for cut in [0, 1, 55, 63, 64, 65, len / 2, len] {
                let cut = cut.min(len);
                let mut hasher = ChainedSha256::default();
                hasher.update(&bytes[..cut]);
                hasher.update(&bytes[cut..]);
                assert_eq!(hasher.finish(), sha256(&bytes), "length {len}, cut {cut}");
            }
        }
    }

    #[test]
    #[should_panic(expected = "no chain value stands at byte 100")]
    fn nothing_goes_on_from_inside_a_block() {
        ChainedSha256::resume(ChainValue::START, 100);
    }

    #[test]
    fn a_chain_value_carries_all_that_went_before() {
        let bytes = pattern(1000);
        let mut hasher = ChainedSha256::default();
        assert_eq!(hasher.chain_value(), Some(ChainValue::START));
        hasher.update(&bytes[..640]);
        let mut resumed = ChainedSha256::resume(hasher.chain_value().unwrap(), 640);
        resumed.update(&bytes[640..]);
        assert_eq!(resumed.chain_value(), None);
        assert_eq!(resumed.finish(), sha256(&bytes));
    }
}
