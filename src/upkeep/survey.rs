//! What is left of a ZIP wrapper, and which members it leads to (SPEC.md ZIP-1 to ZIP-5). Lengths are believed only as far
//! as the file goes, and a damaged local header only where what follows bears it out.

use std::cell::RefCell;
use std::collections::HashSet;
use std::io;

use crate::format::member::MemberName;
use crate::format::zip::{LOCAL_LEN, LOCAL_LEN_MAX, Record, central_header, local_header};
use crate::verify::Bytes;
use crate::verify::zip_scan::{Header, header_at, is_known, next_header, read_directory, read_up_to};

/// Where a local header states the length, twice.
const LENS_AT: [usize; 2] = [18, 22];
/// How far before the name the CRC-32 stands.
const CRC_BEFORE_NAME: usize = 16;
/// How many members stand before the first payload part.
const BEFORE_EVIDENCE: usize = 3;
/// Bytes of the extra field of a member that is too long for these.
const EXTRA_LEN: u64 = 20;

/// What a header says of a member: its name, and the CRC-32 of its bytes.
pub(super) type Stated = (String, u32);

/// A member that was found.
pub(super) struct Found {
    pub name: String,
    /// Offset of its first byte of content.
    pub content_offset: u64,
    pub len: u64,
    /// What its local header says, if that is one.
    pub local: Option<Stated>,
    /// What the central directory says, if that is sound.
    pub central: Option<Stated>,
    /// What stands where a damaged local header should state the CRC-32, if no other states one.
    pub crc_left: Option<u32>,
}

impl Found {
    /// By its local header.
    fn local(record: Record) -> Self {
        let (content_offset, local) = (record.content_offset(), Some((record.name.clone(), record.crc)));
        Self { name: record.name, content_offset, len: record.len, local, central: None, crc_left: None }
    }

    /// By the directory, which knows where it stands; its name and CRC-32 may be damaged there or in the local header.
    /// Of two grown names that are both possible the local header's is taken: the directory is what can be made anew.
    fn central(record: Record, local: Option<Record>, previous: Option<&MemberName>) -> Self {
        let fits = |name: &str| MemberName::parse(name).is_some_and(|name| name.may_follow(previous));
        let local = local.filter(|local| local.len == record.len && local.content_offset() == record.content_offset());
        let other = local.as_ref().map(|local| &local.name).filter(|name| fits(name));
        Self {
            name: other.unwrap_or(&record.name).clone(),
            content_offset: record.content_offset(),
            len: record.len,
            local: local.map(|local| (local.name, local.crc)),
            central: Some((record.name, record.crc)),
            crc_left: None,
        }
    }

    /// What both headers must say if these bytes have this CRC-32: either of them is believed that says it. If none
    /// does, the bytes are damaged, and what was said of them stays.
    pub fn header_for(&self, crc: u32) -> Stated {
        let mut stated = self.central.iter().chain(&self.local).map(|(_, crc)| *crc);
        let first = stated.clone().next().unwrap_or(crc);
        (self.name.clone(), stated.find(|&stated| stated == crc).unwrap_or(first))
    }

    fn end(&self) -> u64 {
        self.content_offset.saturating_add(self.len)
    }
}

/// Bytes that belong to no member that was found.
#[derive(Debug)]
pub struct Lost {
    /// Offset of the first, in the file.
    pub offset: u64,
    /// How many.
    pub len: u64,
    /// The member that they begin, and the length that its header states; what follows is cut off.
    pub torn: Option<(String, u64)>,
}

/// Everything that was found.
pub(super) struct Survey {
    pub members: Vec<Found>,
    pub lost: Vec<Lost>,
    pub directory_sound: bool,
}

impl Survey {
    /// Nothing needs to be repaired.
    pub fn is_sound(&self) -> bool {
        self.directory_sound && self.members.iter().all(|member| member.local == member.central)
    }
}

/// Finds the members: by the directory if that is sound, else by their local headers.
pub(super) fn survey(bytes: &dyn Bytes) -> io::Result<Survey> {
    if let Some(records) = read_directory(bytes)? {
        let mut members: Vec<Found> = Vec::with_capacity(records.len());
        for record in records {
            let local = match header_at(bytes, record.offset)? {
                Header::Member(local) => Some(local),
                Header::Directory | Header::None => None,
            };
            let previous = members.last().and_then(|member| MemberName::parse(&member.name));
            members.push(Found::central(record, local, previous.as_ref()));
        }
        return Ok(Survey { members, lost: Vec::new(), directory_sound: true });
    }
    let survey = Survey { members: Vec::new(), lost: Vec::new(), directory_sound: false };
    let mut scan = Scan { bytes, file_len: bytes.len_bytes(), survey, astray: RefCell::default() };
    scan.run()?;
    Ok(scan.survey)
}

