//! The rules of a profile: one table, read from `profiles/`.

use serde::{Deserialize, Serialize};

/// The text of the profile of the UN Convention against Cybercrime.
const UNCC: &str = include_str!("../../profiles/uncc.toml");

/// A table of rules, and of the checks that implement them.
#[derive(Clone, Debug, Deserialize, Serialize)]
#[serde(deny_unknown_fields)]
#[expect(missing_docs, reason = "the names say it")]
pub struct Profile {
    pub id: String,
    pub version: String,
    pub text_language: String,
    /// The day until which its sources were read.
    pub as_of: String,
    pub title: String,
    pub instruments: Vec<Instrument>,
    pub sources: Vec<RuleSource>,
    pub chapters: Vec<Chapter>,
    pub articles: Vec<Article>,
    pub rules: Vec<Rule>,
    pub checks: Vec<Check>,
}

/// A treaty or regulation that rules refer to.
#[derive(Clone, Debug, Deserialize, Serialize)]
#[serde(deny_unknown_fields)]
#[expect(missing_docs, reason = "the names say it")]
pub struct Instrument {
    pub id: String,
    pub name: String,
    /// How many articles it has, where that was verified.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub articles: Option<u64>,
}

/// What `source` of a rule names.
#[derive(Clone, Debug, Deserialize, Serialize)]
#[serde(deny_unknown_fields)]
#[expect(missing_docs, reason = "the names say it")]
pub struct RuleSource {
    pub id: String,
    pub text: String,
}

/// Which articles a chapter has.
#[derive(Clone, Debug, Deserialize, Serialize)]
#[serde(deny_unknown_fields)]
#[expect(missing_docs, reason = "the names say it")]
pub struct Chapter {
    pub number: u64,
    pub title: String,
    pub first: u64,
    pub last: u64,
}

/// An article, and how sure its title is.
#[derive(Clone, Debug, Deserialize, Serialize)]
#[serde(deny_unknown_fields)]
#[expect(missing_docs, reason = "the names say it")]
pub struct Article {
    pub number: u64,
    pub title: String,
    pub certainty: Certainty,
}

/// One rule, in our words.
#[derive(Clone, Debug, Deserialize, Serialize)]
#[serde(deny_unknown_fields)]
pub struct Rule {
    /// Such as `UNCC-42.3-c`.
    pub id: String,
    /// The article of the Convention.
    pub article: u64,
    /// Its paragraph; empty for the whole article.
    pub paragraph: String,
    /// Our paraphrase.
    pub text: String,
    /// What the table has; see [`Rule::severity`].
    #[serde(rename = "severity")]
    pub stated_severity: Severity,
    /// How sure the wording is.
    pub certainty: Certainty,
    /// The parent clause, or the caveat.
    pub certainty_note: String,
    /// Where it was read.
    pub source: String,
    /// When it applies.
    pub applies: Applies,
    /// The check that implements it; empty if its own fields are all that can be looked at.
    pub check: String,
    /// Fields that it asks for, as in the dictionary of the profile.
    pub fields: Vec<String>,
    /// Articles of the Budapest Convention.
    pub budapest: String,
    /// Articles of its Second Additional Protocol.
    pub second_protocol: String,
    /// Articles of Regulation (EU) 2023/1543.
    pub eu: String,
}

/// One check.
#[derive(Clone, Debug, Deserialize, Serialize)]
#[serde(deny_unknown_fields)]
#[expect(missing_docs, reason = "the names say it")]
pub struct Check {
    pub id: String,
    pub title: String,
    pub text: String,
    pub severity: Severity,
}

/// How much depends on a rule.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Deserialize, Serialize)]
#[serde(rename_all = "lowercase")]
pub enum Severity {
    /// Context.
    Info,
    /// Good practice, or what an instrument asks for where possible.
    Should,
    /// What an instrument demands.
    Must,
}

impl Severity {
    /// Its word.
    pub fn word(self) -> &'static str {
        match self {
            Self::Must => "must",
            Self::Should => "should",
            Self::Info => "info",
        }
    }

    /// One level less.
    pub fn lower(self) -> Self {
        match self {
            Self::Must => Self::Should,
            Self::Should | Self::Info => Self::Info,
        }
    }
}

/// How sure a wording is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Certainty {
    /// Read in the text of the instrument.
    Verified,
    /// Recalled, and the clause that it descends from was read.
    RecalledParent,
    /// Recalled only.
    Recalled,
}

impl Certainty {
    /// For people.
    pub fn words(self) -> &'static str {
        match self {
            Self::Verified => "verified",
            Self::RecalledParent => "recalled, with a verified parent",
            Self::Recalled => "recalled",
        }
    }
}

