//! Custody events: what happened to a bundle after it was sealed (SPEC.md section 21). Fields stand in RFC 8785 order.

use serde::{Deserialize, Serialize};

use super::case::Text;
use super::clock::Clock;
use super::digest::{CopyId, Digest};
use super::event_kind::Kind;
pub use super::event_parts::*;
use super::json::{self, JsonError, OpenObject};
use super::member::MemberName;
use super::spki::PublicKey;
use super::statement::{STATEMENT_TYPE, SubjectDigest};
use super::time::Instant;
use crate::limits::{CONDITION_COUNT_MAX, ENVELOPE_LEN_MAX, FINDING_COUNT_MAX, GROWN_COUNT_MAX};

/// `predicateType` of an event.
pub const EVENT_TYPE: &str = "urn:scelle:event:1";
/// Name of the subject of the first event: the seal.
pub const AFTER_SEAL: &str = "statement.json";
/// Name of the subject of every other event: the one before it.
pub const AFTER_EVENT: &str = "event";

/// A signed custody event: an in-toto Statement about what came before it.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
#[expect(missing_docs, reason = "the names are those of in-toto")]
pub struct Event {
    #[serde(rename = "_type")]
    pub statement_type: String,
    pub predicate: Predicate,
    #[serde(rename = "predicateType")]
    pub predicate_type: String,
    pub subject: [Before; 1],
}

/// What an event comes after.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Before {
    /// SHA-256 of the statement, or of the payload of the event before.
    pub digest: SubjectDigest,
    /// Which of the two.
    pub name: String,
}

/// Who did what, when, where, why and how, and what is certain about it.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Predicate {
    /// Conditions of the case that the signer accepts: their ids, strictly ascending.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub accepts: Option<Vec<Text>>,
    /// Who.
    pub actor: Actor,
    /// The copy that it happened to; the bundle id for the original.
    pub branch: CopyId,
    /// What was changed and could not be avoided.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub change: Option<Change>,
    /// Where the times come from.
    pub clock: Clock,
    /// Of a copy: what it is called from now on.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub copy: Option<CopyId>,
    /// Extensions that a reader must know.
    pub critical: OpenObject,
    /// At the end of life.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub disposal: Option<Disposal>,
    /// When it ended.
    pub end: Instant,
    /// Extensions that a reader may ignore.
    pub extensions: OpenObject,
    /// In which form a transfer to a third State was authorised.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub form: Option<Form>,
    /// What a verification found.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub found: Option<Found>,
    /// How.
    pub how: How,
    /// Digests before and after.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub integrity: Option<Integrity>,
    /// Which part, or which object.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub item: Option<Item>,
    /// What.
    pub kind: Kind,
    /// Grown members that were there, beside events that it follows and what these list.
    pub members: Vec<Listed>,
    /// Anything else.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub notes: Option<Text>,
    /// Why it is not taken, or an offer is taken back.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub reasons: Option<Text>,
    /// When it began.
    pub start: Instant,
    /// To whom: an offer, a copy that is made for somebody, a transfer, a disclosure or a notice.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub to: Option<Recipient>,
    /// Where.
    #[serde(rename = "where")]
    pub place: Place,
    /// Why.
    pub why: Why,
    /// Who saw it.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub witness: Option<Text>,
}

