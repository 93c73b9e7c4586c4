//! Index parts: frame table, chunk digests and chain values of one segment, in bincode (SPEC.md section 6).

use bincode::{Decode, Encode};

use super::digest::{Blind, ChainValue, Digest};
use crate::limits::INDEX_LEN_MAX;

/// First bytes of an index part; bincode never sees them.
pub const MAGIC: &[u8; 8] = b"SCELIDX1";

/// The index of one segment. Field order is the format.
#[derive(Clone, Debug, PartialEq, Eq, Encode, Decode)]
pub struct IndexPart {
    /// Number of the segment.
    pub segment: u64,
    /// Bytes of tar in earlier segments.
    pub tar_offset: u64,
    /// First entry with tar bytes or a line here; the entry count if only the end marker is here.
    pub first_entry: u64,
    /// Tar bytes of that entry in earlier segments.
    pub first_entry_skip: u64,
    /// Lines in the segment's manifest part.
    pub lines: u64,
    /// Frames of the payload member, in order.
    pub frames: Vec<Frame>,
    /// Chain values of the payload member's own SHA-256 at each multiple of the chunk length.
    pub payload_chain: Vec<[u8; 32]>,
    /// Files longer than a chunk that have content here, in order of entry.
    pub files: Vec<FileChunks>,
}

/// One compressed frame of payload.
#[derive(Clone, Debug, PartialEq, Eq, Encode, Decode)]
pub struct Frame {
    /// Compressed length in bytes.
    pub stored_len: u32,
    /// Plain length in bytes.
    pub plain_len: u32,
    /// SHA-256 of the compressed frame.
    pub sha256: [u8; 32],
}

/// The chunks of one file in one segment.
#[derive(Clone, Debug, PartialEq, Eq, Encode, Decode)]
pub struct FileChunks {
    /// Number of the entry.
    pub entry: u64,
    /// Number of the first chunk here.
    pub first_chunk: u64,
    /// From which the blinds of its chunks are made.
    pub blind: [u8; 32],
    /// SHA-256 of each chunk.
    pub digests: Vec<[u8; 32]>,
    /// Chain value of the whole content at the start of each chunk; empty without a whole-file digest.
    pub chain: Vec<[u8; 32]>,
}

impl FileChunks {
    /// The blind as a type.
    pub fn blind(&self) -> Blind {
        Blind(self.blind)
    }

    /// Digest of the `i`th chunk listed here.
    pub fn digest(&self, i: usize) -> Option<Digest> {
        self.digests.get(i).copied().map(Digest)
    }

    /// Chain value at the start of the `i`th chunk listed here.
    pub fn chain_value(&self, i: usize) -> Option<ChainValue> {
        self.chain.get(i).copied().map(ChainValue)
    }
}

/// Why bytes are not an index part.
#[derive(Debug, thiserror::Error)]
pub enum IndexError {
    /// Longer than a reader need hold.
    #[error("longer than {INDEX_LEN_MAX} bytes")]
    TooLong,
    /// Other first bytes.
    #[error("does not begin with SCELIDX1")]
    Magic,
    /// Not the value it should be.
    #[error("not decodable")]
    Decode(#[from] bincode::error::DecodeError),
    /// Bytes after the value, or another encoding of it.
    #[error("not the one encoding of its value")]
    NotCanonical,
}

/// Fixed-width little-endian. The limit keeps a hostile length from being allocated: bincode 2.0.1 aborts without it.
fn encoding() -> impl bincode::config::Config {
    bincode::config::standard().with_little_endian().with_fixed_int_encoding().with_limit::<INDEX_LEN_MAX>()
}

impl IndexPart {
    /// The bytes of the member.
    pub fn to_bytes(&self) -> Result<Vec<u8>, bincode::error::EncodeError> {
        let mut bytes = MAGIC.to_vec();
        bytes.extend(bincode::encode_to_vec(self, encoding())?);
        Ok(bytes)
    }

    /// Plain lengths of the frames, in bytes.
    pub fn plain_lens(&self) -> impl ExactSizeIterator<Item = u64> + '_ {
        self.frames.iter().map(|frame| u64::from(frame.plain_len))
    }

    /// Decodes bytes whose digest has been checked already (SPEC.md IDX-3).
    pub fn parse(bytes: &[u8]) -> Result<Self, IndexError> {
        if bytes.len() > INDEX_LEN_MAX {
            return Err(IndexError::TooLong);
        }
        let value = bytes.strip_prefix(MAGIC).ok_or(IndexError::Magic)?;
        let (part, used): (Self, usize) = bincode::decode_from_slice(value, encoding())?;
        let again = part.to_bytes().map_err(|_| IndexError::NotCanonical)?;
        if used == value.len() && again == bytes { Ok(part) } else { Err(IndexError::NotCanonical) }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn part() -> IndexPart {
        IndexPart {
            segment: 1,
            tar_offset: 2,
            first_entry: 3,
            first_entry_skip: 4,
            lines: 5,
            frames: vec![Frame { stored_len: 6, plain_len: 7, sha256: [8; 32] }],
            payload_chain: vec![[9; 32]],
            files: vec![FileChunks { entry: 3, first_chunk: 0, blind: [1; 32], digests: vec![[2; 32]], chain: vec![] }],
        }
    }

    #[test]
    fn the_bytes_are_plain_little_endian_fields_in_order() {
        let bytes = part().to_bytes().unwrap();
        assert_eq!(&bytes[..8], MAGIC);
        for (i, value) in [1u64, 2, 3, 4, 5, 1].iter().enumerate() {
            assert_eq!(&bytes[8 + 8 * i..][..8], value.to_le_bytes());
        }
        assert_eq!(&bytes[56..60], 6u32.to_le_bytes());
        assert_eq!(IndexPart::parse(&bytes).unwrap(), part());
    }

    #[test]
    fn hostile_lengths_and_trailing_bytes_are_errors() {
        let mut bytes = part().to_bytes().unwrap();
        bytes.push(0);
        assert!(IndexPart::parse(&bytes).is_err());
        bytes.truncate(48);
        bytes.extend_from_slice(&(i64::MAX).to_le_bytes());
        assert!(IndexPart::parse(&bytes).is_err());
        for len in 0..part().to_bytes().unwrap().len() {
            assert!(IndexPart::parse(&part().to_bytes().unwrap()[..len]).is_err());
        }
    }
}
