//! Replies to requests.

use std::path::PathBuf;

use clap::Args;

use super::document::{NOBODY_TRUSTED, open_signed};
use super::sign::signed_by;
use crate::cli::clock::now;
use crate::cli::key_source::{UnlockArgs, open_signing_key};
use crate::cli::small_file::write_new;
use crate::cli::trusted::{Trusted, WhomArgs, moment};
use crate::cli::{Exit, Failure, message, text_argument, warning, write_stdout};
use crate::format::case::Text;
use crate::format::digest::Digest;
use crate::format::moment::Moment;
use crate::format::reply::{Reply, ReplyType, Respondent, SignedReply, Withheld};
use crate::format::request::{Request, SignedRequest};
use crate::format::request_words::{Ground, Outcome};
use crate::format::state::State;
use crate::format::time::Instant;
use crate::format::words::Word;
use crate::hash::sha256;
use crate::request::grounds::{self, ReplyProblem};
use crate::sign::SigningKey;

/// Arguments of `scelle request respond`.
#[derive(Debug, Args)]
pub struct RespondArgs {
    /// The signed request
    #[arg(value_name = "REQUEST")]
    request: PathBuf,
    /// What became of it: received, executed, partly, refused, postponed, extended or withdrawn
    #[arg(long, value_parser = word::<Outcome>)]
    outcome: Outcome,
    /// Ground of a refusal: 21a, 21b, 21c, 21d, 22, dual_criminality, fiscal or bank_secrecy (can be repeated)
    #[arg(long = "ground", value_name = "GROUND", value_parser = word::<Ground>)]
    grounds: Vec<Ground>,
    /// Why
    #[arg(long, value_name = "TEXT")]
    reasons: Option<String>,
    /// An item that is not given, and why (can be repeated)
    #[arg(long = "withheld", value_name = "ITEM=REASON")]
    withheld: Vec<String>,
    /// When data began to be preserved [default: now]
    #[arg(long, value_name = "DATE", value_parser = date)]
    effected: Option<Moment>,
    /// Until when data is preserved, or by when more is to be expected
    #[arg(long, value_name = "DATE", value_parser = date)]
    expires: Option<Moment>,
    /// Seal digest of the bundle that holds what was asked for
    #[arg(long, value_name = "HEX", value_parser = digest)]
    bundle: Option<Digest>,
    /// The reply before this one; of several the last
    #[arg(long, value_name = "REPLY")]
    previous: Option<PathBuf>,
    /// The authority that replies [default: the one that was asked; for `withdrawn` the one that asked]
    #[arg(long, value_name = "NAME")]
    by: Option<String>,
    /// When [default: now]
    #[arg(long, value_name = "DATE")]
    at: Option<String>,
    /// Private key to sign with
    #[arg(long, value_name = "KEY")]
    key: PathBuf,
    #[command(flatten)]
    unlock: UnlockArgs,
    #[command(flatten)]
    trust: WhomArgs,
    /// The reply to write; must not exist
    #[arg(long, value_name = "FILE")]
    out: PathBuf,
}

/// What cannot be replied.
#[derive(Debug, thiserror::Error)]
enum RespondError {
    #[error("this reply is not permitted")]
    NotPermitted(#[from] ReplyProblem),
    #[error("--withheld {0:?} is not ITEM=REASON")]
    Withheld(String),
    #[error("{path} is a reply to another request", path = .0.display())]
    OtherRequest(PathBuf),
    #[error("{path} is newer than this reply", path = .0.display())]
    Newer(PathBuf),
    #[error("the request was withdrawn by {path}", path = .0.display())]
    Withdrawn(PathBuf),
    #[error("by the trust list this key does not speak for {0}, which replies")]
    OtherKey(State),
    #[error("the request names no authority that could reply")]
    NoAuthority,
}

fn usage(error: RespondError) -> Failure {
    Failure::new(Exit::Usage, error)
}

fn word<W: Word>(text: &str) -> Result<W, String> {
    W::of_word(text).ok_or_else(|| format!("one of {}", W::words().join(", ")))
}

fn date(text: &str) -> Result<Moment, &'static str> {
    Moment::parse(text).ok_or("a date such as 2026-11-22, or a time such as 2026-11-22T03:17:00Z")
}

fn digest(text: &str) -> Result<Digest, &'static str> {
    Digest::from_hex(text).ok_or("64 lower-case hex digits")
}

