//! Keeps the lanes of one kernel full.

use super::Block;
use super::states::{Compress, States, Strand};

/// Where strands come from. Asked again whenever a lane is free.
pub(super) type Queue<'q, 'a, T> = dyn Iterator<Item = Strand<'a, T>> + 'q;

/// Where the words of a strand go when its blocks are done.
pub(super) type Done<'d, T> = dyn FnMut(T, [u32; 8]) + 'd;

/// Runs strands from the queue until it is empty and fewer than `keep` lanes are busy; those strands come back, as far as
/// they are.
///
/// A lane takes the next strand as soon as its last one ends, so the kernel runs as far as the shortest busy lane goes,
/// whatever the lengths. Lanes that have nothing to do repeat the work of the first; nobody asks for the result.
pub(super) fn drive<'a, T, const N: usize>(
    kernel: &impl Compress<N>,
    keep: usize,
    queue: &mut Queue<'_, 'a, T>,
    done: &mut Done<'_, T>,
) -> Vec<Strand<'a, T>> {
    let mut states = States::<N>::ZERO;
    let mut lanes: [&'a [Block]; N] = [&[]; N];
    let mut tags: [Option<T>; N] = [const { None }; N];
    // Busy lanes are the first ones.
    let mut busy = 0;
    while busy < N
        && let Some(strand) = next_with_blocks(queue, done)
    {
        states.set_lane(busy, strand.words);
        lanes[busy] = strand.blocks;
        tags[busy] = Some(strand.tag);
        busy += 1;
    }
    while busy > 0 && busy >= keep {
        let (used, idle) = lanes.split_at_mut(busy);
        idle.fill(used[0]);
        let steps = kernel.compress(&mut states, &lanes);
        // Backwards, so that a lane that moves into an ended one's place was looked at before.
        for lane in (0..busy).rev() {
            lanes[lane] = &lanes[lane][steps..];
            if !lanes[lane].is_empty() {
                continue;
            }
            if let Some(tag) = tags[lane].take() {
                done(tag, states.lane(lane));
            }
            if let Some(strand) = next_with_blocks(queue, done) {
                states.set_lane(lane, strand.words);
                lanes[lane] = strand.blocks;
                tags[lane] = Some(strand.tag);
            } else {
                busy -= 1;
                states.set_lane(lane, states.lane(busy));
                lanes[lane] = lanes[busy];
                tags.swap(lane, busy);
            }
        }
    }
    let rest = (0..busy)
        .filter_map(|lane| tags[lane].take().map(|tag| Strand { words: states.lane(lane), blocks: lanes[lane], tag }));
    rest.collect()
}

/// The next strand that has blocks; one that has none is done as it is.
fn next_with_blocks<'a, T>(queue: &mut Queue<'_, 'a, T>, done: &mut Done<'_, T>) -> Option<Strand<'a, T>> {
    loop {
        let strand = queue.next()?;
        if !strand.blocks.is_empty() {
            return Some(strand);
        }
        done(strand.tag, strand.words);
    }
}
