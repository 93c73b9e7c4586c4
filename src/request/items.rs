//! The items of a request: whether each is specified, says what it has to do with the offence, and is of a kind of data that
//! the article allows.

use super::check::{Check, says};
use crate::format::request_parts::Item;
use crate::format::request_words::{Article, DataCategory, ProductionBasis};
use crate::format::words::Word as _;

/// Checks each item.
pub(super) fn check(check: &mut Check<'_>) {
    for (n, item) in check.request.items.iter().enumerate() {
        let field = |name: &str| format!("items[{n}].{name}");
        let is_specified = says(item.description.as_ref()) || says(item.selector.as_ref());
        let why = "is missing, and so is selector: which data exactly";
        check.must(specified(check.request.article), field("description"), is_specified, why);
        let why = "what it has to do with the offence";
        match related(check.request.article) {
            Some(rule) => check.must_say(rule, field("relationship"), item.relationship.as_ref(), why),
            None => check.should_say("UNCC-40.15-e", field("relationship"), item.relationship.as_ref(), why),
        }
        category(check, item, field("dataCategory"));
        let is_ordered = item.time_range.is_none_or(|range| range.from.start() <= range.to.end());
        check.must("UNCC-40.15-f", field("timeRange"), is_ordered, "ends before it begins");
    }
}

/// The rule that asks for specified data.
fn specified(article: Article) -> &'static str {
    match article {
        Article::Preservation25 => "UNCC-25.1-a",
        Article::Production27 => "UNCC-27-a",
        Article::Network41 => "UNCC-41.3",
        Article::Preservation42 | Article::Disclosure43 => "UNCC-42.3-c",
        Article::Traffic45 => "UNCC-45.3-c",
        Article::Assistance40 | Article::StoredData44 | Article::Content46 => "UNCC-40.15-d",
    }
}

/// The rule that asks what data has to do with the offence, where one does.
fn related(article: Article) -> Option<&'static str> {
    match article {
        Article::Preservation42 | Article::Disclosure43 => Some("UNCC-42.3-c"),
        Article::Traffic45 => Some("UNCC-45.3-c"),
        _ => None,
    }
}

fn category(check: &mut Check<'_>, item: &Item, field: String) {
    let (rule, only) = match (check.request.article, check.request.production_basis) {
        (Article::Production27, Some(ProductionBasis::Provider)) => ("UNCC-27-b", DataCategory::Subscriber),
        (Article::Disclosure43, _) => ("UNCC-43.1", DataCategory::Traffic),
        (Article::Traffic45, _) => ("UNCC-45.1-2", DataCategory::Traffic),
        (Article::Content46, _) => ("UNCC-46", DataCategory::Content),
        (Article::Preservation25, _) => {
            let is_said = item.data_category.is_some();
            return check.must("UNCC-25.1-a", field, is_said, "is missing: what kind of data");
        }
        _ => {
            let is_said = item.data_category.is_some();
            return check.should("UNCC-2-c", field, is_said, "is missing: what kind of data");
        }
    };
    let message = format!("is not {}, the only kind of data that this is for", only.word());
    check.must(rule, field, item.data_category == Some(only), &message);
}
