//! Putting the events of a log in order and following them: from the seal along each copy, with everything that is wrong.

use std::collections::{BTreeMap, BTreeSet, HashMap};
use std::sync::Arc;

use super::agreed::Agreed;
use super::parties::{Holder, Parties};
use super::problem::Problem;
use super::state::State;
use super::summary::Summary;
use super::terms::Terms;
use crate::format::digest::{BundleId, CopyId, Digest, KeyId};
use crate::format::event::Recipient;
use crate::format::event_kind::Kind;
use crate::format::statement::Statement;
use crate::format::time::Instant;

/// Where every log begins: the seal.
#[derive(Clone, Debug)]
pub struct Origin {
    seal_digest: Digest,
    bundle_id: BundleId,
    sealers: Arc<[KeyId]>,
    time: (Instant, u64),
    terms: Option<Arc<Terms>>,
}

/// What is wrong with an event.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Finding {
    /// Its place among the events.
    pub event: usize,
    /// What it is.
    pub problem: Problem,
}

/// The end of the log of a copy.
#[derive(Clone, Debug)]
pub struct Tip {
    /// The last event; `None` if there is none yet.
    pub event: Option<usize>,
    /// How many events led to it.
    pub depth: u64,
    /// The state after it.
    pub state: State,
}

/// An offer that was accepted.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct HandOver {
    /// The event that accepts.
    pub event: usize,
    /// Who took it.
    pub to: Recipient,
    /// When it was offered, and when it was accepted: between these nobody is known to have watched over it but who held it.
    pub offered: Instant,
    /// See there.
    pub accepted: Instant,
}

impl HandOver {
    /// How long nobody had signed for it, as people say it; `None` if that was no time at all.
    pub fn unowned(&self) -> Option<String> {
        let seconds = self.accepted.seconds() - self.offered.seconds();
        let (days, hours, minutes) = (seconds / 86_400, seconds / 3600 % 24, seconds / 60 % 60);
        let text = match (days, hours, minutes) {
            (0, 0, 0) => format!("{seconds} s"),
            (0, 0, _) => format!("{minutes} min"),
            (0, ..) => format!("{hours} h {minutes} min"),
            _ => format!("{days} d {hours} h"),
        };
        (seconds > 0).then_some(text)
    }
}

/// A log, followed.
#[derive(Clone, Debug, Default)]
pub struct Log {
    /// Places of events, each after the one that it follows.
    pub order: Vec<usize>,
    /// How many events lead to each, itself included; 0 for those that follow nothing that is there.
    pub depths: Vec<u64>,
    /// Everything that is wrong.
    pub findings: Vec<Finding>,
    /// The end of each copy's log.
    pub tips: Vec<Tip>,
    /// Every hand-over.
    pub hand_overs: Vec<HandOver>,
}

impl Origin {
    /// Of the seal of a bundle, with what its case asks for, if that can be told.
    pub fn new(statement: &Statement, seal_digest: Digest, terms: Option<Terms>) -> Self {
        let predicate = &statement.predicate;
        let offset_ms = predicate.clock.offset_ms.unwrap_or(0).unsigned_abs();
        Self {
            seal_digest,
            bundle_id: predicate.bundle_id,
            sealers: predicate.required_signers.keys.iter().map(|key| key.keyid).collect(),
            time: (predicate.acquisition.end, offset_ms),
            terms: terms.map(Arc::new),
        }
    }

    /// The digest of what was sealed.
    pub fn seal_digest(&self) -> Digest {
        self.seal_digest
    }

    /// What its case asks of whoever passes it on.
    pub fn terms(&self) -> Option<&Terms> {
        self.terms.as_deref()
    }

    fn state(&self) -> State {
        let holder = Holder::Sealers(Arc::clone(&self.sealers));
        State {
            agreed: Agreed::default(),
            branch: self.bundle_id.into(),
            holder,
            offer: None,
            is_ended: false,
            time: self.time,
        }
    }
}

/// What comes next: the events after one of them, or after the seal, by copy.
type Successors = HashMap<(bool, Digest), BTreeMap<CopyId, Vec<usize>>>;

