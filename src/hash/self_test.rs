//! Known answers that a kernel must give before it is used.
//!
//! The answers come from Python's `hashlib` (digests) and from a plain reading of FIPS 180-4 (chain values), not from
//! this program. Every lane gets every case, beside lanes that have other cases, so neither a wrong round nor an
//! exchange of lanes can pass. Some microseconds a kernel.

use super::drive::{Done, Queue};
use super::padding::Padding;
use super::states::Strand;
use super::{BLOCK_LEN, Block};
use crate::format::digest::ChainValue;

/// Messages 0, 1, ..., 250, 0, 1, ... of these lengths and their digests: all edges of the padding. First those that are
/// one block with their padding, then those that are two.
const DIGESTS: [&[(usize, &str)]; 2] = [
    &[
        (0, "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855"),
        (1, "6e340b9cffb37a989ca544e6bb780a2c78901d3fb33738768511a30617afa01d"),
        (54, "675f28acc0b90a72d1c3a570fe83ac565555db358cf01826dc8eefb2bf7ca0f3"),
        (55, "463eb28e72f82e0a96c0a4cc53690c571281131f672aa229e0d45ae59b598b59"),
    ],
    &[
        (56, "da2ae4d6b36748f2a318f23e7ab1dfdf45acdc9d049bd80e59de82a60895f562"),
        (63, "29af2686fd53374a36b0846694cc342177e428d1647515f078784d69cdb9e488"),
        (64, "fdeab9acf3710362bd2658cdc9a29e8f9c757fcf9811603a8c447cd1d9151108"),
        (65, "4bfd2c8b6f1eec7a2afeb48b934ee4b2694182027e6d0fc075074f2fabb31781"),
        (118, "d32ab00929cb935b79d44e74c5a745db460ff794dea3b79be40c1cc5cf5388ef"),
        (119, "da18797ed7c3a777f0847f429724a2d8cd5138e6ed2895c3fa1a6d39d18f7ec6"),
    ],
];

/// Chain values of the same pattern after 64, 128 and 192 bytes.
const CHAIN: [&str; 3] = [
    "fc99a2df88f42a7a7bb9d18033cdc6a20256755f9d5b9a5044a9cc315abe84a7",
    "593253adfb4cc018be611395485e47c15a5b271dfb8da14fe8f77fb4d05eacbc",
    "2bed68b99987cae48183b2b049d393d0050868e4e8ba3730e9112b08765929b7",
];

/// Blocks of one lane, the state before them and the right one after them.
struct Case {
    before: [u32; 8],
    blocks: Vec<Block>,
    after: [u32; 8],
}

/// Whether a kernel with `lanes` lanes, which `drive` runs, gives every known answer in every lane.
pub(super) fn passes(lanes: usize, mut drive: impl FnMut(&mut Queue<'_, '_, usize>, &mut Done<'_, usize>)) -> bool {
    [1, 2].into_iter().all(|block_count| {
        let Some(cases) = cases(block_count) else { return false };
        (0..cases.len()).all(|shift| {
            let case = |lane: usize| &cases[(lane + shift) % cases.len()];
            let mut right = 0;
            let mut queue = (0..lanes).map(|lane| {
                let Case { before, blocks, .. } = case(lane);
                Strand { words: *before, blocks, tag: lane }
            });
            drive(&mut queue, &mut |lane, words| right += usize::from(words == case(lane).after));
            right == lanes
        })
    })
}

/// The cases of one or two blocks; `None` if a constant above is not hex.
fn cases(block_count: usize) -> Option<Vec<Case>> {
    let pattern: Vec<u8> = (0..=250).cycle().take(192).collect();
    let words = |hex| Some(ChainValue::from_hex(hex)?.words());
    let mut cases = Vec::new();
    for (len, digest) in DIGESTS[block_count - 1] {
        let (blocks, rest) = pattern[..*len].as_chunks::<BLOCK_LEN>();
        let blocks = [blocks, Padding::new(rest, *len as u64).blocks()].concat();
        cases.push(Case { before: ChainValue::START.words(), blocks, after: words(digest)? });
    }
    // One more that goes on from another state than the standard one, without an end.
    let (blocks, _) = pattern[BLOCK_LEN..][..block_count * BLOCK_LEN].as_chunks();
    cases.push(Case { before: words(CHAIN[0])?, blocks: blocks.to_vec(), after: words(CHAIN[block_count])? });
    Some(cases)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::hash::kernel::Kernel;

    /// Runs the test over a kernel whose results pass through `harm` first.
    fn passes_harmed(kernel: Kernel, harm: impl Fn(&mut usize, &mut [u32; 8])) -> bool {
        let loaded = kernel.load().expect("a kernel of this processor");
        passes(kernel.lanes(), |queue, done| {
            loaded.drive(1, queue, &mut |mut lane, mut words| {
                harm(&mut lane, &mut words);
                done(lane, words);
            });
        })
    }

    fn available() -> impl Iterator<Item = Kernel> {
        Kernel::ALL.into_iter().filter(|kernel| kernel.is_available())
    }

    #[test]
    fn every_kernel_of_this_processor_passes() {
        for kernel in available() {
            assert!(passes_harmed(kernel, |_, _| {}), "{kernel}");
        }
    }

    #[test]
    fn one_wrong_bit_in_one_lane_is_found() {
        for kernel in available() {
            for wrong_lane in 0..kernel.lanes() {
                let harm = |lane: &mut usize, words: &mut [u32; 8]| words[7] ^= u32::from(*lane == wrong_lane);
                assert!(!passes_harmed(kernel, harm), "{kernel}, lane {wrong_lane}");
            }
        }
    }

    #[test]
    fn an_exchange_of_two_lanes_is_found() {
        for kernel in available().filter(|kernel| kernel.lanes() > 1) {
            assert!(!passes_harmed(kernel, |lane, _| *lane = if *lane < 2 { 1 - *lane } else { *lane }), "{kernel}");
        }
    }

    #[test]
    fn a_lane_that_gives_no_answer_is_found() {
        assert!(!passes(1, |_, _| {}));
    }
}
