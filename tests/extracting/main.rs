//! Extraction: verified bytes only, and nothing outside the directory that was named.

#[path = "../forge/mod.rs"]
mod forge;
#[path = "../memory_source/mod.rs"]
mod memory_source;
#[path = "../reference/mod.rs"]
mod reference;
#[path = "../sealed/mod.rs"]
mod sealed;

mod attacks;

use std::fs;
use std::os::unix::fs::{MetadataExt as _, PermissionsExt as _};
use std::path::{Path, PathBuf};
use std::sync::atomic::AtomicBool;

use memory_source::Item;
use scelle::extract::{Extracted, Lost, Options, Selection, Target, extract};
use scelle::format::entry::{DeviceNumber, Entry, Kind};
use scelle::format::path::EntryPath;
use scelle::format::time::Timestamp;
use scelle::verify::open;
use scelle::verify::proven::open_proven;
use sealed::{Shape, as_read, one_of_everything, pattern, seal_items, test_key};

/// A bundle, and a directory to restore into.
struct Bench {
    dir: tempfile::TempDir,
}

impl Bench {
    fn with(items: &[Item]) -> Self {
        let bench = Self { dir: tempfile::tempdir().expect("a directory") };
        seal_items(&as_read(items), &Shape::small(), &bench.path("x.scelle"));
        bench
    }

    /// A directory and twenty files, `s/00` to `s/19`, which are stored as they are.
    fn with_twenty() -> Self {
        let files = (0..20).map(|i| Item::file(format!("s/{i:02}").as_bytes(), incompressible(900, i)));
        Self::with(&std::iter::once(Item::dir(b"s")).chain(files).collect::<Vec<_>>())
    }

    /// Changes the byte of the bundle that stands `after` bytes behind where `needle` first begins.
    fn damage(&self, needle: &[u8], after: usize) {
        let mut bytes = fs::read(self.path("x.scelle")).expect("the bundle");
        let at = bytes.windows(needle.len()).position(|window| window == needle).expect("in the bundle");
        bytes[at + after] ^= 1;
        fs::write(self.path("x.scelle"), bytes).expect("the bundle");
    }

    fn path(&self, name: &str) -> PathBuf {
        self.dir.path().join(name)
    }

    fn extract(&self, paths: &[&str]) -> Extracted {
        self.extract_with(paths, &[], Options::default())
    }

    fn extract_with(&self, paths: &[&str], globs: &[&str], options: Options) -> Extracted {
        let bundle = open(&self.path("x.scelle")).expect("a bundle");
        let never = AtomicBool::new(false);
        let opened = open_proven(&*bundle, &[test_key().public()], &never).expect("not cancelled");
        let content = opened.content.unwrap_or_else(|why| panic!("{why}"));
        let globs: Vec<String> = globs.iter().map(|glob| (*glob).to_owned()).collect();
        let mut selection = Selection::new(paths.iter().map(|path| path.as_bytes().to_vec()), &globs).expect("globs");
        extract(&content, &mut selection, Target::open(&self.path("out")).expect("a directory"), options, &never)
            .expect("an extraction")
    }
}

fn place(root: &Path, entry: &Entry) -> PathBuf {
    use std::os::unix::ffi::OsStrExt as _;
    root.join(std::ffi::OsStr::from_bytes(entry.path.as_bytes()))
}

#[test]
fn what_was_sealed_is_restored_with_its_modes_and_times() {
    let mut items = one_of_everything();
    for item in items.iter_mut().filter(|item| item.content.is_some()) {
        item.entry.mode = 0o4750;
        item.entry.mtime = Timestamp::new(-5, 123_456_789).expect("a time");
    }
    let bench = Bench::with(&items);
    let done = bench.extract(&[]);
    assert!(!done.is_damaged && !done.has_failed, "{:?}", done.left);
    let reasons: Vec<_> = done.left.iter().map(|left| left.why.to_string()).collect();
    assert_eq!(reasons.len(), 2, "device and unreadable file: {reasons:?}");
    for item in &items {
        let path = place(&bench.path("out"), &item.entry);
        let Ok(found) = fs::symlink_metadata(&path) else {
            assert!(item.entry.kind == Kind::Chardev || item.entry.unreadable.is_some());
            continue;
        };
        // A hard link has the time of the one file that it is a name of.
        let time = if item.entry.hard_link.is_some() { items[1].entry.mtime } else { item.entry.mtime };
        assert_eq!((found.mtime(), found.mtime_nsec()), (time.seconds(), time.nanos().into()), "{path:?}");
        match item.entry.kind {
            Kind::Symlink => {
                use std::os::unix::ffi::OsStrExt as _;
                let target = fs::read_link(&path).expect("a link");
                assert_eq!(Some(target.as_os_str().as_bytes()), item.entry.link.as_deref());
            }
            Kind::File if item.entry.hard_link.is_none() => {
                assert_eq!(Some(fs::read(&path).expect("a file")), item.content, "{path:?}");
                assert_eq!(found.permissions().mode() & 0o7777, 0o750, "without the set-id bits");
            }
            _ => {}
        }
    }
    let inode = |name: &str| fs::metadata(bench.path("out/s").join(name)).expect("a file").ino();
    assert_eq!(inode("d"), inode("e"), "hard links are links");
}

