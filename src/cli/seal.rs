//! `scelle seal`: sources to a signed bundle.

use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::sync::atomic::AtomicBool;

use clap::{Args, ValueEnum};
use data_encoding::HEXLOWER;
use zeroize::Zeroizing;

use super::also::AlsoArgs;
use super::clock::{given_time, host_of, now};
use super::key_source::{UnlockArgs, open_signing_key};
use super::progress::Bar;
use super::request::open_request;
use super::required::RequiredArgs;
use super::sources::SourceArgs;
use super::trusted::Trusted;
use super::unfinished::{seal_failure, seal_failure_of, unfinished};
use super::verify::verified;
use super::{Exit, Failure, interrupt, message, open_files, warning, write_stdout};
use crate::case_file::CaseFile;
use crate::format::case::CaseJson;
use crate::format::clock::{Clock, ClockSource};
use crate::format::cuts::Limits;
use crate::format::derive::Seed;
use crate::format::digest::Digest;
use crate::format::journal::JournalKey;
use crate::format::statement::LEVELS;
use crate::format::time::Instant;
use crate::hash::{KernelError, choice};
use crate::output::{check_free, forget_cached};
use crate::read::Patience;
use crate::report::escape::escape;
use crate::report::quantity::{bytes, count};
use crate::seal::resume::Unfinished;
use crate::seal::{Form, Job, JournalSecrets, Progress, SealError, Sealed, seal};
use crate::sign::SigningKey;
use crate::verify::{Options, Verdict};

/// Seal files, directories, disk images, block devices or standard input into a signed bundle
#[derive(Debug, Args)]
pub struct SealArgs {
    #[command(flatten)]
    sources: SourceArgs,
    /// The bundle to write; must not exist
    #[arg(long, value_name = "FILE")]
    pub(super) out: PathBuf,
    /// The key that signs: a file that `scelle key new` wrote, agent:SHA256:..., or pkcs11:... as `scelle key list` shows them
    #[arg(long, value_name = "KEY")]
    key: PathBuf,
    #[command(flatten)]
    unlock: UnlockArgs,
    /// Case, exhibit and people, as `scelle case new` prints it
    #[arg(long, value_name = "FILE")]
    case: PathBuf,
    /// Write one file, or a directory with the same members
    #[arg(long, value_enum, default_value_t = FormArg::Zip)]
    form: FormArg,
    /// Compression level, 1 to 19
    #[arg(long, default_value_t = 3, value_parser = clap::value_parser!(i32).range(i64::from(*LEVELS.start())..=i64::from(*LEVELS.end())))]
    level: i32,
    #[command(flatten)]
    also: AlsoArgs,
    /// Seal files longer than a chunk (256 KiB) by the digests of their chunks alone, without one of the whole file: faster,
    /// and recorded. Verifying proves the same; only other tools' lists have nothing to compare with
    #[arg(long)]
    chunks_only: bool,
    /// Compute every digest of content again with the reference, and seal nothing if two differ
    #[arg(long)]
    paranoid: bool,
    /// How often each sector that fails is read again, after all others were
    #[arg(long, value_name = "N", default_value_t = Patience::default().retries, value_parser = clap::value_parser!(u32).range(0..=1000))]
    retry: u32,
    /// Bytes that fail together, a power of two from 512 to 65536 [default: as the device says]
    #[arg(long, value_name = "N", value_parser = sector_len)]
    sector: Option<u64>,
    /// If a disk goes away while it is read, seal what was read until then
    #[arg(long)]
    incomplete_ok: bool,
    /// Go on with what an interrupted run of the same command left unfinished
    #[arg(long)]
    pub(super) resume: bool,
    /// Then read the bundle back from the medium, past the page cache where the system allows it, and verify it
    #[arg(long)]
    verify: bool,
    /// Exit with 1 if anything could not be read in full or changed meanwhile
    #[arg(long)]
    strict: bool,
    #[command(flatten)]
    required: RequiredArgs,
    /// Threads that hash and compress [default: one for each core]
    #[arg(long, value_name = "N", value_parser = clap::value_parser!(u16).range(1..=256))]
    threads: Option<u16>,
    /// Derive salts and nonces from this seed (64 hex digits): for fixtures only, and recorded
    #[arg(long, value_name = "HEX")]
    pub(super) seed: Option<String>,
    /// The signed request that the bundle answers; its digest is signed with the bundle
    #[arg(long, value_name = "REQUEST")]
    answers: Option<PathBuf>,
    /// State this time (2026-11-22T03:17:00Z) instead of the clock's: for fixtures only, and recorded
    #[arg(long, value_name = "TIME")]
    pub(super) time: Option<String>,
}

