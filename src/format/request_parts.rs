//! Parts of a request (SPEC.md REQ-2). Fields stand in RFC 8785 order; what an article does not need is left out.

use serde::{Deserialize, Serialize};

use super::case::Text;
use super::moment::Moment;
use super::request_words::{DataCategory, Instrument, OffenceArticle};
use super::state::State;

macro_rules! part {
    ($(#[$doc:meta])* $name:ident { $($field:ident: $type:ty,)* }) => {
        $(#[$doc])*
        #[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
        #[serde(deny_unknown_fields, rename_all = "camelCase")]
        #[expect(missing_docs, reason = "SPEC.md REQ-2 says what they are")]
        pub struct $name {
            $(#[serde(skip_serializing_if = "Option::is_none", default)] pub $field: Option<$type>,)*
        }
    };
}

/// Who asks.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Sender {
    /// The authority.
    pub authority: RequestingAuthority,
    /// Its State.
    pub state: State,
}

part! {
    /// The authority that asks, and what it does in the case.
    RequestingAuthority {
        address: Text,
        contact: Text,
        functions: Text,
        name: Text,
    }
}

/// Who is asked.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Addressee {
    /// The authority, or whom an order is addressed to.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub authority: Option<Text>,
    /// The State.
    pub state: State,
}

/// By when it is needed.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Deadline {
    /// The moment; of a date, its end.
    pub at: Moment,
    /// Why then.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub reason: Option<Text>,
}

part! {
    /// The offence.
    Offence {
        conduct_summary: Text,
        label: Text,
        legal_ref: Text,
        max_penalty_months: u64,
        uncc_article: OffenceArticle,
    }
}

/// One thing that is asked for.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields, rename_all = "camelCase")]
#[expect(missing_docs, reason = "SPEC.md REQ-2 says what they are")]
pub struct Item {
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub data_category: Option<DataCategory>,
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub description: Option<Text>,
    pub id: Text,
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub relationship: Option<Text>,
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub selector: Option<Text>,
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub time_range: Option<Range>,
}

/// From a moment to another.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
#[expect(missing_docs, reason = "the names say it")]
pub struct Range {
    pub from: Moment,
    pub to: Moment,
}

part! {
    /// Who has the data.
    Custodian {
        name: Text,
        state: State,
    }
}

part! {
    /// What is to be kept quiet.
    Confidentiality {
        notify_user: bool,
        required: bool,
        until: Moment,
    }
}

part! {
    /// Collection in real time.
    Realtime {
        identifiers: Text,
        justification: Text,
        period: Range,
        period_justification: Text,
    }
}

/// How long data is preserved.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields, rename_all = "camelCase")]
pub struct Preservation {
    /// When it began.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub effected_at: Option<Moment>,
    /// When it ends, but for renewals and extensions.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub expires_at: Option<Moment>,
    /// Extensions that were asked for, in order.
    #[serde(skip_serializing_if = "Vec::is_empty", default)]
    pub extensions: Vec<Extension>,
    /// The request for assistance that followed.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub mla: Option<FollowUp>,
    /// When the data was given free.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub released_at: Option<Moment>,
    /// Renewals of an order, in order.
    #[serde(skip_serializing_if = "Vec::is_empty", default)]
    pub renewals: Vec<Renewal>,
}

/// The requesting State asks that data be kept longer.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields, rename_all = "camelCase")]
pub struct Extension {
    /// Until when it is kept now, if that was granted.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub expires_at: Option<Moment>,
    /// When it was asked for.
    pub requested_at: Moment,
}

/// An order is renewed.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields, rename_all = "camelCase")]
pub struct Renewal {
    /// When the new period begins; when the one before ends, if it is not said.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub effected_at: Option<Moment>,
    /// When it ends.
    pub expires_at: Moment,
    /// When the order was renewed.
    pub renewed_at: Moment,
}

/// The request for assistance that follows a preservation.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields, rename_all = "camelCase")]
pub struct FollowUp {
    /// When it was decided.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub decided_at: Option<Moment>,
    /// When the requested State received it.
    pub received_at: Moment,
}

/// What a request rests on.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
#[expect(missing_docs, reason = "the names say it")]
pub struct LegalBasis {
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub article: Option<Text>,
    pub instrument: Instrument,
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub reference: Option<Text>,
}
