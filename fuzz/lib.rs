//! Every parser that meets bytes from outside, and what it promises. `tests/fuzz_corpora.rs` includes the same modules.
#![allow(missing_docs)]

#[path = "../tests/memory_source/mod.rs"]
pub mod memory_source;
#[path = "../tests/reference/mod.rs"]
pub mod reference;
#[path = "../tests/sealed/mod.rs"]
pub mod sealed;
#[path = "../tests/forge/mod.rs"]
pub mod forge;
#[path = "targets/mod.rs"]
pub mod targets;
