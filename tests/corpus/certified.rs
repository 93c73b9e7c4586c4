//! Keys that certificates vouch for: what counts, as of when, and under which name.

use data_encoding::BASE64;
use serde_json::{Value, json};

use crate::kit::authority::{
    Certificate, Draft, EXTENDED_KEY_USAGE, KEY_USAGE, Profile, Signing, for_others, for_stamps, member_name, tlv,
    usages,
};
use crate::kit::log::Log;
use crate::kit::{Key, Members, MembersExt, Plan, Scenario, file, scenario};
use crate::trust::{NOW, ROOT, changed, signed, spki};

const A: Key = Key::Ed25519;
const ROOT_KEY: Signing = Signing::P256(0x51);
const ORGANIZATION: &str = "55040a";
const COUNTRY: &str = "550406";
const SERVER: &str = "2b06010505070301";

pub fn scenarios() -> Vec<Scenario> {
    [paths(), names(), usages_of_keys(), moments(), of_the_list(), form()].into_iter().flatten().collect()
}

fn root() -> Certificate {
    Certificate::root("Test State PKI", ROOT_KEY)
}

/// What the certificate of whoever seals says.
fn profile() -> Profile {
    Profile {
        more_names: vec![(COUNTRY, 0x13, "VN"), (ORGANIZATION, 0x0c, "Cyber Unit")],
        extensions: vec![(KEY_USAGE, true, tlv(3, &[&[7, 0x80]]))],
        ..for_stamps("Test Officer", 9, Signing::Bundle(A))
    }
}

fn with(certificates: &Value) -> Members {
    let mut forge = Plan::of(vec![file("a", "1")]).forge();
    forge.predicate()["requiredSigners"]["keys"][0]["certificates"] = certificates.clone();
    forge.members_sealed()
}

fn chain(certificates: &[&Certificate]) -> Value {
    certificates.iter().map(|it| BASE64.encode(&it.der)).collect()
}

/// A list in which a party has no key, and these rules.
fn list_of(rules: Value) -> Value {
    changed(|list| {
        list["parties"][1]["keys"] = json!([]);
        list["parties"][1]["certificates"] = rules;
    })
}

fn rule(root: &Certificate, subject: Value) -> Value {
    json!([{"root": BASE64.encode(&root.der), "subject": subject}])
}

/// The list that the other scenarios use.
fn list() -> Value {
    list_of(rule(&root(), json!({"organization": "Cyber Unit"})))
}

fn judged(name: &'static str, what: &'static str, members: Members, list: &Value, at: &'static str) -> Scenario {
    let scenario = scenario(name, "TRU-6", what).members(members).signers(&[]).level_3();
    scenario.trust(signed(list, &[ROOT]), &[ROOT], at)
}

/// Sealed by a key that has this certificate, right under the root.
fn certified(name: &'static str, what: &'static str, profile: Profile) -> Scenario {
    judged(name, what, with(&chain(&[&root().under(profile)])), &list(), NOW)
}

