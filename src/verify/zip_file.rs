//! The file form: the ZIP wrapper, regenerated and compared (SPEC.md section 13).

use std::io;
use std::sync::Arc;

use super::bundle::{Bundle, Form, Member};
use super::bytes::{Bytes, Part};
use super::check::{Check, Ledger};
use super::rules;
use super::zip_scan::{
    END_SIGNATURE, Header, LOCAL_SIGNATURE, has_local_header, header_at, is_known, next_header, read_directory,
    read_up_to,
};
use crate::format::MIMETYPE;
use crate::format::member::MemberName;
use crate::format::zip::Record;

/// An end record with the longest comment that a ZIP can have, in bytes.
const END_SEARCH_LEN: u64 = 65_557;
/// Where the content of `mimetype` begins: after a local header and the name.
const MIMETYPE_OFFSET: u64 = 38;

/// Whether this is meant to be a bundle (SPEC.md VER-1).
pub(super) fn looks_like_one(bytes: &dyn Bytes) -> io::Result<bool> {
    let len = bytes.len_bytes();
    let head = read_up_to(bytes, 0, MIMETYPE_OFFSET as usize + 16)?;
    let tail = read_up_to(bytes, len.saturating_sub(END_SEARCH_LEN), END_SEARCH_LEN as usize)?;
    Ok(head.starts_with(LOCAL_SIGNATURE)
        || head.get(MIMETYPE_OFFSET as usize..) == MIMETYPE.as_bytes().get(..16)
        || tail.windows(END_SIGNATURE.len()).any(|window| window == END_SIGNATURE))
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
        match read_directory(&*zip.bytes)? {
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

    fn compare_local_header(&mut self, record: &Record) -> io::Result<()> {
        let holds = has_local_header(&*self.bytes, record)?;
        self.wrapper.require(holds, &rules::ZIP_LOCAL, || {
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
            offset = match header_at(&*self.bytes, offset)? {
                Header::Directory => return Ok(()),
                Header::Member(record) => self.found(record, file_len),
                Header::None => {
                    let next = next_header(&*self.bytes, offset + 1, &is_known)?;
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
