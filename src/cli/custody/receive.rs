//! Taking a bundle, or not: everything is verified first, and what was found is signed.

use std::path::{Path, PathBuf};

use clap::Args;

use super::agree::ConditionArgs;
use super::event::EventArgs;
use super::{LogPlaceArgs, OpenLog};
use crate::cli::small_file::write_new;
use crate::cli::trusted::{TrustArgs, Trusted};
use crate::cli::verify::{exit_of, verified_of};
use crate::cli::{Exit, Failure, interrupt, message, text_argument};
use crate::format::case::Text;
use crate::format::event::{Damage, Found};
use crate::format::event_kind::Kind;
use crate::format::json::ByteCount;
use crate::limits::FINDING_COUNT_MAX;
use crate::report::json::{cause_name, verdict_name};
use crate::sign::SigningKey;
use crate::verify::{DamagedRange, Options, Verdict, Verification};

/// Arguments of `scelle custody accept`.
#[derive(Debug, Args)]
pub struct AcceptArgs {
    #[command(flatten)]
    place: LogPlaceArgs,
    #[command(flatten)]
    trust: TrustArgs,
    /// Where the receipt goes, to be given to whoever offered the bundle; must not exist
    #[arg(long, value_name = "FILE")]
    receipt: PathBuf,
    #[command(flatten)]
    conditions: ConditionArgs,
    #[command(flatten)]
    event: EventArgs,
}

/// Arguments of `scelle custody refuse`.
#[derive(Debug, Args)]
pub struct RefuseArgs {
    #[command(flatten)]
    place: LogPlaceArgs,
    #[command(flatten)]
    trust: TrustArgs,
    /// Why it is not taken
    #[arg(long, value_name = "TEXT")]
    reasons: String,
    /// Where a copy of the event goes, to be given to whoever offered the bundle; must not exist
    #[arg(long, value_name = "FILE")]
    receipt: Option<PathBuf>,
    #[command(flatten)]
    event: EventArgs,
}

/// A bundle is not taken.
#[derive(Debug, thiserror::Error)]
#[error("{bundle} is not accepted: {verdict}")]
struct NotAccepted {
    bundle: String,
    verdict: &'static str,
}

/// Runs `scelle custody accept`.
pub(super) fn accept(args: &AcceptArgs) -> Result<Exit, Failure> {
    require_free(&args.receipt)?;
    let key = args.event.open_key()?;
    let mut predicate = args.event.predicate(&key, Kind::Accepted, Some("accepted as offered"))?;
    predicate.accepts = args.conditions.ids()?;
    let log = OpenLog::open(&args.place)?;
    let trusted = trusted_by(&args.trust, &key)?;
    log.require_allowed(&trusted, &predicate, args.event.copy()?)?;
    let verification = all_of(&log, &trusted)?;
    if verification.verdict != Verdict::Verified {
        let verdict = verdict_name(verification.verdict);
        return Err(Failure::new(exit_of(verification.verdict), NotAccepted { bundle: log.name, verdict }).hint(
            "`scelle verify` says what was found; if the log itself is sound, `scelle custody refuse` records it, with reasons",
        ));
    }
    predicate.found = found(&verification)?;
    args.event.ends_now(&mut predicate);
    let envelope =
        log.add((&verification.custody, &verification.ledger), &trusted, predicate, args.event.copy()?, &key)?;
    // The event is in the log: if this fails, it can be copied from there.
    write_new(&args.receipt, &envelope)?;
    message(&format!("receipt for whoever offered it: {}", args.receipt.display()));
    Ok(Exit::Done)
}

/// Runs `scelle custody refuse`.
pub(super) fn refuse(args: &RefuseArgs) -> Result<Exit, Failure> {
    args.receipt.as_deref().map_or(Ok(()), require_free)?;
    let key = args.event.open_key()?;
    let mut predicate = args.event.predicate(&key, Kind::Refused, Some("not taken"))?;
    predicate.reasons = Some(text_argument("--reasons", &args.reasons)?);
    let log = OpenLog::open(&args.place)?;
    let trusted = trusted_by(&args.trust, &key)?;
    log.require_allowed(&trusted, &predicate, args.event.copy()?)?;
    let verification = all_of(&log, &trusted)?;
    predicate.found = found(&verification)?;
    args.event.ends_now(&mut predicate);
    let envelope =
        log.add((&verification.custody, &verification.ledger), &trusted, predicate, args.event.copy()?, &key)?;
    if let Some(receipt) = &args.receipt {
        write_new(receipt, &envelope)?;
    }
    Ok(Exit::Done)
}

/// That a receipt can be written, before hours of verifying.
fn require_free(receipt: &Path) -> Result<(), Failure> {
    match receipt.symlink_metadata() {
        Err(_) => Ok(()),
        Ok(_) => Err(Failure::new(Exit::Usage, format!("{} exists already", receipt.display()))
            .hint("nothing was verified or signed; name a receipt that is not there yet")),
    }
}

/// Whoever signs trusts their own key, unless a list says whom to trust.
fn trusted_by(trust: &TrustArgs, key: &SigningKey) -> Result<Trusted, Failure> {
    trust.require_now()?;
    let mut trusted = trust.open()?;
    if trusted.trust.is_none() {
        trusted.signers.push(key.public());
    }
    Ok(trusted)
}

/// Verifies everything.
fn all_of(log: &OpenLog, trusted: &Trusted) -> Result<Verification, Failure> {
    let options = Options { thread_count: crate::cli::cores(), ..Options::new(interrupt::flag()) };
    verified_of(&*log.bundle, &log.name, &trusted.options(options))
}

/// What a verification found, as an event has it.
fn found(verification: &Verification) -> Result<Option<Found>, Failure> {
    let count = |n: u64| ByteCount::new(n).ok_or_else(|| Failure::new(Exit::CouldNot, "more damage than can be told"));
    let text = |text: &str| text_argument("damage", text);
    let range = |range: &DamagedRange| {
        Ok(Damage {
            cause: text(cause_name(range.cause))?,
            len: count(range.len)?,
            member: text(&range.member)?,
            offset: count(range.offset)?,
        })
    };
    let listed = usize::try_from(FINDING_COUNT_MAX).unwrap_or(usize::MAX);
    let ranges = &verification.damage.ranges;
    let verdict: Text = text(verdict_name(verification.verdict))?;
    let Some(seal_digest) = verification.seal_digest else {
        return Err(Failure::new(Exit::Refuted, "there is no statement, so there is no log to add to"));
    };
    Ok(Some(Found {
        damage: ranges.iter().take(listed).map(range).collect::<Result<_, Failure>>()?,
        damage_count: count(verification.damage.range_count)?,
        exit: exit_of(verification.verdict).code(),
        seal_digest,
        verdict,
    }))
}
