//! Drawings of what is damaged, and of what could not be read when it was sealed: two things that are never one.

use std::fmt::Write as _;
use std::ops::Range;

use super::Page;
use crate::text::Message;

/// Most entries that are drawn.
const DRAWN_COUNT_MAX: usize = 100;
/// Width of a drawing, in its own units.
const WIDTH: u64 = 1000;

impl Page<'_> {
    /// What is not proven any more, and what still is.
    pub(super) fn damage(&mut self) {
        let verification = self.source.verification;
        let damage = &verification.damage;
        if damage.entries.is_empty() && damage.range_count == 0 {
            return;
        }
        self.heading(Message::new("report-damage"));
        let (proven, all) = (verification.proven_tar_bytes, verification.counts.as_ref().map_or(0, |it| it.tar_bytes));
        self.paragraph(Message::new("damage-proven").with("proven", proven).with("all", all));
        self.since();
        for entry in damage.entries.iter().take(DRAWN_COUNT_MAX) {
            let said = Message::new("damage-entry").with("lost", entry.lost_bytes).with("size", entry.size);
            let said = self.say(said);
            self.bar(entry.path.as_bytes(), &said, entry.size, &entry.lost, "#9b0d0d");
        }
    }

    /// Who last signed that everything held.
    fn since(&mut self) {
        let custody = &self.source.verification.custody;
        let problems = custody.log.problems_by_event();
        let sound = |&&i: &&usize| {
            let event = custody.records.events.get(i);
            event.is_some_and(|event| event.found_exit == Some(0)) && problems[i].is_empty()
        };
        let last = custody.log.order.iter().rev().find(sound).and_then(|&i| custody.records.events.get(i));
        match last {
            Some(event) => {
                let who = custody.parties.name(event.key_id);
                self.paragraph(Message::new("damage-since").with("time", event.end).with("who", who));
            }
            None => self.paragraph(Message::new("damage-since-seal")),
        }
    }

    /// What was never read.
    pub(super) fn gaps(&mut self) {
        let recorded = &self.source.verification.recorded;
        if recorded.entry_count == 0 {
            return;
        }
        self.heading(Message::new("report-gaps"));
        self.note(Message::new("gaps-no-damage").with("count", recorded.entry_count));
        for entry in recorded.entries.iter().take(DRAWN_COUNT_MAX) {
            let said = match (&entry.unreadable, entry.gap_count) {
                (Some(cause), _) => Message::new("gaps-unreadable").with("cause", cause).escaped(),
                (None, 0) => Message::new("gaps-changed"),
                (None, count) => Message::new("gaps-entry").with("count", count).with("lost", entry.gap_bytes),
            };
            let said = self.say(said);
            let ranges: Vec<_> = entry.gaps.iter().map(|gap| gap.offset..gap.offset.saturating_add(gap.len)).collect();
            let end = ranges.last().map_or(0, |range| range.end);
            self.bar(entry.path.as_bytes(), &said, entry.size_bytes.unwrap_or(end).max(end), &ranges, "#6b4300");
        }
    }

    /// One entry from its first byte to its last, with ranges of it marked.
    fn bar(&mut self, path: &[u8], said: &str, size: u64, ranges: &[Range<u64>], colour: &str) {
        self.html.element("h3", |html| html.foreign(path));
        self.html.line("p", said);
        if size == 0 || ranges.is_empty() {
            return;
        }
        let mut drawing = String::new();
        for range in ranges {
            let at = |byte: u64| {
                u64::try_from(u128::from(byte.min(size)) * u128::from(WIDTH) / u128::from(size)).unwrap_or(WIDTH)
            };
            let (start, end) = (at(range.start), at(range.end));
            // A region of one sector must be seen too.
            let width = end.saturating_sub(start).max(2);
            let _ = write!(drawing, "<rect x=\"{start}\" y=\"1\" width=\"{width}\" height=\"22\" fill=\"{colour}\"/>");
        }
        let scale = self.say(Message::new("map-scale").with("size", size));
        let ranges: Vec<_> = ranges.iter().map(|range| format!("{}-{}", range.start, range.end)).collect();
        self.html.raw(&format!(
            "<svg class=\"drawing\" role=\"img\" viewBox=\"0 0 {WIDTH} 24\" preserveAspectRatio=\"none\">"
        ));
        self.html.line("title", &format!("{scale}: {}", ranges.join(", ")));
        self.html
            .raw(&format!("<rect x=\"0\" y=\"1\" width=\"{WIDTH}\" height=\"22\" fill=\"#d7e6d7\" stroke=\"#111\"/>"));
        self.html.raw(&drawing);
        self.html.raw("</svg>\n");
        self.html.element("p", |html| {
            html.text(&format!("{scale}: "));
            html.foreign(ranges.join(", ").as_bytes());
        });
    }
}
