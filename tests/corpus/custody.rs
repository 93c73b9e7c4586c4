//! The custody log: events, links, forks, acts, order, clocks, what is listed, receipts.

use serde_json::{Value, json};

use crate::kit::log::{Draft, Log, hour};
use crate::kit::{Key, MembersExt, Plan, Scenario, file, scenario};
use crate::reference::json_bytes;

const A: Key = Key::Ed25519;
const B: Key = Key::P256;
const C: Key = Key::Other;

pub fn scenarios() -> Vec<Scenario> {
    [sound(), forms(), links(), acts(), order(), clocks(), listed(), receipts()].into_iter().flatten().collect()
}

/// A log that is verified with all keys.
fn told(name: &'static str, clauses: &'static str, what: &'static str, log: &Log) -> Scenario {
    scenario(name, clauses, what).members(log.members.clone()).signers(&Key::ALL).level_2().custody_passes()
}

/// The same, of which custody fails and nothing else.
fn wrong(name: &'static str, clauses: &'static str, what: &'static str, log: &Log) -> Scenario {
    told(name, clauses, what, log).fails("V-13")
}

fn working_copy(log: Log, to: Option<Key>) -> Log {
    log.with("copied", A, |draft| {
        if let Some(to) = to {
            draft.predicate()["to"] = json!({"keyid": to.id()});
        }
    })
}

/// An event on the copy that [`working_copy`] makes.
fn on_copy(log: Log, kind: &str, key: Key) -> Log {
    log.with(kind, key, |draft| draft.predicate()["branch"] = "c0".repeat(16).into())
}

fn sound() -> Vec<Scenario> {
    let copied = working_copy(Log::new(), Some(B));
    let both = on_copy(copied.clone(), "accepted", B).merged(&copied.clone().then("stored", A));
    vec![
        told("custody_hand_over", "EVT-1 CUS-3", "An offer and its acceptance.", &Log::new().handed(A, B)),
        told("custody_hand_over_twice", "CUS-3", "Two hand-overs, and a remark by somebody else.", &{
            Log::new().handed(A, B).then("noted", C).handed(B, C)
        }),
        told("custody_refused_and_offered_again", "CUS-3", "An offer that is refused, and one that is taken back.", &{
            let back = Log::new().offered(A, B).then("refused", B).offered(A, C).then("offer_withdrawn", A);
            back.handed(A, C)
        }),
        told("custody_of_a_copy", "EVT-5 CUS-1", "A working copy that another accepted, beside the original.", &both),
        told("custody_every_kind", "EVT-3", "An event of each kind that the holder records.", &{
            let kinds = "identified seized collected acquired hashed verified sealed unsealed transferred received stored \
                         checked_out checked_in examined converted redacted encrypted decrypted packaged sent disclosed \
                         returned noted";
            kinds.split_whitespace().fold(Log::new(), |log, kind| log.then(kind, A))
        }),
        told("custody_all_fields", "EVT-1", "An event with everything that one can say.", &{
            Log::new().with("examined", A, |draft| {
                let it = draft.predicate();
                it["actor"]["name"] = "N\u{1b}[31m<b>".into();
                it["actor"]["organisation"] = "O".into();
                it["actor"]["qualification"] = "Q".into();
                it["actor"]["role"] = "R".into();
                it["change"] = json!({"by": "B", "justification": "J", "what": "W", "why": "Y"});
                let host = json!({"estimatedErrorUs": 1, "maxErrorUs": 2, "offsetUs": -3, "synchronised": true});
                it["clock"] = json!({"host": host, "offsetMs": -1500, "reference": "", "source": "system"});
                it["extensions"] = json!({"x": [1, {"y": false}]});
                it["how"] = json!({"courier": "C", "encryption": "E", "method": "M", "tool": "T", "tracking": "K", "transport": "P"});
                it["integrity"] = json!({"after": "aa".repeat(32), "before": "bb".repeat(32), "reason": "R"});
                it["item"] = json!({"condition": "C", "description": "D", "exhibit": "X", "quantity": "1", "seal": "S"});
                it["notes"] = "N".into();
                it["reasons"] = "R".into();
                it["where"] = json!({"access": "A", "facility": "F", "place": "P", "storage": "S"});
                it["why"] = json!({"authority": "A", "case": "C", "purpose": "P"});
                it["witness"] = "W".into();
            })
        }),
        told(
            "custody_untrusted",
            "V-14",
            "A hand-over to somebody whose key the user does not trust.",
            &Log::new().handed(A, B),
        )
        .signers(&[A])
        .fails("V-14"),
        told("custody_fixity", "V-13 CONF-2", "With fixity the log is not looked at.", &Log::new().then("accepted", B))
            .fixity()
            .custody_is_not_checked(),
    ]
}

