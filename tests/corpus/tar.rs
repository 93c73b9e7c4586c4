//! The tar: headers, padding, holes, and its end.

use serde_json::json;

use crate::forge::Forge;
use crate::kit::{Plan, Scenario, file, scenario, special};

pub fn scenarios() -> Vec<Scenario> {
    [headers(), zeros(), extent()].into_iter().flatten().collect()
}

fn plan() -> Plan {
    let pax = json!([{"name": "user.a", "value_b64": "dmFsdWU="}]);
    Plan::below_s(vec![
        file("s/a", "1")
            .with("uid", json!(2_097_152))
            .with("gid", json!(2_097_153))
            .with("xattrs", pax)
            .with("mtime", json!("1.500000000")),
        file("s/b", "bbbbb"),
    ])
}

/// Bytes of the tar are others where these stand first. Content lies where it did.
fn changed(
    name: &'static str,
    clauses: &'static str,
    what: &'static str,
    find: &[u8],
    change: impl Fn(&mut [u8]),
) -> Scenario {
    forged(name, clauses, what, |forge| forge.change_tar(find, change))
}

fn forged(name: &'static str, clauses: &'static str, what: &'static str, change: impl FnOnce(&mut Forge)) -> Scenario {
    let mut forge = plan().forge();
    change(&mut forge);
    scenario(name, clauses, what).members(forge.members_sealed()).fails("V-9")
}

fn headers() -> Vec<Scenario> {
    let field =
        |name, what, at: usize, byte: u8| changed(name, "TAR-3", what, b"s/b\0", move |header| header[at] = byte);
    let replace = |name, what, from: &'static str, to: &'static str| {
        changed(name, "TAR-5", what, from.as_bytes(), move |at| at[..to.len()].copy_from_slice(to.as_bytes()))
    };
    vec![
        field("tar_name_differs", "A header names another file.", 2, b'x'),
        field("tar_mtime_differs", "A header has another time.", 146, b'7'),
        field("tar_checksum_in_another_form", "The checksum of a header ends in two spaces.", 154, b' '),
        field("tar_magic_of_gnu", "The magic of GNU instead of that of POSIX.", 262, b' '),
        changed("pax_header_name_differs", "TAR-4", "A pax header has another name.", b"PaxHeader\0", |header| {
            header[0] = b'Q'
        }),
        replace(
            "pax_records_in_another_order",
            "The records of gid and uid have changed places.",
            "15 uid=2097152\n15 gid=2097153\n",
            "15 gid=2097153\n15 uid=2097152\n",
        ),
        replace(
            "pax_xattr_differs",
            "An extended attribute has another value than in its line.",
            "user.a=value",
            "user.a=other",
        ),
        {
            let plan = Plan::below_s(vec![
                file("s/b", "bbbbb").with("xattrs", json!([{"name": "user.a", "value_b64": "AA=="}])),
            ]);
            let mut forge = plan.forge();
            forge.change_lines(|line| {
                if line["path"] == "s/b" {
                    line["xattrs_not_in_tar"] = json!(true);
                }
            });
            scenario(
                "xattrs_said_not_to_be_in_the_tar",
                "TAR-6 MAN-1",
                "A line says that extended attributes are not in the tar, where they are and have room.",
            )
            .members(forge.members_sealed())
            .fails("V-7")
        },
    ]
}

fn zeros() -> Vec<Scenario> {
    let full = |key: &str, value| Plan::below_s(vec![file("s/b", "bbbbb").with(key, value)]).members();
    vec![
        changed("padding_not_zero", "TAR-2", "The padding behind a file is not zeros.", b"bbbbb", |at| at[5] = 1),
        forged("end_marker_not_zero", "CUT-3", "The end marker is not zeros.", |forge| {
            let mut plain = forge.tar(0);
            *plain.last_mut().and_then(|frame| frame.last_mut()).expect("a byte") = 1;
            forge.set_tar(0, &plain);
        }),
        scenario("hole_not_zero", "MAN-1", "What is said to be a hole is not zeros.")
            .members(full("holes", json!([[1, 2]])))
            .fails("V-9"),
        scenario("gap_not_zero", "MAN-3", "What is said to be a gap is not zeros.")
            .members(full("gaps", json!([{"attempts": 1, "cause": "EIO", "len": 2, "offset": 1}])))
            .fails("V-9"),
    ]
}

fn extent() -> Vec<Scenario> {
    vec![
        forged("end_marker_missing", "CUT-3", "There is no end marker.", |forge| {
            let mut plain = forge.tar(0);
            plain.pop();
            forge.set_tar(0, &plain);
        }),
        forged(
            "zeros_behind_the_end_marker",
            "CUT-3",
            "A block of zeros behind the end marker, as tools write it.",
            |forge| {
                let mut plain = forge.tar(0);
                plain.push(vec![0; 512]);
                forge.set_tar(0, &plain);
            },
        ),
        {
            let plan = Plan::below_s(vec![special(b"s/p", "fifo")]);
            let mut forge = plan.forge();
            forge.change_lines(|line| {
                if line["path"] == "s/p" {
                    line["kind"] = json!("socket");
                }
            });
            scenario("tar_record_of_a_socket", "TAR-1", "A socket has a tar record, that of a pipe.")
                .members(forge.members_sealed())
                .fails("V-9")
        },
    ]
}
