//! `scelle seal` as people run it: what cannot be read is recorded, what is wrong is said once, nothing is half written.

mod desk;
#[path = "failing_medium/mod.rs"]
mod failing_medium;

use std::fs;
use std::os::unix::process::CommandExt as _;
use std::path::Path;
use std::process::{Command, Output};

use desk::{Desk, SCELLE, assert_done, text, wait_for};
use failing_medium::{EACCES, Item, Medium};
use serde_json::Value;

fn write(path: &Path, len: usize) {
    fs::create_dir_all(path.parent().expect("a parent")).expect("a directory");
    fs::write(path, (0..=250).cycle().take(len).collect::<Vec<u8>>()).expect("a file");
}

#[test]
fn the_number_for_the_notebook_is_the_digest_of_the_statement() {
    let desk = Desk::new();
    write(&desk.path("d/a"), 10);
    let output = desk.seal(&["d"]);
    assert_done(&output);
    let mut by_hand = Command::new("sh");
    by_hand.arg("-c").arg("unzip -p x.scelle statement.json | sha256sum | cut -c 1-64");
    let digest = by_hand.current_dir(desk.dir.path()).output().expect("sh");
    assert_eq!(text(&output.stdout), format!("{}  x.scelle\n", text(&digest.stdout).trim()));
    assert_eq!(desk.names(), ["case.toml", "d", "key", "key.pub", "x.scelle"]);
}

#[test]
fn a_read_error_in_the_middle_becomes_a_signed_gap_and_loses_no_other_byte() {
    let desk = Desk::new();
    fs::create_dir(desk.path("disk")).expect("a mount point");
    let content: Vec<u8> = (0..=250).cycle().take(9_000_000).collect();
    let image = Item::file(content.clone()).bad(5_000_000..5_000_600);
    let small = Item::file(vec![7; 3000]).bad(0..512);
    let closed = Item::file(vec![7; 10]).open_error(EACCES);
    let medium = Medium::new().with("image", image).with("small", small).with("closed", closed);
    let mounted = medium.with("sound", Item::file("sound")).mount(&desk.path("disk"));
    let output = desk.seal(&["disk"]);
    drop(mounted);
    assert_done(&output);
    let stderr = text(&output.stderr);
    assert!(
        stderr.contains("1 entry could not be opened") && stderr.contains("2 regions could not be read"),
        "{stderr}"
    );

    assert_eq!(desk.line("disk/closed")["unreadable"], "EACCES");
    let line = desk.line("disk/image");
    let gaps = line["gaps"].as_array().expect("gaps");
    assert_eq!(gaps.len(), 1, "{gaps:?}");
    assert_eq!(gaps[0]["cause"], "EIO");
    let number = |value: &Value| usize::try_from(value.as_u64().expect("a number")).expect("small");
    let (offset, len) = (number(&gaps[0]["offset"]), number(&gaps[0]["len"]));
    assert!(offset <= 5_000_000 && offset + len >= 5_000_600 && len <= 4096, "{offset} {len}");
    let mut expected = content;
    expected[offset..offset + len].fill(0);
    assert_done(&desk.run(&["extract", "x.scelle", "--signer", "key.pub", "--out", "out", "disk/image", "disk/sound"]));
    assert!(fs::read(desk.path("out/disk/image")).expect("the image") == expected);
    assert_eq!(fs::read(desk.path("out/disk/sound")).expect("the file"), b"sound");
    assert_done(&desk.run(&["verify", "x.scelle", "--signer", "key.pub"]));
    assert_eq!(desk.run(&["verify", "x.scelle", "--signer", "key.pub", "--strict"]).status.code(), Some(1));
}

#[test]
fn strict_sealing_exits_1_and_still_seals() {
    let desk = Desk::new();
    fs::create_dir(desk.path("disk")).expect("a mount point");
    let closed = Item::file(vec![7; 10]).open_error(EACCES);
    let mounted = Medium::new().with("closed", closed).mount(&desk.path("disk"));
    let output = desk.seal(&["disk", "--strict"]);
    drop(mounted);
    assert_eq!(output.status.code(), Some(1));
    assert_eq!(desk.line("disk/closed")["unreadable"], "EACCES");
}

