//! Both forms of a bundle carry the same seal and become each other.

use std::fs;
use std::os::unix::fs::symlink;
use std::path::Path;
use std::process::Command;

use scelle::seal::Form;

use super::{Desk, SCELLE, golden, grown, offsets, small, text};
use crate::memory_source::Item;
use crate::reference;
use crate::sealed::{Shape, as_read, one_of_everything, pattern, seal_items};

#[test]
fn what_unzip_took_apart_is_put_together_byte_for_byte() {
    for (name, bytes) in golden() {
        let desk = Desk::new().with("x.scelle", &bytes);
        desk.unzip("x.scelle", "dir");
        let (code, stdout, stderr) = desk.said(&["pack", "dir", "--out", "y.scelle"]);
        assert_eq!(code, 0, "{name}: {stderr}");
        assert!(desk.read("y.scelle") == bytes, "{name}");
        let statement = Command::new("sha256sum").arg(desk.path("dir/statement.json")).output().expect("sha256sum");
        assert_eq!(stdout, format!("{}  y.scelle\n", &text(&statement.stdout)[..64]));
        assert!(stderr.contains("nothing was verified: run `scelle verify`"), "{stderr}");
        assert!(!stderr.contains("warning"), "{stderr}");
    }
}

#[test]
fn a_directory_form_packed_is_the_file_form_that_sealing_writes() {
    let items = [one_of_everything(), vec![Item::file(b"z", pattern(3_000_000))]].concat();
    let desk = Desk::new();
    for limits in [(512, 1024, 4096, 5), (1 << 18, 1 << 22, 1 << 28, 65_536)] {
        let shape = |form| Shape { form, limits, ..Shape::small() };
        let file = seal_items(&as_read(&items), &shape(Form::Zip), &desk.path("x.scelle"));
        let dir = seal_items(&as_read(&items), &shape(Form::Dir), &desk.path("dir"));
        assert_eq!(file.seal_digest, dir.seal_digest);
        assert_eq!(desk.said(&["pack", "dir", "--out", "y.scelle"]).1, format!("{}  y.scelle\n", file.seal_digest));
        assert!(desk.read("x.scelle") == desk.read("y.scelle"));
        fs::remove_dir_all(desk.path("dir")).expect("it is there");
        for name in ["x.scelle", "y.scelle"] {
            fs::remove_file(desk.path(name)).expect("it is there");
        }
    }
}

#[test]
fn a_file_form_taken_apart_is_what_unzip_makes_of_it() {
    let desk = Desk::new().with("x.scelle", &reference::zip_bytes(&grown()));
    desk.unzip("x.scelle", "unzipped");
    let (code, stdout, stderr) = desk.said(&["pack", "x.scelle", "--form", "dir", "--out", "dir"]);
    assert_eq!((code, stdout), (0, format!("{}  dir\n", small().seal_digest)), "{stderr}");
    let diff = Command::new("diff").args(["-r", "dir", "unzipped"]).current_dir(desk.dir.path()).output();
    assert!(diff.expect("diff").status.success());
}

/// ZIP-7.
#[test]
fn grown_members_stand_in_one_order_whatever_it_was() {
    let (mut members, sealed) = (grown(), small());
    let desk = Desk::new().with("x.scelle", &reference::zip_bytes(&members));
    desk.unzip("x.scelle", "dir");
    assert_eq!(desk.said(&["pack", "dir", "--out", "y.scelle"]).0, 0);
    // The required signer's envelope first, though another's name is less; then by name.
    members[sealed.members.len()..].sort();
    assert!(desk.read("y.scelle") == reference::zip_bytes(&members));
    // Without it, the envelope whose name is the least.
    let first = &sealed.members.last().expect("an envelope").0;
    fs::remove_file(desk.path("dir").join(first)).expect("it is there");
    assert_eq!(desk.said(&["pack", "dir", "--out", "z.scelle"]).0, 0);
    members.retain(|(name, _)| name != first);
    let place = members.iter().position(|(name, _)| name.starts_with("seal/")).expect("another");
    let other = members.remove(place);
    members.insert(sealed.members.len() - 1, other);
    assert!(desk.read("z.scelle") == reference::zip_bytes(&members));
}

#[test]
fn what_is_no_sound_directory_form_is_refused_with_one_error() {
    type Change = fn(&Path);
    let changes: [(Change, &str); 9] = [
        (|dir| fs::write(dir.join("x"), b"").expect("a file"), "x: no member has this name"),
        (|dir| fs::create_dir(dir.join("y")).expect("a directory"), "y: a directory that no member lies in"),
        (|dir| symlink("nonce", dir.join("z")).expect("a link"), "z: not a regular file"),
        (|dir| fs::remove_file(dir.join("nonce")).expect("it is there"), "nonce: missing"),
        (|dir| fs::remove_file(dir.join("SEALED.sha256")).expect("it is there"), "SEALED.sha256: missing"),
        (|dir| fs::remove_file(dir.join("index/00000000.bin")).expect("it is there"), "index/00000000.bin: missing"),
        (|dir| fs::remove_dir_all(dir.join("seal")).expect("it is there"), "seal/: no envelope"),
        (
            |dir| {
                for part in ["payload/00000001.tar.zst", "manifest/00000001.jsonl.zst", "index/00000001.bin"] {
                    fs::remove_file(dir.join(part)).expect("it is there");
                }
            },
            "SEALED.sha256: names more members than there are",
        ),
        (|dir| fs::write(dir.join("parity"), b"").expect("a file"), "parity: no member has this name"),
    ];
    for (change, says) in changes {
        let desk = Desk::new().with("x.scelle", &small().zip);
        desk.unzip("x.scelle", "dir");
        change(&desk.path("dir"));
        let (code, stdout, stderr) = desk.said(&["pack", "dir", "--out", "y.scelle"]);
        assert_eq!((code, stdout.as_str()), (1, ""), "{stderr}");
        assert!(stderr.contains(says) && stderr.matches("error: ").count() == 1, "{says}: {stderr}");
        assert_eq!(desk.names(), ["dir", "x.scelle"]);
    }
}

