//! The state of one copy: who holds it, and what may happen next (SPEC.md CUS-1 to CUS-4).

use std::collections::BTreeMap;
use std::fmt;
use std::sync::Arc;

use super::agreed::Agreed;
use super::summary::Summary;
use super::terms::Terms;
use crate::format::digest::{CopyId, KeyId};
use crate::format::event::Recipient;
use crate::format::event_kind::Kind;
use crate::format::party::PartyId;
use crate::format::state::State as Country;
use crate::format::time::Instant;
use crate::format::trust_list::PartyRole;

/// Which keys belong together.
#[derive(Clone, Debug, Default)]
pub struct Parties {
    of_keys: BTreeMap<KeyId, PartyId>,
    offices: BTreeMap<PartyId, (Country, PartyRole)>,
    is_known: bool,
}

/// Who holds a copy.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Holder {
    /// Who sealed it: the holders of the keys that the statement requires.
    Sealers(Arc<[KeyId]>),
    /// Whom it was offered to, and who accepted it.
    Recipient(Recipient),
}

/// What can be said of an act.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Standing {
    /// It is an act of the one whose act it must be.
    Holds,
    /// It is somebody else's.
    Differs,
    /// Only a trust list could tell.
    Unknown,
}

/// What is wrong with an event.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[expect(missing_docs, reason = "the messages say it")]
pub enum Problem {
    #[error("what it comes after is not there: an event before it was taken away")]
    Orphan,
    #[error("an event before it is not sound, so that the state it was in cannot be told")]
    AfterUnsound,
    #[error("it names another copy than the event before it")]
    Branch,
    #[error("two events come after the same one on the same copy: the log was forked")]
    Fork,
    #[error("two copies have the same id")]
    CopyTwice,
    #[error("only the holder may do this: {0}")]
    NotHolder(Holder),
    #[error("only the one to whom it was offered may do this: {0}")]
    NotRecipient(Holder),
    #[error("there is no open offer")]
    NoOffer,
    #[error("there is an open offer already")]
    OfferOpen,
    #[error("this copy was destroyed or given back before")]
    Ended,
    #[error("its clock is {0} seconds behind the event before it, more than the recorded offsets allow")]
    ClockBack(i64),
    #[error("without a trust list it cannot be told whether this key belongs to {0}")]
    PartyUnknown(Holder),
    #[error("whoever takes it has not accepted all conditions of the case: {}", .0.join(", "))]
    ConditionsOpen(Arc<[String]>),
    #[error("what it accepts is not what the case asks for: {}", list_of(.0))]
    ConditionsDiffer(Arc<[String]>),
    #[error("it does not say who gets it, so that it cannot be told whether they accepted the conditions of the case")]
    ReceiverUnknown,
    #[error("{to} is of {country}, a third State, and {original} has not authorised that it goes there", country = country.code(), original = original.code())]
    NotAuthorised { to: Recipient, country: Country, original: Country },
    #[error("nobody had asked whether it may go to {0}")]
    NotAsked(Recipient),
    #[error("only a central authority of {}, the original State, may do this", .0.code())]
    NotOriginal(Country),
    #[error("without a trust list it cannot be told whether this is a central authority of {}", .0.code())]
    OfficeUnknown(Country),
    #[error("it cannot be told of which State {0} is, and personal data may not go to a third one unasked")]
    CountryUnknown(Recipient),
    #[error("what the case asks of whoever passes it on cannot be told, as it cannot be read")]
    CaseUnknown,
    #[error("more than 1,000 agreements led to it")]
    AgreedTooMuch,
}

/// The state of a copy after an event.
#[derive(Clone, Debug)]
pub struct State {
    /// Which copy.
    pub branch: CopyId,
    /// What was agreed on the way to it.
    pub agreed: Agreed,
    /// Who holds it.
    pub holder: Holder,
    /// Whom it is offered to, and since when.
    pub offer: Option<(Recipient, Instant)>,
    /// Nothing but remarks can follow.
    pub is_ended: bool,
    /// When the last event ended, and how far its clock may have been off, in milliseconds.
    pub time: (Instant, u64),
}

impl Parties {
    /// From a trust list.
    pub fn new(of_keys: BTreeMap<KeyId, PartyId>, offices: BTreeMap<PartyId, (Country, PartyRole)>) -> Self {
        Self { of_keys, offices, is_known: true }
    }

