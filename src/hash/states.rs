//! What kernels work on: the states of several streams, and runs of whole blocks.

use super::Block;

/// SHA-256 states of `N` lanes, word by word, as vector registers hold them: word `i` of lane `l` is at `[i][l]`.
#[repr(align(64))]
pub(super) struct States<const N: usize>(pub(super) [[u32; N]; 8]);

impl<const N: usize> States<N> {
    pub(super) const ZERO: Self = Self([[0; N]; 8]);

    /// The eight words of one lane.
    pub(super) fn lane(&self, lane: usize) -> [u32; 8] {
        std::array::from_fn(|word| self.0[word][lane])
    }

    /// Gives one lane its eight words.
    pub(super) fn set_lane(&mut self, lane: usize, words: [u32; 8]) {
        for (row, word) in self.0.iter_mut().zip(words) {
            row[lane] = word;
        }
    }
}

/// A kernel: the compression function (FIPS 180-4 section 6.2.2) over `N` streams at once.
pub(super) trait Compress<const N: usize> {
    /// Takes as many blocks from the start of every lane as the shortest lane has, and says how many that was.
    fn compress(&self, states: &mut States<N>, lanes: &[&[Block]; N]) -> usize;
}

/// How many blocks every lane has.
#[cfg(target_arch = "x86_64")]
pub(super) fn shortest<const N: usize>(lanes: &[&[Block]; N]) -> usize {
    lanes.iter().map(|blocks| blocks.len()).min().unwrap_or(0)
}

/// Whole blocks of one message, the state before them, and what to remember until they are done.
pub(super) struct Strand<'a, T> {
    pub(super) words: [u32; 8],
    pub(super) blocks: &'a [Block],
    pub(super) tag: T,
}
