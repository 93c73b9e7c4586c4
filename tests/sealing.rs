//! The sealer against the plain reference: whole bundles, byte for byte.

mod memory_source;
mod reference;
mod sealed;

use std::collections::HashMap;
use std::sync::atomic::AtomicBool;

use memory_source::MemorySource;
use scelle::format::clock::{Clock, ClockSource};
use scelle::format::cuts::Limits;
use scelle::format::derive::Seed;
use scelle::format::statement::RequiredSigners;
use scelle::format::time::Instant;
use scelle::hash::{OtherAlgorithm, OtherHashers, further_digests};
use scelle::seal::{Form, Job, Progress, seal};
use sealed::{SEED, Shape, as_read, one_of_everything, reference_of, required_signer, seal_items, test_key};

fn assert_same_bytes(found: &[u8], expected: &[u8]) {
    if let Some(offset) = found.iter().zip(expected).position(|(a, b)| a != b) {
        panic!("first difference at byte {offset} of {} and {}", found.len(), expected.len());
    }
    assert_eq!(found.len(), expected.len());
}

/// Compares a bundle with the reference's, member by member, so that a difference shows where it is.
fn assert_same_members(found: &[u8], expected: &reference::Sealed) {
    let mut offset = 0;
    for (name, bytes) in &expected.members {
        let mut member = reference::zip_local_header(name, reference::crc32(bytes), bytes.len() as u64);
        member.extend_from_slice(bytes);
        let at = &found[offset..(offset + member.len()).min(found.len())];
        assert!(at == member, "{name} differs, at {offset}");
        offset += member.len();
    }
    assert_same_bytes(found, &expected.zip);
}

#[test]
fn the_sealer_writes_the_bytes_of_the_reference() {
    let dir = tempfile::tempdir().expect("a directory");
    let items = one_of_everything();
    for (i, shape) in Shape::every().enumerate() {
        let out = dir.path().join(i.to_string());
        let sealed = seal_items(&as_read(&items), &shape, &out);
        let expected = reference_of(&items, &shape);
        assert_same_members(&std::fs::read(&out).expect("the bundle"), &expected);
        assert_eq!(sealed.seal_digest.to_string(), expected.seal_digest);
    }
}

#[test]
fn further_digests_stand_in_the_lines_of_all_content_and_change_nothing_else() {
    let dir = tempfile::tempdir().expect("a directory");
    let mut items = one_of_everything();
    let read = as_read(&items);
    let digests = |content: &[u8]| {
        let mut hashers = OtherHashers::new(&OtherAlgorithm::ALL);
        hashers.update(content);
        further_digests(&hashers.finish())
    };
    let by_path: HashMap<_, _> =
        items.iter().filter_map(|item| Some((item.entry.path.clone(), digests(item.content.as_ref()?)))).collect();
    for item in &mut items {
        let content_of = item.entry.hard_link.as_ref().unwrap_or(&item.entry.path);
        item.entry.also = by_path.get(content_of).cloned().flatten();
    }
    for (i, shape) in Shape::every().enumerate() {
        let out = dir.path().join(i.to_string());
        let shape = Shape { also: OtherAlgorithm::ALL.to_vec(), paranoid: true, ..shape };
        seal_items(&read, &shape, &out);
        assert_same_members(&std::fs::read(&out).expect("the bundle"), &reference_of(&items, &shape));
    }
}

#[test]
fn any_number_of_threads_gives_the_same_bytes() {
    let dir = tempfile::tempdir().expect("a directory");
    let items = as_read(&one_of_everything());
    let bundles = [1, 2, 7].map(|threads| {
        let out = dir.path().join(threads.to_string());
        seal_items(&items, &Shape { threads, ..Shape::small() }, &out);
        std::fs::read(out).expect("the bundle")
    });
    assert_same_bytes(&bundles[1], &bundles[0]);
    assert_same_bytes(&bundles[2], &bundles[0]);
}

#[test]
fn the_directory_form_has_the_same_members() {
    let dir = tempfile::tempdir().expect("a directory");
    let items = one_of_everything();
    let out = dir.path().join("bundle");
    seal_items(&as_read(&items), &Shape { form: Form::Dir, ..Shape::small() }, &out);
    let expected = reference_of(&items, &Shape::small());
    for (name, bytes) in &expected.members {
        assert_same_bytes(&std::fs::read(out.join(name)).expect(name), bytes);
    }
    let files = walkdir::WalkDir::new(&out).into_iter().filter(|e| e.as_ref().is_ok_and(|e| e.file_type().is_file()));
    assert_eq!(files.count(), expected.members.len());
}

#[test]
fn nothing_is_left_behind_when_sealing_stops() {
    let dir = tempfile::tempdir().expect("a directory");
    for form in [Form::Zip, Form::Dir] {
        let items = as_read(&one_of_everything());
        let key = test_key();
        let out = dir.path().join("never");
        let job = Job {
            out: &out,
            form,
            limits: Limits::DEFAULT,
            level: 3,
            worker_count: 2,
            whole_file_digest: true,
            also: Vec::new(),
            paranoid: false,
            patience: scelle::read::Patience::default(),
            incomplete_ok: false,
            journal: None,
            unfinished: None,
            seed: Seed::new(&SEED),
            seed_given: true,
            time_given: None,
            clock: Clock { host: None, offset_ms: None, reference: None, source: ClockSource::System },
            case: &|_| Ok(Vec::new()),
            answers: None,
            required_signers: RequiredSigners { keys: vec![required_signer(&key)], threshold: 1 },
            key: &key,
            now: &|| Instant::EPOCH,
        };
        let stopped = seal(job, &mut MemorySource::new(&items), &Progress::default(), &AtomicBool::new(true));
        assert!(matches!(stopped, Err(scelle::seal::SealError::Interrupted)));
        assert_eq!(std::fs::read_dir(dir.path()).expect("the directory").count(), 0);
    }
}
