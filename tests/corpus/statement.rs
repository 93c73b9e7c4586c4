//! The statement: its one form, its values, and which one is used.

use serde_json::{Value, json};

use crate::forge::envelope_by;
use crate::kit::plan::required_signers;
use crate::kit::{Key, Members, MembersExt, Plan, Scenario, file, scenario};

pub fn scenarios() -> Vec<Scenario> {
    [spelling(), letters(), times(), clocks(), values(), signers(), which()].into_iter().flatten().collect()
}

fn tiny() -> Plan {
    Plan::of(vec![file("a", "1")])
}

/// Members with other bytes as their statement, signed.
fn signed(bytes: Vec<u8>) -> Members {
    let mut before = tiny().members();
    before.truncate(before.at("statement.json"));
    tiny().forge().signed(before, bytes)
}

fn text() -> String {
    String::from_utf8(tiny().members().bytes("statement.json").clone()).expect("text")
}

/// A statement that is spelled otherwise, and signed: it is not well formed, and nothing else can be told.
fn spelled(name: &'static str, clauses: &'static str, what: &'static str, from: &str, to: &str) -> Scenario {
    assert!(text().contains(from), "{name}: no {from}");
    let members = signed(text().replacen(from, to, 1).into_bytes());
    scenario(name, clauses, what).members(members).fails("V-2").without_statement()
}

/// A statement with another value in its predicate.
fn valued(name: &'static str, clauses: &'static str, what: &'static str, change: impl Fn(&mut Value)) -> Scenario {
    let mut forge = tiny().forge();
    change(forge.predicate());
    scenario(name, clauses, what).members(forge.members_sealed()).fails("V-2").without_statement()
}

fn spelling() -> Vec<Scenario> {
    vec![
        spelled(
            "json_number_with_exponent",
            "JSON-1 JSON-3",
            "A number is written with an exponent.",
            "\"level\":3",
            "\"level\":3e0",
        ),
        spelled(
            "json_number_of_2_to_the_53",
            "JSON-1",
            "A number that not every reader of JSON can hold.",
            "\"extensions\":{}",
            "\"extensions\":{\"x\":9007199254740992}",
        ),
        spelled(
            "json_key_not_ascii",
            "JSON-2",
            "A key in `extensions` that is not ASCII.",
            "\"extensions\":{}",
            "\"extensions\":{\"é\":1}",
        ),
        spelled("json_white_space", "JSON-3", "A space behind a colon.", "\"level\":3", "\"level\": 3"),
        spelled(
            "json_keys_unordered",
            "JSON-3",
            "Two keys are not in ascending order.",
            "\"end\":\"2026-01-02T03:04:05Z\",\"start\":\"2026-01-02T03:04:05Z\"",
            "\"start\":\"2026-01-02T03:04:05Z\",\"end\":\"2026-01-02T03:04:05Z\"",
        ),
        spelled("json_key_twice", "JSON-3", "A key stands twice.", "\"level\":3", "\"level\":3,\"level\":3"),
        spelled("json_key_unknown", "JSON-3", "A key that no rule names.", "\"level\":3", "\"level\":3,\"more\":1"),
        spelled(
            "json_escape_not_needed",
            "JSON-3",
            "A letter is written as an escape.",
            "\"role\":\"sealer\"",
            "\"role\":\"se\\u0061ler\"",
        ),
        spelled(
            "json_null",
            "JSON-3",
            "An optional key is there, and null.",
            "\"bundleId\"",
            "\"answers\":null,\"bundleId\"",
        ),
        spelled(
            "json_final_newline",
            "JSON-4",
            "The statement ends in a newline.",
            "\"name\":\"case.json\"}]}",
            "\"name\":\"case.json\"}]}\n",
        ),
    ]
}

fn letters() -> Vec<Scenario> {
    let deep = format!("\"extensions\":{{\"x\":{}{}}}", "[".repeat(40), "]".repeat(40));
    vec![
        spelled(
            "json_nested_too_deep",
            "LIM-17",
            "Arrays in `extensions` are nested 40 deep.",
            "\"extensions\":{}",
            &deep,
        ),
        scenario("json_not_utf8", "JSON-3", "A string that is not UTF-8.")
            .members(signed({
                let at = text().find("sealer").expect("a role");
                let mut bytes = text().into_bytes();
                bytes[at] = 0xff;
                bytes
            }))
            .fails("V-2")
            .without_statement(),
    ]
}

fn times() -> Vec<Scenario> {
    let time = |name, what, to: &str| {
        spelled(name, "TIME-2", what, "\"end\":\"2026-01-02T03:04:05Z\"", &format!("\"end\":\"{to}\""))
    };
    vec![
        time("instant_with_offset", "An instant in another zone than UTC.", "2026-01-02T03:04:05+00:00"),
        time("instant_of_no_day", "The 30th of February.", "2026-02-30T03:04:05Z"),
        valued("acquisition_ends_before_it_starts", "STM-2", "The acquisition ends before it starts.", |p| {
            p["acquisition"]["end"] = json!("2026-01-02T03:04:04Z")
        }),
    ]
}

