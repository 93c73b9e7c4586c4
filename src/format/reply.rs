//! Replies to requests (SPEC.md section 23). Each names the digest of the request, and of the reply before it. Fields stand
//! in RFC 8785 order.

use serde::{Deserialize, Serialize};

use super::case::Text;
use super::digest::Digest;
use super::moment::Moment;
use super::request::is_distinct;
use super::request_words::{Ground, Outcome};
use super::signed::{Document, Signed};
use super::state::State;
use super::time::Instant;
use crate::limits::REQUEST_ITEM_COUNT_MAX;

/// What a reply is signed as.
pub const REPLY_PAYLOAD_TYPE: &str = "application/vnd.scelle.reply+json";

/// A reply with its signatures.
pub type SignedReply = Signed<Reply>;

/// What became of a request.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields, rename_all = "camelCase")]
pub struct Reply {
    /// When it was signed.
    pub at: Instant,
    /// The seal digest of the bundle that holds what was asked for.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub bundle: Option<Digest>,
    /// Who replies.
    pub by: Respondent,
    /// When data began to be preserved, if it was not at `at`.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub effected_at: Option<Moment>,
    /// Until when data is preserved, or by when more is to be expected.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub expires_at: Option<Moment>,
    /// On what grounds it is refused.
    #[serde(skip_serializing_if = "Vec::is_empty", default)]
    pub grounds: Vec<Ground>,
    /// What became of it.
    pub outcome: Outcome,
    /// Digest of the payload of the reply before this one; none for the first.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub previous: Option<Digest>,
    /// Why.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub reasons: Option<Text>,
    /// Digest of the payload of the request.
    pub request: Digest,
    /// Which kind of document this is.
    #[serde(rename = "type")]
    pub document_type: ReplyType,
    /// What is not given.
    #[serde(skip_serializing_if = "Vec::is_empty", default)]
    pub withheld: Vec<Withheld>,
}

/// Who replies.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
#[expect(missing_docs, reason = "the names say it")]
pub struct Respondent {
    pub authority: Text,
    pub state: State,
}

/// An item that is not given, and why.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Withheld {
    /// Its `id` in the request.
    pub item: Text,
    /// Why.
    pub reason: Text,
}

/// The one value of `type`.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize, Serialize)]
pub enum ReplyType {
    /// A reply as SPEC.md version 1 has it.
    #[serde(rename = "urn:scelle:reply:1")]
    V1,
}

impl Document for Reply {
    const PAYLOAD_TYPE: &'static str = REPLY_PAYLOAD_TYPE;

    fn state(&self) -> State {
        self.by.state
    }

    fn check(&self) -> Result<(), &'static str> {
        let require = |holds: bool, why: &'static str| if holds { Ok(()) } else { Err(why) };
        require(self.withheld.len() <= REQUEST_ITEM_COUNT_MAX, "a list of more than 1,000")?;
        require(is_distinct(self.withheld.iter().map(|it| it.item.as_str())), "an item withheld twice")?;
        require(is_distinct(&self.grounds), "a ground twice")
    }
}
