//! Exhaustive tampering with small bundles: whatever is changed on the way is never verified, and never a panic.

use std::panic::catch_unwind;

use scelle::verify::{Verdict, rules};

use super::{Item, checks, failed_rules, few_items, verify_alone, verify_zip};
use crate::reference::{self, Sealed};
use crate::sealed::{Shape, pattern, reference_of};

/// A bundle of some hundred bytes more than VERIFY.txt takes.
fn smallest() -> Sealed {
    reference_of(&[Item::file(b"s", b"hello\n".to_vec())], &Shape::small())
}

fn several_segments() -> Sealed {
    reference_of(&few_items(), &Shape::small())
}

#[track_caller]
fn assert_refuted(zip: &[u8], what: impl std::fmt::Display) {
    match catch_unwind(|| verify_alone(zip).verdict) {
        Ok(verdict) => assert_eq!(verdict, Verdict::Refuted, "{what}"),
        Err(_) => panic!("a panic at {what}"),
    }
}

#[test]
fn every_flipped_bit_of_the_smallest_bundle_is_refuted() {
    let zip = smallest().zip;
    // One byte of the long, constant text is like another.
    let text = zip.windows(20).position(|w| w == b"You need: a POSIX sh").expect("VERIFY.txt");
    let text = text * 8..(text + 4000) * 8;
    for bit in (0..zip.len() * 8).filter(|bit| !text.contains(bit) || bit % 997 == 0) {
        let mut flipped = zip.clone();
        flipped[bit / 8] ^= 1 << (bit % 8);
        assert_refuted(&flipped, format_args!("bit {bit}"));
    }
}

#[test]
fn every_changed_byte_of_several_segments_is_refuted_even_with_its_crc_made_good() {
    let sealed = several_segments();
    let text = sealed.zip.windows(20).position(|w| w == b"You need: a POSIX sh").expect("VERIFY.txt");
    for i in (0..text).chain(text + 4000..sealed.zip.len()).step_by(3) {
        let mut changed = sealed.zip.clone();
        changed[i] ^= 1 << (i % 8);
        assert_refuted(&changed, format_args!("byte {i}"));
    }
    for (m, (name, bytes)) in sealed.members.iter().enumerate() {
        for i in (0..bytes.len()).step_by(if name == "VERIFY.txt" { 97 } else { 1 }) {
            let mut members = sealed.members.clone();
            members[m].1[i] ^= 0x40 >> (i % 7);
            assert_refuted(&reference::zip_bytes(&members), format_args!("{name} byte {i}"));
        }
    }
}

#[test]
fn every_cut_and_every_byte_behind_is_refuted() {
    let zip = several_segments().zip;
    // Without its first bytes it is not a bundle at all; the command says so. Here it is only not verified.
    for len in (0..zip.len()).filter(|len| len % 3 == 0 || zip.len() - len < 2000) {
        assert_refuted(&zip[..len], format_args!("length {len}"));
    }
    for more in [1, 2, 22, 100] {
        for byte in [0, b'P'] {
            assert_refuted(&[zip.clone(), vec![byte; more]].concat(), format_args!("{more} more bytes"));
            assert_refuted(&[vec![byte; more], zip.clone()].concat(), format_args!("{more} bytes before"));
        }
    }
}

#[test]
fn members_removed_doubled_moved_renamed_or_added_are_refuted() {
    let members = several_segments().members;
    let zip = |members: &[(String, Vec<u8>)]| reference::zip_bytes(members);
    for i in 0..members.len() {
        let name = &members[i].0;
        let without: Vec<_> = [&members[..i], &members[i + 1..]].concat();
        assert_refuted(&zip(&without), format_args!("without {name}"));
        for j in 0..=without.len() {
            let mut doubled = members.clone();
            doubled.insert(j, members[i].clone());
            assert_refuted(&zip(&doubled), format_args!("{name} twice, at {j}"));
            if j != i {
                let mut moved = without.clone();
                moved.insert(j, members[i].clone());
                assert_refuted(&zip(&moved), format_args!("{name} moved to {j}"));
            }
        }
        for new_name in ["x", "Mimetype", "payload/00000099.tar.zst", "parity/0", "../x", "seal/0.dsse.json"] {
            let mut renamed = members.clone();
            renamed[i].0 = new_name.into();
            assert_refuted(&zip(&renamed), format_args!("{name} renamed to {new_name}"));
        }
        for (k, other) in members.iter().enumerate().skip(i + 1) {
            let mut swapped = members.clone();
            (swapped[i].1, swapped[k].1) = (other.1.clone(), members[i].1.clone());
            if other.1 == members[i].1 {
                continue;
            }
            assert_refuted(&zip(&swapped), format_args!("contents of {name} and {} swapped", other.0));
        }
    }
    for new_name in ["x", "payload/00000099.tar.zst", "index/00000001.BIN", "seal/x.dsse.json", "renewal/0"] {
        let mut added = members.clone();
        added.push((new_name.into(), b"x".to_vec()));
        assert_refuted(&zip(&added), format_args!("{new_name} added"));
    }
}

