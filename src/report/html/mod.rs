//! The report: one page of HTML that needs nothing else, and says what was found, what that means, and what it does not mean.

mod element;
mod summary;
mod areas;
mod people;
mod times;
mod exhibits;
mod custody;
mod maps;
mod rules;
mod recorded;
mod by_hand;

use element::Html;
pub use exhibits::{Exhibit, Exhibits, ROW_COUNT_MAX};

use crate::format::time::Instant;
use crate::profile::{Evaluation, Facts, Profile};
use crate::text::{Message, Texts};
use crate::verify::Verification;

/// Everything that a report tells of.
pub struct Source<'a> {
    /// The bundle's name, as the user gave it.
    pub name: &'a str,
    /// What verifying it came to.
    pub verification: &'a Verification,
    /// What it holds, as far as that is proven.
    pub exhibits: &'a Exhibits,
    /// The rules, and what the bundle shows of each.
    pub rules: Rules<'a>,
    /// When the report was made.
    pub at: Instant,
}

/// Rules, applied.
pub struct Rules<'a> {
    /// The table of rules.
    pub profile: &'a Profile,
    /// What is known of the bundle.
    pub facts: &'a Facts<'a>,
    /// What is said of each rule.
    pub evaluation: &'a Evaluation<'a>,
}

/// What every part of the page needs.
struct Page<'a> {
    source: &'a Source<'a>,
    texts: &'a Texts,
    html: Html,
}

/// The page, in the language of the texts.
pub fn page(source: &Source<'_>, texts: &Texts) -> String {
    let mut page = Page { source, texts, html: Html::default() };
    page.begin();
    page.summary();
    page.areas();
    page.people();
    page.times();
    page.damage();
    page.exhibits();
    page.custody();
    page.gaps();
    page.rules();
    page.recorded();
    page.by_hand();
    page.end();
    page.html.into_string()
}

impl Page<'_> {
    fn begin(&mut self) {
        let language = self.texts.language();
        let title = self.say(Message::new("report-title"));
        let csp = "default-src 'none'; style-src 'unsafe-inline'; base-uri 'none'; form-action 'none'";
        self.html.raw("<!DOCTYPE html>\n");
        self.html.raw(&format!("<html lang=\"{}\" dir=\"{}\">\n<head>\n", language.tag(), language.direction()));
        self.html.raw("<meta charset=\"utf-8\">\n");
        self.html.raw(&format!("<meta http-equiv=\"Content-Security-Policy\" content=\"{csp}\">\n"));
        self.html.raw("<meta name=\"viewport\" content=\"width=device-width, initial-scale=1\">\n");
        self.html.line("title", &title);
        self.html.raw("<style>\n");
        self.html.raw(include_str!("page.css"));
        self.html.raw("</style>\n</head>\n<body>\n<main>\n");
    }

    fn end(&mut self) {
        let tool = concat!("scelle ", env!("CARGO_PKG_VERSION"));
        let made = self.say(Message::new("report-made").with("tool", tool).with("time", self.source.at));
        self.html.raw("</main>\n");
        self.html.line("footer", &made);
        self.html.raw("</body>\n</html>\n");
    }

    fn say(&self, message: Message) -> String {
        self.texts.say(&message)
    }

    fn heading(&mut self, message: Message) {
        let text = self.say(message);
        self.html.line("h2", &text);
    }

    fn paragraph(&mut self, message: Message) {
        let text = self.say(message);
        self.html.line("p", &text);
    }

    /// Says so where a table has not all of something.
    fn first_of(&mut self, shown_max: usize, count: usize) {
        if count > shown_max {
            self.note(Message::new("report-first-of").with("shown", shown_max).with("count", count));
        }
    }

    fn note(&mut self, message: Message) {
        let text = self.say(message);
        self.html.line("p class=\"note\"", &text);
    }

    /// A table of two columns: what, and what is said of it.
    fn facts(&mut self, caption: Message, facts: Vec<(Message, String)>) {
        let caption = self.say(caption);
        let facts: Vec<_> = facts.into_iter().map(|(what, said)| (self.say(what), said)).collect();
        self.html.element("table", |html| {
            html.line("caption", &caption);
            html.element("tbody", |html| {
                for (what, said) in &facts {
                    html.element("tr", |html| {
                        html.line("th scope=\"row\"", what);
                        html.element("td", |html| html.foreign(said.as_bytes()));
                    });
                }
            });
        });
    }
}
