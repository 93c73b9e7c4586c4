use super::{SEED, bare, file, hard_link, noise, small_params};
use crate::reference::{Entry, Params, blind_of, cut, index_part, payload_member, sha256};

type Arrays = Vec<[u8; 32]>;
type Part = (u64, u64, u64, u64, u64, Vec<(u32, u32, [u8; 32])>, Arrays, Vec<(u64, u64, [u8; 32], Arrays, Arrays)>);

/// Every part of a bundle, read back by a decoder that shares nothing with the writer.
fn parts(entries: &[Entry], params: &Params) -> Vec<Part> {
    let config = bincode::config::standard().with_fixed_int_encoding();
    let mut out = Vec::new();
    for (s, segment) in cut(entries, params).iter().enumerate() {
        let bytes = index_part(s as u64, segment, &payload_member(segment, params), entries, params, &SEED);
        assert_eq!(&bytes[..8], b"SCELIDX1");
        let (part, used): (Part, usize) = bincode::decode_from_slice(&bytes[8..], config).expect("an index part");
        assert_eq!(used, bytes.len() - 8);
        assert_eq!(bincode::encode_to_vec(&part, config).unwrap(), bytes[8..]);
        out.push(part);
    }
    out
}

fn tree() -> Vec<Entry> {
    let large = file(b"d/a", &noise(5000, 1));
    let link = hard_link(b"d/b", &large);
    vec![bare(b"d", "dir"), large, link, file(b"d/c", &noise(512, 2)), file(b"d/e", &noise(513, 3))]
}

#[test]
fn an_index_part_is_the_bincode_of_its_value() {
    let entries = tree();
    let parts = parts(&entries, &small_params());
    // The content of 5000 bytes begins segment 1, which holds 512 + 3072 bytes of tar.
    assert_eq!(parts.len(), 4);
    assert_eq!(parts.iter().map(|part| part.0).collect::<Vec<_>>(), [0, 1, 2, 3]);
    assert_eq!(parts.iter().map(|part| part.1).collect::<Vec<_>>(), [0, 512, 512 + 3584, 512 + 3584 + 3584]);
    assert_eq!(parts.iter().map(|part| (part.2, part.3)).collect::<Vec<_>>(), [(0, 0), (1, 0), (1, 3584), (4, 0)]);
    assert_eq!(parts.iter().map(|part| part.4).collect::<Vec<_>>(), [1, 0, 3, 1]);
}

#[test]
fn a_file_that_spans_segments_has_its_chunks_where_their_bytes_lie() {
    let entries = tree();
    let parts = parts(&entries, &small_params());
    let content = entries[1].content.as_ref().unwrap();
    let files: Vec<_> = parts.iter().flat_map(|part| part.7.clone()).collect();
    assert_eq!(
        files.iter().map(|file| (file.0, file.1, file.3.len())).collect::<Vec<_>>(),
        [(1, 0, 6), (1, 6, 4), (4, 0, 2)]
    );
    assert_eq!(files[1].2, blind_of(&SEED, b"d/a"));
    assert_eq!(files[1].3[3], sha256(&content[9 * 512..]));
    assert_eq!(files[1].4.len(), 4);
}

#[test]
fn there_are_no_chain_values_of_files_without_whole_file_digests() {
    let mut params = small_params();
    params.whole_file_digest = false;
    let parts = parts(&tree(), &params);
    assert!(parts.iter().flat_map(|part| &part.7).all(|file| file.4.is_empty()));
    assert!(parts.iter().all(|part| !part.6.is_empty()));
}

#[test]
fn frame_lengths_add_up_and_digests_are_of_the_stored_frames() {
    let entries = tree();
    let params = small_params();
    let segments = cut(&entries, &params);
    for (part, segment) in parts(&entries, &params).iter().zip(&segments) {
        let stored = payload_member(segment, &params);
        assert_eq!(part.5.iter().map(|frame| u64::from(frame.1)).sum::<u64>(), segment.tar_len());
        assert_eq!(part.5.iter().map(|frame| frame.0 as usize).sum::<usize>(), stored.concat().len());
        assert_eq!(part.6.len(), stored.concat().len().div_ceil(512));
        for (frame, stored) in part.5.iter().zip(&stored) {
            assert_eq!(frame.2, sha256(stored));
        }
    }
}

#[test]
fn a_segment_of_the_end_marker_alone_names_the_entry_count_as_its_first_entry() {
    let entries = [file(b"a", &noise(2500, 1)), bare(b"b", "dir")];
    let parts = parts(&entries, &small_params());
    assert_eq!((parts[1].2, parts[1].3, parts[1].4), (2, 0, 0));
    assert_eq!(parts[1].5.iter().map(|frame| frame.1).collect::<Vec<_>>(), [1024]);
}
