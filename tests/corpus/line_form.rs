//! Manifest lines, each by itself: what is not well formed is passed over.

use serde_json::{Value, json};

use crate::kit::lines::{before_z, changed, passed_over, spelled};
use crate::kit::{Members, Plan, Scenario, dir, file, scenario, special};
use crate::reference::Entry;
use crate::sealed::pattern;

pub fn scenarios() -> Vec<Scenario> {
    [times(), values(), forms(), paths(), ranges(), xattrs(), digests(), kinds(), sound()]
        .into_iter()
        .flatten()
        .collect()
}

fn a() -> Entry {
    file("s/a", "abc")
}

/// A line of a file with another value of a key, or none.
fn value(name: &'static str, what: &'static str, key: &str, value: Value) -> Scenario {
    passed_over(name, "MAN-1", what, with(a(), key, value))
}

fn with(entry: Entry, key: &str, value: Value) -> Members {
    changed(entry, |line| match value {
        Value::Null => drop(line.as_object_mut().expect("a line").remove(key).expect("a key")),
        value => line[key] = value,
    })
}

fn times() -> Vec<Scenario> {
    let time = |name, what, time: &str| passed_over(name, "TIME-1", what, with(a(), "atime", json!(time)));
    vec![
        time("time_without_fraction", "A time has no fraction.", "1700000000"),
        time("time_without_whole_seconds", "A time begins with its point.", ".500000000"),
        time("time_with_plus", "A time has a plus.", "+1.000000000"),
        time(
            "time_before_minus_2_to_the_62",
            "A time a nanosecond before -2^62 seconds, which is rounded down.",
            "-4611686018427387904.000000001",
        ),
    ]
}

fn values() -> Vec<Scenario> {
    vec![
        value("line_without_mtime", "A line has no mtime.", "mtime", Value::Null),
        value("line_size_as_text", "A size is a string.", "size", json!("3")),
        value("line_ino_as_number", "An inode number is a number and not a string.", "ino", json!(7)),
        value("line_size_negative", "A size is -1.", "size", json!(-1)),
        value("line_salt_of_31_digits", "A salt has 31 digits.", "salt", json!("0".repeat(31))),
        value("line_mode_of_three_digits", "A mode has three digits.", "mode", json!("644")),
        value("line_mode_of_13_bits", "A mode has a fifth digit, for the kind.", "mode", json!("100644")),
        value("line_kind_unknown", "A kind is `door`.", "kind", json!("door")),
        value("line_dev_of_three_numbers", "A device has three numbers.", "dev", json!([8, 1, 0])),
        value(
            "line_also_unknown",
            "A further digest is of an algorithm that is not specified.",
            "also",
            json!({"crc32": "00000000"}),
        ),
        value("attribute_twice", "An attribute stands twice.", "attributes", json!(["nodump", "nodump"])),
        value("attribute_unknown", "An attribute is not specified.", "attributes", json!(["tasty"])),
        value("attributes_empty", "The attributes are there, and empty.", "attributes", json!([])),
        value("xattrs_not_in_tar_false", "`xattrs_not_in_tar` is there, and false.", "xattrs_not_in_tar", json!(false)),
        value(
            "changed_while_reading_unknown",
            "The mode changed while a file was read, which is not recorded.",
            "changed_while_reading",
            json!({"mode": "0600"}),
        ),
    ]
}

