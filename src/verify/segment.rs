//! One segment, by itself: steps V-5 to V-10 as far as no other segment is needed.

use super::ahead::{AheadLine, Following};
use super::bytes::Bytes;
use super::check::{Check, Ledger};
use super::context::Context;
use super::damage::{DamageMap, DamagedEntry};
use super::fixed;
use super::frames::{Broken, judge};
use super::index_files::IndexFiles;
use super::index_part::{self, plain_len};
use super::line_check::{LineCheck, LinesSummary};
use super::lines::{Lines, LinesError};
use super::locate::{self, Start};
use super::members::Cancelled;
use super::payload::{TableTar, Tar, WalkTar};
use super::record::{CutCheck, Next, Record};
use super::replay::{Ends, Replay, Replayed};
use super::rules;
use crate::format::cuts::Limits;
use crate::format::cuts::Unit;
use crate::format::digest::Digest;
use crate::format::index::IndexPart;
use crate::format::line::Line;
use crate::format::member::MemberName;
use crate::format::tar::END_MARKER_LEN;
use crate::tree::leaf_hash;

/// After how many lines it is looked whether the user wants to stop.
const LINES_BETWEEN_LOOKS: u64 = 1024;

/// What a segment came to.
pub(super) struct SegmentReport {
    /// Number of the segment.
    pub segment: u64,
    /// What was checked.
    pub ledger: Ledger,
    /// What its index part says; `None` if that is lost.
    pub outline: Option<Outline>,
    /// What its lines came to; `None` if not all of them are known.
    pub lines: Option<LinesSummary>,
    /// What its tar came to.
    pub replayed: Replayed,
    /// The entry of its first line, if that is a large file of which nothing in this segment is proven.
    pub first_lost: Option<DamagedEntry>,
    /// Every entry in its tar is known.
    pub known: bool,
    /// Leaf hash of the line that was looked up ahead, to be compared with the line that comes next.
    pub ahead: Option<Digest>,
}

/// What an index part says of its segment's place.
pub(super) struct Outline {
    pub tar_offset: u64,
    pub plain_len: u64,
    pub first_entry: u64,
    pub first_entry_skip: u64,
    pub lines: u64,
}

/// Verifies one segment.
pub(super) fn verify(context: &Context<'_>, segment: u64) -> Result<SegmentReport, Cancelled> {
    let (mut ledger, mut damage) = (Ledger::default(), DamageMap::default());
    let index = index_part::read(context, segment, &mut ledger, &mut damage)?;
    let manifest = prove_manifest(context, segment, &mut ledger, &mut damage)?;
    let (tar, start) = open_tar(context, segment, index.as_ref(), &mut ledger, &mut damage)?;
    let index_name = MemberName::Index(segment).to_string();
    let cuts = index.as_ref().map(|part| CutCheck::new(context.limits, &part.frames, index_name.clone()));
    let files = IndexFiles::new(index.as_ref().map(|part| &part.files[..]), index_name);
    let payload_name = MemberName::Payload(segment).to_string();
    let replay = tar.map(|tar| Replay::new(context, payload_name, tar, cuts, files));
    let is_known_empty = index.as_ref().is_some_and(|part| part.lines == 0);
    let known = start.is_some() && (manifest.is_some() || is_known_empty);
    let first = start.unwrap_or(Start { entry: 0, skip: 0 });
    let run = Run {
        context,
        segment,
        start: first,
        replay,
        known,
        next_n: first.entry,
        last_seen: false,
        damage,
        first_lost: None,
    };
    run.go(index.as_ref(), manifest, ledger)
}

/// Hashes the manifest part; `None` if it is lost.
fn prove_manifest<'a>(
    context: &Context<'a>,
    segment: u64,
    ledger: &mut Ledger,
    damage: &mut DamageMap,
) -> Result<Option<Box<dyn Bytes + 'a>>, Cancelled> {
    let member = MemberName::Manifest(segment);
    if prove(context, &member, ledger, damage)? { Ok(context.open(&member).and_then(Result::ok)) } else { Ok(None) }
}

fn prove(
    context: &Context<'_>,
    member: &MemberName,
    ledger: &mut Ledger,
    damage: &mut DamageMap,
) -> Result<bool, Cancelled> {
    let Some(listed) = context.list.digest(member) else { return Ok(false) };
    fixed::prove(context.bundle, context.places, member, listed, context.pace, ledger, damage)
}

