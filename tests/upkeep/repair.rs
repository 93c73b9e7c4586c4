//! A wrapper that is lost, torn or damaged is made anew, and not one sealed byte is another.

use std::fs;
use std::path::Path;
use std::sync::Arc;

use scelle::format::member::MemberName;
use scelle::upkeep::{RepairError, Repaired, repair};
use scelle::verify::Bytes;

use super::{Desk, golden, grown, offsets, small, watch};
use crate::memory_source::Item;
use crate::reference;
use crate::sealed::{Shape, as_read, seal_items};

/// What a repair did and wrote; `None` if there was nothing to do.
pub fn repaired(bytes: &[u8]) -> Option<(Repaired, Vec<u8>)> {
    // In memory, for there are thousands.
    let dir = tempfile::tempdir_in("/dev/shm").expect("a directory");
    let out = dir.path().join("y.scelle");
    let bytes: Arc<dyn Bytes> = Arc::new(bytes.to_vec());
    let done = repair(&bytes, Path::new("x.scelle"), &out, watch()).expect("members");
    let found = fs::read_dir(dir.path()).expect("the directory").count();
    assert_eq!(found, usize::from(done.is_some()));
    done.map(|done| (done, fs::read(out).expect("the bundle")))
}

#[track_caller]
fn assert_restored(damaged: &[u8], original: &[u8], what: &str) -> Repaired {
    let (done, bytes) = repaired(damaged).expect(what);
    assert!(bytes == original, "{what}: {done:?}");
    assert!(done.refuted.is_empty() && done.crc_wrong.is_empty() && done.lost.is_empty(), "{what}: {done:?}");
    done
}

#[test]
fn a_sound_wrapper_is_left_alone() {
    for (name, bytes) in golden() {
        let desk = Desk::new().with("x.scelle", &bytes);
        let (code, stdout, stderr) = desk.said(&["repair", "x.scelle", "--out", "y.scelle"]);
        assert_eq!((code, stdout.as_str()), (0, ""), "{name}: {stderr}");
        assert!(stderr.contains("nothing to repair, nothing was written"), "{stderr}");
        assert_eq!(desk.names(), ["x.scelle"]);
    }
}

#[test]
fn every_cut_within_the_directory_is_repaired_to_the_original() {
    for members in [small().members, grown()] {
        let original = reference::zip_bytes(&members);
        for len in offsets(&members)[members.len()]..original.len() {
            let done = assert_restored(&original[..len], &original, &format!("cut to {len}"));
            assert!(done.directory_remade && done.headers_remade.is_empty());
        }
    }
}

#[test]
fn every_flipped_byte_of_the_directory_is_repaired_to_the_original() {
    for members in [small().members, grown()] {
        let original = reference::zip_bytes(&members);
        for at in offsets(&members)[members.len()]..original.len() {
            for bits in [0x01, 0xff] {
                let mut damaged = original.clone();
                damaged[at] ^= bits;
                assert_restored(&damaged, &original, &format!("byte {at}"));
            }
        }
    }
}

#[test]
fn every_flipped_byte_of_every_local_header_is_repaired_to_the_original() {
    let members = grown();
    let original = reference::zip_bytes(&members);
    for (offset, (name, _)) in offsets(&members).into_iter().zip(&members) {
        for at in offset..offset + 30 + name.len() {
            let mut damaged = original.clone();
            damaged[at] ^= 1;
            // A grown member may have many names: if header and directory state two of them, the header's is taken.
            let stated = String::from_utf8_lossy(&damaged[offset + 30..offset + 30 + name.len()]);
            if stated != name.as_str() && MemberName::parse(&stated).is_some_and(|stated| stated.is_grown()) {
                let (done, _) = repaired(&damaged).expect("a repair");
                assert!(done.directory_remade && done.refuted.is_empty() && done.kept_count == members.len() as u64);
                continue;
            }
            let done = assert_restored(&damaged, &original, &format!("{name}, byte {}", at - offset));
            assert_eq!((done.directory_remade, done.headers_remade), (false, vec![name.clone()]));
        }
    }
}

