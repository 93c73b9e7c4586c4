//! What was damaged or lost on the way, and what is proven in spite of it.

use crate::kit::layout::{self, index, manifest, payload};
use crate::kit::{Members, MembersExt, Plan, Scenario, dir, file, scenario};

pub fn scenarios() -> Vec<Scenario> {
    [frames(), several_frames(), payloads(), indexes(), neighbours(), manifests(), others()]
        .into_iter()
        .flatten()
        .collect()
}

fn members() -> Members {
    Plan::base().members()
}

fn damaged(name: &'static str, clauses: &'static str, what: &'static str, members: Members) -> Scenario {
    scenario(name, clauses, what).members(members).fails("V-5")
}

/// A byte in the middle of these frames is changed.
fn damage_frames(plan: &Plan, frames: &[(usize, usize)]) -> Members {
    frames.iter().fold(plan.members(), |members, (segment, frame)| {
        members.flipped(&payload(*segment), layout::middle_of(plan, *segment, *frame))
    })
}

fn frames() -> Vec<Scenario> {
    let plan = &Plan::base();
    let several = &Plan::below_s(
        (0..4).map(|i| file(&format!("s/{i}"), "")).chain([file("s/e", "1"), file("s/f", "2")]).collect(),
    )
    .with_limits(512, 4096, 1 << 20, 100);
    let odd = &Plan::of(vec![{
        let mut entry = file("x", "odd");
        entry.path = b"\xff".to_vec();
        entry
    }]);
    let frame = |name, what, plan: &Plan, segment, frame| {
        damaged(name, "VER-2 VER-11 VER-12", what, damage_frames(plan, &[(segment, frame)])).fails("V-8").frames(
            plan,
            segment,
            &[frame],
            "damaged",
        )
    };
    vec![
        frame(
            "frame_damaged_in_a_large_file",
            "A damaged frame of a file of many chunks: its chunks are lost, all others are proven.",
            plan,
            1,
            2,
        ),
        frame(
            "frame_of_headers_damaged",
            "A damaged frame of a large file's headers: all of its content is proven.",
            plan,
            1,
            0,
        ),
        frame(
            "frame_of_the_end_marker_damaged",
            "The frame of the end marker is damaged: no entry is lost.",
            plan,
            2,
            3,
        ),
        frame(
            "frame_of_several_files_damaged",
            "A damaged frame of several files: those that have content are lost.",
            several,
            0,
            0,
        ),
        frame(
            "frame_of_a_file_with_an_odd_name_damaged",
            "A damaged frame of a file whose name is not UTF-8.",
            odd,
            0,
            0,
        ),
    ]
}

fn several_frames() -> Vec<Scenario> {
    let plan = &Plan::base();
    vec![
        damaged(
            "frames_damaged_in_two_segments",
            "VER-11 VER-12",
            "The last frame of one segment and the first of the next: one range of a large file.",
            damage_frames(plan, &[(1, 3), (2, 0), (0, 2)]),
        )
        .fails("V-8")
        .frames(plan, 0, &[2], "damaged")
        .frames(plan, 1, &[3], "damaged")
        .frames(plan, 2, &[0], "damaged"),
        damaged(
            "frame_damaged_with_fixity",
            "VER-11 CONF-2",
            "A damaged frame, with --fixity: the payload member as a whole.",
            damage_frames(plan, &[(1, 2)]),
        )
        .fixity()
        .damaged(&[&payload(1)]),
    ]
}

fn payloads() -> Vec<Scenario> {
    let plan = &Plan::base();
    let places = layout::frames(plan, 2);
    let cut = places[2].offset + places[2].len / 2;
    let end = places[3].offset + places[3].len;
    vec![
        damaged(
            "payload_truncated",
            "VER-11",
            "A payload member ends in the middle of a frame: this and the last one are missing.",
            {
                let mut members = members();
                members.bytes_mut(&payload(2)).truncate(cut as usize);
                members
            },
        )
        .fails("V-8")
        .frames(plan, 2, &[2, 3], "missing"),
        damaged(
            "payload_with_bytes_behind",
            "VER-11",
            "Bytes behind the last frame of a payload member: they are damaged, and nothing is lost.",
            {
                let mut members = members();
                members.bytes_mut(&payload(2)).extend_from_slice(b"behind");
                members
            },
        )
        .range(&payload(2), (end, 6), None, "damaged"),
        damaged(
            "payload_and_index_part_damaged",
            "VER-2 VER-11",
            "Payload and index part of a segment are damaged: the member is not decoded, and all in it is lost.",
            damage_frames(plan, &[(0, 0)]).flipped(&index(0), 20),
        )
        .damaged(&[&payload(0), &index(0)])
        .lost("s/a", 600, &[(0, 600)])
        .lost("s/b", 5, &[(0, 5)]),
        damaged("payloads_exchanged", "VER-2", "The payload of two segments is exchanged: no frame has its digest.", {
            let (first, second) = (members().bytes(&payload(0)).clone(), members().bytes(&payload(2)).clone());
            members().replaced(&payload(0), second).replaced(&payload(2), first)
        })
        .exchanged(plan),
    ]
}

