//! Sixteen lanes in each vector; one group of sixteen, or two whose rounds alternate so that one works while the other
//! waits for its last result.

#![allow(unsafe_code)]

use std::arch::x86_64::*;

use super::rounds::{next_word, round, sixteen};
use super::{ROUND_CONSTANTS, prefetch};
use crate::hash::states::{Compress, States, shortest};
use crate::hash::{BLOCK_LEN, Block};

/// Words in a vector.
const WIDTH: usize = 16;

/// `GROUPS` groups of sixteen lanes. Exists only where the processor has AVX-512 F and BW.
#[derive(Clone, Copy)]
pub(in crate::hash) struct Avx512<const GROUPS: usize>(());

impl<const GROUPS: usize> Avx512<GROUPS> {
    pub(in crate::hash) fn detect() -> Option<Self> {
        (is_x86_feature_detected!("avx512f") && is_x86_feature_detected!("avx512bw")).then_some(Self(()))
    }
}

impl Compress<16> for Avx512<1> {
    fn compress(&self, states: &mut States<16>, lanes: &[&[Block]; 16]) -> usize {
        // SAFETY: `self` exists, so the processor has AVX-512 F and BW.
        unsafe { compress_groups::<1, 16>(states, lanes) }
    }
}

impl Compress<32> for Avx512<2> {
    fn compress(&self, states: &mut States<32>, lanes: &[&[Block]; 32]) -> usize {
        // SAFETY: `self` exists, so the processor has AVX-512 F and BW.
        unsafe { compress_groups::<2, 32>(states, lanes) }
    }
}

#[target_feature(enable = "avx512f,avx512bw")]
fn compress_groups<const GROUPS: usize, const LANES: usize>(
    states: &mut States<LANES>,
    lanes: &[&[Block]; LANES],
) -> usize {
    const { assert!(GROUPS * WIDTH == LANES) };
    let count = shortest(lanes);
    let mut before = [[splat(0); 8]; GROUPS];
    for (group, state) in before.iter_mut().enumerate() {
        for (word, row) in state.iter_mut().zip(&states.0) {
            *word = load_row(&row.as_chunks().0[group]);
        }
    }
    let (lane_groups, _) = lanes.as_chunks::<WIDTH>();
    for block in 0..count {
        let mut words = [[splat(0); 16]; GROUPS];
        for (words, lanes) in words.iter_mut().zip(lane_groups) {
            *words = message_words(lanes, block);
        }
        let mut state = before;
        for (row, constants) in ROUND_CONSTANTS.iter().enumerate() {
            macro_rules! first {
                ($t:literal) => {
                    let k = splat(constants[$t]);
                    for group in 0..GROUPS {
                        round!(state[group], $t, words[group][$t], k);
                    }
                };
            }
            macro_rules! later {
                ($t:literal) => {
                    let k = splat(constants[$t]);
                    for group in 0..GROUPS {
                        round!(state[group], $t, next_word!(words[group], $t), k);
                    }
                };
            }
            if row == 0 {
                sixteen!(first);
            } else {
                sixteen!(later);
            }
        }
        for (before, state) in before.iter_mut().zip(&state) {
            for (before, word) in before.iter_mut().zip(state) {
                *before = add(*before, *word);
            }
        }
    }
    for (group, state) in before.iter().enumerate() {
        for (word, row) in state.iter().zip(&mut states.0) {
            store_row(&mut row.as_chunks_mut().0[group], *word);
        }
    }
    count
}

/// Word `t` of block `block` of every lane in vector `t`: a transposition of 16 x 16 words, big-endian to native.
#[inline]
#[target_feature(enable = "avx512f,avx512bw")]
fn message_words(lanes: &[&[Block]; WIDTH], block: usize) -> [__m512i; 16] {
    let mut rows = [splat(0); 16];
    for (row, lane) in rows.iter_mut().zip(lanes) {
        *row = load_block(&lane[block]);
        prefetch(lane, block + 1);
    }
    let mut pairs = [splat(0); 16];
    for i in 0..8 {
        pairs[2 * i] = _mm512_unpacklo_epi32(rows[2 * i], rows[2 * i + 1]);
        pairs[2 * i + 1] = _mm512_unpackhi_epi32(rows[2 * i], rows[2 * i + 1]);
    }
    let mut fours = [splat(0); 16];
    for i in (0..16).step_by(4) {
        fours[i] = _mm512_unpacklo_epi64(pairs[i], pairs[i + 2]);
        fours[i + 1] = _mm512_unpackhi_epi64(pairs[i], pairs[i + 2]);
        fours[i + 2] = _mm512_unpacklo_epi64(pairs[i + 1], pairs[i + 3]);
        fours[i + 3] = _mm512_unpackhi_epi64(pairs[i + 1], pairs[i + 3]);
    }
    let mut eights = [splat(0); 16];
    for i in [0, 1, 2, 3, 8, 9, 10, 11] {
        eights[i] = _mm512_shuffle_i32x4::<0x88>(fours[i], fours[i + 4]);
        eights[i + 4] = _mm512_shuffle_i32x4::<0xdd>(fours[i], fours[i + 4]);
    }
    let mut words = [splat(0); 16];
    for i in 0..8 {
        words[i] = swap_bytes(_mm512_shuffle_i32x4::<0x88>(eights[i], eights[i + 8]));
        words[i + 8] = swap_bytes(_mm512_shuffle_i32x4::<0xdd>(eights[i], eights[i + 8]));
    }
    words
}

