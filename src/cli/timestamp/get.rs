//! Asking an authority, and adding what it answers.

use std::path::PathBuf;
use std::time::Duration;

use clap::Args;

use super::attach::KeptArgs;
use super::request::QueryArgs;
use super::transport::{Limits, ask};
use crate::cli::{Exit, Failure, message};

/// Arguments of `scelle timestamp get`.
#[derive(Debug, Args)]
pub struct GetArgs {
    /// The bundle: a file or a directory
    #[arg(value_name = "BUNDLE")]
    bundle: PathBuf,
    /// Where the authority answers, as http://tsa.example/ or https://...
    #[arg(long, value_name = "URL")]
    url: String,
    /// Seconds to wait for an answer, each time it is asked
    #[arg(long, value_name = "SECONDS", default_value_t = 30, value_parser = clap::value_parser!(u64).range(1..=600))]
    timeout: u64,
    /// How often to ask again if it cannot be reached, or says that it cannot answer now
    #[arg(long, value_name = "N", default_value_t = 2, value_parser = clap::value_parser!(u32).range(0..=10))]
    retries: u32,
    #[command(flatten)]
    query: QueryArgs,
    #[command(flatten)]
    kept: KeptArgs,
}

/// Runs `scelle timestamp get`.
pub(super) fn get(args: &GetArgs) -> Result<Exit, Failure> {
    let kept = args.kept.open()?;
    let (query, target) = args.query.make(&args.bundle)?;
    let limits = Limits { timeout: Duration::from_secs(args.timeout), retries: args.retries };
    let answer = ask(&args.url, &query.to_der(), &limits)?;
    message(&format!("{} answered for {}", args.url, target.name));
    kept.add(&args.bundle, &format!("the answer of {}", args.url), answer, Some(&query))
}
