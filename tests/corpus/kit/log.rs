//! Custody logs, written event by event, right and wrong.

use data_encoding::BASE64;
use serde_json::{Value, json};

use super::{Key, Members, MembersExt, Plan, file};
use crate::reference::{hex, json_bytes, sha256};

/// A bundle with a log that grows.
#[derive(Clone)]
pub struct Log {
    pub members: Members,
    /// Digest of each event.
    pub digests: Vec<String>,
    /// Name of each event's member.
    pub names: Vec<String>,
}

/// What an event is about, before it is written.
pub struct Draft {
    pub statement: Value,
    /// Who signs.
    pub key: Key,
    /// How many events lead to it.
    pub depth: usize,
}

impl Draft {
    pub fn predicate(&mut self) -> &mut Value {
        &mut self.statement["predicate"]
    }
}

/// A moment some hours after the seal.
pub fn hour(n: u64) -> String {
    format!("2026-12-{:02}T{:02}:00:00Z", 1 + n / 24, n % 24)
}

impl Log {
    /// A sealing by the first key, of the default case.
    pub fn new() -> Self {
        Self { members: Plan::of(vec![file("a", "1")]).members(), digests: Vec::new(), names: Vec::new() }
    }

    pub fn of(members: Members) -> Self {
        Self { members, digests: Vec::new(), names: Vec::new() }
    }

    /// The id of the original.
    pub fn original(&self) -> String {
        let statement: Value = serde_json::from_slice(self.members.bytes("statement.json")).expect("json");
        statement["predicate"]["bundleId"].as_str().expect("an id").to_owned()
    }

    /// An event after the last one, an hour later.
    pub fn draft(&self, kind: &str, key: Key) -> Draft {
        let public = key.signing().public();
        let n = self.digests.len();
        let (before, name) = match self.digests.last() {
            Some(digest) => (digest.clone(), "event"),
            None => (self.members.seal_digest().expect("a statement"), "statement.json"),
        };
        let time = hour(n as u64);
        let mut predicate = json!({
            "actor": {"keyid": key.id(), "spki": BASE64.encode(&public.to_der())},
            "branch": self.original(),
            "clock": {"source": "system"},
            "critical": {}, "extensions": {},
            "end": time, "start": time,
            "how": {"method": "by hand"},
            "kind": kind,
            "members": [],
            "where": {"place": "Hanoi"},
            "why": {"purpose": "a test"},
        });
        match kind {
            "accepted" | "refused" | "verified" => {
                predicate["found"] = json!({
                    "damage": [], "damageCount": 0, "exit": 0,
                    "sealDigest": self.members.seal_digest(), "verdict": "verified",
                });
            }
            "destroyed" => predicate["disposal"] = json!({"authority": "a court", "method": "shredded"}),
            "copied" => predicate["copy"] = "c0".repeat(16).into(),
            _ => {}
        }
        if kind == "refused" {
            predicate["reasons"] = "not what was asked for".into();
        }
        // The sealer's own envelope is listed by the first event alone.
        if n == 0 {
            let envelopes = self.members.iter().filter(|(name, _)| name.starts_with("seal/"));
            let mut listed: Vec<_> =
                envelopes.map(|(name, bytes)| json!({"name": name, "sha256": hex(&sha256(bytes))})).collect();
            listed.sort_by_key(|it| it["name"].as_str().expect("a name").to_owned());
            predicate["members"] = listed.into();
        }
        let statement = json!({
            "_type": "https://in-toto.io/Statement/v1",
            "predicate": predicate,
            "predicateType": "urn:scelle:event:1",
            "subject": [{"digest": {"sha256": before}, "name": name}],
        });
        Draft { statement, key, depth: n + 1 }
    }

    /// Writes a draft.
    pub fn put(self, draft: &Draft) -> Self {
        let payload = json_bytes(&draft.statement);
        self.put_payload(draft, payload)
    }

    /// Writes these bytes in the place of the draft's.
    pub fn put_payload(mut self, draft: &Draft, payload: Vec<u8>) -> Self {
        let digest = hex(&sha256(&payload));
        let kind = draft.statement["predicate"]["kind"].as_str().unwrap_or("noted").replace('_', "-");
        let name = format!("custody/{:04}-{kind}-{}.dsse.json", draft.depth, &digest[..8]);
        let envelope = draft.key.signing().seal_envelope(&payload).expect("a signature").to_bytes();
        self.members = self.members.added(&name, envelope);
        self.digests.push(digest);
        self.names.push(name);
        self
    }

    /// One more event.
    pub fn then(self, kind: &str, key: Key) -> Self {
        self.with(kind, key, |_| ())
    }

    /// One more event, changed.
    pub fn with(self, kind: &str, key: Key, change: impl FnOnce(&mut Draft)) -> Self {
        let mut draft = self.draft(kind, key);
        change(&mut draft);
        self.put(&draft)
    }

    /// An offer to a key.
    pub fn offered(self, key: Key, to: Key) -> Self {
        self.with("offered", key, |draft| draft.predicate()["to"] = json!({"keyid": to.id()}))
    }

    /// An offer to a party.
    pub fn offered_to(self, key: Key, party: &str) -> Self {
        self.with("offered", key, |draft| draft.predicate()["to"] = json!({"party": party}))
    }

    /// A hand-over.
    pub fn handed(self, from: Key, to: Key) -> Self {
        self.offered(from, to).then("accepted", to)
    }

    /// Without an event.
    pub fn without(mut self, event: usize) -> Self {
        self.members = self.members.without(&self.names[event]);
        self
    }

    /// As it was after so many events.
    pub fn rewound(&self, count: usize) -> Self {
        let names = &self.names[count..];
        let members = self.members.iter().filter(|(name, _)| !names.contains(name)).cloned().collect();
        Self { members, digests: self.digests[..count].to_vec(), names: self.names[..count].to_vec() }
    }

    /// With all that another has and this has not.
    pub fn merged(mut self, other: &Self) -> Self {
        for (name, bytes) in &other.members {
            if !self.members.iter().any(|(known, _)| known == name) {
                self.members = self.members.added(name, bytes.clone());
            }
        }
        self
    }

    /// The bytes of an event's member.
    pub fn envelope(&self, event: usize) -> Vec<u8> {
        self.members.bytes(&self.names[event]).clone()
    }
}
