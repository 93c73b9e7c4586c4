//! Trust lists: which keys belong to which authority, and for how long (SPEC.md section 22). Fields stand in RFC 8785 order.

use std::collections::BTreeSet;

use serde::{Deserialize, Serialize};

use super::case::Text;
use super::certified::{CertificateRule, are_rules};
use super::digest::{Digest, KeyId, ListId};
use super::dsse::{self, EnvelopeError, Signature};
use super::json::{self, JsonError, bytes_of_base64};
use super::party::PartyId;
use super::spki::PublicKey;
use super::state::State;
use super::time::Instant;
use crate::limits::{JSON_INTEGER_MAX, TRUST_KEY_COUNT_MAX, TRUST_LIST_LEN_MAX};

/// What a trust list is signed as.
pub const TRUST_PAYLOAD_TYPE: &str = "application/vnd.scelle.trust+json";
/// Most root keys.
const ROOT_COUNT_MAX: usize = 64;

/// Who may sign.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields, rename_all = "camelCase")]
pub struct TrustList {
    /// From when on it says nothing any more.
    pub expires: Instant,
    /// Its identity, which stays through its versions.
    pub id: ListId,
    /// When it was made.
    pub issued: Instant,
    /// Verifier keys of transparency logs (C2SP signed-note), ascending.
    pub log_keys: Vec<Text>,
    /// Authorities and their keys, ascending by id.
    pub parties: Vec<Party>,
    /// Digest of the payload of the version before; none for the first.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub previous: Option<Digest>,
    /// Who signs this list, and the next one.
    pub roots: Roots,
    /// Number of this version, from 1.
    pub sequence: u64,
    /// Certificates of time-stamping roots, DER in base64, ascending.
    pub timestamp_roots: Vec<String>,
    /// Which kind of document this is.
    #[serde(rename = "type")]
    pub document_type: TrustType,
}

/// The one value of `type`.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize, Serialize)]
pub enum TrustType {
    /// A trust list as SPEC.md version 1 has it.
    #[serde(rename = "urn:scelle:trust:1")]
    V1,
}

/// Keys that sign a list, and how many of them must.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
#[expect(missing_docs, reason = "the names say it")]
pub struct Roots {
    pub keys: Vec<RootKey>,
    pub threshold: u64,
}

/// A key that signs a list.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
#[expect(missing_docs, reason = "the names say it")]
pub struct RootKey {
    pub keyid: KeyId,
    pub name: Text,
    pub spki: String,
}

/// An authority.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Party {
    /// Whose certified keys are its keys too, ascending by root.
    #[serde(skip_serializing_if = "Vec::is_empty", default)]
    pub certificates: Vec<CertificateRule>,
    /// Whose authority it is.
    pub country: State,
    /// What events call it.
    pub id: PartyId,
    /// Its keys, strictly ascending by key id.
    pub keys: Vec<PartyKey>,
    /// What people call it.
    pub name: Text,
    /// What it is.
    pub role: PartyRole,
}

/// What an authority is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum PartyRole {
    /// Of the 24/7 network.
    ContactPoint,
    /// For mutual legal assistance.
    CentralAuthority,
    /// A laboratory.
    Laboratory,
    /// A court.
    Court,
    /// An officer or a unit.
    Officer,
}

impl PartyRole {
    /// All roles.
    pub const ALL: [Self; 5] =
        [Self::ContactPoint, Self::CentralAuthority, Self::Laboratory, Self::Court, Self::Officer];

    /// Its word in a list.
    pub fn word(self) -> &'static str {
        match self {
            Self::ContactPoint => "contact_point",
            Self::CentralAuthority => "central_authority",
            Self::Laboratory => "laboratory",
            Self::Court => "court",
            Self::Officer => "officer",
        }
    }
}

