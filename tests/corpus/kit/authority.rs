//! A time-stamping authority that is the same on every machine: keys of fixed bytes, ECDSA with RFC 6979, one RSA key in a file.
//! All are test keys, whose private halves are public: nothing that they sign is evidence of anything.

use std::io::Write as _;
use std::process::{Command, Stdio};

use p256::ecdsa::signature::Signer as _;
use p256::ecdsa::{Signature, SigningKey};
use sha2::{Digest as _, Sha384, Sha512};

use super::Key;
use crate::reference::{hex, sha256};

/// An element in DER.
pub fn tlv(tag: u8, parts: &[&[u8]]) -> Vec<u8> {
    let value = parts.concat();
    let len = value.len();
    let mut out = vec![tag];
    match len {
        0..=127 => out.push(u8::try_from(len).expect("short")),
        128..=255 => out.extend([0x81, u8::try_from(len).expect("short")]),
        256..=65535 => {
            out.extend([0x82, u8::try_from(len >> 8).expect("short"), u8::try_from(len & 255).expect("short")])
        }
        _ => out.extend([
            0x83,
            u8::try_from(len >> 16).expect("short"),
            u8::try_from(len >> 8 & 255).expect("short"),
            u8::try_from(len & 255).expect("short"),
        ]),
    }
    out.extend(value);
    out
}

/// An object identifier, by its value in hex.
fn oid(value: &str) -> Vec<u8> {
    tlv(6, &[&data_encoding::HEXLOWER.decode(value.as_bytes()).expect("hex")])
}

const SHA_256: &str = "608648016503040201";
const SHA_384: &str = "608648016503040202";
const SHA_512: &str = "608648016503040203";
const SHA_1: &str = "2b0e03021a";
const ECDSA_SHA_256: &str = "2a8648ce3d040302";
const RSA_SHA_256: &str = "2a864886f70d01010b";
const SIGNED_DATA: &str = "2a864886f70d010702";
pub const TST_INFO: &str = "2a864886f70d0109100104";
pub const DATA: &str = "2a864886f70d010701";

fn null() -> Vec<u8> {
    tlv(5, &[])
}

/// Who signs.
#[derive(Clone, Copy)]
pub enum Signing {
    /// P-256, by the byte that its key is made of.
    P256(u8),
    /// The key in `test-rsa.pem`.
    Rsa,
    /// A key that signs bundles.
    Bundle(Key),
}

impl Signing {
    fn key(byte: u8) -> SigningKey {
        SigningKey::from_slice(&[byte; 32]).expect("a key")
    }

    fn spki(self) -> Vec<u8> {
        match self {
            Self::P256(byte) => {
                let point = Self::key(byte).verifying_key().to_sec1_point(false);
                let algorithm = tlv(0x30, &[&oid("2a8648ce3d0201"), &oid("2a8648ce3d030107")]);
                tlv(0x30, &[&algorithm, &tlv(3, &[&[0], point.as_bytes()])])
            }
            Self::Rsa => openssl(&["pkey", "-in", RSA_KEY, "-pubout", "-outform", "DER"], b""),
            Self::Bundle(key) => key.signing().public().to_der(),
        }
    }

    fn algorithm(self) -> Vec<u8> {
        match self {
            Self::P256(_) => tlv(0x30, &[&oid(ECDSA_SHA_256)]),
            Self::Rsa => tlv(0x30, &[&oid(RSA_SHA_256), &null()]),
            Self::Bundle(_) => unreachable!("it signs bundles, no certificates"),
        }
    }

    fn sign(self, message: &[u8]) -> Vec<u8> {
        match self {
            Self::P256(byte) => {
                let signature: Signature = Self::key(byte).sign(message);
                signature.to_der().as_bytes().to_vec()
            }
            Self::Rsa => openssl(&["dgst", "-sha256", "-sign", RSA_KEY], message),
            Self::Bundle(_) => unreachable!("it signs bundles, no certificates"),
        }
    }
}

const RSA_KEY: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/tests/corpus/kit/test-rsa.pem");

fn openssl(args: &[&str], input: &[u8]) -> Vec<u8> {
    let mut child =
        Command::new("openssl").args(args).stdin(Stdio::piped()).stdout(Stdio::piped()).spawn().expect("openssl");
    child.stdin.take().expect("a pipe").write_all(input).expect("written");
    let output = child.wait_with_output().expect("openssl");
    assert!(output.status.success(), "{args:?}");
    output.stdout
}

