//! Manifest lines: one JSON object for each entry (SPEC.md section 5).

use super::digest::{Digest, Salt};
use super::entry::{Changed, DeviceNumber, Entry, FurtherDigests, Gap, Hole, Kind};
use super::json::{self, JsonError};
use super::line_json::LineJson;
use crate::limits::{
    JSON_INTEGER_MAX, LINE_LEN_MAX, PATH_LEN_MAX, RANGE_COUNT_MAX, XATTR_COUNT_MAX, XATTR_VALUES_LEN_MAX,
};

/// First device number that the seven octal digits of a tar header do not hold.
const NODE_NUMBER_END: u32 = 1 << 21;

/// One line of the manifest: an entry with its number, salt and digests.
#[derive(Clone, Debug, PartialEq)]
pub struct Line {
    /// Number of the entry, from 0.
    pub n: u64,
    /// What the source gave.
    pub entry: Entry,
    /// Makes the leaf of an undisclosed line unguessable.
    pub salt: Salt,
    /// Plain SHA-256 of the content.
    pub sha256: Option<Digest>,
    /// Root over the chunks of content longer than one chunk.
    pub chunks_root: Option<Digest>,
    /// The tar leaves out the extended attributes, being too long (SPEC.md TAR-6).
    pub xattrs_not_in_tar: bool,
}

/// Why bytes are not a manifest line.
#[derive(Debug, thiserror::Error)]
pub enum LineError {
    /// Longer than a reader need hold.
    #[error("longer than {LINE_LEN_MAX} bytes")]
    TooLong,
    /// Not the JSON that it should be.
    #[error("not a manifest line")]
    Json(#[from] JsonError),
    /// JSON of the right shape, but with a value that cannot be (SPEC.md MAN-5 to MAN-7).
    #[error("{0}")]
    Value(&'static str),
}

impl Line {
    /// The line without its LF.
    pub fn to_bytes(&self) -> Vec<u8> {
        json::to_canonical(&LineJson::from(self))
    }

    /// Parses a line without its LF and checks what can be checked of it alone.
    pub fn parse(bytes: &[u8]) -> Result<Self, LineError> {
        if bytes.len() > LINE_LEN_MAX {
            return Err(LineError::TooLong);
        }
        let line: Self = json::from_canonical_of::<LineJson>(bytes, VALUE_COUNT_MAX)?.try_into()?;
        line.check().map_err(LineError::Value)?;
        Ok(line)
    }

    /// What a hard link must repeat of its target (SPEC.md MAN-5), as bytes to compare.
    pub fn repeated_by_links(&self) -> Vec<u8> {
        let LineJson { kind, size, sha256, chunks_root, holes, gaps, link, link_b64, rdev, unreadable, .. } =
            LineJson::from(self);
        json::to_canonical(&(kind, size, sha256, chunks_root, holes, gaps, link, link_b64, rdev, unreadable))
    }

    /// SPEC.md MAN-2 (as far as parameters are not needed), MAN-6, MAN-7.
    fn check(&self) -> Result<(), &'static str> {
        self.check_content_keys()?;
        self.check_links_and_devices()?;
        let entry = &self.entry;
        refuse(entry.kind == Kind::Unknown && entry.unreadable.is_none(), "kind `unknown` without `unreadable`")?;
        refuse(entry.path.is_root() && (self.n != 0 || entry.kind != Kind::Dir), "path `.` of what is not the root")?;
        refuse(!entry.attributes.is_sorted_by(|a, b| a < b), "`attributes` not in order")?;
        refuse(!entry.xattrs.is_sorted_by(|a, b| a.name < b.name), "`xattrs` not in order")?;
        refuse(entry.xattrs.iter().any(|x| x.name.is_empty() || x.name.contains(&0)), "an impossible xattr name")?;
        refuse(entry.xattrs.len() > XATTR_COUNT_MAX, "too many xattrs")?;
        let values_len: usize = entry.xattrs.iter().filter_map(|x| x.value.as_ref().ok()).map(Vec::len).sum();
        refuse(values_len > XATTR_VALUES_LEN_MAX, "more bytes of xattrs than a reader need hold")?;
        let values = entry.xattrs.iter().any(|x| x.value.is_ok());
        let may_leave_out = values && entry.has_tar_record() && entry.hard_link.is_none();
        refuse(self.xattrs_not_in_tar && !may_leave_out, "`xattrs_not_in_tar` of what has none in the tar")?;
        self.check_ranges()
    }

    /// Keys that say something of content.
    fn check_content_keys(&self) -> Result<(), &'static str> {
        let entry = &self.entry;
        let has_content = entry.kind.has_content();
        refuse(entry.size.is_some() && !has_content, "`size` of what is neither file nor disk")?;
        refuse(entry.size.is_none() && entry.content_is_known(), "a file or disk without `size`")?;
        refuse(entry.size.is_some_and(|s| s > JSON_INTEGER_MAX), "`size` of 2^53 or more")?;
        let content_keys = self.sha256.is_some()
            || self.chunks_root.is_some()
            || !entry.holes.is_empty()
            || !entry.gaps.is_empty()
            || entry.also.is_some()
            || entry.changed_while_reading.is_some();
        refuse(content_keys && !has_content, "a key that only files and disks have")?;
        refuse(content_keys && entry.unreadable.is_some(), "a digest, hole or gap of what was not opened")?;
        let later_size = entry.changed_while_reading.as_ref().and_then(|changed| changed.size);
        refuse(later_size.is_some_and(|size| size > JSON_INTEGER_MAX), "a later `size` of 2^53 or more")?;
        let nothing_changed = entry.changed_while_reading.as_ref().is_some_and(|c| *c == Changed::default());
        refuse(nothing_changed, "an empty `changed_while_reading`")?;
        refuse(entry.also.as_ref().is_some_and(|a| !sound_further_digests(a)), "a malformed digest in `also`")
    }

