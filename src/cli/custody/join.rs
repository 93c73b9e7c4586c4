//! Bringing together what was kept apart: receipts, and the logs of two copies of one bundle.

use std::path::PathBuf;

use clap::Args;

use super::store::open_with_log;
use super::{LogPlaceArgs, OpenLog, shown};
use crate::cli::small_file::read_small;
use crate::cli::trusted::Trusted;
use crate::cli::{Exit, Failure, interrupt, message};
use crate::custody::{Problem, Records, Summary, walk};
use crate::format::event::member_name;
use crate::format::member::MemberName;
use crate::limits::ENVELOPE_LEN_MAX;
use crate::report::quantity::count;
use crate::verify::{Custody, Options, Receipt, ReceiptError, open_log, read_grown};

/// Arguments of `scelle custody attach`.
#[derive(Debug, Args)]
pub struct AttachArgs {
    #[command(flatten)]
    place: LogPlaceArgs,
    /// The receipt, as the other side wrote it
    #[arg(value_name = "RECEIPT")]
    receipt: PathBuf,
}

/// Arguments of `scelle custody merge`.
#[derive(Debug, Args)]
pub struct MergeArgs {
    #[command(flatten)]
    place: LogPlaceArgs,
    /// The other copy of the same bundle
    #[arg(value_name = "OTHER")]
    other: PathBuf,
    /// Where the log of the other copy is kept, if not in it
    #[arg(long, value_name = "DIR")]
    other_log: Option<PathBuf>,
}

/// Why two logs cannot be brought together.
#[derive(Debug, thiserror::Error)]
enum JoinError {
    #[error("{path} is not a receipt", path = path.display())]
    Receipt { path: PathBuf, source: ReceiptError },
    #[error("the signature of {path} does not hold", path = path.display())]
    Signature { path: PathBuf },
    #[error("{path} does not fit into the log of {bundle}", path = path.display())]
    NotFitting { path: PathBuf, bundle: String, source: Problem },
    #[error("{path} lists {member}, which is not in {bundle}", path = path.display())]
    Missing { path: PathBuf, bundle: String, member: String },
    #[error("{0} and {1} are not copies of the same sealing")]
    Different(String, String),
    #[error("the custody log of {0} is not sound")]
    NotSound(String),
    #[error("the logs of {0} and {1} do not fit together")]
    Forked(String, String, #[source] Problem),
}

/// Runs `scelle custody attach`.
pub(super) fn attach(args: &AttachArgs) -> Result<Exit, Failure> {
    let path = || args.receipt.clone();
    let bytes = read_small(&args.receipt, ENVELOPE_LEN_MAX)?;
    let receipt = Receipt::parse(String::new(), &bytes)
        .map_err(|source| Failure::new(Exit::Usage, JoinError::Receipt { path: path(), source }))?;
    let key = receipt.event.key().filter(|key| receipt.envelope.verify(key).is_ok());
    if key.is_none() {
        return Err(Failure::new(Exit::Refuted, JoinError::Signature { path: path() }));
    }
    let log = OpenLog::open(&args.place)?;
    let opened = log.read(&Trusted::default())?;
    let custody = &opened.custody;
    let bundle = log.name.clone();
    if custody.records.events.iter().any(|event| event.digest == receipt.digest) {
        message(&format!("{} has this event already", log.name));
        return Ok(Exit::Done);
    }
    let grown = &custody.records.grown;
    let is_missing = |it: &&crate::format::event::Listed| !grown.iter().any(|there| there.name == it.name);
    if let Some(missing) = receipt.event.predicate.members.iter().find(is_missing) {
        let member = missing.name.clone();
        return Err(Failure::new(Exit::Usage, JoinError::Missing { path: path(), bundle, member })
            .hint("`scelle custody merge` adds all that the other copy has"));
    }
    let mut events = custody.records.events.clone();
    events.push(Summary::of(&receipt.event, receipt.digest));
    let depth = depth_of_last(custody, &events)
        .map_err(|source| Failure::new(Exit::Refuted, JoinError::NotFitting { path: path(), bundle, source }))?;
    log.store.add(&member_name(depth, receipt.event.predicate.kind, receipt.digest), &bytes)?;
    message(&format!("added event {depth}, {}", receipt.event.predicate.kind));
    Ok(Exit::Done)
}

/// How many events lead to the last one of these; or what is wrong that was not before.
fn depth_of_last(custody: &Custody, events: &[Summary]) -> Result<u64, Problem> {
    let origin = custody.origin.as_ref().ok_or(Problem::Orphan)?;
    let log = walk(origin, events, &custody.parties);
    let mut known = custody.log.findings.clone();
    for finding in log.findings.into_iter().filter(|finding| !finding.problem.is_unknown()) {
        match known.iter().position(|known| *known == finding) {
            Some(at) => drop(known.swap_remove(at)),
            None => return Err(finding.problem),
        }
    }
    log.depths.last().copied().ok_or(Problem::Orphan)
}

/// Runs `scelle custody merge`.
pub(super) fn merge(args: &MergeArgs) -> Result<Exit, Failure> {
    let log = OpenLog::open(&args.place)?;
    let opened = log.read(&Trusted::default())?;
    let other = open_with_log(&args.other, args.other_log.as_deref())?;
    let others =
        open_log(&*other, &Options::new(interrupt::flag())).map_err(|error| Failure::new(Exit::Interrupted, error))?;
    let (name, other_name) = (log.name.clone(), shown(&args.other));
    let differs = || Failure::new(Exit::Usage, JoinError::Different(name.clone(), other_name.clone()));
    if opened.seal_digest.is_none() || opened.seal_digest != others.seal_digest {
        return Err(differs().hint("the seal digest tells them apart: `scelle show`"));
    }
    for (custody, name) in [(&opened.custody, &name), (&others.custody, &other_name)] {
        if !custody.log.is_sound() {
            return Err(Failure::new(Exit::Refuted, JoinError::NotSound(name.clone()))
                .hint("`scelle verify` says what is wrong with it"));
        }
    }
    let new = new_members(&opened.custody.records, &others.custody.records);
    check_together(&opened.custody, &others.custody)
        .map_err(|problem| Failure::new(Exit::Refuted, JoinError::Forked(name.clone(), other_name.clone(), problem)))?;
    for member in &new {
        let bytes = read_grown(&*other, member).map_err(|error| Failure::new(Exit::CouldNot, error))?;
        log.store.add(member, &bytes)?;
    }
    message(&format!("added {} of {other_name}", count(new.len() as u64, "member", "members")));
    Ok(Exit::Done)
}

/// Members of the other that are not here, events after those that they follow.
fn new_members(here: &Records, there: &Records) -> Vec<MemberName> {
    let new = there.grown.iter().filter(|member| here.grown.binary_search_by(|it| it.name.cmp(&member.name)).is_err());
    // Names of events begin with their place in the log, so that in this order each comes after those that it follows.
    new.filter_map(|member| MemberName::parse(&member.name)).collect()
}

/// That all events together are as sound as each log was.
fn check_together(here: &Custody, there: &Custody) -> Result<(), Problem> {
    let mut events = here.records.events.clone();
    let new = there.records.events.iter().filter(|it| !here.records.events.iter().any(|at| at.digest == it.digest));
    events.extend(new.cloned());
    let origin = here.origin.as_ref().ok_or(Problem::Orphan)?;
    let log = walk(origin, &events, &here.parties);
    log.findings.into_iter().map(|finding| finding.problem).find(|problem| !problem.is_unknown()).map_or(Ok(()), Err)
}
