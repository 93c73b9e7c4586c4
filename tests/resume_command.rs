//! `scelle seal --resume` as people run it: after kill -9, Ctrl-C and a full disk, at random moments.

mod desk;

use std::fs;
use std::io::Write as _;
use std::path::Path;
use std::process::{Command, Output};
use std::time::Duration;

use desk::{Desk, assert_done, text};
use rustix::process::{Pid, Signal, kill_process};

/// Fixed, so that an undisturbed run makes the same bytes.
const FIXED: [&str; 4] =
    ["--seed", "5e5e5e5e5e5e5e5e5e5e5e5e5e5e5e5e5e5e5e5e5e5e5e5e5e5e5e5e5e5e5e5e", "--time", "2026-01-02T03:04:05Z"];

/// A desk with an image of four segments, most of it empty, and many small files.
fn desk() -> Desk {
    let desk = Desk::new();
    fs::create_dir(desk.path("d")).expect("a directory");
    for n in 0..3000_usize {
        fs::write(desk.path(&format!("d/{n}")), vec![u8::try_from(n % 251).expect("small"); n]).expect("a file");
    }
    let mut image = fs::File::create(desk.path("image")).expect("a file");
    for part in 0..4_u32 {
        let noise: Vec<u8> = (0..1_000_000_u32).map(|n| (n.wrapping_mul(2_654_435_761) >> (part + 7)) as u8).collect();
        image.write_all(&noise).expect("written");
        image.set_len(u64::from(part + 1) * 300_000_000).expect("a length");
        std::io::Seek::seek(&mut image, std::io::SeekFrom::End(0)).expect("its end");
    }
    desk
}

fn arguments(out: &str) -> Vec<&str> {
    let plain = ["seal", "--key", "key", "--case", "case.toml", "d", "image", "--threads", "2", "--out", out];
    [&plain[..], &FIXED].concat()
}

/// Runs until a signal comes after so long; its output.
fn run_and_signal(desk: &Desk, args: &[&str], after: Duration, signal: Signal) -> Output {
    let child = desk.command(args).spawn().expect("scelle");
    std::thread::sleep(after);
    let _ = kill_process(Pid::from_child(&child), signal);
    child.wait_with_output().expect("scelle")
}

/// What stands beside the bundle that is not whole.
fn left_behind(desk: &Desk) -> Vec<String> {
    desk.names().into_iter().filter(|name| name.starts_with("x.")).collect()
}

/// Whether there is a journal with a whole record.
fn can_go_on(desk: &Desk) -> bool {
    let left = left_behind(desk);
    let journal = left.iter().find(|name| name.ends_with(".journal")).map(|name| desk.path(name));
    let is_begun = journal.is_some_and(|journal| fs::read(journal).expect("the journal").contains(&b'\n'));
    is_begun && left.iter().any(|name| name.ends_with(".partial"))
}

struct Random(u64);

impl Random {
    fn below(&mut self, limit: u64) -> u64 {
        self.0 ^= self.0 << 13;
        self.0 ^= self.0 >> 7;
        self.0 ^= self.0 << 17;
        self.0 % limit
    }
}

