//! A medium that fails where a test wants it to: a FUSE file system of one directory level. Reading through it goes the
//! way of a real source, with errors that come from the kernel. It needs `/dev/fuse` and `fusermount3` (package
//! `fuse3`), and a test that cannot have them fails.
#![allow(dead_code, reason = "each test program uses its own part")]

use std::ffi::OsStr;
use std::ops::Range;
use std::path::Path;
use std::sync::atomic::{AtomicBool, AtomicU64, AtomicUsize, Ordering};
use std::sync::{Arc, Mutex};
use std::time::{Duration, SystemTime};

use fuser::{
    BackgroundSession, Config, Errno, FileAttr, FileHandle, FileType, Filesystem, FopenFlags, Generation, INodeNo,
    LockOwner, MountOption, OpenFlags, ReplyAttr, ReplyData, ReplyDirectory, ReplyEntry, ReplyOpen, ReplyXattr,
    Request, SessionACL,
};

/// Numbers of errors, as on every Linux that scelle is built for.
pub const EIO: i32 = 5;
pub const EACCES: i32 = 13;
pub const EOPNOTSUPP: i32 = 95;

/// One file, link or directory.
#[derive(Clone, Default)]
pub struct Item {
    kind: Option<FileType>,
    content: Vec<u8>,
    size: u64,
    bad: Vec<Range<u64>>,
    open_error: Option<i32>,
    xattrs: Vec<(&'static str, Result<Vec<u8>, i32>)>,
    xattr_list_error: Option<i32>,
    list_error: Option<i32>,
    touched_by_opening: bool,
    cached: bool,
    slow: Vec<Range<u64>>,
    read_len_max: Option<usize>,
    gone_after: Option<(u64, Arc<AtomicBool>)>,
    children: Vec<(String, Item)>,
}

impl Item {
    /// A file that can be read.
    pub fn file(content: impl Into<Vec<u8>>) -> Self {
        let content = content.into();
        Self { kind: Some(FileType::RegularFile), size: content.len() as u64, content, ..Self::default() }
    }

    /// A symbolic link.
    pub fn link(target: &str) -> Self {
        Self { kind: Some(FileType::Symlink), content: target.into(), ..Self::default() }
    }

    /// A pipe that nobody writes to.
    pub fn fifo() -> Self {
        Self { kind: Some(FileType::NamedPipe), ..Self::default() }
    }

    /// A directory that lists its children, none twice.
    pub fn dir(children: Vec<(&str, Item)>) -> Self {
        let children = children.into_iter().map(|(name, item)| (name.to_owned(), item)).collect();
        Self { kind: Some(FileType::Directory), children, ..Self::default() }
    }

    /// Every read that overlaps this range of bytes fails with `EIO`.
    pub fn bad(mut self, range: Range<u64>) -> Self {
        self.bad.push(range);
        self
    }

    /// Every read that overlaps this range takes a while.
    pub fn slow(mut self, range: Range<u64>) -> Self {
        self.slow.push(range);
        self
    }

    /// A read gives no more bytes than these.
    pub fn short_reads(mut self, len_max: usize) -> Self {
        self.read_len_max = Some(len_max);
        self
    }

    /// Once so many bytes have been read after the switch was set, every read fails, whatever it asks for.
    pub fn going_after(mut self, len: u64, switch: &Arc<AtomicBool>) -> Self {
        self.gone_after = Some((len, Arc::clone(switch)));
        self
    }

    /// It claims to be of this size; reads end where the content does.
    pub fn claiming(mut self, size: u64) -> Self {
        self.size = size;
        self
    }

    /// Opening it fails.
    pub fn open_error(mut self, errno: i32) -> Self {
        self.open_error = Some(errno);
        self
    }

    /// Opening it adds a second to its access time.
    pub fn touched_by_opening(mut self) -> Self {
        self.touched_by_opening = true;
        self
    }

    /// The system keeps its pages, and reads ahead, as of files on a disk.
    pub fn cached(mut self) -> Self {
        self.cached = true;
        self
    }

    /// Listing this directory fails after its children.
    pub fn list_error(mut self, errno: i32) -> Self {
        self.list_error = Some(errno);
        self
    }

    /// It has an extended attribute, or one that cannot be read.
    pub fn xattr(mut self, name: &'static str, value: Result<&[u8], i32>) -> Self {
        self.xattrs.push((name, value.map(<[u8]>::to_vec)));
        self
    }

