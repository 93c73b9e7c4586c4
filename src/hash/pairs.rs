//! The digest of a whole and those of its chunks in one pass: where two streams take no longer than one, the chunks cost
//! nothing beside the chain.

use super::{ChainedSha256, Job, LaneHasher, Outcome};
use crate::format::digest::{ChainValue, Digest};

impl LaneHasher {
    /// Takes the next content of a message, which begins at a multiple of 64 bytes. Gives the chain value at the start of each
    /// of its chunks, and the plain digest of each chunk.
    pub fn update_with_chunk_digests(
        &mut self,
        message: &mut ChainedSha256,
        content: &[u8],
        chunk_len: usize,
    ) -> (Vec<ChainValue>, Vec<Digest>) {
        let chunks = content.chunks(chunk_len);
        if !self.plan().has_pairs() {
            let values = message.update_chunks(content, chunk_len);
            return (values, self.digests(&chunks.collect::<Vec<_>>()));
        }
        let mut values = Vec::with_capacity(chunks.len());
        let digests = chunks.map(|chunk| {
            values.extend(message.chain_value());
            self.update_with_digest(message, chunk)
        });
        let digests = digests.collect();
        (values, digests)
    }

    /// Takes the next bytes of a message, and gives the digest of these bytes alone.
    fn update_with_digest(&mut self, message: &mut ChainedSha256, bytes: &[u8]) -> Digest {
        let (mut next, mut digest) = (None, None);
        self.run(&[Job::more(message, bytes), Job::message(bytes)], |_, outcome| match outcome {
            Outcome::Open(open) => next = Some(*open),
            outcome => digest = outcome.digest(),
        });
        *message = next.expect("more of a message ends open");
        digest.expect("a message ends with its digest")
    }
}
