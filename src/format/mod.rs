//! Bytes to values and back, for every format in a bundle (SPEC.md). No input or output, no clock, no randomness.

/// Content of the member `mimetype`.
pub const MIMETYPE: &str = "application/vnd.scelle.bundle+zip";
/// Content of the member `VERIFY.txt` (SPEC.md Appendix A).
pub const VERIFY_TEXT: &str = include_str!("VERIFY.txt");

pub mod digest;
pub mod json;
pub mod time;
pub mod path;
pub mod pattern;
pub mod entry;
pub mod line;
mod line_json;
pub mod tar;
pub mod cuts;
pub mod zstd_frame;
pub mod index;
pub mod sums;
pub mod state;
pub mod partitions;
pub mod block_device;
pub mod case;
pub mod certified;
pub mod case_law;
mod case_scope;
pub mod list;
pub mod clock;
pub mod statement;
pub mod spki;
pub mod ssh;
pub mod sshsig;
pub mod public_text;
pub mod dsse;
pub mod party;
pub mod event_kind;
mod event_parts;
pub mod event;
pub mod trust_list;
pub mod time_stamp;
pub mod moment;
pub mod words;
pub mod signed;
pub mod request_words;
pub mod request_parts;
pub mod request;
pub mod reply;
pub mod member;
pub mod zip;
pub mod derive;
pub mod journal;
