//! Parts that are longer than any sealer would write, or declare more than any segment holds: refused before they cost
//! memory or time (LIM-0), though their own signer vouches for them.

use scelle::format::index::Frame;
use scelle::verify::{Rule, Verdict, rules};

use super::{failed_rules, said, verify_zip};
use crate::forge::Forge;
use crate::reference;
use crate::sealed::{Shape, one_of_everything};

fn forge() -> Forge {
    Forge::of(&one_of_everything(), &Shape::small())
}

#[track_caller]
fn assert_refuted_by(zip: &[u8], rule: &'static Rule) {
    let verification = verify_zip(zip);
    assert_eq!(verification.verdict, Verdict::Refuted);
    assert!(failed_rules(&verification).contains(&rule.id), "{}", said(&verification));
}

#[test]
fn a_frame_table_that_no_cuts_can_give() {
    let empty = Frame { stored_len: 0, plain_len: 0, sha256: [0; 32] };
    type Change<'a> = &'a dyn Fn(&mut Vec<Frame>);
    let changes: [Change<'_>; 4] = [
        &|frames| frames.clear(),
        &|frames| frames.push(empty.clone()),
        &|frames| frames[0].plain_len = u32::MAX,
        &|frames| frames.extend(vec![Frame { plain_len: 512, ..empty.clone() }; 1_000]),
    ];
    for change in changes {
        let mut forge = forge();
        forge.change_index(0, |part| change(&mut part.frames));
        let verification = verify_zip(&forge.zip());
        let failed = verification.ledger.details().iter().find(|check| check.rule.id == rules::INDEX_FRAMES.id);
        let note = failed.and_then(|check| check.note.clone()).unwrap_or_else(|| panic!("{}", said(&verification)));
        assert!(note.contains("IDX-5"), "{note}");
    }
}

/// LIM-8.
#[test]
fn an_index_part_longer_than_its_segment_needs() {
    let mut forge = forge();
    forge.change_index(0, |part| part.payload_chain = vec![[0; 32]; 1 << 16]);
    assert!(forge.member("index/00000000.bin").len() > 2 << 20);
    assert_refuted_by(&forge.zip(), &rules::MEMBER_DIGEST);
}

/// LIM-4.
#[test]
fn a_list_longer_than_its_segments_need() {
    let forge = forge();
    let mut members = forge.members_sealed();
    members.truncate(members.len() - 2);
    let list = members.iter().position(|(name, _)| name == "SEALED.sha256").expect("a list");
    members[list].1.extend(vec![b'\n'; 1 << 20]);
    let zip = reference::zip_bytes(&forge.with_list(members));
    let verification = verify_zip(&zip);
    assert!(said(&verification).contains("are allowed"), "{}", said(&verification));
    assert_refuted_by(&zip, &rules::LIST_DIGEST);
}

/// LIM-8, of 8 chunks a segment.
#[test]
fn an_index_part_is_read_up_to_its_limit_and_no_further() {
    for more in [0, 1] {
        let mut forge = Forge::of(&super::few_items(), &Shape::small());
        let room = (1 << 20) + 512 * 8 - forge.member("index/00000000.bin").len();
        assert_eq!(room % 32, 0);
        forge.change_index(0, |part| part.payload_chain.extend(vec![[0; 32]; room / 32]));
        forge.member("index/00000000.bin").extend(vec![0; more]);
        let failed = failed_rules(&verify_zip(&forge.zip()));
        assert_eq!(failed.contains(&rules::MEMBER_DIGEST.id), more == 1, "{failed:?}");
        assert_eq!(failed.contains(&rules::INDEX_FRAMES.id), more == 0, "{failed:?}");
        assert!(!failed.contains(&rules::INDEX_FORM.id), "it is not looked at");
    }
}
