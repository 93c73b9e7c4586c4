//! What is computed side by side in lanes, computed again by the reference. What differs is never handed on.

use std::panic::{AssertUnwindSafe, catch_unwind, resume_unwind};

use thiserror::Error;

use super::PlainSha256;
use super::job::{Job, Outcome};
use super::kernel::Kernel;
use super::streams::Messages;
use crate::format::digest::Digest;

/// Two computations of one digest, or of one chain value, that differ.
#[derive(Clone, Debug, PartialEq, Eq, Error)]
#[error(
    "two computations of the SHA-256 of {len_bytes} bytes differ ({lanes} in lanes, {kernel}; {reference} by the \
     reference): this machine computes wrongly"
)]
pub struct Mismatch {
    /// The kernel for many messages; a narrower one may have taken part.
    pub kernel: Kernel,
    /// How many bytes were hashed.
    pub len_bytes: u64,
    /// What the lanes gave.
    pub lanes: Digest,
    /// What the reference gave.
    pub reference: Digest,
}

impl Mismatch {
    /// What the user can do about it.
    pub const HINT: &str = "trust no digest that this machine has computed; test its memory and processor";

    fn compare(kernel: Kernel, len_bytes: u64, lanes: Digest, reference: Digest) -> Result<Digest, Self> {
        if lanes == reference { Ok(lanes) } else { Err(Self { kernel, len_bytes, lanes, reference }) }
    }
}

/// Compares what the lanes gave for a job with what the reference gives.
///
/// # Panics
///
/// If they differ, with the [`Mismatch`]: nothing that is wrong gets any further, on whatever thread it was found. No
/// message is printed; [`caught`] makes an error of it.
pub(super) fn require(kernel: Kernel, job: Job, lanes: &Outcome) {
    let reference = job.reference();
    if *lanes == reference {
        return;
    }
    let (lanes, reference) = (shown(lanes), shown(&reference));
    resume_unwind(Box::new(Mismatch { kernel, len_bytes: job.len_bytes() as u64, lanes, reference }));
}

/// An outcome as a number to be shown.
fn shown(outcome: &Outcome) -> Digest {
    match outcome {
        Outcome::Digest(digest) => *digest,
        Outcome::ChainValue(value) => Digest(value.0),
        Outcome::Open(message) => message.as_ref().clone().finish(),
    }
}

/// Runs what has paranoid lanes in it, on this thread or on others that pass their panics on to it.
///
/// # Errors
/// The [`Mismatch`] that ended it.
pub fn caught<T>(run: impl FnOnce() -> T) -> Result<T, Mismatch> {
    catch_unwind(AssertUnwindSafe(run)).map_err(|panic| match panic.downcast::<Mismatch>() {
        Ok(mismatch) => *mismatch,
        Err(panic) => resume_unwind(panic),
    })
}

/// Messages that are hashed by the reference too, as they are read.
pub(super) struct Twice<'m, M> {
    kernel: Kernel,
    messages: &'m mut M,
}

impl<'m, M> Twice<'m, M> {
    pub(super) fn new(kernel: Kernel, messages: &'m mut M) -> Self {
        Self { kernel, messages }
    }
}

/// A message, and what the reference has of it.
pub(super) struct TwiceMessage<T> {
    message: T,
    len_bytes: u64,
    reference: Box<PlainSha256>,
}

impl<M: Messages> Messages for Twice<'_, M> {
    type Message = TwiceMessage<M::Message>;
    type Error = M::Error;

    fn next(&mut self, may_wait: bool) -> Option<Self::Message> {
        let message = self.messages.next(may_wait)?;
        Some(TwiceMessage { message, len_bytes: 0, reference: Box::default() })
    }

    fn read(&mut self, twice: &mut Self::Message, buf: &mut [u8]) -> Result<usize, M::Error> {
        let len = self.messages.read(&mut twice.message, buf)?;
        twice.reference.update(&buf[..len]);
        twice.len_bytes = twice.len_bytes.saturating_add(len as u64);
        Ok(len)
    }

    fn finish(&mut self, twice: Self::Message, result: Result<Digest, M::Error>) {
        let TwiceMessage { message, len_bytes, reference } = twice;
        let result = result.and_then(|lanes| Ok(Mismatch::compare(self.kernel, len_bytes, lanes, reference.finish())?));
        self.messages.finish(message, result);
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::format::digest::ChainValue;
    use crate::hash::{ChainedSha256, LaneHasher, with_wrong_kernel};

    /// Every kind of job, each with at least one block for a kernel.
    fn each_kind<'a>(message: &'a ChainedSha256, bytes: &'a [u8]) -> [(&'static str, Job<'a>); 5] {
        [
            ("a message", Job::message(bytes)),
            ("an interval", Job::interval(ChainValue::START, &bytes[..128]).unwrap()),
            ("a last interval", Job::last_interval(ChainValue::from_words([7; 8]), 640, bytes).unwrap()),
            ("more of a message", Job::more(message, bytes)),
            ("the last of a message", Job::last(message, bytes)),
        ]
    }

    fn begun() -> ChainedSha256 {
        let mut message = ChainedSha256::default();
        message.update(b"its first bytes");
        message
    }

    #[test]
    fn a_kernel_that_computes_wrongly_is_found_whatever_is_hashed() {
        let (message, bytes) = (begun(), [0x5c; 300]);
        for (what, job) in each_kind(&message, &bytes) {
            let run = |lanes: &mut LaneHasher| lanes.run(&[job], |_, _| ());
            let found = caught(|| run(&mut with_wrong_kernel(LaneHasher::new).paranoid(true))).unwrap_err();
            assert_eq!(found.len_bytes, job.len_bytes() as u64, "{what}");
            assert_eq!(found.reference, shown(&job.reference()), "{what}");
            assert!(found.to_string().contains(&found.kernel.to_string()), "{found}");
            run(&mut with_wrong_kernel(LaneHasher::new));
            run(&mut LaneHasher::new().paranoid(true));
        }
    }

    #[test]
    fn digests_that_were_known_beforehand_are_computed_again_too() {
        let zeros = vec![0; 1 << 18];
        let digests = |mut lanes: LaneHasher| caught(|| lanes.digests(&[&zeros]));
        assert_eq!(digests(with_wrong_kernel(LaneHasher::new)), digests(LaneHasher::new().paranoid(true)));
        assert!(digests(with_wrong_kernel(LaneHasher::new).paranoid(true)).is_err());
    }

    #[test]
    fn a_panic_of_another_kind_is_passed_on() {
        let panic = catch_unwind(|| caught(|| resume_unwind(Box::new("other")))).unwrap_err();
        assert_eq!(panic.downcast_ref(), Some(&"other"));
    }
}
