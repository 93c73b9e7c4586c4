//! Closed lists of words: what a document may say in a field, and nothing else.

/// A value that is written as one word out of a closed list.
pub trait Word: Copy + PartialEq + 'static {
    /// All of them, in the order of the specification.
    const ALL: &'static [Self];

    /// How it is written.
    fn word(self) -> &'static str;

    /// The value that is written so.
    fn of_word(word: &str) -> Option<Self> {
        Self::ALL.iter().copied().find(|value| value.word() == word)
    }

    /// All words, for people.
    fn words() -> Vec<&'static str> {
        Self::ALL.iter().map(|value| value.word()).collect()
    }
}

macro_rules! words {
    ($(#[$doc:meta])* $type:ident { $($name:ident $word:literal $what:literal)* }) => {
        $(#[$doc])*
        #[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, serde::Serialize, serde::Deserialize)]
        pub enum $type {
            $(#[doc = $what] #[serde(rename = $word)] $name,)*
        }

        impl $crate::format::words::Word for $type {
            const ALL: &'static [Self] = &[$(Self::$name),*];

            fn word(self) -> &'static str {
                match self { $(Self::$name => $word),* }
            }
        }
    };
}

pub(crate) use words;