/// What a host cannot have said of its clock.
fn clocks() -> Vec<Scenario> {
    let host = |name, what, source: &'static str, key: &'static str, value: Value| {
        valued(name, "STM-4", what, move |p| {
            let mut host = json!({"estimatedErrorUs": 1, "maxErrorUs": 2, "offsetUs": 3, "synchronised": true});
            host[key] = value.clone();
            p["clock"] = json!({"host": host, "source": source});
            p["parameters"]["timeGiven"] = json!(source == "given");
        })
    };
    let seventeen: Vec<_> = (10..27).map(|n| n.to_string()).collect();
    vec![
        host("clock_host_of_a_given_time", "A host's word on a time that was given.", "given", "offsetUs", json!(0)),
        host("clock_host_negative_error", "An error below 0.", "system", "estimatedErrorUs", json!(-1)),
        host("clock_host_ptp_twice", "A PTP clock twice.", "system", "ptpClocks", json!(["a", "a"])),
        host("clock_host_ptp_none", "An empty array of PTP clocks.", "system", "ptpClocks", json!([])),
        host("clock_host_ptp_seventeen", "17 PTP clocks.", "system", "ptpClocks", json!(seventeen)),
        host("clock_host_ptp_long", "A PTP clock of 65 bytes.", "system", "ptpClocks", json!(["n".repeat(65)])),
        host("clock_host_no_instant", "Heard in the 25th hour.", "system", "lastSync", json!("2026-01-02T25:00:00Z")),
        host("clock_host_perhaps", "Synchronised: \"yes\".", "system", "synchronised", json!("yes")),
    ]
}

fn values() -> Vec<Scenario> {
    let parameter = |name, what, key: &'static str, value: u64| {
        valued(name, "STM-2", what, move |p| p["parameters"][key] = json!(value))
    };
    vec![
        parameter("chunk_is_no_power_of_two", "The length of chunks is no power of two.", "chunkBytes", 768),
        parameter("segment_of_too_many_chunks", "A segment of 131,072 chunks.", "segmentBytes", 1 << 26),
        parameter("too_many_entries_in_a_segment", "Segments of 65,537 entries.", "entriesPerSegment", 65_537),
        valued("no_entries", "STM-2", "A statement of no entries.", |p| p["counts"]["entries"] = json!(0)),
        valued("root_in_upper_case", "STM-1", "The root is in upper case.", |p| {
            p["root"] = json!(p["root"].as_str().expect("hex").to_uppercase())
        }),
        spelled(
            "predicate_of_another_version",
            "EXT-1 STM-1",
            "A seal of version 2.",
            "urn:scelle:seal:1",
            "urn:scelle:seal:2",
        ),
    ]
}

fn signers() -> Vec<Scenario> {
    let keys = |name, what, value: Value| valued(name, "STM-1", what, move |p| p["requiredSigners"] = value.clone());
    let mut not_base64 = required_signers(&[Key::Ed25519], 1);
    not_base64["keys"][0]["spki"] = json!("not base64!");
    let both = || required_signers(&[Key::Ed25519, Key::P256], 1);
    let mut reversed = both();
    reversed["keys"].as_array_mut().expect("keys").reverse();
    let mut twice = required_signers(&[Key::Ed25519], 1);
    let first = twice["keys"][0].clone();
    twice["keys"].as_array_mut().expect("keys").push(first.clone());
    let mut many = twice.clone();
    let numbered = |i: usize| {
        let mut key = first.clone();
        key["keyid"] = json!(format!("{i:064x}"));
        key
    };
    many["keys"] = (0..64).map(numbered).chain([first.clone()]).collect();
    vec![
        keys("threshold_zero", "No signature is required.", required_signers(&[Key::Ed25519], 0)),
        keys(
            "threshold_above_the_keys",
            "Two signatures by one key are required.",
            required_signers(&[Key::Ed25519], 2),
        ),
        keys("required_key_not_base64", "What should be a required key in base64 is none.", not_base64),
        keys("required_keys_unordered", "The required keys do not ascend.", reversed),
        bad_key(
            "required_key_of_another_id",
            "ENV-3",
            "A required key is another than its key id says.",
            spki_of(Key::P256),
            Key::Ed25519.id(),
        ),
        further_key("required_key_of_small_order", "A further required key is an Ed25519 key of small order.", {
            let head = data_encoding::HEXLOWER.decode(b"302a300506032b6570032100").expect("hex");
            [head, vec![1], vec![0; 31]].concat()
        }),
        further_key("required_key_compressed", "A further required key is a P-256 point in compressed form.", {
            let der = Key::P256.signing().public().to_der();
            let head = data_encoding::HEXLOWER.decode(b"3039301306072a8648ce3d020106082a8648ce3d030107032200");
            let point = &der[der.len() - 64..];
            [&head.expect("hex")[..], &[2 + (point[63] & 1)], &point[..32]].concat()
        }),
    ]
}

fn spki_of(key: Key) -> String {
    data_encoding::BASE64.encode(&key.signing().public().to_der())
}

