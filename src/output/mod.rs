//! Where bundles are written, whoever makes them: either form, under a temporary name until it is whole.

mod durable;
mod error;
mod read_back;
mod writer;

pub use durable::check_free;
pub use error::{OutputError, STORAGE_FULL};
pub use read_back::forget_cached;
pub use writer::{Form, Writer};
