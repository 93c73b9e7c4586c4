//! What is recorded of a block device that was given as a source (SPEC.md DEV-1). Fields stand in RFC 8785 order.

use serde::{Deserialize, Serialize};

use super::case::Text;
use super::json::{ByteCount, JsonError, bytes_to_pair, pair_to_bytes};
use super::partitions::PartitionTable;
use crate::limits::DEVICE_USE_COUNT_MAX;

/// A block device, as the sealing system knew it when sealing began. What was not known is absent.
#[derive(Clone, Debug, Default, PartialEq, Eq, Deserialize, Serialize)]
#[serde(try_from = "BlockDeviceJson", into = "BlockDeviceJson")]
pub struct BlockDevice {
    /// The file behind a loop device.
    pub backing_file: Option<Vec<u8>>,
    /// Least length that it can be asked for, in bytes.
    pub logical_sector_bytes: Option<ByteCount>,
    /// Model, as the device names itself.
    pub model: Option<Text>,
    /// What its partition table says.
    pub partition_table: Option<PartitionTable>,
    /// Length that it stores in one piece, in bytes.
    pub physical_sector_bytes: Option<ByteCount>,
    /// Whether the system refuses to write to it.
    pub read_only: Option<bool>,
    /// Serial number, as the device names itself.
    pub serial: Option<Text>,
    /// Its length.
    pub size_bytes: Option<ByteCount>,
    /// What the system was using it for.
    pub uses: Option<Vec<DeviceUse>>,
    /// Maker, as the device names itself.
    pub vendor: Option<Text>,
    /// World-wide identifier.
    pub wwid: Option<Text>,
}

/// One use of a device by the system: of itself, of a part of it, or of a device that stands on it.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize, Serialize)]
#[serde(try_from = "DeviceUseJson", into = "DeviceUseJson")]
pub struct DeviceUse {
    /// The kernel's name of what is used: `sda`, `sda1`, `dm-0`.
    pub device: Text,
    /// In which way.
    pub how: How,
    /// Whether nothing is written through it.
    pub read_only: bool,
}

/// In which way a device is used.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum How {
    /// A file system on it is mounted here.
    Mount(Vec<u8>),
    /// Swap space.
    Swap,
    /// The system holds it for itself, and does not say for what.
    Unknown,
}

impl BlockDevice {
    /// The first use through which it may be written to.
    pub fn writable_use(&self) -> Option<&DeviceUse> {
        self.uses.iter().flatten().find(|found| !found.read_only)
    }
}

#[derive(Deserialize, Serialize)]
#[serde(deny_unknown_fields, rename_all = "camelCase")]
struct BlockDeviceJson {
    #[serde(skip_serializing_if = "Option::is_none", default)]
    backing_file: Option<String>,
    #[serde(rename = "backingFile_b64", skip_serializing_if = "Option::is_none", default)]
    backing_file_b64: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none", default)]
    logical_sector_bytes: Option<ByteCount>,
    #[serde(skip_serializing_if = "Option::is_none", default)]
    model: Option<Text>,
    #[serde(skip_serializing_if = "Option::is_none", default)]
    partition_table: Option<PartitionTable>,
    #[serde(skip_serializing_if = "Option::is_none", default)]
    physical_sector_bytes: Option<ByteCount>,
    #[serde(skip_serializing_if = "Option::is_none", default)]
    read_only: Option<bool>,
    #[serde(skip_serializing_if = "Option::is_none", default)]
    serial: Option<Text>,
    #[serde(skip_serializing_if = "Option::is_none", default)]
    size_bytes: Option<ByteCount>,
    #[serde(skip_serializing_if = "Option::is_none", default)]
    uses: Option<Vec<DeviceUse>>,
    #[serde(skip_serializing_if = "Option::is_none", default)]
    vendor: Option<Text>,
    #[serde(skip_serializing_if = "Option::is_none", default)]
    wwid: Option<Text>,
}

fn wrong(why: &str) -> JsonError {
    JsonError::Syntax(why.to_owned())
}

/// A pair of keys for bytes that are never empty.
fn bytes_of(text: Option<String>, base64: Option<String>) -> Result<Option<Vec<u8>>, JsonError> {
    let bytes = pair_to_bytes(text, base64)?;
    if bytes.as_ref().is_some_and(Vec::is_empty) { Err(wrong("an empty path")) } else { Ok(bytes) }
}

impl TryFrom<BlockDeviceJson> for BlockDevice {
    type Error = JsonError;

    fn try_from(json: BlockDeviceJson) -> Result<Self, JsonError> {
        if json.uses.as_ref().is_some_and(|uses| uses.len() > DEVICE_USE_COUNT_MAX) {
            return Err(wrong("too many uses of a device"));
        }
        if let Some(table) = &json.partition_table {
            table.check().map_err(wrong)?;
        }
        Ok(Self {
            backing_file: bytes_of(json.backing_file, json.backing_file_b64)?,
            logical_sector_bytes: json.logical_sector_bytes,
            model: json.model,
            partition_table: json.partition_table,
            physical_sector_bytes: json.physical_sector_bytes,
            read_only: json.read_only,
            serial: json.serial,
            size_bytes: json.size_bytes,
            uses: json.uses,
            vendor: json.vendor,
            wwid: json.wwid,
        })
    }
}

