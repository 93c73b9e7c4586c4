//! What is damaged is named, and everything else is still proven.

use scelle::format::index::IndexPart;
use scelle::verify::{Cause, DamagedRange, Outcome, Verdict, Verification, rules};

use super::{Item, checks, failed_rules, said, verify_zip};
use crate::reference::{self, Sealed};
use crate::sealed::{Shape, pattern, reference_of};

/// `s/large` spans segments 1 to 3; entries before and after it stand alone.
fn items() -> Vec<Item> {
    vec![
        Item::dir(b"s"),
        Item::file(b"s/a", pattern(600)),
        Item::file(b"s/b", pattern(5)),
        Item::file(b"s/large", pattern(10_000)),
        Item::file(b"s/n", pattern(5)),
        Item::file(b"s/o", pattern(900)),
    ]
}

fn sealed() -> Sealed {
    reference_of(&items(), &Shape::small())
}

fn member<'a>(sealed: &'a mut Sealed, name: &str) -> &'a mut Vec<u8> {
    &mut sealed.members.iter_mut().find(|member| member.0 == name).expect(name).1
}

fn index(sealed: &mut Sealed, segment: usize) -> IndexPart {
    IndexPart::parse(member(sealed, &format!("index/{segment:08}.bin"))).expect("an index part")
}

fn verify_members(sealed: &Sealed) -> Verification {
    verify_zip(&reference::zip_bytes(&sealed.members))
}

/// Flips a byte in the middle of a frame.
fn damage_frame(sealed: &mut Sealed, segment: usize, frame: usize) {
    let table = index(sealed, segment).frames;
    let offset: u32 = table[..frame].iter().map(|frame| frame.stored_len).sum();
    let at = (offset + table[frame].stored_len / 2) as usize;
    member(sealed, &format!("payload/{segment:08}.tar.zst"))[at] ^= 1;
}

fn entry<'a>(verification: &'a Verification, path: &[u8]) -> &'a scelle::verify::DamagedEntry {
    verification.damage.entries.iter().find(|entry| entry.path.as_bytes() == path).expect("the entry")
}

#[test]
fn the_layout_is_the_one_that_these_tests_speak_of() {
    let mut sealed = sealed();
    let starts: Vec<_> = (0..5).map(|s| index(&mut sealed, s)).map(|i| (i.first_entry, i.first_entry_skip)).collect();
    assert_eq!(starts, [(0, 0), (3, 0), (3, 512 + 3072), (3, 512 + 3072 + 4096), (5, 0)]);
    assert_eq!(verify_members(&sealed).verdict, Verdict::Verified);
}

#[test]
fn a_damaged_frame_names_its_files_and_chunks_and_leaves_the_others_proven() {
    let mut sealed = sealed();
    damage_frame(&mut sealed, 2, 1);
    let verification = verify_members(&sealed);
    assert_eq!(verification.verdict, Verdict::Refuted);
    assert_eq!(failed_rules(&verification), ["V-5 member.digest", "V-8 frame.digest", "V-10 payload.interval"]);
    let [range] = &verification.damage.ranges[..] else { panic!("{:?}", verification.damage) };
    let table = index(&mut sealed, 2).frames;
    assert_eq!(
        (range.member.as_str(), range.frame, range.cause),
        ("payload/00000002.tar.zst", Some(1), Cause::Damaged)
    );
    assert_eq!((range.offset, range.len), (u64::from(table[0].stored_len), u64::from(table[1].stored_len)));
    let [overlap] = &range.overlaps[..] else { panic!("{range:?}") };
    assert_eq!((overlap.path.as_bytes(), overlap.content.clone()), (b"s/large".as_slice(), 4096..5120));
    let [large] = &verification.damage.entries[..] else { panic!("{:?}", verification.damage) };
    assert_eq!((large.path.as_bytes(), large.n), (b"s/large".as_slice(), 3));
    assert_eq!((&large.lost[..], large.lost_bytes, large.proven_bytes), (&[4096..5120][..], 1024, 10_000 - 1024));
    // Its root is proven from the index parts; only its digest is not.
    assert_eq!(verification.ledger.tally(&rules::CHUNKS_ROOT).expect("a root").outcome(), Outcome::Passed);
    let open = checks(&verification, &rules::CONTENT_DIGEST);
    assert_eq!((open.len(), open[0].outcome, &open[0].object[..]), (1, Outcome::CannotTell, b"s/large".as_slice()));
    let tar_bytes = verification.counts.expect("counts").tar_bytes;
    assert_eq!(verification.proven_tar_bytes, tar_bytes - 1024);
}

