//! Limits of SPEC.md section 16 that no small file reaches: at the limit all is well, one past it is refused.

use scelle::format::digest::KeyId;
use scelle::format::dsse::Envelope;
use scelle::format::entry::{Gap, Hole, Xattr};
use scelle::verify::{Cause, Rule, Verdict, rules};
use serde_json::{Value, json};

use super::{Item, failed_rules, said, verify_zip};
use crate::forge::Forge;
use crate::reference::{self, zip_bytes};
use crate::sealed::{Shape, pattern};

const MIB: usize = 1 << 20;

fn default_limits() -> Shape {
    Shape { limits: (1 << 18, 1 << 22, 1 << 28, 65_536), ..Shape::small() }
}

fn tiny() -> Forge {
    Forge::of(&[Item::file(b"a", pattern(10))], &default_limits())
}

#[track_caller]
fn assert_found_by(zip: &[u8], expected: Option<&'static Rule>) {
    let verification = verify_zip(zip);
    let failed = failed_rules(&verification);
    match expected {
        None => assert_eq!(verification.verdict, Verdict::Verified, "{}", said(&verification)),
        Some(rule) => assert!(failed.contains(&rule.id), "{failed:?}"),
    }
}

fn set_case(forge: &mut Forge, change: impl FnOnce(&mut Value)) {
    let mut case: Value = serde_json::from_slice(forge.member("case.json")).expect("json");
    change(&mut case);
    *forge.member("case.json") = reference::json_bytes(&case);
}

/// LIM-1.
#[test]
fn a_statement_of_more_than_a_mebibyte_is_refused() {
    for (more, rule) in [(0, None), (1, Some(&rules::STATEMENT_FORM))] {
        let mut forge = tiny();
        forge.predicate()["extensions"] = json!({"x": ""});
        let len = forge.members_sealed().iter().find(|(name, _)| name == "statement.json").expect("it").1.len();
        forge.predicate()["extensions"]["x"] = "x".repeat(MIB - len + more).into();
        assert_found_by(&forge.zip(), rule);
    }
}

/// LIM-2.
#[test]
fn a_timestamp_of_more_than_two_mebibytes_refutes() {
    for (more, is_refused) in [(0, false), (1, true)] {
        let mut members = tiny().members_sealed();
        members.push(("timestamps/a.tsr".into(), vec![0; 2 * MIB + more]));
        let failed = failed_rules(&verify_zip(&zip_bytes(&members)));
        assert_eq!(failed.contains(&rules::MEMBER_NAME.id), is_refused, "{failed:?}");
    }
}

/// LIM-2: a stranger's, whose signature may be of any length.
#[test]
fn an_envelope_of_more_than_two_mebibytes_refutes() {
    for (more, expected) in [(0, Verdict::Verified), (4, Verdict::Refuted)] {
        let mut members = tiny().members_sealed();
        let statement = members.iter().find(|(name, _)| name == "statement.json").expect("it").1.clone();
        let by = |signature| Envelope { statement: statement.clone(), key_id: KeyId([0xab; 32]), signature }.to_bytes();
        let bytes = by(vec![0; (2 * MIB + more - by(Vec::new()).len()) / 4 * 3]);
        assert_eq!(bytes.len(), 2 * MIB + more);
        members.push((format!("seal/{}.dsse.json", "ab".repeat(8)), bytes));
        assert_eq!(verify_zip(&zip_bytes(&members)).verdict, expected);
    }
}

/// LIM-3.
#[test]
fn a_case_of_more_than_a_mebibyte_is_not_the_signed_one() {
    for (more, rule) in [(0, None), (1, Some(&rules::CASE_DIGEST))] {
        let mut forge = tiny();
        let texts = |last: usize| [vec!["x".repeat(16_384); 63], vec!["x".repeat(last)]].concat();
        set_case(&mut forge, |case| case["scope"]["exclude"] = texts(1).into());
        let room = MIB + more - forge.member("case.json").len();
        set_case(&mut forge, |case| case["scope"]["exclude"] = texts(1 + room).into());
        assert_eq!(forge.member("case.json").len(), MIB + more);
        assert_found_by(&forge.zip(), rule);
    }
}

