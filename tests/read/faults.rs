//! What fails is recorded, and costs nothing beside it.

use std::fs;
use std::path::Path;
use std::sync::atomic::{AtomicBool, Ordering};

use rustix::fs::{CWD, RenameFlags, renameat_with};
use scelle::format::entry::{Gap, Kind, Xattr};

use super::failing_medium::{EACCES, EIO, EOPNOTSUPP, Item, Medium};
use super::{Read, at, paths, read, source};

/// Bytes none of which is 0.
fn content(len: usize) -> Vec<u8> {
    (0..len).map(|at| u8::try_from(at % 253).unwrap() + 1).collect()
}

fn read_medium(medium: Medium) -> Vec<Read> {
    let (_dir, s) = source();
    let _session = medium.mount(&s);
    read(&[&s])
}

fn gap(offset: u64, len: u64, cause: &str, attempts: u64) -> Gap {
    Gap { at: None, attempts, cause: cause.to_owned(), len, offset }
}

#[test]
fn bad_sectors_are_gaps_and_every_byte_around_them_is_kept() {
    let all = read_medium(
        Medium::new()
            .with("bad", Item::file(content(200_000)).bad(100_000..100_001).bad(131_072..140_000).bad(199_990..200_000))
            .with("dead", Item::file(content(10_000)).bad(0..10_000))
            .with("good", Item::file(content(50_000))),
    );
    let bad = at(&all, "s/bad");
    // The most tried sector of each: in the first read, in smaller and smaller ones, and twice again.
    let gaps = [gap(99_840, 512, "EIO", 5), gap(131_072, 9_216, "EIO", 5), gap(199_680, 320, "EIO", 4)];
    assert_eq!(bad.entry.gaps, gaps);
    let mut expected = content(200_000);
    for gap in gaps {
        let start = usize::try_from(gap.offset).unwrap();
        expected[start..start + usize::try_from(gap.len).unwrap()].fill(0);
    }
    assert!(bad.bytes.as_deref() == Some(&expected[..]));
    assert_eq!(at(&all, "s/dead").entry.gaps, [gap(0, 10_000, "EIO", 7)], "an error at the first byte is a gap too");
    assert_eq!(at(&all, "s/dead").entry.unreadable, None);
    assert!(at(&all, "s/good").bytes.as_deref() == Some(&content(50_000)[..]));
    assert!(at(&all, "s/good").entry.gaps.is_empty());
}

#[test]
fn content_that_ends_early_is_one_gap_to_its_size() {
    let all = read_medium(Medium::new().with("short", Item::file(content(70_000)).claiming(150_000)));
    let short = at(&all, "s/short");
    assert_eq!((short.entry.size, &short.entry.gaps[..]), (Some(150_000), &[gap(70_000, 80_000, "short", 1)][..]));
    assert!(short.bytes.as_deref().unwrap()[..70_000] == content(70_000));
    assert!(short.bytes.as_deref().unwrap()[70_000..].iter().all(|&b| b == 0));
}

#[test]
fn a_file_that_cannot_be_opened_keeps_all_that_is_known_of_it() {
    let item = Item::file("1234").open_error(EIO).xattr("user.a", Ok(b"value"));
    let all = read_medium(Medium::new().with("f", item).with("g", Item::file("5")));
    let entry = &at(&all, "s/f").entry;
    assert_eq!((entry.kind, entry.size, entry.unreadable.as_deref()), (Kind::File, Some(4), Some("EIO")));
    assert_eq!(entry.xattrs, [Xattr { name: b"user.a".to_vec(), value: Ok(b"value".to_vec()) }]);
    assert_eq!(at(&all, "s/g").bytes.as_deref(), Some(&b"5"[..]));
}

#[test]
fn a_size_that_no_line_can_tell_leaves_the_metadata() {
    let largest = (1 << 53) - 1;
    let item = |size| Item::file("").claiming(size).open_error(EIO);
    let all = read_medium(Medium::new().with("f", item(largest)).with("g", item(largest + 1)));
    let known = |path| (at(&all, path).entry.kind, at(&all, path).entry.size, at(&all, path).entry.unreadable.clone());
    assert_eq!(known("s/f"), (Kind::File, Some(largest), Some("EIO".to_owned())));
    assert_eq!(known("s/g"), (Kind::Unknown, None, Some("EFBIG".to_owned())));
    assert_eq!(at(&all, "s/g").entry.mode, 0o644);
}

