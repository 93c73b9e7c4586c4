//! What can stop an extraction.

use std::io;
use std::path::PathBuf;

/// Why nothing more is extracted. What concerns one entry alone is reported and does not stop the rest.
#[derive(Debug, thiserror::Error)]
#[expect(missing_docs, reason = "the messages say it")]
pub enum ExtractError {
    #[error("cannot open the directory {path}", path = path.display())]
    Target { path: PathBuf, source: io::Error },
    #[error("cannot try names in {path}", path = path.display())]
    Names { path: PathBuf, source: io::Error },
    #[error("interrupted")]
    Interrupted,
}
