//! Any small tree, with sizes around every boundary: the sealer equals the reference, the verifier agrees, extraction
//! gives everything back.

mod memory_source;
mod reference;
mod sealed;

use std::fs;
use std::os::unix::ffi::OsStrExt as _;
use std::sync::atomic::AtomicBool;

use memory_source::Item;
use proptest::prelude::*;
use scelle::extract::{self, Selection, extract};
use scelle::format::entry::{Gap, Hole, Kind};
use scelle::format::path::EntryPath;
use scelle::format::time::Timestamp;
use scelle::seal::Form;
use scelle::verify::proven::open_proven;
use scelle::verify::{Options, Verdict, open, verify};
use sealed::{Shape, as_read, pattern, reference_of, seal_items, test_key};

/// Small limits, so that a few kilobytes make many segments.
fn limits() -> impl Strategy<Value = (u64, u64, u64, u64)> {
    prop_oneof![
        Just((512, 512, 512, 1)),
        Just((512, 1024, 2048, 3)),
        Just((512, 1024, 4096, 5)),
        Just((1024, 4096, 8192, 65_536)),
        Just((4096, 4096, 65_536, 7)),
    ]
}

/// Lengths at and around block, chunk, frame and segment boundaries.
fn content_len() -> impl Strategy<Value = usize> {
    let boundary = prop_oneof![
        Just(0usize),
        Just(1),
        Just(64),
        Just(512),
        Just(1024),
        Just(2048),
        Just(4096),
        Just(8192),
        Just(12_288)
    ];
    prop_oneof![4 => (boundary, -1i64..=1).prop_map(|(at, step)| at.saturating_add_signed(step as isize)), 1 => 0usize..10_000]
}

#[derive(Clone, Debug)]
enum Thing {
    File { len: usize, zeros: bool, short: bool },
    Sparse { len: usize },
    Link(Vec<u8>),
    Dir,
    Fifo,
    Socket,
    Again,
}

fn thing() -> impl Strategy<Value = Thing> {
    prop_oneof![
        6 => (content_len(), any::<bool>(), prop::bool::weighted(0.1)).prop_map(|(len, zeros, short)| Thing::File { len, zeros, short }),
        1 => content_len().prop_map(|len| Thing::Sparse { len }),
        1 => prop::collection::vec(1u8..=255, 1..150).prop_map(Thing::Link),
        1 => Just(Thing::Dir),
        1 => Just(Thing::Fifo),
        1 => Just(Thing::Socket),
        1 => Just(Thing::Again),
    ]
}

/// Names of any bytes but the two that no name can hold.
fn name() -> impl Strategy<Value = Vec<u8>> {
    let byte = any::<u8>().prop_map(|b| if matches!(b, 0 | b'/') { b'_' } else { b });
    let name = prop_oneof![3 => prop::collection::vec(byte.clone(), 1..20), 1 => prop::collection::vec(byte, 90..130)];
    name.prop_map(|name| if matches!(name.as_slice(), b"." | b"..") { b"dots".to_vec() } else { name })
}

fn items() -> impl Strategy<Value = Vec<Item>> {
    prop::collection::btree_map(name(), thing(), 0..14).prop_map(|tree| {
        let mut items = vec![Item::dir(b"s")];
        for (i, (name, shape)) in tree.into_iter().enumerate() {
            let path = [b"s/", name.as_slice()].concat();
            items.push(item(&path, shape, i, &items));
        }
        count_links(&mut items);
        items
    })
}

