//! Patterns for paths in a bundle.

use globset::{GlobBuilder, GlobSet, GlobSetBuilder};

/// A text that is no pattern.
#[derive(Debug, thiserror::Error)]
#[error("{pattern:?} is not a pattern")]
pub struct PatternError {
    pattern: String,
    source: globset::Error,
}

impl PatternError {
    /// What the user can do.
    pub fn hint(&self) -> &'static str {
        "`*` stands for part of a name, `**/` for any directories, `?` for one character; a backslash takes these literally"
    }
}

/// Globs that are compared with whole paths in a bundle (`home/*/cache`, `**/*.tmp`): `*` and `?` do not match `/`. A `/`
/// at the end means nothing.
///
/// # Errors
/// The first that is none.
pub fn patterns(globs: &[String]) -> Result<GlobSet, PatternError> {
    let refused = |glob: &str, source| PatternError { pattern: glob.to_owned(), source };
    let mut set = GlobSetBuilder::new();
    for glob in globs {
        let parsed =
            GlobBuilder::new(glob.trim_end_matches('/')).literal_separator(true).backslash_escape(true).build();
        set.add(parsed.map_err(|source| refused(glob, source))?);
    }
    set.build().map_err(|source| refused(&globs.join(" "), source))
}
