//! Adding what an authority answered: only what holds, and for good.

use std::path::{Path, PathBuf};

use clap::Args;

use crate::causes::with_causes;
use crate::cli::custody::OpenLog;
use crate::cli::small_file::read_small;
use crate::cli::trusted::{TrustArgs, Trusted};
use crate::cli::{Exit, Failure, interrupt, message, warning};
use crate::format::digest::Digest;
use crate::format::member::MemberName;
use crate::format::time_stamp::{Hash, Query, QueryError, Response, ResponseError, TstInfo, with_lists};
use crate::hash::sha256;
use crate::limits::ENVELOPE_LEN_MAX;
use crate::report::escape::escape;
use crate::time_stamp::{Problem, Sound, Standing, examine, is_revocation_list, standing};
use crate::verify::{OpenedLog, Options, read_grown};

/// Arguments of `scelle timestamp attach`.
#[derive(Debug, Args)]
pub struct AttachArgs {
    /// The bundle: a file or a directory
    #[arg(value_name = "BUNDLE")]
    bundle: PathBuf,
    /// The answer, as the authority sent it
    #[arg(value_name = "RESPONSE")]
    response: PathBuf,
    /// The query that it must answer
    #[arg(long, value_name = "FILE")]
    query: Option<PathBuf>,
    #[command(flatten)]
    kept: KeptArgs,
}

/// What is kept with an answer, and whose answers count.
#[derive(Debug, Args)]
pub(super) struct KeptArgs {
    /// Revocation list, in DER, to be kept in the time-stamp (can be repeated)
    #[arg(long = "crl", value_name = "FILE")]
    lists: Vec<PathBuf>,
    #[command(flatten)]
    trust: TrustArgs,
}

/// Why an answer is not added.
#[derive(Debug, thiserror::Error)]
enum AttachError {
    #[error("{name} is no time-stamp response")]
    Form { name: String, source: ResponseError },
    #[error("{name} is no revocation list that can be kept")]
    List { name: String },
    #[error("{name} is no query")]
    Query { name: String, source: QueryError },
    #[error("{name} does not hold: {what}")]
    NotSound { name: String, what: String },
    #[error("{name} is over no envelope or event of {bundle}")]
    Foreign { name: String, bundle: String },
    #[error("{name} does not answer the query: {what}")]
    Other { name: String, what: &'static str },
    #[error("the authority of {name} is not trusted: {why}")]
    NotTrusted { name: String, why: String },
    #[error("{name} does not stand: its authority's certificate was {what}")]
    Revoked { name: String, what: String },
}

/// Runs `scelle timestamp attach`.
pub(super) fn attach(args: &AttachArgs) -> Result<Exit, Failure> {
    let bytes = read_small(&args.response, ENVELOPE_LEN_MAX)?;
    let query = args.query.as_deref().map(open_query).transpose()?;
    let name = escape(args.response.as_os_str().as_encoded_bytes());
    args.kept.open()?.add(&args.bundle, &name, bytes, query.as_ref())
}

fn open_query(path: &Path) -> Result<Query, Failure> {
    let name = escape(path.as_os_str().as_encoded_bytes());
    let parsed = Query::parse(&read_small(path, ENVELOPE_LEN_MAX)?);
    parsed.map_err(|source| Failure::new(Exit::Usage, AttachError::Query { name, source }))
}

impl KeptArgs {
    /// Opens whatever decides on an answer, before anybody is asked for one that would be lost.
    pub fn open(&self) -> Result<Opened, Failure> {
        let lists = self.lists.iter().map(|path| open_list(path)).collect::<Result<Vec<_>, _>>()?;
        Ok(Opened { trusted: self.trust.open()?, lists })
    }
}

/// What is kept with an answer, opened.
pub(super) struct Opened {
    trusted: Trusted,
    lists: Vec<Vec<u8>>,
}

impl Opened {
    /// Checks an answer and adds it; `name` is what people are told that it is.
    pub fn add(&self, bundle: &Path, name: &str, bytes: Vec<u8>, query: Option<&Query>) -> Result<Exit, Failure> {
        let trusted = &self.trusted;
        let bytes = self.with_lists(name, bytes)?;
        let response = parsed(name, &bytes)?;
        let log = OpenLog::of_bundle(bundle)?;
        let opened = log.read(trusted)?;
        let (file, digest) = stamped(&response, name, &log, &opened)?;
        let sound = examine(&response, &file).map_err(|problems| not_sound(name, &problems))?;
        if let Some(what) = query.and_then(|query| difference(query, &sound.info)) {
            return Err(Failure::new(Exit::Refuted, AttachError::Other { name: name.to_owned(), what })
                .hint("give the query that was sent, or ask again"));
        }
        check_trust(name, &response, &sound, trusted)?;
        let member = MemberName::time_stamp_over(digest, sha256(&bytes));
        if opened.custody.records.grown.iter().any(|it| it.name == member.to_string()) {
            message(&format!("{} has this time-stamp already", log.name()));
            return Ok(Exit::Done);
        }
        log.add_member(&opened.ledger, trusted, member, bytes, name)?;
        let (time, authority) = (sound.time(), escape(sound.authority.as_bytes()));
        message(&format!("added a time-stamp of {time} by {authority}"));
        Ok(Exit::Done)
    }

