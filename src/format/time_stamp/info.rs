//! What an authority signs: `TSTInfo` (RFC 3161 section 2.4.2), in DER.

use der::asn1::ObjectIdentifier;
use der::{Error, ErrorKind, Tag};

use super::elements::{Elements, context};
use super::gen_time::GenTime;
use super::imprint::Imprint;

/// What a token says.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct TstInfo {
    /// Under which policy of the authority.
    pub policy: ObjectIdentifier,
    /// What it is over; `None` if the algorithm is unknown or weaker than SHA-256.
    pub imprint: Option<Imprint>,
    /// Its number, big-endian.
    pub serial: Vec<u8>,
    /// When.
    pub time: GenTime,
    /// The number of the query that it answers, big-endian, if that had one.
    pub nonce: Option<Vec<u8>>,
}

/// Why bytes are no `TSTInfo`.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum InfoError {
    /// Not the ASN.1 that it should be.
    #[error("not a TSTInfo in DER")]
    Der(#[from] Error),
    /// Another version than 1.
    #[error("a TSTInfo of another version than 1")]
    Version,
    /// A time that GeneralizedTime does not have, or before 1970.
    #[error("a time that no authority can mean")]
    Time,
}

impl TstInfo {
    /// Parses the content of a token.
    ///
    /// # Errors
    /// [`InfoError`].
    pub fn parse(bytes: &[u8]) -> Result<Self, InfoError> {
        let mut it = Elements::of_whole(bytes, Tag::Sequence)?;
        if it.number()? != [1] {
            return Err(InfoError::Version);
        }
        let policy = it.decode()?;
        let imprint = it.imprint()?;
        let serial = it.number()?.to_vec();
        let text = it.next(Tag::GeneralizedTime)?.value;
        let accuracy = it.next_if(Tag::Sequence)?.map(|element| accuracy_micros(element.value)).transpose()?;
        // `ordering` says nothing of one token. Some write it although it is the default.
        it.next_if(Tag::Boolean)?;
        let nonce = match it.next_if(Tag::Integer)? {
            Some(element) => Some(Elements::of(element.bytes)?.number()?.to_vec()),
            None => None,
        };
        // `tsa` is a hint: the signer's certificate says who it is. No extension is defined that a reader must know.
        it.next_if(context(0, true))?;
        it.next_if(context(1, true))?;
        it.finish()?;
        let time = GenTime::parse(text, accuracy).ok_or(InfoError::Time)?;
        Ok(Self { policy, imprint, serial, time, nonce })
    }
}

/// `Accuracy ::= SEQUENCE { seconds INTEGER OPTIONAL, millis [0] (1..999), micros [1] (1..999) }`.
fn accuracy_micros(value: &[u8]) -> Result<u64, Error> {
    let mut it = Elements::of(value)?;
    let seconds = match it.next_if(Tag::Integer)? {
        Some(element) => u64::from(Elements::of(element.bytes)?.decode::<u32>()?),
        None => 0,
    };
    let mut part = |number| match it.next_if(context(number, false))? {
        None => Ok(0),
        Some(element) => match *element.value {
            [low] if (1..=127).contains(&low) => Ok(u64::from(low)),
            [high, low] if high < 4 && (high, low) > (0, 127) && (high, low) < (3, 232) => {
                Ok(u64::from(high) * 256 + u64::from(low))
            }
            _ => Err(Error::from(ErrorKind::Failed)),
        },
    };
    let (millis, micros) = (part(0)?, part(1)?);
    it.finish()?;
    Ok(seconds * 1_000_000 + millis * 1_000 + micros)
}
