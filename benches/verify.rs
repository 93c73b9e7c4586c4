//! Verifying bundles in memory, everything and fixity alone, by the number of threads. `cargo bench --bench verify`.

mod inputs;

use std::sync::Arc;
use std::sync::atomic::AtomicBool;

use criterion::{BenchmarkId, Criterion, criterion_group, criterion_main};
use inputs::{Item, MIB, MemorySource};
use scelle::verify::{Options, Verdict, ZipFile, verify};

fn compare(c: &mut Criterion, name: &str, items: &[Item]) {
    let directory = tempfile::tempdir().expect("a directory");
    let out = directory.path().join("bench.scelle");
    inputs::seal_source(MemorySource::new(items), 2, true, &out);
    let bundle = ZipFile::open(Arc::new(std::fs::read(&out).expect("a file"))).expect("a bundle");
    let signers = [inputs::key().public()];
    let cancel = AtomicBool::new(false);
    let mut group = inputs::group(c, name, inputs::content_len(items));
    for (what, fixity, expected) in [("everything", false, Verdict::Verified), ("fixity", true, Verdict::FixityOk)] {
        for thread_count in [1, 2, 4] {
            let options = Options { signers: &signers, fixity, thread_count, ..Options::new(&cancel) };
            group.bench_function(BenchmarkId::new(what, thread_count), |b| {
                b.iter(|| {
                    let found = verify(&bundle, &options).expect("nobody stops it");
                    assert_eq!(found.verdict, expected, "what is measured must be a sound bundle");
                });
            });
        }
    }
    group.finish();
}

fn verifying(c: &mut Criterion) {
    compare(c, "verify files of real sizes, 16 MiB", &inputs::tree(16 * MIB));
    compare(c, "verify an image of 64 MiB", &inputs::image(64 * MIB));
}

criterion_group! {
    name = verify_bundles;
    config = inputs::criterion();
    targets = verifying
}
criterion_main!(verify_bundles);
