//! Under which conditions a bundle goes to somebody: conditions of the case, and transfers to third States.

use serde_json::{Value, json};

use crate::kit::log::{Draft, Log};
use crate::kit::{Key, MembersExt, Plan, Scenario, file, scenario};
use crate::trust::{NOW, signed, spki};

/// Police of the original State, France.
const A: Key = Key::Ed25519;
/// A laboratory of the State that asked, Viet Nam.
const B: Key = Key::P256;
/// The central authority of the original State.
const C: Key = Key::Other;

/// All conditions of the case.
const BOTH: &[&str] = &["c1", "c2"];

pub fn scenarios() -> Vec<Scenario> {
    [conditions(), third_states(), unknown()].into_iter().flatten().collect()
}

/// Of a case whose personal data France gave Viet Nam, under two conditions.
fn sealed(change: impl FnOnce(&mut Value)) -> Log {
    let mut plan = Plan::of(vec![file("a", "1")]);
    let condition = |id: &str| json!({"id": id, "text": "t"});
    plan.case["cooperation"] = json!({"requestedState": "FR", "requestingState": "VN"});
    plan.case["personalData"] = json!({"conditions": [condition("c2"), condition("c1")], "present": true});
    change(&mut plan.case);
    Log::of(plan.members())
}

fn without_conditions() -> Log {
    sealed(|case| case["personalData"] = json!({"present": true}))
}

/// The police, the laboratory and the central authority with their keys, and a court of a third State.
fn trust_list() -> Value {
    let party = |id: &str, country: &str, role: &str, keys: &[Key]| {
        let key = |key: &Key| json!({"keyid": key.id(), "spki": spki(*key), "validFrom": "2020-01-01T00:00:00Z"});
        let keys: Vec<_> = keys.iter().map(key).collect();
        json!({"country": country, "id": id, "keys": keys, "name": id, "role": role})
    };
    json!({
        "expires": "2090-01-01T00:00:00Z", "id": "11".repeat(16), "issued": "2020-01-01T00:00:00Z", "logKeys": [],
        "parties": [
            party("court", "JP", "court", &[]),
            party("lab", "VN", "laboratory", &[B]),
            party("ministry", "FR", "central_authority", &[C]),
            party("police", "FR", "officer", &[A]),
        ],
        "roots": {"keys": [{"keyid": C.id(), "name": "root", "spki": spki(C)}], "threshold": 1},
        "sequence": 1, "timestampRoots": [], "type": "urn:scelle:trust:1",
    })
}

/// A log that is judged by the list.
fn told(name: &'static str, clauses: &'static str, what: &'static str, log: &Log) -> Scenario {
    let scenario = scenario(name, clauses, what).members(log.members.clone()).signers(&[]).level_2();
    scenario.custody_passes().trust(signed(&trust_list(), &[C]), &[C], NOW)
}

/// The same, of which custody fails and nothing else.
fn wrong(name: &'static str, clauses: &'static str, what: &'static str, log: &Log) -> Scenario {
    told(name, clauses, what, log).fails("V-13")
}

fn accepts(ids: &'static [&'static str]) -> impl Fn(&mut Draft) {
    move |draft| draft.predicate()["accepts"] = json!(ids)
}

fn to(who: Value) -> impl Fn(&mut Draft) {
    move |draft| draft.predicate()["to"] = who.clone()
}

