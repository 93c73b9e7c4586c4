//! `scelle conformance`: whether a verifier agrees with the corpus.

use std::ffi::OsString;
use std::path::{Path, PathBuf};
use std::time::Duration;

use clap::Args;
use serde_json::{Value, json};

use super::progress::count_bar;
use super::{Exit, Failure, interrupt, write_stdout};
use crate::conformance::{
    Case, Comparison, Corpus, CorpusError, Difference, RunError, TrialError, Verifier, run as run_trial,
};
use crate::report::escape;
use crate::report::quantity::{count, grouped};

/// Where the corpus lies in a copy of the source.
const CORPUS: &str = "fixtures/corpus";
/// Most characters of one value in a line of text.
const VALUE_LEN_MAX: usize = 240;

/// Run a verifier, yours or another's, over a corpus of bundles and compare what it says
#[derive(Debug, Args)]
pub struct ConformanceArgs {
    /// Print one JSON object
    #[arg(long)]
    json: bool,
    /// The bundles and what must be said of each [default: fixtures/corpus]
    #[arg(long, value_name = "DIR")]
    corpus: Option<PathBuf>,
    /// Longest time for one bundle; then the command is killed with its process group
    #[arg(long, value_name = "SECONDS", default_value_t = 60, value_parser = clap::value_parser!(u64).range(1..=86_400))]
    timeout: u64,
    /// Bundles at a time [default: one for each core]
    #[arg(long, value_name = "N", value_parser = clap::value_parser!(u16).range(1..=256))]
    jobs: Option<u16>,
    /// The verifier; the options of SPEC.md CONF-2 and a bundle's path are appended
    #[arg(last = true, required = true, value_name = "COMMAND")]
    command: Vec<OsString>,
}

/// No scenario was within the verifier's level.
#[derive(Debug, thiserror::Error)]
#[error("nothing was compared: every scenario is beyond the level that the verifier states")]
struct NothingCompared;

/// How many scenarios came out how.
struct Tally {
    total: usize,
    agreed: usize,
    differed: usize,
    beyond_level: usize,
}

/// Runs the command.
pub fn run(args: &ConformanceArgs) -> Result<Exit, Failure> {
    let cancel = interrupt::flag();
    let corpus = Corpus::read(args.corpus.as_deref().unwrap_or(Path::new(CORPUS)))
        .map_err(|error| corpus_failure(error, args.corpus.is_some()))?;
    let mut words = args.command.iter().cloned();
    let program = words.next().unwrap_or_default();
    let verifier = Verifier::new(program, words.collect(), Duration::from_secs(args.timeout));
    let jobs = args.jobs.map_or_else(super::cores, usize::from);
    let bar = count_bar(corpus.cases.len());
    let progress = |done| bar.set_position(done as u64);
    let result = run_trial(&corpus, &verifier, jobs, cancel, &progress);
    bar.finish_and_clear();
    let comparisons = result.map_err(trial_failure)?;
    let results: Vec<(&Case, &Comparison)> = corpus.cases.iter().zip(&comparisons).collect();
    let tally = Tally::of(&comparisons);
    let page = if args.json { object(&results, &tally) } else { text(&results, &tally) };
    write_stdout(page.as_bytes())?;
    match tally {
        Tally { differed: 1.., .. } => Ok(Exit::Refuted),
        Tally { agreed: 0, .. } => Err(Failure::new(Exit::CouldNot, NothingCompared)),
        _ => Ok(Exit::Done),
    }
}

fn corpus_failure(error: CorpusError, was_named: bool) -> Failure {
    let hint = match &error {
        CorpusError::Read { .. } => return Failure::new(Exit::CouldNot, error),
        CorpusError::Absent(_) if !was_named => "--corpus DIR says where it is; it comes with the source of scelle",
        CorpusError::Absent(_) => "the corpus comes with the source of scelle, in fixtures/corpus",
        _ => "SPEC.md CONF-4 says what a corpus holds; nothing was run",
    };
    Failure::new(Exit::Usage, error).hint(hint)
}

fn trial_failure(error: TrialError) -> Failure {
    match error {
        TrialError::Run(error @ RunError::Start { .. }) => {
            Failure::new(Exit::CouldNot, error).hint("what follows `--` is a program and its first arguments")
        }
        TrialError::Run(error @ RunError::Watch { .. }) => Failure::new(Exit::CouldNot, error),
        TrialError::State(_) => Failure::new(Exit::CouldNot, error),
        TrialError::Interrupted => Failure::new(Exit::Interrupted, error).hint("nothing was decided"),
    }
}

impl Tally {
    fn of(comparisons: &[Comparison]) -> Self {
        let mut tally = Self { total: comparisons.len(), agreed: 0, differed: 0, beyond_level: 0 };
        for comparison in comparisons {
            match comparison {
                Comparison::Agrees => tally.agreed += 1,
                Comparison::BeyondLevel => tally.beyond_level += 1,
                Comparison::Differs(_) => tally.differed += 1,
            }
        }
        tally
    }
}

/// Every difference with the scenario that it is about.
fn differences<'a>(results: &[(&'a Case, &'a Comparison)]) -> Vec<(&'a Case, &'a Difference)> {
    let of = |(case, comparison): &(&'a Case, &'a Comparison)| {
        let differences: &'a [Difference] = match comparison {
            Comparison::Differs(differences) => differences,
            Comparison::Agrees | Comparison::BeyondLevel => &[],
        };
        let case = *case;
        differences.iter().map(move |difference| (case, difference))
    };
    results.iter().flat_map(of).collect()
}

/// One line for each difference, and a summary.
fn text(results: &[(&Case, &Comparison)], tally: &Tally) -> String {
    let line = |(case, difference): (&Case, &Difference)| {
        let (expected, actual) = (shown(&difference.expected), shown(&difference.actual));
        let name = escape::escape(case.name.as_bytes());
        format!("{name}: {}: expected {expected}, came {actual}\n", difference.key)
    };
    let mut page: String = differences(results).into_iter().map(line).collect();
    let of = |number: usize| grouped(number as u64);
    page.push_str(&format!(
        "{}: {} agreed, {} differed, {} beyond the verifier's level\n",
        count(tally.total as u64, "scenario", "scenarios"),
        of(tally.agreed),
        of(tally.differed),
        of(tally.beyond_level)
    ));
    page
}

/// A value on one line, cut where it gets too long to read, with nothing that a terminal would obey.
fn shown(value: &Value) -> String {
    let mut text = escape::json(&value.to_string());
    if let Some((end, _)) = text.char_indices().nth(VALUE_LEN_MAX) {
        text.truncate(end);
        text.push_str("...");
    }
    text
}

fn object(results: &[(&Case, &Comparison)], tally: &Tally) -> String {
    let row = |(case, difference): (&Case, &Difference)| {
        json!({
            "scenario": case.name,
            "key": difference.key,
            "expected": difference.expected,
            "actual": difference.actual,
        })
    };
    let rows: Vec<Value> = differences(results).into_iter().map(row).collect();
    let object = json!({
        "total": tally.total,
        "agreed": tally.agreed,
        "differed": tally.differed,
        "beyond_level": tally.beyond_level,
        "differences": rows,
    });
    format!("{}\n", escape::json(&object.to_string()))
}
