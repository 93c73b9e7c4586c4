//! Whether a bundle answers a request: it names the request, comes from whom was asked, in time, and has something for each
//! item, of the category that was asked for.

use crate::format::case::CaseJson;
use crate::format::digest::Digest;
use crate::format::request::Request;
use crate::format::request_words::DataCategory;
use crate::format::state::State;
use crate::format::statement::Statement;
use crate::format::words::Word as _;

/// Why a bundle does not answer a request.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum AnswerProblem {
    /// It names none.
    #[error("the bundle names no request (seal --answers)")]
    NamesNone,
    /// It names another one.
    #[error("the bundle answers another request: {0}")]
    NamesOther(Digest),
    /// There is no signed case that can be read.
    #[error("the case cannot be read, so its items cannot be compared")]
    NoCase,
    /// It is by an authority of another State.
    #[error("{asked} was asked, and an authority of {found} sealed")]
    OtherState {
        /// Who was asked.
        asked: State,
        /// Who sealed.
        found: State,
    },
    /// It was taken after the deadline.
    #[error("taken until {taken}, after the deadline {deadline}")]
    Late {
        /// When the acquisition ended.
        taken: String,
        /// Until when it was asked for.
        deadline: String,
    },
    /// Nothing answers an item.
    #[error("nothing in the bundle answers item {0}")]
    Unanswered(String),
    /// Something answers an item that there is not.
    #[error("{paths} answers item {item}, which the request does not have")]
    UnknownItem {
        /// Of the case.
        paths: String,
        /// Its item.
        item: String,
    },
    /// Something is of another category than its item.
    #[error("{paths} is {found}, and item {item} asks for {asked}")]
    Category {
        /// Of the case.
        paths: String,
        /// The item of the request.
        item: String,
        /// Its category.
        asked: &'static str,
        /// That of what answers it.
        found: &'static str,
    },
}

/// Everything that keeps a bundle from answering a request. Times of the data themselves are not looked at: no digest tells
/// them.
pub fn problems(
    request: &Request,
    digest: Digest,
    statement: &Statement,
    case: Option<&CaseJson>,
) -> Vec<AnswerProblem> {
    let mut found = Vec::new();
    match statement.predicate.answers {
        Some(answers) if answers == digest => {}
        Some(answers) => found.push(AnswerProblem::NamesOther(answers)),
        None => found.push(AnswerProblem::NamesNone),
    }
    if let Some(deadline) = &request.deadline {
        let taken = statement.predicate.acquisition.end;
        if deadline.at.last_second() < taken {
            found.push(AnswerProblem::Late { taken: taken.to_string(), deadline: deadline.at.to_string() });
        }
    }
    let Some(case) = case else {
        found.push(AnswerProblem::NoCase);
        return found;
    };
    let (asked, state) = (request.to.state, case.authority.state);
    if asked != state {
        found.push(AnswerProblem::OtherState { asked, found: state });
    }
    for item in &request.items {
        let id = item.id.as_str();
        if !case.items.iter().any(|answer| answer.request_item.as_ref().is_some_and(|it| it.as_str() == id)) {
            found.push(AnswerProblem::Unanswered(id.to_owned()));
        }
    }
    for answer in &case.items {
        let Some(id) = answer.request_item.as_ref().map(|id| id.as_str()) else { continue };
        let paths = answer.paths.as_str().to_owned();
        match request.items.iter().find(|item| item.id.as_str() == id) {
            None => found.push(AnswerProblem::UnknownItem { paths, item: id.to_owned() }),
            Some(item) => {
                found.extend(item.data_category.and_then(|asked| other_category(asked, answer.category)).map(
                    |(asked, category)| AnswerProblem::Category { paths, item: id.to_owned(), asked, found: category },
                ))
            }
        }
    }
    found
}

fn other_category(asked: DataCategory, found: DataCategory) -> Option<(&'static str, &'static str)> {
    (asked != found).then(|| (asked.word(), found.word()))
}
