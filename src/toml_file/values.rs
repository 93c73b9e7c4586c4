//! From TOML to values, one field at a time.

use toml::Spanned;
use toml::de::{DeTable, DeValue};

use super::problem::{Problem, ProblemKind};
use crate::format::case::Text;
use crate::format::state::State;
use crate::limits::JSON_INTEGER_MAX;

/// Reads a text. Gives every problem, ascending by line; what is missing comes last.
pub(crate) fn read<T>(
    text: &str,
    times: &'static [&'static str],
    of: impl FnOnce(&mut Values<'_>, &DeTable<'_>) -> Option<T>,
) -> Result<T, Vec<Problem>> {
    let (document, errors) = DeTable::parse_recoverable(text);
    let mut values = Values { text, times, problems: Vec::new() };
    // What stands after a syntax error cannot be relied on, so nothing is said of it.
    let value = if errors.is_empty() { of(&mut values, document.get_ref()) } else { None };
    let mut problems: Vec<_> = errors.iter().map(|error| values.syntax(error)).collect();
    problems.append(&mut values.problems);
    match value {
        Some(value) if problems.is_empty() => Ok(value),
        _ => {
            problems.sort_by_key(|problem| problem.line.unwrap_or(usize::MAX));
            Err(problems)
        }
    }
}

/// A table, or the absence of one; with its full name, which is empty for what stands above all tables.
#[derive(Clone)]
pub(crate) struct Table<'a> {
    name: String,
    table: Option<&'a DeTable<'a>>,
}

impl<'a> Table<'a> {
    pub(crate) fn new(name: impl Into<String>, table: Option<&'a DeTable<'a>>) -> Self {
        Self { name: name.into(), table }
    }

    /// The full name of one of its fields.
    pub(crate) fn full_name(&self, key: &str) -> String {
        if self.name.is_empty() { key.to_owned() } else { format!("{}.{key}", self.name) }
    }

    pub(crate) fn get(&self, key: &str) -> Option<&'a Spanned<DeValue<'a>>> {
        self.table?.get(key)
    }

    /// Its fields, with where their names stand.
    pub(crate) fn fields(&self) -> impl Iterator<Item = (&'a str, usize)> + use<'a> {
        self.table.into_iter().flatten().map(|(key, _)| (key.get_ref().as_ref(), key.span().start))
    }
}

/// A file that is being read, and what was found wrong so far.
pub(crate) struct Values<'t> {
    text: &'t str,
    /// Full names of texts that may be written as a date or time, without quotes.
    times: &'static [&'static str],
    problems: Vec<Problem>,
}

impl Values<'_> {
    /// A text that must be there and say something.
    pub(crate) fn required(&mut self, table: &Table<'_>, key: &str) -> Option<Text> {
        let name = table.full_name(key);
        let Some(value) = table.get(key) else {
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

    /// A text. An empty one stands for none, so that a template's lines can be left as they are.
    pub(crate) fn optional(&mut self, table: &Table<'_>, key: &str) -> Option<Text> {
        let name = table.full_name(key);
        let value = table.get(key)?;
        let text = self.text_of(&name, value)?;
        if text.trim().is_empty() { None } else { self.checked(&name, value, &text) }
    }

    /// A State that must be there.
    pub(crate) fn required_state(&mut self, table: &Table<'_>, key: &str) -> Option<State> {
        let text = self.required(table, key)?;
        self.state_of(table, key, &text)
    }

    /// A State.
    pub(crate) fn state(&mut self, table: &Table<'_>, key: &str) -> Option<State> {
        let text = self.optional(table, key)?;
        self.state_of(table, key, &text)
    }

    fn state_of(&mut self, table: &Table<'_>, key: &str, text: &Text) -> Option<State> {
        let wrong = |_| self.problem_at(table, key, ProblemKind::State(text.as_str().to_owned()));
        State::new(text.as_str()).map_err(wrong).ok()
    }

    /// A whole number; `what` says of what.
    pub(crate) fn number(&mut self, table: &Table<'_>, key: &str, what: &'static str) -> Option<i64> {
        let value = table.get(key)?;
        let DeValue::Integer(integer) = value.get_ref() else {
            self.problem_at(table, key, ProblemKind::Type(what, type_name(value.get_ref())));
            return None;
        };
        match i64::from_str_radix(integer.as_str(), integer.radix()) {
            Ok(number) if number.unsigned_abs() <= JSON_INTEGER_MAX => Some(number),
            _ => {
                self.problem_at(table, key, ProblemKind::Range);
                None
            }
        }
    }

    pub(super) fn checked(&mut self, name: &str, value: &Spanned<DeValue<'_>>, text: &str) -> Option<Text> {
        check_text(text).map_err(|kind| self.problem(Some(value.span().start), name, kind)).ok()
    }

    /// The text of a value: a string, or where it may be, a date and time, which TOML writes without quotes.
    pub(super) fn text_of(&mut self, name: &str, value: &Spanned<DeValue<'_>>) -> Option<String> {
        match value.get_ref() {
            DeValue::String(text) => Some(text.to_string()),
            DeValue::Datetime(time) if self.times.contains(&name) => Some(time.to_string()),
            other => {
                let kind = ProblemKind::Type("a text in quotes", type_name(other));
                self.problem(Some(value.span().start), name, kind);
                None
            }
        }
    }

    /// Notes what is wrong with a field, where its value stands.
    pub(crate) fn problem_at(&mut self, table: &Table<'_>, key: &str, kind: ProblemKind) {
        let start = table.get(key).map(|value| value.span().start);
        self.problem(start, &table.full_name(key), kind);
    }

    /// Notes what is wrong with a field, by its full name.
    pub(crate) fn problem(&mut self, start: Option<usize>, field: &str, kind: ProblemKind) {
        let line = start.map(|start| self.line(start));
        self.problems.push(Problem { line, field: field.to_owned(), kind });
    }

    /// Whether anything was said of a field already.
    pub(crate) fn has_problem(&self, field: &str) -> bool {
        self.problems.iter().any(|problem| problem.field == field)
    }

    fn syntax(&self, error: &toml::de::Error) -> Problem {
        let line = error.span().map(|span| self.line(span.start));
        Problem { line, field: String::new(), kind: ProblemKind::Syntax(error.message().to_owned()) }
    }

    fn line(&self, offset: usize) -> usize {
        self.text.bytes().take(offset).filter(|&byte| byte == b'\n').count() + 1
    }
}

/// A string that may stand in a document: of sound length, and without control characters but line breaks and tabs.
pub fn check_text(text: &str) -> Result<Text, ProblemKind> {
    if let Some(control) = text.chars().find(|c| c.is_control() && !matches!(c, '\n' | '\t')) {
        return Err(ProblemKind::Control(control));
    }
    if text.is_empty() {
        return Err(ProblemKind::Empty);
    }
    Text::new(text).map_err(|_| ProblemKind::TooLong)
}

/// What a value is, for people.
pub(crate) fn type_name(value: &DeValue<'_>) -> &'static str {
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
