//! What is recorded of each kind of thing.

use std::fs::{self, File};
use std::os::unix::fs::{FileTypeExt, MetadataExt, PermissionsExt, symlink};
use std::path::Path;

use rustix::fs::{CWD, FileType, Mode, Timespec, Timestamps, XattrFlags, lsetxattr, makedev, mknodat, utimensat};
use scelle::format::entry::{DeviceNumber, Hole, Kind, Xattr};
use scelle::format::time::Timestamp;
use scelle::read::holes::keep_true;
use scelle::read::scope::ScopeError;

use super::{Read, at, paths, read, run, source};

fn make_node(path: &Path, kind: FileType, major: u32, minor: u32) {
    mknodat(CWD, path, kind, Mode::RUSR | Mode::WUSR, makedev(major, minor)).expect("making nodes needs root");
}

#[test]
fn a_link_is_recorded_and_never_followed() {
    let (dir, s) = source();
    fs::write(dir.path().join("secret"), "secret").unwrap();
    symlink("../secret", s.join("file")).unwrap();
    symlink("..", s.join("dir")).unwrap();
    symlink("nowhere", s.join("dangling")).unwrap();
    symlink(super::raw(b"\xff\xfe"), s.join("bytes")).unwrap();
    let all = read(&[&s]);
    assert_eq!(paths(&all), ["s", "s/bytes", "s/dangling", "s/dir", "s/file"]);
    let link = |path| at(&all, path).entry.link.clone().unwrap();
    assert_eq!(link("s/file"), b"../secret");
    assert_eq!(link("s/dir"), b"..");
    assert_eq!(link("s/dangling"), b"nowhere");
    assert_eq!(link("s/bytes"), b"\xff\xfe");
    assert!(all.iter().all(|read| read.bytes.is_none() && read.entry.unreadable.is_none()));
}

#[test]
fn nodes_are_recorded_and_never_opened() {
    let (_dir, s) = source();
    make_node(&s.join("fifo"), FileType::Fifo, 0, 0);
    make_node(&s.join("char"), FileType::CharacterDevice, 1, 3);
    // Numbers that no driver has: opening them would fail.
    make_node(&s.join("block"), FileType::BlockDevice, 250, 70_000);
    let _listener = std::os::unix::net::UnixListener::bind(s.join("socket")).unwrap();
    let all = read(&[&s]);
    let found: Vec<_> = all.iter().skip(1).map(|read| (read.entry.kind, read.entry.rdev)).collect();
    assert_eq!(
        found,
        [
            (Kind::Blockdev, Some(DeviceNumber(250, 70_000))),
            (Kind::Chardev, Some(DeviceNumber(1, 3))),
            (Kind::Fifo, None),
            (Kind::Socket, None),
        ]
    );
    assert!(all.iter().all(|read| read.entry.unreadable.is_none() && read.entry.xattrs_error.is_none()));
}

#[test]
fn mode_owner_times_and_numbers_are_those_of_the_file_system() {
    let (_dir, s) = source();
    let path = s.join("f");
    fs::write(&path, "1234").unwrap();
    std::os::unix::fs::chown(&path, Some(0), Some(4_000_000_000)).expect("changing owners needs root");
    fs::set_permissions(&path, fs::Permissions::from_mode(0o6741)).unwrap();
    let stat = fs::metadata(&path).unwrap();
    let all = read(&[&s]);
    let entry = &at(&all, "s/f").entry;
    assert_eq!((entry.mode, entry.uid, entry.gid, entry.size), (0o6741, 0, 4_000_000_000, Some(4)));
    assert_eq!((entry.user.as_deref(), &entry.group), (Some(&b"root"[..]), &None));
    assert_eq!((entry.ino, entry.nlink), (Some(stat.ino()), None));
    let time = |seconds, nanos: i64| Timestamp::new(seconds, u32::try_from(nanos).unwrap());
    assert_eq!(Some(entry.mtime), time(stat.mtime(), stat.mtime_nsec()));
    assert_eq!(entry.ctime, time(stat.ctime(), stat.ctime_nsec()));
    assert!(entry.btime.is_some_and(|born| Some(born) <= entry.ctime));
    assert_eq!(entry.dev.map(|dev| makedev(dev.0, dev.1)), Some(stat.dev()));
}

#[test]
fn reading_as_root_leaves_no_trace_in_access_times() {
    let (_dir, s) = source();
    fs::write(s.join("f"), "1234").unwrap();
    fs::create_dir(s.join("d")).unwrap();
    // Older than the modification, so that any trace would be written.
    let old = Timespec { tv_sec: 1_000_000_000, tv_nsec: 5 };
    for path in [s.join("f"), s.join("d"), s.clone()] {
        let times = Timestamps { last_access: old, last_modification: Timespec { tv_sec: 1_600_000_000, tv_nsec: 0 } };
        utimensat(CWD, &path, &times, rustix::fs::AtFlags::empty()).unwrap();
    }
    let all = read(&[&s]);
    assert_eq!(at(&all, "s/f").bytes.as_deref(), Some(&b"1234"[..]));
    for (path, found) in [(s.join("f"), "s/f"), (s.join("d"), "s/d"), (s.clone(), "s")] {
        assert_eq!(fs::metadata(&path).unwrap().atime(), 1_000_000_000, "{path:?}");
        assert_eq!(at(&all, found).entry.atime, Timestamp::new(1_000_000_000, 5));
    }
}

