//! Whether a verifier agrees with a scenario (SPEC.md CONF-5), and if not, in what.

use serde::Serialize;
use serde_json::Value;

use super::damage::{Damage, ExpectedEntry, ReportedEntry, only_in_one};
use super::report::{Report, Said};
use super::scenario::Scenario;
use super::terms::{AreaWord, Areas, Level, Object};
use super::verifier::{End, Ran, STDOUT_LEN_MAX};

/// Most rows of damage that are shown of each side.
const ROW_COUNT_MAX: usize = 16;
/// Most bytes of JSON that are shown of one value.
const SHOWN_LEN_MAX: usize = 4096;
/// What stands for a key that is not there.
const NOTHING: &str = "(no such key)";

/// How a scenario came out.
#[derive(Clone, Debug, PartialEq)]
pub enum Comparison {
    /// As expected.
    Agrees,
    /// The verifier says that it does not go so far.
    BeyondLevel,
    /// Not as expected; at least one difference.
    Differs(Vec<Difference>),
}

/// One thing that is not as expected.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Difference {
    /// The key of the report, such as `areas.seal`; `process` for how the process ended, `output` for what is no report.
    pub key: String,
    /// What was expected. Of the damage map: what is not there.
    pub expected: Value,
    /// What came. Of the damage map: what is there beside what was expected.
    pub actual: Value,
}

impl Difference {
    fn new(key: impl Into<String>, expected: impl Into<Value>, actual: impl Into<Value>) -> Self {
        Self { key: key.into(), expected: bounded(expected.into()), actual: bounded(actual.into()) }
    }
}

/// Compares what a verifier did with what it should have done.
pub fn compare(scenario: &Scenario, ran: &Ran) -> Comparison {
    let expected_exit = scenario.expected.0.exit;
    let process = |actual: String| Comparison::Differs(vec![Difference::new("process", expected_exit, actual)]);
    let status = match ran.end {
        End::Itself(status) => status,
        End::TimedOut(after) => return process(format!("killed: still running after {} s", after.as_secs())),
        End::Flooded => return process(format!("killed: more than {} MiB of output", STDOUT_LEN_MAX >> 20)),
    };
    // A process that a signal ended has no code; what it printed before is not its answer.
    let Some(code) = status.code() else { return process(format!("ended by {status}{}", last_words(ran))) };
    let mut differences = Vec::new();
    if code != i32::from(expected_exit) {
        differences.push(Difference::new("process", expected_exit, code));
    }
    match compare_output(scenario, &ran.stdout, &last_words(ran)) {
        Comparison::BeyondLevel => return Comparison::BeyondLevel,
        Comparison::Differs(further) => differences.extend(further),
        Comparison::Agrees => {}
    }
    if differences.is_empty() { Comparison::Agrees } else { Comparison::Differs(differences) }
}

/// Compares what a verifier printed with what it should have, without regard to how it ended. `last_words` are added to
/// what is no report.
pub fn compare_output(scenario: &Scenario, stdout: &[u8], last_words: &str) -> Comparison {
    let differences = match Report::parse(stdout) {
        Err(error) => {
            let printed = String::from_utf8_lossy(stdout.get(..SHOWN_LEN_MAX).unwrap_or(stdout));
            let shown = if printed.trim().is_empty() { String::new() } else { format!(": {}", printed.trim()) };
            vec![Difference::new("output", "one JSON object", format!("{error}{shown}{last_words}"))]
        }
        Ok(report) if matches!(report.level, Said::Value(level) if level < scenario.level) => {
            return Comparison::BeyondLevel;
        }
        Ok(report) => compare_report(scenario, &report),
    };
    if differences.is_empty() { Comparison::Agrees } else { Comparison::Differs(differences) }
}

/// What the process said last on standard error.
fn last_words(ran: &Ran) -> String {
    let text = String::from_utf8_lossy(&ran.stderr);
    text.lines().rev().find(|line| !line.trim().is_empty()).map(|line| format!("; stderr: {line}")).unwrap_or_default()
}

fn compare_report(scenario: &Scenario, report: &Report) -> Vec<Difference> {
    let expected = &scenario.expected.0;
    let mut differences: Vec<Difference> = Vec::new();
    if !matches!(report.level, Said::Value(_)) {
        differences.push(Difference::new("level", "1, 2 or 3", shown(&report.level)));
    }
    differences.extend(compare_value("exit", &i64::from(expected.exit), &report.exit));
    differences.extend(compare_value("verdict", &expected.verdict, &report.verdict));
    differences.extend(compare_value("seal_digest", &expected.seal_digest, &report.seal_digest));
    let is_bundle = expected.verdict.is_some();
    if let Some(Object(areas)) = &expected.areas
        && (is_bundle || report.areas != Said::Nothing)
    {
        // Without a level of its own, the verifier is held to the scenario's.
        let level = if let Said::Value(level) = report.level { level } else { scenario.level };
        differences.extend(compare_areas(level, areas, &report.areas));
    }
    differences.extend(compare_failed(scenario, &report.failed));
    if let Some(Object(damage)) = &expected.damage
        && (is_bundle || report.damage != Said::Nothing)
    {
        differences.extend(compare_damage(damage, &report.damage));
    }
    differences
}

