//! The damage map as side files and reports have it (SPEC.md VER-11, VER-12, CONF-3): two sets.

use data_encoding::BASE64;
use serde::{Deserialize, Deserializer, Serialize};
use serde_json::{Value, json};

use super::terms::Object;
use crate::report::escape::escape;

/// What is damaged or missing. Order does not count.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize)]
pub struct Damage<E> {
    /// Entries that are not proven in full.
    pub entries: Vec<E>,
    /// Ranges of members.
    pub ranges: Vec<Object<RangeRow>>,
}

/// Why a range is in the map.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Deserialize, Serialize)]
#[serde(rename_all = "lowercase")]
pub enum CauseWord {
    /// Other bytes than those that were sealed.
    Damaged,
    /// Not there.
    Missing,
    /// Could not be read.
    Unreadable,
    /// Sealed so that they do not decode.
    Undecodable,
}

/// A range of a member.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Deserialize, Serialize)]
pub struct RangeRow {
    /// Why.
    pub cause: CauseWord,
    /// Number of the frame; nothing for what is no frame.
    pub frame: Option<u64>,
    /// Length in bytes.
    pub len: u64,
    /// Name of the member.
    pub member: String,
    /// Where it begins in the member, in bytes.
    pub offset: u64,
}

/// An entry that is not proven in full.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct EntryRow {
    /// Exact bytes of its path.
    pub path: Vec<u8>,
    /// Length of its content in bytes.
    pub size: u64,
    /// Bytes that are proven.
    pub proven_bytes: u64,
    /// Start and end of each range that is not, ascending; the end is not in it.
    pub lost: Vec<(u64, u64)>,
}

/// An entry as a side file spells it: its path in exactly one way, and no other key.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ExpectedEntry(pub EntryRow);

/// An entry as a verifier spells it: `path_b64`, if it is there, is the path; other keys may be there.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ReportedEntry(pub EntryRow);

impl<'de> Deserialize<'de> for ExpectedEntry {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        #[derive(Deserialize)]
        #[serde(deny_unknown_fields)]
        struct Keys {
            lost: Vec<(u64, u64)>,
            path: Option<String>,
            path_b64: Option<String>,
            proven_bytes: u64,
            size: u64,
        }
        let Object(Keys { lost, path, path_b64, proven_bytes, size }) = Object::deserialize(deserializer)?;
        let path = match (path, path_b64) {
            (Some(path), None) => path.into_bytes(),
            (None, Some(base64)) => from_base64(&base64)?,
            _ => return Err(serde::de::Error::custom("an entry has exactly one of `path` and `path_b64`")),
        };
        Ok(Self(EntryRow { path, size, proven_bytes, lost }))
    }
}

impl<'de> Deserialize<'de> for ReportedEntry {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        #[derive(Deserialize)]
        struct Keys {
            lost: Vec<(u64, u64)>,
            path: Option<String>,
            path_b64: Option<String>,
            proven_bytes: u64,
            size: u64,
        }
        let Object(Keys { lost, path, path_b64, proven_bytes, size }) = Object::deserialize(deserializer)?;
        let path = match (path, path_b64) {
            (_, Some(base64)) => from_base64(&base64)?,
            (Some(path), None) => path.into_bytes(),
            (None, None) => return Err(serde::de::Error::custom("an entry without a path")),
        };
        Ok(Self(EntryRow { path, size, proven_bytes, lost }))
    }
}

fn from_base64<E: serde::de::Error>(text: &str) -> Result<Vec<u8>, E> {
    BASE64.decode(text.as_bytes()).map_err(|error| E::custom(format_args!("path_b64: {error}")))
}

impl EntryRow {
    /// As reports spell it.
    pub fn to_value(&self) -> Value {
        let text = escape(&self.path);
        let mut value = json!({"lost": self.lost, "proven_bytes": self.proven_bytes, "size": self.size});
        if text.as_bytes() != self.path {
            value["path_b64"] = BASE64.encode(&self.path).into();
        }
        value["path"] = text.into();
        value
    }
}

impl RangeRow {
    /// As reports spell it.
    pub fn to_value(&self) -> Value {
        json!({
            "cause": self.cause, "frame": self.frame, "len": self.len, "member": self.member, "offset": self.offset,
        })
    }
}

/// What only one side has, each so often as it has it more often than the other.
pub fn only_in_one<'a, T: Ord>(
    left: impl Iterator<Item = &'a T>,
    right: impl Iterator<Item = &'a T>,
) -> (Vec<&'a T>, Vec<&'a T>) {
    let (mut left, mut right): (Vec<_>, Vec<_>) = (left.collect(), right.collect());
    left.sort();
    right.sort();
    let (mut only_left, mut only_right) = (Vec::new(), Vec::new());
    let (mut left, mut right) = (left.into_iter().peekable(), right.into_iter().peekable());
    loop {
        match (left.peek(), right.peek()) {
            (Some(a), Some(b)) if a == b => {
                left.next();
                right.next();
            }
            (Some(a), Some(b)) if a > b => only_right.extend(right.next()),
            (Some(_), _) => only_left.extend(left.next()),
            (None, Some(_)) => only_right.extend(right.next()),
            (None, None) => return (only_left, only_right),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn reported(text: &str) -> Option<Vec<u8>> {
        serde_json::from_str::<ReportedEntry>(text).ok().map(|entry| entry.0.path)
    }

    #[test]
    fn order_does_not_count_and_number_does() {
        let (left, right) = ([1, 2, 2, 5], [5, 2, 7, 1]);
        assert_eq!(only_in_one(left.iter(), right.iter()), (vec![&2], vec![&7]));
        assert_eq!(only_in_one([3, 1].iter(), [1, 3].iter()), (vec![], vec![]));
    }

    #[test]
    fn the_exact_path_is_taken_where_there_is_one_and_other_keys_may_be_there() {
        let rest = r#""lost":[[0,4]],"proven_bytes":0,"size":4,"more":true"#;
        assert_eq!(reported(&format!(r#"{{"path":"a",{rest}}}"#)), Some(b"a".to_vec()));
        assert_eq!(reported(&format!(r#"{{"path":"a\\xff","path_b64":"Yf8=",{rest}}}"#)), Some(b"a\xff".to_vec()));
        assert_eq!(reported(&format!("{{{rest}}}")), None);
        assert_eq!(reported(&format!(r#"{{"path_b64":"?",{rest}}}"#)), None);
    }

    #[test]
    fn a_side_file_has_one_spelling_of_a_path_and_no_other_key() {
        let expected = |keys: &str| {
            let text = format!(r#"{{{keys}"lost":[],"proven_bytes":0,"size":4}}"#);
            serde_json::from_str::<ExpectedEntry>(&text).is_ok()
        };
        assert!(expected(r#""path":"a","#) && expected(r#""path_b64":"Yf8=","#));
        for keys in ["", r#""path":"a","path_b64":"Yf8=","#, r#""path":"a","more":1,"#] {
            assert!(!expected(keys), "{keys}");
        }
    }
}
