//! One thread's part: opens files as lanes want them, reads them piece by piece, and tells what became of each.

use std::sync::Arc;

use crossbeam_channel::Sender;

use super::batch::{Batch, DoneBatch, Window};
use super::task::{Bytes, Task};
use super::todo::Todo;
use super::{FileDigests, InventoryError, Listed, Options};
use crate::format::digest::Digest;
use crate::hash::{Messages, Mismatch, OtherHashers};
use crate::read::{FileError, Media, Turns};

/// One thread's part.
pub(super) struct Worker<'a> {
    options: &'a Options,
    window: &'a Window<'a>,
    media: &'a Media,
    todo: &'a Todo<'a, 'a>,
    done: Sender<Result<DoneBatch, InventoryError>>,
    /// The batch from which the next message comes, as far as it is not begun.
    next: Option<Batch>,
    /// Whether this thread asked for a batch in vain, and counts as one that wants some.
    is_hungry: bool,
    /// Batches of which messages are being worked on, with the one above.
    open: Vec<OpenBatch>,
}

struct OpenBatch {
    first: u64,
    /// What became of each task that was begun.
    listed: Vec<Option<Listed>>,
    /// Tasks that are not done, begun or not.
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
        todo: &'a Todo<'a, 'a>,
        done: Sender<Result<DoneBatch, InventoryError>>,
    ) -> Self {
        Self { options, window, media, todo, done, next: None, is_hungry: false, open: Vec::new() }
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

    /// The next task, with the position of its batch and its index in it.
    fn task(&mut self, may_wait: bool) -> Option<(u64, usize, Task)> {
        loop {
            if self.window.is_stopped() {
                return None;
            }
            // With nothing under way this thread needs the next task itself; after that others get their part.
            if !may_wait {
                self.share();
            }
            if let Some(batch) = &mut self.next
                && let Some(task) = batch.tasks.pop_front()
            {
                let open = self.open.iter_mut().rfind(|open| open.first == batch.first);
                let open = open.expect("a batch is open until its last task is done");
                open.listed.push(None);
                let index = open.listed.len() - 1;
                let first = open.first;
                if batch.tasks.is_empty() {
                    self.let_go();
                }
                return Some((first, index, task));
            }
            let batch = self.todo.take(may_wait, &mut self.is_hungry)?;
            let (first, cost, left) = (batch.first, batch.cost(), batch.tasks.len());
            self.open.push(OpenBatch { first, listed: Vec::with_capacity(left), left, cost });
            self.next = Some(batch);
        }
    }

    /// Gives others the later half of what is not begun, if one has nothing to begin with.
    fn share(&mut self) {
        let Some(batch) = self.next.as_mut().filter(|_| self.todo.is_wanted()) else { return };
        let whole_cost = batch.cost();
        if let Some(open) = self.open.iter_mut().rfind(|open| open.first == batch.first)
            && let Some(half) = batch.split(open.listed.len())
        {
            open.left -= half.tasks.len();
            open.cost -= whole_cost - batch.cost();
            self.todo.share(half);
        }
        if batch.tasks.is_empty() {
            self.let_go();
        }
    }

    /// The batch has no task that is not begun.
    fn let_go(&mut self) {
        if self.next.take().is_some() {
            self.todo.let_go();
        }
    }

    /// Puts a result in its place, and hands on the batch if it was the last.
    fn put(&mut self, first: u64, index: usize, listed: Listed) {
        let Some(position) = self.open.iter().position(|batch| batch.first == first) else { return };
        let batch = &mut self.open[position];
        batch.listed[index] = Some(listed);
        batch.left -= 1;
        if batch.left == 0 {
            let OpenBatch { first, listed, cost, .. } = self.open.swap_remove(position);
            let done = DoneBatch { first, listed: listed.into_iter().flatten().collect(), cost };
            // Nobody takes it any more when everything stops.
            let _ = self.done.send(Ok(done));
        }
    }
}

impl Drop for Worker<'_> {
    fn drop(&mut self) {
        // Also when this thread panics: others would wait for a part of its batch.
        self.let_go();
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
        // Lanes that are all busy begin nothing, and would keep for long what others could begin with.
        self.share();
        let offset_bytes = message.bytes.offset_bytes() + message.len_bytes;
        if let Some((turns, drawn_to)) = &mut message.turns
            && offset_bytes >= *drawn_to
        {
            let (file, len_bytes) = (message.bytes.file(), message.bytes.len_bytes() - message.len_bytes);
            *drawn_to = turns.draw(file, offset_bytes, len_bytes, || self.window.is_stopped());
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
