//! From TOML to values: every field that is known, and what is wrong with the rest.

use toml::Spanned;
use toml::de::{DeTable, DeValue};

use super::law;
use super::{CaseFile, ClockMeasured};
use crate::format::case::{Authority, CaseReference, Device, Exhibit, LegalBasis, Operator, Text};
use crate::format::state::State;
use crate::limits::CASE_ITEM_COUNT_MAX;
use crate::toml_file::{Problem, ProblemKind, Table, Values, nearest, read, type_name};

/// Fields outside any table.
pub(super) const TOP: &str = "";
/// What is a list of tables.
const LISTS: [&str; 2] = ["items", "conditions"];
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

/// Texts that may be written as a TOML date and time.
const TIMES: &[&str] = &["exhibit.seized_at"];

/// Checks the text of a file; see [`CaseFile::parse`].
pub(super) fn parse(text: &str) -> Result<CaseFile, Vec<Problem>> {
    read(text, TIMES, |values, document| Reading { values, document }.case_file())
}

/// A case file being read.
pub(super) struct Reading<'v, 't, 'd> {
    pub(super) values: &'v mut Values<'t>,
    document: &'d DeTable<'d>,
}

impl<'d> Reading<'_, '_, 'd> {
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
        match (self.offset(), self.optional("clock", "reference")) {
            (Some(offset_ms), Some(reference)) => Some(ClockMeasured { offset_ms, reference }),
            (None, None) => None,
            (Some(_), None) => self.missing_beside("clock.reference", "clock.offset_ms"),
            (None, Some(_)) => self.missing_beside("clock.offset_ms", "clock.reference"),
        }
    }

    fn offset(&mut self) -> Option<i64> {
        let clock = self.table("clock");
        self.values.number(&clock, "offset_ms", "a whole number of milliseconds")
    }

    /// Says that a field is missing; unless it is there and something else about it was said already.
    pub(super) fn missing_beside<T>(&mut self, field: &str, other: &'static str) -> Option<T> {
        if !self.values.has_problem(field) {
            self.values.problem(None, field, ProblemKind::MissingBeside(other));
        }
        None
    }

    pub(super) fn required(&mut self, table: &str, key: &str) -> Option<Text> {
        self.values.required(&self.table(table), key)
    }

    pub(super) fn optional(&mut self, table: &str, key: &str) -> Option<Text> {
        self.values.optional(&self.table(table), key)
    }

    fn state(&mut self, table: &str, key: &str) -> Option<State> {
        self.values.required_state(&self.table(table), key)
    }

    pub(super) fn table(&self, name: &str) -> Table<'d> {
        let table = match name {
            TOP => Some(self.document),
            name => self.document.get(name).and_then(|value| value.get_ref().as_table()),
        };
        Table::new(name, table)
    }

    /// The tables of a list, each with its place in its name.
    pub(super) fn tables_of(&mut self, list: &str) -> Vec<Table<'d>> {
        let tables = self.document.get(list).and_then(|value| value.get_ref().as_array());
        if tables.is_some_and(|tables| tables.len() > CASE_ITEM_COUNT_MAX) {
            let top = self.table(TOP);
            self.values.problem_at(&top, list, ProblemKind::TooMany(CASE_ITEM_COUNT_MAX));
            return Vec::new();
        }
        let named = |(n, table): (usize, &'d Spanned<DeValue<'d>>)| {
            Table::new(format!("{list}[{n}]"), table.get_ref().as_table())
        };
        tables.into_iter().flatten().enumerate().map(named).collect()
    }

    fn find_unknown_in(&mut self, name: &str, fields: &'static [&'static str], table: &DeTable<'_>) {
        for (key, _) in table.iter().filter(|(key, _)| !fields.contains(&key.get_ref().as_ref())) {
            let kind = ProblemKind::Unknown(meant(name, fields, key.get_ref()));
            self.values.problem(Some(key.span().start), &full_name(name, key.get_ref()), kind);
        }
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
                                self.values.problem(Some(table.span().start), name, kind);
                            }
                        }
                    }
                }
                (Some(_), other) if name != TOP => {
                    let wanted = if LISTS.contains(&name) { "a list of tables, each under [[..]]" } else { "a table" };
                    self.values.problem(start, name, ProblemKind::Type(wanted, type_name(other)));
                }
                _ if FIELDS[0].1.contains(&name) => {}
                _ => {
                    let known = tables().map(|(table, _)| *table).filter(|&table| table != TOP);
                    let near = nearest(name, known.chain(FIELDS[0].1.iter().copied())).map(str::to_owned);
                    let kind = ProblemKind::Unknown(near.or_else(|| elsewhere(TOP, name)));
                    self.values.problem(start, name, kind);
                }
            }
        }
    }
}

fn full_name(table: &str, key: &str) -> String {
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
