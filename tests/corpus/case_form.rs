//! The case: its form, devices, and sources that are the top-level entries.

use serde_json::{Value, json};

use crate::kit::{Members, Plan, Scenario, dir, file, scenario};

pub fn scenarios() -> Vec<Scenario> {
    [keys(), devices(), partitions(), sources()].into_iter().flatten().collect()
}

fn plan() -> Plan {
    Plan::of(vec![file("a", "1")])
}

/// With a part of case.json in another spelling.
pub fn spelled_case(from: &str, to: &str) -> Members {
    let mut forge = plan().forge();
    let case = forge.member("case.json");
    let text = String::from_utf8(std::mem::take(case)).expect("text");
    assert!(text.contains(from), "no {from} in {text}");
    *case = text.replacen(from, to, 1).into_bytes();
    forge.members_sealed()
}

/// With other values in case.json.
pub fn with_case(change: impl FnOnce(&mut Value)) -> Members {
    let mut plan = plan();
    change(&mut plan.case);
    plan.members()
}

/// A case that is not well formed. Its sources are not known, so CASE-2 cannot be told.
fn malformed(
    name: &'static str,
    clauses: &'static str,
    what: &'static str,
    change: impl FnOnce(&mut Value),
) -> Scenario {
    scenario(name, clauses, what).members(with_case(change)).fails("V-4").cannot_tell("content")
}

fn remove(value: &mut Value, key: &str) {
    value.as_object_mut().expect("an object").remove(key).expect("a key");
}

fn keys() -> Vec<Scenario> {
    vec![
        malformed("case_without_exclude", "CASE-1", "The scope does not say what was excluded.", |case| {
            remove(&mut case["scope"], "exclude")
        }),
        malformed("case_text_of_16385_bytes", "CASE-1", "The notes have 16,385 bytes, and fewer characters.", |case| {
            case["notes"] = json!(format!("n{}", "\u{e9}".repeat(8192)));
        }),
        scenario("case_text_of_16384_bytes", "CASE-1", "The notes have 16,384 bytes.").members(with_case(|case| {
            case["notes"] = json!("\u{e9}".repeat(8192));
        })),
        scenario(
            "case_state_not_assigned",
            "CASE-1",
            "The state is `UK`, which no sealer takes; a reader takes any two letters.",
        )
        .members(with_case(|case| case["authority"]["state"] = json!("UK"))),
        malformed("case_state_of_three_letters", "CASE-1", "The state is `FRA`.", |case| {
            case["authority"]["state"] = json!("FRA")
        }),
        malformed("case_mounted_ok_false", "CASE-1", "`mountedOk` is there and false.", |case| {
            case["scope"]["mountedOk"] = json!(false)
        }),
        malformed("case_value_of_another_type", "CASE-1", "`oneFileSystem` is the text `false`.", |case| {
            case["scope"]["oneFileSystem"] = json!("false")
        }),
        malformed("case_without_sources", "CASE-1", "The scope has no source.", |case| {
            case["scope"]["sources"] = json!([])
        }),
        malformed("source_without_path", "CASE-1", "A source does not say where it was.", |case| {
            remove(&mut case["scope"]["sources"][0], "path")
        }),
        scenario("case_nonce_of_63_digits", "CASE-1", "The nonce of the case has 63 digits.")
            .members(spelled_case("\"nonce\":\"c", "\"nonce\":\""))
            .fails("V-4")
            .cannot_tell("content"),
    ]
}

fn device(name: &'static str, clauses: &'static str, what: &'static str, device: Value) -> Scenario {
    malformed(name, clauses, what, |case| case["scope"]["sources"][0]["device"] = device)
}

fn devices() -> Vec<Scenario> {
    let used = |used: Value| json!({"uses": [used]});
    vec![
        device(
            "device_use_of_an_unknown_kind",
            "DEV-1",
            "A device is used as `raid`.",
            used(json!({"device": "md0", "how": "raid", "readOnly": true})),
        ),
        device(
            "device_mounted_nowhere",
            "DEV-1",
            "A device is mounted, but not said where.",
            used(json!({"device": "sda", "how": "mount", "readOnly": true})),
        ),
        device(
            "device_swap_with_path",
            "DEV-1",
            "A device is used as swap, with a path.",
            used(json!({"device": "sda", "how": "swap", "path": "/", "readOnly": true})),
        ),
        device("device_size_negative", "DEV-1", "A device has -1 bytes.", json!({"sizeBytes": -1})),
    ]
}

fn partitions() -> Vec<Scenario> {
    let part = |number: u64, kind: &str| json!({"lengthBytes": 512, "number": number, "startBytes": 512, "type": kind});
    let table = |name, what, kind: &str, partitions: Vec<Value>| {
        device(name, "DEV-2", what, json!({"partitionTable": {"kind": kind, "partitions": partitions}}))
    };
    let mut named = part(1, "83");
    named["name"] = json!("N");
    vec![
        table("partition_twice", "Two partitions have the same number.", "mbr", vec![part(1, "83"), part(1, "83")]),
        table("partition_zero", "A partition has the number 0.", "mbr", vec![part(0, "83")]),
        table("partition_named_in_an_mbr", "A partition in an MBR has a name.", "mbr", vec![named]),
        table("partition_type_of_another_table", "A partition in a GPT has a type byte.", "gpt", vec![part(1, "83")]),
        table(
            "partition_type_in_upper_case",
            "The type of a partition is a GUID in upper case.",
            "gpt",
            vec![part(1, "0FC63DAF-8483-4772-8E79-3D69D8477DE4")],
        ),
        device(
            "partition_table_none_with_id",
            "DEV-2",
            "There is no table, but an id of it.",
            json!({"partitionTable": {"id": "0000002a", "kind": "none", "partitions": []}}),
        ),
        device(
            "partition_table_id_of_seven_digits",
            "DEV-2",
            "The signature of an MBR has seven digits.",
            json!({"partitionTable": {"id": "000002a", "kind": "mbr", "partitions": []}}),
        ),
    ]
}

/// CASE-2: the case is well formed, but not about these entries.
fn sources() -> Vec<Scenario> {
    let two = |name, what, change: fn(&mut Vec<Value>)| {
        let mut plan = Plan::of(vec![dir("s"), dir("t")]);
        change(plan.case["scope"]["sources"].as_array_mut().expect("sources"));
        scenario(name, "CASE-2", what).members(plan.members()).fails("V-7")
    };
    vec![two("entry_without_source", "There are one source and two top-level entries.", |sources| drop(sources.pop()))]
}
