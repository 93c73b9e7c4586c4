//! `scelle request`: requests of the 24/7 network and of mutual assistance, and what becomes of them.

mod document;
mod new;
mod check;
mod sign;
mod respond;
mod status;
mod table;

use std::path::Path;

use clap::Subcommand;

use super::trusted::Trusted;
use super::{Exit, Failure, warning};
use crate::format::digest::Digest;
use crate::format::request::Request;
use crate::hash::sha256;

/// Write, check, sign and answer requests for cooperation, and see what is due.
#[derive(Debug, Subcommand)]
pub enum RequestCommand {
    /// Print a commented file to fill in, for a request under an article of the Convention
    New(new::NewArgs),
    /// Say what a request lacks, and which times do not hold
    Check(check::CheckArgs),
    /// Make a signed document of a file that was filled in
    Sign(sign::SignArgs),
    /// Reply to a request: that it was executed, refused, extended, ...
    Respond(Box<respond::RespondArgs>),
    /// Show an inbox of requests and replies: what state each is in, what is due and what is overdue
    Status(status::StatusArgs),
}

/// Runs `scelle request ...`.
pub fn run(command: &RequestCommand) -> Result<Exit, Failure> {
    match command {
        RequestCommand::New(args) => new::new(args),
        RequestCommand::Check(args) => check::check(args),
        RequestCommand::Sign(args) => sign::sign(args),
        RequestCommand::Respond(args) => respond::respond(args),
        RequestCommand::Status(args) => status::status(args),
    }
}

/// A signed request, and the digest by which bundles and replies name it. A signature that names one of the keys must hold;
/// if none of them signed, that is said, since the request may be the user's own.
pub(super) fn open_request(path: &Path, trusted: &Trusted) -> Result<(Digest, Request), Failure> {
    let signed = document::open_signed::<Request>(path, "signed request", &Trusted::default())?;
    let found = signed.signed_by(&trusted.signers);
    if !found.good.is_empty() || !found.forged.is_empty() {
        document::check_signers(path, &signed, trusted)?;
    } else if !trusted.is_nobody() {
        warning(&format!("{}: not signed by anybody whom you trust", path.display()));
    }
    Ok((sha256(&signed.payload), signed.document))
}
