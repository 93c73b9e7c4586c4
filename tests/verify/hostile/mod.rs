//! Bundles whose own signer lies: everything outside of one false fact is hashed and signed anew. Each lie is refuted by
//! the check that is made for it.

mod content;
mod lines;
mod tar;
mod index;
mod whole;

use scelle::verify::{Rule, Verdict};
use serde_json::Value;

use super::{Item, failed_rules, said, verify_zip};
use crate::forge::Forge;
use crate::sealed::{Shape, pattern};

fn items() -> Vec<Item> {
    let mut linked = Item::file(b"s/k", pattern(700));
    linked.entry.nlink = Some(2);
    let mut link = Item::new(b"s/l", scelle::format::entry::Kind::File);
    (link.entry.nlink, link.entry.size) = (Some(2), Some(700));
    link.entry.hard_link = Some(linked.entry.path.clone());
    let mut sparse = Item::file(b"s/m", vec![0; 300]);
    sparse.entry.holes = vec![scelle::format::entry::Hole(100, 50)];
    vec![
        Item::dir(b"s"),
        Item::file(b"s/a", pattern(600)),
        Item::file(b"s/b", b"bbbbb".to_vec()),
        Item::file(b"s/c", pattern(10_000)),
        Item::file(b"s/d", b"ddddd".to_vec()),
        linked,
        link,
        sparse,
    ]
}

fn forge() -> Forge {
    Forge::of(&items(), &Shape::small())
}

/// Refuted, and by this rule among those that failed.
#[track_caller]
fn assert_refuted_by(forge: &Forge, rule: &'static Rule, others: &[&'static Rule]) {
    let verification = verify_zip(&forge.zip());
    let failed = failed_rules(&verification);
    assert_eq!(verification.verdict, Verdict::Refuted);
    assert!(failed.contains(&rule.id), "{failed:?}: {}", said(&verification));
    let expected: Vec<_> = others.iter().map(|rule| rule.id).chain([rule.id]).collect();
    assert!(failed.iter().all(|id| expected.contains(id)), "{failed:?}: {}", said(&verification));
}

/// Changes the line of one entry.
fn change_line(forge: &mut Forge, path: &str, change: impl Fn(&mut Value)) {
    forge.change_lines(|line| {
        if line["path"] == path {
            change(line);
        }
    });
}
