//! Many messages that are read while they are hashed, piece by piece, so that what is hashed is still in the cache that
//! it was read into.

use super::hasher::LaneHasher;
use super::padding::Padding;
use super::paranoid::{Mismatch, Twice};
use super::plan::Stage;
use super::states::{Compress, States};
use super::{BLOCK_LEN, Block};
use crate::format::digest::{ChainValue, Digest};

/// Messages to be hashed: which there are, their bytes, and what becomes of each.
pub trait Messages {
    /// A message that has begun.
    type Message;
    /// Why a message has no digest: its bytes cannot be had, or what the lanes gave is not what the reference gives.
    type Error: From<Mismatch>;

    /// The next message to begin with. With `may_wait` none is being worked on: it may take its time, and `None` is the
    /// end. Without, `None` only says that there is none at hand.
    fn next(&mut self, may_wait: bool) -> Option<Self::Message>;

    /// The next bytes of a message. Fewer than `buf` has room for are its last ones.
    ///
    /// # Errors
    /// The message is given up, and [`Self::finish`] gets the error.
    fn read(&mut self, message: &mut Self::Message, buf: &mut [u8]) -> Result<usize, Self::Error>;

    /// Takes a message that ended: every one that [`Self::next`] gave, exactly once, in no order.
    fn finish(&mut self, message: Self::Message, result: Result<Digest, Self::Error>);
}

/// Bytes of a message that are read at a time. Those of all lanes together stay in the second cache of a core.
pub const PIECE_LEN: usize = PIECE_BLOCKS * BLOCK_LEN;
const PIECE_BLOCKS: usize = 512;

/// Room for a piece and the padding behind it.
type Buffer = Box<[Block]>;

impl LaneHasher {
    /// Hashes messages to their end. A lane goes on with the next message as soon as its last one ends, so that lanes
    /// are only idle when there is nothing at hand.
    ///
    /// A message begins when there is a free lane of the widest kernel; with few of them left, kernels that are faster for
    /// few take over, and one long message is worked on as fast as the processor's SHA instructions are.
    pub fn run_messages<M: Messages>(&mut self, messages: &mut M) {
        if self.is_paranoid() {
            self.run_lanes(&mut Twice::new(self.kernel(), messages));
        } else {
            self.run_lanes(messages);
        }
    }

    fn run_lanes<M: Messages>(&mut self, messages: &mut M) {
        let stages = self.plan().stages();
        let Some(widest) = stages.first().map(|stage| stage.kernel.lanes()) else { return };
        let mut lanes = Lanes { busy: Vec::with_capacity(widest), spare: Vec::new(), widest };
        loop {
            lanes.begin(messages);
            let busy = lanes.busy.len();
            let fitting = stages.iter().find(|stage| busy >= stage.keep).or(stages.last());
            let Some(stage) = fitting.filter(|_| busy > 0) else { return };
            stage.turn(&mut lanes, messages);
        }
    }
}

impl Stage {
    fn turn<M: Messages>(&self, lanes: &mut Lanes<M>, messages: &mut M) {
        use super::kernel::Loaded;
        match &self.loaded {
            Loaded::Reference(kernel) => turn(kernel, lanes, messages),
            #[cfg(test)]
            Loaded::Wrong(kernel) => turn(kernel, lanes, messages),
            #[cfg(target_arch = "x86_64")]
            Loaded::ShaNi(kernel) => turn(kernel, lanes, messages),
            #[cfg(target_arch = "x86_64")]
            Loaded::Avx2(kernel) => turn(kernel, lanes, messages),
            #[cfg(target_arch = "x86_64")]
            Loaded::Avx512(kernel) => turn(kernel, lanes, messages),
            #[cfg(target_arch = "x86_64")]
            Loaded::Avx512Pair(kernel) => turn(kernel, lanes, messages),
        }
    }
}

/// Messages that are worked on, and memory for more.
struct Lanes<M: Messages> {
    busy: Vec<Lane<M::Message>>,
    spare: Vec<Buffer>,
    widest: usize,
}

/// A message that is worked on, and a piece of it.
struct Lane<T> {
    message: T,
    words: [u32; 8],
    buffer: Buffer,
    /// Blocks of the buffer that are done.
    from: usize,
    /// Blocks of the buffer that hold the piece.
    to: usize,
    /// Bytes of the message up to the end of the piece.
    len_bytes: u64,
    /// Whether the piece ends with the padding.
    is_last: bool,
}

impl<M: Messages> Lanes<M> {
    /// Begins with messages while there are lanes for them.
    fn begin(&mut self, messages: &mut M) {
        while self.busy.len() < self.widest
            && let Some(message) = messages.next(self.busy.is_empty())
        {
            let buffer = self.spare.pop().unwrap_or_else(|| vec![[0; BLOCK_LEN]; PIECE_BLOCKS + 2].into());
            match Lane::start(message, buffer, messages) {
                Ok(lane) => self.busy.push(lane),
                Err(buffer) => self.spare.push(buffer),
            }
        }
    }