/// LIM-5.
#[test]
fn a_segment_of_number_1_000_000_is_no_member() {
    let mut members = tiny().members_sealed();
    members.push(("payload/01000000.tar.zst".into(), Vec::new()));
    assert_found_by(&zip_bytes(&members), Some(&rules::MEMBER_NAME));
}

/// LIM-4, LIM-5: number 999,999 is one, but no more segments count than there are members.
#[test]
fn a_last_segment_far_away_makes_no_room_in_the_list() {
    for (more, rule) in [(0, &rules::LIST_FORM), (1, &rules::LIST_DIGEST)] {
        let forge = tiny();
        let mut members = forge.members_sealed();
        members.truncate(members.len() - 2);
        let list = members.iter_mut().find(|(name, _)| name == "SEALED.sha256").expect("it");
        // With statement, envelope and that segment there are 12 members.
        list.1.resize(305 + 270 * 12 + more, b'\n');
        let mut members = forge.with_list(members);
        members.push(("payload/00999999.tar.zst".into(), Vec::new()));
        assert_eq!(members.len(), 12);
        let failed = failed_rules(&verify_zip(&zip_bytes(&members)));
        assert!(failed.contains(&rule.id) && !failed.contains(&rules::MEMBER_NAME.id), "{failed:?}");
    }
}

/// LIM-6.
#[test]
fn more_than_100_000_grown_members_refute() {
    // The test key's envelope is one of them.
    for (count, is_refused) in [(99_999, false), (100_000, true)] {
        let mut members = tiny().members_sealed();
        members.extend((0..count).map(|i| (format!("timestamps/{i}.tsr"), Vec::new())));
        let failed = failed_rules(&verify_zip(&zip_bytes(&members)));
        assert_eq!(failed.contains(&rules::MEMBER_NAME.id), is_refused);
        // LIM-27: no more than 10,000 of them are judged; the rest fail too, by another check.
        assert!(failed.contains(&rules::TIME_FORM.id) && failed.contains(&rules::TIME_NAME.id));
    }
}

/// LIM-10.
#[test]
fn a_link_target_of_more_than_a_mebibyte_is_no_line() {
    for (more, rule) in [(0, None), (1, Some(&rules::LINE_FORM))] {
        let items = [Item::dir(b"s"), Item::symlink(b"s/l", &vec![b'x'; MIB + more])];
        assert_found_by(&Forge::of(&items, &default_limits()).zip(), rule);
    }
}

/// LIM-11, LIM-12.
#[test]
fn more_than_65_536_extended_attributes_are_no_line() {
    for (count, rule) in [(65_536, None), (65_537, Some(&rules::LINE_FORM))] {
        let mut item = Item::file(b"a", pattern(10));
        let one = |i: usize| Xattr { name: format!("user.{i:05}").into_bytes(), value: Ok(Vec::new()) };
        item.entry.xattrs = (0..count).map(one).collect();
        assert_found_by(&Forge::of(&[item], &default_limits()).zip(), rule);
    }
}

/// LIM-13.
#[test]
fn more_than_262_144_holes_are_no_line() {
    for (count, rule) in [(262_144, None), (262_145, Some(&rules::LINE_FORM))] {
        let mut item = Item::file(b"a", vec![0; 1 << 20]);
        item.entry.holes = (0..count).map(|i| Hole(2 * i, 1)).collect();
        assert_found_by(&Forge::of(&[item], &default_limits()).zip(), rule);
    }
}

/// LIM-13, MAN-7.
#[test]
fn more_than_262_144_gaps_are_no_line() {
    for (count, rule) in [(262_144, None), (262_145, Some(&rules::LINE_FORM))] {
        let mut item = Item::file(b"a", vec![0; 1 << 20]);
        let gap = |i: u64| Gap { at: None, attempts: 1, cause: "EIO".into(), len: 1, offset: 2 * i };
        item.entry.gaps = (0..count - 1).map(gap).collect();
        let last = gap(count - 1);
        item.entry.gaps.push(Gap { cause: Gap::LIMIT.into(), len: (1 << 20) - last.offset, ..last });
        assert_found_by(&Forge::of(&[item], &default_limits()).zip(), rule);
    }
}

