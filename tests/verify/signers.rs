//! Who signed, who had to, and whom the user trusts.

use std::sync::Arc;
use std::sync::atomic::AtomicBool;

use scelle::format::spki::PublicKey;
use scelle::sign::SigningKey;
use scelle::verify::{Options, SignatureState, Verdict, Verification, ZipFile, rules, verify};
use serde_json::{Value, json};

use super::{checks, failed_rules, few_items, options};
use crate::forge::{Forge, envelope_by};
use crate::reference;
use crate::sealed::{Shape, reference_of, required_signer, test_key, test_key_p256};

fn verify_for(zip: &[u8], signers: &[PublicKey]) -> Verification {
    let cancel = AtomicBool::new(false);
    let bundle = ZipFile::open(Arc::new(zip.to_vec())).expect("memory can be read");
    verify(&bundle, &options(signers, &cancel)).expect("nobody interrupts")
}

/// A bundle that requires both test keys, with this threshold, signed by these.
fn sealed_by_two(threshold: u64, signed: &[SigningKey]) -> Vec<u8> {
    let mut forge = Forge::of(&few_items(), &Shape::small());
    let mut keys = [test_key(), test_key_p256()].map(|key| json!(required_signer(&key))).to_vec();
    keys.sort_by_key(|key| key["keyid"].as_str().expect("an id").to_owned());
    forge.predicate()["requiredSigners"] = json!({"keys": keys, "threshold": threshold});
    let mut members = forge.members_sealed();
    members.pop();
    let statement = members.last().expect("a statement").1.clone();
    members.extend(signed.iter().map(|key| envelope_by(key, &statement)));
    reference::zip_bytes(&members)
}

#[test]
fn a_required_key_in_padded_pieces_is_no_key() {
    let mut forge = Forge::of(&few_items(), &Shape::small());
    let signer = &mut forge.predicate()["requiredSigners"]["keys"][0];
    let der = test_key().public().to_der();
    let pieces = [&der[..4], &der[4..]].map(|piece| data_encoding::BASE64.encode(piece));
    signer["spki"] = pieces.concat().into();
    let verification = verify_for(&forge.zip(), &[test_key().public()]);
    assert_eq!(verification.verdict, Verdict::Refuted);
    assert_eq!(failed_rules(&verification), [rules::STATEMENT_FORM.id]);
}

#[test]
fn without_a_trusted_key_it_is_intact_and_not_trusted() {
    let zip = reference_of(&few_items(), &Shape::small()).zip;
    for trusted in [vec![], vec![test_key_p256().public()]] {
        let verification = verify_for(&zip, &trusted);
        assert_eq!(verification.verdict, Verdict::NotTrusted);
        assert_eq!(failed_rules(&verification), ["V-12 signers"]);
        // The signature itself is verified: the statement names the key.
        let [signer] = &verification.signers[..] else { panic!("{:?}", verification.signers) };
        assert_eq!((signer.signature, signer.is_trusted), (SignatureState::Valid, false));
    }
}

#[test]
fn the_threshold_counts_required_keys_that_are_trusted_and_have_signed() {
    let both = || vec![test_key(), test_key_p256()];
    let trust = |keys: &[SigningKey]| keys.iter().map(SigningKey::public).collect::<Vec<_>>();
    let trust_both = trust(&both());
    for (threshold, signed, trusted, expected) in [
        (2, both(), trust_both.clone(), Verdict::Verified),
        (2, both(), trust(&[test_key()]), Verdict::NotTrusted),
        (2, vec![test_key()], trust_both.clone(), Verdict::NotTrusted),
        (1, vec![test_key_p256()], trust_both.clone(), Verdict::Verified),
        (1, vec![test_key()], trust(&[test_key_p256()]), Verdict::NotTrusted),
        (1, both(), trust(&[test_key_p256()]), Verdict::Verified),
    ] {
        let verification = verify_for(&sealed_by_two(threshold, &signed), &trusted);
        assert_eq!(verification.verdict, expected, "threshold {threshold}, {} trusted", trusted.len());
    }
}

#[test]
fn the_same_key_given_twice_counts_once() {
    let zip = sealed_by_two(2, &[test_key()]);
    let verification = verify_for(&zip, &[test_key().public(), test_key().public()]);
    assert_eq!(verification.verdict, Verdict::NotTrusted);
}