    fn with_lists(&self, name: &str, bytes: Vec<u8>) -> Result<Vec<u8>, Failure> {
        if self.lists.is_empty() {
            return Ok(bytes);
        }
        with_lists(&bytes, &self.lists)
            .map_err(|source| Failure::new(Exit::Usage, AttachError::Form { name: name.to_owned(), source }))
    }
}

/// A revocation list that says something by itself: others would be kept for nothing.
fn open_list(path: &Path) -> Result<Vec<u8>, Failure> {
    let bytes = read_small(path, ENVELOPE_LEN_MAX)?;
    if is_revocation_list(&bytes) {
        return Ok(bytes);
    }
    let name = escape(path.as_os_str().as_encoded_bytes());
    Err(Failure::new(Exit::Usage, AttachError::List { name })
        .hint("in DER, as the authority publishes it, with nextUpdate and crlNumber, and no delta; PEM: `openssl crl -outform DER`"))
}

fn parsed(name: &str, bytes: &[u8]) -> Result<Response, Failure> {
    Response::parse(bytes).map_err(|source| {
        Failure::new(Exit::Usage, AttachError::Form { name: name.to_owned(), source })
            .hint("a response is what an authority sends as application/timestamp-reply")
    })
}

fn not_sound(name: &str, problems: &[Problem]) -> Failure {
    let what: Vec<_> = problems.iter().map(|problem| escape(with_causes(problem).as_bytes())).collect();
    Failure::new(Exit::Refuted, AttachError::NotSound { name: name.to_owned(), what: what.join("; ") })
        .hint("nothing was added; ask this authority again, or another one")
}

/// The envelope or event that an answer is over, and its SHA-256.
fn stamped(response: &Response, name: &str, log: &OpenLog, opened: &OpenedLog) -> Result<(Vec<u8>, Digest), Failure> {
    let info = response.token.as_ref().and_then(|token| TstInfo::parse(&token.content).ok());
    let Some(imprint) = info.and_then(|info| info.imprint) else {
        return Err(not_sound(name, &examine(response, b"").err().unwrap_or_default()));
    };
    for grown in opened.custody.records.grown.iter().filter(|it| !it.name.starts_with("timestamps/")) {
        let is_sha256 = imprint.hash() == Hash::Sha256;
        if is_sha256 && imprint.digest() != &grown.sha256.0[..] {
            continue;
        }
        let Some(member) = MemberName::parse(&grown.name) else { continue };
        let bytes = read_grown(log.bundle(), &member).map_err(|error| Failure::new(Exit::CouldNot, error))?;
        if imprint.hash().digest(&bytes) == imprint.digest() {
            return Ok((bytes, grown.sha256));
        }
    }
    let error = AttachError::Foreign { name: name.to_owned(), bundle: log.name().to_owned() };
    Err(Failure::new(Exit::Refuted, error).hint("nothing was added; is this the bundle that the query was made of?"))
}

/// How an answer differs from what was asked.
fn difference(query: &Query, info: &TstInfo) -> Option<&'static str> {
    if query.nonce != info.nonce {
        return Some("its nonce is another one, so it may be an old answer");
    }
    if info.imprint.as_ref() != Some(&query.imprint) {
        return Some("it is over another digest");
    }
    query.policy.filter(|policy| *policy != info.policy).map(|_| "it was given under another policy")
}

/// Trust, if the user says whom they trust. Who verifies will say it anyway.
fn check_trust(name: &str, response: &Response, sound: &Sound, trusted: &Trusted) -> Result<(), Failure> {
    let roots = trusted.options(Options::new(interrupt::flag())).all_time_roots();
    let Some(token) = &response.token else { return Ok(()) };
    let name = name.to_owned();
    match standing(token, sound, &roots) {
        Standing::Trusted => Ok(()),
        Standing::NoRoots => {
            warning(
                "no root of time-stamping authorities was given, so whose this is was not checked (--timestamp-root)",
            );
            Ok(())
        }
        Standing::Untrusted(why) => Err(Failure::new(Exit::NotTrusted, AttachError::NotTrusted { name, why })
            .hint("nothing was added; give the root of this authority, or none to add it unchecked")),
        Standing::Revoked(what) => {
            Err(Failure::new(Exit::Refuted, AttachError::Revoked { name, what: what.to_string() }))
        }
    }
}
