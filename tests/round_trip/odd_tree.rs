//! Trees as evidence has them: planted on a real file system, node by node.

use std::ffi::OsStr;
use std::fs::File;
use std::os::fd::OwnedFd;
use std::os::unix::ffi::OsStrExt as _;
use std::os::unix::fs::FileExt as _;
use std::path::Path;

use proptest::prelude::*;
use rustix::fs::{
    AtFlags, CWD, FileType, Gid, Mode, OFlags, Timespec, Timestamps, Uid, XattrFlags, chmod, chownat, linkat, makedev,
    mkdirat, mknodat, openat, setxattr, symlinkat, utimensat,
};

/// What a node is.
#[derive(Clone, Debug)]
pub enum What {
    /// Pieces of data at offsets, and the length.
    File(Vec<(u64, Vec<u8>)>, u64),
    Dir,
    Symlink(Vec<u8>),
    Fifo,
    Socket,
    Device(FileType, u32, u32),
    /// A further name of the node at this path.
    HardLink(Vec<Vec<u8>>),
}

/// One thing to be planted.
#[derive(Clone, Debug)]
pub struct Node {
    /// Names from the root of the tree down.
    pub path: Vec<Vec<u8>>,
    pub what: What,
    pub mode: u32,
    pub owner: (u32, u32),
    pub mtime: (i64, i64),
    pub xattrs: Vec<(Vec<u8>, Vec<u8>)>,
}

impl Node {
    pub fn new(path: &[&[u8]], what: What) -> Self {
        let mode = if matches!(what, What::Dir) { 0o755 } else { 0o644 };
        let path = path.iter().map(|name| name.to_vec()).collect();
        Self { path, what, mode, owner: (0, 0), mtime: (1_700_000_000, 123_456_789), xattrs: Vec::new() }
    }

    pub fn file(path: &[&[u8]], content: &[u8]) -> Self {
        Self::new(path, What::File(vec![(0, content.to_vec())], content.len() as u64))
    }

    pub fn mode(self, mode: u32) -> Self {
        Self { mode, ..self }
    }

    pub fn owner(self, uid: u32, gid: u32) -> Self {
        Self { owner: (uid, gid), ..self }
    }

    pub fn mtime(self, seconds: i64, nanos: i64) -> Self {
        Self { mtime: (seconds, nanos), ..self }
    }

    pub fn xattr(mut self, name: &[u8], value: &[u8]) -> Self {
        self.xattrs.push((name.to_vec(), value.to_vec()));
        self
    }
}

/// Names that rivals lose, mistake or stumble over.
pub fn odd_names() -> Vec<Vec<u8>> {
    let texts = [
        "new\nline",
        "tab\tand\rreturn",
        "\x1b[2J\x1b[31mred",
        "gpj.\u{202e}exe",
        "zero\u{200b}width",
        "back\\slash",
        "-rf",
        "--help",
        "-",
        "*",
        "?",
        "[a]",
        "~",
        "$HOME",
        "`id`",
        "'",
        "\"",
        " ",
        " lead",
        "trail ",
        "dot.",
        "...",
        "con",
        "aux.txt",
        "c:",
        "caf\u{e9}",
        "cafe\u{301}",
        "Case",
        "case",
        "CASE",
        "\u{1f480}",
        "\u{ad}soft",
        "a=b%3D",
    ];
    let mut names: Vec<Vec<u8>> = texts.iter().map(|text| text.as_bytes().to_vec()).collect();
    names.extend([b"\xff\xfe".to_vec(), b"half\xc3".to_vec(), b"\x01".to_vec(), b"\x7f".to_vec(), vec![b'n'; 255]]);
    names
}