fn compare_value<T: PartialEq + Serialize>(key: &str, expected: &T, said: &Said<T>) -> Option<Difference> {
    let agrees = matches!(said, Said::Value(value) if value == expected);
    (!agrees).then(|| Difference::new(key, value_of(expected), shown(said)))
}

/// The areas that a verifier of this level looks at.
fn compare_areas(level: Level, expected: &Areas<AreaWord>, said: &Said<Areas<Said<AreaWord>>>) -> Vec<Difference> {
    let said = match said {
        Said::Value(areas) => areas,
        Said::Other(json) => return vec![Difference::new("areas", "one result for each area", other(json))],
        Said::Nothing => return vec![Difference::new("areas", "one result for each area", NOTHING)],
    };
    let pairs = expected.each().into_iter().zip(said.each());
    let pairs = pairs.filter(|((_, from, _), _)| *from <= level);
    pairs.filter_map(|((name, _, a), (_, _, b))| compare_value(&format!("areas.{name}"), a, b)).collect()
}

/// The steps that must be among those that failed.
fn compare_failed(scenario: &Scenario, said: &Said<Vec<String>>) -> Option<Difference> {
    let names_all = |steps: &[String]| scenario.found_by.iter().all(|step| steps.iter().any(|s| s == step.as_str()));
    let agrees = matches!(said, Said::Value(steps) if names_all(steps));
    (!agrees).then(|| Difference::new("failed", value_of(&scenario.found_by), shown(said)))
}

fn compare_damage(expected: &Damage<ExpectedEntry>, said: &Said<Damage<ReportedEntry>>) -> Vec<Difference> {
    let said = match said {
        Said::Value(damage) => damage,
        Said::Other(json) => return vec![Difference::new("damage", "entries and ranges", other(json))],
        Said::Nothing => return vec![Difference::new("damage", "entries and ranges", NOTHING)],
    };
    let (missing, extra) = only_in_one(expected.entries.iter().map(|e| &e.0), said.entries.iter().map(|e| &e.0));
    let entries = (rows(&missing, |row| row.to_value()), rows(&extra, |row| row.to_value()));
    let (missing, extra) = only_in_one(expected.ranges.iter().map(|r| &r.0), said.ranges.iter().map(|r| &r.0));
    let ranges = (rows(&missing, |row| row.to_value()), rows(&extra, |row| row.to_value()));
    [("damage.entries", entries), ("damage.ranges", ranges)]
        .into_iter()
        .filter(|(_, (missing, extra))| !(missing.is_empty() && extra.is_empty()))
        .map(|(key, (missing, extra))| Difference::new(key, missing, extra))
        .collect()
}

/// The first of many rows, and how many more there are.
fn rows<T>(all: &[&T], to_value: impl Fn(&T) -> Value) -> Vec<Value> {
    let mut shown: Vec<Value> = all.iter().take(ROW_COUNT_MAX).map(|row| to_value(row)).collect();
    if let Some(more) = all.len().checked_sub(ROW_COUNT_MAX).filter(|&more| more > 0) {
        shown.push(format!("and {more} more").into());
    }
    shown
}

fn value_of<T: Serialize>(value: &T) -> Value {
    // Words, numbers and lists of them are always JSON.
    serde_json::to_value(value).unwrap_or_default()
}

fn shown<T: Serialize>(said: &Said<T>) -> Value {
    match said {
        Said::Value(value) => value_of(value),
        Said::Other(json) => other(json),
        Said::Nothing => NOTHING.into(),
    }
}

/// A value that cannot stand where it stands: itself, or the beginning of its JSON.
fn other(json: &str) -> Value {
    match json.len() <= SHOWN_LEN_MAX {
        true => serde_json::from_str(json).unwrap_or_else(|_| json.into()),
        false => cut(json).into(),
    }
}

/// The value, or if it is long the beginning of its JSON: another's output does not decide how long ours is.
fn bounded(value: Value) -> Value {
    let json = value.to_string();
    if json.len() <= SHOWN_LEN_MAX { value } else { cut(&json).into() }
}

fn cut(text: &str) -> String {
    format!("{}...", &text[..text.floor_char_boundary(SHOWN_LEN_MAX)])
}
