//! The tar of one segment, from its payload member: frame by frame, each proven before it is decoded (step V-8).

use std::io;

use super::bytes::{Bytes, read_exact_at};
use super::check::{Check, Ledger};
use super::context::Context;
use super::damage::{Cause, DamagedRange};
use super::frames::{FrameDecoder, FrameWalk, WalkError, judge, stored_len_max};
use super::member_chain::MemberChain;
use super::members::{Cancelled, check_crc, check_digest, missing, unreadable};
use super::rules;
use crate::format::digest::Digest;
use crate::format::index::{Frame, IndexPart};
use crate::format::member::MemberName;
use crate::hash::LaneHasher;

/// How much of a member that no frame covers is hashed at a time, in bytes.
const REST_LEN: usize = 1 << 20;

/// Some of the next bytes of tar.
pub(super) enum Piece<'a> {
    /// Proven bytes.
    Bytes(&'a [u8]),
    /// So many bytes are not there, for the reason in [`Tar::damage`] at this place.
    Missing { len: u64, damage: usize },
    /// The segment's tar ends here.
    End,
}

/// What holds the tar of a segment.
pub(super) enum Tar<'a> {
    /// A payload member with a proven frame table.
    Table(Box<TableTar<'a>>),
    /// A proven payload member without a frame table.
    Walk(Box<WalkTar<'a>>),
}

impl<'a> Tar<'a> {
    /// At most `len_max` of the next bytes.
    pub fn advance(&mut self, len_max: u64) -> Result<Piece<'_>, Cancelled> {
        match self {
            Self::Table(tar) => tar.advance(len_max),
            Self::Walk(tar) => tar.advance(len_max),
        }
    }

    /// The plain bytes of the current frame, and how many of them have been given out.
    pub fn frame(&self) -> (&[u8], usize) {
        match self {
            Self::Table(tar) => match tar.current {
                Current::Plain => (tar.decoder.plain(), usize::try_from(tar.used).unwrap_or(usize::MAX)),
                Current::Missing { .. } => (&[], 0),
            },
            Self::Walk(tar) => (tar.walk.plain(), tar.used),
        }
    }

    /// Whether the segment's tar ends here.
    pub fn at_end(&mut self) -> Result<bool, Cancelled> {
        Ok(matches!(self.advance(0)?, Piece::End))
    }

    /// The ranges that are not there, as found so far.
    pub fn damage(&mut self) -> &mut Vec<DamagedRange> {
        match self {
            Self::Table(tar) => &mut tar.damage,
            Self::Walk(tar) => &mut tar.damage,
        }
    }

    /// Reads what is left of the member, so that all of it is checked.
    pub fn finish(self, ledger: &mut Ledger) -> Result<Vec<DamagedRange>, Cancelled> {
        match self {
            Self::Table(tar) => tar.finish(ledger),
            Self::Walk(tar) => tar.finish(ledger),
        }
    }
}

/// Where the current frame stands.
#[derive(Clone, Copy)]
enum Current {
    Plain,
    Missing { damage: usize },
}

/// Frames by a frame table: each is hashed, and decoded only if its digest is the recorded one (SPEC.md VER-2).
pub(super) struct TableTar<'a> {
    context: &'a Context<'a>,
    name: String,
    place: Option<usize>,
    bytes: io::Result<Box<dyn Bytes + 'a>>,
    listed: Digest,
    index: &'a IndexPart,
    next_frame: usize,
    /// Offset in the member of the next frame.
    stored_offset: u64,
    current: Current,
    current_len: u64,
    used: u64,
    stored: Vec<u8>,
    decoder: FrameDecoder,
    /// Digest of the frame that the decoder holds decoded.
    decoded: Option<Digest>,
    chain: MemberChain<'a>,
    lanes: LaneHasher,
    crc: crc32fast::Hasher,
    read_error: Option<io::Error>,
    ledger: Ledger,
    damage: Vec<DamagedRange>,
}

impl<'a> TableTar<'a> {
    pub fn new(context: &'a Context<'a>, segment: u64, listed: Digest, index: &'a IndexPart) -> Self {
        let member = MemberName::Payload(segment);
        let name = member.to_string();
        let bytes = context.open(&member).unwrap_or_else(|| Err(io::ErrorKind::NotFound.into()));
        let chain = MemberChain::new(name.clone(), &index.payload_chain, context.limits.chunk());
        Self {
            context,
            place: context.places.of(&member),
            name,
            bytes,
            listed,
            index,
            next_frame: 0,
            stored_offset: 0,
            current: Current::Plain,
            current_len: 0,
            used: 0,
            stored: Vec::new(),
            decoder: FrameDecoder::new(),
            decoded: None,
            chain,
            lanes: context.lanes(),
            crc: crc32fast::Hasher::new(),
            read_error: None,
            ledger: Ledger::default(),
            damage: Vec::new(),
        }
    }

