//! Manifest lines, one by one: their form, and what their keys say together.

use serde_json::{Value, json};

use crate::kit::{Plan, Scenario, dir, file, scenario, special};
use crate::reference::Entry;
use crate::sealed::pattern;

pub fn scenarios() -> Vec<Scenario> {
    [spelling(), times(), paths(), keys(), devices(), kinds(), ranges(), digests()].into_iter().flatten().collect()
}

/// The last line is not well formed: nothing of its entry is looked at, and nothing else is lost.
fn valued(
    name: &'static str,
    clauses: &'static str,
    what: &'static str,
    entry: Entry,
    change: impl Fn(&mut Value),
) -> Scenario {
    let path = String::from_utf8(entry.path.clone()).expect("text");
    let mut forge = Plan::below_s(vec![entry]).forge();
    // Written by serde_json, which knows no limit for integers and no rule for keys.
    forge.change_line_text(&path, |line| {
        let mut value = serde_json::from_str(line).expect("a line");
        change(&mut value);
        let changed = value.to_string();
        assert!(changed != line, "{name} changes nothing");
        changed
    });
    scenario(name, clauses, what).members(forge.members_sealed()).fails("V-7")
}

/// The same for a file of five bytes.
fn plain(name: &'static str, clauses: &'static str, what: &'static str, change: impl Fn(&mut Value)) -> Scenario {
    valued(name, clauses, what, file("s/b", "bbbbb"), change)
}

fn spelled(name: &'static str, clauses: &'static str, what: &'static str, from: &str, to: &str) -> Scenario {
    let mut forge = Plan::below_s(vec![file("s/b", "bbbbb")]).forge();
    forge.change_line_text("s/b", |line| {
        assert!(line.contains(from), "{name}: no {from}");
        line.replacen(from, to, 1)
    });
    scenario(name, clauses, what).members(forge.members_sealed()).fails("V-7")
}

fn spelling() -> Vec<Scenario> {
    vec![
        spelled(
            "line_number_with_exponent",
            "JSON-1 JSON-3",
            "A number in a line is written with an exponent.",
            "\"size\":5",
            "\"size\":5e0",
        ),
        spelled("line_with_cr", "JSON-3 MAN-1", "A line ends in CR and LF.", "\"uid\":0}", "\"uid\":0}\r"),
        spelled("line_that_is_empty", "MAN-1", "A further line of no bytes.", "\"uid\":0}", "\"uid\":0}\n"),
        plain("line_entry_number_of_2_to_the_64", "JSON-1", "The number of an entry is 2^64 - 1.", |l| {
            l["n"] = json!(u64::MAX);
        }),
        plain("line_key_unknown", "JSON-3 MAN-1", "A key that no rule names.", |l| l["more"] = json!(1)),
        plain("line_without_salt", "MAN-1", "A line without a salt, so that it can be guessed from its leaf.", |l| {
            drop(l.as_object_mut().expect("a line").remove("salt"))
        }),
        plain("sha256_uppercase_hex", "MAN-1", "The digest of the content is in upper case.", |l| {
            l["sha256"] = json!(l["sha256"].as_str().expect("hex").to_uppercase())
        }),
    ]
}

fn times() -> Vec<Scenario> {
    let time = |name, what, text: &'static str| plain(name, "TIME-1", what, move |l| l["mtime"] = json!(text));
    vec![
        time("time_with_eight_digits", "A fraction of eight digits.", "1700000000.00000000"),
        time("time_with_leading_zero", "Seconds with a leading zero.", "01700000000.000000000"),
        time("time_of_negative_zero", "Negative zero.", "-0.000000000"),
        time("time_above_2_to_the_62", "A time a second after the last there is.", "4611686018427387905.000000000"),
    ]
}

fn paths() -> Vec<Scenario> {
    let path = |name, what, text: &'static str| plain(name, "ORD-3", what, move |l| l["path"] = json!(text));
    vec![
        path("path_with_two_points", "A component that is two points.", "s/../b"),
        path("path_with_nul", "A path with a byte of zero.", "s/b\0"),
        plain("path_with_both_keys", "JSON-5", "A path as text and in base64.", |l| l["path_b64"] = json!("/w==")),
    ]
}