/// LIM-16.
#[test]
fn a_frame_that_is_stored_longer_than_any_compressor_would_is_not_decoded() {
    let limit = (1024 + 4 * MIB) * 9 / 8 + 64 * 1024;
    for (stored_len_max, is_decoded) in [(limit, true), (limit + 3, false)] {
        let mut forge = Forge::of(&[Item::file(b"a", pattern(10))], &Shape::small());
        let plain = forge.tar(0);
        let mut stored = reference::zstd_frames(&plain, 3);
        // Between header and first block stand as many blocks of no bytes as there is room for.
        let header_len = if stored[0][4] >> 6 == 0 { 6 } else { 7 };
        let count = (stored_len_max - stored[0].len()) / 3;
        stored[0].splice(header_len..header_len, vec![0; 3 * count]);
        forge.set_payload(0, &stored, &plain);
        let verification = verify_zip(&forge.zip());
        let undecodable = verification.damage.ranges.iter().any(|range| range.cause == Cause::Undecodable);
        assert_eq!(undecodable, !is_decoded, "{}", said(&verification));
    }
}

/// LIM-18: the names of so many sources pass LIM-3 first.
#[test]
fn a_case_of_more_than_65_536_sources_is_refused() {
    let mut forge = tiny();
    set_case(&mut forge, |case| {
        case["scope"]["sources"] = (0..65_537).map(|i| json!({"name": i.to_string(), "path": "/"})).collect();
    });
    assert_found_by(&forge.zip(), Some(&rules::CASE_DIGEST));
}

/// LIM-19, CASE-1.
#[test]
fn partitions_and_texts_are_counted() {
    let partition = |number: usize| json!({"lengthBytes": 1, "number": number, "startBytes": 1, "type": "83"});
    let partitions = |count| {
        let table = json!({"kind": "mbr", "partitions": (1..=count).map(partition).collect::<Vec<_>>()});
        json!({"partitionTable": table})
    };
    for (more, rule) in [(0, None), (1, Some(&rules::CASE_FORM))] {
        let mut forge = tiny();
        set_case(&mut forge, |case| case["scope"]["sources"][0]["device"] = partitions(128 + more));
        assert_found_by(&forge.zip(), rule);
        let mut forge = tiny();
        set_case(&mut forge, |case| case["notes"] = "n".repeat(16_384 + more).into());
        assert_found_by(&forge.zip(), rule);
    }
}

/// STM-1.
#[test]
fn more_than_64_required_keys_are_no_statement() {
    for (more, rule) in [(0, &rules::STATEMENT_SIGNERS), (1, &rules::STATEMENT_FORM)] {
        let mut forge = tiny();
        let keys = forge.predicate()["requiredSigners"]["keys"].as_array_mut().expect("keys");
        let first = keys[0].clone();
        for i in 0..63 + more {
            let mut key = first.clone();
            key["keyid"] = format!("{i:064x}").into();
            keys.insert(i, key);
        }
        assert_eq!(failed_rules(&verify_zip(&forge.zip())), [rule.id]);
    }
}

/// LIM-20.
#[test]
fn a_fixed_member_of_more_than_a_mebibyte_is_damaged() {
    for name in ["mimetype", "nonce", "VERIFY.txt"] {
        for (len, is_damaged) in [(MIB, false), (MIB + 1, true)] {
            let mut forge = tiny();
            *forge.member(name) = vec![b'x'; len];
            let verification = verify_zip(&forge.zip());
            assert_eq!(failed_rules(&verification).contains(&rules::MEMBER_DIGEST.id), is_damaged, "{name}");
            assert_eq!(verification.damage.ranges.len(), usize::from(is_damaged), "{name}");
        }
    }
}
