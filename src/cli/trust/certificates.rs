//! Whose certified keys are whose.

use std::path::PathBuf;

use clap::Args;
use data_encoding::BASE64;

use super::change::{self, ChangeArgs, ChangeError, PartyArgs};
use crate::cli::trusted::open_time_roots;
use crate::cli::{Exit, Failure, text_argument};
use crate::format::certified::{CertificateRule, SubjectNames};

/// Arguments of `scelle trust certificates`.
#[derive(Debug, Args)]
pub struct CertificatesArgs {
    #[command(flatten)]
    change: ChangeArgs,
    #[command(flatten)]
    party: PartyArgs,
    /// The root that certifies keys of the party, as a certificate in PEM or DER
    #[arg(long, value_name = "FILE")]
    root: PathBuf,
    /// What a certificate's subject must be called, as attribute=value (can be repeated): commonName, country, organization,
    /// organizationIdentifier, organizationalUnit or serialNumber
    #[arg(long, value_name = "NAME=VALUE", required = true)]
    subject: Vec<String>,
}

/// A name that is none.
#[derive(Debug, thiserror::Error)]
enum SubjectError {
    #[error("--subject {0:?} is not attribute=value")]
    Form(String),
    #[error("--subject names {0} twice")]
    Twice(String),
    #[error("{0} has {1} certificates: which one is the root?")]
    NotOne(String, usize),
}

pub(super) fn add(args: &CertificatesArgs) -> Result<Exit, Failure> {
    let usage = |error| Failure::new(Exit::Usage, error);
    let roots = open_time_roots(std::slice::from_ref(&args.root))?;
    let [root] = &roots[..] else {
        return Err(usage(SubjectError::NotOne(args.root.display().to_string(), roots.len()))
            .hint("give a file with that certificate alone"));
    };
    let known = SubjectNames::ATTRIBUTES.map(|(word, _)| word).join(", ");
    let mut subject = SubjectNames::default();
    for text in &args.subject {
        let form = || usage(SubjectError::Form(text.clone())).hint(format!("attributes are {known}"));
        let (word, value) = text.split_once('=').ok_or_else(form)?;
        let place = subject.attribute(word).ok_or_else(form)?;
        if place.replace(text_argument("--subject", value)?).is_some() {
            return Err(usage(SubjectError::Twice(word.to_owned())));
        }
    }
    let rule = CertificateRule { root: BASE64.encode(root.as_der()), subject };
    let party = args.party.named()?;
    change::change(&args.change, |list| {
        let rules = &mut party.of(list)?.certificates;
        if rules.contains(&rule) {
            return Err(ChangeError::RuleTwice(root.subject()));
        }
        rules.push(rule);
        rules.sort_by(|a, b| a.root.cmp(&b.root));
        Ok(())
    })
}
