//! A `request.toml` to fill in, for each article.

use std::fmt::Write as _;

use super::fields::{FIELDS, Field, LISTS};
use crate::format::request_words::{Article, RequestKind};

/// Longest line of a comment.
const WIDTH: usize = 118;

/// The text of the file, with the fields that matter for the article.
pub fn template(article: Article) -> String {
    let number = article.number();
    let mut out = format!(
        "# Article {number} of the United Nations Convention against Cybercrime: {}.\n\
         # Fields marked REQUIRED must be filled in. All others may stay empty, or be deleted.\n\
         # `scelle request check` says what is missing; `scelle request sign` makes the document of it.\n\n\
         article = {number}\n",
        article.title()
    );
    let mut table = "";
    for field in FIELDS.iter().filter(|field| field.used.contains(&number)) {
        if field.table != table {
            table = field.table;
            let header = if LISTS.contains(&table) { format!("[[{table}]]") } else { format!("[{table}]") };
            // Writing into a string does not fail.
            let _ = write!(out, "\n{header}\n");
        }
        let required = if field.required.contains(&number) { "REQUIRED. " } else { "" };
        comment(&mut out, &format!("{required}{}", field.says));
        let _ = writeln!(out, "{} = {}", field.key, value(field, article));
    }
    out
}

/// What the field has as its value: what the article says by itself, or nothing.
fn value(field: &Field, article: Article) -> String {
    match (field.table, field.key, article.kind()) {
        ("legal_basis", "instrument", RequestKind::Order) => "\"DOMESTIC\"".into(),
        ("legal_basis", "instrument", _) => "\"UNCC\"".into(),
        ("legal_basis", "article", kind) if kind != RequestKind::Order => format!("\"{}\"", article.number()),
        ("", "channel", RequestKind::Network) => "\"24_7\"".into(),
        _ => field.empty.to_owned(),
    }
}

/// A comment, in lines that are not too long.
fn comment(out: &mut String, text: &str) {
    let mut line = String::from("#");
    for word in text.split(' ') {
        if line.chars().count() + 1 + word.chars().count() > WIDTH {
            out.push_str(&line);
            out.push('\n');
            line = String::from("#  ");
        }
        line.push(' ');
        line.push_str(word);
    }
    out.push_str(&line);
    out.push('\n');
}