#[test]
fn junk_among_the_time_stamps_refutes_time_and_leaves_the_evidence_proven() {
    let mut members = several_segments().members;
    members.push(("timestamps/a.tsr".into(), b"junk".to_vec()));
    let verification = verify_zip(&reference::zip_bytes(&members));
    assert_eq!(failed_rules(&verification), ["V-15 time.name"]);
    assert_eq!(verification.proven_tar_bytes, verification.counts.expect("counts").tar_bytes);
}

#[test]
fn junk_in_the_custody_log_refutes_custody_and_leaves_the_evidence_proven() {
    let mut members = several_segments().members;
    members.push(("custody/0001-offered-00000000.dsse.json".into(), b"junk".to_vec()));
    let verification = verify_zip(&reference::zip_bytes(&members));
    assert_eq!(failed_rules(&verification), ["V-13 event.form"]);
    assert_eq!(verification.proven_tar_bytes, verification.counts.expect("counts").tar_bytes);
}

#[test]
fn damage_to_the_wrapper_alone_leaves_every_member_proven() {
    let sealed = several_segments();
    let mut zip = sealed.zip.clone();
    let len = zip.len();
    zip[len - 60] ^= 1;
    let verification = verify_zip(&zip);
    assert_eq!(failed_rules(&verification), ["V-1 zip.directory"]);
    assert!(verification.damage.is_empty());
    let listed = sealed.members.len() as u64 - 4;
    assert_eq!(verification.ledger.passed(&rules::MEMBER_DIGEST), listed);
    assert_eq!(verification.proven_tar_bytes, verification.counts.expect("counts").tar_bytes);
}

#[test]
fn a_damaged_local_header_costs_nothing_but_itself() {
    let sealed = several_segments();
    let at = sealed.zip.windows(24).position(|w| w == b"payload/00000001.tar.zst").expect("a header") - 10;
    let mut zip = sealed.zip.clone();
    zip[at] ^= 1;
    assert_eq!(failed_rules(&verify_zip(&zip)), ["V-1 zip.local-header"]);
    // With the directory gone too, only that member is lost.
    zip.truncate(zip.len() - 50);
    let verification = verify_zip(&zip);
    let missing: Vec<_> = checks(&verification, &rules::MEMBER_DIGEST).iter().map(|c| c.object.clone()).collect();
    assert_eq!(missing, [b"payload/00000001.tar.zst"]);
}

#[test]
fn a_large_length_in_a_directory_is_no_reason_to_allocate() {
    // A member that says it has 2^63 bytes, and one after it.
    let huge = u64::MAX / 2;
    let mut zip = reference::zip_local_header("mimetype", 0, huge);
    let offset = zip.len() as u64 + 10;
    zip.extend_from_slice(&[0; 10]);
    let mut central = reference::zip_central_header("mimetype", 0, huge, 0);
    central.extend(reference::zip_central_header("nonce", 0, huge, huge + 20));
    central.extend(reference::zip_central_header("VERIFY.txt", 0, huge, u64::MAX));
    zip.extend_from_slice(&central);
    zip.extend(reference::zip_end(3, central.len() as u64, offset));
    assert_refuted(&zip, "huge lengths");
    let verification = verify_zip(&reference_of(&[Item::file(b"s", pattern(10))], &Shape::small()).zip[..5000]);
    assert_eq!(verification.verdict, Verdict::Refuted);
}