/// A name of attributes: identifier in hex, tag of the string, value.
fn name(attributes: &[(&str, u8, &str)]) -> Vec<u8> {
    let one =
        |(id, tag, text): &(&str, u8, &str)| tlv(0x31, &[&tlv(0x30, &[&oid(id), &tlv(*tag, &[text.as_bytes()])])]);
    tlv(0x30, &[&attributes.iter().flat_map(one).collect::<Vec<_>>()])
}

/// A certificate, and who signs by it.
#[derive(Clone)]
pub struct Certificate {
    pub der: Vec<u8>,
    name: Vec<u8>,
    issuer: Vec<u8>,
    serial: u8,
    signing: Signing,
}

/// What a certificate says, before it is signed.
pub struct Profile {
    pub name: &'static str,
    /// What else the subject is called: identifier in hex, tag of the string, value.
    pub more_names: Vec<(&'static str, u8, &'static str)>,
    pub serial: u8,
    pub signing: Signing,
    /// `YYYYMMDDHHMMSSZ`, both included.
    pub validity: (&'static str, &'static str),
    /// Identifier in hex, critical, value in DER.
    pub extensions: Vec<(&'static str, bool, Vec<u8>)>,
}

/// Extended key usage.
pub fn usages(ids: &[&str]) -> Vec<u8> {
    tlv(0x30, &[&ids.iter().flat_map(|id| oid(id)).collect::<Vec<_>>()])
}

pub const EXTENDED_KEY_USAGE: &str = "551d25";
pub const KEY_USAGE: &str = "551d0f";
pub const TIME_STAMPING: &str = "2b06010505070308";
pub const CODE_SIGNING: &str = "2b06010505070303";

/// What a certificate for time-stamps says.
pub fn for_stamps(name: &'static str, serial: u8, signing: Signing) -> Profile {
    let extensions =
        vec![(KEY_USAGE, true, tlv(3, &[&[6, 0xc0]])), (EXTENDED_KEY_USAGE, true, usages(&[TIME_STAMPING]))];
    let validity = ("20200101000000Z", "20600101000000Z");
    Profile { name, more_names: Vec::new(), serial, signing, validity, extensions }
}

/// What a certificate of a root or of one between says.
pub fn for_others(name: &'static str, serial: u8, signing: Signing) -> Profile {
    let extensions =
        vec![("551d13", true, tlv(0x30, &[&tlv(1, &[&[0xff]])])), (KEY_USAGE, true, tlv(3, &[&[1, 0x06]]))];
    Profile { extensions, ..for_stamps(name, serial, signing) }
}

impl Certificate {
    /// A root.
    pub fn root(name: &'static str, signing: Signing) -> Self {
        Self::signed(for_others(name, 1, signing), None)
    }

    /// A root that is valid until then.
    pub fn root_until(name: &'static str, signing: Signing, until: &'static str) -> Self {
        let profile = for_others(name, 1, signing);
        Self::signed(Profile { validity: (profile.validity.0, until), ..profile }, None)
    }

    /// By another.
    pub fn under(&self, profile: Profile) -> Self {
        Self::signed(profile, Some(self))
    }

    fn signed(profile: Profile, by: Option<&Self>) -> Self {
        let Profile { name: text, more_names, serial, signing, validity, extensions } = profile;
        let subject = name(&[&[("550403", 0x0c, text)][..], &more_names].concat());
        let (issuer, signer) = by.map_or((subject.clone(), signing), |by| (by.name.clone(), by.signing));
        // RFC 5280 section 4.1.2.5: until 2049 with two digits of the year.
        let time = |text: &str| match &text[..4] < "2050" {
            true => tlv(0x17, &[&text.as_bytes()[2..]]),
            false => tlv(0x18, &[text.as_bytes()]),
        };
        let extensions: Vec<u8> = extensions
            .into_iter()
            .flat_map(|(id, critical, value)| {
                let critical = if critical { tlv(1, &[&[0xff]]) } else { Vec::new() };
                tlv(0x30, &[&oid(id), &critical, &tlv(4, &[&value])])
            })
            .collect();
        let tbs = tlv(
            0x30,
            &[
                &tlv(0xa0, &[&tlv(2, &[&[2]])]),
                &tlv(2, &[&[serial]]),
                &signer.algorithm(),
                &issuer,
                &tlv(0x30, &[&time(validity.0), &time(validity.1)]),
                &subject,
                &signing.spki(),
                &tlv(0xa3, &[&tlv(0x30, &[&extensions])]),
            ],
        );
        let der = tlv(0x30, &[&tbs, &signer.algorithm(), &tlv(3, &[&[0], &signer.sign(&tbs)])]);
        Self { der, name: subject, issuer, serial, signing }
    }

