//! Reading around errors: what a failing medium still gives of a region, and which parts of it it does not give.
//!
//! Like tools for failing disks do: first what comes easily, the worst last. Reads shrink from the front until one sector
//! fails, then from the end until one sector fails, so that what lies around a bad area is safe before the area itself is
//! gone through, sector by sector. After that each sector that failed is tried again, backward and forward in turns.

use std::io;
use std::ops::Range;

use super::{Content, errno};
use crate::format::entry::Gap;
use crate::format::time::Instant;

/// How hard a medium that fails is tried.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Patience {
    /// How often a sector that failed is read again, after all others were.
    pub retries: u32,
    /// Bytes that fail together; as the medium says, if not given.
    pub sector_len: Option<u64>,
}

impl Default for Patience {
    fn default() -> Self {
        Self { retries: 2, sector_len: None }
    }
}

/// What whoever reads is asked, and told.
pub struct Watch<'a> {
    /// Whether to stop. A bad disk can take minutes for one buffer, so this is asked before each read.
    pub is_stopped: &'a dyn Fn() -> bool,
    /// Told how many bytes of the region that is being read around were not had so far.
    pub failing: &'a dyn Fn(u64),
    /// What time it is, when a part was not had.
    pub now: &'a dyn Fn() -> Option<Instant>,
}

/// Bytes of the first read after an error, and the most of any after one.
const FIRST_LEN: u64 = 64 << 10;
const LEN_MAX: u64 = 1 << 20;

/// So many sectors that fail one after another are reason to ask whether the medium is still there.
const DOUBT: usize = 64;

/// A part of a region that could not be had. It never reaches over the end of a sector.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Bad {
    pub(super) range: Range<usize>,
    pub(super) cause: String,
    pub(super) attempts: u64,
    pub(super) at: Option<Instant>,
}

/// Fills `buf` with what can be had of the region at `offset_bytes`, which was read once and gave `error`, and tells what
/// cannot be had, ascending. Once it is stopped, nothing of that is of use.
pub(super) fn salvage(
    content: &mut dyn Content,
    offset_bytes: u64,
    buf: &mut [u8],
    patience: Patience,
    watch: &Watch<'_>,
) -> Vec<Bad> {
    let sector_len = patience.sector_len.unwrap_or_else(|| content.sector_len()).max(1);
    let mut region = Region { content, offset_bytes, buf, sector_len, watch, bad: Vec::new() };
    let end = region.buf.len();
    let front = region.forward(0..end, FIRST_LEN);
    let back = region.backward(front..end);
    let mut at = front;
    while at < back && !(watch.is_stopped)() {
        if region.is_gone() {
            region.lose(at..back, Gap::GONE, 1);
            break;
        }
        at = region.forward(at..back, sector_len);
    }
    for pass in 0..patience.retries {
        region.again(pass.is_multiple_of(2));
    }
    region.bad.sort_by_key(|bad| bad.range.start);
    region.bad
}

struct Region<'a> {
    content: &'a mut dyn Content,
    offset_bytes: u64,
    buf: &'a mut [u8],
    sector_len: u64,
    watch: &'a Watch<'a>,
    bad: Vec<Bad>,
}

