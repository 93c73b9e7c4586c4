//! The reference: SPEC.md written out as plainly as it can be, to be compared with byte for byte.
//!
//! Everything is in memory, everything is a loop over all of it, and nothing is shared with the
//! program under test. Ids in brackets are the rules of SPEC.md. Speed is of no concern.
#![allow(dead_code, unused_imports)]

mod bundle;
mod cuts;
mod digest;
mod hmac;
mod index;
mod json;
mod lines;
mod tar;
mod tree;
mod zip;

pub use bundle::{Inputs, Sealed, Sign, pae, payload_member, seal, statement, zstd_frame, zstd_frames};
pub use cuts::{Piece, Segment, Unit, cut, text_frames, units};
pub use digest::{INITIAL, State, chain_values, chunk_digests, chunks, compress, hex, sha256, state_bytes};
pub use hmac::{blind_of, bundle_id, case_nonce, hmac_sha256, nonce, salt_of};
pub use index::index_part;
pub use json::json_bytes;
pub use lines::{bytes_of, list_text, manifest_line, manifest_value, number_of, sums_text};
pub use tar::{
    content_in_tar, has_tar_record, padding_after, pax_record, sealed_content, tar_record, tar_stream, xattrs_left_out,
};
pub use tree::{chunks_root, tree_head};
pub use zip::{crc32, zip_bytes, zip_central_header, zip_end, zip_local_header};

/// The numbers of `predicate.parameters` that decide bytes.
#[derive(Clone, Debug)]
pub struct Params {
    pub chunk: u64,
    pub frame: u64,
    pub segment: u64,
    pub entries: u64,
    pub level: i32,
    pub whole_file_digest: bool,
}

/// One thing that was seized.
#[derive(Clone, Debug)]
pub struct Entry {
    /// The raw bytes of the path.
    pub path: Vec<u8>,
    /// Every key of the manifest line but `n`, `path`, `path_b64`, `salt`, `sha256` and `chunks_root`.
    /// `xattrs_not_in_tar` is worked out here too, whether the caller gives it or not.
    pub meta: serde_json::Map<String, serde_json::Value>,
    /// The content of a readable file or disk without `hard_link`.
    pub content: Option<Vec<u8>>,
}
