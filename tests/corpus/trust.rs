//! Trust lists: keys at a moment, parties, lists that expired.

use data_encoding::BASE64;
use serde_json::{Value, json};

use crate::kit::log::Log;
use crate::kit::{Key, Plan, Scenario, file, scenario};
use crate::reference::json_bytes;

const A: Key = Key::Ed25519;
const B: Key = Key::P256;
/// Signs the lists.
pub const ROOT: Key = Key::Other;

pub fn scenarios() -> Vec<Scenario> {
    [keys(), parties(), lists()].into_iter().flatten().collect()
}

pub fn spki(key: Key) -> String {
    BASE64.encode(&key.signing().public().to_der())
}

/// A list of two parties: `police` with the first key, and `lab` with the second.
fn list() -> Value {
    let key = |key: Key| json!({"keyid": key.id(), "spki": spki(key), "validFrom": "2020-01-01T00:00:00Z"});
    let party =
        |id: &str, of: Key| json!({"country": "FR", "id": id, "keys": [key(of)], "name": id, "role": "laboratory"});
    json!({
        "expires": "2090-01-01T00:00:00Z", "id": "11".repeat(16), "issued": "2020-01-01T00:00:00Z", "logKeys": [],
        "parties": [party("lab", B), party("police", A)],
        "roots": {"keys": [{"keyid": ROOT.id(), "name": "root", "spki": spki(ROOT)}], "threshold": 1},
        "sequence": 1, "timestampRoots": [], "type": "urn:scelle:trust:1",
    })
}

pub fn changed(change: impl FnOnce(&mut Value)) -> Value {
    let mut list = list();
    change(&mut list);
    list
}

/// Signed by these keys, or said to be.
pub fn signed(list: &Value, by: &[Key]) -> Vec<u8> {
    let payload = json_bytes(list);
    let kind = "application/vnd.scelle.trust+json";
    let mut pae = format!("DSSEv1 {} {kind} {} ", kind.len(), payload.len()).into_bytes();
    pae.extend_from_slice(&payload);
    let mut signatures: Vec<_> = by
        .iter()
        .map(|key| json!({"keyid": key.id(), "sig": BASE64.encode(&key.signing().sign(&pae).expect("a signature"))}))
        .collect();
    signatures.sort_by_key(|it| it["keyid"].as_str().expect("an id").to_owned());
    json_bytes(&json!({"payload": BASE64.encode(&payload), "payloadType": kind, "signatures": signatures}))
}

pub const NOW: &str = "2027-01-01";

/// A log that is judged by a list, as of a moment.
fn judged(
    name: &'static str,
    clauses: &'static str,
    what: &'static str,
    log: &Log,
    list: &Value,
    at: &'static str,
) -> Scenario {
    let scenario = scenario(name, clauses, what).members(log.members.clone()).signers(&[]).level_2();
    let scenario = if log.names.is_empty() { scenario } else { scenario.custody_passes() };
    scenario.trust(signed(list, &[ROOT]), &[ROOT], at)
}

fn sealed() -> Log {
    Log::of(Plan::of(vec![file("a", "1")]).members())
}