impl From<BlockDevice> for BlockDeviceJson {
    fn from(device: BlockDevice) -> Self {
        let (backing_file, backing_file_b64) = optional_pair(device.backing_file.as_deref());
        Self {
            backing_file,
            backing_file_b64,
            logical_sector_bytes: device.logical_sector_bytes,
            model: device.model,
            partition_table: device.partition_table,
            physical_sector_bytes: device.physical_sector_bytes,
            read_only: device.read_only,
            serial: device.serial,
            size_bytes: device.size_bytes,
            uses: device.uses,
            vendor: device.vendor,
            wwid: device.wwid,
        }
    }
}

fn optional_pair(bytes: Option<&[u8]>) -> (Option<String>, Option<String>) {
    bytes.map_or((None, None), bytes_to_pair)
}

#[derive(Deserialize, Serialize)]
#[serde(rename_all = "lowercase")]
enum HowJson {
    Mount,
    Swap,
    Unknown,
}

#[derive(Deserialize, Serialize)]
#[serde(deny_unknown_fields, rename_all = "camelCase")]
struct DeviceUseJson {
    device: Text,
    how: HowJson,
    #[serde(skip_serializing_if = "Option::is_none", default)]
    path: Option<String>,
    #[serde(rename = "path_b64", skip_serializing_if = "Option::is_none", default)]
    path_b64: Option<String>,
    read_only: bool,
}

impl TryFrom<DeviceUseJson> for DeviceUse {
    type Error = JsonError;

    fn try_from(json: DeviceUseJson) -> Result<Self, JsonError> {
        let how = match (json.how, bytes_of(json.path, json.path_b64)?) {
            (HowJson::Mount, Some(path)) => How::Mount(path),
            (HowJson::Swap, None) => How::Swap,
            (HowJson::Unknown, None) => How::Unknown,
            _ => return Err(wrong("a mount has `path`, and nothing else has")),
        };
        Ok(Self { device: json.device, how, read_only: json.read_only })
    }
}

impl From<DeviceUse> for DeviceUseJson {
    fn from(found: DeviceUse) -> Self {
        let (how, path) = match &found.how {
            How::Mount(path) => (HowJson::Mount, Some(path.as_slice())),
            How::Swap => (HowJson::Swap, None),
            How::Unknown => (HowJson::Unknown, None),
        };
        let (path, path_b64) = optional_pair(path);
        Self { device: found.device, how, path, path_b64, read_only: found.read_only }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::format::json::{from_canonical, to_canonical};

    /// Every key there is.
    const FULL: &str = concat!(
        r#"{"backingFile":"/i","logicalSectorBytes":512,"model":"m","partitionTable":{"#,
        r#""id":"11111111-2222-3333-4444-555555555555","kind":"gpt","partitions":["#,
        r#"{"lengthBytes":512,"name":"n","number":1,"startBytes":0,"type":"0fc63daf-8483-4772-8e79-3d69d8477de4"}],"#,
        r#""problem":"p"},"physicalSectorBytes":4096,"readOnly":true,"serial":"s","sizeBytes":9007199254740991,"#,
        r#""uses":[{"device":"sda1","how":"mount","path":"/mnt","readOnly":true},"#,
        r#"{"device":"sda2","how":"swap","readOnly":false},{"device":"sda3","how":"mount","path_b64":"L/8=","readOnly":true},"#,
        r#"{"device":"sda","how":"unknown","readOnly":false}],"vendor":"v","wwid":"w"}"#,
    );

    fn parse(text: &str) -> Result<BlockDevice, JsonError> {
        from_canonical(text.as_bytes())
    }

    #[test]
    fn every_key_is_read_and_written_to_the_same_bytes() {
        let device = parse(FULL).unwrap();
        assert_eq!(String::from_utf8(to_canonical(&device)).unwrap(), FULL);
        assert_eq!(device.writable_use().map(|found| &found.how), Some(&How::Swap));
        assert_eq!(parse("{}").unwrap(), BlockDevice::default());
        let raw = r#"{"backingFile_b64":"L/8="}"#;
        assert_eq!(parse(raw).unwrap().backing_file.as_deref(), Some(&b"/\xff"[..]));
    }

    #[test]
    fn other_values_are_refused() {
        for (from, to) in [
            ("9007199254740991", "9007199254740992"),
            ("9007199254740991", "-1"),
            ("9007199254740991", "1.5"),
            (r#""kind":"gpt""#, r#""kind":"mbr""#),
            (r#""kind":"gpt""#, r#""kind":"none""#),
            (r#""kind":"gpt""#, r#""kind":"apm""#),
            (r#""id":"1111"#, r#""id":"111"#),
            (r#""number":1"#, r#""number":0"#),
            (r#""type":"0fc6"#, r#""type":"0FC6"#),
            (r#","path":"/mnt""#, ""),
            (r#"/mnt"#, ""),
            (r#""how":"mount","path":"/mnt""#, r#""how":"swap","path":"/mnt""#),
            (r#""readOnly":true,"serial""#, r#""readOnly":"yes","serial""#),
            (r#""model":"m""#, r#""model":"""#),
            (r#""vendor""#, r#""temperature":1,"vendor""#),
            (r#","readOnly":false},{"device":"sda3""#, r#"},{"device":"sda3""#),
        ] {
            let changed = FULL.replacen(from, to, 1);
            assert!(changed != FULL && parse(&changed).is_err(), "{from} -> {to}");
        }
        let uses = |count: usize| {
            let one = r#"{"device":"a","how":"swap","readOnly":true}"#;
            format!(r#"{{"uses":[{}]}}"#, vec![one; count].join(","))
        };
        assert!(parse(&uses(DEVICE_USE_COUNT_MAX)).is_ok() && parse(&uses(DEVICE_USE_COUNT_MAX + 1)).is_err());
    }
}
