//! What a custody event says, part by part (SPEC.md section 21). Fields stand in RFC 8785 order.

use std::fmt;

use serde::{Deserialize, Serialize};

use super::case::Text;
use super::digest::{Digest, KeyId};
use super::json::ByteCount;
use super::party::PartyId;
use super::words::words;

/// Who signs, by key, and what is said of the person. Only the key is proven.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
#[expect(missing_docs, reason = "the names say it")]
pub struct Actor {
    pub keyid: KeyId,
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub name: Option<Text>,
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub organisation: Option<Text>,
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub qualification: Option<Text>,
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub role: Option<Text>,
    pub spki: String,
}

/// Whom a bundle is offered to.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "lowercase", deny_unknown_fields)]
pub enum Recipient {
    /// Who has this key.
    Keyid(KeyId),
    /// A party of a trust list.
    Party(PartyId),
}

impl fmt::Display for Recipient {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Keyid(key_id) => write!(f, "key {key_id}"),
            Self::Party(party) => party.fmt(f),
        }
    }
}

words! {
    /// In which form something was authorised.
    Form {
        Written "written" "In writing."
        Other "other" "Otherwise."
    }
}

/// A change that could not be avoided (ISO/IEC 27037).
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
#[expect(missing_docs, reason = "the names say it")]
pub struct Change {
    pub by: Text,
    pub justification: Text,
    pub what: Text,
    pub why: Text,
}

/// What became of it at the end of its life.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
#[expect(missing_docs, reason = "the names say it")]
pub struct Disposal {
    pub authority: Text,
    pub method: Text,
}

/// What a verification found, by whom the event is signed.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields, rename_all = "camelCase")]
pub struct Found {
    /// Ranges of members that do not hold.
    pub damage: Vec<Damage>,
    /// How many there are, also those that are not listed.
    pub damage_count: ByteCount,
    /// Its exit code.
    pub exit: u8,
    /// The seal digest that was found.
    pub seal_digest: Digest,
    /// The verdict, in its words.
    pub verdict: Text,
}

/// A range of a member that does not hold.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
#[expect(missing_docs, reason = "as in the damage map (SPEC.md VER-11)")]
pub struct Damage {
    pub cause: Text,
    pub len: ByteCount,
    pub member: Text,
    pub offset: ByteCount,
}

/// How it was done.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
#[expect(missing_docs, reason = "the names say it")]
pub struct How {
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub courier: Option<Text>,
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub encryption: Option<Text>,
    pub method: Text,
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub tool: Option<Text>,
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub tracking: Option<Text>,
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub transport: Option<Text>,
}

/// Digests of what was worked on.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
#[expect(missing_docs, reason = "the names say it")]
pub struct Integrity {
    pub after: Digest,
    pub before: Digest,
    /// Why they differ, if they do.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub reason: Option<Text>,
}

/// Which part or object it is about, if not the bundle as a whole.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
#[expect(missing_docs, reason = "the names say it")]
pub struct Item {
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub condition: Option<Text>,
    pub description: Text,
    pub exhibit: Text,
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub quantity: Option<Text>,
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub seal: Option<Text>,
}

/// A grown member that was there.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Listed {
    /// Its name.
    pub name: String,
    /// Digest of its bytes.
    pub sha256: Digest,
}

/// Where it happened.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
#[expect(missing_docs, reason = "the names say it")]
pub struct Place {
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub access: Option<Text>,
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub facility: Option<Text>,
    pub place: Text,
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub storage: Option<Text>,
}

/// Why it was done.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
#[expect(missing_docs, reason = "the names say it")]
pub struct Why {
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub authority: Option<Text>,
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub case: Option<Text>,
    pub purpose: Text,
}
