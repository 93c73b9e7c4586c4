//! Step V-15: what time-stamps prove of when the bundle was sealed and each event signed (SPEC.md section 24).

use std::collections::BTreeMap;

use super::Options;
use super::bundle::Bundle;
use super::check::{Check, Ledger};
use super::custody::Custody;
use super::dated::{Dated, earlier, follow};
use super::envelopes::Seal;
use super::members::{Cancelled, Pace};
use super::rules;
use super::stamps::{self, Stamp, StampState};
use super::structure::Places;
use crate::format::digest::KeyId;
use crate::format::time::Instant;

/// What time-stamps prove.
#[derive(Debug, Default)]
pub struct Times {
    /// Sound time-stamps, ascending by name, trusted or not.
    pub stamps: Vec<Stamp>,
    /// Of the statement.
    pub seal: Interval,
    /// Of each event, in the order of the custody records.
    pub events: Vec<Interval>,
    /// By when envelopes over the statement were there, by key.
    signed: BTreeMap<KeyId, Instant>,
    /// By when the envelope of each event was there.
    events_signed: Vec<Option<Instant>>,
}

/// Between which moments something was made.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Interval {
    /// It commits to what was stamped then.
    pub not_before: Option<Bound>,
    /// What commits to it was stamped then.
    pub not_after: Option<Bound>,
}

/// An end of an interval.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Bound {
    /// The second: that of the authority, with its accuracy.
    pub at: Instant,
    /// The time-stamp that it comes from, by its place in [`Times::stamps`].
    pub stamp: usize,
}

impl Times {
    /// By when a key had provably signed the statement.
    pub(super) fn signed_by(&self, key: KeyId) -> Option<Instant> {
        self.signed.get(&key).copied()
    }

    /// By when an event had provably been signed.
    pub(super) fn event_signed_by(&self, event: usize) -> Option<Instant> {
        self.events_signed.get(event).copied().flatten()
    }
}

/// Judges all time-stamps, and what follows from those that are trusted. With `--fixity` nothing is done.
pub(super) fn check(
    bundle: &dyn Bundle,
    places: &Places,
    (seal, custody): (&Seal, &Custody),
    options: &Options<'_>,
    pace: &Pace<'_>,
    ledger: &mut Ledger,
) -> Result<Times, Cancelled> {
    if options.fixity {
        return Ok(Times::default());
    }
    let records = &custody.records;
    let stamps = stamps::read(bundle, places, records, &options.all_time_roots(), pace, ledger)?;
    let trusted: Vec<_> = stamps.iter().enumerate().filter(|(_, it)| it.state == StampState::Trusted).collect();
    if !stamps.is_empty() {
        ledger.require(!trusted.is_empty(), &rules::TIME_PROVEN, || {
            let check = Check::cannot_tell(&rules::TIME_PROVEN, "timestamps/");
            check.note("none is by an authority that you trust (--timestamp-root, or a trust list)")
        });
    }
    let bounds = trusted.into_iter().filter_map(|(i, stamp)| {
        let place = records.grown.binary_search_by(|it| it.name.as_str().cmp(&stamp.name)).ok()?;
        let (not_before, not_after) = (stamp.time.not_before(), stamp.time.not_after());
        Some((place, stamp.over, Bound { at: not_before, stamp: i }, Bound { at: not_after, stamp: i }))
    });
    let dated = follow(records, &bounds.collect::<Vec<_>>());
    let mut times = Times { stamps, ..Times::default() };
    times.take(seal, custody, &dated);
    times.check_intervals(custody, &dated, ledger);
    times.check_recorded(seal, custody, ledger);
    Ok(times)
}

impl Times {
    fn take(&mut self, seal: &Seal, custody: &Custody, dated: &Dated) {
        let records = &custody.records;
        for (name, key) in &seal.over_statement {
            let name = name.to_string();
            let Ok(place) = records.grown.binary_search_by(|it| it.name.as_str().cmp(&name)) else { continue };
            let Some(bound) = dated.bytes_not_after[place] else { continue };
            self.seal.not_after = earlier(self.seal.not_after, Some(bound));
            let at = self.signed.get(key).map_or(bound.at, |known| bound.at.min(*known));
            self.signed.insert(*key, at);
        }
        for (i, event) in records.events.iter().enumerate() {
            if event.is_first && Some(event.before) == seal.digest {
                self.seal.not_after = earlier(self.seal.not_after, dated.not_after[i]);
            }
            self.events.push(Interval { not_before: dated.not_before[i], not_after: dated.not_after[i] });
            self.events_signed.push(dated.bytes_not_after[records.places[i]].map(|bound| bound.at));
        }
    }

    /// An event that lists a time-stamp from after one that is over the event, or over what commits to it.
    fn check_intervals(&self, custody: &Custody, dated: &Dated, ledger: &mut Ledger) {
        for (i, listed) in dated.listed.iter().enumerate() {
            let (Some(from), Some(to)) = (listed, self.events[i].not_after) else { continue };
            ledger.require(from.at <= to.at, &rules::TIME_INTERVAL, || {
                let check = Check::failed(&rules::TIME_INTERVAL, custody.records.name_of(i));
                let check = check.expected(format!("not before {}, by {}", from.at, self.stamps[from.stamp].name));
                let check = check.actual(format!("not after {}, by {}", to.at, self.stamps[to.stamp].name));
                check.note("two time-stamps contradict each other: one is listed by what the other proves to be older")
            });
        }
    }

    fn check_recorded(&self, seal: &Seal, custody: &Custody, ledger: &mut Ledger) {
        if let Some(statement) = &seal.statement {
            let it = &statement.predicate;
            let offset_ms = it.clock.offset_ms.unwrap_or(0).unsigned_abs();
            self.check_time("statement.json", self.seal, it.acquisition.end, offset_ms, ledger);
        }
        for (i, event) in custody.records.events.iter().enumerate() {
            self.check_time(custody.records.name_of(i), self.events[i], event.end, event.offset_ms, ledger);
        }
    }

    /// That a recorded end lies in its interval, as far as the recorded offset of the clock lets that be told.
    fn check_time(&self, name: &str, interval: Interval, end: Instant, offset_ms: u64, ledger: &mut Ledger) {
        let allowed = i64::try_from(offset_ms.div_ceil(1000)).unwrap_or(i64::MAX);
        let (from, to) = (interval.not_before, interval.not_after);
        if from.is_none() && to.is_none() {
            return;
        }
        let is_late = to.filter(|to| end.seconds() > to.at.seconds().saturating_add(allowed));
        let is_early = from.filter(|from| end.seconds() < from.at.seconds().saturating_sub(allowed));
        let Some(bound) = is_late.or(is_early) else { return ledger.pass(&rules::TIME_RECORDED) };
        let side = if is_late.is_some() { "not after" } else { "not before" };
        let check = Check::failed(&rules::TIME_RECORDED, name).actual(format!("{end}, recorded"));
        let check = check.expected(format!("{side} {}, by {}", bound.at, self.stamps[bound.stamp].name));
        ledger.add(check.note("its clock was wrong by more than is recorded, or the time is not true"));
    }
}