#[test]
fn a_name_below_a_link_is_never_written_through_it() {
    // No honest sealer lists a child of a link; this one does.
    let outside = tempfile::tempdir().expect("a directory");
    let target = outside.path().to_str().expect("a plain path").as_bytes().to_vec();
    let bench = Bench::with(&[
        Item::dir(b"s"),
        Item::symlink(b"s/a", &target),
        Item::file(b"s/a/planted", b"evil".to_vec()),
        Item::dir(b"s/a/dir"),
        Item::symlink(b"s/b", b"../../"),
        Item::file(b"s/b/planted", b"evil".to_vec()),
        Item::file(b"s/c", b"good".to_vec()),
    ]);
    let done = bench.extract(&[]);
    assert!(done.has_failed);
    assert_eq!(fs::read_dir(outside.path()).expect("the directory").count(), 0);
    assert!(!bench.path("planted").exists());
    assert_eq!(fs::read(bench.path("out/s/c")).expect("the good file"), b"good");
}

#[test]
fn a_link_that_was_there_before_is_not_followed_either() {
    let outside = tempfile::tempdir().expect("a directory");
    let bench = Bench::with(&[Item::dir(b"s"), Item::file(b"s/a", b"evil".to_vec())]);
    fs::create_dir(bench.path("out")).expect("the target");
    std::os::unix::fs::symlink(outside.path(), bench.path("out/s")).expect("a link");
    assert!(bench.extract(&[]).has_failed);
    assert_eq!(fs::read_dir(outside.path()).expect("the directory").count(), 0);
}

#[test]
fn files_that_are_there_are_never_overwritten() {
    let bench = Bench::with(&[Item::dir(b"s"), Item::file(b"s/a", b"new".to_vec()), Item::file(b"s/b", b"b".to_vec())]);
    fs::create_dir_all(bench.path("out/s")).expect("the target");
    fs::write(bench.path("out/s/a"), "old").expect("a file");
    let done = bench.extract(&[]);
    assert!(done.has_failed && done.left.len() == 1);
    assert_eq!(fs::read(bench.path("out/s/a")).expect("the file"), b"old");
    assert_eq!(fs::read(bench.path("out/s/b")).expect("the file"), b"b");
}

#[test]
fn damage_costs_the_files_it_touches_and_no_other() {
    let bench = Bench::with_twenty();
    bench.damage(&incompressible(900, 7)[100..164], 0);
    let done = bench.extract(&[]);
    assert!(done.is_damaged);
    let left: Vec<_> = done.left.iter().map(|left| left.path.as_slice()).collect();
    assert_eq!(left, [b"s/07"], "{:?}", done.left);
    for i in (0..20).filter(|i| *i != 7) {
        assert_eq!(fs::read(bench.path(&format!("out/s/{i:02}"))).expect("a file"), incompressible(900, i));
    }
    assert!(!bench.path("out/s/07").exists(), "nothing half written has a name");
}

#[test]
fn a_lost_index_part_costs_its_segment_and_no_other() {
    let bench = Bench::with_twenty();
    let name = b"index/00000001.bin";
    bench.damage(name, name.len() + 20);
    let done = bench.extract(&[]);
    assert!(done.is_damaged);
    let is_there = |i: &u64| bench.path(&format!("out/s/{i:02}")).exists();
    let restored: Vec<u64> = (0..20).filter(is_there).collect();
    assert_eq!(restored.len() + done.left.len(), 20, "{:?}", done.left);
    assert!(done.left.len() <= 4 && restored.contains(&0) && restored.contains(&19), "{:?}", done.left);
}

#[test]
fn further_names_of_what_was_not_restored_are_not_restored_either() {
    let name = |path: &[u8], kind, target: Option<&[u8]>| {
        let mut item = Item::new(path, kind);
        item.entry.nlink = Some(2);
        item.entry.hard_link = target.map(|target| EntryPath::new(target.to_vec()).expect("a path"));
        item
    };
    let (mut first, mut second) = (name(b"s/a", Kind::Chardev, None), name(b"s/b", Kind::Chardev, Some(b"s/a")));
    for item in [&mut first, &mut second] {
        item.entry.rdev = Some(DeviceNumber(1, 3));
    }
    let bench = Bench::with(&[Item::dir(b"s"), first, second]);
    let done = bench.extract(&[]);
    assert!(!done.has_failed && done.left.iter().all(|left| matches!(left.why, Lost::Special)), "{:?}", done.left);
    assert_eq!((done.left_count, fs::read_dir(bench.path("out/s")).expect("a list").count()), (2, 0));
}

