//! A signed document of a file that was filled in.

use std::path::PathBuf;

use clap::Args;

use super::check::lines;
use super::document::{RequestFile, open};
use crate::cli::clock::now;
use crate::cli::key_source::{UnlockArgs, open_signing_key};
use crate::cli::small_file::write_new;
use crate::cli::{Exit, Failure, message, warning, write_stdout};
use crate::format::digest::Digest;
use crate::format::dsse::Signature;
use crate::format::signed::{Document, DocumentError, Signed, Unsigned};
use crate::hash::sha256;
use crate::request::{Finding, Severity, findings, is_complete};
use crate::request_file::name_in_file;
use crate::sign::SigningKey;

/// Arguments of `scelle request sign`.
#[derive(Debug, Args)]
pub struct SignArgs {
    /// The file that was filled in
    #[arg(value_name = "FILE")]
    file: PathBuf,
    /// Private key to sign with
    #[arg(long, value_name = "KEY")]
    key: PathBuf,
    #[command(flatten)]
    unlock: UnlockArgs,
    /// The document to write; must not exist
    #[arg(long, value_name = "FILE")]
    out: PathBuf,
    /// Sign it even if something is missing that must be there
    #[arg(long)]
    incomplete: bool,
}

/// Why it is not signed.
#[derive(Debug, thiserror::Error)]
enum SignError {
    #[error("{path} is signed already", path = .0.display())]
    Signed(PathBuf),
    #[error("{path} does not say all that must be said:\n{findings}", path = path.display())]
    Incomplete { path: PathBuf, findings: String },
    #[error("no such document can be written")]
    Document(#[from] DocumentError),
}

pub(super) fn sign(args: &SignArgs) -> Result<Exit, Failure> {
    let mut request = match open(&args.file)? {
        RequestFile::Draft(request) => request,
        RequestFile::Signed(_) => return Err(Failure::new(Exit::Usage, SignError::Signed(args.file.clone()))),
    };
    let at = now();
    request.sent_at = request.sent_at.or(Some(at));
    let mut found = findings(&request, at);
    found.retain(|finding| finding.severity == Severity::Must);
    found.iter_mut().for_each(|finding: &mut Finding| finding.field = name_in_file(&finding.field));
    if !is_complete(&found) && !args.incomplete {
        let findings = lines(&found).trim_end().to_owned();
        return Err(Failure::new(Exit::Refuted, SignError::Incomplete { path: args.file.clone(), findings })
            .hint("fill it in, or sign it as it is with --incomplete"));
    }
    if !found.is_empty() {
        warning(&format!("it does not say all that must be said:\n{}", lines(&found).trim_end()));
    }
    let key = open_signing_key(&args.key, &args.unlock)?;
    let (bytes, digest) = signed_by(&key, &*request)?;
    write_new(&args.out, &bytes)?;
    message(&format!("wrote {}", args.out.display()));
    write_stdout(format!("{digest}\n").as_bytes())
}

/// The bytes of a document with a signature by this key, and what the next document calls it.
pub(super) fn signed_by<T: Document>(key: &SigningKey, document: &T) -> Result<(Vec<u8>, Digest), Failure> {
    let failed = |error: DocumentError| Failure::new(Exit::Usage, SignError::from(error));
    let unsigned = Unsigned::new(document).map_err(failed)?;
    let signature = Signature { key_id: key.public().key_id(), bytes: key.sign(&unsigned.to_be_signed())? };
    let bytes = unsigned.to_bytes(signature);
    // What nobody could read is not written.
    let signed = Signed::<T>::parse(&bytes).map_err(failed)?;
    Ok((bytes, sha256(&signed.payload)))
}
