//! Judging a trust list, and the keys in it, at a moment.

use std::collections::{BTreeMap, BTreeSet};

use super::certified::{self, Certified, Rule, certified};
use crate::custody::Parties;
use crate::format::digest::{Digest, KeyId, ListId};
use crate::format::party::PartyId;
use crate::format::spki::PublicKey;
use crate::format::statement::RequiredSigner;
use crate::format::time::Instant;
use crate::format::trust_list::{Party, PartyKey, SignedTrustList};
use crate::hash::sha256;
use crate::x509::Root;

/// Why a list is not believed.
#[derive(Debug, thiserror::Error)]
#[expect(missing_docs, reason = "the messages say it")]
pub enum TrustError {
    #[error("{signed} of the keys that you trust as roots have signed the list; it says that {needed} must")]
    NotSigned { signed: u64, needed: u64 },
}

/// A trust list that its roots have signed, at a moment.
#[derive(Debug)]
pub struct Trust {
    list: SignedTrustList,
    at: Instant,
    keys: BTreeMap<KeyId, (PartyId, PartyKey)>,
    time_roots: Vec<Root>,
    rules: Vec<Rule>,
}

/// What is to be said of the key of a signature.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Judgement {
    /// Whose key it is, for people. May hold any characters.
    pub whose: String,
    /// By which certificate, where the list itself does not name the key.
    pub certified: Option<Certified>,
    /// Why it is not to be believed.
    pub why_not: Option<String>,
}

/// What can be said of a key at a moment.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum KeyState {
    /// It is to be believed.
    Good,
    /// Not yet.
    NotYet(Instant),
    /// Not any more.
    Expired(Instant),
    /// It was revoked.
    Revoked(Instant),
}

impl Trust {
    /// Believes a list if enough of its root keys, which are trusted by the user too, have signed it.
    ///
    /// # Errors
    /// [`TrustError`].
    pub fn new(list: SignedTrustList, roots: &[PublicKey], at: Instant) -> Result<Self, TrustError> {
        let named: BTreeSet<KeyId> = list.list.roots.keys.iter().map(|key| key.keyid).collect();
        let signed = list.signed_by(roots.iter().filter(|key| named.contains(&key.key_id()))).len() as u64;
        let needed = list.list.roots.threshold;
        if signed < needed {
            return Err(TrustError::NotSigned { signed, needed });
        }
        let parties = &list.list.parties;
        let of_party = |party: &Party| {
            let id = party.id.clone();
            party.keys.iter().map(move |key| (key.keyid, (id.clone(), key.clone()))).collect::<Vec<_>>()
        };
        let keys = parties.iter().flat_map(of_party).collect();
        let time_roots = list.list.timestamp_roots.iter().filter_map(|text| Root::from_base64(text).ok()).collect();
        let rules = certified::rules(&list.list.parties);
        Ok(Self { list, at, keys, time_roots, rules })
    }

    /// Its identity.
    pub fn id(&self) -> ListId {
        self.list.list.id
    }

    /// The list.
    pub fn list(&self) -> &SignedTrustList {
        &self.list
    }

    /// Digest of its payload.
    pub fn digest(&self) -> Digest {
        sha256(&self.list.payload)
    }

    /// The moment for which it is judged.
    pub fn at(&self) -> Instant {
        self.at
    }

    /// Whether it says nothing any more at that moment. One that was made later tells of the past too.
    pub fn has_expired(&self) -> bool {
        self.at >= self.list.list.expires
    }

    /// What can be said of a key; `None` if it is not in the list.
    pub fn key(&self, key: KeyId) -> Option<(&PartyId, KeyState)> {
        self.signed(key, None)
    }

    /// The same of a key by which something was signed that is proven to have been there by the end of that second.
    pub fn signed(&self, key: KeyId, by: Option<Instant>) -> Option<(&PartyId, KeyState)> {
        self.keys.get(&key).map(|(party, key)| (party, state_of(key, self.at, by)))
    }

    /// What is to be said of a key by which something was signed, that is proven to have been there by the end of that second.
    /// A key that is in the list is judged by the list; another one of the statement's, by its certificates. `None` if neither
    /// the list nor a certificate tells of it.
    pub fn judge(&self, key: KeyId, signer: Option<&RequiredSigner>, by: Option<Instant>) -> Option<Judgement> {
        if let Some((party, state)) = self.signed(key, by) {
            let why_not = (state != KeyState::Good).then(|| state.words());
            return Some(Judgement { whose: party.to_string(), certified: None, why_not });
        }
        let at = by.map_or(self.at, |by| by.min(self.at));
        Some(match certified(signer.filter(|signer| signer.keyid == key)?, &self.rules, at)? {
            Ok(it) => Judgement { whose: it.to_string(), certified: Some(it), why_not: None },
            Err(error) => {
                Judgement { whose: "certified".to_owned(), certified: None, why_not: Some(error.to_string()) }
            }
        })
    }