fn incompressible(len: usize, seed: u64) -> Vec<u8> {
    let mut state = seed.wrapping_mul(0x9e37_79b9_7f4a_7c15) | 1;
    let next = || {
        state ^= state << 13;
        state ^= state >> 7;
        state ^= state << 17;
        state.to_le_bytes()
    };
    std::iter::repeat_with(next).flatten().take(len).collect()
}

#[test]
fn a_selected_path_brings_its_directories_and_nothing_else() {
    let items = [
        Item::dir(b"s"),
        Item::dir(b"s/d"),
        Item::file(b"s/d/x", pattern(5000)),
        Item::file(b"s/d/y", pattern(10)),
        Item::file(b"s/e", pattern(10)),
    ];
    let bench = Bench::with(&items);
    let done = bench.extract(&["s/d/x"]);
    assert_eq!((done.restored, done.left_count), (1, 0));
    assert_eq!(fs::read(bench.path("out/s/d/x")).expect("the file"), pattern(5000));
    assert!(!bench.path("out/s/d/y").exists() && !bench.path("out/s/e").exists());
    assert_eq!(fs::metadata(bench.path("out/s/d")).expect("the directory").mtime(), 1_700_000_000);
}

#[test]
fn a_hard_link_is_restored_without_its_target() {
    let link = |path: &[u8]| {
        let mut item = Item::new(path, Kind::File);
        item.entry.nlink = Some(3);
        item.entry.size = Some(3000);
        item.entry.hard_link = EntryPath::new(b"s/a".to_vec());
        item
    };
    let mut target = Item::file(b"s/a", pattern(3000));
    target.entry.nlink = Some(3);
    let bench = Bench::with(&[Item::dir(b"s"), target, link(b"s/b"), Item::dir(b"s/d"), link(b"s/d/c")]);
    let done = bench.extract(&["s/b", "s/d/c"]);
    assert_eq!((done.restored, done.left_count), (2, 0), "{:?}", done.left);
    assert!(!bench.path("out/s/a").exists());
    assert_eq!(fs::read(bench.path("out/s/b")).expect("the link"), pattern(3000));
    let inode = |name: &str| fs::metadata(bench.path(name)).expect("a file").ino();
    assert_eq!(inode("out/s/b"), inode("out/s/d/c"));
}

#[test]
fn unreadable_entries_are_named_and_do_not_count_as_damage() {
    let mut closed = Item::new(b"s/closed", Kind::File);
    closed.entry.unreadable = Some("EACCES".into());
    closed.entry.size = Some(10);
    let bench = Bench::with(&[Item::dir(b"s"), closed]);
    let done = bench.extract(&[]);
    assert!(!done.is_damaged && !done.has_failed);
    assert!(matches!(&done.left[0].why, Lost::Unreadable(cause) if cause == "EACCES"));
}

#[test]
fn a_glob_selects_and_what_is_not_needed_is_not_read() {
    let bench = Bench::with_twenty();
    // Whatever else is damaged does not matter, for it is never looked at.
    bench.damage(&incompressible(900, 7)[100..164], 0);
    let done = bench.extract_with(&[], &["s/1?"], Options::default());
    assert_eq!((done.restored, done.left_count, done.is_damaged), (10, 0, false), "{:?}", done.left);
    let names = fs::read_dir(bench.path("out/s")).expect("a list").flatten().map(|entry| entry.file_name());
    let mut names: Vec<_> = names.collect();
    names.sort();
    assert_eq!(names, (10..20).map(|i| format!("{i}").into()).collect::<Vec<std::ffi::OsString>>());
}

#[test]
fn names_in_a_lost_manifest_part_cost_no_entry_that_lies_below_them_its_place() {
    // So many entries that the lines of the directories stand in parts of their own.
    let mut items = vec![Item::dir(b"s")];
    for i in 0..8 {
        items.push(Item::file(format!("s/before{i}").as_bytes(), incompressible(900, i)));
    }
    items.extend([Item::dir(b"s/d"), Item::dir(b"s/d/m"), Item::file(b"s/d/m/x.txt", b"wanted".to_vec())]);
    let (mut lost, mut parts) = (0, 0);
    for segment in 0..20 {
        let bench = Bench::with(&items);
        let name = format!("manifest/{segment:08}.jsonl.zst");
        let mut bytes = fs::read(bench.path("x.scelle")).expect("the bundle");
        let Some(at) = bytes.windows(name.len()).position(|window| window == name.as_bytes()) else { break };
        bytes[at + name.len() + 12] ^= 1;
        fs::write(bench.path("x.scelle"), bytes).expect("the bundle");
        let done = bench.extract_with(&[], &["**/x.txt"], Options::default());
        assert!(done.is_damaged);
        parts += 1;
        lost += u64::from(done.restored == 0);
        let found = walkdir::WalkDir::new(bench.path("out")).into_iter().flatten();
        let found = found.map(|item| item.into_path()).find(|path| path.ends_with("x.txt"));
        assert!(found.is_none_or(|path| path == bench.path("out/s/d/m/x.txt")));
    }
    assert!(parts > 1 && lost == 1, "only the part that names it costs it: {lost} of {parts}");
}