/// Why bytes are not an event.
#[derive(Debug, thiserror::Error)]
pub enum EventError {
    /// Not the JSON that it should be.
    #[error("not a custody event")]
    Json(#[from] JsonError),
    /// JSON of the right shape, but not an event of version 1.
    #[error("{0}")]
    Value(&'static str),
}

impl Event {
    /// An event about what came before.
    pub fn new(predicate: Predicate, before: Digest, before_name: &str) -> Self {
        Self {
            statement_type: STATEMENT_TYPE.into(),
            predicate,
            predicate_type: EVENT_TYPE.into(),
            subject: [Before { digest: SubjectDigest { sha256: before }, name: before_name.into() }],
        }
    }

    /// The bytes that are signed.
    pub fn to_bytes(&self) -> Vec<u8> {
        json::to_canonical(self)
    }

    /// Parses and checks what can be checked of it alone (SPEC.md EVT-1 to EVT-4).
    pub fn parse(bytes: &[u8]) -> Result<Self, EventError> {
        if bytes.len() as u64 > ENVELOPE_LEN_MAX {
            return Err(EventError::Value("longer than an envelope may be"));
        }
        let event: Self = json::from_canonical(bytes)?;
        event.check().map_err(EventError::Value)?;
        Ok(event)
    }

    /// Digest of what it comes after.
    pub fn before(&self) -> Digest {
        self.subject[0].digest.sha256
    }

    /// Whether it comes right after the seal.
    pub fn is_first(&self) -> bool {
        self.subject[0].name == AFTER_SEAL
    }

    /// The key of who signs, which the event itself names; `None` if that is no key, or another than its id says.
    pub fn key(&self) -> Option<PublicKey> {
        PublicKey::from_spki(&self.predicate.actor.spki, self.predicate.actor.keyid)
    }

    fn check(&self) -> Result<(), &'static str> {
        let it = &self.predicate;
        let require = |holds: bool, why: &'static str| if holds { Ok(()) } else { Err(why) };
        require(self.statement_type == STATEMENT_TYPE, "`_type` is not that of an in-toto Statement v1")?;
        require(self.predicate_type == EVENT_TYPE, "`predicateType` is not that of an event of version 1")?;
        require([AFTER_SEAL, AFTER_EVENT].contains(&&*self.subject[0].name), "the subject is no statement or event")?;
        require(self.key().is_some(), "`spki` is not a key, or not the one of its key id")?;
        require(it.start <= it.end, "it ends before it starts")?;
        it.clock.check()?;
        require(it.members.is_sorted_by(|a, b| a.name < b.name), "`members` are not ascending by name")?;
        require(it.members.len() as u64 <= GROWN_COUNT_MAX, "more `members` than there can be")?;
        let is_grown = |listed: &Listed| MemberName::parse(&listed.name).is_some_and(|name| name.is_grown());
        require(it.members.iter().all(is_grown), "one of `members` is no grown member")?;
        require(it.copy.is_some() == (it.kind == Kind::Copied), "`copy` belongs to `copied`, and only there")?;
        require(it.copy != Some(it.branch), "a copy that is called as what it was made of")?;
        require(it.to.is_none() || it.kind.may_have_recipient(), "`to` belongs to what is for somebody")?;
        require(it.to.is_some() || !it.kind.needs_recipient(), "it does not say to whom")?;
        check_accepted(it)?;
        require(it.form.is_some() == (it.kind == Kind::OnwardAuthorised), "`form` belongs to an authorisation")?;
        require(it.found.is_some() == it.kind.has_findings(), "`found` belongs to what a verification found")?;
        require(it.reasons.is_some() || !it.kind.needs_reasons(), "a refusal without reasons")?;
        require(it.disposal.is_some() == (it.kind == Kind::Destroyed), "`disposal` belongs to the end of life")?;
        let integrity = it.integrity.as_ref();
        let is_explained = |it: &Integrity| it.before == it.after || it.reason.is_some();
        require(integrity.is_none_or(is_explained), "digests differ before and after without a reason")?;
        let found = it.found.as_ref();
        let is_listed = |found: &Found| found.damage.len() as u64 == found.damage_count.get().min(FINDING_COUNT_MAX);
        require(found.is_none_or(is_listed), "`damage` is not as `damageCount` says")
    }
}

/// Which conditions are accepted, where that belongs.
fn check_accepted(it: &Predicate) -> Result<(), &'static str> {
    let require = |holds: bool, why: &'static str| if holds { Ok(()) } else { Err(why) };
    let Some(accepts) = &it.accepts else {
        return require(it.kind != Kind::ConditionsAccepted, "it does not say which conditions are accepted");
    };
    require(matches!(it.kind, Kind::Accepted | Kind::ConditionsAccepted), "`accepts` belongs to an acceptance")?;
    require((1..=CONDITION_COUNT_MAX).contains(&accepts.len()), "`accepts` names no condition, or more than 1,000")?;
    require(accepts.is_sorted_by(|a, b| a.as_str() < b.as_str()), "`accepts` is not ascending")
}

/// The name of an event's member: its place in the log, its kind, and the first digits of the digest of its payload, so that
/// no two copies of a bundle have different events of one name (SPEC.md EVT-2).
pub fn member_name(depth: u64, kind: Kind, digest: Digest) -> MemberName {
    let digest = digest.to_string();
    MemberName::Custody(format!("{depth:04}-{}-{}", kind.word().replace('_', "-"), &digest[..8]))
}

#[cfg(test)]
pub(crate) mod tests {
    use super::*;
    use crate::format::clock::ClockSource;
    use crate::format::digest::KeyId;
    use crate::format::json::ByteCount;
    use crate::format::spki::tests::public_key;

    pub(crate) fn text(text: &str) -> Text {
        Text::new(text).unwrap()
    }

