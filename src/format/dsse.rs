//! DSSE envelopes with exactly one signature over exactly one statement (SPEC.md ENV-1, ENV-2).

use data_encoding::BASE64;
use serde::{Deserialize, Serialize};

use super::digest::KeyId;
use super::json::{self, JsonError};
use super::spki::{PublicKey, SignatureError};
use crate::limits::ENVELOPE_LEN_MAX;

/// The one payload type: an in-toto Statement.
pub const PAYLOAD_TYPE: &str = "application/vnd.in-toto+json";

/// The bytes that are signed for a statement: DSSE v1 pre-authentication encoding.
pub fn pae(statement: &[u8]) -> Vec<u8> {
    pae_of(PAYLOAD_TYPE, statement)
}

fn pae_of(payload_type: &str, body: &[u8]) -> Vec<u8> {
    let mut bytes = format!("DSSEv1 {} {payload_type} {} ", payload_type.len(), body.len()).into_bytes();
    bytes.extend_from_slice(body);
    bytes
}

/// One signature by one key over one statement.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Envelope {
    /// The exact bytes that are signed, inside [`pae`].
    pub statement: Vec<u8>,
    /// Which key is said to have signed. Nothing is proven until [`Self::verify`] passes.
    pub key_id: KeyId,
    /// The signature, in the form that its algorithm has.
    pub signature: Vec<u8>,
}

/// Why bytes are not an envelope.
#[derive(Debug, thiserror::Error)]
pub enum EnvelopeError {
    /// Longer than a reader need follow.
    #[error("the envelope is longer than {ENVELOPE_LEN_MAX} bytes")]
    TooLong,
    /// Not the one JSON form.
    #[error("the envelope is not the JSON it should be")]
    Json(#[from] JsonError),
    /// Signed as something else than a statement.
    #[error("the envelope's payload type is not {PAYLOAD_TYPE}")]
    PayloadType,
    /// The field named is not base64 in its one form.
    #[error("the envelope's `{0}` is not base64 with padding and without white space")]
    Base64(&'static str),
}

/// Why an envelope is not by a key.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum EnvelopeVerifyError {
    /// It names another key.
    #[error("the envelope names another key id")]
    KeyId,
    /// It names this key, but the signature does not hold.
    #[error("the envelope's signature does not hold")]
    Signature(#[from] SignatureError),
}

/// The JSON form, fields in RFC 8785 order.
#[derive(Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct EnvelopeJson {
    payload: String,
    #[serde(rename = "payloadType")]
    payload_type: String,
    signatures: [SignatureJson; 1],
}

#[derive(Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct SignatureJson {
    keyid: KeyId,
    sig: String,
}

impl Envelope {
    /// The bytes of the envelope's member.
    pub fn to_bytes(&self) -> Vec<u8> {
        json::to_canonical(&EnvelopeJson {
            payload: BASE64.encode(&self.statement),
            payload_type: PAYLOAD_TYPE.to_owned(),
            signatures: [SignatureJson { keyid: self.key_id, sig: BASE64.encode(&self.signature) }],
        })
    }

    /// Parses an envelope in its one form; no signature is checked.
    pub fn from_bytes(bytes: &[u8]) -> Result<Self, EnvelopeError> {
        if u64::try_from(bytes.len()).map_or(true, |len| len > ENVELOPE_LEN_MAX) {
            return Err(EnvelopeError::TooLong);
        }
        let EnvelopeJson { payload, payload_type, signatures: [SignatureJson { keyid, sig }] } =
            json::from_canonical(bytes)?;
        if payload_type != PAYLOAD_TYPE {
            return Err(EnvelopeError::PayloadType);
        }
        Ok(Self {
            statement: json::bytes_of_base64(&payload).ok_or(EnvelopeError::Base64("payload"))?,
            key_id: keyid,
            signature: json::bytes_of_base64(&sig).ok_or(EnvelopeError::Base64("sig"))?,
        })
    }

    /// Checks that `key` signed the statement.
    pub fn verify(&self, key: &PublicKey) -> Result<(), EnvelopeVerifyError> {
        if key.key_id() != self.key_id {
            return Err(EnvelopeVerifyError::KeyId);
        }
        Ok(key.verify(&pae(&self.statement), &self.signature)?)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn sample() -> Envelope {
        Envelope { statement: b"{}".to_vec(), key_id: KeyId([0xab; 32]), signature: vec![1, 2, 3, 4] }
    }

    #[test]
    fn the_encoding_is_that_of_the_dsse_specification() {
        let pae = pae_of("http://example.com/HelloWorld", b"hello world");
        assert_eq!(pae, b"DSSEv1 29 http://example.com/HelloWorld 11 hello world");
        assert_eq!(super::pae(b""), b"DSSEv1 28 application/vnd.in-toto+json 0 ");
    }

    #[test]
    fn an_envelope_has_one_form() {
        let text = String::from_utf8(sample().to_bytes()).unwrap();
        let keyid = "ab".repeat(32);
        assert_eq!(
            text,
            format!(
                r#"{{"payload":"e30=","payloadType":"application/vnd.in-toto+json","signatures":[{{"keyid":"{keyid}","sig":"AQIDBA=="}}]}}"#
            )
        );
        assert_eq!(Envelope::from_bytes(text.as_bytes()).unwrap(), sample());
        for (from, to) in [
            ("e30=", "e30"),
            ("e30=", "e31="),
            ("e30=", "e3 0="),
            ("e30=", "eyB9fQ==e30="),
            ("AQIDBA==", "AQIDBB=="),
            ("AQIDBA==", "AQIDBA"),
            ("application/vnd.in-toto+json", "application/json"),
            ("ab", "AB"),
            ("[{", r#"[{"cert":"","#),
            ("}]", r#"},{"keyid":"","sig":""}]"#),
            ("{\"payload\"", "{ \"payload\""),
            ("]}", "],\"x\":1}"),
            ("]}", "]}\n"),
        ] {
            let changed = text.replacen(from, to, 1);
            assert!(changed != text && Envelope::from_bytes(changed.as_bytes()).is_err(), "{changed}");
        }
        assert!(Envelope::from_bytes(text.replace(&text[text.find('[').unwrap()..], "[]}").as_bytes()).is_err());
    }

    #[test]
    fn a_long_envelope_is_refused_before_it_is_parsed() {
        let long = vec![b' '; 2 * 1024 * 1024 + 1];
        assert!(matches!(Envelope::from_bytes(&long), Err(EnvelopeError::TooLong)));
    }
}
