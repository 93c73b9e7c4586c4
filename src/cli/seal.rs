//! `scelle seal`: sources to a signed bundle.

use std::path::PathBuf;
use std::sync::Arc;
use std::sync::atomic::AtomicBool;

use clap::{Args, ValueEnum};
use data_encoding::{BASE64, HEXLOWER};
use rustix::process::{Resource, Rlimit};
use zeroize::Zeroizing;

use super::passphrase::{PassphraseArgs, open_signing_key};
use super::progress::Bar;
use super::{Exit, Failure, interrupt, message, warning, write_stdout};
use crate::case_file::CaseFile;
use crate::format::case::{CaseJson, Scope as CaseScope, ScopeSource, Text, TextError};
use crate::format::cuts::Limits;
use crate::format::derive::Seed;
use crate::format::statement::{Clock, ClockSource, LEVELS, RequiredSigner, RequiredSigners};
use crate::format::time::Instant;
use crate::read::{Scope, ScopeError, Walk};
use crate::report::escape::escape;
use crate::report::quantity::{bytes, count};
use crate::seal::{Form, Job, Progress, SealError, Sealed, check_free, seal};
use crate::sign::SigningKey;

/// Seal files, directories, disk images or block devices into a signed bundle
#[derive(Debug, Args)]
pub struct SealArgs {
    /// What to seal. Paths in the bundle are relative to the parent of each
    #[arg(required = true, value_name = "SOURCE")]
    sources: Vec<PathBuf>,
    /// The bundle to write; must not exist
    #[arg(long, value_name = "FILE")]
    out: PathBuf,
    /// The key that signs, as `scelle key new` writes it
    #[arg(long, value_name = "FILE")]
    key: PathBuf,
    #[command(flatten)]
    passphrase: PassphraseArgs,
    /// Case, exhibit and people, as `scelle case new` prints it
    #[arg(long, value_name = "FILE")]
    case: PathBuf,
    /// Write one file, or a directory with the same members
    #[arg(long, value_enum, default_value_t = FormArg::Zip)]
    form: FormArg,
    /// Compression level, 1 to 19
    #[arg(long, default_value_t = 3, value_parser = clap::value_parser!(i32).range(i64::from(*LEVELS.start())..=i64::from(*LEVELS.end())))]
    level: i32,
    /// Leave out what matches this glob of bundle paths; the patterns are signed (can be repeated)
    #[arg(long, value_name = "GLOB")]
    exclude: Vec<String>,
    /// Do not descend into other file systems; signed
    #[arg(long)]
    one_file_system: bool,
    /// Exit with 1 if anything could not be read in full or changed meanwhile
    #[arg(long)]
    strict: bool,
    /// Role of the signer, for the statement
    #[arg(long, default_value = "sealer")]
    role: String,
    /// Threads that hash and compress [default: one for each core]
    #[arg(long, value_name = "N", value_parser = clap::value_parser!(u16).range(1..=256))]
    threads: Option<u16>,
    /// Derive salts and nonces from this seed (64 hex digits): for fixtures only, and recorded
    #[arg(long, value_name = "HEX")]
    seed: Option<String>,
    /// State this time (2026-11-22T03:17:00Z) instead of the clock's: for fixtures only, and recorded
    #[arg(long, value_name = "TIME")]
    time: Option<String>,
}

/// Which form the bundle has.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
enum FormArg {
    /// One ZIP64 file
    Zip,
    /// A directory
    Dir,
}

/// The value of an argument is no text that a bundle can hold.
#[derive(Debug, thiserror::Error)]
#[error("{argument}")]
struct TextArgumentError {
    argument: &'static str,
    source: TextError,
}

fn text_argument(argument: &'static str, value: &str) -> Result<Text, Failure> {
    Text::new(value).map_err(|source| Failure::new(Exit::Usage, TextArgumentError { argument, source }))
}

/// Runs the command.
pub fn run(args: SealArgs) -> Result<Exit, Failure> {
    raise_open_files();
    let seed = seed(args.seed.as_deref())?;
    let time_given = time(args.time.as_deref())?;
    let case = CaseFile::read(&args.case)?;
    let scope = Scope::new(&args.sources, &args.exclude, args.one_file_system).map_err(scope_failure)?;
    check_free(&args.out).map_err(seal_failure)?;
    scope.refuse_output_inside(&args.out).map_err(scope_failure)?;
    let key = open_signing_key(&args.key, &args.passphrase)?;

    text_argument("--role", &args.role)?;
    let clock = clock(&case, time_given.is_some());
    let case = case.into_case_json(crate::format::digest::Nonce([0; 32]), case_scope(&scope, &args)?);
    // What a reader would refuse must be known before hours of sealing, not after.
    case.to_bytes().map_err(|e| Failure::new(Exit::Usage, e))?;
    let case_bytes = |nonce| CaseJson { nonce, ..case.clone() }.to_bytes();

    let scope = Arc::new(scope);
    let progress = Arc::new(Progress::default());
    let cancel = interrupt::flag();
    let bar = Bar::start(Arc::clone(&scope), Arc::clone(&progress));
    let job = Job {
        out: &args.out,
        form: if args.form == FormArg::Zip { Form::Zip } else { Form::Dir },
        limits: Limits::DEFAULT,
        level: args.level,
        worker_count: args.threads.map_or_else(super::cores, usize::from),
        whole_file_digest: true,
        seed: Seed::new(&seed),
        seed_given: args.seed.is_some(),
        time_given,
        clock,
        case: &case_bytes,
        answers: None,
        required_signers: only_signer(&key, &args.role),
        key: &key,
        now: &now,
    };
    let sealed = run_job(job, scope, &progress, cancel, bar)?;
    report(&sealed, &key)?;
    let counts = &sealed.counts;
    let incomplete = counts.gaps > 0 || counts.unreadable > 0 || counts.changed > 0;
    Ok(if incomplete && args.strict { Exit::Refuted } else { Exit::Done })
}

