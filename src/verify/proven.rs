//! Reading what is proven: a bundle whose seal and list were checked, and its parts, each compared with the list before
//! anything in it is believed. What verification checks of the whole, this checks of what is looked at.

use std::io;
use std::sync::atomic::AtomicBool;

use super::bundle::Bundle;
use super::bytes::{Bytes, read_exact_at};
use super::check::Ledger;
use super::envelopes::{self, Signer};
use super::frames::WalkError;
use super::frames::{FrameDecoder, stored_len_max};
use super::lines::{Lines, LinesError};
use super::list;
use super::members::{Cancelled, Pace, sum};
use super::structure::{self, Places};
use super::times::Times;
use crate::format::case::CaseJson;
use crate::format::cuts::Limits;
use crate::format::digest::Digest;
use crate::format::index::{Frame, IndexPart};
use crate::format::line::Line;
use crate::format::list::List;
use crate::format::member::MemberName;
use crate::format::spki::PublicKey;
use crate::format::statement::Statement;
use crate::hash::sha256;
use crate::tree::TreeHead;

/// A bundle as far as steps V-1 to V-4 go.
pub struct Opened<'a> {
    /// SHA-256 of the statement.
    pub seal_digest: Option<Digest>,
    /// The statement, signed or not: `signers` tells.
    pub statement: Option<Statement>,
    /// The case, if it is the one that the statement names.
    pub case: Option<CaseJson>,
    /// Who signed, or must.
    pub signers: Vec<Signer>,
    /// What was checked.
    pub ledger: Ledger,
    /// Access to the content, or why there is none.
    pub content: Result<Proven<'a>, NoContent>,
}

/// Why the content of a bundle cannot be looked at.
#[derive(Debug, thiserror::Error)]
pub enum NoContent {
    /// There is no sound statement or list to compare anything with.
    #[error("the list of members is not the signed one: nothing in the bundle is proven")]
    NothingProven,
    /// It is encoded in ways that this version does not know (SPEC.md STM-3), which says nothing against it.
    #[error("the content is encoded in ways that this version does not know: {}", .0.join(", "))]
    Unknown(Vec<String>),
}

/// Opens a bundle for reading its content.
pub fn open_proven<'a>(
    bundle: &'a dyn Bundle,
    trusted: &[PublicKey],
    cancel: &AtomicBool,
) -> Result<Opened<'a>, Cancelled> {
    let quiet = |_, _| {};
    let pace = Pace::new(bundle, cancel, &quiet);
    let mut ledger = Ledger::default();
    let places = structure::check(bundle, &mut ledger);
    let mut seal = envelopes::check(bundle, &places, trusted, &mut ledger);
    let (mut case, mut content) = (None, Err(NoContent::NothingProven));
    if let Some(statement) = &seal.statement {
        case = list::check_case(bundle, &places, statement, &mut ledger);
        let list = list::check_list(bundle, &places, statement, 1, &pace, &mut ledger)?;
        let limits = statement.predicate.parameters.limits();
        let unknown = super::run::unknown_encodings(statement);
        content = match (list, limits) {
            (Some(_), _) if !unknown.is_empty() => Err(NoContent::Unknown(unknown)),
            (Some(list), Some(limits)) => {
                let (root, entry_count) = (statement.predicate.root, statement.predicate.counts.entries);
                Ok(Proven { bundle, places, list, limits, root, entry_count })
            }
            _ => Err(NoContent::NothingProven),
        };
    }
    envelopes::check_signers(&mut seal, None, &Times::default(), &mut ledger);
    Ok(Opened { seal_digest: seal.digest, statement: seal.statement, case, signers: seal.signers, ledger, content })
}

/// The content of a bundle whose list is the signed one.
pub struct Proven<'a> {
    bundle: &'a dyn Bundle,
    places: Places,
    list: List,
    limits: Limits,
    root: Digest,
    entry_count: u64,
}

/// Why a part cannot be read.
#[derive(Debug, thiserror::Error)]
pub enum PartError {
    /// It is not the part that was sealed.
    #[error("damaged or missing")]
    Damaged,
    /// The disk, not the bundle.
    #[error("cannot be read")]
    Io(#[source] io::Error),
}

impl<'a> Proven<'a> {
    /// The cut limits.
    pub fn limits(&self) -> Limits {
        self.limits
    }

    /// Number of segments.
    pub fn segment_count(&self) -> u64 {
        self.list.segment_count()
    }

    /// The index part of a segment.
    pub fn index(&self, segment: u64) -> Result<IndexPart, PartError> {
        let name = MemberName::Index(segment);
        read_index(&*self.open(&name)?, self.list.digest(&name).ok_or(PartError::Damaged)?, self.limits)
    }

