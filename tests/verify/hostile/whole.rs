//! What is said of the whole: root, counts, sources, the list, and members of fixed content.

use scelle::verify::{Verdict, rules};
use serde_json::{Value, json};

use super::{assert_refuted_by, forge};
use crate::reference;
use crate::{failed_rules, verify_zip};

#[test]
fn a_wrong_root() {
    let mut forge = forge();
    forge.predicate()["root"] = "11".repeat(32).into();
    assert_refuted_by(&forge, &rules::ROOT, &[]);
}

#[test]
fn every_wrong_count() {
    for key in ["bytes", "changed", "entries", "files", "gapBytes", "gaps", "segments", "tarBytes", "unreadable"] {
        for more in [1, -1] {
            let mut forge = forge();
            let count = &mut forge.predicate()["counts"][key];
            let changed = count.as_i64().expect("a number") + more;
            if changed < 0 {
                continue;
            }
            *count = changed.into();
            assert_refuted_by(&forge, &rules::COUNTS, &[]);
        }
    }
}

#[test]
fn other_sources_than_the_entries() {
    let mut forge = forge();
    let mut case: Value = serde_json::from_slice(forge.member("case.json")).expect("json");
    case["scope"]["sources"][0]["name"] = "t".into();
    *forge.member("case.json") = reference::json_bytes(&case);
    assert_refuted_by(&forge, &rules::SOURCES, &[]);
    case["scope"] = json!({});
    *forge.member("case.json") = reference::json_bytes(&case);
    assert_refuted_by(&forge, &rules::CASE_FORM, &[]);
}

#[test]
fn other_fixed_members() {
    for (name, rule) in [("mimetype", &rules::MIMETYPE), ("nonce", &rules::NONCE), ("VERIFY.txt", &rules::VERIFY_TEXT)]
    {
        let mut forge = forge();
        forge.member(name).push(b'\n');
        assert_refuted_by(&forge, rule, &[]);
    }
}

#[test]
fn a_list_that_is_no_list_or_of_other_members() {
    let mut forge = forge();
    let mut members = forge.members_sealed();
    members.truncate(members.len() - 2);
    let list = members.iter().position(|(name, _)| name == "SEALED.sha256").expect("a list");
    let text = String::from_utf8(members[list].1.clone()).expect("text");
    let fewer: String =
        text.lines().filter(|line| !line.contains("/00000004")).map(|line| format!("{line}\n")).collect();
    for other in [text.replace("  ", " "), text.replace('\n', "\r"), fewer] {
        members[list].1 = other.into_bytes();
        let verification = verify_zip(&reference::zip_bytes(&forge.with_list(members.clone())));
        assert_eq!(verification.verdict, Verdict::Refuted);
        assert!(failed_rules(&verification).contains(&rules::LIST_FORM.id), "{:?}", failed_rules(&verification));
    }
    assert_eq!(forge.index(0).segment, 0);
}
