//! The JSON shape of a manifest line, and what turns it into values and back (SPEC.md section 5).

use serde::{Deserialize, Serialize};

use super::digest::{Digest, Salt};
use super::entry::{Attribute, Changed, DeviceNumber, Entry, FurtherDigests, Gap, Hole, Kind, Xattr};
use super::json::{self, True};
use super::line::{Line, LineError};
use super::path::EntryPath;
use super::time::Timestamp;

/// The JSON shape. Fields stand in RFC 8785 order.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct LineJson {
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub also: Option<FurtherDigests>,
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub atime: Option<Timestamp>,
    #[serde(skip_serializing_if = "Vec::is_empty", default)]
    pub attributes: Vec<Attribute>,
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub btime: Option<Timestamp>,
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub changed_while_reading: Option<Changed>,
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub chunks_root: Option<Digest>,
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub ctime: Option<Timestamp>,
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub dev: Option<DeviceNumber>,
    #[serde(skip_serializing_if = "Vec::is_empty", default)]
    pub gaps: Vec<Gap>,
    pub gid: u32,
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub group: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub group_b64: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub hard_link: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub hard_link_b64: Option<String>,
    #[serde(skip_serializing_if = "Vec::is_empty", default)]
    pub holes: Vec<Hole>,
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub ino: Option<String>,
    pub kind: Kind,
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub link: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub link_b64: Option<String>,
    pub mode: String,
    pub mtime: Timestamp,
    pub n: u64,
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub nlink: Option<u64>,
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub path: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub path_b64: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub rdev: Option<DeviceNumber>,
    pub salt: Salt,
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub sha256: Option<Digest>,
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub size: Option<u64>,
    pub uid: u32,
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub unreadable: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub user: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub user_b64: Option<String>,
    #[serde(skip_serializing_if = "Vec::is_empty", default)]
    pub xattrs: Vec<XattrJson>,
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub xattrs_error: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub xattrs_not_in_tar: Option<True>,
}

#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct XattrJson {
    #[serde(skip_serializing_if = "Option::is_none", default)]
    error: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none", default)]
    name: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none", default)]
    name_b64: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none", default)]
    value_b64: Option<String>,
}

fn optional_pair(bytes: Option<&[u8]>) -> (Option<String>, Option<String>) {
    bytes.map_or((None, None), json::bytes_to_pair)
}

impl From<&Line> for LineJson {
    fn from(line: &Line) -> Self {
        let entry = line.entry.clone();
        let (group, group_b64) = optional_pair(entry.group.as_deref());
        let (user, user_b64) = optional_pair(entry.user.as_deref());
        let (hard_link, hard_link_b64) = optional_pair(entry.hard_link.as_ref().map(EntryPath::as_bytes));
        let (link, link_b64) = optional_pair(entry.link.as_deref());
        let (path, path_b64) = json::bytes_to_pair(entry.path.as_bytes());
        Self {
            also: entry.also,
            atime: entry.atime,
            attributes: entry.attributes,
            btime: entry.btime,
            changed_while_reading: entry.changed_while_reading,
            chunks_root: line.chunks_root,
            ctime: entry.ctime,
            dev: entry.dev,
            gaps: entry.gaps,
            gid: entry.gid,
            group,
            group_b64,
            hard_link,
            hard_link_b64,
            holes: entry.holes,
            ino: entry.ino.map(|ino| ino.to_string()),
            kind: entry.kind,
            link,
            link_b64,
            mode: format!("{:04o}", entry.mode),
            mtime: entry.mtime,
            n: line.n,
            nlink: entry.nlink,
            path,
            path_b64,
            rdev: entry.rdev,
            salt: line.salt,
            sha256: line.sha256,
            size: entry.size,
            uid: entry.uid,
            unreadable: entry.unreadable,
            user,
            user_b64,
            xattrs: entry.xattrs.into_iter().map(XattrJson::from).collect(),
            xattrs_error: entry.xattrs_error,
            xattrs_not_in_tar: line.xattrs_not_in_tar.then_some(True),
        }
    }
}

impl TryFrom<LineJson> for Line {
    type Error = LineError;

    fn try_from(json: LineJson) -> Result<Self, LineError> {
        let path = json::pair_to_bytes(json.path, json.path_b64)?.and_then(EntryPath::new);
        let path = path.ok_or(LineError::Value("`path` missing or impossible"))?;
        let hard_link = match json::pair_to_bytes(json.hard_link, json.hard_link_b64)? {
            Some(bytes) => Some(EntryPath::new(bytes).ok_or(LineError::Value("`hard_link` impossible"))?),
            None => None,
        };
        Ok(Self {
            n: json.n,
            salt: json.salt,
            sha256: json.sha256,
            chunks_root: json.chunks_root,
            xattrs_not_in_tar: json.xattrs_not_in_tar.is_some(),
            entry: Entry {
                path,
                hard_link,
                kind: json.kind,
                mode: parse_mode(&json.mode).ok_or(LineError::Value("`mode` is not four octal digits"))?,
                uid: json.uid,
                gid: json.gid,
                user: json::pair_to_bytes(json.user, json.user_b64)?,
                group: json::pair_to_bytes(json.group, json.group_b64)?,
                mtime: json.mtime,
                atime: json.atime,
                ctime: json.ctime,
                btime: json.btime,
                dev: json.dev,
                ino: match json.ino {
                    Some(text) => Some(parse_decimal(&text).ok_or(LineError::Value("`ino` is not a number"))?),
                    None => None,
                },
                nlink: json.nlink,
                rdev: json.rdev,
                attributes: json.attributes,
                xattrs: json.xattrs.into_iter().map(Xattr::try_from).collect::<Result<_, _>>()?,
                xattrs_error: json.xattrs_error,
                link: json::pair_to_bytes(json.link, json.link_b64)?,
                size: json.size,
                holes: json.holes,
                gaps: json.gaps,
                changed_while_reading: json.changed_while_reading,
                unreadable: json.unreadable,
                also: json.also,
            },
        })
    }
}

impl From<Xattr> for XattrJson {
    fn from(xattr: Xattr) -> Self {
        let (name, name_b64) = json::bytes_to_pair(&xattr.name);
        let (value_b64, error) = match xattr.value {
            Ok(value) => (Some(data_encoding::BASE64.encode(&value)), None),
            Err(cause) => (None, Some(cause)),
        };
        Self { error, name, name_b64, value_b64 }
    }
}

impl TryFrom<XattrJson> for Xattr {
    type Error = LineError;

    fn try_from(json: XattrJson) -> Result<Self, LineError> {
        let name = json::pair_to_bytes(json.name, json.name_b64)?;
        let value = match (json.value_b64, json.error) {
            (Some(text), None) => Ok(json::bytes_of_base64(&text).ok_or(LineError::Value("an xattr's base64"))?),
            (None, Some(cause)) => Err(cause),
            _ => return Err(LineError::Value("an xattr has a value or an error")),
        };
        Ok(Self { name: name.ok_or(LineError::Value("an xattr without a name"))?, value })
    }
}

/// Four octal digits of 12 bits.
fn parse_mode(text: &str) -> Option<u16> {
    let sound = text.len() == 4 && text.bytes().all(|b| (b'0'..=b'7').contains(&b));
    if sound { u16::from_str_radix(text, 8).ok() } else { None }
}

/// Decimal digits without leading zeros.
fn parse_decimal(text: &str) -> Option<u64> {
    let number: u64 = text.parse().ok()?;
    (number.to_string() == text).then_some(number)
}
