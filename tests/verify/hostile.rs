//! Bundles whose own signer lies: everything outside of one false fact is hashed and signed anew. Each lie is refuted by
//! the check that is made for it.

use scelle::verify::{Outcome, Rule, Verdict, rules};
use serde_json::{Value, json};

use super::{Item, checks, failed_rules, said, verify_zip};
use crate::forge::Forge;
use crate::reference;
use crate::sealed::{Shape, one_of_everything, pattern};

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

fn path_is(line: &Value, path: &str) -> bool {
    line["path"] == path
}

#[test]
fn a_wrong_digest_in_a_line() {
    let mut forge = forge();
    forge.change_lines(|line| {
        if path_is(line, "s/b") {
            line["sha256"] = reference::hex(&reference::sha256(b"x")).into();
        }
    });
    assert_refuted_by(&forge, &rules::CONTENT_DIGEST, &[&rules::SUMS]);
}

#[test]
fn a_wrong_digest_of_a_long_file() {
    let mut forge = forge();
    forge.change_lines(|line| {
        if path_is(line, "s/c") {
            line["sha256"] = reference::hex(&reference::sha256(b"x")).into();
        }
    });
    assert_refuted_by(&forge, &rules::CHUNK_INTERVAL, &[&rules::SUMS]);
}

#[test]
fn a_wrong_chunk_digest() {
    let mut forge = forge();
    forge.change_index(2, |part| part.files[0].digests[3][0] ^= 1);
    assert_refuted_by(&forge, &rules::CHUNK_DIGEST, &[&rules::CHUNKS_ROOT]);
}

#[test]
fn a_wrong_chunk_digest_with_its_root_made_good() {
    let mut forge = forge();
    let mut leaves = Vec::new();
    forge.change_index(2, |part| part.files[0].digests[3][0] ^= 1);
    for segment in 0..forge.segment_count() {
        for file in forge.index(segment).files.iter().filter(|file| file.entry == 3) {
            for (digest, i) in file.digests.iter().zip(file.first_chunk..) {
                let blind = reference::hmac_sha256(&file.blind, &i.to_le_bytes());
                leaves.push([&blind[..16], digest].concat());
            }
        }
    }
    let root = reference::hex(&reference::tree_head(&leaves));
    forge.change_lines(|line| {
        if path_is(line, "s/c") {
            line["chunks_root"] = root.clone().into();
        }
    });
    assert_refuted_by(&forge, &rules::CHUNK_DIGEST, &[]);
}

#[test]
fn a_wrong_chunks_root() {
    let mut forge = forge();
    for path in ["s/a", "s/c"] {
        forge.change_lines(|line| {
            if path_is(line, path) {
                line["chunks_root"] = "00".repeat(32).into();
            }
        });
        assert_refuted_by(&forge, &rules::CHUNKS_ROOT, &[]);
    }
}

#[test]
fn a_wrong_chain_value_within_a_segment_and_between_two() {
    for (segment, file, chunk) in [(0, 0, 1), (1, 0, 2), (2, 0, 0), (3, 0, 0)] {
        let mut forge = forge();
        forge.change_index(segment, |part| part.files[file].chain[chunk][0] ^= 1);
        assert_refuted_by(&forge, &rules::CHUNK_INTERVAL, &[]);
    }
}

#[test]
fn a_digest_of_other_content_with_a_chain_that_leads_to_it() {
    // From segment 2 on the chain is that of a file that begins otherwise, and leads to the digest of that file.
    let mut other = pattern(10_000);
    other[..1000].fill(0);
    let chain = reference::chain_values(&other, 512);
    let mut forge = forge();
    for segment in [2, 3] {
        forge.change_index(segment, |part| {
            let file = &mut part.files[0];
            let first = file.first_chunk as usize;
            file.chain = chain[first..first + file.chain.len()].to_vec();
        });
    }
    let digest = reference::hex(&reference::sha256(&other));
    let sums = String::from_utf8(forge.sums()).expect("text");
    let truth = reference::hex(&reference::sha256(&pattern(10_000)));
    forge.set_sums(sums.replace(&truth, &digest).as_bytes());
    forge.change_lines(|line| {
        if path_is(line, "s/c") {
            line["sha256"] = digest.clone().into();
        }
    });
    assert_refuted_by(&forge, &rules::CHUNK_INTERVAL, &[]);
    assert_eq!(checks(&verify_zip(&forge.zip()), &rules::CHUNK_INTERVAL).len(), 1);
}

