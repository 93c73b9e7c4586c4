//! Reader, workers, chain and writer, each on threads of their own, joined by queues.
//!
//! ```text
//! source -> Packer -+-> workers (hash, compress) -+-> SegmentWriter -> Output
//!                   +-> chain (large files) ------+
//! ```
//!
//! A frame takes a token when the reader passes it on and gives it back when it is written, so that no queue can grow
//! past the number of tokens and none but the reader ever waits: that rules out deadlock and bounds memory.

use std::any::Any;
use std::collections::BTreeMap;
use std::panic::{AssertUnwindSafe, catch_unwind, resume_unwind};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::thread::{Builder, Scope, ScopedJoinHandle};

use crossbeam_channel::{Receiver, Sender, bounded, unbounded};

use super::chain::{Chain, ChainDone, ChainJob};
use super::rest::Rest;
use super::segments::SegmentWriter;
use super::{Progress, SealError};
use crate::format::cuts::Limits;
use crate::format::derive::Seed;
use crate::format::path::EntryPath;
use crate::format::time::Instant;
use crate::pack::{CompressError, Digests, DoneFrame, FrameSink, FrameWorker, Packer, PlainFrame, Pool, Stopped};
use crate::read::{Patience, Source};

/// What the pipeline needs besides source and writer.
pub struct Setup<'a> {
    /// Cut limits.
    pub limits: Limits,
    /// Compression level.
    pub level: i32,
    /// Threads that hash and compress.
    pub worker_count: usize,
    /// What is hashed of content.
    pub digests: Digests,
    /// Salts and blinds.
    pub seed: Arc<Seed>,
    /// How hard a failing medium is tried.
    pub patience: Patience,
    /// Seal also what was read of a source whose medium went away meanwhile.
    pub incomplete_ok: bool,
    /// Reads the clock, unless times were given by hand.
    pub now: Option<&'a (dyn Fn() -> Instant + Sync)>,
    /// What was sealed before, if this goes on with an unfinished sealing.
    pub rest: Option<&'a Rest>,
    /// Counters for a progress bar.
    pub progress: &'a Progress,
    /// Set from outside to stop.
    pub cancel: &'a AtomicBool,
}

/// One result on its way to the writer.
enum Done {
    Frame(Result<DoneFrame, CompressError>),
    Chain(ChainDone),
    /// Passed on, so that the writer does not wait for a frame that will never come.
    Panic(Box<dyn Any + Send>),
}

/// Runs all of it. Returns when the last frame is written, or at the first error.
pub fn run(setup: &Setup<'_>, source: &mut dyn Source, writer: &mut SegmentWriter<'_>) -> Result<(), SealError> {
    // One frame in each worker, one being read, one being written, one between.
    let token_count = setup.worker_count + 3;
    let pool = Pool::new(2 * token_count);
    let (token_in, token_out) = bounded(token_count);
    for _ in 0..token_count {
        let _ = token_in.send(());
    }
    let (frame_in, frame_out) = unbounded::<PlainFrame>();
    let (chain_in, chain_out) = unbounded::<ChainJob>();
    let (done_in, done_out) = unbounded::<Done>();
    let mut workers = Vec::new();
    for _ in 0..setup.worker_count.max(1) {
        let (digests, seed) = (setup.digests.clone(), Arc::clone(&setup.seed));
        workers.push(FrameWorker::new(setup.limits, digests, seed, setup.level, pool.clone())?);
    }
    std::thread::scope(|scope| {
        for worker in workers {
            let (frames, done) = (frame_out.clone(), done_in.clone());
            start(scope, move || work(worker, &frames, &done))?;
        }
        let (mut in_order, done) = (Chain::new(setup.limits.chunk_len(), &setup.digests), done_in.clone());
        if let Some((chain, offset_bytes)) = setup.rest.and_then(Rest::open_chain) {
            in_order.resume(chain, offset_bytes);
        }
        start(scope, move || chain(in_order, &chain_out, &done))?;
        drop((frame_out, done_in));

        let chains = setup.digests.follow_large_files().then_some(chain_in);
        let sink = Queues { tokens: token_out, frames: frame_in, chains, setup, gone: None };
        let mut packer = Packer::new(sink, pool, setup.limits, setup.patience);
        if let Some(rest) = setup.rest {
            packer.resume(rest.start.clone());
        }
        let reader = start(scope, move || read(packer, source))?;

        let written = Reorder::new(setup.digests.follow_large_files()).write(&done_out, &token_in, writer);
        // If the writer failed, the reader may be waiting for a token that will not come.
        drop((token_in, done_out));
        let read = reader.join().unwrap_or_else(|panic| resume_unwind(panic));
        written?;
        read
    })
}

/// Starts a thread. If there is none to be had, the queues' ends go with the caller's return, and the threads that run
/// already end with them.
fn start<'scope, T: Send + 'scope>(
    scope: &'scope Scope<'scope, '_>,
    run: impl FnOnce() -> T + Send + 'scope,
) -> Result<ScopedJoinHandle<'scope, T>, SealError> {
    Builder::new().spawn_scoped(scope, run).map_err(SealError::Thread)
}

