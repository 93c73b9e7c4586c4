//! DSSE envelopes: of a statement or event with exactly one signature (SPEC.md ENV-1, ENV-2), and of other documents with
//! signatures in the order of their key ids (TRU-1).

use std::collections::BTreeSet;

use data_encoding::BASE64;
use serde::{Deserialize, Serialize};

use super::digest::KeyId;
use super::json::{self, JsonError};
use super::spki::{PublicKey, SignatureError};
use crate::limits::ENVELOPE_LEN_MAX;

/// The payload type of statements and events: an in-toto Statement.
pub const PAYLOAD_TYPE: &str = "application/vnd.in-toto+json";

/// The bytes that are signed for a statement: DSSE v1 pre-authentication encoding.
pub fn pae(statement: &[u8]) -> Vec<u8> {
    pae_of(PAYLOAD_TYPE, statement)
}

/// Which of these keys have signed a document of any type. `signatures` ascend by key id.
pub fn signers<'k>(
    payload_type: &str,
    payload: &[u8],
    signatures: &[Signature],
    keys: impl IntoIterator<Item = &'k PublicKey>,
) -> Signers {
    let message = pae_of(payload_type, payload);
    let mut found = Signers::default();
    for key in keys {
        let key_id = key.key_id();
        let Ok(place) = signatures.binary_search_by_key(&key_id, |it| it.key_id) else { continue };
        match key.verify(&message, &signatures[place].bytes) {
            Ok(()) => drop(found.good.insert(key_id)),
            Err(_) => drop(found.forged.insert(key_id)),
        }
    }
    found
}

/// What the signatures of a document are worth, of some keys.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Signers {
    /// Keys whose signature holds.
    pub good: BTreeSet<KeyId>,
    /// Keys that a signature names which does not hold.
    pub forged: BTreeSet<KeyId>,
}

/// The bytes that are signed for a document of any type.
pub fn pae_of(payload_type: &str, body: &[u8]) -> Vec<u8> {
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
    #[error("the envelope is longer than {len_max} bytes")]
    TooLong {
        /// The longest that is allowed.
        len_max: u64,
    },
    /// Not the one JSON form.
    #[error("the envelope is not the JSON it should be")]
    Json(#[from] JsonError),
    /// Signed as something else.
    #[error("the envelope's payload type is not {0}")]
    PayloadType(&'static str),
    /// More or fewer signatures than there must be.
    #[error("the envelope does not have exactly one signature")]
    SignatureCount,
    /// More than one form for the same signatures.
    #[error("the envelope's signatures are not strictly ascending by key id")]
    SignatureOrder,
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
    signatures: Vec<SignatureJson>,
}

#[derive(Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct SignatureJson {
    keyid: KeyId,
    sig: String,
}

/// A signature, and by which key it is said to be.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Signature {
    /// Which key. Nothing is proven until it is verified.
    pub key_id: KeyId,
    /// The signature, in the form that its algorithm has.
    pub bytes: Vec<u8>,
}

/// The one JSON form of a payload with its signatures.
pub fn encode(payload_type: &str, payload: &[u8], signatures: &[Signature]) -> Vec<u8> {
    let signature = |it: &Signature| SignatureJson { keyid: it.key_id, sig: BASE64.encode(&it.bytes) };
    json::to_canonical(&EnvelopeJson {
        payload: BASE64.encode(payload),
        payload_type: payload_type.to_owned(),
        signatures: signatures.iter().map(signature).collect(),
    })
}

/// The payload and its signatures, strictly ascending by key id. No signature is checked.
pub fn decode(
    bytes: &[u8],
    payload_type: &'static str,
    len_max: u64,
) -> Result<(Vec<u8>, Vec<Signature>), EnvelopeError> {
    if u64::try_from(bytes.len()).map_or(true, |len| len > len_max) {
        return Err(EnvelopeError::TooLong { len_max });
    }
    let json: EnvelopeJson = json::from_canonical(bytes)?;
    if json.payload_type != payload_type {
        return Err(EnvelopeError::PayloadType(payload_type));
    }
    let bytes_of = |text: &str, name| json::bytes_of_base64(text).ok_or(EnvelopeError::Base64(name));
    let signature = |it: &SignatureJson| Ok(Signature { key_id: it.keyid, bytes: bytes_of(&it.sig, "sig")? });
    let signatures = json.signatures.iter().map(signature).collect::<Result<Vec<_>, EnvelopeError>>()?;
    if !signatures.is_sorted_by(|a, b| a.key_id < b.key_id) {
        return Err(EnvelopeError::SignatureOrder);
    }
    Ok((bytes_of(&json.payload, "payload")?, signatures))
}

impl Envelope {
    /// The bytes of the envelope's member.
    pub fn to_bytes(&self) -> Vec<u8> {
        let signature = Signature { key_id: self.key_id, bytes: self.signature.clone() };
        encode(PAYLOAD_TYPE, &self.statement, &[signature])
    }

    /// Parses an envelope in its one form; no signature is checked.
    pub fn from_bytes(bytes: &[u8]) -> Result<Self, EnvelopeError> {
        let (statement, signatures) = decode(bytes, PAYLOAD_TYPE, ENVELOPE_LEN_MAX)?;
        let [Signature { key_id, bytes: signature }] =
            <[Signature; 1]>::try_from(signatures).map_err(|_| EnvelopeError::SignatureCount)?;
        Ok(Self { statement, key_id, signature })
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
        assert!(matches!(Envelope::from_bytes(&long), Err(EnvelopeError::TooLong { .. })));
    }
}
