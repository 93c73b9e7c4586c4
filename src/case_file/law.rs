//! What the law asks of a case: power, order, offence, categories of data, conditions and limits (SPEC.md CASE-3).

use super::reading::{Reading, TOP};
use crate::format::case::Text;
use crate::format::case_law::{
    Authorisation, CaseItem, Condition, Confidentiality, Cooperation, Exculpatory, Offence, PersonalData, Power,
    Taking, UseLimits,
};
use crate::format::moment::Moment;
use crate::format::pattern::patterns;
use crate::format::request_words::{OffenceArticle, ProceedingKind};
use crate::format::time::Instant;
use crate::toml_file::{ProblemKind, Table, count, digest, flag, moment, texts, word};

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

impl Reading<'_, '_, '_> {
    /// All of it. What is wrong is noted.
    pub(super) fn law(&mut self) -> Law {
        let top = self.table(TOP);
        Law {
            taking: self.taking(),
            authorisation: self.authorisation(),
            confidentiality: self.confidentiality(),
            cooperation: self.cooperation(),
            exculpatory: word::<Exculpatory>(self.values, &top, "exculpatory"),
            items: self.items(),
            offence: self.offence(),
            personal_data: self.personal_data(),
            power: word::<Power>(self.values, &top, "power"),
            third_parties: self.optional("third_parties", "effect"),
            use_limits: self.use_limits(),
        }
    }

    /// How far the proceedings are.
    pub(super) fn stage(&mut self) -> Option<ProceedingKind> {
        let table = self.table("case");
        word(self.values, &table, "stage")
    }

    fn taking(&mut self) -> Option<Taking> {
        let table = self.table("acquisition");
        let [configuration, method, qualification, unequal_reason] =
            ["configuration", "method", "qualification", "unequal_reason"].map(|key| self.optional("acquisition", key));
        let location_state = self.values.state(&table, "location_state");
        let source_sha256 = digest(self.values, &table, "source_sha256");
        let it = Taking { configuration, location_state, method, qualification, source_sha256, unequal_reason };
        (it != Taking::default()).then_some(it)
    }

    fn authorisation(&mut self) -> Option<Authorisation> {
        let table = self.table("authorisation");
        let [grounds, issuer, reference, remedy, scope] =
            ["grounds", "issuer", "reference", "remedy", "scope"].map(|key| self.optional("authorisation", key));
        let [issued_at, valid_from] = ["issued_at", "valid_from"].map(|key| self.moment(&table, key, Moment::start));
        let it = Authorisation {
            grounds,
            issued_at,
            issuer,
            issuer_kind: word(self.values, &table, "issuer_kind"),
            reference,
            remedy,
            scope,
            valid_from,
            valid_until: self.moment(&table, "valid_until", Moment::last_second),
        };
        if let (Some(from), Some(until)) = (it.valid_from, it.valid_until)
            && until < from
        {
            self.values.problem_at(&table, "valid_until", ProblemKind::Order("authorisation.valid_from"));
        }
        (it != Authorisation::default()).then_some(it)
    }

    fn offence(&mut self) -> Option<Offence> {
        let table = self.table("offence");
        let [conduct, label, reference] = ["conduct", "label", "reference"].map(|key| self.optional("offence", key));
        let number = count(self.values, &table, "article");
        let article = number.and_then(OffenceArticle::new);
        if number.is_some() && article.is_none() {
            self.values.problem_at(&table, "article", ProblemKind::Article);
        }
        let max_penalty_months = count(self.values, &table, "max_penalty_months");
        let basis = word(self.values, &table, "basis");
        let it = Offence { article, basis, conduct, label, max_penalty_months, reference };
        (it != Offence::default()).then_some(it)
    }

    fn cooperation(&mut self) -> Option<Cooperation> {
        let table = self.table("cooperation");
        let states = ["requested_state", "requesting_state"].map(|key| self.values.state(&table, key));
        match states {
            [Some(requested_state), Some(requesting_state)] => Some(Cooperation { requested_state, requesting_state }),
            [None, None] => None,
            [Some(_), None] => self.missing_beside("cooperation.requesting_state", "cooperation.requested_state"),
            [None, Some(_)] => self.missing_beside("cooperation.requested_state", "cooperation.requesting_state"),
        }
    }

    fn confidentiality(&mut self) -> Option<Confidentiality> {
        let table = self.table("confidentiality");
        let until = self.moment(&table, "until", Moment::last_second);
        match flag(self.values, &table, "required") {
            Some(required) => Some(Confidentiality { required, until }),
            None if until.is_some() => self.missing_beside("confidentiality.required", "confidentiality.until"),
            None => None,
        }
    }

    fn personal_data(&mut self) -> Option<PersonalData> {
        let table = self.table("personal_data");
        let [basis, safeguards] = ["basis", "safeguards"].map(|key| self.optional("personal_data", key));
        let conditions = self.conditions();
        match flag(self.values, &table, "present") {
            Some(present) => Some(PersonalData { basis, conditions, present, safeguards }),
            None if basis.is_some() || safeguards.is_some() => {
                self.missing_beside("personal_data.present", "personal_data.basis")
            }
            None if !conditions.is_empty() => self.missing_beside("personal_data.present", "conditions"),
            None => None,
        }
    }

    fn conditions(&mut self) -> Vec<Condition> {
        let mut conditions: Vec<Condition> = Vec::new();
        for table in self.tables_of("conditions") {
            let (id, text) = (self.values.required(&table, "id"), self.values.required(&table, "text"));
            let (Some(id), Some(text)) = (id, text) else { continue };
            if conditions.iter().any(|other| other.id == id) {
                self.values.problem_at(&table, "id", ProblemKind::Twice);
            }
            conditions.push(Condition { id, text });
        }
        conditions
    }

    fn use_limits(&mut self) -> Option<UseLimits> {
        let table = self.table("use");
        let [cases, consents] = ["cases", "consents"].map(|key| texts(self.values, &table, key));
        let it = UseLimits { cases, consents };
        (it != UseLimits::default()).then_some(it)
    }

    fn items(&mut self) -> Vec<CaseItem> {
        let mut items = Vec::new();
        for table in self.tables_of("items") {
            let paths = self.values.required(&table, "paths");
            if paths.as_ref().is_some_and(|paths| !is_pattern(paths.as_str())) {
                self.values.problem_at(&table, "paths", ProblemKind::Pattern);
            }
            let category = self.values.required(&table, "category").and_then(|_| word(self.values, &table, "category"));
            let request_item = self.values.optional(&table, "request_item");
            let sensitive = word(self.values, &table, "sensitive");
            let (Some(paths), Some(category)) = (paths, category) else { continue };
            items.push(CaseItem { category, paths, request_item, sensitive });
        }
        items
    }

    /// A moment, or of a day the second that is meant.
    fn moment(&mut self, table: &Table<'_>, key: &str, of: fn(Moment) -> Instant) -> Option<Instant> {
        moment(self.values, table, key).map(of)
    }
}

/// Whether it can match a path in a bundle: those do not begin with a slash, and do not lead upward.
fn is_pattern(text: &str) -> bool {
    let is_inside = !text.starts_with('/') && text.split('/').all(|part| part != "..");
    is_inside && patterns(std::slice::from_ref(&text.to_owned())).is_ok()
}
