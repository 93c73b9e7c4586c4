//! Eight lanes in each vector, for processors with AVX2 that have neither AVX-512 nor SHA-NI.

#![allow(unsafe_code)]

use std::arch::x86_64::*;

use super::ROUND_CONSTANTS;
use super::rounds::{next_word, round, sixteen};
use crate::hash::Block;
use crate::hash::states::{Compress, States, shortest};

/// Words in a vector.
const WIDTH: usize = 8;

/// Eight lanes. Exists only where the processor has AVX2.
#[derive(Clone, Copy)]
pub(in crate::hash) struct Avx2(());

impl Avx2 {
    pub(in crate::hash) fn detect() -> Option<Self> {
        is_x86_feature_detected!("avx2").then_some(Self(()))
    }
}

impl Compress<WIDTH> for Avx2 {
    fn compress(&self, states: &mut States<WIDTH>, lanes: &[&[Block]; WIDTH]) -> usize {
        // SAFETY: `self` exists, so the processor has AVX2.
        unsafe { compress_lanes(states, lanes) }
    }
}

#[target_feature(enable = "avx2")]
fn compress_lanes(states: &mut States<WIDTH>, lanes: &[&[Block]; WIDTH]) -> usize {
    let count = shortest(lanes);
    let mut before = [splat(0); 8];
    for (word, row) in before.iter_mut().zip(&states.0) {
        *word = load_row(row);
    }
    for block in 0..count {
        let mut words = message_words(lanes, block);
        let mut state = before;
        for (row, constants) in ROUND_CONSTANTS.iter().enumerate() {
            macro_rules! first {
                ($t:literal) => {
                    round!(state, $t, words[$t], splat(constants[$t]))
                };
            }
            macro_rules! later {
                ($t:literal) => {
                    round!(state, $t, next_word!(words, $t), splat(constants[$t]))
                };
            }
            if row == 0 {
                sixteen!(first);
            } else {
                sixteen!(later);
            }
        }
        for (before, word) in before.iter_mut().zip(state) {
            *before = add(*before, word);
        }
    }
    for (word, row) in before.into_iter().zip(&mut states.0) {
        store_row(row, word);
    }
    count
}

/// Word `t` of block `block` of every lane in vector `t`: two transpositions of 8 x 8 words, big-endian to native.
#[inline]
#[target_feature(enable = "avx2")]
fn message_words(lanes: &[&[Block]; WIDTH], block: usize) -> [__m256i; 16] {
    let mut words = [splat(0); 16];
    for (half, words) in words.as_chunks_mut::<8>().0.iter_mut().enumerate() {
        let mut rows = [splat(0); 8];
        for (row, lane) in rows.iter_mut().zip(lanes) {
            *row = load_half_block(&lane[block].as_chunks().0[half]);
        }
        *words = transpose(rows);
    }
    words
}

#[inline]
#[target_feature(enable = "avx2")]
fn transpose(rows: [__m256i; 8]) -> [__m256i; 8] {
    let mut pairs = [splat(0); 8];
    for i in 0..4 {
        pairs[2 * i] = _mm256_unpacklo_epi32(rows[2 * i], rows[2 * i + 1]);
        pairs[2 * i + 1] = _mm256_unpackhi_epi32(rows[2 * i], rows[2 * i + 1]);
    }
    let mut fours = [splat(0); 8];
    for i in [0, 4] {
        fours[i] = _mm256_unpacklo_epi64(pairs[i], pairs[i + 2]);
        fours[i + 1] = _mm256_unpackhi_epi64(pairs[i], pairs[i + 2]);
        fours[i + 2] = _mm256_unpacklo_epi64(pairs[i + 1], pairs[i + 3]);
        fours[i + 3] = _mm256_unpackhi_epi64(pairs[i + 1], pairs[i + 3]);
    }
    let mut words = [splat(0); 8];
    for i in 0..4 {
        words[i] = swap_bytes(_mm256_permute2x128_si256::<0x20>(fours[i], fours[i + 4]));
        words[i + 4] = swap_bytes(_mm256_permute2x128_si256::<0x31>(fours[i], fours[i + 4]));
    }
    words
}

