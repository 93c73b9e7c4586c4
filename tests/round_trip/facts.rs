//! What can be known of a tree on disk, to compare one with another.

use std::collections::{BTreeMap, HashMap};
use std::fmt::Write as _;
use std::os::fd::{AsRawFd as _, OwnedFd};
use std::path::Path;

use rustix::fs::{
    AtFlags, CWD, Dir, FileType, Mode, OFlags, Stat, getxattr, listxattr, openat, readlinkat, seek, statat,
};

/// A line for each path: type, mode, owner, times, names, attributes, content, holes.
pub type Facts = BTreeMap<Vec<u8>, String>;

/// Which facts are to be gathered.
#[derive(Clone, Copy)]
pub struct Which {
    /// Owner.
    pub owner: bool,
    /// Access times, which reading changes where it cannot be kept from it.
    pub atime: bool,
    /// Where the data is in sparse files.
    pub holes: bool,
}

/// Walks a tree. To be run as root.
pub fn facts(root: &Path, which: Which) -> Facts {
    let mut facts = Facts::new();
    let mut groups = HashMap::new();
    let handle =
        openat(CWD, root, OFlags::RDONLY | OFlags::DIRECTORY | OFlags::NOATIME, Mode::empty()).expect("a tree");
    let stat = statat(CWD, root, AtFlags::empty()).expect("a tree");
    facts.insert(Vec::new(), describe(&openat(CWD, root, OFlags::PATH, Mode::empty()).expect("a tree"), &stat, which));
    walk(&handle, &mut Vec::new(), &mut facts, &mut groups, which);
    facts
}

fn walk(dir: &OwnedFd, path: &mut Vec<u8>, facts: &mut Facts, groups: &mut HashMap<(u64, u64), Vec<u8>>, which: Which) {
    let listing =
        openat(dir, c".", OFlags::RDONLY | OFlags::DIRECTORY | OFlags::NOATIME, Mode::empty()).expect("a list");
    let mut names: Vec<Vec<u8>> =
        Dir::new(listing).expect("a list").map(|item| item.expect("a name").file_name().to_bytes().to_vec()).collect();
    names.retain(|name| name != b"." && name != b"..");
    names.sort();
    for name in names {
        let len = path.len();
        path.extend_from_slice(if len == 0 { b"" } else { b"/" });
        path.extend_from_slice(&name);
        let stat = statat(dir, name.as_slice(), AtFlags::SYMLINK_NOFOLLOW).expect("a stat");
        let handle = openat(dir, name.as_slice(), OFlags::PATH | OFlags::NOFOLLOW, Mode::empty()).expect("a handle");
        let mut line = describe(&handle, &stat, which);
        let is_dir = FileType::from_raw_mode(stat.st_mode) == FileType::Directory;
        if stat.st_nlink > 1 && !is_dir {
            let first = groups.entry((stat.st_dev, stat.st_ino)).or_insert_with(|| path.clone());
            write!(line, " same file as {}", String::from_utf8_lossy(first)).expect("text");
        }
        facts.insert(path.clone(), line);
        if is_dir {
            let flags = OFlags::RDONLY | OFlags::DIRECTORY | OFlags::NOFOLLOW | OFlags::NOATIME;
            walk(&openat(dir, name.as_slice(), flags, Mode::empty()).expect("a directory"), path, facts, groups, which);
        }
        path.truncate(len);
    }
}

fn describe(handle: &OwnedFd, stat: &Stat, which: Which) -> String {
    let kind = FileType::from_raw_mode(stat.st_mode);
    let path = format!("/proc/self/fd/{}", handle.as_raw_fd());
    let mut line = format!("{kind:?} {:o} mtime {}.{:09}", stat.st_mode & 0o7777, stat.st_mtime, stat.st_mtime_nsec);
    if which.owner {
        write!(line, " owner {}:{}", stat.st_uid, stat.st_gid).expect("text");
    }
    // Of a link, reading where it leads changes it, and nothing can keep it from that.
    if which.atime && kind != FileType::Symlink {
        write!(line, " atime {}.{:09}", stat.st_atime, stat.st_atime_nsec).expect("text");
    }
    match kind {
        FileType::Symlink => {
            write!(line, " -> {:?}", readlinkat(handle, c"", Vec::new()).expect("a link")).expect("text");
        }
        FileType::CharacterDevice | FileType::BlockDevice => write!(line, " rdev {:x}", stat.st_rdev).expect("text"),
        FileType::RegularFile => content(&mut line, &path, which),
        _ => {}
    }
    let mut names = vec![0; 65_536];
    let len = listxattr(&path, &mut names[..]).unwrap_or(0);
    let mut names: Vec<&[u8]> = names[..len].split(|&b| b == 0).filter(|name| !name.is_empty()).collect();
    names.sort();
    for name in names {
        let mut value = vec![0; 65_536];
        let len = getxattr(&path, name, &mut value[..]).expect("a value");
        write!(line, " {:?}={:?}", String::from_utf8_lossy(name), &value[..len]).expect("text");
    }
    line
}

fn content(line: &mut String, path: &str, which: Which) {
    use std::io::Read as _;
    let handle = openat(CWD, path, OFlags::RDONLY | OFlags::NOATIME, Mode::empty()).expect("a file");
    if which.holes {
        let (mut at, mut data) = (0, Vec::new());
        while let Ok(start) = seek(&handle, rustix::fs::SeekFrom::Data(at)) {
            at = seek(&handle, rustix::fs::SeekFrom::Hole(start)).expect("an end");
            // Coarsely: file systems allocate a little more, each in its way.
            data.push((start >> 16, at.div_ceil(1 << 16)));
        }
        write!(line, " data at 64 KiB blocks {data:?}").expect("text");
        seek(&handle, rustix::fs::SeekFrom::Start(0)).expect("the start");
    }
    let mut bytes = Vec::new();
    std::fs::File::from(handle).read_to_end(&mut bytes).expect("content");
    write!(line, " {} bytes {}", bytes.len(), scelle::hash::sha256(&bytes)).expect("text");
}

/// Fails with what differs.
#[track_caller]
pub fn assert_equal(source: &Facts, restored: &Facts) {
    let mut differences = String::new();
    for (path, line) in source {
        match restored.get(path) {
            Some(other) if other == line => {}
            other => {
                let path: String = String::from_utf8_lossy(path).chars().take(100).collect();
                writeln!(differences, "{path:?}\n  was {line}\n  is  {}", other.map_or("missing", |o| o))
                    .expect("text");
            }
        }
    }
    for path in restored.keys().filter(|path| !source.contains_key(*path)) {
        writeln!(differences, "{:?} was not there", String::from_utf8_lossy(path)).expect("text");
    }
    assert!(differences.is_empty(), "{}", differences.chars().take(6_000).collect::<String>());
}
