//! The log as a table for people, and as data.

use std::collections::HashMap;
use std::fmt::Write as _;

use clap::Args;
use serde_json::{Value, json};

use super::LogPlaceArgs;
use super::store::open_with_log;
use crate::cli::confine::Confinement;
use crate::cli::trusted::TrustArgs;
use crate::cli::{Exit, Failure, interrupt, warning, write_stdout};
use crate::custody::{HandOver, Holder, Parties, Problem, Summary, Tip};
use crate::report::escape::{self, escape};
use crate::report::times;
use crate::verify::{Area, Custody, OpenedLog, Options, Outcome, open_log};

/// Arguments of `scelle custody log`.
#[derive(Debug, Args)]
pub struct LogArgs {
    #[command(flatten)]
    place: LogPlaceArgs,
    #[command(flatten)]
    trust: TrustArgs,
    /// Print it as one JSON object
    #[arg(long)]
    json: bool,
}

/// Runs the command. Exits with 1 if the log or the seal does not hold, with 2 if that cannot be told, and with 4 if whom the
/// user trusts has not signed all of it.
pub(super) fn log(args: &LogArgs) -> Result<Exit, Failure> {
    let trusted = args.trust.open()?;
    let mut paths = vec![args.place.bundle.clone()];
    paths.extend(args.place.log.clone());
    Confinement::enter(&paths, &[]);
    let bundle = open_with_log(&args.place.bundle, args.place.log.as_deref())?;
    let options = trusted.options(Options::new(interrupt::flag()));
    let opened = open_log(&*bundle, &options).map_err(|error| Failure::new(Exit::Interrupted, error))?;
    if opened.statement.is_none() {
        let bundle = super::shown(&args.place.bundle);
        return Err(Failure::new(Exit::CouldNot, super::CustodyError::NoStatement { bundle }));
    }
    let gravest = opened.ledger.outcome_in(Area::Custody).max(opened.ledger.outcome_in(Area::Seal));
    let is_trusted = opened.ledger.outcome_in(Area::Trust) != Some(Outcome::Failed);
    let asks_for_trust = trusted.trust.is_some() || !trusted.signers.is_empty();
    if !asks_for_trust {
        warning("nobody is trusted: who signed is not checked (--signer, or --trust)");
    }
    let exit = match gravest {
        Some(Outcome::Failed) => Exit::Refuted,
        Some(Outcome::CannotTell) => Exit::CouldNot,
        _ if asks_for_trust && !is_trusted => Exit::NotTrusted,
        _ => Exit::Done,
    };
    if args.json {
        let json = object(&opened, exit);
        write_stdout(format!("{}\n", escape::json(&json.to_string())).as_bytes())?;
    } else {
        write_stdout(text(&opened, asks_for_trust).as_bytes())?;
    }
    Ok(exit)
}

