//! Index parts that their own signer made wrong.

use scelle::format::index::IndexPart;

use crate::forge::Forge;
use crate::kit::layout::{self, index, payload};
use crate::kit::{MembersExt, Plan, Scenario, scenario};
use crate::reference::zstd_frame;

pub fn scenarios() -> Vec<Scenario> {
    [places(), tables(), encoding(), files(), chains()].into_iter().flatten().collect()
}

fn forged(name: &'static str, clauses: &'static str, what: &'static str, change: impl FnOnce(&mut Forge)) -> Scenario {
    let mut forge = Plan::base().forge();
    change(&mut forge);
    scenario(name, clauses, what).members(forge.members_sealed())
}

fn changed(
    name: &'static str,
    clauses: &'static str,
    what: &'static str,
    segment: usize,
    change: impl FnOnce(&mut IndexPart),
) -> Scenario {
    forged(name, clauses, what, |forge| forge.change_index(segment, change))
}

fn places() -> Vec<Scenario> {
    vec![
        changed("index_of_another_segment", "IDX-1", "An index part says another number of its segment.", 0, |part| part.segment = 7).fails("V-6"),
        changed("index_tar_offset_wrong", "IDX-1", "An index part says another place in the tar.", 1, |part| part.tar_offset += 512).fails("V-6"),
        changed("index_first_entry_wrong", "IDX-1 VER-10", "The index part of a segment without lines says that it begins with another entry: nothing in it is followed.", 1, |part| part.first_entry = 2)
            .fails("V-6")
            .lost("s/c", 5000, &[(0, 3072)]),
        changed("index_skip_within_a_unit", "IDX-1 VER-10", "An index part says that a segment begins where no unit does: nothing in it is followed.", 2, |part| part.first_entry_skip += 512)
            .fails("V-6")
            .lost("s/c", 5000, &[(3072, 5000)])
            .lost("s/d", 5, &[(0, 5)]),
    ]
}

fn tables() -> Vec<Scenario> {
    let plan = Plan::base();
    let frames = layout::frames(&plan, 0);
    let (first, second, third) = (frames[0].len, frames[1].len, frames[2].len);
    vec![
        changed("frame_digest_wrong", "VER-11 IDX-1", "The digest of a frame in the table is wrong: it is not decoded.", 0, |part| part.frames[1].sha256[0] ^= 1)
            .fails("V-8")
            .frames(&plan, 0, &[1], "damaged"),
        changed("frame_plain_length_wrong", "IDX-4 VER-11", "A frame decodes to another length than the table says: it is used as it is.", 0, |part| part.frames[0].plain_len += 512)
            .fails("V-6 V-8"),
        changed("frame_stored_length_wrong", "IDX-4 VER-11", "A stored length in the table is one too long: this and the next frame are not those of the table, and the last ends behind the member.", 0, |part| part.frames[0].stored_len += 1)
            .fails("V-6 V-8")
            .range(&payload(0), (0, first + 1), Some(0), "damaged")
            .range(&payload(0), (first + 1, second), Some(1), "damaged")
            .range(&payload(0), (first + second + 1, third), Some(2), "missing")
            .lost("s/a", 600, &[(0, 600)])
            .lost("s/b", 5, &[(0, 5)]),
        changed("frame_table_empty", "IDX-5 VER-4 VER-9", "A table of no frames: the index part counts as lost, and the frames are decoded without it.", 0, |part| part.frames.clear()).fails("V-6"),
        changed("frame_table_longer_than_cuts_give", "IDX-5", "A table of more frames than a segment can have.", 0, |part| {
            let last = part.frames[2].clone();
            part.frames.extend(vec![last; 8]);
        })
        .fails("V-6"),
        changed("frame_longer_than_a_reader_takes", "IDX-5 LIM-15", "A plain length above F and 4 MiB.", 0, |part| part.frames[0].plain_len = 1024 + (4 << 20) + 1).fails("V-6"),
        forged("frame_of_no_content_between", "IDX-5 CUT-5 VER-4", "A frame of no content stands between others, and in the table.", |forge| {
            let mut plain = forge.tar(0);
            plain.insert(1, Vec::new());
            let stored: Vec<_> = plain.iter().map(|plain| zstd_frame(plain, 3)).collect();
            forge.set_payload(0, &stored, &plain);
        })
        .fails("V-6"),
    ]
}

/// The index part is not the one encoding of its value: it counts as lost.
fn encoding() -> Vec<Scenario> {
    let wrong = |name, clauses, what, change: fn(&mut Vec<u8>)| {
        forged(name, clauses, what, |forge| change(forge.member(&index(0)))).fails("V-6")
    };
    vec![
        wrong("index_with_a_byte_behind", "IDX-3 VER-9", "A byte behind the value of an index part.", |bytes| {
            bytes.push(0)
        }),
        wrong("index_of_another_version", "IDX-1 EXT-1", "An index part of version 2.", |bytes| bytes[7] = b'2'),
        wrong("index_count_that_allocates", "IDX-3", "An index part that says that it has 2^60 frames.", |bytes| {
            bytes[55] = 0x10
        }),
    ]
}

fn files() -> Vec<Scenario> {
    vec![
        changed(
            "chunk_table_missing",
            "IDX-2 VER-12",
            "There are no chunks of a file that has two: its digest proves it.",
            0,
            |part| part.files.clear(),
        )
        .fails("V-6"),
        changed(
            "chunk_table_missing_in_a_large_file",
            "IDX-2 VER-12",
            "There are no chunks of a file that spans segments: what lies in this one is lost.",
            1,
            |part| part.files.clear(),
        )
        .fails("V-6")
        .lost("s/c", 5000, &[(0, 3072)]),
        changed("chunk_table_short", "IDX-2 VER-12", "The digest of the last chunk is not there.", 0, |part| {
            part.files[0].digests.truncate(1)
        })
        .fails("V-6")
        .lost("s/a", 600, &[(512, 600)]),
        changed(
            "chunk_table_of_another_entry",
            "IDX-2 VER-12",
            "The chunks of a file are said to be of another: its digest proves it.",
            0,
            |part| part.files[0].entry = 2,
        )
        .fails("V-6"),
        changed(
            "first_chunk_wrong",
            "IDX-1 VER-12",
            "A file's chunks are said to be others than they are.",
            2,
            |part| part.files[0].first_chunk += 1,
        )
        .fails("V-6"),
        changed("blind_differs", "IDX-4", "A file that spans segments has another blind in the second.", 2, |part| {
            part.files[0].blind[0] ^= 1
        })
        .fails("V-6"),
        changed(
            "chain_values_fewer_than_chunks",
            "IDX-1 CHN-1",
            "There are fewer chain values than chunks.",
            0,
            |part| part.files[0].chain.truncate(1),
        )
        .fails("V-6"),
    ]
}

fn chains() -> Vec<Scenario> {
    vec![
        changed(
            "payload_chain_first_value_wrong",
            "CHN-2",
            "The first chain value of a payload member is not the standard one.",
            0,
            |part| part.payload_chain[0][0] ^= 1,
        )
        .fails("V-10"),
        changed("payload_chain_value_wrong", "CHN-1", "A chain value of a payload member is wrong.", 1, |part| {
            part.payload_chain[1][0] ^= 1
        })
        .fails("V-10"),
    ]
}

/// The payload of segment 1 is long enough for a second chain value.
#[test]
fn the_payload_has_several_chain_values() {
    assert!(Plan::base().members().bytes(&payload(1)).len() > 512);
}
