//! A token: CMS SignedData (RFC 5652 section 5) around a `TSTInfo`. Certificates and revocation lists are kept as the bytes that
//! were signed. No signature is checked here.

use der::asn1::ObjectIdentifier;
use der::{Error, Tag};

use super::attributes::SignedAttributes;
use super::ber::tlv;
use super::elements::{Element, Elements, context};
use super::imprint::Hash;
use crate::limits::TOKEN_CERTIFICATE_COUNT_MAX;

/// id-signedData.
pub const SIGNED_DATA: ObjectIdentifier = ObjectIdentifier::new_unwrap("1.2.840.113549.1.7.2");
/// id-ct-TSTInfo.
pub const TST_INFO: ObjectIdentifier = ObjectIdentifier::new_unwrap("1.2.840.113549.1.9.16.1.4");

/// A token, taken apart.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Token {
    /// What the content says that it is: must be [`TST_INFO`].
    pub inner_type: ObjectIdentifier,
    /// The content: a `TSTInfo` in DER.
    pub content: Vec<u8>,
    /// Certificates that came along, each in DER, in the order found.
    pub certificates: Vec<Vec<u8>>,
    /// Certificate revocation lists that came along, or were added, each in DER.
    pub revocation_lists: Vec<Vec<u8>>,
    /// Who signed: there must be one.
    pub signers: Vec<SignerInfo>,
}

/// A signature of a token.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SignerInfo {
    /// Which certificate is the signer's.
    pub signer: SignerId,
    /// The algorithm of `message-digest`; `None` if it is unknown or weaker than SHA-256.
    pub hash: Option<Hash>,
    /// What was signed; `None` if the content itself was, which a token must not do.
    pub attributes: Option<SignedAttributes>,
    /// Which signature algorithm, and its parameters in DER.
    pub algorithm: (ObjectIdentifier, Option<Vec<u8>>),
    /// The signature.
    pub signature: Vec<u8>,
}

/// Which certificate is meant.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum SignerId {
    /// By its issuer's name in DER, and the value of its number.
    IssuerSerial(Vec<u8>, Vec<u8>),
    /// By the identifier of its key.
    KeyId(Vec<u8>),
}

/// Why a token is none.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum TokenError {
    /// Not the ASN.1 that it should be.
    #[error("not a signed token in ASN.1")]
    Der(#[from] Error),
    /// Something else than signed data.
    #[error("its content type is {0}, not signed data")]
    ContentType(ObjectIdentifier),
    /// SPEC.md LIM-26.
    #[error("more than {TOKEN_CERTIFICATE_COUNT_MAX} certificates, revocation lists or signers")]
    TooMany,
}

impl Token {
    /// Parses a `ContentInfo` in DER.
    pub(super) fn parse(bytes: &[u8]) -> Result<Self, TokenError> {
        let parts = Parts::of(bytes)?;
        let mut encapsulated = Elements::of(parts.encapsulated.value)?;
        let inner_type = encapsulated.decode()?;
        let content = Elements::of(encapsulated.next(context(0, true))?.value)?.next(Tag::OctetString)?.value.to_vec();
        encapsulated.finish()?;
        let mut signers = Vec::new();
        let mut infos = Elements::of(parts.signers.value)?;
        while let Some(info) = infos.any()? {
            require_room(signers.len())?;
            signers.push(SignerInfo::parse(info)?);
        }
        Ok(Self {
            inner_type,
            content,
            certificates: each(parts.certificates)?,
            revocation_lists: each(parts.revocation_lists)?,
            signers,
        })
    }
}

/// The parts of a `ContentInfo` with SignedData, not looked into.
struct Parts<'a> {
    version: Element<'a>,
    hashes: Element<'a>,
    encapsulated: Element<'a>,
    certificates: Option<Element<'a>>,
    revocation_lists: Option<Element<'a>>,
    signers: Element<'a>,
}

