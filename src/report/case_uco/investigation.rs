//! The case, who acted by which tool, and what happened to the bundle since.

use std::collections::{BTreeMap, BTreeSet};

use serde_json::{Value, json};

use super::{Ids, hash, moment, reference};
use crate::format::case::CaseJson;
use crate::format::digest::KeyId;
use crate::format::statement::Statement;
use crate::verify::Custody;

/// What is told of a bundle as a whole.
pub struct Told<'a> {
    /// Its signed statement.
    pub statement: &'a Statement,
    /// Its case, if that can be read.
    pub case: Option<&'a CaseJson>,
    /// What happened to it since.
    pub custody: &'a Custody,
    /// What verifying it came to, in words.
    pub verdict: String,
}

/// All nodes but entries and the record of provenance.
pub(super) fn nodes(ids: Ids, told: &Told<'_>) -> Vec<Value> {
    let mut nodes = vec![investigation(ids, told), statement(ids), tool(ids, told), sealing(ids, told)];
    if let Some(case) = told.case {
        nodes.extend(people(ids, case));
        nodes.extend(authorization(ids, case));
    }
    nodes.extend(keys(ids, told.custody));
    nodes.extend(events(ids, told.custody));
    nodes
}

/// The record of provenance, without the entries that it is about.
pub(super) fn record(ids: Ids, told: &Told<'_>) -> Value {
    let mut node = json!({
        "@id": ids.of("record"),
        "@type": "case-investigation:ProvenanceRecord",
        "uco-core:description": format!("What was sealed; seal digest (SHA-256 of statement.json) {}", ids.seal),
    });
    if let Some(case) = told.case {
        node["case-investigation:exhibitNumber"] = case.exhibit.id.as_str().into();
        node["uco-core:name"] = case.exhibit.id.as_str().into();
    }
    node
}

fn investigation(ids: Ids, told: &Told<'_>) -> Value {
    let mut object = vec![reference(ids.of("record")), reference(ids.of("sealing"))];
    object.extend((0..told.custody.log.order.len()).map(|n| reference(ids.of(&format!("event/{n}")))));
    let mut node = json!({
        "@id": ids.of("investigation"),
        "@type": "case-investigation:Investigation",
        "uco-core:description": [format!("scelle verify: {}", told.verdict), "Derived from the bundle, which is what counts."],
        "uco-core:object": object,
    });
    if let Some(case) = told.case {
        node["uco-core:name"] = case.case.id.as_str().into();
        if let Some(title) = &case.case.title {
            node["uco-core:description"]
                .as_array_mut()
                .into_iter()
                .for_each(|all| all.insert(0, title.as_str().into()));
        }
        if authorization(ids, case).is_some() {
            node["case-investigation:relevantAuthorization"] = reference(ids.of("authorization"));
        }
    }
    node
}

fn statement(ids: Ids) -> Value {
    let what = "statement";
    json!({
        "@id": ids.of(what),
        "@type": "uco-observable:File",
        "uco-core:hasFacet": [
            {"@id": ids.of("statement/file"), "@type": "uco-observable:FileFacet", "uco-observable:fileName": "statement.json",
             "uco-observable:filePath": "statement.json", "uco-observable:isDirectory": false},
            {"@id": ids.of("statement/content"), "@type": "uco-observable:ContentDataFacet",
             "uco-observable:hash": [hash(ids, what, "SHA256", &ids.seal.to_string())]},
        ],
    })
}

fn tool(ids: Ids, told: &Told<'_>) -> Value {
    let tool = &told.statement.predicate.tool;
    json!({
        "@id": ids.of("tool"),
        "@type": "uco-tool:Tool",
        "uco-core:name": tool.name,
        "uco-tool:toolType": "evidence sealing",
        "uco-tool:version": tool.version,
    })
}

fn sealing(ids: Ids, told: &Told<'_>) -> Value {
    let acquisition = &told.statement.predicate.acquisition;
    let mut node = json!({
        "@id": ids.of("sealing"),
        "@type": "case-investigation:InvestigativeAction",
        "uco-core:name": "sealed",
        "uco-action:startTime": moment(acquisition.start),
        "uco-action:endTime": moment(acquisition.end),
        "uco-action:instrument": reference(ids.of("tool")),
        "uco-action:result": [reference(ids.of("record")), reference(ids.of("statement"))],
    });
    if let Some(case) = told.case {
        node["uco-action:performer"] = reference(ids.of("operator"));
        if let Some(place) = &case.exhibit.seized_place {
            node["uco-core:description"] = format!("seized in {}", place.as_str()).into();
        }
    }
    node
}

