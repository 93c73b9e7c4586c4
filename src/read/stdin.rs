//! Standard input as a source: one entry, whose bytes come once and cannot be asked for again (SPEC.md SRC-1).
//!
//! A size must be known before the content. If the operator told it, the bytes are sealed as they come; else they wait
//! in an unnamed file beside the bundle until the last has come.

use std::fs::File;
use std::io::{self, Read as _, Write as _};
use std::os::fd::{AsFd, OwnedFd};
use std::os::unix::fs::FileExt as _;
use std::path::PathBuf;
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::sync::{Arc, Mutex, PoisonError};

use rustix::event::{PollFd, PollFlags, Timespec, poll};
use rustix::io::Errno;

use super::{Content, Found, Source, SourceError};
use crate::format::entry::{Changed, Entry, Kind};
use crate::format::path::EntryPath;

/// Standard input, or another stream that ends.
pub struct Stdin {
    path: Option<EntryPath>,
    input: Option<File>,
    size_told: Option<u64>,
    /// Where bytes of which the number is not known wait.
    spool_dir: PathBuf,
    state: Arc<State>,
}

/// What content and source share.
struct State {
    cancel: &'static AtomicBool,
    failure: Mutex<Option<SourceError>>,
    received: Arc<AtomicU64>,
}

/// How long one wait for bytes lasts before it is asked whether to stop.
const WAIT: Timespec = Timespec { tv_sec: 0, tv_nsec: 100_000_000 };
/// Bytes read at a time into the waiting file.
const BLOCK_LEN: usize = 1 << 20;
/// Mode of the entry: nothing is known of it, and its owner should be able to read what is restored.
const MODE: u16 = 0o600;

impl Stdin {
    /// A stream as an entry of this path. `received` counts its bytes as they come.
    pub fn new(
        input: OwnedFd,
        path: EntryPath,
        size_told: Option<u64>,
        spool_dir: PathBuf,
        cancel: &'static AtomicBool,
        received: Arc<AtomicU64>,
    ) -> Self {
        let state = Arc::new(State { cancel, failure: Mutex::new(None), received });
        Self { path: Some(path), input: Some(input.into()), size_told, spool_dir, state }
    }

    /// Reads all of it into an unnamed file.
    fn spool(&self, input: &mut File) -> Result<(File, u64), SourceError> {
        let mut spool = tempfile::tempfile_in(&self.spool_dir).map_err(SourceError::Spool)?;
        let (mut block, mut len) = (vec![0; BLOCK_LEN], 0u64);
        loop {
            let count = self.state.read(input, &mut block)?;
            if count == 0 {
                return Ok((spool, len));
            }
            spool.write_all(&block[..count]).map_err(SourceError::Spool)?;
            len += count as u64;
        }
    }
}

impl Source for Stdin {
    fn next(&mut self) -> Option<Found> {
        let (path, mut input) = (self.path.take()?, self.input.take()?);
        let mut entry = Entry::bare(path, Kind::File);
        entry.mode = MODE;
        let state = Arc::clone(&self.state);
        let content: Box<dyn Content> = match self.size_told {
            Some(size) => {
                entry.size = Some(size);
                Box::new(Streamed { input, size, next: 0, has_ended: false, error: None, state })
            }
            None => match self.spool(&mut input) {
                Ok((spool, len)) => {
                    entry.size = Some(len);
                    Box::new(Spooled { spool, state })
                }
                Err(error) => {
                    state.fail(error);
                    return None;
                }
            },
        };
        Some(Found { entry, content: Some(content) })
    }

    fn end(&mut self) -> Result<(), SourceError> {
        self.state.failure.lock().unwrap_or_else(PoisonError::into_inner).take().map_or(Ok(()), Err)
    }
}

impl State {
    /// Waits for bytes and reads some; 0 is the end.
    fn read(&self, input: &mut File, buf: &mut [u8]) -> Result<usize, SourceError> {
        loop {
            if self.cancel.load(Ordering::Relaxed) {
                return Err(SourceError::Interrupted);
            }
            let mut waiting = [PollFd::from_borrowed_fd(input.as_fd(), PollFlags::IN)];
            match poll(&mut waiting, Some(&WAIT)) {
                Ok(0) | Err(Errno::INTR) => continue,
                // What cannot be waited for need not be.
                Ok(_) | Err(_) => {}
            }
            match input.read(buf) {
                Ok(count) => {
                    self.received.fetch_add(count as u64, Ordering::Relaxed);
                    return Ok(count);
                }
                // A pipe may have been opened so by whoever made it.
                Err(error) if matches!(error.kind(), io::ErrorKind::Interrupted | io::ErrorKind::WouldBlock) => {}
                Err(source) => {
                    return Err(SourceError::Stream { received: self.received.load(Ordering::Relaxed), source });
                }
            }
        }
    }

    /// The first failure is the one to be told.
    fn fail(&self, error: SourceError) {
        self.failure.lock().unwrap_or_else(PoisonError::into_inner).get_or_insert(error);
    }
}

/// Bytes that wait in a file of our own.
struct Spooled {
    spool: File,
    state: Arc<State>,
}

impl Content for Spooled {
    fn read_at(&mut self, buf: &mut [u8], offset_bytes: u64) -> io::Result<usize> {
        match self.spool.read_at(buf, offset_bytes) {
            // The file is ours: that it cannot be read says nothing of what came.
            Err(error) if error.kind() != io::ErrorKind::Interrupted => {
                self.state.fail(SourceError::Spool(error));
                Ok(0)
            }
            result => result,
        }
    }

    fn changed(&mut self) -> Option<Changed> {
        None
    }
}

/// Bytes that are sealed as they come. They can be had only once, in order.
struct Streamed {
    input: File,
    size: u64,
    /// Offset of the byte that comes next.
    next: u64,
    has_ended: bool,
    /// The error after which none came any more.
    error: Option<Errno>,
    state: Arc<State>,
}

impl Content for Streamed {
    fn read_at(&mut self, buf: &mut [u8], offset_bytes: u64) -> io::Result<usize> {
        if let Some(errno) = self.error {
            return Err(errno.into());
        }
        if self.has_ended {
            return Ok(0);
        }
        if offset_bytes != self.next {
            self.state.fail(SourceError::OutOfOrder);
            return Ok(0);
        }
        match self.state.read(&mut self.input, buf) {
            Ok(count) => {
                self.next += count as u64;
                self.has_ended = count == 0 && !buf.is_empty();
                Ok(count)
            }
            Err(SourceError::Stream { source, .. }) => {
                self.error = Some(Errno::from_io_error(&source).unwrap_or(Errno::IO));
                Err(source)
            }
            Err(error) => {
                self.state.fail(error);
                Ok(0)
            }
        }
    }

    /// Waits for the end: more bytes than were told must not be lost without a word.
    fn changed(&mut self) -> Option<Changed> {
        if self.error.is_none() && self.next == self.size {
            match self.state.read(&mut self.input, &mut [0]) {
                Ok(0) | Err(SourceError::Stream { .. }) => {}
                Ok(_) => self.state.fail(SourceError::Longer { told: self.size }),
                Err(error) => self.state.fail(error),
            }
        }
        None
    }
}