/// Lets this process open as many files as it may: deep trees and many sources need handles.
fn raise_open_files() {
    let limit = rustix::process::getrlimit(Resource::Nofile);
    // If it stays as it is, a shortage is still an error and not a finding.
    let _ = rustix::process::setrlimit(Resource::Nofile, Rlimit { current: limit.maximum, ..limit });
}

fn run_job(
    job: Job<'_>,
    scope: Arc<Scope>,
    progress: &Progress,
    cancel: &AtomicBool,
    bar: Bar,
) -> Result<Sealed, Failure> {
    let mut source = Walk::new(scope);
    let result = seal(job, &mut source, progress, cancel);
    bar.finish();
    result.map_err(seal_failure)
}

fn seal_failure(error: SealError) -> Failure {
    let exit = match error {
        SealError::Interrupted => Exit::Interrupted,
        SealError::Exists { .. } | SealError::NoFileName { .. } | SealError::NothingToSeal => Exit::Usage,
        _ => Exit::CouldNot,
    };
    Failure { hint: error.hint(), ..Failure::new(exit, error) }
}

fn scope_failure(error: ScopeError) -> Failure {
    Failure { hint: error.hint(), ..Failure::new(Exit::Usage, error) }
}

/// The seed that was given, or a random one.
fn seed(given: Option<&str>) -> Result<Zeroizing<[u8; 32]>, Failure> {
    let mut seed = Zeroizing::new([0; 32]);
    match given {
        None => getrandom::fill(&mut *seed).map_err(|e| seal_failure(SealError::Random(e)))?,
        Some(hex) => {
            let bytes = HEXLOWER.decode(hex.as_bytes()).ok().and_then(|bytes| bytes.try_into().ok());
            *seed = bytes.ok_or_else(|| Failure::new(Exit::Usage, "--seed takes 64 lower-case hex digits"))?;
            warning("--seed: salts and nonces can be guessed by whoever knows it; never use it for evidence");
        }
    }
    Ok(seed)
}

/// The time that was given.
fn time(given: Option<&str>) -> Result<Option<Instant>, Failure> {
    let Some(text) = given else { return Ok(None) };
    warning("--time: the statement will say that the time was given by hand");
    let instant = Instant::parse(text);
    let wrong = || Failure::new(Exit::Usage, format!("--time {text:?} is not a time such as 2026-11-22T03:17:00Z"));
    instant.ok_or_else(wrong).map(Some)
}

fn now() -> Instant {
    let since = std::time::SystemTime::now().duration_since(std::time::UNIX_EPOCH);
    let seconds = since.ok().and_then(|d| i64::try_from(d.as_secs()).ok()).unwrap_or(0);
    Instant::from_seconds(seconds).unwrap_or(Instant::EPOCH)
}

fn clock(case: &CaseFile, time_given: bool) -> Clock {
    Clock {
        offset_ms: case.clock.as_ref().map(|measured| measured.offset_ms),
        reference: case.clock.as_ref().map(|measured| measured.reference.as_str().to_owned()),
        source: if time_given { ClockSource::Given } else { ClockSource::System },
    }
}

/// What the bundle says of what it was asked to take (SPEC.md CASE-1 `scope`).
fn case_scope(scope: &Scope, args: &SealArgs) -> Result<CaseScope, Failure> {
    use std::os::unix::ffi::OsStrExt;
    let host = rustix::system::uname().nodename().to_string_lossy().into_owned();
    Ok(CaseScope {
        exclude: args.exclude.iter().map(|glob| text_argument("--exclude", glob)).collect::<Result<_, _>>()?,
        host: Text::new(host).ok(),
        mounted_ok: None,
        one_file_system: args.one_file_system,
        sources: scope
            .sources()
            .iter()
            .map(|source| ScopeSource {
                device: None,
                name: source.name().to_vec(),
                path: source.path().as_os_str().as_bytes().to_vec(),
            })
            .collect(),
    })
}

fn only_signer(key: &SigningKey, role: &str) -> RequiredSigners {
    let public = key.public();
    let signer =
        RequiredSigner { keyid: public.key_id(), role: role.to_owned(), spki: BASE64.encode(&public.to_der()) };
    RequiredSigners { keys: vec![signer], threshold: 1 }
}

/// The number for the notebook on stdout; all else for people on stderr.
fn report(sealed: &Sealed, key: &SigningKey) -> Result<Exit, Failure> {
    let counts = &sealed.counts;
    message(&format!(
        "sealed {} in {} ({} stored) to {}",
        count(counts.entries, "entry", "entries"),
        bytes(counts.bytes),
        bytes(sealed.stored_len),
        sealed.path.display()
    ));
    message(&format!("signed by key {}", key.public().key_id()));
    for (number, one, many) in [
        (counts.unreadable, "entry could not be opened", "entries could not be opened"),
        (counts.gaps, "region could not be read", "regions could not be read"),
        (counts.changed, "entry changed while it was read", "entries changed while they were read"),
    ] {
        if number > 0 {
            warning(&format!("{}: recorded and signed", count(number, one, many)));
        }
    }
    message("seal digest, for the notebook:");
    let name = escape(sealed.path.as_os_str().as_encoded_bytes());
    write_stdout(format!("{}  {name}\n", sealed.seal_digest).as_bytes())
}
