//! The steps that need all segments: place, numbers, order, root, counts, sources, hard links, sums.

use std::collections::HashSet;

use super::check::{Check, Ledger};
use super::context::Context;
use super::damage::DamageMap;
use super::line_check::{LinesSummary, LinkFact, check_order};
use super::recorded::Recorded;
use super::rules;
use super::segment::{Outline, SegmentReport};
use super::spans::Spans;
use super::sums::SumsCheck;
use crate::format::case::CaseJson;
use crate::format::digest::Digest;
use crate::format::member::MemberName;
use crate::format::path::EntryPath;
use crate::format::statement::Counts;
use crate::limits::SOURCE_COUNT_MAX;
use crate::tree::TreeHead;

/// What all segments came to.
#[derive(Default)]
pub(super) struct Collected {
    /// What is damaged or missing.
    pub damage: DamageMap,
    /// What could not be read when it was sealed.
    pub recorded: Recorded,
    /// Counts of what was found.
    pub counts: Counts,
    /// Tar bytes that are proven to be what they must be.
    pub proven_bytes: u64,
    /// Files with a digest, and with chunks, by their lines.
    pub digest_count: u64,
    pub tree_count: u64,
}

/// Takes segments in order.
pub(super) struct Collector<'a> {
    context: &'a Context<'a>,
    ledger: Ledger,
    done: Collected,
    sums: SumsCheck<'a>,
    spans: Spans,
    tree: TreeHead,
    /// The lines of every segment so far are known.
    all_lines: bool,
    /// What the next segment's index part must say; `None` where it cannot be told.
    tar_offset: Option<u64>,
    next_n: Option<u64>,
    skip: Option<u64>,
    last: Option<(EntryPath, bool)>,
    ahead: Option<Digest>,
    tops: Vec<EntryPath>,
    targets: HashSet<Digest>,
}

impl<'a> Collector<'a> {
    /// `first` is the leaf hash of the line that was taken for the first, `damage` that of the members before the
    /// segments.
    pub fn new(context: &'a Context<'a>, sums: SumsCheck<'a>, first: Option<Digest>, damage: DamageMap) -> Self {
        Self {
            context,
            ledger: Ledger::default(),
            done: Collected { damage, ..Collected::default() },
            sums,
            spans: Spans::default(),
            tree: TreeHead::default(),
            all_lines: true,
            tar_offset: Some(0),
            next_n: Some(0),
            skip: Some(0),
            last: None,
            ahead: first,
            tops: Vec::new(),
            targets: HashSet::new(),
        }
    }

    /// Takes the next segment.
    pub fn take(&mut self, report: SegmentReport) {
        self.ledger.merge(report.ledger);
        self.done.damage.merge(report.replayed.damage);
        self.done.proven_bytes += report.replayed.proven_bytes;
        self.done.counts.segments += 1;
        let index = MemberName::Index(report.segment).to_string();
        match &report.outline {
            Some(outline) => self.place(&index, outline),
            None => {
                self.tar_offset = None;
                self.ledger.add(Check::cannot_tell(&rules::INDEX_PLACE, &index).note("it is lost"));
            }
        }
        match report.lines {
            Some(lines) => self.lines(report.segment, lines),
            None => self.lose_lines(report.segment, report.outline.as_ref()),
        }
        if let Some(n) = report.replayed.first_whole {
            self.spans.begin_anew(n);
        }
        for part in report.replayed.parts {
            self.spans.take(part, &mut self.ledger, &mut self.done.damage);
        }
        if let Some(entry) = report.first_lost {
            self.spans.lose(entry, &mut self.ledger, &mut self.done.damage);
        }
        self.skip = report.known.then(|| report.replayed.open.map_or(0, |(_, offset)| offset));
        if let Some(leaf) = report.ahead {
            self.recognise(&index, leaf);
            self.ahead = Some(leaf);
        }
    }

    /// A line that was looked up ahead must be the one that then comes.
    fn recognise(&mut self, name: &str, leaf: Digest) {
        if self.ahead.is_some_and(|ahead| ahead != leaf) {
            let check = Check::cannot_tell(&rules::MEMBER_DIGEST, name);
            self.ledger.add(check.note("changed while it was being verified"));
        }
    }

