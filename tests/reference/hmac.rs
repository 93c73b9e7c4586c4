//! HMAC-SHA-256 by FIPS 198-1, and the values that follow from the seed (section 15).

use super::digest::sha256;

pub fn hmac_sha256(key: &[u8], message: &[u8]) -> [u8; 32] {
    let mut block = if key.len() > 64 { sha256(key).to_vec() } else { key.to_vec() };
    while block.len() < 64 {
        block.push(0);
    }
    let mut inner: Vec<u8> = block.iter().map(|byte| byte ^ 0x36).collect();
    inner.extend_from_slice(message);
    let mut outer: Vec<u8> = block.iter().map(|byte| byte ^ 0x5c).collect();
    outer.extend_from_slice(&sha256(&inner));
    sha256(&outer)
}

fn first_16(value: [u8; 32]) -> [u8; 16] {
    let mut out = [0u8; 16];
    out.copy_from_slice(&value[..16]);
    out
}

/// `salt` of an entry.
pub fn salt_of(seed: &[u8; 32], path: &[u8]) -> [u8; 16] {
    first_16(hmac_sha256(seed, path))
}

/// `blind` of an entry.
pub fn blind_of(seed: &[u8; 32], path: &[u8]) -> [u8; 32] {
    let mut message = b"\0blind\0".to_vec();
    message.extend_from_slice(path);
    hmac_sha256(seed, &message)
}

/// What the member `nonce` says.
pub fn nonce(seed: &[u8; 32]) -> [u8; 32] {
    hmac_sha256(seed, b"\0nonce")
}

/// `nonce` in case.json.
pub fn case_nonce(seed: &[u8; 32]) -> [u8; 32] {
    hmac_sha256(seed, b"\0case-nonce")
}

/// `bundleId` of the statement.
pub fn bundle_id(seed: &[u8; 32]) -> [u8; 16] {
    first_16(hmac_sha256(seed, b"\0bundle-id"))
}
