//! What of a case the law asks for: by which power and authorisation something was taken, and under which conditions it may
//! be used (SPEC.md CASE-3). Every part is optional: which of them a rule needs is for `scelle check` to say. Fields stand
//! in RFC 8785 order.

use serde::{Deserialize, Serialize};

use super::case::Text;
use super::digest::Digest;
use super::request_words::{DataCategory, OffenceArticle, Scope};
use super::state::State;
use super::time::Instant;
use super::words::words;
use crate::limits::{CASE_ITEM_COUNT_MAX, CONDITION_COUNT_MAX, JSON_INTEGER_MAX};

/// How something was taken, and where it stood.
#[derive(Clone, Debug, Default, PartialEq, Eq, Deserialize, Serialize)]
#[serde(deny_unknown_fields, rename_all = "camelCase")]
pub struct Taking {
    /// Configuration of the tools.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub configuration: Option<Text>,
    /// The State in which the system or medium stood.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub location_state: Option<State>,
    /// By which method.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub method: Option<Text>,
    /// Training or authorisation of whoever took it.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub qualification: Option<Text>,
    /// SHA-256 of the source by another tool, such as a duplicator.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub source_sha256: Option<Digest>,
    /// Why copy and source cannot have the same digest: a live system, a telephone, bad sectors.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub unequal_reason: Option<Text>,
}

/// The order or warrant.
#[derive(Clone, Debug, Default, PartialEq, Eq, Deserialize, Serialize)]
#[serde(deny_unknown_fields, rename_all = "camelCase")]
pub struct Authorisation {
    /// The grounds that it gives.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub grounds: Option<Text>,
    /// When it was issued.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub issued_at: Option<Instant>,
    /// Who issued it.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub issuer: Option<Text>,
    /// What the issuer is.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub issuer_kind: Option<IssuerKind>,
    /// Its number.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub reference: Option<Text>,
    /// Which remedy those concerned have.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub remedy: Option<Text>,
    /// What it covers.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub scope: Option<Text>,
    /// From when on it may be acted on.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub valid_from: Option<Instant>,
    /// Until when.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub valid_until: Option<Instant>,
}

/// Whether those concerned may know.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize, Serialize)]
#[serde(deny_unknown_fields)]
pub struct Confidentiality {
    /// It is to be kept confidential.
    pub required: bool,
    /// Until when.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub until: Option<Instant>,
}

/// For which request of another State it was taken.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize, Serialize)]
#[serde(deny_unknown_fields, rename_all = "camelCase")]
pub struct Cooperation {
    /// The State that was asked.
    pub requested_state: State,
    /// The State that asked.
    pub requesting_state: State,
}

/// What some of the entries are.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize, Serialize)]
#[serde(deny_unknown_fields, rename_all = "camelCase")]
pub struct CaseItem {
    /// Their category.
    pub category: DataCategory,
    /// A pattern of paths in the bundle, as with `exclude`.
    pub paths: Text,
    /// Which item of the request they answer.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub request_item: Option<Text>,
    /// Material that few may see.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub sensitive: Option<Sensitive>,
}

/// The offence.
#[derive(Clone, Debug, Default, PartialEq, Eq, Deserialize, Serialize)]
#[serde(deny_unknown_fields, rename_all = "camelCase")]
pub struct Offence {
    /// The article of the Convention that it falls under: 7 to 17, or 19.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub article: Option<OffenceArticle>,
    /// Why the evidence may be taken under the Convention.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub basis: Option<Scope>,
    /// What was done.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub conduct: Option<Text>,
    /// What it is called.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub label: Option<Text>,
    /// The longest deprivation of liberty that it is punishable by, in months.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub max_penalty_months: Option<u64>,
    /// Section of the law.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub reference: Option<Text>,
}