/// Which form the bundle has.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub(super) enum FormArg {
    /// One ZIP64 file
    Zip,
    /// A directory
    Dir,
}

impl From<FormArg> for Form {
    fn from(form: FormArg) -> Self {
        match form {
            FormArg::Zip => Self::Zip,
            FormArg::Dir => Self::Dir,
        }
    }
}

/// Runs the command.
pub fn run(args: SealArgs) -> Result<Exit, Failure> {
    open_files::raise();
    if let Some(text) = unsound_machine(choice().refused()) {
        warning(&text);
    }
    let (random_seed, given_time) = (seed(args.seed.as_deref())?, given_time(args.time.as_deref())?);
    let case = CaseFile::read(&args.case)?;
    let sources = args.sources.open()?;
    if !args.resume {
        check_free(&args.out).map_err(|error| seal_failure(error.into()))?;
    }
    sources.refuse_output_inside(&args.out)?;
    let key = open_signing_key(&args.key, &args.unlock)?;

    let can_be_read_again = sources.can_be_read_again();
    let Beginning { journal_key, unfinished, seed, seed_given, time_given } =
        Beginning::of(&args, &key, (random_seed, given_time), can_be_read_again)?;
    let required_signers = args.required.open(&key.public())?;
    let answers = args.answers.as_deref().map(|path| open_request(path, &Trusted::default())).transpose()?;
    let clock = measured_clock(&case, time_given.is_some());
    let case = case.into_case_json(crate::format::digest::Nonce([0; 32]), args.sources.case_scope(&sources)?);
    // What a reader would refuse must be known before hours of sealing, not after.
    case.to_bytes().map_err(|e| Failure::new(Exit::Usage, e))?;
    warn_of_states(&case);
    let case_bytes = |nonce| CaseJson { nonce, ..case.clone() }.to_bytes();

    let progress = Arc::new(Progress::default());
    let cancel = interrupt::flag();
    let mut source = sources.source(&args.out, cancel)?;
    let bar = Bar::start(sources.count(), Arc::clone(&progress));
    let job = Job {
        out: &args.out,
        form: args.form.into(),
        limits: Limits::DEFAULT,
        level: args.level,
        worker_count: args.threads.map_or_else(super::cores, usize::from),
        whole_file_digest: !args.chunks_only,
        also: args.also.algorithms(),
        paranoid: args.paranoid,
        patience: Patience { retries: args.retry, sector_len: args.sector },
        incomplete_ok: args.incomplete_ok,
        journal: journal_key
            .clone()
            .filter(|_| can_be_read_again)
            .map(|key| JournalSecrets { seed: Digest(*seed), key }),
        unfinished,
        seed: Seed::new(&seed),
        seed_given,
        time_given,
        clock,
        case: &case_bytes,
        answers: answers.map(|(digest, _)| digest),
        required_signers,
        key: &key,
        now: &now,
    };
    let sealed = seal(job, source.as_mut(), &progress, cancel);
    bar.finish();
    let sealed = sealed.map_err(|error| seal_failure_of(error, &args.out, journal_key.as_ref()))?;
    sources.report();
    report(&sealed, &key)?;
    if args.verify {
        read_back(&sealed.path, &key, cancel)?;
    }
    let counts = &sealed.counts;
    let incomplete = counts.gaps > 0 || counts.unreadable > 0 || counts.changed > 0;
    Ok(if incomplete && args.strict { Exit::Refuted } else { Exit::Done })
}

/// What a sealing begins with: what the user says, or what the unfinished one began with.
struct Beginning {
    journal_key: Option<JournalKey>,
    unfinished: Option<Unfinished>,
    seed: Zeroizing<[u8; 32]>,
    seed_given: bool,
    time_given: Option<Instant>,
}