    /// Whether a trust list says it.
    pub fn is_known(&self) -> bool {
        self.is_known
    }

    /// Of which State the party of a key is, and what it is there.
    pub fn office(&self, key: KeyId) -> Option<(Country, PartyRole)> {
        self.offices.get(self.of(key)?).copied()
    }

    /// Of which State somebody is.
    pub fn country(&self, who: &Recipient) -> Option<Country> {
        self.offices.get(self.party(who)?).map(|(country, _)| *country)
    }

    /// Whether two are one: the same key, or one party.
    pub fn are_one(&self, a: &Recipient, b: &Recipient) -> bool {
        a == b || self.party(a).is_some() && self.party(a) == self.party(b)
    }

    fn party<'a>(&'a self, who: &'a Recipient) -> Option<&'a PartyId> {
        match who {
            Recipient::Keyid(key) => self.of(*key),
            Recipient::Party(party) => Some(party),
        }
    }

    /// The party of a key.
    pub fn of(&self, key: KeyId) -> Option<&PartyId> {
        self.of_keys.get(&key)
    }

    /// Whether a key acts for a holder. A party has several keys, and successors of those who left.
    pub fn standing(&self, key: KeyId, holder: &Holder) -> Standing {
        let is_same = |other: KeyId| key == other || self.of(key).is_some() && self.of(key) == self.of(other);
        let holds = match holder {
            Holder::Sealers(keys) => keys.iter().any(|&other| is_same(other)),
            Holder::Recipient(Recipient::Keyid(other)) => is_same(*other),
            Holder::Recipient(Recipient::Party(party)) => self.of(key) == Some(party),
        };
        match (holds, self.is_known) {
            (true, _) => Standing::Holds,
            (false, true) => Standing::Differs,
            (false, false) => Standing::Unknown,
        }
    }
}

impl State {
    /// The state after an event, with what is wrong with it. The state after a wrong event is that which it claims, so that one
    /// forged event does not make all honest ones after it look wrong.
    pub fn after(&self, event: &Summary, parties: &Parties, terms: Option<&Terms>) -> (Self, Vec<Problem>) {
        let mut problems = Vec::new();
        if let Some(seconds) = self.seconds_back(event) {
            problems.push(Problem::ClockBack(seconds));
        }
        if self.is_ended && event.kind != Kind::Noted {
            problems.push(Problem::Ended);
        }
        problems.extend(self.act_problem(event, parties));
        let offered_to = self.offer.as_ref().map(|(to, _)| to);
        problems.extend(self.agreed.problems(event, offered_to, parties, terms));
        let (agreed, too_much) = self.agreed.after(event);
        problems.extend(too_much);
        let mut next = Self { agreed, branch: event.branch, time: (event.end, event.offset_ms), ..self.clone() };
        match event.kind {
            Kind::Offered => {
                if self.offer.is_some() {
                    problems.push(Problem::OfferOpen);
                }
                next.offer = event.to.clone().map(|to| (to, event.end));
            }
            Kind::Accepted | Kind::Refused | Kind::OfferWithdrawn => {
                next.offer = None;
                if event.kind == Kind::Accepted {
                    let to = self.offer.as_ref().map_or(Recipient::Keyid(event.key_id), |(to, _)| to.clone());
                    next.holder = Holder::Recipient(to);
                }
            }
            Kind::Destroyed | Kind::Returned => next.is_ended = true,
            _ => {}
        }
        (next, problems)
    }

    /// The state in which a copy begins: held by whoever made it, and offered to whom it was made for.
    pub fn of_copy(&self, event: &Summary, copy: CopyId) -> Self {
        let offer = event.to.clone().map(|to| (to, event.end));
        Self { branch: copy, offer, is_ended: false, time: (event.end, event.offset_ms), ..self.clone() }
    }

    fn act_problem(&self, event: &Summary, parties: &Parties) -> Option<Problem> {
        let (who, problem): (Holder, fn(Holder) -> Problem) = match (event.kind, &self.offer) {
            // Anybody who has it in hand may add a remark; who accepts conditions does not hold it yet; and who may answer
            // for the original State is a matter of its own.
            (Kind::Noted | Kind::ConditionsAccepted | Kind::OnwardAuthorised | Kind::OnwardRefused, _) => return None,
            (Kind::Accepted | Kind::Refused | Kind::OfferWithdrawn, None) => return Some(Problem::NoOffer),
            (Kind::Accepted | Kind::Refused, Some((to, _))) => (Holder::Recipient(to.clone()), Problem::NotRecipient),
            _ => (self.holder.clone(), Problem::NotHolder),
        };
        match parties.standing(event.key_id, &who) {
            Standing::Holds => None,
            Standing::Differs => Some(problem(who)),
            Standing::Unknown => Some(Problem::PartyUnknown(who)),
        }
    }

