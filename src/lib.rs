//! scelle seals digital evidence into bundles that anyone can verify: offline, in another country, in twenty years,
//! with or without this software. `SPEC.md` fixes every byte of a bundle; this library writes and verifies them.
//!
//! The modules stand in the order in which the data flows.

#![deny(unsafe_code)]
#![deny(rustdoc::broken_intra_doc_links)]
#![warn(missing_docs)]

pub mod read;
pub mod hash;
pub mod inventory;
pub mod tree;
pub mod pack;
pub mod toml_file;
pub mod case_file;
pub mod request_file;
pub mod output;
pub mod seal;
pub mod sign;
pub mod custody;
pub mod trust;
pub mod x509;
pub mod time_stamp;
pub mod request;
pub mod verify;
pub mod extract;
pub mod upkeep;
pub mod profile;
pub mod report;
pub mod text;
pub mod conformance;
pub mod format;
pub mod limits;
mod dir;
pub mod new_file;
mod causes;
pub mod cli;