/// When a rule applies.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize, Serialize)]
#[serde(rename_all = "snake_case")]
#[expect(missing_docs, reason = "the names say it")]
pub enum Applies {
    Always,
    Request,
    MlaRequest,
    PreservationOrder,
    PreservationRequest,
    PartialDisclosure,
    Production,
    SearchSeizure,
    RealtimeTraffic,
    Interception,
    #[serde(rename = "network_24_7")]
    Network,
    PersonalData,
    OnwardTransfer,
    Spontaneous,
    Refusal,
    Use,
    Confidentiality,
    JointInvestigation,
    Assets,
    Sensitive,
    ForeignTerritory,
    PoliceCooperation,
}

/// A profile cannot be used.
#[derive(Debug, thiserror::Error)]
pub enum ProfileError {
    /// No profile has this name.
    #[error("there is no profile {0:?}; there is: uncc")]
    Unknown(String),
    /// Its table is not what it should be.
    #[error("the profile's table cannot be read")]
    Table(#[from] toml::de::Error),
}

impl Profile {
    /// The profile of a name.
    pub fn of(name: &str) -> Result<Self, ProfileError> {
        if name != "uncc" {
            return Err(ProfileError::Unknown(name.to_owned()));
        }
        Ok(toml::from_str(UNCC)?)
    }
}

impl Rule {
    /// What depends on it: a wording that is only recalled never demands, and while the treaty is not in force between the
    /// States concerned every rule is one level lower.
    pub fn severity(&self, in_force: bool) -> Severity {
        let capped = match self.certainty {
            Certainty::Recalled => self.stated_severity.min(Severity::Should),
            Certainty::Verified | Certainty::RecalledParent => self.stated_severity,
        };
        if in_force { capped } else { capped.lower() }
    }
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use super::*;

    fn uncc() -> Profile {
        Profile::of("uncc").unwrap()
    }

    #[test]
    fn there_are_68_articles_in_nine_chapters_without_a_hole() {
        let profile = uncc();
        let bounds: Vec<_> = profile.chapters.iter().map(|chapter| (chapter.first, chapter.last)).collect();
        let map = [(1, 6), (7, 21), (22, 22), (23, 34), (35, 52), (53, 53), (54, 56), (57, 58), (59, 68)];
        assert_eq!(bounds, map);
        let numbers: Vec<_> = profile.articles.iter().map(|article| article.number).collect();
        assert_eq!(numbers, (1..=68).collect::<Vec<_>>());
        assert_eq!(profile.instruments[0].articles, Some(68));
    }

    #[test]
    fn no_rule_misnumbers_its_article() {
        let profile = uncc();
        let mut ids = BTreeSet::new();
        for rule in &profile.rules {
            let rest = rule.id.strip_prefix("UNCC-").expect(&rule.id);
            let digits: String = rest.chars().take_while(char::is_ascii_digit).collect();
            assert_eq!(digits.parse(), Ok(rule.article), "{}", rule.id);
            assert!((1..=68).contains(&rule.article) && ids.insert(&rule.id), "{}", rule.id);
            let paragraph = rest[digits.len()..].trim_start_matches(['.', '-']);
            let stated = rule.paragraph.as_str();
            assert!(paragraph.starts_with(stated), "{}: paragraph {stated:?}", rule.id);
        }
        // What wrong copies in circulation call otherwise.
        let titled = |number: u64, word: &str| {
            let title = profile.articles[usize::try_from(number).unwrap() - 1].title.to_lowercase();
            assert!(title.contains(word), "{number}: {title}");
        };
        for (number, word) in [
            (7, "access"),
            (25, "preservation"),
            (27, "production"),
            (28, "search"),
            (40, "mutual"),
            (41, "24/7"),
            (65, "force"),
        ] {
            titled(number, word);
        }
    }

    #[test]
    fn every_rule_names_a_check_that_there_is() {
        let profile = uncc();
        let ids: Vec<_> = profile.checks.iter().map(|check| check.id.clone()).collect();
        assert_eq!(ids, (1..=24).map(|n| format!("V-{n:02}")).collect::<Vec<_>>());
        for rule in &profile.rules {
            assert!(rule.check.is_empty() || ids.contains(&rule.check), "{}", rule.id);
            assert!(rule.text.ends_with('.'), "{}", rule.id);
            let mut named = rule.source.split([',', ';']).map(str::trim);
            assert!(
                named.all(|name| profile.sources.iter().any(|known| known.id == name)),
                "{}: {}",
                rule.id,
                rule.source
            );
        }
    }

    #[test]
    fn a_wording_that_is_only_recalled_never_demands() {
        let profile = uncc();
        let mut capped = 0;
        for rule in profile.rules.iter().filter(|rule| rule.certainty == Certainty::Recalled) {
            assert!(rule.severity(true) <= Severity::Should, "{}", rule.id);
            capped += usize::from(rule.stated_severity == Severity::Must);
        }
        assert!(capped > 10, "{capped}");
        assert!(profile.rules.iter().any(|rule| rule.severity(true) == Severity::Must));
    }

    #[test]
    fn not_in_force_every_rule_is_one_level_lower() {
        for rule in &uncc().rules {
            assert_eq!(rule.severity(false), rule.severity(true).lower(), "{}", rule.id);
            assert!(rule.severity(false) < Severity::Must);
        }
    }
}
