//! Which kernels to use, from many busy lanes to few.

use std::time::{Duration, Instant};

use super::drive::{Done, Queue};
use super::kernel::{Kernel, Loaded};
use super::states::Strand;
use super::{BLOCK_LEN, Block};
use crate::format::digest::ChainValue;

/// How many jobs for each lane are worth putting in order. What is left unordered can keep a few lanes busy alone for a
/// thirty-second of the time of the whole.
const LONG_PER_LANE: usize = 32;

/// A kernel, and how far down it is the right one.
#[derive(Clone, Copy)]
pub(super) struct Stage {
    pub(super) kernel: Kernel,
    pub(super) loaded: Loaded,
    /// It goes on while at least so many lanes are busy; the next stage is faster for fewer.
    pub(super) keep: usize,
    /// Time of one block on every lane, in units that are the same for all stages.
    step_time: u128,
}

/// Stages from the most lanes to the fewest. Never empty; the last goes on to the last lane.
pub(super) struct Plan(Vec<Stage>);

impl Plan {
    /// One kernel for everything.
    pub(super) fn only(kernel: Kernel, loaded: Loaded) -> Self {
        Self(vec![Stage { kernel, loaded, keep: 1, step_time: 1 }])
    }

    /// The stages that are worth having here, from kernels in order of their lanes. Takes some hundred microseconds.
    ///
    /// Measured and not looked up: of two processors with the same instructions one is twice as fast with AVX-512 as with
    /// SHA-NI, and the other slower. Each kernel has its best time of several, in turns, so that whatever else the machine
    /// does meets all alike.
    pub(super) fn measured(kernels: &[(Kernel, Loaded)]) -> Self {
        const TRIALS: usize = 6;
        let mut times: Vec<_> = kernels.iter().map(|&(kernel, loaded)| (kernel, loaded, Duration::MAX)).collect();
        for _ in 0..TRIALS {
            for (kernel, loaded, best) in &mut times {
                *best = time(*kernel, *loaded).min(*best);
            }
        }
        Self::from_times(&times)
    }

    /// The stages that are worth having, from kernels in order of their lanes and the time of one step of each.
    ///
    /// A kernel with more lanes is worth having if it is faster than every kernel with fewer, even with a sixteenth of its
    /// lanes idle.
    fn from_times(times: &[(Kernel, Loaded, Duration)]) -> Self {
        let mut stages: Vec<Stage> = Vec::new();
        for &(kernel, loaded, time) in times {
            let mut stage = Stage { kernel, loaded, keep: 1, step_time: time.as_nanos().max(1) };
            if let Some(narrower) = stages.last() {
                // With `busy` lanes this one does busy / step_time, the narrower one its lanes / its step_time.
                let even = stage.step_time * narrower.kernel.lanes() as u128 / narrower.step_time;
                stage.keep = usize::try_from(even).map_or(usize::MAX, |even| even.saturating_add(1));
                if stage.keep > kernel.lanes() - kernel.lanes() / 16 {
                    continue;
                }
            }
            stages.push(stage);
        }
        stages.reverse();
        Self(stages)
    }

    /// The kernel for many messages.
    pub(super) fn widest(&self) -> Kernel {
        self.0.first().map_or(Kernel::Reference, |stage| stage.kernel)
    }

    /// The stages that finish soonest when the longest of the messages has `longest` blocks and all have `total`.
    ///
    /// One long message among short ones bounds them all: while it runs, a narrower kernel that is faster for each of
    /// its lanes can do the short ones beside it.
    pub(super) fn stages_for(&self, total: usize, longest: usize) -> &[Stage] {
        let Some(last) = self.0.last() else { return &[] };
        let time = |stage: &Stage| {
            let together = total.div_ceil(stage.kernel.lanes());
            together as u128 * stage.step_time + longest.saturating_sub(together) as u128 * last.step_time
        };
        let first = (0..self.0.len()).min_by_key(|index| time(&self.0[*index])).unwrap_or(0);
        &self.0[first..]
    }