#[test]
fn a_foreign_envelope_is_reported_and_decides_nothing() {
    let mut members = reference_of(&few_items(), &Shape::small()).members;
    let statement = members[members.len() - 2].1.clone();
    members.push(envelope_by(&test_key_p256(), &statement));
    let zip = reference::zip_bytes(&members);
    let verification = verify_for(&zip, &[test_key().public()]);
    assert_eq!(verification.verdict, Verdict::Verified);
    assert_eq!(checks(&verification, &rules::ENVELOPE_FOREIGN).len(), 1);
    // Trusted, it is verified, and still not one that the statement asks for.
    let verification = verify_for(&zip, &[test_key_p256().public()]);
    assert_eq!(verification.verdict, Verdict::NotTrusted);
    let states: Vec<_> = verification.signers.iter().map(|signer| (signer.role.is_some(), signer.signature)).collect();
    assert_eq!(states.len(), 2);
    assert!(states.iter().all(|(_, state)| *state == SignatureState::Valid));
}

/// Changes the first envelope's JSON.
fn with_envelope(change: impl Fn(&mut Value)) -> Vec<u8> {
    let mut members = reference_of(&few_items(), &Shape::small()).members;
    let envelope = &mut members.last_mut().expect("an envelope").1;
    let mut value: Value = serde_json::from_slice(envelope).expect("json");
    change(&mut value);
    *envelope = reference::json_bytes(&value);
    reference::zip_bytes(&members)
}

#[test]
fn a_signature_that_does_not_hold_refutes() {
    let other = data_encoding::BASE64.encode(&test_key().sign(b"something else").expect("a signature"));
    let zip = with_envelope(|value| value["signatures"][0]["sig"] = other.clone().into());
    for trusted in [vec![test_key().public()], vec![]] {
        let verification = verify_for(&zip, &trusted);
        assert_eq!(verification.verdict, Verdict::Refuted);
        assert!(failed_rules(&verification).contains(&rules::ENVELOPE_SIGNATURE.id));
        assert_eq!(verification.signers[0].signature, SignatureState::Invalid);
    }
}

#[test]
fn an_envelope_has_one_form() {
    let changes: [&dyn Fn(&mut Value); 5] = [
        &|value| value["payload"] = "e30=".into(),
        &|value| value["payloadType"] = "text/plain".into(),
        &|value| value["extra"] = 1.into(),
        &|value| {
            let first = value["signatures"][0].clone();
            value["signatures"].as_array_mut().expect("signatures").push(first);
        },
        &|value| value["signatures"][0]["sig"] = "AA==\n".into(),
    ];
    for change in changes {
        let verification = verify_for(&with_envelope(change), &[test_key().public()]);
        assert_eq!(verification.verdict, Verdict::Refuted);
        assert!(failed_rules(&verification).contains(&rules::ENVELOPE_FORM.id), "{:?}", failed_rules(&verification));
    }
}

#[test]
fn an_envelope_under_another_name_or_with_another_key_id_refutes() {
    let mut members = reference_of(&few_items(), &Shape::small()).members;
    members.last_mut().expect("an envelope").0 = "seal/0123456789abcdef.dsse.json".into();
    let verification = verify_for(&reference::zip_bytes(&members), &[test_key().public()]);
    assert_eq!(failed_rules(&verification), ["V-3 envelope.name"]);
    let zip = with_envelope(|value| {
        let id = value["signatures"][0]["keyid"].as_str().expect("an id").to_owned();
        value["signatures"][0]["keyid"] = format!("{}{}", &id[..16], "0".repeat(48)).into();
    });
    let verification = verify_for(&zip, &[test_key().public()]);
    assert_eq!(verification.verdict, Verdict::Refuted);
    assert!(failed_rules(&verification).contains(&rules::ENVELOPE_NAME.id));
}

#[test]
fn a_required_key_that_is_none_or_another_refutes() {
    let other = data_encoding::BASE64.encode(&test_key_p256().public().to_der());
    for (spki, rule) in [
        ("", "V-2 statement.signers"),
        ("AAAA", "V-2 statement.signers"),
        ("not base64", "V-2 statement.form"),
        (&other, "V-2 statement.signers"),
    ] {
        let mut forge = Forge::of(&few_items(), &Shape::small());
        forge.predicate()["requiredSigners"]["keys"][0]["spki"] = spki.into();
        let verification = verify_for(&forge.zip(), &[test_key().public()]);
        assert_eq!(failed_rules(&verification), [rule], "{spki}");
    }
}

#[test]
fn a_statement_that_another_trusted_key_signed_otherwise_refutes() {
    let mut members = reference_of(&few_items(), &Shape::small()).members;
    let statement = String::from_utf8(members[members.len() - 2].1.clone()).expect("text");
    let other = statement.replace("2026-01", "2025-01");
    members.push(envelope_by(&test_key_p256(), other.as_bytes()));
    let zip = reference::zip_bytes(&members);
    let verification = verify_for(&zip, &[test_key().public(), test_key_p256().public()]);
    assert_eq!(verification.verdict, Verdict::Refuted);
    assert!(failed_rules(&verification).contains(&rules::ENVELOPE_FORM.id));
}