impl<'a> Parts<'a> {
    fn of(bytes: &'a [u8]) -> Result<Self, TokenError> {
        let mut outer = Elements::of_whole(bytes, Tag::Sequence)?;
        let content_type: ObjectIdentifier = outer.decode()?;
        if content_type != SIGNED_DATA {
            return Err(TokenError::ContentType(content_type));
        }
        let explicit = outer.next(context(0, true))?;
        outer.finish()?;
        let mut it = Elements::of_whole(explicit.value, Tag::Sequence)?;
        let parts = Self {
            version: it.next(Tag::Integer)?,
            hashes: it.next(Tag::Set)?,
            encapsulated: it.next(Tag::Sequence)?,
            certificates: it.next_if(context(0, true))?,
            revocation_lists: it.next_if(context(1, true))?,
            signers: it.next(Tag::Set)?,
        };
        it.finish()?;
        Ok(parts)
    }
}

/// The same `ContentInfo` with further revocation lists, which no signature covers, so that they can be kept beside it.
///
/// # Errors
/// [`TokenError`].
pub(super) fn with_revocation_lists(bytes: &[u8], further: &[Vec<u8>]) -> Result<Vec<u8>, TokenError> {
    let parts = Parts::of(bytes)?;
    let mut lists = each(parts.revocation_lists)?;
    lists.extend_from_slice(further);
    lists.sort();
    lists.dedup();
    require_room(lists.len().saturating_sub(1))?;
    let certificates = parts.certificates.map_or(&[][..], |it| it.bytes);
    let (version, hashes, content) = (parts.version.bytes, parts.hashes.bytes, parts.encapsulated.bytes);
    let lists = tlv(0xa1, &lists.concat());
    let data = tlv(0x30, &[version, hashes, content, certificates, &lists, parts.signers.bytes].concat());
    let oid = der::Encode::to_der(&SIGNED_DATA).map_err(TokenError::Der)?;
    Ok(tlv(0x30, &[oid, tlv(0xa0, &data)].concat()))
}

fn require_room(count: usize) -> Result<(), TokenError> {
    if count < TOKEN_CERTIFICATE_COUNT_MAX { Ok(()) } else { Err(TokenError::TooMany) }
}

/// The bytes of each that is a SEQUENCE: others are kinds of certificates that nothing here knows, and of no use.
fn each(set: Option<Element<'_>>) -> Result<Vec<Vec<u8>>, TokenError> {
    let mut out = Vec::new();
    let Some(set) = set else { return Ok(out) };
    let mut elements = Elements::of(set.value)?;
    let mut count = 0;
    while let Some(element) = elements.any()? {
        require_room(count)?;
        count += 1;
        if element.tag == Tag::Sequence {
            out.push(element.bytes.to_vec());
        }
    }
    Ok(out)
}

impl SignerInfo {
    fn parse(info: Element<'_>) -> Result<Self, Error> {
        info.tag.assert_eq(Tag::Sequence)?;
        let mut it = Elements::of(info.value)?;
        it.number()?;
        let signer = match it.next_if(context(0, false))? {
            Some(key_id) => SignerId::KeyId(key_id.value.to_vec()),
            None => {
                let mut pair = it.sequence()?;
                let (issuer, serial) = (pair.next(Tag::Sequence)?, pair.next(Tag::Integer)?);
                pair.finish()?;
                SignerId::IssuerSerial(issuer.bytes.to_vec(), serial.value.to_vec())
            }
        };
        let hash = Hash::of_oid(it.algorithm()?.0);
        let attributes = it.next_if(context(0, true))?.map(|set| SignedAttributes::parse(set.value)).transpose()?;
        let (oid, parameters) = it.algorithm()?;
        let signature = it.next(Tag::OctetString)?.value.to_vec();
        // Whatever was added without a signature says nothing here.
        it.next_if(context(1, true))?;
        it.finish()?;
        Ok(Self { signer, hash, attributes, algorithm: (oid, parameters.map(<[u8]>::to_vec)), signature })
    }
}
