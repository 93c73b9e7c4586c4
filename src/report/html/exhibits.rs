//! What the bundle holds: one row an entry, the first of them on the page and all of them in a list beside it.

use super::Page;
use crate::format::digest::Digest;
use crate::text::Message;
use crate::verify::ProvenEntries;

/// Most entries that stand on the page.
pub const ROW_COUNT_MAX: usize = 10_000;

/// One entry.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Exhibit {
    /// Its number in the bundle.
    pub n: u64,
    /// Its path, raw.
    pub path: Vec<u8>,
    /// Its kind, as a manifest line has it.
    pub kind: &'static str,
    /// Length of its content in bytes, if it has any.
    pub size_bytes: Option<u64>,
    /// Digest of its content.
    pub sha256: Option<Digest>,
    /// When its content was changed last, as its file system said, in UTC.
    pub changed: String,
}

/// What a bundle holds, as far as its lists are those that were sealed.
#[derive(Clone, Debug, Default)]
pub struct Exhibits {
    /// The first entries, at most [`ROW_COUNT_MAX`].
    pub rows: Vec<Exhibit>,
    /// How many there are.
    pub count: u64,
    /// Whether all lists were those that were sealed; else only of some parts it is known what they hold.
    pub is_whole: bool,
    /// The list of all entries beside the page: its name, and the digest of its bytes.
    pub list: Option<(String, Digest)>,
}

impl Page<'_> {
    /// The table of entries.
    pub(super) fn exhibits(&mut self) {
        let exhibits = self.source.exhibits;
        self.heading(Message::new("report-exhibits"));
        if !exhibits.is_whole {
            self.note(Message::new("exhibits-partial"));
        }
        if let Some((name, digest)) = &exhibits.list {
            let shown = exhibits.rows.len();
            let message = Message::new("exhibits-list")
                .with("shown", shown)
                .with("count", exhibits.count)
                .with("name", name)
                .with("digest", digest);
            self.paragraph(message);
        }
        let caption = self.say(Message::new("exhibits-caption").with("count", exhibits.count));
        let headings = [
            self.say(Message::new("column-number")),
            self.say(Message::new("column-path")),
            self.say(Message::new("column-kind")),
            self.say(Message::new("column-size")),
            self.say(Message::new("column-sha256")),
            self.say(Message::new("column-changed")),
            self.say(Message::new("column-proven")),
        ];
        let verification = self.source.verification;
        let proven = ProvenEntries::of(&verification.damage, verification.counts.is_some());
        let (yes, no) = (self.say(Message::new("proven-yes")), self.say(Message::new("proven-no")));
        let unknown = self.say(Message::new("proven-unknown"));
        self.html.table(&caption, &headings, |html| {
            for row in &exhibits.rows {
                let proven = match proven.has(row.n) {
                    Some(true) => &yes,
                    Some(false) => &no,
                    None => &unknown,
                };
                html.element("tr", |html| {
                    html.line("td", &row.n.to_string());
                    html.cell(&row.path);
                    html.cell(row.kind);
                    html.line("td", &row.size_bytes.map_or_else(String::new, |size| size.to_string()));
                    let digest = row.sha256.map_or_else(String::new, |digest| digest.to_string());
                    html.element("td", |html| html.line("span class=\"digest\"", &digest));
                    html.cell(&row.changed);
                    html.line("td", proven);
                });
            }
        });
    }
}
