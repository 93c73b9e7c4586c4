//! Sound bundles, among them what a lenient or over-strict verifier gets wrong.

use serde_json::json;

use crate::kit::plan::required_signers;
use crate::kit::{Key, MembersExt, Node, Plan, Scenario, dir, file, scenario, special};
use crate::sealed::pattern;

pub fn scenarios() -> Vec<Scenario> {
    [whole(), entries(), recorded(), statements(), cases(), grown()].into_iter().flatten().collect()
}

fn whole() -> Vec<Scenario> {
    vec![
        scenario(
            "sound",
            "MEM-1 MEM-2 CUT-4 CUT-5 CUT-6 CUT-8 IDX-1 IDX-2",
            "A sound bundle of three segments; a file spans two of them.",
        )
        .members(Plan::base().members()),
        scenario("sound_default_limits", "STM-2 CUT-1", "A sound bundle by the default limits.")
            .members(Plan::of(vec![dir("s"), file("s/a", "hello\n")]).with_default_limits().members()),
        scenario(
            "sound_least_limits",
            "STM-2 CUT-2 CUT-4",
            "The least limits: each unit and each line has a segment of its own.",
        )
        .members(Plan::of(vec![dir("s"), file("s/a", pattern(1000))]).with_limits(512, 512, 512, 1).members()),
        scenario(
            "end_marker_in_its_own_segment",
            "CUT-3 CUT-4 IDX-1",
            "The last segment holds the end marker alone; its first entry is the number of entries.",
        )
        .members(Plan::of(vec![dir("s"), file("s/a", pattern(1024))]).with_limits(512, 1024, 2048, 5).members()),
        scenario(
            "file_spans_many_segments",
            "CUT-2 CUT-4 CUT-6 IDX-2 IDX-4",
            "A file spans six segments; its line is in the last of them.",
        )
        .members(Plan::of(vec![dir("s"), file("s/large", pattern(10_000))]).with_limits(512, 1024, 2048, 5).members()),
        scenario(
            "without_whole_file_digest",
            "MAN-2 IDX-1 CHK-1",
            "Files longer than a chunk have no sha256, no chain values, and no line in the sums.",
        )
        .members({
            let mut plan = Plan::base();
            plan.params.whole_file_digest = false;
            plan.members()
        }),
        scenario("directory_form", "DIR-1", "The directory form.").directory(Plan::base().members(), vec![]),
        scenario(
            "directory_with_what_a_desktop_leaves",
            "DIR-2",
            "Files that a desktop system leaves do not refute, wherever they are.",
        )
        .directory(
            Plan::base().members(),
            vec![
                (".DS_Store", Node::File(b"x".to_vec())),
                ("payload/Thumbs.db", Node::File(b"x".to_vec())),
                ("seal/desktop.ini", Node::File(b"x".to_vec())),
                ("index/._00000000.bin", Node::File(b"x".to_vec())),
            ],
        ),
        scenario("not_a_bundle", "VER-1", "A file of text: nothing that a bundle would have is in it.")
            .file(vec![], b"This is not a bundle.\n".to_vec())
            .not_a_bundle(),
        scenario("not_a_bundle_empty", "VER-1", "An empty file.").file(vec![], vec![]).not_a_bundle(),
        scenario("not_a_bundle_directory", "VER-1", "A directory with neither mimetype nor statement.json.")
            .directory(vec![], vec![("nonce", Node::File(b"x".to_vec()))])
            .not_a_bundle(),
    ]
}

