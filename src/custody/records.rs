//! What a bundle, or a log beside it, holds beyond what was sealed: as it was read, before anything is concluded from it.

use super::summary::Summary;
use crate::format::digest::Digest;

/// Grown members, and those of them that are events.
#[derive(Debug, Default)]
pub struct Records {
    /// All grown members that could be read, ascending by name.
    pub grown: Vec<Grown>,
    /// Whether all of them could be read.
    pub is_complete: bool,
    /// Well-formed events whose signature holds, in the order of their members.
    pub events: Vec<Summary>,
    /// Of each event, which grown member it is, by its place in `grown`.
    pub places: Vec<usize>,
    /// Of each event, which grown members it lists and that are there as listed, by their places in `grown`.
    pub listed: Vec<Vec<u32>>,
}

impl Records {
    /// The name of the member that an event is.
    pub fn name_of(&self, event: usize) -> &str {
        self.places.get(event).and_then(|&place| self.grown.get(place)).map_or("custody/", |it| &it.name)
    }
}

/// A grown member.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Grown {
    /// Its name.
    pub name: String,
    /// Digest of its bytes.
    pub sha256: Digest,
    /// The event that it is, by its place in [`Records::events`].
    pub event: Option<usize>,
}