fn conditions() -> Vec<Scenario> {
    let offered = || sealed(|_| ()).offered(A, B);
    let lab = || json!({"keyid": B.id()});
    vec![
        told("conditions_accepted_with_the_bundle", "CUS-7", "An acceptance of the bundle and of all conditions.", &{
            offered().with("accepted", B, accepts(BOTH))
        }),
        told("conditions_accepted_beforehand", "CUS-7", "Conditions accepted by whom it is then offered to.", &{
            sealed(|_| ()).with("conditions_accepted", B, accepts(BOTH)).handed(A, B)
        }),
        told("conditions_accepted_before_it_is_sent", "CUS-7", "Disclosed and sent to who has accepted.", &{
            let log = sealed(|_| ()).with("conditions_accepted", B, accepts(BOTH));
            log.with("disclosed", A, to(lab())).with("sent", A, to(json!({"party": "lab"})))
        }),
        wrong("conditions_not_accepted", "CUS-7", "An acceptance of the bundle without its conditions.", &{
            offered().then("accepted", B)
        }),
        wrong("conditions_accepted_in_part", "CUS-7", "An acceptance of one condition of two.", &{
            offered().with("accepted", B, accepts(&["c1"]))
        }),
        wrong("conditions_accepted_that_are_not", "CUS-7", "An acceptance of a condition that there is not.", &{
            offered().with("accepted", B, accepts(&["c1", "c2", "c3"]))
        }),
        wrong("conditions_accepted_of_none", "CUS-7", "Conditions of a case that has none.", &{
            without_conditions().with("conditions_accepted", B, accepts(BOTH))
        }),
        wrong("conditions_accepted_by_another", "CUS-7", "Accepted by somebody else than who gets it.", &{
            sealed(|_| ()).with("conditions_accepted", C, accepts(BOTH)).handed(A, B)
        }),
        wrong("conditions_not_accepted_before_it_is_sent", "CUS-7", "Sent to somebody who accepted nothing.", &{
            sealed(|_| ()).with("sent", A, to(lab()))
        }),
        wrong("conditions_accepted_too_late", "CUS-7", "Disclosed, and accepted afterwards.", &{
            sealed(|_| ()).with("disclosed", A, to(lab())).with("conditions_accepted", B, accepts(BOTH))
        }),
        wrong("conditions_not_ascending", "EVT-1", "Ids that are not ascending.", &{
            offered().with("accepted", B, accepts(&["c2", "c1"]))
        }),
        wrong("conditions_accepted_without_ids", "EVT-1", "Conditions are accepted, and not which.", &{
            sealed(|_| ()).then("conditions_accepted", B)
        }),
        wrong(
            "remark_that_accepts",
            "EVT-1",
            "A remark with `accepts`.",
            &sealed(|_| ()).with("noted", B, accepts(BOTH)),
        ),
    ]
}

fn court() -> Value {
    json!({"party": "court"})
}

fn form(draft: &mut Draft) {
    (draft.predicate()["form"], draft.predicate()["to"]) = ("written".into(), court());
}

fn refused(draft: &mut Draft) {
    (draft.predicate()["reasons"], draft.predicate()["to"]) = ("no".into(), court());
}

/// With the laboratory of the State that asked.
fn at_the_lab() -> Log {
    without_conditions().handed(A, B)
}

fn third_states() -> Vec<Scenario> {
    let asked = || at_the_lab().with("onward_requested", B, to(court()));
    let authorised = || asked().with("onward_authorised", C, form);
    vec![
        told("onward_authorised", "CUS-8", "An offer to a third State that the original one has authorised.", &{
            authorised().offered_to(B, "court")
        }),
        told("onward_copy_authorised", "CUS-8", "The same of a copy, of what is sent, and of what is disclosed.", &{
            let copied = authorised().with("copied", B, to(court()));
            copied.with("sent", B, to(court())).with("disclosed", B, to(court()))
        }),
        told("onward_to_the_states_themselves", "CUS-8", "From the one State to the other, and back.", &{
            at_the_lab().offered_to(B, "ministry")
        }),
        told("onward_of_no_personal_data", "CUS-8", "To a third State, of no personal data.", &{
            sealed(|case| case["personalData"] = json!({"present": false})).offered_to(A, "court")
        }),
        told("onward_of_nobody_else", "CUS-8", "To another State, of a case without cooperation.", &{
            sealed(|case| {
                case["personalData"] = json!({"present": true});
                case.as_object_mut().expect("an object").remove("cooperation");
            })
            .offered_to(A, "court")
        }),
        told("exculpatory_notice", "CUS-8 EVT-3", "A notice to a third State needs no authorisation.", &{
            at_the_lab().with("exculpatory_notified", B, to(court()))
        }),
        told(
            "onward_authorised_for_a_key_that_no_list_has",
            "CUS-8",
            "Where it is authorised, no State is asked for.",
            &{
                let key = || json!({"keyid": "ab".repeat(32)});
                let asked = at_the_lab().with("onward_requested", B, to(key()));
                let log = asked.with("onward_authorised", C, |draft| {
                    form(draft);
                    draft.predicate()["to"] = key();
                });
                log.with("sent", B, to(key()))
            },
        ),
        wrong("onward_taken_back", "CUS-8", "An offer after the authorisation was taken back.", &{
            authorised().with("onward_refused", C, refused).offered_to(B, "court")
        }),
        wrong("onward_refused_twice", "CUS-8", "A refusal of what was refused.", &{
            asked().with("onward_refused", C, refused).with("onward_refused", C, refused)
        }),
        wrong("onward_not_authorised", "CUS-8", "An offer to a third State of which nobody was asked.", &{
            at_the_lab().offered_to(B, "court")
        }),
        wrong(
            "onward_only_asked",
            "CUS-8",
            "An offer to a third State before the answer.",
            &asked().offered_to(B, "court"),
        ),
        wrong("onward_authorised_too_late", "CUS-8", "Sent to a third State, and authorised afterwards.", &{
            asked().with("sent", B, to(court())).with("onward_authorised", C, form)
        }),
        wrong("onward_refused", "CUS-8", "An offer to a third State although it was refused.", &{
            asked().with("onward_refused", C, refused).offered_to(B, "court")
        }),
        wrong("onward_asked_again", "CUS-8", "An authorisation that a further question has put in doubt.", &{
            authorised().with("onward_requested", B, to(court())).offered_to(B, "court")
        }),
        wrong("onward_authorised_for_another", "CUS-8", "An authorisation for another recipient.", &{
            let lab = || json!({"party": "lab"});
            let asked = at_the_lab().with("onward_requested", B, to(lab()));
            let log = asked.with("onward_authorised", C, |draft| {
                form(draft);
                draft.predicate()["to"] = lab();
            });
            log.offered_to(B, "court")
        }),
        wrong("onward_authorised_by_the_holder", "CUS-8", "An authorisation by the one who asks.", &{
            asked().with("onward_authorised", B, form)
        }),
        wrong(
            "onward_authorised_by_an_officer",
            "CUS-8",
            "By the police of the original State, no central authority.",
            &{ asked().with("onward_authorised", A, form) },
        ),
        wrong("onward_authorised_unasked", "CUS-8", "An authorisation of what nobody asked for.", &{
            at_the_lab().with("onward_authorised", C, form)
        }),
        wrong("onward_asked_by_another", "CUS-3", "A question by somebody who does not hold it.", &{
            at_the_lab().with("onward_requested", A, to(court()))
        }),
        wrong("onward_authorised_in_no_form", "EVT-1", "An authorisation that does not say in which form.", &{
            asked().with("onward_authorised", C, to(court()))
        }),
        wrong("onward_refused_without_reasons", "EVT-1", "A refusal without reasons.", &{
            asked().with("onward_refused", C, to(court()))
        }),
        wrong("onward_asked_for_nobody", "EVT-1", "A question that does not say to whom.", &{
            at_the_lab().then("onward_requested", B)
        }),
    ]
}

