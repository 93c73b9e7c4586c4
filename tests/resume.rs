//! Sealings that end at any point go on, and come to the same bytes as one that nothing disturbed.

mod memory_source;
mod reference;
mod sealed;

use std::collections::BTreeMap;
use std::fs;
use std::io;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};

use memory_source::{Item, MemorySource};
use scelle::format::entry::Changed;
use scelle::read::{Content, Found, Source};
use scelle::seal::resume::{ResumeError, Unfinished};
use scelle::seal::{Form, SealError};
use sealed::{Journal, Shape, as_read, one_of_everything, pattern, seal_from, seal_items};

/// Stops everything after so many reads.
struct Stopping<'s> {
    source: MemorySource,
    left: Arc<AtomicU64>,
    cancel: &'s Arc<AtomicBool>,
    is_bad: bool,
}

/// Content of which the start cannot be read, if `is_bad`.
struct StoppingContent {
    content: Box<dyn Content>,
    left: Arc<AtomicU64>,
    cancel: Arc<AtomicBool>,
    is_bad: bool,
}

fn count_down(left: &AtomicU64, cancel: &AtomicBool) {
    if left.fetch_update(Ordering::SeqCst, Ordering::SeqCst, |left| left.checked_sub(1)).is_err() {
        cancel.store(true, Ordering::SeqCst);
    }
}

impl Source for Stopping<'_> {
    fn next(&mut self) -> Option<Found> {
        count_down(&self.left, self.cancel);
        let mut found = self.source.next()?;
        let (left, cancel, is_bad) = (Arc::clone(&self.left), Arc::clone(self.cancel), self.is_bad);
        let stopping = |content| Box::new(StoppingContent { content, left, cancel, is_bad }) as Box<dyn Content>;
        found.content = found.content.map(stopping);
        Some(found)
    }
}

impl Content for StoppingContent {
    fn read_at(&mut self, buf: &mut [u8], offset_bytes: u64) -> io::Result<usize> {
        count_down(&self.left, &self.cancel);
        if self.is_bad && offset_bytes < 512 {
            return Err(io::Error::from_raw_os_error(5));
        }
        self.content.read_at(buf, offset_bytes)
    }

    fn changed(&mut self) -> Option<Changed> {
        self.content.changed()
    }
}

/// The key of the journal.
fn key() -> scelle::format::journal::JournalKey {
    sealed::test_key().journal_key().expect("a signature").expect("the same signature")
}

/// What is sealed: one of everything, and files of several segments, one with gaps in it.
fn items() -> Vec<Item> {
    let mut items = one_of_everything();
    items.push(Item::file(b"s/m", pattern(40_000)));
    let mut link = Item::new(b"s/n", scelle::format::entry::Kind::File);
    link.entry.nlink = Some(2);
    link.entry.hard_link = scelle::format::path::EntryPath::new(b"s/m".to_vec());
    if let Some(target) = items.last_mut() {
        target.entry.nlink = Some(2);
    }
    items.push(link);
    items.push(Item::file(b"s/o", pattern(12_345)));
    items
}

/// A place to seal in.
struct Place {
    dir: tempfile::TempDir,
    items: Vec<Item>,
    shape: Shape,
}

impl Place {
    fn new(form: Form, limits: (u64, u64, u64, u64), whole_file_digest: bool) -> Self {
        let shape = Shape { form, limits, whole_file_digest, ..Shape::small() };
        Self { dir: tempfile::tempdir().expect("a directory"), items: as_read(&items()), shape }
    }

    fn small() -> Self {
        Self::new(Form::Zip, (512, 1024, 4096, 5), true)
    }

    fn out(&self) -> PathBuf {
        self.dir.path().join("x.scelle")
    }

    /// What an undisturbed sealing makes.
    fn undisturbed(&self) -> BTreeMap<String, Vec<u8>> {
        let out = self.dir.path().join("undisturbed");
        seal_items(&self.items, &self.shape, &out);
        let files = files_of(&out);
        if out.is_dir() { fs::remove_dir_all(out) } else { fs::remove_file(out) }.expect("removed");
        files
    }

    /// One run that is stopped after so many reads; whether it came to its end.
    fn run(&self, reads: u64) -> Result<bool, SealError> {
        self.run_from(reads, false)
    }