    /// How far an event's clock is behind, beyond what the recorded offsets allow.
    fn seconds_back(&self, event: &Summary) -> Option<i64> {
        let (before, offset_ms) = self.time;
        let allowed_ms = offset_ms.saturating_add(event.offset_ms);
        let allowed = i64::try_from(allowed_ms.div_ceil(1000)).unwrap_or(i64::MAX);
        let back = before.seconds() - event.start.seconds();
        (back > allowed).then_some(back)
    }
}

impl Parties {
    /// A key as people are told of it: its party, or its first digits.
    pub fn name(&self, key: KeyId) -> String {
        self.of(key).map_or_else(|| format!("key {}", &key.to_string()[..16]), ToString::to_string)
    }

    /// The same of whom something is offered to.
    pub fn name_of(&self, to: &Recipient) -> String {
        match to {
            Recipient::Keyid(key) => self.name(*key),
            Recipient::Party(party) => party.to_string(),
        }
    }

    /// Whether this party has any key.
    pub fn has(&self, party: &PartyId) -> bool {
        self.of_keys.values().any(|known| known == party)
    }

    /// Who holds a copy and whom it is offered to, as people are told of it.
    pub fn held(&self, state: &State) -> String {
        let holder = match &state.holder {
            Holder::Sealers(keys) => {
                let sealers: Vec<_> = keys.iter().map(|&key| self.name(key)).collect();
                format!("who sealed it ({})", sealers.join(", "))
            }
            Holder::Recipient(to) => self.name_of(to),
        };
        let held = if state.is_ended { "last held by" } else { "held by" };
        let offer = state
            .offer
            .as_ref()
            .map_or_else(String::new, |(to, at)| format!(", offered to {} since {at}", self.name_of(to)));
        format!("{held} {holder}{offer}")
    }
}

impl Problem {
    /// Whether it is about a transfer to a third State (SPEC.md CUS-8).
    pub fn is_of_onward_transfer(&self) -> bool {
        matches!(
            self,
            Self::NotAuthorised { .. }
                | Self::NotAsked(_)
                | Self::NotOriginal(_)
                | Self::OfficeUnknown(_)
                | Self::CountryUnknown(_)
        )
    }

    /// Whether it is about the conditions of the case (SPEC.md CUS-7).
    pub fn is_of_conditions(&self) -> bool {
        matches!(self, Self::ConditionsOpen(_) | Self::ConditionsDiffer(_) | Self::ReceiverUnknown | Self::CaseUnknown)
    }

    /// Whether it only says that it cannot be told.
    pub fn is_unknown(&self) -> bool {
        matches!(
            self,
            Self::PartyUnknown(_)
                | Self::AfterUnsound
                | Self::ReceiverUnknown
                | Self::OfficeUnknown(_)
                | Self::CountryUnknown(_)
                | Self::CaseUnknown
        )
    }
}

fn list_of(conditions: &[String]) -> String {
    if conditions.is_empty() { "no conditions".to_owned() } else { conditions.join(", ") }
}

impl fmt::Display for Holder {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Sealers(_) => f.write_str("who sealed it"),
            Self::Recipient(to) => to.fmt(f),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::format::digest::Digest;

    fn at(seconds: i64) -> Instant {
        Instant::from_seconds(seconds).unwrap()
    }

    fn key(byte: u8) -> KeyId {
        KeyId([byte; 32])
    }

    fn start() -> State {
        let holder = Holder::Sealers(Arc::new([key(1)]));
        State {
            agreed: Agreed::default(),
            branch: CopyId([0; 16]),
            holder,
            offer: None,
            is_ended: false,
            time: (at(100), 0),
        }
    }

