//! A verification as text for people: the verdict first, then who signed, area by area, what is damaged, and what is
//! still proven. "Recorded" is never called "verified".

use std::collections::BTreeMap;
use std::fmt::Write as _;

use super::escape::escape;
use super::quantity::{bytes, count, grouped};
use super::times;
use crate::verify::{Area, Cause, Check, Custody, DamagedEntry, DamagedRange, Outcome, Signer, Verdict, Verification};

/// Findings, ranges and entries that are shown; `--json` has more.
const SHOWN_COUNT_MAX: usize = 25;
/// Findings of one kind that come before those of other kinds.
const SHOWN_OF_KIND_MAX: usize = 5;
/// Narrowest text that is still readable.
const WIDTH_MIN: usize = 40;

/// How the text is to look.
#[derive(Clone, Copy, Debug)]
pub struct Style {
    /// Columns of the terminal.
    pub width: usize,
    /// Whether to emphasise with escape sequences.
    pub colour: bool,
    /// Show the checks that passed too.
    pub verbose: bool,
}

/// The text for one bundle.
pub fn text(name: &str, verification: &Verification, style: Style) -> String {
    let mut page = Page { out: String::new(), width: style.width.max(WIDTH_MIN), colour: style.colour };
    page.verdict(name, verification);
    if let Some(digest) = verification.seal_digest {
        page.row("seal digest", &digest.to_string());
    }
    page.case(verification);
    page.signers(&verification.signers);
    if let Some(at) = verification.judged_at {
        page.row("trust", &format!("keys judged as of {at}, by the trust list"));
    }
    page.custody(&verification.custody);
    page.times(verification);
    page.areas(verification);
    page.counts(verification);
    page.recorded(verification);
    page.damage(verification);
    page.findings(verification);
    if style.verbose {
        page.checks(verification);
    }
    page.out
}

struct Page {
    out: String,
    width: usize,
    colour: bool,
}

/// Columns before the text of a row.
const INDENT: usize = 15;

impl Page {
    fn verdict(&mut self, name: &str, verification: &Verification) {
        let (word, ansi, meaning) = match verification.verdict {
            Verdict::Verified => {
                ("VERIFIED", "1;32", "everything was checked and holds; signed by the keys that you trust")
            }
            Verdict::Incomplete => {
                ("INCOMPLETE", "1;33", "everything holds, but not all could be read when it was sealed (--strict)")
            }
            Verdict::Refuted => (
                "REFUTED",
                "1;31",
                "something does not match what was sealed; see below what, and what is still proven",
            ),
            Verdict::CouldNotCheck => {
                ("COULD NOT CHECK", "1;33", "not everything could be checked; what could be does match")
            }
            Verdict::NotTrusted => (
                "INTACT, NOT TRUSTED",
                "1;33",
                "everything matches, but the keys that you trust have not signed as required",
            ),
            Verdict::FixityOk => (
                "FIXITY OK",
                "1;32",
                "every member has its listed digest; content, order and trust were NOT checked (--fixity)",
            ),
        };
        let word = if self.colour { format!("\x1b[{ansi}m{word}\x1b[0m") } else { word.to_owned() };
        self.line(&format!("{word}  {name}"));
        self.paragraph(2, meaning);
    }

    fn case(&mut self, verification: &Verification) {
        if let Some(case) = &verification.case {
            let authority = format!("{} ({})", case.authority.name.as_str(), case.authority.state);
            let text = format!("{}, exhibit {}, {authority}", case.case.id.as_str(), case.exhibit.id.as_str());
            self.row("case", &escape(text.as_bytes()));
        }
        if let Some(statement) = &verification.statement {
            let times = &statement.predicate.acquisition;
            self.row("sealed", &format!("{} to {}, as recorded by the sealer", times.start, times.end));
        }
    }

    fn signers(&mut self, signers: &[Signer]) {
        for signer in signers {
            let state = signer.signature.words();
            let trust = match &signer.certified {
                Some(it) => format!("trusted by you as a key of {}", escape(it.to_string().as_bytes())),
                None if signer.is_trusted => "trusted by you".to_owned(),
                None => "not trusted by you".to_owned(),
            };
            let role = signer.role.as_deref().map_or_else(|| "not required".to_owned(), |role| escape(role.as_bytes()));
            let id = signer.key_id.to_string();
            self.row("signer", &format!("{} ({role}): {state}; {trust}", &id[..16]));
        }
    }