    /// Listing its extended attributes fails.
    pub fn xattr_list_error(mut self, errno: i32) -> Self {
        self.xattr_list_error = Some(errno);
        self
    }
}

/// What a name in the medium leads to, by how often it was looked up: the last item stays, no item is `ENOENT`.
#[derive(Default)]
pub struct Medium {
    names: Vec<(String, Vec<Item>, Vec<usize>)>,
    reads: Reads,
}

/// The inodes that were read from, in this order.
pub type Reads = Arc<Mutex<Vec<u64>>>;

impl Medium {
    /// An empty one.
    pub fn new() -> Self {
        Self::default()
    }

    /// What will be read from it.
    pub fn reads(&self) -> Reads {
        Arc::clone(&self.reads)
    }

    /// Adds a name for one item.
    pub fn with(self, name: &str, item: Item) -> Self {
        self.exchanging(name, vec![item])
    }

    /// Adds a name that is listed, but is gone when it is looked at.
    pub fn vanished(self, name: &str) -> Self {
        self.exchanging(name, Vec::new())
    }

    /// Adds a name under which each lookup finds the next item.
    pub fn exchanging(self, name: &str, items: Vec<Item>) -> Self {
        let order = (0..items.len()).collect();
        self.exchanging_in(name, items, order)
    }

    /// Adds a name under which lookups find these items, by number, in this order; the last one stays.
    pub fn exchanging_in(mut self, name: &str, items: Vec<Item>, order: Vec<usize>) -> Self {
        self.names.push((name.to_owned(), items, order));
        self
    }

    /// Mounts it on an empty directory until the result is dropped.
    pub fn mount(self, at: &Path) -> BackgroundSession {
        let mut server = Server { nodes: vec![Node::of(Item::dir(Vec::new()))], reads: self.reads };
        for (name, items, order) in self.names {
            let added: Vec<usize> = items.into_iter().map(|item| server.add(item)).collect();
            let inodes = order.into_iter().map(|number| added[number]).collect();
            server.nodes[0].children.push(Child { name, inodes, lookups: AtomicUsize::new(0) });
        }
        let mut config = Config::default();
        config.mount_options = vec![MountOption::RO, MountOption::FSName("failing-medium".to_owned())];
        config.acl = SessionACL::All;
        fuser::spawn_mount(server, at, &config)
            .expect("mounting a FUSE file system: /dev/fuse and fusermount3 are needed")
    }
}

struct Child {
    name: String,
    inodes: Vec<usize>,
    lookups: AtomicUsize,
}

struct Node {
    item: Item,
    children: Vec<Child>,
    openings: AtomicU64,
    /// Bytes that were read.
    given: AtomicU64,
}

impl Node {
    fn of(item: Item) -> Self {
        Self { item, children: Vec::new(), openings: AtomicU64::new(0), given: AtomicU64::new(0) }
    }

    fn open(&self) {
        self.openings.fetch_add(u64::from(self.item.touched_by_opening), Ordering::SeqCst);
    }
}

/// Inode n is node n - 1; the root is inode 1.
struct Server {
    nodes: Vec<Node>,
    reads: Reads,
}

impl Server {
    fn add(&mut self, mut item: Item) -> usize {
        let index = self.nodes.len();
        let children = std::mem::take(&mut item.children);
        self.nodes.push(Node::of(item));
        for (name, child) in children {
            let inodes = vec![self.add(child)];
            self.nodes[index].children.push(Child { name, inodes, lookups: AtomicUsize::new(0) });
        }
        index
    }

    fn node(&self, ino: INodeNo) -> &Node {
        &self.nodes[usize::try_from(u64::from(ino)).unwrap() - 1]
    }

    fn attr(&self, index: usize) -> FileAttr {
        let item = &self.nodes[index].item;
        let kind = item.kind.unwrap_or(FileType::RegularFile);
        let time = SystemTime::UNIX_EPOCH + Duration::from_secs(1_700_000_000);
        FileAttr {
            ino: INodeNo(index as u64 + 1),
            size: item.size,
            blocks: item.size.div_ceil(512),
            atime: time + Duration::from_secs(self.nodes[index].openings.load(Ordering::SeqCst)),
            mtime: time,
            ctime: time,
            crtime: time,
            kind,
            perm: if kind == FileType::Directory { 0o755 } else { 0o644 },
            nlink: 1,
            uid: 0,
            gid: 0,
            rdev: 0,
            blksize: 4096,
            flags: 0,
        }
    }
}

/// Nothing is cached, so that every look is answered here.
const TTL: Duration = Duration::ZERO;

impl Filesystem for Server {
    fn lookup(&self, _req: &Request, parent: INodeNo, name: &OsStr, reply: ReplyEntry) {
        let Some(child) = self.node(parent).children.iter().find(|child| name == child.name.as_str()) else {
            return reply.error(Errno::ENOENT);
        };
        let lookup = child.lookups.fetch_add(1, Ordering::SeqCst);
        match child.inodes.get(lookup.min(child.inodes.len().saturating_sub(1))) {
            Some(&index) => reply.entry(&TTL, &self.attr(index), Generation(0)),
            None => reply.error(Errno::ENOENT),
        }
    }

