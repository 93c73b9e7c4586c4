//! Files that were filled in: what they lack, and what is wrong in them.

use std::fs;

use scelle::request_file::parse;

use crate::bench::{EXAMPLE, bench, changed, check, write};
use crate::desk::text;

fn one(rule: &str, field: &str) -> (i32, Vec<(String, String)>) {
    (1, vec![(rule.to_owned(), field.to_owned())])
}

#[test]
fn the_worked_example_is_complete() {
    assert_eq!(check(&bench(), EXAMPLE), (0, vec![]));
}

#[test]
fn a_preservation_of_59_days_is_too_short() {
    let short = changed(&[("2027-01-09T12", "2027-01-08T12")]);
    assert_eq!(check(&bench(), &short), one("UNCC-42.8-a", "preservation.expires_at"));
}

#[test]
fn an_order_of_91_days_is_too_long() {
    let order = [("article = 42", "article = 25"), ("state = \"FR\"\nauthority", "state = \"VN\"\nauthority")];
    let (desk, end) = (bench(), "expires_at = \"2027-01-09T12:00:00Z\"");
    let until = |date: &str| {
        let date = format!("expires_at = \"2027-02-{date}T12:00:00Z\"");
        check(&desk, &changed(&[order[0], order[1], (end, &date)]))
    };
    assert_eq!(until("08"), (0, vec![]));
    assert_eq!(until("09"), one("UNCC-25.2-b", "preservation.expires_at"));
    let late = format!("{end}\nrenewals = [{{ renewed_at = 2027-01-10, expires_at = 2027-03-01 }}]");
    let late = check(&desk, &changed(&[order[0], order[1], (end, &late)]));
    assert_eq!(late, one("UNCC-25.2-c", "preservation.renewals[0].renewed_at"));
}

#[test]
fn an_item_without_relationship_is_not_specified() {
    let desk = bench();
    for empty in ["", "  "] {
        let toml = changed(&[("shows the addresses that took over the account", empty)]);
        assert_eq!(check(&desk, &toml), one("UNCC-42.3-c", "items[0].relationship"));
    }
    let shown = text(&desk.run(&["request", "check", "draft.toml", "--at", "2026-11-20"]).stdout);
    assert!(shown.starts_with("must    UNCC-42.3-c    items[0].relationship: is missing"), "{shown}");
}

#[test]
fn a_request_without_custodian_or_place_says_that_neither_is_known() {
    let desk = bench();
    let custodian = ("name = \"Example Mail Ltd\"", "name = \"\"");
    assert_eq!(check(&desk, &changed(&[custodian])), one("UNCC-42.3-d", "custodian"));
    let flag = |value: &str| changed(&[custodian, ("intends_mla", &format!("none_available = {value}\nintends_mla"))]);
    assert_eq!(check(&desk, &flag("false")), one("UNCC-42.3-d", "custodian"));
    assert_eq!(check(&desk, &flag("true")), (0, vec![]));
}

#[test]
fn a_penalty_of_36_months_is_no_serious_crime() {
    let serious = ("urgency", "scope = \"serious_crime_cooperation\"\nurgency");
    let toml = changed(&[serious, ("max_penalty_months = 60", "max_penalty_months = 36")]);
    assert_eq!(check(&bench(), &toml), one("UNCC-35.1-c", "offence.max_penalty_months"));
}

#[test]
fn content_is_not_ordered_from_a_provider_under_27b() {
    let toml = changed(&[("article = 42", "article = 27\nproduction_basis = \"27b\""), ("\"traffic\"", "\"content\"")]);
    assert_eq!(check(&bench(), &toml), one("UNCC-27-b", "items[0].data_category"));
}

#[test]
fn data_released_before_the_request_that_followed_was_decided_was_not_kept() {
    let end = "expires_at = \"2027-01-09T12:00:00Z\"";
    let with = format!("{end}\nmla = {{ received_at = 2027-01-05 }}\nreleased_at = 2027-01-10");
    assert_eq!(check(&bench(), &changed(&[(end, &with)])), one("UNCC-42.8-b", "preservation.released_at"));
}

