//! Files with requests and replies: drafts in TOML, and signed documents.

use std::path::{Path, PathBuf};

use clap::Args;

use crate::cli::small_file::read_small;
use crate::cli::trusted::open_keys;
use crate::cli::{Exit, Failure};
use crate::format::request::{Request, SignedRequest};
use crate::format::signed::{Document, DocumentError, Signed, SignedBy};
use crate::format::spki::PublicKey;
use crate::limits::ENVELOPE_LEN_MAX;
use crate::request_file;
use crate::toml_file::{Problem, list};

/// Whose signatures are believed.
#[derive(Debug, Default, Args)]
pub struct SignerArgs {
    /// Public key that you trust, from elsewhere than the document (can be repeated)
    #[arg(long = "signer", value_name = "PUB")]
    signers: Vec<PathBuf>,
}

impl SignerArgs {
    /// The keys; none if nobody is trusted.
    pub(super) fn open(&self) -> Result<Vec<PublicKey>, Failure> {
        open_keys(&self.signers)
    }
}

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
    keys: &[PublicKey],
) -> Result<Signed<T>, Failure> {
    let signed = parse(path, &read_small(path, ENVELOPE_LEN_MAX)?, what)?;
    check_signers(path, &signed, keys)?;
    Ok(signed)
}

/// A signed document out of the bytes of a file.
pub(super) fn parse<T: Document>(path: &Path, bytes: &[u8], what: &'static str) -> Result<Signed<T>, Failure> {
    Signed::parse(bytes)
        .map_err(|source| Failure::new(Exit::Usage, FileError::Form { path: path.to_owned(), what, source }))
}

/// That somebody who is trusted has signed; if nobody is, nothing is checked.
pub(super) fn check_signers<T: Document>(path: &Path, signed: &Signed<T>, keys: &[PublicKey]) -> Result<(), Failure> {
    match signed.signed_by(keys) {
        _ if keys.is_empty() => Ok(()),
        SignedBy::OneOf => Ok(()),
        SignedBy::Others => Err(Failure::new(Exit::NotTrusted, FileError::Others(path.to_owned()))),
        SignedBy::Forged => Err(Failure::new(Exit::Refuted, FileError::Forged(path.to_owned()))),
    }
}

/// What is said where nobody is trusted.
pub(super) const NOBODY_TRUSTED: &str = "nobody is trusted: who signed is not checked (--signer)";