#[test]
fn a_frame_of_small_files_names_them_all_and_only_them() {
    // Frames of 4,096 bytes: the directory, a and b in the first, the large file in others, n and o in the last.
    let mut sealed = reference_of(&items(), &Shape { limits: (512, 4096, 16_384, 100), ..Shape::small() });
    damage_frame(&mut sealed, 0, 0);
    let verification = verify_members(&sealed);
    let [range] = &verification.damage.ranges[..] else { panic!("{:?}", verification.damage) };
    let overlaps: Vec<_> = range.overlaps.iter().map(|o| (o.path.as_bytes(), o.content.clone())).collect();
    assert_eq!(overlaps, [(b"s".as_slice(), 0..0), (b"s/a", 0..600), (b"s/b", 0..5), (b"s/large", 0..0)]);
    let entries: Vec<_> = verification.damage.entries.iter().map(|e| (e.path.as_bytes(), e.proven_bytes)).collect();
    assert_eq!(entries, [(b"s/a".as_slice(), 0), (b"s/b", 0)]);
}

#[test]
fn damage_anywhere_in_the_payload_is_found_where_it_is() {
    let clean = sealed();
    for segment in 0..5 {
        let frames = index(&mut sealed(), segment).frames.len();
        for frame in 0..frames {
            let mut sealed = Sealed { members: clean.members.clone(), zip: Vec::new(), seal_digest: String::new() };
            damage_frame(&mut sealed, segment, frame);
            let verification = verify_members(&sealed);
            let places: Vec<_> = verification.damage.ranges.iter().map(|r| (r.member.clone(), r.frame)).collect();
            assert_eq!(places, [(format!("payload/{segment:08}.tar.zst"), Some(frame as u64))]);
            let lost: u64 = verification.damage.entries.iter().map(|entry| entry.lost_bytes).sum();
            let proven = verification.proven_tar_bytes;
            let total = verification.counts.expect("counts").tar_bytes;
            let plain = u64::from(index(&mut sealed, segment).frames[frame].plain_len);
            assert_eq!(proven, total - plain, "segment {segment}, frame {frame}");
            assert!(lost <= plain);
        }
    }
}

#[test]
fn a_missing_payload_member_is_missing_and_the_rest_is_proven() {
    let mut sealed = sealed();
    sealed.members.retain(|(name, _)| name != "payload/00000002.tar.zst");
    let verification = verify_members(&sealed);
    assert_eq!(verification.verdict, Verdict::Refuted);
    assert!(verification.damage.ranges.iter().all(|r| r.cause == Cause::Missing && r.frame.is_some()));
    let large = entry(&verification, b"s/large");
    assert_eq!((&large.lost[..], large.proven_bytes), (&[3072..7168][..], 10_000 - 4096));
}

#[test]
fn a_cut_file_has_its_first_members_proven() {
    let sealed = sealed();
    let at = sealed.zip.windows(24).position(|w| w == b"payload/00000003.tar.zst").expect("a header");
    let verification = verify_zip(&sealed.zip[..at + 300]);
    assert_eq!(verification.verdict, Verdict::Refuted);
    // Without the statement nothing is proven; but it is told so, and nothing is said to hold.
    assert_eq!(verification.ledger.passed(&rules::MEMBER_DIGEST), 0);
    assert!(verification.statement.is_none());
}

#[test]
fn a_lost_index_part_leaves_the_files_proven_by_their_digests() {
    for segment in [0, 4] {
        let mut sealed = sealed();
        member(&mut sealed, &format!("index/{segment:08}.bin"))[20] ^= 1;
        let verification = verify_members(&sealed);
        assert_eq!(failed_rules(&verification), ["V-5 member.digest"], "{}", said(&verification));
        let [DamagedRange { member, .. }] = &verification.damage.ranges[..] else { panic!() };
        assert_eq!(*member, format!("index/{segment:08}.bin"));
        assert!(verification.damage.entries.is_empty(), "{:?}", verification.damage.entries);
        let digests = verification.ledger.tally(&rules::CONTENT_DIGEST).expect("digests");
        assert_eq!((digests.passed, digests.outcome()), (5, Outcome::Passed));
        // The root of chunks in it cannot be told.
        let roots = checks(&verification, &rules::CHUNKS_ROOT);
        let long = if segment == 0 { b"s/a" } else { b"s/o" };
        assert_eq!(
            roots.iter().map(|c| (c.outcome, &c.object[..])).collect::<Vec<_>>(),
            [(Outcome::CannotTell, &long[..])]
        );
    }
}

