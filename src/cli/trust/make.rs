//! The beginning and the end of a version of a list: it is made, and it is signed.

use std::path::PathBuf;

use clap::Args;

use crate::cli::clock::now;
use crate::cli::key_source::{UnlockArgs, open_signing_key};
use crate::cli::small_file::{replace, write_new};
use crate::cli::trusted::{moment, open_keys, open_list};
use crate::cli::{Exit, Failure, message, random_id, text_argument, warning, write_stdout};
use crate::format::digest::ListId;
use crate::format::dsse::Signature;
use crate::format::spki::PublicKey;
use crate::format::trust_list::{RootKey, Roots, SignedTrustList, TrustList, TrustType};

/// Arguments of `scelle trust new`.
#[derive(Debug, Args)]
pub struct NewArgs {
    /// The list to write; must not exist
    #[arg(long, value_name = "LIST")]
    out: PathBuf,
    /// Public key that signs this list and the next (can be repeated)
    #[arg(long = "root", value_name = "PUB", required = true)]
    roots: Vec<PathBuf>,
    /// How many of them must sign [default: all]
    #[arg(long, value_name = "N")]
    threshold: Option<u64>,
    /// When it expires, as 2027-11-22
    #[arg(long, value_name = "DATE")]
    expires: String,
}

/// Arguments of `scelle trust sign`.
#[derive(Debug, Args)]
pub struct SignArgs {
    /// The list
    #[arg(value_name = "LIST")]
    list: PathBuf,
    /// A root key of the list, or of the version before
    #[arg(long, value_name = "KEY")]
    key: PathBuf,
    #[command(flatten)]
    unlock: UnlockArgs,
}

pub(super) fn new(args: &NewArgs) -> Result<Exit, Failure> {
    let keys = open_keys(&args.roots)?;
    let root = |(key, path): (&PublicKey, &PathBuf)| {
        let name = path.file_stem().unwrap_or_default().to_string_lossy().into_owned();
        Ok(RootKey { keyid: key.key_id(), name: text_argument("--root", &name)?, spki: key.to_spki() })
    };
    let mut roots = keys.iter().zip(&args.roots).map(root).collect::<Result<Vec<_>, Failure>>()?;
    roots.sort_by_key(|root| root.keyid);
    roots.dedup_by_key(|root| root.keyid);
    let threshold = args.threshold.unwrap_or(roots.len() as u64);
    let list = TrustList {
        expires: moment(&args.expires)?,
        id: ListId(random_id()?),
        issued: now(),
        log_keys: Vec::new(),
        parties: Vec::new(),
        previous: None,
        roots: Roots { keys: roots, threshold },
        sequence: 1,
        timestamp_roots: Vec::new(),
        document_type: TrustType::V1,
    };
    let list = SignedTrustList::unsigned(list).map_err(|error| Failure::new(Exit::Usage, error))?;
    write_new(&args.out, &list.to_bytes())?;
    message(&format!("wrote {}: add parties, then sign it with {threshold} of its root keys", args.out.display()));
    write_stdout(format!("{}\n", list.list.id).as_bytes())
}

pub(super) fn sign(args: &SignArgs) -> Result<Exit, Failure> {
    let mut list = open_list(&args.list)?;
    let key = open_signing_key(&args.key, &args.unlock)?;
    let signature = Signature { key_id: key.public().key_id(), bytes: key.sign(&list.to_be_signed())? };
    list.signatures.retain(|other| other.key_id != signature.key_id);
    list.signatures.push(signature);
    list.signatures.sort_by_key(|signature| signature.key_id);
    if !list.list.roots.keys.iter().any(|root| root.keyid == key.public().key_id()) {
        warning("this key is no root of this version: only of use if it was one of the version before");
    }
    replace(&args.list, &list.to_bytes())?;
    let signed = list.signed_by(&list.list.roots.public_keys()).len();
    message(&format!("{} of {} needed root keys have signed", signed, list.list.roots.threshold));
    Ok(Exit::Done)
}
