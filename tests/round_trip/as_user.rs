//! By a user who is not root.

use std::os::unix::fs::chown;

use super::facts::{Which, assert_equal, facts};
use super::odd_tree::{Node, ordinary, plant};
use super::{Desk, USER, done, text};

#[test]
fn a_tree_of_ones_own_comes_back_whole() {
    let desk = Desk::anywhere();
    let own = |node: Node| node.owner(USER, USER);
    plant(&desk.path("tree"), &ordinary().into_iter().map(own).collect::<Vec<_>>());
    for name in ["", "key", "case.toml"] {
        chown(desk.path(name), Some(USER), Some(USER)).expect("an owner");
    }
    let which = Which { owner: true, atime: true, holes: true };
    let before = facts(&desk.path("tree"), which);
    done(&desk.run_as_user(&["seal", "tree", "--key", "key", "--case", "case.toml", "--out", "x.scelle"]));
    done(&desk.run_as_user(&["verify", "x.scelle", "--signer", "key.pub"]));
    let output = desk.run_as_user(&["extract", "x.scelle", "--signer", "key.pub", "--out", "out"]);
    done(&output);
    assert!(!text(&output.stderr).contains("warning"), "{}", text(&output.stderr));
    assert_equal(&before, &facts(&desk.path("out/tree"), which));
}

#[test]
fn a_tree_of_others_comes_back_without_its_owners_and_says_so() {
    let desk = Desk::anywhere();
    let powers = Node::file(&[b"set id"], b"x").mode(0o4755).owner(12_345, 1);
    plant(&desk.path("tree"), &[&ordinary()[..1], &[powers]].concat());
    desk.seal_tree();
    chown(desk.path(""), Some(USER), Some(USER)).expect("an owner");
    let args = ["extract", "x.scelle", "--signer", "key.pub", "--out", "out", "--special"];
    let output = desk.run_as_user(&args);
    done(&output);
    let said = text(&output.stderr);
    assert!(said.contains("owners: only root can restore them"), "{said}");
    // With set-id bits a file of ours would give our powers away.
    assert!(said.contains("set-id bits: it has another owner"), "{said}");
    let restored = facts(&desk.path("out/tree"), Which { owner: true, atime: false, holes: false });
    let line = &restored[&b"set id"[..]];
    assert!(line.starts_with("RegularFile 755 ") && line.contains(&format!("owner {USER}:{USER}")), "{line}");
}