    /// The same from a medium of which the start of each file cannot be read any more, if `is_bad`.
    fn run_from(&self, reads: u64, is_bad: bool) -> Result<bool, SealError> {
        let cancel = Arc::new(AtomicBool::new(false));
        let source = MemorySource::new(&self.items);
        let mut source = Stopping { source, left: Arc::new(AtomicU64::new(reads)), cancel: &cancel, is_bad };
        let journal = match Unfinished::find(&self.out(), &key()) {
            Ok(unfinished) => Journal::GoesOn(Box::new(unfinished)),
            Err(ResumeError::Nothing { .. }) => Journal::Kept,
            Err(error) => panic!("{error}"),
        };
        match seal_from(&mut source, &self.items, &self.shape, &self.out(), journal, &cancel) {
            Ok(_) => Ok(true),
            Err(SealError::Interrupted) => Ok(false),
            Err(error) => Err(error),
        }
    }

    fn names(&self) -> Vec<String> {
        let entries = fs::read_dir(self.dir.path()).expect("the directory");
        let mut names: Vec<_> =
            entries.map(|entry| entry.expect("an entry").file_name().to_string_lossy().into()).collect();
        names.sort();
        names
    }

    /// That the bundle is there, byte for byte, and nothing else.
    fn assert_done(&self, expected: &BTreeMap<String, Vec<u8>>, what: &str) {
        assert_eq!(self.names(), ["x.scelle"], "{what}");
        assert!(files_of(&self.out()) == *expected, "{what}: other bytes");
    }

    fn clear(&self) {
        for name in self.names() {
            let path = self.dir.path().join(name);
            if path.is_dir() { fs::remove_dir_all(path) } else { fs::remove_file(path) }.expect("removed");
        }
    }
}

/// The bytes of a file, or of all files below a directory.
fn files_of(path: &Path) -> BTreeMap<String, Vec<u8>> {
    if path.is_file() {
        return BTreeMap::from([(String::new(), fs::read(path).expect("a file"))]);
    }
    let mut files = BTreeMap::new();
    for entry in fs::read_dir(path).expect("a directory") {
        let entry = entry.expect("an entry");
        let name = entry.file_name().to_string_lossy().into_owned();
        for (inner, bytes) in files_of(&entry.path()) {
            files.insert(format!("{name}/{inner}"), bytes);
        }
    }
    files
}

/// Stops a sealing after every few reads, and goes on each time.
fn stop_and_go_on(place: &Place, what: &str) {
    // Each point takes two sealings that wait for the medium: all of them are for scripts/test-heavy.
    let step = std::env::var("SCELLE_STOP_STEP").map_or(11, |step| step.parse().expect("a number"));
    let expected = place.undisturbed();
    let (mut stopped, mut kept) = (0, 0);
    for reads in (0..).step_by(step) {
        let what = format!("{what}, stopped after {reads} reads");
        if place.run(reads).expect(&what) {
            place.assert_done(&expected, &what);
            break;
        }
        stopped += 1;
        kept += usize::from(!place.names().is_empty());
        assert!(place.run(u64::MAX).expect(&what), "{what}");
        place.assert_done(&expected, &what);
        place.clear();
    }
    assert!(
        stopped * step > 50 && kept * step > 20,
        "{stopped} times stopped, {kept} times with something to go on with"
    );
}

#[test]
fn a_sealing_that_is_stopped_anywhere_goes_on_to_the_same_bytes() {
    for form in [Form::Zip, Form::Dir] {
        for (limits, whole) in
            [((512, 1024, 4096, 5), true), ((512, 512, 512, 1), false), ((1024, 4096, 16384, 1000), true)]
        {
            stop_and_go_on(&Place::new(form, limits, whole), &format!("{form:?}, {limits:?}"));
        }
    }
}

#[test]
fn with_further_digests_which_keep_no_state_it_goes_on_between_files() {
    let mut place = Place::small();
    place.shape.also = scelle::hash::OtherAlgorithm::ALL.to_vec();
    stop_and_go_on(&place, "with further digests");
}

#[test]
fn a_sealing_that_is_stopped_again_and_again_comes_to_its_end() {
    let place = Place::small();
    let expected = place.undisturbed();
    let mut runs = 0_u64;
    // Going through what was sealed takes reads too, so each run gets a few more.
    while !place.run(20 + 2 * runs).expect("a run") {
        runs += 1;
    }
    assert!(runs > 5, "{runs}");
    place.assert_done(&expected, "after many runs");
}

