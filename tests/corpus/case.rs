//! The case.

use serde_json::{Value, json};

use crate::kit::{MembersExt, Plan, Scenario, file, scenario};
use crate::reference::json_bytes;

pub fn scenarios() -> Vec<Scenario> {
    [forms(), laws(), scopes(), devices()].into_iter().flatten().collect()
}

fn plan() -> Plan {
    Plan::of(vec![file("a", "1")])
}

/// A case with another value, and signed. Without one that is well formed, CASE-2 cannot be told.
fn valued(name: &'static str, clauses: &'static str, what: &'static str, change: impl Fn(&mut Value)) -> Scenario {
    let mut forge = plan().forge();
    let mut case = serde_json::from_slice(forge.member("case.json")).expect("json");
    change(&mut case);
    *forge.member("case.json") = json_bytes(&case);
    scenario(name, clauses, what).members(forge.members_sealed()).fails("V-4").cannot_tell("content")
}

fn forms() -> Vec<Scenario> {
    let case = |name, what, change: fn(&mut Value)| valued(name, "CASE-1", what, change);
    vec![
        scenario(
            "case_damaged",
            "CASE-2 VER-1",
            "The case is damaged: whether the sources are those that it names cannot be told.",
        )
        .members(plan().members().flipped("case.json", 30))
        .fails("V-4")
        .cannot_tell("content"),
        case("case_without_operator", "Nobody sealed.", |c| {
            drop(c.as_object_mut().expect("an object").remove("operator"))
        }),
        case("case_state_in_lower_case", "The state of the authority is in lower case.", |c| {
            c["authority"]["state"] = json!("vn")
        }),
        case("case_with_empty_text", "A text of no bytes.", |c| c["notes"] = json!("")),
        valued("case_of_another_version", "EXT-1 CASE-1", "A case of version 2.", |c| {
            c["type"] = json!("urn:scelle:case:2")
        }),
    ]
}

/// CASE-3.
fn laws() -> Vec<Scenario> {
    let law = |name, what, key: &'static str, value: Value| {
        valued(name, "CASE-3", what, move |case| case[key] = value.clone())
    };
    let condition = || json!({"id": "1", "text": "t"});
    let mut whole = plan();
    let time = |day: &str| json!(format!("2026-01-{day}T00:00:00Z"));
    whole.case["case"]["stage"] = json!("judicial_proceeding");
    for (key, value) in [
        (
            "acquisition",
            json!({"configuration": "c", "locationState": "ZZ", "method": "m", "qualification": "q",
            "sourceSha256": "0a".repeat(32), "unequalReason": "u"}),
        ),
        (
            "authorisation",
            json!({"grounds": "g", "issuedAt": time("01"), "issuer": "i", "issuerKind": "judge",
            "reference": "r", "remedy": "r", "scope": "s", "validFrom": time("02"), "validUntil": time("02")}),
        ),
        ("confidentiality", json!({"required": true, "until": time("03")})),
        ("cooperation", json!({"requestedState": "FR", "requestingState": "VN"})),
        ("exculpatory", json!("not_assessed")),
        ("items", json!([{"category": "traffic", "paths": "a/**", "requestItem": "i1", "sensitive": "child_abuse"}])),
        (
            "offence",
            json!({"article": 19, "basis": "serious_crime_cooperation", "conduct": "c", "label": "l",
            "maxPenaltyMonths": (1_u64 << 53) - 1, "reference": "r"}),
        ),
        ("personalData", json!({"basis": "b", "conditions": [condition()], "present": true, "safeguards": "s"})),
        ("power", json!("interception")),
        ("thirdParties", json!("t")),
        ("use", json!({"cases": ["C-1"], "consents": ["c"]})),
    ] {
        whole.case[key] = value;
    }
    vec![
        scenario("case_all_that_the_law_asks", "CASE-3", "A case with everything that a profile may ask for.")
            .members(whole.members()),
        law("case_empty_acquisition", "An acquisition of which nothing is said.", "acquisition", json!({})),
        law(
            "case_authorisation_ends_first",
            "An authorisation that ends before it begins.",
            "authorisation",
            json!({"validFrom": time("02"), "validUntil": time("01")}),
        ),
        law("case_issuer_of_no_kind", "An order of a king.", "authorisation", json!({"issuerKind": "king"})),
        law("case_offence_under_article_18", "An offence under article 18.", "offence", json!({"article": 18})),
        law(
            "case_conditions_of_one_id",
            "Two conditions with one id.",
            "personalData",
            json!({"conditions": [condition(), condition()], "present": true}),
        ),
        law(
            "case_conditions_1001",
            "1,001 conditions.",
            "personalData",
            json!({"conditions": (0..1001).map(|n| json!({"id": n.to_string(), "text": "t"})).collect::<Vec<_>>(), "present": true}),
        ),
        law("case_items_none", "An empty array of items.", "items", json!([])),
        law(
            "case_items_1001",
            "1,001 items.",
            "items",
            vec![json!({"category": "content", "paths": "a"}); 1001].into(),
        ),
        law("case_category_unknown", "Data of no category.", "items", json!([{"category": "metadata", "paths": "a"}])),
        law("case_power_unknown", "A power that there is not.", "power", json!("torture")),
        law(
            "case_cooperation_with_oneself",
            "A State that asks itself.",
            "cooperation",
            json!({"requestedState": "FR", "requestingState": "FR"}),
        ),
        law("case_cooperation_of_one_state", "A request of nobody.", "cooperation", json!({"requestedState": "FR"})),
        law("case_use_empty", "Limits of use that say nothing.", "use", json!({})),
    ]
}

