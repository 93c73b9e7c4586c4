//! Listings of digests that this program and others write: `sha256sum` (plain, escaped, binary, tagged) and `hashdeep`.

use std::fs::File;
use std::io::{self, BufRead, BufReader, Read as _};
use std::os::unix::fs::FileExt as _;
use std::path::{Path, PathBuf};

use super::plain_file::open_plain;
use crate::format::digest::Digest;
use crate::limits::PATH_LEN_MAX;

/// Longest line, in bytes: a path of which every byte is escaped, and what stands before it.
const LINE_LEN_MAX: usize = 2 * PATH_LEN_MAX + 1024;

/// Why a listing cannot be used.
#[derive(Debug, thiserror::Error)]
#[expect(missing_docs, reason = "the messages say it")]
pub enum RecordError {
    #[error("cannot read the listing {}", path.display())]
    Read { path: PathBuf, source: io::Error },
    #[error("{}, line {line}", path.display())]
    Line { path: PathBuf, line: u64, source: LineError },
    #[error("the listing {} is no file: it is read more than once", path.display())]
    NotAFile { path: PathBuf },
    #[error("{} lists no SHA-256 digest", path.display())]
    Empty { path: PathBuf },
    #[error("{} has more than {} entries", path.display(), u32::MAX)]
    TooMany { path: PathBuf },
    #[error("{} was changed while it was used", path.display())]
    Changed { path: PathBuf },
}

/// What is wrong with a line.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[expect(missing_docs, reason = "the messages say it")]
pub enum LineError {
    #[error("longer than {LINE_LEN_MAX} bytes")]
    TooLong,
    #[error("neither `<64 hex>  <path>` nor `SHA256 (<path>) = <64 hex>`")]
    NoRecord,
    #[error("a digest that is not of SHA-256: not 64 hex digits")]
    NotSha256,
    #[error("no path")]
    NoPath,
    #[error("a path with a 0 byte, which no system has")]
    ZeroByte,
    #[error("the header of a hashdeep file after lines of another kind")]
    LateHeader,
    #[error("a backslash that is none of `\\\\`, `\\n` and `\\r`, in a line that begins with one")]
    Escape,
    #[error("the columns of a hashdeep file without `sha256`")]
    NoColumn,
    #[error("fewer columns than the header of the hashdeep file says")]
    Columns,
    #[error("a hashdeep file of another version than HASHDEEP-1.0")]
    Version,
}

/// One entry of a listing.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Record {
    /// As it stands there, unescaped.
    pub path: Vec<u8>,
    /// Recorded.
    pub sha256: Digest,
}

/// How the next line of a listing is to be read.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Form {
    /// As `sha256sum` writes it, plain, escaped, binary or tagged.
    #[default]
    Sums,
    /// As `hashdeep` writes it, after its header; the columns are still to come, or `sha256` is this one of so many.
    Hashdeep(Option<(usize, usize)>),
}

/// A listing, read from its first line to its last.
pub struct Records {
    path: PathBuf,
    input: BufReader<File>,
    form: Form,
    /// Whether an entry was read.
    has_entries: bool,
    line: u64,
    offset_bytes: u64,
    buffer: Vec<u8>,
}

impl Records {
    /// Opens a listing.
    ///
    /// # Errors
    /// [`RecordError::Read`].
    pub fn open(path: &Path) -> Result<Self, RecordError> {
        let failed = |source| RecordError::Read { path: path.to_owned(), source };
        let input = open_plain(path).map_err(failed)?;
        let input = input.ok_or_else(|| RecordError::NotAFile { path: path.to_owned() })?;
        let input = BufReader::with_capacity(64 * 1024, input);
        Ok(Self {
            path: path.to_owned(),
            input,
            form: Form::default(),
            has_entries: false,
            line: 0,
            offset_bytes: 0,
            buffer: Vec::new(),
        })
    }

    /// The next entry, and where its line begins, in bytes. Comments and lines of other algorithms are passed over.
    ///
    /// # Errors
    /// [`RecordError`] with the number of the line.
    pub fn next_record(&mut self) -> Result<Option<(u64, Record)>, RecordError> {
        loop {
            self.buffer.clear();
            let limit = u64::try_from(LINE_LEN_MAX).unwrap_or(u64::MAX).saturating_add(1);
            let read = (&mut self.input).take(limit).read_until(b'\n', &mut self.buffer);
            let len = read.map_err(|source| RecordError::Read { path: self.path.clone(), source })?;
            if len == 0 {
                return Ok(None);
            }
            let start = self.offset_bytes;
            self.line += 1;
            self.offset_bytes = start.saturating_add(u64::try_from(len).unwrap_or(u64::MAX));
            let text = self.buffer.strip_suffix(b"\n").unwrap_or(&self.buffer);
            let before = self.form;
            let parsed = if text.len() > LINE_LEN_MAX { Err(LineError::TooLong) } else { self.form.parse(text) };
            // Entries are read again by the form at the end, so that there is but one in a listing.
            let is_late = self.has_entries && self.form != before;
            let parsed = if is_late { Err(LineError::LateHeader) } else { parsed };
            match parsed {
                Ok(None) => {}
                Ok(Some(record)) => {
                    self.has_entries = true;
                    return Ok(Some((start, record)));
                }
                Err(source) => return Err(RecordError::Line { path: self.path.clone(), line: self.line, source }),
            }
        }
    }

