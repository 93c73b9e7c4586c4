//! An inbox: what state each request is in, what is due next, and what is overdue (SPEC.md REP-4).

use std::collections::{BTreeMap, BTreeSet};

use super::grounds;
use super::periods::{european_due, seconds_between};
use super::preserved::end_of;
use crate::format::case::Text;
use crate::format::digest::Digest;
use crate::format::moment::Moment;
use crate::format::reply::Reply;
use crate::format::request::Request;
use crate::format::request_words::{Article, Instrument, Outcome, RequestKind, Urgency};
use crate::format::state::State;
use crate::format::time::Instant;
use crate::format::words::words;

const DAY: i64 = 86_400;

/// A document with the digest of its payload.
#[derive(Clone, Debug)]
#[expect(missing_docs, reason = "the names say it")]
pub struct Received<T> {
    pub digest: Digest,
    pub document: T,
}

words! {
    /// How a request stands.
    Standing {
        New "new" "Nobody has replied."
        Received "received" "It arrived."
        Postponed "postponed" "It will be done later."
        Extended "extended" "The time was extended."
        Preserved "preserved" "The data is preserved, until it is due."
        Held "held" "The data is preserved until the request that followed is decided."
        Decided "decided" "The request that followed was decided."
        Executed "executed" "It was done."
        Partly "partly" "Some of it was done, and the rest withheld."
        Refused "refused" "It was refused."
        Withdrawn "withdrawn" "It is not asked for any more."
    }
}

/// One request in an inbox.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Entry {
    /// Digest of its payload.
    pub digest: Digest,
    /// Its id.
    pub id: Text,
    /// The State that asks.
    pub from: State,
    /// The State that is asked.
    pub to: State,
    /// The article.
    pub article: Article,
    /// How it stands.
    pub standing: Standing,
    /// When something is due next.
    pub due: Option<Instant>,
    /// Whole days until then, negative from the first second after.
    pub days_left: Option<i64>,
    /// What is wrong with its replies.
    pub problems: Vec<String>,
}

/// All requests of an inbox.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Inbox {
    /// What is due first comes first; what is not due, last.
    pub entries: Vec<Entry>,
    /// Replies that follow nothing that is there.
    pub strays: Vec<Digest>,
}

impl Entry {
    /// Whether what is due was due earlier.
    pub fn is_overdue(&self) -> bool {
        self.days_left.is_some_and(|days| days < 0)
    }
}

impl Inbox {
    /// Puts requests and replies together.
    pub fn new(requests: &[Received<Request>], replies: &[Received<Reply>], now: Instant) -> Self {
        // What will have been said later has not been said yet.
        let replies: Vec<_> = replies.iter().filter(|reply| reply.document.at <= now).collect();
        let by_digest: BTreeMap<_, _> = requests.iter().map(|request| (request.digest, request)).collect();
        let mut strays: BTreeSet<_> = replies.iter().map(|reply| reply.digest).collect();
        let mut chains = BTreeMap::new();
        for (&digest, request) in &by_digest {
            let chain = Chain::of(request, &replies);
            for reply in &chain.replies {
                strays.remove(&reply.digest);
            }
            chains.insert(digest, chain);
        }
        let mut entries: Vec<_> = by_digest.values().map(|request| entry(request, &by_digest, &chains, now)).collect();
        entries.sort_by_key(|entry| (entry.due.is_none(), entry.due, entry.id.as_str().to_owned()));
        Self { entries, strays: strays.into_iter().collect() }
    }

    /// Whether anything is overdue.
    pub fn is_overdue(&self) -> bool {
        self.entries.iter().any(Entry::is_overdue)
    }
}

/// The replies to a request, in order.
struct Chain<'a> {
    replies: Vec<&'a Received<Reply>>,
    problems: Vec<String>,
}

impl<'a> Chain<'a> {
    fn of(request: &Received<Request>, all: &[&'a Received<Reply>]) -> Self {
        let mut to_it: BTreeMap<Option<Digest>, BTreeMap<Digest, &'a Received<Reply>>> = BTreeMap::new();
        for &reply in all.iter().filter(|reply| reply.document.request == request.digest) {
            to_it.entry(reply.document.previous).or_default().insert(reply.digest, reply);
        }
        let mut chain = Self { replies: Vec::new(), problems: Vec::new() };
        // Each digest is taken out as it is followed, so this ends.
        while let Some(next) = to_it.remove(&chain.replies.last().map(|last| last.digest)) {
            if next.len() > 1 {
                chain.problems.push("two replies follow the same one".into());
            }
            // Of two, the later one counts; the other is not lost from sight, since the problem is shown.
            let Some(reply) = next.into_values().max_by_key(|reply| (reply.document.at, reply.digest)) else { break };
            chain.append(request, reply);
        }
        if !to_it.is_empty() {
            chain.problems.push("a reply follows one that is not there".into());
        }
        chain
    }

    fn append(&mut self, request: &Received<Request>, reply: &'a Received<Reply>) {
        if let Err(problem) = grounds::check(&request.document, &reply.document) {
            self.problems.push(problem.to_string());
        }
        if self.replies.last().is_some_and(|last| reply.document.at < last.document.at) {
            self.problems.push("a reply is older than the one before it".into());
        }
        self.replies.push(reply);
    }

    fn last(&self) -> Option<&'a Reply> {
        self.replies.last().map(|reply| &reply.document)
    }

