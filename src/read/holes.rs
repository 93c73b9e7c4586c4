//! Unallocated ranges of sparse files.

use std::os::fd::BorrowedFd;

use rustix::fs::{SeekFrom, seek};

use crate::format::entry::Hole;
use crate::hash::is_zeros;
use crate::limits::RANGE_COUNT_MAX;

/// The holes of an open file of `size` bytes; none if the file system does not tell, or if there are too many to list.
pub(super) fn find(handle: BorrowedFd<'_>, size: u64) -> Vec<Hole> {
    let mut holes: Vec<Hole> = Vec::new();
    let mut at = 0;
    while at < size {
        let Ok(start) = seek(handle, SeekFrom::Hole(at)) else { break };
        if start >= size {
            break;
        }
        // Past the last data there is only a hole.
        let end = seek(handle, SeekFrom::Data(start)).unwrap_or(size).min(size);
        if end <= start || start < at {
            // The file is being written to, and what was found is of no use.
            return Vec::new();
        }
        match holes.last_mut() {
            Some(last) if last.0 + last.1 == start => last.1 += end - start,
            _ => holes.push(Hole(start, end - start)),
        }
        if holes.len() > RANGE_COUNT_MAX {
            return Vec::new();
        }
        at = end;
    }
    holes
}

/// Strikes out holes in which `bytes`, read at `offset_bytes`, holds anything but zeros: the file was written to after
/// it was opened, or the file system told a falsehood. To be called for all that is read, before the line is written.
pub fn keep_true(holes: &mut Vec<Hole>, offset_bytes: u64, bytes: &[u8]) {
    let end = offset_bytes.saturating_add(bytes.len() as u64);
    let first = holes.partition_point(|hole| hole.0.saturating_add(hole.1) <= offset_bytes);
    let beyond = holes.partition_point(|hole| hole.0 < end);
    if first >= beyond {
        return;
    }
    let is_false = |hole: &Hole| {
        let index = |offset: u64| usize::try_from(offset.clamp(offset_bytes, end) - offset_bytes).unwrap_or(usize::MAX);
        let range = index(hole.0)..index(hole.0.saturating_add(hole.1));
        bytes.get(range).is_none_or(|claimed| !is_zeros(claimed))
    };
    if holes[first..beyond].iter().any(is_false) {
        let mut at = 0;
        holes.retain(|hole| {
            let looked_at = (first..beyond).contains(&at);
            at += 1;
            !(looked_at && is_false(hole))
        });
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_hole_with_data_in_it_is_struck_out_and_no_other() {
        let all = vec![Hole(0, 4), Hole(6, 2), Hole(10, 100)];
        let mut holes = all.clone();
        keep_true(&mut holes, 0, &[0, 0, 0, 0, 1, 1, 0, 0]);
        keep_true(&mut holes, 8, &[1, 1, 0, 0]);
        keep_true(&mut holes, 12, &[]);
        assert_eq!(holes, all);
        keep_true(&mut holes, 5, &[1, 0, 3, 1]);
        assert_eq!(holes, [Hole(0, 4), Hole(10, 100)]);
        keep_true(&mut holes, 109, &[9, 9]);
        assert_eq!(holes, [Hole(0, 4)]);
        keep_true(&mut holes, 4, &[9]);
        assert_eq!(holes, [Hole(0, 4)]);
    }
}