/// Without a trust list, or without the case.
fn unknown() -> Vec<Scenario> {
    let keyed = |name, clauses, what, log: &Log| {
        let scenario = scenario(name, clauses, what).members(log.members.clone()).signers(&Key::ALL).level_2();
        scenario.cannot_tell("custody")
    };
    let unlisted = {
        let mut list = trust_list();
        list["parties"].as_array_mut().expect("parties").remove(0);
        let log = at_the_lab().offered_to(B, "court");
        let told = told("onward_to_somebody_unknown", "CUS-8", "To somebody who is not in the list.", &log);
        told.trust(signed(&list, &[C]), &[C], NOW).cannot_tell("custody")
    };
    let damaged = {
        let log = at_the_lab();
        let members = log.members.clone().flipped("case.json", 30);
        let told =
            told("release_without_a_case", "CUS-7 CUS-8", "A hand-over of a bundle whose case is damaged.", &log);
        told.members(members).fails("V-4").cannot_tell("content custody")
    };
    let without = |party: usize, name, what, log: &Log| {
        let mut list = trust_list();
        list["parties"].as_array_mut().expect("parties").remove(party);
        let scenario = told(name, "CUS-8", what, log).trust(signed(&list, &[C]), &[C], NOW);
        scenario.fails("V-14").cannot_tell("custody")
    };
    let answered = at_the_lab().with("onward_requested", B, to(court())).with("onward_authorised", C, form);
    vec![
        told(
            "onward_sent_to_nobody",
            "CUS-8",
            "Personal data sent, and not said to whom.",
            &at_the_lab().then("sent", B),
        )
        .cannot_tell("custody"),
        without(2, "onward_answer_of_nobody_in_the_list", "An answer by a key that the list does not have.", &answered),
        keyed("onward_without_a_list", "CUS-8", "An offer of personal data, without a trust list.", &at_the_lab()),
        keyed("onward_answer_without_a_list", "CUS-8", "An answer, without a trust list.", &{
            let asked = without_conditions().with("onward_requested", A, to(court()));
            asked.with("onward_authorised", C, form)
        }),
        keyed("conditions_sent_to_nobody", "CUS-7", "Sent, and not said to whom.", &sealed(|_| ()).then("sent", A)),
        unlisted,
        damaged,
    ]
}
