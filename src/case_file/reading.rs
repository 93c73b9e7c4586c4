//! From TOML to values: every field that is known, and what is wrong with the rest.

use toml::Spanned;
use toml::de::{DeTable, DeValue};

use super::law;
use super::nearest::nearest;
use super::problem::{Problem, ProblemKind};
use super::{CaseFile, ClockMeasured};
use crate::format::case::{Authority, CaseReference, Device, Exhibit, LegalBasis, Operator, Text};
use crate::format::state::State;
use crate::limits::JSON_INTEGER_MAX;

/// What is a list of tables.
const LISTS: [&str; 2] = ["items", "conditions"];
/// Fields outside any table.
pub(super) const TOP: &str = "";
/// Every table and its fields, [`TOP`] first, but those of [`super::law`].
const FIELDS: [(&str, &[&str]); 8] = [
    (TOP, &["notes", "safeguards", "power", "exculpatory"]),
    ("case", &["id", "title", "stage"]),
    ("exhibit", &["id", "description", "seized_at", "seized_place"]),
    ("operator", &["name", "role", "contact"]),
    ("authority", &["name", "state"]),
    ("source", &["make", "model", "serial", "write_protection"]),
    ("legal_basis", &["instrument", "article", "reference"]),
    ("clock", &["offset_ms", "reference"]),
];

/// Checks the text of a file; see [`CaseFile::parse`].
pub(super) fn parse(text: &str) -> Result<CaseFile, Vec<Problem>> {
    let (document, errors) = DeTable::parse_recoverable(text);
    let mut reading = Reading { text, document: document.get_ref(), problems: Vec::new() };
    // What stands after a syntax error cannot be relied on, so nothing is said of it.
    let case = if errors.is_empty() { reading.case_file() } else { None };
    let mut problems: Vec<_> = errors.iter().map(|error| reading.syntax(error)).collect();
    problems.append(&mut reading.problems);
    match case {
        Some(case) if problems.is_empty() => Ok(case),
        _ => {
            problems.sort_by_key(|problem| problem.line.unwrap_or(usize::MAX));
            Err(problems)
        }
    }
}

/// A case file being read, and what was found wrong so far.
pub(super) struct Reading<'a> {
    text: &'a str,
    document: &'a DeTable<'a>,
    problems: Vec<Problem>,
}

impl<'a> Reading<'a> {
    /// Every field, or `None` if one that is required has a problem.
    fn case_file(&mut self) -> Option<CaseFile> {
        self.find_unknown();
        let authority = (self.required("authority", "name"), self.state("authority", "state"));
        let case = (self.required("case", "id"), self.optional("case", "title"));
        let exhibit_id = self.required("exhibit", "id");
        let operator_name = self.required("operator", "name");
        let legal_basis = self.legal_basis();
        let source = self.source();
        let clock = self.clock();
        let (stage, law) = (self.stage(), self.law());
        let exhibit_rest = ["description", "seized_at", "seized_place"].map(|key| self.optional("exhibit", key));
        let [role, contact] = ["role", "contact"].map(|key| self.optional("operator", key));
        let [notes, safeguards] = ["notes", "safeguards"].map(|key| self.optional(TOP, key));
        let [description, seized_at, seized_place] = exhibit_rest;
        Some(CaseFile {
            authority: Authority { name: authority.0?, state: authority.1? },
            case: CaseReference { id: case.0?, stage, title: case.1 },
            exhibit: Exhibit { description, id: exhibit_id?, seized_at, seized_place },
            legal_basis,
            notes,
            operator: Operator { contact, name: operator_name?, role },
            safeguards,
            source,
            clock,
            law,
        })
    }

    fn legal_basis(&mut self) -> Option<LegalBasis> {
        let [instrument, article, reference] =
            ["instrument", "article", "reference"].map(|key| self.optional("legal_basis", key));
        match (instrument, &article, &reference) {
            (Some(instrument), ..) => Some(LegalBasis { article, instrument, reference }),
            (None, None, None) => None,
            (None, Some(_), _) => self.missing_beside("legal_basis.instrument", "legal_basis.article"),
            (None, None, Some(_)) => self.missing_beside("legal_basis.instrument", "legal_basis.reference"),
        }
    }

    fn source(&mut self) -> Option<Device> {
        let [make, model, serial, write_protection] =
            ["make", "model", "serial", "write_protection"].map(|key| self.optional("source", key));
        let device = Device { make, model, serial, write_protection };
        (device != Device::default()).then_some(device)
    }