    /// The entry whose line begins there, as [`Self::next_record`] gave it.
    ///
    /// # Errors
    /// If there is none any more.
    pub fn at(&self, offset_bytes: u64) -> Result<Record, RecordError> {
        let mut bytes = vec![0; 1024];
        let mut len = 0;
        let end = loop {
            let at = offset_bytes.saturating_add(u64::try_from(len).unwrap_or(u64::MAX));
            let read = self.input.get_ref().read_at(&mut bytes[len..], at);
            let count = read.map_err(|source| RecordError::Read { path: self.path.clone(), source })?;
            let end = bytes[len..len + count].iter().position(|&byte| byte == b'\n').map(|end| len + end);
            len += count;
            if end.is_some() || count == 0 || len > LINE_LEN_MAX {
                break end.unwrap_or(len);
            }
            if len == bytes.len() {
                bytes.resize(2 * len, 0);
            }
        };
        let mut form = self.form;
        let record = form.parse(&bytes[..end]);
        record.ok().flatten().ok_or_else(|| RecordError::Changed { path: self.path.clone() })
    }
}

impl Form {
    /// The entry of a line; none if it is a comment, a header, or of another algorithm.
    ///
    /// # Errors
    /// What is wrong with it.
    pub fn parse(&mut self, line: &[u8]) -> Result<Option<Record>, LineError> {
        // A CR in a path is written as `\r`: one at the end is that of a system that ends lines so.
        let line = line.strip_suffix(b"\r").unwrap_or(line);
        if let Some(header) = line.strip_prefix(b"%%%% ") {
            return self.parse_header(header).map(|()| None);
        }
        if line.is_empty() || line.starts_with(b"#") {
            return Ok(None);
        }
        match *self {
            Self::Hashdeep(columns) => {
                let (column, count) = columns.ok_or(LineError::NoColumn)?;
                let mut fields = line.splitn(count, |&byte| byte == b',');
                let digest = fields.nth(column).ok_or(LineError::Columns)?;
                // The path is the last column, and may hold commas.
                let path = fields.nth(count - column - 2).ok_or(LineError::Columns)?;
                record(path.to_vec(), digest).map(Some)
            }
            Self::Sums => parse_sum(line),
        }
    }

    fn parse_header(&mut self, header: &[u8]) -> Result<(), LineError> {
        match self {
            Self::Sums if header == b"HASHDEEP-1.0" => *self = Self::Hashdeep(None),
            Self::Sums => return Err(LineError::Version),
            Self::Hashdeep(columns) => {
                let names: Vec<&[u8]> = header.split(|&byte| byte == b',').collect();
                let column = names.iter().position(|name| *name == b"sha256").ok_or(LineError::NoColumn)?;
                if names.last() != Some(&&b"filename"[..]) {
                    return Err(LineError::Columns);
                }
                *columns = Some((column, names.len()));
            }
        }
        Ok(())
    }
}

fn parse_sum(line: &[u8]) -> Result<Option<Record>, LineError> {
    let (is_escaped, line) = match line.strip_prefix(b"\\") {
        Some(line) => (true, line),
        None => (false, line),
    };
    let path_of = |path: &[u8]| if is_escaped { unescape(path) } else { Ok(path.to_vec()) };
    if let Some((name, path, digest)) = tagged(line) {
        return if name == b"SHA256" { record(path_of(path)?, digest).map(Some) } else { Ok(None) };
    }
    let space = line.iter().position(|&byte| byte == b' ').ok_or(LineError::NoRecord)?;
    let (digest, rest) = line.split_at(space);
    if !digest.iter().all(u8::is_ascii_hexdigit) {
        return Err(LineError::NoRecord);
    }
    let path = rest.strip_prefix(b"  ").or(rest.strip_prefix(b" *")).ok_or(LineError::NoRecord)?;
    record(path_of(path)?, digest).map(Some)
}