#[test]
fn headers_are_regenerated_even_without_a_directory() {
    let sealed = small();
    let offsets = offsets(&sealed.members);
    for (offset, (name, _)) in offsets.iter().zip(&sealed.members) {
        // Signature, version, both lengths, name length, extra length, and all of it; the name is told by the order.
        for range in [0..4, 4..14, 18..22, 22..26, 18..26, 26..28, 28..30, 30..31, 0..30] {
            let mut damaged = sealed.zip[..sealed.zip.len() - 1].to_vec();
            damaged[offset + range.start..offset + range.end].iter_mut().for_each(|byte| *byte ^= 0x15);
            // A grown member's name is nowhere else.
            if name.starts_with("seal/") && range.contains(&30) {
                continue;
            }
            let done = assert_restored(&damaged, &sealed.zip, &format!("{name}, {range:?}"));
            assert_eq!(done.headers_remade, std::slice::from_ref(name), "{range:?}");
        }
    }
}

/// Without a directory nothing but its name, and the next header, shows where such a member begins and ends.
#[test]
fn a_header_that_lost_or_gained_bytes_costs_no_byte_of_content_unnoticed() {
    let sealed = small();
    let offsets = offsets(&sealed.members);
    let (mut restored, mut refuted) = (0, 0);
    for (offset, (name, _)) in offsets.iter().zip(&sealed.members).skip(1) {
        for at in 0..30 + name.len() {
            for (cut, put) in [(1, ""), (4, ""), (0, "XXXX"), (2, "X")] {
                let place = offset + at;
                let header_end = offset + 30 + name.len();
                let mut damaged = sealed.zip[..sealed.zip.len() - 1].to_vec();
                damaged.splice(place..header_end.min(place + cut), put.bytes());
                let (done, bytes) = repaired(&damaged).expect("a repair");
                let is_restored = bytes == sealed.zip;
                assert!(is_restored || !done.refuted.is_empty(), "{name}, {at}: {cut} bytes less, {put:?}: {done:?}");
                restored += usize::from(is_restored && done.refuted.is_empty());
                refuted += usize::from(!is_restored);
            }
        }
    }
    assert!(restored > refuted && refuted > 0, "{restored} restored, {refuted} refuted");
}

#[test]
fn a_bundle_within_the_evidence_is_not_taken_for_the_bundle() {
    let desk = Desk::new();
    // Incompressible, so that the inner bundle's headers stand as they are in the outer one's payload.
    let noise = |seed: u32| (0..9000u32).flat_map(move |i| (i ^ seed).wrapping_mul(0x9e37_79b9).to_be_bytes());
    let mut inner = small().members;
    inner.truncate(3);
    inner.push(("payload/00000000.tar.zst".into(), noise(1).collect()));
    for (name, _) in &small().members[4..] {
        inner.push((name.clone(), noise(2).take(5000).collect()));
    }
    let items = [Item::file(b"s", reference::zip_bytes(&inner))];
    let shape = Shape { limits: (1 << 18, 1 << 22, 1 << 28, 65_536), ..Shape::small() };
    seal_items(&as_read(&items), &shape, &desk.path("x.scelle"));
    let original = desk.read("x.scelle");
    let find = |name: &[u8]| original.windows(name.len()).position(|window| window == name).expect("it is there") - 30;
    let payload = find(b"payload/00000000.tar.zst");
    assert!(original.windows(16).filter(|window| *window == b"payload/00000000").count() > 2, "no inner bundle");
    for range in [0..4, 26..28, 18..26, 0..30] {
        let mut damaged = original.clone();
        damaged.pop();
        damaged[payload + range.start..payload + range.end].iter_mut().for_each(|byte| *byte ^= 0x15);
        assert_restored(&damaged, &original, &format!("{range:?}"));
    }
    // With nothing left that tells the two apart, the result is never said to be whole.
    let directory = original.windows(4).rposition(|window| window == b"PK\x01\x02").expect("it is there");
    let mut damaged = original[..directory].to_vec();
    let own = damaged.windows(4).rposition(|window| window == b"PK\x03\x04").expect("the envelope");
    damaged.truncate(own + 2000);
    damaged[payload..payload + 30].fill(0);
    let (done, _) = repaired(&damaged).expect("a repair");
    assert!(!done.refuted.is_empty(), "{done:?}");
}

#[test]
fn garbage_after_the_end_is_cut_off() {
    let original = small().zip;
    for garbage in [&b"x"[..], &[0; 5000], b"PK\x05\x06", &original] {
        assert_restored(&[&original[..], garbage].concat(), &original, "garbage");
    }
}

