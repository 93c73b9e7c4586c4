//! One stream, by the `sha2` crate: what every other kernel is compared with, and what any processor can run.

use sha2::block_api::compress256;

use super::Block;
use super::states::{Compress, States};

#[derive(Clone, Copy)]
pub(super) struct Reference;

impl Compress<1> for Reference {
    fn compress(&self, states: &mut States<1>, [blocks]: &[&[Block]; 1]) -> usize {
        let mut words = states.lane(0);
        compress256(&mut words, blocks);
        states.set_lane(0, words);
        blocks.len()
    }
}
