//! The file form: every header and record is the only one that it can be.

use crate::kit::zip::{central, end, local, place_of};
use crate::kit::{Members, MembersExt, Plan, Scenario, Zip, file, scenario};
use crate::reference::{crc32, zip_central_header, zip_local_header};

pub fn scenarios() -> Vec<Scenario> {
    [records(), headers(), headers_in_both_places(), places(), cut()].into_iter().flatten().collect()
}

fn members() -> Members {
    Plan::of(vec![file("a", "1")]).members()
}

/// A file whose wrapper is changed. Every member is found, so only V-1 fails.
fn wrapper(name: &'static str, clauses: &'static str, what: &'static str, change: impl FnOnce(&mut Zip)) -> Scenario {
    let mut zip = Zip::of(&members());
    change(&mut zip);
    scenario(name, clauses, what).file(members(), zip.bytes()).fails("V-1")
}

fn records() -> Vec<Scenario> {
    vec![
        wrapper(
            "end_record_comment",
            "ZIP-1 VER-5",
            "The end record announces a comment of three bytes, which follows.",
            |zip| {
                *zip.end.iter_mut().nth_back(1).expect("a byte") = 3;
                zip.end.extend_from_slice(b"abc");
            },
        ),
        wrapper("bytes_behind_the_end_record", "ZIP-1 VER-5", "Bytes behind the end record.", |zip| {
            zip.end.extend_from_slice(&[0; 7])
        }),
        wrapper("zip64_end_record_count_wrong", "ZIP-4", "The ZIP64 end record counts one member more.", |zip| {
            zip.end[end::MEMBERS_64] += 1
        }),
        wrapper("zip64_end_record_missing", "ZIP-1", "No ZIP64 end record and no locator: a plain ZIP file.", |zip| {
            zip.end.drain(..76);
        }),
    ]
}

fn headers() -> Vec<Scenario> {
    vec![
        wrapper(
            "local_header_differs",
            "ZIP-1 VER-5",
            "A local header has another time than the only one it can have. The member is read all the same.",
            |zip| {
                zip.locals[3][local::TIME] = 1;
            },
        ),
        wrapper(
            "local_header_name_differs",
            "ZIP-6 VER-5",
            "A local header names another member than the directory does.",
            |zip| {
                zip.locals[1][30] = b'N';
            },
        ),
        wrapper(
            "central_header_attributes_differ",
            "ZIP-1 VER-5",
            "A central header has other attributes; the members are found by their local headers.",
            |zip| {
                zip.centrals[2][central::EXTERNAL] = 0x20;
            },
        ),
        wrapper(
            "central_header_extra",
            "ZIP-3",
            "A central header has a ZIP64 extra field that it does not need.",
            |zip| {
                let extra =
                    [&[1u8, 0, 16, 0][..], &zip.contents[2].len().to_le_bytes(), &zip.contents[2].len().to_le_bytes()]
                        .concat();
                zip.centrals[2][central::PLAIN..central::PLAIN + 4].fill(0xff);
                zip.centrals[2][30] = extra.len() as u8;
                zip.centrals[2].extend(extra);
            },
        ),
        wrapper(
            "crc_of_the_statement_wrong",
            "ZIP-6",
            "Both headers of statement.json have a wrong CRC-32; its bytes are right.",
            |zip| {
                let at = members().at("statement.json");
                zip.locals[at][local::CRC] ^= 1;
                zip.centrals[at][central::CRC] ^= 1;
            },
        ),
    ]
}

fn headers_in_both_places() -> Vec<Scenario> {
    vec![
        {
            let mut zip = Zip::of(&members());
            zip.locals[2][local::CRC] ^= 1;
            zip.centrals[2][central::CRC] ^= 1;
            scenario(
                "crc_of_a_listed_member_wrong",
                "ZIP-6",
                "Both headers of VERIFY.txt have a wrong CRC-32: V-5 fails, though it has its digest.",
            )
            .file(members(), zip.bytes())
            .fails("V-5")
        },
        {
            let mut zip = Zip::of(&members());
            zip.locals[1][local::FLAGS + 1] = 8;
            zip.centrals[1][central::CRC - 7] = 8;
            scenario("names_flagged_as_utf8", "ZIP-1 VER-5", "Both headers of a member flag its name as UTF-8: no directory, and no exact local header. The member is not there.")
                .file(members(), zip.bytes())
                .fails("V-1 V-5")
                .missing(&["nonce"])
        },
        {
            let mut zip = Zip::of(&members());
            let len = zip.contents[1].len() as u64;
            let extra = [&[1u8, 0, 16, 0][..], &len.to_le_bytes(), &len.to_le_bytes()].concat();
            zip.locals[1][18..26].fill(0xff);
            zip.locals[1][28] = extra.len() as u8;
            zip.locals[1].extend(extra);
            scenario(
                "local_header_extra_in_a_small_member",
                "ZIP-2 VER-5",
                "A small member has a ZIP64 extra field that it does not need. It is not there, and the next one is.",
            )
            .file(members(), zip.bytes())
            .fails("V-1 V-5")
            .missing(&["nonce"])
        },
        {
            let mut zip = Zip::of(&members());
            zip.locals[5][local::VERSION] = 20;
            zip.end.clear();
            zip.centrals.clear();
            scenario(
                "directory_lost_and_local_header_damaged",
                "VER-5 VER-6",
                "Neither directory nor end records, and one damaged local header: that index part is missing.",
            )
            .file(members(), zip.bytes())
            .fails("V-1 V-5")
            .missing(&["index/00000000.bin"])
        },
    ]
}

