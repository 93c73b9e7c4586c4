//! Identifiers that are the same whenever a bundle is exported: UUIDs by name (RFC 9562 section 5.5).

use data_encoding::HEXLOWER;
use sha1::{Digest as _, Sha1};

use crate::format::digest::Digest;

/// Namespace of the identifiers of this document: the UUID of `urn:scelle:case-uco:1` in the namespace of URLs.
const NAMESPACE: [u8; 16] =
    [0xb1, 0xb8, 0x86, 0x11, 0x3e, 0x32, 0x5b, 0xfa, 0xb8, 0xb8, 0x9c, 0xad, 0xa0, 0xb8, 0xe1, 0x2e];

/// Identifiers of what a bundle tells of.
#[derive(Clone, Copy, Debug)]
pub struct Ids {
    /// The seal digest.
    pub seal: Digest,
}

impl Ids {
    /// The identifier of one thing, as an IRI.
    pub fn of(&self, what: &str) -> String {
        format!("urn:uuid:{}", uuid(&NAMESPACE, format!("{}/{what}", self.seal).as_bytes()))
    }
}

fn uuid(namespace: &[u8], name: &[u8]) -> String {
    let digest = Sha1::new().chain_update(namespace).chain_update(name).finalize();
    let mut bytes = [0; 16];
    bytes.copy_from_slice(&digest[..16]);
    bytes[6] = bytes[6] & 0x0f | 0x50;
    bytes[8] = bytes[8] & 0x3f | 0x80;
    let hex = HEXLOWER.encode(&bytes);
    format!("{}-{}-{}-{}-{}", &hex[..8], &hex[8..12], &hex[12..16], &hex[16..20], &hex[20..])
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Namespace of URLs (RFC 9562 section 6.6).
    const URL: [u8; 16] =
        [0x6b, 0xa7, 0xb8, 0x11, 0x9d, 0xad, 0x11, 0xd1, 0x80, 0xb4, 0x00, 0xc0, 0x4f, 0xd4, 0x30, 0xc8];

    #[test]
    fn identifiers_are_uuids_of_version_5() {
        // RFC 9562 appendix A.4: www.example.com in the namespace of DNS.
        let dns = [&[0x6b, 0xa7, 0xb8, 0x10], &URL[4..]].concat();
        assert_eq!(uuid(&dns, b"www.example.com"), "2ed6657d-e927-568b-95e1-2665a8aea6a2");
        assert_eq!(uuid(&URL, b"urn:scelle:case-uco:1").replace('-', ""), HEXLOWER.encode(&NAMESPACE));
    }
}
