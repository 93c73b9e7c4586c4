//! The signed attributes of a token (RFC 5652 section 11, RFC 5035, RFC 5816), and the exact bytes that the signature is over.

use der::asn1::ObjectIdentifier;
use der::{Error, ErrorKind, Tag};

use super::ber::tlv;
use super::elements::{Elements, context};
use super::imprint::Hash;

const CONTENT_TYPE: ObjectIdentifier = ObjectIdentifier::new_unwrap("1.2.840.113549.1.9.3");
const MESSAGE_DIGEST: ObjectIdentifier = ObjectIdentifier::new_unwrap("1.2.840.113549.1.9.4");
const SIGNING_CERTIFICATE: ObjectIdentifier = ObjectIdentifier::new_unwrap("1.2.840.113549.1.9.16.2.12");
const SIGNING_CERTIFICATE_V2: ObjectIdentifier = ObjectIdentifier::new_unwrap("1.2.840.113549.1.9.16.2.47");
const SHA_1: ObjectIdentifier = ObjectIdentifier::new_unwrap("1.3.14.3.2.26");

/// What the signer signed beside the content.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct SignedAttributes {
    /// The attributes as a SET OF in DER: what the signature is over (RFC 5652 section 5.4).
    pub to_be_signed: Vec<u8>,
    /// Values of `content-type`: there must be one.
    pub content_types: Vec<ObjectIdentifier>,
    /// Values of `message-digest`: there must be one.
    pub message_digests: Vec<Vec<u8>>,
    /// First identifiers in `signing-certificate` and its second version: which certificate is the signer's.
    pub certificate_ids: Vec<CertificateId>,
}

/// Which certificate is the signer's: `ESSCertID` or `ESSCertIDv2`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct CertificateId {
    /// The digest algorithm; `None` for SHA-1, of the first version.
    pub hash: Option<Hash>,
    /// Digest of the certificate.
    pub digest: Vec<u8>,
    /// Its issuer's name in DER and its number as an INTEGER's value, if they are told.
    pub issuer_serial: Option<(Vec<u8>, Vec<u8>)>,
}

impl SignedAttributes {
    /// Parses the value of `signedAttrs [0]`. Attributes stand in the order of DER.
    pub(super) fn parse(value: &[u8]) -> Result<Self, Error> {
        let mut it = Self { to_be_signed: tlv(0x31, value), ..Self::default() };
        let (mut attributes, mut before): (_, &[u8]) = (Elements::of(value)?, &[]);
        while let Some(attribute) = attributes.any()? {
            attribute.tag.assert_eq(Tag::Sequence)?;
            if attribute.bytes <= before {
                return Err(ErrorKind::SetOrdering.into());
            }
            before = attribute.bytes;
            let mut parts = Elements::of(attribute.value)?;
            let kind: ObjectIdentifier = parts.decode()?;
            let mut values = Elements::of(parts.next(Tag::Set)?.value)?;
            parts.finish()?;
            while let Some(value) = values.any()? {
                match kind {
                    CONTENT_TYPE => it.content_types.push(Elements::of(value.bytes)?.decode()?),
                    MESSAGE_DIGEST => {
                        value.tag.assert_eq(Tag::OctetString)?;
                        it.message_digests.push(value.value.to_vec());
                    }
                    SIGNING_CERTIFICATE => it.certificate_ids.push(first_id(value.bytes, true)?),
                    SIGNING_CERTIFICATE_V2 => it.certificate_ids.push(first_id(value.bytes, false)?),
                    _ => {}
                }
            }
        }
        Ok(it)
    }
}

/// The first identifier, which is the signer's: `SEQUENCE { certs SEQUENCE OF ESSCertID, policies OPTIONAL }`.
fn first_id(bytes: &[u8], is_first_version: bool) -> Result<CertificateId, Error> {
    let mut ids = Elements::of_whole(bytes, Tag::Sequence)?.sequence()?;
    let mut id = ids.sequence()?;
    let hash = match is_first_version {
        true => None,
        false => match id.next_if(Tag::Sequence)? {
            None => Some(Hash::Sha256),
            Some(algorithm) => {
                let oid = Elements::of(algorithm.bytes)?.algorithm()?.0;
                let hash = Hash::of_oid(oid);
                if hash.is_none() && oid != SHA_1 {
                    return Err(ErrorKind::OidUnknown { oid }.into());
                }
                hash
            }
        },
    };
    let digest = id.next(Tag::OctetString)?.value.to_vec();
    let issuer_serial = id.next_if(Tag::Sequence)?.map(|element| issuer_serial(element.value)).transpose()?;
    id.finish()?;
    Ok(CertificateId { hash, digest, issuer_serial })
}

/// `IssuerSerial ::= SEQUENCE { issuer GeneralNames, serialNumber INTEGER }`, where the names are one directory name.
fn issuer_serial(value: &[u8]) -> Result<(Vec<u8>, Vec<u8>), Error> {
    let mut it = Elements::of(value)?;
    let mut names = it.sequence()?;
    let issuer = names.next(context(4, true))?.value.to_vec();
    names.finish()?;
    let serial = it.next(Tag::Integer)?.value.to_vec();
    it.finish()?;
    Ok((issuer, serial))
}
