//! Partition tables of devices: what a table says, for the record in `case.json` (SPEC.md DEV-2). Bytes to values: the
//! caller reads. A table is other people's bytes, so every step is bounded, and what is wrong is said, never fatal.

mod gpt;
mod mbr;

use std::fmt;

use serde::{Deserialize, Deserializer, Serialize, Serializer};

use super::case::Text;
use super::json::{self, ByteCount};
use crate::limits::PARTITION_COUNT_MAX;

/// What a device's partition table says. Fields stand in RFC 8785 order.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize, Serialize)]
#[serde(deny_unknown_fields)]
pub struct PartitionTable {
    /// GUID of a GPT, or the eight hex digits of the disk signature of an MBR.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub id: Option<Text>,
    /// Which kind of table.
    pub kind: TableKind,
    /// Its partitions, ascending by number.
    pub partitions: Vec<Partition>,
    /// What is wrong with it.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub problem: Option<Text>,
}

/// Which kind of table.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize, Serialize)]
#[serde(rename_all = "lowercase")]
pub enum TableKind {
    /// GUID Partition Table (UEFI section 5.3).
    Gpt,
    /// Master boot record, with logical partitions in a chain.
    Mbr,
    /// Neither was found.
    None,
}

/// One partition, as the table says: it may reach past the device.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize, Serialize)]
#[serde(deny_unknown_fields, rename_all = "camelCase")]
pub struct Partition {
    /// Bytes in it.
    pub length_bytes: ByteCount,
    /// Name in a GPT, unless empty or not UTF-16.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub name: Option<Text>,
    /// Number, from 1, as Linux counts: logical partitions of an MBR from 5.
    pub number: u32,
    /// Where it begins, in bytes.
    pub start_bytes: ByteCount,
    /// What it is said to hold.
    #[serde(rename = "type")]
    pub partition_type: PartitionType,
}

/// Type of a partition.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum PartitionType {
    /// The byte in an MBR, as two hex digits.
    Mbr(u8),
    /// The type GUID in a GPT, as stored.
    Gpt([u8; 16]),
}

/// What must be known of a device before its table can be read.
#[derive(Clone, Copy, Debug)]
pub struct Geometry {
    /// Bytes of the device.
    pub size_bytes: u64,
    /// Its logical sector, in bytes.
    pub sector_bytes: u64,
}

/// Reads exactly so many bytes at an offset of the device; none if that is not possible.
pub type ReadAt<'a> = dyn FnMut(u64, usize) -> Option<Vec<u8>> + 'a;

impl PartitionTable {
    /// Reads the table of a device: a GPT if a protective MBR or a lone sound header says so, else an MBR.
    pub fn read(geometry: Geometry, read: &mut ReadAt<'_>) -> Self {
        let boot = mbr::BootSector::read(read);
        let gpt = gpt::read(geometry, read);
        match (boot, gpt) {
            (Some(boot), gpt) if boot.is_protective() => {
                let mut found = gpt.unwrap_or_else(|| {
                    let mut none = Found::new(TableKind::Gpt);
                    none.problem("the protective MBR stands for a GPT of which no sound header was found");
                    none
                });
                if boot.is_hybrid() {
                    found.problem("the protective MBR lists further partitions");
                }
                found.finish(geometry)
            }
            (Some(boot), gpt) => {
                let mut found = mbr::read(&boot, geometry, read);
                if gpt.is_some() {
                    found.problem("a GPT stands beside it without a protective MBR");
                }
                found.finish(geometry)
            }
            (None, Some(mut found)) => {
                found.problem("no protective MBR");
                found.finish(geometry)
            }
            (None, None) => Found::new(TableKind::None).finish(geometry),
        }
    }

    /// Whether a reader accepts it: number of partitions, their order, and values that fit the kind.
    pub(super) fn check(&self) -> Result<(), &'static str> {
        let refuse = |wrong: bool, why| if wrong { Err(why) } else { Ok(()) };
        refuse(self.partitions.len() > PARTITION_COUNT_MAX, "too many partitions")?;
        let mut before = 0;
        for partition in &self.partitions {
            refuse(partition.number <= before, "partitions out of order")?;
            before = partition.number;
            let fits = match partition.partition_type {
                PartitionType::Mbr(_) => self.kind == TableKind::Mbr && partition.name.is_none(),
                PartitionType::Gpt(_) => self.kind == TableKind::Gpt,
            };
            refuse(!fits, "a partition that does not fit the kind of table")?;
        }
        let id_fits = |id: &Text| match self.kind {
            TableKind::Gpt => Guid::parse(id.as_str()).is_some(),
            TableKind::Mbr => id.as_str().len() == 8 && data_encoding::HEXLOWER.decode(id.as_str().as_bytes()).is_ok(),
            TableKind::None => false,
        };
        refuse(!self.id.as_ref().is_none_or(id_fits), "an id that does not fit the kind of table")
    }
}

