//! The file form: the ZIP wrapper, regenerated and compared (SPEC.md section 13).

use std::io;
use std::sync::Arc;

use super::bundle::{Bundle, Form, Member};
use super::bytes::{Bytes, Part, read_exact_at};
use super::check::{Check, Ledger};
use super::rules;
use crate::format::MIMETYPE;
use crate::format::member::MemberName;
use crate::format::zip::{CENTRAL_LEN, Directory, END_LEN, LOCAL_LEN_MAX, Record, local_header, parse_local_header};
use crate::limits::MEMBER_NAME_LEN_MAX;

/// First bytes of a local header, a central header and an end record.
const LOCAL_SIGNATURE: &[u8] = b"PK\x03\x04";
const CENTRAL_SIGNATURE: &[u8] = b"PK\x01\x02";
const END_SIGNATURE: &[u8] = b"PK\x05\x06";
/// An end record with the longest comment that a ZIP can have, in bytes.
const END_SEARCH_LEN: u64 = 65_557;
/// Where the content of `mimetype` begins: after a local header and the name.
const MIMETYPE_OFFSET: u64 = 38;
/// How much of the file is searched at a time for the next local header, in bytes.
const SEARCH_LEN: usize = 1 << 20;

/// Whether this is meant to be a bundle (SPEC.md VER-1).
pub(super) fn looks_like_one(bytes: &dyn Bytes) -> io::Result<bool> {
    let len = bytes.len_bytes();
    let head = read_up_to(bytes, 0, MIMETYPE_OFFSET as usize + 16)?;
    let tail = read_up_to(bytes, len.saturating_sub(END_SEARCH_LEN), END_SEARCH_LEN as usize)?;
    Ok(head.starts_with(LOCAL_SIGNATURE)
        || head.get(MIMETYPE_OFFSET as usize..) == MIMETYPE.as_bytes().get(..16)
        || tail.windows(END_SIGNATURE.len()).any(|window| window == END_SIGNATURE))
}

/// At most `len` bytes from an offset, fewer at the end.
fn read_up_to(bytes: &dyn Bytes, offset: u64, len: usize) -> io::Result<Vec<u8>> {
    let rest = usize::try_from(bytes.len_bytes().saturating_sub(offset)).unwrap_or(usize::MAX);
    let mut buf = vec![0; len.min(rest)];
    read_exact_at(bytes, &mut buf, offset)?;
    Ok(buf)
}

/// A bundle as a ZIP file.
pub struct ZipFile {
    bytes: Arc<dyn Bytes>,
    members: Vec<Member>,
    /// Offset of each member's content in the file, in bytes.
    offsets: Vec<u64>,
    wrapper: Ledger,
}

impl ZipFile {
    /// Reads the directory, or if that is not sound finds the members by their local headers.
    pub fn open(bytes: Arc<dyn Bytes>) -> io::Result<Self> {
        let mut zip = Self { bytes, members: Vec::new(), offsets: Vec::new(), wrapper: Ledger::default() };
        match zip.directory()? {
            Some(records) => {
                zip.wrapper.pass(&rules::ZIP_DIRECTORY);
                zip.wrapper.pass(&rules::ZIP_EXTENT);
                for record in records {
                    zip.compare_local_header(&record)?;
                    zip.push(record);
                }
            }
            None => {
                let note = "not as it must be; members are found by their local headers";
                zip.wrapper.add(Check::failed(&rules::ZIP_DIRECTORY, "central directory").note(note));
                zip.scan()?;
            }
        }
        Ok(zip)
    }

    /// The records of the central directory, if it is sound.
    fn directory(&self) -> io::Result<Option<Vec<Record>>> {
        let len = self.bytes.len_bytes();
        let tail = match len.checked_sub(END_LEN as u64) {
            Some(offset) => read_up_to(&*self.bytes, offset, END_LEN)?,
            None => return Ok(None),
        };
        let Some(directory) = tail.first_chunk().and_then(|tail| Directory::parse(tail, len)) else {
            return Ok(None);
        };
        // Before anything of that length is allocated: no header is longer than this.
        let header_len_max = (CENTRAL_LEN + MEMBER_NAME_LEN_MAX + 28) as u64;
        if directory.len > directory.member_count.saturating_mul(header_len_max) {
            return Ok(None);
        }
        let central = read_up_to(&*self.bytes, directory.offset, usize::try_from(directory.len).unwrap_or(0))?;
        Ok(directory.records(&central))
    }

