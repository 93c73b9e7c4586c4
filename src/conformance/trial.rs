//! Every scenario, some at a time; the results stand in the order of names whichever ends first.

use std::ffi::OsString;
use std::path::Path;
use std::sync::Mutex;
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};

use super::compare::{Comparison, compare};
use super::corpus::{Case, Corpus};
use super::scenario::CorpusFile;
use super::verifier::{RunError, Verifier};

/// Why there is no result.
#[derive(Debug, thiserror::Error)]
pub enum TrialError {
    /// The command cannot be started, or not be followed.
    #[error(transparent)]
    Run(#[from] RunError),
    /// There is no room for what verifiers remember.
    #[error("cannot make a temporary directory")]
    State(#[source] std::io::Error),
    /// The user wanted to stop.
    #[error("interrupted")]
    Interrupted,
}

/// Runs the verifier over every case, `jobs` at a time; `progress` is called with how many are done. The results are as
/// many as the cases, and in their order.
pub fn run(
    corpus: &Corpus,
    verifier: &Verifier,
    jobs: usize,
    cancel: &AtomicBool,
    progress: &(dyn Fn(usize) + Sync),
) -> Result<Vec<Comparison>, TrialError> {
    let state = tempfile::tempdir().map_err(TrialError::State)?;
    let (next, done, failed) = (AtomicUsize::new(0), AtomicUsize::new(0), AtomicBool::new(false));
    let results: Mutex<Vec<(usize, Result<Comparison, TrialError>)>> = Mutex::new(Vec::new());
    let stop = || cancel.load(Ordering::Relaxed) || failed.load(Ordering::Relaxed);
    let work = || {
        while !stop() {
            let i = next.fetch_add(1, Ordering::Relaxed);
            let Some(case) = corpus.cases.get(i) else { return };
            let result = one(case, verifier, state.path(), &stop);
            if result.is_err() {
                failed.store(true, Ordering::Relaxed);
            }
            results.lock().unwrap_or_else(|poisoned| poisoned.into_inner()).push((i, result));
            progress(done.fetch_add(1, Ordering::Relaxed) + 1);
        }
    };
    std::thread::scope(|scope| {
        for _ in 1..jobs.min(corpus.cases.len()) {
            scope.spawn(work);
        }
        work();
    });
    let mut results = results.into_inner().unwrap_or_else(|poisoned| poisoned.into_inner());
    if cancel.load(Ordering::Relaxed) {
        return Err(TrialError::Interrupted);
    }
    // Where one failed the others were stopped; why it failed is what the user wants to know.
    results.sort_by_key(|(i, result)| (!matches!(result, Err(TrialError::Run(_))), *i));
    results.into_iter().map(|(_, result)| result).collect()
}

fn one(case: &Case, verifier: &Verifier, state: &Path, stop: &dyn Fn() -> bool) -> Result<Comparison, TrialError> {
    let ran = verifier.run(&words(case, state), stop)?.ok_or(TrialError::Interrupted)?;
    Ok(compare(&case.scenario, &ran))
}

/// The words of SPEC.md CONF-2.
fn words(case: &Case, state: &Path) -> Vec<OsString> {
    let options = &case.scenario.options.0;
    let mut words: Vec<OsString> = vec!["--json".into()];
    let mut name = |option: &str, file: &CorpusFile| words.extend([option.into(), case.corpus.join(&file.0).into()]);
    options.signers.iter().for_each(|file| name("--signer", file));
    options.receipts.iter().for_each(|file| name("--receipt", file));
    options.trust.iter().for_each(|file| name("--trust", file));
    options.trust_roots.iter().for_each(|file| name("--trust-root", file));
    options.timestamp_roots.iter().for_each(|file| name("--timestamp-root", file));
    if options.trust.is_some() {
        // Nothing of it is remembered: lists of the corpus are no versions of one another.
        words.extend(["--trust-state".into(), state.join(&case.name).into()]);
    }
    if let Some(at) = &options.at {
        words.extend(["--at".into(), at.into()]);
    }
    words.extend(options.fixity.then(|| "--fixity".into()));
    words.extend(options.strict.then(|| "--strict".into()));
    words.push(case.bundle.clone().into());
    words
}
