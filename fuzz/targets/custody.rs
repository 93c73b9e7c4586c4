//! Custody events and trust lists. What parses is written again to the same bytes.

use std::path::Path;

use scelle::format::dsse::Envelope;
use scelle::format::event::{Event, member_name};
use scelle::format::member::MemberName;
use scelle::format::trust_list::SignedTrustList;
use scelle::hash::sha256;

use super::golden::each_member;
use super::json::assert_canonical;

/// The payload of an event.
pub fn event(data: &[u8]) {
    let Ok(event) = Event::parse(data) else { return };
    assert!(event.to_bytes() == data, "another form was accepted");
    assert_canonical(data);
    let predicate = &event.predicate;
    assert!(event.key().is_some_and(|key| key.key_id() == predicate.actor.keyid), "EVT-1: another key");
    assert!(predicate.start <= predicate.end, "EVT-1: ends before it starts");
    assert!(predicate.members.is_sorted_by(|a, b| a.name < b.name), "EVT-1: members");
    let name = member_name(u64::MAX, predicate.kind, sha256(data));
    assert!(MemberName::parse(&name.to_string()).is_some(), "EVT-2: no name that a member can have: {name}");
}

pub fn event_seeds(bundles: &[Vec<u8>]) -> Vec<Vec<u8>> {
    let envelopes = each_member(bundles, "custody/", ".dsse.json");
    envelopes.iter().filter_map(|bytes| Some(Envelope::from_bytes(bytes).ok()?.statement)).collect()
}

/// A trust list with its signatures.
pub fn trust_list(data: &[u8]) {
    let Ok(signed) = SignedTrustList::parse(data) else { return };
    assert!(signed.to_bytes() == data, "another form was accepted");
    assert_canonical(data);
    assert_canonical(&signed.payload);
    let list = &signed.list;
    let roots = list.roots.public_keys();
    assert!(roots.len() == list.roots.keys.len() && list.roots.threshold >= 1, "TRU-1: roots");
    assert!(signed.signed_by(&roots).len() <= signed.signatures.len());
    let keys: std::collections::BTreeSet<_> =
        list.parties.iter().flat_map(|party| &party.keys).map(|key| key.keyid).collect();
    assert_eq!(
        keys.len(),
        list.parties.iter().map(|party| party.keys.len()).sum::<usize>(),
        "TRU-2: a key of two parties"
    );
}

pub fn trust_list_seeds(_: &[Vec<u8>]) -> Vec<Vec<u8>> {
    let keys = Path::new(env!("CARGO_MANIFEST_DIR")).ancestors().map(|dir| dir.join("fixtures/corpus/keys"));
    let dir = keys.into_iter().find(|dir| dir.is_dir()).expect("the corpus");
    let files = std::fs::read_dir(dir).expect("the corpus").map(|entry| entry.expect("an entry").path());
    let lists = files.filter(|path| path.extension().is_some_and(|end| end == "trust"));
    lists.map(|path| std::fs::read(path).expect("a list")).collect()
}
