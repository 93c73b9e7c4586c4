//! Values that only requests have: words of closed lists, moments, numbers, lists and tables inside tables. An empty text
//! stands for none, whatever the field is, so that a template's lines can be left as they are.

use toml::Spanned;
use toml::de::{DeTable, DeValue};

use super::fields::known_in;
use crate::format::digest::Digest;
use crate::format::moment::Moment;
use crate::format::request_parts::Range;
use crate::format::time::Instant;
use crate::format::words::Word;
use crate::limits::REQUEST_ITEM_COUNT_MAX;
use crate::toml_file::{ProblemKind, Table, Values, nearest, type_name};

/// A word out of a closed list.
pub(super) fn word<W: Word>(values: &mut Values<'_>, table: &Table<'_>, key: &str) -> Option<W> {
    let text = values.optional(table, key)?;
    let word = W::of_word(text.as_str());
    if word.is_none() {
        values.problem_at(table, key, ProblemKind::NotOneOf(W::words(), text.into()));
    }
    word
}

/// Words out of a closed list.
pub(super) fn words<W: Word>(values: &mut Values<'_>, table: &Table<'_>, key: &str) -> Vec<W> {
    let mut out = Vec::new();
    for item in list(values, table, key) {
        match item.get_ref() {
            DeValue::String(text) => match W::of_word(text) {
                Some(word) if !out.contains(&word) => out.push(word),
                Some(_) => {}
                None => values.problem_at(table, key, ProblemKind::NotOneOf(W::words(), text.to_string())),
            },
            other => values.problem_at(table, key, ProblemKind::Type("a list of texts in quotes", type_name(other))),
        }
    }
    out
}

/// A date, or a time with its offset.
pub(super) fn moment(values: &mut Values<'_>, table: &Table<'_>, key: &str) -> Option<Moment> {
    let value = filled(table, key)?;
    let text = match value.get_ref() {
        DeValue::String(text) => text.trim().to_owned(),
        DeValue::Datetime(time) => time.to_string(),
        other => {
            values.problem_at(table, key, ProblemKind::Type("a date or time", type_name(other)));
            return None;
        }
    };
    let moment = Moment::parse(&text).or_else(|| with_offset(&text).map(Moment::Instant));
    if moment.is_none() {
        values.problem_at(table, key, ProblemKind::Moment(text));
    }
    moment
}

/// A time that must be given if its table is.
pub(super) fn required_moment(values: &mut Values<'_>, table: &Table<'_>, key: &str) -> Option<Moment> {
    if filled(table, key).is_none() {
        values.problem(None, &table.full_name(key), ProblemKind::Missing);
    }
    moment(values, table, key)
}

/// A time to the second.
pub(super) fn instant(values: &mut Values<'_>, table: &Table<'_>, key: &str) -> Option<Instant> {
    match moment(values, table, key)? {
        Moment::Instant(instant) => Some(instant),
        Moment::Day(day) => {
            values.problem_at(table, key, ProblemKind::Moment(day.to_string()));
            None
        }
    }
}

/// A time of another zone, to the second.
fn with_offset(text: &str) -> Option<Instant> {
    let time: jiff::Timestamp = text.parse().ok()?;
    if time.subsec_nanosecond() == 0 { Instant::from_seconds(time.as_second()) } else { None }
}

/// From one moment to another; both or neither.
pub(super) fn range(values: &mut Values<'_>, table: &Table<'_>, key: &str, path: &str) -> Option<Range> {
    let inner = inner(values, table, key, path);
    if filled(&inner, "from").is_none() && filled(&inner, "to").is_none() {
        return None;
    }
    let (from, to) = (required_moment(values, &inner, "from"), required_moment(values, &inner, "to"));
    Some(Range { from: from?, to: to? })
}

/// True or false.
pub(super) fn flag(values: &mut Values<'_>, table: &Table<'_>, key: &str) -> Option<bool> {
    match filled(table, key)?.get_ref() {
        DeValue::Boolean(flag) => Some(*flag),
        other => {
            values.problem_at(table, key, ProblemKind::Type("true or false", type_name(other)));
            None
        }
    }
}

/// A number that is not negative.
pub(super) fn count(values: &mut Values<'_>, table: &Table<'_>, key: &str) -> Option<u64> {
    filled(table, key)?;
    let number = values.number(table, key, "a whole number")?;
    let count = u64::try_from(number).ok();
    if count.is_none() {
        values.problem_at(table, key, ProblemKind::Range);
    }
    count
}

/// A digest in hex.
pub(super) fn digest(values: &mut Values<'_>, table: &Table<'_>, key: &str) -> Option<Digest> {
    let text = values.optional(table, key)?;
    let digest = Digest::from_hex(text.as_str());
    if digest.is_none() {
        values.problem_at(table, key, ProblemKind::Digest(text.into()));
    }
    digest
}

/// A table inside a table; `path` is its name among the known fields.
pub(super) fn inner<'a>(values: &mut Values<'_>, table: &Table<'a>, key: &str, path: &str) -> Table<'a> {
    let found = table.get(key).and_then(|value| match value.get_ref() {
        DeValue::Table(table) => Some(table),
        other => {
            values.problem_at(table, key, ProblemKind::Type("a table", type_name(other)));
            None
        }
    });
    known(values, Table::new(table.full_name(key), found), path)
}

/// Tables of a list.
pub(super) fn tables<'a>(values: &mut Values<'_>, table: &Table<'a>, key: &str, path: &str) -> Vec<Table<'a>> {
    let mut out = Vec::new();
    for (n, item) in list(values, table, key).iter().enumerate() {
        match item.get_ref() {
            DeValue::Table(found) => {
                let name = table.full_name(&format!("{key}[{n}]"));
                out.push(known(values, Table::new(name, Some(found)), path));
            }
            other => values.problem_at(table, key, ProblemKind::Type("a list of tables", type_name(other))),
        }
    }
    out
}

/// The table, after its unknown fields were noted.
pub(super) fn known<'a>(values: &mut Values<'_>, table: Table<'a>, path: &str) -> Table<'a> {
    let known = known_in(path);
    for (key, start) in table.fields().filter(|(key, _)| !known.contains(key)) {
        let near = nearest(key, known.iter().copied()).map(str::to_owned);
        values.problem(Some(start), &table.full_name(key), ProblemKind::Unknown(near));
    }
    table
}

/// The table at the top of a file.
pub(super) fn top<'a>(values: &mut Values<'_>, document: &'a DeTable<'a>) -> Table<'a> {
    known(values, Table::new("", Some(document)), "")
}

/// What a list holds; nothing, if it is no list or too long.
fn list<'a>(values: &mut Values<'_>, table: &Table<'a>, key: &str) -> &'a [Spanned<DeValue<'a>>] {
    match filled(table, key).map(|value| value.get_ref()) {
        None => &[],
        Some(DeValue::Array(items)) if items.len() <= REQUEST_ITEM_COUNT_MAX => items,
        Some(DeValue::Array(_)) => {
            values.problem_at(table, key, ProblemKind::TooMany(REQUEST_ITEM_COUNT_MAX));
            &[]
        }
        Some(other) => {
            values.problem_at(table, key, ProblemKind::Type("a list", type_name(other)));
            &[]
        }
    }
}

/// The value of a field, unless it is an empty text.
pub(super) fn filled<'a>(table: &Table<'a>, key: &str) -> Option<&'a Spanned<DeValue<'a>>> {
    let is_filled = |value: &DeValue<'_>| !matches!(value, DeValue::String(text) if text.trim().is_empty());
    table.get(key).filter(|value| is_filled(value.get_ref()))
}
