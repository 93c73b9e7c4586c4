//! The log against a model of it: what is allowed is added and holds, what is not is refused at that step, and no order of
//! offers, copies and merges gives one copy two holders.

use std::collections::{BTreeMap, BTreeSet};

use proptest::prelude::*;
use scelle::custody::{Chain, Log, NextError, Origin, Parties, Records, Summary, Terms, next, walk};
use scelle::format::digest::{CopyId, Digest, KeyId};
use scelle::format::event::{Event, Predicate, Recipient};
use scelle::format::event_kind::Kind;
use scelle::format::party::PartyId;
use scelle::format::statement::Statement;
use scelle::hash::sha256;

use crate::bench::{bench, key_of, seal};

/// Which of four parties does what, to whom, on which copy.
#[derive(Clone, Debug)]
struct Step {
    kind: Kind,
    by: u8,
    to: u8,
    copy: usize,
}

const KINDS: [Kind; 7] =
    [Kind::Offered, Kind::Accepted, Kind::Refused, Kind::OfferWithdrawn, Kind::Copied, Kind::Noted, Kind::Returned];

/// A log in memory.
#[derive(Clone)]
struct Told {
    origin: Origin,
    parties: Parties,
    template: Predicate,
    events: Vec<Summary>,
    copies: Vec<CopyId>,
}

impl Told {
    /// A sealing by party 1 of four.
    fn new() -> Self {
        let desk = bench();
        seal(&desk, &["--form", "dir"]);
        let note = ["note", "x.scelle", "--key", "officer", "--place", "Hanoi"];
        crate::bench::done(&desk, "03-01T09:00", &note);
        let statement = std::fs::read(desk.path("x.scelle/statement.json")).expect("the statement");
        let file = std::fs::read_dir(desk.path("x.scelle/custody")).expect("the log").next().expect("an event");
        let envelope = std::fs::read(file.expect("an event").path()).expect("an event");
        let envelope = scelle::format::dsse::Envelope::from_bytes(&envelope).expect("an envelope");
        let template = Event::parse(&envelope.statement).expect("an event").predicate;
        let digest = sha256(&statement);
        let statement = Statement::parse(&statement).expect("a statement");
        let party = |n: u8| PartyId::try_from(format!("p{n}")).expect("a party");
        Self {
            origin: Origin::new(&statement, digest, Some(Terms::default())),
            parties: Parties::new((1..=4).map(|n| (id(n), party(n))).collect(), BTreeMap::new()),
            template,
            events: Vec::new(),
            copies: vec![statement.predicate.bundle_id.into()],
        }
    }

    fn log(&self) -> Log {
        walk(&self.origin, &self.events, &self.parties)
    }

    fn predicate(&self, step: &Step) -> Predicate {
        let public = key_of(step.by).public();
        let mut it = self.template.clone();
        it.actor.keyid = public.key_id();
        it.actor.spki = data_encoding::BASE64.encode(&public.to_der());
        it.kind = step.kind;
        let to = || Some(Recipient::Keyid(id(step.to)));
        match step.kind {
            Kind::Offered => it.to = to(),
            Kind::Copied => {
                let number = u8::try_from(self.copies.len()).expect("few");
                it.copy = Some(CopyId([0x40 + number; 16]));
                it.to = (step.to != step.by).then(to).flatten();
            }
            _ => {}
        }
        it
    }

    /// Adds an event, if it is allowed.
    fn take(&mut self, step: &Step) -> Result<(), NextError> {
        let (records, log) =
            (Records { events: self.events.clone(), is_complete: true, ..Records::default() }, self.log());
        let chain = Chain { origin: &self.origin, records: &records, log: &log, parties: &self.parties };
        let (event, _) = next(&chain, self.predicate(step), Some(self.copies[step.copy]))?;
        self.events.push(Summary::of(&event, sha256(&event.to_bytes())));
        self.copies.extend(event.predicate.copy);
        Ok(())
    }
}

/// Whether a log begins with all of another.
fn extends(log: &Told, beginning: &Told) -> bool {
    let digests = |told: &Told| told.events.iter().map(|event| event.digest).collect::<Vec<_>>();
    digests(log).starts_with(&digests(beginning))
}

fn id(party: u8) -> KeyId {
    key_of(party).public().key_id()
}

/// What a person would say of one copy: who has it, to whom it is offered, whether it is still there.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
struct Model {
    holder: u8,
    offered: Option<u8>,
    is_there: bool,
}

