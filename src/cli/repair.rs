//! `scelle repair`: a bundle whose ZIP directory is lost, torn or damaged.

use std::path::{Path, PathBuf};

use clap::Args;

use super::confine::Confinement;
use super::progress::byte_bar;
use super::{Exit, Failure, interrupt, message, warning, write_stdout};
use crate::output::check_free;
use crate::report::escape::escape;
use crate::report::quantity::count;
use crate::upkeep::{CopyError, Lost, RepairError, Repaired, Watch, repair};
use crate::verify::{OpenError, open_file};

/// Rebuild the ZIP directory and headers of a damaged bundle, in a new file
///
/// Members are found by their local headers and copied as they are; no sealed byte is changed, and the damaged file is
/// only read. Exits with 1 if `scelle verify` will still refute the new file. Nothing else is verified.
#[derive(Debug, Args)]
pub struct RepairArgs {
    /// The damaged bundle: a file
    #[arg(value_name = "BUNDLE")]
    bundle: PathBuf,
    /// The bundle to write; must not exist
    #[arg(long, value_name = "FILE")]
    out: PathBuf,
}

/// A directory has no wrapper.
#[derive(Debug, thiserror::Error)]
#[error("{bundle} is a directory: it has no ZIP wrapper to repair", bundle = bundle.display())]
struct IsDirectory {
    bundle: PathBuf,
}

/// Runs the command.
pub fn run(args: &RepairArgs) -> Result<Exit, Failure> {
    let cancel = interrupt::flag();
    check_free(&args.out).map_err(|error| failure(error.into()))?;
    if args.bundle.is_dir() {
        let error = IsDirectory { bundle: args.bundle.clone() };
        return Err(Failure::new(Exit::Usage, error).hint("`scelle pack` puts it into one file"));
    }
    Confinement::enter(std::slice::from_ref(&args.bundle), &[crate::dir::holding(&args.out)]);
    let bytes = open_file(&args.bundle).map_err(|error| match error {
        OpenError::Io { .. } => Failure::new(Exit::CouldNot, error),
        OpenError::NotABundle { .. } => Failure::new(Exit::Usage, error)
            .hint("nothing at its beginning or end shows that it was ever a bundle; nothing was written"),
    })?;
    let bar = byte_bar();
    let progress = |done, total| {
        bar.set_length(total);
        bar.set_position(done);
    };
    let result = repair(&bytes, &args.bundle, &args.out, Watch { cancel, progress: &progress });
    bar.finish_and_clear();
    match result.map_err(failure)? {
        Some(done) => report(&done),
        None => {
            let name = args.bundle.display();
            message(&format!("the ZIP wrapper of {name} is sound: nothing to repair, nothing was written"));
            message("`scelle verify` says whether its members are");
            Ok(Exit::Done)
        }
    }
}

fn failure(error: RepairError) -> Failure {
    let exit = match &error {
        RepairError::NothingLeft { .. } => Exit::Refuted,
        RepairError::Copy { source: CopyError::Interrupted, .. } => Exit::Interrupted,
        RepairError::Output(error) if error.is_usage() => Exit::Usage,
        RepairError::Read { .. } | RepairError::Copy { .. } | RepairError::Output(_) => Exit::CouldNot,
    };
    Failure { hint: error.hint(), ..Failure::new(exit, error) }
}

/// What was done, for people on stderr; the seal digest on stdout, if there is one.
fn report(done: &Repaired) -> Result<Exit, Failure> {
    if done.directory_remade {
        message("the ZIP directory was made anew");
    }
    for name in &done.headers_remade {
        message(&format!("{name}: its local header was made anew"));
    }
    for lost in &done.lost {
        warning(&left_out(lost));
    }
    for name in &done.crc_wrong {
        warning(&format!("{name}: its bytes do not have the CRC-32 that its header states; both were kept"));
    }
    let kept = count(done.kept_count, "member was", "members were");
    message(&format!("{kept} kept in {}", done.path.display()));
    let mut refuted = done.refuted.clone();
    refuted.extend(done.crc_wrong.iter().map(|name| format!("{name}: CRC-32")));
    for what in &refuted {
        warning(&format!("`scelle verify` will refute it: {what}"));
    }
    message("nothing else was verified: run `scelle verify`");
    if let Some(digest) = done.seal_digest {
        message("seal digest, to be compared with the notebook:");
        let name = name_of(&done.path);
        write_stdout(format!("{digest}  {name}\n").as_bytes())?;
    }
    Ok(if refuted.is_empty() { Exit::Done } else { Exit::Refuted })
}

fn name_of(path: &Path) -> String {
    escape(path.as_os_str().as_encoded_bytes())
}

fn left_out(lost: &Lost) -> String {
    let Lost { offset, len, torn } = lost;
    let bytes = count(*len, "byte", "bytes");
    match torn {
        Some((name, stated)) => {
            format!("{name}: torn at the file's end ({stated} bytes are stated), left out with its header: {bytes}")
        }
        None => format!("{bytes} from offset {offset} on belong to no member that can be told, left out"),
    }
}
