//! `scelle hash`: digests of files, listed, and compared with earlier listings.

mod audit;
mod list;

use std::num::NonZeroUsize;
use std::path::PathBuf;

use clap::Args;

use super::also::AlsoArgs;
use super::{Exit, Failure, OutputError, interrupt, message, open_files, warning};
use crate::format::cuts::Limits;
use crate::hash::Mismatch;
use crate::inventory::known::KnownError;
use crate::inventory::record::RecordError;
use crate::inventory::{InventoryError, Listed, Options};
use crate::report::escape::{escape, json};
use crate::report::listing;

/// List SHA-256 digests of files, as `sha256sum` does, on all cores; audit an earlier listing
#[derive(Debug, Args)]
pub struct HashArgs {
    /// Files, directories (with all files below), or block devices
    #[arg(value_name = "PATH", required_unless_present = "check")]
    paths: Vec<PathBuf>,
    #[command(flatten)]
    also: AlsoArgs,
    /// Say what became of the files of this listing (sha256sum or hashdeep): matched, changed, moved, missing, new.
    /// Without PATH its own paths are read
    #[arg(long, value_name = "FILE", conflicts_with_all = ["also", "chunks_only", "known"])]
    check: Option<PathBuf>,
    /// Tell files whose digest is in this list: one SHA-256 a line, lower-case hex, sorted
    #[arg(long, value_name = "FILE", conflicts_with = "chunks_only")]
    known: Option<PathBuf>,
    /// List only files that are not in the list of --known
    #[arg(long, requires = "known")]
    unknown_only: bool,
    /// List digests of the chunks of each file (256 KiB), none of whole files
    #[arg(long, conflicts_with = "also")]
    chunks_only: bool,
    /// Print one JSON object a line
    #[arg(long)]
    json: bool,
    /// Hash everything again with the reference, and stop if two digests differ
    #[arg(long)]
    paranoid: bool,
    /// Threads that read and hash [default: one for each core]
    #[arg(long, value_name = "N", value_parser = clap::value_parser!(u16).range(1..=256))]
    threads: Option<u16>,
    /// Threads that may read at a time what is not in the page cache [default: one on a physical disk that rotates, else all]
    #[arg(long, value_name = "N")]
    readers: Option<NonZeroUsize>,
}

/// Runs the command.
pub fn run(args: HashArgs) -> Result<Exit, Failure> {
    open_files::raise();
    let cancel = interrupt::flag();
    match &args.check {
        Some(listing) => audit::run(&args, listing, cancel),
        None => list::run(&args, cancel),
    }
}

impl HashArgs {
    fn options(&self) -> Options {
        Options {
            thread_count: self.threads.map_or_else(super::cores, usize::from),
            readers: self.readers,
            others: self.also.algorithms(),
            chunk_len_bytes: self.chunks_only.then_some(Limits::DEFAULT.chunk()),
            paranoid: self.paranoid,
        }
    }
}

/// Why the command ends early.
enum Stop {
    Failed(Failure),
    Output(std::io::Error),
}

impl From<std::io::Error> for Stop {
    fn from(error: std::io::Error) -> Self {
        Self::Output(error)
    }
}

impl From<RecordError> for Stop {
    fn from(error: RecordError) -> Self {
        Self::Failed(record_failure(error))
    }
}

impl From<KnownError> for Stop {
    fn from(error: KnownError) -> Self {
        Self::Failed(known_failure(error))
    }
}

impl Stop {
    /// How the command ends with it: a reader that has gone changes nothing.
    fn into_result(self, exit: Exit) -> Result<Exit, Failure> {
        match self {
            Self::Failed(failure) => Err(failure),
            Self::Output(error) if error.kind() == std::io::ErrorKind::BrokenPipe => Ok(exit),
            Self::Output(error) => Err(Failure::new(Exit::CouldNot, OutputError(error))),
        }
    }
}

/// A JSON object as a line.
fn push_json(line: &mut Vec<u8>, value: &serde_json::Value) {
    line.extend_from_slice(json(&value.to_string()).as_bytes());
    line.push(b'\n');
}

/// The object of what has no digest.
fn without_digest(listed: &Listed) -> serde_json::Value {
    let path = listed.path().to_bytes();
    match listed {
        Listed::Skipped { what, .. } => listing::without_digest(&path, "skipped", what),
        Listed::Failed(error) => listing::without_digest(&path, "error", &listing::why(error)),
        Listed::File(_) => serde_json::Value::Null,
    }
}

/// Says on stderr what has no digest. What was asked for by name and is not read is an error.
fn tell(listed: &Listed) -> Exit {
    match listed {
        Listed::File(_) => Exit::Done,
        Listed::Skipped { path, what, is_given } => {
            warning(&format!("{} is {what}: not read", escape(&path.to_bytes())));
            if *is_given { Exit::CouldNot } else { Exit::Done }
        }
        Listed::Failed(error) => {
            message(&format!("error: {}", listing::why(error)));
            Exit::CouldNot
        }
    }
}

fn failure(error: InventoryError) -> Failure {
    match error {
        InventoryError::Interrupted => {
            Failure::new(Exit::Interrupted, error).hint("what was listed so far is right; the rest is missing")
        }
        InventoryError::Thread(_) => Failure::new(Exit::CouldNot, error)
            .hint("the system limits the number of threads; fewer --threads need fewer of them"),
        InventoryError::NoHandles { .. } => Failure::new(Exit::CouldNot, error)
            .hint("raise `ulimit -n`, or give fewer --threads; what was listed so far is right, the rest is missing"),
        InventoryError::Mismatch { .. } => Failure::new(Exit::CouldNot, error).hint(Mismatch::HINT),
    }
}

fn record_failure(error: RecordError) -> Failure {
    match error {
        RecordError::Read { .. } | RecordError::Changed { .. } => Failure::new(Exit::CouldNot, error),
        RecordError::Line { .. } => Failure::new(Exit::Usage, error)
            .hint("a listing is what `scelle hash`, `sha256sum` or `hashdeep -c sha256` prints; nothing was decided"),
        RecordError::NotAFile { .. } => Failure::new(Exit::Usage, error).hint("write it into a file first"),
        RecordError::Empty { .. } => Failure::new(Exit::Usage, error)
            .hint("an audit against nothing would find nothing: is it the right file, and a listing of SHA-256?"),
        RecordError::TooMany { .. } => Failure::new(Exit::Usage, error).hint("divide it"),
    }
}

fn known_failure(error: KnownError) -> Failure {
    match error {
        KnownError::Read { .. } => Failure::new(Exit::CouldNot, error),
        KnownError::NotAFile { .. } => Failure::new(Exit::Usage, error).hint("write it into a file first"),
        KnownError::Length { .. } | KnownError::Malformed { .. } | KnownError::Unsorted { .. } => {
            Failure::new(Exit::Usage, error)
                .hint("one SHA-256 a line, 64 lower-case hex digits, in the order of `LC_ALL=C sort`")
        }
    }
}
