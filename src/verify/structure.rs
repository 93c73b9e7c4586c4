//! Step V-1: the wrapper, and the names and order of members (SPEC.md MEM-1 to MEM-4).

use std::collections::HashMap;
use std::collections::hash_map::Entry;

use super::bundle::{Bundle, Form, Member};
use super::check::{Check, Ledger};
use super::rules;
use crate::format::member::MemberName;
use crate::limits::{ENVELOPE_LEN_MAX, GROWN_COUNT_MAX};

/// Where each member is, by what it is.
pub(super) struct Places(HashMap<MemberName, usize>);

impl Places {
    /// The place of a member in [`Bundle::members`].
    pub fn of(&self, name: &MemberName) -> Option<usize> {
        self.0.get(name).copied()
    }

    /// All members that are added after sealing, by name.
    pub fn grown(&self) -> Vec<(MemberName, usize)> {
        let mut grown: Vec<_> =
            self.0.iter().filter(|(name, _)| name.is_grown()).map(|(name, &i)| (name.clone(), i)).collect();
        grown.sort();
        grown
    }

    /// One more than the highest number that any payload, manifest or index part has.
    pub fn segment_count(&self) -> u64 {
        let number = |name: &MemberName| match name {
            MemberName::Payload(s) | MemberName::Manifest(s) | MemberName::Index(s) => Some(*s),
            _ => None,
        };
        self.0.keys().filter_map(number).max().map_or(0, |last| last + 1)
    }
}

/// Checks the structure and finds the members. If a name stands twice, the first one counts.
pub(super) fn check(bundle: &dyn Bundle, ledger: &mut Ledger) -> Places {
    ledger.merge(bundle.wrapper().clone());
    let places = find(bundle.members(), ledger);
    check_presence(&places, ledger);
    if bundle.form() == Form::File {
        check_order(bundle.members(), &places, ledger);
    }
    places
}

fn find(members: &[Member], ledger: &mut Ledger) -> Places {
    let mut places = Places(HashMap::with_capacity(members.len()));
    let mut grown_count = 0;
    for (i, member) in members.iter().enumerate() {
        let Some(kind) = &member.kind else {
            ledger.add(Check::failed(&rules::MEMBER_NAME, &member.name).note("no member has this name"));
            continue;
        };
        ledger.pass(&rules::MEMBER_NAME);
        grown_count += u64::from(kind.is_grown());
        if kind.is_grown() && member.len > ENVELOPE_LEN_MAX {
            let check = Check::failed(&rules::MEMBER_NAME, &member.name).note("longer than a reader need hold");
            ledger.add(check.expected(format!("at most {ENVELOPE_LEN_MAX} bytes")).actual(member.len));
        }
        let is_first = match places.0.entry(kind.clone()) {
            Entry::Vacant(place) => {
                place.insert(i);
                true
            }
            Entry::Occupied(_) => false,
        };
        ledger.require(is_first, &rules::MEMBER_ONCE, || {
            Check::failed(&rules::MEMBER_ONCE, &member.name).note("stands more than once; the first is looked at")
        });
    }
    if grown_count > GROWN_COUNT_MAX {
        let check = Check::failed(&rules::MEMBER_NAME, "bundle").note("more grown members than a reader need hold");
        ledger.add(check.expected(GROWN_COUNT_MAX).actual(grown_count));
    }
    places
}

/// Every sealed member up to the last segment of which anything is there. What is missing altogether shows where the
/// list is compared.
fn check_presence(places: &Places, ledger: &mut Ledger) {
    for name in MemberName::sealed(places.segment_count().max(1)) {
        let there = places.of(&name).is_some();
        ledger.require(there, &rules::MEMBER_PRESENT, || {
            Check::failed(&rules::MEMBER_PRESENT, name.to_string()).note("missing")
        });
    }
    let sealed = places.0.keys().any(|name| matches!(name, MemberName::Envelope(_)));
    ledger.require(sealed, &rules::MEMBER_PRESENT, || {
        Check::failed(&rules::MEMBER_PRESENT, "seal/").note("no envelope: nobody has signed")
    });
}

/// Sealed members in their order, then an envelope, then grown members. Reports the first member out of place.
fn check_order(members: &[Member], places: &Places, ledger: &mut Ledger) {
    let mut expected = MemberName::sealed(places.segment_count().max(1));
    let mut is_first_grown = true;
    for member in members {
        let Some(kind) = &member.kind else { continue };
        let (holds, wanted) = match expected.next() {
            Some(name) => (name == *kind, name.to_string()),
            None if is_first_grown => {
                is_first_grown = false;
                (matches!(kind, MemberName::Envelope(_)), "an envelope".to_owned())
            }
            None => (kind.is_grown(), "a grown member".to_owned()),
        };
        let check = || Check::failed(&rules::MEMBER_ORDER, &member.name).expected(wanted).note("out of order");
        if !ledger.require(holds, &rules::MEMBER_ORDER, check) {
            return;
        }
    }
}
