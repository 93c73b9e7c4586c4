//! Order and numbers of entries, and hard links. Every line is well formed, so all content is proven.

use serde_json::json;

use crate::kit::lines::{changed, passed_over};
use crate::kit::{Members, Plan, Scenario, dir, file, scenario, special};
use crate::reference::Entry;
use crate::sealed::pattern;

pub fn scenarios() -> Vec<Scenario> {
    [order(), numbers(), links(), sound()].into_iter().flatten().collect()
}

/// Entries that stand in an order that no sealer gives them; nothing else is wrong.
fn misplaced(name: &'static str, clauses: &'static str, what: &'static str, entries: Vec<Entry>) -> Scenario {
    scenario(name, clauses, what).members(Plan::of(entries).members()).fails("V-7")
}

fn order() -> Vec<Scenario> {
    let f = |path: &str| file(path, "1");
    vec![
        misplaced(
            "siblings_of_one_name",
            "ORD-2",
            "Two entries have the same path.",
            vec![dir("s"), f("s/a"), f("s/a")],
        ),
        misplaced("child_of_a_file", "ORD-2", "An entry lies below a file.", vec![dir("s"), f("s/a"), f("s/a/b")]),
        misplaced(
            "child_without_its_directory",
            "ORD-2",
            "The directory of an entry is not there.",
            vec![dir("s"), f("s/a/b")],
        ),
        misplaced(
            "child_behind_another_directory",
            "ORD-2",
            "Another directory stands between a directory and its child.",
            vec![dir("s"), dir("s/a"), dir("s/b"), f("s/a/c")],
        ),
        misplaced(
            "child_behind_another_source",
            "ORD-1",
            "Another source stands between a source and what lies below it.",
            vec![dir("s"), dir("t"), f("s/a")],
        ),
        misplaced(
            "root_that_is_not_the_only_source",
            "ORD-3",
            "A second source is the root of a file system.",
            vec![dir("s"), dir(".")],
        ),
        misplaced(
            "root_with_unordered_children",
            "ORD-2 ORD-3",
            "Entries directly below the root of a file system are not in order.",
            vec![dir("."), f("b"), f("a")],
        ),
        scenario("siblings_unordered_across_segments", "ORD-2", "`s/b` stands before `s/a`, in another segment.")
            .members(Plan::of(vec![dir("s"), f("s/b"), f("s/a")]).with_limits(512, 512, 512, 1).members())
            .fails("V-7"),
    ]
}

/// All lines with another number.
fn numbered(number: impl Fn(u64) -> u64) -> Members {
    let mut forge = Plan::below_s(vec![file("s/a", "1"), file("s/b", "2")]).forge();
    forge.change_lines(|line| line["n"] = json!(number(line["n"].as_u64().expect("a number"))));
    forge.members_sealed()
}

fn numbers() -> Vec<Scenario> {
    vec![
        scenario("number_twice", "MAN-1", "The last two of three entries have the number 1.")
            .members(numbered(|n| n.min(1)))
            .fails("V-7"),
        scenario(
            "numbers_from_one",
            "MAN-1 VER-10",
            "Entries are numbered from 1, while the index part says that the segment begins with entry 0.",
        )
        .members(numbered(|n| n + 1))
        .fails("V-7"),
    ]
}

fn links() -> Vec<Scenario> {
    let file = |path: &str| file(path, pattern(700));
    let linked = |path: &str| file(path).with("nlink", json!(2));
    let link = |path: &str, target: &str| {
        let mut entry = linked(path).with("hard_link", json!(target));
        entry.content = None;
        entry
    };
    let wrong = |name, what, entries: Vec<Entry>, change: &dyn Fn(&mut serde_json::Value)| {
        let mut forge = Plan::below_s(entries).forge();
        forge.change_lines(|line| {
            if line["path"] == "s/l" {
                change(line);
            }
        });
        scenario(name, "MAN-5", what).members(forge.members_sealed()).fails("V-10")
    };
    let sound = || vec![linked("s/k"), link("s/l", "s/k")];
    let pipe = |path: &[u8]| special(path, "fifo").with("nlink", json!(2));
    vec![
        wrong("hard_link_with_another_digest", "A hard link has another sha256 than its target.", sound(), &|line| {
            line["sha256"] = json!("00".repeat(32))
        }),
        wrong(
            "hard_link_with_another_root",
            "A hard link has another chunks_root than its target.",
            sound(),
            &|line| line["chunks_root"] = json!("00".repeat(32)),
        ),
        wrong(
            "hard_link_to_a_directory",
            "The target of a hard link is a directory.",
            vec![dir("s/k"), pipe(b"s/l").with("hard_link", json!("s/k"))],
            &|_| (),
        ),
        wrong(
            "hard_link_to_another_kind",
            "The target of a hard link is a pipe, and the link a socket.",
            vec![pipe(b"s/k"), special(b"s/l", "socket").with("nlink", json!(2)).with("hard_link", json!("s/k"))],
            &|_| (),
        ),
        passed_over(
            "nlink_of_a_directory",
            "MAN-1",
            "A directory has an nlink.",
            changed(dir("s/a"), |line| line["nlink"] = json!(2)),
        ),
    ]
}

fn sound() -> Vec<Scenario> {
    let closed = |path: &[u8]| {
        special(path, "file").with("unreadable", json!("EACCES")).with("nlink", json!(2)).with("size", json!(7))
    };
    let node = |path: &[u8]| special(path, "chardev").with("rdev", json!([1, 3])).with("nlink", json!(2));
    vec![
        scenario(
            "hard_links_without_content",
            "MAN-5 TAR-1 TAR-3",
            "Hard links to a device and to a file that could not be opened; the last has no tar record.",
        )
        .members(
            Plan::below_s(vec![
                closed(b"s/a"),
                closed(b"s/b").with("hard_link", json!("s/a")),
                node(b"s/c"),
                node(b"s/d").with("hard_link", json!("s/c")),
            ])
            .members(),
        ),
    ]
}