fn text(opened: &OpenedLog, shows_trust: bool) -> String {
    let custody = &opened.custody;
    let mut out = String::new();
    if custody.records.events.is_empty() {
        out.push_str("no events: nothing was recorded since it was sealed\n");
    }
    let problems = custody.log.problems_by_event();
    let hand_overs: HashMap<usize, &HandOver> = custody.log.hand_overs.iter().map(|it| (it.event, it)).collect();
    for &i in &custody.log.order {
        let event = &custody.records.events[i];
        let depth = custody.log.depths[i];
        let (kind, copy) = (event.kind, copy_of(custody, event));
        let _ = writeln!(out, "{depth:>4}  {}  {kind}{copy}  by {}", event.end, who(event, &custody.parties));
        for (label, text) in [("at", &event.shown.place), ("why", &event.shown.purpose), ("says", &event.shown.remark)]
        {
            if !text.is_empty() {
                let _ = writeln!(out, "      {label}: {}", escape(text.as_bytes()));
            }
        }
        if let Some(to) = &event.to {
            let _ = writeln!(out, "      to: {}", custody.parties.name_of(to));
        }
        if let Some(line) = opened.times.events.get(i).and_then(|it| times::in_words(&opened.times, *it)) {
            let _ = writeln!(out, "      signed {}", escape(line.as_bytes()));
        }
        for problem in &problems[i] {
            let word = if problem.is_unknown() { "UNKNOWN" } else { "WRONG" };
            let _ = writeln!(out, "      {word}: {problem}");
        }
        if let Some(duration) = hand_overs.get(&i).and_then(|hand_over| hand_over.unowned()) {
            let _ = writeln!(out, "      unowned for {duration}, from offer to acceptance");
        }
    }
    out.push('\n');
    for tip in &custody.log.tips {
        let _ = writeln!(out, "copy {}: {}", tip.state.branch, custody.parties.held(&tip.state));
    }
    let findings: Vec<_> = opened
        .ledger
        .details()
        .iter()
        .filter(|it| it.rule.area == Area::Custody || shows_trust && it.rule.area == Area::Trust)
        .collect();
    for check in findings.iter().filter(|check| check.outcome >= Outcome::CannotTell) {
        let note = check.note.as_deref().unwrap_or(check.rule.what);
        let object = escape(&check.object);
        let _ = writeln!(out, "{} {}: {object}: {}", check.rule.id, check.outcome.name(), escape(note.as_bytes()));
    }
    out
}

fn copy_of(custody: &Custody, event: &Summary) -> String {
    match event.copy {
        Some(copy) => format!(" as {copy}"),
        None if custody.log.tips.len() > 1 => format!(" [copy {}]", &event.branch.to_string()[..8]),
        None => String::new(),
    }
}

fn who(event: &Summary, parties: &Parties) -> String {
    let key = parties.name(event.key_id);
    match event.shown.name.is_empty() {
        true => key,
        false => format!("{}, {key}", escape(event.shown.name.as_bytes())),
    }
}

fn object(opened: &OpenedLog, exit: Exit) -> Value {
    let custody = &opened.custody;
    let problems = custody.log.problems_by_event();
    let events: Vec<_> = custody.log.order.iter().map(|&i| event_object(custody, i, &problems[i])).collect();
    let tips: Vec<_> = custody.log.tips.iter().map(tip_object).collect();
    let checks = opened.ledger.details().iter().filter(|it| it.rule.area == Area::Custody);
    let findings: Vec<_> = checks.map(crate::report::json::finding).collect();
    json!({
        "exit": exit.code(),
        "seal_digest": opened.seal_digest.map(|digest| digest.to_string()),
        "events": events,
        "copies": tips,
        "findings": findings,
    })
}

fn event_object(custody: &Custody, i: usize, problems: &[&Problem]) -> Value {
    let event = &custody.records.events[i];
    json!({
        "member": custody.records.name_of(i),
        "depth": custody.log.depths[i],
        "digest": event.digest.to_string(),
        "kind": event.kind.word(),
        "copy": event.branch.to_string(),
        "made_copy": event.copy.map(|copy| copy.to_string()),
        "keyid": event.key_id.to_string(),
        "party": custody.parties.of(event.key_id).map(ToString::to_string),
        "name": event.shown.name,
        "start": event.start.to_string(),
        "end": event.end.to_string(),
        "place": event.shown.place,
        "purpose": event.shown.purpose,
        "remark": event.shown.remark,
        "to": event.to,
        "problems": problems.iter().map(ToString::to_string).collect::<Vec<_>>(),
    })
}

fn tip_object(tip: &Tip) -> Value {
    let state = &tip.state;
    let holder = match &state.holder {
        Holder::Sealers(keys) => json!({"keyids": keys.iter().map(ToString::to_string).collect::<Vec<_>>()}),
        Holder::Recipient(to) => json!(to),
    };
    json!({
        "copy": state.branch.to_string(),
        "holder": holder,
        "offered_to": state.offer.as_ref().map(|(to, _)| to),
        "offered_since": state.offer.as_ref().map(|(_, at)| at.to_string()),
        "ended": state.is_ended,
        "depth": tip.depth,
    })
}
