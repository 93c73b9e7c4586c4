//! Step V-6: the index part of a segment.

use super::check::{Check, Ledger};
use super::context::Context;
use super::damage::{Cause, DamageMap, DamagedRange};
use super::members::{Cancelled, ReadError, check_digest, missing, read_whole};
use super::rules;
use crate::format::index::IndexPart;
use crate::format::member::MemberName;
use crate::hash::sha256;

/// Reads an index part, and decodes it only if it has its digest (SPEC.md IDX-3). `None` if it is lost.
pub(super) fn read(
    context: &Context<'_>,
    segment: u64,
    ledger: &mut Ledger,
    damage: &mut DamageMap,
) -> Result<Option<IndexPart>, Cancelled> {
    let member = MemberName::Index(segment);
    let name = member.to_string();
    let Some(listed) = context.list.digest(&member) else { return Ok(None) };
    let mut lost = |len, cause| damage.add_range(DamagedRange::new(&name, 0, len, cause, None));
    let Some(place) = context.places.of(&member) else {
        ledger.add(missing(&name, listed));
        lost(0, Cause::Missing);
        return Ok(None);
    };
    let len = context.bundle.members().get(place).map_or(0, |member| member.len);
    context.pace.advance(len)?;
    let bytes = match read_whole(context.bundle, place, context.limits.index_len_max(), ledger) {
        Ok(bytes) => bytes,
        Err(error) => {
            let cause = if matches!(error, ReadError::Io(_)) { Cause::Unreadable } else { Cause::Damaged };
            ledger.add(error.check(&rules::MEMBER_DIGEST, &name));
            lost(len, cause);
            return Ok(None);
        }
    };
    if !check_digest(&name, listed, sha256(&bytes), ledger) {
        lost(len, Cause::Damaged);
        return Ok(None);
    }
    match IndexPart::parse(&bytes) {
        Ok(index) => {
            ledger.pass(&rules::INDEX_FORM);
            if !context.limits.allow_frames(index.plain_lens()) {
                let check = Check::failed(&rules::INDEX_FRAMES, &name);
                ledger.add(check.note("more or other frames than the cut limits can give (IDX-5)"));
                return Ok(None);
            }
            check(context, segment, &name, &index, ledger);
            Ok(Some(index))
        }
        Err(error) => {
            ledger.add(Check::failed(&rules::INDEX_FORM, &name).note(error));
            Ok(None)
        }
    }
}

/// What can be said of it alone.
fn check(context: &Context<'_>, segment: u64, name: &str, index: &IndexPart, ledger: &mut Ledger) {
    ledger.require(index.segment == segment, &rules::INDEX_PLACE, || {
        Check::failed(&rules::INDEX_PLACE, name).expected(segment).actual(index.segment).note("segment number")
    });
    let stored: u64 = index.frames.iter().map(|frame| u64::from(frame.stored_len)).sum();
    let value_count = stored.div_ceil(context.limits.chunk()).max(1);
    ledger.require(index.payload_chain.len() as u64 == value_count, &rules::INDEX_FRAMES, || {
        let check = Check::failed(&rules::INDEX_FRAMES, name).expected(value_count).actual(index.payload_chain.len());
        check.note("number of chain values of the payload (IDX-2)")
    });
}

/// Tar bytes in the segment.
pub(super) fn plain_len(index: &IndexPart) -> u64 {
    index.plain_lens().sum()
}
