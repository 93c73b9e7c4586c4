//! `scelle extract`: verified bytes back to files.

use std::os::unix::ffi::OsStringExt as _;
use std::path::{Path, PathBuf};

use clap::Args;

use super::confine::Confinement;
use super::content::{BundleArgs, OpenBundle, refuse_inside};
use super::{Exit, Failure, interrupt, message, warning};
use crate::extract::{ExtractError, Extracted, Options, Selection, Target, extract};
use crate::report::escape::escape;
use crate::report::quantity::{bytes, count};

/// Entries that are named one by one if they were not restored.
const SHOWN_COUNT_MAX: usize = 20;

/// Restore files from a bundle; only bytes that were verified first are written
///
/// Restores content with its holes, times, permissions, extended attributes, access control lists, links, hard links,
/// named pipes and sockets, and as root owners. Nothing lands outside DIR, and what is there already is never
/// overwritten: an interrupted extraction can be run again. A name that DIR cannot hold is replaced, and a file in DIR
/// says by what.
#[derive(Debug, Args)]
pub struct ExtractArgs {
    #[command(flatten)]
    bundle: BundleArgs,
    /// What to restore: paths as `scelle list` shows them, directories with all below [default: everything]
    #[arg(value_name = "PATH")]
    paths: Vec<PathBuf>,
    /// Directory to restore into; made if it does not exist
    #[arg(long, value_name = "DIR")]
    out: PathBuf,
    /// Restore what matches this glob of bundle paths, with all below (can be repeated)
    #[arg(long = "glob", value_name = "GLOB")]
    globs: Vec<String>,
    /// Restore also what gives powers: device nodes, set-id bits, capabilities, trusted and security attributes
    #[arg(long)]
    special: bool,
}

/// Runs the command.
pub fn run(args: ExtractArgs) -> Result<Exit, Failure> {
    let cancel = interrupt::flag();
    refuse_inside(&args.bundle.bundle, &args.out)?;
    let bundle = OpenBundle::open(&args.bundle, &[nearest(&args.out)])?;
    let opened = bundle.proven(&args.bundle, cancel)?;
    let content = opened.content()?;
    let paths = args.paths.into_iter().map(|path| path.into_os_string().into_vec());
    let mut selection = Selection::new(paths, &args.globs).map_err(|error| {
        let hint = error.hint();
        Failure::new(Exit::Usage, error).hint(hint)
    })?;
    let options = Options { special: args.special };
    let failed = |error| Failure::new(Exit::CouldNot, ExtractError::Target { path: args.out.clone(), source: error });
    let target = Target::open(&args.out).map_err(failed)?;
    // Now that it is there: nothing beside it.
    Confinement::narrow(std::slice::from_ref(&args.bundle.bundle), &[&args.out]);
    let done = extract(content, &mut selection, target, options, cancel).map_err(|error| match error {
        ExtractError::Interrupted => Failure::new(Exit::Interrupted, error)
            .hint("every file that has a name is whole; run the same command again to restore the rest"),
        _ => Failure::new(Exit::CouldNot, error),
    })?;
    report(&done, &args.out);
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

/// What is there of a path, or the directory that it would be made in.
fn nearest(out: &Path) -> &Path {
    let parent = out.parent().filter(|parent| !parent.as_os_str().is_empty()).unwrap_or(Path::new("."));
    if out.exists() { out } else { parent }
}

fn report(done: &Extracted, out: &Path) {
    for left in done.left.iter().take(SHOWN_COUNT_MAX) {
        warning(&format!("{}: not restored: {}", escape(&left.path), left.why));
    }
    let hidden = done.left_count.saturating_sub(SHOWN_COUNT_MAX as u64);
    if hidden > 0 {
        warning(&format!("{} more not restored", count(hidden, "entry", "entries")));
    }
    for (what, example) in done.withheld.iter() {
        let entries = count(example.count, "entry", "entries");
        warning(&format!("not restored of {entries}: {what}; first: {}", escape(&example.path)));
    }
    if let Some(map) = done.names_map.as_ref().filter(|_| done.renamed > 0) {
        let renamed = count(done.renamed, "entry has", "entries have");
        warning(&format!("{renamed} another name than in the bundle: see {}", out.join(map).display()));
    }
    if done.present > 0 {
        let present = count(done.present, "entry was", "entries were");
        message(&format!("{present} there already, with the same content"));
    }
    message(&format!("restored {}, {}", count(done.restored, "entry", "entries"), bytes(done.bytes)));
}
