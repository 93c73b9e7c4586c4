//! What became of the files of an earlier listing.

use std::io::{self, BufWriter, Write};
use std::ops::ControlFlow;
use std::path::Path;
use std::sync::atomic::AtomicBool;
use std::sync::{Mutex, PoisonError};

use serde_json::{Value, json};

use super::{HashArgs, Stop, failure, push_json, record_failure, tell, without_digest};
use crate::cli::progress::HashBar;
use crate::cli::{Exit, Failure, message};
use crate::format::digest::Digest;
use crate::inventory::audit::{Audit, Judgement};
use crate::inventory::record::RecordError;
use crate::inventory::{Listed, inventory};
use crate::read::{FileFound, FilePath, Files, NamedFile};
use crate::report::escape::escape;
use crate::report::listing;
use crate::report::quantity::grouped;

/// Compares files with a listing.
pub(super) fn run(args: &HashArgs, listing: &Path, cancel: &AtomicBool) -> Result<Exit, Failure> {
    let audit = Audit::read(listing).map_err(record_failure)?;
    let bar = HashBar::start();
    let mut auditor = Auditor {
        json: args.json,
        is_own: args.paths.is_empty(),
        audit,
        bar,
        later: Vec::new(),
        counts: Counts::default(),
    };
    let mut out = BufWriter::with_capacity(64 * 1024, io::stdout().lock());
    let mut stop = None;
    let take = |listed: Listed| {
        stop = auditor.take(&mut out, &listed).err();
        if stop.is_none() { ControlFlow::Continue(()) } else { ControlFlow::Break(()) }
    };
    let options = args.options();
    let broken: Mutex<Option<RecordError>> = Mutex::new(None);
    let result = if args.paths.is_empty() {
        let audit = Audit::paths_of(listing).map_err(record_failure)?;
        let named = audit.map_while(|path| match path {
            Ok(path) => Some(FileFound::File(NamedFile::given(FilePath::given(path)))),
            Err(error) => {
                // The walk is another thread; it ends here, and what ended it is told below.
                *broken.lock().unwrap_or_else(PoisonError::into_inner) = Some(error);
                None
            }
        });
        inventory(named, &options, cancel, take)
    } else {
        inventory(Files::new(args.paths.clone()), &options, cancel, take)
    };
    auditor.bar.finish();
    result.map_err(failure)?;
    if let Some(error) = broken.into_inner().unwrap_or_else(PoisonError::into_inner) {
        return Err(record_failure(error));
    }
    let stop = stop.map_or_else(|| auditor.end(&mut out).and_then(|()| Ok(out.flush()?)), Err);
    if let Err(stop) = stop {
        // Nobody reads on: what is not judged yet was not found to be as it should.
        return stop.into_result(Exit::CouldNot);
    }
    let exit = auditor.counts.exit();
    message(&auditor.counts.text());
    Ok(exit)
}

struct Auditor {
    json: bool,
    /// Whether the paths are those of the listing.
    is_own: bool,
    audit: Audit,
    bar: HashBar,
    /// Files that are judged at the end, with their digests and lengths in bytes.
    later: Vec<(Vec<u8>, Digest, u64)>,
    counts: Counts,
}

#[derive(Default)]
struct Counts {
    matched: u64,
    changed: u64,
    moved: u64,
    missing: u64,
    new: u64,
    unreadable: u64,
}

impl Counts {
    /// What could not be read outweighs what differs: the audit is not complete.
    fn exit(&self) -> Exit {
        match self {
            Self { unreadable: 1.., .. } => Exit::CouldNot,
            Self { changed: 0, moved: 0, missing: 0, new: 0, .. } => Exit::Done,
            _ => Exit::Refuted,
        }
    }

