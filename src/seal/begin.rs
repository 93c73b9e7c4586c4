//! How a sealing begins: anew, or where an unfinished one can go on.

use std::path::Path;
use std::sync::atomic::{AtomicBool, Ordering};

use super::journal::{JournalFile, JournalSecrets, path_beside};
use super::output::Output;
use super::rest::{Rest, SealedLines};
use super::resume::{Point, ResumeError, Unfinished};
use super::samples::Samples;
use super::segments::SegmentWriter;
use super::{Form, Job, SealError};
use crate::format::journal::{Begun, Plan};
use crate::format::time::Instant;
use crate::hash::sha256;
use crate::pack::compressor_name;

/// What the bytes of the bundle depend on beside the sources.
pub(super) fn plan(job: &Job<'_>, case_bytes: &[u8]) -> Plan {
    Plan {
        also: job.also.iter().map(|algorithm| algorithm.name().to_owned()).collect(),
        case: sha256(case_bytes),
        chunk_bytes: job.limits.chunk(),
        compressor: compressor_name(),
        entries_per_segment: job.limits.entries(),
        form: format!("{:?}", job.form).to_lowercase(),
        frame_bytes: job.limits.frame(),
        level: job.level,
        segment_bytes: job.limits.segment(),
        tool: env!("CARGO_PKG_VERSION").to_owned(),
        whole_file_digest: job.whole_file_digest,
    }
}

/// A new output, or the unfinished one cut back to where it goes on.
pub(super) fn open_output(job: &Job<'_>, point: Option<&Point>, cancel: &AtomicBool) -> Result<Output, SealError> {
    match (&job.unfinished, point) {
        (Some(unfinished), Some(point)) => {
            // Names first: nothing else is opened.
            point.list().ok_or_else(|| ResumeError::Damaged { path: path_beside(&unfinished.partial) })?;
            let is_stopped = || cancel.load(Ordering::Relaxed);
            let checked = point.check(&unfinished.partial, job.form, &is_stopped);
            if is_stopped() {
                return Err(SealError::Interrupted);
            }
            checked?;
            let partial = unfinished.partial.clone();
            Output::reopen(partial, job.out, job.form, job.limits.chunk(), &point.members)
        }
        (Some(unfinished), None) => {
            // Nothing was done but to begin: what is there goes, and it begins anew with the same seed.
            let removed = [remove(&unfinished.partial), remove(&path_beside(&unfinished.partial))];
            removed.into_iter().collect::<Result<Vec<_>, _>>().map_err(SealError::Spool)?;
            Output::create(job.out, job.form, job.limits.chunk())
        }
        (None, _) => Output::create(job.out, job.form, job.limits.chunk()),
    }
}

fn remove(path: &Path) -> std::io::Result<()> {
    if path.is_dir() { std::fs::remove_dir_all(path) } else { std::fs::remove_file(path) }
}

pub(super) fn open_journal(
    job: &Job<'_>,
    output: &Output,
    goes_on: bool,
    start: Instant,
    plan: Plan,
) -> Result<Option<JournalFile>, SealError> {
    let Some(JournalSecrets { seed, key }) = job.journal.clone() else { return Ok(None) };
    let partial = output.temporary_path();
    let opened = match job.unfinished.as_ref().filter(|_| goes_on) {
        Some(unfinished) => unfinished.file().and_then(|file| {
            JournalFile::go_on(partial, file, unfinished.journal.len_bytes, unfinished.journal.last, key)
        }),
        None => {
            let begun = Begun::new(seed, job.seed_given, start, job.time_given.is_some(), plan);
            JournalFile::begin(partial, &begun, key)
        }
    };
    opened.map(Some).map_err(|source| SealError::Journal { path: path_beside(partial), source })
}

/// Gives the writer what was sealed before a point, and the pipeline what it needs to go on there.
pub(super) fn replay(
    writer: &mut SegmentWriter<'_>,
    unfinished: &Unfinished,
    form: Form,
    chunk_len: u64,
    point: Point,
) -> Result<Rest, SealError> {
    let damaged = || ResumeError::Damaged { path: unfinished.partial.clone() };
    writer.resume(point.list().ok_or_else(damaged)?, &point.start, point.open.as_ref().map(|(tree, _)| tree.clone()));
    let mut sealed = SealedLines::new(&unfinished.partial, form, &point);
    while let Some((bytes, line)) = sealed.next_line()? {
        writer.replay(bytes, &line)?;
    }
    let samples = Samples::of(&unfinished.partial, form, &point, chunk_len)?;
    Ok(Rest::new(&point, SealedLines::new(&unfinished.partial, form, &point), samples))
}
