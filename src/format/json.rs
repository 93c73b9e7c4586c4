//! JSON in the one form of RFC 8785 (SPEC.md JSON-1 to JSON-5).
//!
//! Types declare their fields in RFC 8785 order and hold only integers, so that serialising them *is* canonical; parsing
//! serialises again and compares, so that there is nothing lenient to disagree about.

use std::borrow::Cow;
use std::fmt;

use data_encoding::BASE64;
use serde::de::DeserializeOwned;
use serde::{Deserialize, Deserializer, Serialize};
use serde_json::Value;

use crate::limits::{JSON_DEPTH_MAX, JSON_INTEGER_MAX};

/// Why bytes are not the JSON they should be.
#[derive(Debug, thiserror::Error)]
pub enum JsonError {
    /// Not JSON, a key that is not known, a missing key, or a value of the wrong type.
    #[error("{0}")]
    Syntax(String),
    /// JSON, but another spelling than the one form of RFC 8785; the offset is that of the first difference.
    #[error("not in the form of RFC 8785 from byte {0} on")]
    NotCanonical(usize),
    /// Nested deeper than a reader need follow.
    #[error("nested deeper than {JSON_DEPTH_MAX} levels")]
    TooDeep,
    /// More objects and arrays than what it is may have.
    #[error("more objects and arrays than the limits allow")]
    TooMany,
    /// An integer that not every JSON reader keeps exactly (SPEC.md JSON-1).
    #[error("a number of 2^53 or more")]
    TooLarge,
}

/// Parses bytes that must be the RFC 8785 form of a `T`.
pub fn from_canonical<T: DeserializeOwned + Serialize>(bytes: &[u8]) -> Result<T, JsonError> {
    from_canonical_of(bytes, usize::MAX)
}

/// The same, for a `T` of no more objects and arrays than this. A parser makes values of them that take more memory than
/// they take bytes.
pub fn from_canonical_of<T: DeserializeOwned + Serialize>(bytes: &[u8], count_max: usize) -> Result<T, JsonError> {
    let extent = Extent::of(bytes);
    if extent.count > count_max {
        return Err(JsonError::TooMany);
    }
    if extent.deepest > JSON_DEPTH_MAX {
        return Err(JsonError::TooDeep);
    }
    if extent.largest > JSON_INTEGER_MAX {
        return Err(JsonError::TooLarge);
    }
    let value: T = serde_json::from_slice(bytes).map_err(|e| JsonError::Syntax(e.to_string()))?;
    let again = to_canonical(&value);
    match again.iter().zip(bytes).position(|(a, b)| a != b) {
        Some(offset) => Err(JsonError::NotCanonical(offset)),
        None if again.len() != bytes.len() => Err(JsonError::NotCanonical(again.len().min(bytes.len()))),
        None => Ok(value),
    }
}

/// The RFC 8785 form of a value whose type declares its fields in that order.
pub fn to_canonical<T: Serialize>(value: &T) -> Vec<u8> {
    // Serialisation into memory fails only for maps with keys that are not strings, which no format type has.
    serde_json::to_vec(value).unwrap_or_default()
}

/// Deserialises what is written as one text; `expected` says in errors what `parse` takes.
pub(super) fn from_text<'de, D: Deserializer<'de>, T>(
    deserializer: D,
    expected: impl fmt::Display,
    parse: impl FnOnce(&str) -> Option<T>,
) -> Result<T, D::Error> {
    let text = <Cow<'de, str>>::deserialize(deserializer)?;
    parse(&text).ok_or_else(|| serde::de::Error::custom(format_args!("expected {expected}")))
}

/// What of JSON is bounded before a parser makes values of it; what stands in strings does not count.
#[derive(Default)]
struct Extent {
    /// Objects and arrays.
    count: usize,
    /// Deepest nesting.
    deepest: usize,
    /// Largest absolute value of an integer, as far as 64 bits tell.
    largest: u64,
}

