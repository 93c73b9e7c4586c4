//! Whose keys are whose, as far as a trust list says it, and who holds a copy.

use std::collections::BTreeMap;
use std::fmt;
use std::sync::Arc;

use super::state::State;
use crate::format::digest::KeyId;
use crate::format::event::Recipient;
use crate::format::party::PartyId;
use crate::format::state::State as Country;
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

impl fmt::Display for Holder {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Sealers(_) => f.write_str("who sealed it"),
            Self::Recipient(to) => to.fmt(f),
        }
    }
}
