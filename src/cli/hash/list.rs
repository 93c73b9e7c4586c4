//! Digests of files, listed.

use std::io::{self, BufWriter, Write};
use std::ops::ControlFlow;
use std::sync::atomic::AtomicBool;

use super::{HashArgs, Stop, failure, known_failure, push_json, tell, without_digest};
use crate::cli::progress::HashBar;
use crate::cli::{Exit, Failure, message};
use crate::inventory::known::KnownFiles;
use crate::inventory::{FileDigests, Listed, inventory};
use crate::read::Files;
use crate::report::listing;
use crate::report::quantity::{count, grouped};

/// Lists digests.
pub(super) fn run(args: &HashArgs, cancel: &AtomicBool) -> Result<Exit, Failure> {
    let options = args.options();
    let known = args.known.as_deref().map(KnownFiles::open).transpose().map_err(known_failure)?;
    let mut out = BufWriter::with_capacity(64 * 1024, io::stdout().lock());
    let mut lister = Lister { args, known, bar: HashBar::start(), files: 0, known_files: 0, exit: Exit::Done };
    let mut line = Vec::new();
    let mut stop = None;
    let result = inventory(Files::new(args.paths.clone()), &options, cancel, |listed| {
        line.clear();
        let done = lister.push(&mut line, &listed).and_then(|()| Ok(out.write_all(&line)?));
        stop = done.err();
        if stop.is_none() { ControlFlow::Continue(()) } else { ControlFlow::Break(()) }
    });
    lister.bar.finish();
    let flushed = out.flush();
    result.map_err(failure)?;
    if let Some(stop) = stop.or(flushed.err().map(Stop::Output)) {
        return stop.into_result(lister.exit);
    }
    if lister.known.is_some() {
        let files = count(lister.files, "file", "files");
        message(&format!("{} of {files} in the list of known files", grouped(lister.known_files)));
    }
    Ok(lister.exit)
}

struct Lister<'a> {
    args: &'a HashArgs,
    known: Option<KnownFiles>,
    bar: HashBar,
    files: u64,
    known_files: u64,
    exit: Exit,
}

impl Lister<'_> {
    /// Appends what is to be printed of something that was found; what has no digest is told.
    fn push(&mut self, line: &mut Vec<u8>, listed: &Listed) -> Result<(), Stop> {
        match listed {
            Listed::File(file) => self.push_file(line, file)?,
            other => {
                if self.bar.suspend(|| tell(other)) != Exit::Done {
                    self.exit = Exit::CouldNot;
                }
                if self.args.json {
                    push_json(line, &without_digest(other));
                }
            }
        }
        Ok(())
    }

    fn push_file(&mut self, line: &mut Vec<u8>, file: &FileDigests) -> Result<(), Stop> {
        self.files += 1;
        self.bar.add(file.len_bytes);
        let is_known = self.known.as_ref().map(|known| known.contains(file.sha256)).transpose()?;
        self.known_files += u64::from(is_known == Some(true));
        if is_known == Some(true) && self.args.unknown_only {
            return Ok(());
        }
        match () {
            () if self.args.json => push_json(line, &listing::file(file, is_known)),
            () if self.args.chunks_only => listing::push_chunk_line(line, file),
            () => listing::push_lines(line, file),
        }
        Ok(())
    }
}