/// A key of an authority.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields, rename_all = "camelCase")]
#[expect(missing_docs, reason = "the names say it")]
pub struct PartyKey {
    pub keyid: KeyId,
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub revoked: Option<Revocation>,
    pub spki: String,
    pub valid_from: Instant,
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub valid_until: Option<Instant>,
}

/// A key is not to be trusted any more.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields, rename_all = "camelCase")]
pub struct Revocation {
    /// From when on.
    pub at: Instant,
    /// Whether signatures stand that provably came before.
    pub earlier_stand: bool,
    /// Why.
    pub reason: Text,
}

/// A trust list as a file: its exact payload, and signatures over it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SignedTrustList {
    /// The list.
    pub list: TrustList,
    /// The exact bytes that are signed, inside the pre-authentication encoding.
    pub payload: Vec<u8>,
    /// Signatures, strictly ascending by key id.
    pub signatures: Vec<Signature>,
}

/// Why bytes are not a trust list.
#[derive(Debug, thiserror::Error)]
pub enum TrustListError {
    /// Not an envelope.
    #[error(transparent)]
    Envelope(#[from] EnvelopeError),
    /// Not the JSON that it should be.
    #[error("not a trust list")]
    Json(#[from] JsonError),
    /// JSON of the right shape, but not a trust list.
    #[error("{0}")]
    Value(&'static str),
}

impl SignedTrustList {
    /// A list without signatures.
    pub fn unsigned(list: TrustList) -> Result<Self, TrustListError> {
        list.check().map_err(TrustListError::Value)?;
        let payload = json::to_canonical(&list);
        Ok(Self { list, payload, signatures: Vec::new() })
    }

    /// The bytes of the file.
    pub fn to_bytes(&self) -> Vec<u8> {
        dsse::encode(TRUST_PAYLOAD_TYPE, &self.payload, &self.signatures)
    }

    /// Parses a file, and checks what can be checked of it alone (SPEC.md TRU-1 to TRU-3). No signature is checked.
    pub fn parse(bytes: &[u8]) -> Result<Self, TrustListError> {
        let (payload, signatures) = dsse::decode(bytes, TRUST_PAYLOAD_TYPE, TRUST_LIST_LEN_MAX)?;
        let list: TrustList = json::from_canonical(&payload)?;
        list.check().map_err(TrustListError::Value)?;
        Ok(Self { list, payload, signatures })
    }

    /// What a root key signs.
    pub fn to_be_signed(&self) -> Vec<u8> {
        dsse::pae_of(TRUST_PAYLOAD_TYPE, &self.payload)
    }

    /// How many of these keys signed; each counts once.
    pub fn signed_by<'k>(&self, keys: impl IntoIterator<Item = &'k PublicKey>) -> BTreeSet<KeyId> {
        dsse::signers(TRUST_PAYLOAD_TYPE, &self.payload, &self.signatures, keys).good
    }
}

impl Roots {
    /// The keys; all of a list that was parsed are keys.
    pub fn public_keys(&self) -> Vec<PublicKey> {
        self.keys.iter().filter_map(|key| PublicKey::from_spki(&key.spki, key.keyid)).collect()
    }
}

impl TrustList {
    fn check(&self) -> Result<(), &'static str> {
        let require = |holds: bool, why: &'static str| if holds { Ok(()) } else { Err(why) };
        require(self.issued < self.expires, "it expires before it was made")?;
        require((1..=JSON_INTEGER_MAX).contains(&self.sequence), "a `sequence` of 0, or of 2^53 or more")?;
        require(self.previous.is_some() == (self.sequence > 1), "`previous` belongs to every version but the first")?;
        let roots = &self.roots;
        require((1..=ROOT_COUNT_MAX).contains(&roots.keys.len()), "no root key, or more than 64")?;
        require(roots.keys.is_sorted_by(|a, b| a.keyid < b.keyid), "root keys not ascending by key id")?;
        require(roots.public_keys().len() == roots.keys.len(), "a root's `spki` is not a key, or not that of its id")?;
        require((1..=roots.keys.len() as u64).contains(&roots.threshold), "a threshold that its keys cannot meet")?;
        require(self.parties.is_sorted_by(|a, b| a.id < b.id), "parties not ascending by `id`")?;
        let keys: Vec<_> = self.parties.iter().flat_map(|party| &party.keys).collect();
        require(
            self.parties.len().max(keys.len()) <= TRUST_KEY_COUNT_MAX,
            "more parties or keys than a reader need hold",
        )?;
        require(
            self.parties.iter().all(|party| are_rules(&party.certificates)),
            "a party's `certificates` are no rules",
        )?;
        let ascend = |party: &Party| party.keys.is_sorted_by(|a, b| a.keyid < b.keyid);
        require(self.parties.iter().all(ascend), "a party's keys not ascending by key id")?;
        let ids: BTreeSet<_> = keys.iter().map(|key| key.keyid).collect();
        require(ids.len() == keys.len(), "a key of two parties")?;
        let is_key = |key: &&PartyKey| PublicKey::from_spki(&key.spki, key.keyid).is_some();
        require(keys.iter().all(is_key), "a party's `spki` is not a key, or not that of its id")?;
        let is_valid = |key: &&PartyKey| key.valid_until.is_none_or(|until| key.valid_from < until);
        require(keys.iter().all(is_valid), "a key is valid until before it is valid")?;
        require(self.log_keys.is_sorted_by(|a, b| a.as_str() < b.as_str()), "`logKeys` not ascending")?;
        require(self.timestamp_roots.is_sorted_by(|a, b| a < b), "`timestampRoots` not ascending")?;
        let is_base64 = |text: &String| bytes_of_base64(text).is_some();
        require(self.timestamp_roots.iter().all(is_base64), "a time-stamping root that is not base64")
    }
}

#[cfg(test)]
pub(crate) mod tests {
    use super::*;
    use crate::format::event::tests::text;
    use crate::format::spki::tests::public_key;

