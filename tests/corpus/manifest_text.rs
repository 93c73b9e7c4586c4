//! Manifest parts as a whole: their lines, text and frames, and what the statement says of all of them.

use serde_json::json;

use crate::forge::Forge;
use crate::kit::layout::manifest;
use crate::kit::lines::{before_z, with_manifest_bytes};
use crate::kit::{Plan, Scenario, dir, file, scenario, special};
use crate::reference;
use crate::sealed::pattern;

pub fn scenarios() -> Vec<Scenario> {
    [lines(), text(), parts_without_lines(), frames(), whole()].into_iter().flatten().collect()
}

/// One segment: `s`, `s/a` (600 bytes), `s/b` (5 bytes), `s/z` (a directory).
fn plan() -> Plan {
    Plan::below_s(vec![file("s/a", pattern(600)), file("s/b", "bbbbb"), dir("s/z")])
}

/// With other lines; root and count of lines are right.
fn with_lines(plan: &Plan, change: impl FnOnce(&mut Vec<String>)) -> Forge {
    let mut forge = plan.forge();
    let mut lines = forge.lines(0);
    change(&mut lines);
    forge.set_lines(0, &lines);
    forge
}

fn lines() -> Vec<Scenario> {
    vec![
        scenario("line_added", "MAN-1 VER-10 VER-12", "A line of a file is added that the tar does not have: its content would lie in the end marker.")
            .members(with_lines(&before_z(file("s/a", "1")), |lines| {
                let line = lines[2].replace("s/z", "s/zz").replace(r#""n":2"#, r#""n":3"#);
                lines.push(line);
            }).members_sealed())
            .fails("V-7")
            .lost("s/zz", 5, &[(0, 5)]),
        scenario("line_doubled", "MAN-1 VER-10 VER-12", "The last line stands twice: where the second one looks for its content, there is none.")
            .members(with_lines(&before_z(file("s/a", "1")), |lines| lines.push(lines[2].clone())).members_sealed())
            .fails("V-7")
            .lost("s/z", 5, &[(0, 5)]),
        scenario("last_line_dropped", "MAN-1", "The line of the last entry is dropped, which is a socket: nothing but the counts is wrong.")
            .members({
                let plan = Plan::below_s(vec![file("s/a", "1"), special(b"s/z", "socket")]);
                with_lines(&plan, |lines| drop(lines.pop())).members_sealed()
            })
            .fails("V-7"),
        scenario("line_moved_to_another_segment", "CUT-4 CUT-6 IDX-1", "The fifth line, of a socket, stands in the second segment, whose index part says that it begins with the sixth.")
            .members({
                let plan = Plan::of((0..6).map(|i| special(format!("s{i}").as_bytes(), "socket")).collect());
                let mut forge = plan.forge();
                let (mut first, mut second) = (forge.lines(0), forge.lines(1));
                second.insert(0, first.pop().expect("a line"));
                forge.set_lines(0, &first);
                forge.set_lines(1, &second);
                forge.members_sealed()
            })
            .fails("V-6"),
        scenario("more_lines_than_a_segment_has", "CUT-4 VER-9", "A segment has six lines, and the parameters allow five: the sixth is passed over.")
            .members({
                let mut plan = Plan::below_s(["a", "b", "c", "d", "e"].map(|name| dir(&format!("s/{name}"))).to_vec());
                plan.params.entries = 6;
                let mut forge = plan.forge();
                forge.predicate()["parameters"]["entriesPerSegment"] = json!(5);
                forge.members_sealed()
            })
            .fails("V-8"),
        scenario("line_left_out", "MAN-1 VER-10 VER-12", "A line is missing: what follows it in its segment is looked for a record too early, and the file of the next segment begins anew there.")
            .members({
                let files = ["a", "b", "c", "d", "e"].map(|name| file(&format!("s/{name}"), name.repeat(600)));
                let mut plan = Plan::below_s(files.to_vec());
                plan.params.entries = 4;
                let mut forge = plan.forge();
                let mut lines = forge.lines(0);
                lines.remove(1);
                forge.set_lines(0, &lines);
                forge.members_sealed()
            })
            .fails("V-7 V-9")
            .lost("s/b", 600, &[(0, 600)])
            .lost("s/c", 600, &[(0, 600)]),
        scenario("line_of_a_large_file_twice", "MAN-1 VER-12", "The line of a file that spans segments stands twice: the file is proven by the first, and nothing by the second.")
            .members({
                let mut forge = Plan::base().forge();
                let mut lines = forge.lines(2);
                lines.insert(0, lines[0].clone());
                forge.set_lines(2, &lines);
                forge.members_sealed()
            })
            .fails("V-7")
            .lost("s/c", 5000, &[(0, 5000)])
            .lost("s/d", 5, &[(0, 5)]),
        scenario("size_of_2_to_the_53_less_1", "JSON-1 VER-10 VER-12", "A file claims more bytes than any disk holds, and a few are there.")
            .members({
                let mut forge = plan().forge();
                forge.change_line_text("s/a", |line| line.replace("\"size\":600", "\"size\":9007199254740991"));
                forge.members_sealed()
            })
            .fails("V-7")
            .lost("s/a", 9_007_199_254_740_991, &[(0, 9_007_199_254_740_991)])
            .lost("s/b", 5, &[(0, 5)]),
        scenario("line_count_zero", "IDX-1 VER-10", "The index part counts no lines, where there are four.")
            .members({
                let mut forge = plan().forge();
                forge.change_index(0, |part| part.lines = 0);
                forge.members_sealed()
            })
            .fails("V-7"),
    ]
}

fn text() -> Vec<Scenario> {
    let mut forge = plan().forge();
    with_manifest_bytes(&mut forge, b"");
    vec![
        scenario("manifest_of_no_text", "MAN-1 CUT-8", "The only manifest part is a frame of no content.")
            .members(forge.members_sealed())
            .fails("V-7"),
    ]
}

/// The line of the large file of the base plan stands in segment 2, where it ends: the part of segment 1 has none.
fn parts_without_lines() -> Vec<Scenario> {
    let part = |name, what, stored: Vec<u8>| {
        let mut forge = Plan::base().forge();
        *forge.member(&manifest(1)) = stored;
        scenario(name, "VER-9 VER-10", what).members(forge.members_sealed()).fails("V-7")
    };
    vec![
        part(
            "manifest_part_without_lines_is_no_frame",
            "A manifest part that should have no lines was sealed as no frame at all: it hides none.",
            b"no frame".to_vec(),
        ),
        part(
            "manifest_part_without_lines_has_half_a_line",
            "A manifest part that should have no lines holds text without an LF: it hides none.",
            reference::zstd_frames(&[b"half a line".to_vec()], 3).concat(),
        ),
        part(
            "manifest_part_without_lines_has_a_line",
            "A manifest part that should have no lines holds one that is not well formed: following ends at it.",
            reference::zstd_frames(&[b"{}\n".to_vec()], 3).concat(),
        )
        .lost("s/c", 5000, &[(0, 3072)]),
    ]
}

/// What is not cut as CUT-8 says is not read.
fn frames() -> Vec<Scenario> {
    let with_frames = |cut: &dyn Fn(&[u8]) -> Vec<Vec<u8>>| {
        let mut plan = plan();
        plan.entries[3] = dir("s/z").with("user", json!("u".repeat(300)));
        let mut forge = plan.forge();
        let text: String = forge.lines(0).iter().map(|line| format!("{line}\n")).collect();
        assert!(text.len() > 1024 && text.len() < 1500, "{}", text.len());
        *forge.member(&manifest(0)) = reference::zstd_frames(&cut(text.as_bytes()), 3).concat();
        forge.members_sealed()
    };
    vec![
        scenario(
            "manifest_cut_too_early",
            "CUT-8 VER-9",
            "A manifest part has its first cut after 1,000 bytes: nothing of it is read.",
        )
        .members(with_frames(&|text| vec![text[..1000].to_vec(), text[1000..].to_vec()]))
        .fails("V-7"),
        scenario(
            "manifest_not_cut",
            "CUT-8 VER-9",
            "A manifest part of more than 1,024 bytes is one frame: nothing of it is read.",
        )
        .members(with_frames(&|text| vec![text.to_vec()]))
        .fails("V-7"),
        scenario("manifest_with_an_empty_last_frame", "CUT-8 VER-9", "A manifest part ends in a frame of no content.")
            .members(with_frames(&|text| vec![text[..1024].to_vec(), text[1024..].to_vec(), vec![]]))
            .fails("V-7"),
    ]
}

/// What the statement says of all lines.
fn whole() -> Vec<Scenario> {
    let counted = |name, what, key: &str, more: i64| {
        let mut forge = plan().forge();
        let count = &mut forge.predicate()["counts"][key];
        *count = json!(count.as_i64().expect("a number") + more);
        scenario(name, "STM-1", what).members(forge.members_sealed()).fails("V-7")
    };
    vec![
        counted("count_of_entries_wrong", "The statement counts an entry more.", "entries", 1),
        counted("count_of_gaps_wrong", "The statement counts a gap that no line has.", "gaps", 1),
        counted(
            "count_of_unreadable_wrong",
            "The statement counts an entry that could not be opened, and all could.",
            "unreadable",
            1,
        ),
    ]
}