/// What holds the segment's tar, if anything does, and where it begins, if that can be told.
fn open_tar<'a>(
    context: &'a Context<'a>,
    segment: u64,
    index: Option<&'a IndexPart>,
    ledger: &mut Ledger,
    damage: &mut DamageMap,
) -> Result<(Option<Tar<'a>>, Option<Start>), Cancelled> {
    let member = MemberName::Payload(segment);
    let Some(listed) = context.list.digest(&member) else { return Ok((None, None)) };
    if let Some(index) = index {
        let start = Start { entry: index.first_entry, skip: index.first_entry_skip };
        return Ok((Some(Tar::Table(Box::new(TableTar::new(context, segment, listed, index)))), Some(start)));
    }
    if !prove(context, &member, ledger, damage)? {
        return Ok((None, None));
    }
    let Some(Ok(bytes)) = context.open(&member) else { return Ok((None, None)) };
    let tar = Tar::Walk(Box::new(WalkTar::new(context, member.to_string(), listed, bytes)));
    Ok((Some(tar), locate::without_index(context, segment)?))
}

/// A segment being verified.
struct Run<'a> {
    context: &'a Context<'a>,
    segment: u64,
    start: Start,
    /// `None` if both index part and payload member are lost.
    replay: Option<Replay<'a>>,
    /// Every entry so far is known, so that the tar can be followed.
    known: bool,
    /// Number of the entry that comes next.
    next_n: u64,
    /// A line has been seen.
    last_seen: bool,
    damage: DamageMap,
    first_lost: Option<DamagedEntry>,
}

