//! `scelle export`: what a bundle tells, for other programs.

use std::io::{self, BufWriter, Write as _};
use std::path::{Path, PathBuf};
use std::sync::atomic::Ordering;

use clap::Args;

use super::confine::Confinement;
use super::content::refuse_inside;
use super::custody::store::open_with_log;
use super::trusted::TrustArgs;
use super::verify::{exit_of, verified_of};
use super::{Exit, Failure, interrupt, message};
use crate::format::spki::PublicKey;
use crate::new_file::write_new_by;
use crate::report::case_uco::{Document, Ids, Told};
use crate::report::escape::escape;
use crate::report::json::verdict_name;
use crate::tree::TreeHead;
use crate::verify::proven::{Proven, open_proven};
use crate::verify::{Bundle, Cancelled, Options, ProvenEntries, Verification};

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
    refuse_inside(&args.bundle, &args.out)?;
    let place = crate::dir::holding(&args.out).to_owned();
    let read: Vec<PathBuf> = [Some(args.bundle.clone()), args.log.clone()].into_iter().flatten().collect();
    Confinement::enter(&read, &[&place, crate::dir::holding(&place)]);
    let bundle = open_with_log(&args.bundle, args.log.as_deref())?;
    let name = escape(args.bundle.as_os_str().as_encoded_bytes());
    let options = trusted.options(Options { thread_count: super::cores(), ..Options::new(interrupt::flag()) });
    let verification = verified_of(&*bundle, &name, &options)?;
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
        is_whole = entries(content, &proven, &mut document)?;
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

/// Every entry; whether they are all of those that were sealed.
fn entries<W: io::Write>(content: &Proven<'_>, proven: &ProvenEntries, document: &mut Document<W>) -> io::Result<bool> {
    let mut leaves = TreeHead::default();
    let mut result = Ok(());
    for segment in 0..content.segment_count() {
        let lines = content.lines(segment, &mut |line, bytes| {
            leaves.push(bytes);
            result = document.entry(&line, proven.has(line.n) == Some(true));
            result.is_ok() && !interrupt::flag().load(Ordering::Relaxed)
        });
        std::mem::replace(&mut result, Ok(()))?;
        if lines.is_err() {
            return Ok(false);
        }
    }
    Ok(content.root_holds(&leaves))
}