/// Everything at once that an ordinary user can have.
pub fn ordinary() -> Vec<Node> {
    let mut nodes = vec![Node::new(&[], What::Dir)];
    for (i, name) in odd_names().iter().enumerate() {
        nodes.push(Node::file(&[name], format!("content {i}").as_bytes()));
    }
    nodes.push(Node::new(&[b"names"], What::Dir).mode(0o700));
    for name in odd_names() {
        nodes.push(Node::new(&[b"names", &name], What::Dir));
        nodes.push(Node::file(&[b"names", &name, b"inside"], &name));
    }
    nodes.extend(links());
    nodes.extend(sparse());
    nodes.extend(times());
    nodes.extend([
        Node::new(&[b"empty dir"], What::Dir).mode(0o555),
        Node::file(&[b"empty file"], b"").mode(0o400),
        Node::new(&[b"pipe"], What::Fifo).mode(0o620),
        Node::new(&[b"socket"], What::Socket).mode(0o755),
        Node::new(&[b"sticky"], What::Dir).mode(0o1777),
        Node::new(&[b"closed"], What::Dir).mode(0o500),
        Node::file(&[b"closed", b"inside"], b"x").mode(0o444),
        Node::file(&[b"attributes"], b"x").xattr(b"user.plain", b"value").xattr(b"user.empty", b"").mode(0o444),
        Node::new(&[b"attributed"], What::Dir).xattr(b"user.\xff=%\n", &[0, 255, 10]),
        Node::file(&[b"listed"], b"x").mode(0o664).xattr(b"system.posix_acl_access", &acl(0o6, 7001)),
        Node::new(&[b"inherits"], What::Dir).xattr(b"system.posix_acl_default", &acl(0o7, 7002)),
    ]);
    nodes.extend(deep(b"levels", 1_200, 1));
    nodes.extend(deep(b"long", 30, 200));
    nodes
}

/// What only root can plant.
pub fn privileged() -> Vec<Node> {
    // Version 2, effective, CAP_NET_RAW permitted: as setcap writes it.
    let capability = [1, 0, 0, 2, 0, 0x20, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0];
    vec![
        Node::new(&[b"null"], What::Device(FileType::CharacterDevice, 1, 3)).mode(0o666),
        Node::new(&[b"disk"], What::Device(FileType::BlockDevice, 7, 200)).mode(0o660).owner(0, 6),
        Node::file(&[b"set id"], b"x").mode(0o6755).owner(12_345, 23_456),
        Node::new(&[b"set group"], What::Dir).mode(0o2775).owner(1, 23_456),
        Node::file(&[b"powerful"], b"x").mode(0o755).xattr(b"security.capability", &capability),
        Node::file(&[b"trusted"], b"x").xattr(b"trusted.overlay.opaque", b"y"),
        Node::file(&[b"nobody's"], b"x").mode(0).owner(4_000_000_000, 4_000_000_001),
    ]
}

fn links() -> Vec<Node> {
    let hard = |path: &[&[u8]], to: &[&[u8]]| Node::new(path, What::HardLink(to.iter().map(|n| n.to_vec()).collect()));
    vec![
        Node::new(&[b"dangling"], What::Symlink(b"nowhere/at/all".to_vec())),
        Node::new(&[b"loop a"], What::Symlink(b"loop b".to_vec())),
        Node::new(&[b"loop b"], What::Symlink(b"loop a".to_vec())),
        Node::new(&[b"self"], What::Symlink(b".".to_vec())),
        Node::new(&[b"absolute"], What::Symlink(b"/etc/passwd".to_vec())),
        Node::new(&[b"upwards"], What::Symlink(b"../../../..".to_vec())),
        Node::new(&[b"odd link"], What::Symlink(b"\xff\n".to_vec())),
        Node::file(&[b"many names"], &[7; 5000]),
        hard(&[b"names", b"second"], &[b"many names"]),
        hard(&[b"zz third"], &[b"many names"]),
        Node::new(&[b"link one"], What::Symlink(b"x".to_vec())),
        hard(&[b"link two"], &[b"link one"]),
        Node::new(&[b"pipe one"], What::Fifo),
        hard(&[b"pipe two"], &[b"pipe one"]),
    ]
}

