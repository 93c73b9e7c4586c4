//! Whom the user trusts: keys, or a trust list with its roots, judged at a moment.

use std::path::{Path, PathBuf};

use clap::Args;

use super::clock::now;
use super::key_source::open_public_key;
use super::passphrase::PassphraseArgs;
use super::small_file::read_small;
use super::{Exit, Failure, warning};
use crate::format::spki::PublicKey;
use crate::format::time::Instant;
use crate::format::trust_list::SignedTrustList;
use crate::limits::TRUST_LIST_LEN_MAX;
use crate::trust::Trust;
use crate::trust::seen::{SeenError, check_and_remember};
use crate::verify::Options;
use crate::x509::{Root, RootError};

/// Keys or a trust list, and the moment for which they are judged.
#[derive(Debug, Default, Args)]
pub struct TrustArgs {
    #[command(flatten)]
    whom: WhomArgs,
    /// Judge keys and trust list as of this moment (2026-11-22, or 2026-11-22T03:17:00Z) instead of now
    #[arg(long, value_name = "DATE", requires = "trust")]
    at: Option<String>,
    /// Root of time-stamping authorities that you trust, as certificates in PEM or DER (can be repeated); those of the
    /// trust list count too
    #[arg(long = "timestamp-root", value_name = "FILE")]
    timestamp_roots: Vec<PathBuf>,
}

/// Keys or a trust list.
#[derive(Debug, Default, Args)]
pub struct WhomArgs {
    /// Public key that you trust, from elsewhere than the bundle (can be repeated)
    #[arg(long = "signer", value_name = "PUB")]
    signers: Vec<PathBuf>,
    /// Trust list that says whose keys are to be believed, and until when
    #[arg(long, value_name = "LIST", conflicts_with = "signers", requires = "trust_roots")]
    trust: Option<PathBuf>,
    /// Public key that you trust to sign trust lists (can be repeated)
    #[arg(long = "trust-root", value_name = "PUB", requires = "trust")]
    trust_roots: Vec<PathBuf>,
    /// Where versions of trust lists that were seen are remembered [default: below the user's state directory]
    #[arg(long, value_name = "DIR", requires = "trust")]
    trust_state: Option<PathBuf>,
}

/// Whom the user trusts.
#[derive(Debug, Default)]
pub struct Trusted {
    /// Keys to be believed.
    pub signers: Vec<PublicKey>,
    /// The list that they come from.
    pub trust: Option<Trust>,
    /// Roots of time-stamping authorities, beside those of the list.
    pub time_roots: Vec<Root>,
}

impl Trusted {
    /// Whether the user named nobody.
    pub fn is_nobody(&self) -> bool {
        self.signers.is_empty() && self.trust.is_none()
    }

    /// The options of a verification for this user.
    pub fn options<'a>(&'a self, options: Options<'a>) -> Options<'a> {
        Options { signers: &self.signers, trust: self.trust.as_ref(), time_roots: &self.time_roots, ..options }
    }
}

impl TrustArgs {
    /// Opens keys or list. A list that is older than one seen before is refused.
    pub fn open(&self) -> Result<Trusted, Failure> {
        let at = self.at.as_deref().map_or_else(|| Ok(now()), moment)?;
        Ok(Trusted { time_roots: open_time_roots(&self.timestamp_roots)?, ..self.whom.open(at)? })
    }

    /// That keys are judged as of now: whoever signs what they found signs it for now.
    pub fn require_now(&self) -> Result<(), Failure> {
        match &self.at {
            None => Ok(()),
            Some(_) => Err(Failure::new(Exit::Usage, "what is signed now cannot be judged as of another time (--at)")
                .hint("`scelle verify --at` looks at the past")),
        }
    }
}

