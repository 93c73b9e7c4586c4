//! `scelle treaty`: the legal status of the Convention, as of a day.

use std::fmt::Write as _;
use std::path::{Path, PathBuf};

use clap::{Args, Subcommand};
use serde_json::json;

use super::clock::now;
use super::key_source::{UnlockArgs, open_signing_key};
use super::small_file::{read_small, write_new};
use super::trusted::open_keys;
use super::{Exit, Failure, message, write_stdout};
use crate::format::dsse::{self, Signature};
use crate::format::state::State;
use crate::limits::TREATY_LEN_MAX;
use crate::profile::{Force, TREATY_PAYLOAD_TYPE, Treaty, TreatyError};
use crate::report::escape::{self, escape};
use crate::text::{Message, Texts};

/// The legal status of the Convention.
#[derive(Debug, Subcommand)]
pub enum TreatyCommand {
    /// Show who signed and deposited, and whether it is in force, as of the day of the data
    Status(StatusArgs),
    /// Sign a newer status file, for those who trust your key
    Sign(SignArgs),
}

/// Arguments of `scelle treaty status`.
#[derive(Debug, Args)]
pub struct StatusArgs {
    /// Whether it binds these two States to each other: ISO 3166-1 alpha-2 codes
    #[arg(long, num_args = 2, value_names = ["AA", "BB"])]
    between: Option<Vec<String>>,
    /// On this day [default: today]
    #[arg(long, value_name = "DATE", requires = "between")]
    on: Option<String>,
    /// A newer status than this program's, signed
    #[arg(long, value_name = "FILE", requires = "signers")]
    data: Option<PathBuf>,
    /// Public key that you trust to sign it (can be repeated)
    #[arg(long = "signer", value_name = "PUB", requires = "data")]
    signers: Vec<PathBuf>,
    /// Print one JSON object
    #[arg(long)]
    json: bool,
}

/// Arguments of `scelle treaty sign`.
#[derive(Debug, Args)]
pub struct SignArgs {
    /// The status, as TOML; profiles/treaty-status.toml of the source is one
    #[arg(value_name = "FILE")]
    file: PathBuf,
    /// Your key
    #[arg(long, value_name = "KEY")]
    key: PathBuf,
    /// The file to write; must not exist
    #[arg(long, value_name = "FILE")]
    out: PathBuf,
    #[command(flatten)]
    unlock: UnlockArgs,
}

/// A status file that cannot be used.
#[derive(Debug, thiserror::Error)]
#[error("cannot use {path}", path = path.display())]
struct StatusFileError {
    path: PathBuf,
    source: TreatyError,
}

/// Runs `scelle treaty ...`.
pub fn run(command: &TreatyCommand) -> Result<Exit, Failure> {
    match command {
        TreatyCommand::Status(args) => status(args),
        TreatyCommand::Sign(args) => sign(args),
    }
}

/// The status of the treaty: this program's, or a newer one that one of these keys has signed.
pub(super) fn open_treaty(path: Option<&Path>, signers: &[PathBuf]) -> Result<Treaty, Failure> {
    let Some(path) = path else {
        return Treaty::built_in().map_err(|error| Failure::new(Exit::CouldNot, error));
    };
    let trusted = open_keys(signers)?;
    Treaty::signed(&read_small(path, TREATY_LEN_MAX)?, &trusted).map_err(|source| {
        let exit = if matches!(source, TreatyError::NotTrusted) { Exit::NotTrusted } else { Exit::Usage };
        Failure::new(exit, StatusFileError { path: path.to_owned(), source })
    })
}

fn status(args: &StatusArgs) -> Result<Exit, Failure> {
    let treaty = open_treaty(args.data.as_deref(), &args.signers)?;
    let on = args.on.clone().unwrap_or_else(|| now().to_string()[..10].to_owned());
    if on.len() != "2026-11-22".len() || on.parse::<jiff::civil::Date>().is_err() {
        return Err(Failure::new(Exit::Usage, format!("--on {on:?} is no day such as 2026-11-22")));
    }
    let state = |code: &String| {
        State::new(code).map_err(|error| {
            Failure::new(Exit::Usage, error).hint(format!("--between takes codes such as VN FR, not {code:?}"))
        })
    };
    let between = match args.between.as_deref() {
        Some([a, b]) if a == b => return Err(Failure::new(Exit::Usage, "--between takes two States")),
        Some([a, b]) => Some([state(a)?, state(b)?]),
        _ => None,
    };
    let force = between.map(|states| treaty.between(states, &on));
    let text = match args.json {
        true => as_json(&treaty, &on, between, force.as_ref()),
        false => as_text(&treaty, &on, between, force.as_ref()),
    };
    write_stdout(text.as_bytes())
}