#[test]
fn a_lost_index_part_within_a_large_file_loses_only_what_it_proves() {
    for segment in [1, 2, 3] {
        let mut sealed = sealed();
        let frames = index(&mut sealed, segment).frames;
        member(&mut sealed, &format!("index/{segment:08}.bin"))[20] ^= 1;
        let verification = verify_members(&sealed);
        assert_eq!(failed_rules(&verification), ["V-5 member.digest"], "{}", said(&verification));
        let large = entry(&verification, b"s/large");
        let plain: u64 = frames.iter().map(|frame| u64::from(frame.plain_len)).sum();
        let here = match segment {
            1 => plain - 512,
            2 => plain,
            _ => 10_000 - 7168,
        };
        assert_eq!((large.lost_bytes, large.proven_bytes), (here, 10_000 - here), "segment {segment}");
        // Everything else in the segment is compared all the same.
        let digests = verification.ledger.tally(&rules::CONTENT_DIGEST).expect("digests");
        assert_eq!((digests.passed, digests.failed), (4, 0));
        assert_eq!(verification.ledger.tally(&rules::TAR_EXTENT).expect("extent").outcome(), Outcome::Passed);
    }
}

#[test]
fn index_part_and_payload_lost_lose_the_files_of_the_segment() {
    let mut sealed = sealed();
    member(&mut sealed, "index/00000000.bin")[20] ^= 1;
    damage_frame(&mut sealed, 4, 0);
    member(&mut sealed, "payload/00000000.tar.zst")[60] ^= 1;
    let verification = verify_members(&sealed);
    let lost: Vec<_> = verification.damage.entries.iter().map(|e| (e.path.as_bytes(), e.lost_bytes)).collect();
    assert_eq!(lost, [(b"s/a".as_slice(), 600), (b"s/b", 5), (b"s/o", 900)]);
    assert_eq!(entry(&verification, b"s/a").proven_bytes, 0);
}

#[test]
fn a_lost_manifest_part_leaves_its_frames_proven_and_its_entries_unnamed() {
    for segment in [0, 3, 4] {
        let mut sealed = sealed();
        let frames: u64 = (0..5).map(|s| index(&mut sealed, s).frames.len() as u64).sum();
        member(&mut sealed, &format!("manifest/{segment:08}.jsonl.zst"))[15] ^= 1;
        let verification = verify_members(&sealed);
        assert_eq!(failed_rules(&verification), ["V-5 member.digest"], "{}", said(&verification));
        assert_eq!(verification.ledger.passed(&rules::FRAME_DIGEST), frames);
        assert_eq!(verification.ledger.passed(&rules::FRAME_CONTENT), frames);
        let [DamagedRange { member, overlaps, .. }] = &verification.damage.ranges[..] else { panic!() };
        assert_eq!((member.as_str(), overlaps.len()), (&*format!("manifest/{segment:08}.jsonl.zst"), 0));
        for rule in [&rules::ROOT, &rules::COUNTS, &rules::SOURCES] {
            assert!(checks(&verification, rule).iter().any(|c| c.outcome == Outcome::CannotTell), "{}", rule.id);
        }
    }
}

#[test]
fn the_segments_after_a_lost_manifest_part_are_found_again() {
    let mut sealed = sealed();
    member(&mut sealed, "manifest/00000000.jsonl.zst")[15] ^= 1;
    let verification = verify_members(&sealed);
    // `s/large`, `s/n` and `s/o` are proven; `s/a` and `s/b` have no line to be compared with.
    assert_eq!(verification.ledger.passed(&rules::CONTENT_DIGEST), 3);
    assert_eq!(verification.ledger.passed(&rules::LINE_FORM), 3);
}

#[test]
fn an_empty_manifest_part_that_is_damaged_costs_nothing_of_the_content() {
    let mut sealed = sealed();
    member(&mut sealed, "manifest/00000002.jsonl.zst")[5] ^= 1;
    let verification = verify_members(&sealed);
    assert_eq!(failed_rules(&verification), ["V-5 member.digest"]);
    assert_eq!(verification.ledger.passed(&rules::CONTENT_DIGEST), 5);
}

