//! Bundles made to break out of the directory, to overwrite, or to leave a trap behind. Their signer means harm, so every
//! digest in them is right.

use std::fs;
use std::os::unix::fs::{MetadataExt as _, PermissionsExt as _, symlink};
use std::path::Path;
use std::sync::atomic::{AtomicBool, Ordering};

use scelle::extract::{Lost, Options};
use scelle::format::entry::{Hole, Kind};
use scelle::format::path::EntryPath;

use super::Bench;
use super::forge::Forge;
use super::memory_source::Item;
use super::sealed::{Shape, pattern};

fn link(path: &[u8], to: &[u8]) -> Item {
    let mut link = Item::new(path, Kind::Symlink);
    link.entry.link = Some(to.to_vec());
    link
}

fn hard_link(path: &[u8], target: &[u8], kind: Kind) -> Item {
    let mut link = Item::new(path, kind);
    link.entry.nlink = Some(2);
    link.entry.hard_link = EntryPath::new(target.to_vec());
    link
}

/// Every file below a directory, with its content.
fn files(root: &Path) -> Vec<(std::path::PathBuf, Vec<u8>)> {
    let walk = walkdir::WalkDir::new(root).sort_by_file_name();
    let files = walk.into_iter().map(|item| item.expect("an item")).filter(|item| item.file_type().is_file());
    files.map(|item| (item.path().to_owned(), fs::read(item.path()).expect("a file"))).collect()
}

#[test]
fn a_second_entry_of_the_same_path_never_replaces_or_follows_the_first() {
    let bench = Bench::with(&[Item::dir(b"s"), link(b"s/a", b"../../victim"), Item::file(b"s/a", b"evil".to_vec())]);
    fs::write(bench.path("victim"), "mine").expect("a file");
    let done = bench.extract(&[]);
    assert!(done.has_failed && matches!(done.left[0].why, Lost::Exists), "{:?}", done.left);
    assert_eq!(fs::read(bench.path("victim")).expect("the victim"), b"mine");
    assert!(fs::symlink_metadata(bench.path("out/s/a")).expect("the link").is_symlink());
}

#[test]
fn a_directory_that_is_a_link_already_is_not_entered() {
    let bench = Bench::with(&[Item::dir(b"s"), Item::dir(b"s/d"), Item::file(b"s/d/f", b"evil".to_vec())]);
    fs::create_dir_all(bench.path("out/s")).expect("a directory");
    fs::create_dir(bench.path("outside")).expect("a directory");
    symlink(bench.path("outside"), bench.path("out/s/d")).expect("a link");
    let done = bench.extract(&[]);
    assert!(done.has_failed);
    assert_eq!(fs::read_dir(bench.path("outside")).expect("a list").count(), 0);
    let mode = fs::metadata(bench.path("outside")).expect("a directory").mode();
    assert_ne!(mode & 0o777, 0, "its permissions are its own");
}

#[test]
fn a_hard_link_to_what_was_not_restored_from_the_bundle_is_not_made() {
    // A file of the target's name is there already: a link to it would be a name under which others see or change it.
    let mut target = Item::file(b"s/a", b"evil".to_vec());
    target.entry.nlink = Some(2);
    let mut further = hard_link(b"s/b", b"s/a", Kind::File);
    further.entry.size = Some(4);
    let bench = Bench::with(&[Item::dir(b"s"), target, further]);
    fs::create_dir_all(bench.path("out/s")).expect("a directory");
    fs::write(bench.path("out/s/a"), "mine").expect("a file");
    let done = bench.extract(&[]);
    assert!(matches!(done.left[0].why, Lost::Exists), "{:?}", done.left);
    assert!(matches!(done.left[1].why, Lost::LinkTarget), "{:?}", done.left);
    assert!(!bench.path("out/s/b").exists());
    assert_eq!(fs::metadata(bench.path("out/s/a")).expect("the victim").nlink(), 1);
}

#[test]
fn a_hard_link_to_a_symbolic_link_is_a_name_of_the_link_and_nothing_is_written_through_it() {
    let mut target = link(b"s/a", b"../../victim");
    target.entry.nlink = Some(2);
    let mut further = hard_link(b"s/b", b"s/a", Kind::Symlink);
    further.entry.link = target.entry.link.clone();
    let bench = Bench::with(&[Item::dir(b"s"), target, further, Item::file(b"s/b", b"evil".to_vec())]);
    fs::write(bench.path("victim"), "mine").expect("a file");
    bench.extract(&[]);
    assert!(fs::symlink_metadata(bench.path("out/s/b")).expect("a link").is_symlink());
    assert_eq!(fs::read(bench.path("victim")).expect("the victim"), b"mine");
}

#[test]
fn a_lie_about_holes_costs_no_byte() {
    let mut item = Item::file(b"s/f", pattern(20_000));
    item.entry.holes = vec![Hole(0, 8192), Hole(12_288, 7712)];
    // The sealer keeps only what is true of such holes; in any case the content is what was sealed.
    let bench = Bench::with(&[Item::dir(b"s"), item]);
    bench.extract(&[]);
    assert_eq!(fs::read(bench.path("out/s/f")).expect("the file"), pattern(20_000));
}