    fn advance(&mut self, len_max: u64) -> Result<Piece<'_>, Cancelled> {
        while self.used == self.current_len {
            let Some(frame) = self.index.frames.get(self.next_frame) else { return Ok(Piece::End) };
            self.load(frame)?;
        }
        let len = len_max.min(self.current_len - self.used);
        let start = self.used;
        self.used += len;
        Ok(match self.current {
            Current::Missing { damage } => Piece::Missing { len, damage },
            Current::Plain => {
                // Both are within the plain bytes of one frame, which are in memory.
                let (start, end) = (usize::try_from(start).unwrap_or(0), usize::try_from(self.used).unwrap_or(0));
                Piece::Bytes(self.decoder.plain().get(start..end).unwrap_or_default())
            }
        })
    }

    /// Reads, hashes, compares and decodes the next frame.
    fn load(&mut self, frame: &Frame) -> Result<(), Cancelled> {
        let (stored_len, offset) = (u64::from(frame.stored_len), self.stored_offset);
        let number = self.next_frame as u64;
        let proven = self.prove_and_decode(frame)?;
        self.current_len = u64::from(frame.plain_len);
        self.current = match proven {
            Ok(plain_len) => {
                self.current_len = plain_len;
                Current::Plain
            }
            Err(cause) => {
                self.damage.push(DamagedRange::new(&self.name, offset, stored_len, cause, Some(number)));
                Current::Missing { damage: self.damage.len() - 1 }
            }
        };
        self.used = 0;
        self.next_frame += 1;
        self.stored_offset = offset.saturating_add(stored_len);
        Ok(())
    }

    /// The length of the plain bytes that are now in the decoder, or why there are none.
    fn prove_and_decode(&mut self, frame: &Frame) -> Result<Result<u64, Cause>, Cancelled> {
        let (stored_len, offset) = (u64::from(frame.stored_len), self.stored_offset);
        let number = self.next_frame;
        let object = self.name.clone();
        let plain_max = self.context.limits.plain_len_max();
        let there = self.bytes.as_ref().map_or(0, |bytes| bytes.len_bytes().saturating_sub(offset));
        if self.place.is_none() || (self.bytes.is_ok() && there < stored_len) {
            self.hash_rest(there.min(stored_len))?;
            let check = Check::failed(&rules::FRAME_DIGEST, object);
            self.ledger.add(check.expected(Digest(frame.sha256)).note(format!("frame {number} is missing")));
            return Ok(Err(Cause::Missing));
        }
        if stored_len > stored_len_max(plain_max) {
            self.hash_rest(stored_len)?;
            let note = format!("frame {number} is longer than a reader need hold");
            self.ledger.add(Check::failed(&rules::FRAME_CONTENT, object).actual(stored_len).note(note));
            return Ok(Err(Cause::Undecodable));
        }
        let Some(found) = self.read_frame(stored_len, offset)? else {
            let note = format!("frame {number} cannot be read");
            self.ledger.add(Check::cannot_tell(&rules::FRAME_DIGEST, object).note(note));
            return Ok(Err(Cause::Unreadable));
        };
        let expected = Digest(frame.sha256);
        let proven = self.ledger.require(expected == found, &rules::FRAME_DIGEST, || {
            Check::failed(&rules::FRAME_DIGEST, &object)
                .expected(expected)
                .actual(found)
                .note(format!("frame {number}"))
        });
        if !proven {
            return Ok(Err(Cause::Damaged));
        }
        let decoded = if self.decoded == Some(found) {
            // As most frames of a disk are: all of them zeros.
            Ok(self.decoder.plain().len() as u64)
        } else {
            self.decoder.decode(&self.stored, plain_max).map(|plain| plain.len() as u64)
        };
        self.decoded = decoded.is_ok().then_some(found);
        let expected = u64::from(frame.plain_len);
        let failed = |note: String| Check::failed(&rules::FRAME_CONTENT, &object).expected(expected).note(note);
        Ok(match decoded {
            Ok(len) => {
                // What it holds is what was sealed, whatever the table says of its length.
                self.ledger.require(len == expected, &rules::FRAME_CONTENT, || {
                    failed(format!("frame {number} holds {len} bytes"))
                });
                Ok(len)
            }
            Err(error) => {
                self.ledger.add(failed(format!("frame {number}: {error}")));
                Err(Cause::Undecodable)
            }
        })
    }

    /// Reads a frame and hashes it into the member's digest. Gives its own; `None` if it cannot be read.
    fn read_frame(&mut self, len: u64, offset: u64) -> Result<Option<Digest>, Cancelled> {
        self.context.pace.advance(len)?;
        self.stored.resize(usize::try_from(len).unwrap_or(0), 0);
        let read = match &self.bytes {
            Ok(bytes) => read_exact_at(&**bytes, &mut self.stored, offset),
            Err(error) => Err(error.kind().into()),
        };
        match read {
            Ok(()) => {
                self.crc.update(&self.stored);
                Ok(self.chain.update(&self.stored, &mut self.lanes))
            }
            Err(error) => {
                self.chain.skip(len);
                self.read_error.get_or_insert(error);
                Ok(None)
            }
        }
    }

    /// Hashes bytes that are not decoded, from the current offset on.
    fn hash_rest(&mut self, len: u64) -> Result<(), Cancelled> {
        let mut done = 0;
        while done < len {
            let piece = (len - done).min(REST_LEN as u64);
            self.read_frame(piece, self.stored_offset.saturating_add(done))?;
            done += piece;
        }
        Ok(())
    }

    fn finish(mut self, ledger: &mut Ledger) -> Result<Vec<DamagedRange>, Cancelled> {
        while let Some(frame) = self.index.frames.get(self.next_frame) {
            self.load(frame)?;
        }
        let member_len = self.bytes.as_ref().map_or(0, |bytes| bytes.len_bytes());
        let rest = member_len.saturating_sub(self.stored_offset);
        self.hash_rest(rest)?;
        ledger.merge(self.ledger);
        let Some(place) = self.place else {
            ledger.add(missing(&self.name, self.listed));
            return Ok(self.damage);
        };
        if let Some(error) = &self.read_error {
            ledger.add(unreadable(&self.name, error));
        } else {
            check_crc(self.context.bundle, place, self.crc.finalize(), ledger);
        }
        let (digest, intervals) = self.chain.finish(self.listed);
        ledger.merge(intervals);
        let Some(digest) = digest else { return Ok(self.damage) };
        if check_digest(&self.name, self.listed, digest, ledger) {
            // Only now is it certain that a difference is the table's fault and not that of damage.
            ledger.require(self.stored_offset == member_len, &rules::INDEX_FRAMES, || {
                let name = MemberName::Index(self.index.segment).to_string();
                let check = Check::failed(&rules::INDEX_FRAMES, name).expected(member_len).actual(self.stored_offset);
                check.note("stored lengths do not add up to the payload member (IDX-4)")
            });
        } else if rest > 0 {
            self.damage.push(DamagedRange::new(&self.name, self.stored_offset, rest, Cause::Damaged, None));
        }
        Ok(self.damage)
    }
}