    /// Goes on with a lane whose piece is done: its next piece, or else the next message. False if the lane is gone, and
    /// the last one has its place.
    fn go_on(&mut self, index: usize, messages: &mut M) -> bool {
        let lane = &mut self.busy[index];
        if lane.is_last {
            let digest = Digest(ChainValue::from_words(lane.words).0);
            let Some(next) = messages.next(false) else {
                self.end(index, Ok(digest), messages);
                return false;
            };
            messages.finish(lane.restart(next), Ok(digest));
        }
        match self.busy[index].fill(messages) {
            Ok(()) => true,
            Err(error) => {
                self.end(index, Err(error), messages);
                false
            }
        }
    }

    fn end(&mut self, index: usize, result: Result<Digest, M::Error>, messages: &mut M) {
        let lane = self.busy.swap_remove(index);
        messages.finish(lane.message, result);
        self.spare.push(lane.buffer);
    }
}

impl<T> Lane<T> {
    /// Reads the first piece of a message; gives back the memory if there is none.
    fn start<M: Messages<Message = T>>(message: T, buffer: Buffer, messages: &mut M) -> Result<Self, Buffer> {
        let words = ChainValue::START.words();
        let mut lane = Self { message, words, buffer, from: 0, to: 0, len_bytes: 0, is_last: false };
        match lane.fill(messages) {
            Ok(()) => Ok(lane),
            Err(error) => {
                messages.finish(lane.message, Err(error));
                Err(lane.buffer)
            }
        }
    }

    /// Begins another message in the same memory, and gives back the one that ended.
    fn restart(&mut self, next: T) -> T {
        (self.words, self.len_bytes) = (ChainValue::START.words(), 0);
        std::mem::replace(&mut self.message, next)
    }

    /// Reads the next piece, and puts the padding behind the last one.
    fn fill<M: Messages<Message = T>>(&mut self, messages: &mut M) -> Result<(), M::Error> {
        let room = self.buffer[..PIECE_BLOCKS].as_flattened_mut();
        let len = messages.read(&mut self.message, room)?;
        // A count is at most what was asked for; anything else would be a fault of this program, and stops it here.
        let piece = &room[..len];
        self.len_bytes = self.len_bytes.wrapping_add(len as u64);
        self.is_last = len < PIECE_LEN;
        let (blocks, rest) = piece.as_chunks::<BLOCK_LEN>();
        (self.from, self.to) = (0, blocks.len());
        if self.is_last {
            let padding = Padding::new(rest, self.len_bytes);
            let end = padding.blocks();
            self.buffer[self.to..self.to + end.len()].copy_from_slice(end);
            self.to += end.len();
        }
        Ok(())
    }
}

