//! `scelle timestamp`: proof of when, by authorities (RFC 3161, SPEC.md section 24).

mod target;
mod request;
mod attach;
mod get;
mod transport;

use clap::Subcommand;

use super::{Exit, Failure};

/// Have a bundle time-stamped by an authority.
#[derive(Debug, Subcommand)]
pub enum TimestampCommand {
    /// Write a query for an authority, to be taken there by hand
    Request(request::RequestArgs),
    /// Add what an authority answered, after checking it
    Attach(attach::AttachArgs),
    /// Ask an authority over HTTP or HTTPS, and add what it answers
    Get(get::GetArgs),
}

/// Runs `scelle timestamp ...`.
pub fn run(command: &TimestampCommand) -> Result<Exit, Failure> {
    match command {
        TimestampCommand::Request(args) => request::request(args),
        TimestampCommand::Attach(args) => attach::attach(args),
        TimestampCommand::Get(args) => get::get(args),
    }
}