/// The parts of `NAME (path) = digest`.
fn tagged(line: &[u8]) -> Option<(&[u8], &[u8], &[u8])> {
    let open = line.windows(2).position(|two| two == b" (")?;
    let (name, rest) = line.split_at(open);
    if !name.iter().all(|byte| byte.is_ascii_alphanumeric() || *byte == b'-') || !name.first()?.is_ascii_uppercase() {
        return None;
    }
    // The last one: a path may hold the same characters.
    let close = rest.windows(4).rposition(|four| four == b") = ")?;
    Some((name, rest.get(2..close)?, rest.get(close + 4..)?))
}

fn unescape(path: &[u8]) -> Result<Vec<u8>, LineError> {
    let mut out = Vec::with_capacity(path.len());
    let mut bytes = path.iter();
    while let Some(&byte) = bytes.next() {
        out.push(match byte {
            b'\\' => match bytes.next() {
                Some(b'\\') => b'\\',
                Some(b'n') => b'\n',
                Some(b'r') => b'\r',
                _ => return Err(LineError::Escape),
            },
            _ => byte,
        });
    }
    Ok(out)
}

fn record(path: Vec<u8>, digest: &[u8]) -> Result<Record, LineError> {
    let hex = std::str::from_utf8(digest).map_err(|_| LineError::NotSha256)?;
    let sha256 = Digest::from_hex(&hex.to_ascii_lowercase()).ok_or(LineError::NotSha256)?;
    match path.as_slice() {
        [] => Err(LineError::NoPath),
        path if path.contains(&0) => Err(LineError::ZeroByte),
        _ => Ok(Record { path, sha256 }),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const HEX: &str = "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad";

    fn path(line: &str) -> Result<Option<Vec<u8>>, LineError> {
        Form::Sums.parse(line.replace("HEX", HEX).as_bytes()).map(|record| record.map(|record| record.path))
    }

    #[test]
    fn every_form_of_sha256sum_is_read() {
        for line in ["HEX  a b", "HEX *a b", "SHA256 (a b) = HEX"] {
            assert_eq!(path(line), Ok(Some(b"a b".to_vec())), "{line}");
        }
        for line in ["\\HEX  a\\nb\\\\\\r", "\\SHA256 (a\\nb\\\\\\r) = HEX"] {
            assert_eq!(path(line), Ok(Some(b"a\nb\\\r".to_vec())), "{line}");
        }
        assert_eq!(path("SHA256 (a) = HEX) = HEX"), Ok(Some(format!("a) = {HEX}").into_bytes())));
        for line in ["# a comment", "", "MD5 (a) = 00", "BLAKE2b-256 (a) = 00"] {
            assert_eq!(path(line), Ok(None), "{line}");
        }
    }

    #[test]
    fn what_is_no_entry_is_said() {
        for (line, error) in [
            ("HEX", LineError::NoRecord),
            ("HEX a", LineError::NoRecord),
            ("nothing  a", LineError::NoRecord),
            ("HEX  ", LineError::NoPath),
            ("d41d8cd98f00b204e9800998ecf8427e  a", LineError::NotSha256),
            ("\\HEX  a\\t", LineError::Escape),
            ("\\HEX  a\\", LineError::Escape),
        ] {
            assert_eq!(path(line), Err(error), "{line}");
        }
    }

    #[test]
    fn hashdeep_columns_are_those_of_its_header() {
        let mut form = Form::Sums;
        let mut read = |line: &str| form.parse(line.replace("HEX", HEX).as_bytes());
        assert_eq!(read("%%%% HASHDEEP-1.0"), Ok(None));
        assert_eq!(read("1,HEX,a"), Err(LineError::NoColumn));
        assert_eq!(read("%%%% size,md5,sha256,filename"), Ok(None));
        assert_eq!(read("## Invoked from: /"), Ok(None));
        assert_eq!(read("1,00,HEX,a,b").unwrap().unwrap().path, b"a,b");
        assert_eq!(read("1,00,HEX"), Err(LineError::Columns));
        assert_eq!(Form::Sums.parse(b"%%%% HASHDEEP-2.0"), Err(LineError::Version));
    }

    #[test]
    fn a_header_after_entries_is_refused_with_its_line() {
        let dir = tempfile::tempdir().unwrap();
        let path = dir.path().join("listing");
        std::fs::write(&path, format!("{HEX}  a\n%%%% HASHDEEP-1.0\n")).unwrap();
        let mut records = Records::open(&path).unwrap();
        assert_eq!(records.next_record().unwrap().unwrap().1.path, b"a");
        let refused = records.next_record();
        assert!(
            matches!(refused, Err(RecordError::Line { line: 2, source: LineError::LateHeader, .. })),
            "{refused:?}"
        );
    }
}