    fn clock(&mut self) -> Option<ClockMeasured> {
        match (self.offset("clock", "offset_ms"), self.optional("clock", "reference")) {
            (Some(offset_ms), Some(reference)) => Some(ClockMeasured { offset_ms, reference }),
            (None, None) => None,
            (Some(_), None) => self.missing_beside("clock.reference", "clock.offset_ms"),
            (None, Some(_)) => self.missing_beside("clock.offset_ms", "clock.reference"),
        }
    }

    /// Says that a field is missing; unless it is there and something else about it was said already.
    pub(super) fn missing_beside<T>(&mut self, field: &str, other: &'static str) -> Option<T> {
        if self.problems.iter().all(|problem| problem.field != field) {
            self.problem(None, field, ProblemKind::MissingBeside(other));
        }
        None
    }

    pub(super) fn required(&mut self, table: &str, key: &str) -> Option<Text> {
        let name = full_name(table, key);
        let Some(value) = self.value(table, key) else {
            self.problem(None, &name, ProblemKind::Missing);
            return None;
        };
        let text = self.text_of(&name, value)?;
        if text.trim().is_empty() {
            self.problem(Some(value.span().start), &name, ProblemKind::Empty);
            return None;
        }
        self.checked(&name, value, &text)
    }

    /// An empty text stands for none, so that a template's lines can be left as they are.
    pub(super) fn optional(&mut self, table: &str, key: &str) -> Option<Text> {
        let name = full_name(table, key);
        let value = self.value(table, key)?;
        let text = self.text_of(&name, value)?;
        if text.trim().is_empty() { None } else { self.checked(&name, value, &text) }
    }

    fn state(&mut self, table: &str, key: &str) -> Option<State> {
        let text = self.required(table, key)?;
        self.state_of(table, key, text)
    }

    pub(super) fn optional_state(&mut self, table: &str, key: &str) -> Option<State> {
        let text = self.optional(table, key)?;
        self.state_of(table, key, text)
    }

    fn state_of(&mut self, table: &str, key: &str, text: Text) -> Option<State> {
        let name = full_name(table, key);
        match State::new(text.as_str()) {
            Ok(state) => Some(state),
            Err(_) => {
                let start = self.value(table, key).map(|value| value.span().start);
                self.problem(start, &name, ProblemKind::State(text.into()));
                None
            }
        }
    }

    fn offset(&mut self, table: &str, key: &str) -> Option<i64> {
        let name = full_name(table, key);
        let value = self.value(table, key)?;
        let DeValue::Integer(integer) = value.get_ref() else {
            let kind = ProblemKind::Type("a whole number of milliseconds", type_name(value.get_ref()));
            self.problem(Some(value.span().start), &name, kind);
            return None;
        };
        match i64::from_str_radix(integer.as_str(), integer.radix()) {
            Ok(offset) if offset.unsigned_abs() <= JSON_INTEGER_MAX => Some(offset),
            _ => {
                self.problem(Some(value.span().start), &name, ProblemKind::Range);
                None
            }
        }
    }

    pub(super) fn checked(&mut self, name: &str, value: &Spanned<DeValue<'_>>, text: &str) -> Option<Text> {
        check_text(text).map_err(|kind| self.problem(Some(value.span().start), name, kind)).ok()
    }

    /// The text of a value: a string, or a date and time, which TOML writes without quotes.
    pub(super) fn text_of(&mut self, name: &str, value: &Spanned<DeValue<'_>>) -> Option<String> {
        match value.get_ref() {
            DeValue::String(text) => Some(text.to_string()),
            DeValue::Datetime(time) if name == "exhibit.seized_at" => Some(time.to_string()),
            other => {
                let kind = ProblemKind::Type("a text in quotes", type_name(other));
                self.problem(Some(value.span().start), name, kind);
                None
            }
        }
    }

    pub(super) fn value(&self, table: &str, key: &str) -> Option<&'a Spanned<DeValue<'a>>> {
        match table {
            TOP => self.document.get(key),
            table => match table.strip_suffix(']').and_then(|table| table.split_once('[')) {
                Some((list, n)) => {
                    let tables = self.document.get(list)?.get_ref().as_array()?;
                    tables.get(n.parse::<usize>().ok()?)?.get_ref().as_table()?.get(key)
                }
                None => self.document.get(table)?.get_ref().as_table()?.get(key),
            },
        }
    }

    /// Notes something about a field that is there.
    pub(super) fn problem_at(&mut self, table: &str, key: &str, kind: ProblemKind) {
        let start = self.value(table, key).map(|value| value.span().start);
        self.problem(start, &full_name(table, key), kind);
    }

