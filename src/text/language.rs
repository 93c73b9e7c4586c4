//! Languages: the six of the United Nations, and Vietnamese.

/// A language that people are spoken to in.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Language {
    /// What counts; all others are translations of it.
    English,
}

impl Language {
    /// All of them.
    pub const ALL: [Self; 1] = [Self::English];

    /// Its tag (BCP 47).
    pub fn tag(self) -> &'static str {
        match self {
            Self::English => "en",
        }
    }

    /// How its text runs, as HTML says it.
    pub fn direction(self) -> &'static str {
        match self {
            Self::English => "ltr",
        }
    }

    /// The language of a tag or of a locale, such as `fr`, `fr-CA` or `fr_FR.UTF-8`.
    pub fn of(tag: &str) -> Option<Self> {
        let primary = tag.split(['-', '_', '.', '@']).next().unwrap_or_default();
        Self::ALL.into_iter().find(|language| language.tag().eq_ignore_ascii_case(primary))
    }

    /// Its Fluent file.
    pub(super) fn source(self) -> &'static str {
        match self {
            Self::English => include_str!("../../texts/en.ftl"),
        }
    }
}
