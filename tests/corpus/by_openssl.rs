//! What `openssl ts -verify` says of each time-stamp of the corpus, at its own time, beside what the corpus says.

use std::fs;
use std::path::Path;
use std::process::Command;

use scelle::format::time_stamp::{Response, TstInfo};

use crate::kit::{MembersExt, Scenario};
use crate::reference::{hex, sha256};

/// Scenarios that openssl 3.0 judges otherwise, and why.
const OTHERWISE: [(&str, &str); 12] = [
    ("stamped_in_its_last_second", "it takes the last second of a certificate for one after it"),
    ("stamp_of_another_name", "names are ours"),
    ("stamp_by_sha_1", "it takes SHA-1 for good"),
    ("stamp_in_another_order", "it verifies attributes in the order in which they came"),
    ("stamp_with_a_byte_more", "it reads as far as it needs"),
    ("stamp_list_that_is_none", "it wants revocation lists to be such"),
    ("stamp_with_zeros_in_its_fraction", "it takes any fraction"),
    ("stamp_in_local_time", "it takes any zone"),
    ("stamp_without_content_type", "it does not look at the signed content type"),
    ("stamp_of_another_content_type", "it does not look at the signed content type"),
    ("stamp_of_two_digests", "it takes the first"),
    ("stamp_of_17_certificates", "the limit is ours"),
];

/// Whether openssl accepts a time-stamp over a file.
fn accepts(dir: &Path, response: &[u8], file: &[u8], roots: &str) -> bool {
    let info = Response::parse(response).ok().and_then(|it| TstInfo::parse(&it.token?.content).ok());
    let second = info.map_or(1_798_761_600, |info| info.time.second().seconds()).to_string();
    for (name, bytes) in [("data", file), ("stamp", response), ("roots", roots.as_bytes())] {
        fs::write(dir.join(name), bytes).expect("a file");
    }
    let args = ["ts", "-verify", "-data", "data", "-in", "stamp", "-CAfile", "roots", "-attime", &second];
    Command::new("openssl").args(args).current_dir(dir).output().expect("openssl").status.success()
}

#[test]
fn openssl_says_the_same_of_every_time_stamp_or_it_is_told_why_not() {
    let dir = tempfile::tempdir().expect("a directory");
    let (mut wrong, mut count) = (Vec::new(), 0);
    for scenario in crate::time::scenarios() {
        let Scenario { name, time_roots, .. } = &scenario;
        let about_intervals = scenario.clauses.contains(&"TSP-11") || scenario.clauses.contains(&"TSP-12");
        let about_lists = scenario.clauses.contains(&"TSP-10") && *name != "stamp_list_that_is_none";
        let members = scenario.own_members();
        let mut stamps = members.iter().filter(|(name, _)| name.starts_with("timestamps/"));
        let (Some((stamp, response)), None) = (stamps.next(), stamps.next()) else { continue };
        if about_intervals || about_lists || time_roots.is_empty() {
            continue;
        }
        let digits = stamp.get(11..27).unwrap_or_default();
        let over = members.iter().find(|(_, bytes)| hex(&sha256(bytes)).starts_with(digits));
        let file = over.map_or_else(|| members.bytes("statement.json").clone(), |(_, bytes)| bytes.clone());
        let roots: String = time_roots.iter().map(crate::kit::authority::Certificate::to_pem).collect();
        let expected = scenario.side()["expected"]["areas"]["time"] == "passed";
        let is_otherwise = OTHERWISE.iter().any(|(known, _)| known == name);
        count += 1;
        if (accepts(dir.path(), response, &file, &roots) == expected) == is_otherwise {
            wrong.push(*name);
        }
    }
    assert!(count >= 40, "{count} were compared");
    assert!(wrong.is_empty(), "{wrong:?}");
}