#[test]
fn a_file_shorter_than_its_size_is_filled_with_zeros_and_a_gap() {
    let desk = Desk::new();
    fs::create_dir(desk.path("disk")).expect("a mount point");
    let short = Item::file(vec![7; 300_000]).claiming(700_000);
    let mounted = Medium::new().with("short", short).mount(&desk.path("disk"));
    assert_done(&desk.seal(&["disk"]));
    drop(mounted);
    let line = desk.line("disk/short");
    assert_eq!(line["size"], 700_000);
    let gap = &line["gaps"][0];
    assert_eq!((&gap["cause"], &gap["offset"], &gap["len"]), (&"short".into(), &300_000.into(), &400_000.into()));
}

#[test]
fn a_file_that_grows_while_it_is_read_is_sealed_as_it_was_opened_and_marked() {
    let desk = Desk::new();
    write(&desk.path("d/big"), 400 << 20);
    let growing = desk.path("d/big");
    let mut sealing = desk
        .command(&["seal", "d", "--key", "key", "--case", "case.toml", "--out", "x.scelle"])
        .spawn()
        .expect("scelle");
    // Frames of the file are written, so it is open, and there are hundreds of megabytes still to read.
    let written = |name: String| fs::metadata(desk.path(&name)).map_or(0, |metadata| metadata.len());
    let begun = || desk.names().into_iter().any(|name| name.ends_with(".partial") && written(name) > 10_000);
    wait_for(begun, &mut sealing);
    let mut file = fs::OpenOptions::new().append(true).open(growing).expect("the file");
    std::io::Write::write_all(&mut file, b"more").expect("the file");
    assert_done(&sealing.wait_with_output().expect("scelle"));
    let line = desk.line("d/big");
    assert_eq!(line["size"], 400 << 20);
    assert_eq!(line["changed_while_reading"]["size"], (400 << 20) + 4);
    assert_done(&desk.run(&["verify", "x.scelle", "--signer", "key.pub"]));
}

#[test]
fn ctrl_c_ends_cleanly_and_leaves_nothing() {
    for form in ["zip", "dir"] {
        let desk = Desk::new();
        write(&desk.path("d/big"), 400 << 20);
        let args = ["seal", "d", "--key", "key", "--case", "case.toml", "--out", "x.scelle", "--form", form];
        let mut sealing = desk.command(&args).spawn().expect("scelle");
        wait_for(|| desk.names().iter().any(|name| name.ends_with(".partial")), &mut sealing);
        let pid = rustix::process::Pid::from_child(&sealing);
        rustix::process::kill_process(pid, rustix::process::Signal::INT).expect("the signal");
        let output = sealing.wait_with_output().expect("scelle");
        desk.assert_refused(&output, 130, &["interrupted", "hint: "]);
        assert_eq!(desk.names(), ["case.toml", "d", "key", "key.pub"]);
    }
}

#[test]
fn a_full_disk_is_one_error_and_nothing_is_left() {
    let desk = Desk::new();
    write(&desk.path("d/noise"), 0);
    let noise = fs::File::open("/dev/urandom").expect("random bytes");
    let mut limited = std::io::Read::take(noise, 4 << 20);
    std::io::copy(&mut limited, &mut fs::File::create(desk.path("d/noise")).expect("a file")).expect("a file");
    fs::create_dir(desk.path("small")).expect("a mount point");
    // A mount of its own, which goes away with the namespace.
    let script = format!(
        "mount -t tmpfs -o size=1m none small && {SCELLE} seal d --key key --case case.toml --out small/x.scelle; \
         code=$?; ls -A small >&2; exit $code"
    );
    let mut command = Command::new("unshare");
    let output = command.args(["-m", "sh", "-c", &script]).current_dir(desk.dir.path()).output().expect("unshare");
    desk.assert_refused(&output, 2, &["cannot write small/x.scelle", "No space left", "file system is full"]);
    assert!(!text(&output.stderr).lines().any(|line| line.starts_with("x.scelle")), "{}", text(&output.stderr));
}