#[test]
fn a_damaged_list_is_put_together_anew() {
    let mut sealed = sealed();
    let len = member(&mut sealed, "SEALED.sha256").len();
    for damage in [
        &(|list: &mut Vec<u8>| list.clear()) as &dyn Fn(&mut Vec<u8>),
        &|list| list[100] ^= 1,
        &|list| list.truncate(len / 2),
        &|list| list.extend_from_slice(b"junk"),
        &|list| list.fill(b'x'),
    ] {
        let mut sealed = reference_of(&items(), &Shape::small());
        damage(member(&mut sealed, "SEALED.sha256"));
        let verification = verify_members(&sealed);
        assert_eq!(verification.verdict, Verdict::Refuted);
        assert_eq!(failed_rules(&verification), ["V-4 list.digest"]);
        let counts = verification.counts.expect("counts");
        assert_eq!(verification.proven_tar_bytes, counts.tar_bytes);
        assert!(verification.damage.is_empty());
    }
}

#[test]
fn a_damaged_list_and_a_damaged_member_are_told_apart() {
    let mut sealed = sealed();
    // The digest of `nonce` in the list, and a frame of payload.
    member(&mut sealed, "SEALED.sha256")[75] = b'0';
    member(&mut sealed, "SEALED.sha256")[76] = b'0';
    damage_frame(&mut sealed, 2, 1);
    let verification = verify_members(&sealed);
    assert!(failed_rules(&verification).contains(&"V-4 list.digest"));
    let damaged: Vec<_> = checks(&verification, &rules::MEMBER_DIGEST).iter().map(|c| c.object.clone()).collect();
    assert_eq!(damaged, [b"payload/00000002.tar.zst"]);
    assert_eq!(verification.damage.range_count, 1);
}

#[test]
fn a_list_that_nothing_can_be_made_of_proves_no_member() {
    let mut sealed = sealed();
    member(&mut sealed, "SEALED.sha256").clear();
    damage_frame(&mut sealed, 2, 1);
    let verification = verify_members(&sealed);
    assert_eq!(verification.ledger.passed(&rules::MEMBER_DIGEST), 0);
    assert_eq!(checks(&verification, &rules::MEMBER_DIGEST)[0].outcome, Outcome::CannotTell);
}

#[test]
fn a_damaged_statement_is_taken_from_a_trusted_envelope() {
    let seal_digest = sealed().seal_digest;
    for damage in
        [&(|bytes: &mut Vec<u8>| bytes[50] ^= 1) as &dyn Fn(&mut Vec<u8>), &|bytes| bytes.truncate(100), &|bytes| {
            *bytes = String::from_utf8(bytes.clone()).expect("text").replace("2026-01", "2025-01").into_bytes()
        }]
    {
        let mut sealed = sealed();
        damage(member(&mut sealed, "statement.json"));
        let verification = verify_members(&sealed);
        assert_eq!(verification.verdict, Verdict::Refuted);
        let failed = failed_rules(&verification);
        assert!(failed.contains(&"V-2 statement.signed"), "{failed:?}");
        assert!(failed.iter().all(|id| id.starts_with("V-2 ")), "{failed:?}");
        assert_eq!(verification.seal_digest.expect("a digest").to_string(), seal_digest);
        assert_eq!(verification.proven_tar_bytes, verification.counts.expect("counts").tar_bytes);
    }
}

#[test]
fn a_missing_statement_too() {
    let mut sealed = sealed();
    sealed.members.retain(|(name, _)| name != "statement.json");
    let verification = verify_members(&sealed);
    assert_eq!(verification.seal_digest.expect("a digest").to_string(), sealed.seal_digest);
    assert_eq!(verification.proven_tar_bytes, verification.counts.expect("counts").tar_bytes);
}

#[test]
fn damaged_sums_and_fixed_members_cost_nothing_but_themselves() {
    for (name, rule) in [
        ("SHA256SUMS.zst", &rules::SUMS),
        ("mimetype", &rules::MIMETYPE),
        ("nonce", &rules::NONCE),
        ("VERIFY.txt", &rules::VERIFY_TEXT),
        ("case.json", &rules::SOURCES),
    ] {
        let mut sealed = sealed();
        member(&mut sealed, name)[20] ^= 1;
        let verification = verify_members(&sealed);
        let expected = if name == "case.json" { "V-4 case.digest" } else { "V-5 member.digest" };
        assert_eq!(failed_rules(&verification), [expected]);
        assert_eq!(verification.ledger.tally(rule).expect("a tally").outcome(), Outcome::CannotTell);
        assert_eq!(verification.proven_tar_bytes, verification.counts.expect("counts").tar_bytes);
    }
}
