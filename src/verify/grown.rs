//! Reading grown members: digests of all of them, and the events among them (SPEC.md EVT-1 to EVT-4).

use std::collections::{BTreeMap, BTreeSet};

use super::bundle::Bundle;
use super::check::{Check, Ledger};
use super::members::{Cancelled, Pace, ReadError, check_crc, read_bounded};
use super::rules;
use super::structure::Places;
use crate::causes::with_causes;
use crate::custody::{Grown, Records, Summary};
use crate::format::digest::Digest;
use crate::format::dsse::Envelope;
use crate::format::event::{Event, Listed};
use crate::format::member::MemberName;
use crate::hash::sha256;
use crate::limits::{ENVELOPE_LEN_MAX, LISTED_COUNT_MAX};

/// Reads all grown members, and parses the events if they are `wanted`.
pub(super) fn read(
    bundle: &dyn Bundle,
    places: &Places,
    envelopes: &BTreeMap<MemberName, Digest>,
    wanted: bool,
    pace: &Pace<'_>,
    ledger: &mut Ledger,
) -> Result<Records, Cancelled> {
    let mut reading = Reading {
        bundle,
        pace: pace.silent(),
        records: Records::default(),
        listed_count: 0,
        untold: BTreeSet::new(),
        ledger,
    };
    let mut members: Vec<_> = places.grown().into_iter().map(|(name, place)| (name.to_string(), name, place)).collect();
    members.sort();
    let mut events = Vec::new();
    for (text, name, place) in &members {
        // Envelopes were read before: what is read twice could be two things.
        let digest = match name {
            MemberName::Envelope(_) => envelopes.get(name).copied(),
            _ => reading.member(text, name, *place, wanted)?,
        };
        let Some(sha256) = digest else {
            // What is too long cannot be what an event lists; what cannot be read may be.
            if bundle.members().get(*place).is_some_and(|member| member.len <= ENVELOPE_LEN_MAX) {
                reading.untold.insert(text.clone());
            }
            continue;
        };
        if matches!(name, MemberName::Custody(_)) {
            events.push((reading.records.grown.len(), *place));
        }
        reading.records.grown.push(Grown { name: text.clone(), sha256, event: None });
    }
    // A second time, when all digests are known: what events list is compared at once and not kept.
    for (at, place) in events.into_iter().filter(|_| wanted) {
        reading.event(at, place)?;
    }
    reading.records.is_complete = reading.untold.is_empty();
    Ok(reading.records)
}

struct Reading<'a> {
    bundle: &'a dyn Bundle,
    pace: Pace<'a>,
    records: Records,
    /// Members that all events so far list.
    listed_count: usize,
    /// Members of which nothing is known, because they cannot be read.
    untold: BTreeSet<String>,
    ledger: &'a mut Ledger,
}

impl Reading<'_> {
    /// The digest of a member; `None` if it cannot be read, or is longer than it may be, which step V-1 says too.
    fn member(
        &mut self,
        text: &str,
        name: &MemberName,
        place: usize,
        wanted: bool,
    ) -> Result<Option<Digest>, Cancelled> {
        self.pace.advance(0)?;
        let is_event = wanted && matches!(name, MemberName::Custody(_));
        match read_bounded(self.bundle, place, ENVELOPE_LEN_MAX) {
            Ok(bytes) => {
                check_crc(self.bundle, place, crc32fast::hash(&bytes), self.ledger);
                return Ok(Some(sha256(&bytes)));
            }
            Err(error) if is_event => self.ledger.add(error.check(&rules::EVENT_FORM, text)),
            Err(error @ ReadError::Io(_)) if self.bundle.members().get(place).is_some_and(|it| it.crc.is_some()) => {
                self.ledger.add(error.check(&rules::ZIP_CRC, text));
            }
            Err(_) => {}
        }
        Ok(None)
    }

    fn event(&mut self, at: usize, place: usize) -> Result<(), Cancelled> {
        self.pace.advance(0)?;
        let name = self.records.grown[at].name.clone();
        let bytes = match read_bounded(self.bundle, place, ENVELOPE_LEN_MAX) {
            Ok(bytes) if sha256(&bytes) == self.records.grown[at].sha256 => bytes,
            Ok(_) => {
                let check = Check::cannot_tell(&rules::EVENT_FORM, &name);
                self.ledger.add(check.note("changed while it was being verified"));
                return Ok(());
            }
            Err(error) => {
                self.ledger.add(error.check(&rules::EVENT_FORM, &name));
                return Ok(());
            }
        };
        let Some(envelope) = self.ledger.parsed(Envelope::from_bytes(&bytes), &rules::EVENT_FORM, &name) else {
            return Ok(());
        };
        let Some(event) = self.ledger.parsed(Event::parse(&envelope.statement), &rules::EVENT_FORM, &name) else {
            return Ok(());
        };
        let Some(key) = event.key() else { return Ok(()) };
        let holds = envelope.verify(&key);
        self.ledger.require(holds.is_ok(), &rules::EVENT_SIGNATURE, || {
            let check = Check::failed(&rules::EVENT_SIGNATURE, &name).expected(key.key_id()).actual(envelope.key_id);
            check.note(holds.err().map_or_else(String::new, |error| with_causes(&error)))
        });
        if holds.is_err() {
            return Ok(());
        }
        for unknown in event.predicate.critical.keys() {
            let check = Check::cannot_tell(&rules::EVENT_KNOWN, &name).actual(format!("critical.{unknown}"));
            self.ledger.add(check.note("this version does not know it, so the event cannot be told"));
        }
        let listed = self.listed(&name, &event.predicate.members);
        self.records.grown[at].event = Some(self.records.events.len());
        self.records.places.push(at);
        self.records.events.push(Summary::of(&event, sha256(&envelope.statement)));
        self.records.listed.push(listed);
        Ok(())
    }

    /// Compares what an event lists with what is there: nothing that was there may be gone.
    fn listed(&mut self, event: &str, members: &[Listed]) -> Vec<u32> {
        self.listed_count = self.listed_count.saturating_add(members.len());
        if self.listed_count > LISTED_COUNT_MAX {
            let check = Check::failed(&rules::EVENT_FORM, event).note("all events together list more than they may");
            self.ledger.add(check.expected(LISTED_COUNT_MAX));
            return Vec::new();
        }
        let mut places = Vec::new();
        for Listed { name, sha256 } in members {
            let found = self.records.grown.binary_search_by(|it| it.name.as_str().cmp(name)).ok();
            let there = found.map(|place| self.records.grown[place].sha256);
            if self.untold.contains(name) {
                let check = Check::cannot_tell(&rules::CUSTODY_MEMBERS, event).expected(format!("{name}: {sha256}"));
                self.ledger.add(check.note("it is there, and nothing can be told of it"));
                continue;
            }
            self.ledger.require(there == Some(*sha256), &rules::CUSTODY_MEMBERS, || {
                let check = Check::failed(&rules::CUSTODY_MEMBERS, event).expected(format!("{name}: {sha256}"));
                match there {
                    Some(there) => check.actual(there).note("what was there when the event was signed was exchanged"),
                    None => check.note("what was there when the event was signed is gone"),
                }
            });
            let found = found.filter(|_| there == Some(*sha256));
            places.extend(found.and_then(|place| u32::try_from(place).ok()));
        }
        places
    }
}

/// Events by the digests of their payloads.
pub(super) fn by_digest(records: &Records) -> BTreeMap<Digest, usize> {
    records.events.iter().enumerate().map(|(i, event)| (event.digest, i)).collect()
}