#[test]
fn wrong_use_is_one_error_with_a_hint() {
    let desk = Desk::new();
    write(&desk.path("d/a"), 10);
    write(&desk.path("other/d/a"), 10);
    fs::write(desk.path("taken"), "taken").expect("a file");
    let seal = |args: &[&str]| desk.run(&[&["seal", "--key", "key", "--case", "case.toml"], args].concat());
    desk.assert_refused(&seal(&["nowhere", "--out", "x"]), 3, &["nowhere", "does not exist"]);
    desk.assert_refused(&seal(&["d", "--out", "taken"]), 3, &["taken exists already", "never overwritten"]);
    desk.assert_refused(&seal(&["d", "other/d", "--out", "x"]), 3, &["hint: "]);
    desk.assert_refused(&seal(&["d", "--out", "d/x"]), 3, &["d/x", "inside"]);
    desk.assert_refused(&seal(&["d", "--out", "nowhere/x"]), 3, &["nowhere"]);
    desk.assert_refused(&seal(&["d", "--out", "x", "--exclude", "["]), 3, &["["]);
    desk.assert_refused(&seal(&["d", "--out", "x", "--seed", "abc"]), 3, &["64"]);
    desk.assert_refused(&seal(&["d", "--out", "x", "--time", "yesterday"]), 3, &["yesterday"]);
    desk.assert_refused(&seal(&["d", "--out", "taken/"]), 3, &["taken/"]);
    desk.assert_refused(&seal(&["d", "--out", "x", "--role", ""]), 3, &["--role"]);
    desk.assert_refused(&seal(&["d", "--out", "x", "--exclude", &"x".repeat(20_000)]), 3, &["--exclude"]);
    assert_eq!(fs::read(desk.path("taken")).expect("the file"), b"taken");

    let with_key = |key: &str| desk.run(&["seal", "d", "--out", "x", "--case", "case.toml", "--key", key]);
    desk.assert_refused(&with_key("nokey"), 2, &["nokey"]);
    desk.assert_refused(&with_key("key.pub"), 3, &["key.pub"]);
    desk.assert_refused(&with_key("case.toml"), 3, &["case.toml"]);
    fs::write(desk.path("bad.toml"), "[case]\nid = \"C\"\n[exhibit]\nidd = \"E\"\n").expect("a file");
    let bad_case = desk.run(&["seal", "d", "--out", "x", "--key", "key", "--case", "bad.toml"]);
    desk.assert_refused(&bad_case, 3, &["bad.toml", "idd", "line 4", "did you mean `id`"]);
    assert_eq!(fs::read_dir(desk.path("d")).expect("the source").count(), 1);
}

#[test]
fn an_ordinary_user_seals_what_may_be_read_and_records_the_rest() {
    let desk = Desk::new();
    write(&desk.path("d/open"), 10);
    write(&desk.path("d/closed"), 10);
    write(&desk.path("d/locked/inside"), 10);
    let set = |name: &str, mode| {
        fs::set_permissions(desk.path(name), std::os::unix::fs::PermissionsExt::from_mode(mode)).expect("a mode");
    };
    set("d/closed", 0o000);
    set("d/locked", 0o000);
    set("key", 0o644);
    set("", 0o777);
    let mut command = desk.command(&["seal", "d", "--key", "key", "--case", "case.toml", "--out", "x.scelle"]);
    let output = command.uid(65534).gid(65534).output().expect("scelle");
    assert_done(&output);
    assert_eq!(desk.line("d/closed")["unreadable"], "EACCES");
    assert_eq!(desk.line("d/locked")["unreadable"], "EACCES");
    assert!(desk.line("d/open")["sha256"].is_string());
}

/// Runs a command under limits of the shell, as a user who has no other process.
fn limited(desk: &Desk, limit: &str, args: &[&str]) -> Output {
    let script = format!("{limit}; exec {SCELLE} \"$@\"");
    // dash knows no `ulimit -u`.
    let mut command = Command::new("bash");
    command.args(["-c", &script, "bash"]).args(args).current_dir(desk.dir.path()).uid(54_321).gid(54_321);
    command.output().expect("bash")
}

