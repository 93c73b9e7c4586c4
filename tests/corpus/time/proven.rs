//! What time-stamps prove together, and which keys that makes count.

use data_encoding::BASE64;
use serde_json::{Value, json};

use super::{A, envelope, root, stamped, stamper};
use crate::kit::authority::{Certificate, Draft, Signing, for_stamps, member_name};
use crate::kit::log::Log;
use crate::kit::{Key, Members, MembersExt, Scenario, scenario};
use crate::trust;

const B: Key = Key::P256;

pub fn scenarios() -> Vec<Scenario> {
    [intervals(), keys()].into_iter().flatten().collect()
}

/// An event that lists what is there and what nothing lists yet.
fn listing(log: Log, listed: &[&str], change: impl FnOnce(&mut Value)) -> Log {
    let members = log.members.clone();
    log.with("noted", A, |draft| {
        let all = draft.predicate()["members"].as_array_mut().expect("members");
        for name in listed {
            let sha256 = crate::reference::hex(&crate::reference::sha256(members.bytes(name)));
            all.push(json!({"name": name, "sha256": sha256}));
        }
        all.sort_by_key(|it| it["name"].as_str().expect("a name").to_owned());
        change(draft.predicate());
    })
}

fn ended(at: &str) -> impl FnOnce(&mut Value) {
    let at = at.to_owned();
    move |predicate| {
        predicate["start"] = at.clone().into();
        predicate["end"] = at.into();
    }
}

/// A log whose seal is stamped, and the name of the time-stamp.
fn stamped_log(time: &'static str) -> (Log, String) {
    let mut log = Log::new();
    let over = envelope(&log.members);
    let response = Draft::over(log.members.bytes(&over), time, &stamper()).response();
    let name = member_name(log.members.bytes(&over), &response);
    log.members = log.members.added(&name, response);
    (log, name)
}

fn over_event(mut log: Log, event: usize, time: &'static str) -> Log {
    let name = log.names[event].clone();
    let response = Draft::over(&log.envelope(event), time, &stamper()).response();
    log.members = stamped(log.members, &name, response);
    log
}

fn intervals() -> Vec<Scenario> {
    let dated = |name, what, log: &Log| {
        scenario(name, "TSP-11", what).members(log.members.clone()).custody_passes().time_roots(&[root()])
    };
    let (log, stamp) = stamped_log("20270101000000Z");
    let after = |at: &str| listing(log.clone(), &[&stamp], ended(at));
    let apart = |at: &str, offset: i64| {
        let at = at.to_owned();
        listing(log.clone(), &[&stamp], move |predicate| {
            ended(&at)(predicate);
            predicate["clock"]["offsetMs"] = offset.into();
        })
    };
    let sealed_late = stamped_log("20250101000000Z").0;
    vec![
        dated(
            "interval",
            "An event that lists a time-stamp, and has one itself.",
            &over_event(after("2027-01-02T00:00:00Z"), 0, "20270103000000Z"),
        ),
        dated("interval_of_earlier_events", "A time-stamp over the last event is one for those before it.", &{
            over_event(
                after("2027-01-02T00:00:00Z")
                    .with("noted", A, |draft| ended("2027-01-02T01:00:00Z")(draft.predicate())),
                1,
                "20270103000000Z",
            )
        }),
        dated("interval_contradicted", "An event that lists a time-stamp is older, by another one.", &{
            over_event(after("2027-01-01T00:00:00Z"), 0, "20261231000000Z")
        })
        .fails("V-15"),
        dated("interval_contradicted_by_a_later_event", "The same, by one over a later event.", &{
            let log = after("2027-01-01T00:00:00Z")
                .with("noted", A, |draft| ended("2027-01-01T00:00:00Z")(draft.predicate()));
            over_event(log, 1, "20261231000000Z")
        })
        .fails("V-15"),
        dated("interval_contradicted_by_a_stranger", "A time-stamp of nobody's contradicts nothing.", &{
            let other = Certificate::root("Test Other", Signing::P256(0x41));
            let theirs = other.under(for_stamps("Test Theirs", 2, Signing::P256(0x42)));
            let mut log = after("2027-01-02T00:00:00Z");
            let name = log.names[0].clone();
            let response = Draft::over(&log.envelope(0), "20200601000000Z", &theirs).response();
            log.members = stamped(log.members, &name, response);
            log
        }),
        dated(
            "recorded_before_what_it_lists",
            "An event that ended a second before what it lists.",
            &after("2026-12-31T23:59:59Z"),
        )
        .fails("V-15"),
        dated(
            "recorded_within_its_offset",
            "The same, by a clock that is known to be off.",
            &apart("2026-12-31T23:59:58Z", -1_001),
        ),
        dated("recorded_beyond_its_offset", "The same, by more than is known.", &apart("2026-12-31T23:59:58Z", 1_000))
            .fails("V-15"),
        dated("recorded_after_its_time_stamp", "An event that ended a second after what is over it.", &{
            over_event(after("2027-01-03T00:00:01Z"), 0, "20270103000000Z")
        })
        .fails("V-15"),
        scenario(
            "sealed_after_its_time_stamp",
            "TSP-11",
            "An acquisition that ended after a time-stamp over its seal.",
        )
        .members(sealed_late.members)
        .time_roots(&[root()])
        .fails("V-15"),
    ]
}

