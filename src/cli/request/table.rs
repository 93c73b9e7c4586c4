//! An inbox as a table for people, and as data.

use serde_json::{Value, json};

use crate::format::time::Instant;
use crate::format::words::Word as _;
use crate::report::escape::escape;
use crate::request::inbox::{Entry, Inbox};

const HEADER: [&str; 6] = ["ID", "FROM", "ARTICLE", "STATE", "DUE", "LEFT"];

/// One line a request, what is due first at the top.
pub(super) fn text(inbox: &Inbox) -> String {
    if inbox.entries.is_empty() {
        return String::new();
    }
    let mut rows = vec![HEADER.map(str::to_owned)];
    rows.extend(inbox.entries.iter().map(row));
    let width = |column: usize| rows.iter().map(|row| row[column].chars().count()).max().unwrap_or(0);
    let widths: [usize; 6] = std::array::from_fn(width);
    let line = |row: &[String; 6]| {
        let cells = row.iter().zip(widths).map(|(cell, width)| format!("{cell:width$}  "));
        format!("{}\n", cells.collect::<String>().trim_end())
    };
    rows.iter().map(line).collect()
}

fn row(entry: &Entry) -> [String; 6] {
    let left = match entry.days_left {
        None => "-".into(),
        Some(days) if days < 0 => "OVERDUE".into(),
        Some(1) => "1 day".into(),
        Some(days) => format!("{days} days"),
    };
    [
        escape(entry.id.as_str().as_bytes()),
        entry.from.to_string(),
        entry.article.number().to_string(),
        entry.standing.word().to_owned(),
        entry.due.map_or_else(|| "-".into(), |due| due.to_string()),
        left,
    ]
}

/// All of it as one object.
pub(super) fn object(inbox: &Inbox, at: Instant) -> Value {
    let entry = |it: &Entry| {
        json!({
            "id": it.id.as_str(),
            "digest": it.digest.to_string(),
            "from": it.from.code(),
            "to": it.to.code(),
            "article": it.article.number(),
            "state": it.standing.word(),
            "due": it.due.map(|due| due.to_string()),
            "days_left": it.days_left,
            "overdue": it.is_overdue(),
            "problems": it.problems,
        })
    };
    json!({
        "at": at.to_string(),
        "overdue": inbox.is_overdue(),
        "requests": inbox.entries.iter().map(entry).collect::<Vec<_>>(),
        "strays": inbox.strays.iter().map(ToString::to_string).collect::<Vec<_>>(),
    })
}
