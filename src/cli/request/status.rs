//! An inbox: a directory with requests and replies.

use std::fs;
use std::io;
use std::path::{Path, PathBuf};

use clap::Args;

use super::document::{FileError, NOBODY_TRUSTED, check_signers};
use super::table;
use crate::cli::clock::now;
use crate::cli::small_file::read_small;
use crate::cli::trusted::{Trusted, WhomArgs, moment};
use crate::cli::{Exit, Failure, message, warning, write_stdout};
use crate::format::dsse::EnvelopeError;
use crate::format::reply::{Reply, SignedReply};
use crate::format::request::{Request, SignedRequest};
use crate::format::signed::{Document, DocumentError, Signed};
use crate::hash::sha256;
use crate::limits::{ENVELOPE_LEN_MAX, INBOX_LEN_MAX, REQUEST_DOCUMENT_COUNT_MAX};
use crate::report::escape;
use crate::report::quantity::count;
use crate::request::inbox::{Inbox, Received};

/// Arguments of `scelle request status`.
#[derive(Debug, Args)]
pub struct StatusArgs {
    /// A directory; every request and reply in its files *.json counts
    #[arg(value_name = "DIR")]
    dir: PathBuf,
    #[command(flatten)]
    trust: WhomArgs,
    /// Print it as one JSON object
    #[arg(long)]
    json: bool,
    /// Show what is due as of this moment (2026-11-22, or 2026-11-22T03:17:00Z) instead of now
    #[arg(long, value_name = "DATE")]
    at: Option<String>,
}

/// What is wrong with the directory.
#[derive(Debug, thiserror::Error)]
enum DirError {
    #[error("cannot read the directory {path}", path = path.display())]
    Read { path: PathBuf, source: io::Error },
    #[error("{path} has more than {REQUEST_DOCUMENT_COUNT_MAX} files *.json", path = .0.display())]
    TooMany(PathBuf),
    #[error("the documents of {path} have more than {INBOX_LEN_MAX} bytes together", path = .0.display())]
    TooLong(PathBuf),
}

/// What was found.
#[derive(Default)]
struct Found {
    requests: Vec<Received<Request>>,
    replies: Vec<Received<Reply>>,
    /// The gravest of what was wrong with single files.
    exit: Option<Exit>,
}

/// Exits with 1 if something is overdue, or replies contradict each other. Files that are not what they should be are named, and the rest is shown.
pub(super) fn status(args: &StatusArgs) -> Result<Exit, Failure> {
    let at = args.at.as_deref().map_or_else(|| Ok(now()), moment)?;
    let trusted = args.trust.open(at)?;
    let mut found = Found::default();
    let mut len = 0_u64;
    for path in documents(&args.dir)? {
        len = len.saturating_add(fs::metadata(&path).map_or(0, |metadata| metadata.len()));
        if len > INBOX_LEN_MAX {
            return Err(Failure::new(Exit::Usage, DirError::TooLong(args.dir.clone())));
        }
        if let Err(failure) = take(&path, &trusted, &mut found) {
            let exit = failure.report();
            let worse = |known: &Exit| known.code() < exit.code() && *known != Exit::Refuted;
            if found.exit.as_ref().is_none_or(worse) || exit == Exit::Refuted {
                found.exit = Some(exit);
            }
        }
    }
    if trusted.is_nobody() && !(found.requests.is_empty() && found.replies.is_empty()) {
        warning(NOBODY_TRUSTED);
    }
    let inbox = Inbox::new(&found.requests, &found.replies, at);
    if args.json {
        write_stdout(format!("{}\n", escape::json(&table::object(&inbox, at).to_string())).as_bytes())?;
    } else {
        write_stdout(table::text(&inbox).as_bytes())?;
        for entry in &inbox.entries {
            entry.problems.iter().for_each(|problem| warning(&format!("{}: {problem}", entry.id.as_str())));
        }
        for stray in &inbox.strays {
            warning(&format!("the reply {stray} follows nothing that is here"));
        }
        let overdue = inbox.entries.iter().filter(|entry| entry.is_overdue()).count();
        let requests = count(u64::try_from(inbox.entries.len()).unwrap_or(u64::MAX), "request", "requests");
        message(&format!("{requests}, {overdue} overdue at {at}"));
    }
    let is_sound = inbox.strays.is_empty() && inbox.entries.iter().all(|entry| entry.problems.is_empty());
    Ok(if inbox.is_overdue() || !is_sound { Exit::Refuted } else { found.exit.unwrap_or(Exit::Done) })
}

/// Files of the directory that may be documents, in the order of their names.
fn documents(dir: &Path) -> Result<Vec<PathBuf>, Failure> {
    let failed = |source| Failure::new(Exit::CouldNot, DirError::Read { path: dir.to_owned(), source });
    let mut paths = Vec::new();
    for entry in fs::read_dir(dir).map_err(failed)? {
        let path = entry.map_err(failed)?.path();
        // A pipe would wait for a writer that never comes.
        if path.extension().is_some_and(|extension| extension == "json") && path.is_file() {
            paths.push(path);
        }
        if paths.len() > REQUEST_DOCUMENT_COUNT_MAX {
            return Err(Failure::new(Exit::Usage, DirError::TooMany(dir.to_owned())));
        }
    }
    paths.sort();
    Ok(paths)
}

/// Takes a file in, if it is a request or a reply. Envelopes of other documents are passed over.
fn take(path: &Path, trusted: &Trusted, found: &mut Found) -> Result<(), Failure> {
    let bytes = read_small(path, ENVELOPE_LEN_MAX)?;
    let is_other = |error: &DocumentError| matches!(error, DocumentError::Envelope(EnvelopeError::PayloadType(_)));
    match SignedRequest::parse(&bytes) {
        Ok(request) => found.requests.push(received(path, request, trusted)?),
        Err(error) if is_other(&error) => match SignedReply::parse(&bytes) {
            Ok(reply) => found.replies.push(received(path, reply, trusted)?),
            Err(error) if is_other(&error) => {}
            Err(error) => return Err(wrong(path, error)),
        },
        Err(error) => return Err(wrong(path, error)),
    }
    Ok(())
}

fn received<T: Document>(path: &Path, signed: Signed<T>, trusted: &Trusted) -> Result<Received<T>, Failure> {
    check_signers(path, &signed, trusted)?;
    Ok(Received { digest: sha256(&signed.payload), document: signed.document })
}

fn wrong(path: &Path, source: DocumentError) -> Failure {
    Failure::new(Exit::Usage, FileError::Form { path: path.to_owned(), what: "request or reply", source })
}
