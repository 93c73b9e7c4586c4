//! The corpus `fixtures/corpus` (SPEC.md CONF-4): bundles, sound and not, each with what a verifier must say of it.
//!
//! Every bundle is written here anew and compared bit for bit with its file, and the library's verifier is compared with
//! every expectation; `tests/conformance` compares the programs. `SCELLE_WRITE_FIXTURES=1 cargo test --test corpus` writes the files, after a change that was meant.

#[path = "../forge/mod.rs"]
mod forge;
#[path = "../memory_source/mod.rs"]
mod memory_source;
#[path = "../reference/mod.rs"]
mod reference;
#[path = "../sealed/mod.rs"]
mod sealed;

mod kit;
mod by_openssl;

mod sound;
mod zip;
mod members;
mod statement;
mod envelopes;
mod list;
mod case;
mod case_form;
mod json_form;
mod lines;
mod line_form;
mod manifest;
mod manifest_text;
mod order;
mod index;
mod frames;
mod tar;
mod content;
mod limits;
mod damage;
mod custody;
mod releases;
mod trust;
mod certified;
mod time;

use kit::Scenario;

/// A layer, as the index calls it, and what writes its scenarios.
type Layer = (&'static str, &'static [fn() -> Vec<Scenario>]);

const LAYERS: &[Layer] = &[
    ("Sound bundles", &[sound::scenarios]),
    ("File form", &[zip::scenarios]),
    ("Members and directory form", &[members::scenarios]),
    ("Statement", &[statement::scenarios]),
    ("Envelopes and signatures", &[envelopes::scenarios]),
    ("List", &[list::scenarios]),
    ("Case", &[case::scenarios, case_form::scenarios]),
    ("JSON in its one form", &[json_form::scenarios]),
    ("Manifest lines", &[lines::scenarios, line_form::scenarios]),
    ("Manifest", &[manifest::scenarios, manifest_text::scenarios]),
    ("Order, numbers, hard links", &[order::scenarios]),
    ("Index parts", &[index::scenarios]),
    ("Frames and cuts", &[frames::scenarios]),
    ("Tar", &[tar::scenarios]),
    ("Content, sums and members of fixed content", &[content::scenarios]),
    ("Limits", &[limits::scenarios]),
    ("Damage and what is proven in spite of it", &[damage::scenarios]),
    ("Custody", &[custody::scenarios, releases::scenarios]),
    ("Trust lists", &[trust::scenarios]),
    ("Time-stamps", &[time::scenarios]),
    ("Certified keys", &[certified::scenarios]),
];

fn every_layer() -> Vec<(&'static str, Vec<Scenario>)> {
    LAYERS.iter().map(|(layer, writers)| (*layer, writers.iter().flat_map(|write| write()).collect())).collect()
}

#[test]
fn every_scenario_is_written_anew_bit_for_bit() {
    kit::files::compare_or_write(&every_layer());
}

#[test]
fn the_library_agrees_with_every_scenario() {
    kit::run::assert_agreement(&every_layer());
}
