//! Whoever opens bundles gives up what is not needed before their first byte is parsed.

mod desk;
#[path = "failing_medium/mod.rs"]
mod failing_medium;

use std::fs;

use desk::{Desk, assert_done, text, wait_for};
use failing_medium::{Item, Medium};

/// What the kernel says of a process.
fn status(pid: u32, key: &str) -> String {
    let status = fs::read_to_string(format!("/proc/{pid}/status")).unwrap_or_default();
    let line = status.lines().find_map(|line| line.strip_prefix(key)).unwrap_or_default();
    line.trim_start_matches(':').trim().to_owned()
}

#[test]
fn every_command_that_parses_a_bundle_is_confined_while_it_does() {
    let desk = Desk::new();
    fs::write(desk.path("f"), "evidence").expect("a file");
    assert_done(&desk.seal(&["f"]));
    let bundle = fs::read(desk.path("x.scelle")).expect("the bundle");
    for args in [
        &["verify", "disk/x.scelle", "--signer", "key.pub"][..],
        &["list", "disk/x.scelle", "--signer", "key.pub"],
        &["show", "disk/x.scelle", "--signer", "key.pub"],
        &["extract", "disk/x.scelle", "--signer", "key.pub", "--out", "out"],
        &["pack", "disk/x.scelle", "--form", "dir", "--out", "packed"],
        &["repair", "disk/x.scelle", "--out", "repaired.scelle"],
    ] {
        fs::create_dir(desk.path("disk")).expect("a mount point");
        // Slow, so that there is time to look; the first byte that is asked for is enough.
        let medium = Medium::new().with("x.scelle", Item::file(bundle.clone()).slow(0..u64::MAX));
        let reads = medium.reads();
        let mounted = medium.mount(&desk.path("disk"));
        let mut child = desk.command(args).spawn().expect("scelle");
        wait_for(|| !reads.lock().expect("the reads").is_empty(), &mut child);
        let (filter, powers) = (status(child.id(), "Seccomp"), status(child.id(), "NoNewPrivs"));
        let output = child.wait_with_output().expect("scelle");
        drop(mounted);
        fs::remove_dir(desk.path("disk")).expect("an empty directory");
        assert_done(&output);
        assert_eq!((filter.as_str(), powers.as_str()), ("2", "1"), "{args:?}");
    }
    assert_eq!(fs::read(desk.path("out/f")).expect("the file"), b"evidence");
}

#[test]
fn verbose_says_how() {
    let desk = Desk::new();
    fs::write(desk.path("f"), "evidence").expect("a file");
    assert_done(&desk.seal(&["f"]));
    for args in [
        &["verify", "x.scelle", "--verbose"][..],
        &["list", "x.scelle", "-v"],
        &["show", "x.scelle", "-v"],
        &["extract", "x.scelle", "--out", "out", "-v"],
    ] {
        let output = desk.run(&[args, &["--signer", "key.pub"]].concat());
        assert_done(&output);
        let stderr = text(&output.stderr);
        assert!(stderr.contains("confined: files and network by Landlock; system calls by seccomp"), "{stderr}");
        assert!(!text(&output.stdout).contains("confined"));
    }
}
