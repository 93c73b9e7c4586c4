//! Requests, replies, and the status of the treaty: documents that come from elsewhere.

use scelle::format::digest::KeyId;
use scelle::format::dsse::{self, Signature};
use scelle::format::reply::{REPLY_PAYLOAD_TYPE, Reply};
use scelle::format::request::Request;
use scelle::format::signed::{Document, Signed, Unsigned};
use scelle::format::time::Instant;
use scelle::profile::Treaty;
use scelle::request::findings;
use scelle::request_file;

use super::json::assert_canonical;

const DRAFT: &str = include_str!("../../docs/cases/preservation/request.toml");
const STATUS: &str = include_str!("../../profiles/treaty-status.toml");

/// A signed request.
pub fn request(data: &[u8]) {
    let Some(request) = signed::<Request>(data) else { return };
    // Judged at any moment, it makes nothing fall over.
    for seconds in [0, 1_800_000_000, 253_402_300_799] {
        let found = findings(&request, Instant::from_seconds(seconds).expect("a moment"));
        assert!(found.iter().all(|finding| finding.rule.starts_with("UNCC-") && !finding.message.is_empty()));
    }
}

/// A signed reply.
pub fn reply(data: &[u8]) {
    let _ = signed::<Reply>(data);
}

fn signed<T: Document>(data: &[u8]) -> Option<T> {
    let signed = Signed::<T>::parse(data).ok()?;
    assert_canonical(data);
    assert_canonical(&signed.payload);
    let again = dsse::encode(T::PAYLOAD_TYPE, &signed.payload, &signed.signatures);
    assert!(again == data, "another form was accepted");
    let payload = Unsigned::new(&signed.document).expect("what was accepted can be written").to_bytes(nobody());
    let alone = dsse::encode(T::PAYLOAD_TYPE, &signed.payload, &[nobody()]);
    assert!(payload == alone, "written otherwise than it was read");
    Some(signed.document)
}

fn nobody() -> Signature {
    Signature { key_id: KeyId([7; 32]), bytes: vec![1; 64] }
}

/// A request that was filled in.
pub fn request_toml(data: &[u8]) {
    let Ok(text) = std::str::from_utf8(data) else { return };
    match request_file::parse(text) {
        Ok(request) => drop(findings(&request, Instant::EPOCH)),
        Err(problems) => {
            let lines = text.matches('\n').count() + 1;
            assert!(!problems.is_empty(), "refused without a reason");
            assert!(problems.iter().all(|problem| problem.line.is_none_or(|line| (1..=lines).contains(&line))));
        }
    }
}

/// A status of the treaty.
pub fn treaty_status(data: &[u8]) {
    let Ok(text) = std::str::from_utf8(data) else { return };
    let Ok(treaty) = Treaty::parse(text) else { return };
    let states: Vec<_> = treaty.states.iter().map(|state| state.code).collect();
    for two in states.windows(2) {
        let force = treaty.between([two[0], two[1]], "2030-01-01");
        assert!(!force.is_in_force() || treaty.in_force, "in force between two, and not at all");
    }
}

pub fn request_seeds(_: &[Vec<u8>]) -> Vec<Vec<u8>> {
    let request = request_file::parse(DRAFT).expect("the draft of the worked case");
    vec![Unsigned::new(&request).expect("a request").to_bytes(nobody())]
}

pub fn reply_seeds(_: &[Vec<u8>]) -> Vec<Vec<u8>> {
    let digest = "0a".repeat(32);
    let payload = format!(
        r#"{{"at":"2026-11-22T03:17:00Z","by":{{"authority":"A","state":"FR"}},"grounds":["21b"],"outcome":"refused","reasons":"r","request":"{digest}","type":"urn:scelle:reply:1"}}"#
    );
    vec![dsse::encode(REPLY_PAYLOAD_TYPE, payload.as_bytes(), &[nobody()])]
}

pub fn request_toml_seeds(_: &[Vec<u8>]) -> Vec<Vec<u8>> {
    vec![DRAFT.into()]
}

pub fn treaty_status_seeds(_: &[Vec<u8>]) -> Vec<Vec<u8>> {
    vec![STATUS.into()]
}