/// Works on the first lanes with one kernel, until another number of them is busy, or there could be more.
fn turn<M: Messages, const N: usize>(kernel: &impl Compress<N>, lanes: &mut Lanes<M>, messages: &mut M) {
    let mut states = States::<N>::ZERO;
    let used = lanes.busy.len().min(N);
    for (index, lane) in lanes.busy[..used].iter().enumerate() {
        states.set_lane(index, lane.words);
    }
    loop {
        // Lanes that have nothing to do repeat the work of the first; nobody asks for the result.
        let blocks: [&[Block]; N] = std::array::from_fn(|index| {
            let lane = &lanes.busy[if index < used { index } else { 0 }];
            &lane.buffer[lane.from..lane.to]
        });
        let steps = kernel.compress(&mut states, &blocks);
        let (mut is_settled, mut is_drained) = (true, false);
        // Backwards, so that a lane that moves into an ended one's place was looked at before.
        for index in (0..used).rev() {
            let lane = &mut lanes.busy[index];
            lane.from += steps;
            if lane.from < lane.to {
                continue;
            }
            is_drained = true;
            lane.words = states.lane(index);
            let before = lanes.busy.len();
            if lanes.go_on(index, messages) {
                states.set_lane(index, lanes.busy[index].words);
            } else {
                // The last lane moved here, if it was not this one. Its words are only in `states` if it was in use.
                if before - 1 < used && index < before - 1 {
                    lanes.busy[index].words = states.lane(before - 1);
                }
                if index < lanes.busy.len() {
                    states.set_lane(index, lanes.busy[index].words);
                }
                is_settled = false;
            }
        }
        // With lanes free, each piece that ends is an occasion to look for more.
        if !is_settled || (is_drained && lanes.busy.len() < lanes.widest) {
            for (index, lane) in lanes.busy.iter_mut().enumerate().take(used) {
                lane.words = states.lane(index);
            }
            return;
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::hash::{Kernel, sha256, with_wrong_kernel};

    #[derive(Debug, Clone, PartialEq)]
    enum Failed {
        Read,
        Differs,
    }

    impl From<Mismatch> for Failed {
        fn from(_: Mismatch) -> Self {
            Self::Differs
        }
    }

    /// Messages in memory, some of which fail in their second piece.
    #[derive(Default)]
    struct InMemory {
        messages: Vec<Vec<u8>>,
        begun: usize,
        /// At how many askings in a row there is nothing at hand.
        hesitates: usize,
        asked: usize,
        failing: Option<usize>,
        results: Vec<Option<Result<Digest, Failed>>>,
    }

    impl InMemory {
        fn of_lengths(lengths: &[usize]) -> Self {
            let message = |(start, len): (usize, &usize)| (0..=250).cycle().skip(start).take(*len).collect();
            let messages: Vec<Vec<u8>> = lengths.iter().enumerate().map(message).collect();
            Self { results: vec![None; messages.len()], messages, ..Self::default() }
        }

        fn run(mut self, hasher: &mut LaneHasher) {
            hasher.run_messages(&mut self);
            for (index, result) in self.results.iter().enumerate() {
                let right =
                    if self.failing == Some(index) { Err(Failed::Read) } else { Ok(sha256(&self.messages[index])) };
                assert_eq!(*result, Some(right), "message {index} of {} bytes", self.messages[index].len());
            }
        }
    }

    impl Messages for InMemory {
        type Message = (usize, usize);
        type Error = Failed;

        fn next(&mut self, may_wait: bool) -> Option<(usize, usize)> {
            self.asked += 1;
            let is_at_hand = may_wait || self.asked.is_multiple_of(self.hesitates + 1);
            (is_at_hand && self.begun < self.messages.len()).then(|| {
                self.begun += 1;
                (self.begun - 1, 0)
            })
        }

        fn read(&mut self, (index, done): &mut (usize, usize), buf: &mut [u8]) -> Result<usize, Failed> {
            if self.failing == Some(*index) && *done > 0 {
                return Err(Failed::Read);
            }
            let rest = &self.messages[*index][*done..];
            let len = rest.len().min(buf.len());
            buf[..len].copy_from_slice(&rest[..len]);
            *done += len;
            Ok(len)
        }

        fn finish(&mut self, (index, _): (usize, usize), result: Result<Digest, Failed>) {
            assert_eq!(self.results[index].replace(result), None, "message {index} was finished before");
        }
    }

    /// Around the ends of blocks and pieces, short and long ones mixed.
    fn lengths() -> Vec<usize> {
        let ends =
            [0, 1, PIECE_LEN - 64, PIECE_LEN - 9, PIECE_LEN - 1, PIECE_LEN, PIECE_LEN + 1, 2 * PIECE_LEN, 200_001];
        (0..150).flat_map(|len| [len, ends[len % ends.len()]]).collect()
    }

    #[test]
    fn every_message_gets_its_digest_by_every_kernel() {
        InMemory::of_lengths(&lengths()).run(&mut LaneHasher::new());
        for kernel in Kernel::ALL.into_iter().filter(|kernel| kernel.is_available()) {
            InMemory::of_lengths(&lengths()).run(&mut LaneHasher::with_kernel(kernel).unwrap());
        }
    }

    #[test]
    fn messages_that_are_not_at_hand_at_once_are_waited_for() {
        for hesitates in [1, 2, 7, 1000] {
            InMemory { hesitates, ..InMemory::of_lengths(&lengths()) }.run(&mut LaneHasher::new());
        }
    }

    #[test]
    fn a_message_that_fails_is_given_up_and_no_other_is_harmed() {
        for failing in [1, 16, 298] {
            let mut lengths = lengths();
            lengths[failing] = 3 * PIECE_LEN;
            InMemory { failing: Some(failing), ..InMemory::of_lengths(&lengths) }.run(&mut LaneHasher::new());
        }
    }

    #[test]
    fn with_paranoid_no_wrong_digest_is_given() {
        InMemory::of_lengths(&lengths()).run(&mut LaneHasher::new().paranoid(true));
        let mut messages = InMemory { failing: Some(2), ..InMemory::of_lengths(&[0, 70_000, 70_000, 64]) };
        with_wrong_kernel(LaneHasher::new).paranoid(true).run_messages(&mut messages);
        let (differs, read) = (Some(Err(Failed::Differs)), Some(Err(Failed::Read)));
        assert_eq!(messages.results, [differs.clone(), differs.clone(), read, differs]);
    }

    #[test]
    fn nothing_is_the_end() {
        InMemory::default().run(&mut LaneHasher::new());
    }
}
