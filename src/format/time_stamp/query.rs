//! What an authority is asked: `TimeStampReq` (RFC 3161 section 2.4.1).

use der::asn1::ObjectIdentifier;
use der::{Encode as _, Error, Tag};

use super::ber::tlv;
use super::elements::{Elements, context};
use super::imprint::Imprint;

/// A query.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Query {
    /// What is to be stamped.
    pub imprint: Imprint,
    /// Under which policy, if not the authority's own choice.
    pub policy: Option<ObjectIdentifier>,
    /// A random number that the answer repeats: big-endian, without zeros before it.
    pub nonce: Option<Vec<u8>>,
}

/// Why bytes are no query.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum QueryError {
    /// Not the ASN.1 that it should be.
    #[error("not a time-stamp query in DER")]
    Der(#[from] Error),
    /// Another version than 1.
    #[error("a query of another version than 1")]
    Version,
    /// An imprint that no answer could be accepted for.
    #[error("a query over a digest that is unknown or weaker than SHA-256")]
    Imprint,
}

impl Query {
    /// A query with this nonce of random bytes.
    pub fn new(imprint: Imprint, policy: Option<ObjectIdentifier>, nonce: [u8; 16]) -> Self {
        let skip = nonce.iter().take_while(|&&byte| byte == 0).count().min(nonce.len() - 1);
        Self { imprint, policy, nonce: Some(nonce[skip..].to_vec()) }
    }

    /// The query in DER. The authority is asked to send its certificate along.
    pub fn to_der(&self) -> Vec<u8> {
        let mut value = tlv(0x02, &[1]);
        value.extend(self.imprint.to_der());
        value.extend(self.policy.and_then(|policy| policy.to_der().ok()).unwrap_or_default());
        if let Some(nonce) = &self.nonce {
            // A first bit that is set would make it negative.
            let sign = nonce.first().is_none_or(|&first| first >= 0x80).then_some(0);
            value.extend(tlv(0x02, &sign.into_iter().chain(nonce.iter().copied()).collect::<Vec<_>>()));
        }
        value.extend(tlv(0x01, &[0xff]));
        tlv(0x30, &value)
    }

    /// Parses a query, also one that another program wrote.
    ///
    /// # Errors
    /// [`QueryError`].
    pub fn parse(bytes: &[u8]) -> Result<Self, QueryError> {
        let mut it = Elements::of_whole(bytes, Tag::Sequence)?;
        if it.number()? != [1] {
            return Err(QueryError::Version);
        }
        let imprint = it.imprint()?.ok_or(QueryError::Imprint)?;
        let policy = match it.next_if(Tag::ObjectIdentifier)? {
            Some(element) => Some(Elements::of(element.bytes)?.decode()?),
            None => None,
        };
        let nonce = match it.next_if(Tag::Integer)? {
            Some(element) => Some(Elements::of(element.bytes)?.number()?.to_vec()),
            None => None,
        };
        it.next_if(Tag::Boolean)?;
        it.next_if(context(0, true))?;
        it.finish()?;
        Ok(Self { imprint, policy, nonce })
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::format::time_stamp::Hash;

    #[test]
    fn a_query_survives_the_round_trip_whatever_its_nonce_begins_with() {
        for first in [0, 1, 0x7f, 0x80, 0xff] {
            let mut nonce = [first; 16];
            nonce[15] = 1;
            let policy = (first > 0).then_some(ObjectIdentifier::new_unwrap("1.2.3.4"));
            let query = Query::new(Imprint::of(Hash::Sha512, b"abc"), policy, nonce);
            assert_eq!(Query::parse(&query.to_der()).unwrap(), query);
        }
        let zero = Query::new(Imprint::of(Hash::Sha256, b""), None, [0; 16]);
        assert_eq!(Query::parse(&zero.to_der()).unwrap().nonce, Some(vec![0]));
    }

    #[test]
    fn a_cut_or_weak_query_is_refused() {
        let der = Query::new(Imprint::of(Hash::Sha256, b"abc"), None, [9; 16]).to_der();
        for len in 0..der.len() {
            assert!(Query::parse(&der[..len]).is_err());
        }
        let sha1 = data_encoding::HEXLOWER
            .decode(b"30290201013021300906052b0e03021a05000414a9993e364706816aba3e25717850c26c9cd0d89d0101ff")
            .unwrap();
        assert_eq!(Query::parse(&sha1), Err(QueryError::Imprint));
    }
}
