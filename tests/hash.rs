//! Every kernel of this processor against `sha2`, through the same doors as the rest of the program.

use std::collections::BTreeSet;

use scelle::format::digest::{ChainValue, Digest};
use scelle::hash::{ChainedSha256, Job, Kernel, KernelError, LaneHasher, Outcome, choice};
use sha2::Digest as _;

fn reference(bytes: &[u8]) -> Digest {
    Digest(sha2::Sha256::digest(bytes).into())
}

/// Bytes without a period, so that a block taken from the wrong place changes the digest.
fn noise(len: usize) -> Vec<u8> {
    let mut random = Random(0x9e37_79b9_7f4a_7c15);
    (0..len).map(|_| random.below(256) as u8).collect()
}

struct Random(u64);

impl Random {
    fn below(&mut self, bound: usize) -> usize {
        self.0 ^= self.0 << 13;
        self.0 ^= self.0 >> 7;
        self.0 ^= self.0 << 17;
        (self.0 >> 11) as usize % bound
    }
}

/// Every kernel of this processor, forced, and the choice for it. Those of other processors are listed as not run.
fn hashers() -> Vec<(String, LaneHasher)> {
    let mut hashers = vec![("chosen".to_owned(), LaneHasher::new())];
    for kernel in Kernel::ALL {
        match LaneHasher::with_kernel(kernel) {
            Ok(hasher) => hashers.push((kernel.to_string(), hasher)),
            Err(KernelError::Unavailable(_)) => println!("not run, this processor has no such instructions: {kernel}"),
            Err(error) => panic!("{error}"),
        }
    }
    hashers
}

/// Runs the jobs and gives the outcomes in the jobs' order, each of which was reported once, also if they lie the other way.
fn outcomes(hasher: &mut LaneHasher, jobs: &[Job]) -> Vec<Outcome> {
    let mut run = vec![None; jobs.len()];
    hasher.run(jobs, |index, outcome| assert!(run[index].replace(outcome).is_none(), "job {index} reported twice"));
    let backward: Vec<Job> = jobs.iter().rev().copied().collect();
    let mut other = vec![None; jobs.len()];
    hasher.run(&backward, |index, outcome| other[jobs.len() - 1 - index] = Some(outcome));
    assert_eq!(run, other, "the order of jobs changes no outcome");
    run.into_iter().map(|outcome| outcome.expect("every job is reported")).collect()
}

#[test]
#[cfg(all(target_arch = "x86_64", target_os = "linux"))]
fn no_kernel_that_the_system_says_it_has_goes_untested() {
    let cpuinfo = std::fs::read_to_string("/proc/cpuinfo").unwrap();
    let flags: BTreeSet<_> =
        cpuinfo.lines().find(|line| line.starts_with("flags")).unwrap().split_whitespace().collect();
    for (kernel, needed) in [
        (Kernel::Reference, &[][..]),
        (Kernel::ShaNi, &["sha_ni", "avx"]),
        (Kernel::Avx2, &["avx2"]),
        (Kernel::Avx512, &["avx512f", "avx512bw"]),
        (Kernel::Avx512Pair, &["avx512f", "avx512bw"]),
    ] {
        let expected = needed.iter().all(|flag| flags.contains(flag));
        let tested = hashers().iter().any(|(name, _)| *name == kernel.to_string());
        assert_eq!(tested, expected, "{kernel}");
    }
}

#[test]
fn a_forced_kernel_is_the_one_that_runs() {
    for kernel in Kernel::ALL {
        match LaneHasher::with_kernel(kernel) {
            Ok(hasher) => assert_eq!(hasher.kernel(), kernel),
            Err(error) => assert_eq!(error, KernelError::Unavailable(kernel)),
        }
    }
    assert_eq!(LaneHasher::new().kernel(), choice().kernel());
}

#[test]
fn every_length_around_every_edge_has_the_right_digest() {
    let bytes = noise(9000);
    let around =
        (5..=128).flat_map(|blocks| [64 * blocks - 9, 64 * blocks - 8, 64 * blocks - 1, 64 * blocks, 64 * blocks + 1]);
    // Each starts at another place in a block, so that all alignments occur.
    let messages: Vec<&[u8]> = (0..=300).chain(around).map(|len| &bytes[len % 67..][..len]).collect();
    let expected: Vec<_> = messages.iter().map(|message| reference(message)).collect();
    for (name, mut hasher) in hashers() {
        for (message, digest) in messages.iter().zip(hasher.digests(&messages)) {
            assert_eq!(digest, reference(message), "{name}, length {}, among others", message.len());
            assert_eq!(hasher.digests(&[message]), [digest], "{name}, length {}, alone", message.len());
        }
        assert_eq!(hasher.digests(&messages), expected);
    }
}

#[test]
fn every_number_of_jobs_is_hashed_equal_or_ragged() {
    let bytes = noise(40 * 1000 + 1500);
    let mut random = Random(7);
    for (name, mut hasher) in hashers() {
        assert_eq!(hasher.digests(&[]), []);
        for count in 1..=40 {
            let equal: Vec<&[u8]> = (0..count).map(|i| &bytes[i * 1000..][..777]).collect();
            let ragged: Vec<&[u8]> = (0..count).map(|i| &bytes[i * 1000..][..random.below(1500)]).collect();
            for messages in [equal, ragged] {
                let expected: Vec<_> = messages.iter().map(|message| reference(message)).collect();
                assert_eq!(hasher.digests(&messages), expected, "{name}, {count} jobs");
            }
        }
    }
}

