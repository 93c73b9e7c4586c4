//! Media that fail or change while they are read: what was not seen is never verified, and never refuted either.

use std::io;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};

use scelle::verify::{Bytes, Cancelled, Cause, Options, Verdict, Verification, ZipFile, rules, verify};

use super::{checks, few_items, options, verify_bundle};
use crate::reference::Sealed;
use crate::sealed::{Shape, reference_of, test_key};

/// Bytes of which a range cannot be read.
struct Failing {
    bytes: Vec<u8>,
    bad: std::ops::Range<u64>,
}

impl Bytes for Failing {
    fn len_bytes(&self) -> u64 {
        self.bytes.len() as u64
    }

    fn read_at(&self, buf: &mut [u8], offset: u64) -> io::Result<usize> {
        if offset < self.bad.end && offset + buf.len() as u64 > self.bad.start {
            return Err(io::Error::from_raw_os_error(5));
        }
        self.bytes.read_at(buf, offset)
    }
}

/// Bytes that are others from the nth read of one of them on, or from a range that was read often enough.
struct Changing {
    bytes: Vec<u8>,
    at: u64,
    reads: AtomicU64,
    from: u64,
}

impl Bytes for Changing {
    fn len_bytes(&self) -> u64 {
        self.bytes.len() as u64
    }

    fn read_at(&self, buf: &mut [u8], offset: u64) -> io::Result<usize> {
        let read = self.bytes.read_at(buf, offset)?;
        let within = self.at.checked_sub(offset).and_then(|at| usize::try_from(at).ok()).filter(|at| *at < read);
        if let Some(at) = within
            && self.reads.fetch_add(1, Ordering::Relaxed) >= self.from
        {
            buf[at] ^= 1;
        }
        Ok(read)
    }
}

/// Where each member's content stands in the file.
fn ranges(sealed: &Sealed) -> Vec<(String, std::ops::Range<u64>)> {
    let mut offset = 0;
    let range = |(name, bytes): &(String, Vec<u8>)| {
        let start = offset + 30 + name.len() as u64;
        offset = start + bytes.len() as u64;
        (name.clone(), start..offset)
    };
    sealed.members.iter().map(range).collect()
}

fn verify_failing(bytes: Vec<u8>, bad: std::ops::Range<u64>) -> Option<Verification> {
    ZipFile::open(Arc::new(Failing { bytes, bad })).ok().map(|bundle| verify_bundle(&bundle))
}

#[test]
fn a_member_that_cannot_be_read_cannot_be_told() {
    let sealed = reference_of(&few_items(), &Shape::small());
    for (name, range) in ranges(&sealed) {
        let middle = (range.start + range.end) / 2;
        let verification = verify_failing(sealed.zip.clone(), middle..middle + 1).expect("the wrapper can be read");
        assert_eq!(verification.verdict, Verdict::CouldNotCheck, "{name}: {}", super::said(&verification));
        assert!(verification.damage.ranges.iter().all(|range| range.cause == Cause::Unreadable), "{name}");
    }
}

#[test]
fn the_wrapper_that_cannot_be_read_is_an_error_of_its_own() {
    let sealed = reference_of(&few_items(), &Shape::small());
    let len = sealed.zip.len() as u64;
    for bad in [len - 1..len, 3..4, len - 300..len - 299] {
        assert!(verify_failing(sealed.zip.clone(), bad).is_none());
    }
}

#[test]
fn an_unreadable_frame_leaves_the_others_proven() {
    let sealed = reference_of(&few_items(), &Shape::small());
    let (_, range) = ranges(&sealed).into_iter().find(|(name, _)| name == "payload/00000001.tar.zst").expect("it");
    let verification = verify_failing(sealed.zip, range.start..range.start + 1).expect("the wrapper");
    let [damage] = &verification.damage.ranges[..] else { panic!("{:?}", verification.damage) };
    assert_eq!((damage.frame, damage.cause, damage.offset), (Some(0), Cause::Unreadable, 0));
    let frames = verification.ledger.tally(&rules::FRAME_DIGEST).expect("frames");
    assert_eq!((frames.cannot_tell, frames.failed), (1, 0));
    assert!(frames.passed > 5);
}

#[test]
fn a_file_that_changes_while_it_is_verified_is_never_verified() {
    let sealed = reference_of(&few_items(), &Shape::small());
    let clean = verify_bundle(&ZipFile::open(Arc::new(sealed.zip.clone())).expect("memory"));
    assert_eq!(clean.verdict, Verdict::Verified);
    let mut seen_changed = 0;
    for (name, range) in ranges(&sealed) {
        let text = name == "VERIFY.txt";
        for at in range.step_by(if text { 997 } else { 13 }) {
            for from in 0..5 {
                let bytes = Changing { bytes: sealed.zip.clone(), at, reads: AtomicU64::new(0), from };
                let bytes = Arc::new(bytes);
                let bundle = ZipFile::open(Arc::clone(&bytes) as Arc<dyn Bytes>).expect("memory");
                let verification = super::verify_bundle_alone(&bundle);
                // If it changed only after the last time that it was read, there was nothing to see.
                if bytes.reads.load(Ordering::Relaxed) > from {
                    assert_ne!(verification.verdict, Verdict::Verified, "{name}, byte {at}, read {from}");
                    let notes = checks(&verification, &rules::MEMBER_DIGEST);
                    seen_changed += u64::from(
                        notes.iter().any(|c| c.note.as_ref().is_some_and(|note| note.contains("changed while"))),
                    );
                }
            }
        }
    }
    assert!(seen_changed > 10, "{seen_changed}");
}

#[test]
fn the_user_can_stop_it_at_any_time() {
    let sealed = reference_of(&few_items(), &Shape::small());
    let signers = [test_key().public()];
    for stop_after in [0, 1, 5, 20] {
        let cancel = AtomicBool::new(false);
        let calls = AtomicU64::new(0);
        let progress = |_, _| {
            if calls.fetch_add(1, Ordering::Relaxed) >= stop_after {
                cancel.store(true, Ordering::Relaxed);
            }
        };
        let bundle = ZipFile::open(Arc::new(sealed.zip.clone())).expect("memory");
        let options = Options { progress: &progress, ..options(&signers, &cancel) };
        assert_eq!(verify(&bundle, &options).err(), Some(Cancelled.into()));
    }
}

#[test]
fn progress_ends_at_the_whole() {
    let sealed = reference_of(&few_items(), &Shape::small());
    let signers = [test_key().public()];
    let (cancel, last, total) = (AtomicBool::new(false), AtomicU64::new(0), AtomicU64::new(0));
    let progress = |done, all| {
        last.fetch_max(done, Ordering::Relaxed);
        total.store(all, Ordering::Relaxed);
    };
    let bundle = ZipFile::open(Arc::new(sealed.zip)).expect("memory");
    verify(&bundle, &Options { progress: &progress, ..options(&signers, &cancel) }).expect("not interrupted");
    assert_eq!(last.load(Ordering::Relaxed), total.load(Ordering::Relaxed));
    let bytes: usize = sealed.members.iter().map(|(_, bytes)| bytes.len()).sum();
    assert_eq!(total.load(Ordering::Relaxed), bytes as u64);
}