    pub(crate) fn instant(text: &str) -> Instant {
        Instant::parse(text).unwrap()
    }

    pub(crate) fn party_key(byte: u8) -> PartyKey {
        let key = public_key(byte);
        let valid_from = instant("2026-01-01T00:00:00Z");
        PartyKey { keyid: key.key_id(), revoked: None, spki: key.to_spki(), valid_from, valid_until: None }
    }

    pub(crate) fn party(id: &str, byte: u8) -> Party {
        let country = State::new("FR").unwrap();
        let id = PartyId::try_from(id.to_owned()).unwrap();
        let certificates = Vec::new();
        Party {
            certificates,
            country,
            id,
            keys: vec![party_key(byte)],
            name: text("A party"),
            role: PartyRole::Laboratory,
        }
    }

    pub(crate) fn list() -> TrustList {
        let root = public_key(100);
        TrustList {
            expires: instant("2028-01-01T00:00:00Z"),
            id: ListId([3; 16]),
            issued: instant("2026-01-01T00:00:00Z"),
            log_keys: Vec::new(),
            parties: vec![party("a", 1), party("b", 2)],
            previous: None,
            roots: Roots {
                keys: vec![RootKey { keyid: root.key_id(), name: text("Root"), spki: root.to_spki() }],
                threshold: 1,
            },
            sequence: 1,
            timestamp_roots: Vec::new(),
            document_type: TrustType::V1,
        }
    }

    #[test]
    fn keys_stand_in_rfc_8785_order_and_survive_the_round_trip() {
        let mut list = list();
        let revocation = Revocation { at: Instant::EPOCH, earlier_stand: true, reason: text("lost") };
        list.parties[0].keys[0].revoked = Some(revocation);
        let signed = SignedTrustList::unsigned(list).unwrap();
        let value: serde_json::Value = serde_json::from_slice(&signed.payload).unwrap();
        assert_eq!(serde_json::to_vec(&value).unwrap(), signed.payload);
        assert_eq!(SignedTrustList::parse(&signed.to_bytes()).unwrap(), signed);
    }

