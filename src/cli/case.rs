//! `scelle case`: a case file to fill in, and whether it is complete.

use std::io;
use std::path::{Path, PathBuf};

use clap::{Args, Subcommand};

use super::{Exit, Failure, message, write_stdout};
use crate::case_file::{CaseFile, CaseTemplate, CaseTomlError, Problem, ProblemKind, check_text, list};
use crate::format::state::State;
use crate::new_file::NewFile;

/// Describe the case behind an exhibit.
#[derive(Debug, Subcommand)]
pub enum CaseCommand {
    /// Print a commented case file to fill in; complete if all five required fields are given
    New(NewArgs),
    /// Check that a case file can be sealed with; lists everything that is wrong in it
    Check(CheckArgs),
}

/// Arguments of `scelle case new`.
#[derive(Debug, Args)]
pub struct NewArgs {
    /// Number or name of the case
    #[arg(long, value_name = "ID")]
    case: Option<String>,
    /// Number or name of the exhibit within the case
    #[arg(long, value_name = "ID")]
    exhibit: Option<String>,
    /// Who seals
    #[arg(long, value_name = "NAME")]
    operator: Option<String>,
    /// The authority that acts
    #[arg(long, value_name = "NAME")]
    authority: Option<String>,
    /// Its State: ISO 3166-1 alpha-2 code, or EU
    #[arg(long, value_name = "XX")]
    state: Option<String>,
    /// Write to a new file instead of stdout
    #[arg(long, value_name = "FILE")]
    out: Option<PathBuf>,
}

/// Arguments of `scelle case check`.
#[derive(Debug, Args)]
pub struct CheckArgs {
    /// The case file
    #[arg(value_name = "FILE")]
    file: PathBuf,
}

/// Why no case file was made.
#[derive(Debug, thiserror::Error)]
enum NewCaseError {
    #[error("these values cannot stand in a case file:{}", list(.0))]
    Values(Vec<Problem>),
    #[error("{path} exists already", path = .0.display())]
    Exists(PathBuf),
    #[error("cannot write the case file {path}", path = path.display())]
    Write { path: PathBuf, source: io::Error },
}

/// Runs `scelle case ...`.
pub fn run(command: CaseCommand) -> Result<Exit, Failure> {
    match command {
        CaseCommand::New(args) => new(args),
        CaseCommand::Check(args) => check(&args),
    }
}

fn new(args: NewArgs) -> Result<Exit, Failure> {
    let template = CaseTemplate {
        case: args.case,
        exhibit: args.exhibit,
        operator: args.operator,
        authority: args.authority,
        state: args.state,
    };
    let problems = problems_in(&template);
    if !problems.is_empty() {
        return Err(Failure::new(Exit::Usage, NewCaseError::Values(problems)));
    }
    let text = template.to_toml();
    let Some(path) = args.out else {
        return write_stdout(text.as_bytes());
    };
    write_new(&path, text.as_bytes())?;
    let open: Vec<_> =
        template.required().into_iter().filter_map(|(name, value)| value.is_none().then_some(name)).collect();
    message(&match open.as_slice() {
        [] => format!("wrote {}", path.display()),
        open => format!("wrote {}; still to fill in: {}", path.display(), open.join(", ")),
    });
    Ok(Exit::Done)
}

/// What is wrong with the values that were given; those that were not are to be filled in later.
fn problems_in(template: &CaseTemplate) -> Vec<Problem> {
    let given = template.required().into_iter().filter_map(|(name, value)| Some((name, value?)));
    let problem = |(name, value): (&str, &str)| {
        let kind = match check_text(value.trim()) {
            Err(kind) => kind,
            Ok(_) if name == "authority.state" && State::new(value).is_err() => ProblemKind::State(value.to_owned()),
            Ok(_) => return None,
        };
        Some(Problem { line: None, field: name.to_owned(), kind })
    };
    given.filter_map(problem).collect()
}

fn write_new(path: &Path, text: &[u8]) -> Result<(), Failure> {
    let written = NewFile::create(path, 0o666).and_then(|file| file.fill(text));
    written.map(NewFile::keep).map_err(|source| match source.kind() {
        io::ErrorKind::AlreadyExists => Failure::new(Exit::Usage, NewCaseError::Exists(path.to_owned()))
            .hint("case files are never overwritten; choose another name"),
        _ => Failure::new(Exit::CouldNot, NewCaseError::Write { path: path.to_owned(), source }),
    })
}

fn check(args: &CheckArgs) -> Result<Exit, Failure> {
    CaseFile::read(&args.file)?;
    message(&format!("{} is complete", args.file.display()));
    Ok(Exit::Done)
}

impl From<CaseTomlError> for Failure {
    fn from(error: CaseTomlError) -> Self {
        match error {
            CaseTomlError::Read { .. } => Self::new(Exit::CouldNot, error),
            CaseTomlError::TooLong(_) | CaseTomlError::NotText(_) | CaseTomlError::Problems { .. } => {
                Self::new(Exit::Usage, error).hint("scelle case new prints a case file to fill in")
            }
        }
    }
}