fn keys() -> Vec<Scenario> {
    let key = |name, what, key: &'static str, value: Value| plain(name, "MAN-1", what, move |l| l[key] = value.clone());
    let xattr = |name: &str, value: &str| json!({"name": name, "value_b64": value});
    vec![
        key("uid_of_2_to_the_32", "A uid that 32 bits do not hold.", "uid", json!(1u64 << 32)),
        key("nlink_of_one", "A file with one name says how many it has.", "nlink", json!(1)),
        key("attributes_unordered", "Attributes in another order.", "attributes", json!(["nodump", "immutable"])),
        key(
            "xattrs_unordered",
            "Extended attributes that do not ascend.",
            "xattrs",
            json!([xattr("user.b", ""), xattr("user.a", "")]),
        ),
    ]
}

fn kinds() -> Vec<Scenario> {
    let man_6 = |name, what, entry: Entry, change: fn(&mut Value)| valued(name, "MAN-6", what, entry, change);
    let closed = || special(b"s/b", "file").with("unreadable", json!("EACCES"));
    vec![
        man_6("size_of_a_directory", "A directory has a size.", dir("s/b"), |l| l["size"] = json!(0)),
        man_6(
            "link_without_target",
            "A symbolic link has no target.",
            special(b"s/b", "symlink").with("link", json!("t")),
            |l| {
                drop(l.as_object_mut().expect("a line").remove("link"));
            },
        ),
        man_6("unreadable_with_digest", "An entry that could not be opened has a digest.", closed(), |l| {
            l["sha256"] = json!("00".repeat(32))
        }),
        man_6("file_without_size", "A file has no size.", file("s/b", "bbbbb"), |l| {
            drop(l.as_object_mut().expect("a line").remove("size"))
        }),
        man_6(
            "hard_link_without_nlink",
            "A hard link does not say how many names there are.",
            file("s/b", "bbbbb"),
            |l| l["hard_link"] = json!("s/a"),
        ),
        valued(
            "device_number_that_the_tar_does_not_hold",
            "TAR-3",
            "A device number of eight octal digits.",
            special(b"s/b", "chardev").with("rdev", json!([1, 3])),
            |l| {
                l["rdev"] = json!([1, 2_097_152]);
            },
        ),
    ]
}

fn ranges() -> Vec<Scenario> {
    let holes = |name, what, value: Value| plain(name, "MAN-1 MAN-6", what, move |l| l["holes"] = value.clone());
    let gap = |offset: u64, len: u64| json!({"attempts": 1, "cause": "EIO", "len": len, "offset": offset});
    let gaps = |name, what, value: Vec<Value>| plain(name, "MAN-1 MAN-6", what, move |l| l["gaps"] = json!(value));
    vec![
        holes("holes_that_touch", "Two holes that touch.", json!([[0, 1], [1, 1]])),
        holes("hole_behind_the_end", "A hole that passes the size.", json!([[4, 2]])),
        gaps("gaps_that_overlap", "Two gaps that overlap.", vec![gap(0, 2), gap(1, 2)]),
    ]
}

/// Which digests a line has follows from size and parameters (MAN-2).
fn digests() -> Vec<Scenario> {
    let long = || file("s/b", pattern(600));
    let without = |key: &'static str| move |line: &mut Value| drop(line.as_object_mut().expect("a line").remove(key));
    vec![
        plain("short_file_without_digest", "MAN-2", "A file of one chunk has no digest.", without("sha256")),
        plain("short_file_with_chunks_root", "MAN-1", "A file of one chunk has a root over its chunks.", |l| {
            l["chunks_root"] = json!("00".repeat(32))
        }),
        valued(
            "long_file_without_chunks_root",
            "MAN-1",
            "A file of two chunks has no root over them.",
            long(),
            without("chunks_root"),
        ),
        {
            let mut forge = Plan::below_s(vec![long()]).forge();
            forge.predicate()["parameters"]["wholeFileDigest"] = json!(false);
            scenario(
                "long_file_with_digest",
                "MAN-2",
                "A file of two chunks has a digest, though there are to be no digests of whole files.",
            )
            .members(forge.members_sealed())
            .fails("V-7")
        },
    ]
}

/// MAN-6.
fn devices() -> Vec<Scenario> {
    let device = special(b"s/b", "blockdev").with("rdev", json!([8, 1]));
    vec![valued("line_device_without_number", "MAN-6", "A device without `rdev`.", device, |l| {
        drop(l.as_object_mut().expect("a line").remove("rdev"));
    })]
}
