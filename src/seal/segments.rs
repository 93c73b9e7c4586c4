//! The ordered end of the pipeline: finished frames become the payload, manifest and index parts of segments.

use std::sync::Arc;

use super::SealError;
use super::chain::ChainDone;
use super::framed_text::FramedText;
use super::journal::JournalFile;
use super::links::LinkTargets;
use super::output::{Output, Written};
use crate::dir;
use crate::format::cuts::Limits;
use crate::format::derive::{ChunkLeaves, Seed};
use crate::format::digest::{ChainValue, Digest};
use crate::format::index::{FileChunks, Frame, IndexPart};
use crate::format::journal::{OpenFile, SegmentDone};
use crate::format::line::Line;
use crate::format::list::List;
use crate::format::member::MemberName;
use crate::format::statement::Counts;
use crate::format::sums;
use crate::limits::SEGMENT_COUNT_MAX;
use crate::pack::{ChunkDigests, DoneFrame, DoneLine, DonePart, Finished, FrameCompressor, LargePiece, SegmentStart};
use crate::tree::TreeHead;

/// Writes segments in order. Everything that must happen in order happens here.
pub struct SegmentWriter<'a> {
    output: &'a mut Output,
    limits: Limits,
    seed: Arc<Seed>,
    compressor: FrameCompressor,
    manifest: FramedText,
    sums: FramedText,
    list: List,
    root: TreeHead,
    counts: Counts,
    links: LinkTargets,
    segment: Option<Segment>,
    large: Option<LargeFile>,
    /// Chunks of a large file of which a part was sealed before, until its next piece comes.
    open_tree: Option<TreeHead>,
    journal: Option<JournalFile>,
    has_others: bool,
    /// The segment that sealing began with, or went on with.
    first_segment: u64,
    text: Vec<u8>,
}

/// The segment being written.
struct Segment {
    start: Arc<SegmentStart>,
    lines: u64,
    frames: Vec<Frame>,
    files: Vec<FileChunks>,
}

impl Segment {
    /// The chunks of an entry, which are those listed last if any are.
    fn chunks_of(&mut self, entry: u64, first_chunk: u64, blind: [u8; 32]) -> &mut FileChunks {
        if self.files.last().is_none_or(|file| file.entry != entry) {
            self.files.push(FileChunks { entry, first_chunk, blind, digests: Vec::new(), chain: Vec::new() });
        }
        let last = self.files.len() - 1;
        &mut self.files[last]
    }
}

/// The large file whose pieces are coming in.
struct LargeFile {
    leaves: ChunkLeaves,
    blind: [u8; 32],
    tree: TreeHead,
    /// Chain value of the whole file's SHA-256 after the last piece.
    chain: Option<ChainValue>,
}

/// What all segments together came to.
pub struct SegmentsDone {
    /// Digests of all listed members up to `SHA256SUMS.zst`.
    pub list: List,
    /// Tree head over the lines.
    pub root: Digest,
    /// How much there is.
    pub counts: Counts,
}

impl<'a> SegmentWriter<'a> {
    /// Goes on from the head members that `list` names.
    pub fn new(
        output: &'a mut Output,
        list: List,
        seed: Arc<Seed>,
        limits: Limits,
        level: i32,
    ) -> Result<Self, SealError> {
        // Long texts wait in unnamed files on the file system that will hold them anyway.
        let spool_dir = dir::holding(output.temporary_path());
        let frame_len = limits.frame_len();
        Ok(Self {
            limits,
            seed,
            compressor: FrameCompressor::new(level)?,
            manifest: FramedText::new(frame_len, spool_dir),
            sums: FramedText::new(frame_len, spool_dir),
            output,
            list,
            root: TreeHead::default(),
            counts: Counts::default(),
            links: LinkTargets::default(),
            segment: None,
            large: None,
            open_tree: None,
            journal: None,
            has_others: false,
            first_segment: 0,
            text: Vec::new(),
        })
    }

    /// Keeps a journal, from which sealing can go on.
    ///
    /// `has_others`: other digests of a large file have no state that could be kept, so that none can be gone on with.
    pub fn keep_journal(&mut self, journal: JournalFile, has_others: bool) {
        self.journal = Some(journal);
        self.has_others = has_others;
    }