/// Follows all events, whatever is wrong with them.
pub fn walk(origin: &Origin, events: &[Summary], parties: &Parties) -> Log {
    let mut successors = Successors::new();
    // Of two on one copy the earlier one is called the first, then by digest: for any two readers the same.
    let mut by_time: Vec<usize> = (0..events.len()).collect();
    by_time.sort_by_key(|&i| (events[i].end, events[i].digest));
    for i in by_time {
        let event = &events[i];
        let key = (event.is_first, event.before);
        successors.entry(key).or_default().entry(event.branch).or_default().push(i);
    }
    let mut walk = Walk {
        events,
        parties,
        terms: origin.terms(),
        successors,
        copies: BTreeSet::from([origin.state().branch]),
        log: Log { depths: vec![0; events.len()], ..Log::default() },
    };
    walk.follow(origin);
    walk.report_orphans();
    walk.log
}

struct Walk<'a> {
    events: &'a [Summary],
    parties: &'a Parties,
    terms: Option<&'a Terms>,
    successors: Successors,
    copies: BTreeSet<CopyId>,
    log: Log,
}

/// What a further event comes after.
struct Point {
    key: (bool, Digest),
    tip: Tip,
    /// What a copy that was made there begins with.
    copy: Option<State>,
}

impl Walk<'_> {
    /// Without recursion: a log can be 100,000 events long.
    fn follow(&mut self, origin: &Origin) {
        let tip = Tip { event: None, depth: 0, state: origin.state() };
        let mut points = vec![Point { key: (true, origin.seal_digest), tip, copy: None }];
        while let Some(Point { key, tip, copy }) = points.pop() {
            let mut after = self.successors.remove(&key).unwrap_or_default();
            let mut next = Vec::new();
            for state in [Some(tip.state.clone()), copy].into_iter().flatten() {
                let of_copy = after.remove(&state.branch).unwrap_or_default();
                if of_copy.is_empty() {
                    self.log.tips.push(Tip { state: state.clone(), ..tip.clone() });
                }
                for (rank, event) in of_copy.into_iter().enumerate() {
                    if rank > 0 {
                        self.find(event, Problem::Fork);
                    }
                    next.push(self.step(event, &state, tip.depth));
                }
            }
            for event in after.into_values().flatten() {
                self.find(event, Problem::Branch);
                next.push(self.step(event, &tip.state, tip.depth));
            }
            points.extend(next.into_iter().rev());
        }
    }

    /// Takes one event; what can come after it.
    fn step(&mut self, i: usize, before: &State, depth: u64) -> Point {
        let event = &self.events[i];
        let (state, problems) = before.after(event, self.parties, self.terms);
        problems.into_iter().for_each(|problem| self.find(i, problem));
        if let (Kind::Accepted, Some((to, offered))) = (event.kind, &before.offer) {
            let (to, offered, accepted) = (to.clone(), *offered, event.end);
            self.log.hand_overs.push(HandOver { event: i, to, offered, accepted });
        }
        if event.copy.is_some_and(|copy| !self.copies.insert(copy)) {
            self.find(i, Problem::CopyTwice);
        }
        self.log.order.push(i);
        self.log.depths[i] = depth + 1;
        let copy = event.copy.map(|copy| state.of_copy(event, copy));
        Point { key: (false, event.digest), tip: Tip { event: Some(i), depth: depth + 1, state }, copy }
    }

    /// What was not reached: events whose predecessor is missing, and what comes after them.
    fn report_orphans(&mut self) {
        let digests: BTreeSet<Digest> = self.events.iter().map(|event| event.digest).collect();
        for (i, event) in self.events.iter().enumerate().filter(|(i, _)| self.log.depths[*i] == 0).collect::<Vec<_>>() {
            let follows = !event.is_first && digests.contains(&event.before);
            self.find(i, if follows { Problem::AfterUnsound } else { Problem::Orphan });
            self.log.order.push(i);
        }
    }

    fn find(&mut self, event: usize, problem: Problem) {
        self.log.findings.push(Finding { event, problem });
    }
}

impl Log {
    /// What is wrong with each event.
    pub fn problems_by_event(&self) -> Vec<Vec<&Problem>> {
        let mut problems = vec![Vec::new(); self.depths.len()];
        for finding in &self.findings {
            problems[finding.event].push(&finding.problem);
        }
        problems
    }

    /// Whether nothing is wrong, as far as can be told.
    pub fn is_sound(&self) -> bool {
        self.findings.iter().all(|finding| finding.problem.is_unknown())
    }
}
