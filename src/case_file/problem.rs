//! What can be wrong in a `case.toml`, in words that say where and what to do.

use std::fmt;
use std::path::PathBuf;

use crate::format::state::State;
use crate::limits::TEXT_LEN_MAX;

/// One thing wrong in a case file.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Problem {
    /// Line, from 1, where it is something in the file.
    pub line: Option<usize>,
    /// Full name of the field, such as `exhibit.id`; empty for what is wrong with the file as TOML.
    pub field: String,
    /// What is wrong.
    pub kind: ProblemKind,
}

/// What is wrong.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum ProblemKind {
    /// Not TOML: what the parser says.
    Syntax(String),
    /// No field or table has this name; the one that was probably meant.
    Unknown(Option<String>),
    /// Must be there and is not.
    Missing,
    /// Must be there, and is not, because others of its table are.
    MissingBeside(&'static str),
    /// Must be filled in.
    Empty,
    /// Of the wrong type: what it should be, and is.
    Type(&'static str, &'static str),
    /// Longer than any string of a case.
    TooLong,
    /// A control character other than a line break or tab.
    Control(char),
    /// No State has this code.
    State(String),
    /// Not one of the words that there are.
    Word {
        /// Those that there are.
        words: String,
        /// What stands there.
        found: String,
    },
    /// No time.
    Moment,
    /// No SHA-256.
    Digest,
    /// No article that defines an offence.
    Article,
    /// Before the field named.
    Order(&'static str),
    /// As another of its list.
    Twice,
    /// A number past what every reader keeps exactly.
    Range,
}

impl fmt::Display for Problem {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let field = &self.field;
        let at = self.line.map(|line| format!(" at line {line}")).unwrap_or_default();
        match &self.kind {
            ProblemKind::Syntax(what) => write!(f, "not TOML{at}: {what}"),
            ProblemKind::Unknown(None) => write!(f, "unknown field `{field}`{at}"),
            ProblemKind::Unknown(Some(near)) => write!(f, "unknown field `{field}`{at}: did you mean `{near}`?"),
            ProblemKind::Missing => write!(f, "required field `{field}` is missing"),
            ProblemKind::MissingBeside(other) => write!(f, "field `{field}` is missing, and required beside `{other}`"),
            ProblemKind::Empty => write!(f, "required field `{field}`{at} is empty"),
            ProblemKind::Type(wanted, found) => write!(f, "field `{field}`{at} must be {wanted}, not {found}"),
            ProblemKind::TooLong => write!(f, "field `{field}`{at} is longer than {TEXT_LEN_MAX} bytes"),
            ProblemKind::Control(c) => {
                write!(f, "field `{field}`{at} has the control character {}", c.escape_unicode())
            }
            ProblemKind::Range => write!(f, "field `{field}`{at} is out of range: -2^53 < number < 2^53"),
            ProblemKind::Word { words, found } => {
                write!(f, "field `{field}`{at} must be one of {words}, not {found:?}")
            }
            ProblemKind::Moment => {
                write!(f, "field `{field}`{at} must be a time such as 2026-11-22T10:30:00+07:00, or a day of UTC")
            }
            ProblemKind::Digest => write!(f, "field `{field}`{at} must be a SHA-256: 64 hex digits"),
            ProblemKind::Article => {
                write!(f, "field `{field}`{at} must be an article that defines an offence: 7 to 17, or 19")
            }
            ProblemKind::Order(other) => write!(f, "field `{field}`{at} is before `{other}`"),
            ProblemKind::Twice => write!(f, "field `{field}`{at} stands twice"),
            ProblemKind::State(code) => {
                write!(
                    f,
                    "field `{field}`{at} must be an ISO 3166-1 alpha-2 code in capital letters, or EU, not {code:?}"
                )?;
                State::meant_by(code).map_or(Ok(()), |state| write!(f, ": did you mean {state}?"))
            }
        }
    }
}

/// A case file that cannot be used.
#[derive(Debug, thiserror::Error)]
pub enum CaseTomlError {
    /// Could not be read.
    #[error("cannot read the case file {path}", path = path.display())]
    Read {
        /// The file.
        path: PathBuf,
        /// Why.
        source: std::io::Error,
    },
    /// Longer than any case file.
    #[error("the case file {path} is too long", path = .0.display())]
    TooLong(PathBuf),
    /// Not UTF-8.
    #[error("the case file {path} is not UTF-8 text", path = .0.display())]
    NotText(PathBuf),
    /// Everything that is wrong in it.
    #[error("the case file {path} cannot be used:{list}", path = path.display(), list = list(problems))]
    Problems {
        /// The file.
        path: PathBuf,
        /// Ascending by line.
        problems: Vec<Problem>,
    },
}

/// Problems, one a line, below what introduces them.
pub fn list(problems: &[Problem]) -> String {
    problems.iter().map(|problem| format!("\n  {problem}")).collect()
}
