//! Taking turns at a medium that is slow when several read from it at a time: on a disk that rotates each change from one
//! file to another is a movement of its heads.
//!
//! Whoever has the turn draws a long run of a file into the page cache, from where it is then hashed beside others. What
//! is cached already is read by all at once. Drawing is only a help: its errors come again when the bytes are read.

use std::collections::HashMap;
use std::num::NonZeroUsize;
use std::sync::{Arc, Condvar, Mutex, MutexGuard, PoisonError};

use super::device::rotating_disk;
use super::file_bytes::FileBytes;
use crate::format::entry::DeviceNumber;

/// Bytes that are drawn in one turn, at most: long enough that a disk of 200 MB/s spends a tenth of its time on movements,
/// short enough that the runs of all lanes together are no burden on the page cache.
const RUN_LEN: u64 = 8 << 20;

/// Bytes that are drawn at a time.
const PIECE_LEN: u64 = 128 << 10;

/// The media that files are on, as far as turns are to be taken at them.
pub struct Media {
    /// Turns for all files, whatever they are on.
    common: Option<Arc<Turns>>,
    /// Turns for each disk, by the devices of the file systems on it.
    disks: Mutex<Disks>,
}

#[derive(Default)]
struct Disks {
    of_device: HashMap<DeviceNumber, Option<Arc<Turns>>>,
    of_disk: HashMap<DeviceNumber, Arc<Turns>>,
}

impl Media {
    /// At most so many readers at a time of data that is not cached; if not given, one for each physical disk that
    /// rotates, and any number elsewhere.
    pub fn new(readers: Option<NonZeroUsize>) -> Self {
        let common = readers.map(|count| Arc::new(Turns::new(count.get())));
        Self { common, disks: Mutex::default() }
    }

    /// The turns to be taken at the medium of a file, if any.
    pub fn turns_of(&self, file: &FileBytes) -> Option<Arc<Turns>> {
        if let Some(common) = &self.common {
            return Some(Arc::clone(common));
        }
        let mut disks = self.disks.lock().unwrap_or_else(PoisonError::into_inner);
        let Disks { of_device, of_disk } = &mut *disks;
        let turns = of_device.entry(file.device()).or_insert_with(|| {
            let disk = rotating_disk(file.device())?;
            Some(Arc::clone(of_disk.entry(disk).or_insert_with(|| Arc::new(Turns::new(1)))))
        });
        turns.clone()
    }
}

/// Turns at one medium.
pub struct Turns {
    free: Mutex<usize>,
    ended: Condvar,
}

/// A turn, while it lasts.
struct Turn<'t>(&'t Turns);

impl Turns {
    fn new(count: usize) -> Self {
        Self { free: Mutex::new(count), ended: Condvar::new() }
    }

    /// Draws what is not cached of the run of a file that starts at an offset, of which no more than `len_bytes` are wanted,
    /// and gives the offset at its end: up to there the file can be read at once. Gives up when `is_stopped` says so.
    pub fn draw(&self, file: &FileBytes, offset_bytes: u64, len_bytes: u64, is_stopped: impl Fn() -> bool) -> u64 {
        let end = offset_bytes.saturating_add(RUN_LEN.min(len_bytes));
        let last = end.min(file.len_bytes()).saturating_sub(1);
        if file.is_cached(offset_bytes) && file.is_cached(last) {
            return end;
        }
        let mut piece = vec![0; usize::try_from(PIECE_LEN.min(last + 1)).unwrap_or_default()];
        let _turn = self.begin();
        let mut at = offset_bytes;
        while at <= last && !is_stopped() {
            // Another may have drawn it meanwhile, and the system reads ahead.
            let piece_last = (at + piece.len() as u64 - 1).min(last);
            if file.is_cached(piece_last) {
                at = piece_last + 1;
                continue;
            }
            match file.read_at(&mut piece, at) {
                Ok(len) if len == piece.len() => at += len as u64,
                Ok(_) | Err(_) => break,
            }
        }
        end
    }

    fn begin(&self) -> Turn<'_> {
        let mut free = self.free();
        while *free == 0 {
            free = self.ended.wait(free).unwrap_or_else(PoisonError::into_inner);
        }
        *free -= 1;
        Turn(self)
    }

    fn free(&self) -> MutexGuard<'_, usize> {
        self.free.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Drop for Turn<'_> {
    fn drop(&mut self) {
        *self.0.free() += 1;
        self.0.ended.notify_one();
    }
}