    /// Gives the lines of a segment to `each`, with their bytes, in order, until it says `false`.
    pub fn lines(&self, segment: u64, each: &mut dyn FnMut(Line, &[u8]) -> bool) -> Result<(), PartError> {
        let name = MemberName::Manifest(segment);
        let listed = self.list.digest(&name);
        // Bytes that were altered must not reach a decoder, so the member is read twice: hashed, then decoded.
        let never = AtomicBool::new(false);
        let quiet = |_, _| {};
        let pace = Pace::new(self.bundle, &never, &quiet);
        let summed = sum(&*self.open(&name)?, &pace).map_err(|Cancelled| PartError::Damaged)?;
        if Some(summed.map_err(PartError::Io)?.sha256) != listed {
            return Err(PartError::Damaged);
        }
        let mut lines = Lines::new(self.open(&name)?, self.limits.frame());
        while let Some(bytes) = lines.advance().map_err(PartError::from)? {
            let line = Line::parse(bytes).map_err(|_| PartError::Damaged)?;
            if !each(line, bytes) {
                return Ok(());
            }
        }
        let digest = lines.digest().map_err(LinesError::from)?;
        if Some(digest) == listed { Ok(()) } else { Err(PartError::Damaged) }
    }

    /// Gives the lines of all segments to `each`, in order, until it says `false`. Parts that are damaged are passed over.
    /// Whether they were all lines that were sealed, and no other.
    pub fn all_lines(&self, each: &mut dyn FnMut(Line, &[u8]) -> bool) -> bool {
        let (mut leaves, mut is_whole) = (TreeHead::default(), true);
        for segment in 0..self.segment_count() {
            let mut goes_on = true;
            let lines = self.lines(segment, &mut |line, bytes| {
                leaves.push(bytes);
                goes_on = each(line, bytes);
                goes_on
            });
            if !goes_on {
                return false;
            }
            is_whole &= lines.is_ok();
        }
        is_whole && self.root_holds(&leaves)
    }

    /// Whether these are the leaves of all lines that the statement's root is over.
    pub fn root_holds(&self, lines: &TreeHead) -> bool {
        lines.root() == self.root && lines.leaf_count() == self.entry_count
    }

    /// The frames of a segment's payload.
    pub fn frames(&self, segment: u64) -> Result<Frames<'a>, PartError> {
        let bytes = self.open(&MemberName::Payload(segment))?;
        Ok(Frames { bytes, limits: self.limits, stored: Vec::new(), decoder: FrameDecoder::new() })
    }

    fn open(&self, name: &MemberName) -> Result<Box<dyn Bytes + 'a>, PartError> {
        let place = self.places.of(name).ok_or(PartError::Damaged)?;
        self.bundle.open(place).map_err(PartError::Io)
    }
}

/// Reads an index part, and decodes it only if it has the digest that the list has of it. What is more than a segment
/// can need is as good as damaged (SPEC.md IDX-5).
pub(super) fn read_index(bytes: &dyn Bytes, listed: Digest, limits: Limits) -> Result<IndexPart, PartError> {
    let len = Some(bytes.len_bytes()).filter(|len| *len <= limits.index_len_max());
    let mut buf = vec![0; len.and_then(|len| usize::try_from(len).ok()).ok_or(PartError::Damaged)?];
    read_exact_at(bytes, &mut buf, 0).map_err(PartError::Io)?;
    if sha256(&buf) != listed {
        return Err(PartError::Damaged);
    }
    let index = IndexPart::parse(&buf).map_err(|_| PartError::Damaged)?;
    if limits.allow_frames(index.plain_lens()) { Ok(index) } else { Err(PartError::Damaged) }
}

impl From<LinesError> for PartError {
    fn from(error: LinesError) -> Self {
        match error {
            LinesError::Walk(WalkError::Io(error)) => Self::Io(error),
            _ => Self::Damaged,
        }
    }
}

/// Frames of one payload member, decoded one at a time.
pub struct Frames<'a> {
    bytes: Box<dyn Bytes + 'a>,
    limits: Limits,
    stored: Vec<u8>,
    decoder: FrameDecoder,
}

impl Frames<'_> {
    /// Reads the frame whose stored bytes begin at this offset of the member, compares it with the frame table, and
    /// decodes it.
    pub fn decode(&mut self, frame: &Frame, offset_bytes: u64) -> Result<(), PartError> {
        let plain_max = self.limits.plain_len_max();
        let sound = u64::from(frame.stored_len) <= stored_len_max(plain_max);
        let end = offset_bytes.checked_add(u64::from(frame.stored_len));
        if !sound || end.is_none_or(|end| end > self.bytes.len_bytes()) {
            return Err(PartError::Damaged);
        }
        let len = usize::try_from(frame.stored_len).map_err(|_| PartError::Damaged)?;
        self.stored.resize(len, 0);
        read_exact_at(&*self.bytes, &mut self.stored, offset_bytes).map_err(PartError::Io)?;
        if sha256(&self.stored).0 != frame.sha256 {
            return Err(PartError::Damaged);
        }
        let plain = self.decoder.decode(&self.stored, plain_max).map_err(|_| PartError::Damaged)?;
        if plain.len() as u64 == u64::from(frame.plain_len) { Ok(()) } else { Err(PartError::Damaged) }
    }

    /// What was decoded last.
    pub fn plain(&self) -> &[u8] {
        self.decoder.plain()
    }
}
