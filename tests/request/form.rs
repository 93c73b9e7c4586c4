//! The form of requests and replies: one for each, within limits.

use scelle::format::dsse::{self, Signature};
use scelle::format::reply::{REPLY_PAYLOAD_TYPE, SignedReply};
use scelle::format::request::{REQUEST_PAYLOAD_TYPE, SignedRequest};
use scelle::format::signed::DocumentError;

const REQUEST: &str = r#"{"article":40,"from":{"authority":{},"state":"VN"},"id":"1","items":[{"id":"a"}],"measure24x7":"e","purposes":["other"],"to":{"state":"FR"},"type":"urn:scelle:request:1"}"#;
const REPLY: &str = r#"{"at":"2026-11-12T00:00:00Z","by":{"authority":"A","state":"FR"},"grounds":["21b"],"outcome":"refused","request":"0a0a0a0a0a0a0a0a0a0a0a0a0a0a0a0a0a0a0a0a0a0a0a0a0a0a0a0a0a0a0a0a","type":"urn:scelle:reply:1","withheld":[{"item":"a","reason":"b"}]}"#;

fn enveloped(payload_type: &str, payload: &str) -> Vec<u8> {
    let key_id = scelle::format::digest::KeyId([1; 32]);
    dsse::encode(payload_type, payload.as_bytes(), &[Signature { key_id, bytes: vec![1] }])
}

fn request(payload: &str) -> Result<SignedRequest, DocumentError> {
    SignedRequest::parse(&enveloped(REQUEST_PAYLOAD_TYPE, payload))
}

fn reply(payload: &str) -> Result<SignedReply, DocumentError> {
    SignedReply::parse(&enveloped(REPLY_PAYLOAD_TYPE, payload))
}

/// REQ-2, REP-2.
#[test]
fn a_document_has_one_form() {
    assert!(request(REQUEST).is_ok() && reply(REPLY).is_ok());
    for (from, to) in [
        ("\"article\":40", "\"article\":26"),
        ("\"article\":40", "\"article\":\"40\""),
        ("\"article\":40", "\"article\": 40"),
        ("\"state\":\"VN\"", "\"state\":\"vn\""),
        ("\"id\":\"1\"", "\"id\":\"\""),
        ("\"id\":\"1\",", ""),
        ("[{\"id\":\"a\"}]", "[]"),
        ("[{\"id\":\"a\"}]", "[{\"id\":\"a\"},{\"id\":\"a\"}]"),
        ("[\"other\"]", "[\"other\",\"other\"]"),
        ("[\"other\"]", "[\"another\"]"),
        ("\"e\"", "\"f\""),
        ("\"e\"", "null"),
        ("request:1", "request:2"),
        ("\"id\":\"1\"", "\"extra\":1,\"id\":\"1\""),
    ] {
        let changed = REQUEST.replacen(from, to, 1);
        assert!(changed != REQUEST && request(&changed).is_err(), "{from} -> {to}");
    }
    for (from, to) in [
        ("refused", "declined"),
        ("[\"21b\"]", "[\"21b\",\"21b\"]"),
        ("[\"21b\"]", "[\"21e\"]"),
        ("0a0a", "0A0a"),
        ("2026-11-12T00:00:00Z", "2026-11-12"),
        ("{\"item\":\"a\",\"reason\":\"b\"}", "{\"item\":\"a\"}"),
        ("reply:1", "request:1"),
    ] {
        let changed = REPLY.replacen(from, to, 1);
        assert!(changed != REPLY && reply(&changed).is_err(), "{from} -> {to}");
    }
}

/// REP-2.
#[test]
fn every_field_of_a_reply_stands_in_rfc_8785_order() {
    let all = REPLY
        .replace("\"by\":", "\"bundle\":\"0b0b0b0b0b0b0b0b0b0b0b0b0b0b0b0b0b0b0b0b0b0b0b0b0b0b0b0b0b0b0b0b\",\"by\":")
        .replace("\"grounds\":", "\"effectedAt\":\"2026-11-12\",\"expiresAt\":\"2027-11-12\",\"grounds\":")
        .replace("\"request\":", "\"previous\":\"0c0c0c0c0c0c0c0c0c0c0c0c0c0c0c0c0c0c0c0c0c0c0c0c0c0c0c0c0c0c0c0c\",\"reasons\":\"why\",\"request\":");
    let read = reply(&all).expect("a reply");
    let value: serde_json::Value = serde_json::from_slice(&read.payload).expect("json");
    assert_eq!((value.to_string(), value.as_object().expect("an object").len()), (all, 12));
}

/// REQ-1, REP-1.
#[test]
fn a_document_is_signed_and_as_what_it_is() {
    let unsigned = dsse::encode(REQUEST_PAYLOAD_TYPE, REQUEST.as_bytes(), &[]);
    assert!(matches!(SignedRequest::parse(&unsigned), Err(DocumentError::NotSigned)));
    assert!(SignedRequest::parse(&enveloped(REPLY_PAYLOAD_TYPE, REQUEST)).is_err());
    assert!(SignedReply::parse(&enveloped(REQUEST_PAYLOAD_TYPE, REPLY)).is_err());
}

/// LIM-23: at the limit, and one beyond.
#[test]
fn a_payload_is_as_long_as_it_may_be() {
    let of_len = |len: usize| {
        let mut texts = vec![16_384; (len - REQUEST.len()) / 16_500];
        let item = |n: usize, text: usize| format!(",{{\"description\":\"{}\",\"id\":\"{n}\"}}", "x".repeat(text));
        let build = |texts: &[usize]| {
            let items: String = texts.iter().enumerate().map(|(n, &text)| item(n, text)).collect();
            REQUEST.replacen("{\"id\":\"a\"}", &format!("{{\"id\":\"a\"}}{items}"), 1)
        };
        texts.push(1);
        let rest = len - build(&texts).len();
        let half = rest / 2;
        assert!(half < 16_000, "{half}");
        *texts.last_mut().expect("one") = 1 + rest.min(16_000);
        let payload = build(&texts);
        let missing = len - payload.len();
        let payload = payload.replacen(
            "\"to\":",
            &format!("\"subject\":\"{}\",\"to\":", "y".repeat(missing.saturating_sub(13).max(1))),
            1,
        );
        let over = payload.len() - len;
        payload.replacen(&"x".repeat(over + 1), "x", 1)
    };
    let (most, more) = (of_len(1 << 20), of_len((1 << 20) + 1));
    assert_eq!((most.len(), more.len()), (1 << 20, (1 << 20) + 1));
    assert!(request(&most).is_ok(), "{:?}", request(&most).err());
    assert!(matches!(request(&more), Err(DocumentError::TooLong)));
}

/// LIM-24: at the limit, and one beyond.
#[test]
fn a_list_has_as_many_items_as_it_may() {
    let with = |count: usize| {
        let items: Vec<_> = (0..count).map(|n| format!("{{\"id\":\"{n}\"}}")).collect();
        request(&REQUEST.replacen("{\"id\":\"a\"}", &items.join(","), 1))
    };
    assert!(with(1_000).is_ok());
    assert!(matches!(with(1_001), Err(DocumentError::Value(_))));
    let withheld = |count: usize| {
        let items: Vec<_> = (0..count).map(|n| format!("{{\"item\":\"{n}\",\"reason\":\"b\"}}")).collect();
        reply(&REPLY.replacen("{\"item\":\"a\",\"reason\":\"b\"}", &items.join(","), 1))
    };
    assert!(withheld(1_000).is_ok());
    assert!(matches!(withheld(1_001), Err(DocumentError::Value(_))));
}
