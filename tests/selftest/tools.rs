//! The system's own tools read what the reference writes.

use std::fs::{self, File, Metadata};
use std::io::Write;
use std::os::unix::ffi::OsStrExt;
use std::os::unix::fs::{FileTypeExt, MetadataExt};
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

use serde_json::json;
use tempfile::TempDir;

use super::{bare, fake_sign, file, hard_link, inputs, noise, small_params, with};
use crate::reference::{Entry, Sealed, seal, sums_text, tar_stream};

/// GNU tar does not know `hdrcharset`, and remarks on times before 1970 and in the future.
const TAR: &str = "tar --warning=no-unknown-keyword --warning=no-timestamp";

/// Runs a command line in a directory with `stdin` as its input; gives its output.
fn run(directory: &Path, line: &str, stdin: &[u8]) -> Vec<u8> {
    let mut child = Command::new("sh")
        .args(["-c", line])
        .env("LC_ALL", "C")
        .current_dir(directory)
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .expect("sh");
    let mut pipe = child.stdin.take().expect("a pipe");
    let output = std::thread::scope(|scope| {
        scope.spawn(move || pipe.write_all(stdin));
        child.wait_with_output().expect("output")
    });
    let errors = String::from_utf8_lossy(&output.stderr);
    assert!(output.status.success() && errors.is_empty(), "{line}: {} {errors}", output.status);
    output.stdout
}

fn tree() -> Vec<Entry> {
    let xattrs = json!([
        {"name": "user.b%=c", "value_b64": "AAE="},
        {"name": "user.a", "value_b64": "eA=="},
        {"name": "user.lost", "error": "EIO"},
    ]);
    let target = with(file(b"d/a", &noise(9000, 1)), "xattrs", xattrs);
    let link = hard_link(b"d/b", &target);
    let deep = "deep-".repeat(30);
    let (deep_link, raw) = ("../".repeat(60), [&b"d/"[..], &[0xfe; 140]].concat());
    vec![
        bare(b"-", "fifo"),
        with(bare(b"d", "dir"), "mtime", json!("-7.250000000")),
        target,
        link,
        file(b"d/back\\slash\nline\rreturn", b"odd"),
        with(bare(format!("d/{deep}").as_bytes(), "dir"), "mode", json!("0750")),
        with(file(format!("d/{deep}/{deep}").as_bytes(), &noise(1500, 2)), "mtime", json!("1.000000001")),
        with(bare(b"d/far", "symlink"), "link", json!(deep_link)),
        bare(b"d/sock", "socket"),
        with(bare(b"d/z", "symlink"), "link", json!("a")),
        with(file(b"d/zero", b""), "mtime", json!("8589934592.000000000")),
        with(file(&raw, b"raw name"), "mode", json!("0400")),
    ]
}

fn on_disk(directory: &Path, entry: &Entry) -> PathBuf {
    directory.join(std::ffi::OsStr::from_bytes(&entry.path))
}

fn restored(tar: &[u8]) -> TempDir {
    let directory = tempfile::tempdir().expect("a directory");
    run(directory.path(), &format!("{TAR} --numeric-owner -xpf -"), tar);
    directory
}

/// Seconds and nanoseconds as the file system counts them: nanoseconds always forward.
fn disk_time(text: &str) -> (i64, i64) {
    let (seconds, nanos) = text.split_once('.').unwrap();
    let (whole, nanos): (i64, i64) = (seconds.parse().unwrap(), nanos.parse().unwrap());
    match (seconds.starts_with('-'), nanos) {
        (true, 1..) => (whole - 1, 1_000_000_000 - nanos),
        _ => (whole, nanos),
    }
}

fn assert_kind(found: &Metadata, kind: &str) {
    let kind_found = match found.file_type() {
        kind if kind.is_file() => "file",
        kind if kind.is_dir() => "dir",
        kind if kind.is_symlink() => "symlink",
        kind if kind.is_fifo() => "fifo",
        _ => "another",
    };
    assert_eq!(kind_found, kind);
}

#[test]
fn tar_lists_every_record_under_its_whole_path() {
    let entries = tree();
    let directory = tempfile::tempdir().unwrap();
    let listed = run(directory.path(), &format!("{TAR} --quoting-style=literal -tf -"), &tar_stream(&entries));
    let mut expected = Vec::new();
    for entry in entries.iter().filter(|entry| entry.meta["kind"] != "socket") {
        expected.extend_from_slice(&entry.path);
        expected.extend_from_slice(if entry.meta["kind"] == "dir" { b"/\n" } else { b"\n" });
    }
    assert_eq!(String::from_utf8_lossy(&listed), String::from_utf8_lossy(&expected));
}

