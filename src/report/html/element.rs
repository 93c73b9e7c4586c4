//! HTML that is written from here only: text is escaped where it is put in, so that nothing out of a bundle becomes markup.

use std::fmt::Write as _;

use crate::report::escape::escape;

/// A page that grows.
#[derive(Debug, Default)]
pub struct Html(String);

impl Html {
    /// What was written.
    pub fn into_string(self) -> String {
        self.0
    }

    /// Markup of this program's own.
    pub fn raw(&mut self, markup: &str) {
        self.0.push_str(markup);
    }

    /// Text, of whatever origin.
    pub fn text(&mut self, text: &str) {
        for c in text.chars() {
            match c {
                '&' => self.0.push_str("&amp;"),
                '<' => self.0.push_str("&lt;"),
                '>' => self.0.push_str("&gt;"),
                '"' => self.0.push_str("&quot;"),
                '\'' => self.0.push_str("&#39;"),
                c => self.0.push(c),
            }
        }
    }

    /// A name or text out of a bundle: what cannot be seen is made visible, and its direction ends where it ends.
    pub fn foreign(&mut self, bytes: &[u8]) {
        self.raw("<bdi>");
        self.text(&escape(bytes));
        self.raw("</bdi>");
    }

    /// A cell of a table with a value that is the same in every language.
    pub fn cell(&mut self, value: impl AsRef<[u8]>) {
        self.element("td", |html| html.foreign(value.as_ref()));
    }

    /// An element; `open` is its name with attributes, which hold nothing from outside.
    pub fn element(&mut self, open: &'static str, content: impl FnOnce(&mut Self)) {
        let name = open.split(' ').next().unwrap_or(open);
        let _ = write!(self.0, "<{open}>");
        content(self);
        let _ = writeln!(self.0, "</{name}>");
    }

    /// An element with text.
    pub fn line(&mut self, open: &'static str, text: &str) {
        self.element(open, |html| html.text(text));
    }

    /// A table with a caption and a row of headings.
    pub fn table(&mut self, caption: &str, headings: &[String], rows: impl FnOnce(&mut Self)) {
        self.element("table", |html| {
            html.line("caption", caption);
            html.element("thead", |html| {
                html.element("tr", |html| headings.iter().for_each(|it| html.line("th scope=\"col\"", it)));
            });
            html.element("tbody", rows);
        });
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn nothing_from_outside_is_markup_or_turns_the_text_around() {
        let mut html = Html::default();
        html.foreign("<script>&\"'\u{202e}\u{0}".as_bytes());
        assert_eq!(html.into_string(), "<bdi>&lt;script&gt;&amp;&quot;&#39;\\u{202e}\\u{0}</bdi>");
    }
}
