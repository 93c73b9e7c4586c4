//! `scelle verify`: is it what it claims to be, and who says so.

use std::io::IsTerminal as _;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use clap::Args;

use super::answered::Answered;
use super::confine::Confinement;
use super::content::refuse_inside;
use super::custody::store::open_with_log;
use super::progress::byte_bar;
use super::request::open_request;
use super::small_file::read_small;
use super::ssh_signed::{self, SshSigned};
use super::trusted::{TrustArgs, Trusted};
use super::{Exit, Failure, interrupt, message, write_stdout};
use crate::format::digest::Digest;
use crate::format::request::Request;
use crate::hash::Mismatch;
use crate::limits::ENVELOPE_LEN_MAX;
use crate::report::escape::{self, escape};
use crate::report::json;
use crate::report::verification::{Style, text};
use crate::verify::{
    Bundle, OpenError, Options, Receipt, ReceiptError, Verdict, Verification, VerifyError, open, verify,
};

/// Columns where there is no terminal to ask.
const WIDTH_DEFAULT: usize = 100;

/// Verify bundles: every byte, who signed, and what is damaged
#[derive(Debug, Args)]
pub struct VerifyArgs {
    /// The bundles: files or directories
    #[arg(required = true, value_name = "BUNDLE")]
    bundles: Vec<PathBuf>,
    #[command(flatten)]
    trust: TrustArgs,
    /// Event that must be in the custody log: a receipt that you kept (can be repeated)
    #[arg(long = "receipt", value_name = "FILE", conflicts_with = "fixity")]
    receipts: Vec<PathBuf>,
    /// Signed request that the bundle must answer: its items, their categories, whom it asks and until when
    #[arg(long, value_name = "FILE", conflicts_with = "fixity")]
    request: Option<PathBuf>,
    /// SSH signature over the statement, as `scelle sign --ssh` writes it; one that does not hold exits with 1 (can be repeated)
    #[arg(long = "ssh-signature", value_name = "FILE")]
    ssh_signatures: Vec<PathBuf>,
    /// Directory that holds the custody log, if it is kept beside the bundle
    #[arg(long, value_name = "DIR")]
    log: Option<PathBuf>,
    /// Check signature, list and digests of members only; says "fixity ok", never "verified"
    #[arg(long)]
    fixity: bool,
    /// Exit with 1 also for what could not be read when it was sealed
    #[arg(long)]
    strict: bool,
    /// Print one JSON object for each bundle
    #[arg(long)]
    json: bool,
    /// Compute every digest of content again with the reference, and decide nothing if two differ
    #[arg(long)]
    paranoid: bool,
    /// List the checks that passed too, and say how this process has confined itself
    #[arg(long, short)]
    verbose: bool,
    /// Threads [default: one for each core]
    #[arg(long, value_name = "N", value_parser = clap::value_parser!(u16).range(1..=256))]
    threads: Option<u16>,
}

/// Runs the command. With several bundles the gravest result decides the exit code.
pub fn run(args: &VerifyArgs) -> Result<Exit, Failure> {
    if args.log.is_some() && args.bundles.len() > 1 {
        return Err(Failure::new(Exit::Usage, "--log is the log of one bundle").hint("verify one bundle at a time"));
    }
    if !args.ssh_signatures.is_empty() && args.bundles.len() > 1 {
        return Err(Failure::new(Exit::Usage, "--ssh-signature is over one bundle").hint("verify one bundle at a time"));
    }
    let trusted = args.trust.open()?;
    let ssh_signed = ssh_signed::open(&args.ssh_signatures)?;
    let receipts = args.receipts.iter().map(|path| Ok(open_receipt(path)?.0)).collect::<Result<Vec<_>, Failure>>()?;
    let request = args.request.as_deref().map(|path| open_request(path, &trusted)).transpose()?;
    let cancel = interrupt::flag();
    let thread_count = args.threads.map_or_else(super::cores, usize::from);
    let read: Vec<_> = args.bundles.iter().chain(&args.log).cloned().collect();
    let confinement = Confinement::enter(&read, &[]);
    if args.verbose {
        message(&format!("confined: {confinement}"));
    }
    let options = Options { receipts: &receipts, thread_count, ..Options::new(cancel) };
    all(args, &Beside { request: request.as_ref(), ssh_signed: &ssh_signed }, &trusted.options(options))
}

/// What was given beside the bundles, and is compared with them.
struct Beside<'a> {
    request: Option<&'a (Digest, Request)>,
    ssh_signed: &'a [SshSigned],
}

