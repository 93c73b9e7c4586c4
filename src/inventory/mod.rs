//! Digests of many files: the listing that `scelle hash` prints, and its comparison with earlier ones.
//!
//! ```text
//!  Files ──► Batches ──► threads, each with its lanes ──► in order again ──► the caller
//! ```
//!
//! The walk puts names into batches of a few files. A thread takes a batch when its lanes have room, opens each file when
//! a lane is free for it and reads it piece by piece into that lane's own memory. So lanes never wait for the end of a
//! batch, and what is hashed is in the cache of the core that read it. Done batches are put in order again by their
//! number; what is on its way between the walk and the caller is bounded in bytes, whatever the number of files.
//!
//! # What was measured
//!
//! Beside other tools: `benches/RESULTS.md`. About 1.1 of 2.7 core-seconds for 103,000 files of a Debian system, 4.7 GB in the
//! page cache, are system calls: opening, and copying out of the page cache.
//!
//! Processor time by the length of a piece, least of six runs: 4 KiB 3.30 s, 8 KiB 3.05, 16 KiB 2.86, 32 KiB 2.75,
//! 64 KiB 2.72, 128 KiB 2.92, when the buffers of all lanes no longer fit the second cache.
//!
//! Mapping files was not taken up: where one is cut short, or its medium fails, the process gets a signal that safe code
//! cannot turn into an error, and populating a mapping first narrows that only to the time after.

mod batch;
mod plain_file;
mod task;
mod todo;
mod worker;
pub mod record;
pub mod audit;
pub mod known;

use std::collections::BTreeMap;
use std::io;
use std::num::NonZeroUsize;
use std::ops::ControlFlow;
use std::panic::resume_unwind;
use std::sync::atomic::{AtomicBool, Ordering};
use std::thread::Builder;

use crossbeam_channel::{Receiver, unbounded};

use self::batch::{Batch, Batches, DoneBatch, StopOnPanic, Window};
use self::task::Task;
use self::todo::Todo;
use self::worker::Worker;
use crate::format::digest::Digest;
use crate::hash::{LaneHasher, Mismatch, OtherAlgorithm, OtherDigest};
use crate::read::{FileError, FileFound, FilePath, Media};
use crate::report::escape::escape;

/// What is wanted of each file.
#[derive(Clone, Debug)]
pub struct Options {
    /// Threads that read and hash; at least one.
    pub thread_count: usize,
    /// Threads that may read at a time what is not cached; if not given, one for each physical disk that rotates, and all
    /// elsewhere ([`Media`]).
    pub readers: Option<NonZeroUsize>,
    /// Digests beside SHA-256.
    pub others: Vec<OtherAlgorithm>,
    /// Digests of chunks of this many bytes, each by itself, and none of whole files.
    pub chunk_len_bytes: Option<u64>,
    /// Hash everything again with the reference, and compare.
    pub paranoid: bool,
}

/// What became of something that was found.
#[derive(Debug)]
pub enum Listed {
    /// A file, or a chunk of one, with its digests.
    File(FileDigests),
    /// Something that is not read.
    Skipped {
        /// Where.
        path: FilePath,
        /// What it is, in words.
        what: &'static str,
        /// Whether it was asked for by name.
        is_given: bool,
    },
    /// What could not be read.
    Failed(FileError),
}

impl Listed {
    /// What it is about.
    pub fn path(&self) -> &FilePath {
        match self {
            Self::File(file) => &file.path,
            Self::Skipped { path, .. } => path,
            Self::Failed(error) => error.path(),
        }
    }
}

/// Digests of a file, or of a chunk of one.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct FileDigests {
    /// Where it is.
    pub path: FilePath,
    /// Of a chunk: where it begins.
    pub offset_bytes: Option<u64>,
    /// Bytes that were read and hashed.
    pub len_bytes: u64,
    /// Their SHA-256.
    pub sha256: Digest,
    /// Other digests of them, in the order asked for.
    pub others: Vec<OtherDigest>,
}

