//! Work in bounded portions: files go out in batches, come back in any order, and are put in order again.

use std::collections::VecDeque;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Condvar, Mutex, MutexGuard, PoisonError};

use super::Listed;
use super::task::Task;
use crate::read::FileBytes;

/// Most tasks in a batch. Small, so that the last ones are shared by all threads.
const TASKS_MAX: usize = 32;

/// Most directories, and files of which chunks are hashed, that a batch holds open.
const HANDLES_MAX: usize = 8;

/// What is on its way between the walk and the listing may take so much memory, in bytes. A batch waits there for one
/// before it that takes long; so others can go on for some 100,000 files while one is long.
const WINDOW_LEN: usize = 32 << 20;

/// Bytes that a task takes beside its path, or what came of it, at most.
const TASK_LEN: usize = 448;

/// Tasks that one thread works on.
pub(super) struct Batch {
    /// Position of its first task among all tasks.
    pub(super) first: u64,
    pub(super) tasks: VecDeque<Task>,
    cost: usize,
}

/// A batch of which all is known.
pub(super) struct DoneBatch {
    /// Position of its first task among all tasks.
    pub(super) first: u64,
    pub(super) listed: Vec<Listed>,
    /// To be given back to the window.
    pub(super) cost: usize,
}

/// Puts tasks into batches.
#[derive(Default)]
pub(super) struct Batches {
    next: u64,
    tasks: VecDeque<Task>,
    cost: usize,
    handles: usize,
    before: Option<Arc<[u8]>>,
    file: Option<Arc<FileBytes>>,
}

impl Batches {
    /// Adds a task; gives a batch when it is full.
    pub(super) fn push(&mut self, task: Task) -> Option<Batch> {
        let path = task.path();
        self.cost += TASK_LEN + path.name_len();
        if self.before.as_ref().is_none_or(|before| !Arc::ptr_eq(before, path.before())) {
            self.before = Some(Arc::clone(path.before()));
            self.cost += path.before().len();
            self.handles += 1;
        }
        if let Some(file) =
            task.file().filter(|file| self.file.as_ref().is_none_or(|before| !Arc::ptr_eq(before, file)))
        {
            self.file = Some(Arc::clone(file));
            self.handles += 1;
        }
        self.tasks.push_back(task);
        if self.tasks.len() == TASKS_MAX || self.handles >= HANDLES_MAX { self.end() } else { None }
    }

    /// Tasks that were put into batches.
    pub(super) fn count(&self) -> u64 {
        self.next
    }

    /// What was added since the last batch.
    pub(super) fn end(&mut self) -> Option<Batch> {
        if self.tasks.is_empty() {
            return None;
        }
        let first = self.next;
        self.next += self.tasks.len() as u64;
        (self.before, self.file, self.handles) = (None, None, 0);
        Some(Batch { first, tasks: std::mem::take(&mut self.tasks), cost: std::mem::take(&mut self.cost) })
    }
}

impl Batch {
    pub(super) fn cost(&self) -> usize {
        self.cost
    }

    /// Takes half of its tasks away, the later ones, of which `begun` are gone already. Of those that are begun here, or else
    /// of the one that will be next, there is work enough to keep.
    pub(super) fn split(&mut self, begun: usize) -> Option<Self> {
        let kept = (self.tasks.len() / 2).max(usize::from(begun == 0));
        let tasks = self.tasks.split_off(kept.min(self.tasks.len()));
        if tasks.is_empty() {
            return None;
        }
        let cost = self.cost / 2;
        self.cost -= cost;
        Some(Self { first: self.first + (begun + kept) as u64, tasks, cost })
    }
}

/// How much is on its way, and whether to stop.
pub(super) struct Window<'c> {
    used: Mutex<usize>,
    room: Condvar,
    stopped: AtomicBool,
    cancel: &'c AtomicBool,
}

impl<'c> Window<'c> {
    /// Nothing is on its way. Stops also when `cancel` is set.
    pub(super) fn new(cancel: &'c AtomicBool) -> Self {
        Self { used: Mutex::new(0), room: Condvar::new(), stopped: AtomicBool::new(false), cancel }
    }

    /// Waits until there is room; false if everything stops.
    pub(super) fn enter(&self, cost: usize) -> bool {
        let mut used = self.used();
        while *used > 0 && *used + cost > WINDOW_LEN && !self.is_stopped() {
            used = self.room.wait(used).unwrap_or_else(PoisonError::into_inner);
        }
        *used += cost;
        !self.is_stopped()
    }

    pub(super) fn leave(&self, cost: usize) {
        let mut used = self.used();
        *used = used.saturating_sub(cost);
        self.room.notify_all();
    }

    /// Ends all work soon.
    pub(super) fn stop(&self) {
        self.stopped.store(true, Ordering::Relaxed);
        // With the lock, so that nobody is between looking and waiting.
        let _used = self.used();
        self.room.notify_all();
    }

    pub(super) fn is_stopped(&self) -> bool {
        self.stopped.load(Ordering::Relaxed) || self.cancel.load(Ordering::Relaxed)
    }

    fn used(&self) -> MutexGuard<'_, usize> {
        self.used.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// Stops everything when a thread ends by a panic: the others would wait for what it had.
pub(super) struct StopOnPanic<'w, 'c>(pub(super) &'w Window<'c>);

impl Drop for StopOnPanic<'_, '_> {
    fn drop(&mut self) {
        if std::thread::panicking() {
            self.0.stop();
        }
    }
}