struct Scan<'a> {
    bytes: &'a dyn Bytes,
    file_len: u64,
    survey: Survey,
    /// Offsets of headers that do not lead to this bundle's own directory, so that none is followed twice.
    astray: RefCell<HashSet<u64>>,
}

impl Scan<'_> {
    fn run(&mut self) -> io::Result<()> {
        let mut offset = 0;
        while offset < self.file_len {
            let stated = match header_at(self.bytes, offset)? {
                Header::Directory => return Ok(()),
                Header::Member(record) => Some(record),
                Header::None if self.directory_begins(offset)? => return Ok(()),
                Header::None => None,
            };
            let found = match stated {
                Some(record) if self.holds(&record) => match self.renamed(&record)? {
                    Some(found) => Some(found),
                    None => Some(Found::local(record)),
                },
                Some(record) => {
                    let regenerated = self.regenerate(offset)?;
                    if regenerated.is_none() {
                        let torn = Some((record.name, record.len));
                        self.survey.lost.push(Lost { offset, len: self.file_len - offset, torn });
                        return Ok(());
                    }
                    regenerated
                }
                None => self.regenerate(offset)?,
            };
            offset = match found {
                Some(found) => {
                    let end = found.end();
                    self.survey.members.push(found);
                    end
                }
                None => {
                    let next = next_header(self.bytes, offset + 1, &is_known)?;
                    self.survey.lost.push(Lost { offset, len: next - offset, torn: None });
                    next
                }
            };
        }
        Ok(())
    }

    /// The member before the one that is looked for.
    fn previous(&self) -> Option<MemberName> {
        self.survey.members.last().and_then(|member| MemberName::parse(&member.name))
    }

    /// Whether the member ends within the file.
    fn holds(&self, record: &Record) -> bool {
        record.end_offset().is_some_and(|end| end <= self.file_len)
    }

    /// Whether the directory begins here, with damage or a cut in its first header: it has most of the bytes that it
    /// must have.
    fn directory_begins(&self, offset: u64) -> io::Result<bool> {
        let Some(first) = self.survey.members.first() else { return Ok(false) };
        let record = Record {
            name: first.name.clone(),
            crc: first.local.as_ref().map_or(0, |(_, crc)| *crc),
            len: first.len,
            offset: 0,
        };
        let expected = central_header(&record);
        let found = read_up_to(self.bytes, offset, expected.len())?;
        let same = found.iter().zip(&expected).filter(|(found, expected)| found == expected).count();
        Ok(same * 8 >= found.len() * 7)
    }

    /// The member under its true name, if its header is exact but for the name: the one that must stand here has a name
    /// of that length, and what follows is what must follow it.
    fn renamed(&self, record: &Record) -> io::Result<Option<Found>> {
        let previous = self.previous();
        if MemberName::parse(&record.name).is_some_and(|name| name.may_follow(previous.as_ref())) {
            return Ok(None);
        }
        for name in MemberName::next_sealed(previous.as_ref()) {
            let text = name.to_string();
            if text.len() == record.name.len() && self.is_end_of(&name, record.end_offset().unwrap_or(u64::MAX))? {
                let renamed = Record { name: text, ..record.clone() };
                let local = Some((record.name.clone(), record.crc));
                return Ok(Some(Found { local, ..Found::local(renamed) }));
            }
        }
        Ok(None)
    }

    /// The member that must stand here, if its damaged header's length or the next member's header shows how far it goes.
    fn regenerate(&self, offset: u64) -> io::Result<Option<Found>> {
        let head = read_up_to(self.bytes, offset, LOCAL_LEN_MAX)?;
        let previous = self.previous();
        let mut names = MemberName::next_sealed(previous.as_ref());
        names.extend(grown_name_in(&head).filter(|name| name.may_follow(previous.as_ref())));
        for name in &names {
            for len in stated_lens(&head, name) {
                let header_len = local_header(&name.to_string(), 0, len).len() as u64;
                let found = regenerated(&head, name, offset.saturating_add(header_len), len);
                if found.end() <= self.file_len && self.is_end_of(name, found.end())? {
                    return Ok(Some(found));
                }
            }
        }
        for name in &names {
            // A header that has lost bytes, or has some too many, still has its name before the content.
            let header_len = name_at(&head, name).unwrap_or(LOCAL_LEN) + name.to_string().len();
            let from = offset + header_len as u64;
            let end = next_header(self.bytes, offset + 1, &|header| self.is_behind(name, header))?;
            let long = end.checked_sub(from + EXTRA_LEN).filter(|&len| len >= u64::from(u32::MAX));
            let Some(len) = long.or(end.checked_sub(from)) else { continue };
            if end < self.file_len && self.is_end_of(name, end)? {
                return Ok(Some(regenerated(&head, name, end - len, len)));
            }
        }
        Ok(None)
    }

    /// Whether what stands at an offset may follow this member.
    fn is_end_of(&self, name: &MemberName, offset: u64) -> io::Result<bool> {
        if offset >= self.file_len {
            return Ok(offset == self.file_len && name.is_grown());
        }
        Ok(match header_at(self.bytes, offset)? {
            Header::Member(next) => MemberName::parse(&next.name).is_some_and(|next| next.may_follow(Some(name))),
            Header::Directory => name.is_grown(),
            Header::None => name.is_grown() && self.directory_begins(offset)?,
        })
    }

    /// Whether a header that was searched for shows that this member goes no further, be it the header that is expected
    /// behind it or not. In a payload part, evidence may hold whole bundles: there it must lead, member by member, to this
    /// bundle's own directory. Other members hold no headers.
    fn is_behind(&self, name: &MemberName, header: &Header) -> bool {
        match header {
            Header::Member(next) if self.holds(next) => MemberName::parse(&next.name).is_some_and(|next_name| {
                !matches!(name, MemberName::Payload(_)) || self.leads_home(next_name, next).unwrap_or(false)
            }),
            Header::Directory => name.is_grown(),
            Header::Member(_) | Header::None => false,
        }
    }

    /// Whether sound headers lead from this member to the directory of this bundle.
    fn leads_home(&self, mut name: MemberName, record: &Record) -> io::Result<bool> {
        let mut passed = vec![record.offset];
        let Some(mut offset) = record.end_offset() else { return Ok(false) };
        while !self.astray.borrow().contains(&offset)
            && let Header::Member(next) = header_at(self.bytes, offset)?
            && let Some(next_name) = MemberName::parse(&next.name).filter(|next| next.may_follow(Some(&name)))
            && let Some(end) = next.end_offset()
        {
            passed.push(offset);
            (name, offset) = (next_name, end);
        }
        let is_home = name.is_grown() && self.own_directory_begins(offset)?;
        if !is_home {
            self.astray.borrow_mut().extend(passed);
        }
        Ok(is_home)
    }

    /// Whether the headers of the first members stand here as they must: the nonce makes them this bundle's own.
    fn own_directory_begins(&self, offset: u64) -> io::Result<bool> {
        let mut expected = Vec::new();
        for member in self.survey.members.iter().take(BEFORE_EVIDENCE) {
            let Some((name, crc)) = member.local.clone() else { return Ok(false) };
            let header_len = local_header(&name, crc, member.len).len() as u64;
            let offset = member.content_offset.saturating_sub(header_len);
            expected.extend(central_header(&Record { name, crc, len: member.len, offset }));
        }
        Ok(read_up_to(self.bytes, offset, expected.len())? == expected)
    }
}

