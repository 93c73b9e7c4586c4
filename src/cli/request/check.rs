//! What a request lacks.

use std::path::PathBuf;

use clap::Args;
use serde_json::json;

use super::document::{FileError, NOBODY_TRUSTED, RequestFile, check_signers, open};
use crate::cli::clock::now;
use crate::cli::trusted::{WhomArgs, moment};
use crate::cli::{Exit, Failure, message, warning, write_stdout};
use crate::format::digest::Digest;
use crate::format::request::Request;
use crate::hash::sha256;
use crate::report::escape::{self, escape};
use crate::report::quantity::count;
use crate::request::{Finding, Severity, findings, is_complete};
use crate::request_file::name_in_file;

/// Arguments of `scelle request check`.
#[derive(Debug, Args)]
pub struct CheckArgs {
    /// A request: the file that was filled in, or the signed document
    #[arg(value_name = "FILE")]
    file: PathBuf,
    #[command(flatten)]
    trust: WhomArgs,
    /// Print it as one JSON object
    #[arg(long)]
    json: bool,
    /// Judge times as of this moment (2026-11-22, or 2026-11-22T03:17:00Z) instead of now
    #[arg(long, value_name = "DATE")]
    at: Option<String>,
}

/// Exits with 1 if something is missing that must be there.
pub(super) fn check(args: &CheckArgs) -> Result<Exit, Failure> {
    let at = args.at.as_deref().map_or_else(|| Ok(now()), moment)?;
    let trusted = args.trust.open(at)?;
    let (request, digest) = match open(&args.file)? {
        RequestFile::Draft(_) if !trusted.is_nobody() => {
            return Err(Failure::new(Exit::NotTrusted, FileError::Draft(args.file.clone())));
        }
        RequestFile::Draft(request) => (*request, None),
        RequestFile::Signed(signed) => {
            check_signers(&args.file, &signed, &trusted)?;
            if trusted.is_nobody() {
                warning(NOBODY_TRUSTED);
            }
            (signed.document, Some(sha256(&signed.payload)))
        }
    };
    let mut found = findings(&request, at);
    if digest.is_none() {
        found.iter_mut().for_each(|finding| finding.field = name_in_file(&finding.field));
    }
    let exit = if is_complete(&found) { Exit::Done } else { Exit::Refuted };
    if args.json {
        let json = object(&request, digest, &found, exit);
        write_stdout(format!("{}\n", escape::json(&json.to_string())).as_bytes())?;
    } else {
        write_stdout(lines(&found).as_bytes())?;
        message(&summary(&request, &found));
    }
    Ok(exit)
}

/// One line a finding.
pub(super) fn lines(found: &[Finding]) -> String {
    let line = |it: &Finding| {
        let text = format!("{}: {}", it.field, it.message);
        format!("{:6}  {:13}  {}\n", it.severity.word(), it.rule, escape(text.as_bytes()))
    };
    found.iter().map(line).collect()
}

fn summary(request: &Request, found: &[Finding]) -> String {
    let of = |severity| found.iter().filter(|finding| finding.severity == severity).count();
    let number = |severity| u64::try_from(of(severity)).unwrap_or(u64::MAX);
    let article = request.article.number();
    let should = count(number(Severity::Should), "thing", "things");
    match number(Severity::Must) {
        0 => format!("it says all that is asked for under article {article}; {should} could be better"),
        must => format!("under article {article} {} must be put right", count(must, "thing", "things")),
    }
}

fn object(request: &Request, digest: Option<Digest>, found: &[Finding], exit: Exit) -> serde_json::Value {
    let finding = |it: &Finding| json!({"rule": it.rule, "severity": it.severity.word(), "field": it.field, "message": it.message});
    json!({
        "id": request.id.as_str(),
        "article": request.article.number(),
        "digest": digest.map(|digest| digest.to_string()),
        "complete": is_complete(found),
        "exit": exit.code(),
        "findings": found.iter().map(finding).collect::<Vec<_>>(),
    })
}