    /// Takes a line that was sealed before: all that its segment is not needed for.
    pub fn replay(&mut self, bytes: &[u8], line: &Line) -> Result<(), SealError> {
        self.root.push(bytes);
        self.counts.add_line(line);
        self.sum(line)?;
        match &line.entry.hard_link {
            Some(target) => self.links.met(target),
            None => self.links.remember(line),
        }
        Ok(())
    }

    /// Goes on after these members, at the start of a segment, with the chunks so far of a file that is open there.
    pub fn resume(&mut self, list: List, start: &SegmentStart, open_tree: Option<TreeHead>) {
        self.list = list;
        self.counts.segments = start.number;
        self.first_segment = start.number;
        self.counts.tar_bytes = start.tar_offset;
        self.open_tree = open_tree;
    }

    /// Writes the next frame, with what the chain gave for the piece in it.
    pub fn frame(&mut self, frame: DoneFrame, mut chain: Option<ChainDone>) -> Result<(), SealError> {
        if self.segment.as_ref().is_none_or(|open| open.start.number != frame.segment.number) {
            self.end_segment()?;
            if frame.segment.number >= SEGMENT_COUNT_MAX {
                return Err(SealError::TooManySegments);
            }
            self.note(&frame.segment)?;
            self.output.start(MemberName::Payload(frame.segment.number), None)?;
            self.segment = Some(Segment { start: frame.segment, lines: 0, frames: Vec::new(), files: Vec::new() });
        }
        if let (Some(compressed), Some(segment)) = (frame.compressed, &mut self.segment) {
            self.output.write(&compressed.bytes)?;
            self.counts.tar_bytes += compressed.plain_len;
            segment.frames.push(Frame {
                stored_len: length32(compressed.bytes.len() as u64)?,
                plain_len: length32(compressed.plain_len)?,
                sha256: compressed.sha256.0,
            });
        }
        for part in frame.parts {
            match part {
                DonePart::Line(done) => self.line(*done)?,
                DonePart::Link(link) => self.link(*link)?,
                DonePart::Piece(piece, digests) => self.piece(piece, digests, chain.take())?,
            }
        }
        Ok(())
    }

    /// Ends the last segment and writes the sums.
    pub fn finish(mut self) -> Result<(SegmentsDone, Option<JournalFile>), SealError> {
        self.end_segment()?;
        let written = self.sums.write_member(MemberName::Sums, self.output, &mut self.compressor)?;
        self.list.0.push((MemberName::Sums, written.digest));
        let done = SegmentsDone { list: self.list, root: self.root.root(), counts: self.counts };
        Ok((done, self.journal))
    }

    fn line(&mut self, done: DoneLine) -> Result<(), SealError> {
        let DoneLine { line, mut bytes, leaf, chunks } = done;
        bytes.push(b'\n');
        self.manifest.push(&bytes, &mut self.compressor)?;
        self.root.push_hash(leaf);
        self.counts.add_line(&line);
        self.sum(&line)?;
        self.links.remember(&line);
        if let Some(segment) = &mut self.segment {
            segment.lines += 1;
            segment.files.extend(chunks);
        }
        Ok(())
    }

    fn sum(&mut self, line: &Line) -> Result<(), SealError> {
        let Some(digest) = line.sha256 else { return Ok(()) };
        self.text.clear();
        sums::push_line(&mut self.text, digest, &line.entry.path);
        self.sums.push(&self.text, &mut self.compressor)
    }

    /// Notes in the journal that all segments before this one are done.
    fn note(&mut self, next: &SegmentStart) -> Result<(), SealError> {
        let Some(journal) = self
            .journal
            .as_mut()
            .filter(|_| next.number > self.first_segment && !(self.has_others && next.open.is_some()))
        else {
            return Ok(());
        };
        // A file whose headers alone are done has no pieces yet.
        let large = self.large.as_ref();
        let open = next.open.as_ref().map(|entry| {
            let (count, heads) = large.map_or((0, &[][..]), |large| large.tree.parts());
            let chain = large.and_then(|large| large.chain);
            OpenFile::new(next.first_entry, (**entry).clone(), chain, count, heads.to_vec())
        });
        // Crash point: the journal must not say that a segment is done before its bytes are on the medium.
        let members = self.output.sync()?;
        let done = SegmentDone {
            members,
            next_segment: next.number,
            tar_bytes: next.tar_offset,
            next_entry: next.first_entry,
            next_entry_skip: next.first_entry_skip,
            open,
        };
        let noted = journal.segment_done(&done);
        noted.map_err(|source| SealError::Journal { path: journal.path().to_owned(), source })?;
        self.output.keep();
        Ok(())
    }