    #[test]
    fn a_list_that_contradicts_itself_is_refused() {
        let broken: [fn(&mut TrustList); 14] = [
            |l| l.expires = l.issued,
            |l| l.sequence = 0,
            |l| l.sequence = 2,
            |l| l.previous = Some(Digest([0; 32])),
            |l| l.roots.keys.clear(),
            |l| l.roots.threshold = 0,
            |l| l.roots.threshold = 2,
            |l| l.roots.keys[0].spki = "AAAA".into(),
            |l| l.parties.swap(0, 1),
            |l| l.parties[1].keys = l.parties[0].keys.clone(),
            |l| l.parties[0].keys[0].keyid = KeyId([0; 32]),
            |l| l.parties[0].keys[0].valid_until = Some(l.parties[0].keys[0].valid_from),
            |l| l.log_keys = vec![text("b"), text("a")],
            |l| l.timestamp_roots = vec!["*".into()],
        ];
        for (i, damage) in broken.iter().enumerate() {
            let mut list = list();
            damage(&mut list);
            assert!(SignedTrustList::unsigned(list).is_err(), "case {i}");
        }
    }

    #[test]
    fn lim_22_a_list_has_as_many_parties_and_bytes_as_it_may() {
        // LIM-22: at the limit, and one beyond.
        let with = |count: usize| {
            let party = |n: usize| Party { keys: Vec::new(), ..party(&format!("p{n:06}"), 1) };
            SignedTrustList::unsigned(TrustList { parties: (0..count).map(party).collect(), ..list() })
        };
        assert!(with(65_536).is_ok());
        assert!(matches!(with(65_537), Err(TrustListError::Value(_))));
        let len = |len: usize| SignedTrustList::parse(&vec![b' '; len]).unwrap_err();
        let long = |error: &TrustListError| matches!(error, TrustListError::Envelope(EnvelopeError::TooLong { .. }));
        assert!(!long(&len(16 << 20)) && long(&len((16 << 20) + 1)));
        // By the lengths of its keys, a list with one signature has a length of 4 n + 1.
        let signed = |len: usize| {
            let mut it = SignedTrustList::unsigned(list()).unwrap();
            it.signatures = vec![Signature { key_id: public_key(100).key_id(), bytes: Vec::new() }];
            it.signatures[0].bytes = vec![0; (len - it.to_bytes().len()) / 4 * 3];
            assert_eq!(it.to_bytes().len(), len);
            SignedTrustList::parse(&it.to_bytes())
        };
        assert!(signed((16 << 20) - 3).is_ok() && long(&signed((16 << 20) + 1).unwrap_err()));
    }

    #[test]
    fn lim_22_a_list_has_as_many_keys_as_it_may() {
        let with_keys = |count: u32| {
            let key = |n: u32| {
                let mut seed = [0; 32];
                seed[..4].copy_from_slice(&n.to_le_bytes());
                let key = PublicKey::of_ed25519(&ed25519_dalek::SigningKey::from_bytes(&seed));
                PartyKey { keyid: key.key_id(), spki: key.to_spki(), ..party_key(1) }
            };
            let mut keys: Vec<_> = (0..count).map(key).collect();
            keys.sort_by_key(|key| key.keyid);
            SignedTrustList::unsigned(TrustList { parties: vec![Party { keys, ..party("a", 1) }], ..list() })
        };
        assert!(with_keys(65_536).is_ok());
        assert!(matches!(with_keys(65_537), Err(TrustListError::Value(why)) if why.contains("more")));
    }

    #[test]
    fn roles_have_the_words_that_json_has() {
        for role in PartyRole::ALL {
            assert_eq!(serde_json::to_string(&role).unwrap(), format!("\"{}\"", role.word()));
        }
    }
}
