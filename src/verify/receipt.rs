//! Receipts: events that somebody kept by themselves, and that must be in the log.

use crate::format::digest::Digest;
use crate::format::dsse::{Envelope, EnvelopeError};
use crate::format::event::{Event, EventError};
use crate::hash::sha256;

/// An event outside a bundle.
#[derive(Debug)]
pub struct Receipt {
    /// Where it came from.
    pub name: String,
    /// What it says.
    pub event: Event,
    /// SHA-256 of its payload.
    pub digest: Digest,
    /// Its signature. Nothing is proven until it is verified.
    pub envelope: Envelope,
}

/// Why bytes are not a receipt.
#[derive(Debug, thiserror::Error)]
#[expect(missing_docs, reason = "the messages say it")]
pub enum ReceiptError {
    #[error(transparent)]
    Envelope(#[from] EnvelopeError),
    #[error(transparent)]
    Event(#[from] EventError),
}

impl Receipt {
    /// Parses an event. No signature is checked.
    pub fn parse(name: String, bytes: &[u8]) -> Result<Self, ReceiptError> {
        let envelope = Envelope::from_bytes(bytes)?;
        let event = Event::parse(&envelope.statement)?;
        Ok(Self { name, event, digest: sha256(&envelope.statement), envelope })
    }
}