impl WhomArgs {
    /// The same for a moment.
    pub fn open(&self, at: Instant) -> Result<Trusted, Failure> {
        let Some(path) = &self.trust else {
            return Ok(Trusted { signers: open_keys(&self.signers)?, ..Trusted::default() });
        };
        let roots = open_keys(&self.trust_roots)?;
        let list = open_list(path)?;
        let trust = Trust::new(list, &roots, at).map_err(|error| {
            let hint = "give a --trust-root for each key that you trust; `scelle trust show` says who signed";
            Failure::new(Exit::NotTrusted, TrustFileError { path: path.clone(), source: error.into() }).hint(hint)
        })?;
        self.remember(path, &trust)?;
        if trust.time_roots().len() < trust.list().list.timestamp_roots.len() {
            warning("the trust list has time-stamping roots that are no certificates; they count as none");
        }
        Ok(Trusted { signers: trust.good_keys(), trust: Some(trust), time_roots: Vec::new() })
    }

    fn remember(&self, path: &Path, trust: &Trust) -> Result<(), Failure> {
        let Some(dir) = self.trust_state.clone().or_else(state_dir) else {
            warning(
                "there is no state directory: that an older trust list is given would not be seen (--trust-state DIR)",
            );
            return Ok(());
        };
        check_and_remember(&dir, trust).map_err(|error| {
            let (exit, hint) = match error {
                SeenError::Io { .. } | SeenError::Form { .. } => {
                    (Exit::CouldNot, "name a directory that can be written to with --trust-state DIR")
                }
                _ => (Exit::NotTrusted, "ask whoever issues the list for the newest version, by another way"),
            };
            Failure::new(exit, TrustFileError { path: path.to_owned(), source: error.into() }).hint(hint)
        })
    }
}

/// A trust list is not believed.
#[derive(Debug, thiserror::Error)]
#[error("the trust list {path} is not believed", path = path.display())]
struct TrustFileError {
    path: PathBuf,
    source: Box<dyn std::error::Error + Send + Sync>,
}

/// A trust list, believed or not.
pub(super) fn open_list(path: &Path) -> Result<SignedTrustList, Failure> {
    let bytes = read_small(path, TRUST_LIST_LEN_MAX)?;
    SignedTrustList::parse(&bytes).map_err(|source| {
        Failure::new(Exit::Usage, ListFormError { path: path.to_owned(), source })
            .hint("a trust list is a file that `scelle trust` wrote")
    })
}

#[derive(Debug, thiserror::Error)]
#[error("{path} is not a trust list", path = path.display())]
struct ListFormError {
    path: PathBuf,
    source: crate::format::trust_list::TrustListError,
}

#[derive(Debug, thiserror::Error)]
#[error("{path} is no root", path = path.display())]
struct RootFormError {
    path: PathBuf,
    source: RootError,
}

/// Opens roots of time-stamping authorities: all certificates in these files.
pub(super) fn open_time_roots(paths: &[PathBuf]) -> Result<Vec<Root>, Failure> {
    let mut roots = Vec::new();
    for path in paths {
        let found = Root::parse_file(&read_small(path, TRUST_LIST_LEN_MAX)?);
        roots.extend(found.map_err(|source| {
            Failure::new(Exit::Usage, RootFormError { path: path.clone(), source })
                .hint("a root is a certificate that the authority publishes, in PEM or DER")
        })?);
    }
    Ok(roots)
}

/// Opens public keys.
pub(super) fn open_keys(paths: &[PathBuf]) -> Result<Vec<PublicKey>, Failure> {
    let no_passphrase = PassphraseArgs::default();
    paths.iter().map(|path| open_public_key(path, &no_passphrase)).collect()
}

/// A date, from its start, or a moment.
pub(super) fn moment(text: &str) -> Result<Instant, Failure> {
    let wrong = || Failure::new(Exit::Usage, format!("{text:?} is no date such as 2026-11-22 or 2026-11-22T03:17:00Z"));
    Instant::parse(text).or_else(|| Instant::parse(&format!("{text}T00:00:00Z"))).ok_or_else(wrong)
}

/// Where this user's programs keep what they remember (XDG Base Directory Specification).
fn state_dir() -> Option<PathBuf> {
    let absolute = |name: &str| std::env::var_os(name).map(PathBuf::from).filter(|path| path.is_absolute());
    let state = absolute("XDG_STATE_HOME").or_else(|| absolute("HOME").map(|home| home.join(".local/state")));
    state.map(|state| state.join("scelle/trust"))
}