    /// The index part against what came before it.
    fn place(&mut self, name: &str, outline: &Outline) {
        let facts = [
            ("tar offset", self.tar_offset, outline.tar_offset),
            ("first entry", self.next_n, outline.first_entry),
            ("tar bytes of the first entry in earlier segments", self.skip, outline.first_entry_skip),
        ];
        for (what, expected, actual) in facts {
            match expected {
                Some(expected) => {
                    self.ledger.require(expected == actual, &rules::INDEX_PLACE, || {
                        Check::failed(&rules::INDEX_PLACE, name).expected(expected).actual(actual).note(what)
                    });
                }
                None => self.ledger.add(Check::cannot_tell(&rules::INDEX_PLACE, name).note(what)),
            }
        }
        self.tar_offset = outline.tar_offset.checked_add(outline.plain_len);
        self.done.counts.tar_bytes = self.done.counts.tar_bytes.saturating_add(outline.plain_len);
    }

    fn lines(&mut self, segment: u64, lines: LinesSummary) {
        let name = MemberName::Manifest(segment).to_string();
        if let Some((n, path)) = &lines.first {
            match self.next_n {
                Some(expected) => {
                    self.ledger.require(expected == *n, &rules::LINE_NUMBER, || {
                        Check::failed(&rules::LINE_NUMBER, path.as_bytes()).expected(expected).actual(n)
                    });
                }
                None => {
                    self.ledger.add(Check::cannot_tell(&rules::LINE_NUMBER, &name).note("lines before it are lost"))
                }
            }
            match &self.last {
                Some((earlier, is_dir)) => {
                    check_order(earlier, *is_dir, path, self.context.top_ascends, &mut self.ledger);
                }
                None if *n == 0 => self.check_first(path),
                None => self.ledger.add(Check::cannot_tell(&rules::LINE_ORDER, &name).note("lines before it are lost")),
            }
        }
        if let Some(leaf) = lines.leaves.first() {
            self.recognise(&name, *leaf);
            self.ahead = None;
        }
        lines.leaves.iter().for_each(|leaf| self.tree.push_hash(*leaf));
        match lines.sums_digest.filter(|_| lines.sound) {
            Some(digest) => self.sums.segment(segment, lines.sums_len, digest, &mut self.ledger),
            None => self.sums.lose_place(&mut self.ledger),
        }
        self.all_lines &= lines.sound;
        self.links(lines.links);
        if let Some((n, path, is_dir)) = lines.last {
            self.next_n = n.checked_add(1);
            self.last = Some((path, is_dir));
        }
        // More than a case can name are not needed to see that it does not name them.
        let room = (SOURCE_COUNT_MAX + 1).saturating_sub(self.tops.len());
        self.tops.extend(lines.tops.into_iter().take(room));
        self.done.recorded.merge(lines.recorded);
        self.done.digest_count += lines.digest_count;
        self.done.tree_count += lines.tree_count;
        add_counts(&mut self.done.counts, &lines.counts);
    }

    /// The very first entry is a source: a top-level one.
    fn check_first(&mut self, path: &EntryPath) {
        let is_top = path.is_root() || path.components().count() == 1;
        self.ledger.require(is_top, &rules::LINE_ORDER, || {
            Check::failed(&rules::LINE_ORDER, path.as_bytes()).note("the first entry is not a top-level one")
        });
    }

    /// Numbers and places after lines that are lost are those of the index part, if that is left.
    fn lose_lines(&mut self, segment: u64, outline: Option<&Outline>) {
        let name = MemberName::Manifest(segment).to_string();
        self.ledger.add(Check::cannot_tell(&rules::LINE_FORM, name).note("its lines are lost"));
        self.sums.lose_place(&mut self.ledger);
        self.all_lines = false;
        self.last = None;
        self.next_n = outline.and_then(|outline| outline.first_entry.checked_add(outline.lines));
        self.ahead = None;
    }