/// Personal data, and under which conditions they may be passed on.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize, Serialize)]
#[serde(deny_unknown_fields)]
pub struct PersonalData {
    /// The law that lets them be transferred.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub basis: Option<Text>,
    /// Conditions of the transferring State.
    #[serde(skip_serializing_if = "Vec::is_empty", default)]
    pub conditions: Vec<Condition>,
    /// Whether there are any.
    pub present: bool,
    /// How they are protected.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub safeguards: Option<Text>,
}

/// A condition that must be accepted before the bundle is released.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize, Serialize)]
#[serde(deny_unknown_fields)]
pub struct Condition {
    /// What events call it.
    pub id: Text,
    /// What it says.
    pub text: Text,
}

/// The proceedings in which it may be used.
#[derive(Clone, Debug, Default, PartialEq, Eq, Deserialize, Serialize)]
#[serde(deny_unknown_fields)]
pub struct UseLimits {
    /// Cases.
    #[serde(skip_serializing_if = "Vec::is_empty", default)]
    pub cases: Vec<Text>,
    /// References of consents to other uses.
    #[serde(skip_serializing_if = "Vec::is_empty", default)]
    pub consents: Vec<Text>,
}

words! {
    /// What an issuer of orders is.
    IssuerKind {
        Court "court" "A court."
        Judge "judge" "A judge."
        Prosecutor "prosecutor" "A prosecutor."
        Other "other" "Another authority."
    }
}

words! {
    /// The power by which something was taken.
    Power {
        Preservation "preservation" "Expedited preservation (articles 25 and 42)."
        PartialDisclosure "partial_disclosure" "Partial disclosure of traffic data (articles 26 and 43)."
        Production "production" "A production order (article 27)."
        SearchSeizure "search_seizure" "Search and seizure (articles 28 and 44)."
        RealtimeTraffic "realtime_traffic" "Collection of traffic data in real time (articles 29 and 45)."
        Interception "interception" "Interception of content data (articles 30 and 46)."
        Spontaneous "spontaneous" "Handed over unasked (article 40(4))."
        JointTeam "joint_team" "A joint investigation (article 48)."
    }
}

words! {
    /// Material that few may see.
    Sensitive {
        ChildAbuse "child_abuse" "Of the abuse of children."
        IntimateImages "intimate_images" "Intimate images."
        Other "other" "Anything else."
    }
}

words! {
    /// Whether there is something that speaks for the person concerned.
    Exculpatory {
        Yes "yes" "There is."
        No "no" "There is not."
        NotAssessed "not_assessed" "Nobody has looked."
    }
}

/// What is wrong with these parts of a case, if anything (SPEC.md CASE-3).
pub fn check(case: &super::case::CaseJson) -> Result<(), &'static str> {
    let require = |holds: bool, why: &'static str| if holds { Ok(()) } else { Err(why) };
    require(case.taking != Some(Taking::default()), "an empty `acquisition`")?;
    require(case.authorisation != Some(Authorisation::default()), "an empty `authorisation`")?;
    require(case.offence != Some(Offence::default()), "an empty `offence`")?;
    require(case.use_limits != Some(UseLimits::default()), "an empty `use`")?;
    if let Some(Authorisation { valid_from: Some(from), valid_until: Some(until), .. }) = &case.authorisation {
        require(from <= until, "an authorisation that ends before it begins")?;
    }
    if let Some(offence) = &case.offence {
        require(offence.max_penalty_months.is_none_or(|n| n <= JSON_INTEGER_MAX), "a penalty of 2^53 months or more")?;
    }
    let is_one = case.cooperation.as_ref().is_some_and(|it| it.requested_state == it.requesting_state);
    require(!is_one, "a State that asks itself")?;
    require(case.items.len() <= CASE_ITEM_COUNT_MAX, "more than 1,000 items")?;
    let conditions = case.personal_data.iter().flat_map(|data| &data.conditions);
    let mut ids: Vec<_> = conditions.map(|condition| condition.id.as_str()).collect();
    require(ids.len() <= CONDITION_COUNT_MAX, "more than 1,000 conditions")?;
    ids.sort_unstable();
    require(ids.windows(2).all(|two| two[0] != two[1]), "two conditions with one id")
}