fn forms() -> Vec<Scenario> {
    let form =
        |name, what, entry: Entry, key: &str, value: Value| passed_over(name, "MAN-8", what, with(entry, key, value));
    let link = || special(b"s/a", "symlink").with("link", json!("t"));
    vec![
        form("gaps_empty", "The gaps are there, and empty.", a(), "gaps", json!([])),
        form("also_empty", "Further digests are there, and none of them.", a(), "also", json!({})),
        form("also_of_31_digits", "An MD5 has 31 digits.", a(), "also", json!({"md5": "0".repeat(31)})),
        form(
            "changed_while_reading_empty",
            "A file changed while it was read, and nothing of it.",
            a(),
            "changed_while_reading",
            json!({}),
        ),
        form("ino_with_leading_zero", "An inode number begins with a zero.", a(), "ino", json!("07")),
        form("ino_of_2_to_the_64", "An inode number is 2^64.", a(), "ino", json!("18446744073709551616")),
        form("dev_of_2_to_the_32", "A device has a number of 2^32.", a(), "dev", json!([8, 1u64 << 32])),
        form(
            "xattr_name_empty",
            "The name of an extended attribute is empty.",
            a(),
            "xattrs",
            json!([{"name": "", "value_b64": "AA=="}]),
        ),
        form("link_target_empty", "The target of a symbolic link is empty.", link(), "link", json!("")),
        form(
            "link_target_with_a_zero_byte",
            "The target of a symbolic link has a zero byte.",
            link(),
            "link",
            json!("t\0"),
        ),
        form(
            "point_that_is_not_the_first",
            "An entry that is not the first has the path of a root.",
            dir("s/a"),
            "path",
            json!("."),
        ),
        passed_over("hard_link_to_itself", "MAN-6", "A hard link is its own target.", {
            changed(a().with("nlink", json!(2)), |line| line["hard_link"] = json!("s/a"))
        }),
    ]
}

/// The tar has these paths too.
fn paths() -> Vec<Scenario> {
    let path = |name, what, path: &str| passed_over(name, "ORD-3", what, before_z(file(path, "1")).members());
    vec![
        path("path_with_a_point", "A component is `.`.", "s/./a"),
        path("path_with_an_empty_component", "A component is empty.", "s//a"),
        path("path_that_ends_in_a_slash", "A path ends in a slash.", "s/a/"),
        passed_over("path_absolute", "ORD-3", "A path begins with a slash.", with(a(), "path", json!("/s/a"))),
    ]
}

fn ranges() -> Vec<Scenario> {
    let zeros = |key: &str, value: Value| before_z(file("s/a", vec![0; 3000]).with(key, value)).members();
    let gaps = |name, what, gaps: &[(u64, u64)]| {
        let gaps =
            gaps.iter().map(|(offset, len)| json!({"attempts": 1, "cause": "EIO", "len": len, "offset": offset}));
        passed_over(name, "MAN-1 MAN-6", what, zeros("gaps", gaps.collect()))
    };
    let holes = |name, what, holes: &[(u64, u64)]| passed_over(name, "MAN-1 MAN-6", what, zeros("holes", json!(holes)));
    vec![
        gaps("gaps_unordered", "Two gaps are not in ascending order.", &[(512, 512), (0, 512)]),
        gaps("gap_of_no_length", "A gap has no length.", &[(512, 0)]),
        gaps("gap_past_the_size", "A gap ends a byte behind the content.", &[(2560, 441)]),
        passed_over(
            "gap_without_cause",
            "MAN-1",
            "A gap has no cause.",
            zeros("gaps", json!([{"attempts": 1, "len": 1, "offset": 0}])),
        ),
        holes("holes_unordered", "Two holes are not in ascending order.", &[(1024, 512), (0, 512)]),
        holes("hole_of_no_length", "A hole has no length.", &[(512, 0)]),
        holes("hole_behind_the_content", "A hole begins where the content ends.", &[(3000, 1)]),
    ]
}

fn xattrs() -> Vec<Scenario> {
    let xattrs = |name, what, xattrs: Value| passed_over(name, "MAN-1", what, with(a(), "xattrs", xattrs));
    let x = |name: &str| json!({"name": name, "value_b64": "AA=="});
    vec![
        xattrs("xattr_twice", "An extended attribute stands twice.", json!([x("user.a"), x("user.a")])),
        xattrs("xattr_with_value_and_error", "An extended attribute has a value, and an error in its place.", json!([{"error": "EIO", "name": "user.a", "value_b64": "AA=="}])),
        xattrs("xattr_without_value", "An extended attribute has neither value nor error.", json!([{"name": "user.a"}])),
        xattrs("xattr_without_name", "An extended attribute has no name.", json!([{"value_b64": "AA=="}])),
        xattrs("xattrs_empty", "The extended attributes are there, and empty.", json!([])),
        scenario("xattrs_in_order_of_raw_names", "MAN-1 TAR-5 JSON-5", "Extended attributes stand in the order of their raw names, whatever key says them.")
            .members(before_z(a().with("xattrs", json!([
                {"name_b64": "dXNlci6AYQ==", "value_b64": "AA=="}, {"name": "user.\u{e9}", "value_b64": "AQ=="}, {"name_b64": "dXNlci7/", "value_b64": ""},
            ]))).members()),
    ]
}