/// Why there is no listing.
#[derive(Debug, thiserror::Error)]
#[expect(missing_docs, reason = "the messages say it")]
pub enum InventoryError {
    #[error("{}", escape(path))]
    Mismatch { path: Vec<u8>, source: Mismatch },
    #[error("cannot start a thread")]
    Thread(#[source] io::Error),
    #[error("no file handle is left to open {}", escape(path))]
    NoHandles { path: Vec<u8> },
    #[error("interrupted")]
    Interrupted,
}

/// Hashes all that is found and gives it to `take` in the order in which it was found, until `take` has enough.
///
/// # Errors
/// [`InventoryError::Interrupted`] if `cancel` was set; [`InventoryError::Mismatch`] if the digests of one file differ,
/// which then is not given to `take`.
pub fn inventory(
    found: impl Iterator<Item = FileFound> + Send,
    options: &Options,
    cancel: &AtomicBool,
    mut take: impl FnMut(Listed) -> ControlFlow<()>,
) -> Result<(), InventoryError> {
    let window = Window::new(cancel);
    let media = Media::new(options.readers);
    let todo = Todo::new(&window, options.thread_count.max(1) * 2);
    let (done, results) = unbounded();
    std::thread::scope(|scope| {
        // `take` is the caller's: if it panics, the others must not wait for it.
        let _guard = StopOnPanic(&window);
        let walk = Builder::new().spawn_scoped(scope, || {
            let _guard = StopOnPanic(&window);
            let count = walk(found, options, &window, &todo);
            todo.complete();
            count
        });
        let walk = walk.map_err(InventoryError::Thread)?;
        for _ in 0..options.thread_count.max(1) {
            let mut worker = Worker::new(options, &window, &media, &todo, done.clone());
            let mut lanes = LaneHasher::new().paranoid(options.paranoid);
            let window = &window;
            let started = Builder::new().spawn_scoped(scope, move || {
                let _guard = StopOnPanic(window);
                lanes.run_messages(&mut worker);
            });
            if let Err(source) = started {
                window.stop();
                return Err(InventoryError::Thread(source));
            }
        }
        drop(done);
        let taken = in_order(&results, &window, &mut take);
        let is_stopped = window.is_stopped();
        window.stop();
        let found = walk.join().unwrap_or_else(|panic| resume_unwind(panic));
        // Whoever relies on a listing relies on nothing being left out of it.
        assert!(is_stopped || !matches!(taken, Ok(taken) if taken != found), "something that was found is not listed");
        taken.map(drop)
    })?;
    if cancel.load(Ordering::Relaxed) { Err(InventoryError::Interrupted) } else { Ok(()) }
}

/// Hands out all that is found; gives the number of tasks that it became.
fn walk(found: impl Iterator<Item = FileFound>, options: &Options, window: &Window<'_>, todo: &Todo<'_, '_>) -> u64 {
    let mut batches = Batches::default();
    let hand_out = |batch: Batch| window.enter(batch.cost()) && todo.push(batch);
    let mut put = |task| !window.is_stopped() && batches.push(task).is_none_or(hand_out);
    for found in found {
        let goes_on = match options.chunk_len_bytes {
            None => put(Task::whole(found)),
            Some(chunk_len) => Task::chunks(found, chunk_len.max(1)).all(&mut put),
        };
        if !goes_on {
            window.stop();
            break;
        }
    }
    let _ = batches.end().is_none_or(hand_out);
    batches.count()
}

/// Puts results in order again; gives the number of those that were taken.
fn in_order(
    results: &Receiver<Result<DoneBatch, InventoryError>>,
    window: &Window<'_>,
    take: &mut impl FnMut(Listed) -> ControlFlow<()>,
) -> Result<u64, InventoryError> {
    let mut waiting = BTreeMap::new();
    let mut next = 0_u64;
    for batch in results {
        let batch = batch?;
        waiting.insert(batch.first, batch);
        while let Some(DoneBatch { listed, cost, .. }) = waiting.remove(&next) {
            next += listed.len() as u64;
            for listed in listed {
                if window.is_stopped() {
                    // By a mismatch, which is among what is still to come, or from outside.
                    return results.iter().find_map(Result::err).map_or(Ok(next), Err);
                }
                if let Listed::Failed(error) = &listed
                    && error.lacks_handles()
                {
                    window.stop();
                    return Err(InventoryError::NoHandles { path: error.path().to_bytes() });
                }
                if take(listed).is_break() {
                    window.stop();
                    return Ok(next);
                }
            }
            window.leave(cost);
        }
    }
    Ok(next)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::causes::with_causes;
    use crate::hash::{sha256, with_wrong_kernel};
    use crate::read::{Files, NamedFile};

    #[test]
    fn two_computations_that_differ_are_said_with_both_digests_and_nothing_is_listed() {
        let dir = tempfile::tempdir().unwrap();
        std::fs::write(dir.path().join("a\nb"), b"a").unwrap();
        let list = |paranoid| {
            let options = Options { paranoid, ..options() };
            let mut listed = Vec::new();
            let result = inventory(Files::new(vec![dir.path().into()]), &options, &AtomicBool::new(false), |found| {
                listed.push(found);
                ControlFlow::Continue(())
            });
            (result, listed)
        };
        let (result, listed) = with_wrong_kernel(|| list(true));
        let error = with_causes(&result.unwrap_err());
        assert!(error.contains("/a\\nb: two computations"), "{error}");
        assert!(error.contains(&sha256(b"a").to_string()), "{error}");
        assert!(listed.is_empty());
        let Listed::File(wrong) = &with_wrong_kernel(|| list(false)).1[0] else { panic!("a file") };
        assert!(error.contains(&wrong.sha256.to_string()), "{error}");
        assert!(matches!(list(true), (Ok(()), listed) if listed.len() == 1));
    }

    #[test]
    fn a_mismatch_is_told_however_much_is_to_be_taken_before_it() {
        let dir = tempfile::tempdir().unwrap();
        // What comes first holds nothing that a wrong kernel could get wrong: what is skipped has no digest.
        let skipped = (0..1000).map(|n: u32| FileFound::Skipped {
            path: FilePath::given(n.to_string().into_bytes()),
            what: "",
            is_given: false,
        });
        std::fs::write(dir.path().join("z"), b"z").unwrap();
        let found = skipped.chain(Files::new(vec![dir.path().into()]));
        let options = Options { paranoid: true, ..options() };
        let result = with_wrong_kernel(|| {
            inventory(found, &options, &AtomicBool::new(false), |_| {
                std::thread::sleep(std::time::Duration::from_millis(1));
                ControlFlow::Continue(())
            })
        });
        assert!(matches!(result, Err(InventoryError::Mismatch { .. })), "{result:?}");
    }

    fn options() -> Options {
        Options { thread_count: 2, readers: None, others: Vec::new(), chunk_len_bytes: None, paranoid: false }
    }

    #[test]
    fn whoever_has_enough_ends_it() {
        let dir = tempfile::tempdir().unwrap();
        for i in 0..5000 {
            std::fs::write(dir.path().join(i.to_string()), b"x").unwrap();
        }
        let mut taken = 0;
        let result = inventory(Files::new(vec![dir.path().into()]), &options(), &AtomicBool::new(false), |_| {
            taken += 1;
            if taken == 7 { ControlFlow::Break(()) } else { ControlFlow::Continue(()) }
        });
        assert!(result.is_ok());
        assert_eq!(taken, 7);
    }

    #[test]
    fn an_interruption_ends_it_inside_a_file_that_never_ends() {
        let cancel = AtomicBool::new(false);
        let dir = tempfile::tempdir().unwrap();
        let file = std::fs::File::create(dir.path().join("endless")).unwrap();
        file.set_len(1 << 42).unwrap();
        let result = std::thread::scope(|scope| {
            scope.spawn(|| {
                std::thread::sleep(std::time::Duration::from_millis(50));
                cancel.store(true, Ordering::Relaxed);
            });
            let endless = FilePath::given(dir.path().join("endless").as_os_str().as_encoded_bytes().to_vec());
            let found = std::iter::once(FileFound::File(NamedFile::given(endless)));
            inventory(found, &options(), &cancel, |_| ControlFlow::Continue(()))
        });
        assert!(matches!(result, Err(InventoryError::Interrupted)));
    }
}
