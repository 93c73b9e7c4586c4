//! What was agreed on a copy before it goes to somebody: conditions that were accepted, and transfers to third States that
//! were asked for, allowed or not (SPEC.md CUS-7, CUS-8).

use std::sync::Arc;

use super::parties::{Holder, Parties, Standing};
use super::problem::Problem;
use super::summary::Summary;
use super::terms::{Between, Terms};
use crate::format::digest::KeyId;
use crate::format::event::Recipient;
use crate::format::event_kind::Kind;
use crate::format::trust_list::PartyRole;
use crate::limits::AGREED_COUNT_MAX;

/// The agreements that led to a state, the last one first. A state after a further one shares those before it, so that a log of
/// 100,000 events takes no more memory for them than one list.
#[derive(Clone, Debug, Default)]
pub struct Agreed(Option<Arc<Node>>);

#[derive(Debug)]
struct Node {
    agreement: Agreement,
    before: Agreed,
    count: u64,
}

#[derive(Debug)]
enum Agreement {
    Conditions(KeyId),
    Onward(Kind, Recipient),
}

impl Agreed {
    /// What is agreed after an event, and whether that is more than a log may hold (SPEC.md LIM-25).
    pub(super) fn after(&self, event: &Summary) -> (Self, Option<Problem>) {
        let agreement = match (event.kind, &event.to, &event.accepts) {
            (kind, Some(to), _) if kind.is_of_onward_transfer() => Agreement::Onward(kind, to.clone()),
            // Said again by the same key it is nothing new, and does not count.
            (_, _, Some(_)) if self.has_accepted(event.key_id) => return (self.clone(), None),
            (_, _, Some(_)) => Agreement::Conditions(event.key_id),
            _ => return (self.clone(), None),
        };
        let count = self.0.as_ref().map_or(1, |node| node.count.saturating_add(1));
        if count > AGREED_COUNT_MAX {
            return (self.clone(), Some(Problem::AgreedTooMuch));
        }
        (Self(Some(Arc::new(Node { agreement, before: self.clone(), count }))), None)
    }

    /// What is wrong with an event, given what was agreed before it. Without the case that cannot be told.
    pub(super) fn problems(
        &self,
        event: &Summary,
        offered_to: Option<&Recipient>,
        parties: &Parties,
        terms: Option<&Terms>,
    ) -> Vec<Problem> {
        let Some(terms) = terms else {
            let is_concerned = event.to.is_some() || event.accepts.is_some() || is_release(event.kind);
            return is_concerned.then_some(Problem::CaseUnknown).into_iter().collect();
        };
        let onward = match event.kind {
            kind if kind.is_of_onward_transfer() => self.step_problem(event, parties, terms.between.as_ref()),
            _ => self.transfer_problem(event, parties, terms.between.as_ref()),
        };
        self.condition_problem(event, offered_to, parties, terms).into_iter().chain(onward).collect()
    }

    /// CUS-7: whoever gets it has accepted all conditions, and none that there is not.
    fn condition_problem(
        &self,
        event: &Summary,
        offered_to: Option<&Recipient>,
        parties: &Parties,
        terms: &Terms,
    ) -> Option<Problem> {
        let conditions = &terms.conditions;
        if event.accepts.is_some() && event.accepts != terms.accepted {
            return Some(Problem::ConditionsDiffer(Arc::clone(conditions)));
        }
        if conditions.is_empty() || !is_release(event.kind) || event.accepts.is_some() {
            return None;
        }
        let open = || Problem::ConditionsOpen(Arc::clone(conditions));
        let to = match (event.kind, &event.to) {
            (Kind::Accepted, _) => offered_to.cloned().unwrap_or(Recipient::Keyid(event.key_id)),
            (_, Some(to)) => to.clone(),
            (_, None) => return Some(Problem::ReceiverUnknown),
        };
        let holder = Holder::Recipient(to);
        let acceptors = self.iter().filter_map(|agreement| match agreement {
            Agreement::Conditions(key) => Some(parties.standing(*key, &holder)),
            Agreement::Onward(..) => None,
        });
        match acceptors.min_by_key(|standing| rank(*standing)) {
            Some(Standing::Holds) => None,
            Some(Standing::Unknown) => Some(Problem::PartyUnknown(holder)),
            Some(Standing::Differs) | None => Some(open()),
        }
    }

    fn has_accepted(&self, key_id: KeyId) -> bool {
        self.iter().any(|agreement| matches!(agreement, Agreement::Conditions(key) if *key == key_id))
    }

    /// CUS-8: who may answer, and whether anything was asked.
    fn step_problem(&self, event: &Summary, parties: &Parties, between: Option<&Between>) -> Option<Problem> {
        if event.kind == Kind::OnwardRequested {
            return None;
        }
        let to = event.to.as_ref()?;
        let last = self.last_onward(to, parties);
        let is_taken_back = event.kind == Kind::OnwardRefused && last == Some(Kind::OnwardAuthorised);
        if last != Some(Kind::OnwardRequested) && !is_taken_back {
            return Some(Problem::NotAsked(to.clone()));
        }
        let original = between?.original;
        match parties.office(event.key_id) {
            Some((country, PartyRole::CentralAuthority)) if country == original => None,
            // A list of another State need not have this one's authorities.
            None => Some(Problem::OfficeUnknown(original)),
            Some(_) => Some(Problem::NotOriginal(original)),
        }
    }

    /// CUS-8: nothing goes to a third State before the original one has allowed it.
    fn transfer_problem(&self, event: &Summary, parties: &Parties, between: Option<&Between>) -> Option<Problem> {
        let between = between?;
        if event.kind == Kind::ExculpatoryNotified {
            return None;
        }
        let Some(to) = &event.to else {
            return matches!(event.kind, Kind::Sent | Kind::Disclosed).then_some(Problem::DestinationUnknown);
        };
        if self.last_onward(to, parties) == Some(Kind::OnwardAuthorised) {
            return None;
        }
        match parties.country(to) {
            None => Some(Problem::CountryUnknown(to.clone())),
            Some(country) if !between.is_third(country) => None,
            Some(country) => Some(Problem::NotAuthorised { to: to.clone(), country, original: between.original }),
        }
    }

    fn last_onward(&self, to: &Recipient, parties: &Parties) -> Option<Kind> {
        self.iter().find_map(|agreement| match agreement {
            Agreement::Onward(kind, whom) if parties.are_one(whom, to) => Some(*kind),
            _ => None,
        })
    }

    fn iter(&self) -> impl Iterator<Item = &Agreement> {
        std::iter::successors(self.0.as_deref(), |node| node.before.0.as_deref()).map(|node| &node.agreement)
    }
}

/// Whether somebody has the content after it.
fn is_release(kind: Kind) -> bool {
    matches!(kind, Kind::Accepted | Kind::Sent | Kind::Disclosed)
}

fn rank(standing: Standing) -> u8 {
    match standing {
        Standing::Holds => 0,
        Standing::Unknown => 1,
        Standing::Differs => 2,
    }
}
