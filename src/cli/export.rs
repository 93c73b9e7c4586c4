//! `scelle export`: what a bundle tells, for other programs.

use std::io::{self, BufWriter, Write as _};
use std::path::{Path, PathBuf};
use std::sync::atomic::Ordering;

use clap::Args;

use super::trusted::TrustArgs;
use super::verify::{Confined, exit_of, verified_confined};
use super::{Exit, Failure, interrupt, message};
use crate::format::spki::PublicKey;
use crate::new_file::write_new_by;
use crate::report::case_uco::{Document, Ids, Told};
use crate::report::json::verdict_name;
use crate::verify::proven::open_proven;
use crate::verify::{Bundle, Cancelled, ProvenEntries, Verification};

/// Anybody may read it.
const MODE: u32 = 0o644;

/// Write what a bundle holds, and what happened to it, in a form that other programs read
#[derive(Debug, Args)]
pub struct ExportArgs {
    /// The bundle: a file or a directory
    #[arg(value_name = "BUNDLE")]
    bundle: PathBuf,
    /// As JSON-LD by the ontologies CASE 1.5.0 and UCO 1.5.0
    #[arg(long, required = true)]
    case: bool,
    /// The file to write; must not exist
    #[arg(long, value_name = "FILE")]
    out: PathBuf,
    /// Directory that holds the custody log, if it is kept beside the bundle
    #[arg(long, value_name = "DIR")]
    log: Option<PathBuf>,
    #[command(flatten)]
    trust: TrustArgs,
}

/// Why nothing was written.
#[derive(Debug, thiserror::Error)]
enum ExportError {
    #[error("{bundle} has no statement that can be read")]
    NoStatement { bundle: String },
    #[error("what {bundle} holds is not known: its lists of entries are not all those that were sealed")]
    NotWhole { bundle: String },
    #[error("cannot write {path}", path = path.display())]
    Write { path: PathBuf, source: io::Error },
}

/// Runs the command. The exit code is that of `scelle verify`.
pub fn run(args: &ExportArgs) -> Result<Exit, Failure> {
    let trusted = args.trust.open()?;
    let Confined { bundle, name, verification } =
        verified_confined(&args.bundle, args.log.as_deref(), &trusted, &args.out)?;
    write(&*bundle, &name, (&verification, &trusted.signers), &args.out)?;
    message(&format!("wrote {}", args.out.display()));
    Ok(exit_of(verification.verdict))
}

fn write(
    bundle: &dyn Bundle,
    name: &str,
    (verification, signers): (&Verification, &[PublicKey]),
    out: &Path,
) -> Result<(), Failure> {
    let could_not = |error| Failure::new(Exit::CouldNot, error);
    let (Some(statement), Some(seal)) = (&verification.statement, verification.seal_digest) else {
        return Err(could_not(ExportError::NoStatement { bundle: name.to_owned() }));
    };
    let opened = open_proven(bundle, signers, interrupt::flag())
        .map_err(|Cancelled| Failure::new(Exit::Interrupted, Cancelled))?;
    let not_whole = || {
        // Nothing was written, whatever was verified before.
        let exit = match exit_of(verification.verdict) {
            Exit::Done | Exit::NotTrusted => Exit::CouldNot,
            exit => exit,
        };
        Failure::new(exit, ExportError::NotWhole { bundle: name.to_owned() })
            .hint("`scelle report` says what is proven of it all the same")
    };
    if opened.seal_digest != Some(seal) {
        return Err(not_whole());
    }
    let content = opened.content.as_ref().map_err(|_| not_whole())?;
    let told = Told {
        statement,
        case: verification.case.as_ref(),
        custody: &verification.custody,
        verdict: verdict_name(verification.verdict).to_owned(),
    };
    let proven = ProvenEntries::of(&verification.damage, verification.counts.is_some());
    let mut is_whole = true;
    let written = write_new_by(out, MODE, |file| {
        let mut document = Document::begin(BufWriter::new(file), Ids { seal })?;
        let mut result = Ok(());
        is_whole = content.all_lines(&mut |line, _| {
            result = document.entry(&line, proven.has(line.n) == Some(true));
            result.is_ok() && !interrupt::flag().load(Ordering::Relaxed)
        });
        result?;
        // Nothing of a list that is not whole is kept.
        if !is_whole {
            return Err(io::ErrorKind::InvalidData.into());
        }
        document.end(&told)?.flush()
    });
    if interrupt::flag().load(Ordering::Relaxed) {
        return Err(Failure::new(Exit::Interrupted, Cancelled));
    }
    if !is_whole {
        return Err(not_whole());
    }
    written.map_err(|source| {
        let exit = if source.kind() == io::ErrorKind::AlreadyExists { Exit::Usage } else { Exit::CouldNot };
        Failure::new(exit, ExportError::Write { path: out.to_owned(), source })
    })
}
