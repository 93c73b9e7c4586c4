//! Languages: the six of the United Nations, and Vietnamese.

/// A language that people are spoken to in.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Language {
    /// What counts; all others are translations of it.
    English,
    /// Arabic, from right to left.
    Arabic,
    /// Chinese, simplified.
    Chinese,
    /// French.
    French,
    /// Russian.
    Russian,
    /// Spanish.
    Spanish,
    /// Vietnamese.
    Vietnamese,
}

impl Language {
    /// All of them.
    pub const ALL: [Self; 7] =
        [Self::English, Self::Arabic, Self::Chinese, Self::French, Self::Russian, Self::Spanish, Self::Vietnamese];

    /// Its tag (BCP 47).
    pub fn tag(self) -> &'static str {
        match self {
            Self::English => "en",
            Self::Arabic => "ar",
            Self::Chinese => "zh",
            Self::French => "fr",
            Self::Russian => "ru",
            Self::Spanish => "es",
            Self::Vietnamese => "vi",
        }
    }

    /// How its text runs, as HTML says it.
    pub fn direction(self) -> &'static str {
        match self {
            Self::Arabic => "rtl",
            _ => "ltr",
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
            Self::Arabic => include_str!("../../texts/ar.ftl"),
            Self::Chinese => include_str!("../../texts/zh.ftl"),
            Self::French => include_str!("../../texts/fr.ftl"),
            Self::Russian => include_str!("../../texts/ru.ftl"),
            Self::Spanish => include_str!("../../texts/es.ftl"),
            Self::Vietnamese => include_str!("../../texts/vi.ftl"),
        }
    }
}
