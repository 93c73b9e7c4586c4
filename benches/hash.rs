//! SHA-256 of many messages: every kernel of this processor, the choice among them, and `sha2`, one message after another.
//! `cargo bench --bench hash`. Compare within one run: absolute figures drift with the machine.

mod inputs;

use std::hint::black_box;

use criterion::{BenchmarkId, Criterion, criterion_group, criterion_main};
use inputs::{MIB, ragged};
use scelle::format::digest::ChainValue;
use scelle::hash::{Job, Kernel, LaneHasher, sha256};

fn equal(bytes: &[u8], len: usize, total: usize) -> Vec<&[u8]> {
    bytes[..total].chunks_exact(len).collect()
}

/// One group: `sha2`, these kernels, and the choice among all over the same messages, one batch after the other.
fn compare(c: &mut Criterion, name: &str, kernels: &[Kernel], batches: &[Vec<&[u8]>]) {
    let len_bytes: usize = batches.iter().flatten().map(|message| message.len()).sum();
    let mut group = inputs::group(c, name, len_bytes as u64);
    group.bench_function("sha2", |b| {
        b.iter(|| {
            for message in batches.iter().flatten() {
                black_box(sha256(message));
            }
        });
    });
    let jobs: Vec<Vec<Job>> =
        batches.iter().map(|messages| messages.iter().map(|bytes| Job::message(bytes)).collect()).collect();
    let forced = kernels.iter().filter_map(|kernel| Some((kernel.to_string(), LaneHasher::with_kernel(*kernel).ok()?)));
    for (kernel, mut hasher) in forced.chain([("chosen".to_owned(), LaneHasher::new())]) {
        group.bench_function(BenchmarkId::from_parameter(kernel), |b| {
            b.iter(|| {
                jobs.iter().for_each(|jobs| hasher.run(jobs, |index, outcome| drop(black_box((index, outcome)))))
            });
        });
    }
    group.finish();
}

fn kernels(c: &mut Criterion) {
    let bytes: Vec<u8> =
        (0_u64..).map(|i| (i.wrapping_mul(0x9e37_79b9_7f4a_7c15) >> 56) as u8).take(17 * MIB).collect();
    compare(c, "64 KiB each", &Kernel::ALL[1..], &[equal(&bytes, 1 << 16, 8 * MIB)]);
    compare(c, "64 KiB each, unaligned", &Kernel::ALL[1..], &[equal(&bytes[1..], 1 << 16, 8 * MIB)]);
    compare(c, "4 KiB each", &Kernel::ALL[1..], &[equal(&bytes, 1 << 12, 4 * MIB)]);
    compare(c, "200 bytes each", &Kernel::ALL[1..], &[equal(&bytes, 200, MIB)]);
    compare(c, "chunks of 256 KiB in a frame of 4 MiB", &Kernel::ALL[1..], &[equal(&bytes, 1 << 18, 4 * MIB)]);
    // Of ragged messages a forced wide kernel works on the last few with most lanes idle; only the choice goes on to others.
    compare(c, "real sizes, 16 MiB", &[Kernel::ShaNi], &[ragged(&bytes, 16 * MIB)]);
    let frames: Vec<_> = (0..4).map(|i| ragged(&bytes[4 * i * MIB..], 4 * MIB)).collect();
    compare(c, "real sizes, frames of 4 MiB", &[Kernel::ShaNi], &frames);
}

/// What a verifier does with a large file: digests of chunks and intervals of the chain over the same bytes.
fn intervals(c: &mut Criterion) {
    let bytes = vec![0x5c; 4 * MIB];
    let intervals = bytes.chunks(1 << 18).filter_map(|chunk| Job::interval(ChainValue::START, chunk));
    let jobs: Vec<_> = intervals.chain(bytes.chunks(1 << 18).map(Job::message)).collect();
    let mut chain: Vec<_> = bytes.chunks(1 << 18).map(Job::message).collect();
    chain.push(Job::message(&bytes));
    let mut hasher = LaneHasher::new();
    let mut group = inputs::group(c, "a frame of a large file", 2 * bytes.len() as u64);
    group.bench_function("chunks and intervals, chosen", |b| {
        b.iter(|| hasher.run(&jobs, |_, outcome| drop(black_box(outcome))))
    });
    group.bench_function("chunks and the whole chain, chosen", |b| {
        b.iter(|| hasher.run(&chain, |_, outcome| drop(black_box(outcome))));
    });
    group.bench_function("chunks and the whole chain, sha2", |b| {
        b.iter(|| {
            for chunk in bytes.chunks(1 << 18) {
                black_box(sha256(chunk));
            }
            black_box(sha256(&bytes))
        });
    });
    group.finish();
}

criterion_group! {
    name = hash;
    config = inputs::criterion();
    targets = kernels, intervals
}
criterion_main!(hash);
