//! Which file of a bundle is stamped: the sealer's envelope, unless the user names another one or an event.

use std::path::Path;

use clap::Args;

use crate::cli::custody::store::open_with_log;
use crate::cli::{Exit, Failure, interrupt};
use crate::format::member::MemberName;
use crate::report::escape::escape;
use crate::verify::{Form, OpenedLog, Options, open_log, read_grown};

/// Which file.
#[derive(Debug, Args)]
pub(super) struct TargetArgs {
    /// Stamp this member instead of the sealer's envelope: one under seal/ or custody/
    #[arg(long, value_name = "MEMBER", conflicts_with = "event")]
    of: Option<String>,
    /// Stamp this event of the custody log: its number, or the name of its member
    #[arg(long, value_name = "N|NAME")]
    event: Option<String>,
}

/// What cannot be stamped.
#[derive(Debug, thiserror::Error)]
enum TargetError {
    #[error("{bundle} has no member {name} that can be stamped")]
    NoMember { bundle: String, name: String },
    #[error("{bundle} has no event {name}")]
    NoEvent { bundle: String, name: String },
    #[error("{bundle} has several events {name}: {found}")]
    Several { bundle: String, name: String, found: String },
    #[error("{bundle} has several envelopes that could be stamped: {names}")]
    Envelopes { bundle: String, names: String },
    #[error("{bundle} has no envelope that could be stamped")]
    NoEnvelope { bundle: String },
}

/// A file of a bundle, and its bytes.
pub(super) struct Target {
    pub name: String,
    pub bytes: Vec<u8>,
}

impl TargetArgs {
    /// Finds and reads it.
    pub fn open(&self, path: &Path) -> Result<Target, Failure> {
        let bundle = open_with_log(path, None)?;
        let shown = escape(path.as_os_str().as_encoded_bytes());
        let name = match (&self.of, &self.event) {
            (Some(of), _) => stampable(of).ok_or_else(|| no_member(&shown, of))?,
            (None, Some(event)) => {
                let options = Options::new(interrupt::flag());
                let opened = open_log(&*bundle, &options).map_err(|error| Failure::new(Exit::Interrupted, error))?;
                event_member(&opened, event, &shown)?
            }
            (None, None) => {
                let mut envelopes = bundle.members().iter().filter_map(|member| member.kind.clone());
                let envelopes: Vec<_> =
                    envelopes.by_ref().filter(|kind| matches!(kind, MemberName::Envelope(_))).collect();
                // A directory does not tell which was first; in a file the sealer's is (MEM-1).
                if bundle.form() != Form::File && envelopes.len() > 1 {
                    let names = envelopes.iter().map(ToString::to_string).collect::<Vec<_>>().join(", ");
                    return Err(Failure::new(Exit::Usage, TargetError::Envelopes { bundle: shown, names })
                        .hint("say which with --of; that of who sealed proves most"));
                }
                let none = || Failure::new(Exit::Refuted, TargetError::NoEnvelope { bundle: shown.clone() });
                envelopes.into_iter().next().ok_or_else(none)?
            }
        };
        if !bundle.members().iter().any(|member| member.kind.as_ref() == Some(&name)) {
            return Err(no_member(&shown, &name.to_string()));
        }
        let bytes = read_grown(&*bundle, &name).map_err(|error| Failure::new(Exit::CouldNot, error))?;
        Ok(Target { name: name.to_string(), bytes })
    }
}

fn no_member(bundle: &str, name: &str) -> Failure {
    let error = TargetError::NoMember { bundle: bundle.to_owned(), name: escape(name.as_bytes()) };
    Failure::new(Exit::Usage, error).hint(
        "an envelope under seal/ or an event under custody/; `scelle show` and `scelle custody log` have their names",
    )
}

/// A name of an envelope or an event.
fn stampable(name: &str) -> Option<MemberName> {
    let name = MemberName::parse(name)?;
    matches!(name, MemberName::Envelope(_) | MemberName::Custody(_)).then_some(name)
}

fn event_member(opened: &OpenedLog, wanted: &str, bundle: &str) -> Result<MemberName, Failure> {
    let records = &opened.custody.records;
    let depth = wanted.parse::<u64>().ok();
    let is_wanted = |i: usize| match depth {
        Some(depth) => opened.custody.log.depths.get(i) == Some(&depth),
        None => {
            let name = records.name_of(i);
            name == wanted || name.strip_prefix("custody/").and_then(|it| it.strip_suffix(".dsse.json")) == Some(wanted)
        }
    };
    let found: Vec<&str> = (0..records.events.len()).filter(|&i| is_wanted(i)).map(|i| records.name_of(i)).collect();
    let (bundle, name) = (bundle.to_owned(), escape(wanted.as_bytes()));
    match found[..] {
        [only] => stampable(only).ok_or_else(|| no_member(&bundle, only)),
        [] => Err(Failure::new(Exit::Usage, TargetError::NoEvent { bundle, name })
            .hint("`scelle custody log` shows what there is")),
        _ => Err(Failure::new(Exit::Usage, TargetError::Several { bundle, name, found: found.join(", ") })
            .hint("copies have logs of their own: give the name of one of these")),
    }
}