    fn text(&self) -> String {
        let Self { matched, changed, moved, missing, new, unreadable } = self;
        let mut text = String::new();
        for (number, word) in
            [(matched, "matched"), (changed, "changed"), (moved, "moved"), (missing, "missing"), (new, "new")]
        {
            text.push_str(&format!("{} {word}, ", grouped(*number)));
        }
        text + &format!("{} not read", grouped(*unreadable))
    }
}

impl Auditor {
    fn take(&mut self, out: &mut impl Write, listed: &Listed) -> Result<(), Stop> {
        let path = listed.path().to_bytes();
        match listed {
            Listed::File(file) => {
                self.bar.add(file.len_bytes);
                match self.audit.judge(&path, file.sha256)? {
                    None => self.later.push((path, file.sha256, file.len_bytes)),
                    Some(judgement) => self.judged(out, &path, file.sha256, file.len_bytes, &judgement)?,
                }
            }
            // Told below, as missing.
            Listed::Failed(error) if error.is_absent() && self.is_own => {}
            other => {
                self.audit.meet(&path)?;
                if matches!(other, Listed::Failed(_)) {
                    self.audit.hide_below(&path);
                }
                self.counts.unreadable += u64::from(self.bar.suspend(|| tell(other)) != Exit::Done);
                if self.json {
                    let mut line = Vec::new();
                    push_json(&mut line, &without_digest(other));
                    out.write_all(&line)?;
                }
            }
        }
        Ok(())
    }

    /// Prints and counts what became of a file.
    fn judged(
        &mut self,
        out: &mut impl Write,
        path: &[u8],
        sha256: Digest,
        len_bytes: u64,
        judgement: &Judgement,
    ) -> Result<(), Stop> {
        let mut more = json!({"size": len_bytes, "sha256": sha256.to_string()});
        let (count, word) = match judgement {
            Judgement::Matched => (&mut self.counts.matched, "matched"),
            Judgement::Changed { recorded } => {
                more["recorded"] = recorded.to_string().into();
                (&mut self.counts.changed, "changed")
            }
            Judgement::Moved { from } => {
                listing::put_name(&mut more, "from", from);
                (&mut self.counts.moved, "moved")
            }
            Judgement::New => (&mut self.counts.new, "new"),
        };
        *count += 1;
        let from = more.get("from").and_then(Value::as_str).map(|from| format!(" (listed as {from})"));
        let from = from.unwrap_or_default();
        self.print(out, word, path, &from, more)?;
        Ok(())
    }

    /// What can be said only when all files were looked at.
    fn end(&mut self, out: &mut impl Write) -> Result<(), Stop> {
        self.settle(out)?;
        self.missing(out)
    }

    /// Says what had to wait until all files were looked at.
    fn settle(&mut self, out: &mut impl Write) -> Result<(), Stop> {
        for (path, sha256, len_bytes) in std::mem::take(&mut self.later) {
            let judgement = self.audit.settle(sha256)?;
            self.judged(out, &path, sha256, len_bytes, &judgement)?;
        }
        Ok(())
    }

    fn missing(&mut self, out: &mut impl Write) -> Result<(), Stop> {
        let (mut missing, mut hidden) = (0, 0);
        for unmet in self.audit.missing() {
            let (path, recorded) = unmet?;
            let is_hidden = self.audit.is_hidden(&path);
            let (count, word) = if is_hidden { (&mut hidden, "not read") } else { (&mut missing, "missing") };
            *count += 1;
            self.print(out, word, &path, "", json!({"recorded": recorded.to_string()}))?;
        }
        self.counts.missing = missing;
        self.counts.unreadable += hidden;
        Ok(())
    }

    fn print(&self, out: &mut impl Write, word: &str, path: &[u8], after: &str, mut more: Value) -> io::Result<()> {
        if !self.json {
            return writeln!(out, "{word:<8} {}{after}", escape(path));
        }
        more["status"] = word.into();
        listing::put_name(&mut more, "path", path);
        let mut line = Vec::new();
        push_json(&mut line, &more);
        out.write_all(&line)
    }
}