pub(super) fn respond(args: &RespondArgs) -> Result<Exit, Failure> {
    let at = args.at.as_deref().map_or_else(|| Ok(now()), moment)?;
    let trusted = args.trust.open(at)?;
    if trusted.is_nobody() {
        warning(NOBODY_TRUSTED);
    }
    let request: SignedRequest = open_signed(&args.request, "request", &trusted)?;
    let digest = sha256(&request.payload);
    let reply = Reply {
        at,
        bundle: args.bundle,
        by: respondent(args, &request.document)?,
        effected_at: args.effected,
        expires_at: args.expires,
        grounds: args.grounds.clone(),
        outcome: args.outcome,
        previous: previous(args, &trusted, digest, at)?,
        reasons: args.reasons.as_deref().map(|text| text_argument("--reasons", text)).transpose()?,
        request: digest,
        document_type: ReplyType::V1,
        withheld: args.withheld.iter().map(|text| withheld(text, &request.document)).collect::<Result<_, _>>()?,
    };
    grounds::check(&request.document, &reply).map_err(|problem| usage(problem.into()))?;
    let key = open_signing_key(&args.key, &args.unlock)?;
    require_own_state(&trusted, &key, reply.by.state)?;
    let (bytes, digest) = signed_by(&key, &reply)?;
    write_new(&args.out, &bytes)?;
    message(&format!("wrote {}: {}", args.out.display(), args.outcome.word()));
    write_stdout(format!("{digest}\n").as_bytes())
}

/// That the key speaks for the State that replies, if a list tells: nobody would believe the reply.
fn require_own_state(trusted: &Trusted, key: &SigningKey, state: State) -> Result<(), Failure> {
    let Some(trust) = &trusted.trust else { return Ok(()) };
    let office = trust.parties().office(key.public().key_id());
    if office.is_some_and(|(country, _)| country == state) {
        return Ok(());
    }
    Err(usage(RespondError::OtherKey(state)).hint("`scelle trust show` lists who is of which State"))
}

/// Who replies: the State that was asked, or for a withdrawal the one that asks.
fn respondent(args: &RespondArgs, request: &Request) -> Result<Respondent, Failure> {
    let (known, state): (Option<&Text>, _) = match args.outcome {
        Outcome::Withdrawn => (request.from.authority.name.as_ref(), request.from.state),
        _ => {
            let custodian = request.custodian.as_ref().and_then(|custodian| custodian.name.as_ref());
            let is_order = request.from.state == request.to.state;
            (request.to.authority.as_ref().or(custodian.filter(|_| is_order)), request.to.state)
        }
    };
    let authority = match &args.by {
        Some(name) => text_argument("--by", name)?,
        None => known.cloned().ok_or_else(|| usage(RespondError::NoAuthority).hint("say who replies with --by"))?,
    };
    Ok(Respondent { authority, state })
}

/// The digest of the reply before this one.
fn previous(args: &RespondArgs, trusted: &Trusted, request: Digest, at: Instant) -> Result<Option<Digest>, Failure> {
    let Some(path) = &args.previous else { return Ok(None) };
    // Either side may have written it, and the user's own key need not be among those whom they name; a list has both.
    let nobody = Trusted::default();
    let before: SignedReply = open_signed(path, "reply", if trusted.trust.is_some() { trusted } else { &nobody })?;
    if before.document.request != request {
        return Err(usage(RespondError::OtherRequest(path.clone())));
    }
    if before.document.outcome == Outcome::Withdrawn {
        return Err(usage(RespondError::Withdrawn(path.clone())));
    }
    if at < before.document.at {
        return Err(usage(RespondError::Newer(path.clone())));
    }
    Ok(Some(sha256(&before.payload)))
}

fn withheld(text: &str, request: &Request) -> Result<Withheld, Failure> {
    // An id may have the sign in it.
    let ids = request.items.iter().map(|item| item.id.as_str());
    let of_item =
        ids.filter_map(|id| Some((id, text.strip_prefix(id)?.strip_prefix('=')?))).max_by_key(|(id, _)| id.len());
    let split = of_item.or_else(|| text.split_once('='));
    let (item, reason) = split.ok_or_else(|| usage(RespondError::Withheld(text.to_owned())))?;
    Ok(Withheld { item: text_argument("--withheld", item)?, reason: text_argument("--withheld", reason)? })
}