#[test]
fn a_wrong_first_chain_value() {
    for (segment, file) in [(0, 0), (1, 0)] {
        let mut forge = forge();
        forge.change_index(segment, |part| part.files[file].chain[0][0] ^= 1);
        let verification = verify_zip(&forge.zip());
        let notes: Vec<_> = checks(&verification, &rules::CHUNK_INTERVAL).iter().map(|c| c.note.clone()).collect();
        assert!(notes.iter().flatten().any(|note| note.contains("CHN-2")), "{notes:?}");
        assert_refuted_by(&forge, &rules::CHUNK_INTERVAL, &[]);
    }
}

#[test]
fn another_blind_in_another_segment() {
    let mut forge = forge();
    forge.change_index(2, |part| part.files[0].blind[0] ^= 1);
    assert_refuted_by(&forge, &rules::INDEX_FILES, &[]);
}

#[test]
fn chunk_tables_missing_added_shortened_or_displaced() {
    let changes: [&dyn Fn(&mut scelle::format::index::IndexPart); 7] = [
        &|part| part.files.clear(),
        &|part| part.files.push(part.files[0].clone()),
        &|part| part.files[0].digests.truncate(1),
        &|part| part.files[0].chain.truncate(1),
        &|part| part.files[0].first_chunk += 1,
        &|part| part.files[0].first_chunk = u64::MAX,
        &|part| part.files[0].entry += 1,
    ];
    for segment in [0, 1, 2, 3] {
        for (i, change) in changes.iter().enumerate() {
            let mut forge = forge();
            forge.change_index(segment, |part| change(part));
            let others = [&rules::CHUNKS_ROOT, &rules::CHUNK_INTERVAL];
            assert_refuted_by(&forge, &rules::INDEX_FILES, &others);
            let verification = verify_zip(&forge.zip());
            let outcome = verification.ledger.tally(&rules::CONTENT_DIGEST).expect("digests").outcome();
            assert_ne!(outcome, Outcome::Failed, "segment {segment}, change {i}");
        }
    }
}

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
    forge.change_lines(|line| {
        if path_is(line, "s/d") {
            line["n"] = 5.into();
        }
    });
    assert_refuted_by(&forge, &rules::LINE_NUMBER, &[&rules::INDEX_PLACE]);
    let mut forge = self::forge();
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
    let mut forge = self::forge();
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
                if path_is(&value, "s/b") {
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
    let mut forge = self::forge();
    let (first, second) = text.as_bytes().split_at(100);
    *forge.member("manifest/00000000.jsonl.zst") =
        reference::zstd_frames(&[first.to_vec(), second.to_vec()], 3).concat();
    assert_refuted_by(&forge, &rules::MANIFEST_FRAMES, &[]);
    let mut forge = self::forge();
    forge.member("manifest/00000000.jsonl.zst").clear();
    assert_refuted_by(&forge, &rules::MANIFEST_FRAMES, &[]);
    let mut forge = self::forge();
    forge.member("manifest/00000000.jsonl.zst").extend_from_slice(b"junk");
    assert_refuted_by(&forge, &rules::MANIFEST_FRAMES, &[]);
}

#[test]
fn wrong_sums() {
    let sums = forge().sums();
    let line = reference::hex(&[0; 32]) + "  s/z\n";
    for text in [
        [&sums, line.as_bytes()].concat(),
        sums[..sums.len() - 1].to_vec(),
        sums[70..].to_vec(),
        Vec::new(),
        sums.iter().map(|&b| if b == b'a' { b'b' } else { b }).collect(),
    ] {
        let mut forge = forge();
        forge.set_sums(&text);
        assert_refuted_by(&forge, &rules::SUMS, &[]);
    }
    let mut forge = forge();
    *forge.member("SHA256SUMS.zst") = reference::zstd_frames(&[sums, Vec::new()], 3).concat();
    assert_refuted_by(&forge, &rules::SUMS, &[]);
}