/// Frames of a proven member, one after another (SPEC.md VER-4).
pub(super) struct WalkTar<'a> {
    context: &'a Context<'a>,
    name: String,
    listed: Digest,
    walk: FrameWalk<'a>,
    used: usize,
    ended: bool,
    error: Option<WalkError>,
    ledger: Ledger,
    damage: Vec<DamagedRange>,
}

impl<'a> WalkTar<'a> {
    /// The digest of `bytes` must have been compared with the listed one already.
    pub fn new(context: &'a Context<'a>, name: String, listed: Digest, bytes: Box<dyn Bytes + 'a>) -> Self {
        let walk = FrameWalk::new(bytes, context.limits.plain_len_max());
        let (ledger, damage) = (Ledger::default(), Vec::new());
        Self { context, name, listed, walk, used: 0, ended: false, error: None, ledger, damage }
    }

    fn advance(&mut self, len_max: u64) -> Result<Piece<'_>, Cancelled> {
        while self.used == self.walk.plain().len() && !self.ended {
            self.load()?;
        }
        if self.ended {
            return Ok(Piece::End);
        }
        let rest = self.walk.plain().len() - self.used;
        let len = usize::try_from(len_max).unwrap_or(usize::MAX).min(rest);
        let start = self.used;
        self.used += len;
        Ok(Piece::Bytes(self.walk.plain().get(start..self.used).unwrap_or_default()))
    }

    fn load(&mut self) -> Result<(), Cancelled> {
        self.context.pace.silent().advance(0)?;
        self.used = 0;
        match self.walk.advance() {
            Ok(true) => self.ledger.pass(&rules::FRAME_CONTENT),
            Ok(false) => self.ended = true,
            Err(error) => {
                self.error = Some(error);
                self.ended = true;
            }
        }
        Ok(())
    }

    fn finish(mut self, ledger: &mut Ledger) -> Result<Vec<DamagedRange>, Cancelled> {
        while !self.ended {
            self.load()?;
        }
        let error = self.error.as_ref().map(Into::into);
        if let Some(check) = judge(&rules::FRAME_CONTENT, &self.name, self.listed, self.walk.digest(), error) {
            self.ledger.add(check);
        }
        ledger.merge(self.ledger);
        Ok(self.damage)
    }
}
