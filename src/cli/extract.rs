//! `scelle extract`: verified bytes back to files.

use std::os::unix::ffi::OsStringExt as _;
use std::path::{Path, PathBuf};

use clap::Args;

use super::content::{BundleArgs, OpenBundle};
use super::{Exit, Failure, interrupt, message, warning};
use crate::extract::{ExtractError, Extracted, Selection, extract};
use crate::report::escape::escape;
use crate::report::quantity::{bytes, count};

/// Entries that are named one by one if they were not restored.
const SHOWN_COUNT_MAX: usize = 20;

/// Restore files from a bundle; only bytes that were verified first are written
///
/// Restores content, permissions without set-id bits, modification times, links, hard links and named pipes. Not yet:
/// owners, extended attributes, device nodes, and holes (a sparse file takes its full size).
#[derive(Debug, Args)]
pub struct ExtractArgs {
    #[command(flatten)]
    bundle: BundleArgs,
    /// What to restore: paths as `scelle list` shows them, directories with all below [default: everything]
    #[arg(value_name = "PATH")]
    paths: Vec<PathBuf>,
    /// Directory to restore into; made if it does not exist. Files that are there are never overwritten
    #[arg(long, value_name = "DIR")]
    out: PathBuf,
}

/// Runs the command.
pub fn run(args: ExtractArgs) -> Result<Exit, Failure> {
    let cancel = interrupt::flag();
    let bundle = OpenBundle::open(&args.bundle)?;
    let opened = bundle.proven(&args.bundle, cancel)?;
    let content = opened.content()?;
    refuse_inside(&args.bundle.bundle, &args.out)?;
    let mut selection = Selection::new(args.paths.into_iter().map(|path| path.into_os_string().into_vec()));
    let done = extract(content, &mut selection, &args.out, cancel).map_err(|error| match error {
        ExtractError::Interrupted => Failure::new(Exit::Interrupted, error).hint(
            "what was restored so far is whole, except permissions and times of directories; it was left where it is",
        ),
        _ => Failure::new(Exit::CouldNot, error),
    })?;
    report(&done);
    let missing: Vec<_> = selection.not_found().map(escape).collect();
    for path in &missing {
        warning(&format!("{path}: no entry of the bundle has this path"));
    }
    let trust = opened.exit();
    Ok(match (&done, trust) {
        _ if done.is_damaged || trust == Exit::Refuted => Exit::Refuted,
        _ if done.has_failed => Exit::CouldNot,
        _ if !missing.is_empty() => Exit::Usage,
        (_, trust) => trust,
    })
}

/// `--out` lies in the directory that is the bundle.
#[derive(Debug, thiserror::Error)]
#[error("--out {out} lies inside the bundle {bundle}", out = out.display(), bundle = bundle.display())]
struct OutInsideBundle {
    out: PathBuf,
    bundle: PathBuf,
}

/// Refuses to restore into a bundle in directory form: files that do not belong there would refute it.
fn refuse_inside(bundle: &Path, out: &Path) -> Result<(), Failure> {
    let here = |path: &Path| if path.as_os_str().is_empty() { Path::new(".").to_owned() } else { path.to_owned() };
    let nearest = out.ancestors().find_map(|path| here(path).canonicalize().ok());
    match (bundle.canonicalize(), nearest) {
        (Ok(real), Some(nearest)) if real.is_dir() && nearest.starts_with(&real) => {
            let error = OutInsideBundle { out: out.to_owned(), bundle: bundle.to_owned() };
            Err(Failure::new(Exit::Usage, error).hint("choose a directory elsewhere"))
        }
        _ => Ok(()),
    }
}

fn report(done: &Extracted) {
    for left in done.left.iter().take(SHOWN_COUNT_MAX) {
        warning(&format!("{}: not restored: {}", escape(&left.path), left.why));
    }
    let hidden = done.left_count.saturating_sub(SHOWN_COUNT_MAX as u64);
    if hidden > 0 {
        warning(&format!("{} more not restored", count(hidden, "entry", "entries")));
    }
    message(&format!("restored {}, {}", count(done.restored, "entry", "entries"), bytes(done.bytes)));
}
