//! A kernel that computes wrongly, for tests of what finds it.

use std::cell::Cell;

use super::Block;
use super::reference::Reference;
use super::states::{Compress, States};

thread_local! {
    static IS_WANTED: Cell<bool> = const { Cell::new(false) };
}

/// The reference with one bit of every result turned over.
#[derive(Clone, Copy)]
pub(super) struct Wrong;

impl Compress<1> for Wrong {
    fn compress(&self, states: &mut States<1>, lanes: &[&[Block]; 1]) -> usize {
        let steps = Reference.compress(states, lanes);
        states.0[7][0] ^= 1;
        steps
    }
}

/// Whether hashers that this thread makes now are to be wrong.
pub(super) fn is_wanted() -> bool {
    IS_WANTED.get()
}

/// Runs something whose hashers, as far as this thread makes them, have a kernel that computes wrongly.
pub(crate) fn with_wrong_kernel<T>(run: impl FnOnce() -> T) -> T {
    struct Restore(bool);
    impl Drop for Restore {
        fn drop(&mut self) {
            IS_WANTED.set(self.0);
        }
    }
    let _restore = Restore(IS_WANTED.replace(true));
    run()
}