#[test]
fn wrong_bytes_in_the_tar() {
    let mut forge = forge();
    forge.change_tar(b"bbbbb", |at| at[5] = 1);
    assert_refuted_by(&forge, &rules::TAR_PADDING, &[]);
    let mut forge = self::forge();
    forge.change_tar(b"bbbbb", |at| at[0] = 1);
    assert_refuted_by(&forge, &rules::CONTENT_DIGEST, &[]);
    let mut forge = self::forge();
    forge.change_tar(b"s/b\0", |at| at[2] = b'x');
    assert_refuted_by(&forge, &rules::TAR_HEADERS, &[]);
    let last = forge.segment_count() - 1;
    let mut forge = self::forge();
    let mut tar = forge.tar(last);
    *tar.last_mut().expect("a frame").last_mut().expect("a byte") = 1;
    forge.set_tar(last, &tar);
    assert_refuted_by(&forge, &rules::TAR_END, &[]);
}

#[test]
fn a_hole_or_gap_that_is_not_zero() {
    for key in ["holes", "gaps"] {
        let mut forge = forge();
        forge.change_lines(|line| {
            if path_is(line, "s/b") {
                line[key] = match key {
                    "holes" => json!([[1, 2]]),
                    _ => json!([{"attempts": 1, "cause": "EIO", "len": 2, "offset": 1}]),
                };
            }
        });
        assert_refuted_by(&forge, &rules::TAR_ZEROS, &[&rules::COUNTS]);
    }
}

#[test]
fn a_tar_that_is_too_long_or_too_short() {
    let last = forge().segment_count() - 1;
    for segment in [0, 2, last] {
        for longer in [true, false] {
            let mut forge = forge();
            let mut tar = forge.tar(segment);
            if longer {
                tar.push(vec![0; 512]);
            } else {
                tar.pop();
            }
            forge.set_tar(segment, &tar);
            let verification = verify_zip(&forge.zip());
            let failed = failed_rules(&verification);
            assert_eq!(verification.verdict, Verdict::Refuted);
            // Within the tar the next entry seems to begin early or go on late; at its end there is nothing to begin.
            let rule = match (segment == last, longer) {
                (true, true) => &rules::TAR_EXTENT,
                (true, false) => &rules::TAR_END,
                (false, _) => &rules::INDEX_PLACE,
            };
            assert!(failed.contains(&rules::CUTS.id) && failed.contains(&rule.id), "{segment}, {longer}: {failed:?}");
        }
    }
}

#[test]
fn frames_cut_elsewhere() {
    let mut forge = forge();
    let tar = forge.tar(0);
    assert!(tar.len() > 1);
    forge.set_tar(0, &[tar.concat()]);
    assert_refuted_by(&forge, &rules::CUTS, &[]);
    let mut forge = self::forge();
    let (head, rest) = tar[1].split_at(512);
    let frames = [&[tar[0].clone(), head.to_vec(), rest.to_vec()], &tar[2..]].concat();
    forge.set_tar(0, &frames);
    assert_refuted_by(&forge, &rules::CUTS, &[]);
    let mut forge = self::forge();
    forge.set_tar(0, &[&[Vec::new()], &tar[..]].concat());
    assert_refuted_by(&forge, &rules::INDEX_FRAMES, &[]);
    // As many frames as there must be, and as many bytes, but not the same in each.
    let mut forge = self::forge();
    let (second, moved) = tar[1].split_at(tar[1].len() - 512);
    forge.set_tar(0, &[&[tar[0].clone(), second.to_vec(), [moved, &tar[2]].concat()], &tar[3..]].concat());
    assert_refuted_by(&forge, &rules::CUTS, &[]);
}

#[test]
fn segments_cut_elsewhere() {
    // Sealed by other limits than the statement says.
    for (key, value) in [
        ("entriesPerSegment", 6),
        ("entriesPerSegment", 4),
        ("segmentBytes", 8192),
        ("segmentBytes", 2048),
        ("frameBytes", 2048),
    ] {
        let mut forge = Forge::of(&one_of_everything(), &Shape::small());
        forge.predicate()["parameters"][key] = value.into();
        let verification = verify_zip(&forge.zip());
        assert_eq!(verification.verdict, Verdict::Refuted, "{key}");
        assert!(failed_rules(&verification).contains(&rules::CUTS.id), "{key}: {:?}", failed_rules(&verification));
    }
}