/// A remark, changed before it is signed.
fn formed(name: &'static str, clauses: &'static str, what: &'static str, change: impl FnOnce(&mut Draft)) -> Scenario {
    wrong(name, clauses, what, &Log::new().with("noted", A, change))
}

fn forms() -> Vec<Scenario> {
    let text = |change: &dyn Fn(String) -> String| {
        let log = Log::new();
        let draft = log.draft("noted", A);
        let payload = String::from_utf8(json_bytes(&draft.statement)).expect("text");
        log.put_payload(&draft, change(payload).into_bytes())
    };
    let mut all = vec![
        formed("event_of_another_version", "EVT-1", "An event of version 2.", |draft| {
            draft.statement["predicateType"] = "urn:scelle:event:2".into();
        }),
        formed("event_after_something_else", "EVT-1", "An event whose subject is another member.", |draft| {
            draft.statement["subject"][0]["name"] = "case.json".into();
        }),
        formed("event_of_an_unknown_kind", "EVT-3", "An event of a kind that there is not.", |draft| {
            draft.predicate()["kind"] = "teleported".into();
        }),
        formed("event_with_an_unknown_key", "JSON-3", "An event with a key that is not named.", |draft| {
            draft.predicate()["mood"] = "good".into();
        }),
        formed("event_without_a_place", "EVT-1", "An event that does not say where.", |draft| {
            draft.predicate()["where"] = json!({});
        }),
        formed("event_with_an_empty_text", "EVT-1", "An event with a text of no bytes.", |draft| {
            draft.predicate()["notes"] = "".into();
        }),
        formed("event_ends_before_it_starts", "EVT-1", "An event that ends before it starts.", |draft| {
            draft.predicate()["start"] = hour(2).into();
        }),
        formed("event_clock_of_a_host_and_by_hand", "STM-4", "A host's word on a time that was given.", |draft| {
            let host = json!({"estimatedErrorUs": 1, "maxErrorUs": 2, "offsetUs": 3, "synchronised": true});
            draft.predicate()["clock"] = json!({"host": host, "source": "given"});
        }),
        formed("event_names_another_key", "EVT-1", "An event whose `keyid` is not that of its `spki`.", |draft| {
            draft.predicate()["actor"]["keyid"] = B.id().into();
        }),
        formed("event_to_nobody", "EVT-1", "An offer to nobody.", |draft| draft.predicate()["kind"] = "offered".into()),
        formed("remark_to_somebody", "EVT-1", "A remark with `to`.", |draft| {
            draft.predicate()["to"] = json!({"keyid": B.id()});
        }),
        formed("recipient_twice", "EVT-1", "An offer to a key and a party at once.", |draft| {
            draft.predicate()["kind"] = "offered".into();
            draft.predicate()["to"] = json!({"keyid": B.id(), "party": "lab"});
        }),
        formed("recipient_in_upper_case", "TRU-2", "An offer to a party whose name it cannot have.", |draft| {
            draft.predicate()["kind"] = "offered".into();
            draft.predicate()["to"] = json!({"party": "Lab"});
        }),
        formed("refused_without_reasons", "EVT-1", "A refusal without reasons.", |draft| {
            draft.predicate()["kind"] = "refused".into();
        }),
        formed("destroyed_without_disposal", "EVT-1", "A destruction that does not say how.", |draft| {
            draft.predicate()["kind"] = "destroyed".into();
        }),
        formed(
            "digests_differ_without_a_reason",
            "EVT-1",
            "Digests before and after differ, and nothing says why.",
            |draft| {
                draft.predicate()["integrity"] = json!({"after": "aa".repeat(32), "before": "bb".repeat(32)});
            },
        ),
        formed("copy_of_the_same_name", "EVT-5", "A copy that is called as the original.", |draft| {
            draft.predicate()["kind"] = "copied".into();
            let branch = draft.predicate()["branch"].clone();
            draft.predicate()["copy"] = branch;
        }),
        formed("event_lists_a_sealed_member", "EVT-4", "An event that lists a sealed member.", |draft| {
            draft.predicate()["members"] = json!([{"name": "nonce", "sha256": "00".repeat(32)}]);
        }),
        wrong("found_with_fewer_ranges", "EVT-1", "`found` that counts more damage than it lists.", &{
            Log::new().offered(A, B).with("accepted", B, |draft| {
                draft.predicate()["found"]["damageCount"] = 1.into();
            })
        }),
        wrong(
            "event_with_white_space",
            "JSON-3",
            "An event that is not in RFC 8785 form.",
            &text(&|text| format!("{text} ")),
        ),
        wrong(
            "event_with_a_key_twice",
            "JSON-3",
            "An event with a key twice.",
            &text(&|text| text.replacen("\"kind\":", "\"kind\":\"noted\",\"kind\":", 1)),
        ),
        told("event_with_critical", "EVT-1", "An event that asks for something that nobody knows.", &{
            Log::new().with("noted", A, |draft| draft.predicate()["critical"] = json!({"x": 1}))
        })
        .cannot_tell("custody"),
    ];
    let mut members = Log::new().then("noted", A);
    let name = members.names[0].clone();
    let mut value: Value = serde_json::from_slice(members.members.bytes(&name)).expect("json");
    value["signatures"][0]["sig"] =
        value["signatures"][0]["sig"].as_str().expect("it").replacen(['A', 'B'], "C", 1).into();
    members.members = members.members.replaced(&name, json_bytes(&value));
    all.push(wrong("event_with_another_signature", "V-13", "An event whose signature does not hold.", &members));
    let signed = Log::new().draft("noted", A);
    let by_other = Log::new().put(&Draft { key: B, ..signed });
    all.push(wrong("event_signed_by_another", "V-13", "An event that another key signed than it names.", &by_other));
    all
}