#[test]
fn without_threads_sealing_says_so_and_verifying_goes_on_alone() {
    let desk = Desk::new();
    write(&desk.path("d/a"), 10);
    assert_done(&desk.seal(&["d"]));
    for path in [desk.dir.path(), &desk.path("key"), &desk.path("x.scelle")] {
        fs::set_permissions(path, std::os::unix::fs::PermissionsExt::from_mode(0o777)).expect("permissions");
    }
    let verified = limited(&desk, "ulimit -u 1", &["verify", "x.scelle", "--signer", "key.pub", "--threads", "3"]);
    assert_eq!(verified.status.code(), Some(0), "{}", text(&verified.stderr));
    let args = ["seal", "d", "--key", "key", "--case", "case.toml", "--out", "y.scelle"];
    let sealed = limited(&desk, "ulimit -u 1", &args);
    desk.assert_refused(&sealed, 2, &["cannot start a thread", "--threads"]);
    assert!(!desk.path("y.scelle").exists());
}

#[test]
fn a_shortage_of_file_handles_is_not_sealed_as_the_state_of_the_source() {
    let desk = Desk::new();
    write(&desk.path(&format!("d/{}a", "deep/".repeat(40))), 10);
    fs::set_permissions(desk.dir.path(), std::os::unix::fs::PermissionsExt::from_mode(0o777)).expect("permissions");
    fs::set_permissions(desk.path("key"), std::os::unix::fs::PermissionsExt::from_mode(0o644)).expect("permissions");
    let args = ["seal", "d", "--key", "key", "--case", "case.toml", "--out", "y.scelle"];
    desk.assert_refused(
        &limited(&desk, "ulimit -n 24", &args),
        2,
        &["no file handle is left to open d/deep/", "ulimit -n"],
    );
    assert!(!desk.path("y.scelle").exists());
    // A soft limit is raised as far as it may be.
    assert_done(&limited(&desk, "ulimit -S -n 24", &args));
}

#[test]
fn without_memory_it_could_not_and_what_is_whole_is_whole() {
    let desk = Desk::new();
    write(&desk.path("d/a"), 30 << 20);
    (0..200).for_each(|n| write(&desk.path(&format!("d/{n:03}")), 1000 + n));
    assert_done(&desk.seal(&["d"]));
    for path in [desk.dir.path(), &desk.path("key"), &desk.path("x.scelle")] {
        fs::set_permissions(path, std::os::unix::fs::PermissionsExt::from_mode(0o777)).expect("permissions");
    }
    let mut codes = Vec::new();
    // With less the program itself is not loaded.
    for mib in (28..200).step_by(12) {
        let limit = format!("ulimit -v {}", mib << 10);
        let verified = limited(&desk, &limit, &["verify", "x.scelle", "--signer", "key.pub"]);
        // Never "refuted": nothing was found, because nothing could be looked at.
        assert!(matches!(verified.status.code(), Some(0 | 2)), "{mib} MiB: {verified:?}");
        let sealed = limited(&desk, &limit, &["seal", "d", "--key", "key", "--case", "case.toml", "--out", "y.scelle"]);
        let said = text(&sealed.stderr);
        match sealed.status.code() {
            Some(0) => assert_done(&desk.run(&["verify", "y.scelle", "--signer", "key.pub"])),
            Some(2) => {
                assert!(said.contains("memory allocation of") || said.contains("error: "), "{mib} MiB: {said}");
                assert!(!desk.path("y.scelle").exists(), "{mib} MiB");
            }
            _ => panic!("{mib} MiB: {sealed:?}"),
        }
        codes.push(sealed.status.code());
        for name in desk.names().iter().filter(|name| name.starts_with("y.scelle")) {
            fs::remove_file(desk.path(name)).expect("removed");
        }
    }
    assert!(codes.contains(&Some(2)), "{codes:?}");
    let source = fs::read_dir(desk.path("d")).expect("the source");
    assert_eq!(source.count(), 201);
}

#[test]
fn where_nothing_can_be_written_it_says_so_at_once() {
    let desk = Desk::new();
    write(&desk.path("d/a"), 10);
    fs::create_dir(desk.path("closed")).expect("a mount point");
    let script = format!(
        "mount -t tmpfs -o ro none closed && exec {SCELLE} seal d --key key --case case.toml --out closed/x.scelle"
    );
    let mut command = Command::new("unshare");
    let output = command.args(["-m", "sh", "-c", &script]).current_dir(desk.dir.path()).output().expect("unshare");
    desk.assert_refused(&output, 2, &["closed/x.scelle", "Read-only file system"]);
}

