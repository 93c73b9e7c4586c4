//! When: what time-stamps prove, and of whom they are.

use super::Page;
use crate::text::Message;
use crate::verify::{Bound, StampState, Times};

/// Most time-stamps, and most events, that are in the tables.
const ROW_COUNT_MAX: usize = 1_000;

impl Page<'_> {
    /// Proven times.
    pub(super) fn times(&mut self) {
        self.heading(Message::new("report-times"));
        let times = &self.source.verification.times;
        if times.stamps.is_empty() {
            self.paragraph(Message::new("times-none"));
            return;
        }
        let authority = |bound: Bound| times.stamps.get(bound.stamp).map_or("", |stamp| &stamp.authority);
        if let Some(bound) = times.seal.not_before {
            let by = authority(bound);
            self.paragraph(Message::new("times-sealed-after").with("time", bound.at).with("authority", by).escaped());
        }
        if let Some(bound) = times.seal.not_after {
            let by = authority(bound);
            self.paragraph(Message::new("times-sealed-before").with("time", bound.at).with("authority", by).escaped());
        }
        if !times.stamps.iter().any(|stamp| stamp.state == StampState::Trusted) {
            self.paragraph(Message::new("times-nothing"));
        }
        self.time_stamps(times);
        self.event_times(times);
    }

    fn time_stamps(&mut self, times: &Times) {
        let caption = self.say(Message::new("times-caption").with("count", times.stamps.len()));
        let headings = [
            self.say(Message::new("column-authority")),
            self.say(Message::new("column-time")),
            self.say(Message::new("column-over")),
            self.say(Message::new("column-trust")),
        ];
        // Anybody can add some: those that count stand first.
        let (trusted, others): (Vec<_>, Vec<_>) =
            times.stamps.iter().partition(|stamp| stamp.state == StampState::Trusted);
        self.first_of(ROW_COUNT_MAX, times.stamps.len());
        let rows: Vec<_> = trusted
            .into_iter()
            .chain(others)
            .take(ROW_COUNT_MAX)
            .map(|stamp| {
                let state = match &stamp.state {
                    StampState::Trusted => Message::new("stamp-trusted"),
                    StampState::NotTrusted(why) => Message::new("stamp-not-trusted").with("why", why).escaped(),
                    StampState::Revoked(why) => Message::new("stamp-revoked").with("why", why).escaped(),
                };
                (stamp, self.say(state))
            })
            .collect();
        self.html.table(&caption, &headings, |html| {
            for (stamp, state) in &rows {
                html.element("tr", |html| {
                    html.cell(&stamp.authority);
                    html.cell(stamp.time.to_string());
                    html.cell(&stamp.over_name);
                    html.line("td", state);
                });
            }
        });
    }

    fn event_times(&mut self, times: &Times) {
        let order = &self.source.verification.custody.log.order;
        let proven: Vec<_> = order
            .iter()
            .enumerate()
            .filter_map(|(number, &i)| Some((number + 1, times.events.get(i)?)))
            .filter(|(_, interval)| interval.not_before.is_some() || interval.not_after.is_some())
            .collect();
        if proven.is_empty() {
            return;
        }
        let caption = self.say(Message::new("times-events-caption").with("count", proven.len()));
        self.first_of(ROW_COUNT_MAX, proven.len());
        let headings = [
            self.say(Message::new("column-number")),
            self.say(Message::new("column-not-before")),
            self.say(Message::new("column-not-after")),
        ];
        self.html.table(&caption, &headings, |html| {
            for (number, interval) in proven.iter().take(ROW_COUNT_MAX) {
                let shown = |bound: Option<Bound>| bound.map_or_else(String::new, |bound| bound.at.to_string());
                html.element("tr", |html| {
                    html.line("td", &number.to_string());
                    html.cell(shown(interval.not_before));
                    html.cell(shown(interval.not_after));
                });
            }
        });
    }
}