    /// In PEM.
    pub fn to_pem(&self) -> String {
        let text = data_encoding::BASE64.encode(&self.der);
        let lines: Vec<_> = text.as_bytes().chunks(64).map(|line| String::from_utf8_lossy(line).into_owned()).collect();
        format!("-----BEGIN CERTIFICATE-----\n{}\n-----END CERTIFICATE-----\n", lines.join("\n"))
    }

    /// A revocation list of this issuer: numbers, when, and why (by RFC 5280's code).
    pub fn revocation_list(&self, entries: &[(u8, &str, Option<u8>)]) -> Vec<u8> {
        let entries: Vec<u8> = entries
            .iter()
            .flat_map(|(serial, at, reason)| {
                let reason = reason.map_or(Vec::new(), |reason| {
                    tlv(0x30, &[&tlv(0x30, &[&oid("551d15"), &tlv(4, &[&tlv(10, &[&[reason]])])])])
                });
                tlv(0x30, &[&tlv(2, &[&[*serial]]), &tlv(0x17, &[&at.as_bytes()[2..]]), &reason])
            })
            .collect();
        let number = tlv(0x30, &[&oid("551d14"), &tlv(4, &[&tlv(2, &[&[1]])])]);
        let time = |text: &str| tlv(0x17, &[&text.as_bytes()[2..]]);
        let tbs = tlv(
            0x30,
            &[
                &tlv(2, &[&[1]]),
                &self.signing.algorithm(),
                &self.name,
                &time("20270101000000Z"),
                &time("20280101000000Z"),
                &tlv(0x30, &[&entries]),
                &tlv(0xa0, &[&tlv(0x30, &[&number])]),
            ],
        );
        tlv(0x30, &[&tbs, &self.signing.algorithm(), &tlv(3, &[&[0], &self.signing.sign(&tbs)])])
    }
}

/// A time-stamp before it is signed: what a test changes is wrong.
pub struct Draft {
    pub version: u8,
    /// Identifier and digest.
    pub imprint: (&'static str, Vec<u8>),
    pub time: &'static str,
    pub accuracy: Vec<u8>,
    pub content_type: &'static str,
    pub status: u8,
    pub has_token: bool,
    /// Values of content-type and message-digest.
    pub content_types: Vec<&'static str>,
    pub digests: Vec<Vec<u8>>,
    /// The certificate that is told to be the signer's, and whether by the first version.
    pub told: Option<(Vec<u8>, bool)>,
    pub is_sorted: bool,
    pub signers: Vec<Certificate>,
    pub certificates: Vec<Vec<u8>>,
    pub lists: Vec<Vec<u8>>,
    pub has_bad_signature: bool,
    pub is_ber: bool,
}

impl Draft {
    /// A sound one over a file.
    pub fn over(file: &[u8], time: &'static str, signer: &Certificate) -> Self {
        let mut draft = Self {
            version: 1,
            imprint: (SHA_256, sha256(file).to_vec()),
            time,
            accuracy: Vec::new(),
            content_type: TST_INFO,
            status: 0,
            has_token: true,
            content_types: vec![TST_INFO],
            digests: Vec::new(),
            told: Some((signer.der.clone(), false)),
            is_sorted: true,
            signers: vec![signer.clone()],
            certificates: vec![signer.der.clone()],
            lists: Vec::new(),
            has_bad_signature: false,
            is_ber: false,
        };
        draft.digests = vec![sha256(&draft.info()).to_vec()];
        draft
    }

    /// The same by a stronger digest, or by a weak one.
    pub fn hashed(mut self, file: &[u8], bits: u16) -> Self {
        self.imprint = match bits {
            384 => (SHA_384, Sha384::digest(file).to_vec()),
            512 => (SHA_512, Sha512::digest(file).to_vec()),
            _ => (SHA_1, sha1::Sha1::digest(file).to_vec()),
        };
        self.told_again()
    }

    /// After a change of what is in the content.
    pub fn told_again(mut self) -> Self {
        self.digests = vec![sha256(&self.info()).to_vec()];
        self
    }