    fn compare_local_header(&mut self, record: &Record) -> io::Result<()> {
        let expected = local_header(&record.name, record.crc, record.len);
        let found = read_up_to(&*self.bytes, record.offset, expected.len())?;
        self.wrapper.require(found == expected, &rules::ZIP_LOCAL, || {
            Check::failed(&rules::ZIP_LOCAL, &record.name).note(format!("at offset {}", record.offset))
        });
        Ok(())
    }

    fn push(&mut self, record: Record) {
        self.offsets.push(record.content_offset());
        let kind = MemberName::parse(&record.name);
        self.members.push(Member { name: record.name, kind, len: record.len, crc: Some(record.crc) });
    }

    /// Finds members by their local headers, one after another from offset 0 on.
    fn scan(&mut self) -> io::Result<()> {
        let file_len = self.bytes.len_bytes();
        let mut offset = 0;
        while offset < file_len {
            let head = read_up_to(&*self.bytes, offset, LOCAL_LEN_MAX)?;
            if head.starts_with(CENTRAL_SIGNATURE) {
                return Ok(());
            }
            offset = match parse_local_header(&head, offset) {
                Some(record) => self.found(record, file_len),
                None => {
                    let next = self.next_local_header(offset + 1)?;
                    let note = format!("{} bytes from offset {offset} on belong to no member", next - offset);
                    self.wrapper.add(Check::failed(&rules::ZIP_EXTENT, "file").note(note));
                    next
                }
            };
        }
        Ok(())
    }

    /// Takes a member that was found by its local header. Gives the offset of the byte after it.
    fn found(&mut self, mut record: Record, file_len: u64) -> u64 {
        let there = file_len.saturating_sub(record.content_offset());
        if record.len > there {
            let note = format!("cut after {there} of {} bytes", record.len);
            self.wrapper.add(Check::failed(&rules::ZIP_EXTENT, &record.name).note(note));
            // Its header stays the one that was found; only what is left of its content can be read.
            let content_offset = record.content_offset();
            let kind = MemberName::parse(&record.name);
            record.len = there;
            self.offsets.push(content_offset);
            self.members.push(Member { name: record.name, kind, len: there, crc: Some(record.crc) });
            return file_len;
        }
        let end = record.end_offset().unwrap_or(file_len);
        self.wrapper.pass(&rules::ZIP_LOCAL);
        self.push(record);
        end
    }

    /// The offset from `from` on of the next local header of a known member, or of the directory; else the file's end.
    fn next_local_header(&self, from: u64) -> io::Result<u64> {
        let file_len = self.bytes.len_bytes();
        let mut start = from;
        while start < file_len {
            let window = read_up_to(&*self.bytes, start, SEARCH_LEN + LOCAL_LEN_MAX)?;
            let candidates = window.windows(4).take(SEARCH_LEN).enumerate();
            for (i, _) in candidates.filter(|(_, w)| *w == LOCAL_SIGNATURE || *w == CENTRAL_SIGNATURE) {
                let offset = start + i as u64;
                let head = window.get(i..).unwrap_or_default();
                let member = parse_local_header(head, offset).and_then(|record| MemberName::parse(&record.name));
                if member.is_some() || head.starts_with(CENTRAL_SIGNATURE) {
                    return Ok(offset);
                }
            }
            start = start.saturating_add(SEARCH_LEN as u64);
        }
        Ok(file_len)
    }
}

impl Bundle for ZipFile {
    fn form(&self) -> Form {
        Form::File
    }

    fn members(&self) -> &[Member] {
        &self.members
    }

    fn wrapper(&self) -> &Ledger {
        &self.wrapper
    }

    fn open(&self, member: usize) -> io::Result<Box<dyn Bytes + '_>> {
        let found = self.members.get(member).zip(self.offsets.get(member));
        let (member, &offset) = found.ok_or(io::ErrorKind::NotFound)?;
        Ok(Box::new(Part::new(Arc::clone(&self.bytes), offset, member.len)))
    }
}
