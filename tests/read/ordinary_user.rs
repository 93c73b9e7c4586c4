//! What somebody without root's powers can read, and what is recorded of the rest.

use std::fs;
use std::os::unix::fs::{MetadataExt, PermissionsExt};
use std::path::{Path, PathBuf};
use std::sync::atomic::AtomicBool;

use rustix::fs::{CWD, Timespec, Timestamps, utimensat};
use rustix::process::{Gid, Uid};
use rustix::thread::{set_thread_gid, set_thread_groups, set_thread_uid};
use scelle::format::entry::Kind;
use scelle::format::time::Timestamp;
use scelle::read::count::{Totals, count};

use super::{Bind, Read, at, paths, read, run, scope, source};

/// Runs something in a thread that has given up root's powers for good. The kernel keeps users by thread.
fn as_nobody<T: Send>(work: impl FnOnce() -> T + Send) -> T {
    std::thread::scope(|threads| {
        let thread = threads.spawn(|| {
            if rustix::process::geteuid().is_root() {
                set_thread_groups(&[]).unwrap();
                set_thread_gid(Gid::from_raw(65_534)).unwrap();
                set_thread_uid(Uid::from_raw(65_534)).unwrap();
            }
            work()
        });
        thread.join().unwrap()
    })
}

fn read_as_nobody(path: &Path) -> Vec<Read> {
    as_nobody(|| read(&[path]))
}

fn allow(path: PathBuf, mode: u32) {
    fs::set_permissions(path, fs::Permissions::from_mode(mode)).unwrap();
}

#[test]
fn a_file_without_permission_is_unreadable_and_fully_described() {
    let (_dir, s) = source();
    fs::write(s.join("secret"), "1234").unwrap();
    allow(s.join("secret"), 0o000);
    fs::write(s.join("z"), "5").unwrap();
    let all = read_as_nobody(&s);
    let Read { entry, bytes, .. } = at(&all, "s/secret");
    assert_eq!((entry.kind, entry.size, entry.unreadable.as_deref()), (Kind::File, Some(4), Some("EACCES")));
    assert_eq!((entry.mode, bytes, entry.xattrs_error.as_deref()), (0, &None, None));
    assert!(entry.ino.is_some() && entry.mtime > Timestamp::EPOCH);
    assert_eq!(at(&all, "s/z").bytes.as_deref(), Some(&b"5"[..]));
}

#[test]
fn a_directory_without_permission_says_so_and_the_rest_is_read() {
    let (_dir, s) = source();
    for name in ["closed", "listable", "open"] {
        fs::create_dir(s.join(name)).unwrap();
        fs::write(s.join(name).join("x"), "1").unwrap();
    }
    allow(s.join("closed"), 0o711);
    allow(s.join("listable"), 0o744);
    let all = read_as_nobody(&s);
    assert_eq!(paths(&all), ["s", "s/closed", "s/listable", "s/listable/x", "s/open", "s/open/x"]);
    assert_eq!(at(&all, "s/closed").entry.unreadable.as_deref(), Some("EACCES"));
    // It can be listed, but nothing in it can be looked at.
    assert_eq!(at(&all, "s/listable").entry.unreadable, None);
    let child = &at(&all, "s/listable/x").entry;
    assert_eq!((child.kind, child.unreadable.as_deref()), (Kind::Unknown, Some("EACCES")));
    assert_eq!(at(&all, "s/open/x").bytes.as_deref(), Some(&b"1"[..]));
}

#[test]
fn the_access_time_recorded_is_the_one_before_reading_and_counting_leaves_it() {
    let (_dir, s) = source();
    fs::write(s.join("f"), "1234").unwrap();
    let old = Timespec { tv_sec: 1_000_000_000, tv_nsec: 5 };
    let times = Timestamps { last_access: old, last_modification: Timespec { tv_sec: 1_600_000_000, tv_nsec: 0 } };
    for path in [s.join("f"), s.clone()] {
        utimensat(CWD, &path, &times, rustix::fs::AtFlags::empty()).unwrap();
    }
    let totals = Totals::default();
    as_nobody(|| count(&scope(&[&s]), &totals, &AtomicBool::new(false)));
    assert_eq!(fs::metadata(&s).unwrap().atime(), 1_000_000_000);
    assert!(!totals.done.into_inner(), "what could not be counted without a trace was said to be counted");
    let all = read_as_nobody(&s);
    assert_eq!(at(&all, "s/f").bytes.as_deref(), Some(&b"1234"[..]));
    assert_ne!(fs::metadata(&s).unwrap().atime(), 1_000_000_000, "else this test would show nothing");
    for path in ["s", "s/f"] {
        assert_eq!(at(&all, path).entry.atime, Timestamp::new(1_000_000_000, 5));
    }
}

#[test]
fn a_medium_that_keeps_no_access_times_is_counted_by_anybody() {
    let (dir, s) = source();
    fs::write(s.join("f"), "1234").unwrap();
    fs::create_dir(dir.path().join("seen")).unwrap();
    let seen = dir.path().join("seen");
    let _bound = Bind::new(dir.path(), &seen);
    run("mount", &["-o".as_ref(), "remount,bind,noatime".as_ref(), seen.as_os_str()]);
    let totals = Totals::default();
    as_nobody(|| count(&scope(&[&seen.join("s")]), &totals, &AtomicBool::new(false)));
    assert_eq!((totals.bytes.into_inner(), totals.done.into_inner()), (4, true));
}
