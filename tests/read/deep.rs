//! Trees deeper than any path may be long, and trees that change on the way.

use std::fs;
use std::os::fd::OwnedFd;
use std::path::{Path, PathBuf};
use std::sync::Mutex;

use rustix::fs::{CWD, Mode, OFlags, RenameFlags, mkdirat, openat, renameat_with};
use scelle::read::Source;
use scelle::read::walk::Walk;

use super::{at, read, run, scope, source};

/// Makes `levels` directories in each other, each with a file `z` beside the next.
fn make_chain(top: &Path, name: &str, levels: usize) {
    let flags = OFlags::RDONLY | OFlags::DIRECTORY | OFlags::CLOEXEC;
    let mut dir: OwnedFd = openat(CWD, top, flags, Mode::empty()).unwrap();
    for _ in 0..levels {
        let file = openat(&dir, "z", OFlags::CREATE | OFlags::WRONLY, Mode::RUSR).unwrap();
        rustix::io::write(&file, b"content").unwrap();
        mkdirat(&dir, name, Mode::RWXU).unwrap();
        dir = openat(&dir, name, flags, Mode::empty()).unwrap();
    }
}

/// The standard library would hold every level open to remove it.
fn remove(dir: tempfile::TempDir) {
    run("rm", &["-rf".as_ref(), dir.path().as_os_str()]);
}

/// The kernel does not show where a handle below a long path is, so only one test may have such handles.
static LONG_PATHS: Mutex<()> = Mutex::new(());

#[test]
fn three_thousand_levels_are_read_with_few_directories_open() {
    let _alone = LONG_PATHS.lock().unwrap();
    let (dir, s) = source();
    let name = "n".repeat(200);
    make_chain(&s, &name, 3_000);
    let mut walk = Walk::new(scope(&[&s]));
    let (mut dirs, mut files, mut most_open, mut longest) = (0, 0, 0, 0);
    while let Some(found) = walk.next() {
        let entry = &found.entry;
        assert_eq!(entry.unreadable, None);
        longest = longest.max(entry.path.as_bytes().len());
        match found.content {
            Some(mut content) => {
                let mut bytes = [0; 8];
                assert_eq!(content.read_at(&mut bytes, 0).unwrap(), 7);
                files += 1;
            }
            None => dirs += 1,
        }
        if (dirs + files) % 500 == 0 {
            most_open = most_open.max(open_below(dir.path()));
        }
    }
    assert_eq!((dirs, files), (3_001, 3_000));
    assert!(longest > 600_000, "longer than any path that could be opened by name: {longest}");
    assert!((100..140).contains(&most_open), "{most_open} handles");
    remove(dir);
}

/// How many handles this process holds below a directory. The kernel shows a path that is too long as an error.
fn open_below(dir: &Path) -> usize {
    let shown = fs::read_dir("/proc/self/fd").unwrap().flatten();
    shown
        .filter(|entry| match fs::read_link(entry.path()) {
            Ok(target) => target.starts_with(dir),
            Err(error) => error.raw_os_error() == Some(36),
        })
        .count()
}

/// Walks down a chain of 200 levels, does something to the tree, and walks on.
fn read_disturbed(disturb: impl Fn(&Path)) -> Vec<(String, Option<String>)> {
    let (dir, s) = source();
    make_chain(&s, "d", 200);
    let mut walk = Walk::new(scope(&[&s]));
    let mut seen = Vec::new();
    while let Some(found) = walk.next() {
        seen.push((String::from_utf8(found.entry.path.as_bytes().to_vec()).unwrap(), found.entry.unreadable));
        if seen.len() == 201 {
            disturb(&s);
        }
    }
    remove(dir);
    seen
}

fn level(n: usize) -> PathBuf {
    std::iter::repeat_n("d", n).collect()
}

#[test]
fn a_directory_moved_away_on_the_way_does_not_lead_elsewhere() {
    let seen = read_disturbed(|s| {
        fs::write(s.parent().unwrap().join("z"), "of another tree").unwrap();
        fs::rename(s.join(level(50)), s.parent().unwrap().join("moved")).unwrap();
    });
    assert_eq!(seen.len(), 401);
    // Its own children were still reached by handle; those of its parent by name, from the source down.
    assert!(seen.iter().all(|(_, unreadable)| unreadable.is_none()), "{seen:?}");
}

#[test]
fn a_directory_that_was_exchanged_on_the_way_is_not_taken_for_the_first_one() {
    let seen = read_disturbed(|s| {
        let top = s.parent().unwrap();
        fs::create_dir_all(top.join("false").join(level(60))).unwrap();
        let (real, fake) = (s.join(level(40)), top.join("false").join(level(40)));
        renameat_with(CWD, &real, CWD, &fake, RenameFlags::EXCHANGE).unwrap();
        // So that the directory below can no longer tell its parent either.
        fs::rename(fake.join(level(10)), top.join("moved")).unwrap();
    });
    let lost: Vec<_> = seen.iter().filter(|(_, unreadable)| unreadable.is_some()).collect();
    assert_eq!(seen.len(), 401);
    assert!(!lost.is_empty() && lost.iter().all(|(_, why)| why.as_deref() == Some("ESTALE")), "{lost:?}");
    assert_eq!(seen.last().unwrap(), &("s/z".to_owned(), None));
}

#[test]
fn a_directory_whose_children_would_have_too_long_paths_says_so() {
    let _alone = LONG_PATHS.lock().unwrap();
    let (dir, s) = source();
    make_chain(&s, &"n".repeat(255), 4_096);
    let mut walk = Walk::new(scope(&[&s]));
    let mut last_dir = None;
    while let Some(found) = walk.next() {
        match (found.entry.kind, found.entry.unreadable) {
            (scelle::format::entry::Kind::Dir, unreadable) => {
                if let Some((path, why)) = last_dir.replace((found.entry.path, unreadable)) {
                    assert_eq!(why, None, "{:?}", path.as_bytes().len());
                }
            }
            (_, unreadable) => assert_eq!(unreadable, None),
        }
    }
    let (path, why) = last_dir.unwrap();
    // The name `z` still fits below it; the next directory does not.
    assert_eq!((path.as_bytes().len(), why.as_deref()), (1 + 4_095 * 256, Some("ENAMETOOLONG")));
    remove(dir);
}

#[test]
fn entries_are_described_by_handle_wherever_the_tree_is_moved() {
    let (_dir, s) = source();
    fs::write(s.join("a"), "1").unwrap();
    let held = scope(&[&s]);
    fs::rename(&s, s.parent().unwrap().join("t")).unwrap();
    let all = super::read_scope(&held);
    assert_eq!(at(&all, "s").entry.unreadable.as_deref(), Some("ENOENT"));
    assert_eq!(read(&[&s.parent().unwrap().join("t")]).len(), 2);
}
