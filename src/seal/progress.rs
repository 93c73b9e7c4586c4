//! Counters that a progress bar reads while sealing runs.

use std::sync::atomic::{AtomicU64, Ordering};

/// How far a sealing has come.
#[derive(Debug, Default)]
pub struct Progress {
    entries: AtomicU64,
    bytes: AtomicU64,
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

    pub(super) fn count_entry(&self) {
        self.entries.fetch_add(1, Ordering::Relaxed);
    }

    pub(super) fn count_bytes(&self, len: u64) {
        self.bytes.fetch_add(len, Ordering::Relaxed);
    }
}
