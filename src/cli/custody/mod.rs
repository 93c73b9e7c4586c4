//! `scelle custody`: what happens to a bundle after it was sealed, each event signed by whoever acts.

mod event;
pub(super) mod store;
mod acts;
mod agree;
mod receive;
mod join;
mod table;

use std::path::{Path, PathBuf};
use std::sync::Arc;

use clap::{Args, Subcommand};

use super::trusted::Trusted;
use super::{Exit, Failure, interrupt, message};
use crate::custody::{Chain, NextError, Parties, next};
use crate::format::digest::{CopyId, Digest};
use crate::format::event::{Event, Predicate, member_name};
use crate::format::member::MemberName;
use crate::hash::sha256;
use crate::report::escape::escape;
use crate::sign::SigningKey;
use crate::verify::{Area, Bundle, Custody, Ledger, OpenedLog, Options, Outcome, Receipt, open_log};
use store::Store;

/// Hand a bundle over, take it, and see what happened to it.
#[derive(Debug, Subcommand)]
pub enum CustodyCommand {
    /// Offer the bundle to somebody, who then accepts or refuses it
    Offer(acts::OfferArgs),
    /// Take a bundle that was offered, after verifying everything, and write a receipt for the one who offered it
    Accept(receive::AcceptArgs),
    /// Refuse a bundle that was offered, with reasons and with what verifying it found
    Refuse(receive::RefuseArgs),
    /// Take an offer back
    Withdraw(acts::WithdrawArgs),
    /// Record that a copy was made, which from now on has a log of its own
    Copy(acts::CopyArgs),
    /// Accept the conditions of the case, before the bundle is sent or shown to you
    Agree(agree::AgreeArgs),
    /// Ask the original State whether personal data may go on to a third one, and record what it answers
    #[command(subcommand)]
    Onward(agree::OnwardCommand),
    /// Add a remark
    Note(acts::NoteArgs),
    /// Record anything else: examined, stored, sent, destroyed and so on
    Record(acts::RecordArgs),
    /// Add a receipt, or another event that was kept elsewhere
    Attach(join::AttachArgs),
    /// Add what another copy of the same bundle has and this one has not
    Merge(join::MergeArgs),
    /// Show the log and who holds what
    Log(table::LogArgs),
}

/// The bundle, and where its log is.
#[derive(Debug, Args)]
struct LogPlaceArgs {
    /// The bundle: a file or a directory
    #[arg(value_name = "BUNDLE")]
    bundle: PathBuf,
    /// Keep the log in this directory instead of the bundle, which may be on a medium that cannot be written to
    #[arg(long, value_name = "DIR")]
    log: Option<PathBuf>,
}

/// Runs `scelle custody ...`.
pub fn run(command: &CustodyCommand) -> Result<Exit, Failure> {
    match command {
        CustodyCommand::Offer(args) => acts::offer(args),
        CustodyCommand::Accept(args) => receive::accept(args),
        CustodyCommand::Refuse(args) => receive::refuse(args),
        CustodyCommand::Withdraw(args) => acts::withdraw(args),
        CustodyCommand::Copy(args) => acts::copy(args),
        CustodyCommand::Agree(args) => agree::agree(args),
        CustodyCommand::Onward(command) => agree::onward(command),
        CustodyCommand::Note(args) => acts::note(args),
        CustodyCommand::Record(args) => acts::record(args),
        CustodyCommand::Attach(args) => join::attach(args),
        CustodyCommand::Merge(args) => join::merge(args),
        CustodyCommand::Log(args) => table::log(args),
    }
}

/// What is wrong before an event is even looked at.
#[derive(Debug, thiserror::Error)]
enum CustodyError {
    #[error("{bundle} has no statement that a log could begin with")]
    NoStatement { bundle: String },
    #[error("nothing was added to the log of {bundle}")]
    NotAdded { bundle: String, source: NextError },
}

/// An open log, to which one event is to be added.
pub(super) struct OpenLog {
    name: String,
    store: Store,
    bundle: Arc<dyn Bundle>,
}

impl OpenLog {
    /// Opens a log, and holds it so that nobody else adds to it meanwhile.
    fn open(place: &LogPlaceArgs) -> Result<Self, Failure> {
        let store = store::log_store(&place.bundle, place.log.as_deref())?;
        let bundle = store::open_with_log(&place.bundle, place.log.as_deref())?;
        Ok(Self { name: shown(&place.bundle), store, bundle })
    }