#[test]
fn a_whole_and_its_chunks_in_one_pass_are_what_they_are_apart() {
    const CHUNK: usize = 1024;
    let bytes = noise(9 * CHUNK + 100);
    for (name, mut hasher) in hashers() {
        for len in [0, 1, 64, CHUNK - 1, CHUNK, CHUNK + 1, 3 * CHUNK, bytes.len()] {
            // In two steps, as a file of more than one frame comes.
            let (first, second) = bytes[..len].split_at(len.min(2 * CHUNK));
            let (mut alone, mut chain) = (ChainedSha256::default(), ChainedSha256::default());
            for content in [first, second] {
                let (values, digests) = hasher.update_with_chunk_digests(&mut chain, content, CHUNK);
                assert_eq!(values, alone.update_chunks(content, CHUNK), "{name}, {len} bytes");
                let expected: Vec<_> = content.chunks(CHUNK).map(reference).collect();
                assert_eq!(digests, expected, "{name}, {len} bytes");
            }
            assert_eq!(chain.finish(), reference(&bytes[..len]), "{name}, {len} bytes");
        }
    }
}

#[test]
fn intervals_in_any_company_make_the_whole_chain() {
    const CHUNK: usize = 4096;
    let bytes = noise(20 * CHUNK + 100);
    let mut chain = ChainedSha256::default();
    let values = chain.update_chunks(&bytes, CHUNK);
    let chunks: Vec<&[u8]> = bytes.chunks(CHUNK).collect();
    let (last, whole) = chunks.split_last().unwrap();
    // Every interval beside the digest of the same chunk, as a verifier asks for them, and the chain itself.
    let mut jobs = vec![Job::message(&bytes)];
    for (value, chunk) in values.iter().zip(whole) {
        jobs.push(Job::interval(*value, chunk).unwrap());
        jobs.push(Job::message(chunk));
    }
    jobs.push(Job::last_interval(values[20], 20 * CHUNK as u64, last).unwrap());
    jobs.push(Job::message(last));

    let mut expected = vec![Outcome::Digest(reference(&bytes))];
    for (value, chunk) in values[1..].iter().zip(whole) {
        expected.extend([Outcome::ChainValue(*value), Outcome::Digest(reference(chunk))]);
    }
    expected.extend([Outcome::Digest(reference(&bytes)), Outcome::Digest(reference(last))]);
    for (name, mut hasher) in hashers() {
        assert_eq!(outcomes(&mut hasher, &jobs), expected, "{name}");
    }
}

#[test]
fn what_is_no_interval_is_refused() {
    let bytes = noise(128);
    assert!(Job::interval(ChainValue::START, &bytes[..127]).is_none());
    assert!(Job::last_interval(ChainValue::START, 63, &bytes).is_none());
    let last_len = u64::MAX / 8;
    assert!(Job::last_interval(ChainValue::START, last_len - 63, &bytes[..63]).is_some());
    assert!(Job::last_interval(ChainValue::START, last_len - 63, &bytes[..64]).is_none());
    assert!(Job::last_interval(ChainValue::START, u64::MAX - 63, &bytes).is_none());
}

#[test]
fn messages_that_arrive_in_pieces_are_the_same_messages() {
    let bytes = noise(30_000);
    let mut random = Random(3);
    for (name, mut hasher) in hashers() {
        let mut messages = vec![(ChainedSha256::default(), 0); 37];
        for round in 0..12 {
            let pieces: Vec<usize> =
                messages.iter().map(|_| if round % 3 == 0 { random.below(2000) } else { random.below(130) }).collect();
            let jobs: Vec<_> = messages
                .iter()
                .zip(&pieces)
                .map(|((message, at), len)| Job::more(message, &bytes[*at..][..*len]))
                .collect();
            let taken = outcomes(&mut hasher, &jobs);
            for ((taken, (message, at)), len) in taken.into_iter().zip(&mut messages).zip(pieces) {
                let Outcome::Open(so_far) = taken else { panic!("{taken:?}") };
                *at += len;
                let mut expected = ChainedSha256::default();
                expected.update(&bytes[..*at]);
                assert_eq!(*so_far, expected, "{name}, {at} bytes");
                *message = *so_far;
            }
        }
        let ends = [0, 1, 55, 63, 64, 65, 119, 300];
        let lasts: Vec<_> = messages.iter().zip(ends.into_iter().cycle()).collect();
        let jobs: Vec<_> = lasts.iter().map(|((message, at), len)| Job::last(message, &bytes[*at..][..*len])).collect();
        for (outcome, ((_, at), len)) in outcomes(&mut hasher, &jobs).into_iter().zip(&lasts) {
            assert_eq!(outcome.digest(), Some(reference(&bytes[..at + len])), "{name}");
        }
    }
}

#[test]
fn one_long_message_among_many_short_ones_changes_none() {
    let bytes = noise(3 << 20);
    let mut random = Random(11);
    let mut messages: Vec<&[u8]> = (0..700).map(|_| &bytes[random.below(4000)..][..random.below(3000)]).collect();
    messages.insert(350, &bytes);
    messages.push(&bytes[1..200_000]);
    let expected: Vec<_> = messages.iter().map(|message| reference(message)).collect();
    for (name, mut hasher) in hashers() {
        assert_eq!(hasher.digests(&messages), expected, "{name}");
    }
}

#[test]
fn a_hasher_works_on_after_a_report_that_panicked() {
    let bytes = noise(2000);
    let jobs = [Job::message(&bytes), Job::message(&bytes[1..]), Job::message(&bytes[2..])];
    for (name, mut hasher) in hashers() {
        let panicked = std::panic::catch_unwind(std::panic::AssertUnwindSafe(|| {
            hasher.run(&jobs, |_, _| panic!("on purpose"));
        }));
        assert!(panicked.is_err());
        assert_eq!(hasher.digests(&[&bytes]), [reference(&bytes)], "{name}");
    }
}
