//! Tree heads: leaves of the length that lines of a manifest have, hashed and joined. `cargo bench --bench tree`.

mod inputs;

use std::hint::black_box;

use criterion::{Criterion, Throughput, criterion_group, criterion_main};
use scelle::tree::{TreeHead, leaf_hash};

const LEAVES: usize = 10_000;
const LINE_LEN: usize = 480;

fn heads(c: &mut Criterion) {
    let text = inputs::text(LEAVES * LINE_LEN);
    let leaves: Vec<_> = text.chunks_exact(LINE_LEN).map(leaf_hash).collect();
    let mut group = c.benchmark_group("ten thousand leaves");
    group.throughput(Throughput::Elements(LEAVES as u64));
    group.bench_function("lines hashed and joined", |b| {
        b.iter(|| {
            let mut tree = TreeHead::default();
            text.chunks_exact(LINE_LEN).for_each(|line| tree.push(black_box(line)));
            tree.root()
        });
    });
    group.bench_function("hashes joined", |b| {
        b.iter(|| {
            let mut tree = TreeHead::default();
            leaves.iter().for_each(|leaf| tree.push_hash(black_box(*leaf)));
            tree.root()
        });
    });
    group.finish();
}

criterion_group! {
    name = tree;
    config = inputs::criterion();
    targets = heads
}
criterion_main!(tree);
