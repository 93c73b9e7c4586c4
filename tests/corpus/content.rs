//! Content: digests, chunks, the chain of a long file, and the members of fixed content.

use serde_json::json;

use crate::forge::Forge;
use crate::kit::{Plan, Scenario, file, scenario};
use crate::reference::{chain_values, hex, sha256, zstd_frame};
use crate::sealed::pattern;

pub fn scenarios() -> Vec<Scenario> {
    [digests(), chunks(), chains(), sums(), fixed()].into_iter().flatten().collect()
}

fn forged(
    name: &'static str,
    clauses: &'static str,
    what: &'static str,
    plan: Plan,
    change: impl FnOnce(&mut Forge),
) -> Scenario {
    let mut forge = plan.forge();
    change(&mut forge);
    scenario(name, clauses, what).members(forge.members_sealed())
}

fn set_line(forge: &mut Forge, path: &str, key: &str, value: &str) {
    forge.change_lines(|line| {
        if line["path"] == path {
            line[key] = json!(value);
        }
    });
}

fn short() -> Plan {
    Plan::below_s(vec![file("s/b", "bbbbb")])
}

/// Two chunks, of 512 and 188 bytes.
fn long() -> Plan {
    Plan::below_s(vec![file("s/b", pattern(700))])
}

fn digests() -> Vec<Scenario> {
    let other = hex(&sha256(b"something else"));
    vec![
        forged("content_differs", "MAN-2 VER-12", "A file has other content than its digest says.", short(), |forge| {
            forge.change_tar(b"bbbbb", |at| at[4] = b'c')
        })
        .fails("V-10")
        .lost("s/b", 5, &[(0, 5)]),
        forged("digest_differs", "MAN-2 VER-12", "The digest of a file is that of something else.", short(), |forge| {
            set_line(forge, "s/b", "sha256", &other)
        })
        .fails("V-10")
        .lost("s/b", 5, &[(0, 5)]),
        forged(
            "digest_of_a_long_file_differs",
            "CHN-1 VER-12",
            "The digest of a file of two chunks is that of something else: its chunks are proven.",
            long(),
            |forge| set_line(forge, "s/b", "sha256", &other),
        )
        .fails("V-10"),
    ]
}

fn chunks() -> Vec<Scenario> {
    let index = |name, clauses, what, change: fn(&mut scelle::format::index::IndexPart)| {
        forged(name, clauses, what, long(), |forge| forge.change_index(0, change)).fails("V-10")
    };
    vec![
        index("chunk_digest_wrong", "VER-12 CHK-1", "The digest of a chunk is wrong.", |part| {
            part.files[0].digests[1][0] ^= 1
        })
        .lost("s/b", 700, &[(512, 700)]),
        index(
            "blind_wrong",
            "CHK-1",
            "The blind of a file is wrong: the root over its chunks is another, and decides nothing.",
            |part| part.files[0].blind[0] ^= 1,
        ),
        forged(
            "chunk_content_differs",
            "VER-12 CHN-1",
            "A chunk has other content than its digest says.",
            long(),
            |forge| {
                let mut plain = forge.tar(0);
                plain[1][512 + 600] ^= 1;
                forge.set_tar(0, &plain);
            },
        )
        .fails("V-10")
        .lost("s/b", 700, &[(512, 700)]),
        forged(
            "chunks_root_wrong",
            "CHK-1 VER-12",
            "The root over a file's chunks is another: its chunks are proven all the same.",
            long(),
            |forge| {
                set_line(forge, "s/b", "chunks_root", &"00".repeat(32));
            },
        )
        .fails("V-10"),
    ]
}

fn chains() -> Vec<Scenario> {
    vec![
        forged(
            "chain_value_wrong_digest_right",
            "CHN-1",
            "A chain value is wrong; every digest is right.",
            long(),
            |forge| forge.change_index(0, |part| part.files[0].chain[1][0] ^= 1),
        )
        .fails("V-10"),
        forged("first_chain_value_wrong", "CHN-2", "The first chain value is not the standard one.", long(), |forge| {
            forge.change_index(0, |part| part.files[0].chain[0][0] ^= 1)
        })
        .fails("V-10"),
        forged(
            "chain_value_between_segments_wrong",
            "CHN-1",
            "The chain value with which a file goes on in the next segment is wrong.",
            Plan::base(),
            |forge| {
                forge.change_index(2, |part| part.files[0].chain[0][0] ^= 1);
            },
        )
        .fails("V-10"),
        forged(
            "chain_that_leads_to_another_digest",
            "CHN-1 VER-12",
            "From its second segment on the chain is that of another file, and leads to the digest of that.",
            Plan::base(),
            |forge| {
                let mut other = pattern(5000);
                other[..1000].fill(0);
                let chain = chain_values(&other, 512);
                forge.change_index(2, |part| part.files[0].chain = chain[6..].to_vec());
                let digest = hex(&sha256(&other));
                let text = String::from_utf8(forge.sums()).expect("text");
                forge.set_sums(text.replace(&hex(&sha256(&pattern(5000))), &digest).as_bytes());
                set_line(forge, "s/c", "sha256", &digest);
            },
        )
        .fails("V-10"),
    ]
}

fn sums() -> Vec<Scenario> {
    let plan = || Plan::of(vec![file("a\\b", "1"), file("c", "2")]);
    let wrong = |name, what, change: fn(String) -> String| {
        forged(name, "SUM-1", what, plan(), |forge| {
            let text = String::from_utf8(forge.sums()).expect("text");
            assert!(change(text.clone()) != text, "{name} changes nothing");
            forge.set_sums(change(text).as_bytes());
        })
        .fails("V-11")
    };
    vec![
        wrong("sums_line_too_many", "The sums have a line more than there are files.", |text| {
            format!("{text}{}  d\n", "0".repeat(64))
        }),
        wrong("sums_not_escaped", "A backslash in a path is not escaped.", |text| {
            text.replacen('\\', "", 1).replace("\\\\", "\\")
        }),
        wrong("sums_digest_wrong", "A digest in the sums is another than that of the line.", |text| {
            text.replace(&hex(&sha256(b"2")), &"0".repeat(64))
        }),
        wrong("sums_in_binary_mode", "The sums have an asterisk for binary mode.", |text| text.replace("  ", " *")),
        forged("sums_cut_into_two_frames", "CUT-8", "The sums are cut into two frames.", plan(), |forge| {
            let text = forge.sums();
            *forge.member("SHA256SUMS.zst") = [zstd_frame(&text[..10], 3), zstd_frame(&text[10..], 3)].concat();
        })
        .fails("V-11"),
    ]
}

fn fixed() -> Vec<Scenario> {
    let wrong = |name, what, member: &'static str, change: fn(&mut Vec<u8>)| {
        forged(name, "MEM-1", what, short(), |forge| change(forge.member(member))).fails("V-11")
    };
    vec![
        wrong("mimetype_with_newline", "`mimetype` ends in a newline.", "mimetype", |bytes| bytes.push(b'\n')),
        wrong("nonce_in_upper_case", "`nonce` is in upper case.", "nonce", |bytes| bytes.make_ascii_uppercase()),
        wrong(
            "verify_text_of_another_author",
            "`VERIFY.txt` is another text than that of the specification.",
            "VERIFY.txt",
            |bytes| {
                *bytes = b"Trust me.\n".to_vec();
            },
        ),
    ]
}