/// MAN-2, and `chunks_root`: lines that do not fit the parameters.
fn digests() -> Vec<Scenario> {
    let large = || file("s/a", pattern(600));
    vec![passed_over(
        "sha256_missing_in_a_large_file",
        "MAN-2",
        "A line of a large file has no sha256, though `wholeFileDigest` is true.",
        with(large(), "sha256", Value::Null),
    )]
}

/// MAN-6: keys that do not fit the kind.
fn kinds() -> Vec<Scenario> {
    let kind =
        |name, what, entry: Entry, key: &str, value: Value| passed_over(name, "MAN-6", what, with(entry, key, value));
    let closed = || special(b"s/a", "file").with("unreadable", json!("EACCES")).with("size", json!(0));
    let node = |major: u64| special(b"s/a", "chardev").with("rdev", json!([major, 1]));
    vec![
        kind(
            "gaps_of_a_symbolic_link",
            "A symbolic link has gaps.",
            special(b"s/a", "symlink").with("link", json!("t")),
            "gaps",
            json!([{"attempts": 1, "cause": "EIO", "len": 1, "offset": 0}]),
        ),
        kind(
            "also_of_a_pipe",
            "A pipe has a further digest.",
            special(b"s/a", "fifo"),
            "also",
            json!({"md5": "0".repeat(32)}),
        ),
        kind("link_of_a_file", "A file has the target of a symbolic link.", a(), "link", json!("t")),
        kind("rdev_of_a_file", "A file has the numbers of a device.", a(), "rdev", json!([1, 3])),
        kind("device_without_rdev", "A device has no numbers.", node(1), "rdev", Value::Null),
        kind(
            "unknown_without_unreadable",
            "A kind is `unknown`, and the line does not say why.",
            special(b"s/a", "unknown").with("unreadable", json!("EIO")),
            "unreadable",
            Value::Null,
        ),
        kind(
            "unreadable_with_holes",
            "A file that could not be opened has a hole.",
            closed(),
            "holes",
            json!([[0, 0]]),
        ),
        kind(
            "unreadable_with_also",
            "A file that could not be opened has a further digest.",
            closed(),
            "also",
            json!({"md5": "0".repeat(32)}),
        ),
        kind(
            "unreadable_with_changed_while_reading",
            "A file that could not be opened changed while it was read.",
            closed(),
            "changed_while_reading",
            json!({"size": 1}),
        ),
    ]
}

fn sound() -> Vec<Scenario> {
    let gap = |offset: u64| json!({"attempts": 1, "cause": "EIO", "len": 512, "offset": offset});
    vec![
        scenario("times_at_their_limits", "TIME-1", "The last and the first nanosecond that a time can be.").members(
            spelled(
                a().with("atime", json!("4611686018427387904.999999999"))
                    .with("btime", json!("-4611686018427387904.000000000"))
                    .with("ctime", json!("0.000000000")),
                "0.000000000",
                "-4611686018427387903.999999999",
            ),
        ),
        scenario("gaps_touching", "MAN-1", "Two gaps touch, and one is within a hole.").members(
            before_z(
                file("s/a", vec![0; 1500]).with("gaps", json!([gap(0), gap(512)])).with("holes", json!([[512, 988]])),
            )
            .members(),
        ),
        scenario(
            "content_at_the_boundaries",
            "CUT-1 CUT-2 MAN-1 IDX-2",
            "Content of a chunk and of a frame, and of a byte less and more.",
        )
        .members({
            let files = [511, 512, 513, 1023, 1024, 1025].map(|size| file(&format!("s/{size:04}"), pattern(size)));
            Plan::below_s(files.to_vec()).members()
        }),
    ]
}