#[test]
fn killed_at_any_moment_it_goes_on_to_the_same_bytes() {
    let kills: u32 = std::env::var("SCELLE_KILLS").map_or(12, |count| count.parse().expect("a number"));
    let desk = desk();
    let start = std::time::Instant::now();
    assert_done(&desk.run(&arguments("y.scelle")));
    let whole = start.elapsed();
    let expected = fs::read(desk.path("y.scelle")).expect("the bundle");
    let seed = std::env::var("SCELLE_KILL_SEED").map_or(0x9e37_79b9, |seed| seed.parse().expect("a number"));
    let mut random = Random(seed);
    let (mut killed, mut resumed) = (0, 0);
    while killed < kills {
        let args = arguments("x.scelle");
        let journals = can_go_on(&desk);
        let args = if journals { [&args[..], &["--resume"]].concat() } else { args };
        resumed += u32::from(journals);
        let after = Duration::from_millis(random.below(u64::try_from(whole.as_millis()).expect("short") + 50));
        let output = run_and_signal(&desk, &args, after, Signal::KILL);
        if output.status.code().is_none() {
            killed += 1;
            let bundle = desk.path("x.scelle");
            if bundle.exists() {
                assert!(fs::read(&bundle).expect("the bundle") == expected, "other bytes after {killed} kills");
                // Killed after the bundle had its name: the journal is of no use any more, and goes.
                let again = desk.run(&[&arguments("x.scelle")[..], &["--resume"]].concat());
                assert!(text(&again.stderr).contains("x.scelle is whole already"), "{}", text(&again.stderr));
                assert_eq!(left_behind(&desk), ["x.scelle"]);
            }
            // Killed before there was a journal, it left a file that nobody can go on with.
            if !can_go_on(&desk) {
                left_behind(&desk).iter().for_each(|name| fs::remove_file(desk.path(name)).expect("removed"));
            }
            continue;
        }
        assert_done(&output);
        assert!(fs::read(desk.path("x.scelle")).expect("the bundle") == expected, "other bytes after {killed} kills");
        assert_eq!(left_behind(&desk), ["x.scelle"]);
        fs::remove_file(desk.path("x.scelle")).expect("removed");
    }
    if can_go_on(&desk) {
        assert_done(&desk.run(&[&arguments("x.scelle")[..], &["--resume"]].concat()));
        assert!(fs::read(desk.path("x.scelle")).expect("the bundle") == expected, "other bytes at the end");
        resumed += 1;
    }
    assert!(resumed > kills / 4, "{resumed} times resumed after {killed} kills");
}

#[test]
fn ctrl_c_keeps_what_is_sealed_and_says_how_to_go_on() {
    let desk = desk();
    assert_done(&desk.run(&arguments("y.scelle")));
    let args = arguments("x.scelle");
    // The moment when a segment is done differs between machines.
    let mut stopped = None;
    for tenths in 1..100 {
        let output = run_and_signal(&desk, &args, Duration::from_millis(40 * tenths), Signal::INT);
        if left_behind(&desk).iter().any(|name| name.ends_with(".journal")) {
            stopped = Some(output);
            break;
        }
        left_behind(&desk).iter().for_each(|name| fs::remove_file(desk.path(name)).expect("removed"));
    }
    let output = stopped.expect("some run is stopped after a segment");
    assert_eq!(output.status.code(), Some(130));
    assert!(text(&output.stderr).contains("the same command with --resume goes on"), "{}", text(&output.stderr));
    let journal = left_behind(&desk).into_iter().find(|name| name.ends_with(".journal")).expect("a journal");
    let mode = std::os::unix::fs::PermissionsExt::mode(&fs::metadata(desk.path(&journal)).expect("it").permissions());
    assert_eq!(mode & 0o777, 0o600, "it holds the seed");

    let wrong = [&args[..], &["--resume", "--level", "5"]].concat();
    let refused = desk.run(&wrong);
    assert_eq!(refused.status.code(), Some(3));
    assert!(text(&refused.stderr).contains("differs from what is asked for in --level"), "{}", text(&refused.stderr));
    assert_done(&desk.run(&[&args[..], &["--resume"]].concat()));
    let bundles = ["x.scelle", "y.scelle"].map(|name| fs::read(desk.path(name)).expect("a bundle"));
    assert!(bundles[0] == bundles[1]);
    assert_done(&desk.run(&["verify", "x.scelle", "--signer", "key.pub"]));
    assert_eq!(left_behind(&desk), ["x.scelle"]);
}

#[test]
fn with_nothing_to_go_on_with_it_says_so() {
    let desk = Desk::new();
    fs::write(desk.path("f"), "f").expect("a file");
    let output = desk.seal(&["f", "--resume"]);
    desk.assert_refused(&output, 3, &["no unfinished sealing of x.scelle", "leave out --resume"]);
}

/// A file system of this size in memory, unmounted when dropped. Needs root's powers.
struct Small<'d>(&'d Path);

