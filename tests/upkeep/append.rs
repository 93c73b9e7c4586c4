//! A member that is added in place: at every crash the bundle is the old one or the new one.

use std::fs::{self, File};
use std::path::Path;

use scelle::format::digest::KeyId;
use scelle::format::dsse::Envelope;
use scelle::format::member::MemberName;
use scelle::limits::ENVELOPE_LEN_MAX;
use scelle::upkeep::{AppendError, Appendable, append_steps};

use super::repair::repaired;
use super::{Desk, grown, pack, small};
use crate::reference;

fn event(name: &str) -> MemberName {
    MemberName::parse(&format!("custody/{name}.dsse.json")).expect("a name")
}

fn append(path: &Path, name: &MemberName, content: &[u8]) -> Result<(), AppendError> {
    Appendable::open(path)?.append(name, content)
}

/// Where something is written, and what.
type Step = (usize, Vec<u8>);

/// The old bundle, the new one, and the steps between them.
fn change(content: &[u8]) -> (Vec<u8>, Vec<u8>, Vec<Step>) {
    let mut members = small().members;
    let old = reference::zip_bytes(&members);
    let steps = append_steps(&old, Path::new("x"), &event("0001"), content).expect("steps");
    members.push((event("0001").to_string(), content.to_vec()));
    let steps = steps.into_iter().map(|step| (step.offset as usize, step.bytes)).collect();
    (old, reference::zip_bytes(&members), steps)
}

fn write(file: &mut Vec<u8>, offset: usize, bytes: &[u8]) {
    file.resize(file.len().max(offset + bytes.len()), 0);
    file[offset..offset + bytes.len()].copy_from_slice(bytes);
}

/// Contents shorter and longer than the old directory, and one that looks like a bundle itself.
fn contents() -> Vec<Vec<u8>> {
    vec![b"{}".to_vec(), vec![b'x'; 400], vec![0; 3000], small().zip]
}

#[test]
fn the_new_bundle_is_the_one_that_would_have_been_written_at_once() {
    for content in contents() {
        let (old, new, steps) = change(&content);
        let mut file = old.clone();
        steps.iter().for_each(|(offset, bytes)| write(&mut file, *offset, bytes));
        assert!(file == new);
        let desk = Desk::new().with("x.scelle", &old);
        append(&desk.path("x.scelle"), &event("0001"), &content).expect("it is added");
        assert!(desk.read("x.scelle") == new);
        assert_eq!(desk.names(), ["x.scelle"]);
    }
}

/// That a file as a crash left it is the old bundle or the new one, at once or repaired.
fn assert_one_of_two(file: &[u8], old: &[u8], new: &[u8], may_be_new: bool, what: &str) {
    let found = repaired(file).map_or(file.to_vec(), |(done, bytes)| {
        assert!(done.refuted.is_empty() && done.crc_wrong.is_empty(), "{what}: {done:?}");
        bytes
    });
    assert!(found == old || (may_be_new && found == new), "{what}");
}

#[test]
fn a_crash_at_every_byte_of_every_write_leaves_the_old_bundle_or_the_new_one() {
    for content in contents() {
        let (old, new, steps) = change(&content);
        let mut before = old.clone();
        for (i, (offset, bytes)) in steps.iter().enumerate() {
            let stride = bytes.len() / 400 + 1;
            for len in (0..bytes.len()).step_by(stride).chain([bytes.len()]) {
                let mut torn = before.clone();
                write(&mut torn, *offset, &bytes[..len]);
                assert_one_of_two(&torn, &old, &new, i >= 2, &format!("write {i}, {len} bytes of it"));
            }
            write(&mut before, *offset, bytes);
            // Once the signature is written there is no way back.
            assert_one_of_two(&before, if i < 2 { &old } else { &new }, &new, i >= 2, &format!("write {i}"));
        }
        assert!(repaired(&before).is_none(), "the last write makes it sound");
    }
}

#[test]
fn sectors_that_reach_the_medium_in_any_order_leave_the_old_bundle_or_the_new_one() {
    let mut state = 1u32;
    let mut random = || {
        state ^= state << 13;
        state ^= state >> 17;
        state ^= state << 5;
        state
    };
    for content in contents() {
        let (old, new, steps) = change(&content);
        let mut before = old.clone();
        for (i, (offset, bytes)) in steps.iter().enumerate() {
            for _ in 0..60 {
                let mut torn = before.clone();
                // A file system may give a file its length before its bytes.
                torn.resize(torn.len().max(offset + bytes.len()), 0);
                for sector in offset / 64..=(offset + bytes.len()) / 64 {
                    let (from, to) = ((sector * 64).max(*offset), (sector * 64 + 64).min(offset + bytes.len()));
                    if from < to && random() % 2 == 0 {
                        write(&mut torn, from, &bytes[from - offset..to - offset]);
                    }
                }
                assert_one_of_two(&torn, &old, &new, i >= 2, &format!("write {i}"));
            }
            write(&mut before, *offset, bytes);
        }
    }
}

