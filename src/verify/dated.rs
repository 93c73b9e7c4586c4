//! What commits to what, and so which events came before which time-stamps (SPEC.md TSP-11): an event commits, by digests, to
//! the one that it comes after and to the grown members that it lists.

use super::grown;
use super::times::Bound;
use crate::custody::Records;

/// The bounds that time-stamps give.
#[derive(Debug, Default)]
pub(super) struct Dated {
    /// Of each event: the newest time-stamp that it commits to.
    pub not_before: Vec<Option<Bound>>,
    /// Of each event: the earliest time-stamp that commits to its payload.
    pub not_after: Vec<Option<Bound>>,
    /// Of each grown member: the earliest time-stamp that commits to its bytes, and with them to a signature.
    pub bytes_not_after: Vec<Option<Bound>>,
    /// Of each event: the newest time-stamp among those that it lists itself.
    pub listed: Vec<Option<Bound>>,
}

/// Follows all events. `stamps` are trusted: the grown member that each is, the one that it is over, and its two bounds.
pub(super) fn follow(records: &Records, stamps: &[(usize, usize, Bound, Bound)]) -> Dated {
    let (events, members) = (records.events.len(), records.grown.len());
    let mut own = vec![None; members];
    let mut of_stamp = vec![None; members];
    for &(stamp, over, not_before, not_after) in stamps {
        own[over] = earlier(own[over], Some(not_after));
        of_stamp[stamp] = Some(not_before);
    }
    let listed_by = |event: usize| records.listed[event].iter().filter_map(|&place| usize::try_from(place).ok());
    let mut it = Dated {
        not_before: vec![None; events],
        not_after: (0..events).map(|event| own[records.places[event]]).collect(),
        bytes_not_after: own,
        listed: (0..events).map(|event| listed_by(event).fold(None, |at, place| later(at, of_stamp[place]))).collect(),
    };
    let commits = Commits::new(records);
    let order = commits.order();
    for &event in &order {
        it.not_before[event] =
            commits.to(event).fold(it.listed[event], |at, earlier| later(at, it.not_before[earlier]));
    }
    for &event in order.iter().rev() {
        for before in commits.to(event) {
            it.not_after[before] = earlier(it.not_after[before], it.not_after[event]);
        }
        for place in listed_by(event) {
            it.bytes_not_after[place] = earlier(it.bytes_not_after[place], it.not_after[event]);
        }
    }
    it
}

/// The later of two.
fn later(a: Option<Bound>, b: Option<Bound>) -> Option<Bound> {
    match (a, b) {
        (Some(a), Some(b)) if b.at <= a.at => Some(a),
        (a, None) => a,
        (_, b) => b,
    }
}

/// The earlier of two.
pub(super) fn earlier(a: Option<Bound>, b: Option<Bound>) -> Option<Bound> {
    match (a, b) {
        (Some(a), Some(b)) if a.at <= b.at => Some(a),
        (a, None) => a,
        (_, b) => b,
    }
}

/// Which events an event commits to.
struct Commits<'a> {
    records: &'a Records,
    before: Vec<Option<usize>>,
}

impl<'a> Commits<'a> {
    fn new(records: &'a Records) -> Self {
        let by_digest = grown::by_digest(records);
        let before = records.events.iter().map(|event| match event.is_first {
            true => None,
            false => by_digest.get(&event.before).copied(),
        });
        Self { records, before: before.collect() }
    }

    fn to(&self, event: usize) -> impl Iterator<Item = usize> {
        let listed = self.records.listed[event].iter().filter_map(|&place| usize::try_from(place).ok());
        self.before[event].into_iter().chain(listed.filter_map(|place| self.records.grown[place].event))
    }

    /// All events, each after those that it commits to. Digests admit no circle; should there be one, it is cut.
    fn order(&self) -> Vec<usize> {
        let count = self.before.len();
        let (mut seen, mut order) = (vec![false; count], Vec::with_capacity(count));
        for start in 0..count {
            if std::mem::replace(&mut seen[start], true) {
                continue;
            }
            // Without recursion: a log can be 100,000 events long.
            let mut path = vec![(start, self.to(start))];
            while let Some((event, rest)) = path.last_mut() {
                match rest.find(|&next| !std::mem::replace(&mut seen[next], true)) {
                    Some(next) => path.push((next, self.to(next))),
                    None => {
                        order.push(*event);
                        path.pop();
                    }
                }
            }
        }
        order
    }
}
