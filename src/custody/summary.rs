//! What is kept of an event: enough for the state machine and a table, and no more, since a log can have 100,000 of them.

use crate::format::case::Text;
use crate::format::digest::{CopyId, Digest, KeyId};
use crate::format::event::{Event, Form, Recipient};
use crate::format::event_kind::Kind;
use crate::format::time::Instant;
use crate::hash::sha256;

/// Longest text that is kept of an event, in characters.
const SHOWN_LEN: usize = 160;

/// An event, without what only a reader of it needs.
#[derive(Clone, Debug)]
pub struct Summary {
    /// The conditions that it accepts, as `digest_of_ids` has them.
    pub accepts: Option<Digest>,
    /// SHA-256 of its payload.
    pub digest: Digest,
    /// What it comes after.
    pub before: Digest,
    /// Whether that is the seal.
    pub is_first: bool,
    /// Who signed.
    pub key_id: KeyId,
    /// The copy that it happened to.
    pub branch: CopyId,
    /// What happened.
    pub kind: Kind,
    /// The copy that was made.
    pub copy: Option<CopyId>,
    /// To whom.
    pub to: Option<Recipient>,
    /// The exit code of what its signer found, if it tells of a verification.
    pub found_exit: Option<u8>,
    /// In which form a transfer to a third State was authorised.
    pub form: Option<Form>,
    /// When it began.
    pub start: Instant,
    /// When it ended.
    pub end: Instant,
    /// How far its clock may have been off, in milliseconds.
    pub offset_ms: u64,
    /// For people.
    pub shown: Shown,
}

/// Texts of an event, cut to a length that is shown. They may hold anything.
#[derive(Clone, Debug, Default)]
#[expect(missing_docs, reason = "the names say it")]
pub struct Shown {
    pub case: String,
    pub name: String,
    pub place: String,
    pub purpose: String,
    pub remark: String,
}

impl Summary {
    /// Of an event whose payload has this digest.
    pub fn of(event: &Event, digest: Digest) -> Self {
        let it = &event.predicate;
        let remark = it.reasons.as_ref().or(it.notes.as_ref());
        let accepts = it.accepts.as_ref();
        Self {
            accepts: accepts.map(|ids| digest_of_ids(ids.iter().map(Text::as_str))),
            digest,
            before: event.before(),
            is_first: event.is_first(),
            key_id: it.actor.keyid,
            branch: it.branch,
            kind: it.kind,
            copy: it.copy,
            to: it.to.clone(),
            form: it.form,
            found_exit: it.found.as_ref().map(|found| found.exit),
            start: it.start,
            end: it.end,
            offset_ms: it.clock.offset_ms.unwrap_or(0).unsigned_abs(),
            shown: Shown {
                case: it.why.case.as_ref().map_or_else(String::new, |case| cut(case.as_str())),
                name: it.actor.name.as_ref().map_or_else(String::new, |name| cut(name.as_str())),
                place: cut(it.place.place.as_str()),
                purpose: cut(it.why.purpose.as_str()),
                remark: remark.map_or_else(String::new, |text| cut(text.as_str())),
            },
        }
    }
}

/// One number for ids of conditions in this order: they can be long, and a log can have 100,000 events.
pub fn digest_of_ids<'a>(ids: impl Iterator<Item = &'a str>) -> Digest {
    let mut bytes = Vec::new();
    for id in ids {
        bytes.extend_from_slice(&(id.len() as u64).to_le_bytes());
        bytes.extend_from_slice(id.as_bytes());
    }
    sha256(&bytes)
}

fn cut(text: &str) -> String {
    match text.char_indices().nth(SHOWN_LEN) {
        Some((end, _)) => format!("{}...", &text[..end]),
        None => text.to_owned(),
    }
}