    /// Keys that say what an entry points to or stands for.
    fn check_links_and_devices(&self) -> Result<(), &'static str> {
        let entry = &self.entry;
        refuse(entry.link.is_some() && entry.kind != Kind::Symlink, "`link` of what is not a symbolic link")?;
        let link_missing = entry.kind == Kind::Symlink && entry.link.is_none() && entry.unreadable.is_none();
        refuse(link_missing, "a symbolic link without `link`")?;
        let impossible = |link: &Vec<u8>| link.is_empty() || link.len() > PATH_LEN_MAX || link.contains(&0);
        refuse(entry.link.as_ref().is_some_and(impossible), "`link` empty, too long, or with a zero byte")?;
        refuse(entry.rdev.is_some() && !entry.kind.has_rdev(), "`rdev` of what is not a device")?;
        let rdev_missing = entry.kind.has_rdev() && entry.rdev.is_none() && entry.has_tar_record();
        refuse(rdev_missing, "a device without `rdev`")?;
        let node_too_large = entry.rdev.is_some_and(|DeviceNumber(major, minor)| major.max(minor) >= NODE_NUMBER_END);
        refuse(node_too_large && entry.kind != Kind::Disk, "an `rdev` that tar cannot hold")?;
        let nlink_wrong = |n| !(2..=JSON_INTEGER_MAX).contains(&n) || entry.kind == Kind::Dir;
        refuse(entry.nlink.is_some_and(nlink_wrong), "`nlink` below 2, or of a directory")?;
        refuse(entry.hard_link.is_some() && entry.nlink.is_none(), "`hard_link` without `nlink`")?;
        refuse(entry.hard_link.as_ref() == Some(&entry.path), "a hard link to itself")
    }

    /// Holes and gaps: ascending, within the content, not overlapping; holes not even touching.
    fn check_ranges(&self) -> Result<(), &'static str> {
        let size = self.entry.size.unwrap_or(0);
        if self.entry.holes.len() > RANGE_COUNT_MAX || self.entry.gaps.len() > RANGE_COUNT_MAX {
            return Err("too many holes or gaps");
        }
        let mut free_from = 0;
        for &Hole(offset, len) in &self.entry.holes {
            let end = offset.checked_add(len).filter(|&end| len > 0 && end <= size && offset >= free_from);
            // Touching holes are one hole.
            free_from = end.ok_or("`holes` out of order or range")? + 1;
        }
        free_from = 0;
        for gap in &self.entry.gaps {
            let end = gap.offset.checked_add(gap.len);
            let end = end.filter(|&end| gap.len > 0 && end <= size && gap.offset >= free_from);
            refuse(gap.attempts > JSON_INTEGER_MAX, "`attempts` of 2^53 or more")?;
            free_from = end.ok_or("`gaps` out of order or range")?;
        }
        let ends_in_limit = |gap: &Gap| gap.cause == Gap::LIMIT && free_from == size;
        let is_full = self.entry.gaps.len() == RANGE_COUNT_MAX;
        refuse(is_full && !self.entry.gaps.last().is_some_and(ends_in_limit), "a last gap that is not that of MAN-7")
    }
}

