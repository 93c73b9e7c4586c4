//! What the law asks of a case: power, order, offence, categories of data, conditions and limits (SPEC.md CASE-3).

use toml::de::DeValue;

use super::problem::ProblemKind;
use super::reading::{Reading, TOP, type_name};
use crate::format::case::Text;
use crate::format::case_law::{
    Authorisation, CaseItem, Condition, Confidentiality, Cooperation, DataCategory, Exculpatory, IssuerKind, Offence,
    PersonalData, Power, ScopeBasis, Sensitive, Stage, Taking, UseLimits,
};
use crate::format::digest::Digest;
use crate::format::time::Instant;
use crate::limits::JSON_INTEGER_MAX;

/// Tables of the file that only the law asks for, and their fields. `items` and `conditions` are lists of tables.
pub(super) const FIELDS: [(&str, &[&str]); 10] = [
    ("acquisition", &["method", "configuration", "qualification", "location_state", "source_sha256", "unequal_reason"]),
    ("authorisation", &AUTHORISATION),
    ("offence", &["label", "reference", "article", "max_penalty_months", "basis", "conduct"]),
    ("cooperation", &["requesting_state", "requested_state"]),
    ("confidentiality", &["required", "until"]),
    ("personal_data", &["present", "basis", "safeguards"]),
    ("use", &["cases", "consents"]),
    ("items", &["paths", "category", "request_item", "sensitive"]),
    ("conditions", &["id", "text"]),
    ("third_parties", &["effect"]),
];
const AUTHORISATION: [&str; 9] =
    ["issuer", "issuer_kind", "reference", "issued_at", "valid_from", "valid_until", "scope", "grounds", "remedy"];

/// These parts of a case file.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
#[expect(missing_docs, reason = "the names are those of CaseJson")]
pub struct Law {
    pub taking: Option<Taking>,
    pub authorisation: Option<Authorisation>,
    pub confidentiality: Option<Confidentiality>,
    pub cooperation: Option<Cooperation>,
    pub exculpatory: Option<Exculpatory>,
    pub items: Vec<CaseItem>,
    pub offence: Option<Offence>,
    pub personal_data: Option<PersonalData>,
    pub power: Option<Power>,
    pub third_parties: Option<Text>,
    pub use_limits: Option<UseLimits>,
}

