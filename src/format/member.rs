//! Names of members and the order in which they stand (SPEC.md section 2).

use std::fmt;

use super::digest::{Digest, KeyId};
use crate::limits::{MEMBER_NAME_LEN_MAX, SEGMENT_COUNT_MAX};

/// What a member is, by its name. A name that is none of these has no place in a bundle.
#[derive(Clone, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum MemberName {
    /// `mimetype`
    Mimetype,
    /// `nonce`
    Nonce,
    /// `VERIFY.txt`
    VerifyText,
    /// `payload/NNNNNNNN.tar.zst`
    Payload(u64),
    /// `manifest/NNNNNNNN.jsonl.zst`
    Manifest(u64),
    /// `index/NNNNNNNN.bin`
    Index(u64),
    /// `SHA256SUMS.zst`
    Sums,
    /// `case.json`
    Case,
    /// `SEALED.sha256`
    List,
    /// `statement.json`
    Statement,
    /// `seal/<16 hex>.dsse.json`, by its 16 hex digits
    Envelope(String),
    /// `timestamps/<name>.tsr`, by its name
    Timestamp(String),
    /// `custody/<name>.dsse.json`, by its name
    Custody(String),
}

impl MemberName {
    /// Parses a name; `None` if no member of this version has it (SPEC.md MEM-4).
    pub fn parse(text: &str) -> Option<Self> {
        if text.len() > MEMBER_NAME_LEN_MAX {
            return None;
        }
        let between = |prefix: &str, suffix: &str| text.strip_prefix(prefix)?.strip_suffix(suffix);
        match text {
            "mimetype" => Some(Self::Mimetype),
            "nonce" => Some(Self::Nonce),
            "VERIFY.txt" => Some(Self::VerifyText),
            "SHA256SUMS.zst" => Some(Self::Sums),
            "case.json" => Some(Self::Case),
            "SEALED.sha256" => Some(Self::List),
            "statement.json" => Some(Self::Statement),
            _ => None,
        }
        .or_else(|| Some(Self::Payload(segment_number(between("payload/", ".tar.zst")?)?)))
        .or_else(|| Some(Self::Manifest(segment_number(between("manifest/", ".jsonl.zst")?)?)))
        .or_else(|| Some(Self::Index(segment_number(between("index/", ".bin")?)?)))
        .or_else(|| between("seal/", ".dsse.json").filter(|id| is_short_id(id)).map(|id| Self::Envelope(id.to_owned())))
        .or_else(|| between("timestamps/", ".tsr").filter(|n| is_grown_name(n)).map(|n| Self::Timestamp(n.to_owned())))
        .or_else(|| between("custody/", ".dsse.json").filter(|n| is_grown_name(n)).map(|n| Self::Custody(n.to_owned())))
    }

    /// The envelope member of a signer (SPEC.md ENV-3).
    pub fn envelope_of(key_id: KeyId) -> Self {
        let mut hex = key_id.to_string();
        hex.truncate(16);
        Self::Envelope(hex)
    }

    /// The member of a time-stamp with these bytes over a file (SPEC.md TSP-1).
    pub fn time_stamp_over(file: Digest, bytes: Digest) -> Self {
        let (file, bytes) = (file.to_string(), bytes.to_string());
        Self::Timestamp(format!("{}-{}", &file[..16], &bytes[..8]))
    }

    /// Names of the members that `SEALED.sha256` lists, in order.
    pub fn listed(segment_count: u64) -> impl Iterator<Item = Self> {
        let head = [Self::Mimetype, Self::Nonce, Self::VerifyText];
        let parts = (0..segment_count).flat_map(|s| [Self::Payload(s), Self::Manifest(s), Self::Index(s)]);
        head.into_iter().chain(parts).chain([Self::Sums])
    }

    /// Names of all sealed members, in order (SPEC.md MEM-1 without the envelope).
    pub fn sealed(segment_count: u64) -> impl Iterator<Item = Self> {
        Self::listed(segment_count).chain([Self::Case, Self::List, Self::Statement])
    }

    /// Which sealed members can stand after this one, or first (SPEC.md MEM-1). None after the statement: what follows
    /// is grown, and grown names cannot be foretold.
    pub fn next_sealed(previous: Option<&Self>) -> Vec<Self> {
        match previous {
            None => vec![Self::Mimetype],
            Some(Self::Mimetype) => vec![Self::Nonce],
            Some(Self::Nonce) => vec![Self::VerifyText],
            Some(Self::VerifyText) => vec![Self::Payload(0)],
            Some(Self::Payload(s)) => vec![Self::Manifest(*s)],
            Some(Self::Manifest(s)) => vec![Self::Index(*s)],
            Some(Self::Index(s)) => vec![Self::Payload(s + 1), Self::Sums],
            Some(Self::Sums) => vec![Self::Case],
            Some(Self::Case) => vec![Self::List],
            Some(Self::List) => vec![Self::Statement],
            Some(Self::Statement | Self::Envelope(_) | Self::Timestamp(_) | Self::Custody(_)) => Vec::new(),
        }
    }

