//! One thread's part: opens files as lanes want them, reads them piece by piece, and tells what became of each.

use std::sync::Arc;

use crossbeam_channel::{Receiver, Sender};

use super::batch::{Batch, DoneBatch, Window};
use super::task::{Bytes, Task};
use super::{FileDigests, InventoryError, Listed, Options};
use crate::format::digest::Digest;
use crate::hash::{Messages, Mismatch, OtherHashers};
use crate::read::{FileError, Media, Turns};

/// One thread's part.
pub(super) struct Worker<'a> {
    options: &'a Options,
    window: &'a Window<'a>,
    media: &'a Media,
    todo: Receiver<Batch>,
    done: Sender<Result<DoneBatch, InventoryError>>,
    /// The batch from which the next message comes, and those of which messages are being worked on.
    next: Option<(u64, std::iter::Enumerate<std::vec::IntoIter<Task>>)>,
    open: Vec<OpenBatch>,
}

struct OpenBatch {
    number: u64,
    listed: Vec<Option<Listed>>,
    left: usize,
    cost: usize,
}

/// A file or chunk that is being hashed.
pub(super) struct Message {
    batch: u64,
    index: usize,
    bytes: Bytes,
    len_bytes: u64,
    /// Turns to be taken at its medium, and up to where its bytes can be read without one.
    turns: Option<(Arc<Turns>, u64)>,
    others: Option<Box<OtherHashers>>,
}

/// Why a message ended without a digest.
pub(super) enum Failed {
    File(FileError),
    /// Its digest is not what the reference gives.
    Differs(Mismatch),
    /// Everything stops.
    Stopped,
}

impl From<Mismatch> for Failed {
    fn from(mismatch: Mismatch) -> Self {
        Self::Differs(mismatch)
    }
}

impl<'a> Worker<'a> {
    pub(super) fn new(
        options: &'a Options,
        window: &'a Window<'a>,
        media: &'a Media,
        todo: Receiver<Batch>,
        done: Sender<Result<DoneBatch, InventoryError>>,
    ) -> Self {
        Self { options, window, media, todo, done, next: None, open: Vec::new() }
    }

    fn message(&self, batch: u64, index: usize, bytes: Bytes) -> Message {
        let algorithms = &self.options.others;
        Message {
            batch,
            index,
            turns: self.media.turns_of(bytes.file()).map(|turns| (turns, 0)),
            bytes,
            len_bytes: 0,
            others: (!algorithms.is_empty()).then(|| Box::new(OtherHashers::new(algorithms))),
        }
    }

    /// The next task, with the number of its batch and its index in it.
    fn task(&mut self, may_wait: bool) -> Option<(u64, usize, Task)> {
        loop {
            if self.window.is_stopped() {
                return None;
            }
            if let Some((number, tasks)) = &mut self.next
                && let Some((index, task)) = tasks.next()
            {
                return Some((*number, index, task));
            }
            let batch = if may_wait { self.todo.recv().ok() } else { self.todo.try_recv().ok() }?;
            let (number, cost, left) = (batch.number, batch.cost(), batch.tasks.len());
            let listed = std::iter::repeat_with(|| None).take(left).collect();
            self.open.push(OpenBatch { number, listed, left, cost });
            self.next = Some((number, batch.tasks.into_iter().enumerate()));
        }
    }

    /// Puts a result in its place, and hands on the batch if it was the last.
    fn put(&mut self, number: u64, index: usize, listed: Listed) {
        let Some(position) = self.open.iter().position(|batch| batch.number == number) else { return };
        let batch = &mut self.open[position];
        batch.listed[index] = Some(listed);
        batch.left -= 1;
        if batch.left == 0 {
            let OpenBatch { number, listed, cost, .. } = self.open.swap_remove(position);
            let done = DoneBatch { number, listed: listed.into_iter().flatten().collect(), cost };
            // Nobody takes it any more when everything stops.
            let _ = self.done.send(Ok(done));
        }
    }
}

impl Messages for Worker<'_> {
    type Message = Message;
    type Error = Failed;

    fn next(&mut self, may_wait: bool) -> Option<Message> {
        loop {
            let (batch, index, task) = self.task(may_wait)?;
            let listed = match task {
                Task::File(file) => match file.open() {
                    Ok((path, bytes)) => return Some(self.message(batch, index, Bytes::File(path, bytes))),
                    Err(error) => Listed::Failed(error),
                },
                Task::Chunk(chunk) => return Some(self.message(batch, index, Bytes::Chunk(chunk))),
                Task::Told(listed) => listed,
            };
            self.put(batch, index, listed);
        }
    }

    fn read(&mut self, message: &mut Message, buf: &mut [u8]) -> Result<usize, Failed> {
        if self.window.is_stopped() {
            // Whoever waits for room must know it too.
            self.window.stop();
            return Err(Failed::Stopped);
        }
        let offset_bytes = message.bytes.offset_bytes() + message.len_bytes;
        if let Some((turns, drawn_to)) = &mut message.turns
            && offset_bytes >= *drawn_to
        {
            *drawn_to = turns.draw(message.bytes.file(), offset_bytes, || self.window.is_stopped());
        }
        let len = message.bytes.read(buf, message.len_bytes).map_err(Failed::File)?;
        let read = &buf[..len];
        message.len_bytes = message.len_bytes.saturating_add(len as u64);
        if let Some(others) = &mut message.others {
            others.update(read);
        }
        Ok(len)
    }

    fn finish(&mut self, message: Message, result: Result<Digest, Failed>) {
        let Message { batch, index, bytes, len_bytes, others, .. } = message;
        let (path, offset_bytes) = match bytes {
            Bytes::File(path, _) => (path, None),
            Bytes::Chunk(chunk) => (chunk.path, Some(chunk.offset_bytes)),
        };
        let sha256 = match result {
            Ok(digest) => digest,
            Err(Failed::File(error)) => return self.put(batch, index, Listed::Failed(error)),
            Err(Failed::Differs(source)) => {
                // Before anything that is wrong can be listed: a batch with such a file is never handed on.
                let _ = self.done.send(Err(InventoryError::Mismatch { path: path.to_bytes(), source }));
                return self.window.stop();
            }
            Err(Failed::Stopped) => return,
        };
        let others = others.map(|others| others.finish()).unwrap_or_default();
        self.put(batch, index, Listed::File(FileDigests { path, offset_bytes, len_bytes, sha256, others }));
    }
}
