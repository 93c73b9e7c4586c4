//! The next event of a log: where it belongs, whether it is allowed there, and what it says of the log before it.

use std::collections::{HashMap, HashSet};

use super::parties::Parties;
use super::problem::Problem;
use super::records::Records;
use super::summary::Summary;
use super::walk::{Log, Origin, Tip};
use crate::format::digest::{CopyId, Digest};
use crate::format::event::{AFTER_EVENT, AFTER_SEAL, Event, Listed, Predicate};

/// Why an event cannot be added.
#[derive(Debug, thiserror::Error)]
#[expect(missing_docs, reason = "the messages say it")]
pub enum NextError {
    #[error("the custody log is not sound: nothing may be built on it")]
    NotSound,
    #[error("not everything that was added to the bundle can be read, and an event lists all of it")]
    NotRead,
    #[error("there is no copy {0} in this log")]
    NoCopy(CopyId),
    #[error("the log of copy {0} has more than one end")]
    Forked(CopyId),
    #[error("this could be an event of {} copies", copies.len())]
    WhichCopy { copies: Vec<CopyId> },
    #[error("this may not come next on copy {copy}")]
    NotAllowed { copy: CopyId, source: Problem },
}

impl NextError {
    /// What the user can do about it.
    pub fn hint(&self) -> String {
        match self {
            Self::NotSound => "`scelle verify` says what is wrong with it".into(),
            Self::NotRead => "nothing was signed; try again when it can be read".into(),
            Self::NoCopy(_) | Self::Forked(_) => "`scelle custody log` shows the copies".into(),
            Self::WhichCopy { copies } => {
                let ids: Vec<_> = copies.iter().map(ToString::to_string).collect();
                format!("say which with --copy: {}", ids.join(", "))
            }
            Self::NotAllowed { source: Problem::PartyUnknown(_) | Problem::OfficeUnknown(_), .. } => {
                "give the trust list with --trust".into()
            }
            Self::NotAllowed { source: Problem::CountryUnknown(_), .. } => {
                "give a trust list with --trust that has them as a party with a country".into()
            }
            Self::NotAllowed { source: Problem::ConditionsOpen(_) | Problem::ConditionsDiffer(_), .. } => {
                "`scelle show` has the text of each; whoever takes it names each with --accept-condition, in `custody \
                 accept`, or before it is sent in `custody agree`"
                    .into()
            }
            Self::NotAllowed { source: Problem::ReceiverUnknown | Problem::DestinationUnknown, .. } => {
                "say to whom with --to".into()
            }
            Self::NotAllowed { source: Problem::NotOriginal(_), .. } => {
                "who speaks for a State stands in the trust list, with the role central_authority".into()
            }
            Self::NotAllowed { source: Problem::NotAuthorised { .. } | Problem::NotAsked(_), .. } => {
                "`scelle custody onward request` asks the original State, and `onward authorise` is its answer".into()
            }
            Self::NotAllowed { source: Problem::ClockBack(_), .. } => {
                "set the clock, or record how far it is off with --clock-offset MILLISECONDS".into()
            }
            Self::NotAllowed { .. } => "`scelle custody log` shows who holds it and what is open".into(),
        }
    }
}

/// A log as it is, with everything that was read of it.
pub struct Chain<'a> {
    /// Where it begins.
    pub origin: &'a Origin,
    /// What was read.
    pub records: &'a Records,
    /// What it leads to.
    pub log: &'a Log,
    /// Which keys belong together.
    pub parties: &'a Parties,
}

/// Completes an event: `branch` and `members` of the predicate are filled in. Gives its depth too.
///
/// # Errors
/// If it is not allowed where it would stand, or it could stand in more than one place.
pub fn next(chain: &Chain<'_>, mut predicate: Predicate, copy: Option<CopyId>) -> Result<(Event, u64), NextError> {
    if !chain.log.is_sound() {
        return Err(NextError::NotSound);
    }
    let tip = chain.tip_for(&predicate, copy)?;
    predicate.branch = tip.state.branch;
    predicate.members = chain.members_after(tip);
    let (before, name) = match tip.event.and_then(|event| chain.records.events.get(event)) {
        None => (chain.origin.seal_digest(), AFTER_SEAL),
        Some(event) => (event.digest, AFTER_EVENT),
    };
    Ok((Event::new(predicate, before, name), tip.depth + 1))
}

impl Chain<'_> {
    /// The end that an event belongs to.
    fn tip_for(&self, predicate: &Predicate, copy: Option<CopyId>) -> Result<&Tip, NextError> {
        let tips: Vec<_> =
            self.log.tips.iter().filter(|tip| copy.is_none_or(|copy| tip.state.branch == copy)).collect();
        let mut allowed: Vec<&Tip> =
            tips.iter().copied().filter(|tip| self.problem(tip, predicate).is_none()).collect();
        match (allowed.pop(), allowed.is_empty()) {
            (Some(tip), true) => Ok(tip),
            (Some(last), false) => match copy {
                Some(copy) => Err(NextError::Forked(copy)),
                None => {
                    let copies = allowed.into_iter().chain([last]).map(|tip| tip.state.branch).collect();
                    Err(NextError::WhichCopy { copies })
                }
            },
            (None, _) => {
                let Some(tip) = tips.first() else { return Err(NextError::NoCopy(copy.unwrap_or(CopyId([0; 16])))) };
                let source = self.problem(tip, predicate).unwrap_or(Problem::NoOffer);
                Err(NextError::NotAllowed { copy: tip.state.branch, source })
            }
        }
    }

    fn problem(&self, tip: &Tip, predicate: &Predicate) -> Option<Problem> {
        let event = Event::new(predicate.clone(), Digest([0; 32]), AFTER_EVENT);
        let event = Summary::of(&event, Digest([0; 32]));
        tip.state.after(&event, self.parties, self.origin.terms()).1.into_iter().next()
    }

    /// Grown members that are there, beside the events that lead to an end and what these list (SPEC.md EVT-4).
    fn members_after(&self, tip: &Tip) -> Vec<Listed> {
        let Records { grown, events, listed, .. } = self.records;
        let by_digest: HashMap<Digest, usize> = events.iter().enumerate().map(|(i, it)| (it.digest, i)).collect();
        let (mut ancestors, mut known) = (HashSet::new(), HashSet::new());
        let mut at = tip.event;
        while let Some(event) = at.filter(|&event| ancestors.insert(event)) {
            known.extend(listed.get(event).into_iter().flatten().copied());
            at = events.get(event).filter(|it| !it.is_first).and_then(|it| by_digest.get(&it.before).copied());
        }
        let is_new = |place: usize, event: Option<usize>| {
            let is_ancestor = event.is_some_and(|event| ancestors.contains(&event));
            !is_ancestor && u32::try_from(place).is_ok_and(|place| !known.contains(&place))
        };
        let new = grown.iter().enumerate().filter(|(place, member)| is_new(*place, member.event));
        new.map(|(_, member)| Listed { name: member.name.clone(), sha256: member.sha256 }).collect()
    }
}
