//! Index parts are decoded alike by a second decoder (`wincode`), and encode again to the same bytes: should bincode ever
//! have to go, nothing changes.

use std::fs;
use std::path::Path;

use proptest::collection::vec;
use proptest::prelude::*;
use scelle::format::index::{FileChunks, Frame, IndexPart, MAGIC};
use scelle::format::member::MemberName;
use scelle::limits::INDEX_LEN_MAX;
use scelle::verify::{Bundle, Member, open, read_exact_at};
use wincode::{SchemaRead, SchemaWrite};

/// `IndexPart` of SPEC.md section 6, written down a second time.
#[derive(Debug, PartialEq, SchemaRead, SchemaWrite)]
struct SecondPart {
    segment: u64,
    tar_offset: u64,
    first_entry: u64,
    first_entry_skip: u64,
    lines: u64,
    frames: Vec<SecondFrame>,
    payload_chain: Vec<[u8; 32]>,
    files: Vec<SecondChunks>,
}

#[derive(Debug, PartialEq, SchemaRead, SchemaWrite)]
struct SecondFrame {
    stored_len: u32,
    plain_len: u32,
    sha256: [u8; 32],
}

#[derive(Debug, PartialEq, SchemaRead, SchemaWrite)]
struct SecondChunks {
    entry: u64,
    first_chunk: u64,
    blind: [u8; 32],
    digests: Vec<[u8; 32]>,
    chain: Vec<[u8; 32]>,
}

/// What bincode read, field by field as the second decoder should have read it.
fn expected(part: &IndexPart) -> SecondPart {
    let frame = |f: &Frame| SecondFrame { stored_len: f.stored_len, plain_len: f.plain_len, sha256: f.sha256 };
    let chunks = |f: &FileChunks| SecondChunks {
        entry: f.entry,
        first_chunk: f.first_chunk,
        blind: f.blind,
        digests: f.digests.clone(),
        chain: f.chain.clone(),
    };
    SecondPart {
        segment: part.segment,
        tar_offset: part.tar_offset,
        first_entry: part.first_entry,
        first_entry_skip: part.first_entry_skip,
        lines: part.lines,
        frames: part.frames.iter().map(frame).collect(),
        payload_chain: part.payload_chain.clone(),
        files: part.files.iter().map(chunks).collect(),
    }
}

/// Its defaults are what SPEC.md section 6 asks for: fixed-width little-endian integers, u64 counts, arrays without.
fn encoding() -> impl wincode::config::Config {
    wincode::config::Configuration::default().with_preallocation_size_limit::<INDEX_LEN_MAX>()
}

/// The second decoder by IDX-3: every byte is used, and the value encodes again to the same bytes.
fn second_parse(bytes: &[u8]) -> Option<SecondPart> {
    let value = bytes.strip_prefix(MAGIC)?;
    let part: SecondPart = wincode::config::deserialize_exact(value, encoding()).ok()?;
    let again = wincode::config::serialize(&part, encoding()).expect("what was decoded can be encoded");
    (again == value).then_some(part)
}

/// The index parts of a bundle, whatever else is wrong with it.
fn index_parts(bundle: &dyn Bundle) -> Vec<Vec<u8>> {
    let members = bundle.members().iter().enumerate();
    let parts = members.filter(|(_, member)| matches!(member.kind, Some(MemberName::Index(_))));
    let read = |(i, member): (usize, &Member)| {
        let mut bytes = vec![0; usize::try_from(member.len).expect("a length")];
        read_exact_at(&*bundle.open(i).expect("the member"), &mut bytes, 0).expect("its bytes");
        bytes
    };
    parts.map(read).collect()
}

#[test]
fn every_index_part_of_the_golden_bundles_is_the_same_value_to_both_decoders() {
    let mut count = 0;
    for bundle in fs::read_dir(Path::new(env!("CARGO_MANIFEST_DIR")).join("fixtures/golden")).expect("the fixtures") {
        let bundle = bundle.expect("a fixture").path();
        let parts = index_parts(&*open(&bundle).expect("a bundle"));
        assert!(!parts.is_empty(), "{} has index parts", bundle.display());
        for bytes in parts {
            let part = IndexPart::parse(&bytes).expect("a golden index part");
            assert_eq!(second_parse(&bytes), Some(expected(&part)), "{}", bundle.display());
            count += 1;
        }
    }
    assert!(count > 20, "only {count} index parts were seen");
}

fn digests() -> impl Strategy<Value = Vec<[u8; 32]>> {
    vec(any::<[u8; 32]>(), 0..5)
}

fn chunks() -> impl Strategy<Value = FileChunks> {
    (any::<u64>(), any::<u64>(), any::<[u8; 32]>(), digests(), digests()).prop_map(
        |(entry, first_chunk, blind, digests, chain)| FileChunks { entry, first_chunk, blind, digests, chain },
    )
}

fn frame() -> impl Strategy<Value = Frame> {
    (any::<u32>(), any::<u32>(), any::<[u8; 32]>()).prop_map(|(stored_len, plain_len, sha256)| Frame {
        stored_len,
        plain_len,
        sha256,
    })
}

fn part() -> impl Strategy<Value = IndexPart> {
    (any::<[u64; 5]>(), vec(frame(), 0..5), digests(), vec(chunks(), 0..4)).prop_map(
        |([segment, tar_offset, first_entry, first_entry_skip, lines], frames, payload_chain, files)| IndexPart {
            segment,
            tar_offset,
            first_entry,
            first_entry_skip,
            lines,
            frames,
            payload_chain,
            files,
        },
    )
}

proptest! {
    #[test]
    fn any_index_part_is_the_same_value_to_both_decoders(part in part()) {
        let bytes = part.to_bytes().expect("bytes");
        prop_assert_eq!(second_parse(&bytes), Some(expected(&part)));
    }

    #[test]
    fn damaged_bytes_are_the_same_value_to_both_or_refused_by_both(
        part in part(), at in any::<prop::sample::Index>(), value in any::<u8>(), cut in any::<prop::sample::Index>(),
    ) {
        let mut bytes = part.to_bytes().expect("bytes");
        let at = at.index(bytes.len());
        bytes[at] = value;
        // Half of them are cut too.
        bytes.truncate(bytes.len().min(2 * cut.index(bytes.len())));
        prop_assert_eq!(second_parse(&bytes), IndexPart::parse(&bytes).ok().map(|part| expected(&part)));
    }
}

#[test]
fn every_index_part_of_the_corpus_is_the_same_value_to_both_decoders_or_refused_by_both() {
    let (mut read, mut refused) = (0, 0);
    for item in fs::read_dir(Path::new(env!("CARGO_MANIFEST_DIR")).join("fixtures/corpus")).expect("the corpus") {
        let path = item.expect("an item").path();
        // Side files, keys and what is not a bundle have no index parts.
        let Ok(bundle) = open(&path) else { continue };
        for bytes in index_parts(&*bundle) {
            let part = IndexPart::parse(&bytes).ok();
            assert_eq!(second_parse(&bytes), part.as_ref().map(expected), "{}", path.display());
            *(if part.is_some() { &mut read } else { &mut refused }) += 1;
        }
    }
    assert!(read > 400 && refused >= 3, "{read} index parts were read, {refused} refused");
}