/// Verifies one bundle after the other.
fn all(args: &VerifyArgs, beside: &Beside<'_>, options: &Options<'_>) -> Result<Exit, Failure> {
    let mut gravest = Exit::Done;
    for (i, path) in args.bundles.iter().enumerate() {
        if i > 0 && !args.json {
            write_stdout(b"\n")?;
        }
        let exit = match one(path, args, beside, options) {
            Ok(exit) => exit,
            Err(failure) if failure.exit == Exit::Interrupted => return Err(failure),
            Err(failure) => {
                if args.json {
                    let json =
                        json::not_opened(path.as_os_str().as_encoded_bytes(), &failure.text(), failure.exit.code());
                    write_stdout(format!("{}\n", escape::json(&json.to_string())).as_bytes())?;
                }
                if failure.error.is::<Unsound>() {
                    // No verdict on another bundle is worth anything either.
                    return Ok(failure.report());
                }
                failure.report()
            }
        };
        if gravity(exit) > gravity(gravest) {
            gravest = exit;
        }
    }
    Ok(gravest)
}

/// A refutation outweighs everything; what could not be checked outweighs what is merely not trusted.
fn gravity(exit: Exit) -> u8 {
    match exit {
        Exit::Done => 0,
        Exit::NotTrusted => 1,
        Exit::Usage => 2,
        Exit::CouldNot => 3,
        Exit::Refuted => 4,
        Exit::Interrupted => 5,
    }
}

fn one(path: &Path, args: &VerifyArgs, beside: &Beside<'_>, options: &Options<'_>) -> Result<Exit, Failure> {
    let VerifyArgs { fixity, strict, paranoid, .. } = *args;
    let options = Options { fixity, strict, paranoid, ..*options };
    let bundle = open_with_log(path, args.log.as_deref())?;
    let verification = verified_of(&*bundle, &escape(path.as_os_str().as_encoded_bytes()), &options)?;
    let ssh_signed = ssh_signed::judge(beside.ssh_signed, &*bundle, &verification, options.signers);
    let answered = beside.request.and_then(|request| Answered::of(request, &*bundle, &verification));
    let exit = match (&answered, exit_of(verification.verdict)) {
        // What is sound and answers something else is of no use to whoever asked.
        (Some(answered), Exit::Done | Exit::NotTrusted) if !answered.is_answered() => Exit::Refuted,
        (_, exit) => exit,
    };
    let exit = ssh_signed::exit_with(exit, &ssh_signed);
    let name = escape(path.as_os_str().as_encoded_bytes());
    if args.json {
        let mut json = json::verification(path.as_os_str().as_encoded_bytes(), &verification, exit.code());
        if let Some(answered) = &answered {
            json["request"] = answered.json();
        }
        if !ssh_signed.is_empty() {
            json["ssh_signatures"] = ssh_signed.iter().map(ssh_signed::Judged::json).collect();
            if let (true, Some(failed)) =
                (ssh_signed.iter().any(ssh_signed::Judged::does_not_hold), json["failed"].as_array_mut())
            {
                failed.push("SSH-5".into());
            }
        }
        write_stdout(format!("{}\n", escape::json(&json.to_string())).as_bytes())?;
    } else {
        let on_terminal = std::io::stdout().is_terminal();
        let colour = on_terminal && std::env::var_os("NO_COLOR").is_none();
        write_stdout(ssh_signed::headline(&ssh_signed).as_bytes())?;
        write_stdout(text(&name, &verification, Style { width: width(), colour, verbose: args.verbose }).as_bytes())?;
        write_stdout(answered.map_or_else(String::new, |answered| answered.text()).as_bytes())?;
        write_stdout(ssh_signed.iter().map(ssh_signed::Judged::text).collect::<String>().as_bytes())?;
    }
    Ok(exit)
}

/// A bundle that was verified by a process that can read it and write beside `out`, and no more.
pub(super) struct Confined {
    pub bundle: Arc<dyn Bundle>,
    /// What people are told that it is.
    pub name: String,
    pub verification: Verification,
}

/// Verifies a bundle of which something is to be written to `out`, which is not in it.
pub(super) fn verified_confined(
    path: &Path,
    log: Option<&Path>,
    trusted: &Trusted,
    out: &Path,
) -> Result<Confined, Failure> {
    refuse_inside(path, out)?;
    let place = crate::dir::holding(out);
    let read: Vec<PathBuf> = [Some(path), log].into_iter().flatten().map(Path::to_owned).collect();
    Confinement::enter(&read, &[place, crate::dir::holding(place)]);
    let bundle = open_with_log(path, log)?;
    let name = escape(path.as_os_str().as_encoded_bytes());
    let options = trusted.options(Options { thread_count: super::cores(), ..Options::new(interrupt::flag()) });
    let verification = verified_of(&*bundle, &name, &options)?;
    Ok(Confined { bundle, name, verification })
}