#[test]
fn directories_that_were_there_keep_their_owner_and_permissions() {
    let mut root = Item::dir(b".");
    root.entry.mode = 0o777;
    let mut secret = Item::dir(b".ssh");
    (secret.entry.mode, secret.entry.uid, secret.entry.gid) = (0o777, 1234, 1234);
    let bench = Bench::with(&[root, secret, Item::file(b".ssh/authorized_keys", b"evil".to_vec())]);
    fs::create_dir_all(bench.path("out/.ssh")).expect("a directory");
    let set =
        |name: &str, mode| fs::set_permissions(bench.path(name), fs::Permissions::from_mode(mode)).expect("a mode");
    set("out", 0o755);
    set("out/.ssh", 0o700);
    let done = bench.extract(&[]);
    assert_eq!((done.restored, done.present, done.left_count), (1, 2, 0), "{:?}", done.left);
    let facts = |name: &str| {
        let found = fs::metadata(bench.path(name)).expect("a directory");
        (found.mode() & 0o7777, found.uid(), found.gid())
    };
    assert_eq!((facts("out"), facts("out/.ssh")), ((0o755, 0, 0), (0o700, 0, 0)));
}

#[test]
fn a_file_whose_chunks_are_not_those_of_its_line_is_not_restored() {
    let mut forge = Forge::of(&[Item::dir(b"s"), Item::file(b"s/f", pattern(5_000))], &Shape::small());
    forge.change_lines(|line| {
        if line["path"] == "s/f" {
            line["chunks_root"] = "22".repeat(32).into();
        }
    });
    let bench = Bench::with(&[Item::dir(b"s")]);
    fs::write(bench.path("x.scelle"), forge.zip()).expect("the bundle");
    let done = bench.extract(&[]);
    assert!(done.is_damaged && matches!(done.left[0].why, Lost::Content), "{:?}", done.left);
    assert!(!bench.path("out/s/f").exists());
}

#[test]
fn lines_out_of_order_are_damage() {
    let bench = Bench::with(&[Item::dir(b"s"), Item::file(b"s/b", b"b".to_vec()), Item::file(b"s/a", b"a".to_vec())]);
    assert!(bench.extract(&[]).is_damaged);
}

#[test]
fn an_owner_that_no_file_can_have_gives_no_powers() {
    let mut item = Item::file(b"s/sh", b"#!".to_vec());
    (item.entry.mode, item.entry.uid, item.entry.gid) = (0o6755, u32::MAX, u32::MAX);
    let bench = Bench::with(&[Item::dir(b"s"), item]);
    let done = bench.extract_with(&[], &[], Options { special: true });
    assert_eq!(fs::metadata(bench.path("out/s/sh")).expect("the file").mode() & 0o7777, 0o755);
    assert_eq!(done.withheld.iter().count(), 2, "owner and set-id bits");
}

#[test]
fn set_id_files_of_root_are_not_made_unasked() {
    let mut item = Item::file(b"s/sh", b"#!".to_vec());
    item.entry.mode = 0o6755;
    let bench = Bench::with(&[Item::dir(b"s"), item]);
    bench.extract(&[]);
    let mode = |bench: &Bench| fs::metadata(bench.path("out/s/sh")).expect("the file").permissions().mode() & 0o7777;
    assert_eq!(mode(&bench), 0o755);
    fs::remove_dir_all(bench.path("out")).expect("a directory");
    bench.extract_with(&[], &[], Options { special: true });
    assert_eq!(mode(&bench), 0o6755);
}

#[test]
fn whoever_exchanges_directories_for_links_meanwhile_gets_nothing_outside() {
    let mut items = vec![Item::dir(b"s"), Item::dir(b"s/d")];
    // Each directory is found anew from the top, and each time the way leads through what is exchanged.
    for i in 0..2_000 {
        items.push(Item::dir(format!("s/d/{i:05}").as_bytes()));
        items.push(Item::file(format!("s/d/{i:05}/f").as_bytes(), vec![7; 100]));
    }
    let bench = Bench::with(&items);
    fs::create_dir(bench.path("outside")).expect("a directory");
    let (d, aside) = (bench.path("out/s/d"), bench.path("aside"));
    let done = AtomicBool::new(false);
    let swaps = std::thread::scope(|scope| {
        let attacker = scope.spawn(|| {
            let mut swaps = 0;
            while !done.load(Ordering::Relaxed) {
                if fs::rename(&d, &aside).is_ok() {
                    if symlink(bench.path("outside"), &d).is_ok() {
                        swaps += 1;
                        fs::remove_file(&d).expect("the link");
                    }
                    // The extraction may have made the directory anew in between.
                    if fs::rename(&aside, &d).is_err() {
                        fs::remove_dir_all(&aside).expect("the directory");
                    }
                }
            }
            swaps
        });
        for _ in 0..3 {
            bench.extract(&[]);
        }
        done.store(true, Ordering::Relaxed);
        attacker.join().expect("the attacker")
    });
    assert!(swaps > 10, "only {swaps} swaps");
    assert_eq!(files(&bench.path("outside")), []);
    assert_eq!(fs::read_dir(bench.path("outside")).expect("a list").count(), 0);
}

#[test]
fn an_entry_called_like_the_map_of_names_does_not_get_lost_in_it() {
    let long = [b"s/".as_slice(), &[b'x'; 300]].concat();
    let bench = Bench::with(&[
        Item::dir(b"s"),
        Item::file(&long, b"long".to_vec()),
        Item::file(b"scelle-renamed.jsonl", b"evidence".to_vec()),
    ]);
    let done = bench.extract(&[]);
    assert_eq!((done.left_count, done.renamed), (0, 2), "{:?}", done.left);
    assert!(bench.path("out/scelle-renamed.jsonl~scelle-2").exists());
    let contents: Vec<_> = files(&bench.path("out")).into_iter().map(|(_, content)| content).collect();
    assert!(contents.contains(&b"long".to_vec()) && contents.contains(&b"evidence".to_vec()));
    let map = fs::read_to_string(bench.path("out/scelle-renamed.jsonl")).expect("the map");
    assert_eq!(map.lines().count(), 2);
}