fn paths() -> Vec<Scenario> {
    let between = root().under(for_others("Test Ministry PKI", 2, Signing::P256(0x52)));
    let leaf = between.under(profile());
    let other = Certificate::root("Test State PKI", Signing::P256(0x53));
    let foreign = Profile { signing: Signing::Bundle(Key::P256), ..profile() };
    let of_usage = |bits: &[u8]| Profile {
        extensions: vec![("551d13", true, tlv(0x30, &[&tlv(1, &[&[0xff]])])), (KEY_USAGE, true, tlv(3, &[bits]))],
        ..for_others("Test Ministry PKI", 2, Signing::P256(0x52))
    };
    let idle = root().under(of_usage(&[1, 0x02]));
    let officer = root().under(Profile { signing: Signing::P256(0x56), ..profile() });
    // Of the name of the one between, and of other keys: none of them leads to the root.
    let others: Vec<_> = (0x60..0x66)
        .map(|byte| {
            Certificate::root("Test Nobody", Signing::P256(0x5f)).under(for_others(
                "Test Ministry PKI",
                byte,
                Signing::P256(byte),
            ))
        })
        .collect();
    vec![
        certified("certified", "A signer whose certificate a root of the list vouches for.", profile()),
        judged("certified_through_another", "There is one between.", with(&chain(&[&leaf, &between])), &list(), NOW),
        judged(
            "certified_without_the_one_between",
            "The one between did not come along.",
            with(&chain(&[&leaf])),
            &list(),
            NOW,
        )
        .fails("V-12"),
        judged(
            "certified_by_the_one_between",
            "The list names the one between as the root.",
            with(&chain(&[&leaf])),
            &list_of(rule(&between, json!({"organization": "Cyber Unit"}))),
            NOW,
        ),
        judged(
            "certified_by_one_that_may_not",
            "The one between has a key usage without keyCertSign.",
            with(&chain(&[&idle.under(profile()), &idle])),
            &list(),
            NOW,
        )
        .fails("V-12"),
        judged(
            "certified_by_an_officer",
            "The list names a certificate of nobody who certifies others as the root.",
            with(&chain(&[&officer.under(profile())])),
            &list_of(rule(&officer, json!({"organization": "Cyber Unit"}))),
            NOW,
        )
        .fails("V-12"),
        judged(
            "certified_by_many_of_one_name",
            "Seven between, six of them of one name: the path is there, but others are too.",
            with(&chain(&[&[&leaf][..], &others.iter().collect::<Vec<_>>(), &[&between]].concat())),
            &list(),
            NOW,
        ),
        judged(
            "certified_by_another_root",
            "A root of the same name with another key.",
            with(&chain(&[&other.under(profile())])),
            &list(),
            NOW,
        )
        .fails("V-12"),
        certified("certified_of_another_key", "The certificate is of another key.", foreign).fails("V-12"),
        judged("certified_by_rubbish", "What should be a certificate is none.", with(&json!(["AAAA"])), &list(), NOW)
            .fails("V-12"),
        judged(
            "certified_by_the_second",
            "The certificate of the key is the second one.",
            with(&chain(&[&between, &leaf])),
            &list(),
            NOW,
        )
        .fails("V-12"),
    ]
}

fn names() -> Vec<Scenario> {
    let named = |name, what, subject: Value| {
        let members = with(&chain(&[&root().under(profile())]));
        judged(name, what, members, &list_of(rule(&root(), subject)), NOW)
    };
    let both = json!({"country": "VN", "organization": "Cyber Unit"});
    let half = json!({"country": "FR", "organization": "Cyber Unit"});
    let two = json!([
        {"root": BASE64.encode(&root().der), "subject": {"organization": "Customs"}},
        {"root": BASE64.encode(&root().der), "subject": {"commonName": "Test Officer"}},
    ]);
    let members = with(&chain(&[&root().under(profile())]));
    vec![
        named("certified_of_two_names", "Two attributes are asked for, and there.", both),
        named("certified_of_one_name_of_two", "One of two attributes is another one.", half).fails("V-12"),
        named("certified_of_another_name", "Another organization.", json!({"organization": "Cyber"})).fails("V-12"),
        named("certified_of_a_longer_name", "The name goes on.", json!({"organization": "Cyber Unit 2"})).fails("V-12"),
        named("certified_of_no_such_name", "An attribute that is not there.", json!({"serialNumber": "1"}))
            .fails("V-12"),
        judged("certified_by_the_second_rule", "The second rule of a party fits.", members, &list_of(two), NOW),
    ]
}

fn usages_of_keys() -> Vec<Scenario> {
    let extended = |extensions| Profile { extensions, ..profile() };
    let usage = |bits: &[u8]| (KEY_USAGE, true, tlv(3, &[bits]));
    let unknown = ("2a0304", true, tlv(5, &[]));
    vec![
        certified("certified_without_usage", "No key usage is told.", extended(Vec::new())),
        certified("certified_not_to_repudiate", "The usage is nonRepudiation.", extended(vec![usage(&[6, 0x40])])),
        certified("certified_to_encrypt", "The key is for encryption.", extended(vec![usage(&[5, 0x20])]))
            .fails("V-12"),
        certified(
            "certified_of_a_server",
            "An extended key usage does not matter.",
            extended(vec![usage(&[7, 0x80]), (EXTENDED_KEY_USAGE, true, usages(&[SERVER]))]),
        ),
        certified(
            "certified_of_an_authority",
            "The certificate is of who certifies others.",
            extended(vec![("551d13", true, tlv(0x30, &[&tlv(1, &[&[0xff]])]))]),
        )
        .fails("V-12"),
        certified("certified_and_more", "An extension that must be understood.", extended(vec![unknown])).fails("V-12"),
    ]
}