fn entries() -> Vec<Scenario> {
    let linked = file("s/k", pattern(700)).with("nlink", json!(2));
    let mut link = file("s/l", pattern(700)).with("nlink", json!(2)).with("hard_link", json!("s/k"));
    link.content = None;
    let long = format!("s/{}", "n".repeat(200));
    let device = |path: &[u8], kind: &str| special(path, kind).with("rdev", json!([8, 1]));
    vec![
        scenario("no_file_at_all", "TAR-1 SUM-1 CUT-8", "Directories and a link, no file: the sums are one frame of no content.")
            .members(Plan::of(vec![dir("d"), special(b"d/l", "symlink").with("link", json!("nowhere"))]).members()),
        scenario("one_empty_file", "TAR-2 MAN-2", "One file of no bytes, and nothing else.")
            .members(Plan::of(vec![file("empty", "")]).members()),
        scenario("sockets_only", "TAR-1 CUT-6 CUT-7", "Six sockets: nothing has a tar record, and the first segment has lines, but one frame of no content.")
            .members(Plan::of((0..6).map(|i| special(format!("s{i}").as_bytes(), "socket")).collect()).members()),
        scenario("names_that_are_not_utf8", "JSON-5 TAR-3 SUM-1", "Names and a link target that are not UTF-8, among them that of the source.")
            .members({
                let mut entry = file("x", "odd");
                entry.path = b"s\xff/\xfe\n\\".to_vec();
                let link = special(b"s\xff/\xff", "symlink").with("link_b64", json!("/w=="));
                Plan::of(vec![special(b"s\xff", "dir"), entry, link]).members()
            }),
        scenario("names_that_sums_escape", "SUM-1", "Paths with backslash, LF and CR, and a file that is called `-`.")
            .members(Plan::of(vec![file("-", "dash"), file("a\\b", "1"), file("c\nd", "2"), file("e\rf", "3")]).members()),
        scenario("siblings_in_order_of_one_component", "ORD-2", "`p/x` stands before `p.q`, though a point is less than a slash.")
            .members(Plan::of(vec![dir("s"), dir("s/p"), file("s/p/x", "1"), file("s/p.q", "2")]).members()),
        scenario("sources_in_the_order_given", "ORD-1", "Sources stand in the order given, which is not that of their names.")
            .members(Plan::of(vec![file("z", "1"), dir("m"), file("m/x", "2"), file("a", "3")]).members()),
        scenario("root_of_a_file_system", "ORD-3", "The only source is a file system's root: its path is a point, and those of its children are their names.")
            .members(Plan::of(vec![dir("."), dir("a"), file("a/b", "1"), file("c", "2")]).members()),
        scenario("times_before_1970", "TIME-1 TAR-5", "Times before 1970, with and without a fraction; sign and magnitude.")
            .members(Plan::below_s(vec![
                file("s/a", "1").with("mtime", json!("-1.500000000")).with("atime", json!("-0.000000001")),
                file("s/b", "2").with("mtime", json!("-3600.000000000")),
            ]).members()),
        scenario("times_far_away", "TIME-1 TAR-3 TAR-5", "Times that octal digits do not hold, and a fraction that ends in zeros.")
            .members(Plan::below_s(vec![
                file("s/a", "1").with("mtime", json!("8589934592.000000000")),
                file("s/b", "2").with("mtime", json!("8589934591.120000000")),
                file("s/c", "3").with("mtime", json!("4611686018427387904.000000000")),
            ]).members()),
        scenario("pax_records", "TAR-4 TAR-5", "Everything that needs a pax record: long path and link target, large uid and gid, extended attributes.")
            .members(Plan::below_s(vec![
                file(&long, "1").with("uid", json!(2_097_152)).with("gid", json!(4_294_967_295u32)).with("xattrs", json!([
                    {"name": "user.a=b%", "value_b64": "AP8="}, {"name": "user.empty", "value_b64": ""},
                    {"error": "EIO", "name": "user.lost"},
                ])),
                special(b"s/o", "symlink").with("link", json!("t".repeat(101))),
            ]).members()),
        scenario("every_kind", "TAR-1 TAR-3 MAN-6 MAN-1", "Pipes, sockets, devices, a whole disk, and what could not be told.")
            .members(Plan::below_s(vec![
                device(b"s/a", "blockdev"),
                device(b"s/b", "chardev"),
                special(b"s/c", "fifo"),
                special(b"s/d", "socket"),
                file("s/e", pattern(1000)).with("kind", json!("disk")).with("rdev", json!([8, 0])),
                special(b"s/f", "unknown").with("unreadable", json!("ENOENT")).with("mode", json!("0000")).with("mtime", json!("0.000000000")),
            ]).members()),
        scenario("hard_link", "MAN-5 TAR-2 TAR-6", "A hard link to a file of two chunks: it has no content of its own, and its chunks_root is that of its target.")
            .members(Plan::below_s(vec![linked.clone(), link]).members()),
        scenario("holes", "MAN-1 MAN-7", "A sparse file: what is not allocated is zeros in the tar.")
            .members(Plan::below_s(vec![file("s/a", vec![0; 3000]).with("holes", json!([[0, 1024], [2048, 952]]))]).members()),
        scenario("facts_that_only_the_manifest_has", "MAN-1", "Further times, attributes, names of owners, inode, device, and further digests that nobody compares.")
            .members(Plan::below_s(vec![
                file("s/a", "1").with("also", json!({"md5": "00".repeat(16)})).with("attributes", json!(["immutable", "nodump"]))
                    .with("btime", json!("1.000000000")).with("ctime", json!("2.000000000")).with("dev", json!([8, 1]))
                    .with("group", json!("root")).with("ino", json!("18446744073709551615")).with("user_b64", json!("/w==")),
            ]).members()),
    ]
}

