//! Digests as types, so that a chunk digest is never passed where a chain value is wanted.

use std::fmt;

use data_encoding::HEXLOWER;
use serde::{Deserialize, Deserializer, Serialize, Serializer};

use super::json::from_text;

macro_rules! fixed_bytes {
    ($(#[$doc:meta])* $name:ident, $len:literal) => {
        $(#[$doc])*
        #[derive(Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
        pub struct $name(pub [u8; $len]);

        impl $name {
            /// Parses lower-case hex of exactly the right length.
            pub fn from_hex(text: &str) -> Option<Self> {
                let bytes = HEXLOWER.decode(text.as_bytes()).ok()?;
                Some(Self(bytes.try_into().ok()?))
            }
        }

        impl fmt::Display for $name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str(&HEXLOWER.encode(&self.0))
            }
        }

        impl fmt::Debug for $name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                write!(f, "{}({self})", stringify!($name))
            }
        }

        impl Serialize for $name {
            fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
                serializer.collect_str(self)
            }
        }

        impl<'de> Deserialize<'de> for $name {
            fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
                from_text(deserializer, format_args!("{} lower-case hex digits", 2 * $len), Self::from_hex)
            }
        }
    };
}

fixed_bytes!(
    /// A SHA-256 digest (FIPS 180-4).
    Digest,
    32
);
fixed_bytes!(
    /// The eight words that SHA-256 carries from one block to the next, big-endian (SPEC.md CHN-1).
    ChainValue,
    32
);
fixed_bytes!(
    /// SHA-256 of a DER SubjectPublicKeyInfo (SPEC.md ENV-3).
    KeyId,
    32
);
fixed_bytes!(
    /// Per-entry salt of a manifest line (SPEC.md section 15).
    Salt,
    16
);
fixed_bytes!(
    /// Random identity of a bundle (SPEC.md section 15).
    BundleId,
    16
);
fixed_bytes!(
    /// Identity of a copy of a bundle: that of the bundle for the original, else random (SPEC.md EVT-5).
    CopyId,
    16
);
fixed_bytes!(
    /// Random identity of a trust list, which stays through its versions (SPEC.md TRU-1).
    ListId,
    16
);
fixed_bytes!(
    /// 256 bits that keep a digest from being searched for (SPEC.md section 15).
    Nonce,
    32
);
fixed_bytes!(
    /// Per-entry secret from which chunk blinds are made (SPEC.md CHK-1).
    Blind,
    32
);

impl From<BundleId> for CopyId {
    /// The original.
    fn from(bundle: BundleId) -> Self {
        Self(bundle.0)
    }
}

impl ChainValue {
    /// Where every SHA-256 starts (FIPS 180-4 section 5.3.3).
    pub const START: Self = Self::from_words([
        0x6a09_e667,
        0xbb67_ae85,
        0x3c6e_f372,
        0xa54f_f53a,
        0x510e_527f,
        0x9b05_688c,
        0x1f83_d9ab,
        0x5be0_cd19,
    ]);

    /// From the eight state words.
    pub const fn from_words(words: [u32; 8]) -> Self {
        let mut bytes = [0; 32];
        let mut i = 0;
        while i < 8 {
            let word = words[i].to_be_bytes();
            let mut j = 0;
            while j < 4 {
                bytes[4 * i + j] = word[j];
                j += 1;
            }
            i += 1;
        }
        Self(bytes)
    }

    /// To the eight state words.
    pub fn words(self) -> [u32; 8] {
        std::array::from_fn(|i| {
            u32::from_be_bytes([self.0[4 * i], self.0[4 * i + 1], self.0[4 * i + 2], self.0[4 * i + 3]])
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn hex_is_lower_case_and_of_exact_length() {
        let salt = Salt([0xab; 16]);
        assert_eq!(Salt::from_hex(&salt.to_string()), Some(salt));
        assert_eq!(Salt::from_hex(&salt.to_string().to_uppercase()), None);
        assert_eq!(Salt::from_hex(&salt.to_string()[..30]), None);
    }

    #[test]
    fn chain_values_are_big_endian_words() {
        assert_eq!(&ChainValue::START.to_string()[..8], "6a09e667");
        assert_eq!(ChainValue::from_words(ChainValue::START.words()), ChainValue::START);
    }
}
