//! Values that documents have beside texts: words of closed lists, moments, numbers, lists. An empty text stands for none,
//! whatever the field is, so that a template's lines can be left as they are.

use toml::Spanned;
use toml::de::DeValue;

use super::problem::ProblemKind;
use super::values::{Table, Values, type_name};
use crate::format::case::Text;
use crate::format::digest::Digest;
use crate::format::moment::Moment;
use crate::format::time::Instant;
use crate::format::words::Word;
use crate::limits::REQUEST_ITEM_COUNT_MAX;

/// A word out of a closed list.
pub(crate) fn word<W: Word>(values: &mut Values<'_>, table: &Table<'_>, key: &str) -> Option<W> {
    let text = values.optional(table, key)?;
    let word = W::of_word(text.as_str());
    if word.is_none() {
        values.problem_at(table, key, ProblemKind::NotOneOf(W::words(), text.into()));
    }
    word
}

/// Words out of a closed list.
pub(crate) fn words<W: Word>(values: &mut Values<'_>, table: &Table<'_>, key: &str) -> Vec<W> {
    let mut out = Vec::new();
    for item in items_of(values, table, key) {
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
pub(crate) fn moment(values: &mut Values<'_>, table: &Table<'_>, key: &str) -> Option<Moment> {
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
pub(crate) fn required_moment(values: &mut Values<'_>, table: &Table<'_>, key: &str) -> Option<Moment> {
    if filled(table, key).is_none() {
        values.problem(None, &table.full_name(key), ProblemKind::Missing);
    }
    moment(values, table, key)
}

/// A time to the second.
pub(crate) fn instant(values: &mut Values<'_>, table: &Table<'_>, key: &str) -> Option<Instant> {
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

/// True or false.
pub(crate) fn flag(values: &mut Values<'_>, table: &Table<'_>, key: &str) -> Option<bool> {
    match filled(table, key)?.get_ref() {
        DeValue::Boolean(flag) => Some(*flag),
        other => {
            values.problem_at(table, key, ProblemKind::Type("true or false", type_name(other)));
            None
        }
    }
}

/// A number that is not negative.
pub(crate) fn count(values: &mut Values<'_>, table: &Table<'_>, key: &str) -> Option<u64> {
    filled(table, key)?;
    let number = values.number(table, key, "a whole number")?;
    let count = u64::try_from(number).ok();
    if count.is_none() {
        values.problem_at(table, key, ProblemKind::Range);
    }
    count
}

/// A digest in hex; other tools print it in capital letters.
pub(crate) fn digest(values: &mut Values<'_>, table: &Table<'_>, key: &str) -> Option<Digest> {
    let text = values.optional(table, key)?;
    let digest = Digest::from_hex(&text.as_str().to_ascii_lowercase());
    if digest.is_none() {
        values.problem_at(table, key, ProblemKind::Digest(text.into()));
    }
    digest
}

/// Texts of a list.
pub(crate) fn texts(values: &mut Values<'_>, table: &Table<'_>, key: &str) -> Vec<Text> {
    let name = table.full_name(key);
    items_of(values, table, key)
        .iter()
        .filter_map(|item| {
            let text = values.text_of(&name, item)?;
            values.checked(&name, item, &text)
        })
        .collect()
}

/// What a list holds; nothing, if it is no list or too long.
pub(crate) fn items_of<'a>(values: &mut Values<'_>, table: &Table<'a>, key: &str) -> &'a [Spanned<DeValue<'a>>] {
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
pub(crate) fn filled<'a>(table: &Table<'a>, key: &str) -> Option<&'a Spanned<DeValue<'a>>> {
    let is_filled = |value: &DeValue<'_>| !matches!(value, DeValue::String(text) if text.trim().is_empty());
    table.get(key).filter(|value| is_filled(value.get_ref()))
}
