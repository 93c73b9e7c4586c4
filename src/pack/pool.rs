//! Buffers that are used again: sealing allocates a few frames' worth of memory, whatever the size of the evidence.

use std::ops::{Deref, DerefMut};

use crossbeam_channel::{Receiver, Sender};

/// A store of idle buffers. Cloning shares it.
#[derive(Clone)]
pub struct Pool {
    idle: Receiver<Vec<u8>>,
    give_back: Sender<Vec<u8>>,
}

impl Pool {
    /// A pool that keeps at most this many idle buffers.
    pub fn new(idle_max: usize) -> Self {
        let (give_back, idle) = crossbeam_channel::bounded(idle_max);
        Self { idle, give_back }
    }

    /// An empty buffer, used before if there is one.
    pub fn take(&self) -> Buffer {
        let mut bytes = self.idle.try_recv().unwrap_or_default();
        bytes.clear();
        Buffer { bytes, give_back: self.give_back.clone() }
    }
}

/// Bytes that go back to their pool when dropped.
pub struct Buffer {
    bytes: Vec<u8>,
    give_back: Sender<Vec<u8>>,
}

impl Deref for Buffer {
    type Target = Vec<u8>;

    fn deref(&self) -> &Vec<u8> {
        &self.bytes
    }
}

impl DerefMut for Buffer {
    fn deref_mut(&mut self) -> &mut Vec<u8> {
        &mut self.bytes
    }
}

impl Drop for Buffer {
    fn drop(&mut self) {
        // A full pool lets the buffer go.
        let _ = self.give_back.try_send(std::mem::take(&mut self.bytes));
    }
}
