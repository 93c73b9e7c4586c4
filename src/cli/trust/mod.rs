//! `scelle trust`: make, change, sign and show trust lists.

mod certificates;
mod change;
mod make;
mod roots;
mod show;

use clap::Subcommand;

use super::{Exit, Failure};

/// Make, change, sign and show trust lists.
#[derive(Debug, Subcommand)]
pub enum TrustCommand {
    /// Make an empty list, to be filled and then signed by its root keys
    New(make::NewArgs),
    /// Add a key of a party, and the party if it is new
    Add(change::AddArgs),
    /// Let keys of a party be those that a root certifies, under a name (X.509)
    Certificates(certificates::CertificatesArgs),
    /// Revoke a key
    Revoke(change::RevokeArgs),
    /// Add or take away roots of time-stamping authorities
    TimestampRoot(roots::RootsArgs),
    /// Sign a list with a root key
    Sign(make::SignArgs),
    /// Show a list and who signed it
    Show(show::ShowArgs),
}

/// Runs `scelle trust ...`.
pub fn run(command: &TrustCommand) -> Result<Exit, Failure> {
    match command {
        TrustCommand::New(args) => make::new(args),
        TrustCommand::Add(args) => change::add(args),
        TrustCommand::Certificates(args) => certificates::add(args),
        TrustCommand::Revoke(args) => change::revoke(args),
        TrustCommand::TimestampRoot(args) => roots::change(args),
        TrustCommand::Sign(args) => make::sign(args),
        TrustCommand::Show(args) => show::show(args),
    }
}
