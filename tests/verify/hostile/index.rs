//! Index parts: where a segment begins, its frame table, and the chain of its payload.

use scelle::verify::{Rule, Verdict, rules};

use super::{assert_refuted_by, forge};
use crate::{failed_rules, verify_zip};

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
    let mut forge = super::forge();
    forge.change_index(0, |part| part.frames[0].plain_len += 512);
    assert_refuted_by(&forge, &rules::FRAME_CONTENT, &[&rules::CUTS, &rules::INDEX_PLACE]);
    for change in [1, u32::MAX / 2] {
        let mut forge = super::forge();
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
fn an_index_part_that_is_not_its_own_encoding() {
    let mut forge = forge();
    forge.member("index/00000000.bin").push(0);
    assert_refuted_by(&forge, &rules::INDEX_FORM, &[]);
    let mut forge = super::forge();
    forge.member("index/00000000.bin")[7] = b'2';
    assert_refuted_by(&forge, &rules::INDEX_FORM, &[]);
}