    fn link(&mut self, mut link: Finished) -> Result<(), SealError> {
        let (sha256, chunks_root) = self.links.complete(&mut link)?;
        self.line(self.digested(link, sha256, chunks_root))
    }

    fn piece(&mut self, piece: LargePiece, digests: ChunkDigests, chain: Option<ChainDone>) -> Result<(), SealError> {
        let begun_before = self.open_tree.take();
        if piece.first_chunk == 0 || begun_before.is_some() {
            let blind = self.seed.blind(&piece.path);
            let tree = begun_before.unwrap_or_default();
            self.large = Some(LargeFile { leaves: ChunkLeaves::new(blind), blind: blind.0, tree, chain: None });
        }
        let (Some(large), Some(segment)) = (&mut self.large, &mut self.segment) else {
            return Err(SealError::Internal("a piece of a file came before its first"));
        };
        let digests = match (digests, &chain) {
            (ChunkDigests::Known(digests), _) => digests,
            (ChunkDigests::LeftToChain, Some(chain)) => chain.chunks.clone(),
            (ChunkDigests::LeftToChain, None) => return Err(SealError::Internal("a piece of a file has no chain")),
        };
        if digests.len() != piece.content.len().div_ceil(self.limits.chunk_len()) {
            return Err(SealError::Internal("a piece of a file has not as many digests as chunks"));
        }
        for (digest, i) in digests.iter().zip(piece.first_chunk..) {
            large.tree.push(&large.leaves.leaf(i, *digest));
        }
        if piece.is_chunked {
            let values = chain.iter().flat_map(|c| &c.values).map(|v| v.0);
            let file = segment.chunks_of(piece.n, piece.first_chunk, large.blind);
            file.digests.extend(digests.iter().map(|d| d.0));
            file.chain.extend(values);
        }
        large.chain = chain.as_ref().and_then(|chain| chain.after);
        let Some(mut finished) = piece.finished else { return Ok(()) };
        let (chain_digest, also) = chain.map_or((None, None), |chain| (chain.digest, chain.also));
        finished.entry.also = also;
        let (sha256, chunks_root) = match piece.is_chunked {
            true => (chain_digest, Some(large.tree.root())),
            // The one chunk is the whole content.
            false => (digests.first().copied(), None),
        };
        self.large = None;
        self.line(self.digested(*finished, sha256, chunks_root))
    }

    fn digested(&self, finished: Finished, sha256: Option<Digest>, chunks_root: Option<Digest>) -> DoneLine {
        let Finished { n, entry, xattrs_not_in_tar } = finished;
        let salt = self.seed.salt(&entry.path);
        DoneLine::new(Line { n, entry, salt, sha256, chunks_root, xattrs_not_in_tar }, None)
    }

    fn end_segment(&mut self) -> Result<(), SealError> {
        let Some(Segment { start, lines, frames, files }) = self.segment.take() else { return Ok(()) };
        let Written { digest, chain } = self.output.finish()?;
        self.list.0.push((MemberName::Payload(start.number), digest));
        let name = MemberName::Manifest(start.number);
        let written = self.manifest.write_member(name.clone(), self.output, &mut self.compressor)?;
        self.list.0.push((name, written.digest));
        let index = IndexPart {
            segment: start.number,
            tar_offset: start.tar_offset,
            first_entry: start.first_entry,
            first_entry_skip: start.first_entry_skip,
            lines,
            frames,
            payload_chain: chain.iter().map(|v| v.0).collect(),
            files,
        };
        let name = MemberName::Index(start.number);
        let bytes = index.to_bytes().map_err(SealError::Index)?;
        if bytes.len() as u64 > self.limits.index_len_max() {
            return Err(SealError::Internal("an index part is longer than a reader accepts"));
        }
        let written = self.output.member(name.clone(), &bytes)?;
        self.list.0.push((name, written.digest));
        self.counts.segments += 1;
        Ok(())
    }
}

/// Frames are a few mebibytes long.
fn length32(len: u64) -> Result<u32, SealError> {
    u32::try_from(len).map_err(|_| SealError::FrameTooLong { len })
}
