//! Content that lies in one frame as a whole: most files. All that a frame holds of it is hashed side by side.

use std::ops::Range;

use super::check::{Check, Ledger};
use super::damage::DamagedEntry;
use super::rules;
use crate::format::digest::Digest;
use crate::hash::LaneHasher;

/// Content that is proven, or not, by one digest over all of it.
pub(super) struct OneDigest {
    /// The digest of its line.
    pub expected: Digest,
    /// It has chunks too, which the lost index part would tell.
    pub has_chunks: bool,
    /// The entry, of which nothing is proven or lost yet.
    pub entry: DamagedEntry,
}

impl OneDigest {
    /// Compares the digest of its bytes; `None` if not all of them are there. Gives the bytes that are proven, and the
    /// entry if its content is lost.
    pub fn compare(mut self, found: Option<Digest>, ledger: &mut Ledger) -> (u64, Option<DamagedEntry>) {
        let path = self.entry.path.as_bytes();
        if self.has_chunks {
            ledger.add(Check::cannot_tell(&rules::CHUNKS_ROOT, path).note("the index part is lost"));
        }
        match found {
            Some(found) if found == self.expected => {
                ledger.pass(&rules::CONTENT_DIGEST);
                return (self.entry.size, None);
            }
            Some(found) => {
                ledger.add(Check::failed(&rules::CONTENT_DIGEST, path).expected(self.expected).actual(found));
            }
            None => {
                ledger.add(Check::cannot_tell(&rules::CONTENT_DIGEST, path).note("some of it is not there"));
            }
        }
        self.entry.lose(0..self.entry.size);
        (0, Some(self.entry).filter(|entry| entry.lost_bytes > 0))
    }
}

/// The content of one frame that waits to be hashed.
#[derive(Default)]
pub(super) struct Batch(Vec<(Range<usize>, OneDigest)>);

impl Batch {
    /// Adds content that lies there in the frame's plain bytes.
    pub fn add(&mut self, place: Range<usize>, content: OneDigest) {
        self.0.push((place, content));
    }

    /// Hashes and compares what waits. Gives the bytes that are proven; `lost` takes the entries that are not.
    pub fn settle(
        &mut self,
        plain: &[u8],
        lanes: &mut LaneHasher,
        ledger: &mut Ledger,
        mut lost: impl FnMut(DamagedEntry),
    ) -> u64 {
        let messages: Vec<_> = self.0.iter().map(|(place, _)| plain.get(place.clone()).unwrap_or_default()).collect();
        let digests = lanes.digests(&messages);
        let mut proven_bytes = 0;
        for ((place, content), digest) in self.0.drain(..).zip(digests) {
            // Nothing is ever proven by bytes that are not there.
            let found = (place.end <= plain.len()).then_some(digest);
            let (proven, entry) = content.compare(found, ledger);
            proven_bytes += proven;
            entry.into_iter().for_each(&mut lost);
        }
        proven_bytes
    }
}
