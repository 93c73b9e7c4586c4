//! Whether a bundle answers a request: it names the request, comes from whom was asked, in time, and has something for each
//! item, of the category that was asked for.

use crate::format::case::CaseJson;
use crate::format::case_law::CaseItem;
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
    /// A pattern names nothing that could be read.
    #[error("{paths} answers item {item}, and there is nothing of that name that could be read")]
    NothingThere {
        /// Of the case.
        paths: String,
        /// Its item.
        item: String,
    },
    /// It is older than the request.
    #[error("taken until {taken}, before the request was sent, {sent}")]
    Early {
        /// When the acquisition ended.
        taken: String,
        /// When the request was sent.
        sent: String,
    },
    /// By the case another State was asked.
    #[error("{asked} is asked, and by the case {found} was")]
    OtherRequested {
        /// Whom the request names.
        asked: State,
        /// Whom the case names.
        found: State,
    },
    /// The case is of another State's request.
    #[error("{asks} asks, and the case is of a request by {found}")]
    OtherRequester {
        /// Who asks.
        asks: State,
        /// Whom the case names.
        found: State,
    },
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

/// Everything that keeps a bundle from answering a request; `is_there` says whether content that could be read matches the
/// pattern of an item of the case. Times of the data themselves are not looked at: no digest tells
/// them.
pub fn problems(
    request: &Request,
    digest: Digest,
    statement: &Statement,
    case: Option<&CaseJson>,
    is_there: &dyn Fn(&CaseItem) -> bool,
) -> Vec<AnswerProblem> {
    let mut found = Vec::new();
    match statement.predicate.answers {
        Some(answers) if answers == digest => {}
        Some(answers) => found.push(AnswerProblem::NamesOther(answers)),
        None => found.push(AnswerProblem::NamesNone),
    }
    let taken = statement.predicate.acquisition.end;
    if let Some(sent) = request.sent_at.filter(|&sent| taken < sent) {
        found.push(AnswerProblem::Early { taken: taken.to_string(), sent: sent.to_string() });
    }
    if let Some(deadline) = request.deadline.as_ref().filter(|deadline| deadline.at.last_second() < taken) {
        found.push(AnswerProblem::Late { taken: taken.to_string(), deadline: deadline.at.to_string() });
    }
    let Some(case) = case else {
        found.push(AnswerProblem::NoCase);
        return found;
    };
    let (asked, state) = (request.to.state, case.authority.state);
    if asked != state {
        found.push(AnswerProblem::OtherState { asked, found: state });
    }
    let requested = case.cooperation.as_ref().map(|it| it.requested_state);
    if let Some(other) = requested.filter(|&state| state != asked) {
        found.push(AnswerProblem::OtherRequested { asked, found: other });
    }
    let (asks, requester) = (request.from.state, case.cooperation.as_ref().map(|it| it.requesting_state));
    if let Some(other) = requester.filter(|&state| state != asks) {
        found.push(AnswerProblem::OtherRequester { asks, found: other });
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
            Some(_) if !is_there(answer) => {
                found.push(AnswerProblem::NothingThere { paths, item: id.to_owned() });
            }
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