    /// Whether the request was answered so that nothing more is to come.
    fn is_decided(&self) -> bool {
        let last = self.last().map(|reply| reply.outcome);
        matches!(last, Some(Outcome::Executed | Outcome::Partly | Outcome::Refused | Outcome::Withdrawn))
    }

    fn has_preserved(&self) -> bool {
        self.replies.iter().any(|reply| matches!(reply.document.outcome, Outcome::Executed | Outcome::Partly))
    }

    /// The end that was said last.
    fn expires(&self) -> Option<Moment> {
        self.replies.iter().rev().find_map(|reply| reply.document.expires_at)
    }

    /// When the request was received: as was replied, or else when it was sent.
    fn received(&self, request: &Request) -> Option<Instant> {
        let reply = self.replies.iter().find(|reply| reply.document.outcome == Outcome::Received);
        reply.map(|reply| reply.document.at).or(request.sent_at)
    }
}

fn entry(
    request: &Received<Request>,
    requests: &BTreeMap<Digest, &Received<Request>>,
    chains: &BTreeMap<Digest, Chain<'_>>,
    now: Instant,
) -> Entry {
    let empty = Chain { replies: Vec::new(), problems: Vec::new() };
    let chain = chains.get(&request.digest).unwrap_or(&empty);
    let document = &request.document;
    let mut standing = standing(document, chain);
    if standing == Standing::Preserved {
        let end = preserved_until(document, chain);
        let follow_up = |it: &&&Received<Request>| {
            let is_assistance =
                it.document.article.kind() == RequestKind::Assistance && it.document.article != Article::Disclosure43;
            is_assistance && it.document.previous == Some(request.digest)
        };
        let in_time = |it: &&Received<Request>| {
            let received = chains.get(&it.digest).and_then(|chain| chain.received(&it.document));
            received.is_some_and(|received| end.is_none_or(|end| received <= end.end()))
        };
        let mut follow_ups = requests.values().filter(follow_up).copied().filter(in_time).peekable();
        if follow_ups.peek().is_some() {
            let all = follow_ups.all(|it| chains.get(&it.digest).is_some_and(Chain::is_decided));
            standing = if all { Standing::Decided } else { Standing::Held };
        }
    }
    let due = due(document, chain, standing);
    Entry {
        digest: request.digest,
        id: document.id.clone(),
        from: document.from.state,
        to: document.to.state,
        article: document.article,
        standing,
        due,
        days_left: due.map(|due| seconds_between(now, due).div_euclid(DAY)),
        problems: chain.problems.clone(),
    }
}

fn standing(request: &Request, chain: &Chain<'_>) -> Standing {
    let preserves = matches!(request.article, Article::Preservation25 | Article::Preservation42);
    match chain.last().map(|reply| reply.outcome) {
        Some(Outcome::Refused) => Standing::Refused,
        Some(Outcome::Withdrawn) => Standing::Withdrawn,
        _ if preserves && chain.has_preserved() => Standing::Preserved,
        Some(Outcome::Executed) => Standing::Executed,
        Some(Outcome::Partly) => Standing::Partly,
        Some(Outcome::Postponed) => Standing::Postponed,
        Some(Outcome::Extended) => Standing::Extended,
        Some(Outcome::Received) => Standing::Received,
        None => Standing::New,
    }
}

fn preserved_until(request: &Request, chain: &Chain<'_>) -> Option<Moment> {
    chain.expires().or_else(|| request.preservation.as_ref().and_then(end_of))
}

/// When something is due next. Of a date, the end.
fn due(request: &Request, chain: &Chain<'_>, standing: Standing) -> Option<Instant> {
    match standing {
        Standing::Preserved => preserved_until(request, chain).map(Moment::end),
        Standing::Postponed | Standing::Extended => chain.last().and_then(|it| it.expires_at).map(Moment::end),
        Standing::New | Standing::Received => {
            let deadline = request.deadline.as_ref().map(|deadline| deadline.at.end());
            let preserved = request.preservation.as_ref().and_then(end_of).map(Moment::end);
            [deadline, preserved, european(request, chain)].into_iter().flatten().min()
        }
        Standing::Held
        | Standing::Decided
        | Standing::Executed
        | Standing::Partly
        | Standing::Refused
        | Standing::Withdrawn => None,
    }
}

/// When an order to produce under the Regulation of the European Union is to be answered.
fn european(request: &Request, chain: &Chain<'_>) -> Option<Instant> {
    let is_european = request.legal_basis.iter().any(|basis| basis.instrument == Instrument::EuEvidence);
    let produces = !matches!(request.article, Article::Preservation25 | Article::Preservation42);
    let received = chain.received(request).filter(|_| is_european && produces)?;
    european_due(Moment::Instant(received), request.urgency == Some(Urgency::Emergency))
}
