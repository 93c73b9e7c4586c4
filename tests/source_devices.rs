//! Devices given as sources: loop devices over images whose tables sfdisk wrote. Making, mounting and partitioning them
//! needs root's powers, and the tools fdisk, mount, e2fsprogs and util-linux.

mod desk;

use std::fs;
use std::io::Write as _;
use std::path::Path;
use std::process::{Command, Stdio};

use desk::{Desk, assert_done, text};
use serde_json::Value;

/// Runs a program that must succeed.
fn run(program: &str, arguments: &[&str]) -> String {
    let output = Command::new(program).args(arguments).output();
    let output = output.unwrap_or_else(|error| panic!("{program} is needed: {error}"));
    assert!(output.status.success(), "{program} {arguments:?}: {}", text(&output.stderr));
    text(&output.stdout).trim().to_owned()
}

/// A loop device, detached when dropped.
struct Loop(String);

impl Loop {
    fn over(image: &Path, options: &[&str]) -> Self {
        let image = image.to_str().expect("a plain path");
        Self(run("losetup", &[options, &["--find", "--show", image]].concat()))
    }

    /// A partition of it, by offset and length.
    fn part(image: &Path, start: u64, len: u64) -> Self {
        Self::over(image, &["--offset", &start.to_string(), "--sizelimit", &len.to_string()])
    }

    fn name(&self) -> &str {
        self.0.trim_start_matches("/dev/")
    }
}

impl Drop for Loop {
    fn drop(&mut self) {
        let _ = Command::new("losetup").args(["--detach", &self.0]).status();
    }
}

/// A mount, undone when dropped.
struct Mount(String);

impl Mount {
    fn new(device: &str, at: &Path, options: &str) -> Self {
        fs::create_dir_all(at).expect("a mount point");
        let at = at.to_str().expect("a plain path").to_owned();
        run("mount", &["-o", options, device, &at]);
        Self(at)
    }
}

impl Drop for Mount {
    fn drop(&mut self) {
        let _ = Command::new("umount").arg(&self.0).status();
    }
}

const IMAGE_LEN: usize = 8 << 20;

/// An image with this table of sfdisk's, and bytes that are no zeros after it.
fn image(desk: &Desk, script: &str) -> std::path::PathBuf {
    let path = desk.path("disk image");
    let mut bytes: Vec<u8> = (0..=250).cycle().take(IMAGE_LEN).collect();
    bytes[..1 << 20].fill(0);
    bytes[IMAGE_LEN - (1 << 20)..].fill(0);
    fs::write(&path, bytes).expect("the image");
    let mut sfdisk = Command::new("sfdisk");
    sfdisk.arg("--quiet").arg(&path).stdin(Stdio::piped()).stdout(Stdio::null());
    let mut child = sfdisk.spawn().expect("sfdisk, of package fdisk, is needed");
    child.stdin.take().expect("a pipe").write_all(script.as_bytes()).expect("the script");
    assert!(child.wait().expect("sfdisk").success());
    path
}

/// What the bundle says of its one source.
fn recorded(desk: &Desk) -> Value {
    let output = desk.run(&["show", "x.scelle", "--json", "--signer", "key.pub"]);
    assert_done(&output);
    let shown: Value = serde_json::from_slice(&output.stdout).expect("json");
    shown["case"]["scope"].clone()
}

fn device(desk: &Desk) -> Value {
    recorded(desk)["sources"][0]["device"].clone()
}

/// The table as sfdisk reads it: number, start and length in bytes, type in lower case.
fn table_of_sfdisk(image: &Path) -> Vec<(u64, u64, u64, String)> {
    let json: Value = serde_json::from_str(&run("sfdisk", &["--json", image.to_str().expect("a path")])).expect("json");
    let table = &json["partitiontable"];
    let sector = table["sectorsize"].as_u64().expect("a sector");
    let parts = table["partitions"].as_array().expect("partitions").iter();
    parts
        .map(|part| {
            let node = part["node"].as_str().expect("a node");
            let number = node.trim_start_matches(image.to_str().expect("a path")).trim_start_matches('p');
            let bytes = |key: &str| part[key].as_u64().expect(key) * sector;
            let kind = part["type"].as_str().expect("a type").to_lowercase();
            (number.parse().expect(node), bytes("start"), bytes("size"), kind)
        })
        .collect()
}

fn table_recorded(device: &Value) -> Vec<(u64, u64, u64, String)> {
    let parts = device["partitionTable"]["partitions"].as_array().expect("partitions").iter();
    let number = |part: &Value, key: &str| part[key].as_u64().expect(key);
    parts
        .map(|part| {
            let kind = part["type"].as_str().expect("a type").to_owned();
            (number(part, "number"), number(part, "startBytes"), number(part, "lengthBytes"), kind)
        })
        .collect()
}