#[test]
fn holes_are_found_at_both_ends_and_between() {
    use std::os::unix::fs::FileExt;
    let (_dir, s) = source();
    let file = File::create(s.join("sparse")).unwrap();
    file.set_len(1 << 20).unwrap();
    file.write_all_at(&[7; 4096], 65_536).unwrap();
    file.write_all_at(&[8; 4096], 262_144).unwrap();
    File::create(s.join("empty-but-long")).unwrap().set_len(100_000).unwrap();
    fs::write(s.join("dense"), vec![1; 100_000]).unwrap();
    let all = read(&[&s]);
    let sparse = at(&all, "s/sparse");
    let expected = [Hole(0, 65_536), Hole(69_632, 192_512), Hole(266_240, (1 << 20) - 266_240)];
    assert_eq!(sparse.entry.holes, expected);
    assert_eq!(at(&all, "s/empty-but-long").entry.holes, [Hole(0, 100_000)]);
    assert!(at(&all, "s/dense").entry.holes.is_empty());
    let mut holes = sparse.entry.holes.clone();
    keep_true(&mut holes, 0, sparse.bytes.as_deref().unwrap());
    assert_eq!(holes, expected);
}

fn xattr(name: &str, value: &[u8]) -> Xattr {
    Xattr { name: name.as_bytes().to_vec(), value: Ok(value.to_vec()) }
}

#[test]
fn extended_attributes_of_every_kind_are_recorded_in_order() {
    let (_dir, s) = source();
    for name in ["f", "d"] {
        if name == "d" {
            fs::create_dir(s.join(name)).unwrap()
        } else {
            fs::write(s.join(name), "").unwrap()
        }
        for (key, value) in [("user.z", &b"\0\xff"[..]), ("user.a", b""), ("trusted.t", b"1"), ("user.a=%", b"2")] {
            lsetxattr(s.join(name), key, value, XattrFlags::CREATE).expect("`trusted` attributes need root");
        }
    }
    make_node(&s.join("fifo"), FileType::Fifo, 0, 0);
    symlink("f", s.join("link")).unwrap();
    for name in ["fifo", "link"] {
        lsetxattr(s.join(name), "trusted.own", name.as_bytes(), XattrFlags::CREATE).unwrap();
    }
    let all = read(&[&s]);
    let expected =
        [xattr("trusted.t", b"1"), xattr("user.a", b""), xattr("user.a=%", b"2"), xattr("user.z", b"\0\xff")];
    assert_eq!(at(&all, "s/f").entry.xattrs, expected);
    assert_eq!(at(&all, "s/d").entry.xattrs, expected);
    assert_eq!(at(&all, "s/fifo").entry.xattrs, [xattr("trusted.own", b"fifo")]);
    assert_eq!(at(&all, "s/link").entry.xattrs, [xattr("trusted.own", b"link")], "the link's own, not its target's");
}

/// A loop device over a file, detached when dropped.
struct Loop(String);

impl Loop {
    fn over(file: &Path) -> Self {
        let shown = run("losetup", &["--read-only".as_ref(), "--find".as_ref(), "--show".as_ref(), file.as_os_str()]);
        Self(shown.trim().to_owned())
    }
}

impl Drop for Loop {
    fn drop(&mut self) {
        run("losetup", &["--detach".as_ref(), self.0.as_ref()]);
    }
}

#[test]
fn a_block_device_given_as_source_is_a_disk_with_all_its_bytes() {
    let (dir, s) = source();
    let image: Vec<u8> = (0..1_000_448u32).map(|n| n.to_le_bytes()[1]).collect();
    fs::write(s.join("image"), &image).unwrap();
    let device = Loop::over(&s.join("image"));
    let stat = fs::metadata(&device.0).unwrap();
    assert!(stat.file_type().is_block_device());
    let all = read(&[Path::new(&device.0)]);
    let Read { entry, bytes, changed } = &all[0];
    assert_eq!((entry.kind, entry.size, changed), (Kind::Disk, Some(1_000_448), &None));
    assert_eq!(entry.rdev.map(|number| makedev(number.0, number.1)), Some(stat.rdev()));
    assert!(bytes.as_deref() == Some(&image[..]));
    let linked = dir.path().join("by-id");
    symlink(&device.0, &linked).unwrap();
    let refused = scelle::read::scope::Scope::new(&[linked], &[], false).err();
    assert!(matches!(&refused, Some(ScopeError::LinkToDevice { device: found, .. }) if *found == Path::new(&device.0)));
    let totals = scelle::read::count::Totals::default();
    scelle::read::count::count(&super::scope(&[Path::new(&device.0)]), &totals, &false.into());
    assert_eq!(totals.bytes.into_inner(), 1_000_448);
}
