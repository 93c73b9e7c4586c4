//! Members: their names, their order, and whether they are there.

use crate::kit::layout::{index, manifest, payload};
use crate::kit::{Members, MembersExt, Node, Plan, Scenario, file, scenario};

pub fn scenarios() -> Vec<Scenario> {
    [names(), order(), absent(), absent_seal(), directory()].into_iter().flatten().collect()
}

fn members() -> Members {
    Plan::base().members()
}

fn tiny() -> Members {
    Plan::of(vec![file("a", "1")]).members()
}

/// A further member whose name refutes. It is passed over.
fn added(name: &'static str, clauses: &'static str, what: &'static str, member: &str) -> Scenario {
    scenario(name, clauses, what).members(tiny().added(member, "x")).fails("V-1")
}

fn names() -> Vec<Scenario> {
    vec![
        added("member_of_unknown_name", "MEM-4 VER-6", "A member that this version does not know.", "notes.txt"),
        added("member_of_reserved_prefix", "MEM-4", "A member under a reserved prefix.", "parity/0"),
        added(
            "segment_number_of_nine_digits",
            "MEM-2 MEM-4",
            "A payload member whose number has nine digits.",
            "payload/000000003.tar.zst",
        ),
        added(
            "envelope_name_in_upper_case",
            "MEM-3",
            "An envelope whose name is in upper case.",
            "seal/ABCDEF0123456789.dsse.json",
        ),
        added(
            "custody_name_of_65_characters",
            "MEM-3",
            "A custody event whose name has 65 characters.",
            "custody/aaaaaaaaaabbbbbbbbbbccccccccccddddddddddeeeeeeeeeeffffffffff12345.dsse.json",
        ),
    ]
}

fn order() -> Vec<Scenario> {
    let envelope = tiny().len() - 1;
    vec![
        scenario(
            "member_twice_second_differs",
            "MEM-1 VER-6",
            "A sealed member stands twice; the second, which is not looked at, has other content.",
        )
        .members(tiny().inserted(2, "nonce", "x"))
        .fails("V-1"),
        scenario(
            "member_twice_first_differs",
            "MEM-1 VER-6",
            "A sealed member stands twice; the first, which is looked at, has other content.",
        )
        .members(tiny().inserted(1, "nonce", "x"))
        .fails("V-1 V-5")
        .damaged(&["nonce"]),
        scenario("grown_member_twice", "MEM-3", "A time-stamp stands twice.")
            .members(tiny().added("timestamps/a.tsr", "x").added("timestamps/a.tsr", "x"))
            .fails("V-1")
            .time_fails(),
        scenario("members_in_another_order", "MEM-1", "`nonce` and `VERIFY.txt` have changed places.")
            .members({
                let mut members = tiny();
                members.swap(1, 2);
                members
            })
            .fails("V-1"),
        scenario(
            "timestamp_before_the_first_envelope",
            "MEM-1 MEM-3",
            "A time-stamp stands between statement and envelope.",
        )
        .members(tiny().inserted(envelope, "timestamps/a.tsr", "x"))
        .fails("V-1")
        .time_fails(),
    ]
}

/// A member is not there.
fn without(name: &'static str, clauses: &'static str, what: &'static str, member: &str) -> Scenario {
    scenario(name, clauses, what).members(members().without(member)).fails("V-1")
}

fn absent() -> Vec<Scenario> {
    let plan = Plan::base();
    vec![
        without("sums_missing", "MEM-1 VER-11", "There is no `SHA256SUMS.zst`.", "SHA256SUMS.zst")
            .fails("V-5")
            .missing(&["SHA256SUMS.zst"]),
        without(
            "index_part_missing",
            "VER-4 VER-9 VER-12",
            "The index part of a segment within a large file is not there: what lies in that segment is lost.",
            &index(1),
        )
        .fails("V-5")
        .missing(&[&index(1)])
        .lost("s/c", 5000, &[(0, 3072)]),
        without(
            "manifest_part_missing",
            "VER-4 VER-9",
            "A manifest part is not there: its frames are proven, its entries unnamed.",
            &manifest(2),
        )
        .fails("V-5")
        .missing(&[&manifest(2)]),
        without(
            "payload_missing",
            "VER-6 VER-11",
            "The payload of a segment is not there: each of its frames is missing.",
            &payload(1),
        )
        .fails("V-5")
        .frames(&plan, 1, &[0, 1, 2, 3], "missing"),
    ]
}