    /// Who holds what, if anything happened since it was sealed.
    fn custody(&mut self, custody: &Custody) {
        if custody.records.events.is_empty() {
            return;
        }
        let tips = &custody.log.tips;
        for tip in tips.iter().take(SHOWN_COUNT_MAX) {
            let copy = if tips.len() > 1 { format!("copy {}: ", tip.state.branch) } else { String::new() };
            self.row(
                "custody",
                &format!("{copy}{}, after {}", custody.parties.held(&tip.state), count(tip.depth, "event", "events")),
            );
        }
        self.more(tips.len() as u64, "copy", "copies");
    }

    /// What time-stamps prove, and those that prove nothing to this user.
    fn times(&mut self, verification: &Verification) {
        for line in times::lines(&verification.times, &verification.custody, SHOWN_COUNT_MAX) {
            self.row("time", &escape(line.as_bytes()));
        }
    }

    fn areas(&mut self, verification: &Verification) {
        self.blank();
        for area in Area::ALL {
            let outcome = verification.ledger.outcome_in(area);
            let text = match (area, outcome) {
                (Area::Trust, Some(Outcome::Failed)) => "not trusted",
                (_, Some(outcome)) => outcome.name(),
                (Area::Custody, None) => "no events",
                (Area::Time, None) => "no time-stamps",
                (_, None) => "not checked",
            };
            self.row(area.name(), text);
        }
    }

    fn counts(&mut self, verification: &Verification) {
        let Some(found) = &verification.counts else { return };
        self.blank();
        let entries = count(found.entries, "entry", "entries");
        self.row("content", &format!("{entries}, {}, {}", count(found.files, "file", "files"), bytes(found.bytes)));
        let all = found.tar_bytes;
        let proven = verification.proven_tar_bytes;
        let text =
            if proven == all { format!("all {}", bytes(all)) } else { format!("{} of {}", bytes(proven), bytes(all)) };
        self.row("proven", &text);
    }

    /// What could not be read at sealing: evidence of the state of the source, not damage.
    fn recorded(&mut self, verification: &Verification) {
        let recorded = &verification.recorded;
        if recorded.entry_count == 0 {
            return;
        }
        self.blank();
        self.paragraph(0, "Recorded when it was sealed (this is no damage):");
        for entry in recorded.entries.iter().take(SHOWN_COUNT_MAX) {
            let mut what = Vec::new();
            if let Some(cause) = &entry.unreadable {
                what.push(format!("could not be opened ({})", escape(cause.as_bytes())));
            }
            if entry.gap_count > 0 {
                what.push(format!(
                    "{} not read, {}",
                    count(entry.gap_count, "region", "regions"),
                    bytes(entry.gap_bytes)
                ));
            }
            if let Some(at) = entry.gone_at_bytes {
                what.push(format!("incomplete: its medium went away at byte {}", grouped(at)));
            }
            if entry.changed.is_some() {
                what.push("changed while it was read".to_owned());
            }
            self.item(&format!("{}: {}", escape(entry.path.as_bytes()), what.join("; ")));
        }
        self.more(recorded.entry_count, "entry", "entries");
    }

    fn findings(&mut self, verification: &Verification) {
        let mut findings: Vec<&Check> = verification.ledger.details().iter().collect();
        if findings.is_empty() {
            return;
        }
        // The gravest first; within that, in the order found. Many of one kind, which anybody can make by adding members, do
        // not push others out.
        let mut counts: BTreeMap<&str, usize> = BTreeMap::new();
        findings.sort_by_cached_key(|check| {
            let count = counts.entry(check.rule.id).or_default();
            *count += 1;
            (std::cmp::Reverse(check.outcome), *count > SHOWN_OF_KIND_MAX)
        });
        self.blank();
        self.paragraph(0, "Findings:");
        for check in findings.iter().take(SHOWN_COUNT_MAX) {
            self.finding(check);
        }
        let tallies = verification.ledger.tallies();
        self.more(tallies.iter().map(|t| t.noted + t.cannot_tell + t.failed).sum(), "finding", "findings");
    }

    fn finding(&mut self, check: &Check) {
        let object = escape(&check.object);
        self.item(&format!("{} {}: {object}", check.rule.id, check.outcome.name()));
        let rule = Some(check.rule.what.to_owned());
        for (label, text) in
            [("rule", &rule), ("expected", &check.expected), ("found", &check.actual), ("note", &check.note)]
        {
            if let Some(text) = text {
                self.paragraph(6, &format!("{label}: {}", escape(text.as_bytes())));
            }
        }
    }