    /// Roots of time-stamping authorities. What stands there and is no certificate is none.
    pub fn time_roots(&self) -> &[Root] {
        &self.time_roots
    }

    /// The keys that are to be believed at that moment.
    pub fn good_keys(&self) -> Vec<PublicKey> {
        let is_good = |key: &&PartyKey| state_of(key, self.at, None) == KeyState::Good;
        let keys = self.list.list.parties.iter().flat_map(|party| &party.keys).filter(is_good);
        keys.filter_map(|key| PublicKey::from_spki(&key.spki, key.keyid)).collect()
    }

    /// Which keys belong together, good or not: who held a bundle is not a matter of whether the key is still good.
    pub fn parties(&self) -> Parties {
        let offices = self.list.list.parties.iter().map(|party| (party.id.clone(), (party.country, party.role)));
        Parties::new(self.keys.iter().map(|(key, (party, _))| (*key, party.clone())).collect(), offices.collect())
    }
}

/// A key as of a moment, and by what it signed at the latest, if that is proven (SPEC.md TRU-4).
fn state_of(key: &PartyKey, at: Instant, by: Option<Instant>) -> KeyState {
    let signed = by.map_or(at, |by| by.min(at));
    let expired = key.valid_until.filter(|&until| signed >= until);
    let revoked = key.revoked.as_ref().filter(|it| at >= it.at && !(it.earlier_stand && signed < it.at));
    match (revoked, expired) {
        _ if signed < key.valid_from => KeyState::NotYet(key.valid_from),
        (Some(revoked), _) => KeyState::Revoked(revoked.at),
        (_, Some(until)) => KeyState::Expired(until),
        _ => KeyState::Good,
    }
}

impl KeyState {
    /// Why it is not believed, in words.
    pub fn words(self) -> String {
        match self {
            Self::Good => "good".to_owned(),
            Self::NotYet(from) => format!("not valid before {from}"),
            Self::Expired(until) => format!("valid until {until}; that it signed before is not proven"),
            Self::Revoked(at) => format!("revoked as of {at}; that it signed before is not proven"),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::format::dsse::Signature;
    use crate::format::event::tests::text;
    use crate::format::spki::tests::public_key;
    use crate::format::trust_list::tests::{instant, list};
    use crate::format::trust_list::{Revocation, TrustList};

    fn signed(list: TrustList) -> SignedTrustList {
        let mut signed = SignedTrustList::unsigned(list).unwrap();
        let key = ed25519_dalek::SigningKey::from_bytes(&[100; 32]);
        let bytes = ed25519_dalek::Signer::sign(&key, &signed.to_be_signed()).to_bytes().to_vec();
        signed.signatures.push(Signature { key_id: public_key(100).key_id(), bytes });
        signed
    }

    #[test]
    fn a_list_is_believed_only_if_roots_that_the_user_trusts_have_signed_it() {
        let at = instant("2026-06-01T00:00:00Z");
        assert!(Trust::new(signed(list()), &[public_key(100)], at).is_ok());
        assert!(Trust::new(signed(list()), &[public_key(100), public_key(100)], at).is_ok());
        assert!(Trust::new(signed(list()), &[public_key(101)], at).is_err());
        assert!(Trust::new(SignedTrustList::unsigned(list()).unwrap(), &[public_key(100)], at).is_err());
        let mut changed = signed(list());
        changed.payload[10] ^= 1;
        assert!(Trust::new(changed, &[public_key(100)], at).is_err());
    }

    #[test]
    fn a_key_is_judged_at_the_moment_asked_for() {
        let mut it = list();
        let key = &mut it.parties[0].keys[0];
        key.valid_until = Some(instant("2027-01-01T00:00:00Z"));
        let at = instant("2026-08-01T00:00:00Z");
        key.revoked = Some(Revocation { at, earlier_stand: true, reason: text("lost") });
        let id = key.keyid;
        let state = |at: &str| {
            let trust = Trust::new(signed(it.clone()), &[public_key(100)], instant(at)).unwrap();
            (trust.key(id).unwrap().1, trust.good_keys().len(), trust.has_expired())
        };
        let early = instant("2026-01-01T00:00:00Z");
        assert_eq!(state("2025-12-31T23:59:59Z"), (KeyState::NotYet(early), 0, false));
        assert_eq!(state("2026-07-31T23:59:59Z"), (KeyState::Good, 2, false));
        assert_eq!(state("2026-08-01T00:00:00Z"), (KeyState::Revoked(at), 1, false));
        assert!(state("2028-01-01T00:00:00Z").2);
        it.parties[0].keys[0].revoked = None;
        let trust = Trust::new(signed(it.clone()), &[public_key(100)], instant("2027-01-01T00:00:00Z")).unwrap();
        assert_eq!(trust.key(id).unwrap().1, KeyState::Expired(instant("2027-01-01T00:00:00Z")));
    }
}