fn links() -> Vec<Scenario> {
    let three = || Log::new().handed(A, B).then("stored", B);
    let fork = three().merged(&three().rewound(2).then("examined", B));
    let copied = working_copy(Log::new(), None);
    let mut renamed = three();
    renamed.members = renamed.members.renamed(&renamed.names[2], "custody/0004-stored-00000000.dsse.json");
    let mut twice = three();
    let again = twice.envelope(2);
    twice.members = twice.members.added("custody/0003-stored-00000000.dsse.json", again);
    vec![
        wrong("custody_without_the_first", "CUS-1", "The first event was taken away.", &three().without(0)),
        wrong("custody_without_one_between", "CUS-1", "An event in the middle was taken away.", &three().without(1)),
        told(
            "custody_without_the_last",
            "CUS-6",
            "The last event was taken away, and nobody kept a receipt.",
            &three().without(2),
        ),
        wrong("custody_event_renamed", "EVT-2", "An event under the name of another place.", &renamed),
        wrong("custody_event_twice", "CUS-2 EVT-2", "The same event under two names.", &twice),
        wrong("custody_forked", "CUS-2", "Two events after the same one on the same copy.", &fork),
        wrong("custody_forked_at_the_seal", "CUS-2", "Two first events.", &{
            Log::new().then("noted", A).merged(&Log::new().then("stored", A))
        }),
        wrong("custody_of_another_seal", "CUS-1", "An event after the seal of another bundle.", &{
            let other = Log::of(Plan::of(vec![file("b", "2")]).members()).then("noted", A);
            let mut log = Log::new();
            log.members = log.members.added(&other.names[0], other.envelope(0));
            log
        }),
        wrong(
            "custody_on_an_unknown_copy",
            "CUS-1",
            "An event on a copy that nobody made.",
            &on_copy(Log::new().then("noted", A), "noted", A),
        ),
        wrong(
            "custody_first_on_another_copy",
            "CUS-1",
            "A first event that is not of the original.",
            &on_copy(Log::new(), "noted", A),
        ),
        wrong(
            "custody_copy_twice",
            "EVT-5",
            "Two copies of one id.",
            &working_copy(working_copy(Log::new(), None), None),
        ),
        told("custody_copy_and_original", "CUS-1 CUS-2", "After a copy was made, both go on, which is no fork.", &{
            on_copy(copied.clone(), "examined", A).merged(&copied.then("stored", A))
        }),
    ]
}