    /// Opens a bundle that other members than events are to be added to.
    pub fn of_bundle(bundle: &Path) -> Result<Self, Failure> {
        Self::open(&LogPlaceArgs { bundle: bundle.to_owned(), log: None })
    }

    /// What people are told of it.
    pub fn name(&self) -> &str {
        &self.name
    }

    /// What is open.
    pub fn bundle(&self) -> &dyn Bundle {
        &*self.bundle
    }

    /// Adds a member, if all holds with it that held without; `origin` is what people are told that it is.
    pub fn add_member(
        &self,
        before: &Ledger,
        trusted: &Trusted,
        name: MemberName,
        bytes: Vec<u8>,
        origin: &str,
    ) -> Result<(), Failure> {
        let new = [(name, bytes)];
        self.check_joined(before, trusted, &new, origin)?;
        self.store.add(&new[0].0, &new[0].1)
    }

    /// What is in it, without looking at the content.
    pub fn read(&self, trusted: &Trusted) -> Result<OpenedLog, Failure> {
        let options = trusted.options(Options::new(interrupt::flag()));
        open_log(&*self.bundle, &options).map_err(|error| Failure::new(Exit::Interrupted, error))
    }

    /// Signs an event and adds it. Gives the bytes of its envelope.
    fn add(
        &self,
        (custody, ledger): (&Custody, &Ledger),
        trusted: &Trusted,
        predicate: Predicate,
        copy: Option<CopyId>,
        key: &SigningKey,
    ) -> Result<Vec<u8>, Failure> {
        // Whoever builds on a log lists what is there: junk could then never be taken away again.
        let is_refuted = ledger.outcome_in(Area::Custody) == Some(Outcome::Failed);
        if is_refuted || !custody.records.is_complete {
            return Err(self.not_added(if is_refuted { NextError::NotSound } else { NextError::NotRead }));
        }
        let (event, depth) = self.next(custody, predicate, copy)?;
        let payload = event.to_bytes();
        let digest = sha256(&payload);
        let envelope = key.seal_envelope(&payload)?.to_bytes();
        // What a reader would refuse must not be added.
        Receipt::parse(String::new(), &envelope).map_err(|error| Failure::new(Exit::Usage, error))?;
        let new = [(member_name(depth, event.predicate.kind, digest), envelope.clone())];
        self.check_joined(ledger, trusted, &new, "the event")?;
        self.store.add(&new[0].0, &envelope)?;
        message(&added(&event, depth, digest, &custody.parties));
        Ok(envelope)
    }

    /// The event as it would be added.
    fn next(&self, custody: &Custody, predicate: Predicate, copy: Option<CopyId>) -> Result<(Event, u64), Failure> {
        let Some(origin) = &custody.origin else {
            return Err(Failure::new(Exit::Refuted, CustodyError::NoStatement { bundle: self.name.clone() }));
        };
        let chain = Chain { origin, records: &custody.records, log: &custody.log, parties: &custody.parties };
        next(&chain, predicate, copy).map_err(|source| self.not_added(source))
    }

    /// That an event would be allowed, before hours of verifying. What is wrong with the log itself is left to that.
    fn require_allowed(&self, trusted: &Trusted, predicate: &Predicate, copy: Option<CopyId>) -> Result<(), Failure> {
        let opened = self.read(trusted)?;
        if opened.ledger.outcome_in(Area::Custody) == Some(Outcome::Failed) || opened.custody.origin.is_none() {
            return Ok(());
        }
        self.next(&opened.custody, predicate.clone(), copy).map(drop)
    }

    fn not_added(&self, source: NextError) -> Failure {
        let hint = source.hint();
        let exit = match source {
            NextError::NotSound => Exit::Refuted,
            NextError::NotRead => Exit::CouldNot,
            _ => Exit::Usage,
        };
        Failure::new(exit, CustodyError::NotAdded { bundle: self.name.clone(), source }).hint(hint)
    }
}

fn added(event: &Event, depth: u64, digest: Digest, parties: &Parties) -> String {
    let predicate = &event.predicate;
    let who = parties.name(predicate.actor.keyid);
    format!("event {depth}: {} by {who}, {}, digest {digest}", predicate.kind, predicate.end)
}

fn shown(path: &Path) -> String {
    escape(path.as_os_str().as_encoded_bytes())
}