fn item(path: &[u8], shape: Thing, i: usize, before: &[Item]) -> Item {
    let mut item = match shape {
        Thing::File { len, zeros, short } => {
            let mut content = if zeros { vec![0; len] } else { pattern(len) };
            let mut gaps = Vec::new();
            if short && len > 1 {
                let from = len / 2;
                content[from..].fill(0);
                gaps.push(Gap {
                    at: None,
                    attempts: 1,
                    cause: "short".into(),
                    len: (len - from) as u64,
                    offset: from as u64,
                });
            }
            let mut item = Item::file(path, content);
            item.entry.gaps = gaps;
            item
        }
        Thing::Sparse { len } => {
            let mut item = Item::file(path, vec![0; len]);
            item.entry.holes = if len > 0 { vec![Hole(0, len as u64)] } else { Vec::new() };
            item
        }
        Thing::Link(target) => Item::symlink(path, &target),
        Thing::Dir => Item::dir(path),
        Thing::Fifo => Item::new(path, Kind::Fifo),
        Thing::Socket => Item::new(path, Kind::Socket),
        Thing::Again => match before.iter().rev().find(|item| item.content.is_some()) {
            Some(target) => {
                let mut link = Item::new(path, Kind::File);
                link.entry = target.entry.clone();
                link.entry.hard_link = Some(target.entry.path.clone());
                link.entry.path = EntryPath::new(path.to_vec()).expect("a path");
                return link;
            }
            None => Item::dir(path),
        },
    };
    let nanos = u32::try_from(i).expect("few") * 7_000_001;
    item.entry.mtime = Timestamp::new(i64::try_from(i).expect("few") * 1000 - 3000, nanos).expect("a time");
    item
}

/// Gives files that have further names their number of links.
fn count_links(items: &mut [Item]) {
    for i in 0..items.len() {
        let path = items[i].entry.path.clone();
        let links = items.iter().filter(|item| item.entry.hard_link.as_ref() == Some(&path)).count() as u64;
        if links > 0 {
            for item in
                items.iter_mut().filter(|item| item.entry.path == path || item.entry.hard_link.as_ref() == Some(&path))
            {
                item.entry.nlink = Some(links + 1);
            }
        }
    }
}

/// `PROPTEST_CASES` for long runs. Failures are printed, not kept: tests leave the tree clean.
fn config() -> ProptestConfig {
    let cases = std::env::var("PROPTEST_CASES").ok().and_then(|n| n.parse().ok()).unwrap_or(60);
    ProptestConfig { cases, failure_persistence: None, ..ProptestConfig::default() }
}

proptest! {
    #![proptest_config(config())]

    #[test]
    fn any_tree_comes_back_as_it_was(items in items(), limits in limits(), whole in any::<bool>(), threads in 1usize..4, zip in any::<bool>()) {
        let dir = tempfile::tempdir().expect("a directory");
        let out = dir.path().join("x.scelle");
        let form = if zip { Form::Zip } else { Form::Dir };
        let shape = Shape { limits, whole_file_digest: whole, threads, form, ..Shape::small() };
        let sealed = seal_items(&as_read(&items), &shape, &out);

        let expected = reference_of(&items, &shape);
        prop_assert_eq!(sealed.seal_digest.to_string(), &expected.seal_digest[..]);
        if zip {
            prop_assert!(fs::read(&out).expect("the bundle") == expected.zip);
        }

        let bundle = open(&out).expect("a bundle");
        let never = AtomicBool::new(false);
        let signers = [test_key().public()];
        let options = Options { signers: &signers, thread_count: threads, ..Options::new(&never) };
        let verification = verify(&*bundle, &options).expect("not cancelled");
        prop_assert_eq!(verification.verdict, Verdict::Verified, "{:#?}", verification.ledger.details());

        let opened = open_proven(&*bundle, &signers, &never).expect("not cancelled");
        let target = dir.path().join("out");
        let content = opened.content.unwrap_or_else(|why| panic!("{why}"));
        let done = extract(&content, &mut Selection::default(), extract::Target::open(&target).expect("a directory"), extract::Options::default(), &never).expect("an extraction");
        prop_assert!(!done.is_damaged && !done.has_failed, "{:?}", done.left);
        for item in items.iter().filter(|item| item.content.is_some()) {
            let path = target.join(std::ffi::OsStr::from_bytes(item.entry.path.as_bytes()));
            prop_assert_eq!(fs::read(&path).ok(), item.content.clone());
        }
    }
}
