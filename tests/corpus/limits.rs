//! Limits, as far as a small file passes them.

use data_encoding::BASE64;
use serde_json::{Value, json};

use crate::case_form::with_case;
use crate::kit::lines::{before_z, passed_over, with_manifest_bytes};
use crate::kit::{MembersExt, Plan, Scenario, file, scenario, special};
use crate::reference::{Entry, xattrs_left_out};

const MIB: usize = 1 << 20;

pub fn scenarios() -> Vec<Scenario> {
    [names(), xattrs(), lines(), case(), list()].into_iter().flatten().collect()
}

/// Long lines in few frames.
fn plan(entry: Entry) -> Plan {
    before_z(entry).with_default_limits()
}

fn names() -> Vec<Scenario> {
    let named = |len: usize| plan(file(&format!("s/{}", "n".repeat(len - 2)), "1")).members();
    let link = |len: usize| plan(special(b"s/a", "symlink").with("link", json!("t".repeat(len)))).members();
    vec![
        scenario("path_of_1_mib", "LIM-10 TAR-5", "A path of 1,048,576 bytes.").members(named(MIB)),
        scenario(
            "path_of_1_mib_of_brackets",
            "LIM-10 MAN-1",
            "A path of 1,048,576 bytes, nearly all of them brackets.",
        )
        .members(plan(file(&format!("s/{}", "[".repeat(MIB - 2)), "1")).members()),
        scenario("path_and_link_target_of_1_mib", "LIM-10 LIM-11 TAR-5", "Both are as long as they may be.").members(
            plan(
                special(format!("s/{}", "n".repeat(MIB - 2)).as_bytes(), "symlink")
                    .with("link", json!("t".repeat(MIB))),
            )
            .members(),
        ),
        passed_over("path_over_1_mib", "LIM-10", "A path of 1,048,577 bytes.", named(MIB + 1)),
        passed_over(
            "link_target_over_1_mib",
            "LIM-10",
            "The target of a symbolic link has 1,048,577 bytes.",
            link(MIB + 1),
        ),
    ]
}

/// A file with an extended attribute of so many bytes.
fn valued(len: usize) -> Entry {
    file("s/a", "1").with("xattrs", json!([{"name": "user.x", "value_b64": BASE64.encode(&vec![0; len])}]))
}

fn xattrs() -> Vec<Scenario> {
    let many = |count: usize| {
        let names =
            (0..count).map(|i| format!("{}{:02}{:02}", (b'a' + (i / 10_000) as u8) as char, i / 100 % 100, i % 100));
        let list: Value = names.map(|name| json!({"error": "limit", "name": name})).collect();
        plan(file("s/a", "1").with("xattrs", list)).members()
    };
    // The record is `1048576 SCHILY.xattr.user.x=`, the value, and LF.
    let fits = valued(MIB - 29);
    let too_long = valued(MIB - 28);
    assert!(!xattrs_left_out(&fits) && xattrs_left_out(&too_long));
    vec![
        scenario(
            "xattrs_of_1_mib_in_the_tar",
            "TAR-6 LIM-11",
            "Pax records of 1,048,576 bytes, with an extended attribute.",
        )
        .members(plan(fits).members()),
        scenario(
            "xattrs_over_1_mib_not_in_the_tar",
            "TAR-6 LIM-11",
            "Pax records would have a byte more, so the extended attribute is left out of the tar.",
        )
        .members(plan(too_long).members()),
        scenario("xattr_values_of_16_mib", "LIM-12 TAR-6", "Values of extended attributes of 16,777,216 bytes.")
            .members(plan(valued(16 * MIB)).members()),
        scenario("xattrs_65536", "LIM-12", "65,536 extended attributes.").members(many(65_536)),
        passed_over("xattrs_65537", "LIM-12", "65,537 extended attributes.", many(65_537)),
        passed_over(
            "xattr_values_over_16_mib",
            "LIM-12",
            "Values of extended attributes of 16,777,217 bytes.",
            plan(valued(16 * MIB + 1)).members(),
        ),
    ]
}

fn lines() -> Vec<Scenario> {
    let holes: Value = (0..262_145).map(|i| json!([2 * i, 1])).collect();
    let mut forge = plan(file("s/a", "1")).forge();
    let mut lines = forge.lines(0);
    lines[1] = lines[1].replace('}', &format!(",\"user\":\"{}\"}}", "u".repeat(64 * MIB)));
    with_manifest_bytes(&mut forge, lines.iter().map(|line| format!("{line}\n")).collect::<String>().as_bytes());
    vec![
        passed_over(
            "holes_262145",
            "LIM-13 MAN-7",
            "262,145 holes.",
            plan(file("s/a", vec![0; 524_290]).with("holes", holes)).members(),
        ),
        scenario("line_over_64_mib", "LIM-9 VER-9", "A line of more than 64 MiB: nothing behind it is read.")
            .members(forge.members_sealed())
            .fails("V-7"),
    ]
}

fn case() -> Vec<Scenario> {
    let used = |count: usize| json!(vec![json!({"device": "sda", "how": "swap", "readOnly": true}); count]);
    let table = |count: u64| {
        let part = |number: u64| json!({"lengthBytes": 0, "number": number, "startBytes": 0, "type": "83"});
        json!({"kind": "mbr", "partitions": (1..=count).map(part).collect::<Vec<_>>()})
    };
    let device = |device: Value| with_case(|case| case["scope"]["sources"][0]["device"] = device);
    let refused = |name, clauses, what, members| {
        scenario(name, clauses, what).members(members).fails("V-4").cannot_tell("content")
    };
    vec![
        scenario("uses_64_and_partitions_128", "LIM-19 DEV-1 DEV-2", "A device has 64 uses and 128 partitions.")
            .members(device(json!({"partitionTable": table(128), "uses": used(64)}))),
        refused(
            "partitions_129",
            "LIM-19 DEV-2",
            "A device has 129 partitions.",
            device(json!({"partitionTable": table(129)})),
        ),
        refused(
            "case_over_1_mib",
            "LIM-3",
            "case.json has more than 1,048,576 bytes.",
            with_case(|case| {
                case["scope"]["exclude"] = json!(vec!["x".repeat(16_384); 64]);
            }),
        ),
    ]
}

fn list() -> Vec<Scenario> {
    let forge = Plan::of(vec![file("a", "1")]).forge();
    let members = forge.members_sealed();
    let statement = members.at("statement.json");
    let mut members = members[..statement].to_vec();
    members.bytes_mut("SEALED.sha256").push(b'\n');
    assert_eq!(members.bytes("SEALED.sha256").len(), 305 + 270 + 1);
    vec![
        scenario(
            "list_longer_than_its_segments_need",
            "LIM-4 LIST-1 VER-8",
            "The list has an empty line at its end, which the statement vouches for: there is no list.",
        )
        .members(forge.with_list(members))
        .fails("V-4")
        .cannot_tell("content"),
    ]
}
