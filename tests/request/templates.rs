//! Templates: each is read, says what is missing, and is complete when what is REQUIRED was filled in.

use scelle::format::request_words::Article;
use scelle::format::time::Instant;
use scelle::request::{findings, is_complete};
use scelle::request_file::{parse, template};

use crate::bench::{bench, write};
use crate::desk::{assert_done, text};

/// A value that the field may have.
fn value(article: Article, table: &str, key: &str) -> &'static str {
    match (table, key) {
        ("from", "state") => "\"VN\"",
        ("to", "state") if article.number() < 40 => "\"VN\"",
        (_, "state") => "\"FR\"",
        (_, "sent_at") => "2026-11-10T10:00:00+07:00",
        (_, "channel") => "\"24_7\"",
        (_, "urgency") => "\"urgent\"",
        (_, "scope") => "\"convention_offence\"",
        (_, "production_basis") => "\"27a\"",
        (_, "measure24x7") => "\"b\"",
        (_, "purposes") => "[\"stored_data\", \"other\"]",
        (_, "proceeding_kind") => "\"investigation\"",
        (_, "intended_measures") => "[\"disclosure\"]",
        (_, "intends_mla" | "none_available" | "required") => "true",
        (_, "notify_user") => "false",
        (_, "previous") => "\"0a0a0a0a0a0a0a0a0a0a0a0a0a0a0a0a0a0a0a0a0a0a0a0a0a0a0a0a0a0a0a0a\"",
        (_, "uncc_article") => "7",
        (_, "max_penalty_months") => "60",
        (_, "at" | "until") => "2026-12-01",
        ("realtime", "period") | ("items", "time_range") => "{ from = 2026-11-01, to = \"2026-11-30\" }",
        ("preservation", "effected_at") => "\"2026-11-10\"",
        ("preservation", "expires_at") => "\"2027-01-09\"",
        ("preservation", "released_at") => "\"2027-05-01\"",
        ("preservation", "renewals") => "[{ renewed_at = 2027-01-09, effected_at = \"\", expires_at = 2027-04-09 }]",
        ("preservation", "extensions") => "[{ requested_at = 2027-01-08, expires_at = 2027-04-09 }]",
        ("preservation", "mla") => "{ received_at = 2027-02-01, decided_at = 2027-05-01 }",
        (_, "data_category") => {
            if article == Article::Content46 {
                "\"content\""
            } else {
                "\"traffic\""
            }
        }
        ("legal_basis", "instrument") => "\"UNCC\"",
        _ => "\"said\"",
    }
}

/// The template with values: of all fields, or of those that are REQUIRED.
fn filled(article: Article, all: bool) -> String {
    let (mut table, mut comment, mut out) = (String::new(), String::new(), String::new());
    for line in template(article).lines() {
        if let Some(name) = line.strip_prefix('[') {
            table = name.trim_matches(['[', ']']).to_owned();
        }
        let field = line.split_once(" = ").filter(|_| !line.starts_with('#'));
        match field {
            Some((key, _)) if key != "article" && (all || comment.contains("REQUIRED")) => {
                out.push_str(&format!("{key} = {}\n", value(article, &table, key)));
            }
            _ => out.push_str(&format!("{line}\n")),
        }
        comment = if line.starts_with('#') { comment + line } else { String::new() };
    }
    out
}

#[test]
fn a_template_is_complete_once_what_is_required_is_filled_in() {
    let now = Instant::parse("2026-11-20T00:00:00Z").expect("a time");
    for article in Article::ALL {
        for all in [false, true] {
            let toml = filled(article, all);
            let request = parse(&toml).unwrap_or_else(|problems| panic!("{article:?}: {problems:?}\n{toml}"));
            assert_eq!(request.article, article);
            let found = findings(&request, now);
            assert!(is_complete(&found), "{article:?}, all: {all}: {found:#?}\n{toml}");
        }
    }
}

/// REQ-2.
#[test]
fn every_field_stands_in_rfc_8785_order_in_the_document() {
    let mut names = std::collections::BTreeSet::new();
    for article in Article::ALL {
        let request = parse(&filled(article, true)).expect("a request");
        let written = serde_json::to_string(&request).expect("json");
        let value: serde_json::Value = serde_json::from_str(&written).expect("json");
        assert_eq!(value.to_string(), written, "{article:?}");
        names.extend(value.as_object().expect("an object").keys().cloned());
    }
    assert_eq!(names.len(), 34, "all keys: {names:?}");
}

#[test]
fn an_empty_template_says_without_what_there_is_no_request() {
    for article in Article::ALL {
        let said: Vec<_> = parse(&template(article)).expect_err("empty").iter().map(|it| it.field.clone()).collect();
        assert_eq!(said, ["id", "from.state", "to.state"], "{article:?}");
    }
}

#[test]
fn a_template_has_no_line_that_is_hard_to_read() {
    for article in Article::ALL {
        assert!(template(article).lines().all(|line| line.chars().count() <= 120), "{article:?}");
    }
}

#[test]
fn a_template_goes_to_stdout_or_to_a_new_file() {
    let desk = bench();
    let output = desk.run(&["request", "new", "--article", "42"]);
    assert_done(&output);
    assert_eq!(text(&output.stdout), template(Article::Preservation42));
    assert_done(&desk.run(&["request", "new", "--article", "42", "--out", "r.toml"]));
    desk.assert_refused(&desk.run(&["request", "new", "--article", "42", "--out", "r.toml"]), 3, &["r.toml"]);
    assert_eq!(desk.run(&["request", "new", "--article", "26"]).status.code(), Some(3));
    write(&desk, "r2.toml", &filled(Article::Preservation42, true));
    assert_done(&desk.run(&["request", "check", "r2.toml", "--at", "2026-11-20"]));
}