#[inline]
#[target_feature(enable = "avx2")]
fn load_half_block(half: &[u8; 32]) -> __m256i {
    // SAFETY: the reference covers the 32 bytes that are read; no alignment is needed.
    unsafe { _mm256_loadu_si256(half.as_ptr().cast()) }
}

#[inline]
#[target_feature(enable = "avx2")]
fn load_row(row: &[u32; WIDTH]) -> __m256i {
    // SAFETY: the reference covers the 32 bytes that are read; no alignment is needed.
    unsafe { _mm256_loadu_si256(row.as_ptr().cast()) }
}

#[inline]
#[target_feature(enable = "avx2")]
fn store_row(row: &mut [u32; WIDTH], words: __m256i) {
    // SAFETY: the reference covers the 32 bytes that are written; no alignment is needed.
    unsafe { _mm256_storeu_si256(row.as_mut_ptr().cast(), words) }
}

#[inline]
#[target_feature(enable = "avx2")]
fn swap_bytes(words: __m256i) -> __m256i {
    let order = _mm_set_epi32(0x0c0d_0e0f, 0x0809_0a0b, 0x0405_0607, 0x0001_0203);
    _mm256_shuffle_epi8(words, _mm256_broadcastsi128_si256(order))
}

#[inline]
#[target_feature(enable = "avx2")]
fn splat(word: u32) -> __m256i {
    _mm256_set1_epi32(word.cast_signed())
}

#[inline]
#[target_feature(enable = "avx2")]
fn add(x: __m256i, y: __m256i) -> __m256i {
    _mm256_add_epi32(x, y)
}

#[inline]
#[target_feature(enable = "avx2")]
fn xor3(x: __m256i, y: __m256i, z: __m256i) -> __m256i {
    _mm256_xor_si256(_mm256_xor_si256(x, y), z)
}

#[inline]
#[target_feature(enable = "avx2")]
fn choose(x: __m256i, y: __m256i, z: __m256i) -> __m256i {
    _mm256_xor_si256(z, _mm256_and_si256(x, _mm256_xor_si256(y, z)))
}

#[inline]
#[target_feature(enable = "avx2")]
fn majority(x: __m256i, y: __m256i, z: __m256i) -> __m256i {
    _mm256_or_si256(_mm256_and_si256(x, y), _mm256_and_si256(z, _mm256_or_si256(x, y)))
}

/// Rotates right by `R`; AVX2 has shifts only, so `L` must be 32 - `R`.
#[inline]
#[target_feature(enable = "avx2")]
fn rotate<const R: i32, const L: i32>(x: __m256i) -> __m256i {
    const { assert!(R + L == 32) };
    _mm256_or_si256(_mm256_srli_epi32::<R>(x), _mm256_slli_epi32::<L>(x))
}

#[inline]
#[target_feature(enable = "avx2")]
fn big_sigma0(x: __m256i) -> __m256i {
    xor3(rotate::<2, 30>(x), rotate::<13, 19>(x), rotate::<22, 10>(x))
}

#[inline]
#[target_feature(enable = "avx2")]
fn big_sigma1(x: __m256i) -> __m256i {
    xor3(rotate::<6, 26>(x), rotate::<11, 21>(x), rotate::<25, 7>(x))
}

#[inline]
#[target_feature(enable = "avx2")]
fn small_sigma0(x: __m256i) -> __m256i {
    xor3(rotate::<7, 25>(x), rotate::<18, 14>(x), _mm256_srli_epi32::<3>(x))
}

#[inline]
#[target_feature(enable = "avx2")]
fn small_sigma1(x: __m256i) -> __m256i {
    xor3(rotate::<17, 15>(x), rotate::<19, 13>(x), _mm256_srli_epi32::<10>(x))
}
