//! Bringing together what was kept apart: receipts, and the logs of two copies of one bundle.

use std::collections::HashMap;
use std::path::PathBuf;
use std::sync::Arc;

use clap::Args;

use super::store::open_with_log;
use super::{CustodyError, LogPlaceArgs, OpenLog, shown};
use crate::cli::trusted::{TrustArgs, Trusted};
use crate::cli::verify::open_receipt;
use crate::cli::{Exit, Failure, interrupt, message};
use crate::custody::{Records, Summary, walk};
use crate::format::digest::Digest;
use crate::format::event::{Listed, member_name};
use crate::format::member::MemberName;
use crate::report::escape::escape;
use crate::report::quantity::count;
use crate::verify::{Area, Custody, Ledger, Options, Outcome, WholeError, WithMembers, open_log, read_grown};

/// Arguments of `scelle custody attach`.
#[derive(Debug, Args)]
pub struct AttachArgs {
    #[command(flatten)]
    place: LogPlaceArgs,
    /// The receipt, as the other side wrote it
    #[arg(value_name = "RECEIPT")]
    receipt: PathBuf,
    #[command(flatten)]
    trust: TrustArgs,
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
    #[command(flatten)]
    trust: TrustArgs,
}

/// Why two logs cannot be brought together.
#[derive(Debug, thiserror::Error)]
enum JoinError {
    #[error("the signature of {path} does not hold", path = path.display())]
    Signature { path: PathBuf },
    #[error("{path} lists {member}, which is not in {bundle}", path = path.display())]
    Missing { path: PathBuf, bundle: String, member: String },
    #[error("{0} and {1} are not copies of the same sealing")]
    Different(String, String),
    #[error("the custody log of {0} is not sound")]
    NotSound(String),
    #[error("with what {other} has, {bundle} would not hold: {what}")]
    WouldNotHold { bundle: String, other: String, what: String },
    #[error("{member} of {other} is no event, and --log DIR holds nothing else")]
    NotForLog { other: String, member: String },
}

/// Runs `scelle custody attach`.
pub(super) fn attach(args: &AttachArgs) -> Result<Exit, Failure> {
    let path = || args.receipt.clone();
    let trusted = args.trust.open()?;
    let (receipt, bytes) = open_receipt(&args.receipt)?;
    let key = receipt.event.key().filter(|key| receipt.envelope.verify(key).is_ok());
    if key.is_none() {
        return Err(Failure::new(Exit::Refuted, JoinError::Signature { path: path() }));
    }
    let log = OpenLog::open(&args.place)?;
    let opened = log.read(&trusted)?;
    let custody = &opened.custody;
    let bundle = log.name.clone();
    if custody.records.events.iter().any(|event| event.digest == receipt.digest) {
        message(&format!("{} has this event already", log.name));
        return Ok(Exit::Done);
    }
    let there: HashMap<&str, Digest> = custody.records.grown.iter().map(|it| (it.name.as_str(), it.sha256)).collect();
    let is_missing = |it: &&Listed| there.get(it.name.as_str()) != Some(&it.sha256);
    if let Some(missing) = receipt.event.predicate.members.iter().find(is_missing) {
        let member = missing.name.clone();
        return Err(Failure::new(Exit::Usage, JoinError::Missing { path: path(), bundle, member })
            .hint("`scelle custody merge` adds all that the other copy has"));
    }
    let Some(origin) = &custody.origin else {
        return Err(Failure::new(Exit::Refuted, CustodyError::NoStatement { bundle }));
    };
    let mut events = custody.records.events.clone();
    events.push(Summary::of(&receipt.event, receipt.digest));
    // Where it stands; 0 if what it comes after is not here, which is found below.
    let depth = walk(origin, &events, &custody.parties).depths.last().copied().unwrap_or(0);
    let name = member_name(depth, receipt.event.predicate.kind, receipt.digest);
    let new = [(name, bytes)];
    log.check_joined(&opened.ledger, &trusted, &new, &shown(&args.receipt))?;
    log.store.add(&new[0].0, &new[0].1)?;
    message(&format!("added event {depth}, {}", receipt.event.predicate.kind));
    Ok(Exit::Done)
}