fn keys() -> Vec<Scenario> {
    let police = |key: &'static str, value: Value| changed(move |list| list["parties"][1]["keys"][0][key] = value);
    let revoked = json!({"at": "2026-12-15T00:00:00Z", "earlierStand": true, "reason": "lost"});
    vec![
        judged("trust_list", "TRU-3 TRU-4", "A signer whom the list names.", &sealed(), &list(), NOW),
        judged(
            "trust_key_not_yet",
            "TRU-4",
            "A key a second before it is valid.",
            &sealed(),
            &police("validFrom", "2027-01-01T00:00:01Z".into()),
            NOW,
        )
        .fails("V-12"),
        judged(
            "trust_key_from_now",
            "TRU-4",
            "A key from the second on from which it is valid.",
            &sealed(),
            &police("validFrom", "2027-01-01T00:00:00Z".into()),
            NOW,
        ),
        judged(
            "trust_key_expired",
            "TRU-4",
            "A key from the second on at which it is not valid any more.",
            &sealed(),
            &police("validUntil", "2027-01-01T00:00:00Z".into()),
            NOW,
        )
        .fails("V-12"),
        judged(
            "trust_key_at_its_last_second",
            "TRU-4",
            "A key in the last second of its validity.",
            &sealed(),
            &police("validUntil", "2027-01-01T00:00:01Z".into()),
            NOW,
        ),
        judged(
            "trust_key_revoked",
            "TRU-4",
            "A key that was revoked before.",
            &sealed(),
            &police("revoked", revoked.clone()),
            NOW,
        )
        .fails("V-12"),
        judged(
            "trust_key_revoked_later",
            "TRU-4",
            "The same as of a day on which it was not revoked.",
            &sealed(),
            &police("revoked", revoked),
            "2026-12-14",
        ),
        judged(
            "trust_signer_not_listed",
            "TRU-4",
            "A signer whom the list does not name.",
            &sealed(),
            &changed(|list| {
                list["parties"].as_array_mut().expect("parties").pop();
            }),
            NOW,
        )
        .fails("V-12"),
        judged(
            "trust_of_an_event",
            "V-14",
            "An event by a key that was revoked.",
            &sealed().handed(A, B),
            &changed(|list| {
                list["parties"][0]["keys"][0]["revoked"] =
                    json!({"at": "2026-12-15T00:00:00Z", "earlierStand": false, "reason": "lost"});
            }),
            NOW,
        )
        .fails("V-14"),
    ]
}

fn parties() -> Vec<Scenario> {
    let two_keys = changed(|list| {
        let key = list["parties"][0]["keys"][0].clone();
        list["parties"].as_array_mut().expect("parties").remove(0);
        let keys = list["parties"][0]["keys"].as_array_mut().expect("keys");
        keys.push(key);
        keys.sort_by_key(|key| key["keyid"].as_str().expect("an id").to_owned());
    });
    vec![
        judged(
            "party_accepts",
            "CUS-3",
            "An offer to a party, which accepts it.",
            &sealed().offered_to(A, "lab").then("accepted", B),
            &list(),
            NOW,
        ),
        judged(
            "party_of_two_keys_acts",
            "CUS-3",
            "Another key of the party that sealed acts for it.",
            &sealed().then("stored", B),
            &two_keys,
            NOW,
        ),
        judged(
            "another_party_acts",
            "CUS-3",
            "Somebody who does not hold it acts.",
            &sealed().then("stored", B),
            &list(),
            NOW,
        )
        .fails("V-13"),
        judged(
            "another_party_accepts",
            "CUS-3",
            "An offer to one party is accepted by another.",
            &sealed().offered_to(A, "police").then("accepted", B),
            &list(),
            NOW,
        )
        .fails("V-13"),
        judged(
            "former_holder_acts",
            "CUS-3",
            "Who gave it away acts again.",
            &sealed().handed(A, B).then("stored", A),
            &list(),
            NOW,
        )
        .fails("V-13"),
        judged(
            "withdrawn_by_the_other",
            "CUS-3",
            "An offer that is taken back by whom it was made to.",
            &sealed().offered(A, B).then("offer_withdrawn", B),
            &list(),
            NOW,
        )
        .fails("V-13"),
    ]
}

fn lists() -> Vec<Scenario> {
    vec![
        judged(
            "trust_list_expired",
            "TRU-4 V-14",
            "A list that has expired.",
            &sealed(),
            &changed(|list| list["expires"] = "2027-01-01T00:00:00Z".into()),
            NOW,
        )
        .fails("V-14"),
        judged(
            "trust_list_of_later",
            "TRU-4",
            "A list that was issued after the moment for which it is judged.",
            &sealed(),
            &changed(|list| list["issued"] = "2027-06-01T00:00:00Z".into()),
            NOW,
        ),
    ]
}
