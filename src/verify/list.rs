//! Step V-4: the list of sealed members, and the case.

use super::bundle::Bundle;
use super::check::{Check, Ledger};
use super::in_order::in_order;
use super::members::{Cancelled, Pace, read_whole, sum};
use super::rules;
use super::structure::Places;
use crate::format::case::CaseJson;
use crate::format::digest::Digest;
use crate::format::list::List;
use crate::format::member::MemberName;
use crate::format::statement::{MemberEncodings, Statement};
use crate::hash::{PlainSha256, sha256};
use crate::limits::{CASE_LEN_MAX, SEGMENT_COUNT_MAX};

/// In a damaged list, at most so many lines may differ from the members that are there.
const DOUBT_COUNT_MAX: usize = 10;

/// The case, if it is the one that the statement names and well formed.
pub(super) fn check_case(
    bundle: &dyn Bundle,
    places: &Places,
    statement: &Statement,
    ledger: &mut Ledger,
) -> Option<CaseJson> {
    let name = MemberName::Case.to_string();
    let expected = statement.case_digest();
    let bytes = match places.of(&MemberName::Case).map(|place| read_whole(bundle, place, CASE_LEN_MAX, ledger)) {
        Some(Ok(bytes)) => bytes,
        Some(Err(error)) => {
            ledger.add(error.check(&rules::CASE_DIGEST, &name));
            return None;
        }
        None => {
            ledger.add(Check::failed(&rules::CASE_DIGEST, name).expected(expected).note("missing"));
            return None;
        }
    };
    let found = sha256(&bytes);
    let proven = ledger.require(found == expected, &rules::CASE_DIGEST, || {
        Check::failed(&rules::CASE_DIGEST, &name).expected(expected).actual(found)
    });
    if !proven {
        return None;
    }
    // Encoded otherwise, it may be encrypted (SPEC.md STM-3).
    if statement.predicate.members.case != MemberEncodings::default().case {
        return None;
    }
    ledger.parsed(CaseJson::from_bytes(&bytes), &rules::CASE_FORM, &name)
}

/// The list, if it is the one that the statement names: as it stands there, or put together anew (SPEC.md LIST-2).
pub(super) fn check_list(
    bundle: &dyn Bundle,
    places: &Places,
    statement: &Statement,
    thread_count: usize,
    pace: &Pace<'_>,
    ledger: &mut Ledger,
) -> Result<Option<List>, Cancelled> {
    let name = MemberName::List.to_string();
    let expected = statement.list_digest();
    let stated = statement.predicate.counts.segments.min(SEGMENT_COUNT_MAX);
    // Of two counts that differ, each may be the true one.
    let len_max = List::len_bytes(stated.max(places.segment_count().min(bundle.members().len() as u64)));
    let read = places.of(&MemberName::List).map(|place| read_whole(bundle, place, len_max, ledger));
    let (bytes, unread) = match read {
        Some(Ok(bytes)) => (bytes, None),
        Some(Err(error)) => (Vec::new(), Some(error.check(&rules::LIST_DIGEST, &name))),
        None => (Vec::new(), Some(Check::failed(&rules::LIST_DIGEST, &name).note("missing"))),
    };
    let found = sha256(&bytes);
    if found == expected {
        ledger.pass(&rules::LIST_DIGEST);
        let Some(list) = List::parse(&bytes) else {
            let check = Check::failed(&rules::LIST_FORM, &name);
            ledger.add(check.note("not the sealed members of a bundle, in order (LIST-1)"));
            return Ok(None);
        };
        check_members(places, &list, ledger);
        return Ok(Some(list));
    }
    let names: Vec<_> = MemberName::listed(stated).collect();
    let list = put_together(bundle, places, names, &bytes, expected, thread_count, pace)?;
    let check = unread.unwrap_or_else(|| Check::failed(&rules::LIST_DIGEST, &name).actual(found).note("damaged"));
    let note = match &list {
        Some(_) => "put together anew from the members it is the one that was signed (LIST-2)",
        None => "it cannot be put together anew: no member is proven",
    };
    let note = check.note.as_ref().map_or(note.to_owned(), |why| format!("{why}; {note}"));
    ledger.add(check.expected(expected).note(note));
    if let Some(list) = &list {
        check_members(places, list, ledger);
    }
    Ok(list)
}

/// Every payload, manifest and index part that is there must be in the list; the others are looked for by their names.
fn check_members(places: &Places, list: &List, ledger: &mut Ledger) {
    let (listed, there) = (list.segment_count(), places.segment_count());
    ledger.require(there <= listed, &rules::LIST_FORM, || {
        let check = Check::failed(&rules::LIST_FORM, MemberName::List.to_string());
        check.expected(listed).actual(there).note("segments: there are parts that the list does not name")
    });
}

/// The list as the members that are there make it. Where a member's digest and its line in the damaged list differ, one
/// of the two is damaged; which one shows when the whole has the signed digest.
fn put_together(
    bundle: &dyn Bundle,
    places: &Places,
    names: Vec<MemberName>,
    damaged: &[u8],
    expected: Digest,
    thread_count: usize,
    pace: &Pace<'_>,
) -> Result<Option<List>, Cancelled> {
    let mut found = Vec::with_capacity(names.len());
    let hash = |_: &mut (), i: u64| {
        let name = usize::try_from(i).ok().and_then(|i| names.get(i));
        let opened = name.and_then(|name| places.of(name)).and_then(|place| bundle.open(place).ok());
        let Some(bytes) = opened else { return Ok(None) };
        Ok(sum(&*bytes, &pace.silent())?.ok().map(|summed| summed.sha256))
    };
    in_order(
        thread_count,
        names.len() as u64,
        || (),
        hash,
        |_, digest| {
            found.push(digest);
            Ok(())
        },
    )?;
    let mut rest = damaged;
    let (mut list, mut doubts) = (List::default(), Vec::new());
    for (i, (name, found)) in names.into_iter().zip(found).enumerate() {
        let (line, after) = rest.split_at(rest.len().min(List::line_len(&name)));
        rest = after;
        let stated = digest_in(line, &name);
        if let (Some(found), Some(stated)) = (found, stated)
            && found != stated
        {
            doubts.push((i, stated));
        }
        let Some(digest) = found.or(stated) else { return Ok(None) };
        list.0.push((name, digest));
    }
    if doubts.len() > DOUBT_COUNT_MAX {
        return Ok(None);
    }
    for choice in 0u32..1 << doubts.len() {
        pace.silent().advance(0)?;
        let mut candidate = list.clone();
        for (bit, (i, stated)) in doubts.iter().enumerate() {
            if let Some((_, digest)) = candidate.0.get_mut(*i).filter(|_| choice & (1 << bit) != 0) {
                *digest = *stated;
            }
        }
        let mut hasher = PlainSha256::default();
        hasher.update(&candidate.to_bytes());
        if hasher.finish() == expected {
            return Ok(Some(candidate));
        }
    }
    Ok(None)
}

/// The digest in a line of the list, if the line is that of this member.
fn digest_in(line: &[u8], name: &MemberName) -> Option<Digest> {
    let (digest, rest) = std::str::from_utf8(line).ok()?.strip_suffix('\n')?.split_once("  ")?;
    Digest::from_hex(digest).filter(|_| rest == name.to_string())
}
