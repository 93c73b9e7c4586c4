//! What can be wrong in TOML that people write, in words that say where and what to do.

use std::fmt;

use crate::format::state::State;
use crate::limits::TEXT_LEN_MAX;

/// One thing wrong in a file.
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
    /// Longer than any string of a document.
    TooLong,
    /// A control character other than a line break or tab.
    Control(char),
    /// No State has this code.
    State(String),
    /// A number past what every reader keeps exactly.
    Range,
    /// Not one of these.
    NotOneOf(Vec<&'static str>, String),
    /// No date or time.
    Moment(String),
    /// No digest in hex.
    Digest(String),
    /// Another one has the same value, and must not.
    Twice,
    /// No pattern of paths in a bundle.
    Pattern,
    /// No article that makes an act an offence.
    Article,
    /// Before the field named.
    Order(&'static str),
    /// A list of more than this many.
    TooMany(usize),
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
            ProblemKind::NotOneOf(known, found) => {
                write!(f, "field `{field}`{at} must be one of {}, not {found:?}", known.join(", "))
            }
            ProblemKind::Moment(found) => {
                write!(f, "field `{field}`{at} must be 2026-11-22 or 2026-11-22T03:17:00Z, not {found:?}")
            }
            ProblemKind::Digest(found) => write!(f, "field `{field}`{at} must be 64 hex digits, not {found:?}"),
            ProblemKind::Twice => write!(f, "field `{field}`{at} has the value of another one"),
            ProblemKind::Pattern => {
                write!(f, "field `{field}`{at} must be a pattern of paths in the bundle, such as mailbox/**")
            }
            ProblemKind::Article => {
                write!(f, "field `{field}`{at} must be an article that makes an act an offence: 7 to 17, or 19")
            }
            ProblemKind::Order(other) => write!(f, "field `{field}`{at} is before `{other}`"),
            ProblemKind::TooMany(most) => write!(f, "field `{field}`{at} has more than {most}"),
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

/// Problems, one a line, below what introduces them.
pub fn list(problems: &[Problem]) -> String {
    problems.iter().map(|problem| format!("\n  {problem}")).collect()
}
