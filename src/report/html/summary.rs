//! What it is, the verdict, and the one number for the notebook.

use qrcode::render::svg;
use qrcode::{EcLevel, QrCode};

use super::Page;
use crate::text::Message;
use crate::verify::Verdict;

impl Page<'_> {
    /// The head of the page.
    pub(super) fn summary(&mut self) {
        let (title, what) = (self.say(Message::new("report-title")), self.say(Message::new("report-what")));
        let name = self.say(Message::new("report-of").with("name", ""));
        let digest = self.source.verification.seal_digest.map(|digest| digest.to_string());
        let heading = self.say(Message::new("report-seal-digest"));
        let compare = self.say(Message::new("report-seal-digest-compare"));
        let code = digest.as_deref().and_then(|digest| qr(digest, &self.say(Message::new("report-qr"))));
        let bundle = self.source.name;
        self.html.element("header class=\"head\"", |html| {
            html.element("div", |html| {
                html.line("h1", &title);
                html.element("p", |html| {
                    html.text(name.trim());
                    html.text(" ");
                    // It was escaped where it was read.
                    html.element("bdi", |html| html.text(bundle));
                });
                if let Some(digest) = &digest {
                    html.element("p", |html| {
                        html.line("strong", &heading);
                        html.raw("<br>");
                        html.line("span class=\"digest\"", digest);
                    });
                    html.line("p", &compare);
                }
            });
            if let Some(code) = &code {
                html.raw(code);
            }
        });
        if !self.texts.is_reviewed() {
            self.note(Message::new("report-unreviewed"));
        }
        self.html.line("p", &what);
        self.verdict();
    }

    fn verdict(&mut self) {
        let (open, word, means) = match self.source.verification.verdict {
            Verdict::Verified => {
                ("p class=\"verdict good\"", Message::new("verdict-verified"), Message::new("means-verified"))
            }
            Verdict::Incomplete => {
                ("p class=\"verdict open\"", Message::new("verdict-incomplete"), Message::new("means-incomplete"))
            }
            Verdict::Refuted => {
                ("p class=\"verdict bad\"", Message::new("verdict-refuted"), Message::new("means-refuted"))
            }
            Verdict::CouldNotCheck => {
                ("p class=\"verdict open\"", Message::new("verdict-unchecked"), Message::new("means-unchecked"))
            }
            Verdict::NotTrusted => {
                ("p class=\"verdict open\"", Message::new("verdict-not-trusted"), Message::new("means-not-trusted"))
            }
            Verdict::FixityOk => {
                ("p class=\"verdict open\"", Message::new("verdict-fixity"), Message::new("means-fixity"))
            }
        };
        let word = self.say(word);
        self.html.line(open, &word);
        self.paragraph(means);
        self.paragraph(Message::new("report-means-not"));
    }
}

/// The digest as a square that a telephone can read; nothing of it comes from outside but 64 hex digits.
fn qr(digest: &str, label: &str) -> Option<String> {
    let code = QrCode::with_error_correction_level(digest, EcLevel::M).ok()?;
    let drawn = code.render::<svg::Color<'_>>().quiet_zone(true).build();
    let path = drawn.split_once("<svg")?.1;
    let mut title = super::Html::default();
    title.line("title", label);
    let (attributes, content) = path.split_once('>')?;
    Some(format!("<svg role=\"img\"{attributes}>{}{content}", title.into_string()))
}