#[test]
fn the_access_time_recorded_is_the_one_before_opening() {
    let opened_already = Item::file("1").touched_by_opening();
    let all =
        read_medium(Medium::new().with("f", opened_already).with("d", Item::dir(Vec::new()).touched_by_opening()));
    for path in ["s/d", "s/f"] {
        assert_eq!(at(&all, path).entry.atime.map(|time| time.seconds()), Some(1_700_000_000), "{path}");
    }
}

#[test]
fn a_name_that_is_gone_when_looked_at_is_recorded_as_unknown() {
    let all = read_medium(Medium::new().with("a", Item::file("1")).vanished("gone").with("z", Item::file("2")));
    assert_eq!(paths(&all), ["s", "s/a", "s/gone", "s/z"]);
    let entry = &at(&all, "s/gone").entry;
    assert_eq!((entry.kind, entry.unreadable.as_deref()), (Kind::Unknown, Some("ENOENT")));
    assert_eq!(at(&all, "s/z").bytes.as_deref(), Some(&b"2"[..]));
}

#[test]
fn a_directory_that_breaks_off_gives_what_it_listed_and_says_why() {
    let broken = Item::dir(vec![("a", Item::file("1")), ("b", Item::file("2"))]).list_error(EIO);
    let all = read_medium(Medium::new().with("d", broken).with("e", Item::dir(vec![("c", Item::file("3"))])));
    assert_eq!(paths(&all), ["s", "s/d", "s/d/a", "s/d/b", "s/e", "s/e/c"]);
    assert_eq!(at(&all, "s/d").entry.unreadable.as_deref(), Some("EIO"));
    assert_eq!(at(&all, "s/d/b").bytes.as_deref(), Some(&b"2"[..]));
    assert_eq!(at(&all, "s/e").entry.unreadable, None);
}

#[test]
fn attributes_that_cannot_be_read_are_recorded_one_by_one() {
    let one = Item::file("").xattr("user.a", Ok(b"1")).xattr("user.b", Err(EIO)).xattr("user.c", Ok(b"3"));
    let none = Item::file("").xattr_list_error(EACCES);
    let without = Item::file("").xattr_list_error(EOPNOTSUPP);
    let all = read_medium(Medium::new().with("none", none).with("one", one).with("without", without));
    let values: Vec<_> = at(&all, "s/one").entry.xattrs.iter().map(|xattr| xattr.value.clone()).collect();
    assert_eq!(values, [Ok(b"1".to_vec()), Err("EIO".to_owned()), Ok(b"3".to_vec())]);
    assert_eq!(at(&all, "s/none").entry.xattrs_error.as_deref(), Some("EACCES"));
    assert_eq!(at(&all, "s/none").entry.unreadable, None);
    assert_eq!(at(&all, "s/without").entry.xattrs_error, None, "a file system without any is no fault");
}

#[test]
fn values_past_the_limit_of_an_entry_are_named_and_left_out() {
    let names = (0..260).map(|n| &*format!("user.{n:03}").leak());
    let value = vec![9; 65_536];
    let mut item = Item::file("");
    for name in names {
        item = item.xattr(name, Ok(&value));
    }
    let all = read_medium(Medium::new().with("f", item));
    let xattrs = &at(&all, "s/f").entry.xattrs;
    assert_eq!(xattrs.len(), 260);
    assert!(xattrs[..256].iter().all(|xattr| xattr.value.as_ref().is_ok_and(|found| *found == value)));
    assert!(xattrs[256..].iter().all(|xattr| xattr.value == Err("limit".to_owned())));
}

