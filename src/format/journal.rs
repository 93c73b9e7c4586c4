//! The journal of an unfinished sealing: what is needed to go on with it. It is no part of a bundle, and goes when the bundle
//! is whole.
//!
//! One record a line: a code over the line before and the JSON text, a space, the text, LF. A line that a power cut tore has
//! another code, and ends the journal. The code is an HMAC-SHA-256 under a key that only who signs can make: the journal lies
//! where others may write, and what is signed in the end must not come from them. The first record says what was begun,
//! each other that one more segment is on the medium.

use hmac::{Hmac, Mac as _};
use serde::de::DeserializeOwned;
use serde::{Deserialize, Serialize};
use sha2::Sha256;

use super::derive::keyed;
use super::digest::{ChainValue, Digest, Salt};
use super::entry::Entry;
use super::json;
use super::line::Line;
use super::line_json::LineJson;
use super::time::Instant;

/// Version of this form.
const VERSION: u32 = 1;

/// Longest record, in bytes: what is longer is no journal of ours.
const RECORD_LEN_MAX: usize = 256 << 20;

/// What was begun.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Begun {
    version: u32,
    /// The seed that salts and nonces come from: whoever has it can guess what a disclosure leaves out.
    pub seed: Digest,
    /// Whether the seed was given by hand.
    pub seed_given: bool,
    /// When it was begun, or the time that was given.
    pub start: Instant,
    /// Whether the time was given by hand.
    pub time_given: bool,
    /// What must be the same when it goes on.
    pub plan: Plan,
}

/// What the bytes of the bundle depend on beside the sources.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
#[expect(missing_docs, reason = "as in the statement's parameters")]
pub struct Plan {
    pub also: Vec<String>,
    pub case: Digest,
    pub chunk_bytes: u64,
    pub compressor: String,
    pub entries_per_segment: u64,
    pub form: String,
    pub frame_bytes: u64,
    pub level: i32,
    pub segment_bytes: u64,
    pub tool: String,
    pub whole_file_digest: bool,
}

impl Plan {
    /// The first thing in which another plan differs, in words.
    pub fn difference(&self, other: &Self) -> Option<&'static str> {
        let differs = [
            (self.tool != other.tool || self.compressor != other.compressor, "the version of this program"),
            (self.form != other.form, "--form"),
            (self.level != other.level, "--level"),
            (self.also != other.also, "--also"),
            (self.whole_file_digest != other.whole_file_digest, "--chunks-only"),
            (self.case != other.case, "the case, the sources, or what the system says of a device"),
            (self != other, "the limits"),
        ];
        differs.into_iter().find_map(|(differs, what)| differs.then_some(what))
    }
}

/// One more segment is on the medium.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct SegmentDone {
    /// Members since the record before, in their order.
    pub members: Vec<DoneMember>,
    /// Number of the next segment.
    pub next_segment: u64,
    /// Tar bytes so far.
    pub tar_bytes: u64,
    /// The next entry with tar bytes or a line.
    pub next_entry: u64,
    /// Its tar bytes so far.
    pub next_entry_skip: u64,
    /// That entry, if it is a large file of which a part is done.
    pub open: Option<OpenFile>,
}

/// A member that is whole.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct DoneMember {
    /// Its name.
    pub name: String,
    /// Bytes.
    pub len: u64,
    /// Their CRC-32.
    pub crc: u32,
    /// Offset of its local header in the file form, in bytes.
    pub offset: u64,
    /// Their SHA-256.
    pub sha256: Digest,
}

/// A large file of which a part is done.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct OpenFile {
    line: LineJson,
    /// Chain value of the whole file's SHA-256 so far.
    pub chain: Option<ChainValue>,
    /// Chunks so far, and the heads of their complete subtrees.
    pub chunk_count: u64,
    #[expect(missing_docs, reason = "see above")]
    pub chunk_heads: Vec<Digest>,
}

impl OpenFile {
    /// With what is known of the entry so far: its gaps and holes are those of the part that is done.
    pub fn new(n: u64, entry: Entry, chain: Option<ChainValue>, chunk_count: u64, chunk_heads: Vec<Digest>) -> Self {
        let line = Line { n, entry, salt: Salt([0; 16]), sha256: None, chunks_root: None, xattrs_not_in_tar: false };
        Self { line: LineJson::from(&line), chain, chunk_count, chunk_heads }
    }

    /// What was known of the entry.
    pub fn entry(&self) -> Option<Entry> {
        Line::try_from(self.line.clone()).ok().map(|line| line.entry)
    }
}

impl Begun {
    /// In this version.
    pub fn new(seed: Digest, seed_given: bool, start: Instant, time_given: bool, plan: Plan) -> Self {
        Self { version: VERSION, seed, seed_given, start, time_given, plan }
    }
}

/// The key of a journal.
#[derive(Clone)]
pub struct JournalKey(Hmac<Sha256>);

impl JournalKey {
    /// From a secret of 32 bytes.
    pub fn new(secret: &[u8; 32]) -> Self {
        Self(keyed(secret))
    }

    /// A record as a line, after a line with this code; with its own code.
    pub fn line_of<T: Serialize>(&self, before: Digest, record: &T) -> (Vec<u8>, Digest) {
        let text = json::to_canonical(record);
        let code = Digest(self.mac(before, &text).finalize().into_bytes().into());
        let mut line = format!("{code} ").into_bytes();
        line.extend_from_slice(&text);
        line.push(b'\n');
        (line, code)
    }

    fn record_of<T: DeserializeOwned + Serialize>(&self, before: Digest, line: &[u8]) -> Option<(T, Digest)> {
        let line = line.strip_suffix(b"\n").filter(|line| line.len() <= RECORD_LEN_MAX)?;
        let (hex, text) = line.split_at_checked(64)?;
        let text = text.strip_prefix(b" ")?;
        let told = Digest::from_hex(std::str::from_utf8(hex).ok()?)?;
        self.mac(before, text).verify_slice(&told.0).ok()?;
        Some((json::from_canonical(text).ok()?, told))
    }

