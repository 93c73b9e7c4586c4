//! Values derived from the seed, and blinds of chunks (SPEC.md section 15, CHK-1).

use hmac::{Hmac, KeyInit, Mac};
use sha2::Sha256;

use super::digest::{Blind, BundleId, Digest, Nonce, Salt};
use super::path::EntryPath;

/// 32 random bytes, forgotten when sealing ends.
#[derive(Clone)]
pub struct Seed(Hmac<Sha256>);

impl Seed {
    /// From random bytes.
    pub fn new(bytes: &[u8; 32]) -> Self {
        Self(keyed(bytes))
    }

    /// Salt of an entry's line.
    pub fn salt(&self, path: &EntryPath) -> Salt {
        Salt(first_half(self.mac(&[path.as_bytes()])))
    }

    /// Blind of an entry, for its chunks.
    pub fn blind(&self, path: &EntryPath) -> Blind {
        Blind(self.mac(&[b"\0blind\0", path.as_bytes()]))
    }

    /// Content of the `nonce` member.
    pub fn nonce(&self) -> Nonce {
        Nonce(self.mac(&[b"\0nonce"]))
    }

    /// Nonce of `case.json`.
    pub fn case_nonce(&self) -> Nonce {
        Nonce(self.mac(&[b"\0case-nonce"]))
    }

    /// Identity of the bundle.
    pub fn bundle_id(&self) -> BundleId {
        BundleId(first_half(self.mac(&[b"\0bundle-id"])))
    }

    fn mac(&self, parts: &[&[u8]]) -> [u8; 32] {
        let mut mac = self.0.clone();
        for part in parts {
            mac.update(part);
        }
        mac.finalize().into_bytes().into()
    }
}

/// Leaves of `chunks_root`: each chunk digest behind its blind.
pub struct ChunkLeaves(Hmac<Sha256>);

impl ChunkLeaves {
    /// For the chunks of the entry with this blind.
    pub fn new(blind: Blind) -> Self {
        Self(keyed(&blind.0))
    }

    /// Leaf data of chunk number `i`: blind_i || digest.
    pub fn leaf(&self, i: u64, digest: Digest) -> [u8; 48] {
        let mut mac = self.0.clone();
        mac.update(&i.to_le_bytes());
        let blind: [u8; 32] = mac.finalize().into_bytes().into();
        let mut leaf = [0; 48];
        leaf[..16].copy_from_slice(&blind[..16]);
        leaf[16..].copy_from_slice(&digest.0);
        leaf
    }
}

/// Any key length is fine for HMAC; these are 32 bytes, shorter than a block, so they are used as they are.
pub(super) fn keyed(key: &[u8; 32]) -> Hmac<Sha256> {
    let mut block = [0; 64];
    block[..32].copy_from_slice(key);
    Hmac::new(&block.into())
}

fn first_half(bytes: [u8; 32]) -> [u8; 16] {
    std::array::from_fn(|i| bytes[i])
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn families_of_values_never_meet() {
        let seed = Seed::new(&[7; 32]);
        let path = EntryPath::new(b"nonce".to_vec()).unwrap();
        assert_ne!(seed.salt(&path).0, seed.nonce().0[..16]);
        assert_ne!(seed.blind(&path).0, seed.nonce().0);
        assert_ne!(seed.nonce(), seed.case_nonce());
    }

    #[test]
    fn hmac_is_that_of_rfc_4231() {
        // Test case 2's key is shorter than a block; padding it by hand must not matter.
        let mut key = [0; 32];
        key[..4].copy_from_slice(b"Jefe");
        let mut mac = keyed(&key);
        mac.update(b"what do ya want for nothing?");
        let expected = "5bdcc146bf60754e6a042426089575c75a003f089d2739839dec58b964ec3843";
        assert_eq!(Digest(mac.finalize().into_bytes().into()).to_string(), expected);
    }
}
