//! What is measured over: files of real sizes and bytes that compress about as files do, the same in every run; and how
//! they are sealed.
#![allow(dead_code, unused_imports)]

#[path = "../../tests/memory_source/mod.rs"]
mod memory_source;

use std::path::Path;
use std::sync::atomic::AtomicBool;
use std::time::Duration;

use criterion::{Criterion, SamplingMode, Throughput};
use scelle::format::clock::Clock;
use scelle::format::cuts::Limits;
use scelle::format::derive::Seed;
use scelle::format::digest::Nonce;
use scelle::format::statement::{RequiredSigner, RequiredSigners};
use scelle::format::time::Instant;
use scelle::seal::{Form, Job, Progress, Sealed, seal};
use scelle::sign::SigningKey;

pub use memory_source::{Item, MemorySource};

pub const MIB: usize = 1 << 20;

/// Bytes of files at every twentieth of a Linux system's `/usr`, from the smallest to the largest of those up to 4 MiB.
const FILE_SIZES: [usize; 21] = [
    0,
    207,
    443,
    615,
    777,
    961,
    1099,
    1262,
    1473,
    1712,
    2082,
    2554,
    3142,
    3897,
    5142,
    7161,
    10383,
    15622,
    25216,
    56056,
    4 * MIB,
];

/// Numbers that look random (xorshift).
struct Random(u64);

impl Random {
    const START: Self = Self(88_172_645_463_325_252);

    fn next(&mut self) -> u64 {
        self.0 ^= self.0 << 13;
        self.0 ^= self.0 >> 7;
        self.0 ^= self.0 << 17;
        self.0
    }
}

/// Files of real sizes, one behind the other, `total` bytes in all.
pub fn ragged(bytes: &[u8], total: usize) -> Vec<&[u8]> {
    let mut random = Random::START;
    let mut messages = Vec::new();
    let mut at = 0;
    while at < total {
        let number = random.next();
        // Between two sizes of the table the sizes are spread evenly on a logarithmic scale.
        let (step, part) = ((number >> 32) as usize % 20, f64::from(number as u32) / f64::from(u32::MAX));
        let [low, high] = [FILE_SIZES[step] + 1, FILE_SIZES[step + 1] + 1].map(|size| (size as f64).ln());
        let len = ((low + part * (high - low)).exp() as usize - 1).min(total - at);
        messages.push(&bytes[at..at + len]);
        at += len.max(1);
    }
    messages
}

/// Words of few letters in no order: zstd makes about a third of it.
pub fn text(len: usize) -> Vec<u8> {
    let mut random = Random::START;
    let words: Vec<Vec<u8>> = (0..2000)
        .map(|_| (0..2 + random.next() % 9).map(|_| b'a' + (random.next() >> 40) as u8 % 20).chain([b' ']).collect())
        .collect();
    let mut text = Vec::with_capacity(len + 16);
    while text.len() < len {
        // Squared, so that some words are frequent.
        let part = (random.next() >> 32) as usize % 2000;
        text.extend_from_slice(&words[part * part / 2000]);
    }
    text.truncate(len);
    text
}

/// A directory of files of real sizes.
pub fn tree(total: usize) -> Vec<Item> {
    let bytes = text(total);
    let file = |(n, content): (usize, &&[u8])| Item::file(format!("s/{n:05}").as_bytes(), content.to_vec());
    let files = ragged(&bytes, total);
    [Item::dir(b"s")].into_iter().chain(files.iter().enumerate().map(file)).collect()
}

/// One large file, three quarters of which are zeros, as a disk that was used little.
pub fn image(total: usize) -> Vec<Item> {
    let mut content = text(total / 4);
    content.resize(total, 0);
    // The name that the case gives the source.
    vec![Item::file(b"s", content)]
}

/// Bytes of content.
pub fn content_len(items: &[Item]) -> u64 {
    items.iter().filter_map(|item| item.entry.size).sum()
}

/// The limits that the command line has.
pub fn limits() -> Limits {
    Limits::new(1 << 18, 1 << 22, 1 << 28, 65_536).expect("limits")
}

/// A key for measurements and nothing else: its private half is in this line.
pub fn key() -> SigningKey {
    let prefix = data_encoding::HEXLOWER.decode(b"302e020100300506032b657004220420").expect("hex");
    SigningKey::from_pkcs8_der(&[prefix, vec![0xbe; 32]].concat()).expect("a key")
}

/// Seals all that the source gives, on as many threads.
pub fn seal_source(mut source: MemorySource, threads: usize, whole_file_digest: bool, out: &Path) -> Sealed {
    let case = |nonce: Nonce| {
        let case = format!(
            r#"{{"authority":{{"name":"bench","state":"VN"}},"case":{{"id":"1"}},"exhibit":{{"id":"1"}},"nonce":"{nonce}","operator":{{"name":"bench"}},"scope":{{"exclude":[],"oneFileSystem":false,"sources":[{{"name":"s","path":"/s"}}]}},"type":"urn:scelle:case:1"}}"#
        );
        Ok(case.into_bytes())
    };
    let key = key();
    let public = key.public();
    let spki = data_encoding::BASE64.encode(&public.to_der());
    let signer = RequiredSigner { certificates: None, keyid: public.key_id(), role: "sealer".into(), spki };
    let job = Job {
        out,
        form: Form::Zip,
        limits: limits(),
        level: 3,
        worker_count: threads,
        whole_file_digest,
        also: Vec::new(),
        paranoid: false,
        patience: scelle::read::Patience::default(),
        incomplete_ok: false,
        journal: None,
        unfinished: None,
        seed: Seed::new(&[0x5e; 32]),
        seed_given: true,
        time_given: Instant::parse("2026-01-02T03:04:05Z"),
        clock: Clock::GIVEN,
        case: &case,
        answers: None,
        required_signers: RequiredSigners { keys: vec![signer], threshold: 1 },
        key: &key,
        now: &|| unreachable!("the time is given"),
    };
    seal(job, &mut source, &Progress::default(), &AtomicBool::new(false)).expect("a bundle")
}

/// Few samples: the runs are long, and the machine's noise is longer.
pub fn criterion() -> Criterion {
    Criterion::default()
        .sample_size(10)
        .warm_up_time(Duration::from_millis(200))
        .measurement_time(Duration::from_millis(900))
        .without_plots()
}

/// A group whose figures are bytes a second.
pub fn group<'c>(
    c: &'c mut Criterion,
    name: &str,
    len_bytes: u64,
) -> criterion::BenchmarkGroup<'c, criterion::measurement::WallTime> {
    let mut group = c.benchmark_group(name);
    group.throughput(Throughput::Bytes(len_bytes));
    group.sampling_mode(SamplingMode::Flat);
    group
}