#[test]
fn all_problems_of_a_file_are_said_at_once_with_line_and_remedy() {
    let toml = "article = 26\nid = \"1\"\nchanel = \"24_7\"\nurgency = \"soon\"\nsent_at = \"yesterday\"\nintends_mla = \"yes\"\n\
                purposes = [\"x\"]\nprevious = \"0A\"\n[from]\nstate = \"vn\"\n[to]\nstate = \"FR\"\n[offence]\nuncc_article = 18\n\
                [[items]]\nid = \"a\"\nselector = \"s\"\ntime_range = { from = 2026-01-01 }\n[[items]]\nid = \"a\"\nselecter = \"x\"\n";
    let said: Vec<_> = parse(toml).expect_err("wrong").iter().map(ToString::to_string).collect();
    assert!(said[0].starts_with("field `article` at line 1 must be one of 25, 27, 40"), "{said:#?}");
    for line in [
        "unknown field `chanel` at line 3: did you mean `channel`?",
        "field `from.state` at line 10 must be an ISO 3166-1 alpha-2 code in capital letters, or EU, not \"vn\": did you mean VN?",
    ] {
        assert!(said.iter().any(|it| it == line), "{said:#?}");
    }
    let sound = toml.replace("article = 26", "article = 40").replace("\"vn\"", "\"VN\"");
    let said: Vec<_> = parse(&sound).expect_err("wrong").iter().map(ToString::to_string).collect();
    for line in [
        "unknown field `chanel` at line 3: did you mean `channel`?",
        "field `urgency` at line 4 must be one of normal, urgent, emergency, not \"soon\"",
        "field `sent_at` at line 5 must be 2026-11-22 or 2026-11-22T03:17:00Z, not \"yesterday\"",
        "field `intends_mla` at line 6 must be true or false, not a text",
        "field `previous` at line 8 must be 64 hex digits, not \"0A\"",
        "field `offence.uncc_article` at line 14 must be one of 7 to 17, 19, not \"18\"",
        "unknown field `items[1].selecter` at line 21: did you mean `selector`?",
        "required field `items[0].time_range.to` is missing",
        "field `items[1].id` has the value of another one",
    ] {
        assert!(said.iter().any(|it| it == line), "{line}\n{said:#?}");
    }
}

#[test]
fn an_item_that_was_left_as_the_template_has_it_is_none() {
    let toml =
        changed(&[("[[items]]\n", "[[items]]\nid = \"i0\"\nselector = \"\"\ndata_category = \"\"\n[[items]]\n")]);
    let items: Vec<_> = parse(&toml).expect("a request").items.into_iter().map(|item| String::from(item.id)).collect();
    assert_eq!(items, ["i1"]);
}

#[test]
fn times_of_other_zones_are_kept_in_utc() {
    let toml = changed(&[("2026-11-10T10:00:00Z", "2026-11-10T10:00:00+07:00")]);
    let sent = parse(&toml).expect("a request").sent_at.map(|at| at.to_string());
    assert_eq!(sent.as_deref(), Some("2026-11-10T03:00:00Z"));
}

#[test]
fn what_is_no_request_is_named_with_its_path() {
    let desk = bench();
    write(&desk, "no.toml", "article = 42\n");
    write(&desk, "no.json", "{}");
    fs::write(desk.path("no.bin"), b"\xff").expect("a file");
    for (file, code, says) in [
        ("no.toml", 3, "required field `id` is missing"),
        ("no.json", 3, "no.json is not a request"),
        ("no.bin", 3, "no.bin is neither"),
        ("absent", 2, "cannot read absent"),
    ] {
        desk.assert_refused(&desk.run(&["request", "check", file]), code, &[says]);
    }
}

proptest::proptest! {
    #[test]
    fn no_text_makes_the_reader_fall_over(lines in proptest::collection::vec("(\\[|\\[\\[|items|from|to|article|id|time_range|purposes|42|=|\\.|\"|'|\\{|\\}|\\]|[0-9a-f_+-]|#|é|\n| |,){0,12}", 0..8)) {
        let _ = parse(&lines.join("\n"));
    }
}
