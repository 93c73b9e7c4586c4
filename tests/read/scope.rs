//! What the SOURCE arguments may be and what they are called.

use std::fs;
use std::os::unix::fs::symlink;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

use scelle::read::Source;
use scelle::read::count::{Totals, count};
use scelle::read::scope::{Scope, ScopeError};
use scelle::read::walk::Walk;

use super::failing_medium::{Item, Medium};
use super::{Bind, at, paths, read, read_scope, scope, source};

fn refused(sources: &[&Path]) -> ScopeError {
    let sources: Vec<PathBuf> = sources.iter().map(|&path| path.to_owned()).collect();
    match Scope::new(&sources, &[], false) {
        Ok(_) => panic!("{sources:?} were taken"),
        Err(error) => error,
    }
}

/// LIM-18.
#[test]
fn more_than_65_536_sources_are_refused() {
    let (_dir, s) = source();
    let none = s.join("none");
    assert!(matches!(refused(&vec![none.as_path(); 65_536]), ScopeError::Missing { .. }), "not for their number");
    assert!(matches!(refused(&vec![none.as_path(); 65_537]), ScopeError::TooMany { count: 65_537 }));
}

#[test]
fn a_source_is_called_by_the_name_it_was_given_by_or_else_its_real_one() {
    let (dir, s) = source();
    fs::create_dir(s.join("sub")).unwrap();
    fs::write(s.join("f"), "").unwrap();
    symlink("s", dir.path().join("link")).unwrap();
    for (given, names) in [
        ("s", vec!["s", "s/f", "s/sub"]),
        ("s/", vec!["s", "s/f", "s/sub"]),
        ("s//", vec!["s", "s/f", "s/sub"]),
        ("s/.", vec!["s", "s/f", "s/sub"]),
        ("s/sub/..", vec!["s", "s/f", "s/sub"]),
        ("s/f", vec!["f"]),
        ("link", vec!["link"]),
        ("link/", vec!["link", "link/f", "link/sub"]),
        ("link/.", vec!["s", "s/f", "s/sub"]),
        ("link/sub", vec!["sub"]),
    ] {
        assert_eq!(paths(&read(&[&dir.path().join(given)])), names, "{given}");
    }
}

#[test]
fn the_current_directory_is_called_by_its_real_name() {
    let (_dir, s) = source();
    fs::create_dir(s.join("sub")).unwrap();
    // The only test that changes the directory; all others give absolute paths.
    std::env::set_current_dir(s.join("sub")).unwrap();
    for (given, name, place) in
        [(".", "sub", s.join("sub")), ("..", "s", s.join("sub/..")), ("../sub", "sub", s.join("sub/../sub"))]
    {
        let scope = scope(&[Path::new(given)]);
        assert_eq!(scope.sources()[0].name(), name.as_bytes());
        assert_eq!(scope.sources()[0].path(), place);
    }
    std::env::set_current_dir("/").unwrap();
    assert!(matches!(refused(&[Path::new("")]), ScopeError::Missing { .. } | ScopeError::Unavailable { .. }));
}

#[test]
fn the_root_is_a_point_and_its_children_are_at_the_top() {
    let mut walk = Walk::new(scope(&[Path::new("/")]));
    assert_eq!(walk.next().unwrap().entry.path.as_bytes(), b".");
    let second = walk.next().unwrap().entry.path;
    assert!(
        !second.as_bytes().contains(&b'/')
            && Path::new("/").join(super::raw(second.as_bytes())).symlink_metadata().is_ok()
    );
    assert!(matches!(refused(&[Path::new("/"), Path::new("/tmp")]), ScopeError::RootAmongOthers { .. }));
}

#[test]
fn sources_that_are_missing_or_share_a_name_are_refused() {
    let (dir, s) = source();
    fs::create_dir_all(dir.path().join("t/s")).unwrap();
    fs::write(s.join("f"), "").unwrap();
    assert!(matches!(refused(&[]), ScopeError::Empty));
    assert!(matches!(refused(&[&s.join("none")]), ScopeError::Missing { path } if path == s.join("none")));
    assert!(matches!(refused(&[&s.join("none/below")]), ScopeError::Missing { .. }));
    assert!(matches!(refused(&[&s, &dir.path().join("t/s")]), ScopeError::SameName { name, .. } if name == "s"));
    let not_a_directory = refused(&[&s.join("f/")]);
    assert!(matches!(&not_a_directory, ScopeError::Unavailable { .. }), "{not_a_directory:?}");
    assert!(not_a_directory.hint().is_some());
    assert!(matches!(Scope::new(&[s], &["[".to_owned()], false), Err(ScopeError::Pattern { .. })));
}