fn people(ids: Ids, case: &CaseJson) -> Vec<Value> {
    let authority = &case.authority;
    vec![
        json!({
            "@id": ids.of("operator"), "@type": "uco-identity:Person", "uco-core:name": case.operator.name.as_str(),
        }),
        json!({
            "@id": ids.of("authority"), "@type": "uco-identity:Organization", "uco-core:name": authority.name.as_str(),
            "uco-core:description": format!("authority of {}", authority.state),
        }),
        json!({
            "@id": ids.of("operator/authority"), "@type": "uco-core:Relationship",
            "uco-core:source": reference(ids.of("operator")), "uco-core:target": reference(ids.of("authority")),
            "uco-core:kindOfRelationship": "Acts_For", "uco-core:isDirectional": true,
        }),
    ]
}

fn authorization(ids: Ids, case: &CaseJson) -> Option<Value> {
    let order = case.authorisation.as_ref()?;
    let number = order.reference.as_ref()?;
    let mut node = json!({
        "@id": ids.of("authorization"),
        "@type": "case-investigation:Authorization",
        "case-investigation:authorizationType": "order",
        "case-investigation:authorizationIdentifier": number.as_str(),
    });
    if let Some(issuer) = &order.issuer {
        node["uco-core:description"] = format!("issued by {}", issuer.as_str()).into();
    }
    Some(node)
}

/// Who signed events: a key, and the party that the trust list gives it to.
fn keys(ids: Ids, custody: &Custody) -> Vec<Value> {
    let keys: BTreeSet<KeyId> = custody.records.events.iter().map(|event| event.key_id).collect();
    let node = |key: &KeyId| {
        json!({
            "@id": ids.of(&format!("key/{key}")), "@type": "uco-identity:Identity",
            "uco-core:name": custody.parties.name(*key), "uco-core:description": format!("signs by key {key}"),
        })
    };
    keys.iter().map(node).collect()
}

/// Events in the order in which they follow each other, each informed by the one before it.
fn events(ids: Ids, custody: &Custody) -> Vec<Value> {
    let id_of = |n: usize| ids.of(&format!("event/{n}"));
    let problems = custody.log.problems_by_event();
    let digest_of = |&i: &usize| custody.records.events[i].digest;
    let places: BTreeMap<_, _> = custody.log.order.iter().enumerate().map(|(n, i)| (digest_of(i), n)).collect();
    let node = |(n, &i): (usize, &usize)| {
        let event = &custody.records.events[i];
        let mut said = vec![event.shown.purpose.clone(), event.shown.remark.clone()];
        said.extend(event.to.as_ref().map(|to| format!("to {}", custody.parties.name_of(to))));
        said.extend(problems[i].iter().map(|problem| format!("DOES NOT HOLD: {problem}")));
        said.retain(|text| !text.is_empty());
        let mut node = json!({
            "@id": id_of(n),
            "@type": "case-investigation:InvestigativeAction",
            "uco-core:name": event.kind.to_string(),
            "uco-action:startTime": moment(event.start),
            "uco-action:endTime": moment(event.end),
            "uco-action:performer": reference(ids.of(&format!("key/{}", event.key_id))),
            "uco-action:object": reference(ids.of("record")),
            "case-investigation:wasInformedBy": reference(places.get(&event.before).map_or_else(|| ids.of("sealing"), |&n| id_of(n))),
        });
        if !said.is_empty() {
            node["uco-core:description"] = said.into();
        }
        let mut nodes = Vec::new();
        if !event.shown.place.is_empty() {
            let place = ids.of(&format!("event/{n}/place"));
            node["uco-action:location"] = reference(place.clone());
            nodes.push(json!({"@id": place, "@type": "uco-location:Location", "uco-core:name": event.shown.place}));
        }
        nodes.push(node);
        nodes
    };
    custody.log.order.iter().enumerate().flat_map(node).collect()
}
