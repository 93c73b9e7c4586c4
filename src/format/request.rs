//! Requests of the 24/7 network and of mutual assistance, and orders (SPEC.md section 23). Fields stand in RFC 8785 order.
//!
//! A value of this type has the form of a request. Whether it says all that its article asks for is another question:
//! [`crate::request::complete`].

use serde::{Deserialize, Serialize};

use super::case::Text;
use super::digest::Digest;
use super::request_parts::{
    Addressee, Confidentiality, Custodian, Deadline, Item, LegalBasis, Offence, Preservation, Realtime, Sender,
};
use super::request_words::{
    Article, Channel, IntendedMeasure, Measure24x7, ProceedingKind, ProductionBasis, Purpose, Scope, Urgency,
};
use super::signed::{Document, Signed};
use super::state::State;
use super::time::Instant;
use crate::limits::{JSON_INTEGER_MAX, REQUEST_ITEM_COUNT_MAX};

/// What a request is signed as.
pub const REQUEST_PAYLOAD_TYPE: &str = "application/vnd.scelle.request+json";

/// A request with its signatures.
pub type SignedRequest = Signed<Request>;

/// A request, or an order.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields, rename_all = "camelCase")]
#[expect(missing_docs, reason = "SPEC.md REQ-2 says what they are")]
pub struct Request {
    pub article: Article,
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub assistance: Option<Text>,
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub channel: Option<Channel>,
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub confidentiality: Option<Confidentiality>,
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub custodian: Option<Custodian>,
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub deadline: Option<Deadline>,
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub emergency_facts: Option<Text>,
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub facts: Option<Text>,
    pub from: Sender,
    pub id: Text,
    #[serde(skip_serializing_if = "Vec::is_empty", default)]
    pub intended_measures: Vec<IntendedMeasure>,
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub intends_mla: Option<bool>,
    #[serde(skip_serializing_if = "Vec::is_empty", default)]
    pub items: Vec<Item>,
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub language: Option<Text>,
    #[serde(skip_serializing_if = "Vec::is_empty", default)]
    pub legal_basis: Vec<LegalBasis>,
    #[serde(rename = "measure24x7", skip_serializing_if = "Option::is_none", default)]
    pub measure_24x7: Option<Measure24x7>,
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub necessity: Option<Text>,
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub none_available: Option<bool>,
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub offence: Option<Offence>,
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub preservation: Option<Preservation>,
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub previous: Option<Digest>,
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub procedure: Option<Text>,
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub proceeding_kind: Option<ProceedingKind>,
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub production_basis: Option<ProductionBasis>,
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub purpose: Option<Text>,
    #[serde(skip_serializing_if = "Vec::is_empty", default)]
    pub purposes: Vec<Purpose>,
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub realtime: Option<Realtime>,
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub scope: Option<Scope>,
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub sent_at: Option<Instant>,
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub subject: Option<Text>,
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub system_location: Option<Text>,
    pub to: Addressee,
    #[serde(rename = "type")]
    pub document_type: RequestType,
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub urgency: Option<Urgency>,
}

/// The one value of `type`.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize, Serialize)]
pub enum RequestType {
    /// A request as SPEC.md version 1 has it.
    #[serde(rename = "urn:scelle:request:1")]
    V1,
}

impl Document for Request {
    const PAYLOAD_TYPE: &'static str = REQUEST_PAYLOAD_TYPE;

    fn state(&self) -> State {
        self.from.state
    }

    fn check(&self) -> Result<(), &'static str> {
        let require = |holds: bool, why: &'static str| if holds { Ok(()) } else { Err(why) };
        let preserved = self.preservation.as_ref();
        let periods = preserved.map_or(0, |it| it.extensions.len().max(it.renewals.len()));
        let longest = self.items.len().max(self.legal_basis.len()).max(periods);
        require(longest <= REQUEST_ITEM_COUNT_MAX, "a list of more than 1,000")?;
        require(is_distinct(self.items.iter().map(|item| item.id.as_str())), "two items of the same `id`")?;
        require(is_distinct(&self.purposes), "a purpose twice")?;
        require(is_distinct(&self.intended_measures), "an intended measure twice")?;
        let months = self.offence.as_ref().and_then(|offence| offence.max_penalty_months).unwrap_or(0);
        require(months <= JSON_INTEGER_MAX, "a penalty of 2^53 months or more")
    }
}

/// Whether nothing stands twice.
pub(super) fn is_distinct<T: Ord>(values: impl IntoIterator<Item = T>) -> bool {
    let mut seen = std::collections::BTreeSet::new();
    values.into_iter().all(|value| seen.insert(value))
}
