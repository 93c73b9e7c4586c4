//! What an interrupted `scelle seal` left, and what is said when one ends early.

use std::path::Path;

use super::seal::SealArgs;
use super::{Exit, Failure, warning};
use crate::format::entry::Kind;
use crate::format::journal::JournalKey;
use crate::report::escape::escape;
use crate::seal::resume::{ResumeError, Unfinished};
use crate::seal::{SealError, remove_stray_journals};

/// What an interrupted run left, if that is to be gone on with.
pub(super) fn unfinished(args: &SealArgs, journal_key: Option<&JournalKey>) -> Result<Option<Unfinished>, Failure> {
    let Some(journal_key) = journal_key else {
        return if args.resume {
            Err(Failure::new(Exit::Usage, NotResumable).hint(NotResumable::HINT))
        } else {
            Ok(None)
        };
    };
    let wrong = |error: ResumeError| {
        let hint = error.hint();
        Failure::new(Exit::Usage, error).hint(hint)
    };
    if !args.resume {
        if let Ok(unfinished) = Unfinished::find(&args.out, journal_key)
            && !unfinished.journal.segments.is_empty()
        {
            let partial = unfinished.partial.display();
            warning(&format!(
                "{partial} is an unfinished sealing of this name: --resume goes on with it; this begins anew"
            ));
        }
        return Ok(None);
    }
    let unfinished = Unfinished::find(&args.out, journal_key);
    if matches!(unfinished, Err(ResumeError::Whole { .. })) {
        // Ended between the bundle's name and this: it holds the seed, which nobody needs any more.
        remove_stray_journals(&args.out);
    }
    let unfinished = unfinished.map_err(wrong)?;
    let begun = &unfinished.journal.begun;
    let given = |text: &Option<String>, is_begun: bool, begun: String| match text {
        None => true,
        Some(text) => is_begun && *text == begun,
    };
    if !given(&args.seed, begun.seed_given, begun.seed.to_string()) {
        return Err(wrong(ResumeError::Differs { what: "--seed" }));
    }
    if !given(&args.time, begun.time_given, begun.start.to_string()) {
        return Err(wrong(ResumeError::Differs { what: "--time" }));
    }
    let open = unfinished.journal.segments.last().and_then(|last| last.open.as_ref()?.entry());
    if let Some(entry) = open.filter(|entry| entry.kind == Kind::Disk) {
        // A node says nothing of when its medium was written to.
        let path = escape(entry.path.as_bytes());
        warning(&format!(
            "{path}: of what was sealed of it before only samples are read again; be sure that nothing wrote to it meanwhile"
        ));
    }
    Ok(Some(unfinished))
}

/// A failure, with what can be done if something to go on with is left.
pub(super) fn seal_failure_of(error: SealError, out: &Path, journal_key: Option<&JournalKey>) -> Failure {
    let can_go_on = !matches!(error, SealError::Resume(_) | SealError::NothingToSeal | SealError::Mismatch(_));
    let is_signature = matches!(error, SealError::Sign(_));
    let mut failure = seal_failure(error);
    let is_kept = journal_key
        .is_some_and(|key| Unfinished::find(out, key).is_ok_and(|unfinished| !unfinished.journal.segments.is_empty()));
    if can_go_on && is_kept {
        let why = failure.hint.map(|hint| format!("{hint}; ")).filter(|_| is_signature).unwrap_or_default();
        failure.hint = Some(format!("{why}what was sealed so far is kept: the same command with --resume goes on"));
    }
    failure
}

/// A failure with its exit code and hint.
pub(super) fn seal_failure(error: SealError) -> Failure {
    let exit = match error {
        SealError::Interrupted => Exit::Interrupted,
        SealError::NothingToSeal | SealError::Resume(ResumeError::Differs { .. }) => Exit::Usage,
        SealError::Output(ref error) if error.is_usage() => Exit::Usage,
        _ => Exit::CouldNot,
    };
    Failure { hint: error.hint(), ..Failure::new(exit, error) }
}

/// The journal of a sealing by this key would have another key each time.
#[derive(Debug, thiserror::Error)]
#[error("a sealing by this key cannot be resumed: it signs the same text differently each time")]
struct NotResumable;

impl NotResumable {
    const HINT: &str = "begin anew without --resume; sealings by Ed25519 keys and by key files can be resumed";
}