#[test]
fn foreign_files_are_left_out_with_a_warning() {
    let zip = small().zip;
    let desk = Desk::new().with("x.scelle", &zip);
    desk.unzip("x.scelle", "dir");
    for name in [".DS_Store", "payload/Thumbs.db", "index/._00000000.bin"] {
        fs::write(desk.path("dir").join(name), b"x").expect("a file");
    }
    let (code, _, stderr) = desk.said(&["pack", "dir", "--out", "y.scelle"]);
    assert_eq!((code, stderr.matches("warning: ").count()), (0, 3), "{stderr}");
    assert!(stderr.contains("payload/Thumbs.db: no part of the bundle, left out"), "{stderr}");
    assert!(desk.read("y.scelle") == zip);
}

#[test]
fn a_file_form_that_is_not_sound_is_not_taken_apart() {
    let sealed = small();
    let directory = offsets(&sealed.members)[sealed.members.len()];
    for (at, says) in [(directory, "scelle repair"), (sealed.zip.len() - 1, "scelle repair"), (60, "CRC-32")] {
        let mut zip = sealed.zip.clone();
        zip[at] ^= 1;
        let desk = Desk::new().with("x.scelle", &zip);
        let (code, stdout, stderr) = desk.said(&["pack", "x.scelle", "--form", "dir", "--out", "dir"]);
        assert_eq!((code, stdout.as_str(), stderr.contains(says)), (1, "", true), "{stderr}");
        assert_eq!(desk.names(), ["x.scelle"]);
    }
}

#[test]
fn what_is_there_is_never_replaced_and_a_wrong_input_is_a_usage_error() {
    let desk = Desk::new().with("x.scelle", &small().zip).with("text", b"no bundle");
    desk.unzip("x.scelle", "dir");
    for (args, says) in [
        (&["dir", "--out", "text"][..], "text exists already"),
        (&["x.scelle", "--form", "dir", "--out", "dir"], "dir exists already"),
        (&["text", "--out", "y"], "text is not a bundle"),
        (&["x.scelle", "--out", "y"], "x.scelle is one file already"),
        (&["dir", "--form", "dir", "--out", "y"], "dir is a directory already"),
        (&["dir", "--out", "dir/y"], "--out dir/y lies inside the bundle dir"),
    ] {
        let (code, stdout, stderr) = desk.said(&[&["pack"], args].concat());
        assert_eq!((code, stdout.as_str(), stderr.contains(says)), (3, "", true), "{stderr}");
    }
    assert_eq!(desk.names(), ["dir", "text", "x.scelle"]);
    assert_eq!(desk.read("text"), b"no bundle");
}

/// Runs a command in a file system of this size that is mounted for it alone, and says what is in it afterwards.
pub fn on_a_full_disk(desk: &Desk, size: &str, command: &str) -> (String, Vec<String>) {
    fs::create_dir(desk.path("full")).expect("a directory");
    let script = format!("mount -t tmpfs -o size={size} none full && {{ {command}; echo \"code $?\"; ls -A full; }}");
    let script = script.replace("SCELLE", SCELLE);
    let mut unshare = Command::new("unshare");
    let output = unshare.args(["-m", "sh", "-c", &script]).current_dir(desk.dir.path()).output().expect("unshare");
    fs::remove_dir(desk.path("full")).expect("it is empty");
    (text(&output.stderr), text(&output.stdout).lines().map(str::to_owned).collect())
}

#[test]
fn a_full_disk_leaves_nothing() {
    let desk = Desk::new();
    let items = [Item::file(b"s", (0..1_000_000u32).flat_map(|i| i.wrapping_mul(0x9e37_79b9).to_be_bytes()).collect())];
    let shape = Shape { limits: (1 << 18, 1 << 22, 1 << 28, 65_536), ..Shape::small() };
    seal_items(&items, &shape, &desk.path("x.scelle"));
    desk.unzip("x.scelle", "dir");
    let mut cut = desk.read("x.scelle");
    cut.pop();
    let desk = desk.with("cut", &cut);
    for command in
        ["pack dir --out full/y.scelle", "pack x.scelle --form dir --out full/dir", "repair cut --out full/y.scelle"]
    {
        let (stderr, stdout) = on_a_full_disk(&desk, "1m", &format!("SCELLE {command}"));
        assert_eq!(stdout, ["code 2"], "{command}: {stderr}");
        assert!(stderr.contains("the output's file system is full; nothing unfinished was left behind"), "{stderr}");
    }
}