impl Run<'_> {
    fn go(
        mut self,
        index: Option<&IndexPart>,
        manifest: Option<Box<dyn Bytes + '_>>,
        mut ledger: Ledger,
    ) -> Result<SegmentReport, Cancelled> {
        let name = MemberName::Manifest(self.segment).to_string();
        let mut check = LineCheck::new(self.context, name.clone());
        let mut complete = index.is_some_and(|part| part.lines == 0);
        if let Some(bytes) = manifest {
            let lines = Lines::new(bytes, self.context.limits.frame());
            complete = self.lines(lines, complete, &name, &mut check, &mut ledger)?;
        }
        let lines = check.finish();
        if let Some(index) = index.filter(|_| complete) {
            check_against_index(&name, index, &lines, &mut ledger);
        }
        let (next, ahead) = self.after_lines(&mut ledger)?;
        let mut replayed = match self.replay {
            Some(replay) => replay.finish(self.known, &next, &mut ledger)?,
            None => Replayed::default(),
        };
        let mut damage = self.damage;
        damage.merge(std::mem::take(&mut replayed.damage));
        replayed.damage = damage;
        let outline = index.map(|part| Outline {
            tar_offset: part.tar_offset,
            plain_len: plain_len(part),
            first_entry: part.first_entry,
            first_entry_skip: part.first_entry_skip,
            lines: part.lines,
        });
        let lines = complete.then_some(lines);
        let (segment, known, first_lost) = (self.segment, self.known, self.first_lost);
        Ok(SegmentReport { segment, ledger, outline, lines, replayed, first_lost, known, ahead })
    }

    /// Goes through the lines; `true` if there are no others: none that cannot be read. A part that the index part says
    /// to be empty hides none.
    fn lines(
        &mut self,
        mut lines: Lines<'_>,
        is_known_empty: bool,
        name: &str,
        check: &mut LineCheck<'_>,
        ledger: &mut Ledger,
    ) -> Result<bool, Cancelled> {
        let mut count = 0;
        let error = loop {
            match lines.advance() {
                // No more than any segment can have (STM-2): what follows is not worth the time that it would take.
                Ok(Some(_)) if count == Limits::DEFAULT.entries() => break Some(LinesError::TooMany),
                Ok(Some(bytes)) => match check.take(bytes, ledger) {
                    Some(line) => self.line(&line, leaf_hash(bytes), ledger)?,
                    None => self.known = false,
                },
                Ok(None) => break None,
                Err(error) => break Some(error),
            }
            count += 1;
            if count.is_multiple_of(LINES_BETWEEN_LOOKS) {
                self.context.pace.silent().advance(0)?;
            }
        };
        let listed = self.context.list.digest(&MemberName::Manifest(self.segment)).unwrap_or(Digest([0; 32]));
        let error = error.map(|error| match &error {
            LinesError::Walk(error) => error.into(),
            error => Broken { note: error.to_string(), is_io: false },
        });
        match judge(&rules::MANIFEST_FRAMES, name, listed, lines.digest(), error) {
            None => {
                ledger.pass(&rules::MANIFEST_FRAMES);
                Ok(true)
            }
            Some(check) => {
                ledger.add(check);
                let hides_none = is_known_empty && count == 0;
                self.known &= hides_none;
                Ok(hides_none)
            }
        }
    }

    fn line(&mut self, line: &Line, leaf: Digest, ledger: &mut Ledger) -> Result<(), Cancelled> {
        let is_first = !std::mem::replace(&mut self.last_seen, true);
        if is_first && self.known {
            let start = self.start.entry;
            ledger.require(line.n == start, &rules::INDEX_PLACE, || {
                let name = MemberName::Index(self.segment).to_string();
                Check::failed(&rules::INDEX_PLACE, name).expected(line.n).actual(start).note("first entry")
            });
        }
        self.next_n = line.n.saturating_add(1);
        if let Some(replay) = self.replay.as_mut().filter(|_| self.known) {
            let from = if is_first { self.start.skip } else { 0 };
            self.known = replay.entry(line, leaf, from, Ends::Here, ledger)?;
            if self.known {
                return Ok(());
            }
        }
        self.lose(line, is_first);
        Ok(())
    }

    /// Nothing of the entry's content in this segment is followed (SPEC.md VER-12). What earlier segments have of a file
    /// of several chunks is not known here.
    fn lose(&mut self, line: &Line, is_first: bool) {
        let size = line.entry.tar_content_len();
        if !line.entry.holds_content() || size == 0 {
            return;
        }
        let mut entry = DamagedEntry::new(line.n, line.entry.path.clone(), size);
        entry.lose(0..size);
        match is_first && line.chunks_root.is_some() {
            true => self.first_lost = Some(entry),
            false => self.damage.add_entry(entry),
        }
    }

    /// What stands behind the last line: the end marker, or the beginning of an entry whose line stands later.
    fn after_lines(&mut self, ledger: &mut Ledger) -> Result<(Next, Option<Digest>), Cancelled> {
        let Some(replay) = self.replay.as_mut().filter(|_| self.known) else { return Ok((Next::Unknown, None)) };
        if self.context.is_last(self.segment) {
            replay.end_marker(ledger)?;
            return Ok((Next::End, None));
        }
        let found = match self.context.ahead.first_line(self.context, self.segment + 1)? {
            Following::Line(found) => found,
            // Then the last segment holds nothing but the end marker.
            Following::Nothing => return Ok((Next::Unit(Unit::EndMarker { len: END_MARKER_LEN }), None)),
            Following::Unknown => {
                self.known = replay.at_end(ledger)?;
                return Ok((Next::Unknown, None));
            }
        };
        let AheadLine { line, leaf } = &*found;
        let limits = self.context.limits;
        let mut from = 0;
        if !replay.at_end(ledger)? {
            if line.n != self.next_n {
                self.known = false;
                return Ok((Next::Unknown, Some(*leaf)));
            }
            let skip = if self.last_seen { 0 } else { self.start.skip };
            self.known = replay.entry(line, *leaf, skip, Ends::Later, ledger)?;
            from = replay.open_offset();
        }
        let unit = if line.entry.has_tar_record() { Record::of(&line.entry, limits).unit_at(from) } else { None };
        let next = match unit {
            Some(unit) => Next::Unit(unit),
            None if line.entry.has_tar_record() => Next::Unknown,
            None => Next::Line,
        };
        Ok((next, Some(*leaf)))
    }
}

/// The index part's count of lines (SPEC.md IDX-1).
fn check_against_index(name: &str, index: &IndexPart, lines: &LinesSummary, ledger: &mut Ledger) {
    let count = lines.leaves.len() as u64;
    ledger.require(index.lines == count, &rules::LINE_COUNT, || {
        Check::failed(&rules::LINE_COUNT, name).expected(index.lines).actual(count)
    });
}
