//! What happened to the bundle since it was sealed: a drawing of its copies, and a table of events.

use std::collections::BTreeMap;
use std::fmt::Write as _;

use super::Page;
use crate::format::digest::CopyId;
use crate::text::Message;
use crate::verify::Custody;

/// Most events that are drawn, and most that are in the table.
const DRAWN_COUNT_MAX: usize = 60;
const ROW_COUNT_MAX: usize = 2_000;
/// Steps of the drawing, in its own units.
const STEP: usize = 34;
const LANE: usize = 46;

impl Page<'_> {
    /// The log.
    pub(super) fn custody(&mut self) {
        self.heading(Message::new("report-custody"));
        let custody = &self.source.verification.custody;
        if custody.records.events.is_empty() {
            self.paragraph(Message::new("custody-empty"));
            return;
        }
        self.paragraph(Message::new("custody-recorded"));
        let title = self.say(Message::new("custody-drawing").with("count", custody.log.order.len()));
        let original = self.say(Message::new("custody-original"));
        let copy = self.say(Message::new("custody-copy"));
        let drawing = draw(custody, &title, &original, &copy);
        self.html.raw(&drawing);
        self.events(custody);
        for tip in &custody.log.tips {
            let held = custody.parties.held(&tip.state);
            let message = Message::new("custody-tip").with("copy", tip.state.branch).with("held", held).escaped();
            self.paragraph(message);
        }
    }

    fn events(&mut self, custody: &Custody) {
        let caption = self.say(Message::new("custody-caption").with("count", custody.log.order.len()));
        let headings = [
            self.say(Message::new("column-number")),
            self.say(Message::new("column-time")),
            self.say(Message::new("column-event")),
            self.say(Message::new("column-who")),
            self.say(Message::new("column-place")),
            self.say(Message::new("column-why")),
            self.say(Message::new("column-finding")),
        ];
        let problems = custody.log.problems_by_event();
        let holds = self.say(Message::new("result-passed"));
        self.html.table(&caption, &headings, |html| {
            for (number, &i) in custody.log.order.iter().enumerate().take(ROW_COUNT_MAX) {
                let event = &custody.records.events[i];
                let wrong: Vec<_> = problems[i].iter().map(ToString::to_string).collect();
                let to =
                    event.to.as_ref().map_or_else(String::new, |to| format!(" -> {}", custody.parties.name_of(to)));
                html.element("tr", |html| {
                    html.cell((number + 1).to_string());
                    html.cell(event.end.to_string());
                    html.cell(format!("{}{to}", event.kind));
                    let who = format!("{} {}", custody.parties.name(event.key_id), event.shown.name);
                    let why = format!("{} {}", event.shown.purpose, event.shown.remark);
                    for text in [&who, &event.shown.place, &why] {
                        html.cell(text.trim().as_bytes());
                    }
                    let said = if wrong.is_empty() { holds.clone() } else { wrong.join("; ") };
                    html.cell(&said);
                });
            }
        });
    }
}

/// Each copy a line from left to right, each event a circle with its number in the table. Circles that are red do not hold.
fn draw(custody: &Custody, title: &str, original: &str, copy: &str) -> String {
    let problems = custody.log.problems_by_event();
    let order: Vec<usize> = custody.log.order.iter().copied().take(DRAWN_COUNT_MAX).collect();
    let mut lanes: BTreeMap<CopyId, usize> = BTreeMap::new();
    let mut out = String::new();
    let mut begins: BTreeMap<CopyId, (usize, usize)> = BTreeMap::new();
    for (place, &i) in order.iter().enumerate() {
        let event = &custody.records.events[i];
        let next = lanes.len();
        let lane = *lanes.entry(event.branch).or_insert(next);
        let (x, y) = (130 + place * STEP, 24 + lane * LANE);
        let (from_x, from_y) = begins.get(&event.branch).copied().unwrap_or((118, y));
        let _ = write!(out, "<path d=\"M{from_x} {from_y} L{x} {y}\" stroke=\"#111\" fill=\"none\"/>");
        begins.insert(event.branch, (x, y));
        if let Some(copy) = event.copy {
            begins.insert(copy, (x, y));
        }
        let colour = if problems[i].is_empty() { "#fff" } else { "#ffb3b3" };
        let _ = write!(
            out,
            "<circle cx=\"{x}\" cy=\"{y}\" r=\"13\" fill=\"{colour}\" stroke=\"#111\"/><text x=\"{x}\" y=\"{}\" text-anchor=\"middle\">{}</text>",
            y + 4,
            place + 1
        );
    }
    let (width, height) = (160 + order.len() * STEP, 24 + lanes.len() * LANE);
    let mut html = super::Html::default();
    html.raw(&format!(
        "<svg class=\"drawing\" role=\"img\" viewBox=\"0 0 {width} {height}\" style=\"max-width:{width}px\">"
    ));
    html.line("title", title);
    for (branch, lane) in &lanes {
        let name = if *lane == 0 { original.to_owned() } else { format!("{copy} {}", &branch.to_string()[..6]) };
        html.raw(&format!("<text x=\"4\" y=\"{}\">", 28 + lane * LANE));
        html.text(&name);
        html.raw("</text>");
    }
    html.raw(&out);
    html.raw("</svg>\n");
    html.into_string()
}