fn read(mut packer: Packer<Queues<'_>>, source: &mut dyn Source) -> Result<(), SealError> {
    let rest = packer.sink().setup.rest;
    let mut n = 0;
    while let Some(mut found) = source.next() {
        if packer.sink().is_stopped() {
            return Err(SealError::Interrupted);
        }
        if let Some(cause) = found.lacks_handles() {
            return Err(SealError::NoHandles { cause: cause.to_owned(), path: found.entry.path.as_bytes().to_vec() });
        }
        packer.sink().setup.progress.count_entry();
        if let Some(rest) = rest {
            let is_sealed = rest.compare(n, &found.entry)?;
            rest.sample(n, found.content.as_deref_mut())?;
            n += 1;
            if is_sealed {
                packer.sink().setup.progress.count_bytes(found.entry.tar_content_len());
                continue;
            }
        }
        let added = packer.add(found);
        if let Some(gone) = packer.sink_mut().gone.take() {
            return Err(gone);
        }
        added?;
    }
    if let Some(rest) = rest {
        rest.expect_end(n)?;
    }
    source.end()?;
    Ok(packer.finish().map(drop)?)
}

fn work(mut worker: FrameWorker, frames: &Receiver<PlainFrame>, done: &Sender<Done>) {
    for frame in frames {
        let result = catch_unwind(AssertUnwindSafe(|| worker.work(frame)));
        if done.send(result.map_or_else(Done::Panic, Done::Frame)).is_err() {
            return;
        }
    }
}

fn chain(mut chain: Chain, jobs: &Receiver<ChainJob>, done: &Sender<Done>) {
    for job in jobs {
        let result = catch_unwind(AssertUnwindSafe(|| chain.take(job)));
        if done.send(result.map_or_else(Done::Panic, Done::Chain)).is_err() {
            return;
        }
    }
}

/// The reader's end of the queues.
struct Queues<'a> {
    tokens: Receiver<()>,
    frames: Sender<PlainFrame>,
    chains: Option<Sender<ChainJob>>,
    setup: &'a Setup<'a>,
    /// The medium that went away, if that ends the work.
    gone: Option<SealError>,
}

impl FrameSink for Queues<'_> {
    fn send(&mut self, mut frame: PlainFrame) -> Result<(), Stopped> {
        self.tokens.recv().map_err(|_| Stopped)?;
        // Beside the chain the digests of its chunks cost almost nothing. Only while workers wait for frames is the chain what
        // all wait for, as in the empty parts of a disk image, and better left alone.
        frame.chain_has_chunks = self.setup.digests.whole_file && frame.piece().is_some() && !self.frames.is_empty();
        if let (Some(chains), Some(job)) = (&self.chains, ChainJob::of(&frame)) {
            chains.send(job).map_err(|_| Stopped)?;
        }
        self.frames.send(frame).map_err(|_| Stopped)
    }

    fn read(&mut self, len_bytes: u64) -> Result<(), Stopped> {
        self.setup.progress.count_bytes(len_bytes);
        if self.is_stopped() { Err(Stopped) } else { Ok(()) }
    }

    fn gone(&mut self, path: &EntryPath, offset_bytes: u64) -> Result<(), Stopped> {
        if self.setup.incomplete_ok {
            return Ok(());
        }
        self.gone = Some(SealError::Gone { path: path.as_bytes().to_vec(), offset_bytes });
        Err(Stopped)
    }

    fn failing(&self, len_bytes: u64) {
        self.setup.progress.set_failing(len_bytes);
    }

    fn now(&self) -> Option<Instant> {
        self.setup.now.map(|now| now())
    }

    fn is_stopped(&self) -> bool {
        self.setup.cancel.load(Ordering::Relaxed)
    }
}

/// Puts results back into order: workers finish when they finish.
struct Reorder {
    wait_for_chain: bool,
    next: u64,
    frames: BTreeMap<u64, DoneFrame>,
    chains: BTreeMap<u64, ChainDone>,
}

impl Reorder {
    fn new(wait_for_chain: bool) -> Self {
        Self { wait_for_chain, next: 0, frames: BTreeMap::new(), chains: BTreeMap::new() }
    }

    fn write(
        mut self,
        done: &Receiver<Done>,
        tokens: &Sender<()>,
        writer: &mut SegmentWriter<'_>,
    ) -> Result<(), SealError> {
        for result in done {
            match result {
                Done::Frame(frame) => {
                    let frame = frame?;
                    self.frames.insert(frame.sequence, frame);
                }
                Done::Chain(chain) => {
                    self.chains.insert(chain.sequence, chain);
                }
                Done::Panic(panic) => resume_unwind(panic),
            }
            while let Some((frame, chain)) = self.take_next() {
                writer.frame(frame, chain)?;
                // The reader may be gone; then nobody needs the token.
                let _ = tokens.try_send(());
            }
        }
        Ok(())
    }

    /// The next frame in order, once its chain is there too.
    fn take_next(&mut self) -> Option<(DoneFrame, Option<ChainDone>)> {
        let frame = self.frames.get(&self.next)?;
        let has_piece = frame.has_piece();
        if self.wait_for_chain && has_piece && !self.chains.contains_key(&self.next) {
            return None;
        }
        let chain = self.chains.remove(&self.next);
        let frame = self.frames.remove(&self.next)?;
        self.next += 1;
        Some((frame, chain))
    }
}
