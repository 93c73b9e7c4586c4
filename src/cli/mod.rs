//! The command line: arguments to calls, results to messages and exit codes. One file a command.

mod also;
mod answered;
mod entries;
mod confine;
mod failure;
mod help;
pub mod terminal;
pub mod passphrase;
pub mod key_source;
mod core_dumps;
pub mod interrupt;
mod abort;
mod clock;
mod small_file;
mod trusted;
mod open_files;
mod progress;
pub mod key;
mod key_list;
pub mod case;
mod sources;
mod required;
pub mod seal;
mod unfinished;
pub mod verify;
mod content;
pub mod list;
pub mod show;
pub mod extract;
pub mod pack;
pub mod repair;
mod report;
pub mod hash;
pub mod trust;
pub mod treaty;
pub mod check;
pub mod request;
pub mod export;
pub mod sign;
mod ssh_signed;
pub mod custody;
pub mod timestamp;
pub mod conformance;
pub mod demo;

pub use failure::{Exit, Failure};

use std::io::{self, Write as _};
use std::process::ExitCode;

use clap::{Parser, Subcommand};

use crate::format::case::{Text, TextError};
use failure::{message, warning};

/// Seal digital evidence into bundles that anyone can verify.
#[derive(Debug, Parser)]
#[command(name = "scelle", version, arg_required_else_help = true, after_long_help = help::SCELLE)]
struct Cli {
    #[command(subcommand)]
    command: Command,
}

#[derive(Debug, Subcommand)]
enum Command {
    #[command(subcommand, after_long_help = help::KEY)]
    Key(key::KeyCommand),
    #[command(subcommand, after_long_help = help::CASE)]
    Case(case::CaseCommand),
    #[command(after_long_help = help::SEAL)]
    Seal(seal::SealArgs),
    #[command(after_long_help = help::VERIFY)]
    Verify(verify::VerifyArgs),
    #[command(after_long_help = help::SIGN)]
    Sign(sign::SignArgs),
    #[command(subcommand, after_long_help = help::CUSTODY)]
    Custody(Box<custody::CustodyCommand>),
    #[command(subcommand, after_long_help = help::TIMESTAMP)]
    Timestamp(timestamp::TimestampCommand),
    #[command(subcommand, after_long_help = help::TRUST)]
    Trust(Box<trust::TrustCommand>),
    #[command(subcommand, after_long_help = help::TREATY)]
    Treaty(treaty::TreatyCommand),
    #[command(after_long_help = help::CHECK)]
    Check(check::CheckArgs),
    #[command(subcommand, after_long_help = help::REQUEST)]
    Request(request::RequestCommand),
    #[command(after_long_help = help::REPORT)]
    Report(report::ReportArgs),
    #[command(after_long_help = help::EXPORT)]
    Export(export::ExportArgs),
    #[command(after_long_help = help::LIST)]
    List(list::ListArgs),
    #[command(after_long_help = help::SHOW)]
    Show(show::ShowArgs),
    #[command(after_long_help = help::EXTRACT)]
    Extract(extract::ExtractArgs),
    #[command(after_long_help = help::PACK)]
    Pack(pack::PackArgs),
    #[command(after_long_help = help::REPAIR)]
    Repair(repair::RepairArgs),
    #[command(after_long_help = help::HASH)]
    Hash(hash::HashArgs),
    #[command(after_long_help = help::CONFORMANCE)]
    Conformance(conformance::ConformanceArgs),
    #[command(after_long_help = help::DEMO)]
    Demo(demo::DemoArgs),
}

/// Runs the command line of this process.
pub fn main() -> ExitCode {
    abort::ends_in_an_exit_code();
    let exit = match Cli::try_parse() {
        Ok(cli) => run(cli.command).unwrap_or_else(|failure| failure.report()),
        Err(error) => {
            // Help and version are answers, not errors; nobody may be reading either.
            let _ = error.print();
            if error.use_stderr() { Exit::Usage } else { Exit::Done }
        }
    };
    ExitCode::from(exit.code())
}

fn run(command: Command) -> Result<Exit, Failure> {
    match command {
        Command::Key(command) => key::run(command),
        Command::Case(command) => case::run(command),
        Command::Seal(args) => seal::run(args),
        Command::Verify(args) => verify::run(&args),
        Command::Sign(args) => sign::run(&args),
        Command::Custody(command) => custody::run(&command),
        Command::Timestamp(command) => timestamp::run(&command),
        Command::Trust(command) => trust::run(&command),
        Command::Treaty(command) => treaty::run(&command),
        Command::Check(args) => check::run(&args),
        Command::Request(command) => request::run(&command),
        Command::Report(args) => report::run(&args),
        Command::Export(args) => export::run(&args),
        Command::List(args) => list::run(&args),
        Command::Show(args) => show::run(&args),
        Command::Extract(args) => extract::run(args),
        Command::Pack(args) => pack::run(&args),
        Command::Repair(args) => repair::run(&args),
        Command::Hash(args) => hash::run(args),
        Command::Conformance(args) => conformance::run(&args),
        Command::Demo(args) => demo::run(&args),
    }
}

/// The system gave no random bytes.
#[derive(Debug, thiserror::Error)]
#[error("the system gave no random bytes")]
struct RandomError(#[source] getrandom::Error);

/// An id that nothing else has.
fn random_id() -> Result<[u8; 16], Failure> {
    let mut id = [0; 16];
    getrandom::fill(&mut id).map_err(|error| Failure::new(Exit::CouldNot, RandomError(error)))?;
    Ok(id)
}

/// Threads that work if the user does not say how many.
fn cores() -> usize {
    std::thread::available_parallelism().map_or(1, usize::from)
}

/// The value of an argument is no text that a bundle can hold.
#[derive(Debug, thiserror::Error)]
#[error("{argument}")]
struct TextArgumentError {
    argument: &'static str,
    source: TextError,
}

/// Text that a bundle holds, from an argument.
fn text_argument(argument: &'static str, value: &str) -> Result<Text, Failure> {
    Text::new(value).map_err(|source| Failure::new(Exit::Usage, TextArgumentError { argument, source }))
}

/// Standard output could not be written.
#[derive(Debug, thiserror::Error)]
#[error("cannot write to standard output")]
struct OutputError(#[source] io::Error);

/// Writes data to stdout. A reader that has seen enough and gone (`| head`) is no failure.
fn write_stdout(data: &[u8]) -> Result<Exit, Failure> {
    let mut stdout = io::stdout().lock();
    match stdout.write_all(data).and_then(|()| stdout.flush()) {
        Ok(()) => Ok(Exit::Done),
        Err(error) => write_error(error),
    }
}

/// What a failed write to stdout means: nothing, if the reader has gone.
fn write_error(error: io::Error) -> Result<Exit, Failure> {
    match error.kind() {
        io::ErrorKind::BrokenPipe => Ok(Exit::Done),
        _ => Err(Failure::new(Exit::CouldNot, OutputError(error))),
    }
}
