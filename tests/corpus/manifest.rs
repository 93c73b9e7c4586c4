//! The manifest as a whole: frames, order, numbers, counts, root, and hard links.

use serde_json::{Value, json};

use crate::forge::Forge;
use crate::kit::layout::manifest;
use crate::kit::{Plan, Scenario, dir, file, scenario, special};
use crate::reference::{Entry, zstd_frames};
use crate::sealed::pattern;

pub fn scenarios() -> Vec<Scenario> {
    [frames(), order(), numbers(), counts(), links(), following()].into_iter().flatten().collect()
}

fn small() -> Plan {
    Plan::below_s(vec![file("s/b", "bbbbb")])
}

fn forged(
    name: &'static str,
    clauses: &'static str,
    what: &'static str,
    plan: Plan,
    change: impl FnOnce(&mut Forge),
) -> Scenario {
    let mut forge = plan.forge();
    change(&mut forge);
    scenario(name, clauses, what).members(forge.members_sealed()).fails("V-7")
}

fn frames() -> Vec<Scenario> {
    let text = |forge: &mut Forge| forge.lines(0).iter().map(|line| format!("{line}\n")).collect::<String>();
    let set = |forge: &mut Forge, bytes: Vec<u8>| *forge.member(&manifest(0)) = bytes;
    vec![
        forged(
            "manifest_cut_into_two_frames",
            "CUT-8 VER-9",
            "A manifest part of less than F bytes in two frames.",
            small(),
            |forge| {
                let text = text(forge);
                let (first, second) = text.as_bytes().split_at(100);
                set(forge, zstd_frames(&[first.to_vec(), second.to_vec()], 3).concat());
            },
        ),
        forged("manifest_without_frames", "CUT-8", "A manifest part of no bytes.", small(), |forge| {
            set(forge, Vec::new())
        }),
        forged(
            "manifest_with_a_skippable_frame",
            "ZST-1",
            "A skippable frame before the frame of a manifest part.",
            small(),
            |forge| {
                let frame = forge.member(&manifest(0)).clone();
                set(forge, [&[0x50, 0x2a, 0x4d, 0x18, 1, 0, 0, 0, 0][..], &frame].concat());
            },
        ),
        forged(
            "manifest_without_final_lf",
            "MAN-1",
            "The last line of a manifest part does not end in LF.",
            small(),
            |forge| {
                let text = text(forge);
                forge.set_manifest_text(0, text.trim_end().as_bytes());
            },
        ),
    ]
}

/// As a lying sealer writes it: sound in everything but the order.
fn order() -> Vec<Scenario> {
    let wrong = |name, clauses, what, entries: Vec<Entry>| forged(name, clauses, what, Plan::of(entries), |_| {});
    vec![
        wrong(
            "siblings_descend",
            "ORD-2",
            "Two files do not ascend by name.",
            vec![dir("s"), file("s/b", "1"), file("s/a", "2")],
        ),
        wrong(
            "siblings_in_order_of_whole_paths",
            "ORD-2",
            "`p.q` stands before `p/x`, as it would by whole paths.",
            vec![dir("s"), dir("s/p"), file("s/p.q", "1"), file("s/p/x", "2")],
        ),
        wrong(
            "entry_that_nothing_leads_to",
            "ORD-1 ORD-2",
            "A file in a directory that is not there.",
            vec![dir("s"), file("s/d/a", "1")],
        ),
        wrong(
            "source_twice",
            "ORD-1",
            "Two sources of one name, apart.",
            vec![file("s", "1"), file("t", "2"), file("s", "3")],
        ),
    ]
}

fn numbers() -> Vec<Scenario> {
    let renumber = |path: &'static str, n: u64| {
        move |forge: &mut Forge| {
            forge.change_lines(|line| {
                if line["path"] == path {
                    line["n"] = n.into();
                }
            });
        }
    };
    vec![
        forged(
            "line_number_skipped",
            "MAN-1",
            "The last line has the number after the next.",
            small(),
            renumber("s/b", 2),
        ),
        forged(
            "line_missing",
            "MAN-1 VER-10",
            "The last line is not there; its tar record is.",
            Plan::below_s(vec![file("s/a", "aaaaa"), file("s/b", "bbbbb")]),
            |forge| {
                let mut lines = forge.lines(0);
                lines.pop();
                forge.set_lines(0, &lines);
            },
        ),
        forged(
            "lines_more_than_the_index_says",
            "IDX-1 CUT-6",
            "The index part counts one line less than there are.",
            small(),
            |forge| forge.change_index(0, |part| part.lines -= 1),
        ),
    ]
}