impl<'d> Small<'d> {
    fn new(at: &'d Path, options: &str) -> Self {
        fs::create_dir(at).expect("a mount point");
        let status = Command::new("mount").args(["-t", "tmpfs", "-o", options, "tmpfs"]).arg(at).status();
        assert!(status.expect("mount").success());
        Self(at)
    }

    fn remount(&self, options: &str) {
        let status = Command::new("mount").args(["-o", &format!("remount,{options}")]).arg(self.0).status();
        assert!(status.expect("mount").success());
    }
}

impl Drop for Small<'_> {
    fn drop(&mut self) {
        let _ = Command::new("umount").arg(self.0).status();
    }
}

#[test]
fn a_full_disk_is_one_error_and_with_more_room_it_goes_on() {
    let desk = Desk::new();
    let mut random = Random(7);
    let noise: Vec<u8> = (0..40_000_000).flat_map(|_| random.below(u64::MAX).to_le_bytes()).collect();
    fs::write(desk.path("noise"), &noise).expect("a file");
    drop(noise);
    let small = desk.path("small");
    let disk = Small::new(&small, "size=290m");
    let plain = ["seal", "--key", "key", "--case", "case.toml", "noise", "--out"];
    let args = [&plain[..], &["small/x.scelle"], &FIXED].concat();
    let output = desk.run(&args);
    assert_eq!(output.status.code(), Some(2));
    let stderr = text(&output.stderr);
    assert_eq!(stderr.matches("error:").count(), 1, "{stderr}");
    assert!(stderr.contains("No space left on device") && stderr.contains("--resume goes on"), "{stderr}");
    assert!(!desk.path("small/x.scelle").exists());
    disk.remount("size=600m");
    assert_done(&desk.run(&[&args[..], &["--resume"]].concat()));
    assert_done(&desk.run(&[&plain[..], &["y.scelle"], &FIXED].concat()));
    let [x, y] = ["small/x.scelle", "y.scelle"].map(|name| fs::read(desk.path(name)).expect("a bundle"));
    assert!(x == y);
}

/// A file system of its own in a file, mounted until it is dropped. Needs root's powers.
struct Disk<'d> {
    image: &'d Path,
    at: &'d Path,
}

impl<'d> Disk<'d> {
    fn new(image: &'d Path, at: &'d Path) -> Self {
        fs::create_dir(at).expect("a mount point");
        fs::File::create(image).expect("a file").set_len(1 << 30).expect("a length");
        assert_done(&Command::new("mkfs.xfs").arg("-q").arg(image).output().expect("mkfs.xfs"));
        let disk = Self { image, at };
        disk.mount();
        disk
    }

    fn mount(&self) {
        assert_done(&Command::new("mount").args(["-o", "loop"]).arg(self.image).arg(self.at).output().expect("mount"));
    }

    /// From now on nothing more reaches it, also nothing of what was not synced.
    fn goes_away(&self) {
        assert_done(&Command::new("xfs_io").args(["-x", "-c", "shutdown"]).arg(self.at).output().expect("xfs_io"));
    }

    fn comes_back(&self) {
        assert_done(&Command::new("umount").arg(self.at).output().expect("umount"));
        self.mount();
    }
}

impl Drop for Disk<'_> {
    fn drop(&mut self) {
        let _ = Command::new("umount").arg(self.at).status();
    }
}

