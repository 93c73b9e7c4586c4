//! `scelle conformance` over small corpora, with verifiers that are right, wrong, silent, endless or dead.

mod bench;
mod answers;
mod processes;
mod corpora;