#[test]
fn a_lost_directory_of_zeros_or_noise_is_made_anew_and_what_stood_there_reported() {
    let sealed = small();
    let directory = offsets(&sealed.members)[sealed.members.len()];
    for fill in [0, 0xa5] {
        let mut damaged = sealed.zip.clone();
        damaged[directory..].fill(fill);
        let (done, bytes) = repaired(&damaged).expect("a repair");
        assert!(bytes == sealed.zip && done.refuted.is_empty());
        assert_eq!((done.lost.len(), done.lost[0].offset), (1, directory as u64));
    }
}

#[test]
fn a_torn_grown_member_is_left_out_and_the_rest_is_whole() {
    let members = grown();
    let whole = reference::zip_bytes(&members);
    let offsets = offsets(&members);
    let last = members.len() - 1;
    let without = reference::zip_bytes(&members[..last]);
    for len in offsets[last] + 1..offsets[last + 1] {
        let (done, bytes) = repaired(&whole[..len]).expect("a repair");
        assert!(bytes == without, "cut to {len}: {done:?}");
        assert!(done.refuted.is_empty(), "{done:?}");
        // One or two bytes may be those of a directory too.
        if len <= offsets[last] + 2 {
            assert!(done.lost.is_empty());
            continue;
        }
        let torn = done.lost[0].torn.as_ref().map(|(name, len)| (name.as_str(), *len));
        let header_is_whole = len >= offsets[last] + 30 + members[last].0.len();
        assert_eq!((done.lost.len(), torn), (1, header_is_whole.then_some(("timestamps/a.tsr", 300))), "cut to {len}");
    }
    let desk = Desk::new().with("x.scelle", &whole[..offsets[last] + 100]);
    let (code, stdout, stderr) = desk.said(&["repair", "x.scelle", "--out", "y.scelle"]);
    assert_eq!((code, stdout), (0, format!("{}  y.scelle\n", small().seal_digest)), "{stderr}");
    assert!(stderr.contains("warning: timestamps/a.tsr: torn at the file's end (300 bytes are stated)"), "{stderr}");
}

#[test]
fn a_torn_sealed_member_is_said_to_refute_the_bundle() {
    let sealed = small();
    let offsets = offsets(&sealed.members);
    for (place, (name, _)) in sealed.members.iter().enumerate().skip(1) {
        if name.starts_with("seal/") {
            continue;
        }
        let desk = Desk::new().with("x.scelle", &sealed.zip[..offsets[place + 1] - 1]);
        let (code, _, stderr) = desk.said(&["repair", "x.scelle", "--out", "y.scelle"]);
        assert_eq!(code, 1, "{stderr}");
        assert!(stderr.contains(&format!("{name}: torn at the file's end")), "{stderr}");
        assert!(stderr.contains("`scelle verify` will refute it: statement.json: missing"), "{stderr}");
        assert_eq!(desk.run(&["verify", "y.scelle"]).status.code(), Some(1));
    }
}

#[test]
fn a_member_that_lost_its_crc_is_named_and_kept_as_it_is() {
    let sealed = small();
    let place = sealed.members.iter().position(|(name, _)| name == "case.json").expect("a case");
    let mut damaged = sealed.zip.clone();
    damaged[offsets(&sealed.members)[place] + 60] ^= 1;
    let expected = damaged.clone();
    damaged.pop();
    let desk = Desk::new().with("x.scelle", &damaged);
    let (code, _, stderr) = desk.said(&["repair", "x.scelle", "--out", "y.scelle"]);
    assert_eq!(code, 1, "{stderr}");
    assert!(stderr.contains("case.json: its bytes do not have the CRC-32 that its header states"), "{stderr}");
    assert!(desk.read("y.scelle") == expected);
    // Nothing but the wrapper is judged: the same file with a sound one is not touched.
    assert!(repaired(&expected).is_none());
}

#[test]
fn a_member_cut_out_of_the_middle_is_named() {
    let sealed = small();
    let offsets = offsets(&sealed.members);
    let mut cut = sealed.zip.clone();
    cut.drain(offsets[4]..offsets[5]);
    let (done, _) = repaired(&cut).expect("a repair");
    assert!(done.refuted.iter().any(|what| what == "manifest/00000000.jsonl.zst: missing"), "{:?}", done.refuted);
}