fn acts() -> Vec<Scenario> {
    let unknown = |name, what, log: &Log| told(name, "CUS-3", what, log).cannot_tell("custody");
    vec![
        unknown(
            "custody_by_another_key",
            "Without a trust list it cannot be told whether another key acts for the holder.",
            &Log::new().then("stored", B),
        ),
        unknown(
            "custody_accepted_by_another_key",
            "The same of who accepts.",
            &Log::new().offered(A, B).then("accepted", C),
        ),
        unknown("custody_offered_to_a_party", "An offer to a party is accepted, and there is no trust list.", &{
            Log::new().offered_to(A, "lab").then("accepted", B)
        }),
        unknown(
            "custody_offered_after_it_was_given_away",
            "The former holder offers it again.",
            &Log::new().handed(A, B).offered(A, C),
        ),
        told(
            "custody_remark_by_anybody",
            "CUS-3",
            "A remark by somebody who holds nothing.",
            &Log::new().then("noted", C),
        ),
    ]
}

fn order() -> Vec<Scenario> {
    vec![
        wrong(
            "custody_accepted_without_an_offer",
            "CUS-4",
            "An acceptance without an offer.",
            &Log::new().then("accepted", B),
        ),
        wrong(
            "custody_accepted_twice",
            "CUS-4",
            "An offer that is accepted twice.",
            &Log::new().handed(A, B).then("accepted", B),
        ),
        wrong("custody_offered_twice", "CUS-4", "Two offers are open.", &Log::new().offered(A, B).offered(A, C)),
        wrong(
            "custody_withdrawn_without_an_offer",
            "CUS-4",
            "An offer that was not made is taken back.",
            &Log::new().then("offer_withdrawn", A),
        ),
        wrong(
            "custody_after_destruction",
            "CUS-4",
            "A copy that was destroyed is examined.",
            &Log::new().then("destroyed", A).then("examined", A),
        ),
        wrong(
            "custody_after_return",
            "CUS-4",
            "What was given back is offered.",
            &Log::new().then("returned", A).offered(A, B),
        ),
        told(
            "custody_remark_after_destruction",
            "CUS-4",
            "A remark after the end.",
            &Log::new().then("destroyed", A).then("noted", A),
        ),
        wrong(
            "custody_goes_on_after_a_wrong_event",
            "CUS-4",
            "After an acceptance without an offer, all else holds.",
            &{ Log::new().then("accepted", A).handed(A, B) },
        ),
    ]
}

/// A remark an hour after the seal, and one that many seconds before it.
fn back(seconds: u64, offsets: [i64; 2]) -> Log {
    let offset = |draft: &mut Draft, offset: i64| draft.predicate()["clock"]["offsetMs"] = offset.into();
    let log = Log::new().with("noted", A, |draft| {
        (draft.predicate()["start"], draft.predicate()["end"]) = (hour(1).into(), hour(1).into());
        offset(draft, offsets[0]);
    });
    log.with("noted", A, |draft| {
        let time = format!("2026-12-01T00:{:02}:{:02}Z", 59 - (seconds - 1) / 60, 59 - (seconds - 1) % 60);
        (draft.predicate()["start"], draft.predicate()["end"]) = (time.clone().into(), time.into());
        offset(draft, offsets[1]);
    })
}