impl Extent {
    fn of(bytes: &[u8]) -> Self {
        let (mut depth, mut number, mut in_string, mut escaped) = (0usize, 0u64, false, false);
        let mut extent = Self::default();
        for &byte in bytes {
            match (in_string, byte) {
                (true, _) if escaped => escaped = false,
                (true, b'\\') => escaped = true,
                (_, b'"') => in_string = !in_string,
                (false, b'0'..=b'9') => {
                    number = number.saturating_mul(10).saturating_add(u64::from(byte - b'0'));
                    extent.largest = extent.largest.max(number);
                    continue;
                }
                (false, b'{' | b'[') => {
                    depth += 1;
                    extent.count += 1;
                    extent.deepest = extent.deepest.max(depth);
                }
                (false, b'}' | b']') => depth = depth.saturating_sub(1),
                _ => {}
            }
            number = 0;
        }
        extent
    }
}

/// An object with any keys: the content of `extensions` and `critical`. Holds only what JSON-1 and JSON-2 allow.
#[derive(Clone, Debug, Default, PartialEq, Serialize)]
pub struct OpenObject(serde_json::Map<String, Value>);

impl OpenObject {
    /// The keys, ascending.
    pub fn keys(&self) -> impl Iterator<Item = &str> {
        self.0.keys().map(String::as_str)
    }
}

impl<'de> Deserialize<'de> for OpenObject {
    fn deserialize<D: serde::Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let value = Value::deserialize(deserializer)?;
        match value {
            Value::Object(map) if map.values().all(is_plain) && map.keys().all(|k| k.is_ascii()) => Ok(Self(map)),
            Value::Object(_) => Err(serde::de::Error::custom("a number or key that RFC 8785 readers may not agree on")),
            _ => Err(serde::de::Error::custom("expected an object")),
        }
    }
}

/// Integers below 2^53 and ASCII keys, all the way down.
fn is_plain(value: &Value) -> bool {
    match value {
        Value::Number(n) => {
            n.as_u64().is_some_and(|n| n <= JSON_INTEGER_MAX)
                || n.as_i64().is_some_and(|n| n.unsigned_abs() <= JSON_INTEGER_MAX)
        }
        Value::Array(items) => items.iter().all(is_plain),
        Value::Object(map) => map.iter().all(|(key, value)| key.is_ascii() && is_plain(value)),
        Value::Null | Value::Bool(_) | Value::String(_) => true,
    }
}

/// The bytes of base64 in its one form (SPEC.md section 1). The decoder alone would take texts that are padded and go on.
pub fn bytes_of_base64(text: &str) -> Option<Vec<u8>> {
    let bytes = BASE64.decode(text.as_bytes()).ok()?;
    (BASE64.encode(&bytes) == text).then_some(bytes)
}

/// Splits raw bytes into the pair of keys of SPEC.md JSON-5: text, or base64 of what is not UTF-8.
pub fn bytes_to_pair(bytes: &[u8]) -> (Option<String>, Option<String>) {
    match std::str::from_utf8(bytes) {
        Ok(text) => (Some(text.to_owned()), None),
        Err(_) => (None, Some(BASE64.encode(bytes))),
    }
}

/// Joins the pair of keys back to raw bytes. `Ok(None)` if neither is there; `Err` if both are, or the wrong one.
pub fn pair_to_bytes(text: Option<String>, base64: Option<String>) -> Result<Option<Vec<u8>>, JsonError> {
    match (text, base64) {
        (None, None) => Ok(None),
        (Some(text), None) => Ok(Some(text.into_bytes())),
        (None, Some(base64)) => match bytes_of_base64(&base64) {
            Some(bytes) if std::str::from_utf8(&bytes).is_err() => Ok(Some(bytes)),
            Some(_) => Err(JsonError::Syntax("base64 is only for names that are not UTF-8".into())),
            None => Err(JsonError::Syntax("not base64 in its one form".into())),
        },
        (Some(_), Some(_)) => Err(JsonError::Syntax("a name both as text and as base64".into())),
    }
}

