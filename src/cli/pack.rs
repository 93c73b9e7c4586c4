//! `scelle pack`: directory form to file form, and back.

use std::path::{Path, PathBuf};

use clap::Args;

use super::confine::Confinement;
use super::content::refuse_inside;
use super::progress::byte_bar;
use super::seal::FormArg;
use super::verify::open_bundle;
use super::{Exit, Failure, interrupt, message, warning, write_stdout};
use crate::output::check_free;
use crate::report::escape::escape;
use crate::report::quantity::{bytes, count};
use crate::upkeep::{CopyError, FormError, Reformed, Watch, change_form};
use crate::verify;

/// Put the directory form of a bundle into one file, or take the file apart
///
/// Writes exactly the bytes that `scelle seal --form zip` writes for the same members; the seal digest stays the same.
/// Nothing is verified: `scelle verify` does that. The opposite direction is `--form dir`, or `unzip`.
#[derive(Debug, Args)]
pub struct PackArgs {
    /// The bundle: a directory, or with `--form dir` a file
    #[arg(value_name = "BUNDLE")]
    bundle: PathBuf,
    /// The bundle to write; must not exist
    #[arg(long, value_name = "FILE")]
    out: PathBuf,
    /// Write one file, or a directory with the same members
    #[arg(long, value_enum, default_value_t = FormArg::Zip)]
    form: FormArg,
}

/// The bundle has that form.
#[derive(Debug, thiserror::Error)]
#[error("{bundle} is {what} already", bundle = bundle.display())]
struct HasThatForm {
    bundle: PathBuf,
    what: &'static str,
}

/// Runs the command.
pub fn run(args: &PackArgs) -> Result<Exit, Failure> {
    let cancel = interrupt::flag();
    check_free(&args.out).map_err(|error| failure(error.into()))?;
    refuse_inside(&args.bundle, &args.out)?;
    Confinement::enter(std::slice::from_ref(&args.bundle), &[crate::dir::holding(&args.out)]);
    let bundle = open_bundle(&args.bundle)?;
    match (args.form, bundle.form()) {
        (FormArg::Zip, verify::Form::Directory) | (FormArg::Dir, verify::Form::File) => {}
        (FormArg::Zip, verify::Form::File) => {
            return Err(has_that_form(&args.bundle, "one file").hint("`--form dir` takes it apart"));
        }
        (FormArg::Dir, verify::Form::Directory) => return Err(has_that_form(&args.bundle, "a directory")),
    }
    let bar = byte_bar();
    let progress = |done, total| {
        bar.set_length(total);
        bar.set_position(done);
    };
    let result =
        change_form(&*bundle, &args.bundle, args.form.into(), &args.out, Watch { cancel, progress: &progress });
    bar.finish_and_clear();
    report(&result.map_err(failure)?)
}

fn has_that_form(bundle: &Path, what: &'static str) -> Failure {
    Failure::new(Exit::Usage, HasThatForm { bundle: bundle.to_owned(), what })
}

fn failure(error: FormError) -> Failure {
    let exit = match &error {
        FormError::NotWhole { .. } | FormError::Crc { .. } => Exit::Refuted,
        FormError::Copy { source: CopyError::Interrupted, .. } => Exit::Interrupted,
        FormError::Output(error) if error.is_usage() => Exit::Usage,
        FormError::Copy { .. } | FormError::Output(_) => Exit::CouldNot,
    };
    Failure { hint: error.hint(), ..Failure::new(exit, error) }
}

/// The seal digest on stdout, as `seal` prints it; all else for people on stderr.
fn report(done: &Reformed) -> Result<Exit, Failure> {
    for name in &done.foreign {
        warning(&format!("{}: no part of the bundle, left out", escape(name)));
    }
    message(&format!(
        "packed {} ({}) to {}",
        count(done.member_count, "member", "members"),
        bytes(done.stored_len),
        done.path.display()
    ));
    message("nothing was verified: run `scelle verify`; seal digest, to be compared with the notebook:");
    let name = escape(done.path.as_os_str().as_encoded_bytes());
    write_stdout(format!("{}  {name}\n", done.seal_digest).as_bytes())
}
