//! Payload frames that their own signer made wrong, and where they are cut.

use serde_json::json;

use crate::forge::Forge;
use crate::kit::layout::payload;
use crate::kit::zstd::Header;
use crate::kit::{Plan, Scenario, dir, file, scenario};
use crate::reference::zstd_frame;
use crate::sealed::pattern;

pub fn scenarios() -> Vec<Scenario> {
    [sound(), undecodable(), cuts()].into_iter().flatten().collect()
}

/// `s` and `s/b`, of 700 bytes, in a frame each; then the end marker.
fn plan() -> Plan {
    Plan::below_s(vec![file("s/b", pattern(700))])
}

/// The second frame is written otherwise.
fn stored(forge: &mut Forge, change: impl FnOnce(&[u8]) -> Vec<u8>) -> (u64, u64) {
    let plain = forge.tar(0);
    let mut stored: Vec<_> = plain.iter().map(|plain| zstd_frame(plain, 3)).collect();
    stored[1] = change(&plain[1]);
    forge.set_payload(0, &stored, &plain);
    (stored[0].len() as u64, stored[1].len() as u64)
}

/// It has the digest that the table says, and is no sound frame.
fn wrong(name: &'static str, what: &'static str, change: impl FnOnce(&[u8]) -> Vec<u8>) -> Scenario {
    let mut forge = plan().forge();
    let place = stored(&mut forge, change);
    scenario(name, "ZST-1 VER-11", what)
        .members(forge.members_sealed())
        .fails("V-8")
        .range(&payload(0), place, Some(1), "undecodable")
        .lost("s/b", 700, &[(0, 700)])
}

fn sound() -> Vec<Scenario> {
    let by_hand = |name, what, window_log| {
        let mut forge = plan().forge();
        stored(&mut forge, |plain| Header { window_log, ..Header::over(plain) }.frame(plain));
        scenario(name, "ZST-1", what).members(forge.members_sealed())
    };
    vec![
        by_hand(
            "zstd_frame_of_another_compressor",
            "A frame of blocks that are stored as they are, with a window of 1 KiB.",
            Some(10),
        ),
        by_hand("zstd_window_of_8_mib", "A frame with the largest window.", Some(23)).clause("LIM-14"),
    ]
}

fn undecodable() -> Vec<Scenario> {
    let header = |name, what, change: fn(&mut Header)| {
        wrong(name, what, |plain| {
            let mut header = Header::over(plain);
            change(&mut header);
            header.frame(plain)
        })
    };
    vec![
        header("zstd_window_of_16_mib", "A frame with a window of 16 MiB.", |header| header.window_log = Some(24))
            .clause("LIM-14"),
        header("zstd_without_checksum", "A frame without a checksum.", |header| header.has_checksum = false),
        header("zstd_without_content_size", "A frame without its content size.", |header| header.size = None),
        header("zstd_with_a_dictionary", "A frame that names a dictionary.", |header| header.dictionary = Some(7)),
        header("zstd_with_a_reserved_bit", "A frame with a reserved bit.", |header| header.reserved = true),
        header("zstd_content_size_wrong", "A frame that declares 512 bytes more than it has.", |header| {
            header.size = header.size.map(|size| size + 512)
        }),
        wrong("zstd_checksum_wrong", "A frame whose checksum is wrong.", |plain| {
            let mut frame = zstd_frame(plain, 3);
            *frame.last_mut().expect("a byte") ^= 1;
            frame
        }),
        wrong("frame_truncated", "A frame without its last bytes.", |plain| {
            let frame = zstd_frame(plain, 3);
            frame[..frame.len() - 6].to_vec()
        }),
        wrong(
            "zstd_skippable_frame_between",
            "A skippable frame before a frame, in one with it in the table.",
            |plain| [&[0x50, 0x2a, 0x4d, 0x18, 1, 0, 0, 0, 0][..], &zstd_frame(plain, 3)].concat(),
        ),
        wrong("zstd_bytes_behind_a_frame", "A byte behind a frame, in one with it in the table.", |plain| {
            [zstd_frame(plain, 3), vec![0]].concat()
        }),
    ]
}

/// The content is there, and only cut elsewhere: all of it is proven.
fn cuts() -> Vec<Scenario> {
    let cut = |name, clauses, what, change: fn(Vec<Vec<u8>>) -> Vec<Vec<u8>>| {
        let mut forge = plan().forge();
        let plain = change(forge.tar(0));
        forge.set_tar(0, &plain);
        scenario(name, clauses, what).members(forge.members_sealed()).fails("V-8")
    };
    let moved = |name, what, len: usize| {
        let mut forge = Plan::below_s(vec![file("s/a", "abc"), file("s/z", "zzzzz")]).forge();
        let mut plain = forge.tar(0);
        let end = plain[1].len() - len;
        let end = plain[1].split_off(end);
        plain[2].splice(0..0, end);
        forge.set_tar(0, &plain);
        scenario(name, "CUT-5 VER-12", what).members(forge.members_sealed()).fails("V-8")
    };
    let parameter = |name, clauses, what, key: &str, value: u64| {
        let mut forge =
            Plan::of(vec![dir("s"), file("s/a", "1"), file("s/b", "2")]).with_limits(512, 1024, 8192, 2).forge();
        forge.predicate()["parameters"][key] = json!(value);
        scenario(name, clauses, what).members(forge.members_sealed()).fails("V-8")
    };
    vec![
        cut(
            "end_marker_in_the_frame_before",
            "CUT-5",
            "The end marker is in one frame with what stands before it.",
            |mut plain| {
                let end = plain.pop().expect("a frame");
                plain.last_mut().expect("a frame").extend(end);
                plain
            },
        ),
        moved("frame_ends_within_padding", "A frame ends within the padding of a file, whose content is in it.", 100),
        moved("frame_ends_within_content", "A frame ends within the content of a file.", 510),
        cut("frames_joined", "CUT-5", "Two frames are one, which passes F.", |plain| {
            vec![plain[..2].concat(), plain[2].clone()]
        }),
        parameter(
            "segments_cut_by_more_entries",
            "CUT-4",
            "Segments end after two lines, though the parameters say four.",
            "entriesPerSegment",
            4,
        ),
        parameter(
            "segment_bytes_of_other_cuts",
            "CUT-4",
            "A segment is longer than the parameters say.",
            "segmentBytes",
            1024,
        ),
    ]
}
