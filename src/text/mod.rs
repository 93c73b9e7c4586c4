//! Text for people, by the keys of Fluent files (<https://projectfluent.org>): what is said is data, and code names it.

mod language;

use fluent_bundle::{FluentArgs, FluentBundle, FluentResource};
use unic_langid::LanguageIdentifier;

use crate::report::escape::escape;

pub use language::Language;

/// Something to be said: the key of a message, and its variables.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Message {
    /// Its key in the Fluent files.
    pub key: &'static str,
    /// Names and values of its variables.
    pub variables: Vec<(&'static str, String)>,
}

impl Message {
    /// A message without variables.
    pub fn new(key: &'static str) -> Self {
        Self { key, variables: Vec::new() }
    }

    /// With a variable.
    pub fn with(mut self, name: &'static str, value: impl ToString) -> Self {
        self.variables.push((name, value.to_string()));
        self
    }

    /// With what is hidden in its variables made visible: they may come from anywhere.
    pub fn escaped(mut self) -> Self {
        self.variables.iter_mut().for_each(|(_, value)| *value = escape(value.as_bytes()));
        self
    }
}

/// The texts of a language.
pub struct Texts {
    bundle: FluentBundle<FluentResource>,
    language: Language,
}

impl Texts {
    /// English, which is the text that counts.
    pub fn english() -> Self {
        Self::of(Language::English)
    }

    /// A language.
    pub fn of(language: Language) -> Self {
        // A message that is malformed is left out, and the tests see to it that none is.
        let resource = FluentResource::try_new(language.source().to_owned()).unwrap_or_else(|(resource, _)| resource);
        let tag: LanguageIdentifier = language.tag().parse().unwrap_or_default();
        let mut bundle = FluentBundle::new(vec![tag]);
        // In a text from right to left a date without marks around it reads "28T10:00:00Z-11-2026".
        bundle.set_use_isolating(language.direction() == "rtl");
        let _ = bundle.add_resource(resource);
        Self { bundle, language }
    }

    /// Which language.
    pub fn language(&self) -> Language {
        self.language
    }

    /// Whether somebody who can has reviewed them. English is what is translated.
    pub fn is_reviewed(&self) -> bool {
        self.language == Language::English || self.say(&Message::new("reviewed-by")) != "nobody"
    }

    /// A message in this language; its key, if the language has no text for it.
    pub fn say(&self, message: &Message) -> String {
        let pattern = self.bundle.get_message(message.key).and_then(|it| it.value());
        let Some(pattern) = pattern else { return message.key.to_owned() };
        let mut args = FluentArgs::new();
        for (name, value) in &message.variables {
            args.set(*name, value.as_str());
        }
        self.bundle.format_pattern(pattern, Some(&args), &mut Vec::new()).into_owned()
    }
}

#[cfg(test)]
mod tests {
    use std::collections::{BTreeMap, BTreeSet};
    use std::path::Path;

    use super::*;

    /// The keys that code names, each with the variables that it gives.
    fn named() -> BTreeMap<String, BTreeSet<String>> {
        let mut named: BTreeMap<String, BTreeSet<String>> = BTreeMap::new();
        let src = Path::new(env!("CARGO_MANIFEST_DIR")).join("src");
        for entry in walkdir::WalkDir::new(src).into_iter().flatten().filter(|entry| entry.file_type().is_file()) {
            let source = std::fs::read_to_string(entry.path()).unwrap();
            // What stands behind it in the same expression.
            for rest in source.split(concat!("Message::", "new(\"")).skip(1) {
                let (key, rest) = rest.split_once('"').unwrap();
                let mut variables = BTreeSet::new();
                let mut rest = rest.strip_prefix(')').unwrap_or(rest).trim_start();
                while let Some(more) = rest.strip_prefix(".with(\"") {
                    let (name, after) = more.split_once('"').unwrap();
                    variables.insert(name.to_owned());
                    let mut depth = 1;
                    let end = after.char_indices().find(|(_, c)| {
                        depth += i32::from(*c == '(') - i32::from(*c == ')');
                        depth == 0
                    });
                    rest = after[end.unwrap().0 + 1..].trim_start();
                }
                let known = named.entry(key.to_owned()).or_insert_with(|| variables.clone());
                assert_eq!(*known, variables, "{key} with other variables in {:?}", entry.path());
            }
        }
        named
    }

    /// The keys of a Fluent file, each with the variables that it shows.
    fn written(text: &str) -> BTreeMap<String, BTreeSet<String>> {
        let blocks = text.lines().filter(|line| !line.starts_with('#')).fold(Vec::new(), |mut blocks, line| {
            match line.starts_with(|c: char| c.is_ascii_lowercase()) {
                true => blocks.push(line.to_owned()),
                false => blocks.last_mut().into_iter().for_each(|last: &mut String| last.push_str(line)),
            }
            blocks
        });
        let key_of = |block: &String| {
            let (key, text) = block.split_once('=').unwrap();
            let variables = text
                .split('$')
                .skip(1)
                .map(|rest| rest.chars().take_while(|c| c.is_ascii_alphanumeric() || *c == '-').collect::<String>());
            (key.trim().to_owned(), variables.collect())
        };
        blocks.iter().map(key_of).collect()
    }

    #[test]
    fn each_language_has_each_message_that_is_named_with_its_variables_and_no_other() {
        let named = named();
        assert!(named.len() > 20, "{named:?}");
        for language in Language::ALL {
            let text = language.source();
            assert!(FluentResource::try_new(text.to_owned()).is_ok(), "{language:?} is well formed");
            let written = written(text);
            let keys = |of: &BTreeMap<String, BTreeSet<String>>| of.keys().cloned().collect::<BTreeSet<_>>();
            let differ: Vec<_> = keys(&named).symmetric_difference(&keys(&written)).cloned().collect();
            assert_eq!(differ, Vec::<String>::new(), "{language:?}: missing, or named by nothing");
            for (key, variables) in &named {
                assert_eq!(written[key], *variables, "{language:?}: {key}");
            }
        }
    }

    #[test]
    fn from_right_to_left_a_variable_keeps_its_own_direction() {
        let message = Message::new("trust-judged").with("time", "2026-11-28T10:00:00Z");
        assert!(Texts::of(Language::Arabic).say(&message).contains("\u{2068}2026-11-28T10:00:00Z\u{2069}"));
        assert!(!Texts::english().say(&message).contains('\u{2068}'));
    }

    #[test]
    fn a_message_is_said_with_its_variables() {
        let message = Message::new("field-missing").with("field", "a\u{1b}");
        assert!(Texts::english().say(&message).contains("a\u{1b}"), "what is shown is escaped where it is shown");
    }
}
