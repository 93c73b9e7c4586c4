//! Reading that never fails: every byte that can be had is kept, and what cannot be had becomes zeros and a gap
//! (SPEC.md MAN-3, MAN-4, MAN-7).

use std::io;

use super::Content;
use super::salvage::{Patience, Watch, salvage};
use crate::format::entry::Gap;
use crate::limits::RANGE_COUNT_MAX;

/// Fills all of `buf` with the content at `offset_bytes`, zeros where there is a gap, and adds the gaps to `gaps`. To
/// be called for one content of `size` bytes from its start to its end, always with the same `gaps`.
///
/// The gap that would be the last one that may be listed reaches to the end of the content, with cause `limit`: from
/// there on nothing is read, because no later gap could be told. So does the gap where a medium has gone, with cause `gone`.
///
/// Once it is stopped, what is in `buf` and `gaps` is of no use any more.
pub fn fill(
    content: &mut dyn Content,
    size: u64,
    offset_bytes: u64,
    buf: &mut [u8],
    gaps: &mut Vec<Gap>,
    patience: Patience,
    watch: &Watch<'_>,
) {
    let mut record = Record { size, gaps };
    let mut done = 0;
    while let Some(rest) = buf.get_mut(done..).filter(|rest| !rest.is_empty()) {
        let offset = offset_bytes + done as u64;
        if record.has_given_up() || (watch.is_stopped)() {
            return rest.fill(0);
        }
        match content.read_at(rest, offset) {
            Ok(0) => {
                let at = (watch.now)();
                return record.lose(rest, Gap { at, attempts: 1, cause: Gap::SHORT.to_owned(), len: 0, offset });
            }
            Ok(count) => done += count.min(rest.len()),
            Err(error) if error.kind() == io::ErrorKind::Interrupted => {}
            Err(_) => {
                for bad in salvage(content, offset, rest, patience, watch) {
                    let start = offset + bad.range.start as u64;
                    let gap = Gap { at: bad.at, attempts: bad.attempts, cause: bad.cause, len: 0, offset: start };
                    record.lose(&mut rest[bad.range], gap);
                    if let Some(end) = record.end_of_reading() {
                        let unread = usize::try_from(end - offset).unwrap_or(usize::MAX).min(rest.len());
                        rest[unread..].fill(0);
                        break;
                    }
                }
                return (watch.failing)(0);
            }
        }
    }
}

/// What is lost of one content.
struct Record<'a> {
    size: u64,
    gaps: &'a mut Vec<Gap>,
}

