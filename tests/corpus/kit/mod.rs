//! Writes bundles, right and wrong, and says what a verifier must find.

pub mod authority;
pub mod entries;
pub mod files;
pub mod keys;
pub mod layout;
pub mod lines;
pub mod log;
pub mod members;
pub mod plan;
pub mod run;
pub mod scenario;
pub mod zip;
pub mod zstd;

pub use entries::{dir, file, special};
pub use keys::Key;
pub use members::{Members, MembersExt};
pub use plan::Plan;
pub use scenario::{Node, Scenario, scenario};
pub use zip::Zip;