    fn event(kind: Kind, by: u8, to: Option<u8>) -> Summary {
        Summary {
            accepts: None,
            digest: Digest([9; 32]),
            before: Digest([0; 32]),
            is_first: false,
            key_id: key(by),
            branch: CopyId([0; 16]),
            kind,
            copy: None,
            to: to.map(|to| Recipient::Keyid(key(to))),
            form: None,
            found_exit: None,
            start: at(100),
            end: at(100),
            offset_ms: 0,
            shown: super::super::Shown::default(),
        }
    }

    /// Keys 1, 2, 3 and 4 of parties `p1` and so on; 11 is a second key of the first.
    fn parties() -> Parties {
        let id = |n: u8| PartyId::try_from(format!("p{n}")).unwrap();
        Parties::new([1, 2, 3, 4, 11].map(|n| (key(n), id(n % 10))).into(), BTreeMap::new())
    }

    #[test]
    fn a_copy_passes_from_hand_to_hand_only_by_offer_and_acceptance() {
        let steps = |steps: &[(Kind, u8, Option<u8>)]| {
            let (mut state, mut problems) = (start(), Vec::new());
            for &(kind, by, to) in steps {
                let (next, found) = state.after(&event(kind, by, to), &parties(), Some(&Terms::default()));
                (state, problems) = (next, [problems, found].concat());
            }
            problems
        };
        use Kind::{Accepted, Destroyed, Examined, Noted, OfferWithdrawn, Offered, Refused};
        let (two, three) = (Some(2), Some(3));
        assert_eq!(steps(&[(Offered, 1, two), (Accepted, 2, None), (Offered, 2, three), (Refused, 3, None)]), []);
        assert_eq!(steps(&[(Offered, 11, two), (OfferWithdrawn, 1, None), (Noted, 9, None), (Examined, 1, None)]), []);
        assert_eq!(steps(&[(Accepted, 2, None)]), [Problem::NoOffer]);
        assert_eq!(steps(&[(Offered, 1, two), (Offered, 1, three)]), [Problem::OfferOpen]);
        assert!(matches!(steps(&[(Offered, 1, two), (Accepted, 3, None)])[..], [Problem::NotRecipient(_)]));
        assert!(matches!(steps(&[(Offered, 2, three)])[..], [Problem::NotHolder(_)]));
        let given_away = [(Offered, 1, two), (Accepted, 2, None), (Examined, 1, None)];
        assert!(matches!(steps(&given_away)[..], [Problem::NotHolder(_)]));
        assert_eq!(steps(&[(Destroyed, 1, None), (Noted, 1, None), (Examined, 1, None)]), [Problem::Ended]);
    }

    #[test]
    fn without_a_trust_list_another_key_could_be_of_the_same_party() {
        let problems = start().after(&event(Kind::Examined, 11, None), &Parties::default(), Some(&Terms::default())).1;
        assert!(matches!(problems[..], [Problem::PartyUnknown(_)]));
        assert_eq!(start().after(&event(Kind::Examined, 1, None), &Parties::default(), Some(&Terms::default())).1, []);
    }

    #[test]
    fn a_clock_may_go_back_as_far_as_the_recorded_offsets() {
        let back = |seconds: i64, offset_ms: u64| {
            let event = Summary { start: at(100 - seconds), offset_ms, ..event(Kind::Noted, 1, None) };
            start().after(&event, &parties(), Some(&Terms::default())).1
        };
        assert_eq!((back(0, 0), back(3, 2001)), (vec![], vec![]));
        assert_eq!((back(1, 0), back(4, 2001)), (vec![Problem::ClockBack(1)], vec![Problem::ClockBack(4)]));
    }

    /// LIM-25.
    #[test]
    fn lim_25_a_thousand_agreements_lead_to_an_event_and_no_more() {
        let ids = Arc::from(["c1".to_owned()]);
        let accepted = Some(super::super::summary::digest_of_ids(["c1"].into_iter()));
        let terms = Terms { conditions: ids, accepted, between: None };
        let agrees = Summary { accepts: accepted, ..event(Kind::ConditionsAccepted, 2, None) };
        let mut state = start();
        for _ in 0..1000 {
            let (next, problems) = state.after(&agrees, &parties(), Some(&terms));
            assert_eq!(problems, []);
            state = next;
        }
        assert_eq!(state.after(&agrees, &parties(), Some(&terms)).1, [Problem::AgreedTooMuch]);
        assert_eq!(state.after(&event(Kind::Sent, 1, Some(2)), &parties(), Some(&terms)).1, []);
    }
}
