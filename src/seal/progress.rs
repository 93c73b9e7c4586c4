//! Counters that a progress bar reads while sealing runs.

use std::sync::atomic::{AtomicU64, Ordering};

/// How far a sealing has come.
#[derive(Debug, Default)]
pub struct Progress {
    entries: AtomicU64,
    bytes: AtomicU64,
    failing: AtomicU64,
    lost: AtomicU64,
}

impl Progress {
    /// Entries begun.
    pub fn entries(&self) -> u64 {
        self.entries.load(Ordering::Relaxed)
    }

    /// Bytes of content read.
    pub fn bytes(&self) -> u64 {
        self.bytes.load(Ordering::Relaxed)
    }

    /// Bytes of the region that is being read around that were not had so far; 0 if all goes well.
    pub fn failing(&self) -> u64 {
        self.failing.load(Ordering::Relaxed)
    }

    /// Bytes that could not be read, of regions that are done.
    pub fn lost(&self) -> u64 {
        self.lost.load(Ordering::Relaxed)
    }

    pub(super) fn set_failing(&self, len: u64) {
        let before = self.failing.swap(len, Ordering::Relaxed);
        if len == 0 {
            self.lost.fetch_add(before, Ordering::Relaxed);
        }
    }

    pub(super) fn count_entry(&self) {
        self.entries.fetch_add(1, Ordering::Relaxed);
    }

    pub(super) fn count_bytes(&self, len: u64) {
        self.bytes.fetch_add(len, Ordering::Relaxed);
    }
}
