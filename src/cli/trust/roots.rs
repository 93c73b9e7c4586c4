//! Roots of time-stamping authorities in a list.

use std::path::PathBuf;

use clap::Args;
use data_encoding::BASE64;

use super::change::{self, ChangeArgs, ChangeError};
use crate::cli::trusted::open_time_roots;
use crate::cli::{Exit, Failure};

/// Arguments of `scelle trust timestamp-root`.
#[derive(Debug, Args)]
pub struct RootsArgs {
    #[command(flatten)]
    change: ChangeArgs,
    /// Certificates of roots to add, in PEM or DER (can be repeated)
    #[arg(long, value_name = "FILE", required_unless_present = "remove")]
    add: Vec<PathBuf>,
    /// Certificates of roots to take away (can be repeated)
    #[arg(long, value_name = "FILE")]
    remove: Vec<PathBuf>,
}

pub(super) fn change(args: &RootsArgs) -> Result<Exit, Failure> {
    let (new, old) = (open_time_roots(&args.add)?, open_time_roots(&args.remove)?);
    change::change(&args.change, |list| {
        let roots = &mut list.timestamp_roots;
        for root in &old {
            let text = BASE64.encode(root.as_der());
            let place = roots.iter().position(|known| *known == text);
            roots.remove(place.ok_or_else(|| ChangeError::NoRoot(root.subject()))?);
        }
        for root in &new {
            let text = BASE64.encode(root.as_der());
            match roots.binary_search(&text) {
                Ok(_) => return Err(ChangeError::RootTwice(root.subject())),
                Err(place) => roots.insert(place, text),
            }
        }
        Ok(())
    })
}
