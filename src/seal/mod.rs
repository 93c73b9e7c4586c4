//! Sealing: from sources to a signed bundle, in one pass and bounded memory.
//!
//! Crash points, in order. Until the last step nothing has the final name.
//! 1. While members are written, the temporary file has no ZIP directory: no reader takes it for a bundle.
//! 2. When the envelope is written, all evidence is there, still without a directory and under the temporary name.
//! 3. Directory written, file synced: whole, under the temporary name.
//! 4. Renamed: whole, under the final name; 5. the name itself synced.

mod begin;
mod chain;
mod error;
mod framed_text;
mod journal;
mod links;
mod output;
mod pipeline;
mod progress;
mod rest;
pub mod resume;
mod samples;
mod segments;
#[cfg(test)]
mod tests;

pub use error::SealError;
pub use journal::{JournalSecrets, remove_stray_journals};
pub use progress::Progress;

pub use crate::output::Form;

use std::path::{Path, PathBuf};
use std::sync::Arc;

use self::begin::{open_journal, open_output, plan, replay};
use self::resume::Unfinished;
use std::sync::atomic::AtomicBool;

use crate::format::case::CaseError;
use crate::format::clock::Clock;
use crate::format::cuts::Limits;
use crate::format::derive::Seed;
use crate::format::digest::{Digest, Nonce};
use crate::format::json::OpenObject;
use crate::format::list::List;
use crate::format::member::MemberName;
use crate::format::statement::{
    Acquisition, Counts, MemberEncodings, Parameters, Predicate, RequiredSigners, Statement, Tool,
};
use crate::format::time::Instant;
use crate::format::{MIMETYPE, VERIFY_TEXT};
use crate::hash::{OtherAlgorithm, caught, sha256};
use crate::pack::{Digests, compressor_name};
use crate::read::{Patience, Source};
use crate::sign::SigningKey;

/// What to seal, how, and who signs.
pub struct Job<'a> {
    /// Where the bundle goes; must not exist.
    pub out: &'a Path,
    /// File or directory.
    pub form: Form,
    /// Cut limits.
    pub limits: Limits,
    /// Compression level on zstd's scale.
    pub level: i32,
    /// Threads that hash and compress.
    pub worker_count: usize,
    /// Whether files longer than a chunk get a plain SHA-256.
    pub whole_file_digest: bool,
    /// Further digests of all content, for comparing with other tools' records.
    pub also: Vec<OtherAlgorithm>,
    /// Compute again by the reference all that is hashed side by side, and seal nothing if two digests differ.
    pub paranoid: bool,
    /// How hard a failing medium is tried.
    pub patience: Patience,
    /// Seal also what was read of a source whose medium went away meanwhile.
    pub incomplete_ok: bool,
    /// From which salts, blinds and nonces come.
    pub seed: Seed,
    /// The seed is known to others.
    pub seed_given: bool,
    /// The moment to state instead of the clock's.
    pub time_given: Option<Instant>,
    /// Where the times come from.
    pub clock: Clock,
    /// Bytes of `case.json`, made with its nonce.
    pub case: &'a dyn Fn(Nonce) -> Result<Vec<u8>, CaseError>,
    /// Digest of the request that is answered.
    pub answers: Option<Digest>,
    /// Whose signatures make the seal complete.
    pub required_signers: RequiredSigners,
    /// Keep a journal, and with it what is unfinished when it ends early, as soon as there is a segment to go on with.
    pub journal: Option<JournalSecrets>,
    /// Go on with this instead of beginning.
    pub unfinished: Option<Unfinished>,
    /// The first signer.
    pub key: &'a SigningKey,
    /// Reads the clock.
    pub now: &'a (dyn Fn() -> Instant + Sync),
}

/// A finished bundle.
#[derive(Debug)]
pub struct Sealed {
    /// Where it is.
    pub path: PathBuf,
    /// SHA-256 of `statement.json`: the number for the notebook.
    pub seal_digest: Digest,
    /// How much it holds.
    pub counts: Counts,
    /// Bytes of its members.
    pub stored_len: u64,
}

/// Seals a source. Leaves nothing behind if it fails or is cancelled.
pub fn seal(
    job: Job<'_>,
    source: &mut dyn Source,
    progress: &Progress,
    cancel: &AtomicBool,
) -> Result<Sealed, SealError> {
    caught(|| seal_all(job, source, progress, cancel))?
}

