//! Sealing whole, from a source in memory to a synced file, by the number of threads. `cargo bench --bench seal`; TMPDIR
//! says where the file goes.

mod inputs;

use criterion::{BatchSize, BenchmarkId, Criterion, criterion_group, criterion_main};
use inputs::{Item, MIB, MemorySource};

fn compare(c: &mut Criterion, name: &str, items: &[Item], whole_file_digest: bool) {
    let directory = tempfile::tempdir().expect("a directory");
    let out = directory.path().join("bench.scelle");
    let mut group = inputs::group(c, name, inputs::content_len(items));
    for threads in [1, 2, 4] {
        group.bench_function(BenchmarkId::new("threads", threads), |b| {
            let setup = || {
                // Not there the first time.
                let _ = std::fs::remove_file(&out);
                MemorySource::new(items)
            };
            let seal = |source| inputs::seal_source(source, threads, whole_file_digest, &out);
            b.iter_batched(setup, seal, BatchSize::PerIteration);
        });
    }
    group.finish();
}

fn sealing(c: &mut Criterion) {
    compare(c, "seal files of real sizes, 16 MiB", &inputs::tree(16 * MIB), true);
    let image = inputs::image(64 * MIB);
    compare(c, "seal an image of 64 MiB", &image, true);
    compare(c, "seal an image of 64 MiB without its digest", &image, false);
}

criterion_group! {
    name = seal;
    config = inputs::criterion();
    targets = sealing
}
criterion_main!(seal);