impl OpenLog {
    /// That nothing of the log fails with further members that did not fail without: what is added can never be taken away.
    pub(super) fn check_joined(
        &self,
        before: &Ledger,
        trusted: &Trusted,
        new: &[(MemberName, Vec<u8>)],
        other: &str,
    ) -> Result<(), Failure> {
        let joined = WithMembers::new(Arc::clone(&self.bundle), new);
        let options = trusted.options(Options::new(interrupt::flag()));
        let after = open_log(&joined, &options).map_err(|error| Failure::new(Exit::Interrupted, error))?;
        for tally in after.ledger.tallies().into_iter().filter(|tally| tally.rule.area != Area::Trust) {
            let before = before.tally(tally.rule);
            // What a trust list would tell, or another version, must be told before it is added for good.
            let is_open =
                tally.rule.area == Area::Custody && tally.cannot_tell > before.map_or(0, |tally| tally.cannot_tell);
            if is_open || tally.failed > before.map_or(0, |tally| tally.failed) {
                let details = after.ledger.details().iter().rev();
                let check = details
                    .into_iter()
                    .find(|it| std::ptr::eq(it.rule, tally.rule) && it.outcome >= Outcome::CannotTell);
                let note = check.and_then(|check| check.note.clone()).unwrap_or_else(|| tally.rule.what.to_owned());
                let what = format!("{}: {}", tally.rule.id, escape(note.as_bytes()));
                let (bundle, other) = (self.name.clone(), other.to_owned());
                return Err(Failure::new(Exit::Refuted, JoinError::WouldNotHold { bundle, other, what }).hint(
                    match is_open {
                        true => "nothing was added; give the trust list with --trust",
                        false => "nothing was added; `scelle custody log` shows what is there",
                    },
                ));
            }
        }
        Ok(())
    }
}

/// Runs `scelle custody merge`.
pub(super) fn merge(args: &MergeArgs) -> Result<Exit, Failure> {
    let trusted = args.trust.open()?;
    let log = OpenLog::open(&args.place)?;
    let opened = log.read(&trusted)?;
    let other = open_with_log(&args.other, args.other_log.as_deref())?;
    let others = open_log(&*other, &trusted.options(Options::new(interrupt::flag())))
        .map_err(|error| Failure::new(Exit::Interrupted, error))?;
    let (name, other_name) = (log.name.clone(), shown(&args.other));
    if opened.seal_digest.is_none() || opened.seal_digest != others.seal_digest {
        return Err(Failure::new(Exit::Usage, JoinError::Different(name, other_name))
            .hint("the seal digest tells them apart: `scelle show`"));
    }
    for (opened, name) in [(&opened, &name), (&others, &other_name)] {
        if opened.ledger.outcome_in(Area::Custody) == Some(Outcome::Failed) {
            return Err(Failure::new(Exit::Refuted, JoinError::NotSound(name.clone()))
                .hint("`scelle verify` says what is wrong with it"));
        }
    }
    let new = new_members(&opened.custody.records, &others.custody);
    if let Some(member) = new.iter().find(|name| args.place.log.is_some() && !matches!(name, MemberName::Custody(_))) {
        let member = member.to_string();
        return Err(Failure::new(Exit::Usage, JoinError::NotForLog { other: other_name, member })
            .hint("merge into the bundle itself, without --log"));
    }
    let read = |name: &MemberName| Ok((name.clone(), read_grown(&*other, name)?));
    let new = new.iter().map(read).collect::<Result<Vec<_>, WholeError>>();
    let new = new.map_err(|error| Failure::new(Exit::CouldNot, error))?;
    log.check_joined(&opened.ledger, &trusted, &new, &other_name)?;
    for (name, bytes) in &new {
        log.store.add(name, bytes)?;
    }
    message(&format!("added {} of {other_name}", count(new.len() as u64, "member", "members")));
    Ok(Exit::Done)
}

/// Members of the other that are not here: what events may list first, then events, each after those that it follows, so that
/// whatever was added when it ends early holds.
fn new_members(here: &Records, there: &Custody) -> Vec<MemberName> {
    let depth = |event: Option<usize>| event.and_then(|event| there.log.depths.get(event).copied()).unwrap_or(0);
    let is_here = |name: &str| here.grown.binary_search_by(|it| it.name.as_str().cmp(name)).is_ok();
    let mut new: Vec<_> = there.records.grown.iter().filter(|member| !is_here(&member.name)).collect();
    new.sort_by_key(|member| (member.event.is_some(), depth(member.event)));
    new.into_iter().filter_map(|member| MemberName::parse(&member.name)).collect()
}