    fn getattr(&self, _req: &Request, ino: INodeNo, _fh: Option<FileHandle>, reply: ReplyAttr) {
        reply.attr(&TTL, &self.attr(usize::try_from(u64::from(ino)).unwrap() - 1));
    }

    fn readlink(&self, _req: &Request, ino: INodeNo, reply: ReplyData) {
        reply.data(&self.node(ino).item.content);
    }

    fn opendir(&self, _req: &Request, ino: INodeNo, _flags: OpenFlags, reply: ReplyOpen) {
        self.node(ino).open();
        reply.opened(FileHandle(0), FopenFlags::empty());
    }

    fn open(&self, _req: &Request, ino: INodeNo, _flags: OpenFlags, reply: ReplyOpen) {
        self.node(ino).open();
        match self.node(ino).item.open_error {
            Some(errno) => reply.error(Errno::from_i32(errno)),
            None if self.node(ino).item.cached => reply.opened(FileHandle(0), FopenFlags::empty()),
            // Past the page cache: what is asked for here is what the reader asked for.
            None => reply.opened(FileHandle(0), FopenFlags::FOPEN_DIRECT_IO),
        }
    }

    fn read(
        &self,
        _req: &Request,
        ino: INodeNo,
        _fh: FileHandle,
        offset: u64,
        size: u32,
        _flags: OpenFlags,
        _lock_owner: Option<LockOwner>,
        reply: ReplyData,
    ) {
        self.reads.lock().unwrap().push(ino.into());
        let item = &self.node(ino).item;
        let end = (offset + u64::from(size)).min(item.content.len() as u64);
        let start = offset.min(end);
        let overlaps = |ranges: &[Range<u64>]| ranges.iter().any(|range| range.start < end && start < range.end);
        let is_gone = item.gone_after.as_ref().is_some_and(|(after, switch)| {
            let len = if switch.load(Ordering::SeqCst) { end - start } else { 0 };
            self.node(ino).given.fetch_add(len, Ordering::SeqCst) >= *after
        });
        if overlaps(&item.slow) {
            std::thread::sleep(Duration::from_millis(20));
        }
        if overlaps(&item.bad) || is_gone {
            return reply.error(Errno::EIO);
        }
        let end = item.read_len_max.map_or(end, |len_max| end.min(start + len_max as u64));
        reply.data(&item.content[usize::try_from(start).unwrap()..usize::try_from(end).unwrap()]);
    }

    fn readdir(&self, _req: &Request, ino: INodeNo, _fh: FileHandle, offset: u64, mut reply: ReplyDirectory) {
        let node = self.node(ino);
        let skipped = usize::try_from(offset).unwrap();
        if let (Some(errno), true) = (node.item.list_error, skipped >= node.children.len()) {
            return reply.error(Errno::from_i32(errno));
        }
        for (at, child) in node.children.iter().enumerate().skip(skipped) {
            let index = child.inodes.first().copied().unwrap_or(usize::MAX - 1);
            let kind = self.nodes.get(index).and_then(|node| node.item.kind).unwrap_or(FileType::RegularFile);
            if reply.add(INodeNo(index as u64 + 1), at as u64 + 1, kind, &child.name) {
                break;
            }
        }
        reply.ok();
    }

    fn getxattr(&self, _req: &Request, ino: INodeNo, name: &OsStr, size: u32, reply: ReplyXattr) {
        match self.node(ino).item.xattrs.iter().find(|(known, _)| name == *known) {
            None => reply.error(Errno::ENODATA),
            Some((_, Err(errno))) => reply.error(Errno::from_i32(*errno)),
            Some((_, Ok(value))) => answer(value, size, reply),
        }
    }

    fn listxattr(&self, _req: &Request, ino: INodeNo, size: u32, reply: ReplyXattr) {
        let item = &self.node(ino).item;
        match item.xattr_list_error {
            Some(errno) => reply.error(Errno::from_i32(errno)),
            None => {
                let names: Vec<u8> =
                    item.xattrs.iter().flat_map(|(name, _)| [name.as_bytes(), b"\0"].concat()).collect();
                answer(&names, size, reply);
            }
        }
    }
}

fn answer(value: &[u8], size: u32, reply: ReplyXattr) {
    if size == 0 {
        reply.size(u32::try_from(value.len()).unwrap());
    } else {
        reply.data(value);
    }
}