fn keys() -> Vec<Scenario> {
    let revoked = |stands: bool| json!({"at": "2027-06-01T00:00:00Z", "earlierStand": stands, "reason": "lost"});
    let list = |key: &'static str, value: Value| {
        trust::changed(move |list| {
            list["parties"][1]["keys"][0][key] = value;
            list["timestampRoots"] = json!([BASE64.encode(&root().der)]);
        })
    };
    let judged = |name, what, members: Members, list: Value| {
        let scenario = scenario(name, "TRU-4 TSP-12", what).members(members).signers(&[]).level_3().time_passes();
        scenario.trust(trust::signed(&list, &[trust::ROOT]), &[trust::ROOT], "2030-01-01")
    };
    let stamped_at = |time| stamped_log(time).0.members;
    let lab_gone = trust::changed(|list| {
        list["parties"][0]["keys"][0]["revoked"] = revoked(true);
        list["timestampRoots"] = json!([BASE64.encode(&root().der)]);
    });
    let lab_first = Log::new().then("noted", B).then("noted", A);
    vec![
        judged(
            "key_revoked_after",
            "A key that was revoked after it provably signed.",
            stamped_at("20270531235959Z"),
            list("revoked", revoked(true)),
        ),
        judged(
            "key_revoked_in_that_second",
            "A key that was revoked by the second of the time-stamp.",
            stamped_at("20270601000000Z"),
            list("revoked", revoked(true)),
        )
        .fails("V-12"),
        judged(
            "key_revoked_for_all_time",
            "Nothing stands that this key signed.",
            stamped_at("20270101000000Z"),
            list("revoked", revoked(false)),
        )
        .fails("V-12"),
        judged(
            "key_expired_after",
            "A key that expired after it provably signed.",
            stamped_at("20270101000000Z"),
            list("validUntil", "2028-01-01T00:00:00Z".into()),
        ),
        judged(
            "key_expired_before",
            "A key that had expired when it was stamped.",
            stamped_at("20290101000000Z"),
            list("validUntil", "2028-01-01T00:00:00Z".into()),
        )
        .fails("V-12"),
        judged(
            "key_not_valid_yet",
            "A key that signed before it was valid.",
            stamped_at("20270101000000Z"),
            list("validFrom", "2028-01-01T00:00:00Z".into()),
        )
        .fails("V-12"),
        judged(
            "key_of_an_event",
            "An event by a key that was revoked later, stamped itself.",
            over_event(lab_first.clone(), 0, "20270101000000Z").members,
            lab_gone.clone(),
        )
        .custody_passes(),
        judged(
            "key_of_an_event_before",
            "A time-stamp over the next event says nothing of its signature.",
            over_event(lab_first, 1, "20270101000000Z").members,
            lab_gone,
        )
        .custody_passes()
        .fails("V-14"),
        judged(
            "key_of_the_seal_by_an_event",
            "A time-stamp over an event that lists the envelope.",
            over_event(Log::new().then("noted", B), 0, "20270101000000Z").members,
            list("revoked", revoked(true)),
        )
        .custody_passes(),
    ]
}
