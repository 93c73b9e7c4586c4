//! What is known of one seized thing: the values of a manifest line that a source gives (SPEC.md section 5).

use serde::{Deserialize, Serialize};

use super::path::EntryPath;
use super::time::{Instant, Timestamp};

/// One seized thing: a file, directory, link, device node, or a whole disk.
#[derive(Clone, Debug, PartialEq)]
pub struct Entry {
    /// Where it stands in the bundle.
    pub path: EntryPath,
    /// What it is.
    pub kind: Kind,
    /// The low 12 bits of the mode.
    pub mode: u16,
    /// Owner.
    pub uid: u32,
    /// Group.
    pub gid: u32,
    /// Name of `uid` in the sealing system's user database.
    pub user: Option<Vec<u8>>,
    /// Name of `gid` likewise.
    pub group: Option<Vec<u8>>,
    /// Last modification.
    pub mtime: Timestamp,
    /// Last access, as it was before the entry was opened.
    pub atime: Option<Timestamp>,
    /// Last change of metadata.
    pub ctime: Option<Timestamp>,
    /// Birth.
    pub btime: Option<Timestamp>,
    /// Device that held the entry.
    pub dev: Option<DeviceNumber>,
    /// Inode number.
    pub ino: Option<u64>,
    /// Links to the file, for a non-directory with two or more.
    pub nlink: Option<u64>,
    /// Device that a node stands for.
    pub rdev: Option<DeviceNumber>,
    /// Inode attributes that are set, in the order of [`Attribute`].
    pub attributes: Vec<Attribute>,
    /// Extended attributes, ascending by raw name.
    pub xattrs: Vec<Xattr>,
    /// Why extended attributes could not be listed.
    pub xattrs_error: Option<String>,
    /// Target of a symbolic link.
    pub link: Option<Vec<u8>>,
    /// First entry that is the same file.
    pub hard_link: Option<EntryPath>,
    /// Bytes of content, for files and disks.
    pub size: Option<u64>,
    /// Unallocated ranges, ascending, not touching.
    pub holes: Vec<Hole>,
    /// Ranges that could not be read, ascending, not overlapping.
    pub gaps: Vec<Gap>,
    /// What was different after reading.
    pub changed_while_reading: Option<Changed>,
    /// Why the entry could not be opened.
    pub unreadable: Option<String>,
    /// Further digests of the content, by algorithm.
    pub also: Option<FurtherDigests>,
}

impl Entry {
    /// From which byte on its medium was not there any more, if it went away (SPEC.md MAN-4).
    pub fn gone_at_bytes(&self) -> Option<u64> {
        self.gaps.last().filter(|gap| gap.cause == Gap::GONE).map(|gap| gap.offset)
    }

    /// An entry of this path and kind with nothing else known: mode, ids and times 0.
    pub fn bare(path: EntryPath, kind: Kind) -> Self {
        Self {
            path,
            kind,
            mode: 0,
            uid: 0,
            gid: 0,
            user: None,
            group: None,
            mtime: Timestamp::EPOCH,
            atime: None,
            ctime: None,
            btime: None,
            dev: None,
            ino: None,
            nlink: None,
            rdev: None,
            attributes: Vec::new(),
            xattrs: Vec::new(),
            xattrs_error: None,
            link: None,
            hard_link: None,
            size: None,
            holes: Vec::new(),
            gaps: Vec::new(),
            changed_while_reading: None,
            unreadable: None,
            also: None,
        }
    }

    /// Whether the tar holds a record of it (SPEC.md TAR-1).
    pub fn has_tar_record(&self) -> bool {
        match self.kind {
            Kind::Dir => true,
            Kind::Socket | Kind::Unknown => false,
            Kind::File | Kind::Disk | Kind::Symlink | Kind::Fifo | Kind::Chardev | Kind::Blockdev => {
                self.unreadable.is_none()
            }
        }
    }

