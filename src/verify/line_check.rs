//! Step V-7 for the lines of one segment: each by itself, and each against the one before it.

use super::check::{Check, Ledger};
use super::context::Context;
use super::recorded::Recorded;
use super::rules;
use crate::causes::with_causes;
use crate::format::digest::Digest;
use crate::format::entry::Kind;
use crate::format::line::{Line, LineError};
use crate::format::path::EntryPath;
use crate::format::statement::Counts;
use crate::format::sums;
use crate::hash::{PlainSha256, sha256};
use crate::tree::leaf_hash;

/// Why a line is passed over (SPEC.md VER-9).
#[derive(Debug, thiserror::Error)]
pub(super) enum LineProblem {
    /// It is malformed.
    #[error(transparent)]
    Form(#[from] LineError),
    /// It does not fit the parameters (SPEC.md MAN-1, MAN-2).
    #[error("`{0}` is there and should not be, or the other way round")]
    Unfit(&'static str),
}

/// Reads a line by itself.
pub(super) fn read_line(context: &Context<'_>, bytes: &[u8]) -> Result<Line, LineProblem> {
    let line = Line::parse(bytes)?;
    let entry = &line.entry;
    let is_known = entry.content_is_known();
    let is_long = entry.size.is_some_and(|size| context.limits.has_chunks(size));
    let has_digest = is_known && (!is_long || context.statement.predicate.parameters.whole_file_digest);
    if line.sha256.is_some() != has_digest {
        return Err(LineProblem::Unfit("sha256"));
    }
    if line.chunks_root.is_some() != (is_known && is_long) {
        return Err(LineProblem::Unfit("chunks_root"));
    }
    Ok(line)
}

/// What the lines of a segment came to, for the steps that need all segments.
#[derive(Default)]
pub(super) struct LinesSummary {
    /// Leaf hash of each line, in order.
    pub leaves: Vec<Digest>,
    /// Number and path of the first entry.
    pub first: Option<(u64, EntryPath)>,
    /// Number and path of the last entry, and whether it is a directory.
    pub last: Option<(u64, EntryPath, bool)>,
    /// Top-level entries.
    pub tops: Vec<EntryPath>,
    /// What hard links need of each other.
    pub links: Vec<LinkFact>,
    /// Length and digest of the text that the sums have for these lines.
    pub sums_len: u64,
    pub sums_digest: Option<Digest>,
    /// Counts of the lines.
    pub counts: Counts,
    /// Files whose content is in the tar, by what their lines say of it.
    pub digest_count: u64,
    pub tree_count: u64,
    /// What could not be read when it was sealed.
    pub recorded: Recorded,
    /// Every line was well formed and fits the parameters.
    pub sound: bool,
}

/// What must agree between hard links, as one digest of path and repeated values (SPEC.md MAN-5).
pub(super) enum LinkFact {
    /// An entry that may be the target of later links.
    Target(Digest),
    /// A hard link: its own number and path, and the digest that its target must have had.
    Link { path: EntryPath, target: Digest },
}

/// Takes the lines of one segment, one by one.
pub(super) struct LineCheck<'a> {
    context: &'a Context<'a>,
    member: String,
    summary: LinesSummary,
    sums: PlainSha256,
    text: Vec<u8>,
}

impl<'a> LineCheck<'a> {
    pub fn new(context: &'a Context<'a>, member: String) -> Self {
        let summary = LinesSummary { sound: true, ..LinesSummary::default() };
        Self { context, member, summary, sums: PlainSha256::default(), text: Vec::new() }
    }

    /// Checks a line. `None` if it is passed over (SPEC.md VER-9).
    pub fn take(&mut self, bytes: &[u8], ledger: &mut Ledger) -> Option<Line> {
        let place = self.summary.leaves.len() as u64;
        if place >= self.context.limits.entries() {
            let check = Check::failed(&rules::CUTS, &self.member).expected(self.context.limits.entries());
            ledger.add(check.note("more lines than a segment can have"));
            self.summary.sound = false;
            return None;
        }
        self.summary.leaves.push(leaf_hash(bytes));
        let line = match read_line(self.context, bytes) {
            Ok(line) => line,
            Err(error) => {
                let check = Check::failed(&rules::LINE_FORM, &self.member);
                ledger.add(check.note(format!("line {place} of the part: {}", with_causes(&error))));
                self.summary.sound = false;
                return None;
            }
        };
        ledger.pass(&rules::LINE_FORM);
        self.check_sequence(&line, ledger);
        self.summarise(&line);
        Some(line)
    }

    /// The summary of all lines taken.
    pub fn finish(mut self) -> LinesSummary {
        self.summary.sums_digest = Some(self.sums.finish());
        self.summary
    }

    fn check_sequence(&mut self, line: &Line, ledger: &mut Ledger) {
        let Some((n, path, is_dir)) = &self.summary.last else { return };
        let entry = &line.entry;
        ledger.require(n.checked_add(1) == Some(line.n), &rules::LINE_NUMBER, || {
            Check::failed(&rules::LINE_NUMBER, entry.path.as_bytes()).expected(n.saturating_add(1)).actual(line.n)
        });
        check_order(path, *is_dir, &entry.path, self.context.top_ascends, ledger);
    }

    fn summarise(&mut self, line: &Line) {
        let (summary, entry) = (&mut self.summary, &line.entry);
        if summary.first.is_none() {
            summary.first = Some((line.n, entry.path.clone()));
        }
        summary.last = Some((line.n, entry.path.clone(), entry.kind == Kind::Dir));
        let is_top = entry.path.is_root() || (!self.context.top_ascends && entry.path.components().count() == 1);
        if is_top {
            summary.tops.push(entry.path.clone());
        }
        if let Some(digest) = line.sha256 {
            self.text.clear();
            sums::push_line(&mut self.text, digest, &entry.path);
            self.sums.update(&self.text);
            summary.sums_len = summary.sums_len.saturating_add(self.text.len() as u64);
        }
        if let Some(target) = &entry.hard_link {
            summary.links.push(LinkFact::Link { path: entry.path.clone(), target: link_digest(target, line) });
        } else if entry.nlink.is_some() {
            summary.links.push(LinkFact::Target(link_digest(&entry.path, line)));
        }
        if entry.holds_content() {
            summary.digest_count += u64::from(line.sha256.is_some());
            summary.tree_count += u64::from(line.chunks_root.is_some());
        }
        summary.counts.add_line(line);
        summary.recorded.add(line);
    }
}

/// Compares the order of two entries that follow one another (ORD-1, ORD-2).
pub(super) fn check_order(
    earlier: &EntryPath,
    is_dir: bool,
    later: &EntryPath,
    top_ascends: bool,
    ledger: &mut Ledger,
) {
    ledger.require(earlier.may_be_followed_by(is_dir, later, top_ascends), &rules::LINE_ORDER, || {
        Check::failed(&rules::LINE_ORDER, later.as_bytes()).note("cannot follow the entry before it")
    });
}

fn link_digest(path: &EntryPath, line: &Line) -> Digest {
    let path = path.as_bytes();
    let mut bytes = (path.len() as u64).to_le_bytes().to_vec();
    bytes.extend_from_slice(path);
    bytes.extend_from_slice(&line.repeated_by_links());
    sha256(&bytes)
}
