//! The tar: its bytes, its length, and where frames and segments end.

use scelle::verify::{Verdict, rules};

use super::{assert_refuted_by, forge};
use crate::forge::Forge;
use crate::reference;
use crate::sealed::{Shape, one_of_everything};
use crate::{failed_rules, verify_zip};

#[test]
fn wrong_bytes_in_the_tar() {
    let mut forge = forge();
    forge.change_tar(b"bbbbb", |at| at[5] = 1);
    assert_refuted_by(&forge, &rules::TAR_PADDING, &[]);
    let mut forge = super::forge();
    forge.change_tar(b"bbbbb", |at| at[0] = 1);
    assert_refuted_by(&forge, &rules::CONTENT_DIGEST, &[]);
    let mut forge = super::forge();
    forge.change_tar(b"s/b\0", |at| at[2] = b'x');
    assert_refuted_by(&forge, &rules::TAR_HEADERS, &[]);
    let last = forge.segment_count() - 1;
    let mut forge = super::forge();
    let mut tar = forge.tar(last);
    *tar.last_mut().expect("a frame").last_mut().expect("a byte") = 1;
    forge.set_tar(last, &tar);
    assert_refuted_by(&forge, &rules::TAR_END, &[]);
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
    let mut forge = super::forge();
    let (head, rest) = tar[1].split_at(512);
    let frames = [&[tar[0].clone(), head.to_vec(), rest.to_vec()], &tar[2..]].concat();
    forge.set_tar(0, &frames);
    assert_refuted_by(&forge, &rules::CUTS, &[]);
    let mut forge = super::forge();
    forge.set_tar(0, &[&[Vec::new()], &tar[..]].concat());
    assert_refuted_by(&forge, &rules::INDEX_FRAMES, &[]);
    // As many frames as there must be, and as many bytes, but not the same in each.
    let mut forge = super::forge();
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