fn moments() -> Vec<Scenario> {
    let valid = |from, to| Profile { validity: (from, to), ..profile() };
    let expired = || valid("20200101000000Z", "20261215000000Z");
    // A time-stamp of the days on which the certificate was valid.
    let stamp = |members: Members, time| {
        let over = members.iter().find(|(name, _)| name.starts_with("seal/")).expect("an envelope").0.clone();
        let authority = Certificate::root("Test Time", Signing::P256(0x54));
        let stamper = authority.under(for_stamps("Test Stamper", 2, Signing::P256(0x55)));
        let response = Draft::over(members.bytes(&over), time, &stamper).response();
        let name = member_name(members.bytes(&over), &response);
        (members.added(&name, response), authority)
    };
    let stamped = |name, what, time| {
        let (members, authority) = stamp(with(&chain(&[&root().under(expired())])), time);
        judged(name, what, members, &list(), NOW).time_roots(&[authority])
    };
    let old = Certificate::root_until("Test State PKI", ROOT_KEY, "20261231235959Z");
    vec![
        certified("certified_expired", "The certificate is not valid any more.", expired()).fails("V-12"),
        certified(
            "certified_in_its_last_second",
            "It is valid for this second more.",
            valid("20200101000000Z", "20270101000000Z"),
        ),
        certified("certified_not_yet", "It is valid a second later.", valid("20270101000001Z", "20600101000000Z"))
            .fails("V-12"),
        stamped("certified_expired_after", "By a time-stamp it was valid.", "20261210000000Z"),
        stamped("certified_expired_before", "By the time-stamp it was expired.", "20261220000000Z").fails("V-12"),
        judged(
            "certified_by_an_expired_root",
            "The root is not valid any more.",
            with(&chain(&[&old.under(profile())])),
            &list_of(rule(&old, json!({"organization": "Cyber Unit"}))),
            NOW,
        )
        .fails("V-12"),
    ]
}

fn of_the_list() -> Vec<Scenario> {
    let members = || with(&chain(&[&root().under(profile())]));
    let key = json!({
        "keyid": A.id(), "spki": spki(A), "validFrom": "2020-01-01T00:00:00Z",
        "revoked": {"at": "2026-12-15T00:00:00Z", "earlierStand": false, "reason": "lost"},
    });
    let mut revoked = list();
    revoked["parties"][0]["keys"] = json!([key]);
    let log = Log::of(members()).with("noted", A, |_| {});
    vec![
        judged("certified_and_revoked", "The list names the key, and revokes it.", members(), &revoked, NOW)
            .fails("V-12"),
        judged("certified_event", "An event by the same key.", log.members, &list(), NOW).custody_passes(),
        scenario("certificates_without_list", "STM-5", "Certificates, and a user who names the key.")
            .members(members()),
    ]
}

fn form() -> Vec<Scenario> {
    let wrong = |name, what, certificates: Value| {
        scenario(name, "STM-5", what).members(with(&certificates)).fails("V-2").without_statement()
    };
    let of = |len: usize| BASE64.encode(&vec![0; len]);
    let many = |count: usize| Value::from(vec![of(1); count]);
    vec![
        wrong("certificates_none", "A list of no certificates.", json!([])),
        wrong("certificates_nine", "One more than a signer may have.", many(9)),
        scenario("certificates_eight", "STM-5", "As many as a signer may have.").members(with(&many(8))),
        wrong("certificate_empty", "A certificate of no bytes.", json!([""])),
        wrong("certificate_too_long", "A byte longer than it may be.", json!([of(16_385)])),
        scenario("certificate_long", "STM-5", "As long as it may be.").members(with(&json!([of(16_384)]))),
        wrong("certificate_not_base64", "No base64.", json!(["A"])),
    ]
}

/// TSP-9: a search that goes on would find thousands.
#[test]
fn of_many_paths_by_one_name_eight_are_looked_at() {
    let crowd = |byte: u8| Certificate::root("Test Crowd", Signing::P256(byte));
    let others: Vec<_> = (0x70..0x7e).map(|byte| crowd(byte).der).collect();
    let leaf = crowd(0x70).under(profile()).der;
    let root = scelle::x509::Root::from_der(&crowd(0x6f).der).expect("a root");
    let at = scelle::format::time::Instant::parse("2027-01-01T00:00:00Z").expect("a moment");
    assert_eq!(scelle::x509::paths(&leaf, &others, &[root], at).len(), 8);
}