#[test]
fn a_device_is_recorded_as_the_tools_of_the_system_see_it_and_comes_back_byte_for_byte() {
    let desk = Desk::new();
    let image = image(&desk, "label: gpt\nstart=2048, size=4096, name=\"Dữ liệu\"\nstart=8192, size=2048, type=swap\n");
    let disk = Loop::over(&image, &[]);
    assert_done(&desk.seal(&[&disk.0]));
    let found = device(&desk);
    let blockdev = |option: &str| run("blockdev", &[option, &disk.0]).parse::<u64>().expect(option);
    assert_eq!(found["sizeBytes"], blockdev("--getsize64"));
    assert_eq!(found["logicalSectorBytes"], blockdev("--getss"));
    assert_eq!(found["physicalSectorBytes"], blockdev("--getpbsz"));
    assert_eq!(found["readOnly"], blockdev("--getro") == 1);
    assert_eq!(found["backingFile"], image.to_str().expect("a path"));
    assert_eq!(found["uses"], serde_json::json!([]));
    let table = &found["partitionTable"];
    assert_eq!((&table["kind"], &table["problem"]), (&"gpt".into(), &Value::Null));
    assert_eq!(table["id"], run("blkid", &["-p", "-s", "PTUUID", "-o", "value", &disk.0]));
    assert_eq!(table["partitions"][0]["name"], "Dữ liệu");
    assert_eq!(table_recorded(&found), table_of_sfdisk(&image));
    assert_eq!(table_recorded(&found).len(), 2);

    let shown = text(&desk.run(&["show", "x.scelle", "--signer", "key.pub"]).stdout);
    for says in ["GPT", "partition 1", "Dữ liệu", "disk image", "512 bytes logical", "in use"] {
        assert!(shown.contains(says), "{says} in {shown}");
    }
    assert!(!shown.contains("mounted devices"), "{shown}");
    assert_done(&desk.run(&["verify", "x.scelle", "--signer", "key.pub"]));
    assert_done(&desk.run(&["extract", "x.scelle", "--signer", "key.pub", "--out", "out"]));
    assert!(fs::read(desk.path("out").join(disk.name())).expect("the disk") == fs::read(&image).expect("the image"));
}

#[test]
fn an_mbr_with_logical_partitions_is_recorded_as_sfdisk_reads_it() {
    let desk = Desk::new();
    let script = "label: dos\nlabel-id: 0xdeadbeef\nstart=2048, size=2048, type=7\nstart=4096, size=8192, type=f\n\
                  start=5120, size=1024, type=83\nstart=8192, size=1024, type=82\n";
    let image = image(&desk, script);
    let disk = Loop::over(&image, &[]);
    assert_done(&desk.seal(&[&disk.0]));
    let found = device(&desk);
    let table = &found["partitionTable"];
    assert_eq!((&table["kind"], &table["id"], &table["problem"]), (&"mbr".into(), &"deadbeef".into(), &Value::Null));
    let padded = |(number, start, len, kind): (u64, u64, u64, String)| (number, start, len, format!("{kind:0>2}"));
    assert_eq!(table_recorded(&found), table_of_sfdisk(&image).into_iter().map(padded).collect::<Vec<_>>());
    assert_eq!(table_recorded(&found).iter().map(|part| part.0).collect::<Vec<_>>(), [1, 2, 5, 6]);
}

#[test]
fn a_damaged_table_is_recorded_as_damaged_and_stops_nothing() {
    let desk = Desk::new();
    let image = image(&desk, "label: gpt\nstart=2048, size=4096\n");
    let mut bytes = fs::read(&image).expect("the image");
    bytes[512 + 60] ^= 1;
    fs::write(&image, bytes).expect("the image");
    let disk = Loop::over(&image, &[]);
    assert_done(&desk.seal(&[&disk.0]));
    let found = device(&desk);
    let problem = found["partitionTable"]["problem"].as_str().expect("a problem");
    assert!(problem.contains("read from the copy"), "{problem}");
    assert_eq!(table_recorded(&found).len(), 1);
}

#[test]
fn a_read_only_device_is_recorded_as_read_only() {
    let desk = Desk::new();
    let image = image(&desk, "label: dos\n");
    let disk = Loop::over(&image, &["--read-only"]);
    assert_done(&desk.seal(&[&disk.0]));
    assert_eq!(device(&desk)["readOnly"], true);
    assert_eq!(recorded(&desk)["mountedOk"], Value::Null);
}

/// A device with a file system of its own, not mounted yet.
fn with_file_system(desk: &Desk) -> Loop {
    let path = desk.path("fs image");
    fs::write(&path, vec![0; IMAGE_LEN]).expect("the image");
    run("mkfs.ext4", &["-q", path.to_str().expect("a path")]);
    Loop::over(&path, &[])
}

