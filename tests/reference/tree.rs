//! Tree heads by RFC 9162, 2.1, and the root over chunks (section 14).

use super::digest::{chunk_digests, sha256};
use super::hmac::hmac_sha256;

/// The definition, word for word.
pub fn tree_head(leaves: &[Vec<u8>]) -> [u8; 32] {
    if leaves.is_empty() {
        return sha256(b"");
    }
    if leaves.len() == 1 {
        let mut input = vec![0x00];
        input.extend_from_slice(&leaves[0]);
        return sha256(&input);
    }
    let mut k = 1;
    while k * 2 < leaves.len() {
        k *= 2;
    }
    let mut input = vec![0x01];
    input.extend_from_slice(&tree_head(&leaves[..k]));
    input.extend_from_slice(&tree_head(&leaves[k..]));
    sha256(&input)
}

/// [CHK-1] The tree head over blind_i || digest_i.
pub fn chunks_root(content: &[u8], chunk: u64, blind: &[u8; 32]) -> [u8; 32] {
    let mut leaves = Vec::new();
    for (i, digest) in chunk_digests(content, chunk).iter().enumerate() {
        let mut leaf = hmac_sha256(blind, &(i as u64).to_le_bytes())[..16].to_vec();
        leaf.extend_from_slice(digest);
        leaves.push(leaf);
    }
    tree_head(&leaves)
}