fn as_json(treaty: &Treaty, on: &str, between: Option<[State; 2]>, force: Option<&Force>) -> String {
    let in_force = force.map_or(Some(treaty.in_force), |force| force.in_force);
    let mut object = json!({
        "title": treaty.title, "as_of": treaty.as_of, "in_force": in_force, "entry_into_force": treaty.entry_into_force,
        "sources": treaty.sources, "languages": treaty.languages, "signature_closes": treaty.signature_closes,
    });
    if let (Some([a, b]), Some(force)) = (between, force) {
        object["on"] = on.into();
        object["between"] = json!([a, b]);
        object["why"] = force.why.as_str().into();
        object["states"] = json!([a, b].map(|code| treaty.state(code)));
    } else {
        object["states"] = json!(treaty.states);
    }
    format!("{}\n", escape::json(&object.to_string()))
}

fn as_text(treaty: &Treaty, on: &str, between: Option<[State; 2]>, force: Option<&Force>) -> String {
    let texts = Texts::english();
    let say = |message: Message| texts.say(&message);
    let word = |in_force| match in_force {
        Some(true) => say(Message::new("treaty-in-force")),
        Some(false) => say(Message::new("treaty-not-in-force")),
        None => say(Message::new("treaty-unknown")),
    };
    let mut out = format!("{}\n", escape(treaty.title.as_bytes()));
    let heading = Message::new("treaty-status").with("force", word(Some(treaty.in_force))).with("date", &treaty.as_of);
    let _ = writeln!(out, "  {}", say(heading));
    if let (Some([a, b]), Some(force)) = (between, force) {
        let between = Message::new("treaty-between")
            .with("a", a)
            .with("b", b)
            .with("date", on)
            .with("force", word(force.in_force))
            .with("why", &force.why);
        let _ = writeln!(out, "  {}", say(between));
    }
    for state in &treaty.states {
        if between.is_some_and(|states| !states.contains(&state.code)) {
            continue;
        }
        let (signed, deposited) = (&state.signed, &state.deposited);
        let line = format!("signed: {signed}; deposited: {deposited} ({}: {})", state.certainty, state.source);
        let _ = writeln!(out, "\n{}  {}", state.code, escape(line.as_bytes()));
        for reservation in &state.reservations {
            let _ = writeln!(out, "    reservation: {}", escape(reservation.as_bytes()));
        }
        if !state.notes.is_empty() {
            let _ = writeln!(out, "    {}", escape(state.notes.as_bytes()));
        }
    }
    out.push_str("\nSources:\n");
    for source in &treaty.sources {
        let line = format!("{} ({}): {}", source.id, source.certainty, source.text);
        let _ = writeln!(out, "  {}", escape(line.as_bytes()));
    }
    out
}

fn sign(args: &SignArgs) -> Result<Exit, Failure> {
    let bytes = read_small(&args.file, TREATY_LEN_MAX / 2)?;
    let usage = |source| Failure::new(Exit::Usage, StatusFileError { path: args.file.clone(), source });
    let text = std::str::from_utf8(&bytes).map_err(|_| usage(TreatyError::NotText))?;
    let treaty = Treaty::parse(text).map_err(usage)?;
    let key = open_signing_key(&args.key, &args.unlock)?;
    let signature = Signature {
        key_id: key.public().key_id(),
        bytes: key.sign(&dsse::pae_of(TREATY_PAYLOAD_TYPE, text.as_bytes()))?,
    };
    write_new(&args.out, &dsse::encode(TREATY_PAYLOAD_TYPE, text.as_bytes(), &[signature]))?;
    message(&format!("wrote {}: the status of {}", args.out.display(), treaty.as_of));
    Ok(Exit::Done)
}