fn absent_seal() -> Vec<Scenario> {
    let plan = Plan::base();
    let envelope = members().last().expect("an envelope").0.clone();
    let digest = members().seal_digest();
    vec![
        without("envelope_missing", "MEM-1 VER-7", "There is no envelope.", &envelope).fails("V-12"),
        without(
            "statement_missing",
            "MEM-1 VER-7",
            "There is no statement; the one in the trusted envelope is used.",
            "statement.json",
        )
        .fails("V-2")
        .seal_digest(digest),
        without(
            "statement_missing_without_signer",
            "VER-7",
            "There is no statement, and no envelope by a key that the user trusts.",
            "statement.json",
        )
        .signers(&[])
        .fails("V-2")
        .without_statement(),
        without(
            "case_missing",
            "MEM-1 CASE-2",
            "There is no case: whether the sources are those that it names cannot be told.",
            "case.json",
        )
        .fails("V-4")
        .cannot_tell("content"),
        without(
            "list_missing",
            "MEM-1 LIST-2",
            "There is no list: it is computed anew, and every member is proven.",
            "SEALED.sha256",
        )
        .fails("V-4"),
        scenario(
            "segment_renumbered",
            "MEM-2 VER-6 VER-8",
            "The payload of segment 2 is called that of a segment 3, of which there is nothing else.",
        )
        .members(members().renamed(&payload(2), &payload(3)))
        .fails("V-1 V-4 V-5")
        .frames(&plan, 2, &[0, 1, 2, 3], "missing"),
        scenario("segment_not_in_the_list", "VER-8", "A further segment that the list does not name.")
            .members({
                let members = members();
                let at = members.at("SHA256SUMS.zst");
                let copy = |name: &str| members.bytes(name).clone();
                let [a, b, c] = [copy(&payload(2)), copy(&manifest(2)), copy(&index(2))];
                let members = members.inserted(at, &index(3), c).inserted(at, &manifest(3), b);
                members.inserted(at, &payload(3), a)
            })
            .fails("V-4"),
    ]
}

fn directory() -> Vec<Scenario> {
    let text = || Node::File(b"x".to_vec());
    let other = |name, what, path: &'static str, node| {
        scenario(name, "DIR-2", what).directory(tiny(), vec![(path, node)]).fails("V-1")
    };
    vec![
        other("directory_with_another_file", "A file that is no member.", "notes.txt", text()),
        other(
            "directory_with_an_unknown_directory",
            "A directory that a bundle does not have.",
            "more/Thumbs.db",
            text(),
        ),
        other(
            "directory_with_a_directory_below_payload",
            "A directory below one that a bundle has.",
            "payload/more/.DS_Store",
            text(),
        ),
        other("directory_with_a_link", "A symbolic link.", "copy", Node::Link("nonce")),
        scenario("directory_with_a_link_as_member", "DIR-1 DIR-2", "A member is a symbolic link: it is not there.")
            .directory(tiny().without("nonce"), vec![("nonce", Node::Link("VERIFY.txt"))])
            .fails("V-1 V-5")
            .missing(&["nonce"]),
        scenario(
            "directory_with_a_member_missing",
            "DIR-1 VER-6 VER-4",
            "The first index part is not there: its files are proven by their digests.",
        )
        .directory(members().without(&index(0)), vec![])
        .fails("V-1 V-5")
        .missing(&[&index(0)]),
        scenario(
            "directory_with_mimetype_alone",
            "VER-1 VER-6",
            "A directory with `mimetype` alone is taken for a bundle.",
        )
        .directory(members().into_iter().take(1).collect(), vec![])
        .fails("V-1")
        .without_statement(),
        scenario(
            "directory_with_statement_alone",
            "VER-1 VER-8",
            "A directory with `statement.json` alone is taken for a bundle; no list can be made.",
        )
        .directory(vec![("statement.json".into(), members().bytes("statement.json").clone())], vec![])
        .fails("V-1 V-4 V-12")
        .cannot_tell("content"),
    ]
}