#[test]
fn many_members_are_added_one_after_another() {
    let mut members = grown();
    let desk = Desk::new().with("x.scelle", &reference::zip_bytes(&members));
    for i in 0..20 {
        let (name, content) = (event(&format!("{i:04}")), vec![b'e'; i * 50]);
        append(&desk.path("x.scelle"), &name, &content).expect("it is added");
        members.push((name.to_string(), content));
        assert!(desk.read("x.scelle") == reference::zip_bytes(&members));
    }
    assert_eq!(
        desk.run(&["verify", "x.scelle", "--fixity"]).status.code(),
        Some(1),
        "the test's envelope is no envelope"
    );
}

#[test]
fn a_bundle_that_was_added_to_is_still_verified() {
    let desk = Desk::new().with("x.scelle", &small().zip);
    let before = desk.run(&["verify", "x.scelle"]).status.code();
    // A stranger's envelope decides nothing.
    let statement = small().members.iter().find(|(name, _)| name == "statement.json").expect("it").1.clone();
    let envelope = Envelope { statement, key_id: KeyId([0xab; 32]), signature: vec![0] };
    let name = MemberName::envelope_of(envelope.key_id);
    append(&desk.path("x.scelle"), &name, &envelope.to_bytes()).expect("it is added");
    assert_eq!((before, desk.run(&["verify", "x.scelle"]).status.code()), (Some(4), Some(4)));
}

#[test]
fn what_may_not_be_added_is_refused_and_nothing_is_written() {
    let original = reference::zip_bytes(&grown());
    let desk = Desk::new().with("x.scelle", &original).with("cut", &original[..original.len() - 1]);
    let x = desk.path("x.scelle");
    let taken = append(&x, &event("0001-offered"), b"");
    assert!(matches!(taken, Err(AppendError::Exists { .. })), "{taken:?}");
    for name in [MemberName::Nonce, MemberName::Payload(7), MemberName::Custody("../x".into())] {
        assert!(matches!(append(&x, &name, b""), Err(AppendError::NotGrown { .. })));
    }
    let long = vec![0; ENVELOPE_LEN_MAX as usize + 1];
    assert!(matches!(append(&x, &event("0002"), &long), Err(AppendError::TooLong { .. })));
    assert!(matches!(append(&desk.path("cut"), &event("0002"), b""), Err(AppendError::NotSound { .. })));
    assert!(matches!(append(&desk.path("no"), &event("0002"), b""), Err(AppendError::Open { .. })));
    let holder = File::options().read(true).write(true).open(&x).expect("the bundle");
    holder.lock().expect("a lock");
    assert!(matches!(append(&x, &event("0002"), b""), Err(AppendError::Locked { .. })));
    drop(holder);
    assert!(desk.read("x.scelle") == original);
    append(&x, &event("0002"), b"").expect("nobody holds it now");
}

#[test]
fn a_full_disk_leaves_the_bundle_as_it_was() {
    let desk = Desk::new().with("x.scelle", &small().zip);
    let program = std::env::current_exe().expect("this test");
    // The test below, run in a file system that has room for the bundle and for nothing more.
    let command = format!(
        "cp x.scelle full/ && (dd if=/dev/zero of=full/rest bs=4096 2>/dev/null; true) && FULL_BUNDLE=full/x.scelle {} \
         --exact append::adding_where_there_is_no_room --ignored | grep -q '1 passed' && cmp x.scelle full/x.scelle",
        program.display()
    );
    let (stderr, stdout) = pack::on_a_full_disk(&desk, "64k", &command);
    assert_eq!(stdout, ["code 0", "rest", "x.scelle"], "{stderr}");
    fs::remove_file(desk.path("x.scelle")).expect("it is there");
}

#[test]
#[ignore = "run by the test above where the disk is full"]
fn adding_where_there_is_no_room() {
    let Some(path) = std::env::var_os("FULL_BUNDLE") else { return };
    let added = append(Path::new(&path), &event("0001"), &[b'x'; 100_000]);
    assert!(matches!(added, Err(AppendError::NotWritten { .. })), "{added:?}");
}