#[test]
fn an_output_device_that_goes_away_is_one_error_and_when_it_is_back_it_goes_on() {
    let desk = Desk::new();
    let mut random = Random(8);
    let noise: Vec<u8> = (0..75_000_000).flat_map(|_| random.below(u64::MAX).to_le_bytes()).collect();
    fs::write(desk.path("noise"), &noise).expect("a file");
    drop(noise);
    let (image, at) = (desk.path("image"), desk.path("disk"));
    let disk = Disk::new(&image, &at);
    let plain = ["seal", "--key", "key", "--case", "case.toml", "noise", "--out"];
    let args = [&plain[..], &["disk/x.scelle"], &FIXED].concat();
    let mut sealing = desk.command(&args).spawn().expect("scelle");
    let has_segment = || {
        let paths = fs::read_dir(&at).expect("the disk").map(|entry| entry.expect("its entry").path());
        let journal = paths.into_iter().find(|path| path.extension().is_some_and(|it| it == "journal"));
        journal.is_some_and(|path| fs::read(path).expect("the journal").iter().filter(|&&it| it == b'\n').count() > 1)
    };
    desk::wait_for(has_segment, &mut sealing);
    disk.goes_away();
    let output = sealing.wait_with_output().expect("scelle");
    let stderr = text(&output.stderr);
    assert_eq!(output.status.code(), Some(2), "{stderr}");
    assert_eq!(stderr.matches("error:").count(), 1, "{stderr}");
    assert!(stderr.contains("disk/x.scelle") && stderr.contains("Input/output error"), "{stderr}");
    disk.comes_back();
    assert!(!desk.path("disk/x.scelle").exists());
    assert_done(&desk.run(&[&args[..], &["--resume"]].concat()));
    assert_done(&desk.run(&[&plain[..], &["y.scelle"], &FIXED].concat()));
    let [x, y] = ["disk/x.scelle", "y.scelle"].map(|name| fs::read(desk.path(name)).expect("a bundle"));
    assert!(x == y);
}

/// A control group whose processes may use so much memory, page cache included.
struct MemoryLimit(std::path::PathBuf);

impl MemoryLimit {
    fn new(mib: u64) -> Self {
        let name = format!("scelle-test-{}-{mib}", std::process::id());
        // Version 1 has a tree of its own for memory; version 2 has one for all.
        let v1 = Path::new("/sys/fs/cgroup/memory");
        let (dir, limit) = match v1.exists() {
            true => (v1.join(name), "memory.limit_in_bytes"),
            false => (Path::new("/sys/fs/cgroup").join(name), "memory.max"),
        };
        fs::create_dir(&dir).expect("a control group, which needs root's powers");
        fs::write(dir.join(limit), (mib << 20).to_string()).expect("a limit of memory");
        Self(dir)
    }

    /// What a command did within it.
    fn run(&self, desk: &Desk, args: &[&str]) -> Output {
        let mut shell = Command::new("sh");
        let script = "echo $$ > \"$0\"/cgroup.procs && exec \"$@\"";
        shell.current_dir(desk.path(".")).arg("-c").arg(script).arg(&self.0);
        shell.arg(env!("CARGO_BIN_EXE_scelle")).args(args).output().expect("a shell")
    }
}

impl Drop for MemoryLimit {
    fn drop(&mut self) {
        let _ = fs::remove_dir(&self.0);
    }
}

#[test]
fn killed_for_want_of_memory_it_goes_on_to_the_same_bytes() {
    let desk = desk();
    assert_done(&desk.run(&arguments("y.scelle")));
    let expected = fs::read(desk.path("y.scelle")).expect("the bundle");
    let mut killed = 0;
    for mib in [4, 16, 28, 40, 256] {
        let output = MemoryLimit::new(mib).run(&desk, &arguments("x.scelle"));
        match output.status.code() {
            Some(0) => {}
            Some(2) => assert_eq!(text(&output.stderr).matches("error:").count(), 1, "{}", text(&output.stderr)),
            other => {
                assert_eq!(other, None, "with {mib} MiB: {}", text(&output.stderr));
                killed += 1;
            }
        }
        if output.status.code() != Some(0) {
            assert!(!desk.path("x.scelle").exists(), "half written under the final name, with {mib} MiB");
            let args = arguments("x.scelle");
            let more = can_go_on(&desk).then_some("--resume");
            if more.is_none() {
                left_behind(&desk).iter().for_each(|name| fs::remove_file(desk.path(name)).expect("removed"));
            }
            assert_done(&desk.run(&args.into_iter().chain(more).collect::<Vec<_>>()));
        }
        assert!(fs::read(desk.path("x.scelle")).expect("the bundle") == expected, "other bytes, with {mib} MiB");
        fs::remove_file(desk.path("x.scelle")).expect("removed");
    }
    assert!((1..5).contains(&killed), "killed {killed} of 5 times");
}
