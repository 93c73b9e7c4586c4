//! What the commands share that read a bundle's content: opening it, and who signed.

use std::path::{Path, PathBuf};
use std::sync::atomic::AtomicBool;

use clap::Args;

use super::confine::Confinement;
use super::trusted::open_keys;
use super::verify::open_bundle;
use super::{Exit, Failure, message, warning};
use crate::format::spki::PublicKey;
use crate::verify::proven::{NoContent, Opened, Proven, open_proven};
use crate::verify::{Area, Bundle, Cancelled, Outcome};

/// Which bundle, and whom to trust.
#[derive(Debug, Args)]
pub struct BundleArgs {
    /// The bundle: a file or a directory
    #[arg(value_name = "BUNDLE")]
    pub bundle: PathBuf,
    /// Public key that you trust (can be repeated); without one nothing is known of who signed
    #[arg(long = "signer", value_name = "PUB")]
    pub signers: Vec<PathBuf>,
    /// Say how this process has confined itself
    #[arg(long, short)]
    pub verbose: bool,
}

/// An open bundle and the keys that the user trusts.
pub struct OpenBundle {
    bundle: Box<dyn Bundle>,
    trusted: Vec<PublicKey>,
}

impl OpenBundle {
    /// Opens both. From then on this process reads nothing else, and writes only below `write`.
    pub fn open(args: &BundleArgs, write: &[&Path]) -> Result<Self, Failure> {
        let trusted = open_keys(&args.signers)?;
        let confinement = Confinement::enter(std::slice::from_ref(&args.bundle), write);
        if args.verbose {
            message(&format!("confined: {confinement}"));
        }
        Ok(Self { trusted, bundle: open_bundle(&args.bundle)? })
    }

    /// Checks seal and list.
    pub fn proven(&self, args: &BundleArgs, cancel: &AtomicBool) -> Result<Opened<'_>, Failure> {
        let opened = open_proven(&*self.bundle, &self.trusted, cancel)
            .map_err(|Cancelled| Failure::new(Exit::Interrupted, Cancelled))?;
        match opened.exit() {
            Exit::Refuted => warning("the seal is damaged; `scelle verify` says where"),
            Exit::NotTrusted if args.signers.is_empty() => {
                warning("no --signer was given: nothing is known of who signed this bundle");
            }
            Exit::NotTrusted => warning("the keys that you trust have not signed this bundle as it requires"),
            _ => {}
        }
        Ok(opened)
    }
}

impl<'a> Opened<'a> {
    /// As far as seal and list can tell.
    pub fn exit(&self) -> Exit {
        match (self.ledger.outcome_in(Area::Seal), self.ledger.outcome_in(Area::Trust)) {
            (Some(Outcome::Failed), _) => Exit::Refuted,
            (Some(Outcome::CannotTell) | None, _) => Exit::CouldNot,
            (Some(Outcome::Passed | Outcome::Noted), Some(Outcome::Passed)) => Exit::Done,
            (Some(Outcome::Passed | Outcome::Noted), _) => Exit::NotTrusted,
        }
    }

    /// The content, or the failure that says why there is none.
    pub fn content(&self) -> Result<&Proven<'a>, Failure> {
        self.content.as_ref().map_err(|why| {
            let exit = match (why, self.exit()) {
                (NoContent::Unknown(_), _) | (NoContent::NothingProven, Exit::CouldNot) => Exit::CouldNot,
                (NoContent::NothingProven, _) => Exit::Refuted,
            };
            Failure::new(exit, why.to_string()).hint("`scelle verify` says what can be checked")
        })
    }
}

/// `--out` lies in the directory that is the bundle.
#[derive(Debug, thiserror::Error)]
#[error("--out {out} lies inside the bundle {bundle}", out = out.display(), bundle = bundle.display())]
struct OutInsideBundle {
    out: PathBuf,
    bundle: PathBuf,
}

/// Refuses to write into a bundle in directory form: files that do not belong there would refute it.
pub(super) fn refuse_inside(bundle: &Path, out: &Path) -> Result<(), Failure> {
    let here = |path: &Path| if path.as_os_str().is_empty() { Path::new(".").to_owned() } else { path.to_owned() };
    let nearest = out.ancestors().find_map(|path| here(path).canonicalize().ok());
    match (bundle.canonicalize(), nearest) {
        (Ok(real), Some(nearest)) if real.is_dir() && nearest.starts_with(&real) => {
            let error = OutInsideBundle { out: out.to_owned(), bundle: bundle.to_owned() };
            Err(Failure::new(Exit::Usage, error).hint("choose a place elsewhere"))
        }
        _ => Ok(()),
    }
}
