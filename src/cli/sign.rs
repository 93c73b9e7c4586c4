//! `scelle sign`: a signature that the statement expects, or an SSH signature beside the bundle.

use std::path::PathBuf;

use clap::Args;

use super::custody::store::{Store, bundle_store};
use super::key_source::{UnlockArgs, open_signing_key};
use super::trusted::TrustArgs;
use super::verify::{exit_of, open_bundle, verified};
use super::{Exit, Failure, interrupt, message, ssh_signed};
use crate::format::digest::KeyId;
use crate::format::member::MemberName;
use crate::report::escape::escape;
use crate::verify::{Options, Verdict, read_statement};

/// Add a signature that the statement requires, or write an SSH signature, after verifying everything
#[derive(Debug, Args)]
pub struct SignArgs {
    /// The bundle: a file or a directory
    #[arg(value_name = "BUNDLE")]
    bundle: PathBuf,
    /// The key that signs; the statement must name it, but for --ssh
    #[arg(long, value_name = "KEY")]
    key: PathBuf,
    /// Write an SSH signature over the statement beside the bundle instead, which `ssh-keygen -Y verify` checks
    #[arg(long)]
    ssh: bool,
    /// Where to write the SSH signature; must not exist [default: BUNDLE.sig]
    #[arg(long, value_name = "FILE", requires = "ssh")]
    out: Option<PathBuf>,
    #[command(flatten)]
    unlock: UnlockArgs,
    #[command(flatten)]
    trust: TrustArgs,
}

/// Why nothing was signed.
#[derive(Debug, thiserror::Error)]
enum SignError {
    #[error("the statement of {bundle} does not require a signature by {key_id}")]
    NotRequired { bundle: String, key_id: KeyId },
    #[error("{bundle} is not what was sealed, or not all of it could be checked")]
    NotIntact { bundle: String },
}

/// Runs the command.
pub fn run(args: &SignArgs) -> Result<Exit, Failure> {
    let key = open_signing_key(&args.key, &args.unlock)?;
    let name = || escape(args.bundle.as_os_str().as_encoded_bytes());
    // Only where something is added to the bundle must it be one that can be added to.
    let store: Option<Store> = (!args.ssh).then(|| bundle_store(&args.bundle)).transpose()?;
    let cancel = interrupt::flag();
    let key_id = key.public().key_id();
    let trusted = args.trust.open()?;
    let options = trusted.options(Options { thread_count: super::cores(), ..Options::new(cancel) });
    // Whoever signs says that all of it is as the statement says.
    let verification = verified(&args.bundle, &options)?;
    if !matches!(verification.verdict, Verdict::Verified | Verdict::NotTrusted) {
        return Err(Failure::new(exit_of(verification.verdict), SignError::NotIntact { bundle: name() })
            .hint("nothing was signed; `scelle verify` says what is wrong"));
    }
    let statement = || {
        read_statement(&*open_bundle(&args.bundle)?, verification.seal_digest)
            .map_err(|error| Failure::new(Exit::CouldNot, error))
    };
    let Some(store) = store else {
        return ssh_signed::sign(&args.bundle, args.out.as_deref(), &key, &statement()?);
    };
    let required = verification.statement.iter().flat_map(|it| &it.predicate.required_signers.keys);
    if !required.into_iter().any(|required| required.keyid == key_id) {
        return Err(Failure::new(Exit::Usage, SignError::NotRequired { bundle: name(), key_id })
            .hint("others can add a remark to the custody log: `scelle custody note`"));
    }
    store.add(&MemberName::envelope_of(key_id), &key.seal_envelope(&statement()?)?.to_bytes())?;
    message(&format!("signed {} with {key_id}", name()));
    Ok(Exit::Done)
}
