//! `scelle key list`: the keys of the ssh-agent and of the tokens that are there, as `--key` takes them.

use clap::Args;
use serde_json::{Value, json};

use super::key_source::{AGENT, ModuleArgs};
use super::{Exit, Failure, message, warning, write_stdout};
use crate::causes::with_causes;
use crate::format::spki::PublicKey;
use crate::report::escape::{self, escape};
use crate::sign::agent::{Agent, AgentError, Identity};
use crate::sign::token::TokenError;
use crate::sign::token::module::{KeyObject, Module, Token};

/// Arguments of `scelle key list`.
#[derive(Debug, Args)]
pub struct ListArgs {
    #[command(flatten)]
    module: ModuleArgs,
    /// Print one JSON object for each key
    #[arg(long)]
    json: bool,
}

/// A key that was found.
struct Found {
    /// What `--key` takes.
    key: String,
    place: String,
    label: String,
    /// The public key, or why bundles are not signed with it.
    public: Result<PublicKey, String>,
}

/// Runs the command. What cannot be reached is said, and the rest listed all the same.
pub(super) fn run(args: &ListArgs) -> Result<Exit, Failure> {
    let (mut found, mut exit) = (Vec::new(), Exit::Done);
    match Agent::from_environment().and_then(|agent| agent.identities()) {
        Ok(identities) => found.extend(identities.iter().map(of_agent)),
        Err(error @ AgentError::NoSocket) => message(&error.to_string()),
        Err(error) => {
            warning(&with_causes(&error));
            exit = Exit::CouldNot;
        }
    }
    match args.module.load_if_named() {
        Err(failure) => exit = failure.report(),
        Ok(None) => message("no PKCS#11 module is named, so that no tokens are listed: --pkcs11-module FILE"),
        Ok(Some(module)) => match of_module(&module) {
            Ok(keys) => found.extend(keys),
            Err(error) => {
                warning(&with_causes(&error));
                exit = Exit::CouldNot;
            }
        },
    }
    let lines: String = found.iter().map(|one| if args.json { one.json_line() } else { one.text() }).collect();
    write_stdout(lines.as_bytes())?;
    Ok(exit)
}

fn of_module(module: &Module) -> Result<Vec<Found>, TokenError> {
    let mut found = Vec::new();
    for token in module.tokens()? {
        found.extend(token.public_keys()?.iter().map(|key| of_token(&token, key)));
    }
    Ok(found)
}

fn of_agent(identity: &Identity) -> Found {
    Found {
        key: format!("{AGENT}{}", identity.fingerprint),
        place: "agent".to_owned(),
        label: String::from_utf8_lossy(&identity.comment).into_owned(),
        public: identity.public.clone().map_err(|error| error.to_string()),
    }
}

fn of_token(token: &Token, key: &KeyObject) -> Found {
    Found {
        key: token.uri_of(key).to_string(),
        place: format!("token {}", token.label()),
        label: key.label.clone(),
        public: key.public.clone().map_err(|error| error.to_string()),
    }
}

impl Found {
    fn text(&self) -> String {
        let (place, label) = (escape(self.place.as_bytes()), escape(self.label.as_bytes()));
        let what = match &self.public {
            Ok(public) => format!("{}, key id {}", public.algorithm(), public.key_id()),
            Err(why) => format!("CANNOT SIGN BUNDLES: {}", escape(why.as_bytes())),
        };
        format!("{}\n    {what}\n    in {place}: {label}\n", escape(self.key.as_bytes()))
    }

    fn json_line(&self) -> String {
        let (public, why) = (self.public.as_ref().ok(), self.public.as_ref().err());
        let json: Value = json!({
            "algorithm": public.map(|public| public.algorithm().to_string()),
            "key": self.key,
            "keyid": public.map(PublicKey::key_id),
            "label": self.label,
            "place": self.place,
            "usable": public.is_some(),
            "why": why,
        });
        format!("{}\n", escape::json(&json.to_string()))
    }
}