fn clocks() -> Vec<Scenario> {
    vec![
        wrong("clock_one_second_back", "CUS-5", "A clock goes back by a second.", &back(1, [0, 0])),
        told(
            "clock_back_as_far_as_recorded",
            "CUS-5",
            "A clock goes back as far as both offsets allow.",
            &back(4, [-1500, 1501]),
        ),
        wrong(
            "clock_back_further_than_recorded",
            "CUS-5",
            "A clock goes back a second further.",
            &back(5, [-1500, 1501]),
        ),
        wrong("clock_before_the_seal", "CUS-5", "An event before the acquisition ended.", &{
            Log::new().with("noted", A, |draft| {
                let time = "2001-01-01T00:00:00Z";
                (draft.predicate()["start"], draft.predicate()["end"]) = (time.into(), time.into());
            })
        }),
    ]
}

fn listed() -> Vec<Scenario> {
    let two = || {
        let mut plan = Plan::of(vec![file("a", "1")]);
        (plan.keys, plan.required) = (vec![A, B], (vec![A, B], 1));
        Log::of(plan.members()).then("noted", A)
    };
    let envelope = format!("seal/{}.dsse.json", &B.id()[..16]);
    let stripped = || {
        let mut log = two();
        log.members = log.members.without(&envelope);
        log
    };
    let with =
        |change: &dyn Fn(&mut Value)| Log::new().with("noted", A, |draft| change(&mut draft.predicate()["members"]));
    vec![
        told("listed_members_are_there", "EVT-4", "An event that lists both envelopes.", &two()),
        wrong("envelope_stripped", "EVT-4", "A signature that the statement does not need, and an event lists, was taken away.", &stripped()),
        wrong("listed_member_exchanged", "EVT-4", "What an event lists has other bytes.", &with(&|members| {
            members[0]["sha256"] = "00".repeat(32).into();
        })),
        wrong("listed_member_twice", "EVT-1", "An event that lists a member twice.", &with(&|members| {
            let again = members[0].clone();
            members.as_array_mut().expect("members").push(again);
        })),
        told("listed_timestamp", "EVT-4", "An event that lists a time-stamp.", &{
            let mut log = Log::new();
            log.members = log.members.added("timestamps/a.tsr", "x");
            log.with("noted", A, |draft| {
                let listed = json!({"name": "timestamps/a.tsr", "sha256": crate::reference::hex(&crate::reference::sha256(b"x"))});
                draft.predicate()["members"].as_array_mut().expect("members").push(listed);
            })
        })
        .level_3()
        .fails("V-15"),
    ]
}

fn receipts() -> Vec<Scenario> {
    let log = || Log::new().handed(A, B);
    let told_with = |name, what, log: &Log, receipt: Vec<u8>| told(name, "CUS-6", what, log).receipt(receipt);
    let other = Log::of(Plan::of(vec![file("b", "2")]).members()).handed(A, B);
    vec![
        told_with("receipt_in_the_log", "A receipt that is in the log.", &log(), log().envelope(1)),
        told_with(
            "receipt_of_a_lost_tail",
            "The tail of the log was cut off, and a receipt tells.",
            &log().rewound(1),
            log().envelope(1),
        )
        .fails("V-13"),
        told_with(
            "receipt_of_a_lost_log",
            "All of the log was taken away, and a receipt tells.",
            &Log::new(),
            log().envelope(1),
        )
        .fails("V-13"),
        told_with("receipt_of_another_bundle", "A receipt for another bundle.", &log(), other.envelope(1))
            .cannot_tell("custody"),
        told_with(
            "receipt_of_another_first_event",
            "The first event of another bundle's log.",
            &log(),
            other.envelope(0),
        )
        .cannot_tell("custody"),
        told_with(
            "receipt_by_a_stranger",
            "A receipt that is not in the log, by a key that the user does not trust.",
            &Log::new(),
            log().envelope(1),
        )
        .signers(&[A])
        .cannot_tell("custody"),
        scenario(
            "receipt_without_a_statement",
            "CUS-6 VER-7",
            "There is no statement that a receipt could be compared with.",
        )
        .members(Log::new().members.without("statement.json"))
        .signers(&[])
        .level_2()
        .receipt(log().envelope(1))
        .fails("V-1 V-2")
        .without_statement()
        .cannot_tell("custody"),
        told_with(
            "receipt_of_a_fork",
            "Another event was put in the place of the one that the receipt is of.",
            &{ log().rewound(1).then("refused", B) },
            log().envelope(1),
        )
        .fails("V-13"),
    ]
}