    fn info(&self) -> Vec<u8> {
        let (hash, digest) = &self.imprint;
        tlv(
            0x30,
            &[
                &tlv(2, &[&[self.version]]),
                &oid("2a030401"),
                &tlv(0x30, &[&tlv(0x30, &[&oid(hash), &null()]), &tlv(4, &[digest])]),
                &tlv(2, &[&[7]]),
                &tlv(0x18, &[self.time.as_bytes()]),
                &self.accuracy,
            ],
        )
    }

    fn attributes(&self) -> Vec<u8> {
        let attribute = |id: &str, values: Vec<Vec<u8>>| tlv(0x30, &[&oid(id), &tlv(0x31, &[&values.concat()])]);
        let mut all = Vec::new();
        if !self.content_types.is_empty() {
            all.push(attribute("2a864886f70d010903", self.content_types.iter().map(|id| oid(id)).collect()));
        }
        if !self.digests.is_empty() {
            all.push(attribute("2a864886f70d010904", self.digests.iter().map(|it| tlv(4, &[it])).collect()));
        }
        if let Some((der, is_first)) = &self.told {
            let digest = match is_first {
                true => sha1::Sha1::digest(der).to_vec(),
                false => sha256(der).to_vec(),
            };
            let id = if *is_first { "2a864886f70d010910020c" } else { "2a864886f70d010910022f" };
            all.push(attribute(id, vec![tlv(0x30, &[&tlv(0x30, &[&tlv(0x30, &[&tlv(4, &[&digest])])])])]));
        }
        all.sort();
        if !self.is_sorted {
            all.reverse();
        }
        all.concat()
    }

    fn signer_info(&self, signer: &Certificate) -> Vec<u8> {
        let attributes = self.attributes();
        let mut signature = signer.signing.sign(&tlv(0x31, &[&attributes]));
        if self.has_bad_signature {
            let last = signature.len() - 1;
            signature[last] ^= 1;
        }
        let sid = tlv(0x30, &[&signer.issuer, &tlv(2, &[&[signer.serial]])]);
        tlv(
            0x30,
            &[
                &tlv(2, &[&[1]]),
                &sid,
                &tlv(0x30, &[&oid(SHA_256), &null()]),
                &tlv(0xa0, &[&attributes]),
                &signer.signing.algorithm(),
                &tlv(4, &[&signature]),
            ],
        )
    }

    fn token(&self) -> Vec<u8> {
        let content = tlv(4, &[&self.info()]);
        let set = |tag: u8, items: &[Vec<u8>]| if items.is_empty() { Vec::new() } else { tlv(tag, &[&items.concat()]) };
        let infos: Vec<_> = self.signers.iter().map(|signer| self.signer_info(signer)).collect();
        let data = [
            tlv(2, &[&[3]]),
            tlv(0x31, &[&tlv(0x30, &[&oid(SHA_256), &null()])]),
            tlv(0x30, &[&oid(self.content_type), &tlv(0xa0, &[&content])]),
            set(0xa0, &self.certificates),
            set(0xa1, &self.lists),
            tlv(0x31, &[&infos.concat()]),
        ];
        if !self.is_ber {
            return tlv(0x30, &[&oid(SIGNED_DATA), &tlv(0xa0, &[&tlv(0x30, &[&data.concat()])])]);
        }
        // Ends that are marked, and the content in two pieces.
        let (one, two) = content[2..].split_at(5);
        let pieces = [&[0x24, 0x80][..], &tlv(4, &[one]), &tlv(4, &[two]), &[0, 0]].concat();
        let inner = [&[0x30, 0x80][..], &oid(self.content_type), &[0xa0, 0x80], &pieces, &[0; 4]].concat();
        let data = [&data[0][..], &data[1], &inner, &data[3], &data[4], &data[5]].concat();
        [&[0x30, 0x80][..], &oid(SIGNED_DATA), &[0xa0, 0x80, 0x30, 0x80], &data, &[0; 6]].concat()
    }

    /// The answer with it.
    pub fn response(&self) -> Vec<u8> {
        let token = if self.has_token { self.token() } else { Vec::new() };
        tlv(0x30, &[&tlv(0x30, &[&tlv(2, &[&[self.status]])]), &token])
    }
}

/// The name of the member of a time-stamp over a file (TSP-1).
pub fn member_name(file: &[u8], response: &[u8]) -> String {
    format!("timestamps/{}-{}.tsr", &hex(&sha256(file))[..16], &hex(&sha256(response))[..8])
}
