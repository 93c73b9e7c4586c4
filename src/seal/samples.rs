//! Chunks of a large file that were sealed before, read again when sealing goes on: a device, or a file whose times lie, may
//! have been written to meanwhile. Whatever uses a file system writes near its start.

use std::io::Read as _;
use std::path::Path;

use super::resume::{Point, ResumeError, open_member};
use crate::format::digest::Digest;
use crate::format::entry::Entry;
use crate::format::index::IndexPart;
use crate::format::member::MemberName;
use crate::hash::sha256;
use crate::output::Form;
use crate::read::{Content, Patience, Watch, fill};

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

    /// Reads the chunks again; whether all are as they were sealed. What cannot be read now, or could not be then, tells nothing.
    pub(super) fn hold(&self, content: &mut dyn Content, entry: &Entry) -> bool {
        let size = entry.tar_content_len();
        let watch = Watch { is_stopped: &|| false, failing: &|_| (), now: &|| None };
        // A chunk fails as a whole: what else of it could be had is of no use here.
        let patience = Patience { retries: 0, sector_len: Some(self.chunk_len) };
        self.chunks.iter().all(|(chunk, digest)| {
            let start = chunk * self.chunk_len;
            let end = (start + self.chunk_len).min(size);
            let mut bytes = vec![0; usize::try_from(end.saturating_sub(start)).unwrap_or_default()];
            let mut gaps = Vec::new();
            fill(content, size, start, &mut bytes, &mut gaps, patience, &watch);
            let had_gap = entry.gaps.iter().any(|gap| gap.offset < end && start < gap.offset.saturating_add(gap.len));
            had_gap || !gaps.is_empty() || sha256(&bytes) == *digest
        })
    }
}
