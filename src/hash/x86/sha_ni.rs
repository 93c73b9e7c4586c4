//! Two streams through the SHA instructions, their rounds alternating: an instruction's result takes twice as long as the
//! instruction occupies its unit, so one stream leaves half of the unit idle.

#![allow(unsafe_code)]

use std::arch::x86_64::*;

use super::ROUND_CONSTANTS;
use crate::hash::Block;
use crate::hash::states::{Compress, States, shortest};

/// Streams. Two keep the unit busy, and their words just fit the sixteen registers.
pub(in crate::hash) const STREAMS: usize = 2;

/// Interleaved streams. Exists only where the processor has SHA-NI and AVX: with its three-operand forms of the other
/// instructions fewer registers are copied and none spilled, which is a tenth faster.
#[derive(Clone, Copy)]
pub(in crate::hash) struct ShaNi(());

impl ShaNi {
    pub(in crate::hash) fn detect() -> Option<Self> {
        (is_x86_feature_detected!("sha") && is_x86_feature_detected!("avx")).then_some(Self(()))
    }
}

impl Compress<STREAMS> for ShaNi {
    fn compress(&self, states: &mut States<STREAMS>, lanes: &[&[Block]; STREAMS]) -> usize {
        // SAFETY: `self` exists, so the processor has SHA-NI and AVX.
        unsafe { compress_streams(states, lanes) }
    }
}

/// A state as the instructions want it: words a, b, e, f and words c, d, g, h, the first in the highest place.
#[derive(Clone, Copy)]
struct Halves {
    abef: __m128i,
    cdgh: __m128i,
}

#[target_feature(enable = "sha,avx")]
#[expect(clippy::needless_range_loop, reason = "the streams take turns, so what has an index is several arrays")]
fn compress_streams<const N: usize>(states: &mut States<N>, lanes: &[&[Block]; N]) -> usize {
    let count = shortest(lanes);
    let mut state = [Halves { abef: _mm_setzero_si128(), cdgh: _mm_setzero_si128() }; N];
    for (stream, halves) in state.iter_mut().enumerate() {
        *halves = split(states.lane(stream));
    }
    for block in 0..count {
        let before = state;
        let mut words = [[_mm_setzero_si128(); 4]; N];
        let [first_row, later_rows @ ..] = &ROUND_CONSTANTS;
        for q in 0..4 {
            let k = load_words(&first_row.as_chunks().0[q]);
            for stream in 0..N {
                words[stream][q] = message_words(&lanes[stream][block].as_chunks().0[q]);
                four_rounds(&mut state[stream], _mm_add_epi32(words[stream][q], k));
            }
        }
        for row in later_rows {
            for q in 0..4 {
                let k = load_words(&row.as_chunks().0[q]);
                for stream in 0..N {
                    words[stream][q] = next_words(&words[stream], q);
                    four_rounds(&mut state[stream], _mm_add_epi32(words[stream][q], k));
                }
            }
        }
        for (state, before) in state.iter_mut().zip(&before) {
            state.abef = _mm_add_epi32(state.abef, before.abef);
            state.cdgh = _mm_add_epi32(state.cdgh, before.cdgh);
        }
    }
    for (stream, halves) in state.into_iter().enumerate() {
        states.set_lane(stream, join(halves));
    }
    count
}

/// Four rounds with four message words to which the rounds' constants were added.
#[inline]
#[target_feature(enable = "sha,avx")]
fn four_rounds(state: &mut Halves, words: __m128i) {
    // Two rounds turn a, b, e, f into c, d, g, h, so after the first two the halves have changed places.
    let abef = _mm_sha256rnds2_epu32(state.cdgh, state.abef, words);
    let late_words = _mm_shuffle_epi32::<0b00_00_11_10>(words);
    *state = Halves { abef: _mm_sha256rnds2_epu32(state.abef, abef, late_words), cdgh: abef };
}

/// The four message words that follow the sixteen in `words`, of which those at `q` are the oldest.
#[inline]
#[target_feature(enable = "sha,avx")]
fn next_words(words: &[__m128i; 4], q: usize) -> __m128i {
    let [oldest, second, third, newest] = [words[q], words[(q + 1) % 4], words[(q + 2) % 4], words[(q + 3) % 4]];
    let early = _mm_add_epi32(_mm_sha256msg1_epu32(oldest, second), _mm_alignr_epi8::<4>(newest, third));
    _mm_sha256msg2_epu32(early, newest)
}

/// Four words of a block, big-endian to native.
#[inline]
#[target_feature(enable = "avx")]
fn message_words(bytes: &[u8; 16]) -> __m128i {
    let order = _mm_set_epi32(0x0c0d_0e0f, 0x0809_0a0b, 0x0405_0607, 0x0001_0203);
    // SAFETY: the reference covers the 16 bytes that are read; no alignment is needed.
    let words = unsafe { _mm_loadu_si128(bytes.as_ptr().cast()) };
    _mm_shuffle_epi8(words, order)
}

#[inline]
#[target_feature(enable = "avx")]
fn load_words(words: &[u32; 4]) -> __m128i {
    // SAFETY: the reference covers the 16 bytes that are read; no alignment is needed.
    unsafe { _mm_loadu_si128(words.as_ptr().cast()) }
}

#[inline]
#[target_feature(enable = "avx")]
fn split([a, b, c, d, e, f, g, h]: [u32; 8]) -> Halves {
    let pack = |w: u32, x: u32, y: u32, z: u32| {
        _mm_set_epi32(w.cast_signed(), x.cast_signed(), y.cast_signed(), z.cast_signed())
    };
    Halves { abef: pack(a, b, e, f), cdgh: pack(c, d, g, h) }
}

#[inline]
#[target_feature(enable = "avx")]
fn join(Halves { abef, cdgh }: Halves) -> [u32; 8] {
    [
        _mm_extract_epi32::<3>(abef),
        _mm_extract_epi32::<2>(abef),
        _mm_extract_epi32::<3>(cdgh),
        _mm_extract_epi32::<2>(cdgh),
        _mm_extract_epi32::<1>(abef),
        _mm_extract_epi32::<0>(abef),
        _mm_extract_epi32::<1>(cdgh),
        _mm_extract_epi32::<0>(cdgh),
    ]
    .map(i32::cast_unsigned)
}
