//! What a reply may say to a request: on what grounds it may refuse, what it must give reasons for, and how long it must
//! preserve (articles 40(21) to (25), 42(4) to (9), 43(2)).

use super::periods::{ORDER_DAYS_MAX, PRESERVATION_DAYS_MIN, lasts_at_least, lasts_at_most};
use crate::format::moment::Moment;
use crate::format::reply::Reply;
use crate::format::request::Request;
use crate::format::request_words::{Article, Ground, Outcome, RequestKind};
use crate::format::state::State;
use crate::format::words::Word as _;

/// Why a reply is not one that the request may get.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum ReplyProblem {
    /// Nothing is said of why.
    #[error("UNCC-40.25: `{0}` needs reasons")]
    NoReasons(&'static str),
    /// A refusal on no ground.
    #[error("UNCC-40.21: a request under article {0} is refused on a ground, and none is named")]
    NoGround(u8),
    /// A ground that the article does not have.
    #[error("{rule}: a request under article {article} is not refused on the ground {ground}")]
    Ground {
        /// The rule.
        rule: &'static str,
        /// The article of the request.
        article: u8,
        /// The ground.
        ground: &'static str,
    },
    /// Dual criminality, for an offence that the Convention defines.
    #[error("UNCC-42.4: dual criminality is no ground against preserving where the offence is one of articles 7 to 17")]
    DualCriminality,
    /// Fiscal matters or bank secrecy, and nothing else.
    #[error("UNCC-40.23-24: fiscal matters and bank secrecy alone are no grounds")]
    FiscalAlone,
    /// Grounds where nothing is refused.
    #[error("grounds belong to what is refused or withheld, not to `{0}`")]
    GroundsElsewhere(&'static str),
    /// Not all was done, and what was not is not said.
    #[error("UNCC-27-c: `partly` names what is withheld, and why")]
    NothingWithheld,
    /// Something is withheld that was not asked for.
    #[error("the request has no item {0:?}")]
    NoItem(String),
    /// No new end.
    #[error("UNCC-42.9: `extended` says until when")]
    NoEnd,
    /// No end of a preservation.
    #[error("UNCC-42.8-a: a preservation says until when it lasts")]
    NoPreservationEnd,
    /// It ends too early.
    #[error("UNCC-42.8-a: a preservation from {from} to {until} lasts less than 60 days")]
    TooShort {
        /// When it began.
        from: Moment,
        /// When it ends.
        until: Moment,
    },
    /// It ends too late.
    #[error("UNCC-25.2-b: an order from {from} to {until} lasts more than 90 days")]
    TooLong {
        /// When it began.
        from: Moment,
        /// When it ends.
        until: Moment,
    },
    /// The one who asked cannot answer, nor the one who was asked withdraw.
    #[error("`{outcome}` is for {wanted} to say, not for {found}")]
    State {
        /// What is said.
        outcome: &'static str,
        /// Who may say it.
        wanted: State,
        /// Who does.
        found: State,
    },
    /// Preserved later than it is said.
    #[error("data cannot have begun to be preserved after the reply that says so")]
    EffectedLater,
    /// Over before it is said.
    #[error("what the reply says ends before the reply")]
    ExpiredBefore,
    /// A reply from before the request.
    #[error("the reply is older than the request")]
    BeforeRequest,
}

/// Whether the reply is one that the request may get.
pub fn check(request: &Request, reply: &Reply) -> Result<(), ReplyProblem> {
    let word = reply.outcome.word();
    let wanted = if reply.outcome == Outcome::Withdrawn { request.from.state } else { request.to.state };
    if reply.by.state != wanted {
        return Err(ReplyProblem::State { outcome: word, wanted, found: reply.by.state });
    }
    if request.sent_at.is_some_and(|sent| reply.at < sent) {
        return Err(ReplyProblem::BeforeRequest);
    }
    let now = Moment::Instant(reply.at);
    if reply.effected_at.is_some_and(|effected| now.last_second() < effected.start()) {
        return Err(ReplyProblem::EffectedLater);
    }
    if reply.expires_at.is_some_and(|expires| expires.last_second() < reply.at) {
        return Err(ReplyProblem::ExpiredBefore);
    }
    let needs_reasons = matches!(reply.outcome, Outcome::Refused | Outcome::Postponed);
    if needs_reasons && !super::check::says(reply.reasons.as_ref()) {
        return Err(ReplyProblem::NoReasons(word));
    }
    match reply.outcome {
        Outcome::Refused => refusal(request, &reply.grounds)?,
        Outcome::Partly => partly(request, reply)?,
        _ if !reply.grounds.is_empty() => return Err(ReplyProblem::GroundsElsewhere(word)),
        _ => {}
    }
    let items = &request.items;
    if let Some(other) = reply.withheld.iter().find(|it| !items.is_empty() && items.iter().all(|i| i.id != it.item)) {
        return Err(ReplyProblem::NoItem(other.item.as_str().to_owned()));
    }
    period(request, reply)
}

/// Grounds on which all of it may be refused.
fn refusal(request: &Request, grounds: &[Ground]) -> Result<(), ReplyProblem> {
    // What a custodian may say to an order is for domestic law; and a contact point has no list.
    if matches!(request.article.kind(), RequestKind::Order | RequestKind::Network) {
        return alone(grounds);
    }
    if grounds.is_empty() {
        return Err(ReplyProblem::NoGround(request.article.number()));
    }
    allowed(request, grounds)
}

fn partly(request: &Request, reply: &Reply) -> Result<(), ReplyProblem> {
    match reply.withheld.is_empty() {
        true => Err(ReplyProblem::NothingWithheld),
        false if request.article == Article::Disclosure43 && reply.grounds.is_empty() => {
            Err(ReplyProblem::NoGround(request.article.number()))
        }
        false => allowed(request, &reply.grounds),
    }
}

fn allowed(request: &Request, grounds: &[Ground]) -> Result<(), ReplyProblem> {
    alone(grounds)?;
    let rule = match request.article {
        Article::Preservation42 => "UNCC-42.6",
        Article::Disclosure43 => "UNCC-43.2",
        _ => return Ok(()),
    };
    for &ground in grounds {
        match ground {
            Ground::EssentialInterests | Ground::Prohibited | Ground::Discrimination => {}
            Ground::DualCriminality if request.article == Article::Preservation42 => {
                let article = request.offence.as_ref().and_then(|offence| offence.uncc_article);
                if article.is_some_and(|article| article.is_between_7_and_17()) {
                    return Err(ReplyProblem::DualCriminality);
                }
            }
            _ => {
                let article = request.article.number();
                return Err(ReplyProblem::Ground { rule, article, ground: ground.word() });
            }
        }
    }
    Ok(())
}

fn alone(grounds: &[Ground]) -> Result<(), ReplyProblem> {
    let is_weak = |ground: &Ground| matches!(ground, Ground::Fiscal | Ground::BankSecrecy);
    if !grounds.is_empty() && grounds.iter().all(is_weak) { Err(ReplyProblem::FiscalAlone) } else { Ok(()) }
}

/// Until when data is preserved.
fn period(request: &Request, reply: &Reply) -> Result<(), ReplyProblem> {
    let from = reply.effected_at.unwrap_or(Moment::Instant(reply.at));
    match (reply.outcome, request.article, reply.expires_at) {
        (Outcome::Extended, _, None) => Err(ReplyProblem::NoEnd),
        (Outcome::Executed | Outcome::Partly, Article::Preservation42 | Article::Preservation25, None) => {
            Err(ReplyProblem::NoPreservationEnd)
        }
        (Outcome::Executed | Outcome::Partly, Article::Preservation42, Some(until))
            if !lasts_at_least(from, until, PRESERVATION_DAYS_MIN) =>
        {
            Err(ReplyProblem::TooShort { from, until })
        }
        (Outcome::Executed | Outcome::Partly, Article::Preservation25, Some(until))
            if !lasts_at_most(from, until, ORDER_DAYS_MAX) =>
        {
            Err(ReplyProblem::TooLong { from, until })
        }
        _ => Ok(()),
    }
}
