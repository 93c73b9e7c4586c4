//! Logs as large as they may be.

use scelle::format::member::MemberName;
use scelle::verify::{Outcome, Verification, rules};
use serde_json::{Value, json};

use super::{checks, verify_zip};
use crate::reference::{self, hex, json_bytes, sha256};
use crate::sealed::test_key;

/// A bundle with so many time-stamps, and remarks that each list so many of them.
fn listing(stamps: usize, counts: &[usize]) -> Verification {
    let mut members = crate::sealed::reference_of(&super::few_items(), &crate::sealed::Shape::small()).members;
    let statement = &members.iter().find(|(name, _)| name == "statement.json").expect("it").1;
    let bundle: Value = serde_json::from_slice(statement).expect("JSON");
    let public = test_key().public();
    let (mut before, mut subject) = (hex(&sha256(statement)), "statement.json");
    let names: Vec<String> = (0..stamps).map(|n| format!("timestamps/{n:06}.tsr")).collect();
    let digest = hex(&sha256(b"x"));
    members.extend(names.iter().map(|name| (name.clone(), b"x".to_vec())));
    for (depth, &count) in counts.iter().enumerate() {
        let listed: Vec<_> = names[..count].iter().map(|name| json!({"name": name, "sha256": digest})).collect();
        let time = "2090-01-01T00:00:00Z";
        let event = json!({
            "_type": "https://in-toto.io/Statement/v1",
            "predicate": {
                "actor": {"keyid": public.key_id(), "spki": data_encoding::BASE64.encode(&public.to_der())},
                "branch": bundle["predicate"]["bundleId"], "clock": {"source": "system"}, "critical": {},
                "end": time, "extensions": {}, "how": {"method": "m"}, "kind": "noted", "members": listed,
                "start": time, "where": {"place": "p"}, "why": {"purpose": "p"},
            },
            "predicateType": "urn:scelle:event:1",
            "subject": [{"digest": {"sha256": before}, "name": subject}],
        });
        let payload = json_bytes(&event);
        (before, subject) = (hex(&sha256(&payload)), "event");
        let name = format!("custody/{:04}-noted-{}.dsse.json", depth + 1, &before[..8]);
        assert!(MemberName::parse(&name).is_some());
        members.push((name, test_key().seal_envelope(&payload).expect("a signature").to_bytes()));
    }
    verify_zip(&reference::zip_bytes(&members))
}

/// LIM-21: at the limit, and one beyond.
#[test]
fn events_list_as_many_members_as_they_may() {
    let mut counts = vec![10_000; 100];
    let verification = listing(10_000, &counts);
    assert_eq!(super::failed_rules(&verification), ["V-15 time.name"], "the time-stamps are junk");
    assert_eq!(verification.ledger.passed(&rules::CUSTODY_MEMBERS), 1_000_000);
    counts.push(1);
    let beyond = listing(10_000, &counts);
    let failed: Vec<_> = checks(&beyond, &rules::EVENT_FORM);
    assert_eq!((failed.len(), failed[0].outcome), (1, Outcome::Failed));
}

/// LIM-2, EVT-1: an event is as long as it may be, or longer.
#[test]
fn an_event_that_is_too_long_is_none() {
    let with = |len: usize| {
        let mut members = crate::sealed::reference_of(&super::few_items(), &crate::sealed::Shape::small()).members;
        members.push(("custody/0001-noted-00000000.dsse.json".into(), vec![b' '; len]));
        super::failed_rules(&verify_zip(&reference::zip_bytes(&members)))
    };
    assert_eq!(with(2 << 20), ["V-13 event.form"]);
    assert_eq!(with((2 << 20) + 1), ["V-1 member.name", "V-13 event.form"]);
}