/// The statement is well formed, and the user's own key has signed; what it says of a key is wrong.
fn bad_key(name: &'static str, clauses: &'static str, what: &'static str, spki: String, id: String) -> Scenario {
    let mut forge = tiny().forge();
    forge.predicate()["requiredSigners"]["keys"][0] = json!({"keyid": id, "role": "sealer", "spki": spki});
    scenario(name, clauses, what).members(forge.members_sealed()).fails("V-2")
}

/// Any one of two keys must sign; the first has, and the other, which none can verify by, fits its key id.
fn further_key(name: &'static str, what: &'static str, der: Vec<u8>) -> Scenario {
    let mut forge = tiny().forge();
    let id = crate::reference::hex(&crate::reference::sha256(&der));
    let keys = forge.predicate()["requiredSigners"]["keys"].as_array_mut().expect("keys");
    keys.push(json!({"keyid": id, "role": "witness", "spki": data_encoding::BASE64.encode(&der)}));
    keys.sort_by_key(|key| key["keyid"].to_string());
    scenario(name, "ENV-4", what).members(forge.members_sealed()).fails("V-2")
}

/// Which statement is used.
fn which() -> Vec<Scenario> {
    let digest = tiny().members().seal_digest();
    let mut two = tiny();
    (two.keys, two.required) = (vec![Key::Ed25519, Key::P256], (vec![Key::Ed25519, Key::P256], 2));
    let two = two.members();
    // It differs from the other in what it requires alone.
    let fewer = tiny().members().bytes("statement.json").clone();
    let replaced = two.clone().replaced("statement.json", fewer);
    let mut elsewhere = tiny();
    elsewhere.case["case"]["id"] = json!("C-2");
    elsewhere.entries = vec![file("a", "2")];
    let elsewhere = elsewhere.members();
    let envelope = elsewhere.last().expect("an envelope").clone();
    vec![
        scenario("statement_damaged", "VER-7", "The statement is damaged: the one that a trusted key signed is used.")
            .members(tiny().members().flipped("statement.json", 50))
            .fails("V-2")
            .seal_digest(digest.clone()),
        scenario(
            "statement_damaged_with_fixity",
            "CONF-3 VER-7",
            "The statement is damaged, the user trusts no key, and only fixity is asked for.",
        )
        .members(tiny().members().flipped("statement.json", 0))
        .signers(&[])
        .fixity()
        .fails("V-2 V-3")
        .cannot_tell("content"),
        scenario("statement_damaged_without_signer", "VER-7", "The statement is damaged, and the user trusts no key.")
            .members(tiny().members().flipped("statement.json", 0))
            .signers(&[])
            .fails("V-2 V-3")
            .without_statement(),
        scenario(
            "required_signer_removed_from_statement",
            "VER-7 ENV-2",
            "A statement that no longer requires the second signer, with the envelopes over the true one.",
        )
        .members(replaced)
        .signers(&[Key::Ed25519, Key::P256])
        .fails("V-2")
        .seal_digest(two.seal_digest()),
        scenario(
            "statement_of_another_bundle_in_envelope",
            "VER-7 VER-8 LIST-2",
            "The trusted envelope is that of another bundle: its statement is used, and nothing here is what it names.",
        )
        .members(tiny().members().replaced(&envelope.0, envelope.1))
        .fails("V-2 V-4")
        .cannot_tell("content")
        .seal_digest(elsewhere.seal_digest()),
        another_statement_signed(),
        two_statements_and_none_is_there(),
    ]
}

/// The tiny bundle's statement with another time: `later` seconds.
fn later(seconds: &str) -> Vec<u8> {
    text().replace("03:04:05Z", seconds).into_bytes()
}

fn another_statement_signed() -> Scenario {
    let (name, bytes) = envelope_by(&Key::P256.signing(), &later("03:04:06Z"));
    scenario(
        "another_statement_signed_by_another_key",
        "VER-7 ENV-2",
        "A second key that the user trusts has signed another statement.",
    )
    .members(tiny().members().added(&name, bytes))
    .signers(&[Key::Ed25519, Key::P256])
    .fails("V-3")
}

fn two_statements_and_none_is_there() -> Scenario {
    // The bundle is signed in both statements by the keys that they require, so that either would do.
    let mut plan = tiny();
    plan.required = (vec![Key::Ed25519, Key::P256], 1);
    let sealed = plan.members();
    let first = String::from_utf8(sealed.bytes("statement.json").clone()).expect("text");
    let second = first.replace("03:04:05Z", "03:04:06Z");
    let mut keys = [Key::Ed25519, Key::P256];
    keys.sort_by_key(|key| key.id());
    let mut members = sealed;
    members.pop();
    for (key, statement) in keys.iter().zip([&first, &second]) {
        let (name, bytes) = envelope_by(&key.signing(), statement.as_bytes());
        members = members.added(&name, bytes);
    }
    let digest = members.seal_digest();
    scenario("two_statements_signed_and_neither_is_there", "VER-7", "The statement is damaged, and two trusted keys have signed different ones: that of the first envelope by name is used.")
        .members(members.replaced("statement.json", "{}"))
        .signers(&[Key::Ed25519, Key::P256])
        .fails("V-2 V-3")
        .seal_digest(digest)
}
