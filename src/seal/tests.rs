//! Sealing on a machine that computes wrongly.

use std::io;

use super::*;
use crate::format::clock::Clock;
use crate::format::entry::{Changed, Entry, Kind};
use crate::format::path::EntryPath;
use crate::format::spki::Algorithm;
use crate::hash::with_wrong_kernel;
use crate::read::{Content, Found};

/// Some files of this length.
struct Files {
    left: u8,
    len: usize,
}

struct Pattern(usize);

impl Content for Pattern {
    fn read_at(&mut self, buf: &mut [u8], offset_bytes: u64) -> io::Result<usize> {
        let rest = usize::try_from(offset_bytes).map_or(0, |offset| self.0.saturating_sub(offset));
        let len = rest.min(buf.len());
        buf[..len].fill(0x5c);
        Ok(len)
    }

    fn changed(&mut self) -> Option<Changed> {
        None
    }
}

impl Source for Files {
    fn next(&mut self) -> Option<Found> {
        self.left = self.left.checked_sub(1)?;
        let mut entry = Entry::bare(EntryPath::new(vec![b'z' - self.left]).unwrap(), Kind::File);
        entry.size = u64::try_from(self.len).ok();
        Some(Found { entry, content: Some(Box::new(Pattern(self.len))) })
    }
}

fn seal_files(len: usize, paranoid: bool, form: Form, out: &Path) -> Result<Sealed, SealError> {
    let key = SigningKey::generate(Algorithm::Ed25519).unwrap();
    let job = Job {
        out,
        form,
        limits: Limits::DEFAULT,
        level: 3,
        worker_count: 2,
        whole_file_digest: true,
        also: Vec::new(),
        paranoid,
        patience: Patience::default(),
        incomplete_ok: false,
        journal: None,
        unfinished: None,
        seed: Seed::new(&[7; 32]),
        seed_given: true,
        time_given: Some(Instant::EPOCH),
        clock: Clock::GIVEN,
        case: &|_| Ok(b"{}".to_vec()),
        answers: None,
        required_signers: RequiredSigners { keys: vec![only(&key)], threshold: 1 },
        key: &key,
        now: &|| Instant::EPOCH,
    };
    seal(job, &mut Files { left: 5, len }, &Progress::default(), &AtomicBool::new(false))
}

fn only(key: &SigningKey) -> crate::format::statement::RequiredSigner {
    let spki = data_encoding::BASE64.encode(&key.public().to_der());
    crate::format::statement::RequiredSigner {
        certificates: None,
        keyid: key.public().key_id(),
        role: "sealer".into(),
        spki,
    }
}

#[test]
fn with_paranoid_a_kernel_that_computes_wrongly_ends_the_sealing_and_nothing_is_left() {
    let dir = tempfile::tempdir().unwrap();
    for form in [Form::Zip, Form::Dir] {
        for len in [10, 300_000, 9_000_000] {
            let out = dir.path().join("x");
            let error = with_wrong_kernel(|| seal_files(len, true, form, &out)).unwrap_err();
            assert!(matches!(error, SealError::Mismatch(_)), "{error:?}");
            assert!(error.hint().is_some());
            assert_eq!(std::fs::read_dir(dir.path()).unwrap().count(), 0);
        }
    }
}

#[test]
fn without_it_nobody_would_know() {
    let dir = tempfile::tempdir().unwrap();
    let wrong = with_wrong_kernel(|| seal_files(10, false, Form::Zip, &dir.path().join("wrong"))).unwrap();
    let right = seal_files(10, true, Form::Zip, &dir.path().join("right")).unwrap();
    assert_eq!(wrong.counts, right.counts);
    let read = |name: &str| std::fs::read(dir.path().join(name)).unwrap();
    assert!(read("wrong") != read("right"));
}