#[test]
fn a_device_that_is_mounted_read_write_is_refused_unless_allowed_which_is_signed() {
    let desk = Desk::new();
    let disk = with_file_system(&desk);
    let at = desk.path("mount point");
    let mounted = Mount::new(&disk.0, &at, "rw");
    let refused = desk.seal(&[&disk.0]);
    desk.assert_refused(&refused, 3, &["mount point", "mounted read-write", "--mounted-ok", "unmount"]);
    assert!(!desk.path("x.scelle").exists());

    let allowed = desk.seal(&[&disk.0, "--mounted-ok"]);
    assert_done(&allowed);
    assert!(text(&allowed.stderr).contains("warning: "), "{}", text(&allowed.stderr));
    assert_eq!(recorded(&desk)["mountedOk"], true);
    let uses = &device(&desk)["uses"];
    assert_eq!(
        *uses,
        serde_json::json!([{
            "device": disk.name(), "how": "mount", "path": at.to_str().expect("a path"), "readOnly": false
        }])
    );
    let shown = text(&desk.run(&["show", "x.scelle", "--signer", "key.pub"]).stdout);
    assert!(shown.contains("ALLOWED") && shown.contains("READ-WRITE"), "{shown}");
    drop(mounted);
}

#[test]
fn a_mount_that_is_read_only_does_not_hide_that_its_file_system_is_not() {
    let desk = Desk::new();
    let disk = with_file_system(&desk);
    let mounted = Mount::new(&disk.0, &desk.path("first"), "rw");
    fs::create_dir(desk.path("second")).expect("a mount point");
    let (first, second) = (desk.path("first"), desk.path("second"));
    run("mount", &["--bind", first.to_str().expect("a path"), second.to_str().expect("a path")]);
    let _second = Mount(second.to_str().expect("a path").to_owned());
    run("mount", &["-o", "remount,bind,ro", second.to_str().expect("a path")]);
    drop(mounted);
    desk.assert_refused(&desk.seal(&[&disk.0]), 3, &["mounted read-write"]);
}

#[test]
fn a_device_that_is_mounted_read_only_is_sealed_and_the_mount_recorded() {
    let desk = Desk::new();
    let disk = with_file_system(&desk);
    let _mounted = Mount::new(&disk.0, &desk.path("ro"), "ro");
    assert_done(&desk.seal(&[&disk.0]));
    let found = device(&desk);
    assert_eq!((&found["uses"][0]["how"], &found["uses"][0]["readOnly"]), (&"mount".into(), &true.into()));
}

#[test]
fn a_disk_of_which_a_partition_is_mounted_read_write_is_refused() {
    let desk = Desk::new();
    let image = image(&desk, "label: gpt\nstart=2048, size=8192\n");
    let part = Loop::part(&image, 2048 * 512, 8192 * 512);
    run("mkfs.ext4", &["-q", &part.0]);
    drop(part);
    let disk = Loop::over(&image, &["--partscan"]);
    let partition = format!("{}p1", disk.0);
    if !Path::new(&partition).exists() {
        run("partx", &["--add", &disk.0]);
    }
    let _mounted = Mount::new(&partition, &desk.path("part"), "rw");
    desk.assert_refused(&desk.seal(&[&disk.0]), 3, &["part", &partition["/dev/".len()..], "mounted read-write"]);
}

#[test]
fn a_device_that_is_mounted_where_nobody_here_sees_it_is_refused_too() {
    let desk = Desk::new();
    let disk = with_file_system(&desk);
    fs::create_dir(desk.path("hidden")).expect("a mount point");
    // The mount lives as long as this shell does, in a namespace of its own.
    let script = format!("mount {} hidden && echo mounted && read line", disk.0);
    let mut shell = Command::new("unshare");
    shell.args(["-m", "sh", "-c", &script]).current_dir(desk.dir.path()).stdin(Stdio::piped()).stdout(Stdio::piped());
    let mut shell = shell.spawn().expect("unshare");
    let mut said = [0; 8];
    std::io::Read::read_exact(shell.stdout.as_mut().expect("a pipe"), &mut said).expect("a mount");
    assert_eq!(&said, b"mounted\n");
    let refused = desk.seal(&[&disk.0]);
    drop(shell.stdin.take());
    shell.wait().expect("the shell");
    desk.assert_refused(&refused, 3, &["held by the system", "--mounted-ok"]);
}

#[test]
fn a_device_used_as_swap_space_is_refused() {
    let desk = Desk::new();
    let path = desk.path("swap image");
    fs::write(&path, vec![0; IMAGE_LEN]).expect("the image");
    let disk = Loop::over(&path, &[]);
    run("mkswap", &[&disk.0]);
    run("swapon", &[&disk.0]);
    let refused = desk.seal(&[&disk.0]);
    run("swapoff", &[&disk.0]);
    desk.assert_refused(&refused, 3, &["in use as swap space", "swapoff"]);
}
