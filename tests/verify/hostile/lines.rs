//! Manifest lines: their order, numbers, count and form.

use scelle::verify::{Verdict, rules};
use serde_json::{Value, json};

use super::{assert_refuted_by, change_line, forge};
use crate::forge::Forge;
use crate::reference;
use crate::sealed::{Shape, pattern};
use crate::{Item, failed_rules, verify_zip};

#[test]
fn a_wrong_order() {
    // As a lying sealer would write it: sound in everything but the order of two siblings.
    for (first, second) in [("s/b", "s/a"), ("s/b", "s/b"), ("s/b/x", "s/c"), ("t", "s"), ("s", "s")] {
        let items =
            [Item::dir(b"s"), Item::file(first.as_bytes(), pattern(3)), Item::file(second.as_bytes(), pattern(4))];
        let forge = Forge::of(&items, &Shape::small());
        assert_refuted_by(&forge, &rules::LINE_ORDER, &[]);
    }
    // The same over the border of two segments.
    let shape = Shape { limits: (512, 512, 512, 1), ..Shape::small() };
    let items = [Item::dir(b"s"), Item::file(b"s/b", pattern(3)), Item::file(b"s/a", pattern(4))];
    assert_refuted_by(&Forge::of(&items, &shape), &rules::LINE_ORDER, &[]);
    // An entry that nothing leads to.
    let items = [Item::file(b"s/a", pattern(3))];
    assert_refuted_by(&Forge::of(&items, &shape), &rules::LINE_ORDER, &[&rules::CASE_FORM]);
}

#[test]
fn two_sources_of_the_same_name_apart() {
    let items = [Item::dir(b"s"), Item::dir(b"t"), Item::file(b"s", pattern(4))];
    assert_refuted_by(&Forge::of(&items, &Shape::small()), &rules::LINE_ORDER, &[]);
}

#[test]
fn wrong_numbers() {
    let mut forge = forge();
    change_line(&mut forge, "s/d", |line| line["n"] = 5.into());
    assert_refuted_by(&forge, &rules::LINE_NUMBER, &[&rules::INDEX_PLACE]);
    let mut forge = super::forge();
    forge.change_lines(|line| line["n"] = (line["n"].as_u64().expect("n") + 1).into());
    let others = [&rules::INDEX_PLACE, &rules::LINE_NUMBER, &rules::INDEX_FILES, &rules::CONTENT_DIGEST];
    assert_refuted_by(&forge, &rules::LINE_NUMBER, &others);
}

#[test]
fn a_line_that_is_missing_or_one_too_many() {
    let mut forge = forge();
    let mut lines = forge.lines(0);
    let dropped = lines.pop().expect("a line");
    forge.set_lines(0, &lines);
    let others =
        [&rules::COUNTS, &rules::INDEX_PLACE, &rules::TAR_EXTENT, &rules::SUMS, &rules::CUTS, &rules::TAR_HEADERS];
    assert_refuted_by(&forge, &rules::LINE_NUMBER, &others);
    lines.extend([dropped.clone(), dropped]);
    forge.set_lines(0, &lines);
    let others = [&others[..], &[&rules::LINE_ORDER, &rules::CONTENT_DIGEST]].concat();
    assert_refuted_by(&forge, &rules::LINE_NUMBER, &others);
}

#[test]
fn a_line_count_that_is_not_that_of_the_lines() {
    let mut forge = forge();
    forge.change_index(0, |part| part.lines += 1);
    assert_refuted_by(&forge, &rules::LINE_COUNT, &[]);
    // Said to be none, so that a damaged part would be taken for empty.
    let mut forge = super::forge();
    forge.change_index(0, |part| part.lines = 0);
    assert_refuted_by(&forge, &rules::LINE_COUNT, &[]);
}

#[test]
fn lines_that_are_malformed_or_do_not_fit_the_parameters() {
    let changes: [&dyn Fn(&mut Value); 8] = [
        &|line| line["mode"] = "999".into(),
        &|line| line["extra"] = 1.into(),
        &|line| drop(line.as_object_mut().expect("a line").remove("salt")),
        &|line| drop(line.as_object_mut().expect("a line").remove("sha256")),
        &|line| drop(line.as_object_mut().expect("a line").remove("size")),
        &|line| line["chunks_root"] = "00".repeat(32).into(),
        &|line| line["gaps"] = json!([{"attempts": 1i64 << 60, "cause": "EIO", "len": 1, "offset": 0}]),
        &|line| line["path"] = "s/../b".into(),
    ];
    for (i, change) in changes.iter().enumerate() {
        let mut forge = forge();
        // Written by serde, which knows no limit for integers.
        for segment in 0..forge.segment_count() {
            let lines = forge.lines(segment).into_iter().map(|line| {
                let mut value: Value = serde_json::from_str(&line).expect("a line");
                if value["path"] == "s/b" {
                    change(&mut value);
                }
                value.to_string()
            });
            let lines: Vec<_> = lines.collect();
            forge.set_lines(segment, &lines);
        }
        let verification = verify_zip(&forge.zip());
        assert_eq!(verification.verdict, Verdict::Refuted, "change {i}");
        assert!(failed_rules(&verification).contains(&rules::LINE_FORM.id), "change {i}");
    }
}

#[test]
fn a_manifest_that_is_not_whole_lines_or_wrongly_cut() {
    let mut forge = forge();
    let text: String = forge.lines(0).iter().map(|line| format!("{line}\n")).collect();
    forge.set_manifest_text(0, text.trim_end().as_bytes());
    assert_refuted_by(&forge, &rules::MANIFEST_FRAMES, &[]);
    let mut forge = super::forge();
    let (first, second) = text.as_bytes().split_at(100);
    *forge.member("manifest/00000000.jsonl.zst") =
        reference::zstd_frames(&[first.to_vec(), second.to_vec()], 3).concat();
    assert_refuted_by(&forge, &rules::MANIFEST_FRAMES, &[]);
    let mut forge = super::forge();
    forge.member("manifest/00000000.jsonl.zst").clear();
    assert_refuted_by(&forge, &rules::MANIFEST_FRAMES, &[]);
    let mut forge = super::forge();
    forge.member("manifest/00000000.jsonl.zst").extend_from_slice(b"junk");
    assert_refuted_by(&forge, &rules::MANIFEST_FRAMES, &[]);
}
