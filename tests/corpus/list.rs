//! The list, and what can be made of a damaged one.

use crate::kit::layout::{index, manifest, middle_of, payload};
use crate::kit::{Members, MembersExt, Plan, Scenario, file, scenario};
use crate::reference::list_text;

pub fn scenarios() -> Vec<Scenario> {
    [signed(), damaged(), of_more_segments()].into_iter().flatten().collect()
}

fn members() -> Members {
    Plan::base().members()
}

/// A list in another form, and signed: it counts as none.
fn other(name: &'static str, what: &'static str, change: impl Fn(String) -> String) -> Scenario {
    let forge = Plan::of(vec![file("a", "1")]).forge();
    let mut members = forge.members_sealed();
    members.truncate(members.at("statement.json"));
    let list = members.bytes_mut("SEALED.sha256");
    *list = change(String::from_utf8(list.clone()).expect("text")).into_bytes();
    scenario(name, "LIST-1 VER-8", what).members(forge.with_list(members)).fails("V-4").cannot_tell("content")
}

fn signed() -> Vec<Scenario> {
    vec![
        other("list_with_cr", "The lines of the list end in CR and LF.", |text| text.replace('\n', "\r\n")),
        other("list_without_final_newline", "The last line of the list does not end in LF.", |text| {
            text.trim_end().into()
        }),
        other("list_in_another_order", "The list is not in the order of the members.", |text| {
            let mut lines: Vec<_> = text.lines().collect();
            lines.swap(0, 1);
            lines.join("\n") + "\n"
        }),
        other("list_without_the_sums", "The list does not name the sums.", |text| {
            text.lines().filter(|line| !line.contains("SUMS")).map(|line| format!("{line}\n")).collect()
        }),
        other(
            "list_longer_than_it_can_be",
            "The list has a line more than so many segments need: it is not read.",
            |text| format!("{text}\n"),
        )
        .clause("LIM-4"),
        {
            let forge = Plan::base().forge();
            let mut members = forge.members_sealed();
            members.truncate(members.at("statement.json"));
            let text = String::from_utf8(members.bytes("SEALED.sha256").clone()).expect("text");
            let shorter: String =
                text.lines().filter(|line| !line.contains("/00000002")).map(|line| format!("{line}\n")).collect();
            scenario(
                "list_without_a_segment",
                "LIST-1 VER-8",
                "The list does not name the last segment, which is there.",
            )
            .members(forge.with_list(members.replaced("SEALED.sha256", shorter)))
            .fails("V-4 V-7")
        },
    ]
}

/// Changes the digests of these members in the list.
fn with_lines_changed(mut members: Members, names: &[&str]) -> Members {
    let text = String::from_utf8(members.bytes("SEALED.sha256").clone()).expect("text");
    let line = |line: &str| match names.iter().any(|name| line.ends_with(&format!("  {name}"))) {
        true => format!("{}{}\n", "0".repeat(64), &line[64..]),
        false => format!("{line}\n"),
    };
    *members.bytes_mut("SEALED.sha256") = text.lines().map(line).collect::<String>().into_bytes();
    members
}

fn damaged() -> Vec<Scenario> {
    let plan = Plan::base();
    let frame = |members: Members| members.flipped(&payload(1), middle_of(&plan, 1, 2));
    let list = |name: &'static str, what: &'static str, members: Members| {
        scenario(name, "LIST-2 VER-8", what).members(members).fails("V-4")
    };
    let flip = |members: Members, names: &[&str]| names.iter().fold(members, |members, name| members.flipped(name, 12));
    let texts = ["mimetype", "nonce", "VERIFY.txt", "SHA256SUMS.zst"];
    let manifests = [&*manifest(0), &manifest(1), &manifest(2)];
    let lines = [&*payload(0), &payload(2), &index(1), &index(2)];
    vec![
        list(
            "list_damaged",
            "A digest in the list is damaged: it is computed anew, and every member is proven.",
            with_lines_changed(members(), &["VERIFY.txt"]),
        ),
        list(
            "list_of_junk",
            "The list is junk: it is computed anew, and every member is proven.",
            members().replaced("SEALED.sha256", "junk"),
        ),
        list(
            "list_damaged_and_frame_damaged",
            "A line of the list and a frame of payload are damaged: a list that matches tells which.",
            frame(with_lines_changed(members(), &["nonce"])),
        )
        .fails("V-5")
        .frames(&plan, 1, &[2], "damaged"),
        list(
            "list_of_junk_and_frame_damaged",
            "The list is junk, and a member is damaged: no list can be made.",
            frame(members().replaced("SEALED.sha256", "junk")),
        )
        .cannot_tell("content"),
        list(
            "list_damaged_and_member_missing",
            "A line of the list is damaged, and a member is missing: its line stands in the damaged list.",
            with_lines_changed(members().without("VERIFY.txt"), &["nonce"]),
        )
        .fails("V-1 V-5")
        .missing(&["VERIFY.txt"]),
        list(
            "list_damaged_at_a_missing_member",
            "The line of a missing member is damaged: no list can be made.",
            with_lines_changed(members().without("nonce"), &["nonce"]),
        )
        .fails("V-1")
        .cannot_tell("content"),
        list(
            "list_damaged_and_ten_lines_differ",
            "Ten lines of the list are not those of the members: four are damaged lines, six damaged members.",
            flip(with_lines_changed(members(), &lines), &[&texts[..3], &manifests[..]].concat()),
        )
        .fails("V-5")
        .damaged(&[&texts[..3], &manifests[..]].concat()),
        list(
            "list_damaged_and_eleven_lines_differ",
            "Eleven lines of the list are not those of the members: no list can be made.",
            flip(with_lines_changed(members(), &lines), &[&texts[..], &manifests[..]].concat()),
        )
        .cannot_tell("content"),
    ]
}

fn of_more_segments() -> Vec<Scenario> {
    let plan = Plan::base();
    vec![
        scenario(
            "list_of_one_more_segment",
            "VER-8 VER-11 LIM-4",
            "List and counts name a segment of which nothing is there.",
        )
        .members({
            let mut forge = plan.forge();
            forge.predicate()["counts"]["segments"] = 4.into();
            let mut members = forge.members_sealed();
            members.truncate(members.at("statement.json"));
            let copy = |name: String| members.bytes(&name).clone();
            let further =
                [(payload(3), copy(payload(2))), (manifest(3), copy(manifest(2))), (index(3), copy(index(2)))];
            let mut listed = members[..members.at("case.json")].to_vec();
            let at = listed.len() - 1;
            listed.splice(at..at, further);
            forge.with_list(members.replaced("SEALED.sha256", list_text(&listed)))
        })
        .fails("V-5")
        .missing(&[&payload(3), &manifest(3), &index(3)]),
        scenario(
            "list_of_more_segments_than_there_can_be",
            "LIM-4 VER-8",
            "The list names a segment of which nothing is there and the counts know nothing: it passes its limit.",
        )
        .members({
            let forge = plan.forge();
            let mut members = forge.members_sealed();
            members.truncate(members.at("statement.json"));
            let more = format!("{}  {}\n", "0".repeat(64), index(3)).repeat(3);
            let list = [members.bytes("SEALED.sha256"), more.as_bytes()].concat();
            forge.with_list(members.replaced("SEALED.sha256", list))
        })
        .fails("V-4")
        .cannot_tell("content"),
    ]
}