    /// A message of more blocks than this can outlast the others; there are at most [`LONG_PER_LANE`] for each lane.
    pub(super) fn long_blocks(&self, total: usize) -> usize {
        total / (LONG_PER_LANE * self.widest().lanes())
    }

    /// Whether two messages are worked on side by side, faster than one after the other.
    pub(super) fn has_pairs(&self) -> bool {
        self.0.iter().any(|stage| stage.keep <= 2 && stage.kernel.lanes() >= 2)
    }

    /// Every stage.
    pub(super) fn stages(&self) -> &[Stage] {
        &self.0
    }
}

/// Runs every strand of the queue to its end.
pub(super) fn run<'a, T>(stages: &[Stage], queue: &mut Queue<'_, 'a, T>, done: &mut Done<'_, T>) {
    let Some((first, narrower)) = stages.split_first() else { return };
    let mut rest = first.loaded.drive(first.keep, queue, done);
    for stage in narrower {
        if rest.is_empty() {
            return;
        }
        // The longest first: what ends together keeps lanes busy to the end.
        rest.sort_by_key(|strand| std::cmp::Reverse(strand.blocks.len()));
        rest = stage.loaded.drive(stage.keep, &mut rest.into_iter(), done);
    }
}

/// Time of a step of one kernel with all lanes busy, times a number that is the same for all kernels: each hashes the same
/// 32 KiB, so that starting and stopping the clock weighs on all alike.
fn time(kernel: Kernel, loaded: Loaded) -> Duration {
    const STRANDS: usize = 32;
    static BLOCKS: [Block; 16] = [[0x5c; BLOCK_LEN]; 16];
    let mut strands = (0..STRANDS).map(|_| Strand { words: ChainValue::START.words(), blocks: &BLOCKS, tag: () });
    let start = Instant::now();
    loaded.drive(1, &mut strands, &mut |(), words| {
        std::hint::black_box(words);
    });
    start.elapsed().saturating_mul(u32::try_from(kernel.lanes()).unwrap_or(u32::MAX))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::hash::reference::Reference;

    /// A plan from nanoseconds of one step. What runs does not matter here.
    fn plan(times: &[(Kernel, u64)]) -> Plan {
        let loaded = Loaded::Reference(Reference);
        let times: Vec<_> =
            times.iter().map(|(kernel, nanos)| (*kernel, loaded, Duration::from_nanos(*nanos))).collect();
        Plan::from_times(&times)
    }

    fn kernels(stages: &[Stage]) -> Vec<(Kernel, usize)> {
        stages.iter().map(|stage| (stage.kernel, stage.keep)).collect()
    }

    #[test]
    fn a_wide_kernel_is_used_only_where_it_is_faster_than_the_narrower() {
        // 40 ns a block alone, 20 with SHA-NI, 12.5 with AVX-512, more with AVX2 and with two groups.
        let times = [
            (Kernel::Reference, 40),
            (Kernel::ShaNi, 40),
            (Kernel::Avx2, 320),
            (Kernel::Avx512, 200),
            (Kernel::Avx512Pair, 500),
        ];
        let expected = [(Kernel::Avx512, 11), (Kernel::ShaNi, 2), (Kernel::Reference, 1)];
        assert_eq!(kernels(plan(&times).stages()), expected);
        assert_eq!(plan(&times).widest(), Kernel::Avx512);
        assert_eq!(kernels(plan(&times[..1]).stages()), [(Kernel::Reference, 1)]);
    }

    #[test]
    fn a_message_that_outlasts_the_others_shares_its_time_with_them() {
        let plan = plan(&[(Kernel::Reference, 40), (Kernel::ShaNi, 40), (Kernel::Avx512, 200)]);
        let first = |total, longest| plan.stages_for(total, longest)[0].kernel;
        assert_eq!(first(16 * 4096, 4096), Kernel::Avx512, "sixteen alike");
        assert_eq!(first(2 * 65536, 65536), Kernel::ShaNi, "a chain beside its sixteen chunks");
    }
}