/// What could not be read is evidence of the source's state.
fn recorded() -> Vec<Scenario> {
    let gaps = || {
        let gap = json!([{"at": "2026-01-02T03:04:05Z", "attempts": 3, "cause": "EIO", "len": 512, "offset": 512}]);
        Plan::below_s(vec![file("s/a", [pattern(512), vec![0; 512], pattern(100)].concat()).with("gaps", gap)])
            .members()
    };
    let unreadable = || {
        let closed = special(b"s/a", "file").with("unreadable", json!("EACCES")).with("size", json!(4000));
        Plan::below_s(vec![closed, dir("s/b").with("unreadable", json!("errno 5"))]).members()
    };
    let changed = || {
        let change = json!({"mtime": "1700000001.000000000", "size": 9});
        Plan::below_s(vec![file("s/a", "abc").with("changed_while_reading", change)]).members()
    };
    vec![
        scenario("gaps", "MAN-4 MAN-7 VER-3", "A gap is recorded: verified all the same, and no damage.")
            .members(gaps()),
        scenario("gaps_strict", "CONF-2", "The same with --strict: incomplete.").members(gaps()).strict().incomplete(),
        scenario(
            "unreadable",
            "MAN-4 MAN-6 TAR-1 VER-3",
            "A file and a directory could not be opened; the directory has a tar record, the file none.",
        )
        .members(unreadable()),
        scenario("changed_strict", "CONF-2", "A file changed while it was read, with --strict: incomplete.")
            .members(changed())
            .strict()
            .incomplete(),
        scenario(
            "standard_input",
            "SRC-1",
            "The content of standard input: one file, of which only its bytes are known.",
        )
        .members({
            let entry = file("stdin", "from a pipe").with("mode", json!("0600")).with("mtime", json!("0.000000000"));
            let mut plan = Plan::of(vec![entry]);
            plan.case["scope"]["sources"][0]["path"] = json!("-");
            plan.members()
        }),
    ]
}

