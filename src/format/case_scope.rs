//! What the sealer was asked to take: the sources of a case (SPEC.md CASE-1, CASE-2). Fields stand in RFC 8785 order.

use serde::{Deserialize, Serialize};

use super::block_device::BlockDevice;
use super::case::{Text, TextError};
use super::json::{JsonError, True, bytes_to_pair, pair_to_bytes};

/// What the sealer was asked to take.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize, Serialize)]
#[serde(deny_unknown_fields, rename_all = "camelCase")]
pub struct Scope {
    /// Patterns of what was left out.
    pub exclude: Vec<Text>,
    /// Name of the sealing system.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub host: Option<Text>,
    /// The operator allowed devices to be sealed while they could be written to.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub mounted_ok: Option<True>,
    /// Whether other file systems mounted below the sources were left out.
    pub one_file_system: bool,
    /// The sources, in the order given.
    pub sources: Vec<ScopeSource>,
}

/// One source: what became one top-level entry.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize, Serialize)]
#[serde(try_from = "ScopeSourceJson", into = "ScopeSourceJson")]
pub struct ScopeSource {
    /// What is known of it, if it is a block device.
    pub device: Option<Box<BlockDevice>>,
    /// Path of the top-level entry.
    pub name: Vec<u8>,
    /// Where it was on the sealing system; `-` for standard input.
    pub path: Vec<u8>,
}

/// A source with its names as text, or as base64 if they are none (SPEC.md JSON-5).
#[derive(Deserialize, Serialize)]
#[serde(deny_unknown_fields)]
struct ScopeSourceJson {
    #[serde(skip_serializing_if = "Option::is_none", default)]
    device: Option<Box<BlockDevice>>,
    #[serde(skip_serializing_if = "Option::is_none", default)]
    name: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none", default)]
    name_b64: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none", default)]
    path: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none", default)]
    path_b64: Option<String>,
}

impl TryFrom<ScopeSourceJson> for ScopeSource {
    type Error = JsonError;

    fn try_from(json: ScopeSourceJson) -> Result<Self, JsonError> {
        let strings = [&json.name, &json.name_b64, &json.path, &json.path_b64];
        if strings.into_iter().flatten().any(String::is_empty) {
            return Err(JsonError::Syntax(TextError.to_string()));
        }
        let missing = |key| JsonError::Syntax(format!("a source without `{key}`"));
        Ok(Self {
            device: json.device,
            name: pair_to_bytes(json.name, json.name_b64)?.ok_or_else(|| missing("name"))?,
            path: pair_to_bytes(json.path, json.path_b64)?.ok_or_else(|| missing("path"))?,
        })
    }
}

impl From<ScopeSource> for ScopeSourceJson {
    fn from(source: ScopeSource) -> Self {
        let (name, name_b64) = bytes_to_pair(&source.name);
        let (path, path_b64) = bytes_to_pair(&source.path);
        Self { device: source.device, name, name_b64, path, path_b64 }
    }
}
