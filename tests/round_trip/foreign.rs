//! Onto file systems that cannot hold what Linux can.

use std::collections::BTreeMap;
use std::fs;

use super::file_systems::FileSystem;
use super::odd_tree::{Node, What, odd_names, plant};
use super::{Desk, text};

/// Path of each renamed thing by the last line of the map.
fn renamed(map: &std::path::Path) -> BTreeMap<Vec<u8>, Vec<u8>> {
    let lines = fs::read_to_string(map).expect("a map");
    let bytes = |value: &serde_json::Value, key: &str| match value[key].as_str() {
        Some(text) => text.as_bytes().to_vec(),
        None => {
            data_encoding::BASE64.decode(value[format!("{key}_b64")].as_str().expect(key).as_bytes()).expect("base64")
        }
    };
    let line = |line: &str| -> (Vec<u8>, Vec<u8>) {
        let value = serde_json::from_str(line).expect("JSON");
        (bytes(&value, "path"), bytes(&value, "restored_as"))
    };
    lines.lines().map(line).collect()
}

#[test]
fn names_that_a_target_takes_for_one_another_are_kept_apart_and_the_map_undoes_it() {
    let file_system = FileSystem::new("exfat");
    let desk = Desk::anywhere();
    let mut nodes = vec![Node::new(&[], What::Dir)];
    for name in odd_names() {
        nodes.push(Node::file(&[&name], &name));
        nodes.push(Node::new(&[b"dirs"], What::Dir));
        nodes.push(Node::new(&[b"dirs", &name], What::Dir));
        nodes.push(Node::file(&[b"dirs", &name, b"inside"], &name));
    }
    // Names made to be those that others are given.
    for name in [&b"B%3A~scelle-3"[..], b"B:", b"b%3a~SCELLE-4", b"scelle-renamed.jsonl"] {
        nodes.push(Node::new(&[b"traps"], What::Dir));
        nodes.push(Node::new(&[b"traps", name], What::Dir));
        nodes.push(Node::file(&[b"traps", name, b"inside"], name));
    }
    let mut seen = std::collections::HashSet::new();
    nodes.retain(|node| seen.insert(node.path.clone()));
    plant(&desk.path("tree"), &nodes);
    desk.seal_tree();
    let out = file_system.root().join("out");
    let out_text = out.to_str().expect("UTF-8").to_owned();
    let first = desk.extract(&out_text, &[]);
    let said = text(&first.stderr);
    assert!(said.contains("entries have another name than in the bundle: see "), "{said}");
    let map = renamed(&out.join("scelle-renamed.jsonl"));
    let contents = |map: &BTreeMap<Vec<u8>, Vec<u8>>| {
        use std::os::unix::ffi::OsStrExt as _;
        for name in odd_names() {
            let dir = [b"tree/dirs/", name.as_slice()].concat();
            let dir = map.get(&dir).unwrap_or(&dir);
            let file = [b"tree/", name.as_slice()].concat();
            for path in [map.get(&file).unwrap_or(&file), &[dir.as_slice(), b"/inside"].concat()] {
                let path = out.join(std::ffi::OsStr::from_bytes(path));
                assert_eq!(fs::read(&path).unwrap_or_else(|error| panic!("{path:?}: {error}\n{said}")), name);
            }
        }
    };
    contents(&map);
    let inside = walkdir::WalkDir::new(out.join("tree/traps")).into_iter().flatten();
    assert_eq!(inside.filter(|item| item.file_name() == "inside").count(), 4);
    // Nothing lies there that was not asked for.
    let count = walkdir::WalkDir::new(&out).into_iter().count();
    assert_eq!(count, nodes.len() + 2, "{said}");
    // Repeated, it finds everything under the same names.
    let again = desk.extract(&out_text, &[]);
    assert!(text(&again.stderr).contains("there already, with the same content"), "{}", text(&again.stderr));
    assert_eq!(renamed(&out.join("scelle-renamed-2.jsonl")), map);
    assert_eq!(walkdir::WalkDir::new(&out).into_iter().count(), count + 1);
}