#[test]
fn without_any_trusted_key_a_damaged_statement_leaves_nothing_proven() {
    let mut members = reference_of(&few_items(), &Shape::small()).members;
    let at = members.len() - 2;
    members[at].1[50] ^= 1;
    let verification = verify_for(&reference::zip_bytes(&members), &[]);
    assert_eq!(verification.verdict, Verdict::Refuted);
    assert!(verification.statement.is_none() && verification.counts.is_none());
}

#[test]
fn statements_that_no_sealer_writes_are_refuted() {
    let changes: [&dyn Fn(&mut Value); 6] = [
        &|predicate| predicate["parameters"]["chunkBytes"] = 100.into(),
        &|predicate| predicate["requiredSigners"]["threshold"] = 2.into(),
        &|predicate| predicate["requiredSigners"]["keys"] = json!([]),
        &|predicate| predicate["acquisition"]["end"] = "2020-01-01T00:00:00Z".into(),
        &|predicate| predicate["more"] = 1.into(),
        &|predicate| predicate["counts"]["segments"] = 0.into(),
    ];
    for (i, change) in changes.iter().enumerate() {
        let mut forge = Forge::of(&few_items(), &Shape::small());
        change(forge.predicate());
        let verification = verify_for(&forge.zip(), &[test_key().public()]);
        assert_eq!(verification.verdict, Verdict::Refuted, "change {i}");
        assert_eq!(failed_rules(&verification), ["V-2 statement.form"], "change {i}");
    }
}

#[test]
fn what_this_version_does_not_know_cannot_be_told_but_its_members_are_proven() {
    let changes: [&dyn Fn(&mut Value); 2] = [&|predicate| predicate["critical"] = json!({"geo": 1}), &|predicate| {
        predicate["members"]["payload"] = "tar+zstd+age".into()
    }];
    for change in changes {
        let mut forge = Forge::of(&few_items(), &Shape::small());
        change(forge.predicate());
        let zip = forge.zip();
        let verification = verify_for(&zip, &[test_key().public()]);
        assert_eq!(verification.verdict, Verdict::CouldNotCheck);
        let listed = verification.ledger.passed(&rules::MEMBER_DIGEST);
        assert_eq!(listed, verification.statement.as_ref().expect("it").predicate.counts.segments * 3 + 4);
        assert_eq!(checks(&verification, &rules::CONTENT_KNOWN).len(), 1);
        // Damage to it is seen all the same.
        let mut damaged = forge.members_sealed();
        damaged.iter_mut().find(|(name, _)| name.starts_with("payload/")).expect("payload").1[10] ^= 1;
        let verification = verify_for(&reference::zip_bytes(&damaged), &[test_key().public()]);
        assert_eq!(verification.verdict, Verdict::Refuted);
        // Fixity needs to know nothing of it.
        let cancel = AtomicBool::new(false);
        let bundle = ZipFile::open(Arc::new(zip)).expect("memory");
        let options = Options { fixity: true, ..options(&[], &cancel) };
        assert_eq!(verify(&bundle, &options).expect("not interrupted").verdict, Verdict::FixityOk);
    }
    let mut forge = Forge::of(&few_items(), &Shape::small());
    forge.predicate()["extensions"] = json!({"geo": 1});
    assert_eq!(verify_for(&forge.zip(), &[test_key().public()]).verdict, Verdict::Verified);
}

#[test]
fn fixity_ends_after_the_members_and_never_says_verified() {
    let cancel = AtomicBool::new(false);
    let sealed = reference_of(&few_items(), &Shape::small());
    let run = |zip: Vec<u8>, signers: &[PublicKey]| {
        let options = Options { fixity: true, ..options(signers, &cancel) };
        verify(&ZipFile::open(Arc::new(zip)).expect("memory"), &options).expect("not interrupted")
    };
    let verification = run(sealed.zip.clone(), &[test_key().public()]);
    assert_eq!(verification.verdict, Verdict::FixityOk);
    assert!(verification.ledger.tally(&rules::ROOT).is_none() && verification.counts.is_none());
    for i in 0..sealed.members.len() - 1 {
        let mut members = sealed.members.clone();
        members[i].1[3] ^= 1;
        assert_eq!(run(reference::zip_bytes(&members), &[]).verdict, Verdict::Refuted, "{}", members[i].0);
    }
    let mut members = sealed.members;
    members.retain(|(name, _)| name != "index/00000001.bin");
    assert_eq!(run(reference::zip_bytes(&members), &[]).verdict, Verdict::Refuted);
}