impl Record<'_> {
    /// Zeros and a gap as long as they are, joined to the one before it if that has the same cause.
    fn lose(&mut self, buf: &mut [u8], mut gap: Gap) {
        buf.fill(0);
        gap.len = buf.len() as u64;
        let to_end = self.size.saturating_sub(gap.offset).max(gap.len);
        let is_last = self.gaps.len() + 1 >= RANGE_COUNT_MAX;
        match self.gaps.last_mut() {
            Some(last) if last.offset + last.len == gap.offset && last.cause == gap.cause => {
                last.len += gap.len;
                last.attempts = last.attempts.max(gap.attempts);
                last.at = last.at.max(gap.at);
            }
            _ if is_last => self.gaps.push(Gap { cause: Gap::LIMIT.to_owned(), len: to_end, ..gap }),
            _ if gap.cause == Gap::GONE => self.gaps.push(Gap { len: to_end, ..gap }),
            _ => self.gaps.push(gap),
        }
    }

    /// Where the last gap begins, if all that follows lies in it.
    fn end_of_reading(&self) -> Option<u64> {
        let last = self.gaps.last().filter(|last| last.cause == Gap::LIMIT || last.cause == Gap::GONE)?;
        Some(last.offset)
    }

    /// Whether all that follows lies in the last gap.
    fn has_given_up(&self) -> bool {
        self.end_of_reading().is_some()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::format::entry::Changed;
    use proptest::prelude::*;

    const UNWATCHED: Watch<'_> = Watch { is_stopped: &|| false, failing: &|_| (), now: &|| None };

    /// Content byte at an offset: never 0, so that it differs from what stands in a gap.
    fn byte(offset: u64) -> u8 {
        u8::try_from(offset % 251).unwrap() + 1
    }

    /// A medium whose reads end early at odd places, are interrupted, and fail where a bad byte would be read first.
    struct Medium {
        len: u64,
        bad: Vec<std::ops::Range<u64>>,
        reads: u64,
        read_len_max: usize,
    }

    impl Content for Medium {
        fn read_at(&mut self, buf: &mut [u8], offset: u64) -> io::Result<usize> {
            self.reads += 1;
            if self.reads.is_multiple_of(3) {
                return Err(io::ErrorKind::Interrupted.into());
            }
            let count = usize::try_from(self.len.saturating_sub(offset)).unwrap().min(buf.len()).min(self.read_len_max);
            for (at, target) in buf[..count].iter_mut().enumerate() {
                let position = offset + at as u64;
                if self.bad.iter().any(|range| range.contains(&position)) {
                    return if at == 0 { Err(io::Error::from_raw_os_error(5)) } else { Ok(at) };
                }
                *target = byte(position);
            }
            Ok(count)
        }

        fn changed(&mut self) -> Option<Changed> {
            None
        }
    }

    /// Reads a medium of `size` bytes through a buffer of `step` bytes.
    fn read(mut medium: Medium, size: u64, step: usize) -> (Vec<u8>, Vec<Gap>) {
        let mut gaps = Vec::new();
        let mut bytes = vec![0xee; usize::try_from(size).unwrap()];
        for (at, part) in bytes.chunks_mut(step).enumerate() {
            fill(&mut medium, size, (at * step) as u64, part, &mut gaps, Patience::default(), &UNWATCHED);
        }
        (bytes, gaps)
    }

    fn medium(len: u64, bad: &[std::ops::Range<u64>]) -> Medium {
        Medium { len, bad: bad.to_vec(), reads: 0, read_len_max: usize::MAX }
    }

    #[test]
    fn one_bad_byte_costs_its_sector_and_no_more() {
        let (bytes, gaps) = read(medium(20_000, std::slice::from_ref(&(9_000..9_001))), 20_000, 20_000);
        // The sector's start was still had by the first read, which ended early.
        // With blocks of all that was left, 8 KiB, 1 KiB and 512 bytes, and twice again.
        assert_eq!(gaps, [Gap { at: None, attempts: 7, cause: "EIO".to_owned(), len: 216, offset: 9_000 }]);
        assert_eq!((bytes[8_999], bytes[9_000], bytes[9_215], bytes[9_216]), (byte(8_999), 0, 0, byte(9_216)));
    }

    #[test]
    fn the_limit_gap_reaches_to_the_end() {
        let mut gaps: Vec<Gap> = (0..RANGE_COUNT_MAX as u64 - 1)
            .map(|n| Gap { at: None, attempts: 1, cause: "EIO".to_owned(), len: 1, offset: n * 2 })
            .collect();
        let mut bytes = vec![0xee; 1 << 20];
        let start = 1 << 30;
        let mut medium = medium(u64::MAX, &[start + 4096..start + 4608, start + 8192..start + 8704]);
        fill(&mut medium, start * 2, start, &mut bytes, &mut gaps, Patience::default(), &UNWATCHED);
        assert_eq!(gaps.len(), RANGE_COUNT_MAX);
        assert_eq!(gaps[RANGE_COUNT_MAX - 1].offset, start + 4096);
        assert_eq!(gaps[RANGE_COUNT_MAX - 1].len, start - 4096);
        assert_eq!(gaps[RANGE_COUNT_MAX - 1].cause, "limit");
        assert_eq!(bytes[4095], byte(start + 4095));
        assert!(bytes[4096..].iter().all(|&b| b == 0));
        fill(&mut medium, start * 2, start + (1 << 20), &mut bytes, &mut gaps, Patience::default(), &UNWATCHED);
        assert_eq!(gaps.len(), RANGE_COUNT_MAX);
        assert!(bytes.iter().all(|&b| b == 0));
    }

    #[test]
    fn a_bad_disk_is_not_read_on_when_the_work_is_stopped() {
        let mut bad = medium(1 << 22, std::slice::from_ref(&(0..1 << 22)));
        let (mut bytes, mut gaps) = (vec![0; 1 << 22], Vec::new());
        let asked = std::cell::Cell::new(0);
        let is_stopped = || asked.replace(asked.get() + 1) == 4;
        let watch = Watch { is_stopped: &|| asked.get() > 4 || is_stopped(), failing: &|_| (), now: &|| None };
        fill(&mut bad, 1 << 22, 0, &mut bytes, &mut gaps, Patience::default(), &watch);
        assert!(bad.reads < 10, "{} reads", bad.reads);
    }

    proptest! {
        #[test]
        fn every_byte_outside_a_bad_sector_is_kept_and_gaps_hold_zeros(
            size in 1u64..60_000,
            missing in 0u64..9_000,
            bad in prop::collection::vec((0u64..60_000, 1u64..6_000), 0..5),
            step in 1usize..30_000,
            read_len_max in 1usize..30_000,
        ) {
            let len = size.saturating_sub(missing);
            let bad: Vec<_> = bad.into_iter().map(|(start, len)| start..start + len).collect();
            let (bytes, gaps) = read(Medium { len, bad: bad.clone(), reads: 0, read_len_max }, size, step.max(64));
            let mut end_before = 0;
            for gap in &gaps {
                prop_assert!(gap.len > 0 && gap.offset >= end_before && gap.offset + gap.len <= size);
                end_before = gap.offset + gap.len;
            }
            for pair in gaps.windows(2) {
                prop_assert!(pair[0].offset + pair[0].len < pair[1].offset || pair[0].cause != pair[1].cause);
            }
            for (offset, &found) in (0u64..).zip(&bytes) {
                let in_gap = gaps.iter().any(|gap| (gap.offset..gap.offset + gap.len).contains(&offset));
                let sector = offset - offset % 512..offset - offset % 512 + 512;
                let near_bad = bad.iter().any(|range| range.start < sector.end && sector.start < range.end);
                prop_assert_eq!(found, if in_gap { 0 } else { byte(offset) });
                prop_assert!(!in_gap || offset >= len || near_bad, "lost a good byte at {}", offset);
                prop_assert!(in_gap || (offset < len && !bad.iter().any(|range| range.contains(&offset))));
            }
        }
    }
}
