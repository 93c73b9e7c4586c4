//! From TOML to values: every field that is known, and what is wrong with the rest.

use toml::de::{DeTable, DeValue};

use super::{CaseFile, ClockMeasured};
use crate::format::case::{Authority, CaseReference, Device, Exhibit, LegalBasis, Operator, Text};
use crate::format::state::State;
use crate::toml_file::{Problem, ProblemKind, Table, Values, nearest, read, type_name};

/// Fields outside any table.
const TOP: &str = "";
/// Every table and its fields; [`TOP`] first.
const FIELDS: [(&str, &[&str]); 8] = [
    (TOP, &["notes", "safeguards"]),
    ("case", &["id", "title"]),
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
struct Reading<'v, 't, 'd> {
    values: &'v mut Values<'t>,
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
        let exhibit_rest = ["description", "seized_at", "seized_place"].map(|key| self.optional("exhibit", key));
        let [role, contact] = ["role", "contact"].map(|key| self.optional("operator", key));
        let [notes, safeguards] = ["notes", "safeguards"].map(|key| self.optional(TOP, key));
        let [description, seized_at, seized_place] = exhibit_rest;
        Some(CaseFile {
            authority: Authority { name: authority.0?, state: authority.1? },
            case: CaseReference { id: case.0?, title: case.1 },
            exhibit: Exhibit { description, id: exhibit_id?, seized_at, seized_place },
            legal_basis,
            notes,
            operator: Operator { contact, name: operator_name?, role },
            safeguards,
            source,
            clock,
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
    fn missing_beside<T>(&mut self, field: &str, other: &'static str) -> Option<T> {
        if !self.values.has_problem(field) {
            self.values.problem(None, field, ProblemKind::MissingBeside(other));
        }
        None
    }

    fn required(&mut self, table: &str, key: &str) -> Option<Text> {
        self.values.required(&self.table(table), key)
    }

    fn optional(&mut self, table: &str, key: &str) -> Option<Text> {
        self.values.optional(&self.table(table), key)
    }

    fn state(&mut self, table: &str, key: &str) -> Option<State> {
        self.values.required_state(&self.table(table), key)
    }

    fn table(&self, name: &str) -> Table<'d> {
        let table = match name {
            TOP => Some(self.document),
            name => self.document.get(name).and_then(|value| value.get_ref().as_table()),
        };
        Table::new(name, table)
    }

    /// Notes every table and field that is not known, and tables that are none.
    fn find_unknown(&mut self) {
        for (key, value) in self.document {
            let name = key.get_ref().as_ref();
            let start = Some(key.span().start);
            match (known_in(name), value.get_ref()) {
                (Some(fields), DeValue::Table(table)) if name != TOP => {
                    for (key, _) in table.iter().filter(|(key, _)| !fields.contains(&key.get_ref().as_ref())) {
                        let kind = ProblemKind::Unknown(meant(name, fields, key.get_ref()));
                        self.values.problem(Some(key.span().start), &full_name(name, key.get_ref()), kind);
                    }
                }
                (Some(_), other) if name != TOP => {
                    self.values.problem(start, name, ProblemKind::Type("a table", type_name(other)));
                }
                _ if FIELDS[0].1.contains(&name) => {}
                _ => {
                    let known = FIELDS.iter().map(|(table, _)| *table).filter(|&table| table != TOP);
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

fn known_in(table: &str) -> Option<&'static [&'static str]> {
    FIELDS.iter().find(|(name, _)| *name == table).map(|(_, fields)| *fields)
}

/// What an unknown field of a known table was meant to be: a near name of the table, or the same name elsewhere.
fn meant(table: &str, fields: &[&'static str], key: &str) -> Option<String> {
    nearest(key, fields.iter().copied()).map(str::to_owned).or_else(|| elsewhere(table, key))
}

fn elsewhere(table: &str, key: &str) -> Option<String> {
    let (other, _) = FIELDS.iter().find(|(name, fields)| *name != table && fields.contains(&key))?;
    Some(if *other == TOP {
        format!("{key}` above the first table, not `{table}.{key}")
    } else {
        full_name(other, key)
    })
}
