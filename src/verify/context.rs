//! What every segment is verified against.

use std::io;

use super::ahead::Ahead;
use super::bundle::Bundle;
use super::bytes::Bytes;
use super::members::{Cancelled, Pace, sum};
use super::proven::read_index;
use super::structure::Places;
use crate::format::cuts::Limits;
use crate::format::index::IndexPart;
use crate::format::list::List;
use crate::format::member::MemberName;
use crate::format::statement::Statement;
use crate::hash::LaneHasher;

/// Proven facts that all segments share: the list is the signed one.
pub(super) struct Context<'a> {
    pub bundle: &'a dyn Bundle,
    pub places: &'a Places,
    pub list: &'a List,
    pub statement: &'a Statement,
    pub limits: Limits,
    /// The first entry is the root of a file system, so top-level names ascend.
    pub top_ascends: bool,
    /// All that is hashed side by side is computed again by the reference.
    pub paranoid: bool,
    pub ahead: Ahead,
    pub pace: &'a Pace<'a>,
}

impl<'a> Context<'a> {
    /// Lanes for one thread.
    pub fn lanes(&self) -> LaneHasher {
        LaneHasher::new().paranoid(self.paranoid)
    }

    /// Number of segments.
    pub fn segment_count(&self) -> u64 {
        self.list.segment_count()
    }

    /// Whether this is the last segment.
    pub fn is_last(&self, segment: u64) -> bool {
        segment + 1 == self.segment_count()
    }

    /// Opens a member by name; `None` if it is not there.
    pub fn open(&self, name: &MemberName) -> Option<io::Result<Box<dyn Bytes + 'a>>> {
        self.places.of(name).map(|place| self.bundle.open(place))
    }

    /// Opens a part of a segment if its digest is the listed one; `None` otherwise, without a finding: whoever verifies
    /// that segment reports it.
    pub fn open_proven(&self, name: &MemberName) -> Result<Option<Box<dyn Bytes + 'a>>, Cancelled> {
        let (Some(Ok(bytes)), Some(listed)) = (self.open(name), self.list.digest(name)) else { return Ok(None) };
        let summed = sum(&*bytes, &self.pace.silent())?;
        Ok(summed.ok().filter(|summed| summed.sha256 == listed).map(|_| bytes))
    }

    /// The index part of another segment, if it is proven.
    pub fn proven_index(&self, segment: u64) -> Option<IndexPart> {
        let name = MemberName::Index(segment);
        read_index(&*self.open(&name)?.ok()?, self.list.digest(&name)?, self.limits).ok()
    }
}