#[test]
fn tar_restores_the_tree_as_it_was() {
    let entries = tree();
    let directory = restored(&tar_stream(&entries));
    for entry in entries.iter().filter(|entry| entry.meta["kind"] != "socket") {
        let path = on_disk(directory.path(), entry);
        let found = fs::symlink_metadata(&path).unwrap_or_else(|error| panic!("{path:?}: {error}"));
        assert_kind(&found, entry.meta["kind"].as_str().unwrap());
        let time = disk_time(entry.meta["mtime"].as_str().unwrap());
        assert_eq!((found.mtime(), found.mtime_nsec()), time, "{path:?}");
        if entry.meta["kind"] == "symlink" {
            assert_eq!(fs::read_link(&path).unwrap().to_str(), entry.meta["link"].as_str());
        } else {
            let mode = u32::from_str_radix(entry.meta["mode"].as_str().unwrap(), 8).unwrap();
            assert_eq!(found.mode() & 0o7777, mode, "{path:?}");
        }
        if let Some(content) = &entry.content {
            assert!(fs::read(&path).unwrap() == *content, "{path:?}");
        }
    }
    let inode = |name: &str| fs::metadata(directory.path().join(name)).unwrap().ino();
    assert_eq!(inode("d/a"), inode("d/b"));
}

#[test]
fn tar_sees_the_extended_attributes_under_their_own_names() {
    let directory = tempfile::tempdir().unwrap();
    let listed = run(directory.path(), &format!("{TAR} --xattrs -tvvf - d/a"), &tar_stream(&tree()));
    let listed = String::from_utf8(listed).unwrap();
    let attributes: Vec<&str> = listed.lines().skip(1).map(str::trim).collect();
    assert_eq!(attributes, ["x: 1 user.a", "x: 2 user.b%=c"]);
}

#[test]
fn the_sums_are_what_sha256sum_prints_of_the_restored_files() {
    let entries = vec![
        file(b"-", b"dash"),
        file(b"back\\slash\nline\rreturn", b"odd"),
        file(b"p q", b""),
        file(b"\xfe\xff", b"raw"),
    ];
    let directory = restored(&tar_stream(&entries));
    let sums = sums_text(&entries, &small_params());
    let mut names = Vec::new();
    for entry in &entries {
        names.extend_from_slice(if entry.path == b"-" { b"./-" } else { &entry.path });
        names.push(0);
    }
    let printed = run(directory.path(), "xargs -0 sha256sum", &names);
    assert_eq!(String::from_utf8_lossy(&printed), String::from_utf8_lossy(&sums));
    run(directory.path(), "sha256sum --strict --quiet -c -", &sums);
}

/// The file form of the tree, in a directory under the name `b.scelle.zip`.
fn sealed_file() -> (TempDir, Sealed) {
    let sealed = seal(&tree(), &small_params(), &inputs(&fake_sign));
    let directory = tempfile::tempdir().expect("a directory");
    File::create(directory.path().join("b.scelle.zip")).unwrap().write_all(&sealed.zip).unwrap();
    (directory, sealed)
}

#[test]
fn unzip_takes_the_file_without_a_warning_and_the_list_checks_what_it_gives() {
    let (directory, sealed) = sealed_file();
    let printed = run(directory.path(), "unzip -t b.scelle.zip", b"");
    let printed = String::from_utf8(printed).unwrap();
    assert!(printed.contains("No errors detected"), "{printed}");
    run(directory.path(), "unzip -q b.scelle.zip -d out", b"");
    for (name, bytes) in &sealed.members {
        assert!(fs::read(directory.path().join("out").join(name)).unwrap() == *bytes, "{name}");
    }
    run(&directory.path().join("out"), "sha256sum --strict --quiet -c SEALED.sha256", b"");
}

#[test]
fn python_s_zipfile_takes_the_file_and_names_the_members_in_order() {
    let (directory, sealed) = sealed_file();
    let script = "import zipfile; z = zipfile.ZipFile('b.scelle.zip'); assert z.testzip() is None; \
        assert all(i.compress_type == 0 and i.date_time == (1980, 1, 1, 0, 0, 0) for i in z.infolist()); \
        print('\\n'.join(z.namelist()))";
    let printed = run(directory.path(), &format!("python3 -c \"{script}\""), b"");
    let names: Vec<&str> = sealed.members.iter().map(|member| member.0.as_str()).collect();
    assert_eq!(String::from_utf8(printed).unwrap().lines().collect::<Vec<_>>(), names);
}

#[test]
fn zstd_gives_the_tar_the_lines_and_the_sums_back() {
    let (directory, sealed) = sealed_file();
    let entries = tree();
    run(directory.path(), "unzip -q b.scelle.zip -d out", b"");
    let tar = run(directory.path(), "cat out/payload/*.tar.zst | zstd -dc", b"");
    assert!(tar == tar_stream(&entries));
    let lines = run(directory.path(), "cat out/manifest/*.jsonl.zst | zstd -dc", b"");
    assert_eq!(lines.iter().filter(|byte| **byte == b'\n').count(), entries.len());
    let sums = run(directory.path(), "zstd -dc out/SHA256SUMS.zst", b"");
    assert!(sums == sums_text(&entries, &small_params()));
    assert!(sealed.members.iter().filter(|member| member.0.starts_with("payload/")).count() > 1);
    run(directory.path(), &format!("mkdir tree && cat out/payload/*.tar.zst | zstd -dc | {TAR} -C tree -xpf -"), b"");
    run(&directory.path().join("tree"), "zstd -dc ../out/SHA256SUMS.zst | sha256sum --strict --quiet -c", b"");
}
