//! Keys of the corpus. Their private halves are public: nothing that they sign is evidence of anything.

use scelle::sign::SigningKey;

use crate::sealed::{test_key, test_key_p256};

#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Key {
    Ed25519,
    P256,
    /// A second Ed25519 key.
    Other,
}

impl Key {
    pub const ALL: [Self; 3] = [Self::Ed25519, Self::P256, Self::Other];

    pub fn signing(self) -> SigningKey {
        match self {
            Self::Ed25519 => test_key(),
            Self::P256 => test_key_p256(),
            Self::Other => {
                let prefix = data_encoding::HEXLOWER.decode(b"302e020100300506032b657004220420").expect("hex");
                SigningKey::from_pkcs8_der(&[prefix, vec![0x7c; 32]].concat()).expect("a key")
            }
        }
    }

    /// The file of its public half, relative to the corpus.
    pub fn file(self) -> &'static str {
        match self {
            Self::Ed25519 => "keys/ed25519.pub.pem",
            Self::P256 => "keys/p256.pub.pem",
            Self::Other => "keys/other.pub.pem",
        }
    }

    pub fn id(self) -> String {
        self.signing().public().key_id().to_string()
    }
}