/// A number of bytes, or an offset in bytes, that JSON-1 allows: below 2^53.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Deserialize, Serialize)]
#[serde(try_from = "u64", into = "u64")]
pub struct ByteCount(u64);

impl ByteCount {
    /// `None` from 2^53 on.
    pub fn new(bytes: u64) -> Option<Self> {
        (bytes <= JSON_INTEGER_MAX).then_some(Self(bytes))
    }

    /// The number.
    pub fn get(self) -> u64 {
        self.0
    }
}

impl TryFrom<u64> for ByteCount {
    type Error = &'static str;

    fn try_from(bytes: u64) -> Result<Self, Self::Error> {
        Self::new(bytes).ok_or("expected a number below 2^53")
    }
}

impl From<ByteCount> for u64 {
    fn from(count: ByteCount) -> Self {
        count.0
    }
}

/// A field with this is left out when false; when present it is `true`.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct True;

impl Serialize for True {
    fn serialize<S: serde::Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_bool(true)
    }
}

impl<'de> Deserialize<'de> for True {
    fn deserialize<D: serde::Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        if bool::deserialize(deserializer)? { Ok(Self) } else { Err(serde::de::Error::custom("expected true")) }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[derive(Serialize, Deserialize, Debug)]
    #[serde(deny_unknown_fields)]
    struct Sample {
        a: u64,
        extensions: OpenObject,
    }

    fn refused(text: &str) -> bool {
        from_canonical::<Sample>(text.as_bytes()).is_err()
    }

    #[test]
    fn only_the_one_spelling_is_read() {
        assert!(!refused(r#"{"a":1,"extensions":{"x":[null,-2,"é\n"]}}"#));
        for text in [
            r#"{"a":1, "extensions":{}}"#,
            r#"{"extensions":{},"a":1}"#,
            r#"{"a":1,"a":1,"extensions":{}}"#,
            r#"{"a":1,"extensions":{"b":1,"a":2}}"#,
            r#"{"a":1,"extensions":{"a":1,"a":1}}"#,
            r#"{"a":1,"extensions":{"a":1.0}}"#,
            r#"{"a":1,"extensions":{"a":9007199254740992}}"#,
            r#"{"a":1,"extensions":{"é":1}}"#,
            r#"{"a":1,"extensions":{"a":"\u0041"}}"#,
            r#"{"a":1,"b":2,"extensions":{}}"#,
            "{\"a\":1,\"extensions\":{}}\n",
        ] {
            assert!(refused(text), "{text}");
        }
    }

    #[test]
    fn nesting_is_bounded_and_brackets_in_strings_do_not_count() {
        let nested = |n: usize| format!(r#"{{"a":1,"extensions":{{"x":{}{}}}}}"#, "[".repeat(n), "]".repeat(n));
        assert!(!refused(&nested(JSON_DEPTH_MAX - 2)));
        assert!(refused(&nested(JSON_DEPTH_MAX - 1)));
        assert!(!refused(&format!(r#"{{"a":1,"extensions":{{"x":"\"{}"}}}}"#, "[".repeat(100))));
    }

    #[test]
    fn names_are_text_if_they_can_be_and_base64_only_then() {
        assert_eq!(bytes_to_pair(b"a\xff"), (None, Some("Yf8=".into())));
        assert!(pair_to_bytes(None, Some("YQ==".into())).is_err());
        assert!(pair_to_bytes(Some("a".into()), Some("Yf8=".into())).is_err());
        assert_eq!(pair_to_bytes(None, Some("Yf8=".into())).unwrap(), Some(b"a\xff".to_vec()));
    }

    #[test]
    fn base64_has_one_form() {
        assert_eq!(bytes_of_base64("Yf8="), Some(b"a\xff".to_vec()));
        assert_eq!(bytes_of_base64(""), Some(Vec::new()));
        for text in ["Yf8", "Yf9=", "Yf8=\n", " Yf8=", "Yf8=Yf8=", "YQ==Yf8=", "====", "Yf8=====", "Yf_="] {
            assert_eq!(bytes_of_base64(text), None, "{text:?}");
        }
    }
}