fn scopes() -> Vec<Scenario> {
    vec![
        valued("source_with_name_and_name_b64", "JSON-5 CASE-1", "A source has its name as text and in base64.", |c| {
            c["scope"]["sources"][0]["name_b64"] = json!("/w==")
        }),
        {
            let mut plan = plan();
            plan.case["scope"]["sources"][0]["name"] = json!("b");
            scenario("source_of_another_name", "CASE-2", "The source that the case names is not the top-level entry.")
                .members(plan.members())
                .fails("V-7")
        },
        {
            let mut plan = Plan::of(vec![file("b", "1"), file("a", "2")]);
            plan.case["scope"]["sources"].as_array_mut().expect("sources").reverse();
            scenario(
                "sources_in_another_order",
                "CASE-2 ORD-1",
                "The case names the sources in another order than the entries have.",
            )
            .members(plan.members())
            .fails("V-7")
        },
        {
            let mut plan = plan();
            plan.case["scope"]["sources"].as_array_mut().expect("sources").push(json!({"name": "b", "path": "/b"}));
            scenario("source_without_entry", "CASE-2", "The case names a source of which there is no entry.")
                .members(plan.members())
                .fails("V-7")
        },
    ]
}

fn devices() -> Vec<Scenario> {
    let device = |name, clauses, what, device: Value| {
        valued(name, clauses, what, move |c| c["scope"]["sources"][0]["device"] = device.clone())
    };
    let partition = |number: u64| json!({"lengthBytes": 1, "number": number, "startBytes": 1, "type": "83"});
    let table =
        |kind: &str, partitions: Vec<Value>| json!({"partitionTable": {"kind": kind, "partitions": partitions}});
    let used = |how: &str, path: Option<&str>| {
        let mut used = json!({"device": "sda1", "how": how, "readOnly": true});
        if let Some(path) = path {
            used["path"] = path.into();
        }
        used
    };
    vec![
        device(
            "device_with_65_uses",
            "DEV-1 LIM-19",
            "65 uses of one device.",
            json!({"uses": vec![used("swap", None); 65]}),
        ),
        device(
            "partitions_of_no_table",
            "DEV-2",
            "No partition table, but a partition.",
            table("none", vec![partition(1)]),
        ),
        device(
            "partitions_not_ascending",
            "DEV-2",
            "Partitions that do not ascend.",
            table("mbr", vec![partition(2), partition(1)]),
        ),
    ]
}
