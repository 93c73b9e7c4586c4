//! Signed documents: statement, envelope, case and list. What parses is written again to the same bytes.

use scelle::format::case::CaseJson;
use scelle::format::dsse::{Envelope, pae};
use scelle::format::list::List;
use scelle::format::member::MemberName;
use scelle::format::statement::Statement;

use super::golden::each_member;
use super::json::assert_canonical;
use crate::sealed::{test_key, test_key_p256};

pub fn statement(data: &[u8]) {
    let Ok(statement) = Statement::parse(data) else { return };
    assert!(statement.to_bytes() == data, "another form was accepted");
    assert_canonical(data);
    let predicate = &statement.predicate;
    assert!(predicate.parameters.limits().is_some(), "STM-2: cut limits that are not allowed");
    let signers = &predicate.required_signers;
    assert!((1..=signers.keys.len() as u64).contains(&signers.threshold), "STM-1: a threshold out of reach");
    assert!(predicate.acquisition.start <= predicate.acquisition.end, "STM-2: ends before it starts");
    assert!(predicate.counts.entries > 0 && predicate.counts.segments > 0, "STM-2: nothing in it");
}

pub fn statement_seeds(bundles: &[Vec<u8>]) -> Vec<Vec<u8>> {
    each_member(bundles, "statement.json", "")
}

pub fn envelope(data: &[u8]) {
    let Ok(envelope) = Envelope::from_bytes(data) else { return };
    assert!(envelope.to_bytes() == data, "another form was accepted");
    assert_canonical(data);
    let signed = pae(&envelope.statement);
    assert!(signed.ends_with(&envelope.statement) && signed.starts_with(b"DSSEv1 28 "));
    for key in [test_key(), test_key_p256()] {
        if envelope.verify(&key.public()).is_ok() {
            let own = key.seal_envelope(&envelope.statement).expect("a signature");
            assert!(own == envelope, "a signature holds that the key's owner did not make");
        }
    }
}

pub fn envelope_seeds(bundles: &[Vec<u8>]) -> Vec<Vec<u8>> {
    let mut seeds = each_member(bundles, "seal/", ".dsse.json");
    seeds.extend([test_key(), test_key_p256()].map(|key| key.seal_envelope(b"{}").expect("a signature").to_bytes()));
    seeds
}

pub fn case_json(data: &[u8]) {
    let Ok(case) = CaseJson::from_bytes(data) else { return };
    assert!(case.to_bytes().expect("what was read can be written") == data, "another form was accepted");
    assert_canonical(data);
    assert!(!case.scope.sources.is_empty(), "CASE-1: no source");
    assert!(case.scope.sources.iter().all(|source| !source.name.is_empty() && !source.path.is_empty()));
}

/// Every key there is.
const FULL_CASE: &str = concat!(
    r#"{"authority":{"name":"n","state":"FR"},"case":{"id":"c","title":"t"},"exhibit":{"description":"d","id":"e","seizedAt":"a","seizedPlace":"p"},"#,
    r#""legalBasis":{"article":"a","instrument":"i","reference":"r"},"nonce":"0a0a0a0a0a0a0a0a0a0a0a0a0a0a0a0a0a0a0a0a0a0a0a0a0a0a0a0a0a0a0a0a","#,
    r#""notes":"n","operator":{"contact":"c","name":"A","role":"r"},"safeguards":"s","scope":{"exclude":["*.tmp"],"host":"h","mountedOk":true,"oneFileSystem":true,"#,
    r#""sources":[{"device":{"backingFile":"/i","logicalSectorBytes":512,"model":"m","partitionTable":{"id":"i","kind":"gpt","partitions":["#,
    r#"{"lengthBytes":512,"name":"n","number":1,"startBytes":0,"type":"0fc63daf-8483-4772-8e79-3d69d8477de4"}],"problem":"p"},"physicalSectorBytes":4096,"#,
    r#""readOnly":true,"serial":"s","sizeBytes":1024,"uses":[{"device":"sda1","how":"mount","path":"/mnt","readOnly":true},"#,
    r#"{"device":"sda2","how":"swap","readOnly":false},{"device":"sda3","how":"mount","path_b64":"L/8=","readOnly":true},"#,
    r#"{"device":"sda","how":"unknown","readOnly":false}],"vendor":"v","wwid":"w"},"name":"phone","path":"/mnt/phone"},{"name_b64":"/w==","path_b64":"L/8="}]},"#,
    r#""source":{"make":"m","model":"m","serial":"s","writeProtection":"w"},"type":"urn:scelle:case:1"}"#,
);

pub fn case_json_seeds(bundles: &[Vec<u8>]) -> Vec<Vec<u8>> {
    let mut seeds = each_member(bundles, "case.json", "");
    seeds.push(FULL_CASE.into());
    seeds
}

pub fn list(data: &[u8]) {
    let Some(list) = List::parse(data) else { return };
    assert!(list.to_bytes() == data, "another form was accepted");
    let segments = list.segment_count();
    assert_eq!(List::len_bytes(segments), data.len() as u64, "its length is not the one that so many segments need");
    assert!(MemberName::listed(segments).eq(list.0.iter().map(|(name, _)| name.clone())), "LIST-1: other members");
    for (name, digest) in &list.0 {
        assert_eq!(list.digest(name), Some(*digest), "{name}");
    }
    assert_eq!(list.digest(&MemberName::Payload(segments)), None, "the digest of a segment that is not there");
}

pub fn list_seeds(bundles: &[Vec<u8>]) -> Vec<Vec<u8>> {
    each_member(bundles, "SEALED.sha256", "")
}