#[inline]
#[target_feature(enable = "avx512f")]
fn load_block(block: &[u8; BLOCK_LEN]) -> __m512i {
    // SAFETY: the reference covers the 64 bytes that are read; no alignment is needed.
    unsafe { _mm512_loadu_si512(block.as_ptr().cast()) }
}

#[inline]
#[target_feature(enable = "avx512f")]
fn load_row(row: &[u32; WIDTH]) -> __m512i {
    // SAFETY: the reference covers the 64 bytes that are read; no alignment is needed.
    unsafe { _mm512_loadu_si512(row.as_ptr().cast()) }
}

#[inline]
#[target_feature(enable = "avx512f")]
fn store_row(row: &mut [u32; WIDTH], words: __m512i) {
    // SAFETY: the reference covers the 64 bytes that are written; no alignment is needed.
    unsafe { _mm512_storeu_si512(row.as_mut_ptr().cast(), words) }
}

#[inline]
#[target_feature(enable = "avx512f,avx512bw")]
fn swap_bytes(words: __m512i) -> __m512i {
    _mm512_shuffle_epi8(words, _mm512_set4_epi32(0x0c0d_0e0f, 0x0809_0a0b, 0x0405_0607, 0x0001_0203))
}

#[inline]
#[target_feature(enable = "avx512f")]
fn splat(word: u32) -> __m512i {
    _mm512_set1_epi32(word.cast_signed())
}

#[inline]
#[target_feature(enable = "avx512f")]
fn add(x: __m512i, y: __m512i) -> __m512i {
    _mm512_add_epi32(x, y)
}

// The last argument of `ternarylogic` is the truth table: bit 4x + 2y + z is the result for the bits x, y, z.

#[inline]
#[target_feature(enable = "avx512f")]
fn xor3(x: __m512i, y: __m512i, z: __m512i) -> __m512i {
    _mm512_ternarylogic_epi32::<0b1001_0110>(x, y, z)
}

#[inline]
#[target_feature(enable = "avx512f")]
fn choose(x: __m512i, y: __m512i, z: __m512i) -> __m512i {
    _mm512_ternarylogic_epi32::<0b1100_1010>(x, y, z)
}

#[inline]
#[target_feature(enable = "avx512f")]
fn majority(x: __m512i, y: __m512i, z: __m512i) -> __m512i {
    _mm512_ternarylogic_epi32::<0b1110_1000>(x, y, z)
}

#[inline]
#[target_feature(enable = "avx512f")]
fn big_sigma0(x: __m512i) -> __m512i {
    xor3(_mm512_ror_epi32::<2>(x), _mm512_ror_epi32::<13>(x), _mm512_ror_epi32::<22>(x))
}

#[inline]
#[target_feature(enable = "avx512f")]
fn big_sigma1(x: __m512i) -> __m512i {
    xor3(_mm512_ror_epi32::<6>(x), _mm512_ror_epi32::<11>(x), _mm512_ror_epi32::<25>(x))
}

#[inline]
#[target_feature(enable = "avx512f")]
fn small_sigma0(x: __m512i) -> __m512i {
    xor3(_mm512_ror_epi32::<7>(x), _mm512_ror_epi32::<18>(x), _mm512_srli_epi32::<3>(x))
}

#[inline]
#[target_feature(enable = "avx512f")]
fn small_sigma1(x: __m512i) -> __m512i {
    xor3(_mm512_ror_epi32::<17>(x), _mm512_ror_epi32::<19>(x), _mm512_srli_epi32::<10>(x))
}