    /// Notes every table and field that is not known, and tables that are none.
    fn find_unknown(&mut self) {
        for (key, value) in self.document {
            let name = key.get_ref().as_ref();
            let start = Some(key.span().start);
            match (known_in(name), value.get_ref()) {
                (Some(fields), DeValue::Table(table)) if name != TOP && !LISTS.contains(&name) => {
                    self.find_unknown_in(name, fields, table);
                }
                (Some(fields), DeValue::Array(tables)) if LISTS.contains(&name) => {
                    for table in tables {
                        match table.get_ref().as_table() {
                            Some(table) => self.find_unknown_in(name, fields, table),
                            None => {
                                let kind = ProblemKind::Type("a table", type_name(table.get_ref()));
                                self.problem(Some(table.span().start), name, kind);
                            }
                        }
                    }
                }
                (Some(_), other) if name != TOP => {
                    let wanted = if LISTS.contains(&name) { "a list of tables, each under [[..]]" } else { "a table" };
                    self.problem(start, name, ProblemKind::Type(wanted, type_name(other)));
                }
                _ if FIELDS[0].1.contains(&name) => {}
                _ => {
                    let known = tables().map(|(table, _)| *table).filter(|&table| table != TOP);
                    let near = nearest(name, known.chain(FIELDS[0].1.iter().copied())).map(str::to_owned);
                    let kind = ProblemKind::Unknown(near.or_else(|| elsewhere(TOP, name)));
                    self.problem(start, name, kind);
                }
            }
        }
    }

    fn find_unknown_in(&mut self, name: &str, fields: &'static [&'static str], table: &DeTable<'_>) {
        for (key, _) in table.iter().filter(|(key, _)| !fields.contains(&key.get_ref().as_ref())) {
            let kind = ProblemKind::Unknown(meant(name, fields, key.get_ref()));
            self.problem(Some(key.span().start), &full_name(name, key.get_ref()), kind);
        }
    }

    fn syntax(&self, error: &toml::de::Error) -> Problem {
        let line = error.span().map(|span| self.line(span.start));
        Problem { line, field: String::new(), kind: ProblemKind::Syntax(error.message().to_owned()) }
    }

    fn problem(&mut self, start: Option<usize>, field: &str, kind: ProblemKind) {
        let line = start.map(|start| self.line(start));
        self.problems.push(Problem { line, field: field.to_owned(), kind });
    }

    fn line(&self, offset: usize) -> usize {
        self.text.bytes().take(offset).filter(|&byte| byte == b'\n').count() + 1
    }
}

/// A string that may stand in a case: of sound length, and without control characters but line breaks and tabs.
pub fn check_text(text: &str) -> Result<Text, ProblemKind> {
    if let Some(control) = text.chars().find(|c| c.is_control() && !matches!(c, '\n' | '\t')) {
        return Err(ProblemKind::Control(control));
    }
    if text.is_empty() {
        return Err(ProblemKind::Empty);
    }
    Text::new(text).map_err(|_| ProblemKind::TooLong)
}

pub(super) fn full_name(table: &str, key: &str) -> String {
    if table == TOP { key.to_owned() } else { format!("{table}.{key}") }
}

/// Every table and its fields.
fn tables() -> impl Iterator<Item = &'static (&'static str, &'static [&'static str])> {
    FIELDS.iter().chain(&law::FIELDS)
}

fn known_in(table: &str) -> Option<&'static [&'static str]> {
    tables().find(|(name, _)| *name == table).map(|(_, fields)| *fields)
}

/// What an unknown field of a known table was meant to be: a near name of the table, or the same name elsewhere.
fn meant(table: &str, fields: &[&'static str], key: &str) -> Option<String> {
    nearest(key, fields.iter().copied()).map(str::to_owned).or_else(|| elsewhere(table, key))
}

fn elsewhere(table: &str, key: &str) -> Option<String> {
    let (other, _) = tables().find(|(name, fields)| *name != table && fields.contains(&key))?;
    Some(if *other == TOP {
        format!("{key}` above the first table, not `{table}.{key}")
    } else {
        full_name(other, key)
    })
}

pub(super) fn type_name(value: &DeValue<'_>) -> &'static str {
    match value {
        DeValue::String(_) => "a text",
        DeValue::Integer(_) => "a whole number",
        DeValue::Float(_) => "a number with a fraction",
        DeValue::Boolean(_) => "true or false",
        DeValue::Datetime(_) => "a date or time",
        DeValue::Array(_) => "a list",
        DeValue::Table(_) => "a table",
    }
}
