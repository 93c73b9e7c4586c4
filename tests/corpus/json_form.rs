//! JSON in its one form, in lines and in the case.

use serde_json::json;

use crate::case_form::spelled_case;
use crate::kit::lines::{before_z, passed_over, spelled, with_manifest_bytes};
use crate::kit::{Plan, Scenario, dir, file, scenario, special};
use crate::reference::Entry;

pub fn scenarios() -> Vec<Scenario> {
    [numbers(), objects(), strings(), byte_strings(), case(), nested()].into_iter().flatten().collect()
}

fn a() -> Entry {
    file("s/a", "abc")
}

/// A line that has a part in another spelling than its own.
fn line(name: &'static str, clauses: &'static str, what: &'static str, from: &str, to: &str) -> Scenario {
    passed_over(name, clauses, what, spelled(a(), from, to))
}

fn numbers() -> Vec<Scenario> {
    let gap = json!([{"attempts": 7, "cause": "EIO", "len": 3, "offset": 0}]);
    let unread = || file("s/a", vec![0; 3]).with("gaps", gap.clone());
    vec![
        line(
            "line_number_with_fraction",
            "JSON-1 JSON-3",
            "The size in a line is `3.0`.",
            r#""size":3"#,
            r#""size":3.0"#,
        ),
        line("line_number_minus_zero", "JSON-3", "The uid in a line is `-0`.", r#""uid":0"#, r#""uid":-0"#),
        passed_over(
            "line_number_of_2_to_the_53",
            "JSON-1",
            "A gap was tried 2^53 times.",
            spelled(unread(), r#""attempts":7"#, r#""attempts":9007199254740992"#),
        ),
        passed_over(
            "gap_at_no_instant",
            "MAN-4 TIME-2",
            "A gap was last tried on the 30th of February.",
            spelled(unread(), "{\"attempts\":7", "{\"at\":\"2026-02-30T00:00:00Z\",\"attempts\":7"),
        ),
        scenario("line_number_below_2_to_the_53", "JSON-1", "A gap was tried 2^53 - 1 times.").members(spelled(
            unread(),
            r#""attempts":7"#,
            r#""attempts":9007199254740991"#,
        )),
    ]
}

fn objects() -> Vec<Scenario> {
    vec![
        line(
            "line_keys_unordered",
            "JSON-3",
            "Two keys of a line have changed places.",
            r#""gid":0,"kind":"file""#,
            r#""kind":"file","gid":0"#,
        ),
        line(
            "line_key_twice",
            "JSON-3",
            "A line has a key twice, with the same value.",
            r#""gid":0"#,
            r#""gid":0,"gid":0"#,
        ),
        line("line_white_space", "JSON-3", "A line has a space behind a colon.", r#""gid":0"#, r#""gid": 0"#),
        line(
            "line_null",
            "MAN-1",
            "A time in a line is null instead of absent.",
            r#"{"gid""#,
            r#"{"atime":null,"gid""#,
        ),
        line(
            "line_byte_order_mark",
            "JSON-3",
            "A line begins with a byte order mark.",
            r#"{"gid""#,
            "\u{feff}{\"gid\"",
        ),
    ]
}

fn strings() -> Vec<Scenario> {
    let user = |text: &str| a().with("user", json!(text));
    let mut forge = before_z(user("caf#")).forge();
    let text: Vec<u8> = forge.lines(0).iter().flat_map(|line| format!("{line}\n").into_bytes()).collect();
    let text: Vec<u8> = text.into_iter().map(|byte| if byte == b'#' { 0xe9 } else { byte }).collect();
    with_manifest_bytes(&mut forge, &text);
    let mut names: Vec<Entry> =
        ["A\u{1}\u{1f}\u{7f}", "\"\\\t\u{8}", "e\u{301}", "\u{e9}", "\u{fdd0}\u{10ffff}\u{2028}\u{202e}"]
            .iter()
            .map(|name| file(&format!("s/{name}"), "1"))
            .collect();
    names.sort_by(|a, b| a.path.cmp(&b.path));
    vec![
        line("line_escape_not_needed", "JSON-3", "A slash in a line is written `\\u002f`.", "s/a", "s\\u002fa"),
        line("line_slash_escaped", "JSON-3", "A slash in a line is written `\\/`.", "s/a", "s\\/a"),
        passed_over("line_escape_spelled_out", "JSON-3", "A tab in a line is written `\\u0009` and not `\\t`.", spelled(user("\t"), "\\t", "\\u0009")),
        passed_over("line_escape_in_upper_case", "JSON-3", "An escape in a line has a digit in upper case.", spelled(user("\u{1f}"), "\\u001f", "\\u001F")),
        passed_over("line_lone_surrogate", "JSON-3", "A string in a line has half of a surrogate pair.", spelled(user("x"), r#""x""#, r#""\ud800""#)),
        passed_over("line_surrogate_pair_escaped", "JSON-3", "A character beyond U+FFFF is written as two escapes.", spelled(user("\u{1f600}"), "\u{1f600}", "\\ud83d\\ude00")),
        passed_over("line_not_utf8", "JSON-3 JSON-5", "A string in a line is not UTF-8.", forge.members_sealed()),
        scenario("names_of_odd_characters", "JSON-3 JSON-5 ORD-2", "Names of control characters, quotation marks, a composed and a decomposed letter, and what is no character: none is changed.")
            .members(Plan::below_s(names).members()),
    ]
}

fn byte_strings() -> Vec<Scenario> {
    let link = || special(b"s/a", "symlink").with("link_b64", json!("/w=="));
    let xattr = |name: &str| a().with("xattrs", json!([{name: "dXNlci54", "value_b64": "AP8="}]));
    vec![
        line(
            "path_b64_of_utf8",
            "JSON-5",
            "A path that is UTF-8 is written in base64.",
            r#""path":"s/a""#,
            r#""path_b64":"cy9h""#,
        ),
        line("path_missing", "JSON-5 MAN-1", "A line has neither `path` nor `path_b64`.", r#""path":"s/a","#, ""),
        passed_over(
            "base64_unpadded",
            "JSON-5",
            "The base64 of a link target lacks its padding.",
            spelled(link(), "/w==", "/w"),
        ),
        passed_over(
            "base64_with_trailing_bits",
            "JSON-5",
            "The base64 of a link target has bits that stand for nothing.",
            spelled(link(), "/w==", "/x=="),
        ),
        passed_over(
            "base64_of_the_other_alphabet",
            "JSON-5",
            "The base64 of a link target is that of addresses.",
            spelled(link(), "/w==", "_w=="),
        ),
        passed_over(
            "xattr_name_b64_of_utf8",
            "JSON-5 MAN-1",
            "The name of an extended attribute is UTF-8 and written in base64.",
            spelled(xattr("name"), "\"name\"", "\"name_b64\""),
        ),
        passed_over(
            "xattr_value_unpadded",
            "MAN-1",
            "The base64 of an extended attribute's value lacks its padding.",
            spelled(xattr("name"), "AP8=", "AP8"),
        ),
    ]
}

fn case() -> Vec<Scenario> {
    let one = |name, clauses, what, from: &str, to: &str| {
        scenario(name, clauses, what).members(spelled_case(from, to)).fails("V-4").cannot_tell("content")
    };
    vec![
        one(
            "case_final_newline",
            "JSON-4",
            "case.json ends in a newline.",
            r#""urn:scelle:case:1"}"#,
            "\"urn:scelle:case:1\"}\n",
        ),
        one(
            "case_key_twice",
            "JSON-3",
            "case.json has a key twice, with the same value.",
            r#""case":{"id":"C-1"}"#,
            r#""case":{"id":"C-1"},"case":{"id":"C-1"}"#,
        ),
        one(
            "case_key_unknown",
            "JSON-3 CASE-1",
            "case.json has a key that is not specified.",
            r#""exhibit""#,
            r#""court":"C","exhibit""#,
        ),
        one(
            "case_keys_unordered",
            "JSON-3",
            "Two keys of case.json have changed places.",
            r#""exclude":[],"oneFileSystem":false"#,
            r#""oneFileSystem":false,"exclude":[]"#,
        ),
        one("case_escape_not_needed", "JSON-3", "A letter in case.json is written as an escape.", "C-1", "\\u0043-1"),
        one(
            "case_number_of_2_to_the_53",
            "JSON-1 DEV-1",
            "A device has 2^53 bytes.",
            r#"[{"name":"a""#,
            r#"[{"device":{"sizeBytes":9007199254740992},"name":"a""#,
        ),
    ]
}

fn nested() -> Vec<Scenario> {
    let deep = |count: usize| {
        let mut forge = Plan::of(vec![dir("s")]).forge();
        forge.predicate()["extensions"] = json!({"x": (0..count).fold(json!(1), |inner, _| json!([inner]))});
        forge.members_sealed()
    };
    let bomb = spelled(a(), r#"{"gid""#, &format!(r#"{{"dev":{}{},"gid""#, "[".repeat(100_000), "]".repeat(100_000)));
    vec![
        scenario(
            "extensions_nested_32_deep",
            "LIM-17 STM-1",
            "The statement has 32 objects and arrays in one another, 29 of them in `extensions`.",
        )
        .members(deep(29)),
        scenario("extensions_with_a_null", "JSON-3 STM-1", "An extension is null.").members({
            let mut forge = Plan::of(vec![dir("s")]).forge();
            forge.predicate()["extensions"] = json!({"x": null, "y": [null, {"z": null}]});
            forge.members_sealed()
        }),
        scenario("extensions_nested_33_deep", "LIM-17 STM-1", "The same with one more.")
            .members(deep(30))
            .fails("V-2")
            .without_statement(),
        passed_over("line_nested_100000_deep", "LIM-17", "A line has 100,000 arrays in one another.", bomb),
    ]
}