    /// A remark by a key that is everybody's.
    pub(crate) fn event() -> Event {
        let key = public_key(7);
        let predicate = Predicate {
            accepts: None,
            actor: Actor {
                keyid: key.key_id(),
                name: Some(text("A. Tester")),
                organisation: None,
                qualification: None,
                role: None,
                spki: data_encoding::BASE64.encode(&key.to_der()),
            },
            branch: CopyId([1; 16]),
            change: None,
            clock: Clock { host: None, offset_ms: None, reference: None, source: ClockSource::System },
            copy: None,
            critical: OpenObject::default(),
            disposal: None,
            end: Instant::from_seconds(1_800_000_000).unwrap(),
            extensions: OpenObject::default(),
            form: None,
            found: None,
            how: How {
                courier: None,
                encryption: None,
                method: text("by hand"),
                tool: None,
                tracking: None,
                transport: None,
            },
            integrity: None,
            item: None,
            kind: Kind::Noted,
            members: Vec::new(),
            notes: None,
            reasons: None,
            start: Instant::from_seconds(1_800_000_000).unwrap(),
            to: None,
            place: Place { access: None, facility: None, place: text("Hanoi"), storage: None },
            why: Why { authority: None, case: None, purpose: text("a test") },
            witness: None,
        };
        Event::new(predicate, Digest([5; 32]), AFTER_SEAL)
    }

    #[test]
    fn keys_stand_in_rfc_8785_order_and_survive_the_round_trip() {
        let bytes = event().to_bytes();
        let value: serde_json::Value = serde_json::from_slice(&bytes).unwrap();
        assert_eq!(serde_json::to_vec(&value).unwrap(), bytes);
        assert_eq!(Event::parse(&bytes).unwrap(), event());
    }

    #[test]
    fn what_does_not_fit_its_kind_is_refused() {
        let found = || {
            Some(Found {
                damage: Vec::new(),
                damage_count: ByteCount::new(0).unwrap(),
                exit: 0,
                seal_digest: Digest([5; 32]),
                verdict: text("verified"),
            })
        };
        let listed = |name: &str| Listed { name: name.into(), sha256: Digest([1; 32]) };
        type Break<'a> = &'a dyn Fn(&mut Event);
        let broken: &[Break<'_>] = &[
            &|e| e.predicate_type = "urn:scelle:event:2".into(),
            &|e| e.subject[0].name = "case.json".into(),
            &|e| e.predicate.actor.keyid = KeyId([0; 32]),
            &|e| e.predicate.end = Instant::EPOCH,
            &|e| e.predicate.kind = Kind::Offered,
            &|e| e.predicate.kind = Kind::Copied,
            &|e| e.predicate.copy = Some(CopyId([2; 16])),
            &|e| e.predicate.to = Some(Recipient::Keyid(KeyId([2; 32]))),
            &|e| e.predicate.kind = Kind::Accepted,
            &|e| e.predicate.found = found(),
            &|e| (e.predicate.kind, e.predicate.found) = (Kind::Refused, found()),
            &|e| e.predicate.kind = Kind::Destroyed,
            &|e| e.predicate.kind = Kind::ConditionsAccepted,
            &|e| (e.predicate.kind, e.predicate.accepts) = (Kind::ConditionsAccepted, Some(vec![])),
            &|e| (e.predicate.kind, e.predicate.accepts) = (Kind::ConditionsAccepted, Some(vec![text("b"), text("a")])),
            &|e| e.predicate.accepts = Some(vec![text("a")]),
            &|e| e.predicate.kind = Kind::OnwardRequested,
            &|e| e.predicate.form = Some(Form::Written),
            &|e| {
                let to = Some(Recipient::Keyid(KeyId([2; 32])));
                (e.predicate.kind, e.predicate.to) = (Kind::OnwardAuthorised, to);
            },
            &|e| e.predicate.members = vec![listed("nonce")],
            &|e| e.predicate.members = vec![listed("custody/b.dsse.json"), listed("custody/a.dsse.json")],
            &|e| {
                e.predicate.integrity =
                    Some(Integrity { after: Digest([1; 32]), before: Digest([2; 32]), reason: None });
            },
            &|e| (e.predicate.kind, e.predicate.copy) = (Kind::Copied, Some(CopyId([1; 16]))),
        ];
        for (i, damage) in broken.iter().enumerate() {
            let mut event = event();
            damage(&mut event);
            assert!(Event::parse(&event.to_bytes()).is_err(), "case {i}");
        }
        let mut accepted = event();
        (accepted.predicate.kind, accepted.predicate.found) = (Kind::Accepted, found());
        Event::parse(&accepted.to_bytes()).unwrap();
    }

    #[test]
    fn the_name_says_place_kind_and_digest() {
        let name = member_name(7, Kind::OfferWithdrawn, Digest([0xba; 32])).to_string();
        assert_eq!(name, "custody/0007-offer-withdrawn-babababa.dsse.json");
        assert!(MemberName::parse(&name).is_some());
    }
}
