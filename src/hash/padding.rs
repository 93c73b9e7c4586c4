//! The end of a message (FIPS 180-4 section 5.1.1): a one bit, zeros, and the length in bits.

use super::{BLOCK_LEN, Block};

/// Bytes of the last block that the length leaves free.
const BEFORE_LENGTH: usize = BLOCK_LEN - size_of::<u64>();

/// The last one or two blocks of a message.
pub(super) struct Padding {
    blocks: [Block; 2],
    count: usize,
}

impl Padding {
    /// Pads `rest`, the bytes after the last whole block, as the end of a message of `len_bytes` bytes in all.
    pub(super) fn new(rest: &[u8], len_bytes: u64) -> Self {
        assert_eq!(u64::try_from(rest.len()).ok(), Some(len_bytes % BLOCK_LEN as u64), "the rest of a message is what its length says");
        let count = if rest.len() < BEFORE_LENGTH { 1 } else { 2 };
        let mut blocks = [[0; BLOCK_LEN]; 2];
        blocks[0][..rest.len()].copy_from_slice(rest);
        blocks[0][rest.len()] = 0x80;
        blocks[count - 1][BEFORE_LENGTH..].copy_from_slice(&len_bytes.wrapping_mul(8).to_be_bytes());
        Self { blocks, count }
    }

    /// One or two blocks.
    pub(super) fn blocks(&self) -> &[Block] {
        &self.blocks[..self.count]
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
