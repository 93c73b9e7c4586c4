//! What the holder does, and remarks: events that need no verification of the content.

use std::path::Path;

use clap::Args;

use super::event::{DisposalArgs, EventArgs};
use super::{LogPlaceArgs, OpenLog};
use crate::cli::key_source::open_public_key;
use crate::cli::passphrase::PassphraseArgs;
use crate::cli::trusted::{TrustArgs, Trusted};
use crate::cli::{Exit, Failure, random_id, text_argument, write_stdout};
use crate::format::digest::CopyId;
use crate::format::event::{Predicate, Recipient};
use crate::format::event_kind::Kind;
use crate::format::party::PartyId;
use crate::trust::Trust;

/// Arguments of `scelle custody offer`.
#[derive(Debug, Args)]
pub struct OfferArgs {
    #[command(flatten)]
    place: LogPlaceArgs,
    /// To whom: a public key file, or the name of a party of the trust list
    #[arg(long, value_name = "PUB|PARTY")]
    to: String,
    #[command(flatten)]
    event: EventArgs,
    #[command(flatten)]
    trust: TrustArgs,
}

/// Arguments of `scelle custody withdraw`.
#[derive(Debug, Args)]
pub struct WithdrawArgs {
    #[command(flatten)]
    place: LogPlaceArgs,
    /// Why the offer is taken back
    #[arg(long, value_name = "TEXT")]
    reasons: Option<String>,
    #[command(flatten)]
    event: EventArgs,
    #[command(flatten)]
    trust: TrustArgs,
}

/// Arguments of `scelle custody copy`.
#[derive(Debug, Args)]
pub struct CopyArgs {
    #[command(flatten)]
    place: LogPlaceArgs,
    /// For whom the copy is made: a public key file, or the name of a party of the trust list, who then accepts it
    #[arg(long, value_name = "PUB|PARTY")]
    to: Option<String>,
    /// The id of the copy, 32 hex digits [default: random]
    #[arg(long, value_name = "ID")]
    id: Option<String>,
    #[command(flatten)]
    event: EventArgs,
    #[command(flatten)]
    trust: TrustArgs,
}

/// Arguments of `scelle custody note`.
#[derive(Debug, Args)]
pub struct NoteArgs {
    #[command(flatten)]
    place: LogPlaceArgs,
    #[command(flatten)]
    event: EventArgs,
    #[command(flatten)]
    trust: TrustArgs,
}

/// Arguments of `scelle custody record`.
#[derive(Debug, Args)]
pub struct RecordArgs {
    #[command(flatten)]
    place: LogPlaceArgs,
    /// What happened: identified, seized, collected, acquired, hashed, sealed, unsealed, transferred, received, stored,
    /// checked_out, checked_in, examined, converted, redacted, encrypted, decrypted, packaged, sent, disclosed, returned,
    /// destroyed or exculpatory_notified
    #[arg(long, value_name = "KIND", value_parser = kind)]
    kind: Kind,
    /// Of what is sent, disclosed, or told: to whom: a public key file, or the name of a party of the trust list
    #[arg(long, value_name = "PUB|PARTY")]
    to: Option<String>,
    #[command(flatten)]
    disposal: DisposalArgs,
    #[command(flatten)]
    event: EventArgs,
    #[command(flatten)]
    trust: TrustArgs,
}

fn kind(word: &str) -> Result<Kind, String> {
    let is_recorded =
        |kind: &Kind| !kind.is_of_hand_over() && !kind.is_agreement() && !kind.has_findings() && *kind != Kind::Noted;
    Kind::of_word(word)
        .filter(is_recorded)
        .ok_or_else(|| "no kind of event that can be recorded; see --help".to_owned())
}

/// Runs `scelle custody offer`.
pub(super) fn offer(args: &OfferArgs) -> Result<Exit, Failure> {
    add(&args.place, &args.event, &args.trust, Kind::Offered, None, |predicate, trusted| {
        predicate.to = Some(recipient(&args.to, trusted)?);
        Ok(())
    })
}