    fn damage(&mut self, verification: &Verification) {
        let damage = &verification.damage;
        if damage.is_empty() {
            return;
        }
        self.blank();
        self.paragraph(0, "Damage map:");
        for range in damage.ranges.iter().take(SHOWN_COUNT_MAX) {
            self.item(&range_text(range));
            for overlap in range.overlaps.iter().take(SHOWN_COUNT_MAX) {
                let path = escape(overlap.path.as_bytes());
                let what = match overlap.content.is_empty() {
                    true => format!("{path}: its tar headers"),
                    false => format!("{path}: {}", byte_range(overlap.content.start, overlap.content.end)),
                };
                self.paragraph(6, &what);
            }
            let hidden = range.overlap_count.saturating_sub(SHOWN_COUNT_MAX as u64);
            if hidden > 0 {
                self.paragraph(6, &format!("and {}", count(hidden, "more entry", "more entries")));
            }
        }
        self.more(damage.range_count, "range", "ranges");
        if damage.entry_count > 0 {
            self.paragraph(0, "Entries touched, and what of them is still proven:");
            for entry in damage.entries.iter().take(SHOWN_COUNT_MAX) {
                self.item(&entry_text(entry));
            }
            self.more(damage.entry_count, "entry", "entries");
        }
    }

    /// Every rule that was checked, for `--verbose`.
    fn checks(&mut self, verification: &Verification) {
        self.blank();
        self.paragraph(0, "Checks:");
        for tally in verification.ledger.tallies() {
            let rule = tally.rule;
            let passed = grouped(tally.passed);
            self.item(&format!("{} [{}] {} times: {}", rule.id, tally.outcome().name(), passed, rule.what));
        }
    }

    fn line(&mut self, text: &str) {
        self.out.push_str(text);
        self.out.push('\n');
    }

    fn blank(&mut self) {
        self.out.push('\n');
    }

    fn row(&mut self, label: &str, text: &str) {
        let start = self.out.len();
        self.paragraph(INDENT, text);
        // The label takes the place of the first line's indent.
        self.out.replace_range(start..start + INDENT, &format!("  {label:<width$}", width = INDENT - 2));
    }

    fn item(&mut self, text: &str) {
        let start = self.out.len();
        self.paragraph(4, text);
        self.out.replace_range(start..start + 4, "  - ");
    }

    fn more(&mut self, total: u64, one: &str, many: &str) {
        let hidden = total.saturating_sub(SHOWN_COUNT_MAX as u64);
        if hidden > 0 {
            self.paragraph(4, &format!("and {} more; --json has up to 1,000 of each", count(hidden, one, many)));
        }
    }

    /// Text broken at spaces to fit the width; a word that is too long stands on a line of its own, unbroken, so that
    /// digests and paths can be copied.
    fn paragraph(&mut self, indent: usize, text: &str) {
        let mut column = 0;
        for word in text.split(' ') {
            let len = word.chars().count();
            if column > 0 && column + 1 + len > self.width {
                self.out.push('\n');
                column = 0;
            }
            if column == 0 {
                let _ = write!(self.out, "{:indent$}", "");
                column = indent;
            } else {
                self.out.push(' ');
                column += 1;
            }
            self.out.push_str(word);
            column += len;
        }
        self.out.push('\n');
    }
}

fn range_text(range: &DamagedRange) -> String {
    let cause = match range.cause {
        Cause::Damaged => "damaged",
        Cause::Missing => "missing",
        Cause::Unreadable => "could not be read",
        Cause::Undecodable => "as sealed, but does not decode",
    };
    let frame = range.frame.map_or_else(String::new, |frame| format!(", frame {frame}"));
    let at = byte_range(range.offset, range.offset.saturating_add(range.len));
    format!("{}: {at}{frame}: {cause}", escape(range.member.as_bytes()))
}

fn entry_text(entry: &DamagedEntry) -> String {
    let path = escape(entry.path.as_bytes());
    if entry.size == 0 {
        return format!("{path}: its record");
    }
    let proven = format!("{} of {} proven", bytes(entry.proven_bytes), bytes(entry.size));
    let ranges = entry.lost.iter().take(SHOWN_COUNT_MAX).map(|range| byte_range(range.start, range.end));
    let lost: Vec<_> = ranges.collect();
    let unnamed = entry.lost_count.saturating_sub(lost.len() as u64);
    let more = if unnamed > 0 { format!(" and {} more", grouped(unnamed)) } else { String::new() };
    if lost.is_empty() {
        format!("{path}: {proven}")
    } else {
        format!("{path}: {proven}; not: {}{more}", lost.join(", "))
    }
}

/// First and last byte, as people count ranges.
fn byte_range(start: u64, end: u64) -> String {
    match end.saturating_sub(start) {
        0 => format!("at byte {}", grouped(start)),
        1 => format!("byte {}", grouped(start)),
        _ => format!("bytes {} to {}", grouped(start), grouped(end - 1)),
    }
}
