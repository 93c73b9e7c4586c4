//! Every parser that meets bytes from outside, and what it promises: not only that it does not panic. The fuzz targets and
//! the replay of their corpora run the same functions.
#![allow(dead_code)]

mod script;
pub mod golden;
mod frames;
mod json;
mod rebuild;
mod soundness;
mod told;
pub mod mutation;
mod documents;
mod custody;
mod requests;
mod stamps;
mod names;
mod manifest;
mod locked;
mod keys;
mod ssh;
mod case_file;
mod devices;
mod wrapper;
pub mod hostile;
mod laid_down;
mod listing;

#[allow(unused_imports, reason = "for the program that makes mutants")]
pub use script::Script;

/// A target: its name is that of its binary and of its directories of inputs.
pub struct Target {
    pub name: &'static str,
    /// Panics if a promise is broken.
    pub run: fn(&[u8]),
    /// Inputs to begin with, out of these bundles.
    pub seeds: fn(&[Vec<u8>]) -> Vec<Vec<u8>>,
    /// Longest input that is tried, in bytes.
    pub len_max: usize,
}

const fn target(name: &'static str, run: fn(&[u8]), seeds: fn(&[Vec<u8>]) -> Vec<Vec<u8>>, len_max: usize) -> Target {
    Target { name, run, seeds, len_max }
}

/// All of them.
pub const TARGETS: &[Target] = &[
    target("statement", documents::statement, documents::statement_seeds, 65536),
    target("envelope", documents::envelope, documents::envelope_seeds, 65536),
    target("event", custody::event, custody::event_seeds, 65536),
    target("trust_list", custody::trust_list, custody::trust_list_seeds, 65536),
    target("time_stamp", stamps::time_stamp, stamps::time_stamp_seeds, 8192),
    target("time_stamp_query", stamps::query, stamps::query_seeds, 512),
    target("request", requests::request, requests::request_seeds, 16384),
    target("reply", requests::reply, requests::reply_seeds, 8192),
    target("request_toml", requests::request_toml, requests::request_toml_seeds, 8192),
    target("treaty_status", requests::treaty_status, requests::treaty_status_seeds, 16384),
    target("sshsig", ssh::sshsig, ssh::sshsig_seeds, 8192),
    target("case_json", documents::case_json, documents::case_json_seeds, 65536),
    target("list", documents::list, documents::list_seeds, 16384),
    target("index_part", manifest::index_part, manifest::index_part_seeds, 16384),
    target("manifest_line", manifest::manifest_line, manifest::manifest_line_seeds, 16384),
    target("manifest_part", hostile::manifest_part, hostile::manifest_part_seeds, 16384),
    target("zstd_frame", manifest::zstd_frame, manifest::zstd_frame_seeds, 8192),
    target("member_name", names::member_name, names::member_name_seeds, 512),
    target("path", names::path, names::path_seeds, 4096),
    target("pattern", names::pattern, names::pattern_seeds, 256),
    target("time", names::time, names::time_seeds, 128),
    target("shown_name", names::shown_name, names::shown_name_seeds, 1024),
    target("public_key", keys::public_key, keys::public_key_seeds, 2048),
    target("signature", keys::signature, keys::signature_seeds, 256),
    target("key_file", keys::key_file, keys::key_file_seeds, 4096),
    target("passphrase", keys::passphrase, keys::passphrase_seeds, 1200),
    target("case_toml", case_file::case_toml, case_file::case_toml_seeds, 8192),
    target("case_template", case_file::case_template, case_file::case_template_seeds, 1024),
    target("partition_table", devices::partition_table, devices::partition_table_seeds, 4096),
    target("mountinfo", devices::mountinfo, devices::mountinfo_seeds, 2048),
    target("listing", listing::listing, listing::listing_seeds, 2048),
    target("zip_headers", wrapper::zip_headers, wrapper::zip_headers_seeds, 8192),
    target("bundle_file", wrapper::bundle_file, wrapper::bundle_file_seeds, 20480),
    target("mutated_bundle", wrapper::mutated_bundle, wrapper::script_seeds, 512),
    target("hostile_bundle", hostile::hostile_bundle, hostile::hostile_seeds, 512),
    target("repaired_bundle", wrapper::repaired_bundle, wrapper::script_seeds, 512),
    target("repaired_damage", wrapper::repaired_damage, wrapper::repaired_damage_seeds, 256),
    target("repaired_wrapper", wrapper::repaired_wrapper, wrapper::script_seeds, 512),
    target("directory_form", laid_down::directory_form, laid_down::directory_form_seeds, 512),
    target("restored", laid_down::restored, hostile::hostile_seeds, 512),
];

/// Runs the target of this name.
pub fn run(name: &str, data: &[u8]) {
    let target = TARGETS.iter().find(|target| target.name == name).expect("a target of this name");
    (target.run)(data);
}
