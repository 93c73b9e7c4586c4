//! Files with requests and replies: drafts in TOML, and signed documents.

use std::collections::BTreeSet;
use std::path::{Path, PathBuf};

use crate::cli::small_file::read_small;
use crate::cli::trusted::Trusted;
use crate::cli::{Exit, Failure};
use crate::format::digest::KeyId;
use crate::format::request::{Request, SignedRequest};
use crate::format::signed::{Document, DocumentError, Signed};
use crate::format::state::State;
use crate::limits::ENVELOPE_LEN_MAX;
use crate::request_file;
use crate::toml_file::{Problem, list};

/// What a file is not.
#[derive(Debug, thiserror::Error)]
pub(super) enum FileError {
    #[error("{path} is not a {what}", path = path.display())]
    Form { path: PathBuf, what: &'static str, source: DocumentError },
    #[error("{path} is neither a signed request nor text", path = .0.display())]
    NotText(PathBuf),
    #[error("{path} cannot be used:{list}", path = path.display(), list = list(problems))]
    Problems { path: PathBuf, problems: Vec<Problem> },
    #[error("{path}: a signature that names a trusted key does not hold", path = .0.display())]
    Forged(PathBuf),
    #[error("{path} is not signed by anybody whom you trust", path = .0.display())]
    Others(PathBuf),
    #[error("{path} speaks for {state}, and by the trust list none of those who signed it is of {state}", path = path.display())]
    OtherState { path: PathBuf, state: State },
    #[error("{path} is a draft, which nobody has signed yet", path = .0.display())]
    Draft(PathBuf),
}

/// A request as it lies there.
pub(super) enum RequestFile {
    /// To be filled in.
    Draft(Box<Request>),
    /// Signed.
    Signed(Box<SignedRequest>),
}

/// A draft or a signed request.
pub(super) fn open(path: &Path) -> Result<RequestFile, Failure> {
    let bytes = read_small(path, ENVELOPE_LEN_MAX)?;
    // No TOML begins with a brace.
    if bytes.starts_with(b"{") {
        return parse(path, &bytes, "request").map(|signed| RequestFile::Signed(Box::new(signed)));
    }
    let text = String::from_utf8(bytes).map_err(|_| Failure::new(Exit::Usage, FileError::NotText(path.to_owned())))?;
    let request = request_file::parse(&text).map_err(|problems| {
        Failure::new(Exit::Usage, FileError::Problems { path: path.to_owned(), problems })
            .hint("scelle request new prints a file to fill in")
    })?;
    Ok(RequestFile::Draft(Box::new(request)))
}

/// A signed document, by somebody who is trusted if anybody is.
pub(super) fn open_signed<T: Document>(
    path: &Path,
    what: &'static str,
    trusted: &Trusted,
) -> Result<Signed<T>, Failure> {
    let signed = parse(path, &read_small(path, ENVELOPE_LEN_MAX)?, what)?;
    check_signers(path, &signed, trusted)?;
    Ok(signed)
}

/// A signed document out of the bytes of a file.
pub(super) fn parse<T: Document>(path: &Path, bytes: &[u8], what: &'static str) -> Result<Signed<T>, Failure> {
    Signed::parse(bytes)
        .map_err(|source| Failure::new(Exit::Usage, FileError::Form { path: path.to_owned(), what, source }))
}

/// That somebody who is trusted has signed; if nobody is, nothing is checked.
pub(super) fn check_signers<T: Document>(path: &Path, signed: &Signed<T>, trusted: &Trusted) -> Result<(), Failure> {
    if trusted.is_nobody() {
        return Ok(());
    }
    let found = signed.signed_by(&trusted.signers);
    let failed = |exit, error| Err(Failure::new(exit, error));
    match (found.good.is_empty(), found.forged.is_empty()) {
        (_, false) => failed(Exit::Refuted, FileError::Forged(path.to_owned())),
        (true, true) => failed(Exit::NotTrusted, FileError::Others(path.to_owned())),
        (false, true) => check_state(path, signed.document.state(), &found.good, trusted),
    }
}

/// That one of those who signed is of the State for which the document speaks, as far as a trust list tells.
fn check_state(path: &Path, state: State, signers: &BTreeSet<KeyId>, trusted: &Trusted) -> Result<(), Failure> {
    let Some(trust) = &trusted.trust else { return Ok(()) };
    let parties = trust.parties();
    if signers.iter().any(|&key| parties.office(key).is_some_and(|(country, _)| country == state)) {
        return Ok(());
    }
    Err(Failure::new(Exit::NotTrusted, FileError::OtherState { path: path.to_owned(), state })
        .hint("`scelle trust show` lists who is of which State"))
}

/// What is said where nobody is trusted.
pub(super) const NOBODY_TRUSTED: &str = "nobody is trusted: who signed is not checked (--signer, --trust)";