/// A table in the making.
struct Found {
    kind: TableKind,
    id: Option<String>,
    partitions: Vec<Partition>,
    problems: Vec<String>,
}

/// Most problems that are told of one table.
const PROBLEM_COUNT_MAX: usize = 8;

impl Found {
    fn new(kind: TableKind) -> Self {
        Self { kind, id: None, partitions: Vec::new(), problems: Vec::new() }
    }

    fn problem(&mut self, text: impl Into<String>) {
        let text = text.into();
        if self.problems.len() < PROBLEM_COUNT_MAX && !self.problems.contains(&text) {
            self.problems.push(text);
        }
    }

    /// Adds a partition by its sectors. False if there is no room for more.
    fn add(&mut self, number: u32, kind: PartitionType, sectors: Sectors, name: Option<Text>) -> bool {
        if self.partitions.len() >= PARTITION_COUNT_MAX {
            self.problem(format!("more than {PARTITION_COUNT_MAX} partitions"));
            return false;
        }
        match (sectors.start_bytes(), sectors.length_bytes()) {
            (Some(start_bytes), Some(length_bytes)) => {
                self.partitions.push(Partition { length_bytes, name, number, start_bytes, partition_type: kind });
            }
            _ => self.problem(format!("partition {number} lies past any device")),
        }
        true
    }

    fn finish(mut self, geometry: Geometry) -> PartitionTable {
        self.partitions.sort_by_key(|partition| partition.number);
        let end = |partition: &Partition| partition.start_bytes.get().checked_add(partition.length_bytes.get());
        let past: Vec<u32> = (self.partitions.iter())
            .filter(|partition| end(partition).is_none_or(|end| end > geometry.size_bytes))
            .map(|partition| partition.number)
            .collect();
        past.iter().for_each(|number| self.problem(format!("partition {number} ends past the device")));
        PartitionTable {
            id: self.id.and_then(|id| Text::new(id).ok()),
            kind: self.kind,
            partitions: self.partitions,
            problem: Text::new(self.problems.join("; ")).ok(),
        }
    }
}

/// A run of sectors.
#[derive(Clone, Copy)]
struct Sectors {
    start: u64,
    count: u64,
    sector_bytes: u64,
}

impl Sectors {
    fn start_bytes(self) -> Option<ByteCount> {
        self.start.checked_mul(self.sector_bytes).and_then(ByteCount::new)
    }

    fn length_bytes(self) -> Option<ByteCount> {
        self.count.checked_mul(self.sector_bytes).and_then(ByteCount::new)
    }
}

fn array<const N: usize>(bytes: &[u8], at: usize) -> Option<[u8; N]> {
    bytes.get(at..)?.first_chunk().copied()
}

fn u32_at(bytes: &[u8], at: usize) -> Option<u32> {
    array(bytes, at).map(u32::from_le_bytes)
}

fn u64_at(bytes: &[u8], at: usize) -> Option<u64> {
    array(bytes, at).map(u64::from_le_bytes)
}

/// A GUID as text: its first three fields are little-endian on disk.
struct Guid([u8; 16]);

impl fmt::Display for Guid {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for at in [3, 2, 1, 0, 16, 5, 4, 16, 7, 6, 16, 8, 9, 16, 10, 11, 12, 13, 14, 15] {
            match self.0.get(at) {
                Some(byte) => write!(f, "{byte:02x}")?,
                None => f.write_str("-")?,
            }
        }
        Ok(())
    }
}

impl Guid {
    fn parse(text: &str) -> Option<Self> {
        let hex: String = text.split('-').collect();
        let bytes: [u8; 16] = data_encoding::HEXLOWER.decode(hex.as_bytes()).ok()?.try_into().ok()?;
        let [a, b, c, d, e, f, g, h, rest @ ..] = bytes;
        let mut stored = [d, c, b, a, f, e, h, g, 0, 0, 0, 0, 0, 0, 0, 0];
        stored[8..].copy_from_slice(&rest);
        let guid = Self(stored);
        (guid.to_string() == text).then_some(guid)
    }
}

impl fmt::Display for PartitionType {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Mbr(byte) => write!(f, "{byte:02x}"),
            Self::Gpt(guid) => Guid(*guid).fmt(f),
        }
    }
}

impl Serialize for PartitionType {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_str(self)
    }
}

impl<'de> Deserialize<'de> for PartitionType {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        json::from_text(deserializer, "two hex digits or a GUID, in lower case", |text| {
            let byte =
                || data_encoding::HEXLOWER.decode(text.as_bytes()).ok()?.try_into().ok().map(|[byte]: [u8; 1]| byte);
            byte().map(Self::Mbr).or_else(|| Guid::parse(text).map(|guid| Self::Gpt(guid.0)))
        })
    }
}

#[cfg(test)]
mod tests;