impl Scenario {
    /// Segments 0 and 2 of the base: where the frames of the tables lie, and which of them end within the other member.
    fn exchanged(mut self, plan: &Plan) -> Self {
        let lens = [0, 2].map(|segment| layout::frames(plan, segment).iter().map(|frame| frame.len).sum::<u64>());
        for (segment, len) in [(0, lens[1]), (2, lens[0])] {
            let frames = layout::frames(plan, segment);
            for (number, frame) in frames.iter().enumerate() {
                let cause = if frame.offset + frame.len > len { "missing" } else { "damaged" };
                self = self.frames(plan, segment, &[number], cause);
            }
            let end = frames.iter().map(|frame| frame.len).sum::<u64>();
            if end < len {
                self = self.range(&payload(segment), (end, len - end), None, "damaged");
            }
        }
        self.fails("V-8")
    }
}

/// A lost index part (VER-4).
fn indexes() -> Vec<Scenario> {
    let without_digests = {
        let mut plan = Plan::base();
        plan.params.whole_file_digest = false;
        plan.members()
    };
    let index_of = |name, what, members: Members, segment| {
        damaged(name, "VER-4 VER-9 VER-12", what, members.flipped(&index(segment), 20)).damaged(&[&index(segment)])
    };
    vec![
        index_of("index_part_damaged", "The index part of the first segment is damaged: its files are proven by their digests.", members(), 0),
        index_of("index_part_damaged_in_a_large_file", "The index part of a segment within a large file is damaged: what lies in it is lost.", members(), 1)
            .lost("s/c", 5000, &[(0, 3072)]),
        index_of("index_part_lost_segment_found_by_neighbours", "The index part of the last segment is damaged: the rest of a large file is lost, and the file behind it is found and proven.", members(), 2)
            .lost("s/c", 5000, &[(3072, 5000)]),
        index_of("index_part_lost_without_whole_file_digests", "Without digests of whole files, a file of two chunks is lost with its index part; one of one chunk is not.", without_digests, 0)
            .lost("s/a", 600, &[(0, 600)]),
    ]
}

/// Several lost index parts (VER-4).
fn neighbours() -> Vec<Scenario> {
    let nine = || {
        let files = (0..7).map(|i| file(&format!("s/{i}"), "short"));
        Plan::of([dir("s")].into_iter().chain(files).collect()).with_limits(512, 1024, 8192, 2).members()
    };
    let twice = |members: Members, first, second| members.flipped(&index(first), 20).flipped(&index(second), 20);
    vec![
        damaged("index_parts_lost_segments_found_by_their_lines", "VER-4", "Two index parts that follow one another are damaged: each segment begins with its own first line.", twice(nine(), 1, 2))
            .damaged(&[&index(1), &index(2)]),
        damaged("index_parts_lost_segment_not_found", "VER-4 VER-10", "Two index parts that follow one another are damaged, and the second segment begins within a large file: where cannot be told.", twice(members(), 1, 2))
            .damaged(&[&index(1), &index(2)])
            .lost("s/c", 5000, &[(0, 5000)])
            .lost("s/d", 5, &[(0, 5)]),
        damaged("index_part_and_manifest_part_lost", "VER-4 VER-10", "Index and manifest part of the first segment are damaged: its entries are unnamed, all others are proven.", {
            members().flipped(&index(0), 20).flipped(&manifest(0), 12)
        })
        .damaged(&[&index(0), &manifest(0)]),
    ]
}

fn manifests() -> Vec<Scenario> {
    let manifest_of = |name, what, segment| {
        damaged(name, "VER-4 VER-9 VER-10", what, members().flipped(&manifest(segment), 5))
            .damaged(&[&manifest(segment)])
    };
    vec![
        manifest_of(
            "manifest_part_damaged",
            "A manifest part is damaged: its frames are proven, its entries are unnamed, and the next segment is found.",
            0,
        ),
        manifest_of(
            "manifest_part_without_lines_damaged",
            "A manifest part that has no lines is damaged: the large file whose line comes later is proven.",
            1,
        ),
        manifest_of(
            "manifest_part_of_a_large_file_damaged",
            "The manifest part with the line of a large file is damaged: nothing of it is named.",
            2,
        ),
    ]
}

fn others() -> Vec<Scenario> {
    let tiny = || Plan::of(vec![file("a", "1")]).members();
    let member =
        |name, member: &'static str, what| damaged(name, "VER-11", what, tiny().flipped(member, 20)).damaged(&[member]);
    vec![
        member("sums_damaged", "SHA256SUMS.zst", "The sums are damaged."),
        damaged("everything_listed_damaged", "VER-11", "Every listed member is damaged: nothing is decoded.", {
            let names: Vec<_> =
                tiny().iter().map(|member| member.0.clone()).take_while(|name| name != "case.json").collect();
            names.iter().fold(tiny(), |members, name| members.flipped(name, 20))
        })
        .damaged(&["mimetype", "nonce", "VERIFY.txt", &payload(0), &manifest(0), &index(0), "SHA256SUMS.zst"]),
    ]
}
