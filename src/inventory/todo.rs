//! Batches on their way from the walk to the threads. A thread that has nothing left gets a part of what another has not
//! begun: a few large files are shared by all threads as many small ones are.

use std::collections::VecDeque;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Condvar, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use super::batch::{Batch, Window};

/// How long a wait takes at most before whoever waits looks whether everything stops.
const LOOK_AGAIN: Duration = Duration::from_millis(20);

/// Batches that nobody has begun.
pub(super) struct Todo<'w, 'c> {
    window: &'w Window<'c>,
    state: Mutex<State>,
    changed: Condvar,
    /// Threads that wait and for which no batch is there.
    wanting: AtomicUsize,
    /// Batches that may wait: more would only be more open directories.
    batches_max: usize,
}

#[derive(Default)]
struct State {
    batches: VecDeque<Batch>,
    /// Threads that wait for a batch, or asked for one in vain and have lanes free.
    waiting: usize,
    /// Threads with tasks that they have not begun, of which others may get a part.
    holders: usize,
    /// Whether the walk has come to its end.
    is_complete: bool,
}

impl<'w, 'c> Todo<'w, 'c> {
    pub(super) fn new(window: &'w Window<'c>, batches_max: usize) -> Self {
        Self { window, state: Mutex::default(), changed: Condvar::new(), wanting: AtomicUsize::new(0), batches_max }
    }

    /// Adds a batch when there is room for it; false if everything stops.
    pub(super) fn push(&self, batch: Batch) -> bool {
        let mut state = self.state();
        while state.batches.len() >= self.batches_max && !self.window.is_stopped() {
            state = self.wait(state);
        }
        state.batches.push_back(batch);
        self.count_wanting(&state);
        self.changed.notify_all();
        !self.window.is_stopped()
    }

    /// Says that no more will be added.
    pub(super) fn complete(&self) {
        self.state().is_complete = true;
        self.changed.notify_all();
    }

    /// The next batch, of which others may get a part until [`Self::let_go`]. `None` if there is none; with `may_wait` only
    /// when there will be none, or everything stops.
    pub(super) fn take(&self, may_wait: bool, is_hungry: &mut bool) -> Option<Batch> {
        let mut state = self.state();
        if std::mem::take(is_hungry) {
            state.waiting -= 1;
        }
        loop {
            if let Some(batch) = state.batches.pop_front() {
                state.holders += 1;
                self.count_wanting(&state);
                self.changed.notify_all();
                return Some(batch);
            }
            let is_end = state.is_complete && state.holders == 0;
            if !may_wait && !is_end {
                *is_hungry = true;
                state.waiting += 1;
                self.count_wanting(&state);
            }
            if !may_wait || is_end || self.window.is_stopped() {
                return None;
            }
            state.waiting += 1;
            self.count_wanting(&state);
            state = self.wait(state);
            state.waiting -= 1;
            self.count_wanting(&state);
        }
    }

    /// Whether another thread has nothing to do, and nothing is there for it.
    pub(super) fn is_wanted(&self) -> bool {
        self.wanting.load(Ordering::Relaxed) > 0
    }

    /// Gives up a part of a batch that was taken.
    pub(super) fn share(&self, batch: Batch) {
        let mut state = self.state();
        state.batches.push_front(batch);
        self.count_wanting(&state);
        self.changed.notify_all();
    }

    /// All of a batch that was taken has been begun, or will never be.
    pub(super) fn let_go(&self) {
        self.state().holders -= 1;
        self.changed.notify_all();
    }

    fn count_wanting(&self, state: &State) {
        self.wanting.store(state.waiting.saturating_sub(state.batches.len()), Ordering::Relaxed);
    }

    fn wait<'s>(&self, state: MutexGuard<'s, State>) -> MutexGuard<'s, State> {
        self.changed.wait_timeout(state, LOOK_AGAIN).unwrap_or_else(PoisonError::into_inner).0
    }

    fn state(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

#[cfg(test)]
mod tests {
    use std::sync::atomic::AtomicBool;

    use super::super::Listed;
    use super::super::batch::Batches;
    use super::super::task::Task;
    use super::*;
    use crate::read::FilePath;

    fn batch_of(count: usize) -> Batch {
        let mut batches = Batches::default();
        for n in 0..count {
            let path = FilePath::given(n.to_string().into_bytes());
            assert!(batches.push(Task::Told(Listed::Skipped { path, what: "", is_given: false })).is_none());
        }
        batches.end().unwrap()
    }

    #[test]
    fn whoever_waits_gets_a_part_of_what_another_has_not_begun_and_ends_when_nobody_has_any() {
        let cancel = AtomicBool::new(false);
        let window = Window::new(&cancel);
        let todo = Todo::new(&window, 4);
        assert!(todo.push(batch_of(5)));
        todo.complete();
        let mut held = todo.take(true, &mut false).unwrap();
        held.tasks.pop_front();
        std::thread::scope(|scope| {
            let other = scope.spawn(|| {
                let part = todo.take(true, &mut false).unwrap();
                todo.let_go();
                (part.first, part.tasks.len(), todo.take(true, &mut false).is_none())
            });
            while !todo.is_wanted() {
                std::thread::yield_now();
            }
            let whole_cost = held.cost();
            let half = held.split(1).unwrap();
            assert_eq!(half.cost() + held.cost(), whole_cost);
            todo.share(half);
            todo.let_go();
            assert_eq!(other.join().unwrap(), (3, 2, true));
        });
        assert_eq!(held.tasks.len(), 2);
    }

    #[test]
    fn whoever_has_begun_gives_the_last_one_away_and_whoever_has_not_keeps_one() {
        let mut held = batch_of(1);
        assert!(held.split(0).is_none());
        let mut held = batch_of(2);
        held.tasks.pop_front();
        assert_eq!(held.split(1).map(|half| (half.first, half.tasks.len())), Some((1, 1)));
        assert!(held.split(1).is_none());
    }

    #[test]
    fn whoever_waits_ends_when_everything_stops() {
        let cancel = AtomicBool::new(false);
        let window = Window::new(&cancel);
        let todo = Todo::new(&window, 1);
        assert!(todo.push(batch_of(1)));
        std::thread::scope(|scope| {
            let full = scope.spawn(|| todo.push(batch_of(1)));
            let (first, second) = (todo.take(true, &mut false), todo.take(true, &mut false));
            let waits = scope.spawn(|| todo.take(true, &mut false).is_none());
            window.stop();
            assert!(first.is_some() && second.is_some());
            assert!(waits.join().unwrap());
            let _ = full.join();
        });
    }
}