#[test]
fn a_member_behind_bytes_that_were_put_in_is_found_where_it_is() {
    let sealed = small();
    let offsets = offsets(&sealed.members);
    for (place, (name, bytes)) in sealed.members.iter().enumerate().skip(1) {
        for more in [1, 9, 200] {
            let mut damaged = sealed.zip.clone();
            let within = offsets[place - 1] + 30 + sealed.members[place - 1].0.len();
            damaged.splice(within..within, vec![0x15; more]);
            let (done, out) = repaired(&damaged).expect("a repair");
            assert!(
                out.windows(bytes.len()).any(|window| window == bytes.as_slice()),
                "{name}, {more} bytes: {done:?}"
            );
            assert!(done.headers_remade.is_empty() && done.kept_count == sealed.members.len() as u64, "{done:?}");
            assert_eq!((done.lost.len(), done.lost[0].len), (1, more as u64), "{name}");
            assert_eq!(done.crc_wrong, [sealed.members[place - 1].0.clone()]);
        }
    }
    // Bytes before the file, and the second header damaged too.
    let mut damaged = [&[0x15; 60], &sealed.zip[..]].concat();
    damaged[60 + offsets[1] + 4..60 + offsets[1] + 10].fill(0xff);
    let (done, out) = repaired(&damaged).expect("a repair");
    assert!(out == sealed.zip && done.headers_remade == ["nonce"], "{done:?}");
    assert_eq!((done.lost.len(), done.lost[0].len, done.refuted.len()), (1, 60, 1));
}

#[test]
fn a_stretch_that_is_lost_with_several_headers_costs_no_member_behind_it() {
    let sealed = small();
    let offsets = offsets(&sealed.members);
    for first in 1..sealed.members.len() - 2 {
        let mut damaged = sealed.zip.clone();
        damaged.drain(offsets[first] - 5..offsets[first + 1] + 40);
        let (done, out) = repaired(&damaged).expect("a repair");
        let kept = out.windows(4).filter(|window| *window == b"PK\x01\x02").count();
        assert!(kept >= sealed.members.len() - 2, "{done:?}");
        for (name, bytes) in &sealed.members[first + 2..] {
            assert!(out.windows(bytes.len()).any(|window| window == bytes.as_slice()), "{name} after {first}");
            let header = [name.as_bytes(), &bytes[..4]].concat();
            assert!(
                out.windows(header.len()).any(|window| window == header.as_slice()),
                "{name} after {first}: {done:?}"
            );
        }
    }
}

#[test]
fn lengths_that_lead_past_the_file_are_never_believed() {
    let sealed = small();
    let offsets = offsets(&sealed.members);
    for (place, len) in [(3, u32::MAX - 1), (3, 0x7fff_ffff), (0, 1 << 30)] {
        let mut damaged = sealed.zip[..sealed.zip.len() - 1].to_vec();
        for at in [18, 22] {
            damaged[offsets[place] + at..offsets[place] + at + 4].copy_from_slice(&len.to_le_bytes());
        }
        assert_restored(&damaged, &sealed.zip, &format!("{len} bytes"));
    }
}

#[test]
fn what_is_no_bundle_and_what_is_there_already_is_a_usage_error() {
    let desk = Desk::new().with("text", b"no bundle").with("x.scelle", &small().zip[..5000]);
    fs::create_dir(desk.path("dir")).expect("a directory");
    for (args, says) in [
        (["text", "--out", "y"], "text is not a bundle"),
        (["x.scelle", "--out", "text"], "text exists already"),
        (["x.scelle", "--out", "x.scelle"], "x.scelle exists already"),
        (["dir", "--out", "y"], "dir is a directory"),
    ] {
        let (code, stdout, stderr) = desk.said(&[&["repair"], &args[..]].concat());
        assert_eq!((code, stdout.as_str(), stderr.contains(says)), (3, "", true), "{stderr}");
    }
    assert_eq!(desk.names(), ["dir", "text", "x.scelle"]);
    let nothing: Arc<dyn Bytes> = Arc::new(b"PK\x03\x04 and no member".to_vec());
    let left = repair(&nothing, Path::new("x"), &desk.path("y"), watch());
    assert!(matches!(left, Err(RepairError::NothingLeft { .. })));
    assert!(!desk.path("y").exists());
}