/// What a run leaves that is stopped late in the large files, by the names of its files.
fn unfinished(place: &Place) -> (PathBuf, PathBuf) {
    for reads in (0..).step_by(7) {
        assert!(!place.run(reads).expect("a run"), "it came to its end before");
        match Unfinished::find(&place.out(), &key()) {
            Ok(found)
                if found.journal.segments.len() > 8
                    && found.journal.segments.last().is_some_and(|s| s.open.is_some()) =>
            {
                let journal = found.partial.with_extension("journal");
                return (found.partial, journal);
            }
            _ => place.clear(),
        }
    }
    unreachable!("some run is stopped there")
}

#[test]
fn whatever_a_power_cut_leaves_of_partial_and_journal_it_goes_on_from() {
    let place = Place::small();
    let expected = place.undisturbed();
    let (partial, journal) = unfinished(&place);
    let (bytes, records) = (fs::read(&partial).expect("the file"), fs::read(&journal).expect("the journal"));
    let whole = scelle::format::journal::Journal::parse(&records, &key()).expect("a journal");
    // What the journal says is on the medium; what comes after it may be there, or not, or be anything.
    let end = |segments: usize| {
        let last = whole.segments[..segments].last().and_then(|segment| segment.members.last());
        last.map_or(0, |member| usize::try_from(member.offset + member.len).expect("small") + 100)
    };
    let cuts: Vec<usize> = (0..records.len()).step_by(97).chain([records.len() - 1, records.len()]).collect();
    for cut in cuts {
        let Some(left) = scelle::format::journal::Journal::parse(&records[..cut], &key()) else { continue };
        let least = end(left.segments.len()).min(bytes.len());
        let mut torn = bytes.clone();
        torn[least..].fill(0);
        let longer = [&bytes[..], &[7; 1 << 20]].concat();
        for partial_bytes in [bytes.clone(), bytes[..least].to_vec(), torn, longer] {
            place.clear();
            fs::write(&partial, &partial_bytes).expect("the file");
            fs::write(&journal, &records[..cut]).expect("the journal");
            assert!(place.run(u64::MAX).expect("a run"));
            place.assert_done(&expected, &format!("journal cut at {cut}, file of {}", partial_bytes.len()));
        }
    }
}

#[test]
fn a_source_that_has_become_worse_since_is_gone_on_with() {
    // A file of many chunks alone, so that it is open wherever it is stopped, and its start was sealed.
    let mut place = Place::small();
    place.items = as_read(&[Item::file(b"f", pattern(40_000))]);
    let expected = place.undisturbed();
    let mut resumed_count = 0;
    for reads in 10..40 {
        place.clear();
        if place.run(reads).expect("a run") {
            break;
        }
        if !place.names().is_empty() {
            resumed_count += 1;
            assert!(place.run_from(u64::MAX, true).expect("a run"), "stopped after {reads} reads");
            place.assert_done(&expected, "what was sealed of it is not lost");
        }
    }
    assert!(resumed_count > 0);
}

#[test]
fn what_the_medium_lost_of_a_done_segment_is_never_built_upon() {
    let place = Place::small();
    let (partial, journal) = unfinished(&place);
    let (bytes, records) = (fs::read(&partial).expect("the file"), fs::read(&journal).expect("the journal"));
    let journal_parsed = scelle::format::journal::Journal::parse(&records, &key()).expect("a journal");
    for member in journal_parsed.segments.iter().flat_map(|segment| &segment.members).filter(|member| member.len > 0) {
        let content = usize::try_from(member.offset).expect("small") + 30 + member.name.len();
        let mut damaged = bytes.clone();
        // The first byte of the content lies after name and extra field, so a few bytes further on is surely within it or the next.
        let at = damaged.len().min(content + usize::try_from(member.len).expect("small") - 1);
        damaged[at] ^= 1;
        place.clear();
        fs::write(&partial, &damaged).expect("the file");
        fs::write(&journal, &records).expect("the journal");
        let result = place.run(u64::MAX);
        assert!(matches!(result, Err(SealError::Resume(ResumeError::Damaged { .. }))), "{}: {result:?}", member.name);
        assert_eq!(place.names().len(), 2, "what is there is kept");
    }
}