    /// Bytes of content that the tar holds for it: 0 unless it is a readable file or disk and no hard link.
    pub fn tar_content_len(&self) -> u64 {
        if self.holds_content() { self.size.unwrap_or(0) } else { 0 }
    }

    /// Whether the tar holds content for it, be it empty.
    pub fn holds_content(&self) -> bool {
        self.kind.has_content() && self.has_tar_record() && self.hard_link.is_none()
    }

    /// Whether its content is known: readable, be it here or at its hard-link target.
    pub fn content_is_known(&self) -> bool {
        self.kind.has_content() && self.unreadable.is_none()
    }
}

/// What an entry is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Kind {
    /// A regular file.
    File,
    /// A directory.
    Dir,
    /// A symbolic link.
    Symlink,
    /// A named pipe.
    Fifo,
    /// A socket: a line, no tar record.
    Socket,
    /// A character device node.
    Chardev,
    /// A block device node.
    Blockdev,
    /// The content of a whole device.
    Disk,
    /// Something that was listed but could not be looked at.
    Unknown,
}

impl Kind {
    /// The word that a line has for it.
    pub fn word(self) -> &'static str {
        match self {
            Self::File => "file",
            Self::Dir => "dir",
            Self::Symlink => "symlink",
            Self::Fifo => "fifo",
            Self::Socket => "socket",
            Self::Chardev => "chardev",
            Self::Blockdev => "blockdev",
            Self::Disk => "disk",
            Self::Unknown => "unknown",
        }
    }

    /// Whether entries of this kind have bytes of content.
    pub fn has_content(self) -> bool {
        matches!(self, Self::File | Self::Disk)
    }

    /// Whether entries of this kind carry a device number.
    pub fn has_rdev(self) -> bool {
        matches!(self, Self::Chardev | Self::Blockdev | Self::Disk)
    }
}

/// Major and minor number of a device.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub struct DeviceNumber(pub u32, pub u32);

/// Inode attributes, in the order in which a line lists them.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
#[expect(missing_docs, reason = "the names are those of statx(2)")]
pub enum Attribute {
    Append,
    Compressed,
    Dax,
    Encrypted,
    Immutable,
    Nodump,
    Verity,
}

/// One extended attribute.
#[derive(Clone, Debug, PartialEq)]
pub struct Xattr {
    /// Raw name, with its namespace.
    pub name: Vec<u8>,
    /// Its value, or why it could not be read.
    pub value: Result<Vec<u8>, String>,
}

/// An unallocated range of a sparse file: offset and length in bytes.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Hole(pub u64, pub u64);

/// A range of the source that could not be read; zeros stand in its place.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Gap {
    /// When it was last tried, by the sealing system's clock; not if the time of the seal was given by hand.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub at: Option<Instant>,
    /// How often it was tried.
    pub attempts: u64,
    /// `short` (the content ended early), `limit` (too many gaps), `gone` (the medium went away), or the name of the error.
    pub cause: String,
    /// Length in bytes.
    pub len: u64,
    /// Offset in the content, in bytes.
    pub offset: u64,
}

impl Gap {
    /// Cause of the gap from which on nothing was read (SPEC.md MAN-7).
    pub const LIMIT: &str = "limit";
    /// Cause of a gap where the content ended before its size (SPEC.md MAN-3).
    pub const SHORT: &str = "short";
    /// Cause of the gap from which on the medium was not there any more (SPEC.md MAN-4).
    pub const GONE: &str = "gone";
}

/// What was different after an entry had been read.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
#[expect(missing_docs, reason = "the same names as in Entry")]
pub struct Changed {
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub ctime: Option<Timestamp>,
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub mtime: Option<Timestamp>,
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub size: Option<u64>,
}

/// Further digests of the content, as lower-case hex; recorded for comparison with other tools' records.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
#[expect(missing_docs, reason = "the names of the algorithms")]
pub struct FurtherDigests {
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub blake3: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub md5: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub sha1: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub sha512: Option<String>,
}
