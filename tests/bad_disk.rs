//! Disks that fail: loop devices over a file that gives errors, short reads and slow reads where the test wants them. Making
//! them needs root's powers, `/dev/fuse`, and the tools fuse3 and util-linux.

mod desk;
#[path = "failing_medium/mod.rs"]
mod failing_medium;

use std::fs;
use std::ops::Range;
use std::process::{Command, Output};
use std::sync::Arc;
use std::sync::atomic::AtomicBool;

use desk::{Desk, assert_done, text};
use failing_medium::{Item, Medium, Reads};
use serde_json::Value;

const LEN: usize = 6 << 20;

/// Bytes of a disk: none is 0.
fn content() -> Vec<u8> {
    (1..=251).cycle().take(LEN).collect()
}

/// A loop device over a file of a failing medium.
struct Disk {
    device: String,
    reads: Reads,
    _mounted: Box<dyn std::any::Any>,
}

impl Disk {
    fn new(desk: &Desk, image: Item) -> Self {
        fs::create_dir(desk.path("medium")).expect("a mount point");
        let medium = Medium::new().with("image", image);
        let reads = medium.reads();
        let mounted = Box::new(medium.mount(&desk.path("medium")));
        let image = desk.path("medium/image");
        let options = ["--read-only", "--direct-io=on", "--find", "--show", image.to_str().expect("a plain path")];
        let output = Command::new("losetup").args(options).output().expect("losetup is needed");
        assert!(output.status.success(), "{}", text(&output.stderr));
        Self { device: text(&output.stdout).trim().to_owned(), reads, _mounted: mounted }
    }

    fn name(&self) -> &str {
        self.device.trim_start_matches("/dev/")
    }
}

impl Drop for Disk {
    fn drop(&mut self) {
        let _ = Command::new("losetup").args(["--detach", &self.device]).status();
        // The kernel lets go when whoever looked at the device, udev or blkid, has done so too.
        for _ in 0..500 {
            let backing = format!("/sys/block/{}/loop/backing_file", self.name());
            if !std::path::Path::new(&backing).exists() {
                return;
            }
            std::thread::sleep(std::time::Duration::from_millis(10));
        }
    }
}

fn seal(desk: &Desk, disk: &Disk, options: &[&str]) -> Output {
    desk.seal(&[&[disk.device.as_str()], options].concat())
}

/// The moment as a bundle writes it.
fn now() -> String {
    jiff::Timestamp::now().strftime("%Y-%m-%dT%H:%M:%SZ").to_string()
}

/// The gaps of the disk as ranges.
fn gaps(line: &Value) -> Vec<Range<usize>> {
    let number = |gap: &Value, key| usize::try_from(gap[key].as_u64().expect("a number")).expect("small");
    let gaps = line["gaps"].as_array().into_iter().flatten();
    gaps.map(|gap| number(gap, "offset")..number(gap, "offset") + number(gap, "len")).collect()
}

/// That the bundle holds these bytes with zeros in the gaps, and is verified.
fn assert_sealed(desk: &Desk, disk: &Disk, mut expected: Vec<u8>, gaps: &[Range<usize>]) {
    gaps.iter().for_each(|gap| expected[gap.clone()].fill(0));
    assert_done(&desk.run(&["verify", "x.scelle", "--signer", "key.pub"]));
    assert_done(&desk.run(&["extract", "x.scelle", "--signer", "key.pub", "--out", "out", disk.name()]));
    let found = fs::read(desk.path("out").join(disk.name())).expect("the content");
    let differs = (0..LEN).find(|&at| found[at] != expected[at]);
    assert_eq!(differs, None, "the first byte that differs, of {}", found.len());
}

#[test]
fn of_a_page_with_a_bad_sector_the_other_sectors_are_kept() {
    let desk = Desk::new();
    // One byte in a sector; two sectors at a page's end and the next one's start; the last sector.
    let bad = [1_000_000..1_000_001, 2_096_640..2_097_664, LEN as u64 - 512..LEN as u64];
    let image = bad.iter().fold(Item::file(content()), |image, bad| image.bad(bad.clone()));
    let disk = Disk::new(&desk, image);
    let begun = now();
    let output = seal(&desk, &disk, &[]);
    assert_done(&output);
    assert!(text(&output.stderr).contains("3 regions could not be read"), "{}", text(&output.stderr));
    let line = desk.line(disk.name());
    let expected = [999_936..1_000_448, 2_096_640..2_097_664, LEN - 512..LEN];
    assert_eq!(gaps(&line), expected);
    for gap in line["gaps"].as_array().expect("gaps") {
        assert_eq!(gap["cause"], "EIO");
        assert_eq!(gap["at"].as_str().map(|at| begun.as_str() <= at && at <= now().as_str()), Some(true), "{gap}");
        // Of a sector: once in the first read, at least once alone, and twice again.
        assert!(gap["attempts"].as_u64() >= Some(4), "{gap}");
    }
    assert_sealed(&desk, &disk, content(), &expected);
}

#[test]
fn scattered_bad_sectors_and_slow_reads_cost_nothing_beside_them() {
    let desk = Desk::new();
    let mut image = Item::file(content()).slow(3_000_000..3_004_096);
    let mut expected = Vec::new();
    for n in 0..40 {
        let start = 500_000 - 500_000 % 512 + n * 1536;
        image = image.bad(start as u64..start as u64 + 1);
        expected.push(start..start + 512);
    }
    let disk = Disk::new(&desk, image);
    assert_done(&seal(&desk, &disk, &["--retry", "0"]));
    assert_eq!(gaps(&desk.line(disk.name())), expected);
    assert_sealed(&desk, &disk, content(), &expected);
}