    fn mac(&self, before: Digest, text: &[u8]) -> Hmac<Sha256> {
        self.0.clone().chain_update(before.0).chain_update(text)
    }
}

/// What stands for the code of a line before the first.
pub const NO_CODE: Digest = Digest([0; 32]);

/// A journal as far as it is whole.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Journal {
    /// What was begun.
    pub begun: Begun,
    /// The segments that are on the medium.
    pub segments: Vec<SegmentDone>,
    /// Bytes of it that are whole.
    pub len_bytes: u64,
    /// Code of the last record that is whole.
    pub last: Digest,
}

impl Journal {
    /// Reads it up to the first record that is torn. `None` if not even the first is whole, or it is of another version.
    pub fn parse(bytes: &[u8], key: &JournalKey) -> Option<Self> {
        let mut lines = bytes.split_inclusive(|&byte| byte == b'\n');
        let first = lines.next()?;
        let (begun, mut last): (Begun, _) = key.record_of(NO_CODE, first)?;
        if begun.version != VERSION {
            return None;
        }
        let (mut segments, mut len) = (Vec::new(), first.len());
        for line in lines {
            let Some((segment, code)) = key.record_of::<SegmentDone>(last, line) else { break };
            segments.push(segment);
            last = code;
            len += line.len();
        }
        Some(Self { begun, segments, len_bytes: u64::try_from(len).ok()?, last })
    }
}

#[cfg(test)]
mod tests {
    use super::super::entry::Kind;
    use super::super::path::EntryPath;
    use super::*;

    fn begun() -> Begun {
        let plan = Plan {
            also: vec!["md5".to_owned()],
            case: Digest([1; 32]),
            chunk_bytes: 1,
            compressor: "zstd".to_owned(),
            entries_per_segment: 2,
            form: "zip".to_owned(),
            frame_bytes: 3,
            level: 4,
            segment_bytes: 5,
            tool: "0".to_owned(),
            whole_file_digest: true,
        };
        Begun::new(Digest([7; 32]), false, Instant::EPOCH, true, plan)
    }

    fn segment(number: u64) -> SegmentDone {
        let mut entry = Entry::bare(EntryPath::new(b"a\xff".to_vec()).unwrap(), Kind::File);
        entry.size = Some(1 << 40);
        let open = OpenFile::new(7, entry, Some(ChainValue([3; 32])), 2, vec![Digest([4; 32])]);
        let member = DoneMember { name: "payload/0".to_owned(), len: 9, crc: 8, offset: 7, sha256: Digest([6; 32]) };
        SegmentDone {
            members: vec![member],
            next_segment: number,
            tar_bytes: 1 << 30,
            next_entry: 7,
            next_entry_skip: 512,
            open: Some(open),
        }
    }

    #[test]
    fn a_torn_journal_is_read_to_the_last_whole_record() {
        let key = JournalKey::new(&[9; 32]);
        let (first, code) = key.line_of(NO_CODE, &begun());
        let (second, next) = key.line_of(code, &segment(1));
        let records = [first, second, key.line_of(next, &segment(2)).0];
        let bytes = records.concat();
        let whole = Journal::parse(&bytes, &key).unwrap();
        assert_eq!((&whole.begun, &whole.segments[..]), (&begun(), &[segment(1), segment(2)][..]));
        assert_eq!(whole.segments[1].open.as_ref().unwrap().entry().unwrap().path.as_bytes(), b"a\xff");
        let ends = [records[0].len(), records[0].len() + records[1].len(), bytes.len()];
        for cut in 0..bytes.len() {
            let expected = ends.iter().filter(|&&end| end <= cut).count();
            let read = Journal::parse(&bytes[..cut], &key);
            assert_eq!(read.as_ref().map_or(0, |journal| 1 + journal.segments.len()), expected, "cut at {cut}");
            assert_eq!(
                read.map_or(0, |journal| journal.len_bytes),
                if expected == 0 { 0 } else { ends[expected - 1] as u64 }
            );
        }
        for at in 0..bytes.len() {
            let mut bytes = bytes.clone();
            bytes[at] ^= 1;
            let read = Journal::parse(&bytes, &key).map_or(0, |journal| 1 + journal.segments.len());
            assert_eq!(read, ends.iter().filter(|&&end| end <= at).count(), "byte {at} flipped");
        }
    }

    #[test]
    fn nobody_without_the_key_can_write_or_reorder_a_record() {
        let key = JournalKey::new(&[9; 32]);
        let (first, code) = key.line_of(NO_CODE, &begun());
        let (second, next) = key.line_of(code, &segment(1));
        let third = key.line_of(next, &segment(2)).0;
        assert_eq!(Journal::parse(&first, &JournalKey::new(&[8; 32])), None);
        let segments = |lines: [&[u8]; 3]| Journal::parse(&lines.concat(), &key).map(|journal| journal.segments.len());
        assert_eq!(segments([&first, &second, &third]), Some(2));
        assert_eq!(segments([&first, &third, &second]), Some(0));
        assert_eq!(segments([&first, &second, &second]), Some(1));
        assert_eq!(segments([&second, &first, &third]), None);
    }

    #[test]
    fn what_differs_between_plans_is_named() {
        let plan = begun().plan;
        assert_eq!(plan.difference(&plan), None);
        assert_eq!(plan.difference(&Plan { level: 9, ..plan.clone() }), Some("--level"));
        assert_eq!(plan.difference(&Plan { segment_bytes: 9, ..plan.clone() }), Some("the limits"));
    }
}