fn seal_all(
    job: Job<'_>,
    source: &mut dyn Source,
    progress: &Progress,
    cancel: &AtomicBool,
) -> Result<Sealed, SealError> {
    let seed = Arc::new(job.seed.clone());
    let case_bytes = (job.case)(seed.case_nonce()).map_err(SealError::Case)?;
    let plan = plan(&job, &case_bytes);
    let point = job.unfinished.as_ref().map(|unfinished| unfinished.check_plan(&plan).and(unfinished.point()));
    let point = point.transpose()?.flatten();
    let start = match &job.unfinished {
        Some(unfinished) => unfinished.journal.begun.start,
        None => job.time_given.unwrap_or_else(job.now),
    };
    let mut output = open_output(&job, point.as_ref(), cancel)?;
    let head = if point.is_none() { write_head(&mut output, &seed)? } else { List::default() };
    let journal = open_journal(&job, &output, point.is_some(), start, plan)?;
    let mut writer = segments::SegmentWriter::new(&mut output, head, Arc::clone(&seed), job.limits, job.level)?;
    if let Some(journal) = journal {
        writer.keep_journal(journal, !job.also.is_empty());
    }
    let rest = match (&job.unfinished, point) {
        (Some(unfinished), Some(point)) => Some(replay(&mut writer, unfinished, job.form, job.limits.chunk(), point)?),
        _ => None,
    };
    let setup = pipeline::Setup {
        limits: job.limits,
        level: job.level,
        worker_count: job.worker_count,
        digests: Digests { whole_file: job.whole_file_digest, also: job.also.clone(), paranoid: job.paranoid },
        seed: Arc::clone(&seed),
        patience: job.patience,
        incomplete_ok: job.incomplete_ok,
        now: job.time_given.is_none().then_some(job.now),
        rest: rest.as_ref(),
        progress,
        cancel,
    };
    pipeline::run(&setup, source, &mut writer)?;
    let (segments, journal) = writer.finish()?;
    if segments.counts.entries == 0 {
        return Err(SealError::NothingToSeal);
    }

    let case = output.member(MemberName::Case, &case_bytes)?;
    let list = output.member(MemberName::List, &segments.list.to_bytes())?;
    let predicate = predicate(&job, &seed, start, &segments);
    let statement = Statement::new(predicate, list.digest, case.digest).to_bytes();
    // What a reader would refuse must not be signed.
    Statement::parse(&statement)?;
    output.member(MemberName::Statement, &statement)?;
    let envelope = job.key.seal_envelope(&statement)?;
    output.member(MemberName::envelope_of(job.key.public().key_id()), &envelope.to_bytes())?;
    let stored_len = output.written_len();
    let path = output.commit()?;
    // Crash point: a journal without its bundle is of no use, and of no harm.
    if let Some(journal) = journal {
        journal.finish();
    }
    Ok(Sealed { path, seal_digest: sha256(&statement), counts: segments.counts, stored_len })
}

/// What the statement says beside the digests that bind it to the members.
fn predicate(job: &Job<'_>, seed: &Seed, start: Instant, segments: &segments::SegmentsDone) -> Predicate {
    Predicate {
        acquisition: Acquisition { end: job.time_given.unwrap_or_else(job.now).max(start), start },
        answers: job.answers,
        bundle_id: seed.bundle_id(),
        clock: job.clock.clone(),
        counts: segments.counts,
        critical: OpenObject::default(),
        extensions: OpenObject::default(),
        members: MemberEncodings::default(),
        parameters: Parameters {
            chunk_bytes: job.limits.chunk(),
            compressor: compressor_name(),
            entries_per_segment: job.limits.entries(),
            frame_bytes: job.limits.frame(),
            level: job.level,
            seed_given: job.seed_given,
            segment_bytes: job.limits.segment(),
            time_given: job.time_given.is_some(),
            whole_file_digest: job.whole_file_digest,
        },
        required_signers: job.required_signers.clone(),
        root: segments.root,
        tool: Tool { name: env!("CARGO_PKG_NAME").into(), version: env!("CARGO_PKG_VERSION").into() },
    }
}

/// The members before the first segment.
fn write_head(output: &mut output::Output, seed: &Seed) -> Result<List, SealError> {
    let nonce = format!("{}\n", seed.nonce());
    let head = [
        (MemberName::Mimetype, MIMETYPE.as_bytes()),
        (MemberName::Nonce, nonce.as_bytes()),
        (MemberName::VerifyText, VERIFY_TEXT.as_bytes()),
    ];
    let mut list = List::default();
    for (name, bytes) in head {
        let written = output.member(name.clone(), bytes)?;
        list.0.push((name, written.digest));
    }
    Ok(list)
}