#[test]
fn short_reads_lose_nothing_with_errors_among_them() {
    // Without a loop device: that takes the end of a short read for zeros, as the kernel's driver has it.
    let desk = Desk::new();
    fs::create_dir(desk.path("medium")).expect("a mount point");
    let image = Item::file(content()).short_reads(3000).bad(1_000_000..1_000_001).slow(2_000_000..2_000_001);
    let mounted = Medium::new().with("image", image).mount(&desk.path("medium"));
    assert_done(&desk.seal(&["medium"]));
    drop(mounted);
    // What came of the sector before its bad byte is kept as well.
    let gap = gaps(&desk.line("medium/image")).pop().expect("a gap");
    assert!((999_936..=1_000_000).contains(&gap.start) && gap.end == 1_000_448, "{gap:?}");
    let mut expected = content();
    expected[gap].fill(0);
    assert_done(&desk.run(&["extract", "x.scelle", "--signer", "key.pub", "--out", "out"]));
    assert!(fs::read(desk.path("out/medium/image")).expect("the content") == expected);
}

#[test]
fn larger_sectors_fail_as_a_whole_and_each_try_is_counted() {
    let desk = Desk::new();
    let disk = Disk::new(&desk, Item::file(content()).bad(1_000_000..1_000_001));
    assert_done(&seal(&desk, &disk, &["--sector", "4096", "--retry", "7"]));
    let line = desk.line(disk.name());
    assert_eq!(gaps(&line), std::slice::from_ref(&(999_424..1_003_520)));
    let many = line["gaps"][0]["attempts"].as_u64().expect("a number");
    assert!((9..=14).contains(&many), "{many}");
    for wrong in ["0", "100", "131072"] {
        let output = seal(&desk, &disk, &["--sector", wrong]);
        assert_eq!(output.status.code(), Some(3), "{}", text(&output.stderr));
    }
}

#[test]
fn a_large_bad_area_is_gone_through_sector_by_sector() {
    let desk = Desk::new();
    let bad = 1_048_576_u64..1_310_720;
    let disk = Disk::new(&desk, Item::file(content()).bad(bad.clone()));
    assert_done(&seal(&desk, &disk, &["--retry", "0"]));
    let expected = std::slice::from_ref(&(1_048_576..1_310_720));
    assert_eq!(gaps(&desk.line(disk.name())), expected);
    assert_sealed(&desk, &disk, content(), expected);
    // Each of its 512 sectors is tried alone once, whatever else is.
    let tried = disk.reads.lock().expect("the reads").len();
    assert!(tried < 3000, "{tried} reads");
}

#[test]
fn a_medium_that_goes_away_is_an_error_or_on_demand_sealed_and_marked_as_incomplete() {
    // Without a loop device, whose driver reads ahead in an order of its own.
    let desk = Desk::new();
    let going = |desk: &Desk| {
        fs::create_dir_all(desk.path("medium")).expect("a mount point");
        let switch = Arc::new(AtomicBool::new(true));
        let image = Item::file(content()).going_after(5_000_000, &switch);
        Medium::new().with("image", image).mount(&desk.path("medium"))
    };
    let mounted = going(&desk);
    let output = desk.seal(&["medium"]);
    drop(mounted);
    desk.assert_refused(&output, 2, &["went away", "--incomplete-ok"]);
    assert!(!desk.path("x.scelle").exists());

    let desk = Desk::new();
    let mounted = going(&desk);
    let output = desk.seal(&["medium", "--incomplete-ok"]);
    drop(mounted);
    assert_done(&output);
    let line = desk.line("medium/image");
    let gap = gaps(&line).pop().expect("a gap");
    let cause = &line["gaps"].as_array().expect("gaps").last().expect("one")["cause"];
    assert_eq!((cause.as_str(), gap.end), (Some("gone"), LEN));
    assert!(gap.start > 4_000_000, "what was read before is kept: {gap:?}");
    let listed = desk.run(&["list", "x.scelle", "--signer", "key.pub"]);
    assert!(text(&listed.stdout).contains("incomplete: medium went away at byte "), "{}", text(&listed.stdout));
    let verified = desk.run(&["verify", "x.scelle", "--signer", "key.pub"]);
    assert_done(&verified);
    assert!(text(&verified.stdout).contains("incomplete: its medium went away"), "{}", text(&verified.stdout));
    assert_eq!(desk.run(&["verify", "x.scelle", "--signer", "key.pub", "--strict"]).status.code(), Some(1));
}

#[test]
fn a_medium_that_went_away_and_came_back_is_gone_on_with() {
    let desk = Desk::new();
    fs::create_dir(desk.path("medium")).expect("a mount point");
    // One segment of 256 MiB, and some of the next.
    let content: Vec<u8> = (1..=251).cycle().take(300_000_000).collect();
    let switch = Arc::new(AtomicBool::new(true));
    let image = Item::file(content.clone()).going_after(280_000_000, &switch);
    let mounted = Medium::new().with("image", image).mount(&desk.path("medium"));
    let output = desk.seal(&["medium"]);
    drop(mounted);
    assert_eq!(output.status.code(), Some(2));
    let stderr = text(&output.stderr);
    assert!(stderr.contains("went away") && stderr.contains("--resume goes on"), "{stderr}");

    let mounted = Medium::new().with("image", Item::file(content.clone())).mount(&desk.path("medium"));
    assert_done(&desk.seal(&["medium", "--resume"]));
    drop(mounted);
    assert_done(&desk.run(&["verify", "x.scelle", "--signer", "key.pub", "--strict"]));
    assert_done(&desk.run(&["extract", "x.scelle", "--signer", "key.pub", "--out", "out"]));
    assert!(fs::read(desk.path("out/medium/image")).expect("the content") == content);
}