fn counts() -> Vec<Scenario> {
    let count = |name, what, key: &'static str| {
        forged(name, "STM-1", what, small(), move |forge| {
            let count = &mut forge.predicate()["counts"][key];
            *count = (count.as_u64().expect("a number") + 1).into();
        })
    };
    vec![
        count("count_of_bytes_wrong", "The statement counts a byte more.", "bytes"),
        count("count_of_tar_bytes_wrong", "The statement counts a byte of tar more.", "tarBytes"),
        count("count_of_segments_wrong", "The statement counts a segment more.", "segments"),
        forged("root_wrong", "MAN-7 STM-1", "The root is not the tree head over the lines.", small(), |forge| {
            forge.predicate()["root"] = json!("11".repeat(32))
        }),
    ]
}

/// A file of two names, and what its second line says.
fn links() -> Vec<Scenario> {
    let target = || file("s/k", pattern(700)).with("nlink", json!(2));
    let link = |path: &str, to: &str| {
        let mut link = file(path, pattern(700)).with("nlink", json!(2)).with("hard_link", json!(to));
        link.content = None;
        link
    };
    let changed = |name, what, path: &'static str, change: fn(&mut Value)| {
        let mut forge = Plan::below_s(vec![target(), link("s/l", "s/k")]).forge();
        forge.change_lines(|line| {
            if line["path"] == path {
                change(line);
            }
        });
        scenario(name, "MAN-5", what).members(forge.members_sealed()).fails("V-10")
    };
    let sealed =
        |name, what, entries| scenario(name, "MAN-5", what).members(Plan::below_s(entries).members()).fails("V-10");
    vec![
        changed("hard_link_target_missing", "A hard link to a path of which there is no entry.", "s/l", |l| {
            l["hard_link"] = json!("s/x")
        }),
        changed(
            "hard_link_to_a_file_of_one_name",
            "The target of a hard link does not say that it has several names.",
            "s/k",
            |l| {
                drop(l.as_object_mut().expect("a line").remove("nlink"));
            },
        ),
        sealed("hard_link_target_later", "A hard link whose target stands later.", vec![link("s/a", "s/k"), target()]),
        {
            let mut forge = Plan::below_s(vec![target(), link("s/l", "s/k"), link("s/m", "s/k")]).forge();
            forge.change_lines(|line| {
                if line["path"] == "s/m" {
                    line["hard_link"] = json!("s/l");
                }
            });
            scenario("hard_link_to_a_hard_link", "MAN-5", "A hard link to a hard link.")
                .members(forge.members_sealed())
                .fails("V-10")
        },
    ]
}

/// Where following ends (VER-10).
fn following() -> Vec<Scenario> {
    let three = || {
        Plan::below_s(vec![file("s/a", "aaaaa"), file("s/b", "bbbbb"), special(b"s/c", "fifo"), file("s/z", "zzzzz")])
    };
    vec![
        forged("malformed_line_ends_following", "VER-9 VER-10 VER-12", "A line in the middle of a segment is not well formed: what follows it in the segment is not proven.", three(), |forge| {
            forge.change_line_text("s/b", |line| line.replace("\"size\":5", "\"size\":5e0"));
        })
        .lost("s/z", 5, &[(0, 5)]),
        forged("malformed_line_of_a_large_file", "VER-9 VER-10", "The line of a file that spans segments is not well formed: what follows it in its last segment is not proven.", Plan::base(), |forge| {
            forge.change_line_text("s/c", |line| line.replace("\"size\":5000", "\"size\":5e3"));
        })
        .lost("s/d", 5, &[(0, 5)]),
    ]
}