fn sparse() -> Vec<Node> {
    let data = |offset: u64| (offset, vec![9; 10_000]);
    vec![
        Node::new(&[b"hole first"], What::File(vec![data(1 << 20)], (1 << 20) + 10_000)),
        Node::new(&[b"hole last"], What::File(vec![data(0)], 1 << 20)),
        Node::new(&[b"holes"], What::File(vec![data(1 << 20), data(3 << 20)], 5 << 20)),
        Node::new(&[b"all hole"], What::File(vec![], 30 << 20)),
        Node::new(&[b"zeros"], What::File(vec![(0, vec![0; 100_000])], 100_000)),
    ]
}

fn times() -> Vec<Node> {
    vec![
        Node::file(&[b"before 1970"], b"x").mtime(-86_400 * 365, 1),
        Node::file(&[b"just before 1970"], b"x").mtime(-1, 999_999_999),
        Node::file(&[b"1970"], b"x").mtime(0, 0),
        Node::file(&[b"after 2038"], b"x").mtime(1 << 32, 999_999_999),
        Node::new(&[b"old link"], What::Symlink(b"x".to_vec())).mtime(-5, 5),
    ]
}

/// Directories in directories, with a file at the bottom.
fn deep(top: &[u8], levels: usize, name_len: usize) -> Vec<Node> {
    let name = vec![b'd'; name_len];
    let mut path: Vec<&[u8]> = vec![top];
    let mut nodes = vec![Node::new(&path, What::Dir)];
    for _ in 0..levels {
        path.push(&name);
        nodes.push(Node::new(&path, What::Dir));
    }
    path.push(b"bottom");
    nodes.push(Node::file(&path, b"deep"));
    nodes
}

/// An access control list that gives another user permissions, in the form of the attribute.
fn acl(permissions: u16, user: u32) -> Vec<u8> {
    const NO_ID: u32 = u32::MAX;
    let entries = [(1u16, 6u16, NO_ID), (2, permissions, user), (4, 4, NO_ID), (16, 6, NO_ID), (32, 4, NO_ID)];
    let mut bytes = 2u32.to_le_bytes().to_vec();
    for (tag, permissions, id) in entries {
        bytes.extend_from_slice(&tag.to_le_bytes());
        bytes.extend_from_slice(&permissions.to_le_bytes());
        bytes.extend_from_slice(&id.to_le_bytes());
    }
    bytes
}

/// Any tree: odd and plain names, all kinds, links among them.
pub fn any_tree() -> impl Strategy<Value = Vec<Node>> {
    let name = prop_oneof![
        prop::sample::select(odd_names()),
        prop::collection::vec(any::<u8>().prop_filter("no name has it", |b| !matches!(b, 0 | b'/')), 1..12)
            .prop_filter("no name", |name| name != b"." && name != b".."),
    ];
    let content = (0u64..70_000, prop::collection::vec(any::<u8>(), 0..3_000), 0u64..70_000);
    let what = prop_oneof![
        4 => content.prop_map(|(at, bytes, tail)| {
            let len = at + bytes.len() as u64 + tail;
            What::File(vec![(at, bytes)], len)
        }),
        3 => Just(What::Dir),
        1 => prop::collection::vec(1u8..=255, 1..40).prop_map(What::Symlink),
        1 => Just(What::Fifo),
        1 => Just(What::Socket),
        2 => any::<prop::sample::Index>().prop_map(|index| What::HardLink(vec![index.index(1 << 20).to_le_bytes().to_vec()])),
    ];
    let time = (-(1i64 << 31)..(1i64 << 33), 0i64..1_000_000_000);
    let node = (name, any::<prop::sample::Index>(), what, 0u32..0o7777, time);
    prop::collection::vec(node, 0..40).prop_map(|parts| {
        let mut nodes = vec![Node::new(&[], What::Dir)];
        for (name, parent, what, mode, mtime) in parts {
            let dirs: Vec<_> = nodes.iter().filter(|node| matches!(node.what, What::Dir)).collect();
            let mut path = dirs[parent.index(dirs.len())].path.clone();
            path.push(name);
            if nodes.iter().any(|node| node.path == path) {
                continue;
            }
            let linkable: Vec<_> = nodes.iter().filter(|n| !matches!(n.what, What::Dir | What::HardLink(_))).collect();
            let what = match what {
                What::HardLink(_) if linkable.is_empty() => What::Fifo,
                What::HardLink(_) => What::HardLink(linkable[parent.index(linkable.len())].path.clone()),
                what => what,
            };
            nodes.push(Node { path, what, mode, owner: (mode, 5), mtime, xattrs: Vec::new() });
        }
        nodes
    })
}