impl Reading<'_> {
    /// All of it. What is wrong is noted.
    pub(super) fn law(&mut self) -> Law {
        Law {
            taking: self.taking(),
            authorisation: self.authorisation(),
            confidentiality: self.confidentiality(),
            cooperation: self.cooperation(),
            exculpatory: self.word(TOP, "exculpatory", Exculpatory::ALL, Exculpatory::word),
            items: self.items(),
            offence: self.offence(),
            personal_data: self.personal_data(),
            power: self.word(TOP, "power", Power::ALL, Power::word),
            third_parties: self.optional("third_parties", "effect"),
            use_limits: self.use_limits(),
        }
    }

    /// How far the proceedings are.
    pub(super) fn stage(&mut self) -> Option<Stage> {
        self.word("case", "stage", Stage::ALL, Stage::word)
    }

    fn taking(&mut self) -> Option<Taking> {
        let [configuration, method, qualification, unequal_reason] =
            ["configuration", "method", "qualification", "unequal_reason"].map(|key| self.optional("acquisition", key));
        let location_state = self.optional_state("acquisition", "location_state");
        let source_sha256 = self.digest("acquisition", "source_sha256");
        let it = Taking { configuration, location_state, method, qualification, source_sha256, unequal_reason };
        (it != Taking::default()).then_some(it)
    }

    fn authorisation(&mut self) -> Option<Authorisation> {
        const TABLE: &str = "authorisation";
        let [grounds, issuer, reference, remedy, scope] =
            ["grounds", "issuer", "reference", "remedy", "scope"].map(|key| self.optional(TABLE, key));
        let issuer_kind = self.word(TABLE, "issuer_kind", IssuerKind::ALL, IssuerKind::word);
        let [issued_at, valid_from] = ["issued_at", "valid_from"].map(|key| self.moment(TABLE, key, "T00:00:00Z"));
        let valid_until = self.moment(TABLE, "valid_until", "T23:59:59Z");
        if let (Some(from), Some(until)) = (valid_from, valid_until)
            && until < from
        {
            self.problem_at(TABLE, "valid_until", ProblemKind::Order("authorisation.valid_from"));
        }
        let it = Authorisation {
            grounds,
            issued_at,
            issuer,
            issuer_kind,
            reference,
            remedy,
            scope,
            valid_from,
            valid_until,
        };
        (it != Authorisation::default()).then_some(it)
    }

    fn offence(&mut self) -> Option<Offence> {
        let [conduct, label, reference] = ["conduct", "label", "reference"].map(|key| self.optional("offence", key));
        let article = self.number("offence", "article");
        if article.is_some_and(|article| !matches!(article, 7..=17 | 19)) {
            self.problem_at("offence", "article", ProblemKind::Article);
        }
        let max_penalty_months = self.number("offence", "max_penalty_months");
        let basis = self.word("offence", "basis", ScopeBasis::ALL, ScopeBasis::word);
        let it = Offence { article, basis, conduct, label, max_penalty_months, reference };
        (it != Offence::default()).then_some(it)
    }

    fn cooperation(&mut self) -> Option<Cooperation> {
        let states = ["requested_state", "requesting_state"].map(|key| self.optional_state("cooperation", key));
        match states {
            [Some(requested_state), Some(requesting_state)] => Some(Cooperation { requested_state, requesting_state }),
            [None, None] => None,
            [Some(_), None] => self.missing_beside("cooperation.requesting_state", "cooperation.requested_state"),
            [None, Some(_)] => self.missing_beside("cooperation.requested_state", "cooperation.requesting_state"),
        }
    }

    fn confidentiality(&mut self) -> Option<Confidentiality> {
        let until = self.moment("confidentiality", "until", "T23:59:59Z");
        match self.flag("confidentiality", "required") {
            Some(required) => Some(Confidentiality { required, until }),
            None if until.is_some() => self.missing_beside("confidentiality.required", "confidentiality.until"),
            None => None,
        }
    }

    fn personal_data(&mut self) -> Option<PersonalData> {
        let [basis, safeguards] = ["basis", "safeguards"].map(|key| self.optional("personal_data", key));
        let mut conditions: Vec<Condition> = Vec::new();
        for table in self.tables("conditions") {
            let (id, text) = (self.required(&table, "id"), self.required(&table, "text"));
            let (Some(id), Some(text)) = (id, text) else { continue };
            if conditions.iter().any(|other| other.id == id) {
                self.problem_at(&table, "id", ProblemKind::Twice);
            }
            conditions.push(Condition { id, text });
        }
        match self.flag("personal_data", "present") {
            Some(present) => Some(PersonalData { basis, conditions, present, safeguards }),
            None if basis.is_some() || safeguards.is_some() => {
                self.missing_beside("personal_data.present", "personal_data.basis")
            }
            None if !conditions.is_empty() => self.missing_beside("personal_data.present", "conditions"),
            None => None,
        }
    }

    fn use_limits(&mut self) -> Option<UseLimits> {
        let [cases, consents] = ["cases", "consents"].map(|key| self.texts("use", key));
        let it = UseLimits { cases, consents };
        (it != UseLimits::default()).then_some(it)
    }

    fn items(&mut self) -> Vec<CaseItem> {
        let mut items = Vec::new();
        for table in self.tables("items") {
            let paths = self.required(&table, "paths");
            if self.required(&table, "category").is_none() {
                continue;
            }
            let category = self.word(&table, "category", DataCategory::ALL, DataCategory::word);
            let request_item = self.optional(&table, "request_item");
            let sensitive = self.word(&table, "sensitive", Sensitive::ALL, Sensitive::word);
            let (Some(paths), Some(category)) = (paths, category) else { continue };
            items.push(CaseItem { category, paths, request_item, sensitive });
        }
        items
    }

    /// One of a few words.
    fn word<T: Copy>(&mut self, table: &str, key: &str, all: &[T], word: fn(T) -> &'static str) -> Option<T> {
        let text = self.optional(table, key)?;
        let found = all.iter().copied().find(|&it| word(it) == text.as_str());
        if found.is_none() {
            let words = all.iter().map(|&it| word(it)).collect::<Vec<_>>().join(", ");
            self.problem_at(table, key, ProblemKind::Word { words, found: text.into() });
        }
        found
    }

    fn digest(&mut self, table: &str, key: &str) -> Option<Digest> {
        let text = self.optional(table, key)?;
        let digest = Digest::from_hex(&text.as_str().to_ascii_lowercase());
        if digest.is_none() {
            self.problem_at(table, key, ProblemKind::Digest);
        }
        digest
    }

    /// A moment with its offset, or a day of UTC, of which this is the time.
    fn moment(&mut self, table: &str, key: &str, of_day: &str) -> Option<Instant> {
        let value = self.value(table, key)?;
        let text = match value.get_ref() {
            DeValue::Datetime(time) => time.to_string(),
            _ => self.optional(table, key)?.as_str().to_owned(),
        };
        let whole = if text.len() == "2026-11-22".len() { format!("{text}{of_day}") } else { text };
        let time: Option<jiff::Timestamp> = whole.parse().ok();
        let instant = time.and_then(|time| Instant::from_seconds(time.as_second()));
        if instant.is_none() {
            self.problem_at(table, key, ProblemKind::Moment);
        }
        instant
    }

    fn flag(&mut self, table: &str, key: &str) -> Option<bool> {
        let value = self.value(table, key)?;
        match value.get_ref() {
            DeValue::Boolean(flag) => Some(*flag),
            DeValue::String(text) if text.trim().is_empty() => None,
            other => {
                self.problem_at(table, key, ProblemKind::Type("true or false", type_name(other)));
                None
            }
        }
    }

    fn number(&mut self, table: &str, key: &str) -> Option<u64> {
        let value = self.value(table, key)?;
        let DeValue::Integer(integer) = value.get_ref() else {
            self.problem_at(table, key, ProblemKind::Type("a whole number", type_name(value.get_ref())));
            return None;
        };
        let number = u64::from_str_radix(integer.as_str(), integer.radix()).ok();
        let number = number.filter(|&number| number <= JSON_INTEGER_MAX);
        if number.is_none() {
            self.problem_at(table, key, ProblemKind::Range);
        }
        number
    }

    /// A list of texts.
    fn texts(&mut self, table: &str, key: &str) -> Vec<Text> {
        let Some(value) = self.value(table, key) else { return Vec::new() };
        let Some(list) = value.get_ref().as_array() else {
            self.problem_at(table, key, ProblemKind::Type("a list of texts", type_name(value.get_ref())));
            return Vec::new();
        };
        let name = super::reading::full_name(table, key);
        let texts = list.iter().filter_map(|item| {
            let text = self.text_of(&name, item)?;
            self.checked(&name, item, &text)
        });
        texts.collect()
    }

    /// The names of the tables of a list, such as `items[0]`.
    fn tables(&self, list: &str) -> Vec<String> {
        let count = self.value(TOP, list).and_then(|value| value.get_ref().as_array()).map_or(0, |array| array.len());
        (0..count).map(|n| format!("{list}[{n}]")).collect()
    }
}
