//! The end of a message (FIPS 180-4 section 5.1.1): a one bit, zeros, and the length in bits.

use super::states::Strand;
use super::{BLOCK_LEN, Block};

/// Bytes of the last block that the length leaves free.
const BEFORE_LENGTH: usize = BLOCK_LEN - size_of::<u64>();

/// The last one or two blocks of a message.
#[derive(Clone)]
pub(super) struct Padding {
    blocks: [Block; 2],
    count: usize,
}

impl Padding {
    /// No end of any message.
    const BLANK: Self = Self { blocks: [[0; BLOCK_LEN]; 2], count: 0 };

    /// Pads `rest`, the bytes after the last whole block, as the end of a message of `len_bytes` bytes in all.
    pub(super) fn new(rest: &[u8], len_bytes: u64) -> Self {
        let mut padding = Self::BLANK;
        padding.set(rest, len_bytes);
        padding
    }

    /// What `new` gives, in place: the end of every small file comes through here.
    pub(super) fn set(&mut self, rest: &[u8], len_bytes: u64) {
        assert!(rest.len() as u64 == len_bytes % BLOCK_LEN as u64, "the rest of a message is what its length says");
        self.count = if rest.len() < BEFORE_LENGTH { 1 } else { 2 };
        self.blocks = [[0; BLOCK_LEN]; 2];
        self.blocks[0][..rest.len()].copy_from_slice(rest);
        self.blocks[0][rest.len()] = 0x80;
        self.blocks[self.count - 1][BEFORE_LENGTH..].copy_from_slice(&len_bytes.wrapping_mul(8).to_be_bytes());
    }

    /// One or two blocks.
    pub(super) fn blocks(&self) -> &[Block] {
        &self.blocks[..self.count]
    }
}

/// How many ends of messages wait for each other: enough to fill the widest kernel twice, few enough for the first cache.
const WAITING: usize = 64;

/// Messages of which only the padding is left to be hashed, each with its index. These one or two blocks, all alike, fill
/// lanes of their own instead of interrupting long runs.
pub(super) struct Ends {
    slots: Box<[(usize, [u32; 8], Padding)]>,
    len: usize,
}

impl Ends {
    pub(super) fn new() -> Self {
        Self { slots: vec![(0, [0; 8], Padding::BLANK); WAITING].into(), len: 0 }
    }

    /// Whether there is room for no other.
    pub(super) fn is_full(&self) -> bool {
        self.len == self.slots.len()
    }

    /// Adds one, with its state after all whole blocks. There must be room.
    pub(super) fn push(&mut self, index: usize, words: [u32; 8], rest: &[u8], len_bytes: u64) {
        let slot = &mut self.slots[self.len];
        (slot.0, slot.1) = (index, words);
        slot.2.set(rest, len_bytes);
        self.len += 1;
    }

    /// Those that wait.
    pub(super) fn strands(&self) -> impl Iterator<Item = Strand<'_, usize>> {
        let waiting = self.slots[..self.len].iter();
        waiting.map(|(index, words, padding)| Strand { words: *words, blocks: padding.blocks(), tag: *index })
    }

    pub(super) fn clear(&mut self) {
        self.len = 0;
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_length_gets_a_block_of_its_own_when_55_bytes_are_exceeded() {
        assert_eq!(Padding::new(&[7; 55], 55).blocks().len(), 1);
        assert_eq!(Padding::new(&[7; 56], 56).blocks().len(), 2);
        assert_eq!(Padding::new(&[], 64).blocks().len(), 1);
    }

    #[test]
    fn it_is_a_one_bit_zeros_and_the_length_in_bits() {
        let padding = Padding::new(b"abc", 64 + 3);
        let block = &padding.blocks()[0];
        assert_eq!(&block[..5], b"abc\x80\0");
        assert!(block[5..62].iter().all(|byte| *byte == 0));
        assert_eq!(block[62..], 536_u16.to_be_bytes());
    }
}