impl Beginning {
    fn of(
        args: &SealArgs,
        key: &SigningKey,
        (random_seed, given_time): (Zeroizing<[u8; 32]>, Option<Instant>),
        can_be_read_again: bool,
    ) -> Result<Self, Failure> {
        let journal_key = key.journal_key()?;
        if journal_key.is_none() && can_be_read_again {
            warning("this key signs the same text differently each time: if this ends early it cannot be resumed");
        }
        let unfinished = unfinished(args, journal_key.as_ref())?;
        let begun = unfinished.as_ref().map(|unfinished| &unfinished.journal.begun);
        let seed_given = begun.map_or(args.seed.is_some(), |begun| begun.seed_given);
        let time_given = begun.map_or(given_time, |begun| begun.time_given.then_some(begun.start));
        let seed = begun.map_or(random_seed, |begun| Zeroizing::new(begun.seed.0));
        Ok(Self { journal_key, unfinished, seed, seed_given, time_given })
    }
}

/// What is said of kernels that gave wrong answers: whoever seals evidence on such a machine should know before.
fn unsound_machine(refused: &[KernelError]) -> Option<String> {
    let kernels: Vec<_> = refused.iter().map(KernelError::to_string).collect();
    let kernels = kernels.join("; ");
    (!refused.is_empty()).then(|| format!("{kernels}; digests are made without it, but this machine may not be sound"))
}

/// A length that a sector can have.
fn sector_len(text: &str) -> Result<u64, String> {
    let len = text.parse().ok().filter(|len: &u64| len.is_power_of_two() && (512..=65_536).contains(len));
    len.ok_or_else(|| "not a power of two from 512 to 65536".to_owned())
}

/// What was read back is not what was sealed.
#[derive(Debug, thiserror::Error)]
#[error("{path} was read back and is not what was sealed", path = escape(path.as_os_str().as_encoded_bytes()))]
struct NotAsSealed {
    path: PathBuf,
}

/// Verifies a bundle as its reader will, from the medium.
fn read_back(path: &Path, key: &SigningKey, cancel: &AtomicBool) -> Result<(), Failure> {
    forget_cached(path).map_err(|error| Failure::new(Exit::CouldNot, error))?;
    let options = Options { signers: &[key.public()], thread_count: super::cores(), ..Options::new(cancel) };
    let verification = verified(path, &options)?;
    // Others may still have to sign.
    if !matches!(verification.verdict, Verdict::Verified | Verdict::NotTrusted) {
        return Err(Failure::new(Exit::Refuted, NotAsSealed { path: path.to_owned() })
            .hint("do not rely on this medium: `scelle verify` says what is damaged; seal again, to another one"));
    }
    message("read back from the medium and verified");
    Ok(())
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

fn measured_clock(case: &CaseFile, time_given: bool) -> Clock {
    let source = if time_given { ClockSource::Given } else { ClockSource::System };
    Clock {
        host: host_of(source),
        offset_ms: case.clock.as_ref().map(|measured| measured.offset_ms),
        reference: case.clock.as_ref().map(|measured| measured.reference.as_str().to_owned()),
        source,
    }
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

/// Whose data these are decides whom the case lets them go to: two States that were mixed up would be found out too late.
fn warn_of_states(case: &CaseJson) {
    let (home, asked) = (case.authority.state, case.cooperation.as_ref().map(|it| it.requested_state));
    if let Some(asked) = asked.filter(|&asked| asked != home) {
        warning(&format!(
            "the authority is of {home}, and by `cooperation` {asked} was asked: personal data would be {asked}'s, and go on only with its word"
        ));
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::hash::Kernel;

    #[test]
    fn a_kernel_that_computes_wrongly_is_warned_of_in_one_line() {
        assert_eq!(unsound_machine(&[]), None);
        let wrong = [Kernel::ALL[1], Kernel::ALL[2]];
        let text = unsound_machine(&wrong.map(KernelError::WrongAnswer)).expect("a warning");
        assert!(wrong.iter().all(|kernel| text.contains(&format!("the {kernel} kernel"))), "{text}");
        assert!(text.ends_with("this machine may not be sound") && !text.contains('\n'), "{text}");
    }
}