/// Runs `scelle custody withdraw`.
pub(super) fn withdraw(args: &WithdrawArgs) -> Result<Exit, Failure> {
    add(&args.place, &args.event, &args.trust, Kind::OfferWithdrawn, Some("the offer is taken back"), |predicate, _| {
        predicate.reasons = args.reasons.as_deref().map(|reasons| text_argument("--reasons", reasons)).transpose()?;
        Ok(())
    })
}

/// Runs `scelle custody copy`. Prints the id of the copy.
pub(super) fn copy(args: &CopyArgs) -> Result<Exit, Failure> {
    let id = match args.id.as_deref() {
        Some(text) => {
            CopyId::from_hex(text).ok_or_else(|| Failure::new(Exit::Usage, "--id takes the 32 hex digits of a copy"))?
        }
        None => CopyId(random_id()?),
    };
    add(&args.place, &args.event, &args.trust, Kind::Copied, None, |predicate, trusted| {
        predicate.copy = Some(id);
        predicate.to = args.to.as_deref().map(|to| recipient(to, trusted)).transpose()?;
        Ok(())
    })?;
    write_stdout(format!("{id}\n").as_bytes())
}

/// Runs `scelle custody note`.
pub(super) fn note(args: &NoteArgs) -> Result<Exit, Failure> {
    add(&args.place, &args.event, &args.trust, Kind::Noted, Some("a remark"), |_, _| Ok(()))
}

/// Runs `scelle custody record`.
pub(super) fn record(args: &RecordArgs) -> Result<Exit, Failure> {
    let disposal = args.disposal.disposal()?;
    if disposal.is_some() != (args.kind == Kind::Destroyed) {
        return Err(Failure::new(Exit::Usage, "what was destroyed needs --disposal-authority and --disposal-method")
            .hint("and nothing else takes them"));
    }
    if args.to.is_some() && !args.kind.may_have_recipient() {
        return Err(Failure::new(Exit::Usage, format!("--to does not belong to {}", args.kind)).hint(
            "it says to whom something was sent, disclosed or told; to hand the bundle over, use `custody offer`",
        ));
    }
    add(&args.place, &args.event, &args.trust, args.kind, None, |predicate, trusted| {
        predicate.disposal = disposal;
        predicate.to = args.to.as_deref().map(|to| recipient(to, trusted)).transpose()?;
        Ok(())
    })
}

/// Adds an event that says what the arguments say, and what `complete` adds.
pub(super) fn add(
    place: &LogPlaceArgs,
    event: &EventArgs,
    trust: &TrustArgs,
    kind: Kind,
    purpose: Option<&str>,
    complete: impl FnOnce(&mut Predicate, &Trusted) -> Result<(), Failure>,
) -> Result<Exit, Failure> {
    trust.require_now()?;
    let trusted = trust.open()?;
    let key = event.open_key()?;
    let mut predicate = event.predicate(&key, kind, purpose)?;
    complete(&mut predicate, &trusted)?;
    let log = OpenLog::open(place)?;
    let opened = log.read(&trusted)?;
    log.add((&opened.custody, &opened.ledger), &trusted, predicate, event.copy()?, &key)?;
    Ok(Exit::Done)
}

/// Whom something is offered to: a party of the trust list, if there is one of this name, else whose key is in the file.
pub(super) fn recipient(text: &str, trusted: &Trusted) -> Result<Recipient, Failure> {
    let path = Path::new(text);
    let party = PartyId::try_from(text.to_owned());
    let parties = trusted.trust.as_ref().map(Trust::parties);
    match (party, parties) {
        (Ok(party), Some(parties)) if parties.has(&party) => Ok(Recipient::Party(party)),
        _ if path.exists() => Ok(Recipient::Keyid(open_public_key(path, &PassphraseArgs::default())?.key_id())),
        (Ok(party), Some(_)) => Err(Failure::new(Exit::Usage, format!("the trust list has no party {party}"))
            .hint("`scelle trust show` lists them; or name a public key file")),
        // A file name that was mistyped looks like a party.
        (Ok(_), None) => Err(Failure::new(Exit::Usage, format!("there is no file {text}"))
            .hint("--to takes a public key file; for a party of a trust list, give the list with --trust")),
        (Err(error), _) => Err(Failure::new(Exit::Usage, error)
            .hint("--to takes a public key file, or the name of a party of the trust list")),
    }
}