impl Model {
    fn take(&mut self, step: &Step) -> Result<Option<Self>, ()> {
        let is_holder = step.by == self.holder;
        let is_asked = self.offered == Some(step.by);
        let allowed = match step.kind {
            Kind::Noted => true,
            _ if !self.is_there => false,
            Kind::Offered => is_holder && self.offered.is_none(),
            Kind::Accepted | Kind::Refused => is_asked,
            Kind::OfferWithdrawn => is_holder && self.offered.is_some(),
            _ => is_holder,
        };
        if !allowed {
            return Err(());
        }
        match step.kind {
            Kind::Offered => self.offered = Some(step.to),
            Kind::Accepted => (self.holder, self.offered) = (step.by, None),
            Kind::Refused | Kind::OfferWithdrawn => self.offered = None,
            Kind::Returned => self.is_there = false,
            Kind::Copied => {
                let offered = (step.to != step.by).then_some(step.to);
                return Ok(Some(Self { holder: step.by, offered, is_there: true }));
            }
            _ => {}
        }
        Ok(None)
    }
}

fn steps(count: usize) -> impl Strategy<Value = Vec<Step>> {
    let step = (0..KINDS.len(), 1u8..=4, 1u8..=4, 0usize..8);
    let step = step.prop_map(|(kind, by, to, copy)| Step { kind: KINDS[kind], by, to, copy });
    prop::collection::vec(step, 1..count)
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 64, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn what_is_allowed_is_added_and_holds_and_what_is_not_is_refused_at_that_step(steps in steps(40)) {
        let mut told = Told::new();
        let mut models = vec![Model { holder: 1, offered: None, is_there: true }];
        for mut step in steps {
            step.copy %= models.len();
            let before = told.events.len();
            let mut model = models[step.copy];
            let allowed = model.take(&step);
            let taken = told.take(&step);
            prop_assert_eq!(allowed.is_ok(), taken.is_ok(), "{:?} on {:?}: {:?}", &step, models[step.copy], &taken);
            if let Ok(copy) = allowed {
                models[step.copy] = model;
                models.extend(copy);
            } else {
                prop_assert_eq!(told.events.len(), before);
            }
        }
        let log = told.log();
        prop_assert!(log.findings.is_empty(), "{:?}", log.findings);
        prop_assert_eq!(log.tips.len(), models.len());
    }
}

#[test]
fn no_order_of_offers_copies_and_merges_gives_one_copy_two_holders() {
    // Every log of up to three steps by three parties, and every pair of them brought together.
    let kinds = [Kind::Offered, Kind::Accepted, Kind::Copied];
    let mut logs = vec![Told::new()];
    let mut from = 0;
    for _ in 0..3 {
        let end = logs.len();
        for at in from..end {
            for (kind, by, to, copy) in every(&kinds, logs[at].copies.len()) {
                let mut told = logs[at].clone();
                if told.take(&Step { kind, by, to, copy }).is_ok() {
                    logs.push(told);
                }
            }
        }
        from = end;
    }
    assert!(logs.len() > 100, "{}", logs.len());
    let (mut whole, mut forked) = (0, 0);
    for a in &logs {
        for b in &logs {
            let mut both = a.clone();
            let known: BTreeSet<Digest> = a.events.iter().map(|event| event.digest).collect();
            both.events.extend(b.events.iter().filter(|event| !known.contains(&event.digest)).cloned());
            let log = both.log();
            if !log.is_sound() {
                assert!(!extends(a, b) && !extends(b, a), "one is the beginning of the other");
                let remark = Step { kind: Kind::Noted, by: 1, to: 1, copy: 0 };
                assert!(matches!(both.take(&remark), Err(NextError::NotSound)), "nothing is built on a fork");
                forked += 1;
                continue;
            }
            whole += 1;
            let mut holders = BTreeMap::new();
            for tip in &log.tips {
                assert!(holders.insert(tip.state.branch, tip.state.holder.clone()).is_none(), "two holders");
            }
        }
    }
    assert!(whole > 1000 && forked > 1000, "{whole} {forked}");
}

fn every(kinds: &[Kind], copies: usize) -> Vec<(Kind, u8, u8, usize)> {
    let mut all = Vec::new();
    for &kind in kinds {
        for by in 1..=3 {
            // Only whom it is offered to makes a difference.
            let to: &[u8] = if kind == Kind::Accepted { &[1] } else { &[1, 2, 3] };
            all.extend(to.iter().flat_map(|&to| (0..copies).map(move |copy| (kind, by, to, copy))));
        }
    }
    all
}
