//! Envelopes: their one form, their names, and signatures that only a lenient verifier accepts.

use data_encoding::BASE64;
use serde_json::{Value, json};

use crate::forge::envelope_by;
use crate::kit::{Key, Members, MembersExt, Plan, Scenario, file, scenario};
use crate::reference::json_bytes;

pub fn scenarios() -> Vec<Scenario> {
    [forms(), signatures(), ecdsa(), foreign()].into_iter().flatten().collect()
}

fn plan(key: Key) -> Plan {
    let mut plan = Plan::of(vec![file("a", "1")]);
    (plan.keys, plan.required.0) = (vec![key], vec![key]);
    plan
}

fn members() -> Members {
    plan(Key::Ed25519).members()
}

/// The only envelope has other bytes: the key has not signed this statement.
fn spelled(
    name: &'static str,
    clauses: &'static str,
    what: &'static str,
    change: impl Fn(String) -> String,
) -> Scenario {
    let mut members = members();
    let envelope = &mut members.last_mut().expect("an envelope").1;
    let changed = change(String::from_utf8(envelope.clone()).expect("text"));
    assert!(changed.as_bytes() != *envelope, "{name} changes nothing");
    *envelope = changed.into_bytes();
    scenario(name, clauses, what).members(members).fails("V-3 V-12")
}

fn valued(name: &'static str, clauses: &'static str, what: &'static str, change: impl Fn(&mut Value)) -> Scenario {
    spelled(name, clauses, what, |text| {
        let mut value = serde_json::from_str(&text).expect("json");
        change(&mut value);
        String::from_utf8(json_bytes(&value)).expect("text")
    })
}

/// With another signature.
fn signed(name: &'static str, what: &'static str, key: Key, change: impl Fn(Vec<u8>) -> Vec<u8>) -> Scenario {
    let mut members = plan(key).members();
    let envelope = &mut members.last_mut().expect("an envelope").1;
    let mut value: Value = serde_json::from_slice(envelope).expect("json");
    let signature = BASE64.decode(value["signatures"][0]["sig"].as_str().expect("base64").as_bytes()).expect("base64");
    value["signatures"][0]["sig"] = BASE64.encode(&change(signature)).into();
    *envelope = json_bytes(&value);
    scenario(name, "ENV-4", what).members(members).signers(&[key]).fails("V-3 V-12")
}

fn forms() -> Vec<Scenario> {
    let id = Key::Ed25519.id();
    vec![
        spelled("envelope_with_white_space", "ENV-2 JSON-3", "A space in the envelope.", |text| {
            text.replace("\":\"", "\": \"")
        }),
        spelled(
            "envelope_base64_with_trailing_bits",
            "ENV-2",
            "The signature is base64 with other bits behind the last byte.",
            |text| {
                let at = text.len() - 7;
                let next = char::from(text.as_bytes()[at] + 1);
                format!("{}{next}{}", &text[..at], &text[at + 1..])
            },
        ),
        valued("envelope_with_two_signatures", "ENV-2", "Two signatures in one envelope.", |value| {
            let first = value["signatures"][0].clone();
            value["signatures"].as_array_mut().expect("signatures").push(first);
        }),
        valued("envelope_of_something_else", "ENV-2", "The payload is an empty object.", |value| {
            value["payload"] = json!("e30=")
        }),
        valued("envelope_key_id_in_upper_case", "ENV-2 ENV-3", "The key id is in upper case.", |value| {
            value["signatures"][0]["keyid"] = json!(Key::Ed25519.id().to_uppercase());
        }),
        valued(
            "envelope_key_id_like_the_required_one",
            "ENV-3",
            "A key id that shares its first 16 digits with that of the required key, whose name the envelope has.",
            move |value| {
                value["signatures"][0]["keyid"] = json!(format!("{}{}", &id[..16], "0".repeat(48)));
            },
        ),
        {
            let mut members = members();
            members.last_mut().expect("an envelope").0 = "seal/0123456789abcdef.dsse.json".into();
            scenario("envelope_under_another_name", "ENV-3", "The envelope's name is not that of its key.")
                .members(members)
                .fails("V-3")
        },
    ]
}