#[test]
fn an_output_inside_a_source_is_refused_however_its_path_looks() {
    let (dir, s) = source();
    fs::create_dir_all(s.join("a/b")).unwrap();
    fs::write(s.join("f"), "").unwrap();
    symlink("s/a", dir.path().join("elsewhere")).unwrap();
    symlink("/", dir.path().join("up")).unwrap();
    fs::create_dir(dir.path().join("beside")).unwrap();
    symlink("../s/a", dir.path().join("beside/dir-bundle")).unwrap();
    let through_root = dir.path().join("up").join(s.strip_prefix("/").unwrap()).join("x.scelle");
    let sources = scope(&[&s]);
    for inside in [
        s.join("x.scelle"),
        s.join("a/b/x.scelle"),
        dir.path().join("elsewhere/b/x.scelle"),
        dir.path().join("beside/../s/x.scelle"),
        dir.path().join("beside/dir-bundle"),
        through_root,
        s.join("a"),
        s.clone(),
    ] {
        let refusal = sources.refuse_output_inside(&inside);
        assert!(
            matches!(&refusal, Err(ScopeError::OutputInside { path, .. }) if *path == s),
            "{inside:?}: {refusal:?}"
        );
    }
    for outside in [dir.path().join("x.scelle"), dir.path().join("beside"), s.join("../s2"), PathBuf::from("x.scelle")]
    {
        assert!(sources.refuse_output_inside(&outside).is_ok(), "{outside:?}");
    }
    let file = scope(&[&s.join("f")]);
    assert!(file.refuse_output_inside(&s.join("f")).is_err(), "a source itself is no output");
    assert!(file.refuse_output_inside(&s.join("g")).is_ok());
    let nowhere = sources.refuse_output_inside(&dir.path().join("none/x.scelle"));
    assert!(matches!(nowhere, Err(ScopeError::OutputUnavailable { .. })));
}

#[test]
fn an_output_in_an_excluded_directory_is_not_inside() {
    let (_dir, s) = source();
    fs::create_dir_all(s.join("a/out/deep")).unwrap();
    let sources = Scope::new(std::slice::from_ref(&s), &["s/a/out".to_owned()], false).unwrap();
    assert!(sources.refuse_output_inside(&s.join("a/out/deep/x")).is_ok());
    assert!(sources.refuse_output_inside(&s.join("a/x")).is_err());
}

#[test]
fn another_file_system_is_recorded_and_not_entered_if_only_one_is_wanted() {
    let (_dir, s) = source();
    fs::create_dir(s.join("mounted")).unwrap();
    let _session = Medium::new().with("f", Item::file("there")).mount(&s.join("mounted"));
    fs::write(s.join("z"), "here").unwrap();
    let both = scope(&[&s]);
    assert_eq!(paths(&read_scope(&both)), ["s", "s/mounted", "s/mounted/f", "s/z"]);
    assert!(both.refuse_output_inside(&s.join("mounted/x.scelle")).is_err());
    let one = Arc::new(Scope::new(std::slice::from_ref(&s), &[], true).unwrap());
    let all = read_scope(&one);
    assert_eq!(paths(&all), ["s", "s/mounted", "s/z"]);
    assert_eq!(at(&all, "s/mounted").entry.unreadable, None);
    assert_ne!(at(&all, "s/mounted").entry.dev, at(&all, "s").entry.dev);
    assert!(one.refuse_output_inside(&s.join("mounted/x.scelle")).is_ok());
    assert_eq!(counted(&one), (1, 4, true));
}

#[test]
fn a_directory_that_contains_itself_is_recorded_and_not_entered_again() {
    let (_dir, s) = source();
    fs::create_dir_all(s.join("a/again")).unwrap();
    fs::write(s.join("f"), "1").unwrap();
    let _bound = Bind::new(&s, &s.join("a/again"));
    let all = read(&[&s]);
    assert_eq!(paths(&all), ["s", "s/a", "s/a/again", "s/f"]);
    assert_eq!(at(&all, "s/a/again").entry.unreadable.as_deref(), Some("ELOOP"));
    assert_eq!(counted(&scope(&[&s])), (1, 1, true));
}

fn counted(scope: &Scope) -> (u64, u64, bool) {
    let totals = Totals::default();
    count(scope, &totals, &AtomicBool::new(false));
    (totals.files.into_inner(), totals.bytes.into_inner(), totals.done.into_inner())
}

#[test]
fn the_count_is_what_will_be_read() {
    let (dir, s) = source();
    fs::create_dir_all(s.join("a/b/skipped")).unwrap();
    fs::write(s.join("a/b/f"), "1234").unwrap();
    fs::write(s.join("a/b/skipped/f"), "56").unwrap();
    fs::hard_link(s.join("a/b/f"), s.join("again")).unwrap();
    symlink("a", s.join("link")).unwrap();
    fs::write(dir.path().join("g"), "789").unwrap();
    let sources = [s, dir.path().join("g")];
    let scope = Scope::new(&sources, &["**/skipped".to_owned()], false).unwrap();
    assert_eq!(counted(&scope), (2, 7, true));
    let totals = Totals::default();
    count(&scope, &totals, &AtomicBool::new(true));
    assert!(!totals.done.load(Ordering::Acquire), "a count that was cancelled is not done");
}
