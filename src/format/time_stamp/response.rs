//! What an authority answers: `TimeStampResp` (RFC 3161 section 2.4.2), the content of a member `timestamps/<name>.tsr`.

use der::{Error, Tag};

use super::ber::{BerError, tlv, to_der};
use super::elements::Elements;
use super::token::{Token, TokenError, with_revocation_lists};
use crate::limits::ENVELOPE_LEN_MAX;

/// Longest text of an answer that is kept, in characters.
const TEXT_LEN_MAX: usize = 200;

/// An answer.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Response {
    /// Whether there is a token.
    pub status: Status,
    /// What the authority says to it, in its own words. May hold any characters.
    pub text: String,
    /// The token.
    pub token: Option<Token>,
}

/// `PKIStatus`.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Status {
    /// As it was asked for.
    Granted,
    /// With changes.
    GrantedWithMods,
    /// Not granted, by this number.
    Refused(u8),
}

/// Why bytes are no answer.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum ResponseError {
    /// SPEC.md LIM-2.
    #[error("longer than {ENVELOPE_LEN_MAX} bytes")]
    TooLong,
    /// Not BER.
    #[error("not a time-stamp response")]
    Ber(#[from] BerError),
    /// Not the ASN.1 that it should be.
    #[error("not a time-stamp response in ASN.1")]
    Der(#[from] Error),
    /// The token is none.
    #[error("the token in it")]
    Token(#[from] TokenError),
}

impl Response {
    /// Parses an answer, in DER or BER.
    ///
    /// # Errors
    /// [`ResponseError`].
    pub fn parse(bytes: &[u8]) -> Result<Self, ResponseError> {
        let der = bounded(bytes)?;
        let mut it = Elements::of_whole(&der, Tag::Sequence)?;
        let mut info = it.sequence()?;
        let status = match *info.number()? {
            [0] => Status::Granted,
            [1] => Status::GrantedWithMods,
            [number] => Status::Refused(number),
            _ => Status::Refused(u8::MAX),
        };
        let mut text = String::new();
        if let Some(texts) = info.next_if(Tag::Sequence)? {
            let mut texts = Elements::of(texts.value)?;
            while let Some(line) = texts.next_if(Tag::Utf8String)?.filter(|_| text.len() < TEXT_LEN_MAX) {
                text.push_str(if text.is_empty() { "" } else { "; " });
                text.extend(String::from_utf8_lossy(line.value).chars().take(TEXT_LEN_MAX));
            }
        }
        info.next_if(Tag::BitString)?;
        info.finish()?;
        let token = it.next_if(Tag::Sequence)?.map(|token| Token::parse(token.bytes)).transpose()?;
        it.finish()?;
        Ok(Self { status, text, token })
    }
}

/// The same answer, in DER, with further revocation lists kept in its token.
///
/// # Errors
/// [`ResponseError`]; also if it has no token.
pub fn with_lists(bytes: &[u8], lists: &[Vec<u8>]) -> Result<Vec<u8>, ResponseError> {
    let der = bounded(bytes)?;
    let mut it = Elements::of_whole(&der, Tag::Sequence)?;
    let info = it.next(Tag::Sequence)?;
    let token = with_revocation_lists(it.next(Tag::Sequence)?.bytes, lists)?;
    it.finish()?;
    Ok(tlv(0x30, &[info.bytes, &token].concat()))
}

fn bounded(bytes: &[u8]) -> Result<Vec<u8>, ResponseError> {
    let fits = u64::try_from(bytes.len()).is_ok_and(|len| len <= ENVELOPE_LEN_MAX);
    if fits { Ok(to_der(bytes)?) } else { Err(ResponseError::TooLong) }
}