#[test]
fn wrong_places_in_the_index() {
    let changes: [&dyn Fn(&mut scelle::format::index::IndexPart); 6] = [
        &|part| part.segment += 1,
        &|part| part.tar_offset += 512,
        &|part| part.first_entry += 1,
        &|part| part.first_entry_skip += 512,
        &|part| part.first_entry_skip += 1 << 40,
        &|part| part.first_entry_skip = u64::MAX,
    ];
    for segment in 0..forge().segment_count() {
        for (i, change) in changes.iter().enumerate() {
            let mut forge = forge();
            forge.change_index(segment, |part| change(part));
            let verification = verify_zip(&forge.zip());
            assert_eq!(verification.verdict, Verdict::Refuted);
            let failed = failed_rules(&verification);
            assert!(failed.contains(&rules::INDEX_PLACE.id), "segment {segment}, change {i}: {failed:?}");
        }
    }
}

#[test]
fn a_wrong_frame_table() {
    let mut forge = forge();
    forge.change_index(0, |part| part.frames[0].sha256[0] ^= 1);
    assert_refuted_by(&forge, &rules::FRAME_DIGEST, &[]);
    let mut forge = self::forge();
    forge.change_index(0, |part| part.frames[0].plain_len += 512);
    assert_refuted_by(&forge, &rules::FRAME_CONTENT, &[&rules::CUTS, &rules::INDEX_PLACE]);
    for change in [1, u32::MAX / 2] {
        let mut forge = self::forge();
        forge.change_index(0, |part| part.frames[0].stored_len += change);
        let verification = verify_zip(&forge.zip());
        assert_eq!(verification.verdict, Verdict::Refuted);
        assert!(failed_rules(&verification).contains(&rules::INDEX_FRAMES.id));
    }
}

#[test]
fn a_wrong_payload_chain() {
    type Change<'a> = (&'a dyn Fn(&mut Vec<[u8; 32]>), &'static Rule);
    let changes: [Change<'_>; 4] = [
        (&|chain| chain[0][0] ^= 1, &rules::PAYLOAD_INTERVAL),
        (&|chain| chain.last_mut().expect("a value")[0] ^= 1, &rules::PAYLOAD_INTERVAL),
        (&|chain| chain.push([0; 32]), &rules::INDEX_FRAMES),
        (&|chain| chain.clear(), &rules::INDEX_FRAMES),
    ];
    for (change, rule) in changes {
        let mut forge = forge();
        forge.change_index(0, |part| change(&mut part.payload_chain));
        assert_refuted_by(&forge, rule, &[&rules::PAYLOAD_INTERVAL]);
    }
}

#[test]
fn frames_that_do_not_decode() {
    let plain = forge().tar(0);
    let good = reference::zstd_frames(&plain, 3);
    let mut checksum = good.clone();
    *checksum[0].last_mut().expect("a byte") ^= 1;
    let mut doubled = good.clone();
    doubled[0].extend(good[1].clone());
    let mut junk = good.clone();
    junk[0] = b"junk".to_vec();
    for stored in [checksum, doubled, junk] {
        let mut forge = forge();
        forge.set_payload(0, &stored, &plain);
        assert_refuted_by(&forge, &rules::FRAME_CONTENT, &[]);
    }
}

#[test]
fn hard_links_that_do_not_repeat_their_target() {
    for (key, value) in [
        ("size", json!(699)),
        ("sha256", json!("22".repeat(32))),
        ("holes", json!([[0, 1]])),
        ("hard_link", json!("s/a")),
    ] {
        let mut forge = forge();
        forge.change_lines(|line| {
            if path_is(line, "s/l") {
                line[key] = value.clone();
            }
        });
        let others = [&rules::SUMS, &rules::TAR_HEADERS];
        assert_refuted_by(&forge, &rules::LINK_TARGET, &others);
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

#[test]
fn an_index_part_that_is_not_its_own_encoding() {
    let mut forge = forge();
    forge.member("index/00000000.bin").push(0);
    assert_refuted_by(&forge, &rules::INDEX_FORM, &[]);
    let mut forge = self::forge();
    forge.member("index/00000000.bin")[7] = b'2';
    assert_refuted_by(&forge, &rules::INDEX_FORM, &[]);
}
