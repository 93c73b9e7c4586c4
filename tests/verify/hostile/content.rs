//! What is said of an entry's bytes: digests, sums, chunks, the chain of a long file, holes, and hard links.

use scelle::verify::{Outcome, rules};
use serde_json::json;

use super::{assert_refuted_by, change_line, forge};
use crate::reference;
use crate::sealed::pattern;
use crate::{checks, verify_zip};

#[test]
fn a_wrong_digest_in_a_line() {
    let mut forge = forge();
    change_line(&mut forge, "s/b", |line| line["sha256"] = reference::hex(&reference::sha256(b"x")).into());
    assert_refuted_by(&forge, &rules::CONTENT_DIGEST, &[&rules::SUMS]);
}

#[test]
fn a_wrong_digest_of_a_long_file() {
    let mut forge = forge();
    change_line(&mut forge, "s/c", |line| line["sha256"] = reference::hex(&reference::sha256(b"x")).into());
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
    change_line(&mut forge, "s/c", |line| line["chunks_root"] = root.clone().into());
    assert_refuted_by(&forge, &rules::CHUNK_DIGEST, &[]);
}

#[test]
fn a_wrong_chunks_root() {
    let mut forge = forge();
    for path in ["s/a", "s/c"] {
        change_line(&mut forge, path, |line| line["chunks_root"] = "00".repeat(32).into());
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
    change_line(&mut forge, "s/c", |line| line["sha256"] = digest.clone().into());
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
fn a_hole_or_gap_that_is_not_zero() {
    for key in ["holes", "gaps"] {
        let mut forge = forge();
        change_line(&mut forge, "s/b", |line| {
            line[key] = match key {
                "holes" => json!([[1, 2]]),
                _ => json!([{"attempts": 1, "cause": "EIO", "len": 2, "offset": 1}]),
            };
        });
        assert_refuted_by(&forge, &rules::TAR_ZEROS, &[&rules::COUNTS]);
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
        change_line(&mut forge, "s/l", |line| line[key] = value.clone());
        let others = [&rules::SUMS, &rules::TAR_HEADERS];
        assert_refuted_by(&forge, &rules::LINK_TARGET, &others);
    }
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