#[test]
fn a_source_that_changed_is_refused_with_its_path() {
    let mut place = Place::small();
    let (partial, journal) = unfinished(&place);
    let (bytes, records) = (fs::read(&partial).expect("the file"), fs::read(&journal).expect("the journal"));
    let open = scelle::format::journal::Journal::parse(&records, &key()).expect("a journal").segments;
    let open = open.last().and_then(|last| last.open.as_ref()?.entry()).expect("an open file").path;
    let open_path = String::from_utf8(open.as_bytes().to_vec()).expect("a plain path");
    let sound = place.items.clone();
    let place_of_open = sound.iter().position(|item| item.entry.path == open).expect("it is there");
    type Change<'c> = (&'c str, &'c dyn Fn(&mut Vec<Item>));
    let changes: [Change; 6] = [
        ("s/a00513", &|items| items[5].entry.mtime = scelle::format::time::Timestamp::new(5, 0).expect("a time")),
        ("s/a00513", &|items| items[5].entry.size = Some(514)),
        ("s/a00001", &|items| drop(items.remove(1))),
        (&open_path, &|items| items[place_of_open].entry.ino = Some(7)),
        (&open_path, &|items| items.truncate(place_of_open)),
        // Its bytes, behind times that say nothing.
        (&open_path, &|items| items[place_of_open].content.as_mut().expect("a file")[700] ^= 1),
    ];
    for (path, change) in changes {
        place.items = sound.clone();
        change(&mut place.items);
        place.clear();
        fs::write(&partial, &bytes).expect("the file");
        fs::write(&journal, &records).expect("the journal");
        match place.run(u64::MAX) {
            Err(SealError::Resume(ResumeError::SourceChanged { path: found })) => {
                assert_eq!(String::from_utf8_lossy(&found), path);
            }
            other => panic!("{path}: {other:?}"),
        }
        assert_eq!(place.names().len(), 2, "what is there is kept");
    }
}

#[test]
fn other_arguments_than_those_of_the_first_run_are_refused() {
    let mut place = Place::small();
    unfinished(&place);
    for (shape, what) in [
        (Shape { whole_file_digest: false, ..Shape::small() }, "--chunks-only"),
        (Shape { form: Form::Dir, ..Shape::small() }, "--form"),
        (Shape { limits: (512, 1024, 8192, 5), ..Shape::small() }, "the limits"),
        (Shape { also: vec![scelle::hash::OtherAlgorithm::ALL[0]], ..Shape::small() }, "--also"),
    ] {
        place.shape = shape;
        let result = place.run(u64::MAX);
        assert!(
            matches!(result, Err(SealError::Resume(ResumeError::Differs { what: found })) if found == what),
            "{what}: {result:?}"
        );
    }
    place.shape = Shape::small();
    assert!(place.run(u64::MAX).expect("a run"), "a refusal spoils nothing");
}

#[test]
fn nobody_goes_on_with_what_another_process_is_writing() {
    let place = Place::small();
    unfinished(&place);
    let held = Unfinished::find(&place.out(), &key()).expect("it is there");
    assert!(matches!(Unfinished::find(&place.out(), &key()), Err(ResumeError::InUse { .. })));
    drop(held);
    assert!(place.run(u64::MAX).expect("a run"));
}

#[test]
fn what_somebody_else_may_have_put_there_is_neither_read_nor_cut() {
    let place = Place::small();
    let (partial, journal) = unfinished(&place);
    let other = tempfile::tempdir().expect("a directory");
    let precious = other.path().join("precious");
    for path in [&partial, &journal] {
        let bytes = fs::read(path).expect("a file");
        fs::write(&precious, &bytes).expect("a file");
        fs::remove_file(path).expect("removed");
        std::os::unix::fs::symlink(&precious, path).expect("a link");
        assert!(Unfinished::find(&place.out(), &key()).is_err(), "a link");
        fs::remove_file(path).expect("removed");
        fs::hard_link(&precious, path).expect("a link");
        assert!(matches!(Unfinished::find(&place.out(), &key()), Err(ResumeError::NotOwn { .. })), "a second name");
        fs::remove_file(path).expect("removed");
        fs::write(path, &bytes).expect("a file");
        assert!(fs::read(&precious).expect("it") == bytes);
        fs::remove_file(&precious).expect("removed");
    }
    // Another key's journal is none.
    let another = sealed::test_key_p256().journal_key().expect("a signature").expect("the same signature");
    assert!(matches!(Unfinished::find(&place.out(), &another), Err(ResumeError::Nothing { .. })));
    assert!(place.run(u64::MAX).expect("a run"));
}