/// A member whose header is damaged.
fn regenerated(head: &[u8], name: &MemberName, content_offset: u64, len: u64) -> Found {
    let crc_left = head.get(name_at(head, name).unwrap_or(LOCAL_LEN).wrapping_sub(CRC_BEFORE_NAME)..);
    let crc_left = crc_left.and_then(|rest| rest.first_chunk().copied().map(u32::from_le_bytes));
    Found { name: name.to_string(), content_offset, len, local: None, central: None, crc_left }
}

/// Where the name of this member stands in a damaged header, if it is whole.
fn name_at(head: &[u8], name: &MemberName) -> Option<usize> {
    let name = name.to_string();
    head.windows(name.len()).position(|window| window == name.as_bytes())
}

/// The name of a grown member in a damaged header, if it is whole.
fn grown_name_in(head: &[u8]) -> Option<MemberName> {
    let rest = head.get(LOCAL_LEN..)?;
    let ends = [".dsse.json", ".tsr"].into_iter();
    let ends = ends.filter_map(|end| Some(rest.windows(end.len()).position(|w| w == end.as_bytes())? + end.len()));
    let text = std::str::from_utf8(rest.get(..ends.min()?)?).ok()?;
    MemberName::parse(text).filter(MemberName::is_grown)
}

/// The lengths that a damaged header of this member may state.
fn stated_lens(head: &[u8], name: &MemberName) -> Vec<u64> {
    let short = LENS_AT.iter().filter_map(|&at| head.get(at..)?.first_chunk().copied().map(u32::from_le_bytes));
    let extra = LOCAL_LEN + name.to_string().len();
    let long = [extra + 4, extra + 12].into_iter();
    let long = long.filter_map(|at| head.get(at..)?.first_chunk().copied().map(u64::from_le_bytes));
    // Only a length that the 32-bit field cannot hold has the longer header.
    short.filter(|&len| len != u32::MAX).map(u64::from).chain(long.filter(|&len| len >= u64::from(u32::MAX))).collect()
}