#[test]
fn what_takes_the_place_of_a_file_before_it_is_opened_is_recorded_as_what_it_is() {
    let secret = Item::file("secret");
    let all = read_medium(
        Medium::new()
            .exchanging("dir", vec![Item::dir(vec![("x", Item::file("1"))]), Item::link("secret")])
            .exchanging("fifo", vec![Item::file("1"), Item::fifo()])
            .exchanging("file", vec![Item::link("secret"), Item::file("2")])
            .exchanging("link", vec![Item::file("1"), Item::link("secret")])
            .exchanging("never", (0..200).map(|n| Item::file(n.to_string())).collect())
            .exchanging("other", vec![Item::file("1"), Item::file("22")])
            .with("secret", secret),
    );
    assert_eq!(paths(&all), ["s", "s/dir", "s/fifo", "s/file", "s/link", "s/never", "s/other", "s/secret"]);
    let link = |path| (at(&all, path).entry.kind, at(&all, path).entry.link.as_deref(), at(&all, path).bytes.is_some());
    assert_eq!(link("s/dir"), (Kind::Symlink, Some(&b"secret"[..]), false));
    assert_eq!(link("s/link"), (Kind::Symlink, Some(&b"secret"[..]), false));
    assert_eq!(at(&all, "s/fifo").entry.kind, Kind::Fifo);
    assert_eq!(at(&all, "s/file").bytes.as_deref(), Some(&b"2"[..]));
    assert_eq!((at(&all, "s/other").entry.size, at(&all, "s/other").bytes.as_deref()), (Some(2), Some(&b"22"[..])));
    let never = &at(&all, "s/never").entry;
    assert_eq!((never.kind, never.unreadable.as_deref()), (Kind::Unknown, Some("ESTALE")));
}

#[test]
fn a_file_is_not_called_unreadable_because_a_link_stood_there_for_a_moment() {
    // To the file again after opening it failed on the link: the kernel looks twice where something was exchanged.
    let order = vec![0, 1, 1, 0];
    let medium = Medium::new().exchanging_in("f", vec![Item::file("1"), Item::link("secret")], order);
    let all = read_medium(medium);
    assert_eq!(at(&all, "s/f").entry.unreadable, None);
    assert_eq!(at(&all, "s/f").bytes.as_deref(), Some(&b"1"[..]));
}

#[test]
fn a_name_that_is_exchanged_all_the_time_never_leads_to_another_file() {
    let (dir, s) = source();
    fs::write(dir.path().join("secret"), "secret").unwrap();
    fs::write(s.join("a"), "public").unwrap();
    std::os::unix::fs::symlink("../secret", dir.path().join("link")).unwrap();
    let stop = AtomicBool::new(false);
    let (mut files, mut links) = (0, 0);
    std::thread::scope(|threads| {
        let _stop = StopWhenDone(&stop);
        threads.spawn(|| {
            while !stop.load(Ordering::Relaxed) {
                renameat_with(CWD, s.join("a"), CWD, dir.path().join("link"), RenameFlags::EXCHANGE).unwrap();
            }
        });
        for _ in 0..2_000 {
            let all = read(&[&s]);
            let found = at(&all, "s/a");
            match found.entry.kind {
                Kind::File => {
                    assert_eq!(found.bytes.as_deref(), Some(&b"public"[..]));
                    files += 1;
                }
                Kind::Symlink => {
                    assert_eq!(found.entry.link.as_deref(), Some(&b"../secret"[..]));
                    links += 1;
                }
                other => assert_eq!((other, found.entry.unreadable.as_deref()), (Kind::Unknown, Some("ESTALE"))),
            }
        }
    });
    assert!(files > 0 && links > 0, "{files} files, {links} links");
}

/// Lets the other thread end even if this one panics.
struct StopWhenDone<'a>(&'a AtomicBool);

impl Drop for StopWhenDone<'_> {
    fn drop(&mut self) {
        self.0.store(true, Ordering::Relaxed);
    }
}

#[test]
fn a_file_that_grows_is_sealed_as_it_was_and_said_to_have_changed() {
    let (_dir, s) = source();
    fs::write(s.join("log"), "first").unwrap();
    let mut walk = scelle::read::walk::Walk::new(super::scope(&[&s]));
    let found = std::iter::from_fn(|| scelle::read::Source::next(&mut walk)).find(|found| found.content.is_some());
    let found = found.unwrap();
    let mut content = found.content.unwrap();
    assert_eq!(content.changed(), None);
    append(&s.join("log"), "second");
    let changed = content.changed().unwrap();
    assert_eq!((found.entry.size, changed.size), (Some(5), Some(11)));
    assert!(changed.mtime.is_some_and(|time| time > found.entry.mtime) && changed.ctime.is_some());
}

fn append(path: &Path, text: &str) {
    use std::io::Write;
    std::thread::sleep(std::time::Duration::from_millis(20));
    fs::File::options().append(true).open(path).unwrap().write_all(text.as_bytes()).unwrap();
}
