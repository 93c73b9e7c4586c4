use serde_json::json;

use super::{bare, file, hard_link, noise, small_params, with};
use crate::reference::{Entry, Segment, cut, tar_stream, text_frames, units};

fn frame_lens(segments: &[Segment]) -> Vec<Vec<usize>> {
    segments.iter().map(|segment| segment.frames.iter().map(Vec::len).collect()).collect()
}

fn unit_lens(entries: &[Entry]) -> Vec<usize> {
    units(entries, &small_params()).iter().map(|unit| unit.bytes.len()).collect()
}

fn lines(segments: &[Segment]) -> Vec<Vec<usize>> {
    segments.iter().map(|segment| segment.lines.clone()).collect()
}

fn socket(path: &[u8]) -> Entry {
    bare(path, "socket")
}

#[test]
fn content_shorter_than_a_frame_is_one_unit_with_its_header() {
    assert_eq!(unit_lens(&[file(b"a", &noise(1023, 1))]), [512 + 1024, 1024]);
}

#[test]
fn content_of_a_frame_or_more_is_a_header_unit_and_units_of_a_frame() {
    assert_eq!(unit_lens(&[file(b"a", &noise(1024, 1))]), [512, 1024, 1024]);
    assert_eq!(unit_lens(&[file(b"a", &noise(1025, 1))]), [512, 1024, 512, 1024]);
    assert_eq!(unit_lens(&[file(b"a", &noise(2048, 1))]), [512, 1024, 1024, 1024]);
}

#[test]
fn a_hard_link_to_large_content_is_one_small_unit() {
    let target = file(b"a", &noise(5000, 1));
    let link = hard_link(b"b", &target);
    let all = units(&[target, link], &small_params());
    assert_eq!(all[all.len() - 2].bytes.len(), 512);
    assert_eq!(all[all.len() - 2].content_len, 0);
}

#[test]
fn units_and_frames_joined_are_the_tar() {
    let target = file(b"d/a", &noise(9000, 1));
    let link = hard_link(b"d/b", &target);
    let entries = [bare(b"d", "dir"), target, link, socket(b"d/s"), file(b"d/z", &noise(700, 2))];
    let tar = tar_stream(&entries);
    let joined: Vec<u8> = units(&entries, &small_params()).into_iter().flat_map(|unit| unit.bytes).collect();
    assert_eq!(joined, tar);
    let segments = cut(&entries, &small_params());
    let mut offset = 0;
    for segment in &segments {
        assert_eq!(segment.tar_offset, offset);
        offset += segment.tar_len();
    }
    assert_eq!(segments.iter().flat_map(|segment| segment.frames.concat()).collect::<Vec<_>>(), tar);
}

#[test]
fn a_frame_ends_before_the_unit_that_would_take_it_past_its_size() {
    let entries = [bare(b"a", "dir"), bare(b"b", "dir"), bare(b"c", "dir")];
    assert_eq!(frame_lens(&cut(&entries, &small_params())), [vec![1024, 512, 1024]]);
}

#[test]
fn large_content_begins_a_frame_and_what_follows_may_share_its_last() {
    let entries = [file(b"a", &noise(1300, 1)), bare(b"b", "dir")];
    // 512 header | 1024 | 276 and padding, then the directory | end marker
    assert_eq!(frame_lens(&cut(&entries, &small_params())), [vec![512, 1024, 1024, 1024]]);
}

#[test]
fn the_end_marker_has_a_frame_of_its_own() {
    let entries = [bare(b"a", "dir")];
    let mut params = small_params();
    params.frame = 4096;
    assert_eq!(frame_lens(&cut(&entries, &params)), [vec![512, 1024]]);
}

#[test]
fn a_segment_ends_before_the_unit_that_would_take_it_past_its_size() {
    let entries = [file(b"a", &noise(2500, 1)), bare(b"b", "dir")];
    let segments = cut(&entries, &small_params());
    // 512 + 1024 + 1024 + 512 + 512 is 3584; the end marker would make it 4608.
    assert_eq!(frame_lens(&segments), [vec![512, 1024, 1024, 1024], vec![1024]]);
    assert_eq!(lines(&segments), [vec![0, 1], vec![]]);
    assert_eq!(segments[1].first, None);
}

#[test]
fn a_segment_may_hold_exactly_its_size() {
    let entries = [file(b"a", &noise(2560, 1))];
    // 512 + 2560 + 1024 is 4096.
    assert_eq!(frame_lens(&cut(&entries, &small_params())), [vec![512, 1024, 1024, 512, 1024]]);
}

#[test]
fn a_segment_ends_before_the_entry_that_finds_it_full_of_lines() {
    let entries = [socket(b"a"), bare(b"b", "dir"), socket(b"c"), socket(b"d"), socket(b"e"), socket(b"f")];
    let segments = cut(&entries, &small_params());
    assert_eq!(lines(&segments), [vec![0, 1, 2], vec![3, 4, 5]]);
    assert_eq!(frame_lens(&segments), [vec![512], vec![1024]]);
    assert_eq!(segments[1].first, Some((3, 0)));
}

#[test]
fn a_segment_without_payload_has_one_frame_of_no_content() {
    let entries = [socket(b"a"), socket(b"b"), socket(b"c"), bare(b"d", "dir")];
    let segments = cut(&entries, &small_params());
    assert_eq!(frame_lens(&segments), [vec![0], vec![512, 1024]]);
    assert_eq!(lines(&segments), [vec![0, 1, 2], vec![3]]);
}

#[test]
fn content_of_a_segment_or_more_begins_a_segment_and_its_line_stands_in_the_last() {
    let entries = [bare(b"a", "dir"), file(b"b", &noise(4096, 1)), bare(b"c", "dir")];
    let segments = cut(&entries, &small_params());
    assert_eq!(frame_lens(&segments), [vec![512], vec![512, 1024, 1024, 1024], vec![1024, 512, 1024]]);
    assert_eq!(lines(&segments), [vec![0], vec![], vec![1, 2]]);
    assert_eq!(segments[2].first, Some((1, 512 + 3072)));
    assert_eq!((segments[2].pieces[0].start, segments[2].pieces[0].len), (3072, 1024));
}

#[test]
fn content_just_short_of_a_segment_does_not_begin_one() {
    let entries = [bare(b"a", "dir"), file(b"b", &noise(4095, 1))];
    let segments = cut(&entries, &small_params());
    assert_eq!(frame_lens(&segments), [vec![1024, 1024, 1024, 1024], vec![1024, 1024]]);
}

#[test]
fn a_unit_longer_than_a_segment_stands_alone() {
    let mut params = small_params();
    (params.frame, params.segment) = (512, 512);
    let long = with(file(b"a", b"x"), "uid", json!(9_000_000));
    let segments = cut(&[long, bare(b"b", "dir")], &params);
    assert_eq!(frame_lens(&segments), [vec![2048], vec![512], vec![1024]]);
}

#[test]
fn a_text_is_cut_every_frame_and_no_text_is_one_empty_frame() {
    let lens = |len: usize| text_frames(&noise(len, 1), 1024).iter().map(Vec::len).collect::<Vec<_>>();
    assert_eq!(lens(0), [0]);
    assert_eq!(lens(1024), [1024]);
    assert_eq!(lens(1025), [1024, 1]);
}