/// Members that stand where they should not.
fn places() -> Vec<Scenario> {
    let lookalike = |name: &str| zip_local_header(name, crc32(b""), 0);
    vec![
        wrapper("byte_before_the_first_member", "ZIP-5 VER-5", "A byte before the first member.", |zip| {
            zip.locals[0].insert(0, 0)
        }),
        wrapper("bytes_between_members", "ZIP-1 VER-5", "Bytes between two members.", |zip| {
            zip.contents[2].extend_from_slice(&[0; 9])
        }),
        wrapper(
            "local_header_of_an_unknown_name_in_a_gap",
            "VER-5",
            "In a gap stands a local header of an unknown name: no member is looked for there.",
            |zip| {
                let junk = [b"x".to_vec(), lookalike("nonsense")].concat();
                zip.contents[2].extend(junk);
            },
        ),
        {
            let mut zip = Zip::of(&members());
            let junk = [b"x".to_vec(), lookalike("nonce")].concat();
            zip.contents[0].extend(junk);
            scenario(
                "local_header_of_a_known_name_in_a_gap",
                "VER-5 VER-6",
                "In a gap stands a local header of `nonce`, with no content: it is the first of that name.",
            )
            .file(members(), zip.bytes())
            .fails("V-1 V-5")
            .range("nonce", (0, 0), None, "damaged")
        },
        {
            let mut zip = Zip::of(&members());
            zip.centrals.remove(2);
            scenario(
                "member_missing_in_the_directory",
                "ZIP-1 VER-5",
                "The directory does not name a member that is there.",
            )
            .file(members(), zip.with_end().bytes())
            .fails("V-1")
        },
        {
            let mut zip = Zip::of(&members());
            zip.centrals.insert(2, zip.centrals[1].clone());
            scenario(
                "member_duplicated_in_directory",
                "ZIP-1 VER-5",
                "The directory names a member twice that is there once.",
            )
            .file(members(), zip.with_end().bytes())
            .fails("V-1")
        },
        {
            let mut zip = Zip::of(&members());
            let name = "n".repeat(129);
            let at = zip.locals.iter().chain(&zip.contents).map(Vec::len).sum::<usize>() as u64;
            zip.locals.push(zip_local_header(&name, crc32(b""), 0));
            zip.contents.push(Vec::new());
            zip.centrals.push(zip_central_header(&name, crc32(b""), 0, at));
            scenario("name_of_129_bytes", "LIM-7 VER-5 MEM-4", "A further member has a name of 129 bytes.")
                .file(members(), zip.with_end().bytes())
                .fails("V-1")
        },
    ]
}

fn cut() -> Vec<Scenario> {
    let whole = members();
    let bytes = crate::reference::zip_bytes(&whole);
    let envelope = whole.last().expect("an envelope").0.clone();
    vec![
        scenario(
            "file_cut_in_the_directory",
            "VER-5",
            "The file ends in its central directory: all members are found.",
        )
        .file(members(), bytes[..bytes.len() - 300].to_vec())
        .fails("V-1"),
        scenario(
            "file_cut_in_the_envelope",
            "VER-5 ENV-2",
            "The file ends in its envelope, which is read as far as it goes.",
        )
        .file(members(), bytes[..place_of(&whole, &envelope) + 200].to_vec())
        .fails("V-1 V-3 V-12"),
        scenario(
            "file_cut_in_the_payload",
            "VER-5 VER-7",
            "The file ends in its payload: there is no statement, and nothing can be told.",
        )
        .file(members(), bytes[..place_of(&whole, "payload/00000000.tar.zst") + 90].to_vec())
        .fails("V-1")
        .without_statement()
        .seal_digest(None),
        scenario(
            "file_without_its_beginning",
            "VER-1 VER-5",
            "The first 60 bytes are gone; the end records say that this is a bundle.",
        )
        .file(members(), bytes[60..].to_vec())
        .fails("V-1 V-5")
        .missing(&["mimetype"]),
        scenario(
            "only_the_mimetype_is_left",
            "VER-1 VER-5",
            "All that is left is a local header that is not one, and 16 bytes of mimetype at offset 38.",
        )
        .file(vec![], [vec![0; 38], b"application/vnd.scelle".to_vec()].concat())
        .fails("V-1")
        .without_statement(),
    ]
}