    fn links(&mut self, links: Vec<LinkFact>) {
        for link in links {
            match link {
                LinkFact::Target(digest) => {
                    self.targets.insert(digest);
                }
                LinkFact::Link { target, .. } if self.targets.contains(&target) => {
                    self.ledger.pass(&rules::LINK_TARGET)
                }
                LinkFact::Link { path, .. } => {
                    let check = match self.all_lines {
                        true => Check::failed(&rules::LINK_TARGET, path.as_bytes()),
                        false => Check::cannot_tell(&rules::LINK_TARGET, path.as_bytes()),
                    };
                    self.ledger.add(check.note("no earlier entry of that path has the same values"));
                }
            }
        }
    }

    /// Compares what only the end of all segments tells.
    pub fn finish(mut self, case: Option<&CaseJson>) -> (Ledger, Collected) {
        self.spans.give_up(&mut self.ledger, &mut self.done.damage);
        self.check_root();
        self.check_counts();
        self.check_sources(case);
        self.sums.finish(&mut self.ledger);
        (self.ledger, self.done)
    }

    fn check_root(&mut self) {
        let expected = self.context.statement.predicate.root;
        let found = self.tree.root();
        if self.all_lines {
            self.ledger.require(expected == found, &rules::ROOT, || {
                Check::failed(&rules::ROOT, "statement.json").expected(expected).actual(found)
            });
        } else {
            let check = Check::cannot_tell(&rules::ROOT, "statement.json").expected(expected);
            self.ledger.add(check.note("not every manifest part is there"));
        }
    }

    fn check_counts(&mut self) {
        let (stated, found) = (self.context.statement.predicate.counts, self.done.counts);
        let name = "statement.json";
        if !self.all_lines {
            let check = Check::cannot_tell(&rules::COUNTS, name);
            self.ledger.add(check.note("not every manifest part is there"));
        }
        let of_lines = [
            ("bytes", stated.bytes, found.bytes),
            ("changed", stated.changed, found.changed),
            ("entries", stated.entries, found.entries),
            ("files", stated.files, found.files),
            ("gapBytes", stated.gap_bytes, found.gap_bytes),
            ("gaps", stated.gaps, found.gaps),
            ("unreadable", stated.unreadable, found.unreadable),
        ];
        let lines_known = self.all_lines;
        let mut all = vec![("segments", stated.segments, found.segments)];
        all.extend(of_lines.into_iter().filter(|_| lines_known));
        if let Some(tar_bytes) = self.tar_offset {
            all.push(("tarBytes", stated.tar_bytes, tar_bytes));
        }
        for (what, expected, actual) in all {
            self.ledger.require(expected == actual, &rules::COUNTS, || {
                Check::failed(&rules::COUNTS, name).expected(expected).actual(actual).note(what)
            });
        }
    }

    /// The sources of the case are the top-level entries, which are distinct (ORD-1, CASE-2).
    fn check_sources(&mut self, case: Option<&CaseJson>) {
        let Some(case) = case.filter(|_| self.all_lines) else {
            let check = Check::cannot_tell(&rules::SOURCES, "case.json");
            return self.ledger.add(check.note("the case, or some lines, are lost"));
        };
        let named = case.scope.sources.iter().map(|source| source.name.as_slice());
        let same = named.eq(self.tops.iter().map(EntryPath::as_bytes));
        self.ledger.require(same, &rules::SOURCES, || {
            let check =
                Check::failed(&rules::SOURCES, "case.json").note("not the top-level entries, in order (CASE-2)");
            check
                .expected(format!("{} top-level entries", self.tops.len()))
                .actual(format!("{} sources", case.scope.sources.len()))
        });
        let distinct: HashSet<_> = self.tops.iter().collect();
        self.ledger.require(distinct.len() == self.tops.len(), &rules::LINE_ORDER, || {
            Check::failed(&rules::LINE_ORDER, "manifest").note("two top-level entries of the same name (ORD-1)")
        });
    }
}

fn add_counts(total: &mut Counts, part: &Counts) {
    total.bytes = total.bytes.saturating_add(part.bytes);
    total.changed += part.changed;
    total.entries += part.entries;
    total.files += part.files;
    total.gap_bytes = total.gap_bytes.saturating_add(part.gap_bytes);
    total.gaps += part.gaps;
    total.unreadable += part.unreadable;
}
