//! What is agreed before a bundle goes to somebody: conditions of the case, and transfers to third States.

use clap::{Args, Subcommand};

use super::LogPlaceArgs;
use super::acts::{add, recipient};
use super::event::EventArgs;
use crate::cli::trusted::TrustArgs;
use crate::cli::{Exit, Failure, text_argument};
use crate::format::case::Text;
use crate::format::event::Form;
use crate::format::event_kind::Kind;
use crate::format::words::Word as _;

/// Arguments of `scelle custody agree`.
#[derive(Debug, Args)]
pub struct AgreeArgs {
    #[command(flatten)]
    place: LogPlaceArgs,
    #[command(flatten)]
    conditions: ConditionArgs,
    #[command(flatten)]
    event: EventArgs,
    #[command(flatten)]
    trust: TrustArgs,
}

/// Which conditions of the case are accepted.
#[derive(Debug, Args)]
pub struct ConditionArgs {
    /// A condition of the case that you accept, by its id; all of them must be named
    #[arg(long = "accept-condition", value_name = "ID")]
    accept_conditions: Vec<String>,
}

/// What is asked of the original State, and what it answers.
#[derive(Debug, Subcommand)]
pub enum OnwardCommand {
    /// Tell the original State of the intention to pass personal data on to a third one, and ask whether that may be
    Request(OnwardArgs),
    /// Allow it, as a central authority of the original State
    Authorise(AuthoriseArgs),
    /// Do not allow it, or not any more
    Refuse(DeclineArgs),
}

/// Arguments of `scelle custody onward request`.
#[derive(Debug, Args)]
pub struct OnwardArgs {
    #[command(flatten)]
    place: LogPlaceArgs,
    /// Who would get it: a public key file, or the name of a party of the trust list
    #[arg(long, value_name = "PUB|PARTY")]
    to: String,
    #[command(flatten)]
    event: EventArgs,
    #[command(flatten)]
    trust: TrustArgs,
}

/// Arguments of `scelle custody onward authorise`.
#[derive(Debug, Args)]
pub struct AuthoriseArgs {
    /// In which form the authorisation was given: written or other
    #[arg(long, value_name = "FORM", value_parser = form)]
    form: Form,
    #[command(flatten)]
    onward: OnwardArgs,
}

/// Arguments of `scelle custody onward refuse`.
#[derive(Debug, Args)]
pub struct DeclineArgs {
    /// Why not
    #[arg(long, value_name = "TEXT")]
    reasons: String,
    #[command(flatten)]
    onward: OnwardArgs,
}

fn form(word: &str) -> Result<Form, String> {
    Form::of_word(word).ok_or_else(|| format!("not one of: {}", Form::words().join(", ")))
}

/// Runs `scelle custody agree`.
pub(super) fn agree(args: &AgreeArgs) -> Result<Exit, Failure> {
    let accepts = args.conditions.ids()?;
    if accepts.is_none() {
        return Err(Failure::new(Exit::Usage, "--accept-condition is missing")
            .hint("`scelle show` has the conditions of the case; name each by its id"));
    }
    let purpose = Some("the conditions are accepted");
    add(&args.place, &args.event, &args.trust, Kind::ConditionsAccepted, purpose, |predicate, _| {
        predicate.accepts = accepts;
        Ok(())
    })
}

/// Runs `scelle custody onward ...`.
pub(super) fn onward(command: &OnwardCommand) -> Result<Exit, Failure> {
    match command {
        OnwardCommand::Request(args) => args.add(Kind::OnwardRequested, None, None),
        OnwardCommand::Authorise(args) => args.onward.add(Kind::OnwardAuthorised, Some(args.form), None),
        OnwardCommand::Refuse(args) => {
            args.onward.add(Kind::OnwardRefused, None, Some(text_argument("--reasons", &args.reasons)?))
        }
    }
}

impl OnwardArgs {
    fn add(&self, kind: Kind, form: Option<Form>, reasons: Option<Text>) -> Result<Exit, Failure> {
        add(&self.place, &self.event, &self.trust, kind, None, |predicate, trusted| {
            (predicate.form, predicate.reasons) = (form, reasons);
            predicate.to = Some(recipient(&self.to, trusted)?);
            Ok(())
        })
    }
}

impl ConditionArgs {
    /// The ids, as an event has them; none if none were named.
    pub fn ids(&self) -> Result<Option<Vec<Text>>, Failure> {
        let ids = self.accept_conditions.iter().map(|id| text_argument("--accept-condition", id));
        let mut ids = ids.collect::<Result<Vec<_>, _>>()?;
        ids.sort_unstable_by(|a, b| a.as_str().cmp(b.as_str()));
        ids.dedup_by(|a, b| a.as_str() == b.as_str());
        Ok((!ids.is_empty()).then_some(ids))
    }
}
