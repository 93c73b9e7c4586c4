//! Where a segment begins whose index part is lost, from its lines and its neighbours (SPEC.md VER-4).

use super::context::Context;
use super::index_part::plain_len;
use super::line_check::read_line;
use super::lines::Lines;
use super::members::Cancelled;
use super::record::Record;
use crate::format::line::Line;
use crate::format::member::MemberName;
use crate::format::tar::END_MARKER_LEN;

/// The first entry of a segment, and its tar bytes in earlier segments.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Start {
    pub entry: u64,
    pub skip: u64,
}

/// What the lines of a segment say of its tar.
struct Extent {
    first: u64,
    first_is_large: bool,
    last: u64,
    /// Tar bytes of all records.
    record_bytes: u64,
}

/// Finds the start without the index part. `None` if it cannot be told.
pub(super) fn without_index(context: &Context<'_>, segment: u64) -> Result<Option<Start>, Cancelled> {
    if segment == 0 {
        return Ok(Some(Start { entry: 0, skip: 0 }));
    }
    let Some(bytes) = context.open_proven(&MemberName::Manifest(segment))? else { return Ok(None) };
    let mut lines = Lines::new(bytes, context.limits.frame());
    let mut extent: Option<Extent> = None;
    loop {
        match lines.advance().map(|bytes| bytes.map(|bytes| read_line(context, bytes))) {
            Ok(None) => break,
            Ok(Some(Ok(line))) => extent = add(extent, &line, context),
            _ => return Ok(None),
        }
    }
    match extent {
        // Only a large file can have begun earlier (CUT-1).
        Some(Extent { first, first_is_large: false, .. }) => Ok(Some(Start { entry: first, skip: 0 })),
        extent => from_neighbours(context, segment, extent),
    }
}

fn add(extent: Option<Extent>, line: &Line, context: &Context<'_>) -> Option<Extent> {
    let is_large = context.limits.is_large(line.entry.tar_content_len());
    let bytes = if line.entry.has_tar_record() { Record::of(&line.entry, context.limits).len() } else { 0 };
    let extent = extent.unwrap_or(Extent { first: line.n, first_is_large: is_large, last: line.n, record_bytes: 0 });
    Some(Extent { last: line.n, record_bytes: extent.record_bytes.saturating_add(bytes), ..extent })
}

/// The earlier neighbour says where the segment begins in the tar; the later one where the record begins of the first
/// entry whose line is not here. The records of the lines here end there.
fn from_neighbours(context: &Context<'_>, segment: u64, extent: Option<Extent>) -> Result<Option<Start>, Cancelled> {
    let Some(earlier) = context.proven_index(segment - 1) else { return Ok(None) };
    let Some(start) = earlier.tar_offset.checked_add(plain_len(&earlier)) else { return Ok(None) };
    let counts = &context.statement.predicate.counts;
    let (next_entry, next_record) = if context.is_last(segment) {
        (counts.entries, counts.tar_bytes.checked_sub(END_MARKER_LEN))
    } else {
        let Some(later) = context.proven_index(segment + 1) else { return Ok(None) };
        (later.first_entry, later.tar_offset.checked_sub(later.first_entry_skip))
    };
    let (entry, first_record) = match extent {
        Some(extent) if extent.last.checked_add(1) == Some(next_entry) => {
            (extent.first, next_record.and_then(|end| end.checked_sub(extent.record_bytes)))
        }
        Some(_) => return Ok(None),
        None => (next_entry, next_record),
    };
    let skip = first_record.and_then(|first| start.checked_sub(first));
    Ok(skip.map(|skip| Start { entry, skip }))
}