#[test]
fn a_trailing_slash_does_not_cost_the_bundle() {
    let desk = Desk::new();
    write(&desk.path("d/a"), 10);
    assert_done(&desk.run(&["seal", "d", "--key", "key", "--case", "case.toml", "--out", "x.scelle/"]));
    assert_done(&desk.run(&["verify", "x.scelle", "--signer", "key.pub"]));
}

#[test]
fn excluded_names_are_left_out_and_the_patterns_are_signed() {
    let desk = Desk::new();
    write(&desk.path("d/keep"), 10);
    write(&desk.path("d/cache/x"), 10);
    assert_done(&desk.seal(&["d", "--exclude", "d/cache", "--one-file-system"]));
    assert_eq!(desk.lines().len(), 2);
    let shown = desk.run(&["show", "x.scelle", "--json", "--signer", "key.pub"]);
    let shown: Value = serde_json::from_slice(&shown.stdout).expect("json");
    let scope = &shown["case"]["scope"];
    assert_eq!(scope["exclude"], serde_json::json!(["d/cache"]));
    assert_eq!((&scope["oneFileSystem"], &scope["sources"][0]["name"]), (&true.into(), &"d".into()));
}

#[test]
fn the_same_tree_seed_and_time_give_the_same_bytes_on_any_number_of_threads() {
    let desk = Desk::new();
    for i in 0..200 {
        write(&desk.path(&format!("d/{}/{i}", i % 7)), i * 997);
    }
    write(&desk.path("d/big"), 20 << 20);
    let mut bundles = Vec::new();
    for threads in ["1", "2", "7"] {
        let seed = "5e".repeat(32);
        let fixed = ["--seed", &seed, "--time", "2026-01-02T03:04:05Z", "--threads", threads];
        assert_done(&desk.seal(&[&["d"], &fixed[..]].concat()));
        bundles.push(fs::read(desk.path("x.scelle")).expect("the bundle"));
        fs::remove_file(desk.path("x.scelle")).expect("the bundle");
    }
    assert!(bundles[0] == bundles[1] && bundles[0] == bundles[2]);
}

#[test]
fn what_is_read_back_is_verified_or_refuted() {
    let desk = Desk::new();
    fs::create_dir(desk.path("d")).expect("a directory");
    fs::File::create(desk.path("d/image")).and_then(|file| file.set_len(2_000_000_000)).expect("a file");
    write(&desk.path("d/z"), 5_000_000);
    for form in ["zip", "dir"] {
        let output = desk.seal(&["d/z", "--verify", "--form", form]);
        assert_done(&output);
        assert!(text(&output.stderr).ends_with("read back from the medium and verified\n"), "{}", text(&output.stderr));
        let bundle = desk.path("x.scelle");
        if bundle.is_dir() { fs::remove_dir_all(bundle) } else { fs::remove_file(bundle) }.expect("removed");
    }
    // A medium that loses a bit as soon as the bundle has its name: reading it back takes longer than that.
    let mut child =
        desk.command(&["seal", "--key", "key", "--case", "case.toml", "--out", "x.scelle", "d", "--verify"]);
    let mut child = child.spawn().expect("scelle");
    let bundle = desk.path("x.scelle");
    wait_for(|| bundle.exists(), &mut child);
    let bytes = fs::read(&bundle).expect("the bundle");
    let file = fs::OpenOptions::new().write(true).open(&bundle).expect("the bundle");
    let at =
        (0..bytes.len() - 12).filter(|&at| bytes[at..].starts_with(b"manifest/0000")).nth(7).expect("a late member")
            - 200;
    std::os::unix::fs::FileExt::write_all_at(&file, &[bytes[at] ^ 1], at as u64).expect("a flipped bit");
    let output = child.wait_with_output().expect("scelle");
    assert_eq!(output.status.code(), Some(1), "{}", text(&output.stderr));
    assert!(text(&output.stderr).contains("was read back and is not what was sealed"), "{}", text(&output.stderr));
}