fn statements() -> Vec<Scenario> {
    let tiny = || Plan::of(vec![file("a", "1")]);
    vec![
        scenario("extensions_unknown", "STM-1 JSON-3", "Unknown keys in `extensions` are ignored.").members({
            let mut forge = tiny().forge();
            forge.predicate()["extensions"] = json!({"x": {"deep": [1, "two", true, -3]}});
            forge.members_sealed()
        }),
        scenario(
            "critical_unknown",
            "STM-1 VER-1",
            "An unknown key in `critical`: content cannot be told, everything else holds.",
        )
        .members({
            let mut forge = tiny().forge();
            forge.predicate()["critical"] = json!({"x": 1});
            forge.members_sealed()
        })
        .cannot_tell("content"),
        scenario(
            "encoding_unknown",
            "STM-3 VER-1",
            "An encrypted payload: seal, list and digests are checked, content cannot be told.",
        )
        .members({
            let mut forge = tiny().forge();
            forge.predicate()["members"]["payload"] = json!("tar+zstd+age");
            forge.members_sealed()
        })
        .cannot_tell("content"),
        scenario(
            "encoding_unknown_and_payload_damaged",
            "STM-3 VER-11",
            "An encrypted payload that is damaged: the member as a whole.",
        )
        .members({
            let mut forge = tiny().forge();
            forge.predicate()["members"]["payload"] = json!("tar+zstd+age");
            forge.members_sealed().flipped("payload/00000000.tar.zst", 20)
        })
        .fails("V-5")
        .damaged(&["payload/00000000.tar.zst"]),
        scenario("answers", "STM-1", "The bundle answers a request, whose digest it names.").members({
            let mut plan = tiny();
            plan.answers = Some("ab".repeat(32));
            plan.members()
        }),
        scenario("clock_measured", "STM-1 TIME-2", "A clock that was behind, by a reference.").members({
            let mut forge = tiny().forge();
            forge.predicate()["clock"] = json!({"offsetMs": -1500, "reference": "ntp", "source": "system"});
            forge.predicate()["parameters"]["timeGiven"] = json!(false);
            forge.members_sealed()
        }),
        scenario(
            "clock_as_the_host_has_it",
            "STM-4",
            "What the host says of a clock that has PTP and is still being corrected.",
        )
        .members({
            let mut forge = tiny().forge();
            forge.predicate()["clock"] = json!({"source": "system", "host": {
                "estimatedErrorUs": 0, "lastSync": "1970-01-01T00:00:00Z", "maxErrorUs": (1_u64 << 53) - 1,
                "offsetUs": 1 - (1_i64 << 53), "ptpClocks": ["KVM virtual PTP", "n".repeat(64)], "synchronised": false,
            }});
            forge.predicate()["parameters"]["timeGiven"] = json!(false);
            forge.members_sealed()
        }),
        scenario("instant_last_of_all", "TIME-2", "The acquisition ends with the year 9999.").members({
            let mut forge = tiny().forge();
            forge.predicate()["acquisition"]["end"] = json!("9999-12-31T23:59:59Z");
            forge.members_sealed()
        }),
    ]
}

fn cases() -> Vec<Scenario> {
    let device = json!({
        "backingFile_b64": "/w==", "logicalSectorBytes": 512, "model": "M", "physicalSectorBytes": 4096, "readOnly": true,
        "serial": "1", "sizeBytes": 1000, "vendor": "V", "wwid": "naa.5",
        "partitionTable": {"id": "0000002a", "kind": "mbr", "partitions": [
            {"lengthBytes": 512, "number": 1, "startBytes": 512, "type": "83"},
            {"lengthBytes": 512, "number": 5, "startBytes": 1024, "type": "82"},
        ], "problem": "one too long"},
        "uses": [
            {"device": "sda1", "how": "mount", "path": "/mnt", "readOnly": true},
            {"device": "sda5", "how": "swap", "readOnly": false}, {"device": "dm-0", "how": "unknown", "readOnly": true},
        ],
    });
    let tiny = || Plan::of(vec![file("a", "1")]);
    vec![
        scenario(
            "case_of_the_union",
            "CASE-1",
            "The state of the authority is `EU`, and every optional key of the case is there.",
        )
        .members({
            let mut plan = tiny();
            plan.case["authority"]["state"] = json!("EU");
            plan.case["case"]["title"] = json!("T");
            plan.case["exhibit"] =
                json!({"description": "D", "id": "E", "seizedAt": "2026-01-01T00:00:00Z", "seizedPlace": "P"});
            plan.case["legalBasis"] = json!({"article": "1", "instrument": "I", "reference": "R"});
            plan.case["notes"] = json!("é\u{0001}\u{2028}\"\\/");
            plan.case["operator"] = json!({"contact": "C", "name": "N", "role": "R"});
            plan.case["safeguards"] = json!("S");
            plan.case["scope"]["host"] = json!("H");
            plan.case["scope"]["mountedOk"] = json!(true);
            plan.case["source"] = json!({"make": "M", "model": "M", "serial": "S", "writeProtection": "W"});
            plan.members()
        }),
        scenario(
            "device_described",
            "DEV-1 DEV-2",
            "A source that was a block device, with everything that can be known of it.",
        )
        .members({
            let mut plan = tiny();
            plan.case["scope"]["sources"][0]["device"] = device;
            plan.members()
        }),
    ]
}