impl Region<'_> {
    /// Reads forward to the end of a range or over the first sector that fails; gives where it stopped.
    fn forward(&mut self, range: Range<usize>, first_len: u64) -> usize {
        // The read that failed before was one of each part of the region.
        let (mut at, mut len, mut failures) = (range.start, first_len, 1);
        while at < range.end && !(self.watch.is_stopped)() {
            let end = self.block_end(at, len).min(range.end);
            match self.read(at..end) {
                Ok(()) => (at, len, failures) = (end, (len * 2).min(LEN_MAX), 1),
                Err((done, cause)) if cause == Gap::SHORT => {
                    self.lose(done..range.end, Gap::SHORT, 1);
                    return range.end;
                }
                Err((done, cause)) => {
                    failures = if done > at { 2 } else { failures + 1 };
                    at = done;
                    if end <= self.block_end(at, self.sector_len) {
                        self.lose(at..end, &cause, failures);
                        return end;
                    }
                    len = self.shorter(len);
                }
            }
        }
        at
    }

    /// Reads backward to the start of a range or over the first sector that fails; gives where it stopped.
    fn backward(&mut self, range: Range<usize>) -> usize {
        let (mut end, mut len, mut failures) = (range.end, FIRST_LEN, 1);
        while end > range.start && !(self.watch.is_stopped)() {
            let start = self.block_start(end, len).max(range.start);
            match self.read(start..end) {
                Ok(()) => (end, len, failures) = (start, (len * 2).min(LEN_MAX), 1),
                Err((done, cause)) => {
                    failures += 1;
                    if start >= self.block_start(end, self.sector_len) {
                        self.lose(done..end, &cause, failures);
                        return start;
                    }
                    len = self.shorter(len);
                }
            }
        }
        end
    }

    /// Reads again what failed, one way or the other.
    fn again(&mut self, backward: bool) {
        let count = self.bad.len();
        self.bad.sort_by_key(|bad| bad.range.start);
        for step in 0..count {
            if (self.watch.is_stopped)() {
                return;
            }
            let index = if backward { count - 1 - step } else { step };
            let Bad { range, cause, .. } = self.bad[index].clone();
            if range.is_empty() || cause == Gap::SHORT || cause == Gap::GONE {
                continue;
            }
            let result = self.read(range.clone());
            let (now, bad) = ((self.watch.now)(), &mut self.bad[index]);
            match result {
                Ok(()) => bad.range = range.end..range.end,
                Err((done, cause)) => {
                    (bad.range.start, bad.cause, bad.at) = (done, cause, now);
                    bad.attempts += 1;
                }
            }
        }
        self.bad.retain(|bad| !bad.range.is_empty());
        self.tell();
    }

    /// Reads all of a part of the region, or says how far it came and why.
    fn read(&mut self, range: Range<usize>) -> Result<(), (usize, String)> {
        let mut at = range.start;
        while at < range.end {
            match self.content.read_sectors(&mut self.buf[at..range.end], self.offset_bytes + at as u64) {
                Ok(0) => return Err((at, Gap::SHORT.to_owned())),
                Ok(count) => at += count.min(range.end - at),
                Err(error) if error.kind() == io::ErrorKind::Interrupted => {}
                Err(error) => return Err((at, errno::name_of_io(&error))),
            }
        }
        Ok(())
    }

    fn lose(&mut self, range: Range<usize>, cause: &str, attempts: u64) {
        if !range.is_empty() {
            let at = (self.watch.now)();
            self.bad.push(Bad { range, cause: cause.to_owned(), attempts, at });
            self.tell();
        }
    }

    fn tell(&self) {
        (self.watch.failing)(self.bad.iter().map(|bad| bad.range.len() as u64).sum());
    }

    /// Whether the medium has gone: asked when nothing but failures came for long.
    fn is_gone(&mut self) -> bool {
        let is_doubtful = self.bad.len().is_multiple_of(DOUBT) && self.bad.len() >= DOUBT;
        let latest = self.bad.len().saturating_sub(DOUBT)..;
        is_doubtful && self.bad[latest].is_sorted_by(|a, b| a.range.end == b.range.start) && self.content.is_gone()
    }

    fn shorter(&self, len: u64) -> u64 {
        (len / 8).max(self.sector_len)
    }

    /// The end of a block of this length, at a boundary of sectors of the content.
    fn block_end(&self, at: usize, len: u64) -> usize {
        let end = self.offset_bytes + at as u64 + len.max(self.sector_len);
        self.within(end - end % self.sector_len)
    }

    /// The start of a block of this length.
    fn block_start(&self, end: usize, len: u64) -> usize {
        let before = (self.offset_bytes + end as u64).saturating_sub(len.max(self.sector_len));
        self.within(before.next_multiple_of(self.sector_len)).min(end.saturating_sub(1))
    }

    fn within(&self, offset_bytes: u64) -> usize {
        usize::try_from(offset_bytes.saturating_sub(self.offset_bytes)).unwrap_or(usize::MAX).min(self.buf.len())
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::format::entry::Changed;

    /// A medium with a bad area, and what was read of it.
    struct Medium {
        bad: Range<u64>,
        reads: Vec<Range<u64>>,
        /// Bad sectors of which each is had at this try.
        mends_at: Option<usize>,
    }

    impl Content for Medium {
        fn read_at(&mut self, buf: &mut [u8], offset_bytes: u64) -> io::Result<usize> {
            let read = offset_bytes..offset_bytes + buf.len() as u64;
            let tries = self.reads.iter().filter(|before| **before == read).count();
            self.reads.push(read.clone());
            let is_bad = read.start < self.bad.end && self.bad.start < read.end;
            if is_bad && self.mends_at.is_none_or(|at| tries < at) {
                return Err(io::Error::from_raw_os_error(5));
            }
            buf.fill(7);
            Ok(buf.len())
        }

        fn changed(&mut self) -> Option<Changed> {
            None
        }
    }

    const LEN: u64 = 1 << 20;

    fn salvaged(medium: &mut Medium, retries: u32) -> (Vec<u8>, Vec<Bad>) {
        let mut bytes = vec![0; usize::try_from(LEN).unwrap()];
        let watch = Watch { is_stopped: &|| false, failing: &|_| (), now: &|| None };
        let bad = salvage(medium, 0, &mut bytes, Patience { retries, sector_len: None }, &watch);
        (bytes, bad)
    }

    #[test]
    fn what_lies_around_a_bad_area_is_read_before_the_area_is_gone_through() {
        let area = 400 << 10..500 << 10;
        let mut medium = Medium { bad: area.clone(), reads: Vec::new(), mends_at: None };
        let (bytes, bad) = salvaged(&mut medium, 0);
        let lost: Vec<_> = bad.iter().map(|bad| bad.range.clone()).collect();
        assert_eq!((lost[0].start, lost[lost.len() - 1].end), (400 << 10, 500 << 10));
        assert!(lost.windows(2).all(|pair| pair[0].end == pair[1].start));
        assert!(bytes[..400 << 10].iter().chain(&bytes[500 << 10..]).all(|&byte| byte == 7));
        // The second sector of the area is tried only when both its sides are safe.
        let second = area.start + 512..area.start + 1024;
        let second = medium.reads.iter().position(|read| *read == second).unwrap();
        let is_clear = |read: &&Range<u64>| read.end <= area.start || area.end <= read.start;
        let is_safe = |at: u64| medium.reads[..second].iter().filter(is_clear).any(|read| read.contains(&at));
        assert!(is_safe(LEN - 1) && is_safe(500 << 10) && is_safe((400 << 10) - 1));
    }

    #[test]
    fn a_sector_that_is_had_at_a_later_try_is_not_lost() {
        let lost = |mends_at, retries| {
            let mut medium = Medium { bad: 600..601, reads: Vec::new(), mends_at: Some(mends_at) };
            salvaged(&mut medium, retries).1.len()
        };
        assert_eq!((lost(1, 0), lost(1, 1), lost(3, 2), lost(3, 3)), (1, 0, 1, 0));
    }

    #[test]
    fn retries_go_backward_and_forward_in_turns() {
        let mut medium = Medium { bad: 1024..4096, reads: Vec::new(), mends_at: None };
        salvaged(&mut medium, 2);
        let last: Vec<_> = medium.reads[medium.reads.len() - 12..].iter().map(|read| read.start).collect();
        assert_eq!(last, [3584, 3072, 2560, 2048, 1536, 1024, 1024, 1536, 2048, 2560, 3072, 3584]);
    }
}