/// Verifies a bundle, with a bar where there is a terminal in the place of what `options` has for progress.
pub(super) fn verified(path: &Path, options: &Options<'_>) -> Result<Verification, Failure> {
    verified_of(&*open_bundle(path)?, &escape(path.as_os_str().as_encoded_bytes()), options)
}

/// The same for a bundle that is open; `name` is what people are told.
pub(super) fn verified_of(bundle: &dyn Bundle, name: &str, options: &Options<'_>) -> Result<Verification, Failure> {
    let bar = byte_bar();
    let progress = |done, total| {
        bar.set_length(total);
        bar.set_position(done);
    };
    let result = verify(bundle, &Options { progress: &progress, ..*options });
    bar.finish_and_clear();
    result.map_err(|error| undecided(name, error))
}

/// This machine computes wrongly, as the verification of a bundle has shown.
#[derive(Debug, thiserror::Error)]
#[error("{name}: nothing was decided")]
struct Unsound {
    name: String,
    source: Mismatch,
}

fn undecided(name: &str, error: VerifyError) -> Failure {
    match error {
        VerifyError::Cancelled(error) => {
            Failure::new(Exit::Interrupted, error).hint("nothing was decided; run the same command again")
        }
        VerifyError::Mismatch(source) => {
            Failure::new(Exit::CouldNot, Unsound { name: name.to_owned(), source }).hint(Mismatch::HINT)
        }
    }
}

pub(super) fn exit_of(verdict: Verdict) -> Exit {
    match verdict {
        Verdict::Verified | Verdict::FixityOk => Exit::Done,
        Verdict::Refuted | Verdict::Incomplete => Exit::Refuted,
        Verdict::CouldNotCheck => Exit::CouldNot,
        Verdict::NotTrusted => Exit::NotTrusted,
    }
}

/// A file that is given as a receipt is none.
#[derive(Debug, thiserror::Error)]
#[error("{path} is not a receipt", path = path.display())]
struct NoReceipt {
    path: PathBuf,
    source: ReceiptError,
}

/// A receipt, and its bytes.
pub(super) fn open_receipt(path: &Path) -> Result<(Receipt, Vec<u8>), Failure> {
    let bytes = read_small(path, ENVELOPE_LEN_MAX)?;
    let receipt = Receipt::parse(escape(path.as_os_str().as_encoded_bytes()), &bytes)
        .map_err(|source| Failure::new(Exit::Usage, NoReceipt { path: path.to_owned(), source }))?;
    Ok((receipt, bytes))
}

/// Opens a bundle of either form.
pub(super) fn open_bundle(path: &Path) -> Result<Box<dyn Bundle>, Failure> {
    open(path).map_err(|error| match error {
        OpenError::Io { .. } => Failure::new(Exit::CouldNot, error),
        OpenError::NotABundle { .. } => Failure::new(Exit::Usage, error)
            .hint("a bundle is a file that `scelle seal` wrote, or the directory that it unpacks to"),
    })
}

/// Columns of the terminal that shows the text.
fn width() -> usize {
    let columns = rustix::termios::tcgetwinsize(std::io::stdout()).map(|size| usize::from(size.ws_col));
    columns.ok().filter(|&columns| columns > 0).map_or(WIDTH_DEFAULT, |columns| columns.min(WIDTH_DEFAULT))
}

#[cfg(test)]
mod tests {
    use std::sync::atomic::AtomicBool;

    use super::*;
    use crate::hash::with_wrong_kernel;

    #[test]
    fn where_two_computations_differ_no_bundle_gets_a_verdict_and_the_exit_code_is_2() {
        let golden = Path::new(env!("CARGO_MANIFEST_DIR")).join("fixtures/golden/tiny.scelle");
        let dir = tempfile::tempdir().unwrap();
        // Without its statement: refuted before any lanes are needed.
        let broken = dir.path().join("broken.scelle");
        let bytes = std::fs::read(&golden).unwrap();
        std::fs::write(&broken, &bytes[..1500]).unwrap();
        let exit = |bundles: &[&PathBuf]| {
            let bundles = bundles.iter().map(|path| path.to_path_buf()).collect();
            let args = VerifyArgs {
                request: None,
                ssh_signatures: Vec::new(),
                bundles,
                trust: TrustArgs::default(),
                receipts: Vec::new(),
                log: None,
                fixity: false,
                strict: false,
                json: false,
                paranoid: true,
                verbose: false,
                threads: Some(1),
            };
            let cancel = AtomicBool::new(false);
            with_wrong_kernel(|| all(&args, &Beside { request: None, ssh_signed: &[] }, &Options::new(&cancel)))
                .unwrap()
        };
        assert_eq!(exit(&[&broken]), Exit::Refuted);
        assert_eq!(exit(&[&golden, &broken]), Exit::CouldNot);
    }
}