fn grown() -> Vec<Scenario> {
    let base = || Plan::of(vec![file("a", "1")]);
    let signed_by = |keys: &[Key], threshold| {
        let mut plan = base();
        plan.keys = keys.to_vec();
        plan.required = (Key::ALL.to_vec(), threshold);
        plan.members()
    };
    vec![
        scenario(
            "timestamps",
            "MEM-3 TSP-1",
            "A time-stamp that is none, under a name that none has: time is refuted, and the evidence proven.",
        )
        .members(base().members().added("timestamps/a-1.tsr", "x"))
        .level_3()
        .fails("V-15"),
        scenario("custody_event_that_is_none", "EVT-1", "A custody event that is no envelope.")
            .members(base().members().added("custody/0001-noted-00000000.dsse.json", "x"))
            .level_2()
            .fails("V-13"),
        scenario("signed_with_p256", "ENV-4", "An ECDSA signature on P-256.")
            .members({
                let mut plan = base();
                (plan.keys, plan.required.0) = (vec![Key::P256], vec![Key::P256]);
                plan.members()
            })
            .signers(&[Key::P256]),
        scenario("two_of_three_signed", "VER-1 STM-1", "Three signers are named, two must sign, and two have.")
            .members(signed_by(&[Key::P256, Key::Other], 2))
            .signers(&Key::ALL),
        scenario("one_of_three_signed", "VER-1 VER-7", "Three signers are named, two must sign, and one has.")
            .members(signed_by(&[Key::P256], 2))
            .signers(&Key::ALL)
            .fails("V-12"),
        scenario(
            "without_any_signer",
            "ENV-5 VER-1",
            "The user trusts no key: a key in the bundle is not trusted for being there.",
        )
        .members(base().members())
        .signers(&[])
        .fails("V-12"),
        scenario(
            "signer_trusted_but_not_required",
            "VER-1",
            "A key that the user trusts has signed, but the statement does not ask for it.",
        )
        .members({
            let mut plan = base();
            plan.keys = vec![Key::Ed25519, Key::P256];
            plan.members()
        })
        .signers(&[Key::P256])
        .fails("V-12"),
        scenario(
            "envelope_foreign",
            "MEM-3 VER-7",
            "A further envelope, by a key that nobody asked for: it decides nothing.",
        )
        .members({
            let mut plan = base();
            plan.keys = vec![Key::Ed25519, Key::P256];
            plan.members()
        }),
        scenario("fixity", "CONF-2", "Only fixity is asked for.").members(Plan::base().members()).fixity(),
    ]
}

/// The reference writes what is required in the order of key ids.
#[test]
fn required_keys_ascend() {
    let value = required_signers(&Key::ALL, 2);
    let ids: Vec<_> = value["keys"].as_array().expect("keys").iter().map(|key| key["keyid"].to_string()).collect();
    assert!(ids.is_sorted());
    assert!(Key::ALL.iter().all(|key| ids.contains(&json!(key.id()).to_string())));
}
