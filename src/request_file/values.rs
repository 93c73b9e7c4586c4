//! Tables inside tables, and lists of them, each with its known fields.

use toml::de::{DeTable, DeValue};

use super::fields::known_in;
use crate::format::request_parts::Range;
use crate::toml_file::{ProblemKind, Table, Values, filled, items_of, nearest, required_moment, type_name};

/// From one moment to another; both or neither.
pub(super) fn range(values: &mut Values<'_>, table: &Table<'_>, key: &str, path: &str) -> Option<Range> {
    let inner = inner(values, table, key, path);
    if filled(&inner, "from").is_none() && filled(&inner, "to").is_none() {
        return None;
    }
    let (from, to) = (required_moment(values, &inner, "from"), required_moment(values, &inner, "to"));
    Some(Range { from: from?, to: to? })
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
    for (n, item) in items_of(values, table, key).iter().enumerate() {
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
