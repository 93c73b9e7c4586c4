//! What time-stamps prove, for people and for programs.

use serde_json::{Value, json};

use crate::verify::{Bound, Custody, Interval, Stamp, StampState, Times};

/// Most intervals of events, and most time-stamps, that an object has.
const COUNT_MAX: usize = 1_000;

/// Lines for people, at most so many of each kind: when it was sealed and each event signed, and which time-stamps prove
/// nothing. They may hold any characters.
pub fn lines(times: &Times, custody: &Custody, count_max: usize) -> Vec<String> {
    let events = times.events.iter().enumerate().filter_map(|(i, interval)| {
        Some(format!("{} signed {}", custody.records.name_of(i), in_words(times, *interval)?))
    });
    let idle = times.stamps.iter().filter_map(|stamp| match &stamp.state {
        StampState::Trusted => None,
        StampState::NotTrusted(why) => Some(format!("{}: not trusted: {why}", shown(stamp))),
        StampState::Revoked(why) => Some(format!("{}: DOES NOT STAND: {why}", shown(stamp))),
    });
    let mut lines: Vec<_> = in_words(times, times.seal).map(|ends| format!("sealed {ends}")).into_iter().collect();
    lines.extend(events.take(count_max));
    lines.extend(idle.take(count_max));
    lines
}

/// An interval for people; `None` if nothing is proven.
pub fn in_words(times: &Times, interval: Interval) -> Option<String> {
    let end = |word: &str, bound: Option<Bound>| bound.map(|bound| format!("not {word} {}", said(times, bound)));
    let ends = [end("before", interval.not_before), end("after", interval.not_after)];
    let ends: Vec<_> = ends.into_iter().flatten().collect();
    (!ends.is_empty()).then(|| ends.join(", "))
}

fn said(times: &Times, bound: Bound) -> String {
    let authority = times.stamps.get(bound.stamp).map_or("", |stamp| &stamp.authority);
    format!("{} (time-stamp of {authority})", bound.at)
}

fn shown(stamp: &Stamp) -> String {
    format!("time-stamp of {} at {} over {}", stamp.authority, stamp.time, stamp.over_name)
}

/// The object of a report.
pub fn object(times: &Times, custody: &Custody) -> Value {
    let events = times.events.iter().enumerate().filter(|(_, it)| it.not_before.is_some() || it.not_after.is_some());
    let events = events.take(COUNT_MAX).map(|(i, interval)| {
        let mut value = between(times, *interval);
        value["member"] = custody.records.name_of(i).into();
        value
    });
    json!({
        "sealed": between(times, times.seal),
        "events": events.collect::<Vec<_>>(),
        "stamps": times.stamps.iter().take(COUNT_MAX).map(stamp).collect::<Vec<_>>(),
        "stamp_count": times.stamps.len(),
    })
}

fn between(times: &Times, interval: Interval) -> Value {
    let end = |bound: Option<Bound>| {
        bound.map(|bound| {
            let stamp = times.stamps.get(bound.stamp);
            json!({"at": bound.at.to_string(), "by": stamp.map(|stamp| &stamp.authority), "stamp": stamp.map(|stamp| &stamp.name)})
        })
    };
    json!({"not_before": end(interval.not_before), "not_after": end(interval.not_after)})
}

fn stamp(stamp: &Stamp) -> Value {
    let (state, why) = match &stamp.state {
        StampState::Trusted => ("trusted", None),
        StampState::NotTrusted(why) => ("not trusted", Some(why)),
        StampState::Revoked(why) => ("revoked", Some(why)),
    };
    json!({
        "member": stamp.name,
        "over": stamp.over_name,
        "authority": stamp.authority,
        "time": stamp.time.to_string(),
        "not_before": stamp.time.not_before().to_string(),
        "not_after": stamp.time.not_after().to_string(),
        "accuracy_us": stamp.time.accuracy_micros(),
        "policy": stamp.policy,
        "state": state,
        "why": why,
    })
}