    /// Whether this member may stand right after that one, or first.
    pub fn may_follow(&self, previous: Option<&Self>) -> bool {
        match previous {
            Some(Self::Statement) => matches!(self, Self::Envelope(_)),
            Some(previous) if previous.is_grown() => self.is_grown(),
            _ => Self::next_sealed(previous).contains(self),
        }
    }

    /// Whether `SEALED.sha256` lists members of this kind.
    pub fn is_listed(&self) -> bool {
        !self.is_grown() && !matches!(self, Self::Case | Self::List | Self::Statement)
    }

    /// Whether members of this kind are added after sealing.
    pub fn is_grown(&self) -> bool {
        matches!(self, Self::Envelope(_) | Self::Timestamp(_) | Self::Custody(_))
    }
}

impl fmt::Display for MemberName {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Mimetype => f.write_str("mimetype"),
            Self::Nonce => f.write_str("nonce"),
            Self::VerifyText => f.write_str("VERIFY.txt"),
            Self::Payload(s) => write!(f, "payload/{s:08}.tar.zst"),
            Self::Manifest(s) => write!(f, "manifest/{s:08}.jsonl.zst"),
            Self::Index(s) => write!(f, "index/{s:08}.bin"),
            Self::Sums => f.write_str("SHA256SUMS.zst"),
            Self::Case => f.write_str("case.json"),
            Self::List => f.write_str("SEALED.sha256"),
            Self::Statement => f.write_str("statement.json"),
            Self::Envelope(id) => write!(f, "seal/{id}.dsse.json"),
            Self::Timestamp(name) => write!(f, "timestamps/{name}.tsr"),
            Self::Custody(name) => write!(f, "custody/{name}.dsse.json"),
        }
    }
}

/// Eight digits, below the limit.
fn segment_number(digits: &str) -> Option<u64> {
    let sound = digits.len() == 8 && digits.bytes().all(|b| b.is_ascii_digit());
    digits.parse().ok().filter(|&n: &u64| sound && n < SEGMENT_COUNT_MAX)
}

fn is_short_id(id: &str) -> bool {
    id.len() == 16 && id.bytes().all(|b| matches!(b, b'0'..=b'9' | b'a'..=b'f'))
}

/// SPEC.md MEM-3.
fn is_grown_name(name: &str) -> bool {
    let allowed = |b| matches!(b, b'a'..=b'z' | b'0'..=b'9' | b'-' | b'.');
    (1..=64).contains(&name.len()) && !name.starts_with('.') && name.bytes().all(allowed)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_name_survives_the_round_trip() {
        let grown = ["seal/0123456789abcdef.dsse.json", "timestamps/a.tsr", "custody/0001-offered.dsse.json"];
        let last = ["payload/00999999.tar.zst"];
        let sealed = MemberName::sealed(3).map(|n| n.to_string());
        for name in sealed.chain(grown.into_iter().chain(last).map(str::to_owned)) {
            assert_eq!(MemberName::parse(&name).unwrap().to_string(), name);
        }
    }

    #[test]
    fn the_name_of_an_envelope_carries_sixteen_digits_of_the_key_id() {
        let key_id = KeyId(std::array::from_fn(|i| u8::try_from(i).unwrap()));
        assert_eq!(MemberName::envelope_of(key_id).to_string(), "seal/0001020304050607.dsse.json");
    }

    #[test]
    fn each_sealed_member_may_follow_the_one_before_it_and_no_other() {
        let names: Vec<_> = MemberName::sealed(2).chain([MemberName::Envelope("0".repeat(16))]).collect();
        for (i, name) in names.iter().enumerate() {
            assert!(name.may_follow(i.checked_sub(1).map(|i| &names[i])), "{name}");
            let others = names.iter().enumerate().filter(|(j, _)| j + 1 != i);
            for (j, other) in others {
                // After the envelope more of them may stand, and the last index part may be that of any segment.
                let may = name.may_follow(Some(other));
                assert!(!may || name.is_grown() || (*name == MemberName::Sums && j == 5), "{name} after {other}");
            }
        }
    }

    #[test]
    fn names_that_no_member_has_are_refused() {
        for name in [
            "",
            "Mimetype",
            "mimetype/",
            "payload/0.tar.zst",
            "payload/00000000.tar",
            "payload/01000000.tar.zst",
            "payload/+0000001.tar.zst",
            "seal/0123456789ABCDEF.dsse.json",
            "seal/../../../../x.dsse.json",
            "custody/.a.dsse.json",
            "custody/a/b.dsse.json",
            "custody/.dsse.json",
            "parity/0",
            "../mimetype",
        ] {
            assert_eq!(MemberName::parse(name), None, "{name}");
        }
    }
}
