//! Holes and gaps: ranges of content that must be zeros (step V-9).

use std::ops::Range;

use crate::format::entry::Entry;
use crate::hash::is_zeros;

/// The ranges of one entry that must be zeros, asked for in ascending order of offset.
pub(super) struct Zeros {
    ranges: Vec<Range<u64>>,
    next: usize,
}

impl Zeros {
    /// Holes and gaps of an entry whose line has been checked, so that none passes its end.
    pub fn of(entry: &Entry) -> Self {
        let holes = entry.holes.iter().map(|hole| hole.0..hole.0.saturating_add(hole.1));
        let gaps = entry.gaps.iter().map(|gap| gap.offset..gap.offset.saturating_add(gap.len));
        let mut ranges: Vec<_> = holes.chain(gaps).collect();
        ranges.sort_by_key(|range| range.start);
        Self { ranges, next: 0 }
    }

    /// Offset of the first byte that is not zero but must be, in content that stands at `offset`.
    pub fn first_violation(&mut self, offset: u64, bytes: &[u8]) -> Option<u64> {
        let end = offset.saturating_add(bytes.len() as u64);
        // Ranges may overlap one another, so those that end here are passed over only at the front.
        while self.ranges.get(self.next).is_some_and(|range| range.end <= offset) {
            self.next += 1;
        }
        for range in self.ranges.iter().skip(self.next).take_while(|range| range.start < end) {
            let (from, to) = (range.start.max(offset), range.end.min(end));
            let within = |at: u64| usize::try_from(at - offset).unwrap_or(usize::MAX);
            let part = if from < to { bytes.get(within(from)..within(to)).unwrap_or_default() } else { &[] };
            if is_zeros(part) {
                continue;
            }
            if let Some(at) = part.iter().position(|&b| b != 0) {
                return Some(from + at as u64);
            }
        }
        None
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_first_byte_that_must_be_zero_and_is_not_is_found_however_the_content_is_cut() {
        let content = [1u8, 0, 0, 1, 1, 0, 7, 0, 1];
        for (ranges, expected) in [
            (vec![1..3, 5..6, 7..8], None),
            (vec![1..4, 5..6], Some(3)),
            (vec![1..3, 1..2, 5..8], Some(6)),
            (vec![0..1, 1..2], Some(0)),
            (vec![1..3, 2..3, 8..9], Some(8)),
        ] {
            for piece in 1..=content.len() {
                let mut zeros = Zeros { ranges: ranges.clone(), next: 0 };
                let found = content
                    .chunks(piece)
                    .enumerate()
                    .find_map(|(i, bytes)| zeros.first_violation((i * piece) as u64, bytes));
                assert_eq!(found, expected, "{ranges:?} in pieces of {piece}");
            }
        }
    }
}
