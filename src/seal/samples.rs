//! Chunks of a large file that were sealed before, read again when sealing goes on: a device, or a file whose times lie, may
//! have been written to meanwhile. Whatever uses a file system writes near its start.

use std::io::Read as _;
use std::path::Path;

use super::resume::{Point, ResumeError, open_member};
use crate::format::digest::Digest;
use crate::format::entry::Gap;
use crate::format::index::IndexPart;
use crate::format::member::MemberName;
use crate::hash::sha256;
use crate::output::Form;
use crate::read::Content;

/// So many chunks from the start are read again: 16 MiB of 256 KiB each.
const FIRST_COUNT: u64 = 64;

/// Some chunks of the large file that is open where sealing goes on.
pub(super) struct Samples {
    chunk_len: u64,
    chunks: Vec<(u64, Digest)>,
}

impl Samples {
    /// The first chunks, the last of each segment, and one of each that nobody can foresee without the bundle.
    pub(super) fn of(partial: &Path, form: Form, point: &Point, chunk_len: u64) -> Result<Self, ResumeError> {
        let mut chunks = Vec::new();
        let parts =
            point.members.iter().filter(|member| matches!(MemberName::parse(&member.name), Some(MemberName::Index(_))));
        for member in parts.filter(|_| point.open.is_some()) {
            let read = |source| ResumeError::Read { path: partial.to_owned(), source };
            let mut bytes = Vec::new();
            open_member(partial, form, member).and_then(|mut part| part.read_to_end(&mut bytes)).map_err(read)?;
            let part = IndexPart::parse(&bytes).map_err(|_| ResumeError::Damaged { path: partial.to_owned() })?;
            for file in part.files.iter().filter(|file| file.entry == point.start.first_entry) {
                let count = file.digests.len();
                let any = bytes.iter().fold(0_usize, |sum, byte| sum.wrapping_mul(31).wrapping_add(usize::from(*byte)));
                for (at, digest) in file.digests.iter().enumerate() {
                    let chunk = file.first_chunk + at as u64;
                    if chunk < FIRST_COUNT || at + 1 == count || at == any % count {
                        chunks.push((chunk, Digest(*digest)));
                    }
                }
            }
        }
        Ok(Self { chunk_len, chunks })
    }

    /// Reads the chunks again, but for those in which there are gaps; whether all are as they were sealed.
    pub(super) fn hold(&self, content: &mut dyn Content, gaps: &[Gap]) -> bool {
        self.chunks.iter().all(|(chunk, digest)| {
            let (start, end) = (chunk * self.chunk_len, (chunk + 1) * self.chunk_len);
            let has_gap = gaps.iter().any(|gap| gap.offset < end && start < gap.offset.saturating_add(gap.len));
            has_gap || self.read(content, start).is_some_and(|bytes| sha256(&bytes) == *digest)
        })
    }

    fn read(&self, content: &mut dyn Content, start: u64) -> Option<Vec<u8>> {
        let mut bytes = vec![0; usize::try_from(self.chunk_len).ok()?];
        let mut done = 0;
        while done < bytes.len() {
            match content.read_at(&mut bytes[done..], start + done as u64) {
                // The last chunk of a file may be shorter.
                Ok(0) => break,
                Ok(count) => done += count.min(bytes.len() - done),
                Err(error) if error.kind() == std::io::ErrorKind::Interrupted => {}
                Err(_) => return None,
            }
        }
        bytes.truncate(done);
        Some(bytes)
    }
}
