//! `scelle hash`: digests of files, listed, and compared with earlier listings.

use std::io::{self, BufWriter, Write as _};
use std::ops::ControlFlow;
use std::path::PathBuf;
use std::sync::atomic::AtomicBool;

use clap::{Args, ValueEnum};

use super::{Exit, Failure, interrupt, message, warning, write_error};
use crate::format::cuts::Limits;
use crate::hash::OtherAlgorithm;
use crate::inventory::{InventoryError, Listed, Options, inventory};
use crate::read::Files;
use crate::report::escape::{escape, json};
use crate::report::listing;

/// List SHA-256 digests of files, as `sha256sum` does, on all cores; audit an earlier listing
#[derive(Debug, Args)]
pub struct HashArgs {
    /// Files, directories (with all files below, links not followed), or block devices
    #[arg(value_name = "PATH", required = true)]
    paths: Vec<PathBuf>,
    /// More digests of each file, in lines of their own
    #[arg(long, value_name = "NAMES", value_delimiter = ',', value_enum)]
    also: Vec<AlsoArg>,
    /// Print one JSON object a line
    #[arg(long)]
    json: bool,
    /// List digests of the chunks of each file (256 KiB), none of whole files
    #[arg(long, conflicts_with = "also")]
    chunks_only: bool,
    /// Hash everything again with the reference, and stop if two digests differ
    #[arg(long)]
    paranoid: bool,
    /// Threads that read and hash [default: one for each core]
    #[arg(long, value_name = "N", value_parser = clap::value_parser!(u16).range(1..=256))]
    threads: Option<u16>,
}

/// A digest beside SHA-256.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, ValueEnum)]
enum AlsoArg {
    Md5,
    Sha1,
    Sha512,
    Blake3,
}

impl From<AlsoArg> for OtherAlgorithm {
    fn from(arg: AlsoArg) -> Self {
        match arg {
            AlsoArg::Md5 => Self::Md5,
            AlsoArg::Sha1 => Self::Sha1,
            AlsoArg::Sha512 => Self::Sha512,
            AlsoArg::Blake3 => Self::Blake3,
        }
    }
}

impl HashArgs {
    fn options(&self) -> Options {
        let mut others: Vec<OtherAlgorithm> = self.also.iter().map(|arg| (*arg).into()).collect();
        others.sort_unstable();
        others.dedup();
        Options {
            thread_count: self.threads.map_or_else(super::cores, usize::from),
            others,
            chunk_len_bytes: self.chunks_only.then_some(Limits::DEFAULT.chunk()),
            paranoid: self.paranoid,
        }
    }
}

/// Runs the command.
pub fn run(args: HashArgs) -> Result<Exit, Failure> {
    let cancel = interrupt::flag();
    list(&args, cancel)
}

/// Lists digests.
fn list(args: &HashArgs, cancel: &AtomicBool) -> Result<Exit, Failure> {
    let options = args.options();
    let mut out = BufWriter::with_capacity(64 * 1024, io::stdout().lock());
    let mut line = Vec::new();
    let mut exit = Exit::Done;
    let mut written = Ok(());
    let result = inventory(Files::new(args.paths.clone()), &options, cancel, |listed| {
        line.clear();
        match &listed {
            Listed::File(file) if args.json => push_json(&mut line, &listing::file(file, None)),
            Listed::File(file) if options.chunk_len_bytes.is_some() => listing::push_chunk_line(&mut line, file),
            Listed::File(file) => listing::push_lines(&mut line, file),
            other => {
                if tell(other) != Exit::Done {
                    exit = Exit::CouldNot;
                }
                if args.json {
                    push_json(&mut line, &without_digest(other));
                }
            }
        }
        written = out.write_all(&line);
        if written.is_ok() { ControlFlow::Continue(()) } else { ControlFlow::Break(()) }
    });
    result.map_err(failure)?;
    match written.and_then(|()| out.flush()) {
        Ok(()) => Ok(exit),
        Err(error) => write_error(error).map(|_| exit),
    }
}

fn push_json(line: &mut Vec<u8>, value: &serde_json::Value) {
    line.extend_from_slice(json(&value.to_string()).as_bytes());
    line.push(b'\n');
}

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
        InventoryError::Mismatch { .. } => Failure::new(Exit::CouldNot, error)
            .hint("trust no digest that this machine has computed; test its memory and processor"),
    }
}
