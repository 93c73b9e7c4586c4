//! The state of one copy: who holds it, and what may happen next (SPEC.md CUS-3 to CUS-8).

use super::agreed::Agreed;
use super::parties::{Holder, Parties, Standing};
use super::problem::Problem;
use super::summary::Summary;
use super::terms::Terms;
use crate::format::digest::CopyId;
use crate::format::event::Recipient;
use crate::format::event_kind::Kind;
use crate::format::time::Instant;

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

#[cfg(test)]
mod tests {
    use std::collections::BTreeMap;
    use std::sync::Arc;

    use super::*;
    use crate::format::digest::Digest;
    use crate::format::digest::KeyId;
    use crate::format::party::PartyId;

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
        for n in 0..1000_u16 {
            let mut key_id = KeyId([9; 32]);
            key_id.0[..2].copy_from_slice(&n.to_le_bytes());
            let agrees = Summary { key_id: if n == 0 { key(2) } else { key_id }, ..agrees.clone() };
            let (next, problems) = state.after(&agrees, &parties(), Some(&terms));
            assert_eq!(problems, []);
            state = next;
        }
        assert_eq!(state.after(&agrees, &parties(), Some(&terms)).1, [], "again by the same key");
        let another = Summary { key_id: key(3), ..agrees };
        assert_eq!(state.after(&another, &parties(), Some(&terms)).1, [Problem::AgreedTooMuch]);
        assert_eq!(state.after(&event(Kind::Sent, 1, Some(2)), &parties(), Some(&terms)).1, []);
    }
}