/// Plants nodes below a directory that is made for them.
pub fn plant(root: &Path, nodes: &[Node]) {
    std::fs::create_dir(root).expect("a directory for the tree");
    for node in nodes.iter().filter(|node| !node.path.is_empty()) {
        let (name, parent) = node.path.split_last().expect("a name");
        make(&dir(root, parent), name, node, root);
    }
    // From the bottom up, so that no later change below touches a directory's time.
    for node in nodes.iter().rev().filter(|node| !matches!(node.what, What::HardLink(_))) {
        let handle = match node.path.split_last() {
            Some((name, parent)) => hold(&dir(root, parent), name),
            None => hold(&open(root), b"."),
        };
        dress(&handle, node);
    }
}

fn open(root: &Path) -> OwnedFd {
    openat(CWD, root, OFlags::PATH | OFlags::DIRECTORY, Mode::empty()).expect("the tree")
}

fn dir(root: &Path, path: &[Vec<u8>]) -> OwnedFd {
    path.iter().fold(open(root), |handle, name| hold(&handle, name))
}

fn hold(dir: &OwnedFd, name: &[u8]) -> OwnedFd {
    openat(dir, name, OFlags::PATH | OFlags::NOFOLLOW, Mode::empty()).expect("a node")
}

fn make(parent: &OwnedFd, name: &[u8], node: &Node, root: &Path) {
    let mode = Mode::from_raw_mode(0o700);
    match &node.what {
        What::Dir => mkdirat(parent, name, mode).expect("a directory"),
        What::Symlink(link) => symlinkat(OsStr::from_bytes(link), parent, name).expect("a link"),
        What::Fifo => mknodat(parent, name, FileType::Fifo, mode, 0).expect("a pipe"),
        What::Socket => mknodat(parent, name, FileType::Socket, mode, 0).expect("a socket"),
        What::Device(kind, major, minor) => {
            mknodat(parent, name, *kind, mode, makedev(*major, *minor)).expect("a device node");
        }
        What::HardLink(target) => {
            let (old, old_parent) = target.split_last().expect("a name");
            linkat(dir(root, old_parent), old, parent, name, AtFlags::empty()).expect("a further name");
        }
        What::File(pieces, len) => {
            let flags = OFlags::CREATE | OFlags::EXCL | OFlags::WRONLY;
            let file = File::from(openat(parent, name, flags, mode).expect("a file"));
            pieces.iter().for_each(|(offset, bytes)| file.write_all_at(bytes, *offset).expect("data"));
            file.set_len(*len).expect("a length");
        }
    }
}

/// Gives a node its metadata, as root.
fn dress(handle: &OwnedFd, node: &Node) {
    use std::os::fd::AsRawFd as _;
    let path = format!("/proc/self/fd/{}", handle.as_raw_fd());
    let (uid, gid) = (Uid::from_raw(node.owner.0), Gid::from_raw(node.owner.1));
    chownat(handle, c"", Some(uid), Some(gid), AtFlags::EMPTY_PATH).expect("an owner");
    if !matches!(node.what, What::Symlink(_)) {
        chmod(&path, Mode::from_raw_mode(node.mode)).expect("permissions");
    }
    for (name, value) in &node.xattrs {
        setxattr(&path, name.as_slice(), value, XattrFlags::empty()).expect("an extended attribute");
    }
    let time = Timespec { tv_sec: node.mtime.0, tv_nsec: node.mtime.1 };
    let access = Timespec { tv_sec: 1_600_000_000, tv_nsec: 5 };
    let times = Timestamps { last_access: access, last_modification: time };
    utimensat(CWD, &path, &times, AtFlags::empty()).expect("times");
}
