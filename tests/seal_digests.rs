//! `scelle seal --also` against the tools whose digests it records, and `--paranoid`, which changes no byte.

mod desk;
#[path = "failing_medium/mod.rs"]
mod failing_medium;

use std::fs;
use std::process::Command;

use desk::{Desk, assert_done, text};
use failing_medium::{Item, Medium};
use serde_json::{Value, json};

const ALL: [&str; 4] = ["--also", "sha512,md5", "--also", "blake3,sha1,md5"];
const MIB: usize = 1 << 20;

/// What the tools say of a file, as a line has it.
fn by_tools(desk: &Desk, path: &str) -> Value {
    let tool = |name: &str| {
        let output = Command::new(name).arg(path).current_dir(desk.dir.path()).output().expect(name);
        assert_done(&output);
        text(&output.stdout).split_whitespace().next().expect("a digest").to_owned()
    };
    let blake3 = blake3::hash(&fs::read(desk.path(path)).expect("the file")).to_string();
    json!({"blake3": blake3, "md5": tool("md5sum"), "sha1": tool("sha1sum"), "sha512": tool("sha512sum")})
}

/// Files of lengths around chunks and frames, with a sparse one and further names of two.
fn tree() -> Desk {
    let desk = Desk::new();
    fs::create_dir(desk.path("d")).expect("a directory");
    for len in [0, 1, 64, 1000, MIB / 4, MIB / 4 + 1, MIB, 4 * MIB - 1, 4 * MIB, 4 * MIB + 1, 9 * MIB + 5] {
        let content: Vec<u8> = (0..=250).cycle().skip(len % 251).take(len).collect();
        fs::write(desk.path(&format!("d/{len:08}")), content).expect("a file");
    }
    fs::File::create(desk.path("d/sparse")).expect("a file").set_len(5_000_000).expect("a length");
    fs::hard_link(desk.path("d/00001000"), desk.path("d/same")).expect("a link");
    fs::hard_link(desk.path(&format!("d/{:08}", 9 * MIB + 5)), desk.path("d/same-large")).expect("a link");
    std::os::unix::fs::symlink("same", desk.path("d/symbolic")).expect("a link");
    desk
}

#[test]
fn every_file_has_the_digests_that_other_tools_compute() {
    let desk = tree();
    assert_done(&desk.seal(&[&["d"], &ALL[..]].concat()));
    let lines = desk.lines();
    assert_eq!(lines.len(), 16);
    for line in &lines {
        let path = line["path"].as_str().expect("a path");
        let expected = if line["kind"] == "file" { by_tools(&desk, path) } else { Value::Null };
        assert_eq!(line["also"], expected, "{path}");
    }
    assert_done(&desk.run(&["verify", "x.scelle", "--signer", "key.pub"]));
}

#[test]
fn by_chunks_alone_only_files_that_have_chunks_lack_a_digest_and_all_can_be_verified() {
    let desk = tree();
    assert_done(&desk.seal(&["d", "--chunks-only"]));
    for line in desk.lines() {
        let is_file = line["kind"] == "file";
        let is_long = line["size"].as_u64().is_some_and(|len| len > 262_144);
        assert_eq!(line["sha256"].is_string(), is_file && !is_long, "{line}");
        assert_eq!(line["chunks_root"].is_string(), is_file && is_long, "{line}");
    }
    let statement = desk.run(&["show", "x.scelle", "--signer", "key.pub", "--json"]);
    assert!(text(&statement.stdout).contains("\"wholeFileDigest\":false"), "{}", text(&statement.stdout));
    assert_done(&desk.run(&["verify", "x.scelle", "--signer", "key.pub"]));
    assert_done(&desk.run(&["extract", "x.scelle", "--signer", "key.pub", "--out", "out"]));
    let long = format!("{:08}", 9 * MIB + 5);
    assert!(
        fs::read(desk.path(&format!("out/d/{long}"))).unwrap() == fs::read(desk.path(&format!("d/{long}"))).unwrap()
    );
}

#[test]
fn only_the_digests_that_are_asked_for_are_recorded() {
    let desk = tree();
    assert_done(&desk.seal(&["d", "--also", "sha1"]));
    let sealed = desk.line("d/00001000");
    assert_eq!(sealed["also"], json!({"sha1": by_tools(&desk, "d/same")["sha1"]}));
    fs::remove_file(desk.path("x.scelle")).expect("the bundle");
    assert_done(&desk.seal(&["d"]));
    assert!(desk.lines().iter().all(|line| line.get("also").is_none()));
    desk.assert_refused(&desk.seal(&["d", "--also", "md4"]), 3, &["md4"]);
}

#[test]
fn what_could_not_be_read_is_hashed_as_the_zeros_that_are_sealed() {
    let desk = Desk::new();
    fs::create_dir(desk.path("disk")).expect("a mount point");
    let large: Vec<u8> = (0..=250).cycle().take(9_000_000).collect();
    let medium = Medium::new().with("large", Item::file(large).bad(5_000_000..5_000_600));
    let mounted = medium.with("small", Item::file(vec![7; 3000]).bad(0..512)).mount(&desk.path("disk"));
    let sealed = desk.seal(&[&["disk"], &ALL[..]].concat());
    drop(mounted);
    assert_done(&sealed);
    assert_done(&desk.run(&["extract", "x.scelle", "--signer", "key.pub", "--out", "out"]));
    for name in ["disk/large", "disk/small"] {
        let line = desk.line(name);
        assert!(line["gaps"].is_array(), "{line}");
        assert_eq!(line["also"], by_tools(&desk, &format!("out/{name}")), "{name}");
    }
}

#[test]
fn paranoid_seals_the_same_bytes_and_finds_the_same_of_them() {
    let desk = tree();
    // To read a link's target is to change its access time.
    fs::remove_file(desk.path("d/symbolic")).expect("the link");
    let seed = "5e".repeat(32);
    let fixed = ["d", "--seed", &seed, "--time", "2026-01-02T03:04:05Z"];
    let mut bundles = Vec::new();
    for more in [&[][..], &["--paranoid"], &["--paranoid", "--threads", "1"]] {
        assert_done(&desk.seal(&[&fixed[..], more].concat()));
        bundles.push(fs::read(desk.path("x.scelle")).expect("the bundle"));
        fs::remove_file(desk.path("x.scelle")).expect("the bundle");
    }
    assert!(bundles[0] == bundles[1] && bundles[0] == bundles[2]);

    let mut damaged = bundles[0].clone();
    let middle = damaged.len() / 2;
    damaged[middle] ^= 1;
    for (bundle, code) in [(&bundles[0], 0), (&damaged, 1)] {
        fs::write(desk.path("x.scelle"), bundle).expect("the bundle");
        let verify =
            |more: &[&str]| desk.run(&[&["verify", "x.scelle", "--signer", "key.pub", "--json"], more].concat());
        let (once, twice) = (verify(&[]), verify(&["--paranoid"]));
        assert_eq!((once.status.code(), twice.status.code()), (Some(code), Some(code)));
        assert!(once.stdout == twice.stdout);
    }
}