fn signatures() -> Vec<Scenario> {
    // The order of the group, little-endian.
    let order = data_encoding::HEXLOWER.decode(b"edd3f55c1a631258d69cf7a2def9de1400000000000000000000000000000010");
    let order = order.expect("hex");
    vec![
        signed("signature_of_something_else", "A signature over something else.", Key::Ed25519, |_| {
            Key::Ed25519.signing().sign(b"something else").expect("a signature")
        }),
        signed(
            "signature_of_the_bare_statement",
            "A signature over the statement instead of its pre-authentication encoding.",
            Key::Ed25519,
            |_| Key::Ed25519.signing().sign(members().bytes("statement.json")).expect("a signature"),
        )
        .clause("ENV-1"),
        signed(
            "signature_with_s_plus_the_order",
            "The scalar of the signature is not reduced: the equation holds, but it is not the one encoding.",
            Key::Ed25519,
            move |mut signature| {
                let mut carry = 0u16;
                for (byte, more) in signature[32..].iter_mut().zip(&order) {
                    carry += u16::from(*byte) + u16::from(*more);
                    *byte = carry.to_le_bytes()[0];
                    carry >>= 8;
                }
                signature
            },
        ),
    ]
}

/// The two integers of a DER ECDSA-Sig-Value.
fn integers(der: &[u8]) -> (Vec<u8>, Vec<u8>) {
    let r_end = 4 + usize::from(der[3]);
    (der[4..r_end].to_vec(), der[r_end + 2..].to_vec())
}

fn sequence(r: &[u8], s: &[u8]) -> Vec<u8> {
    let integer = |bytes: &[u8]| [&[2, bytes.len() as u8], bytes].concat();
    let body = [integer(r), integer(s)].concat();
    [&[0x30, body.len() as u8], &body[..]].concat()
}

fn ecdsa() -> Vec<Scenario> {
    let order = data_encoding::HEXLOWER.decode(b"ffffffff00000000ffffffffffffffffbce6faada7179e84f3b9cac2fc632551");
    let order = order.expect("hex");
    vec![
        signed(
            "ecdsa_with_the_greater_s",
            "An ECDSA signature whose s is in the upper half of the order.",
            Key::P256,
            move |der| {
                let (r, s) = integers(&der);
                let s = [vec![0; 32], s].concat();
                let s = &s[s.len() - 32..];
                let mut out = vec![0u8; 32];
                let mut borrow = 0i16;
                for i in (0..32).rev() {
                    let difference = i16::from(order[i]) - i16::from(s[i]) - borrow;
                    borrow = i16::from(difference < 0);
                    out[i] = difference.rem_euclid(256) as u8;
                }
                sequence(&r, &[vec![0], out].concat())
            },
        ),
        signed("ecdsa_with_a_leading_zero", "An ECDSA signature with a zero that s does not need.", Key::P256, |der| {
            let (r, s) = integers(&der);
            sequence(&r, &[vec![0], s].concat())
        }),
    ]
}

fn foreign() -> Vec<Scenario> {
    let statement = members().bytes("statement.json").clone();
    let (name, envelope) = envelope_by(&Key::P256.signing(), &statement);
    let mut wrong: Value = serde_json::from_slice(&envelope).expect("json");
    wrong["signatures"][0]["sig"] = json!("AAAA");
    let wrong = json_bytes(&wrong);
    let (_, elsewhere) = envelope_by(&Key::P256.signing(), b"{}");
    vec![
        scenario(
            "envelope_foreign_with_wrong_signature",
            "VER-1 ENV-2",
            "A further envelope by a key that nobody asked for, whose signature does not hold: it decides nothing.",
        )
        .members(members().added(&name, wrong.clone())),
        scenario(
            "envelope_trusted_with_wrong_signature",
            "ENV-4",
            "The same, but the user trusts that key: a signature by it must hold.",
        )
        .members(members().added(&name, wrong))
        .signers(&[Key::Ed25519, Key::P256])
        .fails("V-3"),
        scenario(
            "envelope_foreign_over_something_else",
            "ENV-2",
            "A further envelope by a key that nobody asked for, over something else.",
        )
        .members(members().added(&name, elsewhere))
        .fails("V-3"),
    ]
}
