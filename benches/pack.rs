//! From entries to compressed frames, on one thread and without writing: what each part of it costs.
//! `cargo bench --bench pack`.

mod inputs;

use std::hint::black_box;
use std::sync::Arc;

use criterion::{BatchSize, Criterion, criterion_group, criterion_main};
use inputs::{Item, MIB, MemorySource};
use scelle::format::derive::Seed;
use scelle::pack::{Digests, FrameCompressor, FrameSink, FrameWorker, Packer, PlainFrame, Pool, Stopped};
use scelle::read::Source as _;

/// Takes frames, and does to them what it is made for.
struct Sink<F>(F);

impl<F: FnMut(PlainFrame)> FrameSink for Sink<F> {
    fn send(&mut self, frame: PlainFrame) -> Result<(), Stopped> {
        self.0(frame);
        Ok(())
    }

    fn read(&mut self, _: u64) -> Result<(), Stopped> {
        Ok(())
    }

    fn is_stopped(&self) -> bool {
        false
    }
}

fn pack(mut source: MemorySource, pool: &Pool, each_frame: impl FnMut(PlainFrame)) {
    let mut packer = Packer::new(Sink(each_frame), pool.clone(), inputs::limits(), scelle::read::Patience::default());
    while let Some(found) = source.next() {
        packer.add(found).expect("nothing stops it");
    }
    packer.finish().expect("nothing stops it");
}

fn compare(c: &mut Criterion, name: &str, items: &[Item]) {
    let pool = Pool::new(4);
    let mut group = inputs::group(c, name, inputs::content_len(items));
    group.bench_function("cut into frames", |b| {
        b.iter_batched(|| MemorySource::new(items), |source| pack(source, &pool, drop), BatchSize::LargeInput);
    });
    let mut compressor = FrameCompressor::new(3).expect("a level");
    group.bench_function("cut and compressed", |b| {
        let mut work = |frame: PlainFrame| {
            let mut stored = pool.take();
            compressor.append(&frame.bytes, &mut stored).expect("room");
        };
        b.iter_batched(|| MemorySource::new(items), |source| pack(source, &pool, &mut work), BatchSize::LargeInput);
    });
    let seed = Arc::new(Seed::new(&[0x5e; 32]));
    let digests = Digests { whole_file: true, also: Vec::new(), paranoid: false };
    let mut worker = FrameWorker::new(inputs::limits(), digests, seed, 3, pool.clone()).expect("a level");
    group.bench_function("cut, hashed, lines made, compressed", |b| {
        let mut work = |frame| drop(black_box(worker.work(frame).expect("room")));
        b.iter_batched(|| MemorySource::new(items), |source| pack(source, &pool, &mut work), BatchSize::LargeInput);
    });
    group.finish();
}

fn frames(c: &mut Criterion) {
    compare(c, "files of real sizes, 16 MiB", &inputs::tree(16 * MIB));
    compare(c, "an image of 64 MiB, 16 MiB not zeros", &inputs::image(64 * MIB));
}

criterion_group! {
    name = pack_frames;
    config = inputs::criterion();
    targets = frames
}
criterion_main!(pack_frames);