/// Most objects and arrays in a line: gaps, holes and extended attributes at their limits, and the few others.
const VALUE_COUNT_MAX: usize = 2 * RANGE_COUNT_MAX + XATTR_COUNT_MAX + 64;

/// An error if something is wrong.
fn refuse(wrong: bool, why: &'static str) -> Result<(), &'static str> {
    if wrong { Err(why) } else { Ok(()) }
}

fn sound_further_digests(also: &FurtherDigests) -> bool {
    let sound = |digest: &Option<String>, len: usize| {
        digest.as_ref().is_none_or(|d| d.len() == len && d.bytes().all(|b| matches!(b, b'0'..=b'9' | b'a'..=b'f')))
    };
    *also != FurtherDigests::default()
        && sound(&also.blake3, 64)
        && sound(&also.md5, 32)
        && sound(&also.sha1, 40)
        && sound(&also.sha512, 128)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::format::entry::{Attribute, Xattr};
    use crate::format::path::EntryPath;
    use crate::format::time::Timestamp;

    fn file(path: &[u8]) -> Line {
        let mut entry = Entry::bare(EntryPath::new(path.to_vec()).unwrap(), Kind::File);
        entry.size = Some(5);
        let (salt, digest) = (Salt([1; 16]), Digest([2; 32]));
        Line { n: 7, entry, salt, sha256: Some(digest), chunks_root: None, xattrs_not_in_tar: false }
    }

    fn full() -> Line {
        let mut line = file(b"a/b\xff\n");
        let entry = &mut line.entry;
        entry.user = Some(b"root".to_vec());
        entry.group = Some(b"\xfe".to_vec());
        entry.ino = Some(u64::MAX);
        entry.dev = Some(DeviceNumber(8, 1));
        entry.nlink = Some(2);
        entry.btime = Timestamp::new(-5, 1);
        entry.attributes = vec![Attribute::Append, Attribute::Immutable];
        entry.holes = vec![Hole(0, 2), Hole(3, 2)];
        entry.gaps = vec![Gap { at: None, attempts: 3, cause: "EIO".into(), len: 1, offset: 4 }];
        entry.changed_while_reading = Some(Changed { size: Some(9), ..Changed::default() });
        let value = |name: &[u8], value| Xattr { name: name.to_vec(), value };
        entry.xattrs = vec![value(b"trusted.x", Err("EPERM".into())), value(b"user.\xff=%", Ok(vec![0, 255]))];
        line
    }

    #[test]
    fn a_line_survives_the_round_trip_with_every_byte() {
        let line = full();
        let bytes = line.to_bytes();
        assert_eq!(Line::parse(&bytes).unwrap(), line);
    }

    #[test]
    fn keys_stand_in_rfc_8785_order() {
        let bytes = full().to_bytes();
        let value: serde_json::Value = serde_json::from_slice(&bytes).unwrap();
        assert_eq!(serde_json::to_vec(&value).unwrap(), bytes);
    }

    #[test]
    fn base64_in_another_form_than_its_one_is_refused() {
        let text = String::from_utf8(full().to_bytes()).unwrap();
        for (from, to) in
            [(r#""AP8=""#, r#""AA==/w==""#), (r#""YS9i/wo=""#, r#""YQ==L2L/Cg==""#), (r#""AP8=""#, r#""AP9=""#)]
        {
            let changed = text.replacen(from, to, 1);
            assert!(changed != text && Line::parse(changed.as_bytes()).is_err(), "{changed}");
        }
    }

    #[test]
    fn values_that_cannot_be_are_refused() {
        let broken: [fn(&mut Line); 15] = [
            |l| l.entry.gaps[0].attempts = 1 << 53,
            |l| l.entry.changed_while_reading = Some(Changed { size: Some(1 << 53), ..Changed::default() }),
            |l| {
                l.entry.size = Some(RANGE_COUNT_MAX as u64 + 1);
                l.entry.holes.clear();
                let gap = |offset| Gap { at: None, attempts: 1, cause: "EIO".into(), len: 1, offset };
                l.entry.gaps = (0..=RANGE_COUNT_MAX as u64).map(gap).collect();
            },
            |l| l.entry.size = None,
            |l| l.entry.kind = Kind::Dir,
            |l| l.entry.link = Some(b"x".to_vec()),
            |l| l.entry.holes = vec![Hole(0, 2), Hole(2, 1)],
            |l| l.entry.holes = vec![Hole(4, 2)],
            |l| l.entry.gaps[0].len = 0,
            |l| l.entry.gaps[0].offset = u64::MAX,
            |l| l.entry.nlink = Some(1),
            |l| l.entry.unreadable = Some("EACCES".into()),
            |l| l.entry.attributes = vec![Attribute::Immutable, Attribute::Append],
            |l| l.entry.xattrs.swap(0, 1),
            |l| l.entry.changed_while_reading = Some(Changed::default()),
        ];
        for (i, damage) in broken.iter().enumerate() {
            let mut line = full();
            damage(&mut line);
            assert!(Line::parse(&line.to_bytes()).is_err(), "case {i}");
        }
    }

    #[test]
    fn the_last_gap_that_may_be_listed_reaches_to_the_end() {
        let mut line = full();
        line.entry.holes.clear();
        let gap = |offset| Gap { at: None, attempts: 1, cause: "EIO".into(), len: 1, offset };
        line.entry.gaps = (0..RANGE_COUNT_MAX as u64 - 1).map(gap).collect();
        line.entry.size = Some(RANGE_COUNT_MAX as u64 + 7);
        assert!(Line::parse(&line.to_bytes()).is_ok());
        let offset = RANGE_COUNT_MAX as u64 - 1;
        line.entry.gaps.push(Gap { at: None, attempts: 1, cause: Gap::LIMIT.into(), len: 8, offset });
        assert!(Line::parse(&line.to_bytes()).is_ok());
        line.entry.gaps[RANGE_COUNT_MAX - 1].cause = "EIO".into();
        assert!(Line::parse(&line.to_bytes()).is_err());
        line.entry.gaps[RANGE_COUNT_MAX - 1] = Gap { at: None, attempts: 1, cause: Gap::LIMIT.into(), len: 7, offset };
        assert!(Line::parse(&line.to_bytes()).is_err());
    }

    /// LIM-10: brackets in a path are neither objects nor arrays.
    #[test]
    fn a_path_of_brackets_may_be_as_long_as_any() {
        let line = file(&vec![b'['; PATH_LEN_MAX]);
        assert_eq!(Line::parse(&line.to_bytes()).unwrap(), line);
    }

    /// LIM-12, LIM-13.
    #[test]
    fn gaps_holes_and_attributes_may_all_be_at_their_limits() {
        let (count, mut line) = (RANGE_COUNT_MAX as u64, full());
        let gap = |offset| Gap { at: None, attempts: 1, cause: "EIO".into(), len: 1, offset };
        line.entry.size = Some(2 * count);
        line.entry.gaps = (0..count - 1).map(gap).collect();
        line.entry.gaps.push(Gap { cause: Gap::LIMIT.into(), len: 2, ..gap(2 * count - 2) });
        line.entry.holes = (0..count).map(|i| Hole(2 * i, 1)).collect();
        let xattr = |i| Xattr { name: format!("user.{i:05}").into_bytes(), value: Ok(Vec::new()) };
        line.entry.xattrs = (0..XATTR_COUNT_MAX).map(xattr).collect();
        assert_eq!(Line::parse(&line.to_bytes()).unwrap(), line);
    }
}
