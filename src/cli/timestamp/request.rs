//! Writing a query.

use std::path::PathBuf;

use clap::Args;
use der::asn1::ObjectIdentifier;

use super::target::{Target, TargetArgs};
use crate::cli::confine::Confinement;
use crate::cli::content::refuse_inside;
use crate::cli::small_file::write_new;
use crate::cli::{Exit, Failure, message, random_id, write_stdout};
use crate::format::time_stamp::{Hash, Imprint, Query};

/// What is asked for.
#[derive(Debug, Args)]
pub(super) struct QueryArgs {
    #[command(flatten)]
    target: TargetArgs,
    /// Stamp the SHA-512 of the file instead of its SHA-256
    #[arg(long)]
    sha512: bool,
    /// Policy of the authority under which it is to stamp, as an object identifier
    #[arg(long, value_name = "OID")]
    policy: Option<ObjectIdentifier>,
}

/// Arguments of `scelle timestamp request`.
#[derive(Debug, Args)]
pub struct RequestArgs {
    /// The bundle: a file or a directory
    #[arg(value_name = "BUNDLE")]
    bundle: PathBuf,
    /// Where the query goes; must not exist
    #[arg(long, value_name = "FILE")]
    out: PathBuf,
    #[command(flatten)]
    query: QueryArgs,
}

impl QueryArgs {
    /// The query, and what it is over.
    pub fn make(&self, bundle: &std::path::Path) -> Result<(Query, Target), Failure> {
        let target = self.target.open(bundle)?;
        let hash = if self.sha512 { Hash::Sha512 } else { Hash::Sha256 };
        Ok((Query::new(Imprint::of(hash, &target.bytes), self.policy, random_id()?), target))
    }
}

/// Runs `scelle timestamp request`. Prints the digest that the query is over.
pub(super) fn request(args: &RequestArgs) -> Result<Exit, Failure> {
    refuse_inside(&args.bundle, &args.out)?;
    let out = crate::dir::holding(&args.out).to_owned();
    Confinement::enter(std::slice::from_ref(&args.bundle), &[&out, crate::dir::holding(&out)]);
    let (query, target) = args.query.make(&args.bundle)?;
    write_new(&args.out, &query.to_der())?;
    message(&format!("wrote a query over {}; keep it until the answer has come", target.name));
    write_stdout(format!("{}\n", data_encoding::HEXLOWER.encode(query.imprint.digest())).as_bytes())
}
